// Runs several books over one workload in turns, so that what the machine does to one it does to
// the others, and turns what the clock said into results. Called by bench/kernels.bench.ts.
// Always: each contestant must make the workload's own trades, or the contest throws.
import type { Contestant } from './book-contestants.ts';
import { CHUNK } from './book-contestants.ts';
import type { BenchResult } from './harness.ts';
import type { Workload } from './workloads.ts';

/** Operations of a turn: long enough that a book has its memory in the cache again. */
const TURN = 16_384;

/** What one contestant took, over all runs. */
export interface Timing {
  readonly name: string;
  /** ns per operation: over everything, and of pieces of CHUNK operations. */
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly checksum: number;
}

/** `runs` contests over the workload; `open` makes fresh, empty books for each. */
export function contest(w: Workload, open: () => readonly Contestant[], runs: number): Timing[] {
  const pieces: number[][] = [];
  let books: readonly Contestant[] = [];
  for (let run = 0; run < runs; run++) {
    books = open();
    for (let i = pieces.length; i < books.length; i++) pieces.push([]);
    for (let from = 0, turn = run; from < w.count; from += TURN, turn++) {
      const to = Math.min(from + TURN, w.count);
      for (let i = 0; i < books.length; i++) {
        const book = (i + turn) % books.length;
        takeTurn(w, books[book], from, to, pieces[book]);
      }
    }
    for (const { name, checksum } of books) {
      if (checksum === w.tradeChecksum) continue;
      throw new Error(`${name}: trades checksum=${checksum} expected=${w.tradeChecksum}`);
    }
  }
  return books.map(({ name }, i) => timing(name, pieces[i], w.tradeChecksum));
}

function takeTurn(w: Workload, book: Contestant, from: number, to: number, into: number[]): void {
  for (let at = from; at < to; at += CHUNK) {
    const end = Math.min(at + CHUNK, to);
    const spent = book.run(at, end);
    if (at >= w.prefill) into.push(spent / (end - at));
  }
}

function timing(name: string, pieces: readonly number[], checksum: number): Timing {
  const sorted = Float64Array.from(pieces).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, share * sorted.length) | 0];
  const mean = sorted.reduce((sum, ns) => sum + ns, 0) / sorted.length;
  return { name, mean, p50: at(0.5), p99: at(0.99), p999: at(0.999), max: at(1), checksum };
}

/** Rows of the table; the value is the median piece: on a shared machine the mean measures the
 *  neighbours. `baseline` names one of the timings; a ratio above 1 is faster than it. */
export function rows(timings: readonly Timing[], baseline: string, note: string): BenchResult[] {
  const base = timings.find(({ name }) => name === baseline);
  if (base === undefined) throw new Error(`no contestant ${baseline}`);
  return timings.map((t) => {
    const { name, mean, p50, p99, p999, max } = t;
    const means = `mean ${mean.toFixed(1)}`;
    const row = { name, unit: 'ns/op', value: p50, p50, p99, p999, max };
    const checksum = String(t.checksum);
    if (t === base) return { ...row, checksum, note: `${means}; ${note}` };
    const ratio = base.p50 / p50;
    if (ratio > 10) return { ...row, checksum, baseline, ratio, note: means };
    const times = `${(p50 / base.p50).toFixed(2)}x its time`;
    const byMean = `(by the means ${(mean / base.mean).toFixed(2)}x)`;
    return { ...row, checksum, baseline, ratio, note: `${means}; ${times} ${byMean}` };
  });
}
