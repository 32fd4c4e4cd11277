// Continuous matching: an arriving order against the opposite side, price first, then time, each
// trade at the resting order's price (BSE 2026 no. 3.5.1, 3.5.3), then the rest by its kind (SSE
// 2023 no. 3.3.5, SZSE no. 3.3.4, BSE 2026 no. 3.3.4-3.3.6). Exported through index.ts, and called
// by batch.ts. Sessions and which kinds a board has are the caller's business.
// Always: a refusal changes nothing; an uncrossed book stays uncrossed.

import {
  BAD_KIND, BAD_PRICE, BAD_QTY, BAD_SIDE, BUY, DUPLICATE_ID, KIND_BEST5_CANCEL, KIND_BEST5_LIMIT,
  KIND_FOK, KIND_IOC, KIND_LIMIT, KIND_OPPOSITE_BEST, KIND_OWN_BEST, OK, OVERFLOW_FULL, SELL,
  UNKNOWN_INSTRUMENT,
} from "./codes";
import { freeSlot, restOrder } from "./book";
import { findLink, homeOf, removeSlot } from "./ids";
import {
  bestOf, clearLevel, headerOf, isSide, isWindowTick, levelOf, nextLevel, priceOf, tickOf,
} from "./ladder";
import {
  H_TICKS, L_ORDERS, L_QTY, O_ID, O_NEXT, O_PREV, O_QTY,
  S_KILLED_QTY, S_RESTED_QTY, statusBase,
} from "./layout";
import { hasOverflow } from "./overflow";
import { beginTrades, endTrades, tradeNext, tradesSince, writeTrade } from "./trades";

const ALL_LEVELS: i32 = i32.MAX_VALUE;
/** Tick that means "the rest is cancelled". */
const NO_REST: i32 = -1;

/** Tick of the last level that consume() traded at. */
let lastTick: i32 = 0;

/** See BookKernel.submit. */
export function submit(
  instr: i32, id: i32, side: i32, kind: i32, priceE4: i32, qty: i32,
): i32 {
  beginTrades();
  const result = submitOrder(instr, id, side, kind, priceE4, qty);
  endTrades();
  return result;
}

/** submit() that appends to the trade area. */
export function submitOrder(
  instr: i32, id: i32, side: i32, kind: i32, priceE4: i32, qty: i32,
): i32 {
  return submitHere(instr, id, side, kind, priceE4, qty);
}

/** submitOrder() without the call, for the batch. */
@inline
export function submitHere(
  instr: i32, id: i32, side: i32, kind: i32, priceE4: i32, qty: i32,
): i32 {
  setOutcome(0, 0, 0);
  return kind == KIND_LIMIT
    ? submitLimit(instr, id, side, priceE4, qty)
    : submitMarket(instr, id, side, kind, priceE4, qty);
}

/** Nine orders of ten, and so apart: nothing here asks what the other kinds need. */
@inline
function submitLimit(instr: i32, id: i32, side: i32, priceE4: i32, qty: i32): i32 {
  const h = headerOf(instr);
  if (h == 0) return UNKNOWN_INSTRUMENT;
  if (!isSide(side)) return BAD_SIDE;
  if (qty <= 0) return BAD_QTY;
  const limit = tickOf(h, priceE4);
  if (limit < 0) return limit;
  const home = homeOf(instr, id);
  if (load<usize>(findLink(home, instr, id)) != 0) return DUPLICATE_ID;
  const start = tradeNext;
  let left = qty;
  if (isWithin(bestOf(h, SELL - side), limit, side)) {
    if (!isWindowTick(h, limit) && !limitRests(h, side, limit, qty)) return OVERFLOW_FULL;
    left = consume(h, id, side, limit, qty, ALL_LEVELS);
    if (left == 0) return tradesSince(start);
  }
  // After a fill this cannot fail: the fill freed a slot, and limitRests() looked for a level.
  const code = restOrder(h, home, instr, id, (limit << 1) | (side - 1), left);
  if (code != OK) return code;
  setOutcome(left, priceE4, 0);
  return tradesSince(start);
}

function submitMarket(
  instr: i32, id: i32, side: i32, kind: i32, priceE4: i32, qty: i32,
): i32 {
  const h = headerOf(instr);
  if (h == 0) return UNKNOWN_INSTRUMENT;
  if (!isSide(side)) return BAD_SIDE;
  if (u32(kind - KIND_LIMIT) > u32(KIND_FOK - KIND_LIMIT)) return BAD_KIND;
  if (qty <= 0) return BAD_QTY;
  let limit = 0;
  if (priceE4 > 0) {
    limit = tickOf(h, priceE4);
    if (limit < 0) return limit;
  } else {
    if (priceE4 < 0) return BAD_PRICE;
    if (side == BUY) limit = load<i32>(h, H_TICKS) - 1;
  }
  const home = homeOf(instr, id);
  if (load<usize>(findLink(home, instr, id)) != 0) return DUPLICATE_ID;
  const start = tradeNext;
  let restTick = restTickBefore(h, side, kind, limit);
  const left = consumeByKind(h, id, side, kind, limit, restTick, qty);
  if (kind == KIND_BEST5_LIMIT && left < qty) restTick = lastTick;
  if (left == 0) return tradesSince(start);
  if (restTick == NO_REST) {
    setOutcome(0, 0, left);
    return tradesSince(start);
  }
  // After a fill this cannot fail: the fill freed a slot, and the level where it rests.
  const code = restOrder(h, home, instr, id, (restTick << 1) | (side - 1), left);
  if (code != OK) return code;
  setOutcome(left, priceOf(h, restTick), 0);
  return tradesSince(start);
}

/** A limit order outside the window must find a level for its rest before it may trade. */
function limitRests(h: usize, side: i32, limit: i32, qty: i32): bool {
  return hasOverflow(h, (limit << 1) | (side - 1)) || fillable(h, side, limit, qty);
}

/** Where the rest of a market kind goes if it trades nothing; NO_REST: it is cancelled. */
function restTickBefore(h: usize, side: i32, kind: i32, limit: i32): i32 {
  const buys = side == BUY;
  if (kind == KIND_OPPOSITE_BEST) {
    return within(h, buys, bestOf(h, SELL - side), limit);
  }
  if (kind == KIND_OWN_BEST || kind == KIND_BEST5_LIMIT) {
    return within(h, buys, bestOf(h, side - BUY), limit);
  }
  return NO_REST;
}

/** A best price held to the protection price; NO_REST when the side is empty. */
function within(h: usize, buys: bool, best: i32, limit: i32): i32 {
  if (best < 0 || best >= load<i32>(h, H_TICKS)) return NO_REST;
  return buys ? min(best, limit) : max(best, limit);
}

/** Trades what a market kind may trade on arrival; returns what is left. */
function consumeByKind(
  h: usize, id: i32, side: i32, kind: i32, limit: i32, restTick: i32, qty: i32,
): i32 {
  if (kind == KIND_BEST5_CANCEL || kind == KIND_BEST5_LIMIT) {
    return consume(h, id, side, limit, qty, 5);
  }
  if (kind == KIND_OPPOSITE_BEST) {
    return restTick == NO_REST ? qty : consume(h, id, side, restTick, qty, ALL_LEVELS);
  }
  if (kind == KIND_IOC || (kind == KIND_FOK && fillable(h, side, limit, qty))) {
    return consume(h, id, side, limit, qty, ALL_LEVELS);
  }
  return qty;
}

/** Trades against at most `levels` opposite levels up to tick `limit`; returns what is left. */
function consume(h: usize, id: i32, side: i32, limit: i32, qty: i32, levels: i32): i32 {
  while (qty > 0 && levels > 0) {
    const tick = bestOf(h, SELL - side);
    if (!isWithin(tick, limit, side)) break;
    qty = consumeLevel(h, id, side, tick, qty);
    lastTick = tick;
    levels--;
  }
  return qty;
}

/**
 * Whether an order of `side` may trade at `tick`: without a branch on the side, which no predictor
 * can guess. An empty side's best is beyond every limit.
 */
@inline
function isWithin(tick: i32, limit: i32, side: i32): bool {
  return (tick - limit) * (3 - (side << 1)) <= 0;
}

@inline
function consumeLevel(h: usize, id: i32, side: i32, tick: i32, qty: i32): i32 {
  const code = (tick << 1) | (SELL - side);
  const level = levelOf(h, code);
  const priceE4 = priceOf(h, tick);
  const before = qty;
  let orders = load<i32>(level, L_ORDERS);
  let slot = load<usize>(level, O_NEXT);
  // 0 for a buy, all ones for a sell: swaps the two ids below.
  const swap = BUY - side;
  while (true) {
    const resting = load<i32>(slot, O_QTY);
    const traded = min(resting, qty);
    const restingId = load<i32>(slot, O_ID);
    const swapped = (id ^ restingId) & swap;
    writeTrade(id ^ swapped, restingId ^ swapped, priceE4, traded, side);
    qty -= traded;
    if (traded < resting) {
      store<i32>(slot, resting - traded, O_QTY);
      break;
    }
    const next = load<usize>(slot, O_NEXT);
    removeSlot(slot);
    freeSlot(h, slot);
    orders--;
    slot = next;
    if (qty == 0 || orders == 0) break;
  }
  store<usize>(level, slot, O_NEXT);
  store<usize>(slot, level, O_PREV);
  store<i64>(level, load<i64>(level, L_QTY) - i64(before - qty), L_QTY);
  store<i32>(level, orders, L_ORDERS);
  if (orders == 0) clearLevel(h, code);
  return qty;
}

/** Whether the opposite side holds `qty` shares up to tick `limit`. */
function fillable(h: usize, side: i32, limit: i32, qty: i32): bool {
  const ticks = load<i32>(h, H_TICKS);
  const opposite = SELL - side;
  let tick = bestOf(h, SELL - side);
  let sum: i64 = 0;
  while (tick >= 0 && tick < ticks && (side == BUY ? tick <= limit : tick >= limit)) {
    sum += load<i64>(levelOf(h, (tick << 1) | opposite), L_QTY);
    if (sum >= i64(qty)) return true;
    tick = nextLevel(h, opposite, tick);
  }
  return false;
}

@inline
function setOutcome(restedQty: i32, restedPriceE4: i32, killedQty: i32): void {
  // One store, because runBatch() reads the two with one load.
  const rested = u64(u32(restedQty)) | (u64(u32(restedPriceE4)) << 32);
  store<u64>(statusBase, rested, S_RESTED_QTY);
  store<i32>(statusBase, killedQty, S_KILLED_QTY);
}
