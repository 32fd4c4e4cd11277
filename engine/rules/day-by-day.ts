// The instruments of a run of many days and their kernels' records, made from those of the day
// before: what did not change is the same object, what did is a copy with other prices. Called by
// the makers of a day's market (backtest/data/bar-series.ts, backtest/market-facts.ts).
// Always: the same as describeInstrument() and recordOf() would make of these rules and closes; a
// day on which other rows come into force makes everything anew. Objects are never changed.
import type { KernelRules, RecordList } from '../core/exchange-kernel.ts';
import type { Instrument } from '../core/instrument.ts';
import { repriceColumns } from '../core/instrument-columns.ts';
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
  #likeness: object = this;

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
    const columns = repriceColumns(this.#made, made);
    for (let i = 0; i < made.length; i++) {
      const preCloseE4 = preClosesE4[i]!;
      const before = made[i]!;
      if (before.preCloseE4 === preCloseE4) continue;
      const one = this.#priced(before, preCloseE4);
      made[i] = one;
      if (columns === null) continue;
      columns.preCloseE4[i] = preCloseE4;
      columns.upperE4[i] = one.upperLimitE4;
      columns.lowerE4[i] = one.lowerLimitE4;
    }
    this.#made = made;
    likenesses.set(made, this.#likeness);
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
    this.#likeness = {};
    likenesses.set(made, this.#likeness);
    return made;
  }
}

/** What lists have in common whose instruments differ in prices alone, and lie in one order. */
const likenesses = new WeakMap<readonly Instrument[], object>();

/**
 * The same object for two lists: nothing but prices differs between their instruments. A list that
 * was not made here is like itself only.
 */
export function likenessOf(instruments: readonly Instrument[]): object {
  return likenesses.get(instruments) ?? instruments;
}

/** The kernels' records for backtests of instruments that InstrumentsByDay made. */
export class RecordsByDay {
  #likeness: object = this;
  /** By index; those of one kind share one. */
  #terms: readonly KernelRules[] = [];

  /** The records of the instruments of a day. Throws RuleError like recordOf(). */
  on(rules: DayRules, instruments: readonly Instrument[]): RecordList {
    const likeness = likenessOf(instruments);
    if (likeness !== this.#likeness) this.#terms = termsOf(rules, instruments);
    this.#likeness = likeness;
    return new PricedRecords(this.#terms, instruments);
  }
}

/** A record of each kind among the instruments, by index. */
function termsOf(rules: DayRules, instruments: readonly Instrument[]): KernelRules[] {
  const terms: KernelRules[] = [];
  for (const [i, instrument] of instruments.entries()) {
    const before = instruments[i - 1];
    const isLike = before !== undefined && isOfKind(before, instrument);
    const facts = factsOfClose(instrument.preCloseE4);
    terms.push(isLike ? terms[i - 1]! : recordOf(rules, instrument, facts, 'backtest'));
  }
  return terms;
}

/** Most of thousands meet no order in a day: a record is made when a kernel asks for it. */
class PricedRecords implements RecordList {
  readonly #terms: readonly KernelRules[];
  readonly #instruments: readonly Instrument[];

  constructor(terms: readonly KernelRules[], instruments: readonly Instrument[]) {
    this.#terms = terms;
    this.#instruments = instruments;
  }

  get length(): number {
    return this.#instruments.length;
  }

  at(index: number): KernelRules | undefined {
    const instrument = this.#instruments[index];
    return instrument === undefined ? undefined : recordWith(this.#terms[index]!, instrument);
  }

  isRepriced(before: RecordList): boolean {
    return before instanceof PricedRecords && before.#terms === this.#terms;
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
