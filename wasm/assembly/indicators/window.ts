// Steps over the last n rows that keep them: sum, mean, largest, smallest, the rows since, the
// value n rows ago. Called by run.ts. A window is cut in blocks of n: when a block is full it is
// turned into its suffix sums (or suffix maxima) in place; from then on the window is (the
// running sum of the new block) + (the suffix of the old block behind the slot just replaced).
// Amortised O(1). Always: nothing is ever subtracted, so sums do not drift, and a value that has
// left is forgotten.

import {
  get, larger, put, S_A, S_COUNT, S_M, S_N, S_O, S_P, S_POS, S_W, S_X, skipOne, smaller,
} from "./layout";

const SUM: i32 = 0;
const LARGEST: i32 = 1;
const SMALLEST: i32 = 2;

/** Sum over p (1: the sum, n: the mean). */
export function sumOf(s: usize, rows: i32): void { fold(s, rows, SUM); }
export function largest(s: usize, rows: i32): void { fold(s, rows, LARGEST); }
export function smallest(s: usize, rows: i32): void { fold(s, rows, SMALLEST); }

@inline
function join(kind: i32, a: f64, b: f64): f64 {
  if (kind == SUM) return a + b;
  return kind == LARGEST ? larger(a, b) : smaller(a, b);
}

/** State: count = 1 once a block is full, pos = next slot, x = the new block so far. */
@inline
function fold(s: usize, rows: i32, kind: i32): void {
  const a = <usize>load<u32>(s, S_A);
  const o = <usize>load<u32>(s, S_O);
  const w = <usize>load<u32>(s, S_W);
  const n = load<i32>(s, S_N);
  const p = load<f64>(s, S_P);
  const none: f64 = kind == SUM ? 0 : kind == LARGEST ? -Infinity : Infinity;
  let full = load<i32>(s, S_COUNT) != 0;
  let pos = load<i32>(s, S_POS);
  let x = pos == 0 ? none : load<f64>(s, S_X);
  let i = !full && pos == 0 ? skipOne(a, o, rows) : 0;
  while (i < rows) {
    const end = min(rows, i + n - 1 - pos);
    if (full) {
      for (; i < end; i++) {
        const value = get(a, i);
        x = join(kind, x, value);
        put(w, pos++, value);
        put(o, i, join(kind, x, get(w, pos)));
      }
    } else {
      for (; i < end; i++) {
        const value = get(a, i);
        x = join(kind, x, value);
        put(w, pos++, value);
        put(o, i, NaN);
      }
    }
    if (i == rows) break;
    const last = get(a, i);
    x = join(kind, x, last);
    put(w, pos, last);
    put(o, i++, x);
    let behind = none;
    for (let j = n - 1; j >= 0; j--) {
      behind = join(kind, behind, get(w, j));
      put(w, j, behind);
    }
    full = true;
    pos = 0;
    x = none;
  }
  store<i32>(s, full ? 1 : 0, S_COUNT);
  store<i32>(s, pos, S_POS);
  store<f64>(s, x, S_X);
  if (kind == SUM && p != 1) divideAll(o, rows, p);
}

/** Divides a column, two rows at a time: a mean would wait for its divisions one by one. */
function divideAll(o: usize, rows: i32, by: f64): void {
  const under = f64x2.splat(by);
  const end = <usize>rows << 3;
  for (let i: usize = 0; i < end; i += 16) {
    v128.store(o + i, f64x2.div(v128.load(o + i), under));
  }
}

/** The value n rows ago. */
export function ago(s: usize, rows: i32): void {
  const a = <usize>load<u32>(s, S_A);
  const o = <usize>load<u32>(s, S_O);
  const w = <usize>load<u32>(s, S_W);
  const n = load<i32>(s, S_N);
  let full = load<i32>(s, S_COUNT) != 0;
  let pos = load<i32>(s, S_POS);
  let i = !full && pos == 0 ? skipOne(a, o, rows) : 0;
  while (i < rows) {
    const end = min(rows, i + n - pos);
    for (; i < end; i++, pos++) {
      put(o, i, full ? get(w, pos) : NaN);
      put(w, pos, get(a, i));
    }
    if (pos < n) break;
    pos = 0;
    full = true;
  }
  store<i32>(s, full ? 1 : 0, S_COUNT);
  store<i32>(s, pos, S_POS);
}

/** Rows since the largest of the last n (0: this row); the latest of equals. m = 1: its number from
 *  the first row on instead. The window holds n values, then the slot of the best behind each. */
export function sinceLargest(s: usize, rows: i32): void { since(s, rows, 1.0); }
export function sinceSmallest(s: usize, rows: i32): void { since(s, rows, -1.0); }

@inline
function since(s: usize, rows: i32, sign: f64): void {
  const a = <usize>load<u32>(s, S_A);
  const o = <usize>load<u32>(s, S_O);
  const w = <usize>load<u32>(s, S_W);
  const n = load<i32>(s, S_N);
  const numbered = load<i32>(s, S_M) != 0;
  const slots = w + (<usize>n << 3);
  let full = load<i32>(s, S_COUNT) != 0;
  let pos = load<i32>(s, S_POS);
  let best = load<f64>(s, S_X);
  let slot = i32(load<f64>(s, S_X + 8));
  let number = load<f64>(s, S_X + 16);
  for (let i = !full && pos == 0 ? skipOne(a, o, rows) : 0; i < rows; i++) {
    const value = get(a, i) * sign;
    if (pos == 0 || value >= best) {
      best = value;
      slot = pos;
    }
    put(w, pos, value);
    let back = pos - slot;
    if (full && pos + 1 < n) {
      const old = i32(get(slots, pos + 1));
      if (get(w, old) > best) back = n + pos - old;
    }
    put(o, i, full || pos + 1 == n ? (numbered ? number - f64(back) : f64(back)) : NaN);
    number++;
    if (++pos == n) {
      let good = n - 1;
      for (let j = n - 1; j >= 0; j--) {
        if (get(w, j) > get(w, good)) good = j;
        put(slots, j, f64(good));
      }
      full = true;
      pos = 0;
    }
  }
  store<i32>(s, full ? 1 : 0, S_COUNT);
  store<i32>(s, pos, S_POS);
  store<f64>(s, best, S_X);
  store<f64>(s, f64(slot), S_X + 8);
  store<f64>(s, number, S_X + 16);
}
