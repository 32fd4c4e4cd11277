// What an engine process knows about a security today, and how its name is read. Called at start by
// loaders, configuration and tests; hot code uses only the dense index and the numbers.
// Always: `index` is the position in its InstrumentTable; 0 in a price field means not known; the
// exchange's own static values win over what the code range says (rules sheet 0.1).
import { MARKET_BSE, MARKET_SSE, MARKET_SUFFIXES, MARKET_SZSE } from '../messages/codes.ts';
import type { InstrumentStatic } from './exchange-kernel.ts';
import {
  inwardLowerLimitOf,
  inwardUpperLimitOf,
  lowerLimitOf,
  PRICE_NONE,
  upperLimitOf,
} from './price.ts';

/** Board or kind; decides tick, lot, limits. `index` is quoted and never traded. */
export type Board =
  | 'sse-main'
  | 'star'
  | 'szse-main'
  | 'chinext'
  | 'bse'
  | 'fund'
  | 'convertible-bond'
  | 'index';

/** One security of one process and day. Prices priceE4, quantities shares (bonds: zhang 张). */
export interface Instrument {
  /** Dense index of this process and day. */
  readonly index: number;
  /** `600519.SH`, `000001.SZ`, `920002.BJ`. */
  readonly symbol: string;
  /** MARKET_SSE, MARKET_SZSE or MARKET_BSE. */
  readonly market: number;
  /** 600519; 1 for 000001. Unique within its market only. */
  readonly code: number;
  readonly board: Board;
  readonly name?: string;
  readonly tickE4: number;
  readonly buyMin: number;
  readonly buyStep: number;
  readonly sellMin: number;
  readonly sellStep: number;
  /** Largest limit order. */
  readonly maxQty: number;
  /** Ex-right reference price; 0 = not known. */
  readonly preCloseE4: number;
  /** 0 = none or not known. */
  readonly upperLimitE4: number;
  readonly lowerLimitE4: number;
  /** 0: bought today, sold from tomorrow (T+1); 1: sold the same day (T+0). */
  readonly turnround: 0 | 1;
}

/** A symbol taken apart; `symbol` is the normal spelling. */
export interface ParsedSymbol {
  readonly symbol: string;
  readonly market: number;
  readonly code: number;
}

/** Fields a caller may know better than the code range does. */
export type InstrumentFacts = Partial<Omit<Instrument, 'index' | 'symbol' | 'market' | 'code'>>;

interface BoardRule {
  readonly tickE4: number;
  readonly buyMin: number;
  readonly buyStep: number;
  readonly sellMin: number;
  readonly sellStep: number;
  readonly maxQty: number;
  /** Daily limit in percent today; 0 = none. */
  readonly limitPercent: number;
}

/**
 * Rules sheet 2.1 and 2.2: SSE 2023 no. 3.3.8, 3.3.9, 3.3.11; SZSE no. 3.3.8, 3.3.10; BSE 3.3.8.
 */
const BOARDS: { readonly [board in Board]: BoardRule } = {
  'sse-main': rule(100, 100, 100, 100, 100, 1_000_000, 10),
  star: rule(100, 200, 1, 200, 1, 100_000, 20),
  'szse-main': rule(100, 100, 100, 100, 100, 1_000_000, 10),
  chinext: rule(100, 100, 100, 100, 100, 300_000, 20),
  bse: rule(100, 100, 1, 100, 1, 1_000_000, 30),
  fund: rule(10, 100, 100, 100, 100, 1_000_000, 10),
  'convertible-bond': rule(10, 10, 10, 10, 10, 1_000_000, 20),
  index: rule(1, 0, 1, 0, 1, 0, 0),
};

/** Prefixes of codes, rules sheet 1.1 to 1.3; the longest that fits decides. */
const RANGES: readonly (readonly [market: number, prefixes: string, board: Board])[] = [
  [MARKET_SSE, '600 601 603 605', 'sse-main'],
  [MARKET_SSE, '688 689', 'star'],
  [MARKET_SSE, '500 501 502 505 506 508 51 520 530 551 56 588 589', 'fund'],
  [MARKET_SSE, '110 111 113 118', 'convertible-bond'],
  [MARKET_SSE, '000', 'index'],
  [MARKET_SZSE, '000 001 002 003', 'szse-main'],
  [MARKET_SZSE, '300 301 302', 'chinext'],
  [MARKET_SZSE, '150 158 159 16 180 184', 'fund'],
  [MARKET_SZSE, '123 127 128', 'convertible-bond'],
  [MARKET_SZSE, '399', 'index'],
  [MARKET_BSE, '920 43 83 87 88', 'bse'],
  [MARKET_BSE, '899', 'index'],
];

/** Bond, money, cross-border and gold funds of SSE turn round the same day (rules sheet 8). */
const SAME_DAY_FUNDS = ['511', '513', '518', '520'];

/** How other systems spell the venue (rules sheet 1.4). */
const VENUES: ReadonlyMap<string, number> = new Map([
  ['SH', MARKET_SSE],
  ['SSE', MARKET_SSE],
  ['SS', MARKET_SSE],
  ['XSHG', MARKET_SSE],
  ['SZ', MARKET_SZSE],
  ['SZSE', MARKET_SZSE],
  ['XSHE', MARKET_SZSE],
  ['BJ', MARKET_BSE],
  ['BSE', MARKET_BSE],
  ['BJSE', MARKET_BSE],
]);

/** First day on which ChiNext moves by 20 percent (before: 10). */
const CHINEXT_20_PERCENT_DAY = 20200824;

/**
 * Reads `600519.SH` and the other systems' spellings (.SSE .SS .XSHG, .SZSE .XSHE, .BSE .BJSE, any
 * case, also SH600519). Throws with the reason when the text is no symbol.
 */
export function parseSymbol(text: string): ParsedSymbol {
  const upper = text.trim().toUpperCase();
  const match = /^(\d{6})\.([A-Z]+)$/.exec(upper);
  const turned = match === null ? /^(SH|SZ|BJ)\.?(\d{6})$/.exec(upper) : null;
  const digits = match?.[1] ?? turned?.[2] ?? '';
  const market = VENUES.get(match?.[2] ?? turned?.[1] ?? '');
  if (digits === '' || market === undefined) {
    const hint = /^\d{6}$/.test(upper) ? `: add the venue, e.g. ${upper}.SH or ${upper}.SZ` : '';
    const expected = `expected six digits and .SH, .SZ or .BJ${hint}`;
    throw new Error(`'${text}' is not a symbol; ${expected}`); // hot-ok: cold, people's text
  }
  return { symbol: symbolOf(market, Number(digits)), market, code: Number(digits) }; // hot-ok: cold
}

/** `600519.SH` from market and code number. */
export function symbolOf(market: number, code: number): string {
  return `${String(code).padStart(6, '0')}.${MARKET_SUFFIXES[market]}`;
}

/** Board of a code by its range, or null when no range holds it. */
export function boardOf(market: number, code: number): Board | null {
  const digits = String(code).padStart(6, '0');
  for (const [venue, prefixes, board] of RANGES) {
    if (venue !== market) continue;
    for (const prefix of prefixes.split(' ')) if (digits.startsWith(prefix)) return board;
  }
  return null;
}

/**
 * Daily limit in percent of a security without special state on `day` (0: today's rule); 0 = none.
 * Rules sheet 3.1. Risk-warning (ST) shares before 2026-07-06, free days after listing and the 20 %
 * list of funds cannot be seen from the code: take the static file's prices then.
 */
export function limitPercentOf(board: Board, day: number): number {
  if (board === 'chinext' && day > 0 && day < CHINEXT_20_PERCENT_DAY) return 10;
  return BOARDS[board].limitPercent;
}

/**
 * An instrument from its symbol: board and quantities by code range, limit prices by formula when
 * `facts` gives a preClose but no limits (BSE: rounded inward, sheet 3.2). `facts` wins. Throws for
 * a code outside every range.
 */
export function makeInstrument(
  index: number,
  symbolText: string,
  facts: InstrumentFacts = {}, // hot-ok: cold, at start
  day = 0,
): Instrument {
  const { symbol, market, code } = parseSymbol(symbolText);
  const board = facts.board ?? boardOf(market, code);
  if (board === null) {
    const why = 'its code is in no range of shares, funds or convertible bonds';
    throw new Error(`${symbol}: no board known, ${why}; give the board`); // hot-ok: cold, at start
  }
  const { limitPercent: _, ...quantities } = BOARDS[board];
  const percent = limitPercentOf(board, day);
  const tickE4 = facts.tickE4 ?? quantities.tickE4;
  const preCloseE4 = facts.preCloseE4 ?? PRICE_NONE;
  const limited = percent > 0 && preCloseE4 > 0;
  const upper = board === 'bse' ? inwardUpperLimitOf : upperLimitOf;
  const lower = board === 'bse' ? inwardLowerLimitOf : lowerLimitOf;
  const sameDay =
    board === 'convertible-bond' ||
    (board === 'fund' && market === MARKET_SSE && SAME_DAY_FUNDS.includes(symbol.slice(0, 3)));
  const upperLimitE4 = limited ? upper(preCloseE4, tickE4, percent, 100) : PRICE_NONE;
  const lowerLimitE4 = limited ? lower(preCloseE4, tickE4, percent, 100) : PRICE_NONE;
  const turnround = sameDay ? 1 : 0;
  const identity = { index, symbol, market, code, board }; // hot-ok: cold, at start
  const prices = { preCloseE4, upperLimitE4, lowerLimitE4, turnround } as const; // hot-ok: cold
  return { ...identity, ...quantities, ...prices, ...facts }; // hot-ok: cold, at start
}

/** The day's securities by dense index. Index i is at position i; symbols are unique. */
export class InstrumentTable {
  readonly all: readonly Instrument[];
  readonly #bySymbol: Map<string, Instrument>;

  /** Throws when an index is not its position or a symbol comes twice. */
  constructor(instruments: readonly Instrument[]) {
    this.#bySymbol = new Map();
    for (let i = 0; i < instruments.length; i++) {
      const { index, symbol } = instruments[i];
      if (index !== i) throw new Error(`${symbol}: index=${index}, expected ${i}`); // hot-ok: cold
      const twice = this.#bySymbol.has(symbol);
      if (twice) throw new Error(`${symbol} is in the table twice`); // hot-ok: cold
      this.#bySymbol.set(symbol, instruments[i]);
    }
    this.all = instruments;
  }

  /** A table by code ranges alone: no names, no prices. */
  static fromSymbols(symbols: readonly string[]): InstrumentTable {
    const instruments = symbols.map((symbol, i) => makeInstrument(i, symbol)); // hot-ok: cold
    return new InstrumentTable(instruments); // hot-ok: cold
  }

  get count(): number {
    return this.all.length;
  }

  /** Instrument of a dense index; the index must be in the table. */
  at(index: number): Instrument {
    return this.all[index];
  }

  /** Instrument of a symbol in any spelling, or null. */
  find(symbol: string): Instrument | null {
    return this.#bySymbol.get(parseSymbol(symbol).symbol) ?? null;
  }

  /** Instrument of a symbol in any spelling; throws naming the nearest known one. */
  get(symbol: string): Instrument {
    const found = this.find(symbol);
    if (found !== null) return found;
    const known = this.all.map((instrument) => instrument.symbol); // hot-ok: cold, at start
    throw new Error(unknownInstrument(symbol, known)); // hot-ok: cold, people's text
  }
}

/** Says that `symbol` is not among `known`, with the nearest one and, if few, all of them. */
export function unknownInstrument(symbol: string, known: readonly string[]): string {
  if (known.length === 0) return `unknown instrument ${symbol}; no instrument is loaded`;
  const nearest = nearestSymbol(symbol, known);
  const list = known.length <= 12 ? known.join(', ') : `${known.length} instruments`;
  return `unknown instrument ${symbol}; nearest known: ${nearest}; known: ${list}`;
}

/** The known symbol with the most characters equal at their places; the first of equals. */
function nearestSymbol(symbol: string, known: readonly string[]): string {
  let best = known[0];
  let bestEqual = -1;
  for (const candidate of known) {
    let equal = 0;
    for (let i = 0; i < candidate.length; i++) if (candidate[i] === symbol[i]) equal++;
    if (equal > bestEqual) {
      best = candidate;
      bestEqual = equal;
    }
  }
  return best;
}

function rule(
  tickE4: number,
  buyMin: number,
  buyStep: number,
  sellMin: number,
  sellStep: number,
  maxQty: number,
  limitPercent: number,
): BoardRule {
  return { tickE4, buyMin, buyStep, sellMin, sellStep, maxQty, limitPercent }; // hot-ok: cold
}

/** What the validation kernel is told of an instrument; limits 0 = none or not known. Cold. */
export function staticOf(
  instrument: Instrument,
  upperE4: number,
  lowerE4: number,
): InstrumentStatic {
  const { tickE4, buyMin, buyStep, sellMin, sellStep, maxQty } = instrument;
  // hot-ok: at start, and when the feed tells the day's limits
  return {
    tickE4,
    buyMin,
    buyStep,
    sellMin,
    sellStep,
    maxQty,
    maxMarketQty: maxQty,
    upperE4,
    lowerE4,
  };
}
