// Streams one .csv or .csv.gz through csv-parse, row by row, with a sha256 of its bytes. Called by
// the loader for every file. Always: rows come in file order; what is wrong with the file itself
// (missing, cut off, empty, not text) becomes a MarketDataError that says so.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse';
import { CsvRowError, MarketDataError } from './errors.ts';

/** What the reader of a file wants to be told. */
export interface CsvHandler {
  onHeader(header: readonly string[]): void;
  /** `line` counts from 1, the header being line 1. */
  onRow(fields: readonly string[], line: number): void;
  /** The last row, when no line break follows it: its last number cannot be trusted. */
  onCutRow(fields: readonly string[], line: number): void;
  /** Bytes of the file (as stored) read since the last call. */
  onBytes(bytes: number): void;
}

/** Reads the file through; returns the sha256 of its bytes in hex. Rejects with what is wrong. */
export async function readCsv(path: string, handler: CsvHandler): Promise<string> {
  const hash = createHash('sha256');
  const tap = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      handler.onBytes(chunk.length);
      done(null, chunk);
    },
  });
  const ends = new LastByte();
  let header: readonly string[] | null = null;
  /** The row read last, held back: only the end of the file says whether it is whole. */
  let held: readonly string[] | null = null;
  let heldLine = 0;
  let failure: unknown = null;
  let lines = 0;
  const parser = parse({
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    on_record(fields: string[], context) {
      lines = context.lines;
      try {
        if (header === null) {
          header = fields;
          handler.onHeader(fields);
        } else {
          if (held !== null) handler.onRow(held, heldLine);
          held = fields;
          heldLine = context.lines;
        }
      } catch (error) {
        failure ??= error;
        throw error;
      }
      return null;
    },
  });
  parser.resume();
  try {
    const file = createReadStream(path, { highWaterMark: 1 << 18 });
    if (path.endsWith('.gz'))
      await pipeline(file, tap, createGunzip({ chunkSize: 1 << 18 }), ends, parser);
    else await pipeline(file, tap, ends, parser);
  } catch (error) {
    throw failure ?? explain(path, lines, error);
  }
  if (header === null) throw new MarketDataError(`${path}: the file is empty, expected a header`);
  if (held !== null) {
    if (ends.isLineBreak) handler.onRow(held, heldLine);
    else handler.onCutRow(held, heldLine);
  }
  return hash.digest('hex');
}

/** Passes a file's text on and remembers how it ends. */
class LastByte extends Transform {
  isLineBreak = false;

  override _transform(chunk: Buffer, _: BufferEncoding, done: (e: null, c: Buffer) => void): void {
    const last = chunk[chunk.length - 1];
    if (chunk.length > 0) this.isLineBreak = last === 10 || last === 13;
    done(null, chunk);
  }
}

/** The reader's error for what node or csv-parse reported. */
function explain(path: string, lines: number, error: unknown): Error {
  if (error instanceof CsvError) {
    const line = typeof error['lines'] === 'number' ? error['lines'] : lines + 1;
    const expected = `fields separated by commas, quotes closed (${error.code})`;
    return new CsvRowError({ file: path, line, column: '(row)', value: '', expected });
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return new MarketDataError(`${path}: no such file or folder`);
  if (code === 'EACCES') return new MarketDataError(`${path}: no permission to read it`);
  if (code === 'Z_BUF_ERROR') {
    return new MarketDataError(
      `${path}: the gzip stream ends early, after line ${lines}; copy the file again`,
    );
  }
  if (code.startsWith('Z_')) {
    return new MarketDataError(
      `${path}: not readable as gzip (${code}) after line ${lines}; copy the file again`,
    );
  }
  return error instanceof Error ? error : new MarketDataError(`${path}: ${String(error)}`);
}
