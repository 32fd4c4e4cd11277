// Columns of what instruments never change in a day, made by the tables of core and actors at the
// start of each day. Always: a plain loop; Int32Array.from() with a function takes ten times as
// long, and a run of daily bars makes fifty columns of thousands of instruments a day.
import type { Instrument } from './instrument.ts';

/** int32 by instrument. Allocates; at start only. */
export function int32Column(
  instruments: readonly Instrument[],
  of: (instrument: Instrument) => number,
): Int32Array {
  const column = new Int32Array(instruments.length); // hot-ok: at start
  for (let i = 0; i < column.length; i++) column[i] = of(instruments[i]!);
  return column;
}

/** Like int32Column, of 0 to 255. */
export function uint8Column(
  instruments: readonly Instrument[],
  of: (instrument: Instrument) => number,
): Uint8Array {
  const column = new Uint8Array(instruments.length); // hot-ok: at start
  for (let i = 0; i < column.length; i++) column[i] = of(instruments[i]!);
  return column;
}
