// Reading a book: best prices, depth, one level and its queue, one order's place, the checksum.
// Exported through index.ts. Always: no view changes a book. Rows that were asked for and are not
// there read 0. A depth row is 16 bytes: priceE4 int32, orders int32, quantity float64; bid rows
// first, ask rows DEPTH_CAPACITY rows further on.

import {
  BAD_COUNT, BAD_SIDE, DEPTH_CAPACITY, QUEUE_CAPACITY, UNKNOWN_INSTRUMENT, UNKNOWN_ORDER,
} from "./codes";
import { findSlot } from "./ids";
import { bestOf, headerOf, isSide, levelOf, nextLevel, priceOf, tickOf } from "./ladder";
import {
  depthBase, H_BEST_ASK, H_BEST_BID, H_LIVE, H_TICKS, L_ORDERS, L_QTY, O_ID, O_LEVEL, O_NEXT,
  O_PREV, O_QTY, queueBase, ROW_BYTES, S_ASK_LEVELS, S_BID_LEVELS, statusBase,
} from "./layout";

const ASK_ROWS: usize = usize(DEPTH_CAPACITY) * ROW_BYTES;

export function bestBid(instr: i32): i32 {
  const h = headerOf(instr);
  if (h == 0) return UNKNOWN_INSTRUMENT;
  const tick = load<i32>(h, H_BEST_BID);
  return tick < 0 ? 0 : priceOf(h, tick);
}

export function bestAsk(instr: i32): i32 {
  const h = headerOf(instr);
  if (h == 0) return UNKNOWN_INSTRUMENT;
  const tick = load<i32>(h, H_BEST_ASK);
  return tick == load<i32>(h, H_TICKS) ? 0 : priceOf(h, tick);
}

/** Rows that the last depth() may have filled on either side. */
let filledRows: i32 = 0;

/** See BookKernel.depth. O(levels). */
export function depth(instr: i32, levels: i32): i32 {
  const h = headerOf(instr);
  if (h == 0) return endDepth(0, 0, UNKNOWN_INSTRUMENT);
  if (levels <= 0 || levels > DEPTH_CAPACITY) return endDepth(0, 0, BAD_COUNT);
  const bids = writeRows(h, 0, bestOf(h, 0), depthBase, levels);
  const asks = writeRows(h, 1, bestOf(h, 1), depthBase + ASK_ROWS, levels);
  return endDepth(bids, asks, max(bids, asks));
}

/** Rows of an earlier answer must not be taken for this one's: they read 0. */
function endDepth(bids: i32, asks: i32, result: i32): i32 {
  zeroRows(depthBase, bids, filledRows);
  zeroRows(depthBase + ASK_ROWS, asks, filledRows);
  filledRows = max(bids, asks);
  store<i32>(statusBase, bids, S_BID_LEVELS);
  store<i32>(statusBase, asks, S_ASK_LEVELS);
  return result;
}

export function orderQty(instr: i32, id: i32): i32 {
  const slot = slotOf(instr, id);
  if (slot == 0) return headerOf(instr) == 0 ? UNKNOWN_INSTRUMENT : UNKNOWN_ORDER;
  return load<i32>(slot, O_QTY);
}

/** See BookKernel.queueAhead. O(orders ahead). */
export function queueAhead(instr: i32, id: i32): f64 {
  let slot = slotOf(instr, id);
  if (slot == 0) return f64(headerOf(instr) == 0 ? UNKNOWN_INSTRUMENT : UNKNOWN_ORDER);
  let ahead: i64 = 0;
  const level = load<usize>(slot, O_LEVEL);
  slot = load<usize>(slot, O_PREV);
  while (slot != level) {
    ahead += i64(load<i32>(slot, O_QTY));
    slot = load<usize>(slot, O_PREV);
  }
  return f64(ahead);
}

export function levelQty(instr: i32, side: i32, priceE4: i32): f64 {
  const h = headerOf(instr);
  if (h == 0) return f64(UNKNOWN_INSTRUMENT);
  if (!isSide(side)) return f64(BAD_SIDE);
  const tick = tickOf(h, priceE4);
  if (tick < 0) return f64(tick);
  return f64(load<i64>(levelOf(h, (tick << 1) | (side - 1)), L_QTY));
}

/** See BookKernel.queue: pairs of int32 (id, qty). O(limit). */
export function queue(instr: i32, side: i32, priceE4: i32, limit: i32): i32 {
  const h = headerOf(instr);
  if (h == 0) return UNKNOWN_INSTRUMENT;
  if (!isSide(side)) return BAD_SIDE;
  if (limit <= 0 || limit > QUEUE_CAPACITY) return BAD_COUNT;
  const tick = tickOf(h, priceE4);
  if (tick < 0) return tick;
  const level = levelOf(h, (tick << 1) | (side - 1));
  let slot = load<usize>(level, O_NEXT);
  let count = 0;
  while (slot != level && count < limit) {
    const at = queueBase + (usize(count) << 3);
    store<i32>(at, load<i32>(slot, O_ID));
    store<i32>(at, load<i32>(slot, O_QTY), 4);
    slot = load<usize>(slot, O_NEXT);
    count++;
  }
  return count;
}

export function orderCount(instr: i32): i32 {
  const h = headerOf(instr);
  return h == 0 ? UNKNOWN_INSTRUMENT : load<i32>(h, H_LIVE);
}

/** See BookKernel.checksum: FNV-like over (side, priceE4, id, qty) of every resting order. */
export function checksum(instr: i32): i32 {
  const h = headerOf(instr);
  if (h == 0) return 0;
  let sum: u32 = 0x811c9dc5;
  for (let side = 0; side < 2; side++) {
    let tick = bestOf(h, side);
    while (tick >= 0 && tick < load<i32>(h, H_TICKS)) {
      const level = levelOf(h, (tick << 1) | side);
      let slot = load<usize>(level, O_NEXT);
      while (slot != level) {
        sum = mix(mix(sum, u32(side + 1)), u32(priceOf(h, tick)));
        sum = mix(mix(sum, load<u32>(slot, O_ID)), load<u32>(slot, O_QTY));
        slot = load<usize>(slot, O_NEXT);
      }
      tick = nextLevel(h, side, tick);
    }
  }
  return i32(sum);
}

@inline
function mix(sum: u32, word: u32): u32 {
  const x = (sum ^ word) * 0x01000193;
  return x ^ (x >>> 15);
}

@inline
function slotOf(instr: i32, id: i32): usize {
  if (headerOf(instr) == 0) return 0;
  return findSlot(instr, id);
}

function writeRows(h: usize, side: i32, best: i32, base: usize, levels: i32): i32 {
  const ticks = load<i32>(h, H_TICKS);
  let tick = best;
  let row = 0;
  while (row < levels && tick >= 0 && tick < ticks) {
    const level = levelOf(h, (tick << 1) | side);
    const at = base + usize(row) * ROW_BYTES;
    store<i32>(at, priceOf(h, tick));
    store<i32>(at, load<i32>(level, L_ORDERS), 4);
    store<f64>(at, f64(load<i64>(level, L_QTY)), 8);
    tick = nextLevel(h, side, tick);
    row++;
  }
  return row;
}

function zeroRows(base: usize, from: i32, to: i32): void {
  if (from < to) memory.fill(base + usize(from) * ROW_BYTES, 0, usize(to - from) * ROW_BYTES);
}
