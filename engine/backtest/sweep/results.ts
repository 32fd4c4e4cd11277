// The rows of a sweep on disk: an LMDB environment that takes each row as it is finished, and
// results.csv made from it. Used by sweep.ts. Always: a row that put() has resolved for survives
// kill -9; the CSV has one row a cell, in the order of cells, and the same bytes however many
// workers there were.
import { join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { csvLines } from '../../csv-lines.ts';
import { writeWhole } from '../report.ts';
import type { CellRow } from './cell.ts';
import { FIGURES } from './figures.ts';
import type { Axis } from './grid.ts';

const FOLDER = 'results';

export class SweepResults {
  readonly #root: RootDatabase<CellRow, number>;
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
    this.#root = open({ path: join(dir, FOLDER), compression: false, noSubdir: false });
  }

  /** Resolves when the row is on disk; rejects when the disk is full. */
  async put(row: CellRow): Promise<void> {
    await this.#root.put(row.cell, row);
  }

  get count(): number {
    return this.#root.getCount();
  }

  has(cell: number): boolean {
    return this.#root.doesExist(cell);
  }

  get(cell: number): CellRow | undefined {
    return this.#root.get(cell);
  }

  /** All rows, by cell. */
  rows(): Iterable<CellRow> {
    return this.#root.getRange().map(({ value }) => value);
  }

  /** Writes results.csv; returns its path. */
  writeCsv(axes: readonly Axis[]): string {
    const names = axes.map(({ name }) => name);
    const head = ['cell', ...names, 'status', 'stateHash', ...FIGURES, 'sharpePerPeriod', 'error'];
    const rows = [...this.rows()].map((row) => [
      ...[row.cell, ...names.map((name) => String(row.params[name])), row.status, row.stateHash],
      ...FIGURES.map((name) => row.figures[name] ?? ''),
      row.shape === null ? '' : row.shape.mean / row.shape.deviation,
      row.error,
    ]);
    const path = join(this.#dir, 'results.csv');
    writeWhole(path, csvLines(head, rows));
    return path;
  }

  async close(): Promise<void> {
    await this.#root.close();
  }
}

/** What went wrong, for people: a full disk is said as such. */
export function diskText(dir: string, error: unknown): string {
  const text = error instanceof Error ? `${error.message}` : String(error);
  const code = (error as { code?: unknown }).code;
  const full = /ENOSPC|MDB_MAP_FULL|No space left|EDQUOT/i.test(`${text} ${String(code)}`);
  if (!full && code !== 28) return text;
  return (
    `${dir}: the disk is full; finished cells are kept, ` +
    'the same command goes on after room is made'
  );
}
