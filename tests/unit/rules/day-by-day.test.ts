// Instruments and kernel records made from those of the day before against those made anew: over
// kinds, closes that come and go, and days on which other rows come into force. Run by vitest.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KernelRules, RecordList } from '../../../engine/core/exchange-kernel.ts';
import type { Instrument } from '../../../engine/core/instrument.ts';
import { columnsOf } from '../../../engine/core/instrument-columns.ts';
import { InstrumentsByDay, likenessOf, RecordsByDay } from '../../../engine/rules/day-by-day.ts';
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
  for (const [n, day] of days.entries()) {
    const rules = book.on(day);
    const anew = SYMBOLS.map((symbol, i) => {
      return describeInstrument(rules, i, symbol, factsOf(closes[n]![i]!)).instrument;
    });
    const made = instruments.on(rules, closes[n]!);
    expect(made).toEqual(anew);
    // Not every day: columns that nobody read on the day before are not told its prices.
    if (n % 3 !== 1) expectColumns(made);
    expect(listed(records.on(rules, made))).toEqual(
      anew.map((one) => recordOf(rules, one, factsOf(one.preCloseE4), 'backtest')),
    );
  }
}

function expectColumns(instruments: readonly Instrument[]): void {
  const { preCloseE4, upperE4, lowerE4, cage } = columnsOf(instruments);
  expect([...preCloseE4]).toEqual(instruments.map((one) => one.preCloseE4));
  expect([...upperE4]).toEqual(instruments.map((one) => one.upperLimitE4));
  expect([...lowerE4]).toEqual(instruments.map((one) => one.lowerLimitE4));
  expect([...cage]).toEqual(instruments.map((one) => one.cage));
}

function listed(records: RecordList): (KernelRules | undefined)[] {
  expect(records.at(records.length)).toBeUndefined();
  return Array.from({ length: records.length }, (_, i) => records.at(i));
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

  test('tells the columns its prices while only prices change, whoever reads them when', () => {
    const days = [20260810, 20260811, 20260812, 20260813, 20260814, 20260817];
    const close = fc.integer({ min: 0, max: 300 }).map((n) => n * 100);
    const day = fc.array(close, { minLength: SYMBOLS.length, maxLength: SYMBOLS.length });
    const run = fc.array(day, { minLength: days.length, maxLength: days.length });
    fc.assert(
      fc.property(run, (closes) => expectAsNew(days, closes)),
      { numRuns: 20 },
    );
  });

  test('has the objects of the day before where nothing changed', () => {
    const instruments = new InstrumentsByDay(SYMBOLS);
    const closes = SYMBOLS.map((_, i) => 100_000 + 100 * i);
    const first = instruments.on(book.on(20260810), closes);
    closes[1] = 120_000;
    const next = instruments.on(book.on(20260811), closes);
    expect(next.map((one, i) => one === first[i])).toEqual(SYMBOLS.map((_, i) => i !== 1));
    expect(first[1]!.preCloseE4).toBe(100_100);
  });

  test('is like the day before until other rules come into force, and so are its records', () => {
    const instruments = new InstrumentsByDay(SYMBOLS);
    const records = new RecordsByDay();
    const lists = [20230406, 20230407, 20230410].map((day) => {
      const made = instruments.on(
        book.on(day),
        SYMBOLS.map(() => day - 20_230_000),
      );
      return { made, told: records.on(book.on(day), made) };
    });
    const [a, b, c] = [lists[0]!, lists[1]!, lists[2]!];
    expect(likenessOf(b.made)).toBe(likenessOf(a.made));
    expect(likenessOf(c.made)).not.toBe(likenessOf(a.made));
    expect(likenessOf([...a.made])).not.toBe(likenessOf(a.made));
    const isRepriced = [b.told.isRepriced!(a.told), c.told.isRepriced!(b.told)];
    expect([...isRepriced, b.told.isRepriced!(listed(a.told) as KernelRules[])]).toEqual([
      ...[true, false, false],
    ]);
  });
});
