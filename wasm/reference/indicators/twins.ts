// All slow twins by the name of their indicator, and what a row that misses a number does to them.
// Used by the differential test and by tests of conventions.
// Always: a row with a missing number among the indicator's inputs is taken out before anything is
// computed, and its outputs are empty.
import { AVERAGES } from './averages.ts';
import { CANDLES } from './candles.ts';
import { MOMENTUM } from './momentum.ts';
import type { Asked, Series, Twin } from './series.ts';

export const TWINS: { readonly [name: string]: Twin } = { ...AVERAGES, ...MOMENTUM, ...CANDLES };

type Column = 'open' | 'high' | 'low' | 'close' | 'volume' | 'real' | 'real2';
const COLUMNS: readonly Column[] = ['open', 'high', 'low', 'close', 'volume', 'real', 'real2'];

/** The outputs of an indicator, one series each, as long as the columns. */
export function runTwin(
  name: string,
  inputs: readonly Column[],
  columns: { readonly [name in Column]?: Series },
  asked: Pick<Asked, 'p' | 'convention'>,
): Series[] {
  const rows = columns[inputs[0]!]!.length;
  const kept = Array.from({ length: rows }, (_, i) => i).filter((i) =>
    inputs.every((input) => Math.abs(columns[input]![i]!) <= 1e100),
  );
  const part = Object.fromEntries(
    COLUMNS.map((column) => [
      column,
      inputs.includes(column) ? kept.map((i) => columns[column]![i]!) : [],
    ]),
  ) as unknown as Asked;
  const results = TWINS[name]!({ ...part, ...asked });
  return results.map((series) => {
    const out: number[] = Array.from({ length: rows }, () => Number.NaN);
    for (const [k, i] of kept.entries()) out[i] = series[k]!;
    return out;
  });
}
