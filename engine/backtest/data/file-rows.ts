// Reads one market data file of any known vendor into streams: recognises its layout, makes the
// reader of its rows, collects what is broken. Called by the loader and by `pankou data import`
// for every file. Always: a broken row stops the file, or is collected when the caller says so;
// labels that contradict their layout stop it in any case.
import { basename, dirname } from 'node:path';
import { ActionReader } from './action-rows.ts';
import { BarReader, type BarWish } from './bar-rows.ts';
import { readCsv } from './csv-file.ts';
import { type BadRow, CsvRowError, MarketDataError } from './errors.ts';
import { OrderReader, type RowReader, StartBookReader, TradeReader } from './event-rows.ts';
import type { Layout } from './layout.ts';
import { recognise, unknownHeader } from './layout-table.ts';
import { readParquet } from './parquet-file.ts';
import { InstrumentReader, SnapshotReader } from './picture-rows.ts';
import { isDay, Row } from './row.ts';
import type { StreamSet } from './stream-set.ts';
import { readTdxExport } from './tdx-export-file.ts';

export interface FileOptions extends BarWish {
  /** Skip and collect broken rows instead of stopping at the first. */
  readonly skipBadRows: boolean;
  /** Day of rows that carry none. */
  readonly day?: number | undefined;
  /** Bytes of the file read since the last call. */
  readonly onBytes: (bytes: number) => void;
}

/** What a file held besides its streams. */
export interface FileRead {
  readonly file: string;
  readonly sha256: string;
  readonly layout: Layout;
  /** Rows with and without use. */
  readonly rows: number;
  readonly badRows: readonly BadRow[];
  readonly warnings: readonly string[];
  readonly startBook: StartBookReader | null;
}

const CUT_ROW = 'a line break behind the last row; without one the file may be cut in the middle';
const EXTENSIONS = ['.csv', '.csv.gz', '.parquet'];
/** Text files are often notes; a TDX export has its market and code in its name: SH#600000.txt. */
const TDX_EXPORT = /(?:^|[^A-Za-z])(SH|SZ|BJ)[.#_]?\d{6}[^\\/]*\.txt$/i;

/** Whether a file of this name can be read. */
export function isMarketFile(name: string): boolean {
  return EXTENSIONS.some((extension) => name.endsWith(extension)) || TDX_EXPORT.test(name);
}

/** Reads the file into `streams`. Rejects with MarketDataError or CsvRowError. */
export async function readMarketFile(
  file: string,
  streams: StreamSet,
  options: FileOptions,
): Promise<FileRead> {
  return await new FileReading(file, streams, options).read();
}

class FileReading {
  readonly #file: string;
  readonly #streams: StreamSet;
  readonly #options: FileOptions;
  readonly #badRows: BadRow[] = [];
  readonly #warnings: string[] = [];
  #row: Row;
  #layout: Layout | null = null;
  #reader: RowReader | null = null;
  #rows = 0;
  /** Rows of a layout that writes the newest first, held until the end. */
  readonly #held: { readonly fields: readonly string[]; readonly line: number }[] = [];
  #holds = false;

  constructor(file: string, streams: StreamSet, options: FileOptions) {
    this.#file = file;
    this.#streams = streams;
    this.#options = options;
    this.#row = new Row(file, []);
  }

  async read(): Promise<FileRead> {
    const handler = {
      onHeader: (header: readonly string[]) => this.#onHeader(header),
      onRow: (fields: readonly string[], line: number) => this.#onRow(fields, line),
      onCutRow: (fields: readonly string[], line: number) => this.#onCutRow(fields, line),
      onBytes: this.#options.onBytes,
    };
    const file = this.#file;
    let sha256: string;
    if (file.endsWith('.parquet')) sha256 = await readParquet(file, handler);
    else if (file.endsWith('.txt')) sha256 = readTdxExport(file, handler);
    else sha256 = await readCsv(file, handler);
    this.#readHeld();
    const layout = this.#layout;
    if (layout === null) throw new MarketDataError(`${file}: no header`);
    if (this.#rows === 0) this.#warnings.push(`${basename(file)}: has a header and no rows`);
    return {
      file,
      sha256,
      layout,
      rows: this.#rows,
      badRows: this.#badRows,
      warnings: this.#warnings,
      startBook: this.#reader instanceof StartBookReader ? this.#reader : null,
    };
  }

  #onHeader(header: readonly string[]): void {
    const layout = recognise(header);
    if (layout === null) throw new MarketDataError(`${this.#file}: ${unknownHeader(header)}`);
    this.#layout = layout;
    this.#holds = layout.content === 'bars' && layout.newestFirst === true;
    this.#row = new Row(this.#file, header);
    this.#reader = this.#readerOf(layout);
    if (layout.content === 'ignored') {
      const name = basename(this.#file);
      this.#warnings.push(`${name}: not loaded (${layout.title}): ${layout.reason}`);
    }
  }

  #onRow(fields: readonly string[], line: number): void {
    this.#rows++;
    if (this.#holds) this.#held.push({ fields, line });
    else this.#readRow(fields, line);
  }

  #onCutRow(fields: readonly string[], line: number): void {
    this.#rows++;
    if (this.#reader === null) return;
    const row = this.#row;
    if (fields.length !== row.header.length) this.#readRow(fields, line);
    else {
      row.fields = fields;
      row.line = line;
      this.#tolerate(() => row.bad(fields.length - 1, CUT_ROW));
    }
  }

  /** Newest first becomes oldest first; a file that someone has turned stays as it is. */
  #readHeld(): void {
    const layout = this.#layout;
    if (!this.#holds || layout?.content !== 'bars') return;
    const column = this.#row.column(layout.clock.time);
    const time = (at: number): string => this.#held.at(at)?.fields[column] ?? '';
    if (time(0) > time(-1)) this.#held.reverse();
    for (const { fields, line } of this.#held) this.#readRow(fields, line);
  }

  #readRow(fields: readonly string[], line: number): void {
    const reader = this.#reader;
    if (reader === null) return;
    const row = this.#row;
    row.fields = fields;
    row.line = line;
    this.#tolerate(() => {
      if (row.fields.length !== row.header.length) {
        row.bad(
          Math.min(row.fields.length, row.header.length - 1),
          `${row.header.length} columns as in the header, not ${row.fields.length}`,
        );
      }
      reader.read();
    });
  }

  /** Reads something of a row; what is broken stops the file, or is collected. */
  #tolerate(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!this.#options.skipBadRows || !(error instanceof CsvRowError)) throw error;
      const { file, line, column, value, expected } = error;
      this.#badRows.push({ file, line, column, value, expected });
    }
  }

  #readerOf(layout: Layout): RowReader | null {
    const row = this.#row;
    const streams = this.#streams;
    const fileDay = this.#options.day ?? dayInName(this.#file);
    switch (layout.content) {
      case 'orders':
        return new OrderReader(row, layout, streams, fileDay);
      case 'trades':
        return new TradeReader(row, layout, streams, fileDay);
      case 'snapshots':
        return new SnapshotReader(row, layout, streams, fileDay);
      case 'bars':
        return new BarReader(row, layout, streams, fileDay, this.#options);
      case 'instruments':
        return new InstrumentReader(row, layout, streams);
      case 'actions':
        return new ActionReader(row, layout, streams);
      case 'start-book':
        return new StartBookReader(row, layout);
      case 'ignored':
        return null;
    }
  }
}

/** Day in the name of a file or, failing that, of its folder: `20230201_snapshots`; 0 = none. */
export function dayInName(file: string): number {
  for (const name of [basename(file), basename(dirname(file))]) {
    for (const match of name.matchAll(/(?<!\d)(\d{8})(?!\d)/g)) {
      const day = Number(match[1]);
      if (isDay(day)) return day;
    }
  }
  return 0;
}
