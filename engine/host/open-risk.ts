// Risk as an engine starts with it: rules, what the accounts opened with, what earlier lives of the
// day did; and which strategies may not start. Called by the assembly for the risk manager, and
// before any thread starts by whoever makes the setup. Invariant: both see the same state.

import { rejectText } from '../core/reject-code.ts';
import { enforce, standingBreaches } from '../core/risk/judge.ts';
import { PER_SECOND_MAX } from '../core/risk/limit-table.ts';
import { RiskState } from '../core/risk/risk-state.ts';
import { fillRules } from '../core/risk/rule-entry.ts';
import type { RiskSizes, RuleSet } from '../core/risk/rule-set.ts';
import type { Tables } from '../core/tables.ts';
import { ORDERS_MAX } from '../limits.ts';
import type { AccountState } from './account-state.ts';
import { replayRisk } from './risk-records.ts';
import type { EngineSetup, SetupStrategy } from './setup.ts';

/** Reasons that one strategy may have. */
const REASONS_MAX = 64;

/** What risk knows when it starts; `orders` is what an account may make in this life. */
export function openRisk(
  setup: EngineSetup,
  account: (a: number) => AccountState,
  orders = setup.ordersMax ?? ORDERS_MAX,
  tables?: Tables,
): RiskState {
  const { accounts, instruments, risk } = setup;
  const sizes = sizesOf(setup);
  // An order makes two messages at most that a second can count.
  const perSecond = Math.min(PER_SECOND_MAX, 2 * orders);
  const state = new RiskState(sizes, instruments, accounts.length * orders, perSecond, tables);
  const { ruleSets } = state;
  if (!ruleSets.isOf(risk.entries)) {
    fill(state.rules, risk);
    ruleSets.filled(risk.entries);
  }
  enforce(state, state.rules);
  const states = accounts.map((_, a) => account(a));
  for (const one of states) one.restoreRisk(state);
  replayRisk(
    state,
    states.flatMap((one) => one.riskRecords),
  );
  return state;
}

function sizesOf({ accounts, strategies, instruments }: EngineSetup): RiskSizes {
  return {
    accounts: accounts.length,
    strategies: strategies.length,
    instruments: instruments.length,
  };
}

function fill(rules: RuleSet, { entries, hash }: EngineSetup['risk']): void {
  if (fillRules(rules, entries) !== 0) return;
  throw new Error(`rule set ${hash} of risk does not fit this engine`);
}

/**
 * The strategies, each with the codes of the standing rules it breaches as the day stands: one that
 * has any may not start. `opened`: risk as it starts the day, which it does not change; absent =
 * one is made here, with room for the orders of earlier lives only.
 */
export function barStrategies(
  setup: EngineSetup,
  account: (a: number) => AccountState,
  opened?: RiskState,
): SetupStrategy[] {
  const orders = setup.accounts.map((_, a) => account(a).account.orders.count);
  const state = opened ?? openRisk(setup, account, Math.max(16, ...orders));
  const found = new Int32Array(REASONS_MAX);
  return setup.strategies.map((strategy, s) => {
    const count = standingBreaches(state, strategy.account, s, found);
    return count === 0 ? strategy : { ...strategy, barred: [...found.subarray(0, count)] };
  });
}

/** Why a strategy may not start, for people; '' = it may. */
export function breachText(codes: readonly number[]): string {
  const reasons = codes.map((code) => {
    const { zh, en } = rejectText(code);
    return `${code} ${zh} (${en})`;
  });
  return reasons.join('; ');
}
