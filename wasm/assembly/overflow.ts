// Levels outside the window of an instrument without price limits. Their number is fixed at
// opening; a level is in use exactly while it holds orders. Called by ladder.ts and book.ts; only
// instruments with H_OVERFLOW above 0 come here. A side's levels in use are a sorted array of
// entries (8 bytes: tick int32, level address), the best one last: it comes and goes most, and then
// nothing moves. Always: both sides together use at most H_OVERFLOW levels.

import {
  H_OVERFLOW, H_OVERFLOW_AT, H_OVERFLOW_FREE, H_OVERFLOW_USED, LEVEL_BYTES, O_NEXT, O_PREV,
  emptyLevel,
} from "./layout";

const ENTRY_BYTES: usize = 8;

/** All levels of the instrument free. */
export function clearOverflow(h: usize): void {
  const levels = load<i32>(h, H_OVERFLOW);
  store<i32>(h, 0, H_OVERFLOW_USED);
  store<i32>(h, 0, H_OVERFLOW_USED + 4);
  store<usize>(h, 0, H_OVERFLOW_FREE);
  if (levels == 0) return;
  let level = load<usize>(h, H_OVERFLOW_AT) + usize(levels) * 2 * ENTRY_BYTES;
  memory.fill(level, 0, usize(levels) * LEVEL_BYTES);
  for (let i = 0; i < levels; i++, level += LEVEL_BYTES) {
    store<usize>(level, load<usize>(h, H_OVERFLOW_FREE), O_NEXT);
    store<usize>(h, level, H_OVERFLOW_FREE);
  }
}

/** Level of `code`, in use or not. */
export function overflowLevel(h: usize, code: i32): usize {
  const entry = entryOf(h, code & 1, placeOf(h, code & 1, code >> 1));
  return entry != 0 && load<i32>(entry) == code >> 1 ? load<usize>(entry, 4) : emptyLevel;
}

/** Whether an order could rest at `code`. */
export function hasOverflow(h: usize, code: i32): bool {
  return load<usize>(h, H_OVERFLOW_FREE) != 0 || overflowLevel(h, code) != emptyLevel;
}

/** Level of `code`, taken into use if it is not; 0: none free. The caller puts an order there. */
export function takeOverflow(h: usize, code: i32): usize {
  const side = code & 1;
  const place = placeOf(h, side, code >> 1);
  let entry = entryOf(h, side, place);
  if (entry != 0 && load<i32>(entry) == code >> 1) return load<usize>(entry, 4);
  const level = load<usize>(h, H_OVERFLOW_FREE);
  if (level == 0) return 0;
  store<usize>(h, load<usize>(level, O_NEXT), H_OVERFLOW_FREE);
  const used = usedOf(h, side);
  entry = sideAt(h, side) + usize(place) * ENTRY_BYTES;
  memory.copy(entry + ENTRY_BYTES, entry, usize(used - place) * ENTRY_BYTES);
  store<i32>(entry, code >> 1);
  store<usize>(entry, level, 4);
  setUsed(h, side, used + 1);
  store<usize>(level, level, O_NEXT);
  store<usize>(level, level, O_PREV);
  return level;
}

/** A level outside the window lost its last order. */
export function dropOverflow(h: usize, code: i32): void {
  const side = code & 1;
  const place = placeOf(h, side, code >> 1);
  const entry = sideAt(h, side) + usize(place) * ENTRY_BYTES;
  const level = load<usize>(entry, 4);
  const used = usedOf(h, side) - 1;
  memory.copy(entry, entry + ENTRY_BYTES, usize(used - place) * ENTRY_BYTES);
  setUsed(h, side, used);
  store<usize>(level, load<usize>(h, H_OVERFLOW_FREE), O_NEXT);
  store<usize>(h, level, H_OVERFLOW_FREE);
}

/** Best tick in use strictly worse than `tick`, or `none`. */
export function nextOverflow(h: usize, side: i32, tick: i32, none: i32): i32 {
  const entry = entryOf(h, side, placeOf(h, side, tick) - 1);
  return entry == 0 ? none : load<i32>(entry);
}

/** Number of entries that are worse than `tick`: where its own is or would be. */
function placeOf(h: usize, side: i32, tick: i32): i32 {
  const at = sideAt(h, side);
  let from = 0;
  let to = usedOf(h, side);
  while (from < to) {
    const middle = (from + to) >> 1;
    const other = load<i32>(at + usize(middle) * ENTRY_BYTES);
    if (side == 0 ? other < tick : other > tick) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Address of an entry in use, or 0. */
@inline
function entryOf(h: usize, side: i32, place: i32): usize {
  if (u32(place) >= u32(usedOf(h, side))) return 0;
  return sideAt(h, side) + usize(place) * ENTRY_BYTES;
}

@inline
function sideAt(h: usize, side: i32): usize {
  return load<usize>(h, H_OVERFLOW_AT) + usize(side * load<i32>(h, H_OVERFLOW)) * ENTRY_BYTES;
}

@inline
function usedOf(h: usize, side: i32): i32 {
  return load<i32>(h + (usize(side) << 2), H_OVERFLOW_USED);
}

@inline
function setUsed(h: usize, side: i32, used: i32): void {
  store<i32>(h + (usize(side) << 2), used, H_OVERFLOW_USED);
}
