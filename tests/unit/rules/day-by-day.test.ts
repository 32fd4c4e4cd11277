// Instruments and kernel records made from those of the day before against those made anew: over
// kinds, closes that come and go, and days on which other rows come into force. Run by vitest.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_FEES } from '../../../engine/backtest/defaults.ts';
import { InstrumentsByDay, RecordsByDay } from '../../../engine/rules/day-by-day.ts';
import { FeesByDay, feeSchedules } from '../../../engine/rules/fee-dates.ts';
import { recordOf } from '../../../engine/rules/kernel-rules.ts';
import { describeInstrument } from '../../../engine/rules/make-instrument.ts';
import { RuleBook } from '../../../engine/rules/rule-book.ts';

const book = new RuleBook();
/** Of every kind but BSE's: main, STAR, ChiNext, funds, bonds, an index. */
const SYMBOLS = [
  ...['600519.SH', '000001.SZ', '688981.SH', '300750.SZ', '510300.SH', '159915.SZ'],
  ...['113050.SH', '508000.SH', '000001.SH', '600000.SH'],
];
/** Days before and behind turns of the rules: ChiNext's limits, stamp duty, cages, 2026. */
const DAYS = [20200821, 20200824, 20230407, 20230410, 20230825, 20230828, 20260703, 20260810];

function factsOf(preCloseE4: number) {
  return preCloseE4 > 0 ? { preCloseE4 } : {};
}

/** A run over days; closes by day and instrument. */
function expectAsNew(days: readonly number[], closes: readonly (readonly number[])[]): void {
  const instruments = new InstrumentsByDay(SYMBOLS);
  const records = new RecordsByDay();
  const fees = new FeesByDay(DEFAULT_FEES);
  for (const [n, day] of days.entries()) {
    const rules = book.on(day);
    const anew = SYMBOLS.map((symbol, i) => {
      return describeInstrument(rules, i, symbol, factsOf(closes[n]![i]!)).instrument;
    });
    const made = instruments.on(rules, closes[n]!);
    expect(made).toEqual(anew);
    expect(records.on(rules, made)).toEqual(
      anew.map((one) => recordOf(rules, one, factsOf(one.preCloseE4), 'backtest')),
    );
    expect(fees.on(rules, made)).toEqual(feeSchedules(DEFAULT_FEES, rules, anew));
  }
}

describe('a day made from the day before', () => {
  test('is the day made anew, whatever the closes and whichever rules come into force', () => {
    const close = fc.oneof(
      fc.constant(0),
      fc.integer({ min: 1, max: 9_000 }).map((n) => n * 100),
    );
    const day = fc.array(close, { minLength: SYMBOLS.length, maxLength: SYMBOLS.length });
    const run = fc.array(day, { minLength: DAYS.length, maxLength: DAYS.length });
    fc.assert(
      fc.property(run, (closes) => expectAsNew(DAYS, closes)),
      { numRuns: 20 },
    );
  });

  test('has the objects of the day before where nothing changed', () => {
    const instruments = new InstrumentsByDay(SYMBOLS);
    const records = new RecordsByDay();
    const fees = new FeesByDay(DEFAULT_FEES);
    const rules = book.on(20260810);
    const closes = SYMBOLS.map((_, i) => 100_000 + 100 * i);
    const first = instruments.on(rules, closes);
    const told = records.on(rules, first);
    const rates = fees.on(rules, first);
    closes[1] = 120_000;
    const next = instruments.on(book.on(20260811), closes);
    expect(next.map((one, i) => one === first[i])).toEqual(SYMBOLS.map((_, i) => i !== 1));
    expect(first[1]!.preCloseE4).toBe(100_100);
    const news = records.on(book.on(20260811), next);
    expect(news.map((one, i) => one === told[i])).toEqual(SYMBOLS.map((_, i) => i !== 1));
    expect(fees.on(book.on(20260811), next)).toBe(rates);
  });

  test('takes another state, code or number of instruments in its records and fees', () => {
    const rules = book.on(20260810);
    const make = (symbol: string, i: number, state?: 'risk-warning') => {
      const facts = { preCloseE4: 100_000, ...(state === undefined ? {} : { state }) };
      return describeInstrument(rules, i, symbol, facts).instrument;
    };
    const days = [
      [make('600519.SH', 0), make('300750.SZ', 1)],
      [make('600519.SH', 0, 'risk-warning'), make('300750.SZ', 1)],
      [make('300750.SZ', 0), make('600519.SH', 1), make('510300.SH', 2)],
      [make('510300.SH', 0)],
    ];
    const records = new RecordsByDay();
    const fees = new FeesByDay(DEFAULT_FEES);
    for (const day of days) {
      const anew = day.map((one) => recordOf(rules, one, factsOf(one.preCloseE4), 'backtest'));
      expect(records.on(rules, day)).toEqual(anew);
      expect(fees.on(rules, day)).toEqual(feeSchedules(DEFAULT_FEES, rules, day));
    }
  });
});
