// The slow twin of the validation kernel: the rules as a list of named conditions, the first that
// fails answers. Called by exchange.ts and the differential tests. Sources: rules sheet 2-5, 7;
// SSE 2023 no. 3.3.5-3.3.17, SZSE no. 3.3.4-3.3.14, BSE 2026 no. 3.3.1-3.3.13, 4.5.4.

import type { KernelRules } from '../../engine/core/exchange-kernel.ts';
import * as code from '../assembly/codes.ts';

export interface CheckedOrder {
  readonly side: number;
  readonly kind: number;
  readonly priceE4: number;
  readonly qty: number;
  /** Shares the account may sell; -1: unknown, -2: the odd part is taken on trust. */
  readonly sellable: number;
  /** Bought today and working. */
  readonly bought: number;
}

/** What the order meets. Prices 0: there is none. */
export interface Moment {
  /** -1: not known. */
  readonly phase: number;
  readonly halt: 'none' | 'price' | 'other';
  readonly bidE4: number;
  readonly askE4: number;
  readonly lastE4: number;
  readonly closeE4: number;
}

const TAKING = [
  ...[code.PHASE_OPENING_CALL, code.PHASE_OPENING_CALL_NO_CANCEL],
  ...[code.PHASE_CONTINUOUS, code.PHASE_CLOSING_CALL, -1],
];

/** 0 or the first violated code. */
export function validate(rules: KernelRules | undefined, now: Moment, order: CheckedOrder): number {
  if (!rules) return code.REJECT_UNKNOWN_INSTRUMENT;
  const { side, qty } = order;
  const conditions: readonly [violated: boolean, answer: number][] = [
    [rules.suspended !== 0, code.REJECT_SUSPENDED],
    [!takesOrders(rules, now), code.REJECT_NOT_IN_SESSION],
    [side !== code.BUY && side !== code.SELL, code.REJECT_SIDE],
    [!takesKind(rules, now, order.kind), code.REJECT_KIND_NOT_SUPPORTED],
    [lacksProtection(rules, order), code.REJECT_NO_PROTECTION_PRICE],
    [qty <= 0, code.REJECT_QTY_NOT_POSITIVE],
    ...priceRules(rules, now, order),
    [qty > largest(rules, now, order.kind), code.REJECT_QTY_MAXIMUM],
  ];
  const broken = conditions.find(([violated]) => violated);
  if (broken) return broken[1];
  return side === code.BUY ? buyRules(rules, order) : sellLot(rules, order);
}

function takesOrders(rules: KernelRules, { phase, halt, closeE4 }: Moment): boolean {
  if (phase === code.PHASE_HALTED) return halt === 'price';
  if (phase !== code.PHASE_AFTER_HOURS) return TAKING.includes(phase);
  return rules.afterHours !== 0 && closeE4 > 0 && halt === 'none';
}

function takesKind(rules: KernelRules, { phase }: Moment, kind: number): boolean {
  if (kind === code.KIND_LIMIT) return true;
  const kinds = [2, 3, 4, 5, 6, 7].filter((k) => (rules.marketKinds & (1 << k)) !== 0);
  const limited = rules.upperE4 > 0 || rules.marketNeedsLimit === 0;
  return kinds.includes(kind) && limited && (phase === code.PHASE_CONTINUOUS || phase === -1);
}

function lacksProtection(rules: KernelRules, { kind, priceE4 }: CheckedOrder): boolean {
  const required = rules.protection === code.PROTECTION_REQUIRED;
  return kind !== code.KIND_LIMIT && required && priceE4 === 0;
}

function priceRules(
  rules: KernelRules,
  now: Moment,
  order: CheckedOrder,
): [violated: boolean, answer: number][] {
  const { kind, priceE4 } = order;
  const { tickE4, upperE4, lowerE4 } = rules;
  const isLimit = kind === code.KIND_LIMIT;
  if (!isLimit && (priceE4 === 0 || rules.protection === code.PROTECTION_IGNORED)) return [];
  const common: [boolean, number][] = [
    [priceE4 <= 0, code.REJECT_PRICE_NOT_POSITIVE],
    [priceE4 % tickE4 !== 0, code.REJECT_OFF_TICK],
    [upperE4 > 0 && priceE4 > upperE4, code.REJECT_ABOVE_UPPER_LIMIT],
    [lowerE4 > 0 && priceE4 < lowerE4, code.REJECT_BELOW_LOWER_LIMIT],
  ];
  return isLimit ? [...common, ...phaseRules(rules, now, order)] : common;
}

function phaseRules(
  rules: KernelRules,
  now: Moment,
  order: CheckedOrder,
): [violated: boolean, answer: number][] {
  const { side, priceE4 } = order;
  const rejects = now.phase === code.PHASE_CONTINUOUS && rules.cageMode === code.CAGE_REJECT;
  const after = now.phase === code.PHASE_AFTER_HOURS;
  const worse = side === code.BUY ? priceE4 < now.closeE4 : priceE4 > now.closeE4;
  return [
    [rejects && !insideCage(rules, now, side, priceE4), code.REJECT_OUTSIDE_CAGE],
    [!insideRange(rules, now, priceE4), code.REJECT_OUTSIDE_CALL_RANGE],
    [after && worse, code.REJECT_AGAINST_CLOSE],
  ];
}

/** Rules sheet 4.1: the bound is computed and rounded as the article says, then compared. */
export function insideCage(
  rules: KernelRules,
  now: Pick<Moment, 'bidE4' | 'askE4' | 'lastE4'>,
  side: number,
  priceE4: number,
): boolean {
  const { tickE4, cageUpPercent, cageDownPercent, cageTicks, preCloseE4 } = rules;
  const buys = side === code.BUY;
  const sides = buys ? [now.askE4, now.bidE4] : [now.bidE4, now.askE4];
  const refE4 = [...sides, now.lastE4, preCloseE4].find((price) => price > 0);
  if (refE4 === undefined) return true;
  const ticks = Math.max(1, cageTicks) * tickE4;
  const percent = buys ? 100 + cageUpPercent : 100 - cageDownPercent;
  const scaled = BigInt(refE4) * BigInt(percent) * 2n;
  const unit = BigInt(tickE4) * 200n;
  const rounded = Number((scaled + BigInt(tickE4) * 100n) / unit) * tickE4;
  return buys
    ? priceE4 <= Math.max(rounded, refE4 + ticks)
    : priceE4 >= Math.min(rounded, refE4 - ticks);
}

/** Rules sheet 4.2. */
function insideRange(rules: KernelRules, now: Moment, priceE4: number): boolean {
  if (rules.upperE4 > 0) return true;
  const range = rangeOf(rules, now.phase);
  if (!range) return true;
  const [low, high, ofLast] = range;
  const baseE4 = ofLast !== 0 && now.lastE4 > 0 ? now.lastE4 : rules.preCloseE4;
  if (baseE4 === 0) return true;
  return priceE4 * 1000 >= baseE4 * low && (high === 0 || priceE4 * 1000 <= baseE4 * high);
}

function rangeOf(rules: KernelRules, phase: number): readonly number[] | undefined {
  switch (phase) {
    case code.PHASE_OPENING_CALL:
    case code.PHASE_OPENING_CALL_NO_CANCEL:
      return [rules.openingLowPermille, rules.openingHighPermille, rules.openingOfLast];
    case code.PHASE_CLOSING_CALL:
      return [rules.closingLowPermille, rules.closingHighPermille, rules.closingOfLast];
    case code.PHASE_HALTED:
      return [rules.resumptionLowPermille, rules.resumptionHighPermille, rules.resumptionOfLast];
    default:
      return undefined;
  }
}

function largest(rules: KernelRules, { phase }: Moment, kind: number): number {
  const { maxQty, maxMarketQty, maxAfterHoursQty } = rules;
  if (kind !== code.KIND_LIMIT) return maxMarketQty || maxQty;
  return phase === code.PHASE_AFTER_HOURS ? maxAfterHoursQty || maxQty : maxQty;
}

function buyRules({ buyMin, buyStep, buyCap }: KernelRules, { qty, bought }: CheckedOrder): number {
  if (qty < buyMin) return code.REJECT_LOT_MINIMUM;
  if (qty % buyStep !== 0) return code.REJECT_LOT_STEP;
  return buyCap > 0 && qty + bought > buyCap ? code.REJECT_BUY_CAP : code.OK;
}

function sellLot(rules: KernelRules, { qty, sellable }: CheckedOrder): number {
  const { sellMin, sellStep } = rules;
  if ((qty >= sellMin && qty % sellStep === 0) || sellable === -2) return code.OK;
  const odd = oddPart(sellMin, sellStep, Math.max(0, sellable));
  if (odd > 0) {
    // The whole odd part alone, or the whole odd part together with lots (rules sheet 2.3).
    const together = rules.oddWithLots !== 0 && sellStep > 1 && qty >= sellMin;
    const whole = qty === odd || (together && (qty - odd) % sellStep === 0);
    return whole ? code.OK : code.REJECT_ODD_LOT_SELL;
  }
  return qty < sellMin ? code.REJECT_LOT_MINIMUM : code.REJECT_LOT_STEP;
}

/** The part of a holding that is smaller than a lot. */
function oddPart(sellMin: number, sellStep: number, sellable: number): number {
  if (sellStep > 1) return sellable % sellStep;
  return sellable < sellMin ? sellable : 0;
}
