// Reads the columns an indicator needs from a CSV file: by name, in any case, also by the names
// of Chinese exports. Called by `pankou indicator`. Always: an empty cell, NaN, null, None, `-`
// and `--` are a missing number; anything else that is no number is an error with its line and
// column.
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import type { IndicatorInput } from '../../engine/core/indicator-specs.ts';

/** Names under which a file may hold an input, in the order they are looked for. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  open: ['open', '开盘', '开盘价'],
  high: ['high', '最高', '最高价'],
  low: ['low', '最低', '最低价'],
  close: ['close', '收盘', '收盘价'],
  volume: ['volume', 'vol', '成交量'],
};
const MISSING = new Set(['', 'nan', 'null', 'none', '-', '--']);

interface Table {
  readonly path: string;
  readonly names: readonly string[];
  readonly rows: readonly { readonly record: readonly string[]; readonly line: number }[];
}

/**
 * One column for each input. `chosen` names the columns of `real` and `real2` (close unless given;
 * a file of one column needs no name). Throws an Error that says which file, column and line.
 */
export function readColumns(
  path: string,
  inputs: readonly IndicatorInput[],
  chosen: readonly string[],
): Float64Array[] {
  const table = readTable(path);
  const real: readonly IndicatorInput[] = inputs.filter(isFree);
  checkChosen(chosen, inputs, real);
  return inputs.map((input) => {
    const k = real.indexOf(input);
    if (k < 0) return columnOf(table, NAMES[input] ?? [input]);
    const name = chosen[k] ?? (k === 0 ? 'close' : undefined);
    if (name === undefined) throw new Error('two columns are needed: --column NAME,NAME');
    const isOnly = chosen.length === 0 && table.names.length === 1;
    return columnOf(table, isOnly ? table.names : (NAMES[name.toLowerCase()] ?? [name]));
  });
}

function isFree(input: IndicatorInput): boolean {
  return input === 'real' || input === 'real2';
}

function checkChosen(
  chosen: readonly string[],
  inputs: readonly IndicatorInput[],
  real: readonly IndicatorInput[],
): void {
  // `--column close` for an indicator that takes the close anyway changes nothing.
  const extra = chosen.filter((name) => !inputs.includes(name.toLowerCase() as IndicatorInput));
  if (real.length === 0 && extra.length > 0) {
    throw new Error(`--column ${extra.join(',')}: it always takes ${inputs.join(', ')}`);
  }
  if (real.length > 0 && chosen.length > real.length) {
    throw new Error(`--column: ${chosen.length} columns, expected ${real.length}`);
  }
}

function readTable(path: string): Table {
  let text: Buffer;
  try {
    text = readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new Error(code === 'ENOENT' ? `${path} does not exist` : `${path}: ${String(error)}`);
  }
  let all: { record: string[]; info: { lines: number } }[];
  try {
    all = parse(text, {
      ...{ bom: true, trim: true, info: true, skip_empty_lines: false },
      ...{ delimiter: delimiterOf(text), relax_column_count: true },
    }) as unknown as typeof all;
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const [head, ...body] = all;
  if (head === undefined) throw new Error(`${path} is empty: expected a line of column names`);
  const rows = body.map(({ record, info }) => ({ record, line: info.lines }));
  while (rows.length > 0 && isBlank(rows[rows.length - 1]!.record)) rows.pop();
  return { path, names: head.record.map((name) => name.toLowerCase()), rows };
}

function isBlank(record: readonly string[]): boolean {
  return record.length === 0 || (record.length === 1 && record[0] === '');
}

/** What separates the names in the first line: the most frequent of comma, tab and semicolon. */
function delimiterOf(text: Buffer): string {
  const end = text.indexOf(10);
  const head = text.subarray(0, end < 0 ? text.length : end).toString('utf8');
  const count = (mark: string) => head.split(mark).length;
  return [',', '\t', ';'].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

function columnOf(table: Table, names: readonly string[]): Float64Array {
  const wanted = names.map((name) => name.trim().toLowerCase());
  const at = wanted.map((name) => table.names.indexOf(name)).find((index) => index >= 0);
  if (at === undefined) {
    const has = table.names.join(', ');
    throw new Error(`${table.path} has no column ${names[0]} (it has: ${has})`);
  }
  return Float64Array.from(table.rows, ({ record, line }) => {
    const text = record[at] ?? '';
    if (MISSING.has(text.toLowerCase())) return Number.NaN;
    const value = Number(text);
    if (Number.isFinite(value)) return value;
    const what = `${table.path}:${line}: ${table.names[at]} is '${text}'`;
    throw new Error(`${what}, expected a number (empty or NaN: missing)`);
  });
}
