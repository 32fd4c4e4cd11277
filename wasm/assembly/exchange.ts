// What the exchange does with an arriving order or cancel in each phase, on top of the book:
// calls and halts by the price rest it, continuous trading matches it (a price outside a holding
// cage is kept aside), after-hours trading matches it at the close. Exported through index.ts;
// session.ts moves the phases.
// Held orders (ChiNext until 2023-04-07) rest in the book of another instrument of the module,
// buys on its ask side and sells on its bid side: its best prices are the next to be released, so
// that a check that releases nothing is O(1).
// Always: a refusal changes nothing; trades of one call lie in the trade area in order of time.

import {
  BUY, CAGE_HOLD, DUPLICATE_ID, KIND_LIMIT, OK, PHASE_AFTER_HOURS, PHASE_CLOSING_CALL,
  PHASE_CONTINUOUS, PHASE_HALTED, PHASE_OPENING_CALL, PHASE_OPENING_CALL_NO_CANCEL,
  PROTECTION_IGNORED, REJECT_NO_CANCEL_WINDOW, REJECT_NOT_IN_SESSION, REJECT_UNKNOWN_INSTRUMENT,
  SELL, UNKNOWN_INSTRUMENT, UNKNOWN_ORDER, VENUE_BSE,
} from "./codes";
import { add, cancel } from "./book";
import { isInsideCage } from "./cage";
import { noteMinute } from "./close-price";
import { bestOf, headerOf, levelOf } from "./ladder";
import {
  O_ID, O_NEXT, O_QTY, S_KILLED_QTY, S_RESTED_PRICE, S_RESTED_QTY, statusBase, TRADE_BYTES,
} from "./layout";
import { submitOrder } from "./match";
import {
  HALT_BY_PRICE, PHASE_UNKNOWN, R_CAGE_MODE, R_CLOSE, R_HALT_1, R_HALT_2, R_HALT_KIND,
  R_HALT_LEVEL, R_HALT_OF_PRECLOSE, R_HALT_PER_DIRECTION, R_HALTS_DONE, R_HELD_BOOK, R_LAST,
  R_OPEN, R_PHASE, R_PRECLOSE, R_PROTECTION, R_VENUE, recordOf,
} from "./record";
import { beginTrades, endTrades, hasRoom, tradeNext, tradesSince } from "./trades";
import { validateOrder } from "./validate";
import { bestAsk, bestBid, orderCount, orderQty } from "./views";

/** See ExchangeKernel.order. */
export function order(
  instr: i32, id: i32, side: i32, kind: i32, priceE4: i32, qty: i32, sellable: i32, bought: i32,
): i32 {
  beginTrades();
  setOutcome(0, 0, 0);
  const code = validateOrder(instr, side, kind, priceE4, qty, sellable, bought);
  const result = code == OK ? accept(instr, id, side, kind, priceE4, qty) : -code;
  endTrades();
  return result;
}

/** See ExchangeKernel.withdraw. */
export function withdraw(instr: i32, id: i32): i32 {
  beginTrades();
  const result = takeBack(instr, id);
  setOutcome(0, 0, 0);
  endTrades();
  return result;
}

/** See ExchangeKernel.heldQty. */
export function heldQty(instr: i32, id: i32): i32 {
  const r = recordOf(instr);
  if (r == 0) return UNKNOWN_INSTRUMENT;
  const held = load<i32>(r, R_HELD_BOOK);
  return held < 0 ? UNKNOWN_ORDER : orderQty(held, id);
}

function accept(instr: i32, id: i32, side: i32, kind: i32, priceE4: i32, qty: i32): i32 {
  const r = recordOf(instr);
  const phase = load<i32>(r, R_PHASE);
  if (headerOf(instr) == 0) return UNKNOWN_INSTRUMENT;
  if (phase == PHASE_CONTINUOUS) return trade(r, instr, id, side, kind, priceE4, qty);
  if (phase == PHASE_UNKNOWN) return -REJECT_NOT_IN_SESSION;
  // After-hours trading: all at the close, so price priority falls away and time priority stays.
  if (phase == PHASE_AFTER_HOURS) {
    return submitOrder(instr, id, side, KIND_LIMIT, load<i32>(r, R_CLOSE), qty);
  }
  if (isHeld(r, id)) return DUPLICATE_ID;
  const code = add(instr, id, side, priceE4, qty);
  if (code == OK) setOutcome(qty, priceE4, 0);
  return code;
}

/** Continuous trading. */
function trade(
  r: usize, instr: i32, id: i32, side: i32, kind: i32, priceE4: i32, qty: i32,
): i32 {
  const holds = load<i32>(r, R_CAGE_MODE) == CAGE_HOLD;
  if (holds) {
    if (isHeld(r, id)) return DUPLICATE_ID;
    if (kind == KIND_LIMIT && !isInsideCage(r, instr, side, priceE4)) {
      if (orderQty(instr, id) > 0) return DUPLICATE_ID;
      return add(load<i32>(r, R_HELD_BOOK), id, SELL + BUY - side, priceE4, qty);
    }
  }
  const ignored = kind != KIND_LIMIT && load<i32>(r, R_PROTECTION) == PROTECTION_IGNORED;
  const start = tradeNext;
  const made = submitOrder(instr, id, side, kind, ignored ? 0 : priceE4, qty);
  if (made > 0) noteTrades(r, start);
  if (!holds || made < 0) return made;
  const restedQty = load<i32>(statusBase, S_RESTED_QTY);
  const restedPriceE4 = load<i32>(statusBase, S_RESTED_PRICE);
  const killedQty = load<i32>(statusBase, S_KILLED_QTY);
  releaseHeld(r, instr);
  setOutcome(restedQty, restedPriceE4, killedQty);
  return tradesSince(start);
}

function takeBack(instr: i32, id: i32): i32 {
  const r = recordOf(instr);
  if (r == 0) return -REJECT_UNKNOWN_INSTRUMENT;
  const phase = load<i32>(r, R_PHASE);
  if (phase == PHASE_OPENING_CALL_NO_CANCEL || phase == PHASE_CLOSING_CALL) {
    return -REJECT_NO_CANCEL_WINDOW;
  }
  if (phase != PHASE_OPENING_CALL && phase != PHASE_CONTINUOUS && phase != PHASE_HALTED
    && phase != PHASE_AFTER_HOURS) return -REJECT_NOT_IN_SESSION;
  const removed = cancel(instr, id, 0);
  if (load<i32>(r, R_CAGE_MODE) != CAGE_HOLD) return removed;
  if (removed == UNKNOWN_ORDER) return cancel(load<i32>(r, R_HELD_BOOK), id, 0);
  if (removed > 0 && phase == PHASE_CONTINUOUS) releaseHeld(r, instr);
  return removed;
}

/**
 * Submits the held orders that the cage lets pass now, the nearest to the reference first, buys
 * before sells, in time order at one price, each looked at again after the one before. They queue
 * as if they arrived now. What the book has no slot for stays held.
 */
export function releaseHeld(r: usize, instr: i32): void {
  const held = load<i32>(r, R_HELD_BOOK);
  while (load<i32>(r, R_PHASE) == PHASE_CONTINUOUS) {
    const buyE4 = bestAsk(held);
    const sellE4 = bestBid(held);
    if (buyE4 > 0 && isInsideCage(r, instr, BUY, buyE4)) {
      if (!releaseFirst(r, instr, held, BUY, buyE4)) return;
    } else if (sellE4 > 0 && isInsideCage(r, instr, SELL, sellE4)) {
      if (!releaseFirst(r, instr, held, SELL, sellE4)) return;
    } else return;
  }
}

function releaseFirst(r: usize, instr: i32, held: i32, side: i32, priceE4: i32): bool {
  if (!hasRoom(orderCount(instr) + 1)) return false;
  const slot = firstHeld(held, side);
  const id = load<i32>(slot, O_ID);
  const start = tradeNext;
  const made = submitOrder(instr, id, side, KIND_LIMIT, priceE4, load<i32>(slot, O_QTY));
  if (made < 0) return false;
  cancel(held, id, 0);
  if (made > 0) noteTrades(r, start);
  return true;
}

/** Held orders enter a call, where no cage holds, without matching. */
export function restHeld(r: usize, instr: i32): void {
  const held = load<i32>(r, R_HELD_BOOK);
  restHeldSide(instr, held, BUY);
  restHeldSide(instr, held, SELL);
}

function restHeldSide(instr: i32, held: i32, side: i32): void {
  while (true) {
    const priceE4 = side == BUY ? bestAsk(held) : bestBid(held);
    if (priceE4 <= 0) return;
    const slot = firstHeld(held, side);
    const id = load<i32>(slot, O_ID);
    if (add(instr, id, side, priceE4, load<i32>(slot, O_QTY)) != OK) return;
    cancel(held, id, 0);
  }
}

/** Slot of the next order of a side to be released; the held book is known to have one. */
@inline
function firstHeld(held: i32, side: i32): usize {
  const h = headerOf(held);
  // Buys lie on the ask side (side bit 1), sells on the bid side (0).
  const bit = SELL - side;
  return load<usize>(levelOf(h, (bestOf(h, bit) << 1) | bit), O_NEXT);
}

/** What trades change beside the book: last, opening price, last minute, halts. */
export function noteTrades(r: usize, start: usize): void {
  const halts = load<i32>(r, R_HALT_1) > 0 && load<i32>(r, R_PHASE) == PHASE_CONTINUOUS;
  if (load<i32>(r, R_OPEN) == 0) store<i32>(r, load<i32>(start, 8), R_OPEN);
  let amount: i64 = 0;
  let qty: i64 = 0;
  for (let at = start; at < tradeNext; at += TRADE_BYTES) {
    const priceE4 = load<i32>(at, 8);
    const traded = i64(load<i32>(at, 12));
    amount += i64(priceE4) * traded;
    qty += traded;
    if (halts) checkHalt(r, priceE4);
  }
  store<i32>(r, load<i32>(tradeNext - TRADE_BYTES, 8), R_LAST);
  const venue = load<i32>(r, R_VENUE);
  if (venue != 0 && venue != VENUE_BSE) noteMinute(r, amount, qty);
}

/**
 * Intraday halt 盘中临时停牌 (BSE 2026 no. 4.2.5, rules sheet 4.3): the first trade at or beyond a
 * level. A trade beyond the second uses the first up too, so there is one halt. The order that
 * trades is matched to its end first.
 */
export function checkHalt(r: usize, priceE4: i32): void {
  const first = load<i32>(r, R_HALT_1);
  const ofPreclose = load<i32>(r, R_HALT_OF_PRECLOSE) != 0;
  const baseE4 = i64(load<i32>(r + (ofPreclose ? R_PRECLOSE : R_OPEN)));
  if (first == 0 || baseE4 == 0) return;
  const distance = i64(priceE4) - baseE4;
  const away = (distance < 0 ? -distance : distance) * 1000;
  if (away < baseE4 * i64(first)) return;
  const second = load<i32>(r, R_HALT_2);
  const level = second > 0 && away >= baseE4 * i64(second) ? 2 : 1;
  const down = distance < 0 && load<i32>(r, R_HALT_PER_DIRECTION) != 0 ? 1 : 0;
  const done = load<i32>(r, R_HALTS_DONE);
  const bit = (level == 2 ? 4 : 1) << down;
  store<i32>(r, done | bit | (1 << down), R_HALTS_DONE);
  if ((done & bit) != 0) return;
  store<i32>(r, PHASE_HALTED, R_PHASE);
  store<i32>(r, HALT_BY_PRICE, R_HALT_KIND);
  store<i32>(r, max(level, load<i32>(r, R_HALT_LEVEL)), R_HALT_LEVEL);
}

@inline
function isHeld(r: usize, id: i32): bool {
  return load<i32>(r, R_CAGE_MODE) == CAGE_HOLD && orderQty(load<i32>(r, R_HELD_BOOK), id) > 0;
}

/** What became of the arriving order's shares; nothing after calls that bring none. */
@inline
export function setOutcome(restedQty: i32, restedPriceE4: i32, killedQty: i32): void {
  store<i32>(statusBase, restedQty, S_RESTED_QTY);
  store<i32>(statusBase, restedPriceE4, S_RESTED_PRICE);
  store<i32>(statusBase, killedQty, S_KILLED_QTY);
}
