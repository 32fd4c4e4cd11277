// Steps that know highs and lows: directional movement, the parabolic stop, volume indexes.
// Called by run.ts.
// Always: the first row has nothing before it and is empty (volume indexes: p).

import {
  get, put, S_A, S_B, S_COUNT, S_M, S_O, S_O2, S_P, S_Q, S_X,
} from "./layout";

/** Movement up (o) and down (o2) of a row; the larger counts, neither when equal. m = 1: both. */
export function movement(s: usize, rows: i32): void {
  const h = <usize>load<u32>(s, S_A);
  const l = <usize>load<u32>(s, S_B);
  const o = <usize>load<u32>(s, S_O);
  const o2 = <usize>load<u32>(s, S_O2);
  let high = load<f64>(s, S_X);
  let low = load<f64>(s, S_X + 8);
  for (let i = 0; i < rows; i++) {
    const up = get(h, i) - high;
    const down = low - get(l, i);
    high = get(h, i);
    low = get(l, i);
    if (i == 0 && load<i32>(s, S_COUNT) == 0) {
      put(o, 0, NaN);
      put(o2, 0, NaN);
      store<i32>(s, 1, S_COUNT);
    } else {
      put(o, i, up > 0 && up > down ? up : 0);
      put(o2, i, down > 0 && down > up ? down : 0);
    }
  }
  store<f64>(s, high, S_X);
  store<f64>(s, low, S_X + 8);
}

/**
 * Wilder's parabolic stop and reverse; acceleration p, at most q. The second row decides the
 * side: m = 0 short when the low fell by more than the high rose, the extreme is the second row's
 * (TA-Lib); m = 1 short when the sum of high and low fell, the extreme is the first row's
 * (Tulip).
 */
export function parabolic(s: usize, rows: i32): void {
  const h = <usize>load<u32>(s, S_A);
  const l = <usize>load<u32>(s, S_B);
  const o = <usize>load<u32>(s, S_O);
  const step = load<f64>(s, S_P);
  const most = load<f64>(s, S_Q);
  const mode = load<i32>(s, S_M);
  let count = load<i32>(s, S_COUNT);
  let high = load<f64>(s, S_X);
  let low = load<f64>(s, S_X + 8);
  let sar = load<f64>(s, S_X + 16);
  let extreme = load<f64>(s, S_X + 24);
  let speed = load<f64>(s, S_X + 32);
  let side = load<f64>(s, S_X + 40);
  for (let i = 0; i < rows; i++) {
    let lastHigh = high;
    let lastLow = low;
    high = get(h, i);
    low = get(l, i);
    if (count < 2) count++;
    if (count == 1) {
      put(o, i, NaN);
      continue;
    }
    if (side == 0) {
      side = startSide(mode, high - lastHigh, lastLow - low);
      sar = side > 0 ? lastLow : lastHigh;
      speed = step;
      if (mode == 0) {
        lastHigh = high;
        lastLow = low;
      }
      extreme = side > 0 ? lastHigh : lastLow;
    }
    const past = side > 0 ? sar - low : high - sar;
    const turns = mode == 0 ? past >= 0 : past > 0;
    if (turns) {
      sar = side > 0 ? max(max(extreme, lastHigh), high) : min(min(extreme, lastLow), low);
      side = -side;
      speed = step;
      extreme = side > 0 ? high : low;
      put(o, i, sar);
    } else {
      put(o, i, sar);
      if (side > 0 ? high > extreme : low < extreme) {
        extreme = side > 0 ? high : low;
        speed = min(speed + step, most);
      }
    }
    sar += speed * (extreme - sar);
    sar = side > 0 ? min(min(sar, lastLow), low) : max(max(sar, lastHigh), high);
  }
  store<i32>(s, count, S_COUNT);
  store<f64>(s, high, S_X);
  store<f64>(s, low, S_X + 8);
  store<f64>(s, sar, S_X + 16);
  store<f64>(s, extreme, S_X + 24);
  store<f64>(s, speed, S_X + 32);
  store<f64>(s, side, S_X + 40);
}

function startSide(mode: i32, up: f64, down: f64): f64 {
  if (mode != 0) return up - down >= 0 ? 1.0 : -1.0;
  return down > 0 && down > up ? -1.0 : 1.0;
}

/**
 * Starts at p and takes the relative change of a in rows whose volume b is lower (m = -1) or
 * higher (m = 1) than before.
 */
export function volumeIndex(s: usize, rows: i32): void {
  const a = <usize>load<u32>(s, S_A);
  const b = <usize>load<u32>(s, S_B);
  const o = <usize>load<u32>(s, S_O);
  const way = f64(load<i32>(s, S_M));
  let index = load<f64>(s, S_X);
  let close = load<f64>(s, S_X + 8);
  let volume = load<f64>(s, S_X + 16);
  for (let i = 0; i < rows; i++) {
    if (i == 0 && load<i32>(s, S_COUNT) == 0) {
      store<i32>(s, 1, S_COUNT);
      index = load<f64>(s, S_P);
    } else if ((get(b, i) - volume) * way > 0 && close != 0) {
      index += ((get(a, i) - close) / close) * index;
    }
    close = get(a, i);
    volume = get(b, i);
    put(o, i, index);
  }
  store<f64>(s, index, S_X);
  store<f64>(s, close, S_X + 8);
  store<f64>(s, volume, S_X + 16);
}
