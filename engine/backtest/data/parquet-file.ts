// Streams one Parquet file through DuckDB, row by row as text, so that the same layouts and checks
// hold as for CSV: its columns are recognised by their names. Called by file-rows.ts. Always: rows
// come in file order; row 1 of the file is line 2, as if the header were line 1.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import type { CsvHandler } from './csv-file.ts';
import { MarketDataError } from './errors.ts';

/** Reads the file through; returns the sha256 of its bytes in hex. Rejects with what is wrong. */
export async function readParquet(path: string, handler: CsvHandler): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).length;
    }
    await readRows(path, handler);
  } catch (error) {
    throw explain(path, error);
  }
  handler.onBytes(bytes);
  return hash.digest('hex');
}

async function readRows(path: string, handler: CsvHandler): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const file = `'${path.replaceAll("'", "''")}'`;
    const sql = `SELECT COLUMNS(*)::VARCHAR FROM read_parquet(${file})`;
    const result = await connection.stream(sql);
    handler.onHeader(result.columnNames());
    let line = 1;
    for await (const rows of result.yieldRows()) {
      for (const row of rows) {
        line++;
        handler.onRow(
          row.map((value) => (value === null ? '' : String(value))),
          line,
        );
      }
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** What the readers of rows threw goes on as it is; what DuckDB says gets the file's name. */
function explain(path: string, error: unknown): Error {
  if (!(error instanceof Error)) return new MarketDataError(`${path}: ${String(error)}`);
  if (error.name === 'CsvRowError' || error.name === 'MarketDataError') return error;
  const first = error.message.split('\n')[0];
  return new MarketDataError(`${path}: not readable as Parquet (${first})`);
}
