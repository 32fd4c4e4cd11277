// The CSV files of a run as Parquet, through DuckDB. Called when a run is kept with --parquet.
// Always: the same rows and names; times stay texts, numbers become numbers; a table without rows
// gives a file without rows.
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/** Writes NAME.parquet beside each NAME.csv of `dir`; returns the names written. */
export async function writeParquet(dir: string, names: readonly string[]): Promise<string[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const quoted = (path: string): string => `'${path.replaceAll("'", "''")}'`;
  const written: string[] = [];
  try {
    for (const name of names) {
      const to = `${name.replace(/\.csv$/, '')}.parquet`;
      const from = `read_csv(${quoted(join(dir, name))}, header = true, delim = ',')`;
      const target = `${quoted(join(dir, to))} (FORMAT parquet, COMPRESSION zstd)`;
      await connection.run(`COPY (SELECT * FROM ${from}) TO ${target}`);
      written.push(to);
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  return written;
}
