// Instruments without price limits: prices far outside the window, what happens when no overflow
// level is left, and what opening, resetting and closing do to them.

import { beforeEach, describe, expect, test } from 'vitest';
import type { BookKernel } from '../../../engine/core/book.ts';
import { BookCode, BookSide, OrderKind } from '../../../engine/core/book.ts';
import { loadKernels } from '../../../engine/host/kernels.ts';

const { BUY, SELL } = BookSide;
const { LIMIT, FOK, IOC, BEST5_CANCEL } = OrderKind;

let book: BookKernel;

beforeEach(() => {
  book = loadKernels({ maxInstruments: 2, maxOrders: 40, maxLevels: 60 }).book;
  expect(book.openInstrument(0, 100, 199_000, 201_000, 20)).toBe(BookCode.OK);
  expect(book.openOverflow(0, 4)).toBe(BookCode.OK);
});

function rest(id: number, side: number, priceE4: number, qty = 100): void {
  expect(book.submit(0, id, side, LIMIT, priceE4, qty)).toBe(0);
}

function bids(): string[] {
  book.depth(0, 10);
  return Array.from(
    { length: book.bidLevels },
    (_, i) => `${book.bidQty(i)}@${book.bidPriceE4(i)}`,
  );
}

describe('prices outside the window', () => {
  test('queue, show and trade like those inside, best price first', () => {
    rest(1, BUY, 100);
    rest(2, BUY, 200_000);
    rest(3, BUY, 150_000, 300);
    rest(4, BUY, 150_000, 500);
    expect(bids()).toEqual(['100@200000', '800@150000', '100@100']);
    expect(book.queueAhead(0, 4)).toBe(300);
    expect(book.levelQty(0, BUY, 150_000)).toBe(800);
    expect(book.levelQty(0, BUY, 160_000)).toBe(0);
    expect(book.submit(0, 9, SELL, LIMIT, 100, 950)).toBe(4);
    const trades = [0, 1, 2, 3].map((i) => `${book.tradeBuyId(i)} ${book.tradeQty(i)}`);
    expect(trades).toEqual(['2 100', '3 300', '4 500', '1 50']);
    expect(bids()).toEqual(['50@100']);
  });

  test('reach both ends of the range and no further', () => {
    rest(1, SELL, 999_990_000);
    rest(2, BUY, 100);
    expect([book.bestBid(0), book.bestAsk(0)]).toEqual([100, 999_990_000]);
    expect(book.submit(0, 3, SELL, LIMIT, 1_000_000_000, 100)).toBe(0);
    expect(book.submit(0, 4, SELL, LIMIT, 1_000_000_100, 100)).toBe(BookCode.OUT_OF_WINDOW);
    expect(book.submit(0, 4, SELL, LIMIT, 0, 100)).toBe(BookCode.BAD_PRICE);
    expect(book.submit(0, 4, SELL, LIMIT, 500_050, 100)).toBe(BookCode.OFF_TICK);
  });

  test('count for FOK, IOC and the five best levels', () => {
    for (const [id, priceE4] of [200_000, 250_000, 300_000].entries()) rest(id, SELL, priceE4);
    expect(book.submit(0, 10, BUY, FOK, 290_000, 300)).toBe(0);
    expect(book.killedQty).toBe(300);
    expect(book.submit(0, 11, BUY, FOK, 300_000, 300)).toBe(3);
    for (const [id, priceE4] of [200_000, 250_000, 300_000].entries()) rest(id, SELL, priceE4);
    expect(book.submit(0, 12, BUY, BEST5_CANCEL, 0, 250)).toBe(3);
    expect(book.submit(0, 13, BUY, IOC, 0, 250)).toBe(1);
    expect(book.killedQty).toBe(200);
  });

  test('take part in a call auction', () => {
    for (const [id, priceE4] of [5_000, 200_000, 990_000].entries()) {
      book.add(0, 10 + id, SELL, priceE4, 100);
    }
    book.add(0, 1, BUY, 900_000, 300);
    expect(book.auctionPriceE4(0, 200_000)).toBe(900_000);
    expect([book.auctionQty, book.auctionImbalance]).toEqual([200, 100]);
    expect(book.uncross(0, 900_000)).toBe(2);
    expect([book.bestBid(0), book.bestAsk(0)]).toEqual([900_000, 990_000]);
  });
});

describe('without an overflow level left', () => {
  beforeEach(() => {
    for (let i = 0; i < 4; i++) rest(i, BUY, 10_000 + i * 100);
  });

  test('an order that would rest on a new one is refused and changes nothing', () => {
    const before = book.checksum(0);
    expect(book.submit(0, 9, BUY, LIMIT, 20_000, 100)).toBe(BookCode.OVERFLOW_FULL);
    expect(book.add(0, 9, SELL, 300_000, 100)).toBe(BookCode.OVERFLOW_FULL);
    expect(book.checksum(0)).toBe(before);
    expect(book.orderQty(0, 9)).toBe(BookCode.UNKNOWN_ORDER);
  });

  test('an order that would trade and then rest is refused whole', () => {
    rest(8, SELL, 200_000);
    const before = book.checksum(0);
    expect(book.submit(0, 9, BUY, LIMIT, 300_000, 200)).toBe(BookCode.OVERFLOW_FULL);
    expect([book.tradeCount, book.checksum(0)]).toEqual([0, before]);
    expect(book.submit(0, 9, BUY, LIMIT, 300_000, 100)).toBe(1);
  });

  test('orders join levels in use, and a level that empties is free again', () => {
    rest(9, BUY, 10_100);
    expect(book.cancel(0, 2, 0)).toBe(100);
    rest(10, SELL, 300_000);
    expect(bids()).toEqual(['100@10300', '200@10100', '100@10000']);
  });
});

describe('opening', () => {
  test('refuses what it cannot do', () => {
    rest(1, BUY, 100);
    expect(book.openOverflow(0, 4)).toBe(BookCode.NOT_EMPTY);
    expect(book.openOverflow(1, 4)).toBe(BookCode.UNKNOWN_INSTRUMENT);
    book.openInstrument(1, 100, 199_000, 201_000, 20);
    expect(book.openOverflow(1, 0)).toBe(BookCode.BAD_COUNT);
    expect(book.openOverflow(1, 65_537)).toBe(BookCode.BAD_COUNT);
    expect(book.openOverflow(1, 15)).toBe(BookCode.LEVELS_EXHAUSTED);
    expect(book.submit(1, 1, BUY, LIMIT, 100, 100)).toBe(BookCode.OUT_OF_WINDOW);
    expect(book.openOverflow(1, 14)).toBe(BookCode.OK);
    expect(book.submit(1, 1, BUY, LIMIT, 100, 100)).toBe(0);
  });

  test('anew puts the limits back; a reset keeps the range and drops the orders', () => {
    rest(1, BUY, 100);
    rest(2, BUY, 200_000);
    expect(book.resetInstrument(0)).toBe(BookCode.OK);
    expect([book.orderCount(0), book.bestBid(0), bids()]).toEqual([0, 0, []]);
    rest(1, BUY, 100);
    expect(book.cancel(0, 1, 0)).toBe(100);
    expect(book.openInstrument(0, 100, 199_000, 201_000, 20)).toBe(BookCode.OK);
    expect(book.submit(0, 1, BUY, LIMIT, 100, 100)).toBe(BookCode.OUT_OF_WINDOW);
    expect(book.submit(0, 1, BUY, LIMIT, 199_000, 100)).toBe(0);
    expect(book.cancel(0, 1, 0)).toBe(100);
    expect(book.openOverflow(0, 2)).toBe(BookCode.OK);
    rest(1, BUY, 100);
    expect(bids()).toEqual(['100@100']);
  });
});
