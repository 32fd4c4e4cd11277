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
  const { base, scale, coding, width, bytes } = column;
  const values = new Float64Array(rows);
  if (width === 0) return values.fill(base);
  const length = rows * width;
  const planes = zstdDecompressSync(bytes, { maxOutputLength: length });
  if (planes.length !== length) {
    throw new RangeError(`${planes.length} bytes unpacked, expected ${length}`);
  }
  join(planes, rows, width, values);
  let k = 0;
  for (let i = 0; i < rows; i++) {
    const number = values[i];
    if (coding === CODING_DIRECT) k = number;
    else k += number % 2 === 0 ? number / 2 : -(number + 1) / 2;
    values[i] = base + scale * k;
  }
  return values;
}

/** Byte planes to numbers, lowest plane first. */
function join(planes: Uint8Array, rows: number, width: number, values: Float64Array): void {
  let unit = 1;
  for (let plane = 0; plane < width; plane++, unit *= 256) {
    const from = plane * rows;
    for (let i = 0; i < rows; i++) values[i] += planes[from + i] * unit;
  }
}
