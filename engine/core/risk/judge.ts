// All rules in the order they are asked, and the judgement of one order: the first refusal wins.
// Called by the risk manager for each new order (never for a cancel), by `pankou risk test` rule by
// rule, by benches and tests. Invariants: switches first, then what is forbidden, prices, rates,
// amounts, exposures; parking and splitting last, so that they never hide a hard limit; judging
// changes no meter but the cool-down after a refused rate. No allocation.
import { SIDE_BUY } from '../../messages/codes.ts';
import * as code from '../reject-code.ts';
import * as exposure from './check-exposure.ts';
import * as guards from './check-guards.ts';
import * as prices from './check-prices.ts';
import * as rates from './check-rates.ts';
import * as standing from './check-standing.ts';
import * as at from './limit-table.ts';
import { rowOf } from './risk-events.ts';
import type { RiskState } from './risk-state.ts';
import { FACT_MANAGER, FACT_PERMISSIONS, FACTS, PERMIT_ALL, type RuleSet } from './rule-set.ts';

export interface RiskRule {
  readonly name: string;
  readonly code: number;
  readonly check: (s: RiskState) => number;
  /** Slots of which one must be set for the rule to be asked; empty = see `asked`. */
  readonly slots: readonly number[];
  /** Does not depend on the order: what it says can be known before a strategy starts. */
  readonly standing: boolean;
  /** A refusal starts the cool-down of its row. */
  readonly rate: boolean;
  /** Whether a rule without slots is asked under a rule set; absent = always. */
  readonly asked?: (rules: RuleSet) => boolean;
}

type Check = (s: RiskState) => number;
const NO_SLOTS: readonly number[] = [];

function rule(name: string, reject: number, check: Check, slots = NO_SLOTS): RiskRule {
  return { name, code: reject, check, slots, standing: false, rate: false }; // hot-ok: at import
}

/** A rule that judges the firm, the account or the strategy rather than the order. */
function stands(name: string, reject: number, check: Check, slots = NO_SLOTS): RiskRule {
  return { name, code: reject, check, slots, standing: true, rate: false }; // hot-ok: at import
}

function paced(name: string, reject: number, check: Check, slot: number): RiskRule {
  const slots = [slot]; // hot-ok: at import
  return { name, code: reject, check, slots, standing: false, rate: true }; // hot-ok: at import
}

function listed(name: string, reject: number, check: Check, asked: (r: RuleSet) => boolean) {
  return { ...rule(name, reject, check), asked }; // hot-ok: at import
}

function hasListed(rules: RuleSet): boolean {
  // An empty white list forbids everything.
  return rules.hasListed || rules.hasWhite.includes(1);
}

function hasForbidden(rules: RuleSet): boolean {
  for (let a = 0; a < rules.sizes.accounts; a++) {
    if (rules.facts[a * FACTS + FACT_PERMISSIONS] !== PERMIT_ALL) return true;
  }
  return false;
}

function hasManagers(rules: RuleSet): boolean {
  for (let a = 0; a < rules.sizes.accounts; a++) {
    if (rules.facts[a * FACTS + FACT_MANAGER] !== 0) return true;
  }
  return false;
}

/** Every rule of the firm. biome-ignore keeps one line a rule. */
// biome-ignore format: a table is read by its columns
export const RULES: readonly RiskRule[] = [
  stands('killed', code.REJECT_KILLED, guards.checkKilled),
  stands('repetitions', code.REJECT_REPETITIONS, guards.checkRepetitions),
  stands('rejects in a row', code.REJECT_REJECTS_IN_ROW, guards.checkRejectsInRow),
  rule('duplicate id', code.REJECT_DUPLICATE_ID, guards.checkDuplicateId),
  rule('paused', code.REJECT_PAUSED, guards.checkPaused),
  rule('halted', code.REJECT_HALTED, guards.checkHalted, [at.LIMIT_HALTED]),
  stands('venue silent', code.REJECT_VENUE_SILENT, guards.checkVenueSilent,
    [at.LIMIT_VENUE_SILENCE]),
  rule('feed silent', code.REJECT_FEED_SILENT, prices.checkFeedSilence, [at.LIMIT_FEED_SILENCE]),
  rule('stale quote', code.REJECT_STALE_QUOTE, prices.checkStaleQuote, [at.LIMIT_QUOTE_AGE]),
  listed('black list', code.REJECT_BLACK_LIST, standing.checkBlackList, hasListed),
  listed('white list', code.REJECT_WHITE_LIST, standing.checkWhiteList, hasListed),
  listed('STAR', code.REJECT_NO_STAR, standing.checkStar, hasForbidden),
  listed('ChiNext', code.REJECT_NO_CHINEXT, standing.checkChinext, hasForbidden),
  listed('BSE', code.REJECT_NO_BSE, standing.checkBse, hasForbidden),
  listed('convertible bonds', code.REJECT_NO_CONVERTIBLE, standing.checkConvertible, hasForbidden),
  listed('risk warning', code.REJECT_NO_RISK_WARNING, standing.checkRiskWarning, hasForbidden),
  rule('risk-warning cap', code.REJECT_RISK_WARNING_CAP, standing.checkRiskWarningCap,
    [at.LIMIT_RISK_WARNING_CAP, at.LIMIT_RISK_WARNING_CAP_BSE]),
  stands('loss of the firm', code.REJECT_LOSS_FIRM, standing.checkLossFirm, [at.LIMIT_DAY_LOSS]),
  stands('loss of the account', code.REJECT_LOSS_ACCOUNT, standing.checkLossAccount,
    [at.LIMIT_DAY_LOSS]),
  stands('loss of the strategy', code.REJECT_LOSS_STRATEGY, standing.checkLossStrategy,
    [at.LIMIT_DAY_LOSS]),
  stands('net value stop', code.REJECT_NET_VALUE_STOP, standing.checkNetValueStop,
    [at.LIMIT_STOP_NAV]),
  stands('net value warning', code.REJECT_NET_VALUE_WARNING, standing.checkNetValueWarning,
    [at.LIMIT_WARN_NAV]),
  rule('price limits', code.REJECT_OUTSIDE_LIMITS, prices.checkPriceLimits,
    [at.LIMIT_PRICE_LIMITS]),
  rule('cage', code.REJECT_RISK_CAGE, prices.checkCage, [at.LIMIT_CAGE]),
  rule('deviation from last', code.REJECT_PRICE_DEVIATION, prices.checkPriceDeviation,
    [at.LIMIT_PRICE_DEVIATION]),
  rule('deviation from opposite best', code.REJECT_OPPOSITE_DEVIATION, 
    prices.checkOppositeDeviation, [at.LIMIT_OPPOSITE_DEVIATION]),
  stands('slippage', code.REJECT_SLIPPAGE, prices.checkSlippage, [at.LIMIT_SLIPPAGE]),
  rule('order amount', code.REJECT_ORDER_AMOUNT, exposure.checkOrderAmount,
    [at.LIMIT_ORDER_AMOUNT]),
  rule('order quantity', code.REJECT_ORDER_QTY, exposure.checkOrderQty, [at.LIMIT_ORDER_QTY]),
  rule('day amount', code.REJECT_DAY_AMOUNT, exposure.checkDayAmount, [at.LIMIT_DAY_AMOUNT]),
  rule('cash reserve', code.REJECT_CASH_RESERVE, exposure.checkCashReserve,
    [at.LIMIT_CASH_RESERVE]),
  rule('position', code.REJECT_POSITION, exposure.checkPositionQty, [at.LIMIT_POSITION_QTY]),
  rule('stock value', code.REJECT_STOCK_VALUE, exposure.checkStockValue, [at.LIMIT_STOCK_VALUE]),
  rule('stock share', code.REJECT_STOCK_SHARE, exposure.checkStockShare, [at.LIMIT_STOCK_SHARE]),
  rule('industry value', code.REJECT_INDUSTRY_VALUE, exposure.checkIndustryValue,
    [at.LIMIT_INDUSTRY_VALUE]),
  rule('total value', code.REJECT_TOTAL_VALUE, exposure.checkTotalValue, [at.LIMIT_TOTAL_VALUE]),
  rule('net exposure', code.REJECT_NET_EXPOSURE, exposure.checkNetExposure,
    [at.LIMIT_NET_EXPOSURE]),
  rule('leverage', code.REJECT_LEVERAGE, exposure.checkLeverage, [at.LIMIT_LEVERAGE]),
  rule('self-trade', code.REJECT_SELF_TRADE, standing.checkSelfTrade, [at.LIMIT_SELF_TRADE]),
  { ...rule('opposite trades', code.REJECT_OPPOSITE_TRADE, standing.checkOppositeTrade,
    [at.LIMIT_OPPOSITE_TRADES]), asked: hasManagers },
  rule('duplicate order', code.REJECT_DUPLICATE_ORDER, guards.checkDuplicateOrder,
    [at.LIMIT_DUPLICATE_WINDOW]),
  rule('volume share', code.REJECT_VOLUME_SHARE, prices.checkVolumeShare,
    [at.LIMIT_VOLUME_SHARE, at.LIMIT_VOLUME_SHARE_OPEN]),
  rule('turnover', code.REJECT_TURNOVER, prices.checkTurnover,
    [at.LIMIT_TURNOVER, at.LIMIT_TURNOVER_OPEN]),
  rule('cool-down', code.REJECT_COOL_DOWN, rates.checkCoolDown, [at.LIMIT_COOL_DOWN]),
  stands('orders a day', code.REJECT_ORDERS_PER_DAY, rates.checkOrdersPerDay,
    [at.LIMIT_ORDERS_PER_DAY]),
  rule('orders a day and stock', code.REJECT_ORDERS_PER_STOCK, rates.checkOrdersPerStock,
    [at.LIMIT_ORDERS_PER_STOCK_DAY]),
  stands('cancel ratio', code.REJECT_CANCEL_RATIO, rates.checkCancelRatio, [at.LIMIT_CANCEL_RATIO]),
  stands('instant cancels', code.REJECT_INSTANT_CANCELS, rates.checkInstantCancels,
    [at.LIMIT_INSTANT_CANCELS]),
  stands('reported day', code.REJECT_REPORTED_DAY, rates.checkReportedDay,
    [at.LIMIT_REPORTED_PER_DAY]),
  stands('high frequency day', code.REJECT_HIGH_FREQUENCY_DAY, rates.checkHighFrequencyDay,
    [at.LIMIT_HF_PER_DAY]),
  paced('reported rate', code.REJECT_REPORTED_RATE, rates.checkReportedRate,
    at.LIMIT_REPORTED_PER_SECOND),
  paced('high frequency rate', code.REJECT_HIGH_FREQUENCY_RATE, rates.checkHighFrequencyRate,
    at.LIMIT_HF_PER_SECOND),
  paced('orders a second', code.REJECT_ORDER_RATE, rates.checkOrdersPerSecond,
    at.LIMIT_ORDERS_PER_SECOND),
  rule('park', code.REJECT_PARKED, exposure.checkPark, [at.LIMIT_PARK_AMOUNT]),
  rule('split', code.REJECT_SPLIT, exposure.checkSplit, [at.LIMIT_SPLIT_AMOUNT]),
];

const MS_NS = 1_000_000;

/** Puts a rule set in force and remembers which rules it asks. O(rows x limits), cold. */
export function enforce(s: RiskState, rules: RuleSet): void {
  s.rules = rules;
  s.values = rules.values;
  s.askedCount = 0;
  for (let r = 0; r < RULES.length; r++) {
    if (isAsked(RULES[r], rules)) s.asked[s.askedCount++] = r;
  }
}

function isAsked(one: RiskRule, rules: RuleSet): boolean {
  if (one.asked !== undefined && !one.asked(rules)) return false;
  if (one.slots.length === 0) return true;
  for (let n = 0; n < one.slots.length; n++) {
    const slot = one.slots[n];
    const { off } = at.LIMITS[slot];
    for (let row = 0; row < rules.rows; row++) {
      if (rules.values[row * at.SLOTS + slot] !== off) return true;
    }
  }
  return false;
}

/**
 * Completes the case in `s.case` (ids, account, strategy, instrument, side, kind, priceE4, qty,
 * nowNs set; valueE4 as the OMS says): rows, value, amount. REJECT_NONE, or why not. An order
 * without a price is valued at the day's upper limit, never at zero.
 */
export function openCase(s: RiskState): number {
  const c = s.case;
  s.value = 0;
  s.limit = 0;
  s.row = 0;
  if (c.account < 0 || c.account >= s.sizes.accounts) return code.REJECT_UNKNOWN_ROW;
  if (c.instrument < 0 || c.instrument >= s.sizes.instruments) {
    return code.REJECT_UNKNOWN_INSTRUMENT;
  }
  for (let k = 0; k < 3; k++) s.caseRows[k] = rowOf(s, k, c.account, c.strategy);
  if (c.priceE4 > 0) c.valueE4 = c.priceE4;
  else if (s.quotes.upperE4[c.instrument] > 0) c.valueE4 = s.quotes.upperE4[c.instrument];
  c.amountE4 = c.valueE4 * c.qty;
  return c.valueE4 > 0 && c.qty > 0 ? code.REJECT_NONE : code.REJECT_NO_REFERENCE_PRICE;
}

/** First refusal of the opened case, or REJECT_NONE; s.value, s.limit and s.row say more. */
export function judge(s: RiskState): number {
  for (let n = 0; n < s.askedCount; n++) {
    const one = RULES[s.asked[n]];
    const found = one.check(s);
    if (found === code.REJECT_NONE) continue;
    if (one.rate) startCoolDown(s);
    return found;
  }
  return code.REJECT_NONE;
}

function startCoolDown(s: RiskState): void {
  const quietMs = s.values[s.row * at.SLOTS + at.LIMIT_COOL_DOWN];
  if (quietMs > 0) s.meters.quietUntilNs[s.row] = s.case.nowNs + quietMs * MS_NS;
}

/**
 * Whether a strategy may start: codes of the standing rules it would break, into `found`; their
 * number. Judged as a buy of nothing at `nowNs` in s.case. Cold.
 */
export function standingBreaches(
  s: RiskState,
  account: number,
  strategy: number,
  found: Int32Array,
): number {
  const c = s.case;
  c.account = account;
  c.strategy = strategy;
  c.instrument = 0;
  c.side = SIDE_BUY;
  c.priceE4 = 0;
  c.qty = 0;
  c.amountE4 = 0;
  for (let k = 0; k < 3; k++) s.caseRows[k] = rowOf(s, k, account, strategy);
  let count = 0;
  for (let n = 0; n < s.askedCount; n++) {
    const one = RULES[s.asked[n]];
    if (!one.standing || count >= found.length) continue;
    if (one.check(s) !== code.REJECT_NONE) found[count++] = one.code;
  }
  return count;
}
