// How much: order and day amounts, cash, positions in shares and money, industries, totals, net
// exposure, leverage; parking and splitting. Each check answers REJECT_NONE or its code. Called by
// judge.ts. Invariants: open orders count as if they had filled; held shares are valued at the last
// price, orders at their own or the day's limit price; a sell breaks no limit on what is held.
import { SIDE_BUY } from '../../messages/codes.ts';
import {
  REJECT_CASH_RESERVE,
  REJECT_DAY_AMOUNT,
  REJECT_INDUSTRY_VALUE,
  REJECT_LEVERAGE,
  REJECT_NET_EXPOSURE,
  REJECT_NONE,
  REJECT_ORDER_AMOUNT,
  REJECT_ORDER_QTY,
  REJECT_PARKED,
  REJECT_POSITION,
  REJECT_SPLIT,
  REJECT_STOCK_SHARE,
  REJECT_STOCK_VALUE,
  REJECT_TOTAL_VALUE,
} from '../reject-code.ts';
import {
  LIMIT_CASH_RESERVE,
  LIMIT_DAY_AMOUNT,
  LIMIT_HEDGE,
  LIMIT_INDUSTRY_VALUE,
  LIMIT_LEVERAGE,
  LIMIT_NET_EXPOSURE,
  LIMIT_ORDER_AMOUNT,
  LIMIT_ORDER_QTY,
  LIMIT_PARK_AMOUNT,
  LIMIT_POSITION_QTY,
  LIMIT_SPLIT_AMOUNT,
  LIMIT_STOCK_SHARE,
  LIMIT_STOCK_VALUE,
  LIMIT_TOTAL_VALUE,
} from './limit-table.ts';
import type { RiskState } from './risk-state.ts';
import { limitOf, overLimits, overRows } from './row-checks.ts';
import { NO_INDUSTRY } from './rule-set.ts';

export function checkOrderAmount(s: RiskState): number {
  s.add = s.case.amountE4;
  return overLimits(s, LIMIT_ORDER_AMOUNT, REJECT_ORDER_AMOUNT);
}

export function checkOrderQty(s: RiskState): number {
  s.add = s.case.qty;
  return overLimits(s, LIMIT_ORDER_QTY, REJECT_ORDER_QTY);
}

/** Amount of every order sent today, this one included; cancels give nothing back. */
export function checkDayAmount(s: RiskState): number {
  s.add = s.case.amountE4;
  return overRows(s, s.meters.dayAmountE4, LIMIT_DAY_AMOUNT, REJECT_DAY_AMOUNT);
}

/** A second person confirms larger orders; a confirmed one passes. */
export function checkPark(s: RiskState): number {
  if (s.case.confirmed === 1) return REJECT_NONE;
  s.add = s.case.amountE4;
  return overLimits(s, LIMIT_PARK_AMOUNT, REJECT_PARKED);
}

export function checkSplit(s: RiskState): number {
  s.add = s.case.amountE4;
  return overLimits(s, LIMIT_SPLIT_AMOUNT, REJECT_SPLIT);
}

/** Cash left when every open buy and this one have filled. */
export function checkCashReserve(s: RiskState): number {
  if (s.case.side !== SIDE_BUY) return REJECT_NONE;
  const { cashE4, openBuyE4 } = s.meters;
  for (let k = 0; k < 2; k++) {
    const limit = limitOf(s, k, LIMIT_CASH_RESERVE);
    const left = cashE4[s.row] - openBuyE4[s.row] - s.case.amountE4;
    if (left >= limit) continue;
    s.value = left;
    s.limit = limit;
    return REJECT_CASH_RESERVE;
  }
  return REJECT_NONE;
}

/** Shares held, open buys and this one. */
export function checkPositionQty(s: RiskState): number {
  if (s.case.side !== SIDE_BUY) return REJECT_NONE;
  const { qty, openBuyQty } = s.cells;
  const base = s.case.instrument * s.rows;
  for (let k = 0; k < 3; k++) {
    const limit = limitOf(s, k, LIMIT_POSITION_QTY);
    const found = qty[base + s.row] + openBuyQty[base + s.row] + s.case.qty;
    if (found <= limit) continue;
    s.value = found;
    s.limit = limit;
    return REJECT_POSITION;
  }
  return REJECT_NONE;
}

/** Value of an instrument in a row, open buys counted. */
function stockValueE4(s: RiskState, instrument: number, row: number): number {
  const cell = instrument * s.rows + row;
  return s.cells.qty[cell] * s.quotes.markE4[instrument] + s.cells.openBuyE4[cell];
}

export function checkStockValue(s: RiskState): number {
  if (s.case.side !== SIDE_BUY) return REJECT_NONE;
  for (let k = 0; k < 3; k++) {
    const limit = limitOf(s, k, LIMIT_STOCK_VALUE);
    const found = stockValueE4(s, s.case.instrument, s.row) + s.case.amountE4;
    if (found <= limit) continue;
    s.value = found;
    s.limit = limit;
    return REJECT_STOCK_VALUE;
  }
  return REJECT_NONE;
}

/** The same over equity; without equity nothing is bought. */
export function checkStockShare(s: RiskState): number {
  if (s.case.side !== SIDE_BUY) return REJECT_NONE;
  for (let k = 0; k < 2; k++) {
    const limit = limitOf(s, k, LIMIT_STOCK_SHARE);
    if (limit === Number.POSITIVE_INFINITY) continue;
    const found = stockValueE4(s, s.case.instrument, s.row) + s.case.amountE4;
    const equity = equityE4(s, s.row);
    if (equity > 0 && found <= limit * equity) continue;
    s.value = equity > 0 ? found / equity : found;
    s.limit = limit;
    return REJECT_STOCK_SHARE;
  }
  return REJECT_NONE;
}

/** Value of all instruments of this one's industry. O(instruments of the industry). */
export function checkIndustryValue(s: RiskState): number {
  const industry = s.rules.industry[s.case.instrument];
  if (s.case.side !== SIDE_BUY || industry === NO_INDUSTRY) return REJECT_NONE;
  const { firstOf, nextOf } = s.rules;
  for (let k = 0; k < 3; k++) {
    const limit = limitOf(s, k, LIMIT_INDUSTRY_VALUE);
    if (limit === Number.POSITIVE_INFINITY) continue;
    let found = s.case.amountE4;
    for (let i = firstOf[industry]; i >= 0; i = nextOf[i]) found += stockValueE4(s, i, s.row);
    if (found <= limit) continue;
    s.value = found;
    s.limit = limit;
    return REJECT_INDUSTRY_VALUE;
  }
  return REJECT_NONE;
}

export function checkTotalValue(s: RiskState): number {
  if (s.case.side !== SIDE_BUY) return REJECT_NONE;
  for (let k = 0; k < 3; k++) {
    const limit = limitOf(s, k, LIMIT_TOTAL_VALUE);
    const found = s.meters.heldE4[s.row] + s.meters.openBuyE4[s.row] + s.case.amountE4;
    if (found <= limit) continue;
    s.value = found;
    s.limit = limit;
    return REJECT_TOTAL_VALUE;
  }
  return REJECT_NONE;
}

/** Long value less the hedge: buys must not pass the limit upward, sells not downward. */
export function checkNetExposure(s: RiskState): number {
  const { heldE4, openBuyE4, openSellE4 } = s.meters;
  for (let k = 0; k < 2; k++) {
    const hedge = limitOf(s, k, LIMIT_HEDGE);
    const limit = limitOf(s, k, LIMIT_NET_EXPOSURE);
    const net =
      s.case.side === SIDE_BUY
        ? heldE4[s.row] + openBuyE4[s.row] + s.case.amountE4 - hedge
        : hedge - heldE4[s.row] + openSellE4[s.row] + s.case.amountE4;
    if (net <= limit) continue;
    s.value = net;
    s.limit = limit;
    return REJECT_NET_EXPOSURE;
  }
  return REJECT_NONE;
}

/** Everything held and open buys over equity; without equity nothing is bought. */
export function checkLeverage(s: RiskState): number {
  if (s.case.side !== SIDE_BUY) return REJECT_NONE;
  for (let k = 0; k < 2; k++) {
    const limit = limitOf(s, k, LIMIT_LEVERAGE);
    if (limit === Number.POSITIVE_INFINITY) continue;
    const found = s.meters.heldE4[s.row] + s.meters.openBuyE4[s.row] + s.case.amountE4;
    const equity = equityE4(s, s.row);
    if (equity > 0 && found <= limit * equity) continue;
    s.value = equity > 0 ? found / equity : found;
    s.limit = limit;
    return REJECT_LEVERAGE;
  }
  return REJECT_NONE;
}

/** Cash and what is held at the mark. */
export function equityE4(s: RiskState, row: number): number {
  return s.meters.cashE4[row] + s.meters.heldE4[row];
}
