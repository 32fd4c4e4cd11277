// Steps that look at all of the last n rows again for each row, O(n): mean deviation and CCI,
// correlation and beta. Two passes (mean first, then deviations), so nothing cancels.
// Called by run.ts. Windows: a ring of n values for each column.
// Always: nothing is answered before n rows have come.

import {
  blank, get, isNone, put, S_A, S_B, S_COUNT, S_M, S_N, S_O, S_P, S_POS, S_W,
} from "./layout";

/** Mean absolute deviation of n rows (m = 0), or CCI: (value - mean) / (p * deviation), 0 where
 *  nothing deviates (m = 1). */
export function deviation(s: usize, rows: i32): void {
  const a = <usize>load<u32>(s, S_A);
  const o = <usize>load<u32>(s, S_O);
  const w = <usize>load<u32>(s, S_W);
  const n = load<i32>(s, S_N);
  const isCci = load<i32>(s, S_M) != 0;
  const p = load<f64>(s, S_P);
  let count = load<i32>(s, S_COUNT);
  let pos = load<i32>(s, S_POS);
  for (let i = 0; i < rows; i++) {
    const value = get(a, i);
    if (isNone(value)) {
      put(o, i, NaN);
      continue;
    }
    put(w, pos, value);
    if (++pos == n) pos = 0;
    if (count < n && ++count < n) {
      put(o, i, NaN);
      continue;
    }
    const mean = sumRing(w, n) / f64(n);
    let sum = 0.0;
    for (let j = 0; j < n; j++) sum += abs(get(w, j) - mean);
    const spread = sum / f64(n);
    const above = value - mean;
    put(o, i, isCci ? (spread == 0 ? 0 : above / (p * spread)) : spread);
  }
  store<i32>(s, count, S_COUNT);
  store<i32>(s, pos, S_POS);
}

@inline
function sumRing(w: usize, n: i32): f64 {
  let sum = 0.0;
  for (let j = 0; j < n; j++) sum += get(w, j);
  return sum;
}

/** Of columns a and b over n rows: correlation (m = 0), or slope of b on a (m = 1); 0 where a (or,
 *  for the correlation, b) does not move. */
export function together(s: usize, rows: i32): void {
  const a = <usize>load<u32>(s, S_A);
  const b = <usize>load<u32>(s, S_B);
  const o = <usize>load<u32>(s, S_O);
  const w = <usize>load<u32>(s, S_W);
  const n = load<i32>(s, S_N);
  const w2 = w + (<usize>n << 3);
  const isSlope = load<i32>(s, S_M) != 0;
  let count = load<i32>(s, S_COUNT);
  let pos = load<i32>(s, S_POS);
  for (let i = 0; i < rows; i++) {
    const x = get(a, i);
    const y = get(b, i);
    if (isNone(x + y)) {
      blank(o, i, i + 1);
      continue;
    }
    put(w, pos, x);
    put(w2, pos, y);
    if (++pos == n) pos = 0;
    if (count < n) count++;
    put(o, i, count < n ? NaN : joint(w, w2, n, isSlope));
  }
  store<i32>(s, count, S_COUNT);
  store<i32>(s, pos, S_POS);
}

function joint(w: usize, w2: usize, n: i32, isSlope: bool): f64 {
  const meanX = sumRing(w, n) / f64(n);
  const meanY = sumRing(w2, n) / f64(n);
  let xx = 0.0;
  let yy = 0.0;
  let xy = 0.0;
  for (let j = 0; j < n; j++) {
    const dx = get(w, j) - meanX;
    const dy = get(w2, j) - meanY;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  if (isSlope) return xx == 0 ? 0 : xy / xx;
  const both = sqrt(xx) * sqrt(yy);
  return both == 0 ? 0 : max(-1.0, min(1.0, xy / both));
}
