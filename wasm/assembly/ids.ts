// Finds a resting order by (instrument, order id): one open-addressing table per module, linear
// probing, at most half full. Called by book.ts, match.ts, views.ts, batch.ts. Always: exactly one
// cell per resting order; deletion shifts the cells behind it back, so there are no tombstones and
// a probe never gets longer with age. The home cell is the top bits of a Fibonacci hash, which
// spreads ids in sequence (a feed's numbering) more evenly than chance would.

import { cellBase, cellMask, cellShift, O_HASH, O_ID, O_INSTR } from "./layout";

@inline
export function hashOf(instr: i32, id: i32): u32 {
  const key = (u64(u32(instr)) << 32) | u64(u32(id));
  return u32((key * 0x9e3779b97f4a7c15) >>> 32);
}

/** Address of the cell that holds the order, or of the empty cell where it would go. */
@inline
export function findCell(hash: u32, instr: i32, id: i32): usize {
  let index = hash >>> cellShift;
  while (true) {
    const cell = cellBase + (usize(index) << 3);
    const slot = load<usize>(cell, 4);
    if (slot == 0) return cell;
    if (load<u32>(cell) == hash && load<i32>(slot, O_ID) == id
      && load<i32>(slot, O_INSTR) == instr) return cell;
    index = (index + 1) & cellMask;
  }
}

/** Slot that probably holds the order, by hash alone, or 0: only good for fetching it early. */
@inline
export function guessSlot(hash: u32): usize {
  let index = hash >>> cellShift;
  while (true) {
    const cell = load<u64>(cellBase + (usize(index) << 3));
    if (cell >>> 32 == 0 || u32(cell) == hash) return usize(cell >>> 32);
    index = (index + 1) & cellMask;
  }
}

@inline
export function fillCell(cell: usize, hash: u32, slot: usize): void {
  store<u32>(cell, hash);
  store<usize>(cell, slot, 4);
}

/** Empties the cell of an order that is known to be in the table. */
export function removeSlot(slot: usize): void {
  let index = load<u32>(slot, O_HASH) >>> cellShift;
  while (load<usize>(cellBase + (usize(index) << 3), 4) != slot) index = (index + 1) & cellMask;
  removeAt(index);
}

/** Empties a cell; cells behind it whose probe passed over it move up. */
@inline
export function removeCell(cell: usize): void {
  removeAt(u32((cell - cellBase) >>> 3));
}

@inline
function removeAt(hole: u32): void {
  let next = hole;
  while (true) {
    next = (next + 1) & cellMask;
    const moved = load<u64>(cellBase + (usize(next) << 3));
    if (moved >>> 32 == 0) break;
    const home = u32(moved) >>> cellShift;
    if (((next - home) & cellMask) >= ((next - hole) & cellMask)) {
      store<u64>(cellBase + (usize(hole) << 3), moved);
      hole = next;
    }
  }
  store<u64>(cellBase + (usize(hole) << 3), 0);
}
