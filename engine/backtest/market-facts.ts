// What a setup must know of its market before the first event: instruments, price windows, kind of
// stream, day. Called by the makers of setups (backtest command, launcher). Invariant: files are
// read and checked here first, so a broken row stops a run before any order.
import type { BookWindow } from '../core/book-builder.ts';
import type { ChannelName } from '../core/channel-table.ts';
import type { RecordList } from '../core/exchange-kernel.ts';
import type { Instrument } from '../core/instrument.ts';
import { MARKET_SZSE } from '../messages/codes.ts';
import { likenessOf, RecordsByDay } from '../rules/day-by-day.ts';
import { recordOf } from '../rules/kernel-rules.ts';
import { crossCheck } from '../rules/limit-prices.ts';
import { describeInstrument, type InstrumentFacts } from '../rules/make-instrument.ts';
import type { CheckMode } from '../rules/order-check.ts';
import type { DayRules, RuleBook } from '../rules/rule-book.ts';
import { latestRules } from '../rules/subject.ts';
import type { ChannelFacts } from './data/channel-facts.ts';
import type { BadRow } from './data/errors.ts';
import { type MarketDay, staticsOf } from './data/load.ts';
import { type DayWish, loadDay } from './loaded-day.ts';
import { windowsOfLimits, windowsOfTape } from './price-window.ts';
import { createSyntheticMarket } from './synthetic/synthetic-market.ts';

/** Order slots of one synthetic instrument: far above what rests at once. */
const SYNTHETIC_QUOTA = 65_536;
/** The neutral layout of our own sample publishes every order in full. */
const FULL_STREAM_LAYOUT = 'pankou-orders';

export interface MarketFacts {
  readonly day: number;
  readonly instruments: readonly Instrument[];
  /** What kernels are told of each instrument. */
  readonly kernelRules: RecordList;
  readonly windows: readonly BookWindow[];
  readonly quota: number;
  /** Preclose, or the first price of the data: what base shares cost when nobody says; 0 = none. */
  readonly firstPricesE4: ArrayLike<number>;
  /** Last price of the data by instrument; 0 = it did not trade, or the market is synthetic. */
  readonly lastPricesE4: ArrayLike<number>;
  /** Nothing but bars. */
  readonly hasBarsOnly: boolean;
  /** By instrument: its stream publishes every order in full. */
  readonly fullStream: readonly boolean[];
  /** Every channel is whole: a hole in its numbers is a loss. */
  readonly contiguous: boolean;
  /** The channels of which that is so, where it is not of all. */
  readonly wholeChannels: readonly ChannelName[];
  /** Rows read from files; 0 for the synthetic market. */
  readonly rows: number;
  readonly badRows: readonly BadRow[];
  readonly warnings: readonly string[];
  /** Of the data; '' for the synthetic market. */
  readonly sha256: string;
}

/** The part of the facts that a setup takes over as it is. */
export type SetupMarket = Pick<
  MarketFacts,
  | 'instruments'
  | 'kernelRules'
  | 'windows'
  | 'quota'
  | 'fullStream'
  | 'contiguous'
  | 'wholeChannels'
>;

/** What every setup takes of a day's facts, live and in a backtest. */
export function marketOf(facts: MarketFacts): SetupMarket {
  const { instruments, kernelRules, windows, quota } = facts;
  const { fullStream, contiguous, wholeChannels } = facts;
  return { instruments, kernelRules, windows, quota, fullStream, contiguous, wholeChannels };
}

export interface SyntheticWish {
  readonly symbol: string;
  readonly preCloseE4: number;
  readonly volatility: number;
  readonly eventsPerSecond: number;
}

/** What a person or a configuration knows better of a symbol than rules and data do. */
export type GivenFacts = ReadonlyMap<string, InstrumentFacts>;

/** Facts of a synthetic day; throws RuleError for a symbol that the book does not know. */
export function syntheticFacts(
  seed: number,
  day: number,
  wishes: readonly SyntheticWish[],
  book: RuleBook,
  given: GivenFacts = new Map(),
  mode: CheckMode = 'backtest',
): MarketFacts {
  const alerts: string[] = [];
  const rules = book.on(day);
  const made = wishes.map(({ symbol, preCloseE4 }, i) => {
    const facts = { ...given.get(symbol), preCloseE4 };
    const one = describeInstrument(rules, i, symbol, facts);
    alerts.push(...one.alerts);
    return { ...one, record: recordOf(rules, one.instrument, facts, mode) };
  });
  const market = createSyntheticMarket({
    seed,
    day,
    instruments: wishes,
    made: made.map(({ instrument }) => instrument),
  });
  return {
    day,
    instruments: market.instruments,
    kernelRules: made.map(({ record }) => record),
    ...windowsOfLimits(market.instruments, SYNTHETIC_QUOTA),
    firstPricesE4: market.instruments.map((i) => i.preCloseE4),
    lastPricesE4: market.instruments.map(() => 0),
    hasBarsOnly: false,
    fullStream: market.instruments.map(() => true),
    contiguous: true,
    wholeChannels: [],
    rows: 0,
    badRows: [],
    warnings: alerts,
    sha256: '',
  };
}

/** Facts of recorded data; throws MarketDataError or CsvRowError. */
export async function fileFacts(
  wish: DayWish,
  book: RuleBook,
  given: GivenFacts,
  onProgress: ((fraction: number, text: string) => void) | null,
  mode: CheckMode = 'backtest',
): Promise<MarketFacts> {
  return factsOfDay(await loadDay(wish, onProgress), book, given, mode);
}

/** Facts of a day that is loaded. */
export function factsOfDay(
  day: MarketDay,
  book: RuleBook,
  given: GivenFacts,
  mode: CheckMode = 'backtest',
): MarketFacts {
  return new DayFacts(book, mode).of(day, given);
}

/** The facts of the days of a run: what is as it was the day before is the same object. */
export class DayFacts {
  readonly #book: RuleBook;
  readonly #mode: CheckMode;
  readonly #records = new RecordsByDay();
  /** Of the day before. */
  #likeness: object = this;
  #windows: readonly BookWindow[] | null = null;
  #fullStream: readonly boolean[] = [];
  #layouts: readonly string[] = [];

  constructor(book: RuleBook, mode: CheckMode = 'backtest') {
    this.#book = book;
    this.#mode = mode;
  }

  /** `notes`: what else there is to tell of the day. */
  of(day: MarketDay, given: GivenFacts, notes: readonly string[] = []): MarketFacts {
    const alerts: string[] = [];
    const instruments = given.size === 0 ? day.instruments : this.#changed(day, given, alerts);
    this.#beginDay(day, instruments);
    const { windows, quota, ...prices } = windowsOfTape(instruments, day.tape, this.#windows);
    const { firstTradesE4, lastPricesE4, hasBarsOnly } = prices;
    this.#windows = hasBarsOnly ? windows : null;
    return {
      day: day.day,
      instruments,
      kernelRules: this.#recordsOf(day, instruments, given),
      windows,
      quota,
      // Of those that a person holds at the start, on the first day of a run.
      get firstPricesE4() {
        return instruments.map((one, i) => one.preCloseE4 || firstTradesE4[i]!);
      },
      lastPricesE4,
      hasBarsOnly,
      fullStream: this.#fullStream,
      contiguous: day.channels.length > 0 && day.channels.every(isChecked),
      wholeChannels: day.channels.filter(isChecked),
      rows: day.rows,
      badRows: day.badRows,
      warnings: [...day.warnings, ...alerts, ...notes],
      sha256: day.sha256,
    };
  }

  /** Drops what was made for other instruments. */
  #beginDay(day: MarketDay, instruments: readonly Instrument[]): void {
    const likeness = likenessOf(instruments);
    if (likeness === this.#likeness && this.#layouts === day.orderLayouts) return;
    this.#likeness = likeness;
    this.#layouts = day.orderLayouts;
    this.#windows = null;
    this.#fullStream = publishesAll(day);
  }

  /** What was given by hand wins over the data and over the rules. */
  #changed(day: MarketDay, given: GivenFacts, alerts: string[]): Instrument[] {
    return day.instruments.map((instrument) => {
      const facts = given.get(instrument.symbol);
      return facts === undefined
        ? instrument
        : withGiven(day, instrument, facts, this.#book, alerts);
    });
  }

  #recordsOf(day: MarketDay, instruments: readonly Instrument[], given: GivenFacts) {
    const isPlain = day.preClosesE4 !== undefined && given.size === 0 && day.day > 0;
    if (isPlain && this.#mode === 'backtest') {
      return this.#records.on(this.#book.on(day.day), instruments);
    }
    return instruments.map((instrument, i) => {
      const known = { ...staticsOf(day, i), ...given.get(instrument.symbol) };
      const rules = rulesOn(this.#book, day.day, instrument.symbol);
      return recordOf(rules, instrument, known, this.#mode);
    });
  }
}

/** Whether a hole in the channel's numbers means a loss to one who reads the tape. */
function isChecked({ isWhole, isInOrder }: ChannelFacts): boolean {
  return isWhole && isInOrder;
}

/** SZSE publishes every order; SSE only what rests (rules sheet 11). */
function publishesAll(day: MarketDay): boolean[] {
  return day.instruments.map(
    ({ index, market }) => market === MARKET_SZSE || day.orderLayouts[index] === FULL_STREAM_LAYOUT,
  );
}

/** Rules of a day, of a day that the data does not name the newest of the symbol. */
function rulesOn(book: RuleBook, day: number, symbol: string): DayRules {
  return day > 0 ? book.on(day) : latestRules(book, symbol);
}

/** The instrument with what was given by hand. */
function withGiven(
  market: MarketDay,
  { index, symbol }: Instrument,
  given: InstrumentFacts,
  book: RuleBook,
  alerts: string[],
): Instrument {
  const rules = rulesOn(book, market.day, symbol);
  const data = staticsOf(market, index);
  for (const { message } of crossCheck(data, given)) {
    const both = message.replace('static file', 'data').replace('by rule', 'given');
    alerts.push(`${symbol}: ${both.replace('the static value', 'the given one')}`);
  }
  const made = describeInstrument(rules, index, symbol, { ...data, ...given });
  alerts.push(...made.alerts);
  return made.instrument;
}
