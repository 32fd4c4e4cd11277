// Variance, bands and straight lines over the last n rows, in blocks as in window.ts: a full
// block is summed from its end once (count, deviations, squares or weighted deviations), the new
// block runs. Deviations are taken from a reference R, the last value of the block before, for
// both halves of a window, so that a small spread around a large price keeps its digits. Called
// by run.ts. Always: nothing is subtracted from a sum; R moves once a block, with the block
// summed anew.

import {
  get, put, S_A, S_COUNT, S_M, S_N, S_O, S_O2, S_O3, S_P, S_POS, S_Q, S_R, S_U, S_W, S_X, skipOne,
} from "./layout";

/**
 * Variance (divisor u) of n rows: m = 0 the variance in o; m = 1 the root times p in o; m = 2
 * bands: upper (p deviations) in o, mean in o2, lower (q deviations) in o3.
 */
export function spread(s: usize, rows: i32): void {
  const m = load<i32>(s, S_M);
  if (m == 2) runSpread(s, rows, 2);
  else if (m == 1) runSpread(s, rows, 1);
  else runSpread(s, rows, 0);
}

// The window: n raw values, then n + 1 suffix sums, then n + 1 suffix sums of squares.
@inline
function runSpread(s: usize, rows: i32, mode: i32): void {
  const a = <usize>load<u32>(s, S_A);
  const o = <usize>load<u32>(s, S_O);
  const w = <usize>load<u32>(s, S_W);
  const n = load<i32>(s, S_N);
  const o2 = mode == 2 ? <usize>load<u32>(s, S_O2) : 0;
  const o3 = mode == 2 ? <usize>load<u32>(s, S_O3) : 0;
  const divisor = f64(n);
  const u = f64(load<i32>(s, S_U));
  const p = load<f64>(s, S_P);
  const q = load<f64>(s, S_Q);
  const sums = w + (<usize>n << 3);
  const squares = sums + (<usize>(n + 1) << 3);
  let full = load<i32>(s, S_COUNT) != 0;
  let pos = load<i32>(s, S_POS);
  let x = load<f64>(s, S_X);
  let y = load<f64>(s, S_X + 8);
  let ref = load<f64>(s, S_X + 16);
  let i = !full && pos == 0 ? skipOne(a, o, rows) : 0;
  if (mode == 2) for (let j = 0; j < i; j++) blankBand(s, j);
  while (i < rows) {
    if (!full && pos == 0) ref = get(a, i);
    const end = min(rows, i + n - pos);
    if (full) {
      for (; i < end; i++) {
        const value = get(a, i);
        const d = value - ref;
        x += d;
        y += d * d;
        put(w, pos++, value);
        const xs = x + get(sums, pos);
        const ys = y + get(squares, pos);
        answer(o, o2, o3, i, xs, ys, ref, divisor, u, p, q, mode);
      }
    } else {
      for (; i < end; i++) {
        const value = get(a, i);
        const d = value - ref;
        x += d;
        y += d * d;
        put(w, pos++, value);
        if (pos == n) answer(o, o2, o3, i, x, y, ref, divisor, u, p, q, mode);
        else if (mode == 2) blankBand(s, i);
        else put(o, i, NaN);
      }
    }
    if (pos < n) break;
    ref = get(w, n - 1);
    turnSquares(w, sums, squares, n, ref);
    full = true;
    pos = 0;
    x = 0;
    y = 0;
  }
  store<i32>(s, full ? 1 : 0, S_COUNT);
  store<i32>(s, pos, S_POS);
  store<f64>(s, x, S_X);
  store<f64>(s, y, S_X + 8);
  store<f64>(s, ref, S_X + 16);
}

function blankBand(s: usize, i: i32): void {
  put(<usize>load<u32>(s, S_O), i, NaN);
  put(<usize>load<u32>(s, S_O2), i, NaN);
  put(<usize>load<u32>(s, S_O3), i, NaN);
}

function turnSquares(w: usize, sums: usize, squares: usize, n: i32, ref: f64): void {
  let x = 0.0;
  let y = 0.0;
  put(sums, n, 0);
  put(squares, n, 0);
  for (let j = n - 1; j >= 0; j--) {
    const d = get(w, j) - ref;
    x += d;
    y += d * d;
    put(sums, j, x);
    put(squares, j, y);
  }
}

@inline
function answer(
  o: usize, o2: usize, o3: usize, i: i32, x: f64, y: f64, ref: f64, n: f64, u: f64, p: f64, q: f64,
  mode: i32,
): void {
  const mean = x / n;
  // What is left after so much has cancelled is rounding: a flat window has no spread.
  const rest = y - x * mean;
  const variance = rest > y * 1e-14 ? rest / u : 0;
  if (mode == 0) put(o, i, variance);
  else if (mode == 1) put(o, i, sqrt(variance) * p);
  else {
    const root = sqrt(variance);
    const middle = mean + ref;
    put(o, i, middle + root * p);
    put(o2, i, middle);
    put(o3, i, middle - root * q);
  }
}

/** p * sum of (y - R) + q * sum of k (y - R) + r * R, k = 0 for the oldest of n rows: the weighted
 *  mean and everything of a straight line through n rows. */
export function line(s: usize, rows: i32): void {
  const a = <usize>load<u32>(s, S_A);
  const o = <usize>load<u32>(s, S_O);
  const w = <usize>load<u32>(s, S_W);
  const n = load<i32>(s, S_N);
  const p = load<f64>(s, S_P);
  const q = load<f64>(s, S_Q);
  const r = load<f64>(s, S_R);
  const sums = w + (<usize>n << 3);
  const ramps = sums + (<usize>(n + 1) << 3);
  let full = load<i32>(s, S_COUNT) != 0;
  let pos = load<i32>(s, S_POS);
  let x = load<f64>(s, S_X);
  let y = load<f64>(s, S_X + 8);
  let ref = load<f64>(s, S_X + 16);
  let i = !full && pos == 0 ? skipOne(a, o, rows) : 0;
  while (i < rows) {
    if (!full && pos == 0) ref = get(a, i);
    const end = min(rows, i + n - pos);
    for (; i < end; i++) {
      const value = get(a, i);
      const d = value - ref;
      x += d;
      y += d * f64(pos);
      put(w, pos++, value);
      if (full) {
        const ramp = get(ramps, pos) + y + f64(n - pos) * x;
        put(o, i, (x + get(sums, pos)) * p + ramp * q + ref * r);
      } else put(o, i, pos == n ? x * p + y * q + ref * r : NaN);
    }
    if (pos < n) break;
    ref = get(w, n - 1);
    turnRamps(w, sums, ramps, n, ref);
    full = true;
    pos = 0;
    x = 0;
    y = 0;
  }
  store<i32>(s, full ? 1 : 0, S_COUNT);
  store<i32>(s, pos, S_POS);
  store<f64>(s, x, S_X);
  store<f64>(s, y, S_X + 8);
  store<f64>(s, ref, S_X + 16);
}

function turnRamps(w: usize, sums: usize, ramps: usize, n: i32, ref: f64): void {
  let x = 0.0;
  let y = 0.0;
  put(sums, n, 0);
  put(ramps, n, 0);
  for (let j = n - 1; j >= 0; j--) {
    y += x;
    x += get(w, j) - ref;
    put(sums, j, x);
    put(ramps, j, y);
  }
}
