// Steps that remember a number: exponential averages, running totals, and RSI, ATR and MACD in
// one pass each. Called by run.ts. An average is seeded with the mean of its first m values (m =
// 1: with the first value); m rows are needed, the m-th is the first answer. Always: rows that
// are empty in front (an input still warming up) are passed on and not counted.

import {
  get, isNone, larger, put, S_A, S_B, S_C, S_COUNT, S_M, S_N, S_O, S_O2, S_O3, S_P, S_POS,
  S_Q, S_R, S_U, S_X, skipOne,
  smaller,
} from "./layout";

/** e += (x - e) * p, after `u` rows left out and a seed of m rows. */
export function ema(s: usize, rows: i32): void {
  const a = <usize>load<u32>(s, S_A);
  const o = <usize>load<u32>(s, S_O);
  const m = load<i32>(s, S_M);
  const k = load<f64>(s, S_P);
  let i = load<i32>(s, S_COUNT) == 0 ? skipOne(a, o, rows) : 0;
  if (load<i32>(s, S_COUNT) < m + load<i32>(s, S_U)) i = seed(s, a, o, i, rows, m);
  let e = load<f64>(s, S_X);
  for (; i < rows; i++) {
    e += (get(a, i) - e) * k;
    put(o, i, e);
  }
  store<f64>(s, e, S_X);
}

/** The rows before an average runs by itself; the row to go on with. Leaves the seed in S_X. */
function seed(s: usize, a: usize, o: usize, from: i32, rows: i32, m: i32): i32 {
  const delay = load<i32>(s, S_U);
  let count = load<i32>(s, S_COUNT);
  let e = load<f64>(s, S_X);
  let i = from;
  for (; i < rows && count < delay + m; i++) {
    count++;
    if (count > delay) e += get(a, i);
    if (count == delay + m) {
      e /= f64(m);
      put(o, i, e);
    } else put(o, i, NaN);
  }
  store<i32>(s, count, S_COUNT);
  store<f64>(s, e, S_X);
  return i;
}

/** Wilder's sum: the sum of m rows, then s - s / n + x. */
export function wilderSum(s: usize, rows: i32): void {
  const a = <usize>load<u32>(s, S_A);
  const o = <usize>load<u32>(s, S_O);
  const m = load<i32>(s, S_M);
  const keep = 1.0 - 1.0 / f64(load<i32>(s, S_N));
  let count = load<i32>(s, S_COUNT);
  let i = count == 0 ? skipOne(a, o, rows) : 0;
  let sum = load<f64>(s, S_X);
  for (; i < rows && count < m; i++) {
    count++;
    sum += get(a, i);
    put(o, i, count == m ? sum : NaN);
  }
  for (; i < rows; i++) {
    sum = sum * keep + get(a, i);
    put(o, i, sum);
  }
  store<i32>(s, count, S_COUNT);
  store<f64>(s, sum, S_X);
}

/** Everything so far, from p on. */
export function total(s: usize, rows: i32): void {
  const a = <usize>load<u32>(s, S_A);
  const o = <usize>load<u32>(s, S_O);
  let i = 0;
  let sum = load<f64>(s, S_X);
  if (load<i32>(s, S_COUNT) == 0) {
    i = skipOne(a, o, rows);
    if (i == rows) return;
    sum = load<f64>(s, S_P);
    store<i32>(s, 1, S_COUNT);
  }
  for (; i < rows; i++) {
    sum += get(a, i);
    put(o, i, sum);
  }
  store<f64>(s, sum, S_X);
}

/** The row before. */
export function previous(s: usize, rows: i32): void {
  const a = <usize>load<u32>(s, S_A);
  const o = <usize>load<u32>(s, S_O);
  if (rows == 0) return;
  let before = load<i32>(s, S_COUNT) == 0 ? NaN : load<f64>(s, S_X);
  for (let i = 0; i < rows; i++) {
    put(o, i, before);
    before = get(a, i);
  }
  store<i32>(s, 1, S_COUNT);
  store<f64>(s, before, S_X);
}

/** Empties the first m rows that have a value. */
export function hide(s: usize, rows: i32): void {
  const a = <usize>load<u32>(s, S_A);
  const o = <usize>load<u32>(s, S_O);
  const m = load<i32>(s, S_M);
  let count = load<i32>(s, S_COUNT);
  let i = 0;
  for (; i < rows && count < m; i++) {
    if (!isNone(get(a, i))) count++;
    put(o, i, NaN);
  }
  for (; i < rows; i++) put(o, i, get(a, i));
  store<i32>(s, count, S_COUNT);
}

/** An average whose factor is column a, of column b; seeded with the value before the first factor.
 *  m = 1: the seed itself is an answer (row n of b). */
export function adaptive(s: usize, rows: i32): void {
  const a = <usize>load<u32>(s, S_A);
  const b = <usize>load<u32>(s, S_B);
  const o = <usize>load<u32>(s, S_O);
  const n = load<i32>(s, S_N);
  const shown = load<i32>(s, S_M) != 0;
  let count = load<i32>(s, S_COUNT);
  let e = load<f64>(s, S_X);
  for (let i = 0; i < rows; i++) {
    const x = get(b, i);
    const k = get(a, i);
    if (isNone(k)) {
      e = x;
      count++;
      put(o, i, shown && count == n ? e : NaN);
    } else {
      e += (x - e) * k;
      put(o, i, e);
    }
  }
  store<i32>(s, count, S_COUNT);
  store<f64>(s, e, S_X);
}

/**
 * Gains over gains and losses, 0..p, both averaged by 1 / n; q where nothing moved. Seeds: the
 * mean of the first m moves (m = 0: zeros, before any move). RSI, and with r = -1 the difference
 * over the sum (CMO).
 */
export function rsi(s: usize, rows: i32): void {
  const a = <usize>load<u32>(s, S_A);
  const o = <usize>load<u32>(s, S_O);
  const m = load<i32>(s, S_M);
  const k = 1.0 / f64(load<i32>(s, S_N));
  const p = load<f64>(s, S_P);
  const q = load<f64>(s, S_Q);
  const r = load<f64>(s, S_R);
  if (rows == 0) return;
  let count = load<i32>(s, S_COUNT);
  let last = count == 0 ? get(a, 0) : load<f64>(s, S_X);
  let gain = load<f64>(s, S_X + 8);
  let loss = load<f64>(s, S_X + 16);
  let i = 0;
  for (; i < rows && count <= m; i++) {
    const move = get(a, i) - last;
    last = get(a, i);
    gain += larger(move, 0);
    loss += larger(-move, 0);
    if (count == m) {
      gain /= f64(max(m, 1));
      loss /= f64(max(m, 1));
      put(o, i, share(gain, loss, p, q, r));
    } else put(o, i, NaN);
    count++;
  }
  for (; i < rows; i++) {
    const move = get(a, i) - last;
    last = get(a, i);
    gain += (larger(move, 0) - gain) * k;
    loss += (larger(-move, 0) - loss) * k;
    put(o, i, share(gain, loss, p, q, r));
  }
  store<i32>(s, count, S_COUNT);
  store<f64>(s, last, S_X);
  store<f64>(s, gain, S_X + 8);
  store<f64>(s, loss, S_X + 16);
}

@inline
function share(gain: f64, loss: f64, p: f64, q: f64, r: f64): f64 {
  const both = gain + loss;
  return both == 0 ? q : ((gain + r * loss) / both) * p;
}

/**
 * Range of a row with the close before; m = 1: the first row's own range counts, else it is
 * empty.
 */
@inline
function reach(high: f64, low: f64, close: f64): f64 {
  return larger(high, close) - smaller(low, close);
}

export function trueRange(s: usize, rows: i32): void {
  const h = <usize>load<u32>(s, S_A);
  const l = <usize>load<u32>(s, S_B);
  const c = <usize>load<u32>(s, S_C);
  const o = <usize>load<u32>(s, S_O);
  let i = 0;
  let close = load<f64>(s, S_X);
  if (rows == 0) return;
  if (load<i32>(s, S_COUNT) == 0) {
    put(o, 0, load<i32>(s, S_M) != 0 ? get(h, 0) - get(l, 0) : NaN);
    close = get(c, i++);
    store<i32>(s, 1, S_COUNT);
  }
  for (; i < rows; i++) {
    put(o, i, reach(get(h, i), get(l, i), close));
    close = get(c, i);
  }
  store<f64>(s, close, S_X);
}

/** Difference of two averages (o), its average (o2), and `b` times what is between (o3). The seeds:
 *  n fast, m slow and u signal rows; the fast one starts so that both are ready together. */
export function macd(s: usize, rows: i32): void {
  const a = <usize>load<u32>(s, S_A);
  const o = <usize>load<u32>(s, S_O);
  const o2 = <usize>load<u32>(s, S_O2);
  const o3 = <usize>load<u32>(s, S_O3);
  const kf = load<f64>(s, S_P);
  const ks = load<f64>(s, S_Q);
  const kd = load<f64>(s, S_R);
  const bar = f64(load<i32>(s, S_B));
  const ready = load<i32>(s, S_M) + load<i32>(s, S_U) - 1;
  let i = load<i32>(s, S_COUNT) < ready ? macdSeed(s, rows, ready) : 0;
  let fast = load<f64>(s, S_X);
  let slow = load<f64>(s, S_X + 8);
  let dea = load<f64>(s, S_X + 16);
  for (; i < rows; i++) {
    const x = get(a, i);
    fast += (x - fast) * kf;
    slow += (x - slow) * ks;
    const dif = fast - slow;
    dea += (dif - dea) * kd;
    put(o, i, dif);
    put(o2, i, dea);
    put(o3, i, (dif - dea) * bar);
  }
  store<f64>(s, fast, S_X);
  store<f64>(s, slow, S_X + 8);
  store<f64>(s, dea, S_X + 16);
}

/** The rows before MACD runs by itself; the row to go on with. */
function macdSeed(s: usize, rows: i32, ready: i32): i32 {
  const a = <usize>load<u32>(s, S_A);
  const slowRows = load<i32>(s, S_M);
  const fastFrom = slowRows - load<i32>(s, S_N);
  let count = load<i32>(s, S_COUNT);
  let fast = load<f64>(s, S_X);
  let slow = load<f64>(s, S_X + 8);
  let dea = load<f64>(s, S_X + 16);
  let i = 0;
  for (; i < rows && count < ready; i++) {
    const x = get(a, i);
    count++;
    if (count <= slowRows) {
      slow += x;
      if (count > fastFrom) fast += x;
      if (count == slowRows) {
        slow /= f64(slowRows);
        fast /= f64(slowRows - fastFrom);
      }
    } else {
      fast += (x - fast) * load<f64>(s, S_P);
      slow += (x - slow) * load<f64>(s, S_Q);
    }
    if (count >= slowRows) dea += fast - slow;
    const isReady = count == ready;
    if (isReady) dea /= f64(ready - slowRows + 1);
    put(<usize>load<u32>(s, S_O), i, isReady ? fast - slow : NaN);
    put(<usize>load<u32>(s, S_O2), i, isReady ? dea : NaN);
    const bar = f64(load<i32>(s, S_B));
    put(<usize>load<u32>(s, S_O3), i, isReady ? (fast - slow - dea) * bar : NaN);
  }
  store<i32>(s, count, S_COUNT);
  store<f64>(s, fast, S_X);
  store<f64>(s, slow, S_X + 8);
  store<f64>(s, dea, S_X + 16);
  return i;
}

/** Average by 1 / n of the true range (columns high, low, close), seeded with the mean of n; with
 *  m = 1 the first row's own range counts. */
export function atr(s: usize, rows: i32): void {
  const h = <usize>load<u32>(s, S_A);
  const l = <usize>load<u32>(s, S_B);
  const c = <usize>load<u32>(s, S_C);
  const o = <usize>load<u32>(s, S_O);
  const n = load<i32>(s, S_N);
  const k = 1.0 / f64(n);
  let count = load<i32>(s, S_COUNT);
  let close = load<f64>(s, S_X);
  let e = load<f64>(s, S_X + 8);
  let i = 0;
  if (rows > 0 && load<i32>(s, S_POS) == 0) {
    store<i32>(s, 1, S_POS);
    close = get(c, 0);
    if (load<i32>(s, S_M) != 0) close = (get(h, 0) + get(l, 0)) / 2;
    else {
      put(o, 0, NaN);
      i = 1;
    }
  }
  for (; i < rows && count < n; i++) {
    e += reach(get(h, i), get(l, i), close);
    close = get(c, i);
    count++;
    if (count == n) e /= f64(n);
    put(o, i, count == n ? e : NaN);
  }
  for (; i < rows; i++) {
    e += (reach(get(h, i), get(l, i), close) - e) * k;
    close = get(c, i);
    put(o, i, e);
  }
  store<i32>(s, count, S_COUNT);
  store<f64>(s, close, S_X);
  store<f64>(s, e, S_X + 8);
}
