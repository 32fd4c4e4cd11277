// The cells of a sweep: every combination of the values of its axes, or a random choice of them.
// Read from the command line by tools/commands/sweep.ts. Always: a cell is found from its number
// alone, so a grid is never held in memory; the last axis runs fastest; the same seed chooses the
// same cells.
import { Prng } from '../synthetic/prng.ts';

export type GridValue = number | boolean | string;

export interface Axis {
  readonly name: string;
  readonly values: readonly GridValue[];
}

/** What is wrong with a grid, for people. */
export class GridError extends Error {
  override readonly name = 'GridError';
}

/** Values of one axis, and cells of a grid. */
const VALUES_MAX = 100_000;
export const CELLS_MAX = 10_000_000;
const FORM = 'fast=3..20, slow=10..60:5, kind=a,b or on=true,false';

/** Reads `fast=3..20`, `slow=10..60:5`, `rate=0.1..0.5:0.1`, `kind=a,b,c`. */
export function parseAxis(text: string): Axis {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(0, at));
  const value = text.slice(at + 1);
  if (!/^[A-Za-z_$][\w$]*$/.test(name) || value === '') {
    throw new GridError(`grid '${text}': expected ${FORM}`);
  }
  const range = /^(-?[\d.]+)\.\.(-?[\d.]+)(?::([\d.]+))?$/.exec(value);
  const values = range === null ? value.split(',').map(gridValue) : rangeValues(text, range);
  const twice = values.find((one, i) => values.indexOf(one) !== i);
  if (twice !== undefined) throw new GridError(`grid '${text}': ${String(twice)} stands twice`);
  return { name, values };
}

function rangeValues(text: string, [, from = '', to = '', step = '1']: RegExpExecArray): number[] {
  const numbers = [from, to, step].map((part) =>
    /^-?\d+(\.\d+)?$/.test(part) ? Number(part) : NaN,
  );
  const [first, last, by] = numbers as [number, number, number];
  if (!(by > 0) || !(last >= first)) {
    throw new GridError(`grid '${text}': expected FROM..TO or FROM..TO:STEP, FROM not above TO`);
  }
  // Whole multiples of the finest decimal, so that 0.1..0.3:0.1 is 0.1, 0.2, 0.3.
  const digits = Math.max(...[from, to, step].map((part) => part.split('.')[1]?.length ?? 0));
  const scale = 10 ** digits;
  const [a, b, d] = [first, last, by].map((one) => Math.round(one * scale)) as [
    number,
    number,
    number,
  ];
  const count = Math.floor((b - a) / d) + 1;
  if (count > VALUES_MAX) throw new GridError(`grid '${text}': ${count} values`);
  return Array.from({ length: count }, (_, i) => (a + i * d) / scale);
}

function gridValue(text: string): GridValue {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** Cells of the whole grid. Throws GridError for none, one axis twice, or too many. */
export function gridSize(axes: readonly Axis[]): number {
  if (axes.length === 0) throw new GridError(`a sweep needs a grid, such as ${FORM}`);
  const names = axes.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new GridError(`grid: ${twice} is given twice`);
  const size = axes.reduce((product, { values }) => product * values.length, 1);
  if (size <= CELLS_MAX) return size;
  throw new GridError(`the grid has ${size} cells, at most ${CELLS_MAX}; use longer steps`);
}

/** Values of a cell by axis name. */
export function cellParams(axes: readonly Axis[], cell: number): Record<string, GridValue> {
  const params: Record<string, GridValue> = {};
  let rest = cell;
  for (let i = axes.length - 1; i >= 0; i--) {
    const { name, values } = axes[i]!;
    params[name] = values[rest % values.length]!;
    rest = Math.floor(rest / values.length);
  }
  return Object.fromEntries(axes.map(({ name }) => [name, params[name]!]));
}

/** The cells to run, ascending: all, or `random` different ones chosen by `seed`. */
export function chooseCells(size: number, random: number, seed: number): number[] {
  if (random <= 0 || random >= size) return Array.from({ length: size }, (_, i) => i);
  const prng = new Prng(seed);
  const chosen = new Set<number>();
  // Floyd's choice: each subset of that size is as likely as any other.
  for (let i = size - random; i < size; i++) {
    const pick = Math.min(i, Math.floor((prng.uint32() / 2 ** 32) * (i + 1)));
    chosen.add(chosen.has(pick) ? i : pick);
  }
  return [...chosen].sort((a, b) => a - b);
}
