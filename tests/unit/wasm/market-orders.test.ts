// Market-order kinds on the kernel and its twin: the worked examples of the rules sheet, section
// 13.4 (SSE 2023 no. 3.3.5, SZSE no. 3.3.4, BSE 2026 no. 3.3.4-3.3.6). Book: asks 100 each at
// 10.01 ... 10.05 and 1,000 at 10.06; bid 100 at 10.00.

import { beforeEach, describe, expect, test } from 'vitest';
import type { BookKernel } from '../../../engine/core/book.ts';
import { BookSide, OrderKind } from '../../../engine/core/book.ts';
import { loadKernels } from '../../../engine/host/kernels.ts';
import { ReferenceBook } from '../../../wasm/reference/book.ts';

const { BUY, SELL } = BookSide;
const { BEST5_CANCEL, BEST5_LIMIT, OPPOSITE_BEST, OWN_BEST, IOC, FOK } = OrderKind;
const SIZES = { maxInstruments: 1, maxOrders: 20, maxLevels: 101 };

interface Row {
  readonly what: string;
  readonly side?: number;
  readonly kind: number;
  readonly protectionE4?: number;
  readonly qty: number;
  readonly fills: readonly [priceE4: number, qty: number][];
  readonly rested?: readonly [qty: number, priceE4: number];
  readonly killed?: number;
}

const FIVE: readonly [number, number][] = [
  [100_100, 100],
  [100_200, 100],
  [100_300, 100],
  [100_400, 100],
  [100_500, 100],
];

const ROWS: readonly Row[] = [
  {
    ...{ what: 'M1 opposite best fills one level, the rest stays at its price' },
    ...{ kind: OPPOSITE_BEST, qty: 300, fills: [[100_100, 100]], rested: [200, 100_100] },
  },
  {
    ...{ what: 'M2 best five with cancel fills five levels' },
    ...{ kind: BEST5_CANCEL, qty: 1_000, fills: FIVE, killed: 500 },
  },
  {
    ...{ what: 'M3 IOC goes through every level' },
    ...{ kind: IOC, qty: 1_000, fills: [...FIVE, [100_600, 500]] },
  },
  {
    ...{ what: 'M3 IOC cancels what the whole book cannot fill' },
    ...{ kind: IOC, qty: 2_000, fills: [...FIVE, [100_600, 1_000]], killed: 500 },
  },
  {
    ...{ what: 'M4 fill or kill of more than there is trades nothing' },
    ...{ kind: FOK, qty: 1_600, fills: [], killed: 1_600 },
  },
  {
    ...{ what: 'M4 fill or kill of exactly what there is fills' },
    ...{ kind: FOK, qty: 1_500, fills: [...FIVE, [100_600, 1_000]] },
  },
  {
    ...{ what: 'M5 own best queues at the best bid' },
    ...{ kind: OWN_BEST, qty: 300, fills: [], rested: [300, 100_000] },
  },
  {
    ...{ what: 'M6 best five to limit rests at the last fill price' },
    ...{
      kind: BEST5_LIMIT,
      protectionE4: 102_000,
      qty: 1_000,
      fills: FIVE,
      rested: [500, 100_500],
    },
  },
  {
    ...{ what: 'M7 best five with cancel stops at the protection price' },
    ...{
      kind: BEST5_CANCEL,
      protectionE4: 100_300,
      qty: 1_000,
      fills: FIVE.slice(0, 3),
      killed: 700,
    },
  },
  {
    ...{ what: 'M8 best five to limit stops and rests at the protection price' },
    ...{ kind: BEST5_LIMIT, protectionE4: 100_300, qty: 1_000 },
    ...{ fills: FIVE.slice(0, 3), rested: [700, 100_300] },
  },
  {
    ...{ what: 'best five to limit without a fill queues at its own best price' },
    ...{ kind: BEST5_LIMIT, protectionE4: 100_000, qty: 300, fills: [], rested: [300, 100_000] },
  },
  {
    ...{ what: 'own best never rests above its protection price' },
    ...{ kind: OWN_BEST, protectionE4: 99_800, qty: 300, fills: [], rested: [300, 99_800] },
  },
  {
    ...{ what: 'opposite best never rests above its protection price' },
    ...{ kind: OPPOSITE_BEST, protectionE4: 99_900, qty: 300, fills: [], rested: [300, 99_900] },
  },
  {
    ...{ what: 'fill or kill does not count levels beyond its protection price' },
    ...{ kind: FOK, protectionE4: 100_500, qty: 600, fills: [], killed: 600 },
  },
  {
    ...{ what: 'a market sell mirrors the buy' },
    ...{
      side: SELL,
      kind: OPPOSITE_BEST,
      qty: 250,
      fills: [[100_000, 100]],
      rested: [150, 100_000],
    },
  },
];

const IMPLEMENTATIONS: readonly [string, () => BookKernel][] = [
  ['kernel', () => loadKernels(SIZES).book],
  ['twin', () => new ReferenceBook(SIZES.maxInstruments, SIZES.maxOrders, SIZES.maxLevels)],
];

describe.each(IMPLEMENTATIONS)('%s', (_name, make) => {
  let book: BookKernel;
  beforeEach(() => {
    book = make();
    book.openInstrument(0, 100, 95_000, 105_000, 20);
    FIVE.forEach(([priceE4, qty], i) => {
      book.add(0, 1 + i, SELL, priceE4, qty);
    });
    book.add(0, 6, SELL, 100_600, 1_000);
    book.add(0, 7, BUY, 100_000, 100);
  });

  test.each(ROWS)('$what', ({ side, kind, protectionE4, qty, fills, rested, killed }) => {
    const trades = book.submit(0, 99, side ?? BUY, kind, protectionE4 ?? 0, qty);
    const made = [];
    for (let i = 0; i < trades; i++) made.push([book.tradePriceE4(i), book.tradeQty(i)]);
    expect(made).toEqual(fills);
    expect([book.restedQty, book.restedPriceE4]).toEqual(rested ?? [0, 0]);
    expect(book.killedQty).toBe(killed ?? 0);
    expect(Math.max(0, book.orderQty(0, 99))).toBe(rested?.[0] ?? 0);
  });

  test('M5 own best queues behind the orders that were there', () => {
    book.submit(0, 99, BUY, OWN_BEST, 0, 300);
    expect(book.queueAhead(0, 99)).toBe(100);
  });

  test('M11 own best on an empty side, and all kinds on an empty book, are cancelled', () => {
    book.cancel(0, 7, 0);
    expect(book.submit(0, 99, BUY, OWN_BEST, 0, 300)).toBe(0);
    expect([book.restedQty, book.killedQty]).toEqual([0, 300]);
    book.resetInstrument(0);
    for (const kind of [BEST5_CANCEL, BEST5_LIMIT, OPPOSITE_BEST, OWN_BEST, IOC, FOK]) {
      expect(book.submit(0, 99, SELL, kind, 0, 300)).toBe(0);
      expect([book.restedQty, book.killedQty]).toEqual([0, 300]);
      expect(book.orderCount(0)).toBe(0);
    }
  });
});
