// Daily bars of many instruments over years, from a store, in columns: each file is read once, a
// day's tape is written straight from the columns, and nothing else is made per bar. Called by
// market-days.ts for runs over nothing but such bars; Load makes the same days of the same files
// one frame at a time, and a test holds the two against each other.
// Always: a bar lies on one tape only, that of its day; instruments keep their indexes all days.
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { parseSymbol } from '../../core/instrument.ts';
import { STAGE_FEED } from '../../messages/codes.ts';
import { Bar } from '../../messages/generated/market.ts';
import { InstrumentsByDay } from '../../rules/day-by-day.ts';
import { builtInBook } from '../../rules/rule-book.ts';
import { RuleError } from '../../rules/rule-error.ts';
import type { DayFile } from '../store/day-file.ts';
import { ColumnReader, type FileColumns } from '../store/file-columns.ts';
import { checkPlace, layoutOf } from '../store/read-store.ts';
import { filesIn, type StoredFile } from '../store/store-folder.ts';
import { actionsOf } from '../store/stream-table.ts';
import { Tape } from '../tape.ts';
import { DayWriter } from './day-writer.ts';
import { MarketDataError } from './errors.ts';
import type { LoadOptions, MarketDay } from './load.ts';
import type { PriorPrices } from './prior-prices.ts';
import type { ActionRow, DayClose } from './stream-set.ts';

const KIND = 'bars-1d';
const DAY_S = 86_400;
/** Days read ahead together: few enough that their rows of all columns stay in the first cache. */
const WINDOW_DAYS = 16;

/** What a run reads; its instruments are named. */
export interface SeriesWish extends LoadOptions {
  readonly instruments: readonly string[];
}

/** The bars of one instrument, by day. */
class Series {
  readonly symbol: string;
  /** Index of its instrument; -1 = it is read for the benchmark alone. */
  readonly index: number;
  readonly days: Int32Array;
  readonly closeE4: Int32Array;
  /** Where its rows came from. */
  readonly source: string;
  readonly #openE4: Int32Array;
  readonly #highE4: Int32Array;
  readonly #lowE4: Int32Array;
  readonly #volume: number | Float64Array;
  readonly #amountE4: number | Float64Array;
  readonly #startNs: number | Float64Array;
  readonly #endNs: number | Float64Array;
  /** Rows before it are of days that are over. */
  #row = 0;

  constructor(symbol: string, index: number, source: string, columns: FileColumns) {
    this.symbol = symbol;
    this.index = index;
    this.source = source;
    this.days = columns.sharedInts('day');
    this.#openE4 = columns.ints('openE4');
    this.#highE4 = columns.ints('highE4');
    this.#lowE4 = columns.ints('lowE4');
    this.closeE4 = columns.ints('closeE4');
    this.#volume = columns.oneOrAll('volume');
    this.#amountE4 = columns.oneOrAll('amountE4');
    this.#startNs = columns.oneOrAll('startNs');
    this.#endNs = columns.oneOrAll('endNs');
  }

  /** Puts its rows of the window's days behind those of the series before. Days come in order. */
  copyTo(window: DayWindow): void {
    const { days } = this;
    const firstDay = window.days[0]!;
    let row = this.#row;
    if (row > 0 && days[row - 1]! >= firstDay) row = 0;
    while (row < days.length && days[row]! < firstDay) row++;
    for (let d = 0; d < window.days.length && row < days.length; d++) {
      if (days[row] !== window.days[d]) continue;
      const to = window.claim(d);
      window.index[to] = this.index;
      window.openE4[to] = this.#openE4[row]!;
      window.highE4[to] = this.#highE4[row]!;
      window.lowE4[to] = this.#lowE4[row]!;
      window.closeE4[to] = this.closeE4[row]!;
      window.volume[to] = valueAt(this.#volume, row);
      window.amountE4[to] = valueAt(this.#amountE4, row);
      window.startNs[to] = valueAt(this.#startNs, row);
      window.endNs[to] = valueAt(this.#endNs, row);
      row++;
    }
    this.#row = row;
  }
}

/**
 * The bars of some days, day by day: series are read along, days across, and one row at a time of
 * thousands of series would miss the cache with every number.
 */
class DayWindow {
  days: readonly number[] = [];
  readonly index: Int32Array;
  readonly openE4: Int32Array;
  readonly highE4: Int32Array;
  readonly lowE4: Int32Array;
  readonly closeE4: Int32Array;
  readonly volume: Float64Array;
  readonly amountE4: Float64Array;
  readonly startNs: Float64Array;
  readonly endNs: Float64Array;
  readonly #perDay: number;
  readonly #counts = new Int32Array(WINDOW_DAYS);

  constructor(series: number) {
    const room = series * WINDOW_DAYS;
    const ints = () => new Int32Array(room);
    const floats = () => new Float64Array(room);
    this.#perDay = series;
    this.index = ints();
    this.openE4 = ints();
    this.highE4 = ints();
    this.lowE4 = ints();
    this.closeE4 = ints();
    this.volume = floats();
    this.amountE4 = floats();
    this.startNs = floats();
    this.endNs = floats();
  }

  fill(days: readonly number[], all: readonly Series[]): void {
    this.days = days;
    this.#counts.fill(0);
    for (const series of all) series.copyTo(this);
  }

  /** Room for one more bar of the d-th day. */
  claim(d: number): number {
    return d * this.#perDay + this.#counts[d]!++;
  }

  /** Bars of the d-th day: from where, and how many. */
  rangeOf(d: number): { readonly from: number; readonly count: number } {
    return { from: d * this.#perDay, count: this.#counts[d]! };
  }

  /** Writes a bar to the end of a tape. */
  write(at: number, tape: Tape, bar: Bar): void {
    const room = tape.claim(Bar.BYTES);
    const b = bar.begin(tape.tail, room);
    b.source = STAGE_FEED;
    b.startNs = this.startNs[at]!;
    b.eventNs = this.endNs[at]!;
    b.instrument = this.index[at]!;
    b.intervalS = DAY_S;
    b.openE4 = this.openE4[at]!;
    b.highE4 = this.highE4[at]!;
    b.lowE4 = this.lowE4[at]!;
    b.closeE4 = this.closeE4[at]!;
    b.volume = this.volume[at]!;
    b.amountE4 = this.amountE4[at]!;
    tape.commit();
  }
}

/** Of a column that may be one number: most bars of a series end at one time. */
function valueAt(column: number | Float64Array, row: number): number {
  return typeof column === 'number' ? column : column[row]!;
}

/** The files of a run over nothing but daily bars of a store; null = it is another run. */
export function seriesFiles(wish: SeriesWish): readonly StoredFile[] | null {
  const { path, instruments, benchmark = '', frequency, contents, day } = wish;
  if (contents !== undefined || day !== undefined) return null;
  if (frequency !== undefined && frequency !== '1d') return null;
  const own = new Set(instruments.map((text) => parseSymbol(text).symbol));
  const files = filesIn(path, [...new Set([...own, benchmark])].filter(Boolean));
  const kept: StoredFile[] = [];
  const withBars = new Set<string>();
  for (const file of files) {
    const { kind, symbol } = file;
    if (kind === KIND) withBars.add(symbol);
    else if (kind !== 'actions' && !isLeftOut(file, frequency, benchmark)) return null;
    if (kind === KIND || kind === 'actions') kept.push(file);
  }
  for (const symbol of own) if (!withBars.has(symbol)) return null;
  return kept.sort((a, b) => a.symbol.localeCompare(b.symbol) || rank(a) - rank(b));
}

/** Whether a run of daily bars passes over a file of another kind. */
function isLeftOut({ kind, symbol }: StoredFile, frequency: unknown, benchmark: string): boolean {
  if (kind === 'statics' || kind === 'start-book') return false;
  if (frequency === undefined) return false;
  return !(kind.startsWith('bars-') && symbol === benchmark);
}

function rank({ kind }: StoredFile): number {
  return kind === 'actions' ? 0 : 1;
}

/** Bars of one day. */
interface DayBars {
  /** Ends of the bars, not falling. */
  readonly times: Float64Array;
  /** Puts the n-th bar at the end of a tape. */
  readonly write: (n: number, tape: Tape) => void;
}

const NO_EVENTS = new Tape();

/** Everything that a run over daily bars reads. */
export class BarSeries {
  readonly actions: ActionRow[] = [];
  /** Days with a bar of an instrument of the run, rising. */
  readonly dayList: readonly number[];
  /** Over names and contents of the files. */
  readonly sha256: string;
  readonly #wish: SeriesWish;
  /** Normal symbols of the run, by index. */
  readonly #symbols: readonly string[];
  /** In the order of the files, which is that of bars of one time. */
  readonly #all: readonly Series[];
  readonly #own: readonly Series[];
  readonly #benchmark: Series | null;
  readonly #warnings: string[] = [];
  readonly #layouts = new Set<string>();
  readonly #indexOf: ReadonlyMap<number, number>;
  readonly #byDay: InstrumentsByDay;
  readonly #noLayouts: readonly string[];
  readonly #unknownTexts: string[] = [];
  readonly #bar = new Bar();
  readonly #window: DayWindow;
  /** Warnings of series whose prices nobody traded at. */
  readonly #adjusted: readonly string[];

  /** Reads the files of seriesFiles(). Throws MarketDataError. */
  constructor(wish: SeriesWish, files: readonly StoredFile[]) {
    this.#wish = wish;
    this.#symbols = [...new Set(wish.instruments.map((text) => parseSymbol(text).symbol))];
    const indexes = new Map(this.#symbols.map((symbol, i) => [symbol, i]));
    const hash = createHash('sha256');
    const all: Series[] = [];
    const reader = new ColumnReader();
    for (const [n, stored] of files.entries()) {
      const name = `${stored.symbol}/${basename(stored.path)}`;
      reader.read(stored.path, (file, columns) => {
        this.#check(stored, file, name);
        hash.update(`${name} ${file.contentHash}\n`);
        const { symbol } = stored;
        if (stored.kind === 'actions') this.actions.push(...actionsOf(columns.table(), symbol));
        else all.push(seriesOf(stored, file, columns, indexes.get(symbol) ?? -1));
      });
      wish.onProgress?.((n + 1) / files.length, name);
    }
    this.sha256 = hash.digest('hex');
    this.#all = all;
    this.#own = all.filter(({ index }) => index >= 0);
    this.#benchmark = all.find(({ symbol }) => symbol === wish.benchmark) ?? null;
    this.#indexOf = new Map(this.#symbols.map((_, i) => [i, i]));
    this.#byDay = new InstrumentsByDay(this.#symbols);
    this.#noLayouts = this.#symbols.map(() => '');
    this.dayList = daysOf(this.#own);
    this.#window = new DayWindow(this.#own.length);
    this.#adjusted = this.#own
      .map(({ symbol, source }) => ({ symbol, name: basename(source) }))
      .filter(({ name }) => /adjust/i.test(name))
      .map(({ symbol, name }) => `${name}: ${symbol}: adjusted prices, not the traded ones`);
  }

  #check(stored: StoredFile, file: DayFile, name: string): void {
    checkPlace(stored, file);
    const { layout, warnings, badRows } = file.meta;
    this.#layouts.add(layout);
    this.#warnings.push(...warnings);
    if (badRows > 0) this.#warnings.push(`${name}: ${badRows} broken rows were left out at import`);
  }

  get benchmark(): DayClose[] {
    const series = this.#benchmark;
    if (series === null) return [];
    return [...series.days].map((day, row) => ({ day, closeE4: series.closeE4[row]! }));
  }

  /** The last close of each instrument, and of the benchmark, before a day. */
  closesBefore(day: number): Map<string, DayClose> {
    const closes = new Map<string, DayClose>();
    for (const { symbol, days, closeE4 } of this.#all) {
      const row = days.findLastIndex((own) => own < day);
      if (row >= 0) closes.set(symbol, { day: days[row]!, closeE4: closeE4[row]! });
    }
    return closes;
  }

  /** A day of dayList; `prior` as in Load.day(). */
  open(day: number, prior: PriorPrices): MarketDay {
    const warnings = [...this.#warnings];
    const preClosesE4 = prior.of(this.#symbols);
    const instruments = this.#instruments(day, preClosesE4, warnings);
    warnings.push(...this.#adjusted);
    const plan = { merged: NO_EVENTS, instruments, indexOf: this.#indexOf, day, startBook: null };
    const { times, write } = this.#barsOf(day);
    return {
      ...{ day, instruments, statics: [], preClosesE4, warnings },
      tape: new DayWriter(plan).writeBars(times, write),
      rows: times.length,
      ...{ badRows: [], channels: [], notInStaticFile: [] },
      orderLayouts: this.#noLayouts,
      rowAt: () => null,
      layouts: [...this.#layouts],
      sha256: this.sha256,
    };
  }

  #instruments(day: number, preClosesE4: Float64Array, warnings: string[]) {
    const rules = (this.#wish.rules ?? builtInBook()).on(day);
    for (let i = 0; i < preClosesE4.length; i++) {
      if (preClosesE4[i]! === 0) warnings.push(this.#unknownText(i));
    }
    try {
      return this.#byDay.on(rules, preClosesE4);
    } catch (error) {
      if (error instanceof RuleError) {
        throw new MarketDataError(`${this.#wish.path}: ${error.message}`);
      }
      throw error;
    }
  }

  /** One text for all days: thousands of stocks are not listed yet for years. */
  #unknownText(i: number): string {
    this.#unknownTexts[i] ??=
      `${this.#symbols[i]}: no previous close in the files, so no price limits are known`;
    return this.#unknownTexts[i];
  }

  /** The day's bars by time; those of one time in the order of the files. */
  #barsOf(day: number): DayBars {
    const window = this.#window;
    let d = window.days.indexOf(day);
    if (d < 0) {
      const at = this.dayList.indexOf(day);
      window.fill(this.dayList.slice(at, at + WINDOW_DAYS), this.#own);
      d = 0;
    }
    const { from, count } = window.rangeOf(d);
    const times = window.endNs.slice(from, from + count);
    const write = (n: number, tape: Tape): void => window.write(from + n, tape, this.#bar);
    if (isRising(times)) return { times, write };
    const order = [...times.keys()].sort((a, b) => times[a]! - times[b]!);
    return { times: times.toSorted(), write: (n, tape) => write(order[n]!, tape) };
  }
}

function isRising(times: Float64Array): boolean {
  for (let n = 1; n < times.length; n++) if (times[n]! < times[n - 1]!) return false;
  return true;
}

/** Throws MarketDataError for a layout of another version. */
function seriesOf(stored: StoredFile, file: DayFile, columns: FileColumns, index: number): Series {
  layoutOf(stored, file);
  const { sources } = file.meta;
  const source = sources.length === 1 ? sources[0]!.name : stored.path;
  return new Series(stored.symbol, index, source, columns);
}

/** Days of any of the series, rising. Most have the days of the one before. */
function daysOf(all: readonly Series[]): number[] {
  const days = new Set<number>();
  let before = new Int32Array();
  for (const { days: own } of all) {
    const known = before;
    if (own === known) continue;
    if (own.length !== known.length || own.some((day, row) => day !== known[row])) {
      for (const day of own) days.add(day);
    }
    before = own as Int32Array<ArrayBuffer>;
  }
  if (days.size === 0) throw new MarketDataError('no rows to load');
  return [...days].sort((a, b) => a - b);
}
