// `npm run campaign`: 100,000 orders with random faults through a bridge, in runs of one trading
// day each, every one audited. Progress on stderr, the summary on stdout. Exit code 1 and one line
// per finding when the books of the two sides differ.

//   node tests/crash/campaign.ts [--bridge qmt-a|qmt-b|core|node] [--orders 100000] [--runs 12]
//     [--kills 100] [--cuts 100] [--seed 1] [--behave PACK] [--json FILE] [--stop-after N]
//     [--keep DIR] [--quiet]
// --kills: of the bridge, and as many of the engine. --runs: the orders are shared out over so many
// days, seeds SEED, SEED+1, ...; an account may send 20,000 orders and cancels a day. --json: the
// summary; when the file is there already, the runs in it are not done again (same options, or it
// is refused), so an interrupted campaign goes on. --stop-after: so many runs now, the
// rest at the next start. --keep: folder for the runs' files.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type RunResult, runOnce, type Share } from './campaign-run.ts';
import { summaryOf } from './campaign-summary.ts';
import type { BridgeName } from './crash-rig.ts';
import { BUSY } from './rig-config.ts';

const BEHAVE =
  'delayMs=20,lostResponse=0.02,lostPush=0.03,duplicate=0.05,late=0.05,reorder=0.03,replay=0.3,' +
  'none=0.03';
const BRIDGES = ['qmt-a', 'qmt-b', 'core', 'node'];
/** Of the kills wanted of bridge and engine: so many of the counter, and freezes. */
const COUNTER_PART = 0.3;
const FREEZE_PART = 0.1;

const { values } = parseArgs({
  options: {
    bridge: { type: 'string', default: 'qmt-a' },
    orders: { type: 'string', default: '100000' },
    runs: { type: 'string', default: '12' },
    kills: { type: 'string', default: '100' },
    cuts: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    behave: { type: 'string', default: BEHAVE },
    json: { type: 'string', default: '' },
    'stop-after': { type: 'string', default: '1000' },
    keep: { type: 'string', default: '' },
    quiet: { type: 'boolean', default: false },
  },
});

function whole(
  name: 'orders' | 'runs' | 'kills' | 'cuts' | 'seed' | 'stop-after',
  min: number,
): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= min) return value;
  console.error(`--${name} ${values[name]}: expected a whole number from ${min} on`);
  process.exit(2);
}

const runs = whole('runs', 1);
const seed = whole('seed', 0);
const wanted = { orders: whole('orders', 0), kills: whole('kills', 0), cuts: whole('cuts', 0) };
if (!BRIDGES.includes(values.bridge)) {
  console.error(`--bridge ${values.bridge}: expected one of ${BRIDGES.join(', ')}`);
  process.exit(2);
}
const options = { bridge: values.bridge, ...wanted, runs, seed, behave: values.behave };
const share: Share = {
  orders: Math.ceil(wanted.orders / runs),
  bridge: Math.ceil(wanted.kills / runs),
  engine: Math.ceil(wanted.kills / runs),
  counter: Math.ceil((wanted.kills * COUNTER_PART) / runs),
  cut: Math.ceil(wanted.cuts / runs),
  freeze: Math.ceil((wanted.kills * FREEZE_PART) / runs),
};

/** The runs that an earlier start of this campaign has done. */
function doneBefore(): RunResult[] {
  if (values.json === '' || !existsSync(values.json)) return [];
  const before = JSON.parse(readFileSync(values.json, 'utf8')) as {
    options?: object;
    runs?: RunResult[];
  };
  if (JSON.stringify(before.options) === JSON.stringify(options)) return before.runs ?? [];
  console.error(`${values.json} is of another campaign: give another file, or remove it`);
  process.exit(2);
}

function save(results: readonly RunResult[]): void {
  if (values.json === '') return;
  const text = JSON.stringify({ options, summary: summaryOf(results), runs: results }, null, 1);
  // Whole or not at all: an interrupted campaign reads it again.
  writeFileSync(`${values.json}.new`, `${text}\n`);
  renameSync(`${values.json}.new`, values.json);
}

const started = performance.now();
const results = doneBefore();
let left = whole('stop-after', 1);
for (let i = 0; i < runs; i++) {
  const runSeed = seed + i;
  if (left === 0) break;
  if (results.some((result) => result.seed === runSeed)) continue;
  left--;
  const log = (text: string): void => {
    const at = ((performance.now() - started) / 1000).toFixed(1);
    if (!values.quiet) process.stderr.write(`${at} s, run ${i + 1}/${runs}: ${text}\n`);
  };
  const dir = values.keep === '' ? '' : join(values.keep, `seed-${runSeed}`);
  const bridge = values.bridge as BridgeName;
  const behave = values.behave;
  const result = await runOnce({ seed: runSeed, bridge, share, behave, pace: BUSY, dir, log });
  results.push(result);
  save(results);
  for (const line of result.findings) console.error(`seed ${runSeed}: ${line}`);
  log(`${result.orders} orders in ${result.seconds} s, ${result.findings.length} findings`);
}
const summary = summaryOf(results);
console.log(JSON.stringify({ options, summary }));
process.exitCode = summary.findings > 0 ? 1 : 0;
