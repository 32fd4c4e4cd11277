// Reads market data files of any known vendor into one tape per day. Called by the backtest
// command and tests. Always: a broken row stops the load before anything is returned, or is
// skipped and counted when the caller says so; the same files give the same tape on any machine.
import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Instrument } from '../../core/instrument.ts';
import { parseSymbol, unknownInstrument } from '../../core/instrument.ts';
import { Bar, MarketOrder } from '../../messages/generated/market.ts';
import { describeInstrument, type InstrumentFacts } from '../../rules/make-instrument.ts';
import { builtInBook, type RuleBook } from '../../rules/rule-book.ts';
import { readStoreInto } from '../store/read-store.ts';
import { isStore } from '../store/store-folder.ts';
import { type Tape, TapeCursor } from '../tape.ts';
import { assemble } from './assemble.ts';
import { type ChannelFacts, channelsOf, channelText } from './channel-facts.ts';
import { type EarlierPlan, earlierPlan } from './earlier-bars.ts';
import type { BadRow } from './errors.ts';
import { CsvRowError, MarketDataError } from './errors.ts';
import type { StartBook } from './event-rows.ts';
import { isMarketFile, readMarketFile } from './file-rows.ts';
import { contentsAt, type EventContent, FREQUENCIES, type Frequency } from './frequency.ts';
import type { Content } from './layout.ts';
import { PriorPrices } from './prior-prices.ts';
import type { ActionRow, DayClose, Stream } from './stream-set.ts';
import { StreamSet } from './stream-set.ts';

/** What to load. */
export interface LoadOptions {
  /** A .csv or .csv.gz, or a folder of them (not its subfolders). */
  readonly path: string;
  /** Symbols in any spelling; their order gives the dense index. 'all': by symbol. */
  readonly instruments: readonly string[] | 'all';
  /** Skip and collect broken rows instead of stopping at the first. */
  readonly skipBadRows: boolean;
  /** Day to load, 20230201, where files hold several or name none. */
  readonly day?: number;
  /** Which events go onto the tape; default all. Static facts are taken from every file. */
  readonly contents?: readonly EventContent[];
  /** Keep where each row stands, for `rowAt`; takes memory. */
  readonly keepRows?: boolean;
  /** Bars of one length only, or no bars at all ('tick'); default: whatever there is. */
  readonly frequency?: Frequency;
  /** Every day has all wanted instruments under the same indexes, also those without a row. */
  readonly keepAll?: boolean;
  /** Its bars of any length are read beside the wanted ones, and put on no tape. */
  readonly benchmark?: string;
  /** Default: the rule book without overlays. */
  readonly rules?: RuleBook;
  /** Called as bytes are read, `fraction` 0..1. */
  readonly onProgress?: (fraction: number, text: string) => void;
}

/** A row of a file; the header is line 1. */
export interface RowPlace {
  readonly file: string;
  readonly line: number;
}

/** A loaded day. */
export interface MarketDay {
  /** 20230201; 0 when neither the rows nor the names nor the caller tell it. */
  readonly day: number;
  readonly instruments: readonly Instrument[];
  /** What the files told of each instrument, in the same order; it wins over the rules. */
  readonly statics: readonly InstrumentFacts[];
  /** Of days that tell of each instrument its previous close at most: these, 0 = not known, and no
   *  `statics`. */
  readonly preClosesE4?: Float64Array;
  readonly tape: Tape;
  /** Rows on the tape. */
  readonly rows: number;
  /** Rows left out because they were broken; empty unless skipBadRows. */
  readonly badRows: readonly BadRow[];
  /** Feed channels on the tape, and whether the tape holds all of each. */
  readonly channels: readonly ChannelFacts[];
  /** Layout of each instrument's order stream, by index; '' where there is none. */
  readonly orderLayouts: readonly string[];
  /** Instruments that the day's static file does not hold; none when there is no such file. */
  readonly notInStaticFile: readonly number[];
  /** Where an instrument's order or trade stands; null unless rows were kept. O(rows). */
  readonly rowAt: (instrument: number, seq: number) => RowPlace | null;
  /** Ids of the layouts read. */
  readonly layouts: readonly string[];
  readonly warnings: readonly string[];
  /** sha256 in hex over name and content of every file read. */
  readonly sha256: string;
}

/** What the data told of an instrument of a day. */
export function staticsOf({ preClosesE4, statics }: MarketDay, index: number): InstrumentFacts {
  if (preClosesE4 === undefined) return statics[index]!;
  const preCloseE4 = preClosesE4[index]!;
  return preCloseE4 > 0 ? { preCloseE4 } : {};
}

/**
 * Loads one day. Throws MarketDataError (file, header, instrument, day) or CsvRowError (row); files
 * that hold several days need `day`.
 */
export async function loadMarketData(options: LoadOptions): Promise<MarketDay> {
  const days = await loadMarketDays(options);
  if (days.length === 1) return days[0];
  const list = days.map((day) => String(day.day));
  const shown = list.length <= 8 ? list.join(', ') : `${list[0]} … ${list[list.length - 1]}`;
  throw new MarketDataError(
    `${options.path}: holds ${list.length} days (${shown}); choose one with the day option`,
  );
}

/** Loads every day in the files (or the one asked for), in order. Throws like loadMarketData. */
export async function loadMarketDays(options: LoadOptions): Promise<MarketDay[]> {
  const load = new Load(options);
  await load.readFiles();
  return load.days();
}

/** Reads files once and makes their days one by one. */
export class Load {
  readonly #options: LoadOptions;
  readonly #wanted: readonly string[] | 'all';
  readonly #streams: StreamSet;
  #byDay: Map<number, Stream[]> | null = null;
  #sha256 = '';
  readonly #badRows: BadRow[] = [];
  readonly #layouts = new Set<string>();
  readonly #warnings: string[] = [];
  readonly #hash = createHash('sha256');
  #startBook: StartBook | null = null;
  #bytesRead = 0;
  #bytesAll = 1;

  constructor(options: LoadOptions) {
    this.#options = options;
    const { instruments } = options;
    this.#wanted =
      instruments === 'all' ? 'all' : [...new Set(instruments.map((s) => parseSymbol(s).symbol))];
    const { frequency } = options;
    const contents = new Set<Content>(options.contents ?? contentsAt(frequency));
    this.#streams = new StreamSet(
      this.#wanted,
      options.day ?? 0,
      contents,
      options.rules ?? builtInBook(),
    );
    if (frequency !== undefined && frequency !== 'tick') {
      this.#streams.intervalS = FREQUENCIES[frequency];
    }
    this.#streams.benchmark = options.benchmark ?? '';
  }

  async readFiles(): Promise<void> {
    const { path } = this.#options;
    if (isStore(path)) {
      this.#readStore();
      return;
    }
    const files = await listFiles(path);
    const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
    this.#bytesAll = Math.max(
      1,
      sizes.reduce((sum, size) => sum + size, 0),
    );
    for (const file of files) {
      const sha256 = await this.#readFile(file);
      this.#hash.update(`${basename(file)} ${sha256}\n`);
    }
    this.#options.onProgress?.(1, 'read');
  }

  async #readFile(file: string): Promise<string> {
    const { skipBadRows, day, onProgress } = this.#options;
    const read = await readMarketFile(file, this.#streams, {
      skipBadRows,
      day,
      onBytes: (bytes) => {
        this.#bytesRead += bytes;
        onProgress?.(Math.min(1, this.#bytesRead / this.#bytesAll), basename(file));
      },
    });
    this.#layouts.add(read.layout.id);
    this.#badRows.push(...read.badRows);
    this.#warnings.push(...read.warnings);
    const isForgotten = read.layout.content === 'actions' && this.#options.keepAll !== true;
    if (isForgotten) {
      this.#warnings.push(`${basename(file)}: not loaded: corporate actions are no market events`);
    }
    if (read.startBook !== null) {
      const first = this.#startBook;
      if (first !== null) {
        throw new MarketDataError(`${file}: second start book, after ${first.file}`);
      }
      this.#startBook = read.startBook;
    }
    return read.sha256;
  }

  /** Day files: only those of the wanted instruments, days and kinds are opened. */
  #readStore(): void {
    const { path, day, contents, frequency, onProgress } = this.#options;
    const read = readStoreInto(this.#streams, {
      path,
      wanted: this.#wanted,
      day: day ?? 0,
      contents: contents ?? contentsAt(frequency),
      frequency,
      benchmark: this.#options.benchmark ?? '',
      actions: this.#options.keepAll === true && day === undefined,
      onProgress: onProgress ?? null,
    });
    for (const { name, contentHash, layout } of read.files) {
      this.#hash.update(`${name} ${contentHash}\n`);
      this.#layouts.add(layout);
    }
    this.#warnings.push(...read.warnings);
    this.#startBook = read.startBook;
  }

  days(): MarketDay[] {
    return this.dayList().map((day) => this.day(day));
  }

  /** Days with rows of wanted instruments, rising. Throws MarketDataError when there is none. */
  dayList(): number[] {
    return [...this.#daysRead().keys()].sort((a, b) => a - b);
  }

  /**
   * One of dayList(); `prior`: closes of the day before, by symbol and already of that day's
   * ex-rights, where the files do not tell.
   */
  day(day: number, prior = new PriorPrices()): MarketDay {
    return this.#day(day, this.#daysRead().get(day) ?? [], prior);
  }

  /** Frames of a day are not asked for again. */
  forget(day: number): void {
    this.#byDay?.delete(day);
  }

  /** Corporate actions that the files told, of every instrument. */
  get actions(): readonly ActionRow[] {
    return this.#streams.actions;
  }

  /** The last bar's close of each day of an instrument, rising by day. */
  closesOf(symbol: string): DayClose[] {
    const closes = new Map<number, LastBar>();
    for (const { day, symbol: own, content, tape } of this.#streams.streams) {
      if (own !== symbol || content !== 'bars') continue;
      const bar = lastBar(tape);
      if (bar.endNs >= (closes.get(day)?.endNs ?? 0)) closes.set(day, bar);
    }
    return [...closes]
      .map(([day, { closeE4 }]) => ({ day, closeE4 }))
      .sort((a, b) => a.day - b.day);
  }

  /** Bars of the wanted instruments before a day. O(rows). */
  earlierBars(symbols: readonly string[], day: number): EarlierPlan {
    return earlierPlan(this.#streams.streams, symbols, day);
  }

  /** The last bar's close of each instrument before a day. O(streams). */
  closesBefore(day: number): Map<string, DayClose> {
    const closes = new Map<string, DayClose>();
    for (const { day: own, symbol, content, tape } of this.#streams.streams) {
      if (content !== 'bars' || own >= day || own < (closes.get(symbol)?.day ?? 0)) continue;
      closes.set(symbol, { day: own, closeE4: lastBar(tape).closeE4 });
    }
    return closes;
  }

  #daysRead(): Map<number, Stream[]> {
    if (this.#byDay !== null) return this.#byDay;
    const { path, benchmark, instruments } = this.#options;
    const { seen } = this.#streams;
    if (this.#wanted !== 'all') {
      for (const symbol of this.#wanted) {
        if (seen.has(symbol)) continue;
        throw new MarketDataError(`${path}: ${unknownInstrument(symbol, [...seen].sort())}`);
      }
    }
    const isOwn = (symbol: string): boolean =>
      symbol !== benchmark || instruments === 'all' || instruments.includes(symbol);
    const { intervalS } = this.#streams;
    const own = this.#streams.streams.filter(
      ({ symbol, content, tape }) =>
        isOwn(symbol) && (content !== 'bars' || intervalS === 0 || lengthOf(tape) === intervalS),
    );
    const byDay = Map.groupBy(own, (stream) => stream.day);
    if (byDay.size === 0) throw new MarketDataError(this.#nothing());
    this.#sha256 = this.#hash.digest('hex');
    this.#byDay = byDay;
    return byDay;
  }

  #nothing(): string {
    const { path, day } = this.#options;
    const days = [...this.#streams.days].sort((a, b) => a - b);
    if (days.length === 0) return `${path}: no rows to load`;
    const has = `the files hold ${days[0]} … ${days[days.length - 1]} (${days.length} days)`;
    return day === undefined
      ? `${path}: no rows of the kinds asked for`
      : `${path}: ${has}, not ${day}`;
  }

  #day(day: number, streams: readonly Stream[], prior: PriorPrices): MarketDay {
    const warnings = [...this.#warnings];
    const ordered = this.#symbolsOf(streams);
    const statics = ordered.map((symbol) => this.#statics(symbol, day, prior.get(symbol)));
    const instruments = ordered.map((symbol, i) =>
      this.#instrument(symbol, i, day, statics[i], warnings),
    );
    const indexOf = new Map(
      ordered.map((symbol, i) => [this.#streams.provisional(symbol), i] as const),
    );
    if (this.#options.keepAll === true) checkKinds(streams);
    if (day === 0) warnings.push('the day is not known: no date in rows or names; give the day');
    const startBook = this.#startBookFor(instruments);
    const plan = { instruments, indexOf, day, startBook };
    const { tape, duplicates, droppedCancels } = assemble(streams, plan, this.#options.skipBadRows);
    if (startBook !== null && startBook.priceless.size > 0) {
      warnings.push(
        `${basename(startBook.file)}: ${startBook.priceless.size} resting orders without a price ` +
          `left out, and ${droppedCancels} cancels of them`,
      );
    }
    warnings.push(...streamWarnings(streams));
    const channels = channelsOf(tape, instruments, startBook?.orders.length ?? 0);
    for (const channel of channels) {
      if (channel.isWhole && (channel.missing > 0 || !channel.isInOrder))
        warnings.push(channelText(channel));
    }
    const notInStaticFile = instruments
      .filter(({ symbol }) => this.#streams.isMissing(symbol, day))
      .map(({ index }) => index);
    for (const index of notInStaticFile) {
      warnings.push(`${ordered[index]}: not in the static file of the day`);
    }
    const rows = streams.reduce((sum, stream) => sum + stream.tape.count, 0);
    return {
      day,
      instruments,
      statics,
      tape,
      rows: rows + (startBook?.orders.length ?? 0) - duplicates.length - droppedCancels,
      badRows: [...this.#badRows, ...duplicates],
      channels,
      orderLayouts: orderLayoutsOf(streams, ordered),
      notInStaticFile,
      rowAt: (instrument, seq) =>
        this.#options.keepRows === true ? placeOf(streams, ordered[instrument], seq) : null,
      layouts: [...this.#layouts],
      warnings,
      sha256: this.#sha256,
    };
  }

  /** Instruments of a day, in the order of their indexes. */
  #symbolsOf(streams: readonly Stream[]): readonly string[] {
    const wanted = this.#wanted;
    if (this.#options.keepAll === true && wanted !== 'all') return wanted;
    const symbols = new Set(streams.map((stream) => stream.symbol));
    return wanted === 'all' ? [...symbols].sort() : wanted.filter((symbol) => symbols.has(symbol));
  }

  #statics(symbol: string, day: number, priorE4: number): InstrumentFacts {
    const { preCloseE4, upperLimitE4, lowerLimitE4, limitsKnown } = this.#streams.facts(
      symbol,
      day,
    );
    if (preCloseE4 === 0) return priorE4 > 0 ? { preCloseE4: priorE4 } : {};
    return { preCloseE4, ...(limitsKnown ? { upperLimitE4, lowerLimitE4 } : {}) };
  }

  #instrument(
    symbol: string,
    index: number,
    day: number,
    statics: InstrumentFacts,
    warnings: string[],
  ): Instrument {
    const rules = this.#streams.rulesOf(symbol, day);
    const { instrument, alerts } = describeInstrument(rules, index, symbol, statics);
    warnings.push(...alerts);
    if (statics.preCloseE4 === undefined) {
      warnings.push(`${symbol}: no previous close in the files, so no price limits are known`);
    }
    return instrument;
  }

  /** A start book names no symbol, so it can only belong to a single instrument. */
  #startBookFor(instruments: readonly Instrument[]): StartBook | null {
    const book = this.#startBook;
    if (book === null || book.orders.length + book.priceless.size === 0) return null;
    if (book.symbol === undefined && this.#streams.seen.size > 1) {
      throw new MarketDataError(
        `${book.file}: a start book names no instrument, but the folder holds ` +
          `${[...this.#streams.seen].join(', ')}; keep it with one instrument alone`,
      );
    }
    const { tickE4, symbol } = instruments[0];
    for (const order of book.orders) {
      if (order.priceE4 % tickE4 === 0) continue;
      throw new CsvRowError({
        file: book.file,
        line: order.line,
        column: 'OrderPrice',
        value: String(order.priceE4),
        expected: `a price on the tick of ${symbol}`,
      });
    }
    return book;
  }
}

/** Layout of each instrument's order stream, of its first file; '' = it has none. */
function orderLayoutsOf(streams: readonly Stream[], symbols: readonly string[]): string[] {
  const layouts = new Map<string, string>();
  for (const { symbol, content, layout } of streams) {
    if (content === 'orders' && !layouts.has(symbol)) layouts.set(symbol, layout.id);
  }
  return symbols.map((symbol) => layouts.get(symbol) ?? '');
}

/** Throws where an instrument's day comes in more than one form: its volume would count twice. */
function checkKinds(streams: readonly Stream[]): void {
  const kinds = new Map<string, string>();
  for (const { symbol, content, tape, day } of streams) {
    const kind = content === 'bars' ? `bars of ${lengthOf(tape)} s` : 'ticks';
    const before = kinds.get(symbol) ?? kind;
    kinds.set(symbol, kind);
    if (before === kind) continue;
    throw new MarketDataError(
      `${symbol} on ${day}: the data hold ${before} and ${kind}; ` +
        'say which the run is to use: --freq tick, 1m, 5m, 15m, 30m, 1h or 1d',
    );
  }
}

/** Seconds of the bars on a tape; 0 = it is empty. */
function lengthOf(tape: Tape): number {
  const cursor = new TapeCursor(tape);
  return cursor.done ? 0 : new Bar().wrap(cursor.memory, cursor.at).intervalS;
}

interface LastBar {
  endNs: number;
  closeE4: number;
}

function lastBar(tape: Tape): LastBar {
  const bar = new Bar();
  const last = { endNs: 0, closeE4: 0 };
  for (const cursor = new TapeCursor(tape); !cursor.done; cursor.advance()) {
    bar.wrap(cursor.memory, cursor.at);
    last.endNs = bar.eventNs;
    last.closeE4 = bar.closeE4;
  }
  return last;
}

/** Looks for a row by its number; the frames of a stream are in the order of its lines. */
function placeOf(streams: readonly Stream[], symbol: string, seq: number): RowPlace | null {
  const order = new MarketOrder();
  for (const { symbol: own, content, tape, lines, file } of streams) {
    if (own !== symbol || (content !== 'orders' && content !== 'trades')) continue;
    let row = 0;
    for (const cursor = new TapeCursor(tape); !cursor.done; cursor.advance(), row++) {
      // The number lies at the same place in orders and trades.
      if (order.wrap(cursor.memory, cursor.at).channelSeq === seq) {
        return { file, line: lines[row] };
      }
    }
  }
  return null;
}

function streamWarnings(streams: readonly Stream[]): string[] {
  const warnings: string[] = [];
  for (const stream of streams) {
    const name = basename(stream.file);
    if (stream.heldTimes > 0) {
      warnings.push(`${name}: ${stream.symbol}: ${stream.heldTimes} times step back; held`);
    }
    if (stream.filledOpens > 0) {
      warnings.push(
        `${name}: ${stream.symbol}: ${stream.filledOpens} bars have open 0; the close before used`,
      );
    }
    if (stream.content === 'bars' && /adjust/i.test(name)) {
      warnings.push(`${name}: ${stream.symbol}: adjusted prices, not the traded ones`);
    }
  }
  return warnings;
}

/** The files to read, by name. */
export async function listFiles(path: string): Promise<string[]> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(path)).isDirectory();
  } catch {
    throw new MarketDataError(`${path}: no such file or folder`);
  }
  if (!isFolder) {
    if (isMarketFile(path)) return [path];
    throw new MarketDataError(
      `${path}: expected a .csv or .csv.gz file, a .parquet, or a folder of them`,
    );
  }
  const entries: Dirent[] = await readdir(path, { withFileTypes: true });
  const files = entries
    .filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && isMarketFile(entry.name))
    .map((entry) => entry.name)
    .sort();
  if (files.length === 0) throw new MarketDataError(`${path}: the folder holds no .csv or .csv.gz`);
  return files.map((name) => join(path, name));
}
