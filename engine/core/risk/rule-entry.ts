// A rule set as numbered entries: the form in which it lies in a setup and travels to risk, one
// frame an entry. Written by engine/risk-limits.ts, read by the risk manager and at start.
// Invariants: an entry that fits nowhere is refused and the whole set with it; the same entries,
// the same hash.
import * as at from './limit-table.ts';
import { LIMITS, SLOTS } from './limit-table.ts';
import {
  clearRules,
  FACTS,
  FIRM_ROW,
  joinIndustry,
  LISTED_BLACK,
  LISTED_WHITE,
  listInstrument,
  NO_INDUSTRY,
  RuleSet,
  sealRules,
} from './rule-set.ts';

/** a = row, b = slot, value = limit. */
export const ENTRY_LIMIT = 1;
/** a = row, b = instrument. */
export const ENTRY_BLACK = 2;
/** a = row, b = instrument, -1 = the row has a white list (which may stay empty). */
export const ENTRY_WHITE = 3;
/** a = account, b = FACT_*, value. */
export const ENTRY_FACT = 4;
/** a = instrument. */
export const ENTRY_WARNED = 5;
/** a = instrument, b = industry, from 0. */
export const ENTRY_INDUSTRY = 6;
/** a = instrument. */
export const ENTRY_BREAKER = 7;

/** kind, a, b, value. */
export type RuleEntry = readonly [kind: number, a: number, b: number, value: number];

/** All of a rule set, as plain data. */
export interface RuleEntries {
  readonly hash: number;
  readonly entries: readonly RuleEntry[];
}

/** No rule at all: what tests and benches of other parts use. */
export const NO_RULES: RuleEntries = Object.freeze({ hash: 0, entries: Object.freeze([]) });

/** Entries with these instruments on the firm's black list as well. Cold: at start, on a reload. */
export function barRules(
  rules: RuleEntries,
  sizes: RuleSet['sizes'],
  instruments: readonly number[],
): RuleEntries {
  if (instruments.length === 0) return rules;
  const entries: RuleEntry[] = rules.entries.slice();
  for (let n = 0; n < instruments.length; n++) {
    entries.push([ENTRY_BLACK, FIRM_ROW, instruments[n]!, 0]); // hot-ok: at start
  }
  return { hash: fillRules(new RuleSet(sizes), entries), entries }; // hot-ok: at start
}

/** The limit that entries give a row, or null. Cold: at start. */
export function limitIn(rules: RuleEntries, row: number, slot: number): number | null {
  const found = rules.entries.find(
    ([kind, a, b]) => kind === ENTRY_LIMIT && a === row && b === slot,
  );
  return found === undefined ? null : found[3];
}

/** Puts one entry into a set; whether it fits. value[0] is its value: floats travel in arrays. */
export function applyEntry(
  set: RuleSet,
  kind: number,
  a: number,
  b: number,
  value: Float64Array,
): boolean {
  const { sizes, rows } = set;
  const isInstrument = b >= 0 && b < sizes.instruments;
  switch (kind) {
    case ENTRY_LIMIT:
      if (!within(a, rows) || !within(b, SLOTS) || Number.isNaN(value[0])) return false;
      if (value[0] < 0 || value[0] > LIMITS[b].max * 10_000) return false;
      set.values[a * SLOTS + b] = value[0];
      return true;
    case ENTRY_BLACK:
      if (!within(a, rows) || !isInstrument) return false;
      listInstrument(set, a, b, LISTED_BLACK);
      return true;
    case ENTRY_WHITE:
      if (!within(a, rows) || (b !== -1 && !isInstrument)) return false;
      set.hasWhite[a] = 1;
      if (b >= 0) listInstrument(set, a, b, LISTED_WHITE);
      return true;
    case ENTRY_FACT:
      if (!within(a, sizes.accounts) || !within(b, FACTS)) return false;
      set.facts[a * FACTS + b] = value[0];
      return true;
    default:
      return applyInstrument(set, kind, a, b);
  }
}

function applyInstrument(set: RuleSet, kind: number, a: number, b: number): boolean {
  if (!within(a, set.sizes.instruments)) return false;
  switch (kind) {
    case ENTRY_WARNED:
      set.warned[a] = 1;
      return true;
    case ENTRY_INDUSTRY:
      if (!within(b, set.sizes.instruments) || set.industry[a] !== NO_INDUSTRY) return false;
      joinIndustry(set, a, b);
      return true;
    case ENTRY_BREAKER:
      set.breakerIndex = a;
      return true;
    default:
      return false;
  }
}

function within(index: number, count: number): boolean {
  return index >= 0 && index < count;
}

/** Limits that value holdings, or listen to the market apart from orders. */
const FEED_SLOTS: readonly number[] = [
  ...[at.LIMIT_STOCK_VALUE, at.LIMIT_STOCK_SHARE, at.LIMIT_INDUSTRY_VALUE, at.LIMIT_TOTAL_VALUE],
  ...[at.LIMIT_NET_EXPOSURE, at.LIMIT_LEVERAGE, at.LIMIT_DAY_LOSS, at.LIMIT_UNITS],
  ...[at.LIMIT_QUOTE_AGE, at.LIMIT_FEED_SILENCE, at.LIMIT_VOLUME_SHARE],
  ...[at.LIMIT_VOLUME_SHARE_OPEN, at.LIMIT_BREAKER_MOVE],
];

/** Whether rules need more quotes than those that come with each order. Cold: at start. */
export function needsFeed(entries: readonly RuleEntry[]): boolean {
  for (let n = 0; n < entries.length; n++) {
    const kind = entries[n][0];
    if (kind === ENTRY_BREAKER) return true;
    if (kind === ENTRY_LIMIT && FEED_SLOTS.includes(entries[n][2])) return true;
  }
  return false;
}

/** Fills a set from entries; its hash, or 0 when one does not fit. Cold: at start. */
export function fillRules(set: RuleSet, entries: readonly RuleEntry[]): number {
  clearRules(set);
  const value = new Float64Array(1); // hot-ok: at start
  for (let n = 0; n < entries.length; n++) {
    value[0] = entries[n][3];
    if (!applyEntry(set, entries[n][0], entries[n][1], entries[n][2], value)) return 0;
  }
  return sealRules(set);
}
