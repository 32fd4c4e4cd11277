// Fees: the worked examples of the rules sheet (13.6), rounding, the minimum per order, dates.
// Run by vitest. Always: expectations come from the rules, never from the code under test.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyFill } from '../../../engine/core/account.ts';
import {
  buyReserveE4,
  type FeeContract,
  type FeeSchedule,
  orderFeesE4,
} from '../../../engine/core/fees.ts';
import { SIDE_BUY, SIDE_SELL } from '../../../engine/messages/codes.ts';
import { feesFor } from '../../../engine/rules/fee-dates.ts';
import { builtInBook } from '../../../engine/rules/rule-book.ts';
import { subjectOf } from '../../../engine/rules/subject.ts';
import { FEES, openAccount, place } from './account-kit.ts';
import { modelFeesE4 } from './account-model.ts';

/** What cash gained, in yuan, when the fills of one order came one by one. */
function cashEffect(
  side: number,
  fills: readonly (readonly [qty: number, priceE4: number])[],
  fees: FeeSchedule = FEES,
): number {
  const account = openAccount({ cashE4: 2_000_000_000, qty: 100_000, fees });
  const all = fills.reduce((sum, [qty]) => sum + qty, 0);
  const slot = place(account, side, fills[0]![1], all);
  for (const [qty, priceE4] of fills) applyFill(account, slot, priceE4, qty);
  return (account.cash.cashE4 - 2_000_000_000) / 10_000;
}

const CONTRACT: FeeContract = {
  ...{ commissionRateE7: 2_500, commissionMinE4: 50_000, commissionNet: false },
  ...{ stampDutyRateE7: null, transferRateE7: null },
};

/** The fees of a symbol by the rule book of a day. */
function ruled(symbol: string, contract: Partial<FeeContract> = {}, day = 20_260_810): FeeSchedule {
  const rules = builtInBook().on(day);
  return feesFor({ ...CONTRACT, ...contract }, rules, subjectOf(rules, symbol));
}

const SHARE = '000001.SZ';
const NO_DUTY = { ...FEES, stampDutyRateE7: 0, transferRateE7: 0 };
const BOND = ruled('113050.SH', { commissionRateE7: 500, commissionMinE4: 0 });

describe('fees of the rules sheet 13.6', () => {
  const cases: readonly [string, number, readonly [number, number][], number, FeeSchedule?][] = [
    ['F1 a small buy pays the minimum', SIDE_BUY, [[300, 125_400]], -3_767.04, ruled(SHARE)],
    ['F2 a sell pays stamp duty', SIDE_SELL, [[10_000, 125_400]], 125_304.7, ruled(SHARE)],
    [
      'F3 a net commission pays handling and regulatory fee on top',
      SIDE_SELL,
      [[10_000, 125_400]],
      125_297.91,
      ruled(SHARE, { commissionNet: true }),
    ],
    [
      'F4 three fills of one sell pay one minimum',
      SIDE_SELL,
      [
        [100, 101_100],
        [100, 101_100],
        [100, 101_100],
      ],
      3_026.45,
      ruled(SHARE),
    ],
    ['F5 a fund pays commission only', SIDE_SELL, [[10_000, 12_340]], 12_335, ruled('510300.SH')],
    ['F6 a bond without minimum', SIDE_BUY, [[10, 1_184_560]], -1_184.62, BOND],
    [
      'F7 the duty before 2023-08-28',
      SIDE_SELL,
      [[10_000, 125_400]],
      125_242,
      ruled(SHARE, {}, 20_230_825),
    ],
    [
      'F8 two parts of one buy pay one minimum',
      SIDE_BUY,
      [
        [400, 100_000],
        [600, 100_000],
      ],
      -10_005.1,
      ruled('600000.SH'),
    ],
  ];
  for (const [name, side, fills, yuan, fees] of cases) {
    test(name, () => expect(cashEffect(side, fills, fees)).toBe(yuan));
  }
});

test('an account charges each instrument by its own schedule, and reserves by it', () => {
  const account = openAccount({ cashE4: 2_000_000_000, qty: 100_000, fees: FEES, instruments: 2 });
  account.fees[1] = BOND;
  const sold = place(account, SIDE_SELL, 100_000, 100, 1);
  applyFill(account, sold, 100_000, 100);
  expect(account.cash.feesE4).toBe(500);
  place(account, SIDE_BUY, 100_000, 100, 1);
  expect(account.cash.reservedE4).toBe(10_000_500);
});

describe('an order that trades in parts', () => {
  test('pays in the end what it would have paid in one fill, however it was cut', () => {
    const parts = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 12 });
    const side = fc.integer({ min: 1, max: 2 });
    fc.assert(
      fc.property(side, parts, fc.integer({ min: 1, max: 20_000 }), (way, qtys, ticks) => {
        const priceE4 = ticks * 100;
        const all = qtys.reduce((sum, qty) => sum + qty, 0);
        const cut = cashEffect(
          way,
          qtys.map((qty) => [qty, priceE4] as const),
        );
        expect(cut).toBe(cashEffect(way, [[all, priceE4]]));
      }),
      { numRuns: 2_000, seed: 7 },
    );
  });
});

describe('each item', () => {
  test('is rounded half up to the fen', () => {
    // 0.05 % of 10.00 yuan is half a fen; a ten-thousandth of a yuan less is below it.
    const duty = { ...NO_DUTY, commissionRateE7: 0, commissionMinE4: 0, stampDutyRateE7: 5_000 };
    expect(orderFeesE4(duty, SIDE_SELL, 100_000)).toBe(100);
    expect(orderFeesE4(duty, SIDE_SELL, 99_999)).toBe(0);
    expect(orderFeesE4(duty, SIDE_SELL, 300_000)).toBe(200);
  });

  test('agrees with exact arithmetic up to amounts of a hundred million yuan', () => {
    const rate = fc.integer({ min: 0, max: 30_000 });
    const amount = fc.integer({ min: 1, max: 1_000_000_000_000 });
    fc.assert(
      fc.property(amount, rate, rate, fc.integer({ min: 1, max: 2 }), (all, one, two, side) => {
        const fees = { ...FEES, commissionRateE7: one, stampDutyRateE7: two };
        expect(orderFeesE4(fees, side, all)).toBe(modelFeesE4(fees, side, all));
      }),
      { numRuns: 20_000, seed: 11 },
    );
  });

  test('costs nothing while nothing has traded', () => {
    expect(orderFeesE4(FEES, SIDE_BUY, 0)).toBe(0);
    expect(buyReserveE4(FEES, SIDE_BUY, 5_000_000, 0)).toBe(0);
  });
});
