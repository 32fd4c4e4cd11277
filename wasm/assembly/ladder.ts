// The price ladder of one instrument: which ticks hold orders, and the best one of each side.
// A bitmap a side has one bit a tick and a summary one bit a bitmap word, so the next occupied
// tick is found in a few instructions however far it is. Called by book.ts, match.ts and the views.
// Side bit: 0 bids, 1 asks. Always: bit set <=> level holds orders; best = outermost occupied tick.
// Ticks outside the window exist only in instruments with overflow levels (overflow.ts); all others
// pay one branch for them, always decided the same way.

import { BAD_PRICE, BUY, OFF_TICK, OUT_OF_WINDOW } from "./codes";
import {
  H_BASE, H_BEST_ASK, H_BEST_BID, H_LEVELS, H_LO, H_OVERFLOW, H_RECIPROCAL, H_SPAN, H_STATE,
  H_SUMMARY, H_TICK, H_TICKS, H_WINDOW, H_WORDS, HEADER_BYTES, headerBase,
  instrumentCount, LEVEL_BYTES,
} from "./layout";
import { dropOverflow, nextOverflow, overflowLevel } from "./overflow";

/** Header of an open instrument, or 0. */
@inline
export function headerOf(instr: i32): usize {
  if (u32(instr) >= u32(instrumentCount)) return 0;
  const h = headerBase + usize(instr) * HEADER_BYTES;
  return load<i32>(h, H_STATE) != 0 ? h : 0;
}

/** Tick of a price, or BAD_PRICE, OUT_OF_WINDOW, OFF_TICK. */
@inline
export function tickOf(h: usize, priceE4: i32): i32 {
  const distance = u32(priceE4 - load<i32>(h, H_LO));
  if (priceE4 <= 0 || distance > load<u32>(h, H_SPAN)) {
    return priceE4 <= 0 ? BAD_PRICE : OUT_OF_WINDOW;
  }
  // Exact for every multiple of the tick below 2^32, and cheaper than a division.
  const tick = u32((u64(distance) * load<u64>(h, H_RECIPROCAL) + 0x80000000) >>> 32);
  return tick * load<u32>(h, H_TICK) == distance ? i32(tick) : OFF_TICK;
}

@inline
export function priceOf(h: usize, tick: i32): i32 {
  return load<i32>(h, H_LO) + tick * load<i32>(h, H_TICK);
}

/** Level of code = tick << 1 | side bit; without an order it may be the shared empty level. */
@inline
export function levelOf(h: usize, code: i32): usize {
  return isWindowTick(h, code >> 1) ? windowLevel(h, code) : overflowLevel(h, code);
}

/** Whether a tick of the instrument lies in its window. */
@inline
export function isWindowTick(h: usize, tick: i32): bool {
  return load<i32>(h, H_OVERFLOW) == 0
    || u32(tick - load<i32>(h, H_BASE)) < load<u32>(h, H_WINDOW);
}

@inline
export function windowLevel(h: usize, code: i32): usize {
  return load<usize>(h, H_LEVELS) + usize(code) * LEVEL_BYTES;
}

/** Best tick of side bit 0 (bids) or 1 (asks). */
@inline
export function bestOf(h: usize, side: i32): i32 {
  return load<i32>(h + (usize(side) << 2), H_BEST_BID);
}

@inline
export function isSide(side: i32): bool {
  return u32(side - BUY) <= 1;
}

/** A level got its first order. */
@inline
export function markLevel(h: usize, code: i32): void {
  const tick = code >> 1;
  const side = code & 1;
  if (isWindowTick(h, tick)) markBit(h, side, tick - load<i32>(h, H_BASE));
  if (side == 0) {
    if (tick > load<i32>(h, H_BEST_BID)) store<i32>(h, tick, H_BEST_BID);
  } else {
    if (tick < load<i32>(h, H_BEST_ASK)) store<i32>(h, tick, H_BEST_ASK);
  }
}

/** A level lost its last order. */
@inline
export function clearLevel(h: usize, code: i32): void {
  const tick = code >> 1;
  const side = code & 1;
  if (isWindowTick(h, tick)) clearBit(h, side, tick - load<i32>(h, H_BASE));
  else dropOverflow(h, code);
  const best = h + (usize(side) << 2);
  if (tick == load<i32>(best, H_BEST_BID)) store<i32>(best, nextLevel(h, side, tick), H_BEST_BID);
}

/** Next occupied tick of a side strictly worse than `tick`; -1 (bids) or H_TICKS (asks) if none. */
export function nextLevel(h: usize, side: i32, tick: i32): i32 {
  const base = load<i32>(h, H_BASE);
  const window = load<i32>(h, H_WINDOW);
  const words = load<usize>(h + (usize(side) << 3), H_WORDS);
  const sums = load<usize>(h + (usize(side) << 3), H_SUMMARY);
  let next: i32;
  if (side == 0) {
    next = tick <= base ? -1 : findBelow(words, sums, min(tick - base, window) - 1);
    next = next < 0 ? -1 : next + base;
    if (load<i32>(h, H_OVERFLOW) == 0) return next;
    return max(next, nextOverflow(h, 0, tick, -1));
  }
  const from = max(tick - base, -1) + 1;
  const end = load<i32>(h, H_TICKS);
  next = from >= window ? window : findAbove(words, sums, from, window);
  next = next >= window ? end : next + base;
  if (load<i32>(h, H_OVERFLOW) == 0) return next;
  return min(next, nextOverflow(h, 1, tick, end));
}

@inline
function markBit(h: usize, side: i32, at: i32): void {
  const word = load<usize>(h + (usize(side) << 3), H_WORDS) + (usize(at >> 6) << 3);
  const bits = load<u64>(word);
  store<u64>(word, bits | (u64(1) << u64(at & 63)));
  if (bits == 0) {
    const sum = load<usize>(h + (usize(side) << 3), H_SUMMARY) + (usize(at >> 12) << 3);
    store<u64>(sum, load<u64>(sum) | (u64(1) << u64((at >> 6) & 63)));
  }
}

@inline
function clearBit(h: usize, side: i32, at: i32): void {
  const word = load<usize>(h + (usize(side) << 3), H_WORDS) + (usize(at >> 6) << 3);
  const bits = load<u64>(word) & ~(u64(1) << u64(at & 63));
  store<u64>(word, bits);
  if (bits == 0) {
    const sum = load<usize>(h + (usize(side) << 3), H_SUMMARY) + (usize(at >> 12) << 3);
    store<u64>(sum, load<u64>(sum) & ~(u64(1) << u64((at >> 6) & 63)));
  }
}

/** Highest occupied tick at or below `from`, or -1. */
function findBelow(words: usize, sums: usize, from: i32): i32 {
  let bits = load<u64>(words + (usize(from >> 6) << 3)) << u64(63 - (from & 63));
  if (bits != 0) return from - i32(clz(bits));
  let word = (from >> 6) - 1;
  if (word < 0) return -1;
  let sum = word >> 6;
  bits = load<u64>(sums + (usize(sum) << 3)) << u64(63 - (word & 63));
  while (bits == 0) {
    if (--sum < 0) return -1;
    bits = load<u64>(sums + (usize(sum) << 3));
    word = (sum << 6) + 63;
  }
  word -= i32(clz(bits));
  return (word << 6) + 63 - i32(clz(load<u64>(words + (usize(word) << 3))));
}

/** Lowest occupied tick at or above `from`, or `ticks`. */
function findAbove(words: usize, sums: usize, from: i32, ticks: i32): i32 {
  let bits = load<u64>(words + (usize(from >> 6) << 3)) >>> u64(from & 63);
  if (bits != 0) return from + i32(ctz(bits));
  let word = (from >> 6) + 1;
  let sum = word >> 6;
  const sumEnd = (ticks + 4095) >> 12;
  if (sum >= sumEnd) return ticks;
  bits = load<u64>(sums + (usize(sum) << 3)) >>> u64(word & 63);
  while (bits == 0) {
    if (++sum >= sumEnd) return ticks;
    bits = load<u64>(sums + (usize(sum) << 3));
    word = sum << 6;
  }
  word += i32(ctz(bits));
  return (word << 6) + i32(ctz(load<u64>(words + (usize(word) << 3))));
}
