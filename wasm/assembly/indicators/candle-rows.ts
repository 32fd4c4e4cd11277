// The last sixteen rows of the candlestick step that is running, and their shapes: colour, body,
// shadows, and what is usual for them. Called by candles.ts and candle-groups.ts.
// Always: rows count back, 0 is the last; at most the row 3 ago is measured against ten before it.

import { get, put } from "./layout";

const ROWS: i32 = 16;

let ring: usize = 0;
let now: i32 = 0;

/** The window and slot of the step that runs next. */
export function turnTo(window: usize, slot: i32): void {
  ring = window;
  now = slot;
}

/** Takes a row; its slot. */
export function takeRow(o: f64, h: f64, l: f64, c: f64): i32 {
  now = (now + 1) & (ROWS - 1);
  put(ring, now * 4, o);
  put(ring, now * 4 + 1, h);
  put(ring, now * 4 + 2, l);
  put(ring, now * 4 + 3, c);
  return now;
}

export function open(k: i32): f64 { return get(ring, ((now - k) & (ROWS - 1)) * 4); }
export function high(k: i32): f64 { return get(ring, ((now - k) & (ROWS - 1)) * 4 + 1); }
export function low(k: i32): f64 { return get(ring, ((now - k) & (ROWS - 1)) * 4 + 2); }
export function close(k: i32): f64 { return get(ring, ((now - k) & (ROWS - 1)) * 4 + 3); }
export function color(k: i32): i32 { return close(k) >= open(k) ? 1 : -1; }
export function top(k: i32): f64 { return max(open(k), close(k)); }
export function bottom(k: i32): f64 { return min(open(k), close(k)); }
export function body(k: i32): f64 { return abs(close(k) - open(k)); }
export function upper(k: i32): f64 { return high(k) - top(k); }
export function lower(k: i32): f64 { return bottom(k) - low(k); }

/** Mean body of the ten rows before the row k ago: longer is long, shorter is short. */
export function usualBody(k: i32): f64 {
  let sum = 0.0;
  for (let j = 10; j >= 1; j--) sum += body(k + j);
  return sum / 10;
}

/** `share` of the mean range of the `count` rows before the row k ago. */
export function range(k: i32, count: i32, share: f64): f64 {
  let sum = 0.0;
  for (let j = count; j >= 1; j--) sum += high(k + j) - low(k + j);
  return (sum / f64(count)) * share;
}

export function isLong(k: i32): bool { return body(k) > usualBody(k); }
export function isDoji(k: i32): bool { return body(k) <= range(k, 10, 0.1); }
/** A shadow below this is hardly there. */
export function hairline(k: i32): f64 { return range(k, 10, 0.1); }
export function near(k: i32): f64 { return range(k, 5, 0.2); }
export function far(k: i32): f64 { return range(k, 5, 0.6); }
