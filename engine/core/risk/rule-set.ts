// A rule set as the checks read it: limits by scope row, lists by instrument, permissions, groups.
// Filled from frames (or by tests), then sealed by its hash and never changed while it is in force:
// a reload fills the other of two sets and swaps them whole. Invariant: equal contents, equal hash.
// Rows: 0 the firm, then the accounts, the strategies, and one for orders of no strategy (a
// person's, an outside program's). Allocates at construction only.
import { assert } from '../../assert.ts';
import { StateHash } from '../state-hash.ts';
import { NEW_TABLES, type Tables } from '../tables.ts';
import { LIMITS, SLOTS } from './limit-table.ts';

/** How many of what a rule set is made for. */
export interface RiskSizes {
  readonly accounts: number;
  readonly strategies: number;
  readonly instruments: number;
}

export const FIRM_ROW = 0;
/** Row of an account. */
export function accountRow(account: number): number {
  return 1 + account;
}
/** Row of a strategy; any other number is the row of orders of no strategy. */
export function strategyRow(sizes: RiskSizes, strategy: number): number {
  const known = strategy >= 0 && strategy < sizes.strategies;
  return 1 + sizes.accounts + (known ? strategy : sizes.strategies);
}
export function rowCount(sizes: RiskSizes): number {
  return 2 + sizes.accounts + sizes.strategies;
}

/** Flags of an instrument in a row. */
export const LISTED_BLACK = 1;
export const LISTED_WHITE = 2;
/** Facts of an account. */
export const FACT_PERMISSIONS = 0;
export const FACT_OWNER = 1;
export const FACT_MANAGER = 2;
export const FACTS = 3;
/** Permission bits, by board number less one; all set = nothing is forbidden. */
export const PERMIT_STAR = 1;
export const PERMIT_CHINEXT = 2;
export const PERMIT_BSE = 4;
export const PERMIT_CONVERTIBLE = 8;
export const PERMIT_RISK_WARNING = 16;
export const PERMIT_ALL = 31;
export const NO_INDUSTRY = -1;

export class RuleSet {
  readonly sizes: RiskSizes;
  readonly rows: number;
  /** Limits, [row x SLOTS + slot]; money in E4. */
  readonly values: Float64Array;
  /** LISTED_* bits, [instrument x rows + row]. */
  readonly listed: Uint8Array;
  /** Some instrument is on some list. */
  hasListed = false;
  /** 1 = the row has a white list. */
  readonly hasWhite: Uint8Array;
  /** [account x FACTS + FACT_*]; owner and manager are group numbers, manager 0 = none. */
  readonly facts: Int32Array;
  /** 1 = under risk warning (ST, *ST). */
  readonly warned: Uint8Array;
  readonly industry: Int16Array;
  /** Instruments of an industry, linked: first by industry, next by instrument; -1 = end. */
  readonly firstOf: Int32Array;
  readonly nextOf: Int32Array;
  /** Instrument whose move pauses buying; -1 = none. */
  breakerIndex = -1;
  /** Names the set in requests, journals and news; never 0 once sealed. */
  hash = 0;

  constructor(sizes: RiskSizes, tables: Tables = NEW_TABLES) {
    this.sizes = sizes;
    this.rows = rowCount(sizes);
    this.values = new Float64Array(this.rows * SLOTS);
    this.listed = tables.uint8(sizes.instruments * this.rows);
    this.hasWhite = new Uint8Array(this.rows);
    this.facts = new Int32Array(sizes.accounts * FACTS);
    this.warned = tables.uint8(sizes.instruments);
    this.industry = tables.int16(sizes.instruments);
    this.firstOf = tables.int32(sizes.instruments);
    this.nextOf = tables.int32(sizes.instruments);
    clearRules(this);
  }
}

/** Everything off: no limit, no list, every permission, each account its own owner. */
export function clearRules(set: RuleSet): void {
  for (let row = 0; row < set.rows; row++) {
    for (let slot = 0; slot < SLOTS; slot++) set.values[row * SLOTS + slot] = LIMITS[slot].off;
  }
  set.listed.fill(0);
  set.hasListed = false;
  set.hasWhite.fill(0);
  for (let a = 0; a < set.sizes.accounts; a++) {
    set.facts[a * FACTS + FACT_PERMISSIONS] = PERMIT_ALL;
    set.facts[a * FACTS + FACT_OWNER] = a + 1;
    set.facts[a * FACTS + FACT_MANAGER] = 0;
  }
  set.warned.fill(0);
  set.industry.fill(NO_INDUSTRY);
  set.firstOf.fill(-1);
  set.nextOf.fill(-1);
  set.breakerIndex = -1;
  set.hash = 0;
}

/** Puts an instrument on a row's list; a white entry makes the row's list exclusive. */
export function listInstrument(set: RuleSet, row: number, instrument: number, flags: number): void {
  set.listed[instrument * set.rows + row] |= flags;
  if (flags !== 0) set.hasListed = true;
  if ((flags & LISTED_WHITE) !== 0) set.hasWhite[row] = 1;
}

/** Counts an instrument into an industry, once. */
export function joinIndustry(set: RuleSet, instrument: number, industry: number): void {
  assert(set.industry[instrument] === NO_INDUSTRY, 'industry of an instrument, expected one');
  set.industry[instrument] = industry;
  set.nextOf[instrument] = set.firstOf[industry];
  set.firstOf[industry] = instrument;
}

/** Computes the hash over all contents; call when filled. O(contents), cold. */
export function sealRules(set: RuleSet): number {
  const hash = new StateHash(); // hot-ok: once a reload
  for (let i = 0; i < set.values.length; i++) hash.float(set.values[i]);
  for (let i = 0; i < set.listed.length; i++) if (set.listed[i] !== 0) mixPair(hash, i, set.listed);
  for (let i = 0; i < set.facts.length; i++) hash.int(set.facts[i]);
  for (let i = 0; i < set.warned.length; i++) if (set.warned[i] !== 0) hash.int(i);
  for (let i = 0; i < set.industry.length; i++) {
    hash.int(set.industry[i]);
  }
  for (let i = 0; i < set.hasWhite.length; i++) hash.int(set.hasWhite[i]);
  hash.int(set.breakerIndex);
  const low = hash.low();
  set.hash = low === 0 ? 1 : low;
  return set.hash;
}

function mixPair(hash: StateHash, at: number, from: Uint8Array): void {
  hash.int(at);
  hash.int(from[at]);
}

/** The set in force and the one that a reload fills, kept from day to day. */
export class RuleSets {
  readonly inForce: RuleSet;
  readonly spare: RuleSet;
  /** What the set in force was filled from, and the hash that it had then. */
  #entries: readonly (readonly number[])[] | null = null;
  #hash = 0;

  constructor(sizes: RiskSizes) {
    this.inForce = new RuleSet(sizes);
    this.spare = new RuleSet(sizes);
  }

  /** Rules stay from day to day: isOf() tells whether they are the new day's. */
  clear(): void {}

  /** Whether the set in force is, untouched, what these entries filled. */
  isOf(entries: readonly (readonly number[])[]): boolean {
    const known = this.#entries;
    if (known === null || this.inForce.hash !== this.#hash) return false;
    if (known === entries) return true;
    if (known.length !== entries.length) return false;
    for (let n = 0; n < entries.length; n++) {
      for (let k = 0; k < 4; k++) if (entries[n]![k] !== known[n]![k]) return false;
    }
    return true;
  }

  /** The set in force was filled from these. */
  filled(entries: readonly (readonly number[])[]): void {
    this.#entries = entries;
    this.#hash = this.inForce.hash;
  }
}
