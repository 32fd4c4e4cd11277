// Risk, one thread, one core: ns per rule and for all rules together, on one order that passes them
// all, with 20 open orders in its instrument; then a whole order: judged, counted, answered. Every
// rule is asked in a loop of its own; the empty call is in the list to compare with.
//
//   case -> check -> code                 case -> 55 checks -> counted -> filled
import { STATUS_FILLED } from '../engine/core/order-status.ts';
import { REJECT_NONE } from '../engine/core/reject-code.ts';
import { enforce, judge, openCase, RULES } from '../engine/core/risk/judge.ts';
import { LIMIT_BREAKER_MOVE, LIMITS } from '../engine/core/risk/limit-table.ts';
import * as event from '../engine/core/risk/risk-events.ts';
import { RiskState } from '../engine/core/risk/risk-state.ts';
import { fillRules } from '../engine/core/risk/rule-entry.ts';
import {
  FACT_MANAGER,
  FACT_PERMISSIONS,
  FACTS,
  FIRM_ROW,
  joinIndustry,
  LISTED_BLACK,
  LISTED_WHITE,
  listInstrument,
  PERMIT_ALL,
  PERMIT_STAR,
  type RuleSet,
} from '../engine/core/risk/rule-set.ts';
import { PHASE_CONTINUOUS, SIDE_BUY } from '../engine/messages/codes.ts';
import { makeInstrument } from '../engine/rules/make-instrument.ts';
import { builtInBook } from '../engine/rules/rule-book.ts';
import { wideRules } from './bench-setups.ts';
import type { BenchResult, BenchSuite } from './harness.ts';
import { timeBatches } from './harness.ts';

const OPEN_ORDERS = 20;
const SYMBOLS = ['600000.SH', '688001.SH', '300001.SZ', '920001.BJ'];

export const suite: BenchSuite = {
  name: 'risk',
  async run({ quick }): Promise<BenchResult[]> {
    const operations = quick ? 2_000 : 20_000;
    const state = makeState();
    const repeat = (check: (s: RiskState) => number) => () => {
      let refused = 0;
      for (let n = 0; n < operations; n++) if (check(state) !== REJECT_NONE) refused++;
      return refused;
    };
    const options = { quick, operations };
    const single = await timeBatches(
      [
        { name: 'a check that does nothing', run: repeat(() => REJECT_NONE) },
        ...RULES.map((rule) => ({ name: rule.name, run: repeat(rule.check) })),
      ],
      options,
    );
    const whole = await timeBatches([{ name: 'all rules', run: repeat(judge) }], options);
    whole[0].note = `${state.askedCount} rules of ${RULES.length} asked`;
    const counted = await timeBatches(
      [{ name: 'all rules, counted, filled', run: () => wholeOrders(operations) }],
      { quick, operations, sameChecksum: false },
    );
    return [...whole, ...counted, ...single];
  },
};

/** A firm of two accounts and two strategies, every rule in force, none broken. */
function makeState(capacity = 64): RiskState {
  const names = { accounts: ['a', 'b'], strategies: ['s', 't'], symbols: SYMBOLS };
  const sizes = { accounts: 2, strategies: 2, instruments: SYMBOLS.length };
  const rules = builtInBook().on(20260105);
  const instruments = SYMBOLS.map((s, i) => makeInstrument(rules, i, s, { preCloseE4: 100_000 }));
  const state = new RiskState(sizes, instruments, capacity, 1_024);
  fillRules(state.rules, wideRules(names).entries);
  askEverything(state.rules);
  enforce(state, state.rules);
  for (let a = 0; a < 2; a++) event.onOpeningCash(state, a, 1e13);
  const prices = { lastE4: 100_000, bidE4: 99_900, askE4: 100_100, preCloseE4: 100_000 };
  const limits = { upperLimitE4: 110_000, lowerLimitE4: 90_000, volume: 1e6 };
  const quote = { instrument: 0, phase: PHASE_CONTINUOUS, ...prices, ...limits, eventNs: 36e12 };
  event.onQuote(state, quote, 0);
  for (let n = 1; n <= OPEN_ORDERS; n++) {
    setCase(state, n);
    event.onSent(state);
  }
  setCase(state, OPEN_ORDERS + 1);
  return state;
}

/** Switches, lists, permissions, an industry, a manager and a breaker that the order passes. */
function askEverything(rules: RuleSet): void {
  for (const { slot, unit } of LIMITS) if (unit === 'switch') rules.values[slot] = 1;
  rules.values[LIMIT_BREAKER_MOVE] = 0.05;
  rules.breakerIndex = 3;
  for (let a = 0; a < 2; a++) rules.facts[a * FACTS + FACT_MANAGER] = 1;
  rules.facts[FACTS + FACT_PERMISSIONS] = PERMIT_ALL & ~PERMIT_STAR;
  listInstrument(rules, FIRM_ROW, 1, LISTED_BLACK);
  listInstrument(rules, FIRM_ROW, 0, LISTED_WHITE);
  for (let i = 0; i < 3; i++) joinIndustry(rules, i, 0);
}

function setCase(state: RiskState, id: number): void {
  const c = state.case;
  c.idA = 1;
  c.idC = id;
  c.account = 0;
  c.strategy = 0;
  c.instrument = 0;
  c.side = SIDE_BUY;
  c.priceE4 = 100_000;
  c.qty = 100;
  c.nowNs = 36e12 + id * 1e7;
  openCase(state);
}

/** Orders from case to fill; the number that was let through. */
function wholeOrders(count: number): number {
  const state = makeState(count + 64);
  const at = new Float64Array(3);
  let passed = 0;
  for (let n = 0; n < count; n++) {
    setCase(state, OPEN_ORDERS + 1 + n);
    if (judge(state) !== REJECT_NONE) continue;
    const slot = event.onSent(state);
    passed++;
    at[0] = state.case.nowNs;
    at[1] = 50_000;
    at[2] = 10_000_000;
    event.onProgress(state, slot, 100, STATUS_FILLED, at);
  }
  if (passed !== count) throw new Error(`${passed} of ${count} orders passed`);
  return passed;
}
