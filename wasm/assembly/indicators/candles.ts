// Candlestick patterns with TA-Lib's rules and settings: what is long, short or near is measured
// against the ten (near, far: five) rows before the candle in question. Called by run.ts; columns
// open, high, low, close. The window is a ring of 16 rows. Always: 0, or 100 (bullish), -100
// (bearish), 80 and -80 for a weaker form; empty while warming up.

import {
  get, S_A, S_B, S_C, S_COUNT, S_D, S_M, S_O, S_P, S_POS, S_U, S_W,
} from "./layout";
import { threeRows, twoRows } from "./candle-groups";
import {
  body, color, hairline, isDoji, isLong, lower, takeRow, turnTo, upper, usualBody,
} from "./candle-rows";

/** m = the pattern, u = rows it needs before it answers, p = how far the last body reaches back. */
export function candle(s: usize, rows: i32): void {
  let count = load<i32>(s, S_COUNT);
  let now = load<i32>(s, S_POS);
  const pattern = load<i32>(s, S_M);
  const needed = load<i32>(s, S_U);
  const p = load<f64>(s, S_P);
  turnTo(<usize>load<u32>(s, S_W), now);
  for (let i = 0; i < rows; i++) {
    now = takeRow(
      get(<usize>load<u32>(s, S_A), i), get(<usize>load<u32>(s, S_B), i),
      get(<usize>load<u32>(s, S_C), i), get(<usize>load<u32>(s, S_D), i),
    );
    if (count <= needed) count++;
    const answer = count > needed ? f64(judge(pattern, p)) : NaN;
    store<f64>(<usize>load<u32>(s, S_O) + (<usize>i << 3), answer);
  }
  store<i32>(s, count, S_COUNT);
  store<i32>(s, now, S_POS);
}

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
