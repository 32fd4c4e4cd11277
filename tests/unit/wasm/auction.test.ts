// Call auctions on the kernel and its twin: the worked examples of the rules sheet, section 13.3
// (BSE 2026 no. 3.5.2, SSE 2023 no. 3.5.2), with the reference given.

import { describe, expect, test } from 'vitest';
import type { BookKernel } from '../../../engine/core/book.ts';
import { BookCode, BookSide, TIE_MIDDLE } from '../../../engine/core/book.ts';
import { loadKernels } from '../../../engine/host/kernels.ts';
import { ReferenceBook } from '../../../wasm/reference/book.ts';

const { BUY, SELL } = BookSide;
const SIZES = { maxInstruments: 1, maxOrders: 20, maxLevels: 101 };
type Orders = readonly [qty: number, priceE4: number][];

const ROWS: readonly {
  readonly what: string;
  readonly buys: Orders;
  readonly sells: Orders;
  readonly refE4?: number;
  /** Price, volume, imbalance. */
  readonly expected: readonly [number, number, number];
}[] = [
  {
    what: 'A1 several prices on both sides',
    buys: [
      [300, 100_500],
      [500, 100_300],
      [800, 100_000],
    ],
    sells: [
      [400, 99_800],
      [300, 100_000],
      [600, 100_200],
    ],
    expected: [100_200, 800, -500],
  },
  {
    what: 'A2 too many buys at one price: only their own price leaves none better unfilled',
    ...{ buys: [[1_000, 101_000]], sells: [[600, 100_000]], expected: [101_000, 600, 400] },
  },
  {
    what: 'A3 too many sells at one price',
    ...{ buys: [[500, 101_000]], sells: [[1_000, 100_000]], expected: [100_000, 500, -500] },
  },
  {
    what: 'A4 largest volume wins',
    buys: [
      [1_000, 101_000],
      [200, 100_600],
    ],
    sells: [
      [1_000, 100_000],
      [500, 100_400],
    ],
    expected: [100_400, 1_200, -300],
  },
  {
    what: 'A5 smallest imbalance, then nearest to the reference below',
    buys: [
      [1_000, 101_000],
      [300, 100_400],
    ],
    ...{ sells: [[1_000, 100_000]], refE4: 99_000, expected: [100_500, 1_000, 0] },
  },
  {
    what: 'A6 reference below the interval',
    ...{ buys: [[1_000, 101_000]], sells: [[1_000, 100_000]], refE4: 98_000 },
    expected: [100_000, 1_000, 0],
  },
  {
    what: 'A6 reference inside the interval',
    ...{ buys: [[1_000, 101_000]], sells: [[1_000, 100_000]], refE4: 100_300 },
    expected: [100_300, 1_000, 0],
  },
  {
    what: 'A6 reference above the interval',
    ...{ buys: [[1_000, 101_000]], sells: [[1_000, 100_000]], refE4: 102_000 },
    expected: [101_000, 1_000, 0],
  },
  {
    what: 'A5 the middle of 10.05 to 10.10 over ticks, half up',
    buys: [
      [1_000, 101_000],
      [300, 100_400],
    ],
    ...{ sells: [[1_000, 100_000]], refE4: TIE_MIDDLE, expected: [100_800, 1_000, 0] },
  },
  {
    what: 'A6 the middle',
    ...{ buys: [[1_000, 101_000]], sells: [[1_000, 100_000]], refE4: TIE_MIDDLE },
    expected: [100_500, 1_000, 0],
  },
  {
    what: 'two neighbours with as much unfilled: the middle goes up',
    buys: [
      [1_000, 101_000],
      [300, 100_500],
    ],
    sells: [
      [1_000, 100_000],
      [300, 100_600],
    ],
    ...{ refE4: TIE_MIDDLE, expected: [100_600, 1_000, -300] },
  },
  {
    what: 'two neighbours with as much unfilled: the reference decides',
    buys: [
      [1_000, 101_000],
      [300, 100_500],
    ],
    sells: [
      [1_000, 100_000],
      [300, 100_600],
    ],
    ...{ refE4: 100_550, expected: [100_500, 1_000, 300] },
  },
  {
    what: 'A7 last trade as reference',
    ...{ buys: [[1_000, 101_000]], sells: [[1_000, 100_000]], refE4: 100_700 },
    expected: [100_700, 1_000, 0],
  },
  {
    what: 'A8 two candidate prices of one volume',
    buys: [
      [1_000, 101_000],
      [300, 100_500],
    ],
    sells: [
      [1_000, 100_000],
      [500, 100_600],
    ],
    expected: [100_500, 1_000, 300],
  },
  {
    what: 'A9 nothing crosses',
    ...{ buys: [[100, 99_900]], sells: [[100, 100_000]], expected: [0, 0, 0] },
  },
  { what: 'an empty side', buys: [[100, 99_900]], sells: [], expected: [0, 0, 0] },
];

const IMPLEMENTATIONS: readonly [string, () => BookKernel][] = [
  ['kernel', () => loadKernels(SIZES).book],
  ['twin', () => new ReferenceBook(SIZES.maxInstruments, SIZES.maxOrders, SIZES.maxLevels)],
];

describe.each(IMPLEMENTATIONS)('%s', (_name, make) => {
  function opened(buys: Orders, sells: Orders): BookKernel {
    const book = make();
    book.openInstrument(0, 100, 95_000, 105_000, 20);
    let id = 0;
    for (const [qty, priceE4] of buys) book.add(0, ++id, BUY, priceE4, qty);
    for (const [qty, priceE4] of sells) book.add(0, ++id, SELL, priceE4, qty);
    return book;
  }

  test.each(ROWS)('$what', ({ buys, sells, refE4, expected }) => {
    const book = opened(buys, sells);
    const before = book.checksum(0);
    const price = book.auctionPriceE4(0, refE4 ?? 0);
    expect([price, book.auctionQty, book.auctionImbalance]).toEqual(expected);
    expect(book.checksum(0)).toBe(before);
    if (price === 0) return;
    const trades = book.uncross(0, price);
    let volume = 0;
    for (let i = 0; i < trades; i++) {
      expect([book.tradePriceE4(i), book.tradeAggressor(i)]).toEqual([price, 0]);
      volume += book.tradeQty(i);
    }
    expect(volume).toBe(expected[1]);
    const ask = book.bestAsk(0);
    expect(ask === 0 || book.bestBid(0) < ask).toBe(true);
  });

  test('the call fills better prices first and older orders first at one price', () => {
    const book = opened(
      [
        [300, 100_000],
        [300, 100_100],
        [300, 100_000],
      ],
      [[700, 99_900]],
    );
    expect(book.uncross(0, 100_000)).toBe(3);
    expect([0, 1, 2].map((i) => book.tradeBuyId(i))).toEqual([2, 1, 3]);
    expect([0, 1, 2].map((i) => book.tradeQty(i))).toEqual([300, 300, 100]);
    expect(book.orderQty(0, 3)).toBe(200);
  });

  test('refuses a price that is off the tick, out of the window or of no instrument', () => {
    const book = opened([[100, 100_000]], [[100, 99_900]]);
    expect(book.uncross(0, 99_950)).toBe(BookCode.OFF_TICK);
    expect(book.uncross(0, 94_900)).toBe(BookCode.OUT_OF_WINDOW);
    expect(book.uncross(0, 0)).toBe(BookCode.BAD_PRICE);
    expect(book.uncross(1, 99_900)).toBe(BookCode.UNKNOWN_INSTRUMENT);
    expect(book.auctionPriceE4(1, 0)).toBe(BookCode.UNKNOWN_INSTRUMENT);
    expect(book.orderCount(0)).toBe(2);
  });
});
