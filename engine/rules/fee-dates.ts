// Statutory rates by trading day and kind, from the rule book. Commission is a contract and comes
// from the configuration. Called where a day's fee schedule is made. Rates in 1e-7 of the amount.
// Always: a day before the first row keeps the rates of the base schedule.
import type { FeeSchedule } from '../core/fees.ts';
import { type DayRules, RuleBook, type RuleScope } from './rule-book.ts';

/** Stands for shares of every board: their stamp duty and transfer fee are the same. */
const SHARES: RuleScope = { venue: 'SSE', kind: 'main', state: 'normal', type: null };

let builtIn: RuleBook | null = null;

/** `base` with the statutory rates of shares on `day`; days before the rows keep the base's. */
export function feesOn(base: FeeSchedule, day: number): FeeSchedule {
  builtIn ??= new RuleBook();
  return feesFor(base, builtIn.on(day), SHARES);
}

/** `base` with the statutory rates of one kind: funds and convertible bonds pay neither. */
export function feesFor(base: FeeSchedule, rules: DayRules, scope: RuleScope): FeeSchedule {
  const rate = (key: string) => rules.find('fee', scope, key)?.value.rateE7;
  return {
    ...base,
    stampDutyRateE7: rate('stamp-duty') ?? base.stampDutyRateE7,
    transferRateE7: rate('transfer-fee') ?? base.transferRateE7,
  };
}
