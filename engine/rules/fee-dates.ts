// Statutory rates by trading day and kind, from the rule book. Commission is a contract and comes
// from the configuration. Called where a setup is made. Rates in 1e-7 of the amount.
// Always: a fee that no row of the day names is not charged, unless the contract gives its rate; a
// kind that the rule book frees of a fee pays none, whatever the contract says of shares.
import type { FeeContract, FeeSchedule } from '../core/fees.ts';
import type { Instrument } from '../core/instrument.ts';
import { isOfKind } from './make-instrument.ts';
import type { DayRules, RuleScope } from './rule-book.ts';
import { venueOf } from './subject.ts';

/** The fees of one kind on the day of `rules` (rules sheet 9.1, 9.2). */
export function feesFor(contract: FeeContract, rules: DayRules, scope: RuleScope): FeeSchedule {
  const rate = (key: string, given: number | null = null) => {
    const row = rules.find('fee', scope, key);
    if (row?.value.rateE7 === 0) return 0;
    return given ?? row?.value.rateE7 ?? 0;
  };
  return {
    commissionRateE7: contract.commissionRateE7,
    commissionMinE4: contract.commissionMinE4,
    stampDutyRateE7: rate('stamp-duty', contract.stampDutyRateE7),
    transferRateE7: rate('transfer-fee', contract.transferRateE7),
    handlingRateE7: contract.commissionNet ? rate('handling-fee') : 0,
    regulatoryRateE7: contract.commissionNet ? rate('regulatory-fee') : 0,
  };
}

/** The fees of each instrument, by its index; instruments of one kind share a schedule. */
export function feeSchedules(
  contract: FeeContract,
  rules: DayRules,
  instruments: readonly Instrument[],
): FeeSchedule[] {
  const known = new Map<string, FeeSchedule>();
  let before: Instrument | null = null;
  let schedule: FeeSchedule | null = null;
  return instruments.map((instrument) => {
    // Neighbours are mostly of one kind: thousands of them a day need no key each.
    if (schedule !== null && before !== null && isOfKind(instrument, before)) return schedule;
    before = instrument;
    const { market, kind, state, fundType } = instrument;
    const key = `${market} ${kind} ${state} ${fundType}`;
    const scope = { venue: venueOf(market), kind, state, type: fundType === '' ? null : fundType };
    schedule = known.get(key) ?? feesFor(contract, rules, scope);
    known.set(key, schedule);
    return schedule;
  });
}

/** Where the contract's rates of shares differ from the rule book's; the contract's are used. */
export function feeAlerts(contract: FeeContract, rules: DayRules): string[] {
  const shares: RuleScope = { venue: 'SSE', kind: 'main', state: 'normal', type: null };
  const byRule = feesFor(
    { ...contract, stampDutyRateE7: null, transferRateE7: null },
    rules,
    shares,
  );
  const alerts: string[] = [];
  for (const item of ['stampDutyRateE7', 'transferRateE7'] as const) {
    const given = contract[item];
    if (given === null || given === byRule[item]) continue;
    const name = item.replace('E7', '');
    const both = `given ${given / 1e7}, by rule ${byRule[item] / 1e7}`;
    alerts.push(`fees.${name}: ${both}; the given rate is used`);
  }
  return alerts;
}
