// Candlestick patterns with TA-Lib's rules and settings: what is long, short or near is measured
// against the ten (near, far: five) rows before the candle in question. Called by run.ts; columns
// open, high, low, close. The window is a ring of 16 rows.
// Always: 0, or 100 (bullish), -100 (bearish), 80 and -80 for a weaker form; empty while warming up.

import {
  get, put, S_A, S_B, S_C, S_COUNT, S_D, S_M, S_O, S_P, S_POS, S_U, S_W,
} from "./layout";
import { twoRows, threeRows } from "./candle-groups";

const ROWS: i32 = 16;

let ring: usize = 0;
let now: i32 = 0;

/** m = the pattern, u = rows it needs before it answers, p = how far the last body reaches back. */
export function candle(s: usize, rows: i32): void {
  ring = <usize>load<u32>(s, S_W);
  let count = load<i32>(s, S_COUNT);
  now = load<i32>(s, S_POS);
  const pattern = load<i32>(s, S_M);
  const needed = load<i32>(s, S_U);
  const p = load<f64>(s, S_P);
  for (let i = 0; i < rows; i++) {
    now = (now + 1) & (ROWS - 1);
    put(ring, now * 4, get(<usize>load<u32>(s, S_A), i));
    put(ring, now * 4 + 1, get(<usize>load<u32>(s, S_B), i));
    put(ring, now * 4 + 2, get(<usize>load<u32>(s, S_C), i));
    put(ring, now * 4 + 3, get(<usize>load<u32>(s, S_D), i));
    if (count <= needed) count++;
    put(<usize>load<u32>(s, S_O), i, count > needed ? f64(judge(pattern, p)) : NaN);
  }
  store<i32>(s, count, S_COUNT);
  store<i32>(s, now, S_POS);
}

// Of the row k rows ago.

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

function judge(pattern: i32, p: f64): i32 {
  if (pattern < 10) return oneRow(pattern);
  return pattern < 20 ? twoRows(pattern, p) : threeRows(pattern, p);
}

function oneRow(pattern: i32): i32 {
  const hair = hairline(0);
  switch (pattern) {
    case 0: return isDoji(0) ? 100 : 0;
    case 1: return isDoji(0) && upper(0) < hair && lower(0) > hair ? 100 : 0;
    case 2: return isDoji(0) && lower(0) < hair && upper(0) > hair ? 100 : 0;
    case 3: return isDoji(0) && (lower(0) > body(0) || upper(0) > body(0)) ? 100 : 0;
    case 4: return isLong(0) && upper(0) < hair && lower(0) < hair ? color(0) * 100 : 0;
    case 5: {
      const small = body(0) < usualBody(0);
      return small && upper(0) > body(0) && lower(0) > body(0) ? color(0) * 100 : 0;
    }
    default: return 0;
  }
}
