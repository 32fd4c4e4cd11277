// Fees from the dated rows: the worked examples of the rules sheet, section 13.6 (F1, F2, F5 to
// F8), and the statutory switches of section 9.1. Amounts in 1/10,000 yuan.
import { describe, expect, test } from 'vitest';
import { type FeeSchedule, orderFeesE4 } from '../../../engine/core/fees.ts';
import { feesFor, feesOn } from '../../../engine/rules/fee-dates.ts';
import { RuleBook } from '../../../engine/rules/rule-book.ts';
import type { FundType } from '../../../engine/rules/rule-row.ts';
import { subjectOf } from '../../../engine/rules/subject.ts';

const book = new RuleBook();
const BASE: FeeSchedule = {
  commissionRateE7: 2_500,
  commissionMinE4: 50_000,
  stampDutyRateE7: 1,
  transferRateE7: 1,
};

function fees(day: number, symbol: string, base: FeeSchedule = BASE): FeeSchedule {
  const rules = book.on(day);
  return feesFor(base, rules, subjectOf(rules, symbol));
}

describe('rules sheet 13.6', () => {
  test.each<[string, number, string, 1 | 2, number, number]>([
    ['F1', 20260810, '000001.SZ', 1, 37_620_000, 50_400],
    ['F2', 20260810, '000001.SZ', 2, 1_254_000_000, 953_000],
    ['F5', 20260810, '510300.SH', 2, 123_400_000, 50_000],
    ['F7', 20230825, '000001.SZ', 2, 1_254_000_000, 1_580_000],
    ['F8', 20260810, '600000.SH', 1, 100_000_000, 51_000],
  ])('%s on %i: %s', (_, day, symbol, side, amountE4, total) => {
    expect(orderFeesE4(fees(day, symbol), side, amountE4)).toBe(total);
  });

  test('F6: a convertible bond pays neither stamp duty nor transfer fee', () => {
    const base = { ...BASE, commissionRateE7: 500, commissionMinE4: 0 };
    expect(orderFeesE4(fees(20260810, '113050.SH', base), 1, 11_845_600)).toBe(600);
  });
});

describe('feesOn', () => {
  test.each([
    [20230827, 10_000, 100],
    [20230828, 5_000, 100],
    [20220428, 10_000, 200],
    [20220429, 10_000, 100],
    [20150731, 10_000, 1],
    [20080918, 1, 1],
  ])('on %i stamp duty is %i and transfer fee %i in 1e-7', (day, stamp, transfer) => {
    expect(feesOn(BASE, day)).toEqual({
      ...BASE,
      stampDutyRateE7: stamp,
      transferRateE7: transfer,
    });
  });

  test('is right for shares of every board, since callers do not say which', () => {
    for (const symbol of ['600000.SH', '688981.SH', '000001.SZ', '300010.SZ', '920002.BJ']) {
      for (const day of [20220428, 20230825, 20260810]) {
        if (symbol === '920002.BJ' && day < 20211115) continue;
        expect(fees(day, symbol), `${symbol} ${day}`).toEqual(feesOn(BASE, day));
      }
    }
  });
});

test('handling fee of the exchanges: halved in 2023, none for bond and money funds', () => {
  const handling = (day: number, symbol: string, type?: FundType) => {
    const rules = book.on(day);
    return rules.find('fee', subjectOf(rules, symbol, { type }), 'handling-fee')?.value.rateE7;
  };
  expect(handling(20230825, '600000.SH')).toBe(487);
  expect(handling(20230828, '600000.SH')).toBe(341);
  expect(handling(20260810, '510300.SH')).toBe(400);
  expect(handling(20260810, '511880.SH')).toBe(0);
  expect(handling(20260810, '159001.SZ', 'money')).toBe(0);
});
