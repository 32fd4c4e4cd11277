// Streaming indicators: simple and exponential moving average, volume-weighted average price. State
// lies in module memory behind a handle. Exported through index.ts. The batch forms run the same
// step over a memory area, so their results are the same bit for bit.
// Always: NaN means "not yet" or "not a number given"; a value that is not finite changes nothing.

// SMA adds and never subtracts, so it cannot drift: the window is cut in blocks of n. When a block
// is full it is turned into its suffix sums in place; from then on the window's sum is
// (running sum of the new block) + (suffix sum of the old block behind the slot just replaced).
// Amortised O(1), O(n) once every n values. EMA is seeded with the mean of its first n values, as
// TA-Lib does. VWAP keeps two plain sums: exact while they are integers below 2^53.
//
// State (64 bytes): 0 kind i32  4 period i32  8 count i32  12 position i32  16 window address
//                   24 a f64 (running sum, EMA, amount)  32 b f64 (smoothing factor, quantity)

import {
  BAD_COUNT, BAD_HANDLE, BAD_PERIOD, INDICATOR_BATCH_CAPACITY, INDICATOR_PERIOD_MAX,
  INDICATORS_FULL, NOT_INITIALIZED, OK,
} from "./codes";
import {
  INDICATOR_BYTES, indicatorBase, indicatorCapacity, inputBase, instrumentCount, windowBase,
  windowCapacity,
} from "./layout";

const SMA: i32 = 1;
const EMA: i32 = 2;
const VWAP: i32 = 3;

const I_PERIOD: usize = 4;
const I_COUNT: usize = 8;
const I_POSITION: usize = 12;
const I_WINDOW: usize = 16;
const I_A: usize = 24;
const I_B: usize = 32;

let handles: i32 = 0;
let windowValues: i32 = 0;

export function smaOpen(n: i32): i32 {
  if (instrumentCount == 0) return NOT_INITIALIZED;
  if (n <= 0 || n > INDICATOR_PERIOD_MAX) return BAD_PERIOD;
  if (n > windowCapacity - windowValues) return INDICATORS_FULL;
  const handle = open(SMA, n);
  if (handle < 0) return handle;
  store<usize>(stateAt(handle), windowBase + (usize(windowValues) << 3), I_WINDOW);
  windowValues += n;
  return handle;
}

export function emaOpen(n: i32): i32 {
  if (instrumentCount == 0) return NOT_INITIALIZED;
  if (n <= 0 || n > INDICATOR_PERIOD_MAX) return BAD_PERIOD;
  const handle = open(EMA, n);
  if (handle >= 0) store<f64>(stateAt(handle), 2.0 / (f64(n) + 1.0), I_B);
  return handle;
}

export function vwapOpen(): i32 {
  return instrumentCount == 0 ? NOT_INITIALIZED : open(VWAP, 1);
}

export function smaNext(handle: i32, value: f64): f64 {
  const s = stateOf(handle, SMA);
  return s == 0 ? NaN : smaStep(s, value);
}

export function emaNext(handle: i32, value: f64): f64 {
  const s = stateOf(handle, EMA);
  return s == 0 ? NaN : emaStep(s, value);
}

export function vwapNext(handle: i32, price: f64, qty: f64): f64 {
  const s = stateOf(handle, VWAP);
  return s == 0 ? NaN : vwapStep(s, price, qty);
}

/** Runs `count` values from input area 0 into area 2 (VWAP: prices 0, quantities 1). */
export function smaBatch(handle: i32, count: i32): i32 {
  const s = stateOf(handle, SMA);
  if (s == 0) return BAD_HANDLE;
  if (count < 0 || count > INDICATOR_BATCH_CAPACITY) return BAD_COUNT;
  for (let i = 0; i < count; i++) store<f64>(area(2, i), smaStep(s, load<f64>(area(0, i))));
  return count;
}

export function emaBatch(handle: i32, count: i32): i32 {
  const s = stateOf(handle, EMA);
  if (s == 0) return BAD_HANDLE;
  if (count < 0 || count > INDICATOR_BATCH_CAPACITY) return BAD_COUNT;
  for (let i = 0; i < count; i++) store<f64>(area(2, i), emaStep(s, load<f64>(area(0, i))));
  return count;
}

export function vwapBatch(handle: i32, count: i32): i32 {
  const s = stateOf(handle, VWAP);
  if (s == 0) return BAD_HANDLE;
  if (count < 0 || count > INDICATOR_BATCH_CAPACITY) return BAD_COUNT;
  for (let i = 0; i < count; i++) {
    store<f64>(area(2, i), vwapStep(s, load<f64>(area(0, i)), load<f64>(area(1, i))));
  }
  return count;
}

/** Forgets every value; kind and period stay. */
export function indicatorReset(handle: i32): i32 {
  if (u32(handle) >= u32(handles)) return BAD_HANDLE;
  const s = stateAt(handle);
  store<i32>(s, 0, I_COUNT);
  store<i32>(s, 0, I_POSITION);
  store<f64>(s, 0, I_A);
  if (load<i32>(s) == VWAP) store<f64>(s, 0, I_B);
  return OK;
}

/** Takes all handles and windows back; the next one opened is the first. */
export function closeIndicators(): void {
  memory.fill(indicatorBase, 0, usize(handles) * INDICATOR_BYTES);
  handles = 0;
  windowValues = 0;
}

@inline
function smaStep(s: usize, value: f64): f64 {
  if (!isFinite(value)) return NaN;
  const n = load<i32>(s, I_PERIOD);
  const window = load<usize>(s, I_WINDOW);
  const position = load<i32>(s, I_POSITION);
  const full = load<i32>(s, I_COUNT) + position + 1 >= n;
  const sum = load<f64>(s, I_A) + value;
  store<f64>(window + (usize(position) << 3), value);
  if (position + 1 == n) {
    sumBehind(window, n);
    store<f64>(s, 0, I_A);
    store<i32>(s, 0, I_POSITION);
    store<i32>(s, n, I_COUNT);
    return sum / f64(n);
  }
  store<f64>(s, sum, I_A);
  store<i32>(s, position + 1, I_POSITION);
  if (!full) return NaN;
  return (sum + load<f64>(window + (usize(position + 1) << 3))) / f64(n);
}

/** window[i] becomes window[i] + ... + window[n - 1]. */
function sumBehind(window: usize, n: i32): void {
  let sum = 0.0;
  for (let i = n - 1; i >= 0; i--) {
    const at = window + (usize(i) << 3);
    sum += load<f64>(at);
    store<f64>(at, sum);
  }
}

@inline
function emaStep(s: usize, value: f64): f64 {
  if (!isFinite(value)) return NaN;
  const n = load<i32>(s, I_PERIOD);
  const count = load<i32>(s, I_COUNT);
  const a = load<f64>(s, I_A);
  if (count < n) {
    const sum = a + value;
    store<i32>(s, count + 1, I_COUNT);
    store<f64>(s, count + 1 == n ? sum / f64(n) : sum, I_A);
    return count + 1 == n ? sum / f64(n) : NaN;
  }
  const next = (value - a) * load<f64>(s, I_B) + a;
  store<f64>(s, next, I_A);
  return next;
}

@inline
function vwapStep(s: usize, price: f64, qty: f64): f64 {
  if (!isFinite(price) || !isFinite(qty) || qty < 0) return NaN;
  const amount = load<f64>(s, I_A) + price * qty;
  const total = load<f64>(s, I_B) + qty;
  store<f64>(s, amount, I_A);
  store<f64>(s, total, I_B);
  return total > 0 ? amount / total : NaN;
}

function open(kind: i32, period: i32): i32 {
  if (handles == indicatorCapacity) return INDICATORS_FULL;
  const s = stateAt(handles);
  store<i32>(s, kind);
  store<i32>(s, period, I_PERIOD);
  return handles++;
}

@inline
function stateAt(handle: i32): usize {
  return indicatorBase + usize(handle) * INDICATOR_BYTES;
}

@inline
function stateOf(handle: i32, kind: i32): usize {
  if (u32(handle) >= u32(handles)) return 0;
  const s = stateAt(handle);
  return load<i32>(s) == kind ? s : 0;
}

@inline
function area(index: i32, i: i32): usize {
  return inputBase + (usize(index * INDICATOR_BATCH_CAPACITY + i) << 3);
}
