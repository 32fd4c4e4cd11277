// `pankou data check`: goes through a store and tells what is wrong with its data. Called by the
// command line and tests. Always: every file is read whole (CRC-32) and its content hash is
// computed anew; files of one instrument and day are also held against each other and the
// calendar.
import type { Instrument } from '../../core/instrument.ts';
import { describeInstrument } from '../../rules/make-instrument.ts';
import type { RuleBook } from '../../rules/rule-book.ts';
import type { ActionRow } from '../data/stream-set.ts';
import { checkBars, checkDailyLimits, checkSums } from './check-bars.ts';
import { checkEvents, checkHoles, checkPictures, type Told } from './check-ticks.ts';
import { columnOf, intervalOf, isSeries, type Table } from './columns.ts';
import { contentHash, type DayMeta, readDayFile } from './day-file.ts';
import type { Finding } from './finding.ts';
import { filesIn, requireStore, type StoredFile, symbolsIn } from './store-folder.ts';
import { actionsOf } from './stream-table.ts';

export interface CheckOptions {
  readonly store: string;
  readonly instruments: readonly string[] | 'all';
  readonly rules: RuleBook;
  readonly onProgress?: (done: number, all: number, file: string) => void;
}

/** Rows of an instrument on a day, by kind. */
export interface CoverageCell {
  readonly rows: number;
  readonly kinds: readonly string[];
}

export interface CheckReport {
  readonly files: number;
  readonly rows: number;
  readonly findings: readonly Finding[];
  /** By symbol and day. */
  readonly coverage: ReadonlyMap<string, ReadonlyMap<number, CoverageCell>>;
  /** Days in the store that the calendar knows nothing of. */
  readonly unknownDays: number;
}

interface Loaded {
  readonly stored: StoredFile;
  readonly meta: DayMeta;
  readonly table: Table;
}

/** Checks what is asked for; throws MarketDataError when the folder is no store. */
export function checkStore(options: CheckOptions): CheckReport {
  requireStore(options.store);
  const { instruments } = options;
  const all = symbolsIn(options.store);
  const symbols = instruments === 'all' ? all : all.filter((s) => instruments.includes(s));
  const files = filesIn(options.store, symbols);
  const checking = new Checking(options, files.length);
  for (const symbol of symbols) {
    checking.instrument(
      symbol,
      files.filter((file) => file.symbol === symbol),
    );
  }
  return checking.report();
}

class Checking {
  readonly #options: CheckOptions;
  readonly #all: number;
  readonly #findings: Finding[] = [];
  readonly #coverage = new Map<string, Map<number, CoverageCell>>();
  readonly #unknownDays = new Set<number>();
  #done = 0;
  #rows = 0;

  constructor(options: CheckOptions, all: number) {
    this.#options = options;
    this.#all = all;
  }

  report(): CheckReport {
    return {
      files: this.#all,
      rows: this.#rows,
      findings: this.#findings,
      coverage: this.#coverage,
      unknownDays: this.#unknownDays.size,
    };
  }

  /** All files of one instrument, day by day. */
  instrument(symbol: string, files: readonly StoredFile[]): void {
    this.#coverage.set(symbol, new Map());
    const series = files.filter(({ day }) => day === 0).flatMap((file) => this.#load(file));
    const daily = series.find(({ stored }) => stored.kind === 'bars-1d') ?? null;
    const acts = series.find(({ stored }) => stored.kind === 'actions');
    const actions = acts === undefined ? [] : actionsOf(acts.table, symbol);
    for (const one of series) this.#seriesFile(symbol, one, actions);
    const byDay = Map.groupBy(
      files.filter(({ day }) => day > 0),
      ({ day }) => day,
    );
    for (const [day, own] of byDay) {
      const loaded = own.flatMap((file) => this.#load(file));
      this.#day(symbol, day, loaded, daily);
    }
    this.#calendar(symbol, [...byDay.keys()], 'ticks');
    if (daily !== null) this.#calendar(symbol, [...columnOf(daily.table, 'day')], 'bars-1d');
  }

  #load(stored: StoredFile): Loaded[] {
    this.#options.onProgress?.(++this.#done, this.#all, `${stored.symbol} ${stored.kind}`);
    try {
      const { file, table } = readDayFile(stored.path);
      this.#rows += table.rows;
      if (contentHash(file.meta, table) !== file.contentHash) {
        this.#damaged(stored, 'the content is not what its hash says; import the day again');
        return [];
      }
      return [{ stored, meta: file.meta, table }];
    } catch (error) {
      this.#damaged(stored, (error as Error).message);
      return [];
    }
  }

  #damaged({ symbol, day, kind, path }: StoredFile, text: string): void {
    const where = { symbol, day, kind, count: 1, place: path };
    this.#findings.push({ severity: 'error', code: 'damaged', ...where, text });
  }

  #seriesFile(symbol: string, one: Loaded, actions: readonly ActionRow[]): void {
    const { table, stored } = one;
    const days = columnOf(table, 'day');
    if (stored.kind === 'actions') return;
    for (const day of days) this.#cover(symbol, day, 1, stored.kind);
    const instrument = this.#instrumentOn(symbol, one.meta.lastDay, null);
    if (instrument === null) return;
    this.#tell(one, checkBars(table, instrument));
    if (instrument.kind === 'index') return;
    const limits = checkDailyLimits(
      table,
      actions,
      (day, preCloseE4) =>
        describeInstrument(this.#options.rules.on(day), 0, symbol, { preCloseE4 }).instrument,
    );
    this.#tell(one, [limits]);
  }

  #day(symbol: string, day: number, loaded: readonly Loaded[], daily: Loaded | null): void {
    const statics = loaded.find(({ stored }) => stored.kind === 'statics') ?? null;
    const instrument = this.#instrumentOn(symbol, day, statics);
    const events: Loaded[] = [];
    const bars: Loaded[] = [];
    for (const one of loaded) {
      const { kind } = one.stored;
      if (kind !== 'statics') this.#cover(symbol, day, one.table.rows, kind);
      if (instrument === null) continue;
      if (kind === 'orders' || kind === 'trades') {
        events.push(one);
        this.#tell(one, checkEvents(one.table, instrument));
      } else if (kind === 'snapshots') this.#tell(one, checkPictures(one.table, instrument));
      else if (kind.startsWith('bars-')) {
        bars.push(one);
        this.#tell(one, checkBars(one.table, instrument));
      }
    }
    if (events.length > 0) this.#tell(events[0], [checkHoles(events.map(({ table }) => table))]);
    bars.sort((a, b) => intervalOf(a.stored.kind) - intervalOf(b.stored.kind));
    for (const [i, short] of bars.entries()) {
      const longer = daily === null ? bars.slice(i + 1) : [...bars.slice(i + 1), daily];
      for (const long of longer) this.#tell(long, [checkSums(short.table, long.table, day)]);
    }
  }

  /** The instrument with the limits of the day; null, and told, when no rule knows its code. */
  #instrumentOn(symbol: string, day: number, statics: Loaded | null): Instrument | null {
    const value = (name: string): number =>
      statics === null ? 0 : columnOf(statics.table, name)[0];
    const preCloseE4 = value('preCloseE4');
    const limits = { upperLimitE4: value('upperLimitE4'), lowerLimitE4: value('lowerLimitE4') };
    const facts = {
      ...(preCloseE4 > 0 ? { preCloseE4 } : {}),
      ...(value('limitsKnown') === 1 ? limits : {}),
    };
    try {
      return describeInstrument(this.#options.rules.on(day), 0, symbol, facts).instrument;
    } catch (error) {
      const where = { symbol, day, kind: 'rules', count: 1, place: '' };
      const text = (error as Error).message;
      this.#findings.push({ severity: 'warning', code: 'rules', ...where, text });
      return null;
    }
  }

  #cover(symbol: string, day: number, rows: number, kind: string): void {
    const days = this.#coverage.get(symbol) as Map<number, CoverageCell>;
    const cell = days.get(day);
    const kinds = [...(cell?.kinds ?? []), kind];
    days.set(day, { rows: (cell?.rows ?? 0) + rows, kinds });
  }

  #tell({ stored, meta, table }: Loaded, told: readonly Told[]): void {
    for (const { severity, code, tally } of told) {
      if (tally.count === 0) continue;
      const { symbol, kind } = stored;
      const day = isSeries(kind) && tally.row >= 0 ? columnOf(table, 'day')[tally.row] : stored.day;
      const place = tally.row < 0 ? '' : placeOf(meta, table, tally.row);
      const { count, text } = tally;
      this.#findings.push({ severity, code, symbol, day, kind, count, place, text });
    }
  }

  /** Days between the first and the last that the calendar trades and the store lacks, and back. */
  #calendar(symbol: string, days: readonly number[], kind: string): void {
    if (days.length === 0) return;
    const { calendar } = this.#options.rules;
    const sorted = [...days].sort((a, b) => a - b);
    const missing: number[] = [];
    for (const [i, day] of sorted.entries()) {
      const status = calendar.statusOf(day);
      if (status === 'unknown') this.#unknownDays.add(day);
      if (status === 'closed')
        this.#calendarFinding('error', symbol, kind, [day], 'no trading day');
      if (i === 0) continue;
      let next = calendar.next(sorted[i - 1]);
      for (; next !== null && next < day; next = calendar.next(next)) missing.push(next);
    }
    if (missing.length > 0) {
      const last = missing[missing.length - 1];
      const text = `${missing.length} trading days missing, ${missing[0]} … ${last} (or suspended)`;
      this.#calendarFinding('warning', symbol, kind, missing, text);
    }
  }

  #calendarFinding(
    severity: Finding['severity'],
    symbol: string,
    kind: string,
    days: readonly number[],
    text: string,
  ): void {
    const where = { symbol, day: days[0], kind, count: days.length, place: '' };
    this.#findings.push({ severity, code: 'calendar', ...where, text });
  }
}

/** `orders.csv:17`, the row's place in the file it was imported from. */
function placeOf(meta: DayMeta, table: Table, row: number): string {
  const source = meta.sources[columnOf(table, 'source')[row]];
  return source === undefined ? '' : `${source.name}:${columnOf(table, 'line')[row]}`;
}
