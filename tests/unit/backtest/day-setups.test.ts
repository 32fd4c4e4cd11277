// The setups of the days of a run: what is made once for its instruments, and when it is made anew.
// Run by vitest. Rates of 2023-08-25 and 2023-08-28: the stamp duty was halved between them.
import { describe, expect, test } from 'vitest';
import { PriorCloses } from '../../../engine/backtest/actions/prior-closes.ts';
import type { MarketFacts } from '../../../engine/backtest/market-facts.ts';
import { DaySetups } from '../../../engine/backtest/run-setup.ts';
import type { Instrument } from '../../../engine/core/instrument.ts';
import { InstrumentsByDay } from '../../../engine/rules/day-by-day.ts';
import { RuleBook } from '../../../engine/rules/rule-book.ts';
import { runOptions } from '../../support/run-options.ts';

const book = new RuleBook();
const SYMBOLS = ['600000.SH', '510300.SH', '300001.SZ'];
const SOURCE = { kind: 'files', path: '', instruments: SYMBOLS, day: 0 } as const;

function factsOf(day: number, instruments: readonly Instrument[]): MarketFacts {
  return { day, instruments, firstPricesE4: [1, 2, 3] } as unknown as MarketFacts;
}

function maker() {
  const options = runOptions('s.ts', '', { positions: [] });
  const setups = new DaySetups(options, book, false);
  return (day: number, instruments: readonly Instrument[]) => {
    const source = { ...SOURCE, skipBadRows: false, rules: [] };
    return setups.of(source, factsOf(day, instruments));
  };
}

describe('the setups of a run', () => {
  test('keep fees, places and rules of risk from day to day, until other rules hold', () => {
    const byDay = new InstrumentsByDay(SYMBOLS);
    const setupOf = maker();
    const [a, b, c] = [20230824, 20230825, 20230828].map((day, n) => {
      return setupOf(day, byDay.on(book.on(day), [100_000 + n * 100, 40_000, 0]));
    });
    expect(b!.accounts[0]!.fees).toBe(a!.accounts[0]!.fees);
    expect(b!.risk).toBe(a!.risk);
    expect(b!.strategies[0]!.own).toBe(a!.strategies[0]!.own);
    expect(b!.instruments[0]!.preCloseE4).toBe(100_100);
    const rates = [b, c].map((one) => one!.accounts[0]!.fees.map((fee) => fee.stampDutyRateE7));
    expect(rates).toEqual([
      [10_000, 0, 10_000],
      [5_000, 0, 5_000],
    ]);
  });

  test('are those of the instruments of the day where a day has others', () => {
    const setupOf = maker();
    const rules = book.on(20230825);
    const one = setupOf(20230825, new InstrumentsByDay(SYMBOLS).on(rules, [0, 0, 0]));
    const two = new InstrumentsByDay(['510300.SH', '600000.SH']).on(rules, [0, 0]);
    const { accounts, strategies } = setupOf(20230825, two);
    expect(accounts[0]!.fees.map((fee) => fee.stampDutyRateE7)).toEqual([0, 10_000]);
    expect([one, { strategies }].map((s) => s.strategies[0]!.own.length)).toEqual([3, 2]);
  });

  test('come behind closes that are kept by symbol, wherever a day has its instruments', () => {
    const rules = book.on(20230825);
    const closes = new PriorCloses([], new Map(), () => 100);
    const list = (symbols: readonly string[]) => new InstrumentsByDay(symbols).on(rules, [0, 0, 0]);
    closes.endDay(20230824, list(SYMBOLS), [100, 200, 0]);
    closes.endDay(20230825, list(['300001.SZ', '600000.SH']), [700, 0]);
    expect([...closes.prices.of(SYMBOLS)]).toEqual([100, 200, 700]);
    expect(closes.prices.toMap()).toEqual(
      new Map([
        ['600000.SH', 100],
        ['510300.SH', 200],
        ['300001.SZ', 700],
      ]),
    );
  });
});
