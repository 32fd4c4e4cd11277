// From targets to orders: never beyond the target, never short, lots kept, sells first.
// Run by vitest; the invariants are stated here in words of their own, not taken from the code.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planTargets } from '../../../engine/control/target-plan.ts';
import type { LotRule } from '../../../engine/core/ordering/lots.ts';
import type { Holding } from '../../../engine/core/ordering/target.ts';

const MAIN: LotRule = { buyMin: 100, buyStep: 100, sellMin: 100, sellStep: 100, maxQty: 1_000_000 };
const STAR: LotRule = { buyMin: 200, buyStep: 1, sellMin: 200, sellStep: 1, maxQty: 100_000 };
const A = '600001.SH';

function plan(target: number, held: Partial<Holding>, rule = MAIN) {
  const holding = { qty: 0, sellable: held.qty ?? 0, openBuy: 0, openSell: 0, ...held };
  const targets = [{ instrument: A, qty: target, line: 1 }];
  const found = planTargets(targets, new Map([[A, holding]]), new Map([[A, rule]]));
  const order = found.orders[0];
  return { order: order === undefined ? '' : `${order.side} ${order.qty}`, notes: found.notes };
}

describe('planTargets', () => {
  test.each([
    ['nothing to do', 500, { qty: 500 }, ''],
    ['buys whole lots', 1_050, { qty: 0 }, 'buy 1000'],
    ['counts a working buy', 500, { openBuy: 400 }, 'buy 100'],
    ['counts a working sell', 500, { qty: 500, openSell: 500, sellable: 0 }, 'buy 500'],
    ['sells what is above', 200, { qty: 500 }, 'sell 300'],
    ['leaves what was bought today', 0, { qty: 500, sellable: 200 }, 'sell 200'],
    ['sells the odd lot with all that is left', 0, { qty: 250 }, 'sell 250'],
    ['does not break a lot for a part', 150, { qty: 250 }, 'sell 100'],
    ['cannot sell 50 of 250', 200, { qty: 250 }, ''],
  ] as const)('%s', (_name, target, held, expected) => {
    expect(plan(target, held).order).toBe(expected);
  });

  test('knows the steps of STAR', () => {
    expect(plan(201, {}, STAR).order).toBe('buy 201');
    expect(plan(199, {}, STAR).order).toBe('');
    expect(plan(0, { qty: 150 }, STAR).order).toBe('sell 150');
  });

  test('says what it cannot reach', () => {
    expect(plan(0, { qty: 500, sellable: 0 }).notes[0]?.why).toContain('500 shares cannot be sold');
    expect(plan(50, {}).notes[0]?.why).toContain('steps of 100');
  });

  test('puts all sells before all buys', () => {
    const rules = new Map(['A', 'B', 'C'].map((name) => [name, MAIN]));
    const holdings = new Map([['B', { qty: 500, sellable: 500, openBuy: 0, openSell: 0 }]]);
    const targets = [
      { instrument: 'A', qty: 100, line: 1 },
      { instrument: 'B', qty: 0, line: 2 },
      { instrument: 'C', qty: 100, line: 3 },
    ];
    const sides = planTargets(targets, holdings, rules).orders.map(({ side }) => side);
    expect(sides).toEqual(['sell', 'buy', 'buy']);
  });

  test('never leads beyond a target, sells short or breaks a rule, whatever is held', () => {
    const size = fc.integer({ min: 0, max: 5_000 });
    const held = fc.record({ qty: size, sold: size, openBuy: size, openSell: size });
    const rule = fc.constantFrom(MAIN, STAR, { ...MAIN, maxQty: 300 });
    fc.assert(
      fc.property(size, held, rule, (target, h, lots) => {
        const openSell = Math.min(h.openSell, h.qty);
        const sellable = Math.max(0, Math.min(h.sold, h.qty - openSell));
        const holding = { qty: h.qty, sellable, openBuy: h.openBuy, openSell };
        const targets = [{ instrument: A, qty: target, line: 1 }];
        const found = planTargets(targets, new Map([[A, holding]]), new Map([[A, lots]]));
        const before = h.qty + h.openBuy - openSell;
        expect(found.orders.length).toBeLessThanOrEqual(1);
        for (const { side, qty } of found.orders) {
          expect(qty).toBeGreaterThan(0);
          expect(qty).toBeLessThanOrEqual(lots.maxQty);
          if (side === 'buy') {
            expect(before + qty).toBeLessThanOrEqual(target);
            expect((qty - lots.buyMin) % lots.buyStep).toBe(0);
          } else {
            expect(before - qty).toBeGreaterThanOrEqual(target);
            expect(qty).toBeLessThanOrEqual(sellable);
            const whole = qty >= lots.sellMin && (qty - lots.sellMin) % lots.sellStep === 0;
            expect(whole || qty === sellable).toBe(true);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
