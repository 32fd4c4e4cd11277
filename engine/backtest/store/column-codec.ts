// One column of a day file: whole numbers to bytes and back. Called by day-file.ts for every
// column of every block. Always: what is decoded is exactly what was encoded; every value is a
// whole number below 2^53 (prices in 1/10,000 yuan, shares, ns), so nothing is rounded.
//
// value[i] = base + scale * k[i]: `scale` is the greatest common divisor of all differences (a lot,
// a tick, 10 ms). Coding DIRECT stores k[i]; DELTA the zigzag of k[i] - k[i-1]. The numbers are cut
// into byte planes (all lowest bytes, then all second bytes ...) and compressed by zstd.
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { assert } from '../../assert.ts';

export const CODING_DIRECT = 0;
export const CODING_DELTA = 1;
/** Bytes per number at most: 2^56 holds a zigzag of any difference below 2^53 and its scale. */
const WIDTH_MAX = 7;
const TWO_32 = 4_294_967_296;
/** Widest number that 32 bits hold. */
const INT_WIDTH = 4;
/** Least size of an output buffer that zlib takes. */
const CHUNK_MIN = 64;
/** On order streams within 2 % of level 9 in size, in a third of its time (docs/DATA.md). */
const LEVEL = 3;

/** An encoded column. */
export interface EncodedColumn {
  readonly base: number;
  readonly scale: number;
  readonly coding: number;
  /** Bytes per number; 0 = every value is `base`. */
  readonly width: number;
  readonly bytes: Uint8Array;
}

/** Encodes the column; throws AssertionError for a value that is no whole number below 2^53. */
export function encodeColumn(values: Float64Array): EncodedColumn {
  const { base, scale } = rangeOf(values);
  if (scale === 0) return { base, scale, coding: CODING_DIRECT, width: 0, bytes: new Uint8Array() };
  const direct = new Float64Array(values.length);
  const delta = new Float64Array(values.length);
  let before = 0;
  for (let i = 0; i < values.length; i++) {
    const k = (values[i] - base) / scale;
    direct[i] = k;
    const step = k - before;
    delta[i] = step < 0 ? -2 * step - 1 : 2 * step;
    before = k;
  }
  const a = packed(direct);
  const b = packed(delta);
  const isDirect = a.bytes.length <= b.bytes.length;
  const coding = isDirect ? CODING_DIRECT : CODING_DELTA;
  return { base, scale, coding, ...(isDirect ? a : b) };
}

/** Lowest value, and the greatest common divisor of all distances from it; 0 = all are equal. */
function rangeOf(values: Float64Array): { readonly base: number; readonly scale: number } {
  let base = values.length === 0 ? 0 : values[0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    assert(Number.isSafeInteger(value), `value=${value} at row ${i}, expected a whole number`);
    if (value < base) base = value;
  }
  let scale = 0;
  for (let i = 0; i < values.length && scale !== 1; i++) scale = divisorOf(values[i] - base, scale);
  return { base, scale };
}

function divisorOf(a: number, b: number): number {
  let x = a;
  let y = b;
  while (y !== 0) {
    const rest = x % y;
    x = y;
    y = rest;
  }
  return x;
}

function packed(numbers: Float64Array): { readonly width: number; readonly bytes: Uint8Array } {
  let max = 0;
  for (let i = 0; i < numbers.length; i++) if (numbers[i] > max) max = numbers[i];
  let width = 1;
  for (let limit = 256; max >= limit; limit *= 256) width++;
  assert(width <= WIDTH_MAX, `width=${width}, expected at most ${WIDTH_MAX}`);
  const rows = numbers.length;
  const planes = new Uint8Array(rows * width);
  for (let i = 0; i < rows; i++) {
    let low = numbers[i] % TWO_32;
    const high = (numbers[i] - low) / TWO_32;
    for (let plane = 0; plane < width; plane++) {
      if (plane === 4) low = high;
      planes[plane * rows + i] = low & 255;
      low = Math.floor(low / 256);
    }
  }
  return { width, bytes: zstdCompressSync(planes, OPTIONS) };
}

const OPTIONS = { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } };

/** The values of an encoded column; throws when the bytes are no zstd stream of `rows` numbers. */
export function decodeColumn(column: EncodedColumn, rows: number): Float64Array {
  const values = new Float64Array(rows);
  decodeInto(column, rows, values, 0);
  return values;
}

/** Like decodeColumn(), to `rows` places from `at`; an Int32Array is for values that fit. */
export function decodeInto(
  column: EncodedColumn,
  rows: number,
  to: Float64Array | Int32Array,
  at: number,
): void {
  const { base, width } = column;
  if (width === 0) {
    to.fill(base, at, at + rows);
    return;
  }
  const planes = unpacked(column, rows);
  if (steps.length < rows) {
    steps = new Float64Array(rows);
    bits = new Int32Array(rows);
  }
  const isDelta = column.coding !== CODING_DIRECT;
  if (width <= INT_WIDTH) readShort(planes, rows, width, isDelta);
  else readLong(planes, rows, width, isDelta);
  place(column, rows, to, at);
}

function unpacked({ width, bytes }: EncodedColumn, rows: number): Buffer {
  const length = rows * width;
  // One byte more than there may be: a full buffer would be asked for its rest, in another call.
  const chunkSize = Math.max(CHUNK_MIN, length + 1);
  const planes = zstdDecompressSync(bytes, { maxOutputLength: length, chunkSize });
  if (planes.length !== length) {
    throw new RangeError(`${planes.length} bytes unpacked, expected ${length}`);
  }
  return planes;
}

/** The numbers k of the column that is decoded, and their bits where 32 hold them. */
let steps = new Float64Array(0);
let bits = new Int32Array(0);

/** Byte planes, lowest first, to steps; in whole numbers of 32 bits, which most columns have. */
function readShort(planes: Uint8Array, rows: number, width: number, isDelta: boolean): void {
  const [read, k] = [bits, steps];
  for (let i = 0; i < rows; i++) read[i] = planes[i]!;
  for (let plane = 1; plane < width; plane++) {
    const from = plane * rows;
    for (let i = 0; i < rows; i++) read[i]! |= planes[from + i]! << (8 * plane);
  }
  if (!isDelta) {
    for (let i = 0; i < rows; i++) k[i] = read[i]! >>> 0;
    return;
  }
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    const zigzag = read[i]!;
    sum += (zigzag >>> 1) ^ -(zigzag & 1);
    k[i] = sum;
  }
}

function readLong(planes: Uint8Array, rows: number, width: number, isDelta: boolean): void {
  const k = steps;
  for (let i = 0; i < rows; i++) k[i] = planes[i]!;
  let unit = 256;
  for (let plane = 1; plane < width; plane++, unit *= 256) {
    const from = plane * rows;
    for (let i = 0; i < rows; i++) k[i]! += planes[from + i]! * unit;
  }
  if (!isDelta) return;
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    const number = k[i]!;
    sum += number % 2 === 0 ? number / 2 : -(number + 1) / 2;
    k[i] = sum;
  }
}

/** One loop for each kind of array: each is compiled for its own. */
function place(
  { base, scale }: EncodedColumn,
  rows: number,
  to: Float64Array | Int32Array,
  at: number,
): void {
  const k = steps;
  if (to instanceof Int32Array) {
    for (let i = 0; i < rows; i++) to[at + i] = base + scale * k[i]!;
  } else {
    for (let i = 0; i < rows; i++) to[at + i] = base + scale * k[i]!;
  }
}
