// Runs a strategy over the days of recorded data, or over one synthetic day: each day opens with
// the books of the day before (host/carry-over.ts, as live), behind its corporate actions. Called
// by the backtest command. Always: a day's facts come from that day and those before; orders end
// with their day; the same data and options give the same records.

import type { EarlierBarsOf } from '../core/earlier-bars.ts';
import { needsFeed } from '../core/risk/rule-entry.ts';
import type { PriceAction } from '../core/strategy.ts';
import { carriedAccount, closedBooks } from '../host/carry-over.ts';
import { rolledAccount } from '../host/rolled-account.ts';
import type { EngineSetup, FileSource, SyntheticSource } from '../host/setup.ts';
import type { Calendar } from '../rules/calendar.ts';
import { dayText } from '../rules/calendar-date.ts';
import { likenessOf } from '../rules/day-by-day.ts';
import { type InstrumentFacts, makeInstrument } from '../rules/make-instrument.ts';
import type { RuleBook } from '../rules/rule-book.ts';
import { RuleError } from '../rules/rule-error.ts';
import { checkSessionDay } from '../rules/session-day.ts';
import { latestRules } from '../rules/subject.ts';
import { type ActionEvent, ActionHolder } from './actions/holder.ts';
import { PriorCloses } from './actions/prior-closes.ts';
import { adjustedAsOf, barSecondsOf } from './data/earlier-bars.ts';
import { type MarketDays, openMarketDays } from './data/market-days.ts';
import type { DayClose } from './data/stream-set.ts';
import { type DayRecord, recordDay } from './day-record.ts';
import { DEFAULT_EVENTS_PER_SECOND, DEFAULT_VOLATILITY } from './defaults.ts';
import { BothHandlers, type DetailRecorder, SHOWN } from './detail/detail-recorder.ts';
import { borrowEngine, returnEngine } from './kept-engine.ts';
import { keepDay } from './loaded-day.ts';
import { DayFacts, type MarketFacts, syntheticFacts } from './market-facts.ts';
import type { BacktestOptions } from './options.ts';
import { type ReadingStart, readingWish } from './reading/reading-start.ts';
import { type Meanwhile, openDaysApart } from './reading/reading-thread.ts';
import { RunCollector } from './run-collector.ts';
import { DaySetups, setupOf } from './run-setup.ts';
import type { BacktestHooks, BacktestResult } from './runner.ts';

const FUNDS: ReadonlySet<string> = new Set(['etf', 'lof', 'closed-end', 'structured-fund', 'reit']);
/** Continuous trading, and the calls and what trades add, as seconds of it. */
const SYNTHETIC_SECONDS = 17_000;
/** Days named in a warning. */
const DAYS_NAMED = 5;

export interface DaysHooks {
  readonly log: (source: string, text: string) => void;
  /** Reading, 0..1. */
  readonly onProgress: (fraction: number, text: string) => void;
  /** Days done, of all; events of the current one. */
  readonly onDay: (done: number, all: number, events: number, rows: number) => void;
  /** Keeps what pages show; null = nobody does. */
  readonly recorder: DetailRecorder | null;
  /** The strategy wants every order and trade of the feed. */
  readonly orderEvents: boolean;
  /** The strategy looks at no tick by itself; absent = it may. */
  readonly noTicks?: boolean;
  /** What a day's engine is wired to beside its rings; absent = nothing. */
  readonly wiring?: BacktestHooks['wiring'];
  /** The thread that reads the data already; absent = they are read here. */
  readonly reading?: ReadingStart | null;
  /** Done piece by piece while that thread reads. */
  readonly meanwhile?: Meanwhile;
  /** Changes the setup of each day before it runs. */
  readonly changeSetup?: (setup: EngineSetup) => EngineSetup;
}

/** A run, as far as it came. */
export interface DaysRun {
  readonly instruments: readonly string[];
  readonly records: readonly DayRecord[];
  /** Last day of the data before the first of the run. */
  readonly dayBefore?: number;
  readonly missingDays: readonly number[];
  readonly actions: readonly ActionEvent[];
  readonly benchmark: readonly DayClose[];
  readonly warnings: readonly string[];
  readonly sha256: string;
}

/** Throws what loading throws. A strategy that failed ends the run with its day. */
export async function runDays(
  options: BacktestOptions,
  book: RuleBook,
  hooks: DaysHooks,
): Promise<DaysRun> {
  if (options.data.kind === 'synthetic') return runSynthetic(options, book, hooks);
  const { path } = options.data;
  const run = new FilesRun(options, book, hooks, await openDays(path, options, book, hooks), path);
  return run.run();
}

/** From the thread that reads already, or read here. */
function openDays(
  path: string,
  options: BacktestOptions,
  book: RuleBook,
  { onProgress, reading = null, meanwhile = () => Promise.resolve(false) }: DaysHooks,
): Promise<MarketDays> {
  if (reading !== null) return openDaysApart(reading, onProgress, meanwhile);
  const { overlays: _, ...wish } = readingWish(path, options);
  return openMarketDays({ ...wish, rules: book, onProgress });
}

async function runSynthetic(
  options: BacktestOptions,
  book: RuleBook,
  hooks: DaysHooks,
): Promise<DaysRun> {
  if (options.data.kind !== 'synthetic') throw new Error('expected synthetic data');
  const source: SyntheticSource = {
    kind: 'synthetic',
    seed: options.data.seed,
    instruments: options.instruments.map(({ symbol, preCloseE4 }) => ({
      symbol,
      preCloseE4,
      volatility: DEFAULT_VOLATILITY,
      eventsPerSecond: DEFAULT_EVENTS_PER_SECOND,
    })),
  };
  const facts = syntheticFacts(source.seed, options.day, source.instruments, book);
  const { changeSetup = (made) => made } = hooks;
  const setup = changeSetup(setupOf(options, source, facts, book, hooks.orderEvents));
  const collector = new RunCollector(setup);
  const engine = borrowEngine();
  const result = await engine.runDay(
    setup,
    dayHooks(collector, hooks, setup, 0, 1, expectedEvents(source)),
  );
  const record = recordDay(setup, facts, result, collector);
  returnEngine(engine);
  return {
    instruments: setup.instruments.map(({ symbol }) => symbol),
    records: [{ ...record, warnings: [...record.warnings, ...notesOf(book, facts.day, options)] }],
    missingDays: [],
    actions: [],
    benchmark: [],
    warnings: [],
    sha256: facts.sha256,
  };
}

/** About how many events a generated day has: what progress is told of. */
function expectedEvents({ instruments }: SyntheticSource): number {
  const each = instruments.map(({ eventsPerSecond }) => eventsPerSecond * SYNTHETIC_SECONDS);
  return each.reduce((sum, events) => sum + events, 0);
}

function dayHooks(
  collector: RunCollector,
  { log, onDay, recorder, wiring }: DaysHooks,
  setup: EngineSetup,
  done: number,
  all: number,
  rows: number,
): BacktestHooks {
  const own = { ...collector.hooks, log, ...(wiring === undefined ? {} : { wiring }) };
  const onEvents = (count: number): void => onDay(done, all, count, rows);
  if (recorder === null) return { ...own, onEvents };
  recorder.begin(setup);
  return { ...own, onEvents, events: new BothHandlers(recorder, collector), types: SHOWN };
}

function notesOf(book: RuleBook, day: number, { rules }: BacktestOptions): string[] {
  return [
    ...checkSessionDay(book.calendar, day, 'backtest'),
    ...rules.map((path) => `rules of ${path}`),
  ];
}

class FilesRun {
  readonly #options: BacktestOptions;
  readonly #book: RuleBook;
  readonly #hooks: DaysHooks;
  readonly #days: MarketDays;
  readonly #path: string;
  readonly #engine = borrowEngine();
  readonly #closes: PriorCloses;
  readonly #records: DayRecord[] = [];
  readonly #symbols: readonly string[];
  readonly #facts: DayFacts;
  readonly #setups: DaySetups;
  readonly #absences = new Absences();
  /** Of the data of each day. */
  readonly #hashes: string[] = [];
  #holder: ActionHolder | null = null;
  /** Of the bars the run is played from; 0 = there are none. */
  #barSeconds = 0;
  #before: { readonly setup: EngineSetup; readonly result: BacktestResult } | null = null;

  constructor(
    options: BacktestOptions,
    book: RuleBook,
    hooks: DaysHooks,
    days: MarketDays,
    path: string,
  ) {
    this.#options = options;
    this.#book = book;
    this.#hooks = hooks;
    this.#days = days;
    this.#path = path;
    this.#symbols = options.instruments.map(({ symbol }) => symbol);
    this.#facts = new DayFacts(book);
    this.#setups = new DaySetups(options, book, hooks.orderEvents);
    this.#closes = new PriorCloses(days.actions, days.closesBefore, ticksOf(book));
  }

  async run(): Promise<DaysRun> {
    const { days } = this.#days;
    for (const [n, day] of days.entries()) {
      const adjusted = this.#closes.openDay(day);
      const facts = await this.#load(day);
      const { changeSetup = (made) => made } = this.#hooks;
      const setup = changeSetup(this.#setup(facts, n === 0 ? 0 : days[n - 1]!));
      const collector = new RunCollector(setup);
      const result = await this.#engine.runDay(
        setup,
        dayHooks(collector, this.#hooks, setup, n, days.length, facts.rows),
        {
          moreDays: n + 1 < days.length,
          adjusted: actionsIn(setup, adjusted),
          ...(n === 0 ? { earlier: this.#earlierOf(setup) } : {}),
        },
      );
      // Nobody decides any more: the days that follow would say nothing about the strategy.
      const isLast =
        n + 1 === days.length || result.strategyFailures.length === setup.strategies.length;
      this.#end(setup, facts, result, collector, isLast);
      if (isLast) break;
    }
    returnEngine(this.#engine);
    return {
      instruments: this.#before!.setup.instruments.map(({ symbol }) => symbol),
      records: this.#records,
      ...dayBeforeOf(this.#days),
      missingDays: this.#missingDays(),
      actions: this.#holder?.events ?? [],
      benchmark: this.#days.benchmark,
      warnings: [...this.#notes(), ...this.#absences.texts(this.#records.length)],
      sha256: this.#days.sha256(this.#hashes),
    };
  }

  /** What lies in the data before the first day, adjusted as of it. */
  #earlierOf({ day, instruments }: EngineSetup): EarlierBarsOf {
    const { earlier, actions } = this.#days;
    return (instrument, intervalS, most) => {
      const { symbol } = instruments[instrument]!;
      const seconds = intervalS === 0 ? this.#barSeconds : intervalS;
      const rows = seconds === 0 ? null : earlier.rows(symbol, seconds, most);
      if (rows === null) return null;
      const own = actions.filter((action) => action.symbol === symbol);
      return adjustedAsOf(rows, own, day);
    };
  }

  async #load(day: number): Promise<MarketFacts> {
    const market = await keepDay(this.#source(day), () =>
      this.#days.open(day, this.#closes.prices),
    );
    this.#hashes.push(market.sha256);
    if (this.#records.length === 0) this.#barSeconds = barSecondsOf(market.tape);
    const given = this.#records.length === 0 ? givenOf(this.#options) : new Map();
    const notes = notesOf(this.#book, market.day, { ...this.#options, rules: [] });
    return this.#facts.of(market, given, notes);
  }

  #source(day: number): FileSource {
    const { skipBadRows, rules } = this.#options;
    const instruments = this.#symbols;
    return { kind: 'files', path: this.#path, instruments, day, skipBadRows, rules };
  }

  /** The day's setup: with the options' books, or with those of the day before. */
  #setup(facts: MarketFacts, dayBefore: number): EngineSetup {
    const made = this.#setups.of(this.#source(facts.day), facts);
    const isQuiet = this.#isQuiet(facts) && !needsFeed(made.risk.entries);
    const setup = isQuiet ? { ...made, wholePhases: true } : made;
    if (this.#before === null) {
      this.#holder = this.#makeHolder(setup);
      return setup;
    }
    const { setup: old, result } = this.#before;
    const { account } = result.accounts[0]!;
    const days = tradingDays(this.#book.calendar, dayBefore, setup.day);
    if (this.#isAlike(setup) && this.#holder!.passes(dayBefore, setup.day)) {
      return { ...setup, accounts: [rolledAccount(setup, 0, old, account, days)] };
    }
    const opened = this.#holder!.open(dayBefore, setup.day, closedBooks(old, account));
    return { ...setup, accounts: [carriedAccount(setup, 0, setup.accounts[0]!, opened, days)] };
  }

  /** The instruments of the day before, in their order, but for prices. */
  #isAlike({ instruments }: EngineSetup): boolean {
    return likenessOf(instruments) === likenessOf(this.#before!.setup.instruments);
  }

  /** A day of bars, and nobody looks at what it would show of each instrument between them. */
  #isQuiet({ hasBarsOnly }: MarketFacts): boolean {
    const { noTicks = false, orderEvents } = this.#hooks;
    return hasBarsOnly && noTicks && !orderEvents && this.#options.latency === undefined;
  }

  #makeHolder(setup: EngineSetup): ActionHolder {
    const funds = new Set(
      setup.instruments.filter(({ kind }) => FUNDS.has(kind)).map(({ symbol }) => symbol),
    );
    const isFund = (symbol: string): boolean => funds.has(symbol);
    const holder = new ActionHolder(this.#days.actions, this.#options.actions, isFund);
    for (const { symbol, qty } of this.#options.positions) holder.hold(symbol, qty);
    return holder;
  }

  #end(
    setup: EngineSetup,
    facts: MarketFacts,
    result: BacktestResult,
    collector: RunCollector,
    isLast: boolean,
  ): void {
    this.#before = { setup, result };
    this.#closes.endDay(setup.day, setup.instruments, facts.lastPricesE4);
    this.#holder!.traded(setup.day, collector.fills);
    const isFirst = this.#records.length === 0;
    const record = recordDay(setup, facts, result, collector, { isFirst, isLast });
    this.#records.push({ ...record, pendingE4: this.#holder!.pendingE4 });
    this.#absences.note(setup, facts.lastPricesE4);
  }

  /** Trading days between the first and the last that the data do not have. */
  #missingDays(): number[] {
    const run = new Set(this.#records.map(({ day }) => day));
    const [first, last] = [this.#records[0]!.day, this.#records.at(-1)!.day];
    const { calendar } = this.#book;
    return knownDays(calendar, first, last).filter((day) => !run.has(day));
  }

  #notes(): string[] {
    const notes = this.#options.rules.map((path) => `rules of ${path}`);
    const missing = this.#missingDays();
    if (missing.length > 0) {
      notes.push(`${missing.length} trading days are not in the data: ${named(missing)}`);
    }
    const [first, last] = [this.#records[0]!.day, this.#records.at(-1)!.day];
    if (this.#records.length > 1 && knownDays(this.#book.calendar, first, last).length === 0) {
      const range = `${dayText(first)} to ${dayText(last)}`;
      notes.push(`the calendar does not know ${range}: missing days are not looked for`);
    }
    return notes;
  }
}

interface Absence {
  readonly symbol: string;
  count: number;
  readonly first: number[];
}

/** Days of the run on which an instrument had no row: suspended, not listed yet, or a hole. */
class Absences {
  /** Told, never filled. */
  readonly #days = new Map<string, Absence>();
  /** By index, as instruments were placed last. */
  readonly #placed: (Absence | undefined)[] = [];

  note({ day, instruments }: EngineSetup, lastPricesE4: ArrayLike<number>): void {
    for (let i = 0; i < lastPricesE4.length; i++) {
      if (lastPricesE4[i]! > 0) continue;
      const { symbol } = instruments[i]!;
      let own = this.#placed[i];
      if (own?.symbol !== symbol) own = this.#of(symbol);
      this.#placed[i] = own;
      if (own.count++ < DAYS_NAMED) own.first.push(day);
    }
  }

  #of(symbol: string): Absence {
    const own = this.#days.get(symbol) ?? { symbol, count: 0, first: [] };
    this.#days.set(symbol, own);
    return own;
  }

  /** Nothing of a run of one day: it is told already. */
  texts(daysOfRun: number): string[] {
    if (daysOfRun < 2) return [];
    return [...this.#days.values()].map(({ symbol, count, first }) => {
      return `${symbol}: no data on ${count} of ${daysOfRun} days (${named(first, count)})`;
    });
  }
}

function dayBeforeOf({ closesBefore }: MarketDays): { dayBefore?: number } {
  const dayBefore = [...closesBefore.values()].reduce((last, { day }) => Math.max(last, day), 0);
  return dayBefore === 0 ? {} : { dayBefore };
}

function named(days: readonly number[], count = days.length): string {
  const more = count > DAYS_NAMED ? ` and ${count - DAYS_NAMED} more` : '';
  return `${days.slice(0, DAYS_NAMED).map(dayText).join(', ')}${more}`;
}

/** Ex-dates in indexes of the day. */
function actionsIn(
  { instruments }: EngineSetup,
  factors: ReadonlyMap<string, number>,
): PriceAction[] {
  if (factors.size === 0) return [];
  return instruments.flatMap(({ symbol, index }) => {
    const factor = factors.get(symbol);
    return factor === undefined ? [] : [{ instrument: index, factor }];
  });
}

function givenOf(options: BacktestOptions): Map<string, InstrumentFacts> {
  const given = options.instruments.filter(({ preCloseE4 }) => preCloseE4 > 0);
  return new Map(given.map(({ symbol, preCloseE4 }) => [symbol, { preCloseE4 }]));
}

/** Ticks by symbol, each looked up once: thousands of stocks have dozens of ex-dates each. */
function ticksOf(book: RuleBook): (symbol: string) => number {
  const known = new Map<string, number>();
  return (symbol) => {
    const tickE4 = known.get(symbol) ?? makeInstrument(latestRules(book, symbol), 0, symbol).tickE4;
    known.set(symbol, tickE4);
    return tickE4;
  };
}

/** Trading days of a range; none where the calendar does not know all of it. */
function knownDays(calendar: Calendar, from: number, to: number): number[] {
  try {
    return calendar.tradingDays(from, to);
  } catch (error) {
    if (error instanceof RuleError) return [];
    throw error;
  }
}

/** Trading days from one to the other; 1 where the calendar does not know. */
function tradingDays(calendar: Calendar, from: number, to: number): number {
  return Math.max(1, knownDays(calendar, from, to).filter((day) => day > from).length);
}
