// A whole verification on small feeds: paper exchanges of both styles must come out equal, and each
// broken rule and each changed row must not.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VerifyError } from '../../../engine/verify/verify-day.ts';
import { anyGreatestVolume, droppedCancel, lifoBook, marketAsLimit } from './faulty-books.ts';
import { paperDay } from './paper-exchange.ts';
import { feedRows, rowsOf, verifyRows } from './verify-kit.ts';

const FEEDS = [
  ['sse', 'sse-split'],
  ['szse', 'szse'],
] as const;

/** A short day of SSE with both calls, an aggressive order with a remainder, and a cancel. */
const SSE_DAY: readonly string[] = [
  '9:15:00 add 1 buy 300 @ 10.05',
  '9:15:01 add 2 buy 500 @ 10.03',
  '9:15:02 add 3 sell 400 @ 9.98',
  '9:25:00 trade 1 3 300 @ 10.03 call',
  '9:25:00 trade 2 3 100 @ 10.03 call',
  '9:30:00 add 4 buy 200 @ 10.03',
  '9:30:01 trade 2 5 400 @ 10.03 sell',
  '9:30:01 trade 4 5 100 @ 10.03 sell',
  '9:30:02 add 6 sell 300 @ 10.06',
  '9:30:03 add 7 sell 100 @ 10.06',
  '9:30:04 trade 8 6 300 @ 10.06 buy',
  '9:30:05 cancel 4 buy 100',
  '14:57:00 add 9 buy 100 @ 10.06',
  '15:00:00 trade 9 7 100 @ 10.06 call',
];

describe('verification', () => {
  test('finds a short SSE day equal, call by call and trade by trade', () => {
    expect(verifyRows(rowsOf(...SSE_DAY))).toMatchObject({
      openingAuction: {
        ...{ exchange: 2, engine: 2, equal: 2 },
        volume: { exchange: 400, engine: 400 },
      },
      continuous: { exchange: 3, engine: 3, equal: 3 },
      closingAuction: { exchange: 1, engine: 1, equal: 1 },
      cancels: { exchange: 1, engine: 1, equal: 1 },
      endBook: { exchange: 0, engine: 0, equal: 0 },
      firstDifference: null,
      equal: true,
    });
  });

  test('finds a remainder that rests at a price where it should have traded on', () => {
    const lines = SSE_DAY.toSpliced(11, 0, '9:30:04 add 8 buy 50 @ 10.06');
    expect(verifyRows(rowsOf(...lines))).toMatchObject({
      continuous: { exchange: 3, engine: 4, equal: 3 },
      firstDifference: { what: 'trade', exchange: 'no trade', order: { id: 8, qty: 350 } },
      equal: false,
    });
  });

  test.each(FEEDS)('finds every paper day of %s equal', (style, feed) => {
    const seed = fc.integer();
    const preClose = fc.integer({ min: 980, max: 1020 }).map((ticks) => ticks * 100);
    fc.assert(
      fc.property(seed, preClose, (number, preCloseE4) => {
        const rows = paperDay({ style, seed: number, events: 150, preCloseE4 });
        const report = verifyRows(feedRows(rows), { feed, preCloseE4 });
        expect(report).toMatchObject({ firstDifference: null, equal: true });
        expect(report.continuous.exchange).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });

  test.each(FEEDS)('finds one changed number in a paper day of %s', (style, feed) => {
    const day = paperDay({ style, seed: 7, events: 150, preCloseE4: 100_000 });
    const trades = day.flatMap((row, i) => (row.type === 3 ? [i] : []));
    expect(trades.length).toBeGreaterThan(20);
    for (const i of trades) {
      // More shares of an SSE trade may be just what a larger order would have made, so there only
      // price and counterparty tell.
      const resting = day[i].side === 1 ? { sellId: 999 } : { id: 999 };
      const changed = feed === 'szse' ? { qty: day[i].qty + 100 } : resting;
      for (const change of [changed, { priceE4: day[i].priceE4 + 100 }]) {
        const rows = feedRows(day.with(i, { ...day[i], ...change }));
        expect(verifyRows(rows, { feed }).equal, `trade row ${i}`).toBe(false);
      }
    }
  });

  test.each(FEEDS)('finds one missing cancel in a paper day of %s', (style, feed) => {
    const day = paperDay({ style, seed: 11, events: 80, preCloseE4: 100_000 });
    const own = verifyRows(feedRows(day), { feed }).cancels.exchange;
    expect(own).toBeGreaterThan(5);
    for (let nth = 1; nth <= 5; nth++) {
      const report = verifyRows(feedRows(day), { feed, makeBook: droppedCancel(nth) });
      expect(report.equal, `cancel ${nth}`).toBe(false);
    }
  });

  test('fails with last-in-first-out queues', () => {
    const day = paperDay({ style: 'sse', seed: 3, events: 150, preCloseE4: 100_000 });
    const report = verifyRows(feedRows(day), { makeBook: lifoBook });
    expect(report.equal).toBe(false);
    expect(report.continuous.equal).toBeLessThan(report.continuous.exchange);
  });

  test('fails with market orders treated as limits', () => {
    const rows = rowsOf(
      '9:15:00 add 1 sell 100 @ 10.01',
      '9:15:01 add 2 sell 100 @ 10.02',
      '9:30:00 add 3 buy 200 market',
      '9:30:00 trade 3 1 100 @ 10.01 buy',
      '9:30:00 trade 3 2 100 @ 10.02 buy',
    );
    expect(verifyRows(rows, { feed: 'szse' }).equal).toBe(true);
    const report = verifyRows(rows, { feed: 'szse', makeBook: marketAsLimit });
    expect(report).toMatchObject({
      equal: false,
      continuous: { exchange: 2, engine: 1, equal: 1 },
      firstDifference: { what: 'trade', trade: 2, engine: 'no trade' },
    });
  });

  test('fails with a call that takes any price of greatest volume', () => {
    const rows = rowsOf(
      '9:15:00 add 1 buy 1000 @ 10.10',
      '9:15:01 add 2 sell 600 @ 10.00',
      '9:25:00 trade 1 2 600 @ 10.10 call',
    );
    expect(verifyRows(rows).equal).toBe(true);
    const report = verifyRows(rows, { makeBook: anyGreatestVolume });
    expect(report.equal).toBe(false);
    expect(report.openingAuction).toMatchObject({
      priceE4: { exchange: 101_000, engine: 100_000 },
      volume: { exchange: 600, engine: 600 },
    });
  });

  test('shows the book just before the first difference', () => {
    const rows = rowsOf(
      '9:15:00 add 1 buy 100 @ 10.00',
      '9:15:01 add 2 buy 200 @ 10.00',
      '9:30:00 trade 2 3 200 @ 10.00 sell',
    );
    expect(verifyRows(rows).firstDifference).toEqual({
      ...{ part: 'continuous', what: 'trade', trade: 1, seq: 3, ns: 34_200_000_000_000 },
      order: { id: 3, side: 2, kind: 1, priceE4: 100_000, qty: 200 },
      exchange: { buyId: 2, sellId: 3, priceE4: 100_000, qty: 200 },
      engine: { buyId: 1, sellId: 3, priceE4: 100_000, qty: 100 },
      book: {
        bids: [
          {
            ...{ priceE4: 100_000, qty: 300, orders: 2 },
            queue: [
              { id: 1, qty: 100 },
              { id: 2, qty: 200 },
            ],
          },
        ],
        asks: [],
      },
    });
  });

  test('refuses a feed without orders', () => {
    const rows = rowsOf('9:30:00 trade 2 3 200 @ 10.00 sell');
    expect(() => verifyRows(rows)).toThrow(VerifyError);
    expect(() => verifyRows(rows)).toThrow('no orders in the data');
  });

  test('refuses prices too far apart for the kernel, and says what it holds', () => {
    const rows = rowsOf('9:30:00 add 1 buy 100 @ 0.01', '9:30:01 add 2 sell 100 @ 9999.99');
    expect(() => verifyRows(rows)).toThrow('it holds 262,144 ticks');
  });
});
