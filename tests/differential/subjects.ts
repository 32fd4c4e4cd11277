// What the differential command (tools/differential.ts) runs: one entry per pair of a kernel and
// its twin. A new kernel with a twin adds itself here and is run over all seeds. Always: a subject
// is decided by seed and number of operations alone, and its text says how to see it again.

import { runBoth, runRounds } from './book-run.ts';
import { runDays } from './exchange-day.ts';
import type { Market, Operation, Random } from './operations.ts';
import { randomOperation, seeded } from './operations.ts';

export interface Subject {
  readonly name: string;
  /** The first difference as text, undefined when there is none. */
  run(seed: number, operations: number): string | undefined;
}

/** Two instruments, narrow window, few slots: every refusal comes up. */
export const NARROW: Market = {
  ...{ instruments: 2, tickE4: 100, loE4: 98_000, hiE4: 102_000, quota: 24, ids: 40 },
  badShare: 0.04,
};
/** Several bitmap and summary words a side, and levels far apart. */
export const WIDE: Market = {
  ...{ instruments: 1, tickE4: 10, loE4: 500_000, hiE4: 600_000, quota: 60, ids: 90 },
  badShare: 0.02,
};
/** A first day without limits: issue price 20.00, window 19.00 to 21.00. */
export const ISSUE: Market = {
  ...{ instruments: 1, tickE4: 100, loE4: 190_000, hiE4: 210_000, quota: 40, ids: 70 },
  badShare: 0.02,
};

/** An operation whose price may be anything on the tick from 0.01 to 100,000.00, log-uniform. */
export function freely(random: Random): Operation {
  const o = randomOperation(random, ISSUE);
  const priceE4 = 100 * Math.round(10 ** (random() * 7));
  // The twin tries every tick of a call, which would be millions here.
  if (o.name === 'auction' || o.name === 'uncross') return { ...o, name: 'view', qty: 1_000 };
  return o.priceE4 === 0 || random() < 0.3 ? o : { ...o, priceE4 };
}

export const SUBJECTS: readonly Subject[] = [
  { name: 'book', run: (seed, operations) => runBoth({ market: varied(seed) }, seed, operations) },
  {
    name: 'batch',
    run: (seed, operations) => runRounds({ market: varied(seed) }, seed, operations),
  },
  { name: 'wide', run: (seed, operations) => runBoth({ market: WIDE }, seed, operations) },
  {
    name: 'free-day',
    run: (seed, operations) =>
      runBoth({ market: ISSUE, overflow: 4 + (seed % 12), operation: freely }, seed, operations),
  },
  { name: 'exchange', run: (seed, operations) => runDays(seed, operations, false) },
  { name: 'held-orders', run: (seed, operations) => runDays(seed, operations, true) },
];

/** Another market for each seed: windows of 11 to 80 ticks, 12 to 120 slots. */
function varied(seed: number): Market {
  const random = seeded(seed ^ 0x5bd1e995);
  const pick = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  const tickE4 = [10, 100, 100, 500][pick(0, 3)];
  const loE4 = tickE4 * pick(1, 5_000);
  const hiE4 = loE4 + tickE4 * pick(10, 79);
  const quota = pick(12, 120);
  const instruments = pick(1, 4);
  const ids = Math.round(quota * (1 + random()));
  return { instruments, tickE4, loE4, hiE4, quota, ids, badShare: random() * 0.06 };
}
