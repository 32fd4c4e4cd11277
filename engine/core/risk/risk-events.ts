// How each event changes what risk knows: opening, quote, order sent, cancel, answer, fill, end,
// refusal, switches. Called by the risk manager live and by recovery from the journal, through the
// same functions. Invariants: an event touches all rows it belongs to; a late fill and an overfill
// count; nothing is counted twice that the caller names once. No allocation.
import { SIDE_BUY } from '../../messages/codes.ts';
import { countsAsRefusal } from '../arming.ts';
import { isFinal, isOpen } from '../order.ts';
import {
  STATUS_PENDING,
  STATUS_REJECTED,
  STATUS_SUBMITTED,
  STATUS_UNKNOWN,
} from '../order-status.ts';
import { REJECT_REJECTS_IN_ROW, REJECT_REPETITIONS } from '../reject-code.ts';
import { LIMIT_REJECTS_IN_ROW, LIMIT_REPETITIONS, SLOTS } from './limit-table.ts';
import { NO_ORDER } from './risk-orders.ts';
import { countVolume, MINUTE_NS } from './risk-quotes.ts';
import type { RiskState } from './risk-state.ts';
import { accountRow, FIRM_ROW, strategyRow } from './rule-set.ts';
import { SECOND_NS } from './sliding.ts';

/** What the broker has said of an order. */
const ANSWERED = 1;
const ACCEPTED = 2;

/** A quote as events see it; a generated flyweight fits. */
export interface QuoteFacts {
  readonly instrument: number;
  readonly phase: number;
  readonly lastE4: number;
  readonly preCloseE4: number;
  readonly bidE4: number;
  readonly askE4: number;
  readonly upperLimitE4: number;
  readonly lowerLimitE4: number;
  readonly volume: number;
  readonly eventNs: number;
}

/** Takes a quote; `stale` 1 = the feed says that it lost something. */
export function onQuote(s: RiskState, quote: QuoteFacts, stale: number): void {
  const q = s.quotes;
  const i = quote.instrument;
  q.phase[i] = quote.phase;
  q.bidE4[i] = quote.bidE4;
  q.askE4[i] = quote.askE4;
  q.stale[i] = stale;
  q.quoteNs[i] = quote.eventNs;
  q.marketNs[q.market[i]] = quote.eventNs;
  if (quote.upperLimitE4 > 0) q.upperE4[i] = quote.upperLimitE4;
  if (quote.lowerLimitE4 > 0) q.lowerE4[i] = quote.lowerLimitE4;
  if (quote.preCloseE4 > 0) q.preCloseE4[i] = quote.preCloseE4;
  s.at[0] = quote.eventNs;
  s.at[1] = quote.volume;
  countVolume(q, i, s.at);
  if (quote.lastE4 > 0) q.lastE4[i] = quote.lastE4;
  const markE4 = q.lastE4[i] > 0 ? q.lastE4[i] : q.preCloseE4[i];
  if (markE4 > 0 && markE4 !== q.markE4[i]) setMark(s, i, markE4);
}

/** Values what is held of an instrument anew, in every row. */
function setMark(s: RiskState, i: number, markE4: number): void {
  const { qty } = s.cells;
  const held = s.meters.heldE4;
  const step = markE4 - s.quotes.markE4[i];
  const base = i * s.rows;
  for (let row = 0; row < s.rows; row++) held[row] += step * qty[base + row];
  s.quotes.markE4[i] = markE4;
}

/** What an account opens with: cash in E4 counts as equity at the open. */
export function onOpeningCash(s: RiskState, account: number, cashE4: number): void {
  const row = accountRow(account);
  const { meters } = s;
  meters.cashE4[row] += cashE4;
  meters.openingE4[row] += cashE4;
  meters.cashE4[FIRM_ROW] += cashE4;
  meters.openingE4[FIRM_ROW] += cashE4;
}

/** Shares at the open, valued at the mark, or at cost while there is none. */
export function onOpeningPosition(
  s: RiskState,
  account: number,
  instrument: number,
  qty: number,
  costE4: number,
): void {
  if (s.quotes.markE4[instrument] <= 0 && costE4 > 0) setMark(s, instrument, costE4);
  const valueE4 = s.quotes.markE4[instrument] * qty;
  const { meters } = s;
  for (let k = 0; k < 2; k++) {
    const row = k === 0 ? FIRM_ROW : accountRow(account);
    s.cells.qty[instrument * s.rows + row] += qty;
    meters.heldE4[row] += valueE4;
    meters.openingE4[row] += valueE4;
  }
}

/** Counts the judged order as sent, in all its rows; its slot, or NO_ORDER: the table is full. */
export function onSent(s: RiskState): number {
  const c = s.case;
  const { cells } = s;
  const slot = enterOpen(s);
  if (slot === NO_ORDER) return NO_ORDER;
  s.at[0] = c.nowNs;
  s.at[1] = c.amountE4;
  const minute = Math.floor(c.nowNs / MINUTE_NS);
  for (let k = 0; k < 3; k++) {
    const row = s.caseRows[k];
    countSent(s, row);
    const cell = c.instrument * s.rows + row;
    cells.orders[cell]++;
    if (cells.minute[cell] !== minute) cells.minuteQty[cell] = 0;
    cells.minute[cell] = minute;
    cells.minuteQty[cell] += c.qty;
    countRepetition(s, row, cell);
  }
  if (s.unanswered[c.account]++ === 0) s.silentSinceNs[c.account] = c.nowNs;
  return slot;
}

/**
 * An order that was made in the broker's client, as the case says: it is open and may fill, and
 * counts as exposure. No program of ours sent it, so it counts in no meter of orders or amounts.
 */
export function onAdopted(s: RiskState): void {
  const slot = enterOpen(s);
  if (slot === NO_ORDER) return;
  // The broker has shown it: nobody waits for an answer.
  s.orders.answered[slot] = ACCEPTED;
}

/** A slot for the order of the case, open in all its rows; NO_ORDER: the table is full. */
function enterOpen(s: RiskState): number {
  const c = s.case;
  const { orders, cells, meters } = s;
  const slot = orders.add(c.idA, c.idC, c.instrument);
  if (slot === NO_ORDER) return NO_ORDER;
  orders.account[slot] = c.account;
  orders.strategy[slot] = c.strategy;
  orders.side[slot] = c.side;
  orders.priceE4[slot] = c.priceE4;
  orders.qty[slot] = c.qty;
  orders.leaves[slot] = c.qty;
  orders.valueE4[slot] = c.valueE4;
  orders.referenceE4[slot] = s.quotes.markE4[c.instrument];
  orders.sentNs[slot] = c.nowNs;
  orders.answered[slot] = 0;
  orders.ended[slot] = 0;
  for (let k = 0; k < 3; k++) {
    const row = s.caseRows[k];
    const cell = c.instrument * s.rows + row;
    meters.openOrders[row]++;
    if (c.side === SIDE_BUY) {
      meters.openBuyE4[row] += c.amountE4;
      cells.openBuyQty[cell] += c.qty;
      cells.openBuyE4[cell] += c.amountE4;
    } else {
      meters.openSellE4[row] += c.amountE4;
      cells.openSellQty[cell] += c.qty;
    }
  }
  return slot;
}

function countSent(s: RiskState, row: number): void {
  const { meters } = s;
  meters.orders[row]++;
  meters.dayAmountE4[row] += s.case.amountE4;
  s.orderTimes.add(row, s.at);
  s.messageTimes.add(row, s.at);
  s.turnover.add(row, s.at);
}

/** Remembers the order as its row's last in the instrument; too many of a side stop the row. */
function countRepetition(s: RiskState, row: number, cell: number): void {
  const c = s.case;
  const { cells } = s;
  cells.inRow[cell] = cells.lastSide[cell] === c.side ? cells.inRow[cell] + 1 : 1;
  cells.lastSide[cell] = c.side;
  cells.lastPriceE4[cell] = c.priceE4;
  cells.lastQty[cell] = c.qty;
  cells.lastNs[cell] = c.nowNs;
  const most = s.values[row * SLOTS + LIMIT_REPETITIONS];
  if (cells.inRow[cell] >= most && s.meters.latch[row] === 0) {
    s.meters.latch[row] = REJECT_REPETITIONS;
  }
}

/** Counts a cancel; it is never refused. `slot` NO_ORDER: of an order that risk does not know. */
export function onCancelSent(
  s: RiskState,
  account: number,
  strategy: number,
  slot: number,
  at: Float64Array,
): void {
  const instant = slot !== NO_ORDER && at[0] - s.orders.sentNs[slot] < SECOND_NS;
  for (let k = 0; k < 3; k++) {
    const row = rowOf(s, k, account, strategy);
    s.meters.cancels[row]++;
    if (instant) s.meters.instantCancels[row]++;
    s.messageTimes.add(row, at);
  }
}

/** The broker has spoken of an order, at[0]: the venue is not silent. */
export function onAnswer(s: RiskState, slot: number, at: Float64Array): void {
  const account = s.orders.account[slot];
  s.silentSinceNs[account] = at[0];
  if (s.orders.answered[slot] !== 0) return;
  s.orders.answered[slot] = ANSWERED;
  s.unanswered[account]--;
}

/** The order was accepted: refusals in a row begin anew. */
export function onAccepted(s: RiskState, slot: number, at: Float64Array): void {
  onAnswer(s, slot, at);
  s.orders.answered[slot] = ACCEPTED;
  for (let k = 1; k < 3; k++) {
    const row = rowOf(s, k, s.orders.account[slot], s.orders.strategy[slot]);
    s.meters.rejectsInRow[row] = 0;
  }
}

/** A fill of qty shares; at[0] the time, at[1] its fees, at[2] its amount, both in E4. */
export function onFill(s: RiskState, slot: number, qty: number, at: Float64Array): void {
  const { orders, meters } = s;
  onAnswer(s, slot, at);
  const i = orders.instrument[slot];
  if (s.quotes.markE4[i] <= 0) setMark(s, i, Math.round(at[2] / qty));
  const sign = orders.side[slot] === SIDE_BUY ? 1 : -1;
  const open = orders.ended[slot] === 1 ? 0 : Math.min(orders.leaves[slot], qty);
  orders.leaves[slot] = Math.max(0, orders.leaves[slot] - qty);
  releaseOpen(s, slot, open);
  const valueE4 = s.quotes.markE4[i] * qty;
  const referenceE4 = orders.referenceE4[slot];
  for (let k = 0; k < 3; k++) {
    const row = rowOf(s, k, orders.account[slot], orders.strategy[slot]);
    bookShares(s, i * s.rows + row, sign, qty);
    meters.cashE4[row] -= sign * at[2] + at[1];
    meters.heldE4[row] += sign * valueE4;
    meters.fills[row]++;
    if (referenceE4 > 0) {
      meters.slipE4[row] += sign * (at[2] - referenceE4 * qty);
      meters.slipBaseE4[row] += referenceE4 * qty;
    }
  }
  if (orders.leaves[slot] === 0) onEnd(s, slot, at);
}

/** Fees charged apart from a fill, or another booking of cash: at[1] is taken off. */
export function onFees(s: RiskState, account: number, strategy: number, at: Float64Array): void {
  for (let k = 0; k < 3; k++) s.meters.cashE4[rowOf(s, k, account, strategy)] -= at[1];
}

function bookShares(s: RiskState, cell: number, sign: number, qty: number): void {
  s.cells.qty[cell] += sign * qty;
  if (sign > 0) s.cells.boughtToday[cell] += qty;
  else s.cells.soldToday[cell] += qty;
}

/** Takes `qty` shares of an open order out of what is open, in all its rows. */
function releaseOpen(s: RiskState, slot: number, qty: number): void {
  if (qty === 0) return;
  const { orders, meters, cells } = s;
  const amountE4 = qty * orders.valueE4[slot];
  const base = orders.instrument[slot] * s.rows;
  for (let k = 0; k < 3; k++) {
    const row = rowOf(s, k, orders.account[slot], orders.strategy[slot]);
    if (orders.side[slot] === SIDE_BUY) {
      meters.openBuyE4[row] -= amountE4;
      cells.openBuyQty[base + row] -= qty;
      cells.openBuyE4[base + row] -= amountE4;
    } else {
      meters.openSellE4[row] -= amountE4;
      cells.openSellQty[base + row] -= qty;
    }
  }
}

/** The order cannot trade any more: what it held open is free. A second end changes nothing. */
export function onEnd(s: RiskState, slot: number, at: Float64Array): void {
  const { orders } = s;
  if (orders.ended[slot] === 1) return;
  releaseOpen(s, slot, orders.leaves[slot]);
  onAnswer(s, slot, at);
  orders.end(slot);
  for (let k = 0; k < 3; k++) {
    s.meters.openOrders[rowOf(s, k, orders.account[slot], orders.strategy[slot])]--;
  }
}

/**
 * An order as the OMS now knows it: `filledQty` and at[1] fees, at[2] amount are totals of the day,
 * at[0] the time, at[3] the reject code. Told once, twice or with something left out in between,
 * the result is the same.
 */
export function onProgress(
  s: RiskState,
  slot: number,
  filledQty: number,
  status: number,
  at: Float64Array,
): void {
  if (status === STATUS_UNKNOWN || status === STATUS_SUBMITTED || status === STATUS_PENDING) return;
  const { orders } = s;
  const qty = filledQty - orders.filled[slot];
  const { part } = s;
  part[0] = at[0];
  part[1] = at[1] - orders.feesE4[slot];
  part[2] = at[2] - orders.amountE4[slot];
  orders.filled[slot] = filledQty;
  orders.feesE4[slot] = at[1];
  orders.amountE4[slot] = at[2];
  const isNew = status === STATUS_REJECTED && orders.ended[slot] === 0;
  const refused = isNew && countsAsRefusal(at[3]);
  if (qty > 0) onFill(s, slot, qty, part);
  else if (part[1] !== 0) onFees(s, orders.account[slot], orders.strategy[slot], part);
  onAnswer(s, slot, at);
  if (refused) onRefused(s, orders.account[slot], orders.strategy[slot]);
  else if (orders.answered[slot] === ANSWERED && isOpen(status)) onAccepted(s, slot, at);
  if (isFinal(status)) onEnd(s, slot, at);
}

/** An order was refused, by risk, gateway or broker; too many in a row stop account or strategy. */
export function onRefused(s: RiskState, account: number, strategy: number): void {
  for (let k = 1; k < 3; k++) {
    const row = rowOf(s, k, account, strategy);
    const inRow = ++s.meters.rejectsInRow[row];
    const most = s.values[row * SLOTS + LIMIT_REJECTS_IN_ROW];
    if (inRow >= most && s.meters.latch[row] === 0) s.meters.latch[row] = REJECT_REJECTS_IN_ROW;
  }
}

/** A person lets a stopped row go on: what stopped it counts from 0 again. */
export function reenable(s: RiskState, row: number): void {
  s.meters.latch[row] = 0;
  s.meters.rejectsInRow[row] = 0;
  s.meters.quietUntilNs[row] = Number.NEGATIVE_INFINITY;
  for (let cell = row; cell < s.cells.inRow.length; cell += s.rows) s.cells.inRow[cell] = 0;
}

/** A person pauses a market (0: all of them) or lets it go on; 0 off ends every pause. */
export function setPause(s: RiskState, market: number, on: number): void {
  if (market < 0 || market >= s.paused.length) return;
  if (market === 0 && on === 0) s.paused.fill(0);
  else s.paused[market] = on === 0 ? 0 : 1;
}

/** Row k (0 firm, 1 account, 2 strategy) of an account and a strategy. */
export function rowOf(s: RiskState, k: number, account: number, strategy: number): number {
  if (k === 0) return FIRM_ROW;
  return k === 1 ? accountRow(account) : strategyRow(s.sizes, strategy);
}
