// What bridge B costs, whose vendor calls can only be made on the terminal's timer (100 ms): from
// the engine's socket to passorder, one at a time, in bursts, at 300 orders a second; how soon a
// kill stops a burst; and the same while something holds the terminal's interpreter lock for 500
// ms now and then. The baseline is a strategy as such bridges usually are (bench/qmt/
// naive_strategy.py) in the same terminal and run. Always: no order is lost.
import { type ChildProcess, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../tests/support/wait-for.ts';
import { repositoryFile } from './bench-setups.ts';
import type { BenchResult, BenchSuite } from './harness.ts';
import {
  BridgeRun,
  BURST,
  DAY,
  end,
  engineOf,
  line,
  measureKill,
  NONE_AFTER_MS,
  now,
  PATIENCE_MS,
  python,
  SECRET,
  SYMBOL,
  sustain,
} from './qmt.bench.ts';

const TICK_MS = 100;
const NAIVE_ORDERS = 20;

interface Sizes {
  readonly single: number;
  readonly bursts: number;
  readonly seconds: number;
}
const FULL: Sizes = { single: 120, bursts: 3, seconds: 3 };
const QUICK: Sizes = { single: 5, bursts: 1, seconds: 1 };

export const suite: BenchSuite = {
  name: 'qmt-terminal',
  async run({ quick }) {
    if (process.platform === 'win32' || spawnSync('python3', ['-V']).status !== 0) return [];
    const dir = mkdtempSync(join(process.env['PANKOU_BENCH_DIR'] ?? tmpdir(), 'pankou-qmt-b-'));
    try {
      const sizes = quick ? QUICK : FULL;
      const naive = await measureNaive(join(dir, 'naive'));
      const calm = await measure(join(dir, 'b'), 'B', sizes, []);
      const stalls = ['--stall-every', '2', '--stall-ms', '500'];
      const stalled = quick ? [] : await measure(join(dir, 's'), 'B stalled', sizes, stalls);
      return [...naive, ...calm.map((one) => compared(one, naive)), ...stalled];
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
};

function compared(one: BenchResult, naive: readonly BenchResult[]): BenchResult {
  const base = naive.find((other) => other.name.split(':')[1] === one.name.split(':')[1]);
  return base === undefined ? one : { ...one, baseline: base.name, ratio: base.value / one.value };
}

/** Starts the terminal with our strategy in it, measures, ends it. */
async function measure(
  dir: string,
  name: string,
  sizes: Sizes,
  more: readonly string[],
): Promise<BenchResult[]> {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'secret'), SECRET, { mode: 0o600 });
  const settings = {
    ...{ account: 'demo', day: DAY, cacheSeconds: 0.05, limits: { ordersPerSecond: 300 } },
    ...{ listen: join(dir, 'bridge.sock'), secretFile: join(dir, 'secret') },
    dir: join(dir, 'journal'),
  };
  writeFileSync(join(dir, 'bridge.json'), JSON.stringify(settings));
  const strategy = repositoryFile('gateways/qmt/bridge/pankou_terminal.py');
  const env = { PANKOU_BRIDGE_CONFIG: join(dir, 'bridge.json') };
  const child = terminal(strategy, dir, env, more);
  try {
    await waitFor('the bridge', () => existsSync(join(dir, 'bridge.sock')), PATIENCE_MS);
    return await measureRun(dir, name, sizes, new BridgeRun(await engineOf(dir)));
  } finally {
    await end(child);
  }
}

async function measureRun(
  dir: string,
  name: string,
  sizes: Sizes,
  run: BridgeRun,
): Promise<BenchResult[]> {
  for (let i = 0; i < sizes.single; i++) {
    run.send(1);
    await run.all();
    // Not in step with the timer that answered.
    await sleep(Math.random() * TICK_MS);
  }
  const single = [...run.times.values()];
  const bursts: number[] = [];
  for (let i = 0; i < sizes.bursts; i++) {
    await sleep(1_100 + Math.random() * TICK_MS);
    const numbers = run.send(BURST);
    await run.all();
    const times = numbers.map((c) => run.times.get(c)!);
    bursts.push(Math.max(...times.map((one) => one.called)) - times[0]!.sent);
  }
  run.times.clear();
  await sleep(1_100);
  await sustain(run, sizes.seconds);
  const sustained = [...run.times.values()];
  await sleep(1_100);
  const kill = await measureKill(dir, run);
  const toCall = (all: typeof single): number[] => all.map((one) => one.called - one.sent);
  return [
    line(`${name}: to passorder`, toCall(single)),
    line(
      `${name}: acknowledgement back`,
      single.map((one) => one.back - one.called),
    ),
    line(`${name}: burst of 300 handed over`, bursts),
    line(`${name}: 300 a second, to passorder`, toCall(sustained)),
    {
      name: `${name}: kill to the last passorder`,
      unit: 'ms',
      value: Math.max(kill, NONE_AFTER_MS),
    },
  ];
}

/** One order after the other, as engines of such bridges send them. */
async function measureNaive(dir: string): Promise<BenchResult[]> {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, 'naive.sock');
  const strategy = repositoryFile('bench/qmt/naive_strategy.py');
  const child = terminal(strategy, dir, { NAIVE_PATH: path }, []);
  try {
    await waitFor('the naive strategy', () => existsSync(path), PATIENCE_MS);
    await sleep(200);
    const socket = connect({ path });
    const numbers: number[] = [];
    let rest = '';
    socket.setEncoding('utf8').on('data', (piece: string) => {
      const lines = (rest + piece).split('\n');
      rest = lines.pop()!;
      for (const one of lines) {
        numbers.push(Number((JSON.parse(one) as { number: string }).number));
      }
    });
    const text = (i: number): string =>
      `${JSON.stringify({ id: `naive${i}`, symbol: SYMBOL, qty: 100, price: 12.5 })}\n`;
    const sents: number[] = [];
    for (let i = 0; i < NAIVE_ORDERS; i++) {
      sents.push(now());
      socket.write(text(i));
      await waitFor('an answer', () => numbers.length > i, PATIENCE_MS);
      await sleep(Math.random() * TICK_MS);
    }
    const sent = now();
    for (let i = 0; i < NAIVE_ORDERS; i++) socket.write(text(NAIVE_ORDERS + i));
    const all = NAIVE_ORDERS * 2;
    await waitFor('all answers', () => numbers.length >= all, PATIENCE_MS);
    socket.destroy();
    const perOrder = (numbers.at(-1)! - sent) / NAIVE_ORDERS;
    return [
      line(
        'naive: to passorder',
        sents.map((at, i) => numbers[i]! - at),
      ),
      // It takes one order a tick: 300 were not waited for.
      line('naive: burst of 300 handed over', [perOrder * BURST]),
    ];
  } finally {
    await end(child);
  }
}

function terminal(
  strategy: string,
  dir: string,
  env: NodeJS.ProcessEnv,
  more: readonly string[],
): ChildProcess {
  const script = repositoryFile('bench/qmt/terminal_at_once.py');
  return python([script, strategy, '--client', dir, '--account', 'demo', ...more], env);
}
