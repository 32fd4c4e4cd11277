// The instruments of a run of many days and their kernels' records, made from those of the day
// before: what did not change is the same object, what did is a copy with other prices. Called by
// the makers of a day's market (backtest/data/bar-series.ts, backtest/market-facts.ts).
// Always: the same as describeInstrument() and recordOf() would make of these rules and closes; a
// day on which other rows come into force makes everything anew. Objects are never changed.
import type { KernelRules } from '../core/exchange-kernel.ts';
import type { Instrument } from '../core/instrument.ts';
import { recordOf, repricedRecord } from './kernel-rules.ts';
import { type LimitRule, limitRuleOf, lowerBy, upperBy } from './limit-prices.ts';
import { describeInstrument, isOfKind, repriced } from './make-instrument.ts';
import type { DayRules } from './rule-book.ts';
import { subjectOf } from './subject.ts';

/** Instruments that nothing is known of but their previous closes. */
export class InstrumentsByDay {
  readonly #symbols: readonly string[];
  #rules: DayRules | null = null;
  /** Of the day before. */
  #made: Instrument[] = [];
  /** By instrument; those of one kind share one. */
  #limits: (LimitRule | null)[] = [];

  constructor(symbols: readonly string[]) {
    this.#symbols = symbols;
  }

  /**
   * The instruments of a day, in the order of the symbols; `preClosesE4` 0 = not known. Throws
   * RuleError like describeInstrument().
   */
  on(rules: DayRules, preClosesE4: ArrayLike<number>): readonly Instrument[] {
    if (this.#rules?.isLike(rules) !== true) return this.#anew(rules, preClosesE4);
    const made = this.#made.slice();
    for (let i = 0; i < made.length; i++) {
      const preCloseE4 = preClosesE4[i]!;
      const before = made[i]!;
      if (before.preCloseE4 !== preCloseE4) made[i] = this.#priced(before, preCloseE4);
    }
    this.#made = made;
    return made;
  }

  #priced(before: Instrument, preCloseE4: number): Instrument {
    const rule = this.#limits[before.index]!;
    const upperE4 = rule === null ? 0 : upperBy(rule, preCloseE4);
    const lowerE4 = rule === null ? 0 : lowerBy(rule, preCloseE4);
    return repriced(before, preCloseE4, upperE4, lowerE4);
  }

  #anew(rules: DayRules, preClosesE4: ArrayLike<number>): readonly Instrument[] {
    const made = this.#symbols.map((symbol, i) => {
      const facts = factsOfClose(preClosesE4[i]!);
      return describeInstrument(rules, i, symbol, facts).instrument;
    });
    this.#limits = this.#symbols.map((symbol) => {
      const subject = subjectOf(rules, symbol);
      const { rule } = rules.derived(subject, 'limits by close', () => ({
        rule: limitRuleOf(rules, subject),
      }));
      return rule;
    });
    this.#rules = rules;
    this.#made = made;
    return made;
  }
}

/** Records for backtests of instruments that nothing is known of but their previous closes. */
export class RecordsByDay {
  #rules: DayRules | null = null;
  #instruments: readonly Instrument[] = [];
  #made: readonly KernelRules[] = [];

  /** The records of the instruments of a day. Throws RuleError like recordOf(). */
  on(rules: DayRules, instruments: readonly Instrument[]): readonly KernelRules[] {
    const isLike = this.#rules?.isLike(rules) === true;
    const before = this.#instruments;
    const made = new Array<KernelRules>(instruments.length);
    for (let i = 0; i < made.length; i++) {
      const instrument = instruments[i]!;
      const old = isLike ? before[i] : undefined;
      if (old === instrument) made[i] = this.#made[i]!;
      else if (old !== undefined && isOfKind(old, instrument)) {
        made[i] = recordWith(this.#made[i]!, instrument);
      } else {
        made[i] = recordOf(rules, instrument, factsOfClose(instrument.preCloseE4), 'backtest');
      }
    }
    this.#rules = rules;
    this.#instruments = instruments;
    this.#made = made;
    return made;
  }
}

/** An index's record knows no prices. */
function recordWith(record: KernelRules, instrument: Instrument): KernelRules {
  const { kind, preCloseE4, upperLimitE4, lowerLimitE4 } = instrument;
  if (kind === 'index') return record;
  return repricedRecord(record, preCloseE4, upperLimitE4, lowerLimitE4);
}

function factsOfClose(preCloseE4: number): { preCloseE4?: number } {
  return preCloseE4 > 0 ? { preCloseE4 } : {};
}
