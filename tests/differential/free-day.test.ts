// Books without price limits: a window around the issue price and overflow levels outside it. The
// kernel against its twin with prices over the whole range, and against itself with a window so
// wide that nothing lies outside: the same answers, trades and books.

import { describe, expect, test } from 'vitest';
import type { BookKernel } from '../../engine/core/book.ts';
import { BookCode } from '../../engine/core/book.ts';
import { loadKernels } from '../../engine/host/kernels.ts';
import { ReferenceBook } from '../../wasm/reference/book.ts';
import { booksDiffer, outcomesDiffer, tradesDiffer, viewsDiffer } from './comparison.ts';
import type { Market, Operation } from './operations.ts';
import { apply, below, randomOperation, seeded } from './operations.ts';

/** Issue price 20.00, window 19.00 to 21.00. */
const ISSUE: Market = {
  ...{ instruments: 1, tickE4: 100, loE4: 190_000, hiE4: 210_000, quota: 40, ids: 70 },
  badShare: 0.02,
};
const OVERFLOW = 8;

interface Pair {
  readonly one: BookKernel;
  readonly other: BookKernel;
  /** Answers met, as text: refusals by code. */
  readonly answers: Set<string>;
  /** Trades at prices outside the window. */
  outside: number;
}

function pair(one: BookKernel, other: BookKernel): Pair {
  return { one, other, answers: new Set(), outside: 0 };
}

/** One operation on both; throws with the first difference. */
function step(books: Pair, o: Operation, at: number): void {
  const { one, other } = books;
  const answer = apply(one, o);
  const expected = apply(other, o);
  const trading = o.name === 'submit' || o.name === 'uncross';
  const difference =
    (answer === expected ? undefined : `answer ${answer} != ${expected}`) ??
    (trading ? tradesDiffer(one, other) : undefined) ??
    (o.name === 'submit' ? outcomesDiffer(one, other) : undefined) ??
    (one.auctionQty === other.auctionQty ? undefined : 'auctionQty') ??
    (one.auctionImbalance === other.auctionImbalance ? undefined : 'auctionImbalance') ??
    (at % 4 === 0 ? booksDiffer(one, other, 0, 10) : viewsDiffer(one, other, o));
  if (difference) expect.fail(`step ${at} ${JSON.stringify(o)}: ${difference}`);
  books.answers.add(`${o.name} ${answer < 0 ? answer : 'ok'}`);
  if (!trading || answer <= 0) return;
  for (let i = 0; i < answer; i++) {
    const priceE4 = one.tradePriceE4(i);
    if (priceE4 < ISSUE.loE4 || priceE4 > ISSUE.hiE4) books.outside++;
  }
}

/** An operation whose price may be anything on the tick from 0.01 to 100,000.00, log-uniform. */
function freely(random: () => number): Operation {
  const o = randomOperation(random, ISSUE);
  const priceE4 = 100 * Math.round(10 ** (random() * 7));
  if (o.name === 'auction' || o.name === 'uncross') return { ...o, name: 'view', qty: 1_000 };
  return o.priceE4 === 0 || random() < 0.3 ? o : { ...o, priceE4 };
}

describe('a book without price limits', () => {
  test.each([1, 2, 3])('equals its twin over prices of 0.01 to 100,000 yuan (seed %i)', (seed) => {
    const kernel = loadKernels({ maxInstruments: 1, maxOrders: 40, maxLevels: 201 + OVERFLOW });
    const books = pair(kernel.book, new ReferenceBook(1, 40, 201 + OVERFLOW));
    for (const book of [books.one, books.other]) {
      expect(book.openInstrument(0, 100, 190_000, 210_000, 40)).toBe(BookCode.OK);
      expect(book.openOverflow(0, OVERFLOW)).toBe(BookCode.OK);
    }
    const random = seeded(seed);
    for (let at = 0; at < 15_000; at++) step(books, freely(random), at);
    expect(books.outside).toBeGreaterThan(1_000);
    expect([...books.answers]).toContain(`submit ${BookCode.OVERFLOW_FULL}`);
    expect([...books.answers]).toContain(`add ${BookCode.OVERFLOW_FULL}`);
    expect([...books.answers]).toContain(`submit ${BookCode.OFF_TICK}`);
  });

  test.each([4, 5])('equals a book whose window is wide enough (seed %i)', (seed) => {
    const sizes = { maxInstruments: 1, maxOrders: 400, maxLevels: 10_000 };
    const books = pair(loadKernels(sizes).book, loadKernels(sizes).book);
    books.one.openInstrument(0, 100, 199_800, 200_200, 400);
    books.one.openOverflow(0, 400);
    books.other.openInstrument(0, 100, 100, 600_000, 400);
    const random = seeded(seed);
    const wide: Market = { ...ISSUE, loE4: 198_000, hiE4: 202_000, quota: 400, ids: 700 };
    for (let at = 0; at < 30_000; at++) {
      const o = randomOperation(random, { ...wide, badShare: 0 });
      const far = 100 * (1 + below(random, 6_000));
      step(books, o.priceE4 > 0 && random() < 0.1 ? { ...o, priceE4: far } : o, at);
    }
    expect(books.answers).toContain('auction ok');
    expect(books.answers).toContain('uncross ok');
  });
});
