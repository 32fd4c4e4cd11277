// `pankou data export`: day files as Parquet or CSV, for Python and everything else. Called by the
// command line and tests. Always: one file per instrument and kind with a `day` and a `symbol`
// column in front; numbers as in the day file (prices in 1/10,000 yuan, int32 where they fit, else
// int64); a file appears whole or not at all.
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBAppender, type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { columnsOf, isSeries, PLACE_COLUMNS, type Table } from './columns.ts';
import { DayFile, diskError } from './day-file.ts';
import { filesIn, requireStore, type StoredFile, symbolsIn } from './store-folder.ts';

export interface ExportOptions {
  readonly store: string;
  readonly out: string;
  readonly format: 'parquet' | 'csv';
  readonly instruments: readonly string[] | 'all';
  /** Kinds wanted, `orders`, `bars-1m` …; empty = all. */
  readonly kinds: readonly string[];
  /** 0 = open. */
  readonly from: number;
  readonly to: number;
  readonly onProgress?: (done: number, all: number, file: string) => void;
}

export interface ExportedFile {
  readonly path: string;
  readonly rows: number;
}

/** Columns that may pass int32: the rest is INTEGER. */
const WIDE = /Ns$|Qty_|^volume$|^amountE4$|Shares$/;
/** Columns that an export leaves to the day file. */
const OWN_DAY = 'day';

/** Exports what is asked for; throws MarketDataError for a store or disk that refuses. */
export async function exportStore(options: ExportOptions): Promise<ExportedFile[]> {
  requireStore(options.store);
  const { instruments, kinds, from, to } = options;
  const all = symbolsIn(options.store);
  const symbols = instruments === 'all' ? all : all.filter((s) => instruments.includes(s));
  const files = filesIn(options.store, symbols).filter(({ kind, day }) => {
    if (kinds.length > 0 && !kinds.includes(kind)) return false;
    return isSeries(kind) || ((from === 0 || day >= from) && (to === 0 || day <= to));
  });
  try {
    mkdirSync(options.out, { recursive: true });
    return await exportGroups(options, files);
  } catch (error) {
    throw diskError(options.out, error);
  }
}

async function exportGroups(
  options: ExportOptions,
  files: readonly StoredFile[],
): Promise<ExportedFile[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const exported: ExportedFile[] = [];
  let done = 0;
  try {
    for (const group of Map.groupBy(files, (f) => `${f.symbol}.${f.kind}`).entries()) {
      const [name, own] = group;
      const path = join(options.out, `${name}.${options.format}`);
      const rows = await exportOne(connection, options, own, path, () =>
        options.onProgress?.(++done, files.length, name),
      );
      exported.push({ path, rows });
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  return exported;
}

async function exportOne(
  connection: DuckDBConnection,
  options: ExportOptions,
  files: readonly StoredFile[],
  path: string,
  onFile: () => void,
): Promise<number> {
  const { kind } = files[0];
  const names = columnsOf(kind).filter((n) => !PLACE_COLUMNS.includes(n) && n !== OWN_DAY);
  const types = names.map((name) => `"${name}" ${WIDE.test(name) ? 'BIGINT' : 'INTEGER'}`);
  const columns = ['day INTEGER', 'symbol VARCHAR', ...types].join(', ');
  await connection.run(`CREATE OR REPLACE TABLE out_rows (${columns})`);
  const appender = await connection.createAppender('out_rows');
  let rows = 0;
  for (const stored of files) {
    const file = new DayFile(stored.path);
    try {
      for (let block = file.next(); block !== null; block = file.next()) {
        rows += appendBlock(appender, block, names, stored, options);
      }
    } finally {
      file.close();
    }
    onFile();
  }
  appender.closeSync();
  const aside = `${path}.part`;
  const to = `'${aside.replaceAll("'", "''")}'`;
  const format = options.format === 'parquet' ? 'FORMAT parquet, COMPRESSION zstd' : 'HEADER';
  try {
    await connection.run(`COPY out_rows TO ${to} (${format})`);
    renameSync(aside, path);
  } finally {
    rmSync(aside, { force: true });
  }
  return rows;
}

/** Appends the rows of a block that lie in the days asked for. */
function appendBlock(
  appender: DuckDBAppender,
  block: Table,
  names: readonly string[],
  { symbol, day }: StoredFile,
  { from, to }: ExportOptions,
): number {
  const all = columnsOf(block.kind);
  const days = isSeries(block.kind) ? block.columns[all.indexOf(OWN_DAY)] : null;
  const columns = names.map((name) => block.columns[all.indexOf(name)]);
  const wide = names.map((name) => WIDE.test(name));
  let rows = 0;
  for (let row = 0; row < block.rows; row++) {
    const own = days === null ? day : days[row];
    if ((from > 0 && own < from) || (to > 0 && own > to)) continue;
    appender.appendInteger(own);
    appender.appendVarchar(symbol);
    for (let c = 0; c < columns.length; c++) {
      const value = columns[c][row];
      if (wide[c]) appender.appendBigInt(BigInt(value));
      else appender.appendInteger(value);
    }
    appender.endRow();
    rows++;
  }
  return rows;
}
