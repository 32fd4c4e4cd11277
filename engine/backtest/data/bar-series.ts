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
import { columnOf, type Table } from '../store/columns.ts';
import { readDayFile } from '../store/day-file.ts';
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
  readonly #volume: Float64Array;
  readonly #amountE4: Float64Array;
  readonly #startNs: Times;
  readonly #endNs: Times;
  /** Rows before it are of days that are over. */
  #row = 0;

  constructor(symbol: string, index: number, source: string, table: Table) {
    const ints = (name: string): Int32Array => Int32Array.from(columnOf(table, name));
    this.symbol = symbol;
    this.index = index;
    this.source = source;
    this.days = ints('day');
    this.#openE4 = ints('openE4');
    this.#highE4 = ints('highE4');
    this.#lowE4 = ints('lowE4');
    this.closeE4 = ints('closeE4');
    this.#volume = columnOf(table, 'volume');
    this.#amountE4 = columnOf(table, 'amountE4');
    this.#startNs = timesOf(columnOf(table, 'startNs'));
    this.#endNs = timesOf(columnOf(table, 'endNs'));
  }

  /** Row of a day, or -1; days are asked for in order. */
  rowOf(day: number): number {
    const { days } = this;
    let row = this.#row;
    if (row > 0 && days[row - 1]! >= day) row = 0;
    while (row < days.length && days[row]! < day) row++;
    this.#row = row;
    return row < days.length && days[row] === day ? row : -1;
  }

  endNs(row: number): number {
    return timeAt(this.#endNs, row);
  }

  /** Writes the bar of a row to the end of a tape. */
  write(row: number, tape: Tape, bar: Bar): void {
    const at = tape.claim(Bar.BYTES);
    const b = bar.begin(tape.tail, at);
    b.source = STAGE_FEED;
    b.startNs = timeAt(this.#startNs, row);
    b.eventNs = timeAt(this.#endNs, row);
    b.instrument = this.index;
    b.intervalS = DAY_S;
    b.openE4 = this.#openE4[row]!;
    b.highE4 = this.#highE4[row]!;
    b.lowE4 = this.#lowE4[row]!;
    b.closeE4 = this.closeE4[row]!;
    b.volume = this.#volume[row]!;
    b.amountE4 = this.#amountE4[row]!;
    tape.commit();
  }
}

/** A column of times of the day: most bars of a series end at one time. */
type Times = number | Float64Array;

function timesOf(column: Float64Array): Times {
  const first = column[0] ?? 0;
  return column.every((ns) => ns === first) ? first : column;
}

function timeAt(times: Times, row: number): number {
  return typeof times === 'number' ? times : times[row]!;
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
  /** Of whom there is one, in the order of the files. */
  readonly series: readonly Series[];
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

  /** Reads the files of seriesFiles(). Throws MarketDataError. */
  constructor(wish: SeriesWish, files: readonly StoredFile[]) {
    this.#wish = wish;
    this.#symbols = [...new Set(wish.instruments.map((text) => parseSymbol(text).symbol))];
    const indexes = new Map(this.#symbols.map((symbol, i) => [symbol, i]));
    const hash = createHash('sha256');
    const all: Series[] = [];
    for (const [n, stored] of files.entries()) {
      const { file, table } = readDayFile(stored.path);
      checkPlace(stored, file);
      const name = `${stored.symbol}/${basename(stored.path)}`;
      hash.update(`${name} ${file.contentHash}\n`);
      const { meta } = file;
      this.#layouts.add(meta.layout);
      this.#warnings.push(...meta.warnings);
      if (meta.badRows > 0) {
        this.#warnings.push(`${name}: ${meta.badRows} broken rows were left out at import`);
      }
      if (stored.kind === 'actions') this.actions.push(...actionsOf(table, stored.symbol));
      else {
        layoutOf(stored, file);
        const source = meta.sources.length === 1 ? meta.sources[0]!.name : stored.path;
        all.push(new Series(stored.symbol, indexes.get(stored.symbol) ?? -1, source, table));
      }
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
    const bars = this.#barsOf(day);
    for (const { symbol, source } of bars.series) {
      const name = basename(source);
      if (!/adjust/i.test(name)) continue;
      warnings.push(`${name}: ${symbol}: adjusted prices, not the traded ones`);
    }
    const plan = { merged: NO_EVENTS, instruments, indexOf: this.#indexOf, day, startBook: null };
    const { times, write } = bars;
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
    const series: Series[] = [];
    const rows: number[] = [];
    let isRising = true;
    let lastNs = 0;
    for (const one of this.#own) {
      const row = one.rowOf(day);
      if (row < 0) continue;
      const ns = one.endNs(row);
      if (ns < lastNs) isRising = false;
      lastNs = ns;
      series.push(one);
      rows.push(row);
    }
    const endNs = (n: number): number => series[n]!.endNs(rows[n]!);
    const order = series.map((_, n) => n);
    if (!isRising) order.sort((a, b) => endNs(a) - endNs(b));
    const times = new Float64Array(order.length);
    for (let n = 0; n < times.length; n++) times[n] = endNs(order[n]!);
    const write = (n: number, tape: Tape): void => {
      const at = order[n]!;
      series[at]!.write(rows[at]!, tape, this.#bar);
    };
    return { times, series, write };
  }
}

/** Days of any of the series, rising. Most have the days of the one before. */
function daysOf(all: readonly Series[]): number[] {
  const days = new Set<number>();
  let before = new Int32Array();
  for (const { days: own } of all) {
    const known = before;
    if (own.length !== known.length || own.some((day, row) => day !== known[row])) {
      for (const day of own) days.add(day);
    }
    before = own as Int32Array<ArrayBuffer>;
  }
  if (days.size === 0) throw new MarketDataError('no rows to load');
  return [...days].sort((a, b) => a - b);
}
