// Rows that a book cannot follow: each is counted under its own name, makes its book stale, is
// told once with its channel number and order, and stops nothing.
import { describe, expect, test } from 'vitest';
import {
  FAULT_ARENA_FULL,
  FAULT_BAD_ROW,
  FAULT_CANCEL_ABOVE,
  FAULT_CANCEL_BELOW,
  FAULT_DUPLICATE_ORDER,
  FAULT_NAMES,
  FAULT_OFF_TICK,
  FAULT_OTHER_TRADES,
  FAULT_OUT_OF_WINDOW,
  FAULT_TRADE_ABOVE,
  FAULT_UNKNOWN_CANCEL,
  FAULT_UNKNOWN_INSTRUMENT,
  FAULT_UNKNOWN_TRADE,
  FAULT_UNTOLD_REST,
  KIND_BEST5_CANCEL,
  KIND_OWN_BEST,
  KIND_UNTOLD,
  PHASE_OPENING_CALL,
  SIDE_SELL,
} from '../../../engine/messages/codes.ts';
import { MarketOrder } from '../../../engine/messages/generated/market.ts';
import { type FeedWish, makeFeed, SSE_A, SSE_B, SZSE } from './feed-kit.ts';

type Feed = ReturnType<typeof makeFeed>;

/** What is wrong, its name, the rows that lead to it; the last row is the bad one. */
const BAD: readonly [what: string, fault: number, rows: (f: Feed) => void, wish?: FeedWish][] = [
  ['a cancel of an order never seen', FAULT_UNKNOWN_CANCEL, (f) => f.cancel(SSE_A, 77, 100)],
  ['a trade against an order never seen', FAULT_UNKNOWN_TRADE, (f) => sell(f, 77, 100)],
  ['more cancelled than left', FAULT_CANCEL_ABOVE, (f) => f.cancel(SSE_A, 1, 300)],
  ['less cancelled than left', FAULT_CANCEL_BELOW, (f) => f.cancel(SSE_A, 1, 50)],
  ['more traded than left', FAULT_TRADE_ABOVE, (f) => sell(f, 1, 300)],
  ['an order number twice', FAULT_DUPLICATE_ORDER, (f) => f.order(SSE_A, { orderNo: 1 })],
  ['a price off the tick', FAULT_OFF_TICK, (f) => f.order(SSE_A, { priceE4: 99_950 })],
  ['a price far away', FAULT_OUT_OF_WINDOW, (f) => f.order(SSE_A, { priceE4: 200_000 })],
  ['a price of 0', FAULT_BAD_ROW, (f) => f.order(SSE_A, { priceE4: 0 })],
  ['no shares', FAULT_BAD_ROW, (f) => f.order(SSE_A, { qty: 0 })],
  ['an unknown side', FAULT_BAD_ROW, (f) => f.order(SSE_A, { side: 3 })],
  ['an unknown kind', FAULT_BAD_ROW, (f) => f.order(SSE_A, { kind: 9 })],
  ['an unknown action', FAULT_BAD_ROW, (f) => f.order(SSE_A, { action: 7 })],
  ['a trade of no shares', FAULT_BAD_ROW, (f) => sell(f, 1, 0)],
  ['an order more than slots', FAULT_ARENA_FULL, (f) => fill(f), { quota: 4 }],
  ['a trade the book did not make', FAULT_OTHER_TRADES, (f) => sell(f, 1, 100), { full: true }],
  ['a market order without a trace', FAULT_UNTOLD_REST, (f) => untold(f), { full: true }],
  [
    'a market order in a call',
    FAULT_BAD_ROW,
    (f) => f.order(SSE_A, { kind: KIND_BEST5_CANCEL }),
    { full: true, phase: PHASE_OPENING_CALL },
  ],
];

function sell(f: Feed, buyNo: number, qty: number): void {
  f.trade(SSE_A, { buyNo, sellNo: 900, aggressor: SIDE_SELL, qty });
}

function fill(f: Feed): void {
  for (let n = 0; n < 4; n++) f.order(SSE_A);
}

function untold(f: Feed): void {
  f.order(SSE_A, { kind: KIND_UNTOLD });
  f.order(SSE_A);
}

describe('a row with', () => {
  test.each(BAD)('%s is counted by name and makes its book stale', (what, fault, rows, wish) => {
    const f = makeFeed(wish);
    f.order(SSE_A);
    f.order(SSE_B);
    expect(
      [...f.trust.faults].some((count) => count > 0),
      what,
    ).toBe(false);
    f.ticks.take();
    rows(f);
    const counted = [...f.trust.faults].map((count, code) => (count > 0 ? [code, count] : []));
    expect(counted.flat(), what).toEqual([fault, 1]);
    expect(f.stale()).toEqual([1, 0, 0]);
    const told = { type: 'FeedFault', instrument: SSE_A, channel: 6, code: fault, count: 1 };
    expect(f.events.of('FeedFault')).toMatchObject([told]);
    expect(f.told('FeedFault')).toMatchObject([told]);
    expect(f.trust.problems().join()).toContain(FAULT_NAMES[fault]);
    // The feed goes on: the other share's book still moves.
    f.order(SSE_B, { priceE4: 99_800 });
    expect(f.book.levelQty(SSE_B, 1, 99_800)).toBe(100);
  });

  test('an instrument that nobody named is counted and told, and marks no book', () => {
    for (const instrument of [-1, 3, 60_000]) {
      const f = makeFeed({ contiguous: true });
      f.order(SSE_A);
      f.order(instrument);
      f.trade(instrument, { buyNo: 1, sellNo: 2, aggressor: 1 });
      // Their numbers count in the channel, so what follows is no loss.
      f.order(SSE_A);
      expect([f.trust.faults[FAULT_UNKNOWN_INSTRUMENT], f.trust.gaps]).toEqual([2, 0]);
      expect(f.stale()).toEqual([0, 0, 0]);
      expect(f.events.of('FeedFault')).toMatchObject([
        { instrument, channelSeq: 2, code: FAULT_UNKNOWN_INSTRUMENT },
      ]);
    }
  });

  test('a fault in a book that is stale already is counted and not told again', () => {
    const f = makeFeed();
    for (const orderNo of [70, 71, 72]) f.cancel(SSE_A, orderNo, 100);
    expect(f.trust.faults[FAULT_UNKNOWN_CANCEL]).toBe(3);
    expect(f.events.of('FeedFault')).toHaveLength(1);
  });
});

test('a cancel takes the whole order, also when the feed says another quantity', () => {
  const f = makeFeed();
  f.order(SSE_A, { qty: 300 });
  f.cancel(SSE_A, 1, 200);
  expect(f.book.levelQty(SSE_A, 1, 99_900)).toBe(0);
});

describe('a market order of untold kind', () => {
  /** 100 at 10.01 and 100 at 10.02 stand; then the order comes. */
  function market(qty: number): Feed {
    const f = makeFeed({ full: true });
    f.order(SZSE, { side: SIDE_SELL, priceE4: 100_100 });
    f.order(SZSE, { side: SIDE_SELL, priceE4: 100_200 });
    f.order(SZSE, { side: 1, kind: KIND_UNTOLD, qty });
    return f;
  }
  function hit(f: Feed, sellNo: number, priceE4: number): void {
    f.trade(SZSE, { buyNo: 3, sellNo, aggressor: 1, priceE4 });
  }
  const asks = (f: Feed): number[] =>
    [100_100, 100_200].map((priceE4) => f.book.levelQty(SZSE, SIDE_SELL, priceE4));
  const clean = (f: Feed): void => expect([f.trust.problems(), f.stale()]).toEqual([[], [0, 0, 0]]);

  test('that is used up is gone', () => {
    const f = market(200);
    expect(asks(f)).toEqual([100, 100]);
    hit(f, 1, 100_100);
    hit(f, 2, 100_200);
    expect([asks(f), f.book.bestBid(SZSE), f.books.heldCount]).toEqual([[0, 0], 0, 0]);
    clean(f);
  });

  test('whose rest is cancelled at once never rests', () => {
    const f = market(300);
    hit(f, 1, 100_100);
    hit(f, 2, 100_200);
    f.cancel(SZSE, 3, 100);
    expect([asks(f), f.book.orderCount(SZSE)]).toEqual([[0, 0], 0]);
    clean(f);
  });

  test('that is cancelled whole took nothing', () => {
    const f = market(300);
    f.cancel(SZSE, 3, 300);
    expect(asks(f)).toEqual([100, 100]);
    clean(f);
  });

  test('whose rest stays stands at its first trade, once anything else happens', () => {
    const f = market(300);
    hit(f, 1, 100_100);
    expect(f.book.bestBid(SZSE)).toBe(0);
    f.order(SZSE, { side: 1, priceE4: 99_000 });
    expect([f.book.bestBid(SZSE), f.book.levelQty(SZSE, 1, 100_100)]).toEqual([100_100, 200]);
    f.cancel(SZSE, 3, 200);
    expect(f.book.bestBid(SZSE)).toBe(99_000);
    clean(f);
  });

  test('whose rest stays stands once time goes on, by an event of another share', () => {
    const f = market(300);
    hit(f, 1, 100_100);
    f.ticks.take();
    f.order(SSE_A);
    expect(f.book.levelQty(SZSE, 1, 100_100)).toBe(200);
    expect(f.told('SnapshotTick').map((tick) => tick.instrument)).toEqual([SZSE, SSE_A]);
    clean(f);
  });

  test('of which more trades than it has is a fault', () => {
    const f = market(100);
    f.trade(SZSE, { buyNo: 3, sellNo: 1, aggressor: 1, priceE4: 100_100, qty: 100 });
    hit(f, 2, 100_200);
    expect(f.trust.faults[FAULT_OTHER_TRADES]).toBe(1);
  });
});

test('an own-best order without a price to take is cancelled, which its cancel confirms', () => {
  const f = makeFeed({ full: true });
  f.order(SZSE, { kind: KIND_OWN_BEST });
  f.cancel(SZSE, 1, 100);
  expect([f.trust.problems(), f.stale()]).toEqual([[], [0, 0, 0]]);
  f.cancel(SZSE, 1, 100);
  expect(f.trust.faults[FAULT_UNKNOWN_CANCEL]).toBe(1);
});

test('trades of a full stream may come behind a later order, and must be the right ones', () => {
  const f = makeFeed({ full: true });
  f.order(SZSE, { side: SIDE_SELL, priceE4: 100_100 });
  f.order(SZSE, { side: 1, priceE4: 100_100 });
  f.order(SZSE, { side: 1, priceE4: 99_000 });
  f.trade(SZSE, { buyNo: 2, sellNo: 1, aggressor: 1, priceE4: 100_100 });
  expect(f.trust.problems()).toEqual([]);
  f.order(SZSE, { side: SIDE_SELL, priceE4: 99_000 });
  f.trade(SZSE, { buyNo: 3, sellNo: 4, aggressor: 2, priceE4: 99_000, qty: 200 });
  expect(f.trust.faults[FAULT_OTHER_TRADES]).toBe(1);
});

test('trades of a full stream that never come are a fault', () => {
  const f = makeFeed({ full: true });
  f.order(SZSE, { side: SIDE_SELL, priceE4: 100_100 });
  f.order(SZSE, { side: 1, priceE4: 100_100 });
  for (let n = 0; n < 20; n++) f.order(SZSE, { priceE4: 99_000 });
  expect(f.trust.faults[FAULT_OTHER_TRADES]).toBe(1);
  f.send(MarketOrder, {});
});
