// The rows of a load, sorted while they come in: one stream per day, instrument, file and kind,
// each a small tape in feed order. Filled by the row readers, emptied by the loader. Always: a
// stream's sequence numbers rise; its eventNs never fall (a clock that steps back is held, and
// counted).
import type { Instrument, PhaseStep } from '../../core/instrument.ts';
import { parseSymbol, symbolOf } from '../../core/instrument.ts';
import { MARKET_BSE, MARKET_SSE, MARKET_SZSE } from '../../messages/codes.ts';
import { makeInstrument } from '../../rules/make-instrument.ts';
import type { DayRules, RuleBook } from '../../rules/rule-book.ts';
import { RuleError } from '../../rules/rule-error.ts';
import { isKnownCode, latestRules } from '../../rules/subject.ts';
import { Tape } from '../tape.ts';
import { MarketDataError } from './errors.ts';
import type { Content, Layout } from './layout.ts';
import type { Row } from './row.ts';

/** Rows of one instrument, day, file and content. */
export class Stream {
  readonly day: number;
  readonly symbol: string;
  readonly content: Content;
  readonly file: string;
  readonly layout: Layout;
  readonly tickE4: number;
  /** Phases of the instrument on that day. */
  readonly phases: readonly PhaseStep[];
  /** Number under which frames carry the instrument until the dense index is known. */
  readonly provisional: number;
  readonly tape = new Tape();
  /** Line of each frame in the file. */
  readonly lines: number[] = [];
  lastSeq = -1;
  /** Times that stepped back and were held. */
  heldTimes = 0;
  /** Bars whose missing open was filled in. */
  filledOpens = 0;

  constructor(
    day: number,
    symbol: string,
    content: Content,
    file: string,
    layout: Layout,
    instrument: Instrument,
  ) {
    this.day = day;
    this.symbol = symbol;
    this.content = content;
    this.file = file;
    this.layout = layout;
    this.tickE4 = instrument.tickE4;
    this.phases = instrument.phases;
    this.provisional = instrument.index;
  }

  /** `ns`, or the time of the frame before when the clock stepped back. */
  risingNs(ns: number): number {
    if (ns >= this.tape.lastNs) return ns;
    this.heldTimes++;
    return this.tape.lastNs;
  }

  /** Ends the frame just written. */
  commit(line: number): void {
    this.tape.commit();
    this.lines.push(line);
  }
}

/** What static data and pictures tell about an instrument on a day. */
export interface StaticFacts {
  preCloseE4: number;
  upperLimitE4: number;
  lowerLimitE4: number;
  /** Prices came from the exchange or the vendor, not from a formula. */
  limitsKnown: boolean;
}

/** A corporate action: per ten shares, numbers and money x 10,000; totals in shares. */
export interface ActionRow {
  readonly symbol: string;
  readonly day: number;
  readonly line: number;
  readonly bonusPer10E4: number;
  readonly transferPer10E4: number;
  readonly rightsPer10E4: number;
  readonly rightsPriceE4: number;
  readonly cashPer10E4: number;
  readonly totalShares: number;
  readonly floatShares: number;
}

/** The last price of a day. */
export interface DayClose {
  readonly day: number;
  readonly closeE4: number;
}

/** Static facts by whom and when. */
export interface KnownFacts {
  readonly symbol: string;
  readonly day: number;
  readonly facts: StaticFacts;
  /** The static file of the day names the symbol. */
  readonly isListed: boolean;
}

/** All streams and static facts of one load. */
export class StreamSet {
  readonly streams: Stream[] = [];
  /** Normal symbols wanted, or null for all. */
  readonly #wanted: ReadonlySet<string> | null;
  /** Wanted day, 0 for all. */
  readonly #day: number;
  readonly #contents: ReadonlySet<Content>;
  /** Provisional indexes by symbol, in order of appearance. */
  readonly #indexes = new Map<string, number>();
  readonly #facts = new Map<string, StaticFacts>();
  readonly #byKey = new Map<string, Stream | null>();
  /** Every symbol seen, wanted or not. */
  readonly seen = new Set<string>();
  /** Days that have a static file. */
  readonly #staticDays = new Set<number>();
  readonly #listed = new Set<string>();
  /** Every day seen. */
  readonly days = new Set<number>();
  /** Only bars of this length are wanted; 0 = any. */
  intervalS = 0;
  /** Bars of this symbol are wanted whatever their length; '' = none. */
  benchmark = '';
  /** Corporate actions; they are no market events and go onto no tape. */
  readonly actions: ActionRow[] = [];

  readonly book: RuleBook;

  constructor(
    wanted: readonly string[] | 'all',
    day: number,
    contents: ReadonlySet<Content>,
    book: RuleBook,
  ) {
    this.book = book;
    this.#wanted = wanted === 'all' ? null : new Set(wanted);
    this.#day = day;
    this.#contents = contents;
  }

  /** Stream of a row, or null when its instrument, day or content is not wanted. */
  of(row: Row, layout: Layout, content: Content, symbol: string, day: number): Stream | null {
    const key = `${row.file}|${symbol}|${day}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const stream = this.open(row.file, layout, content, symbol, day);
    this.#byKey.set(key, stream);
    return stream;
  }

  /** A new stream, or null when its instrument, day or content is not wanted. */
  open(file: string, layout: Layout, content: Content, symbol: string, day: number): Stream | null {
    this.seen.add(symbol);
    this.days.add(day);
    const isBenchmark = symbol === this.benchmark && content === 'bars';
    const isWanted = isBenchmark || (this.wants(symbol) && this.#contents.has(content));
    if (!isWanted || (this.#day !== 0 && this.#day !== day)) return null;
    const instrument = this.#instrument(file, symbol, day);
    const stream = new Stream(day, symbol, content, file, layout, instrument);
    this.streams.push(stream);
    return stream;
  }

  /** Whether bars of that length go onto tapes. */
  wantsBars(symbol: string, intervalS: number): boolean {
    return this.intervalS === 0 || this.intervalS === intervalS || symbol === this.benchmark;
  }

  wants(symbol: string): boolean {
    return this.#wanted === null || this.#wanted.has(symbol);
  }

  /** Number under which the frames of a symbol are kept until all symbols are known. */
  provisional(symbol: string): number {
    const index = this.#indexes.get(symbol) ?? this.#indexes.size;
    this.#indexes.set(symbol, index);
    return index;
  }

  /** The rules of a symbol on a day; 0 = not known. */
  rulesOf(symbol: string, day: number): DayRules {
    return day > 0 ? this.book.on(day) : latestRules(this.book, symbol);
  }

  #instrument(file: string, symbol: string, day: number): Instrument {
    try {
      return makeInstrument(this.rulesOf(symbol, day), this.provisional(symbol), symbol);
    } catch (error) {
      if (error instanceof RuleError) throw new MarketDataError(`${file}: ${error.message}`);
      throw error;
    }
  }

  /** The static file of a day names this symbol. */
  list(symbol: string, day: number): void {
    this.#staticDays.add(day);
    this.#listed.add(`${symbol}|${day}`);
  }

  /** Whether the day has a static file, and this symbol is not in it. */
  isMissing(symbol: string, day: number): boolean {
    return this.#staticDays.has(day) && !this.#listed.has(`${symbol}|${day}`);
  }

  /** Everything that is known of instruments and days. */
  knownFacts(): KnownFacts[] {
    return [...this.#facts].map(([key, facts]) => {
      const [symbol, day] = key.split('|');
      return { symbol, day: Number(day), facts, isListed: this.#listed.has(key) };
    });
  }

  /** Static facts of an instrument on a day, made on first use. */
  facts(symbol: string, day: number): StaticFacts {
    const key = `${symbol}|${day}`;
    let facts = this.#facts.get(key);
    if (facts === undefined) {
      facts = { preCloseE4: 0, upperLimitE4: 0, lowerLimitE4: 0, limitsKnown: false };
      this.#facts.set(key, facts);
    }
    return facts;
  }
}

/** Turns a row's symbol or bare code into the normal symbol; remembers what it has read. */
export class SymbolReader {
  readonly #row: Row;
  readonly #column: number;
  readonly #market: number;
  readonly #book: RuleBook;
  readonly #known = new Map<string, string>();
  readonly #fromFile: string | null;

  constructor(row: Row, layout: Layout, book: RuleBook) {
    this.#book = book;
    this.#row = row;
    this.#market = layout.market;
    this.#column = row.optional(layout.symbol);
    this.#fromFile = this.#column < 0 ? symbolInFileName(row.file, book) : null;
  }

  /** Symbol of the current row. */
  read(): string {
    if (this.#fromFile !== null) return this.#fromFile;
    const text = this.#row.fields[this.#column];
    if (text === undefined) this.#row.bad(this.#column, 'a file name with a six-digit code');
    let symbol = this.#known.get(text);
    if (symbol === undefined) {
      symbol = normalSymbol(text, this.#market, this.#book) ?? '';
      if (symbol === '') this.#row.bad(this.#column, 'a symbol like 600519.SH of a known kind');
      this.#known.set(text, symbol);
    }
    return symbol;
  }
}

/** Normal spelling of a symbol or bare code; null when it is none or no kind is known for it. */
function normalSymbol(text: string, market: number, book: RuleBook): string | null {
  if (/^\d{6}$/.test(text)) return symbolOfCode(Number(text), market, book);
  try {
    const { symbol } = parseSymbol(text);
    return isKnownCode(book, symbol) ? symbol : null;
  } catch {
    return null;
  }
}

/** A bare code belongs to the layout's market, else to the only market whose ranges hold it. */
function symbolOfCode(code: number, market: number, book: RuleBook): string | null {
  const markets = market > 0 ? [market] : [MARKET_SSE, MARKET_SZSE, MARKET_BSE];
  const symbols = markets.map((candidate) => symbolOf(candidate, code));
  const fitting = symbols.filter((symbol) => isKnownCode(book, symbol));
  return fitting.length === 1 ? fitting[0] : null;
}

/**
 * `SH600000_day.csv.gz`, `600519.SH_1min.csv`, `600519_1min.csv` → symbol; null when none is
 * there.
 */
function symbolInFileName(file: string, book: RuleBook): string | null {
  const name = file.split(/[\\/]/).pop() ?? file;
  const prefixed = /(?:^|[^A-Za-z])(SH|SZ|BJ)[.#_]?(\d{6})(?!\d)/i.exec(name);
  if (prefixed !== null) return normalSymbol(`${prefixed[2]}.${prefixed[1]}`, 0, book);
  const suffixed = /(?<!\d)(\d{6})\.(SH|SZ|BJ|SSE|SZSE|BSE|XSHG|XSHE)(?![A-Za-z])/i.exec(name);
  if (suffixed !== null) return normalSymbol(`${suffixed[1]}.${suffixed[2]}`, 0, book);
  const bare = /(?<!\d)(\d{6})(?!\d)/.exec(name);
  return bare === null ? null : symbolOfCode(Number(bare[1]), 0, book);
}
