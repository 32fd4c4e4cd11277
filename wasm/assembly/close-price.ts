// The closing price where the closing call made no trade: the average of the trades in the last
// minute before the last trade, that trade included, weighted by volume (SSE, SZSE; rules sheet
// 6.4). Called by exchange.ts and session.ts. An instrument keeps a list of the moments with
// trades in its last minute; the entries of all instruments come from one pool.
// Always: entries are in time order and span at most a minute; a pool that runs out adds the
// trade to the latest entry, so the average then covers slightly more than the minute.
//
// Entry (32 bytes): 0 time f64  8 amount i64 (E4)  16 quantity i64  24 next entry

import { MINUTE_BYTES, minuteBase, minuteEnd } from "./layout";
import { R_MINUTE_FIRST, R_MINUTE_LAST } from "./record";

const MINUTE_NS: f64 = 60_000_000_000;
const M_AMOUNT: usize = 8;
const M_QTY: usize = 16;
const M_NEXT: usize = 24;

let clockNs: f64 = 0;
let freeEntry: usize = 0;
let freshEntry: usize = 0;

/** See ExchangeKernel.setClock. */
export function setClock(timeNs: f64): void {
  clockNs = timeNs;
}

/** Trades of this moment. */
export function noteMinute(r: usize, amount: i64, qty: i64): void {
  let last = load<usize>(r, R_MINUTE_LAST);
  if (last == 0 || load<f64>(last) < clockNs) {
    dropBefore(r, clockNs - MINUTE_NS);
    const entry = takeEntry();
    if (entry != 0) append(r, entry);
    last = load<usize>(r, R_MINUTE_LAST);
    if (last == 0) return;
  }
  store<i64>(last, load<i64>(last, M_AMOUNT) + amount, M_AMOUNT);
  store<i64>(last, load<i64>(last, M_QTY) + qty, M_QTY);
}

/** The average, half up to the tick; 0 without a trade. */
export function minuteAverage(r: usize, tickE4: i32): i32 {
  let amount: i64 = 0;
  let qty: i64 = 0;
  for (let m = load<usize>(r, R_MINUTE_FIRST); m != 0; m = load<usize>(m, M_NEXT)) {
    amount += load<i64>(m, M_AMOUNT);
    qty += load<i64>(m, M_QTY);
  }
  if (qty == 0) return 0;
  const unit = qty * i64(tickE4);
  return i32((2 * amount + unit) / (2 * unit)) * tickE4;
}

/** Gives the entries of an instrument back. */
export function forgetMinute(r: usize): void {
  dropBefore(r, Infinity);
}

function dropBefore(r: usize, timeNs: f64): void {
  let first = load<usize>(r, R_MINUTE_FIRST);
  while (first != 0 && load<f64>(first) < timeNs) {
    const next = load<usize>(first, M_NEXT);
    store<usize>(first, freeEntry, M_NEXT);
    freeEntry = first;
    first = next;
  }
  store<usize>(r, first, R_MINUTE_FIRST);
  if (first == 0) store<usize>(r, 0, R_MINUTE_LAST);
}

function takeEntry(): usize {
  const entry = freeEntry;
  if (entry != 0) {
    freeEntry = load<usize>(entry, M_NEXT);
    return entry;
  }
  if (freshEntry == 0) freshEntry = minuteBase;
  if (freshEntry == minuteEnd) return 0;
  freshEntry += MINUTE_BYTES;
  return freshEntry - MINUTE_BYTES;
}

function append(r: usize, entry: usize): void {
  store<f64>(entry, clockNs);
  store<i64>(entry, 0, M_AMOUNT);
  store<i64>(entry, 0, M_QTY);
  store<usize>(entry, 0, M_NEXT);
  const last = load<usize>(r, R_MINUTE_LAST);
  if (last == 0) store<usize>(r, entry, R_MINUTE_FIRST);
  else store<usize>(last, entry, M_NEXT);
  store<usize>(r, entry, R_MINUTE_LAST);
}
