// What a bridge of QMT costs: from the engine's socket to the vendor call, and back, one at a
// time, in a burst, at 300 orders a second; and how soon a kill stops a burst. The client beside
// it answers at once (bench/qmt/xtquant) and says when it was called. The baseline is a bridge as
// bridges usually are (bench/qmt/naive_bridge.py), in the same run. Always: no order is lost.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { idAccountEpoch, idCheck } from '../engine/core/order-id.ts';
import { LINK_FENCED } from '../engine/messages/codes.ts';
import { LinkClient, type Values } from '../tests/support/qmt/link-client.ts';
import { waitFor } from '../tests/support/wait-for.ts';
import { repositoryFile } from './bench-setups.ts';
import { type BenchResult, type BenchSuite, LatencyHistogram } from './harness.ts';

export const DAY = 20260105;
export const SECRET = 'a-secret-of-the-bench-0123456789';
export const SYMBOL = '600001.SH';
/** Orders at one time; the exchange's rule and the bridge's limit allow no more in a second. */
export const BURST = 300;
export const PATIENCE_MS = 20_000;

interface Sizes {
  readonly single: number;
  readonly bursts: number;
  readonly seconds: number;
}
/** Shown where no call came after the kill: a figure of 0 would look like none. */
export const NONE_AFTER_MS = 0.01;
const FULL: Sizes = { single: 1_000, bursts: 5, seconds: 3 };
const QUICK: Sizes = { single: 20, bursts: 1, seconds: 1 };

/** When it was sent, called for, and answered; ns of the machine's monotonic clock. */
interface Times {
  sent: number;
  called: number;
  back: number;
}

export const suite: BenchSuite = {
  name: 'qmt',
  async run({ quick }) {
    if (process.platform === 'win32' || spawnSync('python3', ['-V']).status !== 0) return [];
    const dir = mkdtempSync(join(process.env['PANKOU_BENCH_DIR'] ?? tmpdir(), 'pankou-qmt-'));
    try {
      const sizes = quick ? QUICK : FULL;
      const naive = await measureNaive(join(dir, 'naive'), sizes);
      const ours = await measureBridge(join(dir, 'a'), sizes);
      const free = await measureInMemory(sizes);
      const disk = measureDisk(join(dir, 'disk'), quick ? 20 : 500);
      return [...naive, ...ours.map((one) => compared(one, naive)), ...free, disk];
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
};

/** What is the disk's: one record written and flushed, as every request needs it. */
function measureDisk(path: string, count: number): BenchResult {
  const handle = openSync(path, 'w');
  const record = new Uint8Array(256);
  writeSync(handle, new Uint8Array(count * record.length));
  fdatasyncSync(handle);
  const took = Array.from({ length: count }, (_, i) => {
    const from = now();
    writeSync(handle, record, 0, record.length, i * record.length);
    fdatasyncSync(handle);
    return now() - from;
  });
  closeSync(handle);
  return line('the disk alone: one record flushed', took);
}

/** The same bridge with its journal in memory: what is left is its own. */
async function measureInMemory(sizes: Sizes): Promise<BenchResult[]> {
  if (!existsSync('/dev/shm')) return [];
  const dir = mkdtempSync('/dev/shm/pankou-qmt-');
  try {
    const results = await measureBridge(dir, { ...sizes, bursts: 1, seconds: 1 });
    return results.slice(0, 2).map((one) => ({ ...one, name: `${one.name} (journal in memory)` }));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Our lines against the naive bridge's of the same kind. */
function compared(one: BenchResult, naive: readonly BenchResult[]): BenchResult {
  const base = naive.find((other) => other.name === one.name.replace('A', 'naive'));
  return base === undefined ? one : { ...one, baseline: base.name, ratio: base.value / one.value };
}

export class BridgeRun {
  readonly times = new Map<number, Times>();
  readonly #client: LinkClient;
  #c = 0;
  #seen = 0;

  constructor(client: LinkClient) {
    this.#client = client;
  }

  /** Sends `count` orders as one piece; their numbers. */
  send(count: number): number[] {
    const numbers = Array.from({ length: count }, () => ++this.#c);
    const bytes = Buffer.concat(numbers.map((c) => this.#client.frame('Request', orderOf(c))));
    const sent = now();
    for (const c of numbers) this.times.set(c, { sent, called: 0, back: 0 });
    this.#client.raw(bytes);
    return numbers;
  }

  /** Takes note of answers that have come; how many orders have one. */
  note(): number {
    const { frames } = this.#client;
    const back = now();
    for (; this.#seen < frames.length; this.#seen++) {
      const { name, values } = frames[this.#seen]!;
      const times = name === 'Report' ? this.times.get(values['coid_c']!) : undefined;
      if (times === undefined || times.back !== 0) continue;
      times.called = values['broker_order_no']!;
      times.back = back;
    }
    return [...this.times.values()].filter((one) => one.back !== 0).length;
  }

  async all(): Promise<void> {
    const startedMs = performance.now();
    while (this.note() < this.times.size) {
      if (performance.now() - startedMs > PATIENCE_MS) throw new Error('orders without an answer');
      await new Promise((done) => setImmediate(done));
    }
  }
}

async function measureBridge(dir: string, sizes: Sizes): Promise<BenchResult[]> {
  const bridge = await startBridge(dir);
  try {
    const client = await engineOf(dir);
    const run = new BridgeRun(client);
    await singles(run, 20);
    run.times.clear();
    await singles(run, sizes.single);
    const single = [...run.times.values()];
    const bursts: number[] = [];
    for (let i = 0; i < sizes.bursts; i++) {
      await sleep(1_100);
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
    return [
      line(
        'A: to the broker call',
        single.map((one) => one.called - one.sent),
      ),
      line(
        'A: acknowledgement back',
        single.map((one) => one.back - one.called),
      ),
      { ...line('A: burst of 300 handed over', bursts), unit: 'ms' },
      line(
        'A: 300 a second, to the broker call',
        sustained.map((one) => one.called - one.sent),
      ),
      { name: 'A: kill to the last broker call', unit: 'ms', value: Math.max(kill, NONE_AFTER_MS) },
    ];
  } finally {
    await end(bridge);
  }
}

export async function singles(run: BridgeRun, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    run.send(1);
    await run.all();
    // The limit is 300 a second.
    const until = performance.now() + 4;
    while (performance.now() < until) await new Promise((done) => setImmediate(done));
  }
}

/** 290 orders a second, evenly, whether answers come or not. */
export async function sustain(run: BridgeRun, seconds: number): Promise<void> {
  const startMs = performance.now();
  for (let i = 0; i < 290 * seconds; i++) {
    while (performance.now() < startMs + (i * 1_000) / 290) {
      run.note();
      await new Promise((done) => setImmediate(done));
    }
    run.send(1);
  }
  await run.all();
}

/** A burst, and the kill on the second link while it is under way; ms until calls end. */
export async function measureKill(dir: string, run: BridgeRun): Promise<number> {
  const address = join(dir, 'bridge.sock');
  const control = await new LinkClient(address).login({ secret: SECRET, role: 'control' });
  const numbers = run.send(BURST);
  const killed = now();
  control.sayJson({ kind: 'kill', account: '*', on: true });
  await run.all();
  control.close();
  // Refused ones have the number 0.
  const called = numbers.map((c) => run.times.get(c)!.called).filter((at) => at > 0);
  return Math.max(0, Math.max(killed, ...called) - killed) / 1e6;
}

async function measureNaive(dir: string, sizes: Sizes): Promise<BenchResult[]> {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, 'naive.sock');
  const script = repositoryFile('bench/qmt/naive_bridge.py');
  const child = python([script, path, join(dir, 'journal')], {});
  try {
    await waitFor('the naive bridge', () => existsSync(path), PATIENCE_MS);
    await sleep(100);
    const socket = connect({ path });
    const numbers: number[] = [];
    const backs: number[] = [];
    let rest = '';
    socket.setEncoding('utf8').on('data', (piece: string) => {
      const lines = (rest + piece).split('\n');
      rest = lines.pop()!;
      for (const one of lines) {
        numbers.push(Number((JSON.parse(one) as { number: number }).number));
        backs.push(now());
      }
    });
    const order = { id: '1011p001000001rs', symbol: SYMBOL, qty: 100, price: 12.5 };
    const text = `${JSON.stringify(order)}\n`;
    const sents: number[] = [];
    for (let i = 0; i < sizes.single; i++) {
      sents.push(now());
      socket.write(text);
      while (numbers.length <= i) await new Promise((done) => setImmediate(done));
    }
    const bursts: number[] = [];
    for (let i = 0; i < sizes.bursts; i++) {
      const before = numbers.length;
      const sent = now();
      socket.write(text.repeat(BURST));
      while (numbers.length < before + BURST) await new Promise((done) => setImmediate(done));
      bursts.push(numbers.at(-1)! - sent);
    }
    socket.destroy();
    return [
      line(
        'naive: to the broker call',
        sents.map((sent, i) => numbers[i]! - sent),
      ),
      line(
        'naive: acknowledgement back',
        sents.map((_, i) => backs[i]! - numbers[i]!),
      ),
      { ...line('naive: burst of 300 handed over', bursts), unit: 'ms' },
    ];
  } finally {
    await end(child);
  }
}

/** Percentiles in ms of times in ns. */
export function line(name: string, ns: readonly number[]): BenchResult {
  const histogram = new LatencyHistogram();
  for (const one of ns) histogram.record(one);
  const sorted = [...ns].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]! / 1e6;
  return { name, unit: 'ms', value: at(0.5), p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** Bridge A over the client that answers at once; its socket, journal and settings are in `dir`. */
export async function startBridge(dir: string): Promise<ChildProcess> {
  mkdirSync(join(dir, 'userdata_mini'), { recursive: true });
  writeFileSync(join(dir, 'secret'), SECRET, { mode: 0o600 });
  const limits = { ordersPerSecond: 300 };
  const settings = {
    ...{ account: 'demo', userdataPath: join(dir, 'userdata_mini'), day: DAY, limits },
    ...{ listen: join(dir, 'bridge.sock'), secretFile: join(dir, 'secret') },
    dir: join(dir, 'journal'),
  };
  writeFileSync(join(dir, 'bridge.json'), JSON.stringify(settings));
  const script = repositoryFile('gateways/qmt/bridge/pankou_xtquant.py');
  const child = python([script, '--config', join(dir, 'bridge.json')], {});
  await waitFor('the bridge', () => existsSync(join(dir, 'bridge.sock')), PATIENCE_MS);
  return child;
}

/** An engine that has taken the account. */
export async function engineOf(dir: string): Promise<LinkClient> {
  for (let tries = 0; tries < 50; tries++) {
    const client = await new LinkClient(join(dir, 'bridge.sock')).login({ secret: SECRET });
    if ((await client.json('welcome')) === null) {
      await sleep(100);
      continue;
    }
    await client.until('LinkState');
    if ((await client.fence(1)) !== LINK_FENCED) throw new Error('not fenced');
    return client;
  }
  throw new Error('the bridge lets nobody in');
}

function orderOf(c: number): Values {
  const a = idAccountEpoch(0, 1);
  const id = { coid_a: a, coid_b: DAY, coid_c: c, coid_d: idCheck(a, DAY, c) };
  const terms = { account: 0, instrument: 0, action: 1, side: 1, kind: 1, qty: 100 };
  return { ...id, ...terms, price_e4: 125_000, value_e4: 125_000 };
}

export function python(args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  return spawn('python3', args, {
    env: {
      ...{ ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...env },
      PYTHONPATH: repositoryFile('bench/qmt'),
    },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
}

export async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await waitFor('the bridge to end', () => child.signalCode !== null, PATIENCE_MS);
}

/** The machine's monotonic clock, ns: the same that Python's perf_counter reads. */
export function now(): number {
  return Number(process.hrtime.bigint());
}
