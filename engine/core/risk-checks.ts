// Pre-trade checks of one firm: each a few obvious lines over numbers, first refusal wins. Called
// by the risk manager only (single writer of the state). Cancels never pass through here.
// Invariant: time enters as the order's own time, so a replay decides alike.

import { SIDE_BUY } from '../messages/codes.ts';
import {
  REJECT_KILLED,
  REJECT_NO_REFERENCE_PRICE,
  REJECT_NONE,
  REJECT_ORDER_AMOUNT,
  REJECT_ORDER_RATE,
  REJECT_POSITION,
  REJECT_PRICE_DEVIATION,
} from './reject-code.ts';

const SECOND_NS = 1_000_000_000;

/** Limits as configured; 0 switches a limit off. */
export interface RiskLimits {
  /** Largest amount of one order, 1/10,000 yuan. */
  readonly maxOrderAmountE4: number;
  /** Largest holding of one instrument incl. working buys, shares. */
  readonly maxPositionQty: number;
  /** Orders within any sliding second, over all strategies of the account. */
  readonly maxOrdersPerSecond: number;
  /** Largest distance of a price from the last trade, in 1/10,000 of it. */
  readonly maxPriceDeviationE4: number;
}

export class RiskState {
  readonly limits: RiskLimits;
  /** 1 = kill switch on, by account. */
  readonly killed: Uint8Array;
  /** Times of the latest orders, a circle of maxOrdersPerSecond for each account. */
  readonly times: Float64Array;
  readonly next: Int32Array;
  /** Engine time (ns) of the order to check; a slot, because a float64 argument is boxed. */
  readonly now = new Float64Array(1);
  /** What the last refusal found and what was allowed, in the unit of the code. */
  value = 0;
  limit = 0;

  constructor(limits: RiskLimits, accountCount: number) {
    this.limits = limits;
    this.killed = new Uint8Array(accountCount);
    this.times = new Float64Array(accountCount * Math.max(1, limits.maxOrdersPerSecond));
    this.times.fill(Number.NEGATIVE_INFINITY);
    this.next = new Int32Array(accountCount);
  }
}

/**
 * First limit that a new order breaks, or REJECT_NONE. `valueE4` is the price the order is valued
 * at (never 0 for an order without a limit), `exposureQty` shares held plus open buys with this
 * order, `state.now[0]` the order's engine time. An accepted order counts against the rate at once.
 */
export function checkOrder(
  state: RiskState,
  account: number,
  side: number,
  priceE4: number,
  valueE4: number,
  lastE4: number,
  qty: number,
  exposureQty: number,
): number {
  const limits = state.limits;
  if (state.killed[account] === 1) return refuse(state, REJECT_KILLED, 1, 0);
  if (valueE4 <= 0) return refuse(state, REJECT_NO_REFERENCE_PRICE, 0, 0);
  const amount = valueE4 * qty;
  if (limits.maxOrderAmountE4 > 0 && amount > limits.maxOrderAmountE4) {
    return refuse(state, REJECT_ORDER_AMOUNT, amount, limits.maxOrderAmountE4);
  }
  if (side === SIDE_BUY && limits.maxPositionQty > 0 && exposureQty > limits.maxPositionQty) {
    return refuse(state, REJECT_POSITION, exposureQty, limits.maxPositionQty);
  }
  if (limits.maxPriceDeviationE4 > 0 && lastE4 > 0 && priceE4 > 0) {
    const off = Math.abs(priceE4 - lastE4) * 10_000;
    if (off > lastE4 * limits.maxPriceDeviationE4) {
      return refuse(state, REJECT_PRICE_DEVIATION, off / lastE4, limits.maxPriceDeviationE4);
    }
  }
  return checkRate(state, account);
}

/** Refuses when the oldest of the last N orders is less than a second old; else counts this one. */
function checkRate(state: RiskState, account: number): number {
  const max = state.limits.maxOrdersPerSecond;
  if (max <= 0) return REJECT_NONE;
  const nowNs = state.now[0];
  const at = account * max + state.next[account];
  if (nowNs - state.times[at] < SECOND_NS) return refuse(state, REJECT_ORDER_RATE, max + 1, max);
  state.times[at] = nowNs;
  state.next[account] = (state.next[account] + 1) % max;
  return REJECT_NONE;
}

/** Counts an order of an earlier life of the process (recovery): restarts lower no meter. */
export function countOrder(state: RiskState, account: number, nowNs: number): void {
  const max = state.limits.maxOrdersPerSecond;
  if (max <= 0) return;
  state.times[account * max + state.next[account]] = nowNs;
  state.next[account] = (state.next[account] + 1) % max;
}

function refuse(state: RiskState, code: number, value: number, limit: number): number {
  state.value = value;
  state.limit = limit;
  return code;
}

/** Hash of a rule set; every approval and record names it. */
export function ruleSetHash(limits: RiskLimits): number {
  let h = 0x811c9dc5 | 0;
  h = mix(h, limits.maxOrderAmountE4);
  h = mix(h, limits.maxPositionQty);
  h = mix(h, limits.maxOrdersPerSecond);
  return mix(h, limits.maxPriceDeviationE4);
}

/** Approval word over what must not change between risk and gateway; never 0. */
export function approvalOf(
  idA: number,
  idC: number,
  instrument: number,
  side: number,
  priceE4: number,
  qty: number,
): number {
  let h = Math.imul(idA ^ 0x9e3779b1, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15) ^ idC, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 13) ^ instrument, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 15) ^ (side << 28) ^ priceE4, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 13) ^ qty, 0x85ebca6b);
  return (h ^ (h >>> 16)) | 1;
}

function mix(h: number, value: number): number {
  const low = (value % 4_294_967_296) | 0;
  const high = Math.floor(value / 4_294_967_296) | 0;
  return Math.imul(Math.imul(h ^ low, 0x01000193) ^ high, 0x01000193);
}
