// The book kernel through its port: refusals change nothing, pools and windows, queues, views.
// Run by vitest. Holds: a refused call leaves depth, orders and checksum as they were.

import { beforeEach, describe, expect, test } from 'vitest';
import type { BookKernel } from '../../../engine/core/book.ts';
import { BookCode, BookOp, BookSide, OrderKind } from '../../../engine/core/book.ts';
import { loadKernels } from '../../../engine/host/kernels.ts';
import { ReferenceBook } from '../../../wasm/reference/book.ts';

const { BUY, SELL } = BookSide;
const { LIMIT } = OrderKind;
const SIZES = { maxInstruments: 3, maxOrders: 8, maxLevels: 60 };
const IMPLEMENTATIONS: readonly [string, () => BookKernel][] = [
  ['kernel', () => loadKernels(SIZES).book],
  ['twin', () => new ReferenceBook(SIZES.maxInstruments, SIZES.maxOrders, SIZES.maxLevels)],
];

describe.each(IMPLEMENTATIONS)('%s: refusals', (_name, make) => {
  let book: BookKernel;
  beforeEach(() => {
    book = make();
    expect(book.openInstrument(0, 100, 99_000, 101_000, 4)).toBe(BookCode.OK);
    expect(book.add(0, 1, BUY, 99_900, 300)).toBe(BookCode.OK);
    expect(book.add(0, 2, SELL, 100_100, 500)).toBe(BookCode.OK);
  });

  const orders: readonly [string, number, Partial<Record<string, number>>][] = [
    ['an instrument that is not open', BookCode.UNKNOWN_INSTRUMENT, { instr: 1 }],
    ['an instrument out of range', BookCode.UNKNOWN_INSTRUMENT, { instr: 3 }],
    ['a negative instrument', BookCode.UNKNOWN_INSTRUMENT, { instr: -1 }],
    ['side 0', BookCode.BAD_SIDE, { side: 0 }],
    ['side 3', BookCode.BAD_SIDE, { side: 3 }],
    ['no quantity', BookCode.BAD_QTY, { qty: 0 }],
    ['a negative quantity', BookCode.BAD_QTY, { qty: -100 }],
    ['a price of 0', BookCode.BAD_PRICE, { priceE4: 0 }],
    ['a negative price', BookCode.BAD_PRICE, { priceE4: -100 }],
    ['a price off the tick', BookCode.OFF_TICK, { priceE4: 100_150 }],
    ['a price below the window', BookCode.OUT_OF_WINDOW, { priceE4: 98_900 }],
    ['a price above the window', BookCode.OUT_OF_WINDOW, { priceE4: 101_100 }],
    ['an id that rests already', BookCode.DUPLICATE_ID, { id: 1 }],
  ];
  test.each(orders)('refuses %s with %i and changes nothing', (_what, code, change) => {
    const o = { instr: 0, id: 9, side: BUY, priceE4: 100_100, qty: 100, ...change };
    const before = book.checksum(0);
    expect(book.add(o.instr, o.id, o.side, o.priceE4, o.qty)).toBe(code);
    expect(book.submit(o.instr, o.id, o.side, LIMIT, o.priceE4, o.qty)).toBe(code);
    expect(book.tradeCount).toBe(0);
    expect(book.restedQty).toBe(0);
    expect(book.checksum(0)).toBe(before);
    expect(book.orderCount(0)).toBe(2);
  });

  test('refuses an unknown kind and a negative protection price', () => {
    const before = book.checksum(0);
    for (const kind of [0, 8, -1]) {
      expect(book.submit(0, 9, BUY, kind, 100_100, 100)).toBe(BookCode.BAD_KIND);
    }
    expect(book.submit(0, 9, BUY, OrderKind.IOC, -1, 100)).toBe(BookCode.BAD_PRICE);
    expect(book.submit(0, 9, BUY, OrderKind.IOC, 101_100, 100)).toBe(BookCode.OUT_OF_WINDOW);
    expect(book.checksum(0)).toBe(before);
  });

  test('refuses cancels and reductions of unknown orders and of more than is left', () => {
    const before = book.checksum(0);
    expect(book.cancel(0, 7, 0)).toBe(BookCode.UNKNOWN_ORDER);
    expect(book.cancel(1, 1, 0)).toBe(BookCode.UNKNOWN_INSTRUMENT);
    expect(book.cancel(0, 1, -1)).toBe(BookCode.BAD_QTY);
    expect(book.cancel(0, 1, 301)).toBe(BookCode.MORE_THAN_LEFT);
    expect(book.reduce(0, 7, 100)).toBe(BookCode.UNKNOWN_ORDER);
    expect(book.reduce(0, 1, 0)).toBe(BookCode.BAD_QTY);
    expect(book.reduce(0, 1, 301)).toBe(BookCode.MORE_THAN_LEFT);
    expect(book.checksum(0)).toBe(before);
  });

  test('refuses an order that would rest beyond the quota, but still lets it trade', () => {
    book.add(0, 3, BUY, 99_800, 100);
    book.add(0, 4, BUY, 99_700, 100);
    const before = book.checksum(0);
    expect(book.add(0, 5, BUY, 99_600, 100)).toBe(BookCode.QUOTA_FULL);
    expect(book.submit(0, 5, BUY, LIMIT, 99_600, 100)).toBe(BookCode.QUOTA_FULL);
    expect(book.checksum(0)).toBe(before);
    expect(book.submit(0, 5, BUY, LIMIT, 100_100, 200)).toBe(1);
    expect(book.submit(0, 6, BUY, LIMIT, 100_100, 400)).toBe(1);
    expect(book.restedQty).toBe(100);
    expect(book.orderCount(0)).toBe(4);
  });

  test('refuses windows and quotas that are wrong or larger than what is left', () => {
    expect(book.openInstrument(1, 0, 99_000, 101_000, 1)).toBe(BookCode.BAD_WINDOW);
    expect(book.openInstrument(1, 100, 0, 101_000, 1)).toBe(BookCode.BAD_WINDOW);
    expect(book.openInstrument(1, 100, 101_000, 99_000, 1)).toBe(BookCode.BAD_WINDOW);
    expect(book.openInstrument(1, 100, 99_050, 101_000, 1)).toBe(BookCode.BAD_WINDOW);
    expect(book.openInstrument(1, 1, 1, 2_000_000_000, 1)).toBe(BookCode.BAD_WINDOW);
    expect(book.openInstrument(1, 100, 99_000, 102_900, 1)).toBe(BookCode.LEVELS_EXHAUSTED);
    expect(book.openInstrument(1, 100, 99_000, 101_000, 5)).toBe(BookCode.SLOTS_EXHAUSTED);
    expect(book.openInstrument(1, 100, 99_000, 101_000, 0)).toBe(BookCode.SLOTS_EXHAUSTED);
    expect(book.openInstrument(3, 100, 99_000, 101_000, 1)).toBe(BookCode.UNKNOWN_INSTRUMENT);
    expect(book.openInstrument(0, 100, 99_000, 101_000, 4)).toBe(BookCode.NOT_EMPTY);
    expect(book.openInstrument(1, 100, 99_000, 102_800, 4)).toBe(BookCode.OK);
  });

  test('refuses counts beyond the capacity of views and batches', () => {
    expect(book.depth(0, 0)).toBe(BookCode.BAD_COUNT);
    expect(book.depth(0, book.depthCapacity + 1)).toBe(BookCode.BAD_COUNT);
    expect(book.bidLevels).toBe(0);
    expect(book.queue(0, BUY, 99_900, 0)).toBe(BookCode.BAD_COUNT);
    expect(book.runBatch(-1, 1)).toBe(BookCode.BAD_COUNT);
    expect(book.runBatch(1, book.commandCapacity)).toBe(BookCode.BAD_COUNT);
  });
});

describe.each(IMPLEMENTATIONS)('%s: life of a book', (_name, make) => {
  let book: BookKernel;
  beforeEach(() => {
    book = make();
    book.openInstrument(0, 100, 99_000, 101_000, 8);
  });

  test('fills the older order first at one price and keeps a reduced order in its place', () => {
    book.add(0, 1, SELL, 100_000, 200);
    book.add(0, 2, SELL, 100_000, 200);
    expect(book.cancel(0, 1, 100)).toBe(100);
    expect(book.queueAhead(0, 2)).toBe(100);
    expect(book.submit(0, 3, BUY, LIMIT, 100_000, 150)).toBe(2);
    expect([book.tradeSellId(0), book.tradeQty(0)]).toEqual([1, 100]);
    expect([book.tradeSellId(1), book.tradeQty(1)]).toEqual([2, 50]);
    expect([book.tradeBuyId(0), book.tradeAggressor(0)]).toEqual([3, BUY]);
  });

  test('trades at the resting price and rests what is left at the limit', () => {
    book.add(0, 1, BUY, 100_000, 300);
    expect(book.submit(0, 2, SELL, LIMIT, 99_500, 1_000)).toBe(1);
    expect([book.tradePriceE4(0), book.tradeBuyId(0), book.tradeSellId(0)]).toEqual([
      100_000, 1, 2,
    ]);
    expect([book.restedQty, book.restedPriceE4, book.killedQty]).toEqual([700, 99_500, 0]);
    expect([book.bestBid(0), book.bestAsk(0)]).toEqual([0, 99_500]);
  });

  test('a feed fill lowers the order and its level, and the last one removes it', () => {
    book.add(0, 1, BUY, 100_000, 300);
    expect(book.reduce(0, 1, 100)).toBe(200);
    expect(book.levelQty(0, BUY, 100_000)).toBe(200);
    expect(book.reduce(0, 1, 200)).toBe(0);
    expect(book.orderQty(0, 1)).toBe(BookCode.UNKNOWN_ORDER);
    expect(book.bestBid(0)).toBe(0);
  });

  test('depth lists levels best first and reads 0 beyond them', () => {
    book.add(0, 1, BUY, 99_900, 100);
    book.add(0, 2, BUY, 99_900, 250);
    book.add(0, 3, BUY, 99_000, 400);
    book.add(0, 4, SELL, 101_000, 700);
    expect(book.depth(0, 5)).toBe(2);
    expect([book.bidPriceE4(0), book.bidOrders(0), book.bidQty(0)]).toEqual([99_900, 2, 350]);
    expect([book.bidPriceE4(1), book.bidOrders(1), book.bidQty(1)]).toEqual([99_000, 1, 400]);
    expect([book.askPriceE4(0), book.askQty(0), book.askPriceE4(1)]).toEqual([101_000, 700, 0]);
    expect(book.depth(0, 1)).toBe(1);
    expect(book.bidPriceE4(1)).toBe(0);
    expect(book.depth(2, 5)).toBe(BookCode.UNKNOWN_INSTRUMENT);
    expect(book.bidPriceE4(0)).toBe(0);
  });

  test('level totals pass the int32 range', () => {
    for (let id = 1; id <= 8; id++) book.add(0, id, BUY, 100_000, 0x7fffffff);
    expect(book.levelQty(0, BUY, 100_000)).toBe(8 * 0x7fffffff);
    expect(book.queueAhead(0, 8)).toBe(7 * 0x7fffffff);
    expect(book.submit(0, 9, SELL, OrderKind.FOK, 0, 0x7fffffff)).toBe(1);
  });

  test('a level hands out its queue in time order', () => {
    book.add(0, 30, SELL, 100_500, 100);
    book.add(0, 10, SELL, 100_500, 200);
    book.add(0, 20, SELL, 100_500, 300);
    expect(book.queue(0, SELL, 100_500, 2)).toBe(2);
    expect([book.queueId(0), book.queueId(1), book.queueQty(1)]).toEqual([30, 10, 200]);
    expect(book.queue(0, SELL, 100_400, 2)).toBe(0);
  });

  test('the same id lives in two instruments without touching the other', () => {
    book.resetAll();
    book.openInstrument(0, 100, 99_000, 101_000, 4);
    book.openInstrument(1, 10, 50_000, 50_200, 4);
    book.add(0, 5, BUY, 100_000, 100);
    book.add(1, 5, SELL, 50_010, 900);
    expect(book.cancel(0, 5, 0)).toBe(100);
    expect(book.orderQty(1, 5)).toBe(900);
  });

  test('a reset instrument is empty, its ids are free, it opens anew with another window', () => {
    for (let id = 1; id <= 8; id++) book.add(0, id, 1 + (id % 2), 99_000 + id * 100, 100);
    expect(book.resetInstrument(0)).toBe(BookCode.OK);
    expect([book.orderCount(0), book.bestBid(0), book.bestAsk(0)]).toEqual([0, 0, 0]);
    expect(book.add(0, 1, BUY, 99_100, 100)).toBe(BookCode.OK);
    book.resetInstrument(0);
    expect(book.openInstrument(0, 10, 20_000, 20_200, 8)).toBe(BookCode.OK);
    expect(book.add(0, 1, BUY, 20_190, 100)).toBe(BookCode.OK);
    expect(book.bestBid(0)).toBe(20_190);
  });

  test('emptyAll drops the orders of every book; windows and quotas stay', () => {
    expect(book.openInstrument(1, 10, 50_000, 50_100, 0)).toBe(BookCode.SLOTS_EXHAUSTED);
    for (let id = 1; id <= 8; id++) book.add(0, id, 1 + (id % 2), 99_000 + id * 100, 100);
    expect(book.emptyAll()).toBe(BookCode.OK);
    expect([book.orderCount(0), book.bestBid(0), book.bestAsk(0)]).toEqual([0, 0, 0]);
    expect(book.orderCount(1)).toBe(BookCode.UNKNOWN_INSTRUMENT);
    for (let id = 1; id <= 8; id++) expect(book.add(0, id, BUY, 99_100, 100)).toBe(BookCode.OK);
    expect(book.add(0, 9, BUY, 99_100, 100)).toBe(BookCode.QUOTA_FULL);
  });

  test('resetAll gives levels and slots back for the next day', () => {
    book.add(0, 1, BUY, 99_100, 100);
    expect(book.openInstrument(1, 100, 99_000, 101_000, 1)).toBe(BookCode.SLOTS_EXHAUSTED);
    expect(book.resetAll()).toBe(BookCode.OK);
    expect(book.add(0, 1, BUY, 99_100, 100)).toBe(BookCode.UNKNOWN_INSTRUMENT);
    expect(book.openInstrument(1, 100, 99_000, 101_000, 8)).toBe(BookCode.OK);
    expect(book.orderQty(1, 1)).toBe(BookCode.UNKNOWN_ORDER);
  });

  test('a batch answers each command as the single call would', () => {
    book.writeCommand(0, BookOp.ADD, 0, 1, SELL, 0, 100_000, 300);
    book.writeCommand(1, BookOp.SUBMIT, 0, 2, BUY, LIMIT, 100_000, 400);
    book.writeCommand(2, BookOp.CANCEL, 0, 2, 0, 0, 0, 0);
    book.writeCommand(3, BookOp.REDUCE, 0, 2, 0, 0, 0, 100);
    book.writeCommand(4, 9, 0, 2, 0, 0, 0, 100);
    book.writeCommand(5, BookOp.ADD, 0, 3, 258, 0, 100_000, 300);
    expect(book.runBatch(0, 6)).toBe(6);
    const results = [0, 1, 2, 3, 4, 5].map((i) => book.commandResult(i));
    const { UNKNOWN_ORDER, BAD_OP, BAD_SIDE } = BookCode;
    expect(results).toEqual([0, 1, 100, UNKNOWN_ORDER, BAD_OP, BAD_SIDE]);
    expect([book.commandRestedQty(1), book.commandRestedPriceE4(1)]).toEqual([100, 100_000]);
    expect(book.tradeCount).toBe(1);
  });
});

test('kernel: a batch stops before a submit whose trades might not fit, and goes on', () => {
  const quota = 600_000;
  const { book } = loadKernels({ maxInstruments: 2, maxOrders: 2 * quota, maxLevels: 42 });
  for (const instr of [0, 1]) {
    book.openInstrument(instr, 100, 99_000, 101_000, quota);
    for (let id = 1; id <= quota; id++) book.add(instr, id, SELL, 100_000, 1);
    book.writeCommand(instr, BookOp.SUBMIT, instr, -1, BUY, OrderKind.IOC, 0, quota);
  }
  expect(book.runBatch(0, 2)).toBe(1);
  expect([book.tradeCount, book.orderCount(0), book.orderCount(1)]).toEqual([quota, 0, quota]);
  expect(book.runBatch(1, 1)).toBe(1);
  expect([book.tradeCount, book.commandResult(1), book.orderCount(1)]).toEqual([quota, quota, 0]);
  expect(book.tradeSellId(quota - 1)).toBe(quota);
});
