// Memory of indicators.wasm and the record of one step. A program is a head and a row of steps; the
// host (engine/host/indicators/module.ts) writes both into the arena once, when an indicator is
// opened. A step reads columns of at most CHUNK values and writes columns; what it must remember
// lies in its record and its window. Always: memory is sized by init() and never grows after.

/** Values of a column; even, so that a pair may always be written. */
export const CHUNK: i32 = 1024;
/** Columns: 0..4 are the rows that come in, the rest belongs to the running program. */
export const COLUMNS: i32 = 64;
export const INPUTS: i32 = 5;
export const OUTPUTS: i32 = 5;

export const OK: i32 = 0;
export const BAD_COUNT: i32 = -1;
export const NO_MEMORY: i32 = -2;

// Head of a program: steps i32, count i32, mask of inputs i32, outputs i32, five column addresses,
// then the outputs of the last row as float64.
export const H_STEPS: usize = 0;
export const H_COUNT: usize = 4;
export const H_MASK: usize = 8;
export const H_OUTPUTS: usize = 12;
export const H_COLUMN: usize = 16;
export const H_LAST: usize = 40;
export const HEAD_BYTES: i32 = 80;

// A step: code, period, four input and three output columns, window, two whole and three real
// constants; from 72 on its state, all zero at first.
export const S_CODE: usize = 0;
export const S_N: usize = 4;
export const S_A: usize = 8;
export const S_B: usize = 12;
export const S_C: usize = 16;
export const S_D: usize = 20;
export const S_O: usize = 24;
export const S_O2: usize = 28;
export const S_O3: usize = 32;
export const S_W: usize = 36;
export const S_M: usize = 40;
export const S_U: usize = 44;
export const S_P: usize = 48;
export const S_Q: usize = 56;
export const S_R: usize = 64;
export const S_COUNT: usize = 72;
export const S_POS: usize = 76;
export const S_X: usize = 80;
export const STEP_BYTES: i32 = 144;

let columnBase: usize = 0;
let mapBase: usize = 0;
let arenaBase: usize = 0;

/** Lays memory out for an arena of that many bytes. OK or NO_MEMORY. */
export function init(arenaBytes: i32): i32 {
  columnBase = (__heap_base + 63) & ~63;
  mapBase = columnBase + (<usize>(COLUMNS * CHUNK) << 3);
  arenaBase = mapBase + (<usize>CHUNK << 2);
  const end = arenaBase + <usize>u32(arenaBytes);
  const pages = i32((end + 65535) >> 16);
  const missing = pages - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) return NO_MEMORY;
  return OK;
}

/** Where the host's programs begin. */
export function firstByte(): usize {
  return arenaBase;
}

@inline
export function column(index: i32): usize {
  return columnBase + (<usize>(index * CHUNK) << 3);
}

/** Rows kept by the compaction of a chunk. */
@inline
export function rowMap(i: i32): usize {
  return mapBase + (<usize>i << 2);
}

@inline
export function at(base: usize, i: i32): usize {
  return base + (<usize>i << 3);
}

@inline
export function get(base: usize, i: i32): f64 {
  return load<f64>(base + (<usize>i << 3));
}

@inline
export function put(base: usize, i: i32, value: f64): void {
  store<f64>(base + (<usize>i << 3), value);
}

@inline
export function isNone(value: f64): bool {
  return value != value;
}

/**
 * Passes what is still empty in front of column `a` on to column `o`; the first row with a value.
 */
@inline
export function skipOne(a: usize, o: usize, rows: i32): i32 {
  let i = 0;
  while (i < rows && isNone(get(a, i))) put(o, i++, NaN);
  return i;
}

/** Writes "not yet" into rows from..to - 1. */
@inline
export function blank(o: usize, from: i32, to: i32): void {
  for (let i = from; i < to; i++) put(o, i, NaN);
}

/** The larger of two numbers in one instruction (the second where they do not compare). */
@inline
export function larger(a: f64, b: f64): f64 {
  return f64x2.extract_lane(f64x2.pmax(f64x2.splat(b), f64x2.splat(a)), 0);
}

@inline
export function smaller(a: f64, b: f64): f64 {
  return f64x2.extract_lane(f64x2.pmin(f64x2.splat(b), f64x2.splat(a)), 0);
}
