// Steps that look at one row only: sums, ratios, roots. Two rows at a time; the second half of an
// odd last pair is garbage inside the column and is read by nobody. Called by run.ts.
// Always: an empty input (NaN) gives an empty output; no division by zero.

import { get, put, S_A, S_B, S_C, S_M, S_O, S_P, S_Q } from "./layout";

export const ADD: i32 = 1;
export const SUB: i32 = 2;
export const MUL: i32 = 3;
export const DIV: i32 = 4;
export const LARGER: i32 = 5;
export const SMALLER: i32 = 6;
export const SCALE: i32 = 7;
export const OVER: i32 = 8;
export const ABS: i32 = 9;
export const FLOOR: i32 = 10;
export const SQRT: i32 = 11;
export const ATAN: i32 = 12;
export const WHEN: i32 = 13;
export const PLACE: i32 = 14;
export const POSITIVE: i32 = 15;
export const NEGATIVE: i32 = 16;
export const SIGN_SUM: i32 = 17;
export const CLV: i32 = 18;

/** Runs a step of this file; false when `code` is none of them. */
export function arithmetic(code: i32, s: usize, rows: i32): bool {
  const a = <usize>load<u32>(s, S_A);
  const b = <usize>load<u32>(s, S_B);
  const o = <usize>load<u32>(s, S_O);
  const end = <usize>rows << 3;
  const p = load<f64>(s, S_P);
  switch (code) {
    case ADD:
      for (let i: usize = 0; i < end; i += 16) v128.store(o + i, f64x2.add(two(a, i), two(b, i)));
      return true;
    case SUB:
      for (let i: usize = 0; i < end; i += 16) v128.store(o + i, f64x2.sub(two(a, i), two(b, i)));
      return true;
    case MUL:
      for (let i: usize = 0; i < end; i += 16) v128.store(o + i, f64x2.mul(two(a, i), two(b, i)));
      return true;
    case DIV: divide(a, b, o, end, p, load<i32>(s, S_M) != 0); return true;
    case LARGER:
      for (let i: usize = 0; i < end; i += 16) v128.store(o + i, f64x2.max(two(a, i), two(b, i)));
      return true;
    case SMALLER:
      for (let i: usize = 0; i < end; i += 16) v128.store(o + i, f64x2.min(two(a, i), two(b, i)));
      return true;
    case SCALE: scale(a, o, end, p, load<f64>(s, S_Q)); return true;
    default:
      return single(code, s, a, o, end, rows);
  }
}

function single(code: i32, s: usize, a: usize, o: usize, end: usize, rows: i32): bool {
  const b = <usize>load<u32>(s, S_B);
  const p = f64x2.splat(load<f64>(s, S_P));
  switch (code) {
    case OVER:
      for (let i: usize = 0; i < end; i += 16) v128.store(o + i, f64x2.div(two(a, i), p));
      return true;
    case ABS:
      for (let i: usize = 0; i < end; i += 16) v128.store(o + i, f64x2.abs(two(a, i)));
      return true;
    case FLOOR:
      for (let i: usize = 0; i < end; i += 16) v128.store(o + i, f64x2.max(two(a, i), p));
      return true;
    case SQRT:
      for (let i: usize = 0; i < end; i += 16) v128.store(o + i, f64x2.sqrt(two(a, i)));
      return true;
    case ATAN:
      for (let i = 0; i < rows; i++) put(o, i, Math.atan(get(a, i)) * (180.0 / Math.PI));
      return true;
    case WHEN:
      for (let i = 0; i < rows; i++) put(o, i, get(b, i) == get(b, i) ? get(a, i) : NaN);
      return true;
    default:
      return choose(code, s, a, b, o, rows);
  }
}

function choose(code: i32, s: usize, a: usize, b: usize, o: usize, rows: i32): bool {
  const c = <usize>load<u32>(s, S_C);
  switch (code) {
    case PLACE: place(s, rows); return true;
    // b where a is above zero, else 0; empty where either is.
    case POSITIVE:
      for (let i = 0; i < rows; i++) put(o, i, keep(get(a, i), get(b, i), get(a, i) > 0));
      return true;
    case NEGATIVE:
      for (let i = 0; i < rows; i++) put(o, i, keep(get(a, i), get(b, i), get(a, i) < 0));
      return true;
    case SIGN_SUM: {
      // b with the sign of a; where a is empty b (m = 1), 0 (m = 2) or nothing.
      const m = load<i32>(s, S_M);
      for (let i = 0; i < rows; i++) {
        const x = get(a, i);
        const y = get(b, i);
        put(o, i, x > 0 ? y : x < 0 ? -y : x == 0 ? 0 : m == 1 ? y : m == 2 ? 0 : NaN);
      }
      return true;
    }
    // Place of the close (c) between high (a) and low (b), -1..1; 0 without a range.
    case CLV:
      for (let i = 0; i < rows; i++) {
        const high = get(a, i);
        const low = get(b, i);
        const close = get(c, i);
        const range = high - low;
        put(o, i, range > 0 ? (close - low - (high - close)) / range : 0);
      }
      return true;
    default:
      return false;
  }
}

/**
 * Where a stands between b (low) and c (high), 0..p; q where they are one, or apart by no more
 * than rounding (an RSI of flat prices). b and c may change places.
 */
function place(s: usize, rows: i32): void {
  const a = <usize>load<u32>(s, S_A);
  const b = <usize>load<u32>(s, S_B);
  const c = <usize>load<u32>(s, S_C);
  const o = <usize>load<u32>(s, S_O);
  const p = load<f64>(s, S_P);
  const q = load<f64>(s, S_Q);
  for (let i = 0; i < rows; i++) {
    const low = get(b, i);
    const high = get(c, i);
    const range = high - low;
    const none = abs(range) <= 1e-12 * (abs(low) + abs(high));
    put(o, i, none ? q : ((get(a, i) - low) / range) * p);
  }
}

@inline
function keep(x: f64, value: f64, yes: bool): f64 {
  return x == x ? (yes ? value : 0) : NaN;
}

@inline
function two(base: usize, i: usize): v128 {
  return v128.load(base + i);
}

/** a / b, p where b is zero (or, if asked, not above zero). */
@inline
function divide(a: usize, b: usize, o: usize, end: usize, p: f64, positive: bool): void {
  const none = f64x2.splat(p);
  const zero = f64x2.splat(0);
  for (let i: usize = 0; i < end; i += 16) {
    const under = two(b, i);
    const bad = positive ? f64x2.le(under, zero) : f64x2.eq(under, zero);
    v128.store(o + i, v128.bitselect(none, f64x2.div(two(a, i), under), bad));
  }
}

/** a * p + q. */
@inline
function scale(a: usize, o: usize, end: usize, p: f64, q: f64): void {
  const by = f64x2.splat(p);
  const plus = f64x2.splat(q);
  for (let i: usize = 0; i < end; i += 16) {
    v128.store(o + i, f64x2.add(f64x2.mul(two(a, i), by), plus));
  }
}
