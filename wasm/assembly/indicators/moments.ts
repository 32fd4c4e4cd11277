// Variance, bands and straight lines over the last n rows, in blocks as in window.ts: a full
// block is summed from its end once (count, deviations, squares or weighted deviations), the new
// block runs. Deviations are taken from a reference R, the last value of the block before, for
// both halves of a window, so that a small spread around a large price keeps its digits. Called
// by run.ts. Always: nothing is subtracted from a sum; R moves once a block, with the block
// summed anew.

import {
  blank, get, put, S_A, S_COUNT, S_M, S_N, S_O, S_O2, S_O3, S_P, S_POS, S_Q, S_R, S_U, S_W, S_X,
  skipOne,
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
  const o2 = <usize>load<u32>(s, S_O2);
  const over = 1.0 / f64(n);
  const u = 1.0 / f64(load<i32>(s, S_U));
  const sums = w + (<usize>n << 3);
  const squares = sums + (<usize>(n + 1) << 3);
  let full = load<i32>(s, S_COUNT) != 0;
  let pos = load<i32>(s, S_POS);
  let x = load<f64>(s, S_X);
  let y = load<f64>(s, S_X + 8);
  let ref = load<f64>(s, S_X + 16);
  let i = !full && pos == 0 ? skipOne(a, o, rows) : 0;
  if (mode == 2) blank(o2, 0, i);
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
        answer(o, o2, i, xs, ys, ref, over, u, mode);
      }
    } else {
      for (; i < end; i++) {
        const value = get(a, i);
        const d = value - ref;
        x += d;
        y += d * d;
        put(w, pos++, value);
        if (pos == n) answer(o, o2, i, x, y, ref, over, u, mode);
        else {
          put(o, i, NaN);
          if (mode == 2) put(o2, i, NaN);
        }
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
  if (mode != 0) finish(s, rows, mode);
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

/** The mean above R in o2 (mode 2 only) and the variance in o; finish() makes the rest of them. */
@inline
function answer(
  o: usize, o2: usize, i: i32, x: f64, y: f64, ref: f64, over: f64, u: f64, mode: i32,
): void {
  const mean = x * over;
  // What is left after so much has cancelled is rounding: a flat window has no spread.
  const rest = y - x * mean;
  put(o, i, rest > y * 1e-14 ? rest * u : 0);
  if (mode == 2) put(o2, i, mean + ref);
}

/** Variances into deviations or bands, two rows at a time. */
function finish(s: usize, rows: i32, mode: i32): void {
  const o = <usize>load<u32>(s, S_O);
  const o2 = <usize>load<u32>(s, S_O2);
  const o3 = <usize>load<u32>(s, S_O3);
  const p = f64x2.splat(load<f64>(s, S_P));
  const q = f64x2.splat(load<f64>(s, S_Q));
  const end = <usize>rows << 3;
  for (let i: usize = 0; i < end; i += 16) {
    const root = f64x2.sqrt(v128.load(o + i));
    if (mode == 1) v128.store(o + i, f64x2.mul(root, p));
    else {
      const middle = v128.load(o2 + i);
      v128.store(o + i, f64x2.add(middle, f64x2.mul(root, p)));
      v128.store(o3 + i, f64x2.sub(middle, f64x2.mul(root, q)));
    }
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
    const level = ref * r;
    let k = f64(pos);
    let left = f64(n - pos);
    if (full) {
      for (; i < end; i++) {
        const value = get(a, i);
        const d = value - ref;
        x += d;
        y += d * k;
        k++;
        left--;
        put(w, pos++, value);
        const ramp = get(ramps, pos) + y + left * x;
        put(o, i, (x + get(sums, pos)) * p + ramp * q + level);
      }
    } else {
      for (; i < end; i++) {
        const value = get(a, i);
        const d = value - ref;
        x += d;
        y += d * k;
        k++;
        put(w, pos++, value);
        put(o, i, pos == n ? x * p + y * q + level : NaN);
      }
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
