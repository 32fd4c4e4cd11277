// Limit prices by rule and date: the worked examples of the rules sheet, section 13.1 (L1 to L21),
// free days (T11), and the cross-check against the exchange's static values.
import { describe, expect, test } from 'vitest';
import { parsePriceE4 } from '../../../engine/core/price.ts';
import {
  computeLimits,
  crossCheck,
  dailyLimitOf,
  staticLimitE4,
} from '../../../engine/rules/limit-prices.ts';
import { RuleBook } from '../../../engine/rules/rule-book.ts';
import { type SubjectFacts, subjectOf } from '../../../engine/rules/subject.ts';

const book = new RuleBook();
const ST: SubjectFacts = { state: 'risk-warning' };

function limits(day: number, symbol: string, preclose: string, facts: SubjectFacts = {}) {
  const rules = book.on(day);
  return computeLimits(rules, subjectOf(rules, symbol, facts), parsePriceE4(preclose));
}

describe('rules sheet 13.1', () => {
  test.each<[string, number, string, SubjectFacts, string, string, string]>([
    ['L1', 20260821, '000001.SZ', {}, '11.40', '12.54', '10.26'],
    ['L2', 20260703, '000010.SZ', ST, '1.87', '1.96', '1.78'],
    ['L3', 20260706, '000010.SZ', ST, '1.87', '2.06', '1.68'],
    ['L4', 20260821, '600000.SH', {}, '10.05', '11.06', '9.05'],
    ['L5', 20260821, '600000.SH', {}, '0.95', '1.05', '0.86'],
    ['L6', 20260821, '600000.SH', {}, '1.15', '1.27', '1.04'],
    ['L7', 20260703, '600000.SH', ST, '0.09', '0.10', '0.08'],
    ['L8', 20260821, '600000.SH', {}, '0.04', '0.05', '0.03'],
    ['L9', 20260821, '600000.SH', {}, '0.05', '0.06', '0.04'],
    ['L10', 20260803, '688022.SH', {}, '7.90', '9.48', '6.32'],
    ['L11', 20260803, '300010.SZ', {}, '2.20', '2.64', '1.76'],
    ['L12', 20260803, '300750.SZ', {}, '33.33', '40.00', '26.66'],
    ['L13', 20260803, '920002.BJ', {}, '10.00', '13.00', '7.00'],
    ['L14', 20260803, '920023.BJ', {}, '1.82', '2.36', '1.28'],
    ['L15', 20260803, '510300.SH', {}, '1.234', '1.357', '1.111'],
    ['L16', 20260803, '588000.SH', { state: 'list-20' }, '0.987', '1.184', '0.790'],
    ['L17', 20260803, '113050.SH', { listedDay: 1 }, '100', '157.300', '56.700'],
    ['L18', 20260803, '113050.SH', {}, '118.456', '142.147', '94.765'],
    ['L19', 20170525, '600000.SH', {}, '11.75', '12.93', '10.58'],
    ['L20', 20200821, '300010.SZ', {}, '10.03', '11.03', '9.03'],
    ['L21', 20200824, '300010.SZ', {}, '10.03', '12.04', '8.02'],
  ])('%s: %i %s gives the sheet limits', (_, day, symbol, facts, preclose, upper, lower) => {
    expect(limits(day, symbol, preclose, facts)).toMatchObject({
      upperE4: parsePriceE4(upper),
      lowerE4: parsePriceE4(lower),
    });
  });

  test('L14: the BSE pair under the other reading is half up', () => {
    expect(limits(20260803, '920023.BJ', '1.82')?.widest).toEqual({
      upperE4: 23_700,
      lowerE4: 12_700,
    });
  });
});

describe('free days', () => {
  test.each<[string, number, string, number, boolean]>([
    ['T11 BSE day 1', 20260803, '920002.BJ', 1, false],
    ['T11 BSE day 2', 20260803, '920002.BJ', 2, true],
    ['T11 main day 5', 20260803, '600000.SH', 5, false],
    ['T11 main day 6', 20260803, '600000.SH', 6, true],
    ['main day 2 before 2023-04-10', 20230407, '600000.SH', 2, true],
    ['STAR day 5 in 2019', 20190726, '688001.SH', 5, false],
    ['ChiNext day 1 before 2020-08-24', 20200821, '300010.SZ', 1, true],
  ])('%s', (_, day, symbol, listedDay, limited) => {
    const rules = book.on(day);
    expect(dailyLimitOf(rules, subjectOf(rules, symbol, { listedDay }))?.limited).toBe(limited);
  });

  test('the first day of a main-board issue before 2023-04-10 moved by +44 % and -36 %', () => {
    expect(limits(20230407, '600000.SH', '10', { listedDay: 1 })).toMatchObject({
      upperE4: 144_000,
      lowerE4: 64_000,
    });
  });

  test('day 1 of the delisting arrangement has no limit, day 2 the limit of the board', () => {
    expect(limits(20260803, '600000.SH', '1', { delistingDay: 1 })).toMatchObject({ upperE4: 0 });
    expect(limits(20260803, '600000.SH', '1', { delistingDay: 2 })).toMatchObject({
      upperE4: 11_000,
    });
  });

  test('a convertible bond had no daily limit before 2022-08-01', () => {
    expect(limits(20220729, '113050.SH', '100')).toMatchObject({ upperE4: 0, lowerE4: 0 });
    expect(limits(20220801, '113050.SH', '100')).toMatchObject({ upperE4: 1_200_000 });
  });
});

describe('cross-check', () => {
  test('is silent about equal values and about what one side does not give', () => {
    expect(crossCheck({ upperLimitE4: 110_600, tickE4: 100 }, { upperLimitE4: 110_600 })).toEqual(
      [],
    );
  });

  test('raises an alert with both values when the static file says something else', () => {
    const alerts = crossCheck({ upperLimitE4: 105_000 }, { upperLimitE4: 110_000, tickE4: 100 });
    expect(alerts).toMatchObject([{ field: 'upperLimitE4', static: 105_000, computed: 110_000 }]);
    expect(alerts[0].message).toContain('static file 10.50, by rule 11.00');
  });

  test('the static encoding of "no limit" is none, the largest real price stays', () => {
    expect(staticLimitE4(9_999_999_999_999)).toBe(0);
    expect(staticLimitE4(2_000_000_000)).toBe(2_000_000_000);
  });
});
