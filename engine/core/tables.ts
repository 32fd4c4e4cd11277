// Where the large tables of a day come from: made anew, or (a backtest of many days) those of a day
// that is over, emptied; columns are cut from memory that was zeroed whole. Handed down by the
// assembly to the owners of such tables; implemented by engine/backtest/day-tables.ts. Always: a
// table that was taken is as empty as a new one.

/** A table that a later day can use again. */
export interface Recycled {
  /** Empties it, at a cost of what it holds and not of what it could hold. */
  clear(): void;
}

export interface Tables {
  /** A table that `make` makes; `name` tells kind and sizes. */
  take<T extends Recycled>(name: string, make: () => T): T;
  /** A column of `count` zeros, for the day. */
  int32(count: number): Int32Array;
  int16(count: number): Int16Array;
  int8(count: number): Int8Array;
  uint8(count: number): Uint8Array;
  float64(count: number): Float64Array;
}

/** Makes every table anew. */
export const NEW_TABLES: Tables = {
  take: (_, make) => make(),
  int32: (count) => new Int32Array(count), // hot-ok: at start
  int16: (count) => new Int16Array(count), // hot-ok: at start
  int8: (count) => new Int8Array(count), // hot-ok: at start
  uint8: (count) => new Uint8Array(count), // hot-ok: at start
  float64: (count) => new Float64Array(count), // hot-ok: at start
};

/** Zeros in the first rows of every typed array that `table` shows as a property. Cold. */
export function clearRows(table: object, rows: number): void {
  for (const column of Object.values(table)) {
    if (ArrayBuffer.isView(column)) (column as Uint8Array).fill(0, 0, rows);
  }
}
