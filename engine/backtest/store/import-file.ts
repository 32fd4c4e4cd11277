// Imports one market data file: reads it whole, writes each instrument, day and kind in it as a
// day file into the store's folder of incoming ones. Called by import.ts in its own thread or in a
// worker's. Always: when the file is broken nothing of it is left; the store itself is not
// touched.

import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ruleBookOf } from '../../rules/overlay-files.ts';
import { type BadRow, describeBadRow, MarketDataError } from '../data/errors.ts';
import { type FileRead, readMarketFile } from '../data/file-rows.ts';
import type { Content } from '../data/layout.ts';
import { type Stream, StreamSet } from '../data/stream-set.ts';
import { columnOf, columnsOf, isSeries, makeTable, type Table } from './columns.ts';
import { type DayMeta, writeDayFile } from './day-file.ts';
import { actionTable, kindOf, startBookTable, tableOf } from './stream-table.ts';

/** Copied to workers, so plain data. */
export interface ImportTask {
  readonly file: string;
  /** Folder for the pieces, and what their names begin with. */
  readonly incoming: string;
  readonly prefix: string;
  readonly instruments: readonly string[] | 'all';
  readonly skipBadRows: boolean;
  /** 0 = by the files. */
  readonly day: number;
  readonly labels: 'start' | 'end' | null;
  /** Shares per unit of volume; 0 = by the layout. */
  readonly volumeUnit: number;
  /** Overlays of the rule book. */
  readonly rules: readonly string[];
}

/** A day file that waits for its place; a start book has no symbol and day of its own. */
export interface Piece {
  readonly path: string;
  readonly symbol: string;
  readonly day: number;
  readonly kind: string;
  readonly rows: number;
  readonly contentHash: string;
}

export interface ImportedFile {
  readonly file: string;
  readonly layout: string;
  readonly rows: number;
  readonly badRows: readonly BadRow[];
  readonly warnings: readonly string[];
  readonly pieces: readonly Piece[];
  /** '' = fine; else nothing of the file was taken. */
  readonly error: string;
}

const CONTENTS: readonly Content[] = ['orders', 'trades', 'snapshots', 'bars'];

/** Reads and writes; what is wrong with the file is in the result, a disk that refuses throws. */
export async function importFile(task: ImportTask): Promise<ImportedFile> {
  const { file } = task;
  const writer = new PieceWriter(task);
  const book = ruleBookOf([...task.rules]);
  const streams = new StreamSet(task.instruments, task.day, new Set(CONTENTS), book);
  let read: FileRead;
  try {
    read = await readMarketFile(file, streams, {
      skipBadRows: task.skipBadRows,
      day: task.day > 0 ? task.day : undefined,
      labels: task.labels ?? undefined,
      volumeUnit: task.volumeUnit > 0 ? task.volumeUnit : undefined,
      onBytes: () => {},
    });
    if (streams.streams.some(({ day }) => day === 0)) {
      throw new MarketDataError(`${file}: no date in rows or names; say --day 20230711`);
    }
  } catch (error) {
    const isTold = error instanceof Error && /^(CsvRow|MarketData)Error$/.test(error.name);
    if (!isTold) throw error;
    return failed(file, (error as Error).message);
  }
  try {
    return writer.write(read, streams);
  } catch (error) {
    writer.discard();
    throw error;
  }
}

function failed(file: string, error: string): ImportedFile {
  return { file, layout: '', rows: 0, badRows: [], warnings: [], pieces: [], error };
}

/** Writes the pieces of one file. */
class PieceWriter {
  readonly #task: ImportTask;
  readonly #pieces: Piece[] = [];

  constructor(task: ImportTask) {
    this.#task = task;
  }

  discard(): void {
    for (const { path } of this.#pieces) rmSync(path, { force: true });
  }

  write(read: FileRead, streams: StreamSet): ImportedFile {
    this.#writeStreams(read, streams);
    for (const { symbol, day, facts, isListed } of streams.knownFacts()) {
      if (day === 0 || (facts.preCloseE4 === 0 && !isListed)) continue;
      const table = makeTable('statics', 1);
      columnOf(table, 'preCloseE4')[0] = facts.preCloseE4;
      columnOf(table, 'upperLimitE4')[0] = facts.upperLimitE4;
      columnOf(table, 'lowerLimitE4')[0] = facts.lowerLimitE4;
      columnOf(table, 'limitsKnown')[0] = facts.limitsKnown ? 1 : 0;
      columnOf(table, 'isListed')[0] = isListed ? 1 : 0;
      this.#piece(read, symbol, day, table);
    }
    const actions = Map.groupBy(
      streams.actions.filter(({ symbol }) => streams.wants(symbol)),
      ({ symbol }) => symbol,
    );
    for (const [symbol, rows] of actions) {
      this.#piece(read, symbol, rows[0].day, actionTable(rows), rows[rows.length - 1].day);
    }
    if (read.startBook !== null) this.#piece(read, '', 0, startBookTable(read.startBook));
    const { file, layout, rows, badRows, warnings } = read;
    return { file, layout: layout.id, rows, badRows, warnings, pieces: this.#pieces, error: '' };
  }

  /** A piece for each stream; daily bars of an instrument go into one. */
  #writeStreams(read: FileRead, { streams }: StreamSet): void {
    const filled = streams.filter(({ tape }) => tape.count > 0);
    const groups = Map.groupBy(filled, (stream) => {
      const kind = kindOf(stream);
      return `${stream.symbol}|${kind}|${isSeries(kind) ? 0 : stream.day}`;
    });
    for (const group of groups.values()) {
      group.sort((a, b) => a.day - b.day);
      const table = joined(group.map((stream) => tableOf(stream)));
      const first = group[0];
      const last = group[group.length - 1];
      this.#piece(read, first.symbol, first.day, table, last.day, group);
    }
  }

  #piece(
    read: FileRead,
    symbol: string,
    day: number,
    table: Table,
    lastDay = day,
    streams: readonly Stream[] = [],
  ): void {
    const name = basename(read.file);
    const warnings: string[] = [];
    if (streams.length > 0 && streams[0].content === 'bars' && /adjust/i.test(name)) {
      warnings.push(`${name}: ${symbol}: adjusted prices, not the traded ones`);
    }
    const source = { name, sha256: read.sha256, layout: read.layout.id, rows: table.rows };
    const meta: DayMeta = {
      schema: 1,
      kind: table.kind,
      symbol,
      day,
      lastDay,
      layout: read.layout.id,
      columns: columnsOf(table.kind),
      sources: [source],
      heldTimes: streams.reduce((sum, stream) => sum + stream.heldTimes, 0),
      filledOpens: streams.reduce((sum, stream) => sum + stream.filledOpens, 0),
      badRows: read.badRows.length,
      warnings,
    };
    const path = join(this.#task.incoming, `${this.#task.prefix}-${this.#pieces.length}.pkd`);
    const contentHash = writeDayFile(path, meta, table);
    this.#pieces.push({ path, symbol, day, kind: table.kind, rows: table.rows, contentHash });
  }
}

/** Tables of one kind behind one another. */
function joined(tables: readonly Table[]): Table {
  if (tables.length === 1) return tables[0];
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const whole = makeTable(tables[0].kind, rows);
  let at = 0;
  for (const table of tables) {
    for (const [c, column] of table.columns.entries()) whole.columns[c].set(column, at);
    at += table.rows;
  }
  return whole;
}

/** Lines about the rows that were left out, the first `limit` of them. */
export function badRowLines(badRows: readonly BadRow[], limit: number): string[] {
  const lines = badRows.slice(0, limit).map((bad) => describeBadRow(bad));
  if (badRows.length > limit) lines.push(`… and ${badRows.length - limit} more broken rows`);
  return lines;
}
