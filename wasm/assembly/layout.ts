// The module's memory: who lies where, and the pools that instruments draw from. Called once by
// init(); afterwards memory never grows and every address below is constant. All sizes in bytes.

//   static: status, empty level
//   heap base
//   | commands | trades | depth | queue | indicator areas | states | windows |
//   | instruments: headers 128 | records 256 | minutes 32 | bitmaps | levels 24 | slots 32 |
//   | heads 4 |
//
// Instrument header            Level (both sides of a tick adjoin)   Order slot
//   0 state   4 tickE4           0 quantity i64                        0 id       4 instr
//   8 price of tick 0            8 orders                              8 tick<<1 | side bit
//  12 highest price             12 spare                              12 qty left
//  16 tick after the last       16 first (next)  20 last (prev)       16 next    20 prev
//  20 level pair of tick 0                                            24 chain   28 level
//  24 bid words  28 bid summary  32 ask words  36 ask summary
//  40 best bid   44 best ask (tick; -1 and the tick after the last mean none)
//  48 free slot  52 next fresh slot  56 slot end  60 live orders  64 quota
//  68 reserved ticks  72 reserved quota  76 first slot
//  80 first tick of the window  84 ticks of the window  88 first level
//  92.. overflow, see overflow.ts  116 highest less lowest price  120 2^32 / tick, u64
// Links are addresses. A level and its orders form a ring: the level stands before its first and
// behind its last order, with the links at the same offsets, so unlinking needs no case. Ticks
// count from the window's lowest price; where overflow levels were opened, from price 0. The level
// pair of tick 0 may then lie far below the window's memory: addresses count modulo 2^32.

import {
  ALREADY_INITIALIZED, BAD_SIZE, COMMAND_CAPACITY, DEPTH_CAPACITY, INDICATOR_BATCH_CAPACITY,
  INDICATOR_CAPACITY, INDICATOR_WINDOW_VALUES, INDICATORS_EACH, INSTRUMENTS_MAX, LEVELS_MAX,
  NO_MEMORY, OK, ORDERS_MAX, QUEUE_CAPACITY, QUOTA_MAX, WINDOW_VALUES_EACH, WINDOW_VALUES_MAX,
} from "./codes";

export const H_STATE: usize = 0;
export const H_TICK: usize = 4;
export const H_LO: usize = 8;
export const H_HI: usize = 12;
export const H_TICKS: usize = 16;
export const H_LEVELS: usize = 20;
export const H_WORDS: usize = 24;
export const H_SUMMARY: usize = 28;
export const H_BEST_BID: usize = 40;
export const H_BEST_ASK: usize = 44;
export const H_FREE: usize = 48;
export const H_FRESH: usize = 52;
export const H_SLOT_END: usize = 56;
export const H_LIVE: usize = 60;
export const H_QUOTA: usize = 64;
export const H_RESERVED_TICKS: usize = 68;
export const H_RESERVED_QUOTA: usize = 72;
export const H_FIRST_SLOT: usize = 76;
export const H_BASE: usize = 80;
export const H_WINDOW: usize = 84;
export const H_FIRST_LEVEL: usize = 88;
/** Overflow levels of the instrument; 0: prices outside the window are refused. */
export const H_OVERFLOW: usize = 92;
export const H_OVERFLOW_FREE: usize = 96;
/** Levels in use, one count a side. */
export const H_OVERFLOW_USED: usize = 100;
export const H_OVERFLOW_RESERVED: usize = 108;
/** Memory of the overflow levels: their entries, bids then asks, then the levels. */
export const H_OVERFLOW_AT: usize = 112;
/** Highest less lowest price. */
export const H_SPAN: usize = 116;
/** 2^32 divided by the tick, to the nearest, u64. */
export const H_RECIPROCAL: usize = 120;
export const HEADER_BYTES: usize = 128;

export const L_QTY: usize = 0;
export const L_ORDERS: usize = 8;
export const LEVEL_BYTES: usize = 24;

export const O_ID: usize = 0;
export const O_INSTR: usize = 4;
export const O_CODE: usize = 8;
export const O_QTY: usize = 12;
/** Also a level's first order. */
export const O_NEXT: usize = 16;
/** Also a level's last order. */
export const O_PREV: usize = 20;
/** Next slot with the same home in the id table; 0: none. */
export const O_CHAIN: usize = 24;
export const O_LEVEL: usize = 28;
export const SLOT_BYTES: usize = 32;

/** One instrument's rules of the day and its state of the session; fields in record.ts. */
export const RECORD_BYTES: usize = 256;
/** One moment with trades, in the list that close-price.ts keeps. */
export const MINUTE_BYTES: usize = 32;
export const COMMAND_BYTES: usize = 32;
export const TRADE_BYTES: usize = 20;
export const ROW_BYTES: usize = 16;
export const INDICATOR_BYTES: usize = 64;

// Status area: what the last call left for the caller.
export const S_TRADES: usize = 0;
export const S_RESTED_QTY: usize = 4;
export const S_RESTED_PRICE: usize = 8;
export const S_KILLED_QTY: usize = 12;
export const S_BID_LEVELS: usize = 16;
export const S_ASK_LEVELS: usize = 20;
export const S_AUCTION_QTY: usize = 24;
export const S_AUCTION_IMBALANCE: usize = 32;

/** One module stays below 3.5 GiB; more instruments go to further modules. */
const MODULE_BYTES_MAX: u64 = 3584 * 1024 * 1024;
const PAGE_BYTES: u64 = 65536;

export let instrumentCount: i32 = 0;
export const statusBase: usize = memory.data(64, 64);
/** The level of every tick outside the window that has no overflow level: always empty. */
export const emptyLevel: usize = memory.data(32, 32);
export let commandBase: usize = 0;
export let tradeBase: usize = 0;
export let tradeEnd: usize = 0;
export let depthBase: usize = 0;
export let queueBase: usize = 0;
export let inputBase: usize = 0;
export let indicatorBase: usize = 0;
export let windowBase: usize = 0;
/** Indicators of the module, and values in all their windows. */
export let indicatorCapacity: i32 = 0;
export let windowCapacity: i32 = 0;
export let headerBase: usize = 0;
export let recordBase: usize = 0;
export let minuteBase: usize = 0;
export let minuteEnd: usize = 0;
export let headsBase: usize = 0;
export let headsMask: u32 = 0;
export let headsBits: u32 = 0;
export let headsShift: u32 = 0;

let bitmapBase: usize = 0;
let bitmapNext: usize = 0;
let bitmapEnd: usize = 0;
let levelBase: usize = 0;
let levelNext: usize = 0;
let levelEnd: usize = 0;
let slotBase: usize = 0;
let slotNext: usize = 0;
let slotEnd: usize = 0;
let cursor: u64 = 0;

/** Lays out and touches all memory. Refusals: ALREADY_INITIALIZED, BAD_SIZE, NO_MEMORY. */
export function init(maxInstruments: i32, maxOrders: i32, maxLevels: i32): i32 {
  if (instrumentCount > 0) return ALREADY_INITIALIZED;
  if (maxInstruments <= 0 || maxInstruments > INSTRUMENTS_MAX) return BAD_SIZE;
  if (maxOrders <= 0 || maxOrders > ORDERS_MAX) return BAD_SIZE;
  if (maxLevels <= 0 || maxLevels > LEVELS_MAX) return BAD_SIZE;
  const base = (u64(__heap_base) + 63) & ~u64(63);
  cursor = base;
  const commands = place(u64(COMMAND_CAPACITY) * COMMAND_BYTES);
  // One call makes at most QUOTA_MAX trades; 65,536 more let a batch run well past each of them.
  const trades = u64(min(maxOrders, QUOTA_MAX)) + 65536;
  const trade = place(trades * TRADE_BYTES);
  const depth = place(u64(DEPTH_CAPACITY) * ROW_BYTES * 2);
  const queue = place(u64(QUEUE_CAPACITY) * 8);
  const input = place(u64(INDICATOR_BATCH_CAPACITY) * 8 * 3);
  const indicators = max(INDICATOR_CAPACITY, maxInstruments * INDICATORS_EACH);
  const values = max(INDICATOR_WINDOW_VALUES, maxInstruments * WINDOW_VALUES_EACH);
  const windows = min(values, WINDOW_VALUES_MAX);
  const indicator = place(u64(indicators) * INDICATOR_BYTES);
  const window = place(u64(windows) * 8);
  const header = place(u64(maxInstruments) * HEADER_BYTES);
  const records = place(u64(maxInstruments) * RECORD_BYTES);
  const minutes = place(minuteEntries(maxOrders) * MINUTE_BYTES);
  const bitmap = place(bitmapBytes(maxInstruments, maxLevels));
  const level = place(u64(maxLevels) * 2 * LEVEL_BYTES);
  const slot = place(u64(maxOrders) * SLOT_BYTES);
  const heads = tableHeads(maxOrders);
  const head = place(heads * 4);
  if (cursor > MODULE_BYTES_MAX) return NO_MEMORY;
  const pages = i32((cursor + PAGE_BYTES - 1) / PAGE_BYTES) - memory.size();
  if (pages > 0 && memory.grow(pages) < 0) return NO_MEMORY;
  memory.fill(usize(base), 0, usize(cursor - base));
  commandBase = commands; tradeBase = trade;
  tradeEnd = trade + usize(trades) * TRADE_BYTES;
  depthBase = depth; queueBase = queue; inputBase = input;
  indicatorBase = indicator; windowBase = window;
  indicatorCapacity = indicators; windowCapacity = windows;
  headerBase = header; recordBase = records;
  minuteBase = minutes; minuteEnd = minutes + usize(minuteEntries(maxOrders)) * MINUTE_BYTES;
  bitmapBase = bitmap; bitmapEnd = level;
  levelBase = level; levelEnd = slot;
  slotBase = slot; slotEnd = slot + usize(maxOrders) * SLOT_BYTES;
  headsBase = head; headsMask = u32(heads) - 1; headsBits = u32(ctz(heads));
  headsShift = 32 - headsBits;
  store<usize>(emptyLevel, emptyLevel, O_NEXT);
  store<usize>(emptyLevel, emptyLevel, O_PREV);
  instrumentCount = maxInstruments;
  freePools();
  return OK;
}

/** Gives every level, bitmap word and slot back. The caller has closed all instruments. */
export function freePools(): void {
  bitmapNext = bitmapBase; levelNext = levelBase; slotNext = slotBase;
}

/** Zeroes the id table: correct only when no order rests anywhere. */
export function clearTable(): void {
  memory.fill(headsBase, 0, (usize(headsMask) + 1) * 4);
}

/** Address of `ticks` level pairs, or 0 when fewer are left. */
export function takeLevels(ticks: i32): usize {
  const bytes = usize(ticks) * 2 * LEVEL_BYTES;
  if (bytes > levelEnd - levelNext) return 0;
  const at = levelNext;
  levelNext += bytes;
  return at;
}

/** Address of the four bitmaps of a window, or 0 when memory for them is short. */
export function takeBitmaps(ticks: i32): usize {
  const bytes = (wordBytes(ticks) + summaryBytes(ticks)) * 2;
  if (bytes > bitmapEnd - bitmapNext) return 0;
  const at = bitmapNext;
  bitmapNext += bytes;
  return at;
}

/** Address of `quota` order slots, or 0 when fewer are left. */
export function takeSlots(quota: i32): usize {
  const bytes = usize(quota) * SLOT_BYTES;
  if (bytes > slotEnd - slotNext) return 0;
  const at = slotNext;
  slotNext += bytes;
  return at;
}

export function levelsLeft(): i32 {
  return i32((levelEnd - levelNext) / (2 * LEVEL_BYTES));
}

export function slotsLeft(): i32 {
  return i32((slotEnd - slotNext) / SLOT_BYTES);
}

/** One bit a tick. */
export function wordBytes(ticks: i32): usize {
  return usize((ticks + 63) >> 6) * 8;
}

/** One bit a word of the bitmap. */
export function summaryBytes(ticks: i32): usize {
  return usize((ticks + 4095) >> 12) * 8;
}

function place(bytes: u64): usize {
  const at = cursor;
  cursor = (cursor + bytes + 63) & ~u64(63);
  return usize(at);
}

/** Moments with trades within a minute, of all instruments: a busy market has below a million. */
function minuteEntries(maxOrders: i32): u64 {
  return u64(min(max(maxOrders, 4_096), 1_048_576));
}

/** Both sides; every instrument may round its words and its summary up by one. */
function bitmapBytes(maxInstruments: i32, maxLevels: i32): u64 {
  const words = u64(maxLevels) / 64 + u64(maxInstruments);
  const summaries = u64(maxLevels) / 4096 + u64(maxInstruments);
  return (words + summaries) * 8 * 2;
}

/** A power of two, at least four heads an order: ids that wrap around it seldom meet. */
function tableHeads(maxOrders: i32): u64 {
  let heads: u64 = 64;
  while (heads < u64(maxOrders) * 4) heads <<= 1;
  return heads;
}
