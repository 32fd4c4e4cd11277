// The book's part of the kernel bench: contests on the canonical workload (bench/workloads.ts)
// against the bare ladder, the slow twin and nodejs-order-book, and the cost tables. Called by
// bench/kernels.bench.ts. Always: whoever is compared ran in turns in the same run and made the
// same trades.
import { OrderBook } from 'nodejs-order-book';
import type { BookKernel } from '../engine/core/book.ts';
import { loadKernels } from '../engine/host/kernels.ts';
import { ReferenceBook } from '../wasm/reference/book.ts';
import { compileBareLadder, openBareLadder } from './bare-ladder.ts';
import { BareBatches, BareCalls, KernelBatches, KernelCalls } from './book-contestants.ts';
import { contest, rows } from './contest.ts';
import type { BenchResult } from './harness.ts';
import { NodeOrderBook } from './node-order-book.ts';
import type { Workload } from './workloads.ts';
import { CANONICAL, makeWorkload } from './workloads.ts';

const SLOTS = 262_144;
const LADDER_NOTE = 'the same trades with nothing around them: no codes, no checks, no totals';

/** Every row about the book. */
export async function bookRows(quick: boolean): Promise<BenchResult[]> {
  const ladder = await compileBareLadder();
  const canonical = makeWorkload(
    quick ? { seed: 1, operations: 20_000, prefill: 5_000 } : CANONICAL,
  );
  const few = makeWorkload({ seed: 2, operations: quick ? 20_000 : 2_000_000, prefill: 1_000 });
  return [
    ...againstLadder('canonical', canonical, ladder, quick ? 1 : 3),
    ...againstLadder('few live orders', few, ladder, quick ? 1 : 3),
    ...againstTwin(quick),
    ...againstNode(quick),
    ...costOfOperations(quick),
    ...costOfDepth(quick),
  ];
}

/** Kernel and bare ladder, in batches and call by call. */
function againstLadder(name: string, w: Workload, ladder: Uint8Array, runs: number): BenchResult[] {
  const live = `live orders: at most ${w.liveMax}, at the end ${w.liveEnd}; ${w.trades} trades`;
  const bare = () => openBareLadder(ladder, (w.hiE4 - w.loE4) / w.tickE4 + 1, w.count + 1, SLOTS);
  const batch = contest(
    w,
    () => [
      new BareBatches(`bare ladder, ${name}, batch`, bare(), w),
      new KernelBatches(`book, ${name}, batch`, openKernel(w, SLOTS), w),
    ],
    runs,
  );
  const calls = contest(
    w,
    () => [
      new BareCalls(`bare ladder, ${name}, per call`, bare(), w),
      new KernelCalls(`book, ${name}, per call`, openKernel(w, SLOTS), w),
    ],
    runs,
  );
  const note = `${LADDER_NOTE}; ${live}`;
  return [...rows(batch, batch[0].name, note), ...rows(calls, calls[0].name, note)];
}

/** A workload that the twin can bear. */
function againstTwin(quick: boolean): BenchResult[] {
  const w = makeWorkload({ seed: 3, operations: quick ? 500 : 5_000, prefill: 500 });
  const open = () => [
    new KernelCalls('slow twin, 500 live orders, per call', openTwin(w), w),
    new KernelCalls('book, 500 live orders, per call', openKernel(w, SLOTS), w),
  ];
  const timings = contest(w, open, quick ? 1 : 3);
  return rows(timings, timings[0].name, 'arrays and sorts: says what the kernel is checked by');
}

/** A workload that nodejs-order-book can bear. */
function againstNode(quick: boolean): BenchResult[] {
  const w = makeWorkload({
    seed: 4,
    operations: quick ? 500 : 30_000,
    prefill: quick ? 500 : 5_000,
  });
  const open = () => [
    new NodeOrderBook('nodejs-order-book, 5,000 live orders', new OrderBook(), w),
    new KernelCalls('book, 5,000 live orders, per call', openKernel(w, SLOTS), w),
  ];
  const timings = contest(w, open, quick ? 1 : 2);
  return rows(timings, timings[0].name, 'npm package, version in package.json; limit and cancel');
}

/** Linear in operations: the same cost each, however many there are. */
function costOfOperations(quick: boolean): BenchResult[] {
  const counts = quick ? [1_000, 10_000] : [1e4, 1e5, 1e6, 1e7];
  return table(
    counts.map((operations) => {
      const w = makeWorkload({ seed: 5, operations, prefill: 10_000 });
      const label = operations.toLocaleString('en-US');
      return cost(`cost, ${label} operations, 10,000 resting, batch`, w, quick);
    }),
  );
}

/** Flat in depth: what grows is the share of memory outside the processor's caches. */
function costOfDepth(quick: boolean): BenchResult[] {
  const depths = quick ? [10, 1_000] : [10, 100, 1_000, 10_000, 100_000];
  return table(
    depths.map((prefill) => {
      const w = makeWorkload({ seed: 6, operations: quick ? 10_000 : 1_000_000, prefill });
      const label = prefill.toLocaleString('en-US');
      return cost(`cost, ${label} resting, 1,000,000 operations, batch`, w, quick);
    }),
  );
}

function cost(name: string, w: Workload, quick: boolean): BenchResult {
  const open = () => [new KernelBatches(name, openKernel(w, SLOTS), w)];
  const runs = quick ? 1 : Math.min(20, Math.ceil(300_000 / w.count));
  return rows(contest(w, open, runs), name, `${w.count - w.prefill} operations`)[0];
}

function table(results: readonly BenchResult[]): BenchResult[] {
  const [first, ...others] = results;
  const compared = (r: BenchResult) => ({ baseline: first.name, ratio: first.value / r.value });
  return [first, ...others.map((result) => ({ ...result, ...compared(result) }))];
}

function openKernel(w: Workload, slots: number): BookKernel {
  const kernel = loadKernels({ maxInstruments: 1, maxOrders: slots, maxLevels: 256 }).book;
  kernel.openInstrument(0, w.tickE4, w.loE4, w.hiE4, slots);
  return kernel;
}

function openTwin(w: Workload): BookKernel {
  const twin = new ReferenceBook(1, SLOTS, 256);
  twin.openInstrument(0, w.tickE4, w.loE4, w.hiE4, SLOTS);
  return twin;
}
