// The kernels, one thread, one core: ns per operation of the book on the canonical workload
// (limit orders and cancels, bench/workloads.ts) in batches and call by call, with up to 200,000
// live orders (memory-bound) and with few (code-bound); the slow twin on a small workload in the
// same run; validation and indicators, single and batch. Every run's trades are compared with the
// workload's own. Filling the command area and reading trades is outside the timed part.
//
//   workload arrays -> command area -> runBatch -> trade area -> checksum

import type { BookKernel } from '../engine/core/book.ts';
import { BookOp, OrderKind } from '../engine/core/book.ts';
import { CageMode, plainRules } from '../engine/core/exchange-kernel.ts';
import { loadKernels } from '../engine/host/kernels.ts';
import { PHASE_CONTINUOUS } from '../engine/messages/codes.ts';
import { ReferenceBook } from '../wasm/reference/book.ts';
import type { BenchResult, BenchSuite } from './harness.ts';
import { LatencyHistogram, timeBatches } from './harness.ts';
import type { Workload } from './workloads.ts';
import { CANONICAL, makeWorkload, mixTrade, mulberry32, OP_CANCEL } from './workloads.ts';

/** Commands per timed call: long against the clock's resolution, short enough for percentiles. */
const CHUNK = 256;
const SLOTS = 262_144;
const RUNS = 3;

interface Run {
  readonly nsPerOp: number;
  readonly checksum: number;
  /** ns per operation over chunks of CHUNK. */
  readonly chunks: LatencyHistogram;
}

export const suite: BenchSuite = {
  name: 'kernels',
  async run({ quick }): Promise<BenchResult[]> {
    const canonical = makeWorkload(
      quick ? { seed: 1, operations: 20_000, prefill: 5_000 } : CANONICAL,
    );
    const shallow = makeWorkload({
      seed: 2,
      operations: quick ? 20_000 : 2_000_000,
      prefill: 1_000,
    });
    return [
      ...book('canonical', canonical, quick),
      ...book('few live orders', shallow, quick),
      ...againstTwin(quick),
      ...(await validation(quick)),
      ...(await indicators(quick)),
    ];
  },
};

/** The kernel in batches and call by call on one workload. */
function book(name: string, w: Workload, quick: boolean): BenchResult[] {
  const note = `live orders: at most ${w.liveMax}, at the end ${w.liveEnd}; ${w.trades} trades`;
  return [
    result(`book, ${name}, batch`, medianRun(w, runBatches, quick), note),
    result(`book, ${name}, per call`, medianRun(w, runCalls, quick), ''),
  ];
}

/** The value is the median chunk: on a shared machine the mean measures the neighbours. */
function result(name: string, run: Run, note: string): BenchResult {
  const { p50, p99, p999, max } = run.chunks.summary();
  const checksum = String(run.checksum);
  const mean = `mean ${run.nsPerOp.toFixed(1)}${note === '' ? '' : `; ${note}`}`;
  return { name, unit: 'ns/op', value: p50, p50, p99, p999, max, checksum, note: mean };
}

function medianRun(w: Workload, once: (w: Workload, b: BookKernel) => Run, quick: boolean): Run {
  const runs: Run[] = [];
  for (let i = 0; i < (quick ? 1 : RUNS); i++) {
    const run = once(w, openKernel(w));
    if (run.checksum !== w.tradeChecksum) {
      throw new Error(`trades: checksum=${run.checksum} expected=${w.tradeChecksum}`);
    }
    runs.push(run);
  }
  return runs.sort((a, b) => a.nsPerOp - b.nsPerOp)[runs.length >> 1];
}

function openKernel(w: Workload): BookKernel {
  const kernel = loadKernels({ maxInstruments: 1, maxOrders: SLOTS, maxLevels: 256 }).book;
  kernel.openInstrument(0, w.tickE4, w.loE4, w.hiE4, SLOTS);
  return kernel;
}

function runBatches(w: Workload, kernel: BookKernel): Run {
  const chunks = new LatencyHistogram();
  let ns = 0;
  let checksum = 0;
  for (let from = 0; from < w.count; from += CHUNK) {
    const count = Math.min(CHUNK, w.count - from);
    for (let i = 0; i < count; i++) writeCommand(w, kernel, from + i, i);
    const start = performance.now();
    const ran = kernel.runBatch(0, count);
    const spent = (performance.now() - start) * 1e6;
    if (ran !== count) throw new Error(`runBatch: ran=${ran} expected=${count}`);
    checksum = mixTrades(checksum, kernel);
    if (from < w.prefill) continue;
    ns += spent;
    chunks.record(spent / count);
  }
  return { nsPerOp: ns / (w.count - w.prefill), checksum, chunks };
}

function writeCommand(w: Workload, kernel: BookKernel, at: number, index: number): void {
  const op = w.op[at] === OP_CANCEL ? BookOp.CANCEL : BookOp.SUBMIT;
  kernel.writeCommand(
    index,
    op,
    0,
    w.id[at],
    w.side[at],
    OrderKind.LIMIT,
    w.priceE4[at],
    w.qty[at],
  );
}

/** Trades are read inside the timed part, when a call made some: a caller would read them. */
function runCalls(w: Workload, kernel: BookKernel): Run {
  const chunks = new LatencyHistogram();
  let ns = 0;
  let checksum = 0;
  for (let from = 0; from < w.count; from += CHUNK) {
    const end = Math.min(from + CHUNK, w.count);
    const start = performance.now();
    for (let at = from; at < end; at++) {
      if (w.op[at] === OP_CANCEL) {
        kernel.cancel(0, w.id[at], 0);
        continue;
      }
      const { LIMIT } = OrderKind;
      const trades = kernel.submit(0, w.id[at], w.side[at], LIMIT, w.priceE4[at], w.qty[at]);
      if (trades > 0) checksum = mixTrades(checksum, kernel);
    }
    const spent = (performance.now() - start) * 1e6;
    if (from < w.prefill) continue;
    ns += spent;
    chunks.record(spent / (end - from));
  }
  return { nsPerOp: ns / (w.count - w.prefill), checksum, chunks };
}

function mixTrades(start: number, kernel: BookKernel): number {
  let sum = start;
  const count = kernel.tradeCount;
  for (let i = 0; i < count; i++) {
    const buyId = kernel.tradeBuyId(i);
    const sellId = kernel.tradeSellId(i);
    sum = mixTrade(sum, buyId, sellId, kernel.tradePriceE4(i), kernel.tradeQty(i));
  }
  return sum;
}

/** Both call by call on a workload that the twin can bear; same trades, same checksum. */
function againstTwin(quick: boolean): BenchResult[] {
  const w = makeWorkload({ seed: 3, operations: quick ? 500 : 5_000, prefill: 500 });
  const slow = medianRun(w, (load) => runCalls(load, openTwin(load)), quick);
  const fast = medianRun(w, runCalls, quick);
  const baseline = 'slow twin, 500 live orders, per call';
  return [
    result(baseline, slow, 'arrays and sorts: says what the kernel is checked by'),
    {
      ...result(
        'book, 500 live orders, per call',
        fast,
        'short run: the compiler is still warming up',
      ),
      ...{ baseline, ratio: slow.chunks.summary().p50 / fast.chunks.summary().p50 },
    },
  ];
}

function openTwin(w: Workload): BookKernel {
  const twin = new ReferenceBook(1, SLOTS, 256);
  twin.openInstrument(0, w.tickE4, w.loE4, w.hiE4, SLOTS);
  return twin;
}

async function validation(quick: boolean): Promise<BenchResult[]> {
  const { validate } = loadKernels({ maxInstruments: 100, maxOrders: 1, maxLevels: 1 });
  for (let instr = 0; instr < 100; instr++) {
    const statics = {
      ...{ tickE4: 100, buyMin: 100, buyStep: 100, sellMin: 100, sellStep: 100 },
      ...{ maxQty: 1_000_000, maxMarketQty: 0, upperE4: 110_000, lowerE4: 90_000 },
    };
    const cage = { cageMode: CageMode.REJECT, cageUpPercent: 2, cageDownPercent: 2, cageTicks: 10 };
    const more = { venue: 1, buyCap: 500_000, marketNeedsLimit: 1, preCloseE4: 100_000 };
    validate.setRules(instr, { ...plainRules(statics), ...cage, ...more });
    validate.setQuote(instr, PHASE_CONTINUOUS, 99_900, 100_000, 100_000);
  }
  const operations = 16_384;
  const random = mulberry32(7);
  const below = (n: number) => Math.floor(random() * n);
  const columns = Array.from({ length: operations }, () => [
    ...[below(100), 1 + below(2), 1 + below(7), 89_500 + 50 * below(420), 50 * below(40)],
  ]);
  const [instrs, sides, kinds, prices, qtys] = [0, 1, 2, 3, 4].map((column) =>
    Int32Array.from(columns, (row) => row[column]),
  );
  for (let i = 0; i < operations; i++) {
    validate.writeCheck(i, instrs[i], sides[i], kinds[i], prices[i], qtys[i], 250, 0);
  }
  const tasks = [
    {
      name: 'validateOrder, per call',
      run: () => {
        let sum = 0;
        for (let i = 0; i < operations; i++) {
          sum += validate.validateOrder(instrs[i], sides[i], kinds[i], prices[i], qtys[i], 250, 0);
        }
        return sum;
      },
    },
    {
      name: 'validateBatch',
      run: () => {
        let sum = 0;
        validate.validateBatch(0, operations);
        for (let i = 0; i < operations; i++) sum += validate.checkResult(i);
        return sum;
      },
    },
  ];
  return timeBatches(tasks, { quick, operations, baseline: 'validateOrder, per call' });
}

async function indicators(quick: boolean): Promise<BenchResult[]> {
  const { indicators: kernel } = loadKernels({
    ...{ maxInstruments: 1, maxOrders: 1, maxLevels: 1 },
  });
  const operations = 16_384;
  const random = mulberry32(9);
  for (let i = 0; i < operations; i++) kernel.input[i] = 100_000 + Math.floor(random() * 1_000);
  const streaming = (next: (handle: number, value: number) => number, handle: number) => () => {
    kernel.indicatorReset(handle);
    let last = 0;
    for (let i = 0; i < operations; i++) last = next.call(kernel, handle, kernel.input[i]);
    return last;
  };
  const batch = (run: (handle: number, count: number) => number, handle: number) => () => {
    kernel.indicatorReset(handle);
    run.call(kernel, handle, operations);
    return kernel.output[operations - 1];
  };
  const sma = kernel.smaOpen(20);
  const ema = kernel.emaOpen(20);
  const smaTasks = [
    { name: 'SMA(20), per call', run: streaming(kernel.smaNext, sma) },
    { name: 'SMA(20), batch', run: batch(kernel.smaBatch, sma) },
  ];
  const emaTasks = [
    { name: 'EMA(20), per call', run: streaming(kernel.emaNext, ema) },
    { name: 'EMA(20), batch', run: batch(kernel.emaBatch, ema) },
  ];
  return [
    ...(await timeBatches(smaTasks, { quick, operations, baseline: 'SMA(20), per call' })),
    ...(await timeBatches(emaTasks, { quick, operations, baseline: 'EMA(20), per call' })),
  ];
}
