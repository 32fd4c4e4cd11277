// How often: orders per second, day and instrument, cool-down, the meters of programmatic trading
// (orders and cancels), cancel ratio. A check answers REJECT_NONE or its code. Called by judge.ts.
// Invariants: a cancel counts and is never refused; windows slide; no check changes a meter.
import {
  REJECT_CANCEL_RATIO,
  REJECT_COOL_DOWN,
  REJECT_HIGH_FREQUENCY_DAY,
  REJECT_HIGH_FREQUENCY_RATE,
  REJECT_INSTANT_CANCELS,
  REJECT_NONE,
  REJECT_ORDER_RATE,
  REJECT_ORDERS_PER_DAY,
  REJECT_ORDERS_PER_STOCK,
  REJECT_REPORTED_DAY,
  REJECT_REPORTED_RATE,
} from '../reject-code.ts';
import {
  LIMIT_CANCEL_RATIO,
  LIMIT_CANCEL_RATIO_FROM,
  LIMIT_HF_PER_DAY,
  LIMIT_HF_PER_SECOND,
  LIMIT_INSTANT_CANCELS,
  LIMIT_ORDERS_PER_DAY,
  LIMIT_ORDERS_PER_SECOND,
  LIMIT_ORDERS_PER_STOCK_DAY,
  LIMIT_REPORTED_PER_DAY,
  LIMIT_REPORTED_PER_SECOND,
} from './limit-table.ts';
import type { RiskState } from './risk-state.ts';
import { limitOf, overRows } from './row-checks.ts';

const MS_NS = 1_000_000;

/** Orders within any sliding second. */
export function checkOrdersPerSecond(s: RiskState): number {
  s.at[0] = s.case.nowNs;
  for (let k = 0; k < 3; k++) {
    const limit = limitOf(s, k, LIMIT_ORDERS_PER_SECOND);
    if (limit > s.orderTimes.depth || !s.orderTimes.hasRecent(s.row, limit, s.at)) continue;
    s.value = limit + 1;
    s.limit = limit;
    return REJECT_ORDER_RATE;
  }
  return REJECT_NONE;
}

/** Orders of the day, this one included. */
export function checkOrdersPerDay(s: RiskState): number {
  s.add = 1;
  return overRows(s, s.meters.orders, LIMIT_ORDERS_PER_DAY, REJECT_ORDERS_PER_DAY);
}

/** Orders of the day in this instrument. */
export function checkOrdersPerStock(s: RiskState): number {
  const base = s.case.instrument * s.rows;
  for (let k = 0; k < 3; k++) {
    const limit = limitOf(s, k, LIMIT_ORDERS_PER_STOCK_DAY);
    const found = s.cells.orders[base + s.row] + 1;
    if (found <= limit) continue;
    s.value = found;
    s.limit = limit;
    return REJECT_ORDERS_PER_STOCK;
  }
  return REJECT_NONE;
}

/** A rate was refused a moment ago: found is the time left in ms. */
export function checkCoolDown(s: RiskState): number {
  for (let k = 0; k < 3; k++) {
    s.row = s.caseRows[k];
    const left = s.meters.quietUntilNs[s.row] - s.case.nowNs;
    if (left <= 0) continue;
    s.value = left / MS_NS;
    s.limit = 0;
    return REJECT_COOL_DOWN;
  }
  return REJECT_NONE;
}

/** Orders and cancels of the account within any second, against what was reported. */
export function checkReportedRate(s: RiskState): number {
  return messagesPerSecond(s, limitOf(s, 1, LIMIT_REPORTED_PER_SECOND), REJECT_REPORTED_RATE);
}

/** The same against the number at which an account is high frequency: it is never reached. */
export function checkHighFrequencyRate(s: RiskState): number {
  const wall = limitOf(s, 1, LIMIT_HF_PER_SECOND) - 1;
  return messagesPerSecond(s, wall, REJECT_HIGH_FREQUENCY_RATE);
}

function messagesPerSecond(s: RiskState, limit: number, code: number): number {
  s.at[0] = s.case.nowNs;
  if (limit > s.messageTimes.depth) return REJECT_NONE;
  if (limit > 0 && !s.messageTimes.hasRecent(s.row, limit, s.at)) return REJECT_NONE;
  s.value = limit + 1;
  s.limit = limit;
  return code;
}

/** Orders and cancels of the day, with this order, against what was reported. */
export function checkReportedDay(s: RiskState): number {
  const limit = limitOf(s, 1, LIMIT_REPORTED_PER_DAY);
  const found = s.meters.orders[s.row] + s.meters.cancels[s.row] + 1;
  if (found <= limit) return REJECT_NONE;
  s.value = found;
  s.limit = limit;
  return REJECT_REPORTED_DAY;
}

/** The same against 20,000: this order, its cancel and the cancels of all open orders must fit. */
export function checkHighFrequencyDay(s: RiskState): number {
  const limit = limitOf(s, 1, LIMIT_HF_PER_DAY) - 1;
  const { orders, cancels, openOrders } = s.meters;
  const found = orders[s.row] + cancels[s.row] + openOrders[s.row] + 2;
  if (found <= limit) return REJECT_NONE;
  s.value = found;
  s.limit = limit;
  return REJECT_HIGH_FREQUENCY_DAY;
}

/** Cancels over orders of the day, judged from cancelRatioFrom orders on. */
export function checkCancelRatio(s: RiskState): number {
  for (let k = 0; k < 3; k++) {
    const limit = limitOf(s, k, LIMIT_CANCEL_RATIO);
    const sent = s.meters.orders[s.row];
    if (sent < limitOf(s, k, LIMIT_CANCEL_RATIO_FROM)) continue;
    if (s.meters.cancels[s.row] <= limit * sent) continue;
    s.value = s.meters.cancels[s.row] / sent;
    s.limit = limit;
    return REJECT_CANCEL_RATIO;
  }
  return REJECT_NONE;
}

/** Cancels of orders younger than a second: once there are more, no new order. */
export function checkInstantCancels(s: RiskState): number {
  s.add = 0;
  const { instantCancels } = s.meters;
  return overRows(s, instantCancels, LIMIT_INSTANT_CANCELS, REJECT_INSTANT_CANCELS);
}
