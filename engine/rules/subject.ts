// What a question to the rule book is about: a security on a day, told by its code range and by
// what the exchange's static file (or the caller) knows better. Called by validation, explain,
// diff, CLI. Always: facts win over the code range; what neither says is taken as the ordinary
// case.
import { type ParsedSymbol, parseSymbol } from '../core/instrument.ts';
import { MARKET_BSE, MARKET_SSE } from '../messages/codes.ts';
import { dayText } from './calendar-date.ts';
import type { DayRules, HeldRow, RuleBook, RuleScope } from './rule-book.ts';
import { RuleError } from './rule-error.ts';
import type { FundType, Kind, RuleRow, State, Venue } from './rule-row.ts';

/** What a caller may know that the code does not show. */
export interface SubjectFacts {
  readonly kind?: Kind | undefined;
  readonly state?: State | undefined;
  readonly type?: FundType | undefined;
  /** Trading day since the listing, the first = 1; 0 = long ago or not known. */
  readonly listedDay?: number | undefined;
  /** Trading day of the delisting arrangement 退市整理期, the first = 1; 0 = none. */
  readonly delistingDay?: number | undefined;
  /** Trading day since a relisting 重新上市, the first = 1; 0 = none. */
  readonly relistedDay?: number | undefined;
}

export interface Subject extends RuleScope {
  /** `600519.SH`. */
  readonly symbol: string;
  readonly listedDay: number;
  readonly delistingDay: number;
  readonly relistedDay: number;
  /** Code range that told the kind; null when the caller gave it. */
  readonly range: HeldRow<'code-range'> | null;
}

/** Venue of a market number of engine/messages/codes.ts. */
export function venueOf(market: number): Venue {
  if (market === MARKET_SSE) return 'SSE';
  return market === MARKET_BSE ? 'BSE' : 'SZSE';
}

/**
 * The security of a symbol in any spelling on the day of `rules`. Throws RuleError when no code
 * range of that day holds it and `facts` gives no kind.
 */
export function subjectOf(rules: DayRules, symbolText: string, facts: SubjectFacts = {}): Subject {
  const { symbol, market } = parsed(symbolText);
  const venue = venueOf(market);
  const range = facts.kind === undefined ? rules.rangeOf(venue, symbol) : null;
  const kind = facts.kind ?? range?.row.kinds[0];
  if (kind === undefined) {
    const where = `no code range of ${venue} holds it on ${dayText(rules.day)}`;
    throw new RuleError(`${symbol}: ${where}; give its kind, or import a code-range row`);
  }
  const delistingDay = facts.delistingDay ?? 0;
  const usual = delistingDay > 0 ? 'delisting' : 'normal';
  return {
    symbol,
    venue,
    kind,
    state: facts.state ?? usual,
    type: facts.type ?? range?.row.value.type ?? null,
    listedDay: facts.listedDay ?? 0,
    delistingDay,
    relistedDay: facts.relistedDay ?? 0,
    range,
  };
}

/** A day after every row that ends: the rules as they stand. */
const NEWEST = 99_991_231;

/**
 * Rules for a symbol whose day is not known: the newest, or, for a code that is no longer in use,
 * those of its last day. A code that no row of any day holds gets the newest, which refuse it.
 */
export function latestRules(book: RuleBook, symbolText: string): DayRules {
  const { symbol, market } = parsed(symbolText);
  const ends = rangesOf(book, venueOf(market), symbol).map(({ validTo }) => validTo || NEWEST);
  return book.on(ends.length === 0 ? NEWEST : Math.max(...ends));
}

/** Whether a code is one of a kind that can be traded or is quoted, on whatever day. */
export function isKnownCode(book: RuleBook, symbolText: string): boolean {
  const rules = latestRules(book, symbolText);
  const { symbol, market } = parsed(symbolText);
  const venue = venueOf(market);
  const kind = rules.rangeOf(venue, symbol)?.row.kinds[0];
  if (kind === undefined) return false;
  return (
    kind === 'index' || rules.find('lot', { venue, kind, state: 'normal', type: null }) !== null
  );
}

function rangesOf(book: RuleBook, venue: Venue, symbol: string): RuleRow<'code-range'>[] {
  const rows = book.layers.flatMap((layer) => layer.rows);
  const ranges = rows.filter((row): row is RuleRow<'code-range'> => row.what === 'code-range');
  return ranges.filter(
    (row) =>
      row.venues.includes(venue) && row.value.prefixes.some((prefix) => symbol.startsWith(prefix)),
  );
}

/** More texts than there are securities: somebody makes them up. */
const PARSED_MAX = 65_536;
const parsedTexts = new Map<string, ParsedSymbol>();

/** parseSymbol(), which a run of years asks for each symbol each day; throws RuleError. */
export function parsed(text: string): ParsedSymbol {
  const known = parsedTexts.get(text);
  if (known !== undefined) return known;
  try {
    const made = parseSymbol(text);
    if (parsedTexts.size >= PARSED_MAX) parsedTexts.clear();
    parsedTexts.set(text, made);
    return made;
  } catch (error) {
    throw new RuleError((error as Error).message);
  }
}
