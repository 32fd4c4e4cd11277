// Runs a program over the rows in columns 0..4: the batch form takes up to CHUNK rows, the
// streaming form is the same call with one row, so both answer the same bit for bit. Exported by
// module.ts. Always: a row that misses a number in a column that the program reads (not finite,
// or beyond 1e100) is left out as if it did not exist, and its outputs are empty.

import { arithmetic } from "./arithmetic";
import { movement, parabolic, volumeIndex } from "./bars";
import { candle } from "./candles";
import { deviation, together } from "./direct";
import {
  at, BAD_COUNT, CHUNK, column, get, H_COLUMN, H_COUNT, H_LAST, H_MASK, H_OUTPUTS, H_STEPS,
  INPUTS, put, rowMap, S_CODE, STEP_BYTES,
} from "./layout";
import { line, spread } from "./moments";
import {
  adaptive, atr, ema, hide, macd, previous, rsi, total, trueRange, wilderSum,
} from "./recursive";
import { ago, largest, sinceLargest, sinceSmallest, smallest, sumOf } from "./window";

const LIMIT: f64 = 1e100;

/** Runs `rows` rows through the program; rows that counted, or BAD_COUNT. */
export function run(program: usize, rows: i32): i32 {
  if (rows < 0 || rows > CHUNK) return BAD_COUNT;
  const mask = load<i32>(program, H_MASK);
  let sound = true;
  for (let k = 0; k < INPUTS; k++) if (mask & (1 << k)) sound = sound && isSound(column(k), rows);
  if (sound) {
    runSteps(program, rows);
    keepLast(program, rows);
    return rows;
  }
  const kept = compact(mask, rows);
  runSteps(program, kept);
  spreadOut(program, kept, rows);
  keepLast(program, rows);
  return kept;
}

@inline
function isGiven(value: f64): bool {
  return abs(value) <= LIMIT;
}

function isSound(a: usize, rows: i32): bool {
  const limit = f64x2.splat(LIMIT);
  let good = i64x2.splat(-1);
  let i = 0;
  for (; i < rows - 1; i += 2) {
    good = v128.and(good, f64x2.le(f64x2.abs(v128.load(at(a, i))), limit));
  }
  return i64x2.all_true(good) && (i == rows || isGiven(get(a, i)));
}

/** Moves the rows that count together; rowMap says where each came from. */
function compact(mask: i32, rows: i32): i32 {
  let kept = 0;
  for (let i = 0; i < rows; i++) {
    let good = true;
    for (let k = 0; k < INPUTS; k++) {
      if (mask & (1 << k)) good = good && isGiven(get(column(k), i));
    }
    if (!good) continue;
    for (let k = 0; k < INPUTS; k++) if (mask & (1 << k)) put(column(k), kept, get(column(k), i));
    store<i32>(rowMap(kept++), i);
  }
  return kept;
}

/** The outputs back to the rows they belong to. An output may be an input's column: it is read
 *  before it is overwritten, from the end. */
function spreadOut(program: usize, kept: i32, rows: i32): void {
  const outputs = load<i32>(program, H_OUTPUTS);
  for (let k = 0; k < outputs; k++) {
    const o = <usize>load<u32>(program + (<usize>k << 2), H_COLUMN);
    let from = kept - 1;
    for (let i = rows - 1; i >= 0; i--) {
      if (from >= 0 && load<i32>(rowMap(from)) == i) put(o, i, get(o, from--));
      else put(o, i, NaN);
    }
  }
}

function keepLast(program: usize, rows: i32): void {
  if (rows == 0) return;
  const outputs = load<i32>(program, H_OUTPUTS);
  for (let k = 0; k < outputs; k++) {
    const o = <usize>load<u32>(program + (<usize>k << 2), H_COLUMN);
    put(program + H_LAST, k, get(o, rows - 1));
  }
}

function runSteps(program: usize, rows: i32): void {
  if (rows == 0) return;
  let s = <usize>load<u32>(program, H_STEPS);
  const end = s + <usize>(load<i32>(program, H_COUNT) * STEP_BYTES);
  for (; s < end; s += STEP_BYTES) {
    const code = load<i32>(s, S_CODE);
    if (code < 20) arithmetic(code, s, rows);
    else remembering(code, s, rows);
  }
}

function remembering(code: i32, s: usize, rows: i32): void {
  switch (code) {
    case 20: ema(s, rows); break;
    case 21: wilderSum(s, rows); break;
    case 22: total(s, rows); break;
    case 23: previous(s, rows); break;
    case 24: hide(s, rows); break;
    case 25: adaptive(s, rows); break;
    case 26: rsi(s, rows); break;
    case 27: trueRange(s, rows); break;
    case 28: macd(s, rows); break;
    case 29: atr(s, rows); break;
    case 30: sumOf(s, rows); break;
    case 31: largest(s, rows); break;
    case 32: smallest(s, rows); break;
    case 33: ago(s, rows); break;
    case 34: sinceLargest(s, rows); break;
    case 35: sinceSmallest(s, rows); break;
    case 36: spread(s, rows); break;
    case 37: line(s, rows); break;
    case 38: deviation(s, rows); break;
    case 39: together(s, rows); break;
    case 40: movement(s, rows); break;
    case 41: parabolic(s, rows); break;
    case 42: volumeIndex(s, rows); break;
    case 43: candle(s, rows); break;
    default: break;
  }
}
