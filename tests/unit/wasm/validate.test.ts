// Order validation: the worked examples of the rules sheet, section 13.5, and each code alone.
// Run by vitest. Holds: each violation gives its own code and nothing else.

import { beforeEach, describe, expect, test } from 'vitest';
import { BookCode, BookSide, OrderKind } from '../../../engine/core/book.ts';
import type { InstrumentStatic, ValidationKernel } from '../../../engine/core/exchange-kernel.ts';
import { plainRules } from '../../../engine/core/exchange-kernel.ts';
import * as reject from '../../../engine/core/reject-code.ts';
import { loadKernels } from '../../../engine/host/kernels.ts';

const { BUY, SELL } = BookSide;
const { LIMIT, IOC } = OrderKind;

function lots(min: number, step: number, max: number, marketMax: number): InstrumentStatic {
  return {
    ...{ tickE4: 100, buyMin: min, buyStep: step, sellMin: min, sellStep: step },
    ...{ maxQty: max, maxMarketQty: marketMax, upperE4: 110_000, lowerE4: 90_000 },
  };
}

const MAIN = lots(100, 100, 1_000_000, 0);
const CHINEXT = lots(100, 100, 300_000, 150_000);
const STAR = lots(200, 1, 100_000, 50_000);
const BSE = lots(100, 1, 1_000_000, 0);
const FUND: InstrumentStatic = { ...MAIN, tickE4: 10, upperE4: 0, lowerE4: 0 };
const BOND: InstrumentStatic = { ...lots(10, 10, 1_000_000, 0), tickE4: 10 };

type Row = readonly [
  what: string,
  values: InstrumentStatic,
  side: number,
  kind: number,
  qty: number,
  sellable: number,
  code: number,
];

const QUANTITIES: readonly Row[] = [
  ['Q1 main board 100', MAIN, BUY, LIMIT, 100, 0, 0],
  ['Q1 main board 150', MAIN, BUY, LIMIT, 150, 0, reject.REJECT_LOT_STEP],
  ['main board 50', MAIN, BUY, LIMIT, 50, 0, reject.REJECT_LOT_MINIMUM],
  ['Q1 main board 1,000,000', MAIN, BUY, LIMIT, 1_000_000, 0, 0],
  ['Q1 main board 1,000,100', MAIN, BUY, LIMIT, 1_000_100, 0, reject.REJECT_QTY_MAXIMUM],
  ['Q2 ChiNext limit 300,000', CHINEXT, BUY, LIMIT, 300_000, 0, 0],
  ['Q2 ChiNext limit 300,100', CHINEXT, BUY, LIMIT, 300_100, 0, reject.REJECT_QTY_MAXIMUM],
  ['Q2 ChiNext market 150,000', CHINEXT, BUY, IOC, 150_000, 0, 0],
  ['Q2 ChiNext market 150,100', CHINEXT, BUY, IOC, 150_100, 0, reject.REJECT_QTY_MAXIMUM],
  ['Q3 STAR 199', STAR, BUY, LIMIT, 199, 0, reject.REJECT_LOT_MINIMUM],
  ['Q3 STAR 200', STAR, BUY, LIMIT, 200, 0, 0],
  ['Q3 STAR 201', STAR, BUY, LIMIT, 201, 0, 0],
  ['Q3 STAR 100,001', STAR, BUY, LIMIT, 100_001, 0, reject.REJECT_QTY_MAXIMUM],
  ['Q3 STAR market 50,001', STAR, BUY, IOC, 50_001, 0, reject.REJECT_QTY_MAXIMUM],
  ['Q4 BSE 99', BSE, BUY, LIMIT, 99, 0, reject.REJECT_LOT_MINIMUM],
  ['Q4 BSE 101', BSE, BUY, LIMIT, 101, 0, 0],
  ['Q5 fund sell 50 of 250', FUND, SELL, LIMIT, 50, 250, 0],
  ['Q6 bond sell 5 of 25', BOND, SELL, LIMIT, 5, 25, 0],
  ['Q7 STAR sell 150 of 150', STAR, SELL, LIMIT, 150, 150, 0],
  ['Q7 STAR sell 150 of 350', STAR, SELL, LIMIT, 150, 350, reject.REJECT_LOT_MINIMUM],
  ['2.3 STAR sell 100 of 150', STAR, SELL, LIMIT, 100, 150, reject.REJECT_ODD_LOT_SELL],
  ['2.3 STAR sell 349 of 350', STAR, SELL, LIMIT, 349, 350, 0],
  ['2.3 BSE sell 130 of 130', BSE, SELL, LIMIT, 130, 130, 0],
  ['2.3 BSE sell 30 of 130', BSE, SELL, LIMIT, 30, 130, reject.REJECT_LOT_MINIMUM],
  ['2.3 main sell 250 of 250', MAIN, SELL, LIMIT, 250, 250, 0],
  ['2.3 main sell 150 of 250', MAIN, SELL, LIMIT, 150, 250, 0],
  ['2.3 main sell 30 of 250', MAIN, SELL, LIMIT, 30, 250, reject.REJECT_ODD_LOT_SELL],
  ['2.3 main sell 120 of 250', MAIN, SELL, LIMIT, 120, 250, reject.REJECT_ODD_LOT_SELL],
  ['main sell 150 of 300', MAIN, SELL, LIMIT, 150, 300, reject.REJECT_LOT_STEP],
  ['main sell 50, holding unknown', MAIN, SELL, LIMIT, 50, -1, reject.REJECT_LOT_MINIMUM],
];

describe('validation kernel', () => {
  let kernel: ValidationKernel;
  beforeEach(() => {
    kernel = loadKernels({ maxInstruments: 2, maxOrders: 1, maxLevels: 1 }).validate;
  });

  test.each(QUANTITIES)('%s', (_what, values, side, kind, qty, sellable, code) => {
    expect(kernel.setRules(0, plainRules(values))).toBe(BookCode.OK);
    expect(kernel.validateOrder(0, side, kind, 100_000, qty, sellable, 0)).toBe(code);
  });

  const prices: readonly [string, number, number, number, number][] = [
    ['on the tick', LIMIT, 100_100, 100, 0],
    ['off the tick (Q11)', LIMIT, 100_050, 100, reject.REJECT_OFF_TICK],
    ['at the upper limit', LIMIT, 110_000, 100, 0],
    ['above the upper limit', LIMIT, 110_100, 100, reject.REJECT_ABOVE_UPPER_LIMIT],
    ['at the lower limit', LIMIT, 90_000, 100, 0],
    ['below the lower limit', LIMIT, 89_900, 100, reject.REJECT_BELOW_LOWER_LIMIT],
    ['no price on a limit order', LIMIT, 0, 100, reject.REJECT_PRICE_NOT_POSITIVE],
    ['a negative price', IOC, -100, 100, reject.REJECT_PRICE_NOT_POSITIVE],
    ['no price on a market order', IOC, 0, 100, 0],
    ['a protection price above the limit', IOC, 110_100, 100, reject.REJECT_ABOVE_UPPER_LIMIT],
    ['no quantity', LIMIT, 100_000, 0, reject.REJECT_QTY_NOT_POSITIVE],
    ['a negative quantity', LIMIT, 100_000, -100, reject.REJECT_QTY_NOT_POSITIVE],
    ['an unknown kind', 8, 100_000, 100, reject.REJECT_KIND_NOT_SUPPORTED],
    ['kind 0', 0, 100_000, 100, reject.REJECT_KIND_NOT_SUPPORTED],
  ];
  test.each(prices)('%s', (_what, kind, priceE4, qty, code) => {
    kernel.setRules(0, plainRules(MAIN));
    expect(kernel.validateOrder(0, BUY, kind, priceE4, qty, 0, 0)).toBe(code);
  });

  test('gives the first violated rule when several are', () => {
    kernel.setRules(0, plainRules(MAIN));
    expect(kernel.validateOrder(0, 3, 9, -1, 0, 0, 0)).toBe(reject.REJECT_SIDE);
    expect(kernel.validateOrder(0, BUY, LIMIT, 120_050, 7, 0, 0)).toBe(reject.REJECT_OFF_TICK);
    expect(kernel.validateOrder(0, BUY, LIMIT, 120_000, 7, 0, 0)).toBe(
      reject.REJECT_ABOVE_UPPER_LIMIT,
    );
  });

  test('a day without limits takes any price on the tick (Q11 for a fund)', () => {
    kernel.setRules(0, plainRules(FUND));
    expect(kernel.validateOrder(0, BUY, LIMIT, 40_050, 100, 0, 0)).toBe(0);
    expect(kernel.validateOrder(0, BUY, LIMIT, 2_000_000_000, 100, 0, 0)).toBe(0);
  });

  test('refuses an instrument without static data', () => {
    for (const instr of [1, 2, -1]) {
      const code = kernel.validateOrder(instr, BUY, LIMIT, 100_000, 100, 0, 0);
      expect(code).toBe(reject.REJECT_UNKNOWN_INSTRUMENT);
    }
  });

  test('refuses static data that contradicts itself and keeps the old', () => {
    kernel.setRules(0, plainRules(MAIN));
    const bad: Partial<InstrumentStatic>[] = [
      ...[{ tickE4: 0 }, { buyMin: 0 }, { buyStep: 0 }, { sellMin: -1 }, { sellStep: 0 }],
      ...[{ maxQty: 99 }, { maxMarketQty: 1_000_001 }, { upperE4: 89_900 }, { lowerE4: -1 }],
    ];
    for (const change of bad) {
      expect(kernel.setRules(0, plainRules({ ...MAIN, ...change }))).toBe(BookCode.BAD_STATIC);
    }
    expect(kernel.setRules(2, plainRules(MAIN))).toBe(BookCode.UNKNOWN_INSTRUMENT);
    expect(kernel.validateOrder(0, BUY, LIMIT, 100_000, 100, 0, 0)).toBe(0);
  });

  test('the batch form gives the single answers', () => {
    kernel.setRules(0, plainRules(MAIN));
    QUANTITIES.forEach(([, , side, kind, qty, sellable], i) => {
      kernel.writeCheck(i, 0, side, kind, 100_000, qty, sellable, 0);
    });
    expect(kernel.validateBatch(0, QUANTITIES.length)).toBe(QUANTITIES.length);
    QUANTITIES.forEach(([, , side, kind, qty, sellable], i) => {
      const single = kernel.validateOrder(0, side, kind, 100_000, qty, sellable, 0);
      expect(kernel.checkResult(i)).toBe(single);
    });
    expect(kernel.validateBatch(0, kernel.checkCapacity + 1)).toBe(BookCode.BAD_COUNT);
  });
});
