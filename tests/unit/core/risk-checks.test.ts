// Pre-trade checks against a reference of a few lines each, and approvals that nothing forges.
// Run by vitest. Always: expectations come from the rules, never from the code under test.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as code from '../../../engine/core/reject-code.ts';
import {
  approvalOf,
  checkOrder,
  countOrder,
  type RiskLimits,
  RiskState,
  ruleSetHash,
} from '../../../engine/core/risk-checks.ts';
import { SIDE_BUY } from '../../../engine/messages/codes.ts';

interface Case {
  readonly account: number;
  readonly side: number;
  readonly priceE4: number;
  readonly valueE4: number;
  readonly lastE4: number;
  readonly qty: number;
  readonly exposureQty: number;
  readonly waitNs: number;
}

/** The slow reference: keeps the times of all orders it let through. */
class Reference {
  readonly #limits: RiskLimits;
  readonly #passed: number[][] = [[], []];
  killed = [false, false];

  constructor(limits: RiskLimits) {
    this.#limits = limits;
  }

  check(order: Case, nowNs: number): number {
    const limits = this.#limits;
    if (this.killed[order.account]) return code.REJECT_KILLED;
    if (order.valueE4 <= 0) return code.REJECT_NO_REFERENCE_PRICE;
    if (limits.maxOrderAmountE4 > 0 && order.valueE4 * order.qty > limits.maxOrderAmountE4) {
      return code.REJECT_ORDER_AMOUNT;
    }
    const buys = order.side === SIDE_BUY && limits.maxPositionQty > 0;
    if (buys && order.exposureQty > limits.maxPositionQty) return code.REJECT_POSITION;
    if (limits.maxPriceDeviationE4 > 0 && order.lastE4 > 0 && order.priceE4 > 0) {
      const off = BigInt(Math.abs(order.priceE4 - order.lastE4)) * 10_000n;
      const allowed = BigInt(order.lastE4) * BigInt(limits.maxPriceDeviationE4);
      if (off > allowed) return code.REJECT_PRICE_DEVIATION;
    }
    const passed = this.#passed[order.account]!;
    const recent = passed.filter((at) => nowNs - at < 1_000_000_000).length;
    const rate = limits.maxOrdersPerSecond;
    if (rate > 0 && recent >= rate) return code.REJECT_ORDER_RATE;
    passed.push(nowNs);
    return code.REJECT_NONE;
  }
}

const order: fc.Arbitrary<Case> = fc.record({
  account: fc.integer({ min: 0, max: 1 }),
  side: fc.integer({ min: 1, max: 2 }),
  priceE4: fc.oneof(fc.constant(0), fc.integer({ min: 90_000, max: 110_000 })),
  valueE4: fc.oneof(
    { weight: 1, arbitrary: fc.constant(0) },
    {
      weight: 20,
      arbitrary: fc.integer({ min: 90_000, max: 110_000 }),
    },
  ),
  lastE4: fc.oneof(fc.constant(0), fc.constant(100_000), fc.integer({ min: 90_000, max: 110_000 })),
  qty: fc.integer({ min: 1, max: 2_000 }),
  exposureQty: fc.integer({ min: -100, max: 2_000 }),
  waitNs: fc.constantFrom(0, 1, 300_000_000, 500_000_000, 999_999_999, 1_000_000_000),
});

const limits: fc.Arbitrary<RiskLimits> = fc.record({
  maxOrderAmountE4: fc.constantFrom(0, 100_000_000, 190_000_000),
  maxPositionQty: fc.constantFrom(0, 1_000, 1_900),
  maxOrdersPerSecond: fc.constantFrom(0, 1, 2, 5),
  maxPriceDeviationE4: fc.constantFrom(0, 300, 700),
});

test('every check answers like its reference, in a hundred thousand random orders', () => {
  const seen = new Map<number, number>();
  let cases = 0;
  fc.assert(
    fc.property(limits, fc.array(order, { minLength: 200, maxLength: 200 }), (rules, orders) => {
      const state = new RiskState(rules, 2);
      const reference = new Reference(rules);
      let nowNs = 0;
      for (const [n, one] of orders.entries()) {
        nowNs += one.waitNs;
        if (n === 150) {
          reference.killed[0] = true;
          state.killed[0] = 1;
        }
        const { account, side, priceE4, valueE4, lastE4, qty, exposureQty } = one;
        state.now[0] = nowNs;
        const found = checkOrder(state, account, side, priceE4, valueE4, lastE4, qty, exposureQty);
        if (found !== reference.check(one, nowNs)) expect.fail(`${JSON.stringify(one)} ${found}`);
        seen.set(found, (seen.get(found) ?? 0) + 1);
        cases++;
      }
    }),
    { numRuns: 600, seed: 10 },
  );
  expect(cases).toBeGreaterThanOrEqual(100_000);
  const all = [0, 102, 301, 302, 303, 304, 305];
  expect([...seen.keys()].sort((a, b) => a - b)).toEqual(all);
});

test('orders of an earlier life count against the rate', () => {
  const state = new RiskState(
    { maxOrderAmountE4: 0, maxPositionQty: 0, maxOrdersPerSecond: 1, maxPriceDeviationE4: 0 },
    1,
  );
  countOrder(state, 0, 5e9);
  const check = (nowNs: number) => {
    state.now[0] = nowNs;
    return checkOrder(state, 0, SIDE_BUY, 1, 1, 0, 1, 1);
  };
  expect([check(5.9e9), check(6e9)]).toEqual([code.REJECT_ORDER_RATE, code.REJECT_NONE]);
});

describe('an approval', () => {
  test('is never 0 and changes with every single field it covers', () => {
    const int = fc.integer();
    const fields = fc.tuple(
      int,
      int,
      fc.nat(6_000),
      fc.integer({ min: 1, max: 2 }),
      fc.nat(),
      fc.nat(),
    );
    fc.assert(
      fc.property(fields, fc.nat(5), fc.integer({ min: 1, max: 2 ** 20 }), (all, which, by) => {
        const changed = [...all] as typeof all;
        changed[which] = which === 3 ? 3 - all[3] : all[which]! ^ by;
        expect(approvalOf(...all)).not.toBe(0);
        expect(approvalOf(...changed)).not.toBe(approvalOf(...all));
      }),
      { numRuns: 50_000, seed: 12 },
    );
  });
});

test('the hash of a rule set changes with every limit, also beyond int32', () => {
  const base: RiskLimits = {
    maxOrderAmountE4: 5_000_000_000_000,
    maxPositionQty: 100_000,
    maxOrdersPerSecond: 50,
    maxPriceDeviationE4: 300,
  };
  const hashes = new Set([ruleSetHash(base)]);
  for (const name of Object.keys(base) as (keyof RiskLimits)[]) {
    hashes.add(ruleSetHash({ ...base, [name]: base[name] + 1 }));
    hashes.add(ruleSetHash({ ...base, [name]: base[name] + 2 ** 32 }));
  }
  expect(hashes.size).toBe(9);
});
