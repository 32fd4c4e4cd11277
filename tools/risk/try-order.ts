// One order under a limits file: what each rule says, what it found and what is allowed. Called by
// `pankou risk test` and its tests. Always: the engine's own checks answer; nothing is sent, and
// what is not given (quotes, positions, earlier orders) is not there.
import { formatYuan } from '../../engine/core/price.ts';
import { REJECT_NONE, rejectText } from '../../engine/core/reject-code.ts';
import { enforce, judge, openCase, type RiskRule, RULES } from '../../engine/core/risk/judge.ts';
import { LIMITS, type LimitUnit, SLOTS } from '../../engine/core/risk/limit-table.ts';
import * as event from '../../engine/core/risk/risk-events.ts';
import { RiskState } from '../../engine/core/risk/risk-state.ts';
import { fillRules } from '../../engine/core/risk/rule-entry.ts';
import { KIND_LIMIT, PHASE_CONTINUOUS } from '../../engine/messages/codes.ts';
import { rulesOf } from '../../engine/risk-limits.ts';
import type { LimitsFile } from '../../engine/risk-limits-schema.ts';
import { makeInstrument } from '../../engine/rules/make-instrument.ts';
import { builtInBook } from '../../engine/rules/rule-book.ts';
import { latestRules } from '../../engine/rules/subject.ts';

export interface TriedOrder {
  readonly side: number;
  readonly symbol: string;
  readonly qty: number;
  /** 0 = an order without a price. */
  readonly priceE4: number;
  readonly account: string;
  readonly strategy: string;
  readonly cashE4: number;
  readonly positions: ReadonlyMap<string, number>;
  /** 0 = not known. */
  readonly preCloseE4: number;
  readonly lastE4: number;
  readonly bidE4: number;
  readonly askE4: number;
  /** Shares traded today. */
  readonly volume: number;
  readonly nowNs: number;
}

export interface TriedRule {
  readonly rule: string;
  readonly code: number;
  readonly verdict: 'pass' | 'refuse' | 'off';
  /** What was found and what is allowed, as people read it; '' = the rule has no such number. */
  readonly found: string;
  readonly allowed: string;
  /** Whose limit refuses: firm, an account, a strategy; '' = nobody's. */
  readonly whose: string;
  readonly text: { readonly zh: string; readonly en: string };
}

export interface Trial {
  readonly ruleSet: number;
  /** What the engine would answer: REJECT_NONE or the first refusal. */
  readonly code: number;
  readonly rules: readonly TriedRule[];
}

/** Judges the order by every rule of the file. Throws for a symbol of no known board. */
export function tryOrder(file: LimitsFile, order: TriedOrder): Trial {
  const names = {
    accounts: [order.account],
    strategies: [order.strategy],
    symbols: [...new Set([order.symbol, ...order.positions.keys()])],
  };
  const state = stateOf(order, names.symbols);
  fillRules(state.rules, rulesOf(file, names).entries);
  enforce(state, state.rules);
  setCase(state, order);
  const unjudged = openCase(state);
  const asked = new Set(state.asked.subarray(0, state.askedCount));
  const whose = ['firm', order.account, order.strategy];
  const rules = RULES.map((rule, r) => tryRule(state, rule, asked.has(r), whose));
  const code = unjudged === REJECT_NONE ? judge(state) : unjudged;
  return { ruleSet: state.rules.hash, code, rules };
}

function stateOf(order: TriedOrder, symbols: readonly string[]): RiskState {
  const { preCloseE4 } = order;
  const book = builtInBook();
  const instruments = symbols.map((symbol, i) => {
    return makeInstrument(
      latestRules(book, symbol),
      i,
      symbol,
      i === 0 && preCloseE4 > 0 ? { preCloseE4 } : {},
    );
  });
  const sizes = { accounts: 1, strategies: 1, instruments: symbols.length };
  const state = new RiskState(sizes, instruments, 16, 16);
  event.onOpeningCash(state, 0, order.cashE4);
  const [{ upperLimitE4, lowerLimitE4 }] = instruments as [(typeof instruments)[0]];
  const { lastE4, bidE4, askE4, volume, nowNs } = order;
  const prices = { lastE4, bidE4, askE4, preCloseE4, upperLimitE4, lowerLimitE4 };
  const quote = { instrument: 0, phase: PHASE_CONTINUOUS, ...prices, volume, eventNs: nowNs };
  event.onQuote(state, quote, 0);
  for (const [symbol, qty] of order.positions) {
    const cost = lastE4 || preCloseE4 || order.priceE4;
    event.onOpeningPosition(state, 0, symbols.indexOf(symbol), qty, cost);
  }
  return state;
}

function setCase(state: RiskState, order: TriedOrder): void {
  const c = state.case;
  c.idA = 1;
  c.idC = 1;
  c.side = order.side;
  c.kind = KIND_LIMIT;
  c.priceE4 = order.priceE4;
  c.valueE4 = order.lastE4 || order.preCloseE4;
  c.qty = order.qty;
  c.nowNs = order.nowNs;
}

function tryRule(
  state: RiskState,
  rule: RiskRule,
  asked: boolean,
  whose: readonly string[],
): TriedRule {
  const base = { rule: rule.name, code: rule.code, text: rejectText(rule.code) };
  if (!asked) return { ...base, verdict: 'off', found: '', allowed: '', whose: '' };
  const unit = rule.slots.length === 0 ? 'count' : LIMITS[rule.slots[0]!]!.unit;
  if (rule.check(state) !== REJECT_NONE) {
    const [found, allowed] = [state.value, state.limit].map((n) => shown(n, unitOf(rule, unit)));
    return {
      ...base,
      verdict: 'refuse',
      found: found!,
      allowed: allowed!,
      whose: whose[state.row]!,
    };
  }
  const found = unit === 'switch' ? '' : foundBy(state, rule, unit);
  return { ...base, verdict: 'pass', found, allowed: allowedBy(state, rule), whose: '' };
}

/** Shares of volume and prices speak in another unit than their limit's. */
function unitOf(rule: RiskRule, unit: LimitUnit): LimitUnit {
  if (rule.name === 'volume share') return 'shares';
  return rule.name === 'price limits' || rule.name === 'cage' ? 'yuan' : unit;
}

/** What a rule that passes found: its limits are tightened for a moment, so that it says so. */
function foundBy(state: RiskState, rule: RiskRule, unit: LimitUnit): string {
  if (rule.rate || rule.slots.length === 0) return '';
  const { values } = state.rules;
  const kept = values.slice();
  for (const slot of rule.slots) {
    const tight = LIMITS[slot]!.off === Number.NEGATIVE_INFINITY ? Infinity : -1;
    for (let row = 0; row < 3; row++) {
      const at = row * SLOTS + slot;
      if (values[at] !== LIMITS[slot]!.off) values[at] = tight;
    }
  }
  const refuses = rule.check(state) !== REJECT_NONE;
  values.set(kept);
  return refuses ? shown(state.value, unitOf(rule, unit)) : '';
}

/** The limits of a rule that are set, firm, account, strategy. */
function allowedBy(state: RiskState, rule: RiskRule): string {
  const texts: string[] = [];
  for (const slot of rule.slots) {
    const { off, unit } = LIMITS[slot]!;
    for (let row = 0; row < 3; row++) {
      const value = state.rules.values[row * SLOTS + slot]!;
      if (value !== off) texts.push(shown(value, unit));
    }
  }
  return [...new Set(texts)].join(', ');
}

function shown(value: number, unit: LimitUnit): string {
  if (!Number.isFinite(value)) return 'none';
  if (unit === 'yuan') return formatYuan(Math.round(value));
  if (unit === 'fraction') return `${Number((value * 100).toFixed(4))} %`;
  return unit === 'switch' ? (value === 1 ? 'on' : 'off') : String(Number(value.toFixed(3)));
}
