// Books without price limits: a window around the issue price and overflow levels outside it. The
// kernel against its twin with prices over the whole range, and against itself with a window so
// wide that nothing lies outside: the same answers, trades and books.

import { describe, expect, test } from 'vitest';
import type { BookKernel } from '../../engine/core/book.ts';
import { BookCode } from '../../engine/core/book.ts';
import { loadKernels } from '../../engine/host/kernels.ts';
import { newMarks, runBoth } from './book-run.ts';
import { booksDiffer, outcomesDiffer, tradesDiffer, viewsDiffer } from './comparison.ts';
import type { Market, Operation } from './operations.ts';
import { apply, below, randomOperation, seeded } from './operations.ts';
import { freely, ISSUE } from './subjects.ts';

/** What both books show after one operation; the first difference as text. */
function stepDiffers(one: BookKernel, other: BookKernel, o: Operation, at: number) {
  const trading = o.name === 'submit' || o.name === 'uncross';
  return (
    (trading ? tradesDiffer(one, other) : undefined) ??
    (o.name === 'submit' ? outcomesDiffer(one, other) : undefined) ??
    (one.auctionQty === other.auctionQty ? undefined : 'auctionQty') ??
    (one.auctionImbalance === other.auctionImbalance ? undefined : 'auctionImbalance') ??
    (at % 4 === 0 ? booksDiffer(one, other, 0, 10) : viewsDiffer(one, other, o))
  );
}

describe('a book without price limits', () => {
  test.each([1, 2, 3])('equals its twin over prices of 0.01 to 100,000 yuan (seed %i)', (seed) => {
    const marks = newMarks();
    const plan = { market: ISSUE, overflow: 8, operation: freely };
    expect(runBoth(plan, seed, 15_000, marks)).toBeUndefined();
    expect(marks.outside).toBeGreaterThan(1_000);
    for (const code of [BookCode.OVERFLOW_FULL, BookCode.OFF_TICK, BookCode.OUT_OF_WINDOW]) {
      expect(marks.answers).toContain(`submit ${code}`);
    }
    expect(marks.answers).toContain(`add ${BookCode.OVERFLOW_FULL}`);
  });

  test.each([4, 5])('equals a book whose window is wide enough (seed %i)', (seed) => {
    const sizes = { maxInstruments: 1, maxOrders: 400, maxLevels: 10_000 };
    const one = loadKernels(sizes).book;
    const other = loadKernels(sizes).book;
    one.openInstrument(0, 100, 199_800, 200_200, 400);
    one.openOverflow(0, 400);
    other.openInstrument(0, 100, 100, 600_000, 400);
    const random = seeded(seed);
    const market: Market = { ...ISSUE, loE4: 198_000, hiE4: 202_000, quota: 400, ids: 700 };
    let calls = 0;
    for (let at = 0; at < 30_000; at++) {
      const near = randomOperation(random, { ...market, badShare: 0 });
      const far = { ...near, priceE4: 100 * (1 + below(random, 6_000)) };
      const o = near.priceE4 > 0 && random() < 0.1 ? far : near;
      const answer = apply(one, o);
      expect(answer).toBe(apply(other, o));
      const difference = stepDiffers(one, other, o, at);
      if (difference) expect.fail(`step ${at} ${JSON.stringify(o)}: ${difference}`);
      if (o.name === 'auction' && answer > 0) calls++;
    }
    expect(calls).toBeGreaterThan(10);
  });
});
