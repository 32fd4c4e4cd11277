// What a finished (or stopped) sweep found: the best cells by a figure, the deflated Sharpe ratio
// of the best, the map of two axes. Made from the rows, written as sweep.json, shown by the command
// and the page. Always: pure; failed cells count as tried nowhere but in `failed`.
import type { CellRow } from './cell.ts';
import { type DeflatedSharpe, deflatedSharpe, sharpeOf } from './deflated-sharpe.ts';
import type { Figure } from './figures.ts';
import type { Axis, GridValue } from './grid.ts';

export interface RankedCell {
  readonly cell: number;
  readonly params: CellRow['params'];
  readonly stateHash: string;
  readonly figures: CellRow['figures'];
  readonly sharpePerPeriod: number | null;
}

/** The best value of a figure for each pair of two axes' values. */
export interface HeatMap {
  readonly x: Axis;
  readonly y: Axis | null;
  /** Rows of y, values of x; null = no finished cell. Other axes at their best. */
  readonly values: readonly (readonly (number | null)[])[];
}

export interface SweepSummary {
  readonly by: Figure;
  readonly cells: number;
  readonly done: number;
  readonly failed: number;
  readonly errors: readonly { readonly text: string; readonly count: number }[];
  readonly best: readonly RankedCell[];
  readonly deflated: DeflatedSharpe | null;
  readonly heat: readonly HeatMap[];
}

/** Cells listed as best. */
const LISTED = 20;
/** Values of an axis on the map, and pairs of axes. */
const MAP_VALUES_MAX = 200;
const MAPS_MAX = 6;

export function summarise(
  axes: readonly Axis[],
  cells: number,
  rows: readonly CellRow[],
  by: Figure,
): SweepSummary {
  const fine = rows.filter((row) => row.status === 'ok');
  const ranked = [...fine].sort((a, b) => figureOf(b, by) - figureOf(a, by) || a.cell - b.cell);
  const errors = new Map<string, number>();
  for (const row of rows) {
    if (row.status === 'failed') errors.set(row.error, (errors.get(row.error) ?? 0) + 1);
  }
  const best = ranked[0]?.shape ?? null;
  const sharpes = fine.flatMap(({ shape }) => (shape === null ? [] : [sharpeOf(shape)]));
  return {
    by,
    cells,
    done: rows.length,
    failed: rows.length - fine.length,
    errors: [...errors].map(([text, count]) => ({ text, count })).slice(0, LISTED),
    best: ranked.slice(0, LISTED).map(({ cell, params, stateHash, figures, shape }) => {
      const sharpePerPeriod = shape === null ? null : sharpeOf(shape);
      return { cell, params, stateHash, figures, sharpePerPeriod };
    }),
    deflated: best === null ? null : deflatedSharpe(best, sharpes),
    heat: mapsOf(axes, fine, by),
  };
}

/** A figure that is not defined ranks last. */
function figureOf(row: CellRow, by: Figure): number {
  return row.figures[by] ?? Number.NEGATIVE_INFINITY;
}

function mapsOf(axes: readonly Axis[], rows: readonly CellRow[], by: Figure): HeatMap[] {
  const drawn = axes.filter(({ values }) => values.length > 1 && values.length <= MAP_VALUES_MAX);
  if (drawn.length === 0) return [];
  if (drawn.length === 1) return [mapOf(drawn[0]!, null, rows, by)];
  const maps: HeatMap[] = [];
  for (let i = 0; i < drawn.length; i++) {
    for (let j = i + 1; j < drawn.length && maps.length < MAPS_MAX; j++) {
      maps.push(mapOf(drawn[i]!, drawn[j]!, rows, by));
    }
  }
  return maps;
}

function mapOf(x: Axis, y: Axis | null, rows: readonly CellRow[], by: Figure): HeatMap {
  const height = y === null ? 1 : y.values.length;
  const values = Array.from({ length: height }, () => x.values.map((): number | null => null));
  const place = (axis: Axis): Map<GridValue, number> => new Map(axis.values.map((v, i) => [v, i]));
  const [columns, lines] = [place(x), y === null ? null : place(y)];
  for (const row of rows) {
    const value = row.figures[by];
    if (value === null || value === undefined) continue;
    const line = values[y === null || lines === null ? 0 : lines.get(row.params[y.name]!)!]!;
    const column = columns.get(row.params[x.name]!)!;
    const before = line[column] ?? null;
    if (before === null || value > before) line[column] = value;
  }
  return { x, y, values };
}
