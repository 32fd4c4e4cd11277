// Switches and guards: kill, stops that wait for a person, pauses, silence, duplicates. Each check
// answers REJECT_NONE or its code; found, allowed and row are in the state. Called by judge.ts.
// Invariants: no check changes a meter; time is the order's own.
import { PHASE_HALTED, SIDE_BUY } from '../../messages/codes.ts';
import {
  REJECT_DUPLICATE_ID,
  REJECT_DUPLICATE_ORDER,
  REJECT_HALTED,
  REJECT_KILLED,
  REJECT_NONE,
  REJECT_PAUSED,
  REJECT_REJECTS_IN_ROW,
  REJECT_REPETITIONS,
  REJECT_VENUE_SILENT,
} from '../reject-code.ts';
import {
  LIMIT_BREAKER_MOVE,
  LIMIT_DUPLICATE_WINDOW,
  LIMIT_HALTED,
  LIMIT_REJECTS_IN_ROW,
  LIMIT_REPETITIONS,
  LIMIT_VENUE_SILENCE,
  SLOTS,
} from './limit-table.ts';
import { NO_ORDER } from './risk-orders.ts';
import type { RiskState } from './risk-state.ts';
import { limitOf } from './row-checks.ts';
import { FIRM_ROW } from './rule-set.ts';

const MS_NS = 1_000_000;

/** Kill switch of firm, account or strategy. */
export function checkKilled(s: RiskState): number {
  for (let k = 0; k < 3; k++) {
    const row = s.caseRows[k];
    if (s.meters.killed[row] === 0) continue;
    s.value = 1;
    s.limit = 0;
    s.row = row;
    return REJECT_KILLED;
  }
  return REJECT_NONE;
}

/** An order id is judged once (I1, I4). */
export function checkDuplicateId(s: RiskState): number {
  if (s.orders.find(s.case.idA, s.case.idC) === NO_ORDER) return REJECT_NONE;
  s.value = s.case.idC;
  s.limit = 0;
  s.row = FIRM_ROW;
  return REJECT_DUPLICATE_ID;
}

/** Same side, price and shares as the row's last order in the instrument, within the window. */
export function checkDuplicateOrder(s: RiskState): number {
  const c = s.case;
  const { cells } = s;
  for (let k = 0; k < 3; k++) {
    const windowMs = limitOf(s, k, LIMIT_DUPLICATE_WINDOW);
    const cell = c.instrument * s.rows + s.row;
    if (cells.lastSide[cell] !== c.side || cells.lastPriceE4[cell] !== c.priceE4) continue;
    if (cells.lastQty[cell] !== c.qty) continue;
    const age = c.nowNs - cells.lastNs[cell];
    if (age >= windowMs * MS_NS) continue;
    s.value = age / MS_NS;
    s.limit = windowMs;
    return REJECT_DUPLICATE_ORDER;
  }
  return REJECT_NONE;
}

/** Repeated executions have stopped account or strategy (RTS 6 art. 15(3)). */
export function checkRepetitions(s: RiskState): number {
  return latched(s, REJECT_REPETITIONS, LIMIT_REPETITIONS);
}

/** Refusals in a row have stopped account or strategy. */
export function checkRejectsInRow(s: RiskState): number {
  return latched(s, REJECT_REJECTS_IN_ROW, LIMIT_REJECTS_IN_ROW);
}

function latched(s: RiskState, code: number, slot: number): number {
  for (let k = 1; k < 3; k++) {
    if (s.meters.latch[s.caseRows[k]] !== code) continue;
    s.limit = limitOf(s, k, slot);
    s.value = s.limit;
    return code;
  }
  return REJECT_NONE;
}

/** Orders were sent and nothing at all was heard for too long (C13). */
export function checkVenueSilent(s: RiskState): number {
  const { account, nowNs } = s.case;
  if (s.unanswered[account] === 0) return REJECT_NONE;
  const limit = limitOf(s, 1, LIMIT_VENUE_SILENCE);
  const silentMs = (nowNs - s.silentSinceNs[account]) / MS_NS;
  if (silentMs <= limit) return REJECT_NONE;
  s.value = silentMs;
  s.limit = limit;
  return REJECT_VENUE_SILENT;
}

/** A person paused the market or all of them; or the breaker's index moved too far (buys only). */
export function checkPaused(s: RiskState): number {
  const market = s.quotes.market[s.case.instrument];
  s.row = FIRM_ROW;
  if (s.paused[0] === 1 || s.paused[market] === 1) {
    s.value = 1;
    s.limit = 0;
    return REJECT_PAUSED;
  }
  const index = s.rules.breakerIndex;
  if (index < 0 || s.case.side !== SIDE_BUY) return REJECT_NONE;
  const close = s.quotes.preCloseE4[index];
  const last = s.quotes.lastE4[index];
  if (close <= 0 || last <= 0) return REJECT_NONE;
  const limit = s.values[LIMIT_BREAKER_MOVE];
  const move = Math.abs(last - close);
  if (move < limit * close) return REJECT_NONE;
  s.value = move / close;
  s.limit = limit;
  return REJECT_PAUSED;
}

/** The instrument is halted, and the switch says that no order goes there. */
export function checkHalted(s: RiskState): number {
  if (s.values[FIRM_ROW * SLOTS + LIMIT_HALTED] === 0) return REJECT_NONE;
  if (s.quotes.phase[s.case.instrument] !== PHASE_HALTED) return REJECT_NONE;
  s.value = 1;
  s.limit = 0;
  s.row = FIRM_ROW;
  return REJECT_HALTED;
}
