// Bars that lie in the data before the first day of a run: the history its strategy may look at
// and its indicators begin with. Asked for by the run of many days when a strategy keeps bars.
// Always: nothing of the first day or later; a day's bar is the one in the data, or made of the
// day's shorter bars; prices are the traded ones until adjustedAsOf() is called.
import type { EarlierBars } from '../../core/earlier-bars.ts';
import { frameType } from '../../messages/frames.ts';
import { Bar, Phase } from '../../messages/generated/market.ts';
import { changesPrice, factorsAsOf } from '../store/adjust.ts';
import { barKind, columnOf, intervalOf, isSeries, type Table } from '../store/columns.ts';
import { DayFile, readDayFile } from '../store/day-file.ts';
import { filesIn, type StoredFile } from '../store/store-folder.ts';
import { type Tape, TapeCursor } from '../tape.ts';
import type { ActionRow, Stream } from './stream-set.ts';

const DAY_S = 86_400;
/** Rows of each length that a plan takes along to other threads. */
const PLAN_ROWS = 2_000;

/** Rows of one instrument and length before a day, oldest first. */
export interface BarRows extends EarlierBars {
  readonly day: Float64Array;
}

export interface EarlierRows {
  /** The last `most`; null = there are none. */
  rows(symbol: string, intervalS: number, most: number): BarRows | null;
  /** Name and content hash of what was read for it beside the days of the run. */
  readonly used: readonly string[];
}

const NAMES = ['openE4', 'highE4', 'lowE4', 'closeE4', 'volume', 'amountE4'] as const;
type Numbers = { readonly [N in (typeof NAMES)[number]]: number };

class Rows implements BarRows {
  count = 0;
  day = new Float64Array(64);
  endNs = new Float64Array(64);
  openE4 = new Float64Array(64);
  highE4 = new Float64Array(64);
  lowE4 = new Float64Array(64);
  closeE4 = new Float64Array(64);
  volume = new Float64Array(64);
  amountE4 = new Float64Array(64);

  push(day: number, endNs: number, numbers: Numbers): void {
    const row = this.count++;
    if (row === this.day.length) {
      for (const name of ['day', 'endNs', ...NAMES] as const) this[name] = doubled(this[name]);
    }
    this.day[row] = day;
    this.endNs[row] = endNs;
    for (const name of NAMES) this[name][row] = numbers[name];
  }
}

function doubled(column: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(column.length * 2);
  larger.set(column);
  return larger;
}

/** Rows from..to of some rows. */
function part(rows: BarRows, from: number, to: number): BarRows {
  const cut = (column: Float64Array): Float64Array => column.slice(from, to);
  return {
    ...{ count: to - from, day: cut(rows.day), endNs: cut(rows.endNs) },
    ...{ openE4: cut(rows.openE4), highE4: cut(rows.highE4), lowE4: cut(rows.lowE4) },
    ...{ closeE4: cut(rows.closeE4), volume: cut(rows.volume), amountE4: cut(rows.amountE4) },
  };
}

function last(rows: BarRows, most: number): BarRows | null {
  return rows.count === 0 ? null : part(rows, Math.max(0, rows.count - most), rows.count);
}

/** One bar a day of the day's shorter ones; they come in order. */
function byDay(rows: BarRows): BarRows {
  const days = new Rows();
  for (let row = 0; row < rows.count; row++) {
    const at = days.count - 1;
    if (at < 0 || days.day[at] !== rows.day[row]) {
      days.push(rows.day[row], rows.endNs[row], numbersAt(rows, row));
      continue;
    }
    days.endNs[at] = rows.endNs[row];
    days.highE4[at] = Math.max(days.highE4[at], rows.highE4[row]);
    days.lowE4[at] = Math.min(days.lowE4[at], rows.lowE4[row]);
    days.closeE4[at] = rows.closeE4[row];
    days.volume[at] += rows.volume[row];
    days.amountE4[at] += rows.amountE4[row];
  }
  return days;
}

function numbersAt(rows: BarRows, row: number): Numbers {
  return {
    ...{ openE4: rows.openE4[row]!, highE4: rows.highE4[row]!, lowE4: rows.lowE4[row]! },
    ...{ closeE4: rows.closeE4[row]!, volume: rows.volume[row]!, amountE4: rows.amountE4[row]! },
  };
}

/** Prices of the rows as they compare with those of the day `asOf`; volumes stay. */
export function adjustedAsOf(
  rows: BarRows,
  actions: readonly ActionRow[],
  asOf: number,
): EarlierBars {
  const open = actions.filter((action) => changesPrice(action) && action.day <= asOf);
  if (open.length === 0) return rows;
  const closes = byDay(rows);
  const days = closes.day.slice(0, closes.count);
  const ordered = open.toSorted((a, b) => a.day - b.day);
  const factors = factorsAsOf(days, closes.closeE4, ordered, asOf);
  const factorOf = new Map([...days].map((day, n) => [day, factors[n]!]));
  const times = (column: Float64Array): Float64Array =>
    column.map((price, row) => price * (factorOf.get(rows.day[row]) ?? 1));
  return {
    ...{ count: rows.count, endNs: rows.endNs, volume: rows.volume, amountE4: rows.amountE4 },
    ...{ openE4: times(rows.openE4), highE4: times(rows.highE4) },
    ...{ lowE4: times(rows.lowE4), closeE4: times(rows.closeE4) },
  };
}

/** Of data that were read whole: by symbol and length, as plain data. */
export type EarlierPlan = ReadonlyMap<string, ReadonlyMap<number, BarRows>>;

/** The bars before a day of each of `symbols`, out of everything that was read. O(rows). */
export function earlierPlan(
  streams: readonly Stream[],
  symbols: readonly string[],
  before: number,
): EarlierPlan {
  const wanted = new Set(symbols);
  const plan = new Map<string, Map<number, BarRows>>();
  const bars = streams.filter((one) => one.content === 'bars' && wanted.has(one.symbol));
  const bar = new Bar();
  for (const { symbol, day, tape } of bars.toSorted((a, b) => a.day - b.day)) {
    if (day >= before) continue;
    const lengths = plan.get(symbol) ?? new Map<number, BarRows>();
    plan.set(symbol, lengths);
    for (const cursor = new TapeCursor(tape); !cursor.done; cursor.advance()) {
      bar.wrap(cursor.memory, cursor.at);
      const rows = (lengths.get(bar.intervalS) ?? new Rows()) as Rows;
      lengths.set(bar.intervalS, rows);
      rows.push(day, bar.eventNs, bar);
    }
  }
  for (const lengths of plan.values()) {
    withDays(lengths);
    for (const [intervalS, rows] of lengths) lengths.set(intervalS, last(rows, PLAN_ROWS)!);
  }
  return plan;
}

/** Adds one bar a day where there are shorter ones only. */
function withDays(lengths: Map<number, BarRows>): void {
  if (lengths.size === 0 || lengths.has(DAY_S)) return;
  lengths.set(DAY_S, byDay(lengths.get(Math.min(...lengths.keys()))!));
}

/** Length of the bars on a tape, seconds; 0 = it is one of ticks. */
export function barSecondsOf(tape: Tape): number {
  for (const cursor = new TapeCursor(tape); !cursor.done; cursor.advance()) {
    const type = frameType(cursor.memory, cursor.at);
    if (type === Bar.TYPE) return new Bar().wrap(cursor.memory, cursor.at).intervalS;
    if (type !== Phase.TYPE) return 0;
  }
  return 0;
}

/** Out of a plan, for this thread or another. */
export class PlannedRows implements EarlierRows {
  readonly used = [];
  readonly #plan: EarlierPlan;

  constructor(plan: EarlierPlan) {
    this.#plan = plan;
  }

  rows(symbol: string, intervalS: number, most: number): BarRows | null {
    const rows = this.#plan.get(symbol)?.get(intervalS);
    return rows === undefined ? null : last(rows, most);
  }
}

/** Out of a store, read when they are asked for. */
export class StoredRows implements EarlierRows {
  readonly used: string[] = [];
  readonly #path: string;
  readonly #before: number;
  readonly #files = new Map<string, readonly StoredFile[]>();

  constructor(path: string, before: number) {
    this.#path = path;
    this.#before = before;
  }

  rows(symbol: string, intervalS: number, most: number): BarRows | null {
    const kind = barKind(intervalS);
    const files = this.#filesOf(symbol);
    const series = files.find((file) => file.kind === kind && file.day === 0);
    if (series !== undefined) return last(this.#read([series]), most);
    if (!isSeries(kind)) return last(this.#lastOf(files, kind, most), most);
    // A day of minutes is far more than one row: one file for each wanted day.
    const shorter = files.filter(({ kind: own, day }) => own.startsWith('bars-') && day > 0);
    const seconds = Math.min(...shorter.map((file) => intervalOf(file.kind)));
    const own = shorter.filter((file) => intervalOf(file.kind) === seconds);
    return last(byDay(this.#read(own.slice(-most))), most);
  }

  /** Whole days, the last ones, until there are `most` rows. */
  #lastOf(files: readonly StoredFile[], kind: string, most: number): BarRows {
    const own = files.filter((file) => file.kind === kind);
    let first = own.length;
    for (let count = 0; count < most && first > 0; ) count += rowsIn(own[--first]!);
    return this.#read(own.slice(first));
  }

  /** Those that may hold rows before the first day, rising by day. */
  #filesOf(symbol: string): readonly StoredFile[] {
    const known = this.#files.get(symbol);
    if (known !== undefined) return known;
    const all = filesIn(this.#path, [symbol]).filter(({ day }) => day < this.#before);
    const files = all.toSorted((a, b) => a.day - b.day);
    this.#files.set(symbol, files);
    return files;
  }

  #read(files: readonly StoredFile[]): BarRows {
    const rows = new Rows();
    for (const { path, symbol } of files) {
      const { file, table } = readDayFile(path);
      this.used.push(`${symbol} ${table.kind} ${file.contentHash}`);
      take(rows, table, this.#before);
    }
    return rows;
  }
}

function take(rows: Rows, table: Table, before: number): void {
  const of = (name: string): Float64Array => columnOf(table, name);
  const [day, endNs] = [of('day'), of('endNs')];
  const [openE4, highE4, lowE4, closeE4] = [of('openE4'), of('highE4'), of('lowE4'), of('closeE4')];
  const [volume, amountE4] = [of('volume'), of('amountE4')];
  for (let row = 0; row < table.rows; row++) {
    if (day[row]! >= before) return;
    rows.push(day[row]!, endNs[row]!, {
      ...{ openE4: openE4[row]!, highE4: highE4[row]!, lowE4: lowE4[row]! },
      ...{ closeE4: closeE4[row]!, volume: volume[row]!, amountE4: amountE4[row]! },
    });
  }
}

function rowsIn({ path }: StoredFile): number {
  const file = new DayFile(path);
  file.close();
  return file.rows;
}
