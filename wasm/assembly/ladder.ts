// The price ladder of one instrument: which ticks hold orders, and the best one of each side.
// A bitmap a side has one bit a tick and a summary one bit a bitmap word, so the next occupied
// tick is found in a few instructions however far it is. Called by book.ts, match.ts and the views.
// Side bit: 0 bids, 1 asks. Always: bit set <=> level holds orders; best = outermost set bit.

import { BAD_PRICE, BUY, OFF_TICK, OUT_OF_WINDOW } from "./codes";
import {
  H_BEST_ASK, H_BEST_BID, H_HI, H_LEVELS, H_LO, H_STATE, H_SUMMARY, H_TICK, H_TICKS, H_WORDS,
  HEADER_BYTES, headerBase, instrumentCount, LEVEL_BYTES,
} from "./layout";

/** Header of an open instrument, or 0. */
@inline
export function headerOf(instr: i32): usize {
  if (u32(instr) >= u32(instrumentCount)) return 0;
  const h = headerBase + usize(instr) * HEADER_BYTES;
  return load<i32>(h, H_STATE) != 0 ? h : 0;
}

/** Tick index of a price, or BAD_PRICE, OUT_OF_WINDOW, OFF_TICK. */
@inline
export function tickOf(h: usize, priceE4: i32): i32 {
  if (priceE4 <= 0) return BAD_PRICE;
  const lo = load<i32>(h, H_LO);
  if (priceE4 < lo || priceE4 > load<i32>(h, H_HI)) return OUT_OF_WINDOW;
  const tickE4 = load<u32>(h, H_TICK);
  const distance = u32(priceE4 - lo);
  const tick = distance / tickE4;
  return tick * tickE4 == distance ? i32(tick) : OFF_TICK;
}

@inline
export function priceOf(h: usize, tick: i32): i32 {
  return load<i32>(h, H_LO) + tick * load<i32>(h, H_TICK);
}

/** code = tick << 1 | side bit. */
@inline
export function levelOf(h: usize, code: i32): usize {
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
  const word = load<usize>(h + (usize(side) << 3), H_WORDS) + (usize(tick >> 6) << 3);
  const bits = load<u64>(word);
  store<u64>(word, bits | (u64(1) << u64(tick & 63)));
  if (bits == 0) {
    const sum = load<usize>(h + (usize(side) << 3), H_SUMMARY) + (usize(tick >> 12) << 3);
    store<u64>(sum, load<u64>(sum) | (u64(1) << u64((tick >> 6) & 63)));
  }
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
  const words = load<usize>(h + (usize(side) << 3), H_WORDS);
  const sums = load<usize>(h + (usize(side) << 3), H_SUMMARY);
  const word = words + (usize(tick >> 6) << 3);
  const bits = load<u64>(word) & ~(u64(1) << u64(tick & 63));
  store<u64>(word, bits);
  if (bits == 0) {
    const sum = sums + (usize(tick >> 12) << 3);
    store<u64>(sum, load<u64>(sum) & ~(u64(1) << u64((tick >> 6) & 63)));
  }
  if (side == 0) {
    if (tick == load<i32>(h, H_BEST_BID)) store<i32>(h, findBelow(words, sums, tick), H_BEST_BID);
  } else if (tick == load<i32>(h, H_BEST_ASK)) {
    store<i32>(h, findAbove(words, sums, tick, load<i32>(h, H_TICKS)), H_BEST_ASK);
  }
}

/** Next occupied tick of a side strictly worse than `tick`; -1 (bids) or `ticks` (asks) if none. */
export function nextLevel(h: usize, side: i32, tick: i32): i32 {
  const words = load<usize>(h + (usize(side) << 3), H_WORDS);
  const sums = load<usize>(h + (usize(side) << 3), H_SUMMARY);
  const ticks = load<i32>(h, H_TICKS);
  if (side == 0) return tick <= 0 ? -1 : findBelow(words, sums, tick - 1);
  return tick >= ticks - 1 ? ticks : findAbove(words, sums, tick + 1, ticks);
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
