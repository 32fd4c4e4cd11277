// Who may trade what with whom, and after what losses: lists, permissions, risk-warning cap, own
// orders on the other side, opposite trades of one manager, losses, net value. Each check answers
// REJECT_NONE or its code. Called by judge.ts. Invariants: permissions, caps and losses stop buys
// only, so that what is held can always be sold; lists stop both sides.

import { SIDE_BUY } from '../../messages/codes.ts';
import { BOARD_BSE, BOARD_CHINEXT, BOARD_CONVERTIBLE, BOARD_STAR } from '../instrument-columns.ts';
import {
  REJECT_BLACK_LIST,
  REJECT_LOSS_ACCOUNT,
  REJECT_LOSS_FIRM,
  REJECT_LOSS_STRATEGY,
  REJECT_NET_VALUE_STOP,
  REJECT_NET_VALUE_WARNING,
  REJECT_NO_BSE,
  REJECT_NO_CHINEXT,
  REJECT_NO_CONVERTIBLE,
  REJECT_NO_RISK_WARNING,
  REJECT_NO_STAR,
  REJECT_NONE,
  REJECT_OPPOSITE_TRADE,
  REJECT_RISK_WARNING_CAP,
  REJECT_SELF_TRADE,
  REJECT_WHITE_LIST,
} from '../reject-code.ts';
import { equityE4 } from './check-exposure.ts';
import {
  LIMIT_DAY_LOSS,
  LIMIT_OPPOSITE_TRADES,
  LIMIT_RISK_WARNING_CAP,
  LIMIT_RISK_WARNING_CAP_BSE,
  LIMIT_SELF_TRADE,
  LIMIT_STOP_NAV,
  LIMIT_UNITS,
  LIMIT_WARN_NAV,
  LIMIT_WARN_POSITION,
} from './limit-table.ts';
import type { RiskState } from './risk-state.ts';
import { limitOf } from './row-checks.ts';
import {
  accountRow,
  FACT_MANAGER,
  FACT_OWNER,
  FACT_PERMISSIONS,
  FACTS,
  FIRM_ROW,
  LISTED_BLACK,
  LISTED_WHITE,
  PERMIT_BSE,
  PERMIT_CHINEXT,
  PERMIT_CONVERTIBLE,
  PERMIT_RISK_WARNING,
  PERMIT_STAR,
} from './rule-set.ts';

/** Refuses with `code`, found 1 and allowed 0, as the row s.row says. */
function forbidden(s: RiskState, code: number): number {
  s.value = 1;
  s.limit = 0;
  return code;
}

export function checkBlackList(s: RiskState): number {
  const base = s.case.instrument * s.rows;
  for (let k = 0; k < 3; k++) {
    s.row = s.caseRows[k];
    if ((s.rules.listed[base + s.row] & LISTED_BLACK) !== 0) return forbidden(s, REJECT_BLACK_LIST);
  }
  return REJECT_NONE;
}

/** Where a row has a white list, what is not on it is refused. */
export function checkWhiteList(s: RiskState): number {
  const base = s.case.instrument * s.rows;
  for (let k = 0; k < 3; k++) {
    s.row = s.caseRows[k];
    if (s.rules.hasWhite[s.row] === 0) continue;
    if ((s.rules.listed[base + s.row] & LISTED_WHITE) === 0) return forbidden(s, REJECT_WHITE_LIST);
  }
  return REJECT_NONE;
}

/** Boards whose shares an account may buy (rules sheet 8, investor access). */
export function checkStar(s: RiskState): number {
  return boardForbidden(s, BOARD_STAR, PERMIT_STAR, REJECT_NO_STAR);
}
export function checkChinext(s: RiskState): number {
  return boardForbidden(s, BOARD_CHINEXT, PERMIT_CHINEXT, REJECT_NO_CHINEXT);
}
export function checkBse(s: RiskState): number {
  return boardForbidden(s, BOARD_BSE, PERMIT_BSE, REJECT_NO_BSE);
}
export function checkConvertible(s: RiskState): number {
  return boardForbidden(s, BOARD_CONVERTIBLE, PERMIT_CONVERTIBLE, REJECT_NO_CONVERTIBLE);
}

function boardForbidden(s: RiskState, board: number, permit: number, code: number): number {
  const { side, instrument, account } = s.case;
  if (side !== SIDE_BUY || s.quotes.board[instrument] !== board) return REJECT_NONE;
  if ((s.rules.facts[account * FACTS + FACT_PERMISSIONS] & permit) !== 0) return REJECT_NONE;
  s.row = accountRow(account);
  return forbidden(s, code);
}

/** By the rule book of the day or by the limits file. */
function isWarned(s: RiskState, instrument: number): number {
  return s.quotes.warned[instrument] | s.rules.warned[instrument];
}

/** Shares under risk warning need a permission of their own. */
export function checkRiskWarning(s: RiskState): number {
  const { side, instrument, account } = s.case;
  if (side !== SIDE_BUY || isWarned(s, instrument) === 0) return REJECT_NONE;
  const permissions = s.rules.facts[account * FACTS + FACT_PERMISSIONS];
  if ((permissions & PERMIT_RISK_WARNING) !== 0) return REJECT_NONE;
  s.row = accountRow(account);
  return forbidden(s, REJECT_NO_RISK_WARNING);
}

/**
 * Shares of a risk-warning stock that all accounts of one owner bought today, have open and want
 * (BSE 2026 no. 4.5.4: filled, working and new; SSE, SZSE 500,000, BSE 200,000).
 */
export function checkRiskWarningCap(s: RiskState): number {
  const { side, instrument, account, qty } = s.case;
  if (side !== SIDE_BUY || isWarned(s, instrument) === 0) return REJECT_NONE;
  const { facts } = s.rules;
  const { values } = s;
  const owner = facts[account * FACTS + FACT_OWNER];
  let found = qty;
  for (let a = 0; a < s.sizes.accounts; a++) {
    if (facts[a * FACTS + FACT_OWNER] !== owner) continue;
    const cell = instrument * s.rows + accountRow(a);
    found += s.cells.boughtToday[cell] + s.cells.openBuyQty[cell];
  }
  const bse = s.quotes.isBse[instrument] === 1;
  const limit = bse ? values[LIMIT_RISK_WARNING_CAP_BSE] : values[LIMIT_RISK_WARNING_CAP];
  if (found <= limit) return REJECT_NONE;
  s.value = found;
  s.limit = limit;
  s.row = accountRow(account);
  return REJECT_RISK_WARNING_CAP;
}

/** An own open order of any account or strategy that this one would meet. O(open orders of it). */
export function checkSelfTrade(s: RiskState): number {
  if (s.values[LIMIT_SELF_TRADE] === 0) return REJECT_NONE;
  const { side, priceE4, instrument } = s.case;
  const { orders } = s;
  for (let slot = orders.first[instrument]; slot >= 0; slot = orders.next[slot]) {
    if (orders.side[slot] === side) continue;
    const other = orders.priceE4[slot];
    const apart = side === SIDE_BUY ? priceE4 < other : priceE4 > other;
    if (priceE4 !== 0 && other !== 0 && apart) continue;
    s.value = priceE4;
    s.limit = other;
    s.row = FIRM_ROW;
    return REJECT_SELF_TRADE;
  }
  return REJECT_NONE;
}

/** Another account of the same manager sold (bought) it today, or wants to. */
export function checkOppositeTrade(s: RiskState): number {
  if (s.values[LIMIT_OPPOSITE_TRADES] === 0) return REJECT_NONE;
  const { side, instrument, account } = s.case;
  const { facts } = s.rules;
  const manager = facts[account * FACTS + FACT_MANAGER];
  if (manager === 0) return REJECT_NONE;
  const { boughtToday, soldToday, openBuyQty, openSellQty } = s.cells;
  for (let a = 0; a < s.sizes.accounts; a++) {
    if (a === account || facts[a * FACTS + FACT_MANAGER] !== manager) continue;
    const cell = instrument * s.rows + accountRow(a);
    const against =
      side === SIDE_BUY
        ? soldToday[cell] + openSellQty[cell]
        : boughtToday[cell] + openBuyQty[cell];
    if (against === 0) continue;
    s.value = against;
    s.limit = 0;
    s.row = accountRow(a);
    return REJECT_OPPOSITE_TRADE;
  }
  return REJECT_NONE;
}

/** Loss of the day, by row: realised and not, fees included. */
export function checkLossFirm(s: RiskState): number {
  return lost(s, 0, REJECT_LOSS_FIRM);
}
export function checkLossAccount(s: RiskState): number {
  return lost(s, 1, REJECT_LOSS_ACCOUNT);
}
export function checkLossStrategy(s: RiskState): number {
  return lost(s, 2, REJECT_LOSS_STRATEGY);
}

function lost(s: RiskState, k: number, code: number): number {
  const limit = limitOf(s, k, LIMIT_DAY_LOSS);
  if (limit === Number.POSITIVE_INFINITY || s.case.side !== SIDE_BUY) return REJECT_NONE;
  const loss = s.meters.openingE4[s.row] - equityE4(s, s.row);
  if (loss <= limit) return REJECT_NONE;
  s.value = loss;
  s.limit = limit;
  return code;
}

/** Net value of a unit below the stop line: nothing is bought. */
export function checkNetValueStop(s: RiskState): number {
  const line = limitOf(s, 1, LIMIT_STOP_NAV);
  const units = limitOf(s, 1, LIMIT_UNITS);
  if (units === 0 || s.case.side !== SIDE_BUY) return REJECT_NONE;
  const net = equityE4(s, s.row) / units;
  if (net >= line) return REJECT_NONE;
  s.value = net;
  s.limit = line;
  return REJECT_NET_VALUE_STOP;
}

/** Net value of a unit below the warning line: positions stay under their cap. */
export function checkNetValueWarning(s: RiskState): number {
  const line = limitOf(s, 1, LIMIT_WARN_NAV);
  const units = limitOf(s, 1, LIMIT_UNITS);
  if (units === 0 || s.case.side !== SIDE_BUY) return REJECT_NONE;
  const equity = equityE4(s, s.row);
  if (equity / units >= line) return REJECT_NONE;
  const cap = limitOf(s, 1, LIMIT_WARN_POSITION);
  const held = s.meters.heldE4[s.row] + s.meters.openBuyE4[s.row] + s.case.amountE4;
  if (held <= cap * equity) return REJECT_NONE;
  s.value = held / equity;
  s.limit = cap;
  return REJECT_NET_VALUE_WARNING;
}
