// What an engine process knows about a security today, and how its name is read. Called at start by
// loaders, configuration and tests; hot code uses only the dense index and the numbers.
// Always: `index` is the place in the list of the process; 0 in a price field means not known; the
// numbers come from the rule book of the day (engine/rules), the exchange's own values win.
import {
  MARKET_BSE,
  MARKET_SSE,
  MARKET_SUFFIXES,
  MARKET_SZSE,
  PHASE_CLOSING_CALL,
  PHASE_PRE_OPEN,
} from '../messages/codes.ts';
import type { InstrumentStatic } from './exchange-kernel.ts';

/** Kinds of securities, as the rule book tells them apart. `index` is quoted and never traded. */
export const KINDS = [
  'main',
  'star',
  'chinext',
  'bse',
  'b-share',
  'preferred',
  'etf',
  'lof',
  'closed-end',
  'structured-fund',
  'reit',
  'convertible-bond',
  'exchangeable-bond',
  'government-bond',
  'corporate-bond',
  'repo',
  'index',
] as const;
/** What the exchange's static file says about a security, beside its kind. */
export const STATES = ['normal', 'risk-warning', 'delisting', 'list-20'] as const;
/** What a fund holds; decides turn-round and fees. */
export const FUND_TYPES = [
  'stock',
  'bond',
  'money',
  'bond-or-money',
  'gold',
  'commodity',
  'cross-border',
] as const;

export type Kind = (typeof KINDS)[number];
export type State = (typeof STATES)[number];
export type FundType = (typeof FUND_TYPES)[number];

/** The largest quantity where no rule names one. */
export const QTY_NO_MAXIMUM = 2_000_000_000;

/** What a price outside the cage meets. */
export const CAGE_NONE = 0;
export const CAGE_REFUSES = 1;
/** ChiNext until 2023-04-07: the host holds the order unseen. */
export const CAGE_HOLDS = 2;

/** A phase of the day and the time at which it begins, ns since midnight. */
export interface PhaseStep {
  readonly ns: number;
  readonly phase: number;
}

/**
 * One security of one process and day, as plain data: made by engine/rules/make-instrument.ts from
 * the rule book of the day. Prices priceE4, quantities shares (bonds: zhang 张).
 */
export interface Instrument {
  /** Dense index of this process and day. */
  readonly index: number;
  /** `600519.SH`, `000001.SZ`, `920002.BJ`. */
  readonly symbol: string;
  /** MARKET_SSE, MARKET_SZSE or MARKET_BSE. */
  readonly market: number;
  /** 600519; 1 for 000001. Unique within its market only. */
  readonly code: number;
  readonly kind: Kind;
  readonly state: State;
  /** '' = no fund, or not known. */
  readonly fundType: FundType | '';
  readonly name?: string;
  readonly tickE4: number;
  readonly buyMin: number;
  readonly buyStep: number;
  readonly sellMin: number;
  readonly sellStep: number;
  /** Largest limit order, QTY_NO_MAXIMUM where no rule names one. */
  readonly maxQty: number;
  /** Largest market order; 0: as maxQty. */
  readonly maxMarketQty: number;
  /** Ex-right reference price; 0 = not known. */
  readonly preCloseE4: number;
  /** 0 = none or not known. */
  readonly upperLimitE4: number;
  readonly lowerLimitE4: number;
  /** Daily limit by rule, in thousandths of preclose; both 0 = none. */
  readonly upPermille: number;
  readonly downPermille: number;
  /** 1: known to have no daily limit today (free days, kinds without one). */
  readonly isFree: 0 | 1;
  /** 0: bought today, sold from tomorrow (T+1); 1: sold the same day (T+0). */
  readonly turnround: 0 | 1;
  /** CAGE_*; the cage is `cageUpPercent` above and `cageDownPercent` below, or so many ticks. */
  readonly cage: number;
  readonly cageUpPercent: number;
  readonly cageDownPercent: number;
  readonly cageTicks: number;
  /** Market-order kinds that are taken: bit KIND_* each. */
  readonly marketKinds: number;
  /** 1: market orders are taken only on days with a daily limit. */
  readonly marketNeedsLimit: 0 | 1;
  /** 1: a market order names a protection price 保护限价. */
  readonly needsProtection: 0 | 1;
  /** Shares an account may buy a day (risk-warning shares); 0 = no cap. */
  readonly buyCapQty: number;
  /** Phases of the day in order; before the first one the market has not opened. */
  readonly phases: readonly PhaseStep[];
}

/** A symbol taken apart; `symbol` is the normal spelling. */
export interface ParsedSymbol {
  readonly symbol: string;
  readonly market: number;
  readonly code: number;
}

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

/** Phase of an instrument at a time, ns since midnight: PHASE_PRE_OPEN before its first step. */
export function phaseByClock(phases: readonly PhaseStep[], ns: number): number {
  let phase: number = PHASE_PRE_OPEN;
  for (let i = 0; i < phases.length && ns >= phases[i].ns; i++) phase = phases[i].phase;
  return phase;
}

/** Whether the day of an instrument ends with a closing call auction. */
export function hasClosingCall(instrument: Instrument): boolean {
  return instrument.phases.some(({ phase }) => phase === PHASE_CLOSING_CALL);
}

/** Static values of an instrument alone; limits 0 = none or not known. Cold. */
export function staticOf(
  instrument: Instrument,
  upperE4: number,
  lowerE4: number,
): InstrumentStatic {
  const { tickE4, buyMin, buyStep, sellMin, sellStep, maxQty, maxMarketQty } = instrument;
  // hot-ok: at start
  return {
    tickE4,
    buyMin,
    buyStep,
    sellMin,
    sellStep,
    maxQty,
    maxMarketQty,
    upperE4,
    lowerE4,
  };
}
