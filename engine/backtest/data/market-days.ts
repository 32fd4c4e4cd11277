// The days of a run, found before the first of them is played: from files, which are read once as a
// whole, or from a store, of which one day at a time is in memory. Called by the backtest command.
// Always: a day has every instrument of the run under the same index, with a row or without; days
// come in order; the calendar says which are missing, the data are never filled in.
import { createHash } from 'node:crypto';
import { isShelving, shelvedPlan, shelvePlan } from '../day-shelf.ts';
import { columnOf, intervalOf, type Table } from '../store/columns.ts';
import { readDayFile } from '../store/day-file.ts';
import { filesIn, isStore, type StoredFile } from '../store/store-folder.ts';
import { actionsOf } from '../store/stream-table.ts';
import { BarSeries, seriesFiles } from './bar-series.ts';
import { type EarlierPlan, type EarlierRows, PlannedRows, StoredRows } from './earlier-bars.ts';
import { MarketDataError } from './errors.ts';
import { contentsAt, FREQUENCIES } from './frequency.ts';
import { Load, type LoadOptions, type MarketDay } from './load.ts';
import type { PriorPrices } from './prior-prices.ts';
import type { ActionRow, DayClose } from './stream-set.ts';

export interface MarketDays {
  /** Days of the run, rising; at least one. */
  readonly days: readonly number[];
  /** Corporate actions by symbol and ex-date, of any day. */
  readonly actions: readonly ActionRow[];
  /** Closes of the benchmark by day; empty when the data have none, or none was asked for. */
  readonly benchmark: readonly DayClose[];
  /** Last close before the first day, where the data have one. */
  readonly closesBefore: ReadonlyMap<string, DayClose>;
  /** Each day is read for itself. */
  readonly isByDay: boolean;
  /** Where the data lie. */
  readonly path: string;
  /** Bars before the first day, as plain data; null = they are read when they are asked for. */
  readonly planned: EarlierPlan | null;
  /** Bars before the first day. */
  readonly earlier: EarlierRows;
  /** Makes a day; `prior` as in Load.day(). Days are asked for once, in order. */
  open(day: number, prior: PriorPrices): Promise<MarketDay>;
  /** Over all days, from those of each. */
  sha256(days: readonly string[]): string;
}

/** What is known before the first day, as plain data: it can lie on a shelf. */
export type DaysPlan = Omit<MarketDays, 'open' | 'sha256' | 'earlier'>;

export function planOf(made: MarketDays): DaysPlan {
  const { days, actions, benchmark, closesBefore, isByDay, path, planned } = made;
  return { days, actions, benchmark, closesBefore, isByDay, path, planned };
}

export interface DaysWish extends LoadOptions {
  readonly instruments: readonly string[];
  /** First and last day; 0 = as the data have it. */
  readonly from: number;
  readonly to: number;
}

/** Throws MarketDataError or CsvRowError like the loader, and where no day lies in the range. */
export async function openMarketDays(wish: DaysWish): Promise<MarketDays> {
  const key = planKey(wish);
  const plan = shelvedPlan(key);
  if (plan !== null) return new PlannedDays(plan as DaysPlan, noDay);
  const made = await readMarketDays({ ...wish, keepAll: true });
  if (isShelving()) shelvePlan(key, planOf(made));
  return made;
}

async function readMarketDays(options: DaysWish): Promise<MarketDays> {
  const isStored = isStore(options.path);
  const files = isStored ? dayFiles(options) : [];
  if (files.length > 0) return new StoreDays(options, files);
  const series = isStored ? seriesFiles(options) : null;
  if (series !== null) return new SeriesDays(options, new BarSeries(options, series));
  const load = new Load(options);
  await load.readFiles();
  return new LoadedDays(options, load);
}

function planKey(wish: DaysWish): string {
  const { path, instruments, frequency, benchmark, from, to, skipBadRows } = wish;
  return JSON.stringify(['days', path, instruments, frequency, benchmark, from, to, skipBadRows]);
}

function inRange({ from, to }: DaysWish, day: number): boolean {
  return (from === 0 || day >= from) && (to === 0 || day <= to);
}

function rangeOf(wish: DaysWish, all: readonly number[]): number[] {
  const days = all.filter((day) => inRange(wish, day));
  if (days.length > 0) return days;
  const has = `the data hold ${all[0]} … ${all.at(-1)} (${all.length} days)`;
  const range = `from ${wish.from || 'the start'} to ${wish.to || 'the end'}`;
  throw new MarketDataError(`${wish.path}: ${has}, none ${range}`);
}

/** Everything lies in memory. */
class LoadedDays implements MarketDays {
  readonly days: readonly number[];
  readonly actions: readonly ActionRow[];
  readonly benchmark: readonly DayClose[];
  readonly closesBefore: ReadonlyMap<string, DayClose>;
  readonly #load: Load;
  readonly #wish: DaysWish;
  #planned: EarlierPlan | null = null;
  #earlier: EarlierRows | null = null;
  readonly path: string;
  readonly isByDay = false;

  constructor(wish: DaysWish, load: Load) {
    this.#wish = wish;
    this.path = wish.path;
    this.#load = load;
    this.days = rangeOf(wish, load.dayList());
    this.actions = load.actions;
    this.benchmark = wish.benchmark === undefined ? [] : load.closesOf(wish.benchmark);
    this.closesBefore = load.closesBefore(this.days[0]!);
  }

  get planned(): EarlierPlan | null {
    const { path, instruments } = this.#wish;
    if (isStore(path)) return null;
    this.#planned ??= this.#load.earlierBars(instruments, this.days[0]!);
    return this.#planned;
  }

  /** Decoded when it is first asked for: most strategies keep no bars. */
  get earlier(): EarlierRows {
    this.#earlier ??= earlierOf(this.planned, this.#wish.path, this.days[0]!);
    return this.#earlier;
  }

  open(day: number, prior: PriorPrices): Promise<MarketDay> {
    const made = this.#load.day(day, prior);
    this.#load.forget(day);
    return Promise.resolve(made);
  }

  sha256([first = '']: readonly string[]): string {
    return first;
  }
}

/** Daily bars of a store, in columns. */
class SeriesDays implements MarketDays {
  readonly days: readonly number[];
  readonly actions: readonly ActionRow[];
  readonly benchmark: readonly DayClose[];
  readonly closesBefore: ReadonlyMap<string, DayClose>;
  readonly isByDay = false;
  readonly path: string;
  readonly planned = null;
  readonly earlier: EarlierRows;
  readonly #series: BarSeries;

  constructor(wish: DaysWish, series: BarSeries) {
    this.#series = series;
    this.days = rangeOf(wish, series.dayList);
    this.path = wish.path;
    this.earlier = earlierOf(null, wish.path, this.days[0]!);
    this.actions = series.actions;
    this.benchmark = series.benchmark;
    this.closesBefore = series.closesBefore(this.days[0]!);
  }

  open(day: number, prior: PriorPrices): Promise<MarketDay> {
    return Promise.resolve(this.#series.open(day, prior));
  }

  sha256([first = '']: readonly string[]): string {
    return first;
  }
}

function earlierOf(planned: EarlierPlan | null, path: string, before: number): EarlierRows {
  return planned === null ? new StoredRows(path, before) : new PlannedRows(planned);
}

/** Files of a store that hold one day each, of the wanted instruments and kinds. */
function dayFiles({ path, instruments, frequency }: DaysWish): StoredFile[] {
  const contents = contentsAt(frequency);
  return filesIn(path, [...instruments]).filter(({ day, kind }) => {
    if (day === 0 || kind === 'statics' || kind === 'start-book') return false;
    const isBars = kind.startsWith('bars-');
    if (!contents.includes(isBars ? 'bars' : (kind as 'orders'))) return false;
    if (!isBars || frequency === undefined || frequency === 'tick') return true;
    return intervalOf(kind) === FREQUENCIES[frequency];
  });
}

/** A store of one file a day: each day is read when its turn comes, and then forgotten. */
class StoreDays implements MarketDays {
  readonly days: readonly number[];
  readonly actions: readonly ActionRow[];
  readonly benchmark: readonly DayClose[];
  readonly closesBefore = new Map<string, DayClose>();
  readonly earlier: EarlierRows;
  readonly path: string;
  readonly planned = null;
  readonly #wish: DaysWish;
  readonly isByDay = true;

  constructor(wish: DaysWish, files: readonly StoredFile[]) {
    this.#wish = wish;
    const all = [...new Set(files.map(({ day }) => day))].sort((a, b) => a - b);
    this.days = rangeOf(wish, all);
    this.path = wish.path;
    this.earlier = earlierOf(null, wish.path, this.days[0]!);
    this.actions = wish.instruments.flatMap((symbol) => storedActions(wish.path, symbol));
    this.benchmark = wish.benchmark === undefined ? [] : dailyCloses(wish.path, wish.benchmark);
    for (const symbol of wish.instruments) {
      const before = dailyCloses(wish.path, symbol).findLast(({ day }) => day < this.days[0]!);
      if (before !== undefined) this.closesBefore.set(symbol, before);
    }
  }

  async open(day: number, prior: PriorPrices): Promise<MarketDay> {
    const { benchmark: _, ...wish } = this.#wish;
    const load = new Load({ ...wish, day });
    await load.readFiles();
    return load.day(day, prior);
  }

  sha256(days: readonly string[]): string {
    return hashOfDays(days, this.earlier.used);
  }
}

/** Also over the earlier bars that the strategy was given. */
function hashOfDays(days: readonly string[], earlier: readonly string[]): string {
  if (days.length === 1 && earlier.length === 0) return days[0]!;
  const hash = createHash('sha256');
  for (const sha256 of days) hash.update(`${sha256}\n`);
  for (const file of [...new Set(earlier)].sort()) hash.update(`before: ${file}\n`);
  return hash.digest('hex');
}

/** Days of which the plan is known, and which somebody else makes. */
export class PlannedDays implements MarketDays {
  readonly days: readonly number[];
  readonly actions: readonly ActionRow[];
  readonly benchmark: readonly DayClose[];
  readonly closesBefore: ReadonlyMap<string, DayClose>;
  readonly open: MarketDays['open'];
  readonly isByDay: boolean;
  readonly path: string;
  readonly planned: EarlierPlan | null;
  readonly earlier: EarlierRows;

  constructor(plan: DaysPlan, open: MarketDays['open']) {
    const { days, actions, benchmark, closesBefore, isByDay, path, planned } = plan;
    this.path = path;
    this.planned = planned;
    this.earlier = earlierOf(planned, path, days[0]!);
    this.days = days;
    this.actions = actions;
    this.benchmark = benchmark;
    this.closesBefore = closesBefore;
    this.isByDay = isByDay;
    this.open = open;
  }

  sha256(days: readonly string[]): string {
    return this.isByDay ? hashOfDays(days, this.earlier.used) : (days[0] ?? '');
  }
}

/** All days lie on the shelf. */
function noDay(day: number): Promise<MarketDay> {
  return Promise.reject(new MarketDataError(`day ${day} is not on the shelf (a bug)`));
}

/** The table of a series of an instrument; null = the store has none. */
function seriesOf(path: string, symbol: string, kind: string): Table | null {
  const file = filesIn(path, [symbol]).find((stored) => stored.kind === kind);
  return file === undefined ? null : readDayFile(file.path).table;
}

function storedActions(path: string, symbol: string): ActionRow[] {
  const table = seriesOf(path, symbol, 'actions');
  return table === null ? [] : actionsOf(table, symbol);
}

function dailyCloses(path: string, symbol: string): DayClose[] {
  const table = seriesOf(path, symbol, 'bars-1d');
  if (table === null) return [];
  const closes = columnOf(table, 'closeE4');
  return [...columnOf(table, 'day')].map((day, row) => ({ day, closeE4: closes[row]! }));
}
