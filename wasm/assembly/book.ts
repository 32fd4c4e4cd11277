// The book of an instrument: opening its window, and adding, cancelling and reducing orders without
// matching. Exported through index.ts; match.ts, auction.ts use restOrder and the level links.
// Always: a level's list is in time order (head is first in the queue); level quantity and count
// equal the sum over its list; every resting order has one cell in the id table; a call that
// answers a negative code has changed nothing. Each order operation is O(1) but for the search of
// the next best level, which reads at most 66 words.

//   level (24 B)          slot (32 B)         slot                slot
//   quantity, orders      id 17               id 23               id 31
//   next ---------------> next -------------> next -------------> next ---> level
//   prev ---> last slot   prev ---> level     prev ---> id 17     prev ---> id 23

import {
  BAD_COUNT, BAD_QTY, BAD_SIDE, BAD_WINDOW, DUPLICATE_ID, LEVELS_EXHAUSTED, MORE_THAN_LEFT,
  NOT_EMPTY, NOT_INITIALIZED, OK, OVERFLOW_FULL, OVERFLOW_MAX, QUOTA_FULL, QUOTA_MAX,
  SLOTS_EXHAUSTED, UNKNOWN_INSTRUMENT, UNKNOWN_ORDER, UNLIMITED_MAX_E4, WINDOW_TICKS_MAX,
} from "./codes";
import { enterSlot, findLink, homeOf, removeLink, removeSlot } from "./ids";
import {
  clearLevel, headerOf, isSide, isWindowTick, levelOf, markLevel, nextLevel, tickOf, windowLevel,
} from "./ladder";
import {
  clearTable, freePools, H_BASE, H_BEST_ASK, H_BEST_BID, H_FIRST_LEVEL, H_FIRST_SLOT, H_FREE,
  H_FRESH, H_HI, H_LEVELS, H_LIVE, H_LO, H_OVERFLOW, H_OVERFLOW_AT, H_OVERFLOW_RESERVED, H_QUOTA,
  H_RECIPROCAL, H_RESERVED_QUOTA, H_RESERVED_TICKS, H_SPAN,
  H_SLOT_END, H_STATE, H_SUMMARY, H_TICK, H_TICKS, H_WINDOW, H_WORDS, HEADER_BYTES, headerBase,
  instrumentCount, L_ORDERS, L_QTY, LEVEL_BYTES, levelsLeft, O_CODE, O_ID, O_LEVEL, O_NEXT, O_PREV,
  O_QTY, SLOT_BYTES, slotsLeft, summaryBytes, takeBitmaps, takeLevels, takeSlots, wordBytes,
} from "./layout";
import { clearOverflow, takeOverflow } from "./overflow";

/** See BookKernel.openInstrument. */
export function openInstrument(instr: i32, tickE4: i32, loE4: i32, hiE4: i32, quota: i32): i32 {
  if (instrumentCount == 0) return NOT_INITIALIZED;
  if (u32(instr) >= u32(instrumentCount)) return UNKNOWN_INSTRUMENT;
  if (tickE4 <= 0 || loE4 <= 0 || hiE4 < loE4) return BAD_WINDOW;
  if (loE4 % tickE4 != 0 || hiE4 % tickE4 != 0) return BAD_WINDOW;
  const last = (hiE4 - loE4) / tickE4;
  if (last >= WINDOW_TICKS_MAX) return BAD_WINDOW;
  if (quota <= 0 || quota > QUOTA_MAX) return SLOTS_EXHAUSTED;
  const h = headerBase + usize(instr) * HEADER_BYTES;
  if (load<i32>(h, H_STATE) != 0 && load<i32>(h, H_LIVE) != 0) return NOT_EMPTY;
  const code = reserve(h, last + 1, quota);
  if (code != OK) return code;
  store<i32>(h, tickE4, H_TICK);
  setPrices(h, loE4, hiE4);
  store<i32>(h, last + 1, H_TICKS);
  store<i32>(h, last + 1, H_WINDOW);
  store<i32>(h, 0, H_BASE);
  store<usize>(h, load<usize>(h, H_FIRST_LEVEL), H_LEVELS);
  store<i32>(h, 0, H_OVERFLOW);
  store<i32>(h, quota, H_QUOTA);
  store<i32>(h, 1, H_STATE);
  clearBook(h);
  return OK;
}

/** See BookKernel.openOverflow. */
export function openOverflow(instr: i32, levels: i32): i32 {
  const h = headerOf(instr);
  if (h == 0) return UNKNOWN_INSTRUMENT;
  if (levels <= 0 || levels > OVERFLOW_MAX) return BAD_COUNT;
  const tickE4 = load<i32>(h, H_TICK);
  const hiE4 = UNLIMITED_MAX_E4 / tickE4 * tickE4;
  if (load<i32>(h, H_HI) > hiE4) return BAD_WINDOW;
  if (load<i32>(h, H_LIVE) != 0) return NOT_EMPTY;
  if (levels > load<i32>(h, H_OVERFLOW_RESERVED)) {
    // A pair of levels has room for one level and its two entries.
    const at = takeLevels(levels);
    if (at == 0) return LEVELS_EXHAUSTED;
    store<usize>(h, at, H_OVERFLOW_AT);
    store<i32>(h, levels, H_OVERFLOW_RESERVED);
  }
  if (load<i32>(h, H_OVERFLOW) == 0) {
    const base = load<i32>(h, H_LO) / tickE4;
    store<i32>(h, base, H_BASE);
    store<usize>(h, load<usize>(h, H_FIRST_LEVEL) - usize(base) * 2 * LEVEL_BYTES, H_LEVELS);
    setPrices(h, 0, hiE4);
    store<i32>(h, hiE4 / tickE4 + 1, H_TICKS);
  }
  store<i32>(h, levels, H_OVERFLOW);
  clearBook(h);
  return OK;
}

/** See BookKernel.resetInstrument. */
export function resetInstrument(instr: i32): i32 {
  const h = headerOf(instr);
  if (h == 0) return UNKNOWN_INSTRUMENT;
  dropSide(h, 0, load<i32>(h, H_BEST_BID));
  dropSide(h, 1, load<i32>(h, H_BEST_ASK));
  clearBook(h);
  return OK;
}

/** See BookKernel.emptyAll. A book of which no slot was ever taken is empty. */
export function emptyAll(): i32 {
  if (instrumentCount == 0) return NOT_INITIALIZED;
  for (let i = 0; i < instrumentCount; i++) {
    const h = headerBase + usize(i) * HEADER_BYTES;
    if (load<i32>(h, H_STATE) == 0) continue;
    if (load<usize>(h, H_FRESH) != load<usize>(h, H_FIRST_SLOT)) resetInstrument(i);
  }
  return OK;
}

/** See BookKernel.resetAll. */
export function resetAll(): i32 {
  if (instrumentCount == 0) return NOT_INITIALIZED;
  memory.fill(headerBase, 0, usize(instrumentCount) * HEADER_BYTES);
  clearTable();
  freePools();
  return OK;
}

/** See BookKernel.add. */
export function add(instr: i32, id: i32, side: i32, priceE4: i32, qty: i32): i32 {
  const h = headerOf(instr);
  if (h == 0) return UNKNOWN_INSTRUMENT;
  if (!isSide(side)) return BAD_SIDE;
  if (qty <= 0) return BAD_QTY;
  const tick = tickOf(h, priceE4);
  if (tick < 0) return tick;
  const home = homeOf(instr, id);
  if (load<usize>(findLink(home, instr, id)) != 0) return DUPLICATE_ID;
  return restOrder(h, home, instr, id, (tick << 1) | (side - 1), qty);
}

/** See BookKernel.cancel. */
export function cancel(instr: i32, id: i32, qty: i32): i32 {
  return cancelHere(instr, id, qty);
}

/** cancel() without the call, for the batch. */
@inline
export function cancelHere(instr: i32, id: i32, qty: i32): i32 {
  const h = headerOf(instr);
  if (h == 0) return UNKNOWN_INSTRUMENT;
  if (qty < 0) return BAD_QTY;
  const link = findLink(homeOf(instr, id), instr, id);
  const slot = load<usize>(link);
  if (slot == 0) return UNKNOWN_ORDER;
  const left = load<i32>(slot, O_QTY);
  if (qty > left) return MORE_THAN_LEFT;
  const removed = qty == 0 ? left : qty;
  takeOff(h, link, slot, removed, left);
  return removed;
}

/** See BookKernel.reduce. */
export function reduce(instr: i32, id: i32, qty: i32): i32 {
  const h = headerOf(instr);
  if (h == 0) return UNKNOWN_INSTRUMENT;
  if (qty <= 0) return BAD_QTY;
  const link = findLink(homeOf(instr, id), instr, id);
  const slot = load<usize>(link);
  if (slot == 0) return UNKNOWN_ORDER;
  const left = load<i32>(slot, O_QTY);
  if (qty > left) return MORE_THAN_LEFT;
  takeOff(h, link, slot, qty, left);
  return left - qty;
}

/**
 * Appends an order to its level; `home` is homeOf() it, and no order of that id rests. Answers OK,
 * or QUOTA_FULL or OVERFLOW_FULL with nothing changed.
 */
@inline
export function restOrder(
  h: usize, home: usize, instr: i32, id: i32, code: i32, qty: i32,
): i32 {
  let slot = load<usize>(h, H_FREE);
  const fresh = slot == 0;
  if (fresh) {
    slot = load<usize>(h, H_FRESH);
    if (slot == load<usize>(h, H_SLOT_END)) return QUOTA_FULL;
  }
  let level: usize;
  if (isWindowTick(h, code >> 1)) level = windowLevel(h, code);
  else {
    level = takeOverflow(h, code);
    if (level == 0) return OVERFLOW_FULL;
  }
  if (fresh) store<usize>(h, slot + SLOT_BYTES, H_FRESH);
  else store<usize>(h, load<usize>(slot, O_NEXT), H_FREE);
  const last = load<usize>(level, O_PREV);
  store<u64>(slot, (u64(u32(instr)) << 32) | u64(u32(id)), O_ID);
  store<i32>(slot, code, O_CODE);
  store<i32>(slot, qty, O_QTY);
  store<usize>(slot, level, O_NEXT);
  store<usize>(slot, last, O_PREV);
  store<usize>(slot, level, O_LEVEL);
  store<usize>(last, slot, O_NEXT);
  store<usize>(level, slot, O_PREV);
  store<i64>(level, load<i64>(level, L_QTY) + i64(qty), L_QTY);
  const orders = load<i32>(level, L_ORDERS);
  store<i32>(level, orders + 1, L_ORDERS);
  if (orders == 0) markLevel(h, code);
  store<i32>(h, load<i32>(h, H_LIVE) + 1, H_LIVE);
  enterSlot(home, slot);
  return OK;
}

/** Gives the slot of an order that left its level and the id table back. */
@inline
export function freeSlot(h: usize, slot: usize): void {
  store<usize>(slot, load<usize>(h, H_FREE), O_NEXT);
  store<usize>(h, slot, H_FREE);
  store<i32>(h, load<i32>(h, H_LIVE) - 1, H_LIVE);
}

/** Takes `qty` of the `left` shares off an order; at 0 the order leaves the book. */
@inline
function takeOff(h: usize, link: usize, slot: usize, qty: i32, left: i32): void {
  const level = load<usize>(slot, O_LEVEL);
  store<i64>(level, load<i64>(level, L_QTY) - i64(qty), L_QTY);
  if (qty < left) {
    store<i32>(slot, left - qty, O_QTY);
    return;
  }
  removeLink(link, slot);
  const next = load<usize>(slot, O_NEXT);
  const prev = load<usize>(slot, O_PREV);
  store<usize>(prev, next, O_NEXT);
  store<usize>(next, prev, O_PREV);
  const orders = load<i32>(level, L_ORDERS) - 1;
  store<i32>(level, orders, L_ORDERS);
  if (orders == 0) clearLevel(h, load<i32>(slot, O_CODE));
  freeSlot(h, slot);
}

/** Prices that orders may have, from that of tick 0. */
function setPrices(h: usize, loE4: i32, hiE4: i32): void {
  const tickE4 = u64(load<u32>(h, H_TICK));
  store<i32>(h, loE4, H_LO);
  store<i32>(h, hiE4, H_HI);
  store<i32>(h, hiE4 - loE4, H_SPAN);
  store<u64>(h, ((u64(1) << 32) + tickE4 / 2) / tickE4, H_RECIPROCAL);
}

/** Keeps an earlier reservation that is large enough, else draws a new one from the pools. */
function reserve(h: usize, ticks: i32, quota: i32): i32 {
  const needTicks = ticks > load<i32>(h, H_RESERVED_TICKS);
  const needSlots = quota > load<i32>(h, H_RESERVED_QUOTA);
  if (needTicks && levelsLeft() < ticks) return LEVELS_EXHAUSTED;
  if (needSlots && slotsLeft() < quota) return SLOTS_EXHAUSTED;
  if (needTicks) {
    const bitmaps = takeBitmaps(ticks);
    if (bitmaps == 0) return LEVELS_EXHAUSTED;
    const words = wordBytes(ticks);
    const sums = summaryBytes(ticks);
    store<usize>(h, takeLevels(ticks), H_FIRST_LEVEL);
    store<usize>(h, bitmaps, H_WORDS);
    store<usize>(h, bitmaps + words, H_SUMMARY);
    store<usize>(h, bitmaps + words + sums, H_WORDS + 8);
    store<usize>(h, bitmaps + words * 2 + sums, H_SUMMARY + 8);
    store<i32>(h, ticks, H_RESERVED_TICKS);
  }
  if (needSlots) {
    store<usize>(h, takeSlots(quota), H_FIRST_SLOT);
    store<i32>(h, quota, H_RESERVED_QUOTA);
  }
  return OK;
}

/** Empty levels, empty bitmaps, all slots fresh. The id table is already without its orders. */
export function clearBook(h: usize): void {
  const ticks = load<i32>(h, H_WINDOW);
  const levels = load<usize>(h, H_FIRST_LEVEL);
  const levelsEnd = levels + usize(ticks) * 2 * LEVEL_BYTES;
  memory.fill(levels, 0, levelsEnd - levels);
  for (let level = levels; level < levelsEnd; level += LEVEL_BYTES) {
    store<usize>(level, level, O_NEXT);
    store<usize>(level, level, O_PREV);
  }
  const words = wordBytes(load<i32>(h, H_RESERVED_TICKS));
  const sums = summaryBytes(load<i32>(h, H_RESERVED_TICKS));
  memory.fill(load<usize>(h, H_WORDS), 0, (words + sums) * 2);
  store<i32>(h, -1, H_BEST_BID);
  store<i32>(h, load<i32>(h, H_TICKS), H_BEST_ASK);
  const first = load<usize>(h, H_FIRST_SLOT);
  store<usize>(h, 0, H_FREE);
  store<usize>(h, first, H_FRESH);
  store<usize>(h, first + usize(load<i32>(h, H_QUOTA)) * SLOT_BYTES, H_SLOT_END);
  store<i32>(h, 0, H_LIVE);
  clearOverflow(h);
}

function dropSide(h: usize, side: i32, best: i32): void {
  const ticks = load<i32>(h, H_TICKS);
  let tick = best;
  while (tick >= 0 && tick < ticks) {
    const level = levelOf(h, (tick << 1) | side);
    let slot = load<usize>(level, O_NEXT);
    while (slot != level) {
      removeSlot(slot);
      slot = load<usize>(slot, O_NEXT);
    }
    tick = nextLevel(h, side, tick);
  }
}
