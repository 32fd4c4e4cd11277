// `npm run test:crash`: real processes, killed until the number of kills is reached, then audited.
//   node tests/crash/run.ts [--kills 200] [--seed 1] [--behave PACK] [--keep DIR]
//     [--bridge node|core|qmt-a|qmt-b] [--cuts 100] [--orders 20000] [--every 20] [--verbose]
// --cuts: also until the link was cut so often; --orders: and so many orders are at the counter (a
// day of an account holds 65,536); --every: engine milliseconds between two orders.
// Exit code 1 and one line per finding when the two sides' books differ.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type BridgeName, CrashRig } from './crash-rig.ts';
import { CALM } from './rig-config.ts';

const BEHAVE = 'delayMs=30,lostResponse=0.03,lostPush=0.05,duplicate=0.1,replay=0.5,none=0.05';
const EVERY_MS = CALM.params['everyMs']!;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    behave: { type: 'string', default: BEHAVE },
    bridge: { type: 'string', default: 'node' },
    orders: { type: 'string', default: '0' },
    cuts: { type: 'string', default: '0' },
    every: { type: 'string', default: String(EVERY_MS) },
    keep: { type: 'string', default: '' },
    verbose: { type: 'boolean', default: false },
  },
});

const started = performance.now();
const dir = values.keep === '' ? mkdtempSync(join(tmpdir(), 'pankou-crash-')) : values.keep;
const log = (text: string): void => {
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (values.verbose) process.stderr.write(`${seconds} ${text}\n`);
};
const bridge = values.bridge as BridgeName;
const everyMs = Number(values.every);
/** The market is as much faster as the orders. */
const eventsPerSecond = Math.min(200, (CALM.eventsPerSecond * EVERY_MS) / everyMs);
const rig = new CrashRig({
  dir,
  seed: Number(values.seed),
  behave: values.behave,
  bridge,
  pace: { ...CALM, eventsPerSecond, params: { everyMs } },
  log,
});
let wrong: readonly string[] = [];
let unknown = 0;
try {
  await rig.start();
  while (rig.kills < Number(values.kills) || rig.cuts < Number(values.cuts)) await rig.fault();
  // Many orders in peace as well: until there are so many.
  while (rig.orderCount() < Number(values.orders)) await rig.orders(50);
  await rig.orders(10);
  ({ wrong, unknown } = await rig.finish());
} catch (error) {
  wrong = [(error as Error).message];
  await rig.clean(true);
}
const orders = rig.orderCount();
await rig.clean(values.keep !== '' || wrong.length > 0);
for (const line of wrong) console.error(line);
const seconds = Math.round((performance.now() - started) / 1000);
const result = {
  seed: Number(values.seed),
  kills: rig.kills,
  atPoints: rig.atPoints,
  freezes: rig.freezes,
  cuts: rig.cuts,
  orders,
  unknown,
  findings: wrong.length,
};
console.log(JSON.stringify({ ...result, seconds, ...(wrong.length > 0 ? { dir } : {}) }));
process.exitCode = wrong.length > 0 ? 1 : 0;
