// The order helpers of a strategy's context, as tables: lots of each board, budgets with fees,
// targets with working orders, prices from book, cage and limits (rules sheet 2.2, 2.3, 4.1, 13.2).
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { orderFeesE4 } from '../../../engine/core/fees.ts';
import { affordableQty, buyCostE4 } from '../../../engine/core/ordering/budget.ts';
import { floorBuyQty, floorSellQty } from '../../../engine/core/ordering/lots.ts';
import {
  REJECT_CASH,
  REJECT_LOT_STEP,
  REJECT_NONE,
  REJECT_SELLABLE,
  REJECT_STALE_QUOTE,
  REJECT_SUSPENDED,
} from '../../../engine/core/reject-code.ts';
import {
  FLAG_STALE,
  KIND_BEST5_CANCEL,
  PHASE_HALTED,
  PHASE_OPENING_CALL,
  SIDE_BUY,
  SIDE_SELL,
  STATUS_ACCEPTED,
  STATUS_CANCELLED,
} from '../../../engine/core/strategy.ts';
import {
  at,
  BOARDS,
  BOND,
  BSE,
  ETF,
  FEES,
  MAIN,
  OPEN,
  S,
  STAR,
  strategyDesk,
} from '../../support/strategy-desk.ts';

const TEN = { bid: 99_900, ask: 100_000 };
const LOW = { upperLimitE4: 40_000, lowerLimitE4: 20_000 };
const FIRST = { intentNo: 1, instrument: MAIN, side: SIDE_BUY, priceE4: 102_000 };

/** Rich, with a book of 10.00 in every instrument. */
function rich(cashE4 = 1e12) {
  const desk = strategyDesk();
  desk.cash(cashE4);
  for (const { index } of BOARDS) desk.tick(index, OPEN + S, TEN);
  return desk;
}

describe('shares are floored to the step of the board', () => {
  test.each([
    ['main', MAIN, 99, 0],
    ['main', MAIN, 150, 100],
    ['main', MAIN, 1_000_100, 1_000_000],
    ['STAR', STAR, 199, 0],
    ['STAR', STAR, 200, 200],
    ['STAR', STAR, 201.9, 201],
    ['STAR', STAR, 100_001, 100_000],
    ['BSE', BSE, 99, 0],
    ['BSE', BSE, 101, 101],
    ['bond', BOND, 9, 0],
    ['bond', BOND, 25, 20],
    ['ETF', ETF, 250, 200],
  ])('%s: a buy in instrument %d of %d is %d', (_, board, wanted, expected) => {
    const desk = rich();
    const no = desk.ctx.order(board, wanted);
    if (expected === 0) {
      expect([no, desk.ctx.rest]).toEqual([
        -REJECT_LOT_STEP,
        { qty: wanted, code: REJECT_LOT_STEP },
      ]);
    } else {
      expect(desk.asked()[0]).toMatch(new RegExp(`^buy ${expected} at `));
      expect(desk.ctx.rest.qty).toBeCloseTo(wanted - expected);
    }
  });

  test.each([
    ['main, part', MAIN, 250, 120, 100],
    ['main, all with the odd lot', MAIN, 250, 250, 250],
    ['main, odd part alone stays', MAIN, 250, 50, 0],
    ['STAR, below the minimum stays', STAR, 350, 150, 0],
    ['STAR, all that is left below 200', STAR, 150, 150, 150],
    ['BSE, any number from 100', BSE, 130, 101, 101],
    ['bond, odd', BOND, 25, 25, 25],
    ['more than is sellable', MAIN, 300, 500, 300],
  ])('a sell: %s', (_, board, held, wanted, expected) => {
    const desk = rich();
    desk.hold(board, held);
    desk.ctx.order(board, -wanted);
    expect(desk.asked().map((text) => text.split(' at')[0])).toEqual(
      expected === 0 ? [] : [`sell ${expected}`],
    );
    expect(desk.ctx.rest.qty).toBe(wanted - expected);
  });

  test('never up, never beyond what is free, and one step more is too much', () => {
    const wanted = fc.integer({ min: 0, max: 1_200_000 });
    fc.assert(
      fc.property(wanted, wanted, fc.constantFrom(...BOARDS), (qty, free, rule) => {
        const buy = floorBuyQty(qty, rule);
        expect(buy).toBeLessThanOrEqual(qty);
        if (buy > 0) expect((buy - rule.buyMin) % rule.buyStep).toBe(0);
        if (buy < rule.maxQty) expect(buy + rule.buyStep > qty || buy === 0).toBe(true);
        const sell = floorSellQty(qty, free, rule);
        expect(sell).toBeLessThanOrEqual(Math.min(qty, free));
        expect(sell === free || sell === 0 || sell >= rule.sellMin).toBe(true);
      }),
    );
  });
});

describe('a budget', () => {
  test.each([
    ['covers more than the price', 10_200_000, MAIN, 0],
    ['covers the minimum commission of 5 yuan, and transfer', 10_250_099, MAIN, 0],
    ['to the fen', 10_250_100, MAIN, 100],
    ['of ten lots', 102_280_000, MAIN, 1_000],
    ['of STAR steps', 20_500_000, STAR, 200],
    ['of bond steps of ten', 2_100_000, BOND, 20],
  ])('%s', (_, budgetE4, board, expected) => {
    const desk = rich();
    desk.ctx.orderValue(board, budgetE4);
    const asked = desk.asked().map((text) => Number(text.split(' ')[1]));
    expect(asked).toEqual(expected === 0 ? [] : [expected]);
  });

  test('is never overspent, and one step more would overspend it', () => {
    const budget = fc.integer({ min: 1, max: 2_000_000_000 });
    const price = fc.integer({ min: 10, max: 30_000 }).map((ticks) => ticks * 100);
    fc.assert(
      fc.property(budget, price, fc.constantFrom(...BOARDS), (budgetE4, priceE4, rule) => {
        const qty = affordableQty(FEES, rule, budgetE4, priceE4);
        const spent = qty * priceE4 + (qty > 0 ? orderFeesE4(FEES, SIDE_BUY, qty * priceE4) : 0);
        expect(spent).toBeLessThanOrEqual(budgetE4);
        const more = qty === 0 ? rule.buyMin : qty + rule.buyStep;
        if (more <= rule.maxQty) {
          expect(buyCostE4(FEES, more, priceE4)).toBeGreaterThan(budgetE4);
        }
      }),
    );
  });

  test('is cut to the cash that no working order holds, and the rest is told', () => {
    const desk = rich(30_000_000);
    expect(desk.ctx.orderValue(MAIN, 20_520_000)).toBe(1);
    expect(desk.ctx.orderValue(STAR, 50_000_000)).toBe(-REJECT_CASH);
    expect(desk.ctx.rest.code).toBe(REJECT_CASH);
    expect(desk.asked()).toEqual(['buy 200 at 10.2']);
  });

  test('of a share of the account counts cash and market value', () => {
    const desk = rich();
    desk.cash(60_000_000, 0, 40_000_000);
    desk.ctx.orderPercent(MAIN, 0.25);
    desk.ctx.orderTargetPercent(BSE, 0.25);
    expect(desk.asked()).toEqual(['buy 200 at 10.2', 'buy 237 at 10.5']);
  });
});

describe('a target', () => {
  test('counts what this very hook asked for', () => {
    const desk = rich();
    expect([desk.ctx.orderTarget(MAIN, 500), desk.ctx.orderTarget(MAIN, 500)]).toEqual([1, 0]);
    expect(desk.asked()).toHaveLength(1);
  });

  test('counts working orders, fills before the position is told, and ends', () => {
    const desk = rich();
    desk.ctx.orderTarget(MAIN, 500);
    desk.order({ ...FIRST, qty: 500, status: STATUS_ACCEPTED });
    expect(desk.ctx.orderTarget(MAIN, 500)).toBe(0);
    desk.fill({ ...FIRST, qty: 200, leavesQty: 300 });
    expect(desk.ctx.orderTarget(MAIN, 500)).toBe(0);
    desk.order({ ...FIRST, qty: 500, filledQty: 200, status: STATUS_ACCEPTED });
    desk.hold(MAIN, 200, 0);
    expect(desk.ctx.orderTarget(MAIN, 500)).toBe(0);
    desk.order({ ...FIRST, qty: 500, filledQty: 200, status: STATUS_CANCELLED });
    expect(desk.ctx.orderTarget(MAIN, 500)).toBeGreaterThan(0);
    expect(desk.asked()).toEqual(['buy 500 at 10.2', 'buy 300 at 10.2']);
  });

  test('forgets an order that was refused', () => {
    const desk = rich();
    desk.ctx.orderTarget(MAIN, 500);
    desk.refuse(1, REJECT_CASH);
    expect(desk.ctx.orderTarget(MAIN, 500)).toBe(2);
  });

  test('of 0 sells the odd lot with the rest, and what T+1 locks is told', () => {
    const desk = rich();
    desk.hold(MAIN, 350, 250);
    desk.ctx.orderTarget(MAIN, 0);
    expect(desk.asked()).toEqual(['sell 250 at 9.79']);
    expect(desk.ctx.rest).toEqual({ qty: 100, code: REJECT_SELLABLE });
  });

  test('sells nothing that a working sell has offered already, ours or another one', () => {
    const desk = rich();
    desk.hold(MAIN, 1_000, 700, 300);
    desk.ctx.order(MAIN, -400);
    expect(desk.ctx.orderTarget(MAIN, 0)).toBeGreaterThan(0);
    expect(desk.asked()).toEqual(['sell 400 at 9.79', 'sell 300 at 9.79']);
    expect(desk.ctx.rest).toEqual({ qty: 300, code: REJECT_SELLABLE });
  });

  test('in money leads both ways, and to nothing at 0', () => {
    const desk = rich();
    desk.hold(MAIN, 1_050);
    desk.ctx.orderTargetValue(MAIN, 50_000_000);
    desk.ctx.orderTargetValue(STAR, 30_000_000);
    expect(desk.asked()).toEqual(['sell 500 at 9.79', 'buy 293 at 10.2']);
    desk.hold(BSE, 130);
    desk.ctx.orderTargetValue(BSE, 0);
    expect(desk.asked()).toEqual(['sell 130 at 9.49']);
  });

  test('that is no number, or below 0, is refused', () => {
    const desk = rich();
    for (const target of [Number.NaN, -100]) {
      expect(desk.ctx.orderTarget(MAIN, target)).toBeLessThan(0);
    }
    expect([desk.ctx.order(MAIN, Number.NaN), desk.ctx.orderValue(9, 1)]).toEqual([-207, -101]);
    expect(desk.asked()).toEqual([]);
  });
});

describe('the price', () => {
  test.each([
    ['main: 2 % of the best ask', MAIN, SIDE_BUY, { bid: 99_900, ask: 100_000 }, 10.2],
    ['main: ten ticks where that is more', MAIN, SIDE_BUY, { ask: 32_000, fields: LOW }, 3.3],
    ['main: half up', MAIN, SIDE_BUY, { ask: 105_500 }, 10.76],
    ['main: the upper limit is nearer', MAIN, SIDE_BUY, { ask: 109_000 }, 11],
    ['main: sealed, the own side', MAIN, SIDE_BUY, { bid: 110_000 }, 11],
    ['STAR: 2 % alone', STAR, SIDE_BUY, { ask: 32_000, fields: LOW }, 3.26],
    ['BSE: 5 %', BSE, SIDE_BUY, { ask: 100_000 }, 10.5],
    ['BSE: a sell', BSE, SIDE_SELL, { bid: 80_000 }, 7.6],
    ['main: a sell', MAIN, SIDE_SELL, { bid: 100_000 }, 9.8],
    ['main: a sell at the lower limit', MAIN, SIDE_SELL, { bid: 90_500 }, 9],
    ['ETF: no cage, 2 % all the same', ETF, SIDE_BUY, { ask: 100_000 }, 10.2],
    ['main: an empty book, the last trade', MAIN, SIDE_BUY, { last: 95_000 }, 9.69],
  ])('%s', (_, board, side, book, expected) => {
    const desk = strategyDesk();
    desk.cash(1e12);
    desk.hold(board, 1_000);
    desk.tick(board, OPEN + S, book);
    desk.ctx.order(board, side === SIDE_BUY ? 200 : -1_000);
    expect(desk.asked()[0]?.split(' at ')[1]).toBe(String(expected));
  });

  test.each([
    ['upper limit for a buy', 100, 11],
    ['lower limit for a sell', -100, 9],
  ])('in a call is the day’s %s', (_, qty, expected) => {
    const desk = strategyDesk();
    desk.cash(1e12);
    desk.hold(MAIN, 1_000);
    const fields = { phase: PHASE_OPENING_CALL };
    desk.tick(MAIN, at(9, 16), { bid: 100_000, ask: 100_000, fields });
    desk.ctx.order(MAIN, qty);
    expect(desk.asked()[0]?.split(' at ')[1]).toBe(String(expected));
  });

  test('of a stale, an old, a missing or a halted book is refused', () => {
    const desk = rich();
    desk.tick(MAIN, OPEN + 2 * S, { ...TEN, fields: { flags: FLAG_STALE } });
    expect(desk.ctx.order(MAIN, 100)).toBe(-REJECT_STALE_QUOTE);
    desk.tick(MAIN, OPEN + 3 * S, { ...TEN, fields: { phase: PHASE_HALTED } });
    expect(desk.ctx.order(MAIN, 100)).toBe(-REJECT_SUSPENDED);
    desk.tick(ETF, OPEN + 90 * S, TEN);
    expect(desk.ctx.order(STAR, 200)).toBe(-REJECT_STALE_QUOTE);
    expect(desk.ctx.order(STAR, 200, { maxAgeS: 120 })).toBeGreaterThan(0);
    const fresh = strategyDesk();
    fresh.cash(1e12);
    fresh.tick(ETF, OPEN + S, TEN);
    expect(fresh.ctx.order(MAIN, 100)).toBe(-REJECT_STALE_QUOTE);
  });

  test('and the kind are the strategy’s own when it names them', () => {
    const desk = rich();
    desk.ctx.order(MAIN, 100, { priceE4: 99_000 });
    desk.ctx.order(MAIN, 100, { kind: KIND_BEST5_CANCEL });
    expect(desk.sent()).toMatchObject([
      { priceE4: 99_000, kind: 1 },
      { priceE4: 102_000, kind: KIND_BEST5_CANCEL },
    ]);
    expect(desk.ctx.rest).toEqual({ qty: 0, code: REJECT_NONE });
  });
});
