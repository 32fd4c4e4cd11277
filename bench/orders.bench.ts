// What an order costs from the intent in the OMS's ring to the request in the link's: checks,
// reservation, every risk rule in force and none broken, approval, journal record, write(). Then
// the kill: from the shared word to the last cancel of 500 live orders, journaled and queued. One
// thread, one core, a real journal file. Left out: waking a parked thread (at most 5 ms).
// Always: one refused order fails the suite.
//
//   intent -> OMS -> risk -> gateway link: append, write() -> link ring    timed
//          <- OMS <------- gateway link: append, write() <- acceptance     timed in `whole life`
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineSetup } from '../engine/host/setup.ts';
import { RECORD_BYTES } from '../engine/journal/record.ts';
import { SegmentFiles } from '../engine/journal/segment-file.ts';
import type { FlushPolicy } from '../engine/journal/writer.ts';
import { repositoryFile, syntheticSetup, wideRules } from './bench-setups.ts';
import { type BenchResult, type BenchSuite, LatencyHistogram, pinToCore } from './harness.ts';
import { OrderPath } from './order-path.ts';

const BATCH = 64;
const BASE_QTY = 1_000_000_000;

/** Multiples of BATCH. */
interface Sizes {
  readonly warmup: number;
  readonly single: number;
  readonly batches: number;
  readonly lives: number;
  readonly kills: number;
}
const FULL: Sizes = { warmup: 19_200, single: 38_400, batches: 600, lives: 600, kills: 40 };
const QUICK: Sizes = { warmup: 128, single: 128, batches: 4, lives: 4, kills: 1 };

export const suite: BenchSuite = {
  name: 'orders',
  async run({ quick }) {
    const dir = mkdtempSync(join(process.env['PANKOU_BENCH_DIR'] ?? tmpdir(), 'pankou-orders-'));
    const unpinned = await pinToCore(1);
    try {
      const sizes = quick ? QUICK : FULL;
      const results: BenchResult[] = [bareWrite(dir, sizes.single)];
      for (const policy of quick ? (['group'] as const) : (['group', 'none'] as const)) {
        results.push(...(await measure(dir, policy, sizes, unpinned)));
      }
      return results;
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
};

async function measure(
  dir: string,
  policy: FlushPolicy,
  sizes: Sizes,
  unpinned: string,
): Promise<BenchResult[]> {
  // An account holds 65,536 orders: each figure has a day of its own.
  let orders = 0;
  const day = async <T>(name: string, run: (path: OrderPath) => T): Promise<T> => {
    const path = await OrderPath.open(setupOf(), join(dir, `${policy}-${name}`), policy);
    live(path, sizes.warmup / BATCH);
    const result = run(path);
    orders += (await path.close()).orders;
    return result;
  };
  const single = await day('single', (path) => singleOrders(path, sizes.single));
  const rate = await day('rate', (path) => perSecond(path, sizes.batches));
  const life = await day('life', (path) => live(path, sizes.lives));
  const kill = [];
  if (policy === 'group') kill.push(await day('kill', (path) => killAll(path, sizes.kills)));
  const head = { checksum: String(orders), note: unpinned };
  return [
    { ...head, name: `one order, ${policy}`, unit: 'ns', ...single },
    { ...head, name: `orders of ${BATCH} at once, ${policy}`, unit: 'orders/s', value: rate },
    { ...head, name: `whole life: accepted, cancelled, ${policy}`, unit: 'orders/s', value: life },
    ...kill,
  ];
}

/** Each order timed alone, intent to request; accepted and cancelled outside the measurement. */
function singleOrders(path: OrderPath, count: number) {
  const histogram = new LatencyHistogram();
  for (let n = 0; n < count; n++) {
    const started = performance.now();
    path.place(1);
    path.step();
    histogram.record((performance.now() - started) * 1e6);
    path.answer();
    if (n % BATCH === BATCH - 1) settle(path);
  }
  const { p50, p99, p999, max } = histogram.summary();
  return { value: p50, p50, p99, p999, max };
}

/** The floor of `one order`: write() of one record into a prepared segment, and nothing else. */
function bareWrite(dir: string, count: number): BenchResult {
  const files = new SegmentFiles(dir);
  const prepared = files.prepare(1, 2 * count * RECORD_BYTES);
  const handle = files.open(1);
  if (prepared < 0 || handle < 0) throw new Error(`no segment in ${dir}: ${files.lastError}`);
  const record = new Uint8Array(RECORD_BYTES).fill(1);
  const histogram = new LatencyHistogram();
  for (let n = 0; n < 2 * count; n++) {
    const started = performance.now();
    const bytes = files.write(handle, record, 0, RECORD_BYTES, n * RECORD_BYTES);
    if (n >= count) histogram.record((performance.now() - started) * 1e6);
    if (bytes !== RECORD_BYTES) throw new Error(`write() took ${bytes} bytes`);
  }
  files.close(handle);
  const { p50, p99, p999, max } = histogram.summary();
  const note = 'in `group` and `none` alike; the floor under `one order`';
  const figures = { value: p50, p50, p99, p999, max };
  return { name: 'bare write() of one record', unit: 'ns', ...figures, note };
}

/** Orders a second, intent to request, 64 intents in the ring each time. */
function perSecond(path: OrderPath, batches: number): number {
  let ms = 0;
  for (let n = 0; n < batches; n++) {
    const before = path.actors.gateways[0]!.sent;
    const started = performance.now();
    path.place(BATCH);
    while (path.actors.gateways[0]!.sent - before < BATCH) path.step();
    ms += performance.now() - started;
    settle(path);
  }
  return (batches * BATCH) / (ms / 1000);
}

/** Orders a second with acceptance, cancel and the broker's words about both. */
function live(path: OrderPath, batches: number): number {
  const started = performance.now();
  for (let n = 0; n < batches; n++) {
    path.place(BATCH);
    path.step();
    settle(path);
  }
  return (batches * BATCH) / ((performance.now() - started) / 1000);
}

/** The broker accepts what is on its way, then the last 64 orders are cancelled. */
function settle(path: OrderPath): void {
  path.answer();
  path.cancel(BATCH);
  path.step();
  path.answer();
  path.quote();
  path.step();
}

/** Milliseconds from the kill word to the last of 500 cancels, written and in the link's ring. */
function killAll(path: OrderPath, count: number): BenchResult {
  const histogram = new LatencyHistogram();
  const gateway = path.actors.gateways[0]!;
  for (let n = 0; n < count; n++) {
    for (let k = 0; k < 10; k++) {
      path.place(50);
      path.step();
      path.answer();
    }
    const { liveCount } = gateway.live;
    if (liveCount !== 500) throw new Error(`${liveCount} orders are live, expected 500`);
    const before = path.cancelled;
    const started = performance.now();
    Atomics.store(path.killWord, 0, 1);
    gateway.doWork();
    histogram.record((performance.now() - started) * 1e6);
    path.answer();
    if (path.cancelled - before !== 500 || gateway.live.liveCount !== 0) {
      throw new Error(`${path.cancelled - before} cancels for 500 orders`);
    }
    Atomics.store(path.killWord, 0, 0);
    path.step();
    path.quote();
    path.step();
  }
  const { p50, p99, p999, max } = histogram.summary();
  const ms = { value: p50 / 1e6, p50: p50 / 1e6, p99: p99 / 1e6, p999: p999 / 1e6, max: max / 1e6 };
  const note = 'from the word to the last record written and cancel queued; nothing placed after';
  return { name: 'kill: 500 cancels, group', unit: 'ms', ...ms, note };
}

function setupOf(): EngineSetup {
  const setup = syntheticSetup(repositoryFile('bench/tick-source/strategy.ts'), 1);
  const positions = [{ instrument: 0, qty: BASE_QTY, costE4: 100_000 }];
  const symbols = setup.instruments.map((i) => i.symbol);
  return {
    ...setup,
    risk: wideRules({ accounts: ['bench'], strategies: ['bench'], symbols }),
    accounts: setup.accounts.map((account) => ({ ...account, positions, cashE4: 1e15 })),
  };
}
