// The day's limit prices by rule, and the cross-check against the exchange's static values. Called
// by validation, `pankou rules` and whoever loads a static file. Always: static values win; a
// computed value fills a gap or raises an alert, it never overrides.
import {
  formatYuan,
  inwardLowerLimitOf,
  inwardUpperLimitOf,
  lowerLimitOf,
  PRICE_NONE,
  upperLimitOf,
} from '../core/price.ts';
import type { DayRules } from './rule-book.ts';
import type { RuleRow } from './rule-row.ts';
import type { Subject } from './subject.ts';

/** From here on a static upper limit means none (rules sheet 3.4): 99,999,999 yuan. */
export const STATIC_NO_LIMIT_E4 = 999_999_990_000;

type LimitRow = RuleRow<'price-limit'> | RuleRow<'first-day-limit'> | RuleRow<'free-days'>;

/** Percentages of the day and the row that gives them. */
export interface DailyLimit {
  /** False on free days and for kinds without a daily limit. */
  readonly limited: boolean;
  readonly upPermille: number;
  readonly downPermille: number;
  readonly row: LimitRow;
}

/** priceE4; both 0 = no limit today. */
export interface LimitPair {
  readonly upperE4: number;
  readonly lowerE4: number;
}

export interface ComputedLimits extends LimitPair {
  readonly limit: DailyLimit;
  /** BSE: the pair under the other reading of its rounding; elsewhere the same pair. */
  readonly widest: LimitPair;
  readonly rounding: RuleRow<'limit-rounding'> | null;
}

/** The daily limit of a security, or null when no row says (SSE 2023 no. 3.3.13, BSE 3.3.11). */
export function dailyLimitOf(rules: DayRules, subject: Subject): DailyLimit | null {
  const free =
    freeRow(rules, subject, 'ipo', subject.listedDay) ??
    freeRow(rules, subject, 'relisting', subject.relistedDay) ??
    freeRow(rules, subject, 'delisting', subject.delistingDay);
  if (free !== null) return { limited: false, upPermille: 0, downPermille: 0, row: free };
  const first = subject.listedDay === 1 ? rules.find('first-day-limit', subject) : null;
  const row = first ?? rules.find('price-limit', subject);
  if (row === null) return null;
  const { upPermille, downPermille } = row.value;
  return { limited: upPermille + downPermille > 0, upPermille, downPermille, row };
}

function freeRow(rules: DayRules, subject: Subject, key: string, nth: number) {
  const row = nth > 0 ? rules.find('free-days', subject, key) : null;
  return row !== null && nth <= row.value.days ? row : null;
}

/** How a security's limit prices follow from its preclose: all that is not the price itself. */
export interface LimitRule {
  readonly limit: DailyLimit;
  readonly tickE4: number;
  /** BSE: toward the preclose. */
  readonly isInward: boolean;
  readonly rounding: RuleRow<'limit-rounding'> | null;
}

/** Null when the rules give no limit row or no tick. */
export function limitRuleOf(rules: DayRules, subject: Subject): LimitRule | null {
  const limit = dailyLimitOf(rules, subject);
  const tick = rules.find('tick', subject);
  if (limit === null || tick === null) return null;
  const rounding = rules.find('limit-rounding', subject);
  const isInward = rounding?.value.mode === 'inward';
  return { limit, tickE4: tick.value.tickE4, isInward, rounding };
}

/** Upper limit of a day with this preclose; PRICE_NONE = no limit, or the preclose is not known. */
export function upperBy({ limit, tickE4, isInward }: LimitRule, preCloseE4: number): number {
  if (!limit.limited || preCloseE4 <= 0) return PRICE_NONE;
  return isInward
    ? inwardUpperLimitOf(preCloseE4, tickE4, limit.upPermille, 1_000)
    : upperLimitOf(preCloseE4, tickE4, limit.upPermille, 1_000);
}

/** Lower limit, like upperBy(). */
export function lowerBy({ limit, tickE4, isInward }: LimitRule, preCloseE4: number): number {
  if (!limit.limited || preCloseE4 <= 0) return PRICE_NONE;
  return isInward
    ? inwardLowerLimitOf(preCloseE4, tickE4, limit.downPermille, 1_000)
    : lowerLimitOf(preCloseE4, tickE4, limit.downPermille, 1_000);
}

/**
 * Limit prices from preclose (first day: issue price): preclose x (1 ± p), rounded to the tick, at
 * least one tick away (SSE 2023 no. 3.3.17, SZSE 2026 no. 3.3.14; BSE inward, its rounding is
 * open). Null when the rules give no limit row or no tick, or preclose is not known.
 */
export function computeLimits(
  rules: DayRules,
  subject: Subject,
  preCloseE4: number,
): ComputedLimits | null {
  const rule = preCloseE4 > 0 ? limitRuleOf(rules, subject) : null;
  if (rule === null) return null;
  const { limit, rounding, isInward } = rule;
  const pairBy = (by: LimitRule): LimitPair => ({
    upperE4: upperBy(by, preCloseE4),
    lowerE4: lowerBy(by, preCloseE4),
  });
  const pair = pairBy(rule);
  const widest = isInward ? pairBy({ ...rule, isInward: false }) : pair;
  return { ...pair, limit, widest, rounding };
}

/** A static limit price in E4 as the engine holds it: the encodings of "no limit" become 0. */
export function staticLimitE4(valueE4: number): number {
  return valueE4 >= STATIC_NO_LIMIT_E4 ? PRICE_NONE : valueE4;
}

/** Values of a security that both the static file and the rules give; absent = not given. */
export interface CheckedValues {
  readonly upperLimitE4?: number | undefined;
  readonly lowerLimitE4?: number | undefined;
  readonly preCloseE4?: number | undefined;
  readonly tickE4?: number | undefined;
  readonly buyMin?: number | undefined;
  readonly buyStep?: number | undefined;
}

/** A difference to tell a person about. The static value is used. */
export interface CrossCheckAlert {
  readonly field: keyof CheckedValues;
  readonly static: number;
  readonly computed: number;
  readonly message: string;
}

const FIELDS = [
  'preCloseE4',
  'upperLimitE4',
  'lowerLimitE4',
  'tickE4',
  'buyMin',
  'buyStep',
] as const;

/** Compares what the exchange says with what the rules give; empty when nothing differs. */
export function crossCheck(
  staticValues: CheckedValues,
  computed: CheckedValues,
): CrossCheckAlert[] {
  const alerts: CrossCheckAlert[] = [];
  for (const field of FIELDS) {
    const theirs = staticValues[field];
    const ours = computed[field];
    if (theirs === undefined || ours === undefined || theirs === ours) continue;
    const show = (value: number) => (field.endsWith('E4') ? formatYuan(value) : String(value));
    const both = `static file ${show(theirs)}, by rule ${show(ours)}`;
    const message = `${field}: ${both}; the static value is used`;
    alerts.push({ field, static: theirs, computed: ours, message });
  }
  return alerts;
}

/** What the rules give for the fields of a static file. */
export function computedValues(
  rules: DayRules,
  subject: Subject,
  preCloseE4: number,
): CheckedValues {
  const limits = computeLimits(rules, subject, preCloseE4);
  const lot = rules.find('lot', subject)?.value;
  return {
    upperLimitE4: limits?.upperE4,
    lowerLimitE4: limits?.lowerE4,
    tickE4: rules.find('tick', subject)?.value.tickE4,
    buyMin: lot?.buyMin,
    buyStep: lot?.buyStep,
  };
}
