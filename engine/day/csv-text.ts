// Writes and reads the small CSV files of a day (profit, reconciliation, statements, movements).
// Always: what has a comma, quote or line break is quoted; a reader hears file, line and column of
// what is wrong; money is yuan with at most four decimals in files, 1/10,000 yuan inside.
import { readFileSync } from 'node:fs';
import { CsvError, parse } from 'csv-parse/sync';
import { isCalendarDay, scaleExactly } from '../config-numbers.ts';
import { parseSymbol } from '../core/instrument.ts';
import { csvLines } from '../csv-lines.ts';

/** A file of a person or a broker that cannot be taken. */
export class TableError extends Error {}

/** What a spreadsheet would take for a formula; it gets an apostrophe, and is text. */
const FORMULA = /^[=+@\t]|^-(?!\d)/;

/** CSV of rows by column. */
export function csvText(
  columns: readonly string[],
  rows: readonly Readonly<Record<string, string | number>>[],
): string {
  return csvLines(
    columns,
    rows.map((row) => columns.map((name) => safeCell(row[name] ?? ''))),
  );
}

function safeCell(value: string | number): string | number {
  return typeof value === 'string' && FORMULA.test(value) ? `'${value}` : value;
}

/** Yuan of 1/10,000 yuan, without trailing zeros: 12.5, -0.0001. */
export function yuanText(amountE4: number): string {
  const sign = amountE4 < 0 ? '-' : '';
  const e4 = Math.abs(Math.round(amountE4));
  const rest = String(e4 % 10_000).padStart(4, '0');
  return `${sign}${Math.floor(e4 / 10_000)}.${rest}`.replace(/\.?0+$/, '');
}

/** One row of a file, whose cells are asked for by column; what is wrong throws TableError. */
export class TableRow {
  readonly line: number;
  readonly #file: string;
  readonly #cells: ReadonlyMap<string, string>;

  constructor(file: string, line: number, cells: ReadonlyMap<string, string>) {
    this.#file = file;
    this.line = line;
    this.#cells = cells;
  }

  text(column: string): string {
    return this.#cells.get(column) ?? '';
  }

  refuse(column: string, expected: string): never {
    const value = this.text(column);
    const found = value === '' ? 'is empty' : `is '${value.slice(0, 60)}'`;
    const where = `${this.#file} line ${this.line}: ${column} ${found}`;
    throw new TableError(`${where}, expected ${expected}`);
  }

  oneOf<Name extends string>(column: string, names: readonly Name[]): Name {
    const found = names.find((name) => name === this.text(column));
    return found ?? this.refuse(column, `one of ${names.join(', ')}`);
  }

  symbol(column: string): string {
    try {
      return parseSymbol(this.text(column)).symbol;
    } catch {
      return this.refuse(column, "a symbol such as '600519.SH'");
    }
  }

  day(column: string): number {
    const day = Number(this.text(column).replaceAll('-', ''));
    return isCalendarDay(day) ? day : this.refuse(column, 'a day such as 20260105');
  }

  /** Whole shares; `min` 0 for holdings, 1 for trades, below 0 where shares may go. */
  qty(column: string, min: number): number {
    const text = this.text(column);
    const value = /^[+-]?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    const isFine = value >= min && value <= 2_000_000_000;
    return isFine ? value : this.refuse(column, `whole shares, at least ${min}`);
  }

  /** Yuan as 1/10,000 yuan; `signed` = may be negative. An empty cell is `absent`, if given. */
  yuan(column: string, signed: boolean, absent?: number): number {
    const text = this.text(column);
    if (text === '' && absent !== undefined) return absent;
    const expected = `yuan with at most 4 decimals${signed ? '' : ', not negative'}`;
    if (!/^[+-]?\d{1,12}(\.\d{1,4})?$/.test(text)) return this.refuse(column, expected);
    const value = Number(text);
    if (!signed && value < 0) return this.refuse(column, expected);
    return scaleExactly(Math.abs(value), 4) * (value < 0 ? -1 : 1);
  }
}

/** Rows of a CSV file; `needed` columns must be there, others than `known` are refused. */
export function readTable(
  file: string,
  needed: readonly string[],
  optional: readonly string[] = [],
): TableRow[] {
  const records = parseText(file);
  const [head] = records;
  if (head === undefined) throw new TableError(`${file} is empty, expected a header line`);
  const columns = head.record.map((name) => name.trim());
  const known = [...needed, ...optional];
  for (const name of needed) {
    if (columns.includes(name)) continue;
    throw new TableError(`${file} line 1: no column ${name}; expected ${known.join(', ')}`);
  }
  for (const [i, name] of columns.entries()) {
    const twice = columns.indexOf(name) !== i;
    if (known.includes(name) && !twice) continue;
    const what = twice ? `column ${name} is there twice` : `unknown column '${name}'`;
    throw new TableError(`${file} line 1: ${what}; known: ${known.join(', ')}`);
  }
  return records.slice(1).map(({ record, info }) => {
    if (record.length !== columns.length) {
      const found = `${record.length} fields, expected ${columns.length}`;
      throw new TableError(`${file} line ${info.lines}: ${found} (${columns.join(', ')})`);
    }
    const cells = new Map(columns.map((name, i) => [name, record[i]!.trim()]));
    return new TableRow(file, info.lines, cells);
  });
}

interface ParsedRecord {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

function parseText(file: string): ParsedRecord[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new TableError(`${file} does not exist`);
    if (code === 'EISDIR') throw new TableError(`${file} is a folder, expected a CSV file`);
    if (error instanceof TypeError) throw new TableError(`${file} is not UTF-8; save it as UTF-8`);
    throw new TableError(`${file} cannot be read: ${(error as Error).message}`);
  }
  const options = { bom: true, relax_column_count: true, skip_empty_lines: true, info: true };
  try {
    return parse(text, { ...options, comment: '#' }) as unknown as ParsedRecord[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error['lines'] === 'number' ? error['lines'] : 1;
    throw new TableError(`${file} line ${line}: not CSV: ${error.code}`);
  }
}
