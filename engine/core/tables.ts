// Where the large tables of a day come from: made anew, or (a backtest of many days) those of a day
// that is over, emptied. Handed down by the assembly to the owners of such tables; implemented by
// engine/backtest/day-tables.ts. Always: a table that was taken is as empty as a new one.

/** A table that a later day can use again. */
export interface Recycled {
  /** Empties it, at a cost of what it holds and not of what it could hold. */
  clear(): void;
}

export interface Tables {
  /** A table that `make` makes; `name` tells kind and sizes. */
  take<T extends Recycled>(name: string, make: () => T): T;
}

/** Makes every table anew. */
export const NEW_TABLES: Tables = {
  take: (_, make) => make(),
};

/** Zeros in the first rows of every typed array that `table` shows as a property. Cold. */
export function clearRows(table: object, rows: number): void {
  for (const column of Object.values(table)) {
    if (ArrayBuffer.isView(column)) (column as Uint8Array).fill(0, 0, rows);
  }
}
