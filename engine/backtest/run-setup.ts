// The setup of one day of a backtest, from the options of the command and the facts of the day's
// market. Called by many-days.ts. Always: the first day opens with the options' cash and base
// shares; what a later day opens with is put into it by the caller.
import { basename } from 'node:path';
import type { FeeSchedule } from '../core/fees.ts';
import type { Instrument } from '../core/instrument.ts';
import type { RuleEntries } from '../core/risk/rule-entry.ts';
import type {
  EngineSetup,
  FileSource,
  SetupAccount,
  SetupStrategy,
  SyntheticSource,
} from '../host/setup.ts';
import { rulesOf } from '../risk-limits.ts';
import { likenessOf } from '../rules/day-by-day.ts';
import { dayPlaceOf } from '../rules/day-place.ts';
import { feeSchedules } from '../rules/fee-dates.ts';
import type { DayRules, RuleBook } from '../rules/rule-book.ts';
import { version } from '../version.ts';
import { type MarketFacts, marketOf } from './market-facts.ts';
import type { BacktestOptions } from './options.ts';

/** Orders of a day of daily bars: a strategy decides once for each instrument, or a few times. */
const DAILY_ORDERS_MIN = 1024;
const DAILY_ORDERS_EACH = 8;
const ORDERS_OF_A_DAY_MAX = 65_536;
const SMALL_DAY_INSTRUMENTS = 64;
const SMALL_DAY_SCALE = 16;

export function strategyName(options: BacktestOptions): string {
  return basename(options.strategyFile).replace(/\.(?:[cm]?[jt]s|py)$/, '');
}

/** The setup of a day alone. */
export function setupOf(
  options: BacktestOptions,
  source: FileSource | SyntheticSource,
  facts: MarketFacts,
  book: RuleBook,
  orderEvents: boolean,
): EngineSetup {
  return new DaySetups(options, book, orderEvents).of(source, facts);
}

/** What depends on which instruments there are, and not on their prices. */
interface OfInstruments {
  readonly own: readonly number[];
  readonly fees: readonly FeeSchedule[];
  readonly risk: RuleEntries;
}

/** The setups of the days of a run: what prices do not change is made once. */
export class DaySetups {
  readonly #options: BacktestOptions;
  readonly #book: RuleBook;
  readonly #orderEvents: boolean;
  #rules: DayRules | null = null;
  #likeness: object = this;
  #made: OfInstruments | null = null;

  constructor(options: BacktestOptions, book: RuleBook, orderEvents: boolean) {
    this.#options = options;
    this.#book = book;
    this.#orderEvents = orderEvents;
  }

  of(source: FileSource | SyntheticSource, facts: MarketFacts): EngineSetup {
    const options = this.#options;
    const { queue, barShare, latency, frequency } = options;
    const day = facts.day > 0 ? facts.day : options.day;
    const made = this.#madeOf(day, facts.instruments);
    return {
      engineVersion: version,
      name: 'backtest',
      day,
      pace: 'lockstep',
      speed: 1,
      ...marketOf(facts),
      accounts: [this.#account(facts, made)],
      strategies: [this.#strategy(made)],
      ...placeOf(this.#book, day),
      risk: made.risk,
      world: options.world,
      ...(queue === undefined ? {} : { queue }),
      ...(barShare === undefined ? {} : { barShare }),
      ...(latency === undefined ? {} : { latency }),
      ...(frequency === '1d' ? { ordersMax: dailyOrders(facts.instruments.length) } : {}),
      source,
      gateway: 'sim',
      flush: 'none',
      segmentBytes: 0,
      recording: false,
      epochs: [1],
      skipUntilNs: 0,
      // A day of few daily bars is over before large rings are laid out.
      ringScale: isSmallDay(options, facts) ? SMALL_DAY_SCALE : 1,
    };
  }

  #account(facts: MarketFacts, { fees }: OfInstruments): SetupAccount {
    const { cashE4, positions } = this.#options;
    const { instruments } = facts;
    const pricesE4 = positions.length === 0 ? [] : facts.firstPricesE4;
    return {
      id: 'backtest',
      cashE4,
      positions: positions.map(({ symbol, qty }) => {
        const instrument = instruments.findIndex((one) => one.symbol === symbol);
        return { instrument, qty, costE4: pricesE4[instrument] ?? 0 };
      }),
      fees,
      journalDir: '',
    };
  }

  #strategy({ own }: OfInstruments): SetupStrategy {
    const { strategyFile, params } = this.#options;
    return {
      name: strategyName(this.#options),
      file: strategyFile,
      account: 0,
      own,
      params,
      cancelOnFailure: true,
      orderEvents: this.#orderEvents,
    };
  }

  #madeOf(day: number, instruments: readonly Instrument[]): OfInstruments {
    const rules = this.#book.on(day);
    const likeness = likenessOf(instruments);
    const isLike = likeness === this.#likeness && this.#rules?.isLike(rules) === true;
    if (this.#made !== null && isLike) return this.#made;
    this.#rules = rules;
    this.#likeness = likeness;
    const { fees, limits } = this.#options;
    this.#made = {
      own: instruments.map(({ index }) => index),
      fees: feeSchedules(fees, rules, instruments),
      risk: rulesOf(limits, {
        accounts: ['backtest'],
        strategies: [strategyName(this.#options)],
        symbols: instruments.map(({ symbol }) => symbol),
      }),
    };
    return this.#made;
  }
}

/** Nothing where the calendar does not know the month. */
function placeOf(book: RuleBook, day: number): Pick<EngineSetup, 'dayPlace'> {
  const dayPlace = dayPlaceOf(book.calendar, day);
  return dayPlace === null ? {} : { dayPlace };
}

function isSmallDay({ frequency }: BacktestOptions, { instruments }: MarketFacts): boolean {
  return frequency === '1d' && instruments.length <= SMALL_DAY_INSTRUMENTS;
}

function dailyOrders(instruments: number): number {
  const wanted = Math.max(DAILY_ORDERS_MIN, DAILY_ORDERS_EACH * instruments);
  return Math.min(ORDERS_OF_A_DAY_MAX, 2 ** Math.ceil(Math.log2(wanted)));
}
