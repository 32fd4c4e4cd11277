// Fees from the dated rows: the worked examples of the rules sheet, section 13.6 (F1, F2, F3, F5 to
// F8), and the statutory switches of section 9.1. Amounts in 1/10,000 yuan.
import { describe, expect, test } from 'vitest';
import { type FeeContract, type FeeSchedule, orderFeesE4 } from '../../../engine/core/fees.ts';
import { feeAlerts, feeSchedules, feesFor } from '../../../engine/rules/fee-dates.ts';
import { RuleBook } from '../../../engine/rules/rule-book.ts';
import type { FundType } from '../../../engine/rules/rule-row.ts';
import { subjectOf } from '../../../engine/rules/subject.ts';
import { makeInstrument } from '../../support/instruments.ts';

const book = new RuleBook();
const BASE: FeeContract = {
  commissionRateE7: 2_500,
  commissionMinE4: 50_000,
  commissionNet: false,
  stampDutyRateE7: null,
  transferRateE7: null,
};

function fees(day: number, symbol: string, base: FeeContract = BASE): FeeSchedule {
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

describe('statutory rates', () => {
  test.each([
    [20230827, 10_000, 100],
    [20230828, 5_000, 100],
    [20220428, 10_000, 200],
    [20220429, 10_000, 100],
    [20150731, 10_000, 0],
    [20080918, 0, 0],
  ])('on %i stamp duty is %i and transfer fee %i in 1e-7', (day, stamp, transfer) => {
    expect(fees(day, '600000.SH')).toEqual({
      ...{ commissionRateE7: 2_500, commissionMinE4: 50_000 },
      ...{ stampDutyRateE7: stamp, transferRateE7: transfer },
      ...{ handlingRateE7: 0, regulatoryRateE7: 0 },
    });
  });

  test('are the same for shares of every board', () => {
    for (const symbol of ['688981.SH', '000001.SZ', '300010.SZ', '920002.BJ']) {
      for (const day of [20220428, 20230825, 20260810]) {
        expect(fees(day, symbol), `${symbol} ${day}`).toEqual(fees(day, '600000.SH'));
      }
    }
  });

  test('of the contract win for shares, with an alert, and charge no kind that pays none', () => {
    const contract = { ...BASE, stampDutyRateE7: 7_000, transferRateE7: 100 };
    expect(fees(20260810, '000001.SZ', contract).stampDutyRateE7).toBe(7_000);
    expect(fees(20260810, '510300.SH', contract).stampDutyRateE7).toBe(0);
    expect(fees(20260810, '113050.SH', contract).transferRateE7).toBe(0);
    expect(feeAlerts(contract, book.on(20260810))).toEqual([
      'fees.stampDutyRate: given 0.0007, by rule 0.0005; the given rate is used',
    ]);
  });
});

test('a net commission pays handling and regulatory fee on top, by kind', () => {
  const net = { ...BASE, commissionNet: true };
  const rates = (symbol: string) => {
    const { handlingRateE7, regulatoryRateE7 } = fees(20260810, symbol, net);
    return [handlingRateE7, regulatoryRateE7];
  };
  expect(rates('000001.SZ')).toEqual([341, 200]);
  expect(rates('920002.BJ')).toEqual([1_250, 200]);
  expect(rates('510300.SH')).toEqual([400, 0]);
  expect(rates('511880.SH')).toEqual([0, 0]);
  expect(rates('123050.SZ')).toEqual([400, 0]);
});

test('each instrument of an account has its own fees', () => {
  const symbols = ['600000.SH', '510300.SH', '113050.SH'];
  const instruments = symbols.map((symbol, i) => makeInstrument(i, symbol));
  const schedules = feeSchedules(BASE, book.on(20260810), instruments);
  expect(schedules.map(({ stampDutyRateE7 }) => stampDutyRateE7)).toEqual([5_000, 0, 0]);
  expect(schedules.map(({ transferRateE7 }) => transferRateE7)).toEqual([100, 0, 0]);
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
