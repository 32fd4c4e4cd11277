// `pankou data import`: files of any known vendor into a store of day files. Called by the command
// line and tests. Always: a day file appears whole or not at all, in the order of the files'
// names, whatever the number of workers; what is in the store is never changed unless `replace`
// says so.
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { MarketDataError } from '../data/errors.ts';
import { listFiles } from '../data/load.ts';
import { isSeries } from './columns.ts';
import { DayFile, type DayMeta, diskError, readDayFile, writeDayFile } from './day-file.ts';
import { type ImportedFile, type ImportTask, importFile, type Piece } from './import-file.ts';
import { type Clash, mergeTables } from './merge-tables.ts';
import { createStore, pathIn } from './store-folder.ts';

export interface ImportOptions extends Omit<ImportTask, 'file' | 'incoming' | 'prefix'> {
  readonly store: string;
  readonly paths: readonly string[];
  /** Files of the store that differ give way. */
  readonly replace: boolean;
  /** Threads that read; 1 = this one. */
  readonly workers: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, all: number, file: string) => void;
}

export interface ImportReport {
  readonly files: number;
  /** Day files new or changed; those that were there with the same content. */
  readonly written: number;
  readonly same: number;
  readonly rows: number;
  readonly results: readonly ImportedFile[];
  /** File by file what went wrong; those files are not in the store. */
  readonly problems: readonly string[];
  /** Stopped before all files were done. */
  readonly stopped: boolean;
}

const INCOMING = '.incoming';
/** Files read ahead of the one being placed, per worker. */
const AHEAD = 2;

/** Imports; problems of files are in the report. Throws for a store or disk that refuses. */
export async function importFiles(options: ImportOptions): Promise<ImportReport> {
  const files: string[] = [];
  for (const path of options.paths) files.push(...(await listFiles(path)));
  createStore(options.store);
  const incoming = join(options.store, INCOMING);
  rmSync(incoming, { recursive: true, force: true });
  mkdirSync(incoming);
  const pool = openPool(Math.min(options.workers, files.length));
  try {
    return await new Importing(options, files, incoming, pool).run();
  } catch (error) {
    throw diskError(options.store, error);
  } finally {
    await pool?.destroy();
    rmSync(incoming, { recursive: true, force: true });
  }
}

function openPool(threads: number): Piscina | null {
  if (threads < 2) return null;
  const filename = fileURLToPath(new URL('./import-worker.ts', import.meta.url));
  return new Piscina({ filename, minThreads: threads, maxThreads: threads, idleTimeout: 1000 });
}

class Importing {
  readonly #options: ImportOptions;
  readonly #files: readonly string[];
  readonly #incoming: string;
  readonly #pool: Piscina | null;
  readonly #results: ImportedFile[] = [];
  readonly #problems: string[] = [];
  /** Targets placed by this run. */
  readonly #placed = new Set<string>();
  /** Instruments and days of the pieces of each folder, for its start book. */
  readonly #owners = new Map<string, Map<string, Piece>>();
  readonly #startBooks: {
    readonly folder: string;
    readonly file: string;
    readonly piece: Piece;
  }[] = [];
  #written = 0;
  #same = 0;
  #rows = 0;

  constructor(
    options: ImportOptions,
    files: readonly string[],
    incoming: string,
    pool: Piscina | null,
  ) {
    this.#options = options;
    this.#files = files;
    this.#incoming = incoming;
    this.#pool = pool;
  }

  async run(): Promise<ImportReport> {
    const { signal, onProgress, workers } = this.#options;
    const waiting: Promise<ImportedFile>[] = [];
    const ahead = this.#pool === null ? 1 : workers * AHEAD;
    let next = 0;
    let done = 0;
    try {
      for (; done < this.#files.length && signal?.aborted !== true; done++) {
        while (next < this.#files.length && waiting.length < ahead) {
          const started = this.#start(next++);
          // A failure is met when its turn comes; until then it must not count as unhandled.
          started.catch(() => {});
          waiting.push(started);
        }
        const result = (await waiting.shift()) as ImportedFile;
        this.#results.push(result);
        this.#place(result);
        onProgress?.(done + 1, this.#files.length, basename(result.file));
      }
      this.#placeStartBooks();
    } finally {
      await Promise.allSettled(waiting);
    }
    return {
      files: this.#files.length,
      written: this.#written,
      same: this.#same,
      rows: this.#rows,
      results: this.#results,
      problems: this.#problems,
      stopped: done < this.#files.length,
    };
  }

  #start(index: number): Promise<ImportedFile> {
    const { instruments, skipBadRows, day, labels, volumeUnit, rules } = this.#options;
    const task: ImportTask = {
      file: this.#files[index],
      incoming: this.#incoming,
      prefix: String(index),
      ...{ instruments, skipBadRows, day, labels, volumeUnit, rules },
    };
    return this.#pool === null ? importFile(task) : (this.#pool.run(task) as Promise<ImportedFile>);
  }

  #place(result: ImportedFile): void {
    if (result.error !== '') {
      this.#problems.push(result.error);
      return;
    }
    const folder = dirname(result.file);
    const owners = this.#owners.get(folder) ?? new Map<string, Piece>();
    this.#owners.set(folder, owners);
    for (const piece of result.pieces) {
      if (piece.kind === 'start-book') {
        this.#startBooks.push({ folder, file: result.file, piece });
        continue;
      }
      if (piece.kind === 'orders') owners.set(`${piece.symbol} ${piece.day}`, piece);
      this.#settle(result.file, piece);
    }
  }

  /** Puts a piece into its place in the store, or says why not. */
  #settle(file: string, piece: Piece): void {
    const { store, replace } = this.#options;
    const target = pathIn(store, piece.symbol, piece.day, piece.kind);
    const known = existing(target);
    if (known === null || (replace && !this.#placed.has(target) && !isSeries(piece.kind))) {
      mkdirSync(dirname(target), { recursive: true });
      renameSync(piece.path, target);
      this.#count(target, piece.rows);
    } else if (known === piece.contentHash) {
      this.#same++;
    } else if (piece.kind === 'statics') {
      this.#settleStatics(piece, target);
    } else if (this.#placed.has(target) || isSeries(piece.kind)) {
      this.#merge(file, piece, target);
    } else {
      this.#problems.push(
        `${file}: ${piece.kind} of ${piece.symbol} on ${piece.day} are in the store with other ` +
          'content; --replace takes the new ones',
      );
    }
    rmSync(piece.path, { force: true });
  }

  #count(target: string, rows: number): void {
    this.#placed.add(target);
    this.#written++;
    this.#rows += rows;
  }

  /** The exchange's static file wins over what pictures say; else the first stays. */
  #settleStatics(piece: Piece, target: string): void {
    const { table } = readDayFile(piece.path);
    const isListed = table.columns[table.columns.length - 1][0] === 1;
    if (isListed || this.#options.replace) {
      renameSync(piece.path, target);
      this.#count(target, piece.rows);
    } else this.#same++;
  }

  #merge(file: string, piece: Piece, target: string): void {
    const old = readDayFile(target);
    const add = readDayFile(piece.path);
    if (old.file.meta.layout !== add.file.meta.layout && !isSeries(piece.kind)) {
      this.#problems.push(
        `${file}: ${piece.kind} of ${piece.symbol} on ${piece.day} came as ` +
          `${add.file.meta.layout}, but ${old.file.meta.sources[0].name} as ` +
          `${old.file.meta.layout}; import one of the two`,
      );
      return;
    }
    const { table, clashes } = mergeTables(old.table, add.table, old.file.meta.sources.length);
    if (clashes.length > 0 && !this.#options.replace) {
      this.#problems.push(clashText(file, piece, old.file.meta, add.table.columns[0], clashes));
      return;
    }
    writeDayFile(target, mergedMeta(old.file.meta, add.file.meta), table);
    this.#count(target, piece.rows);
  }

  /** A start book names no instrument: it belongs to the one whose orders lie beside it. */
  #placeStartBooks(): void {
    for (const { folder, file, piece } of this.#startBooks) {
      const owners = [...(this.#owners.get(folder)?.values() ?? [])];
      if (owners.length !== 1) {
        this.#problems.push(
          `${file}: a start book names no instrument; it needs the orders of one instrument and ` +
            `day in its folder, ${owners.length} were read there`,
        );
        continue;
      }
      const [{ symbol, day }] = owners;
      const { file: read, table } = readDayFile(piece.path);
      const path = `${piece.path}.owned`;
      const meta = { ...read.meta, symbol, day, lastDay: day };
      const contentHash = writeDayFile(path, meta, table);
      this.#settle(file, { ...piece, path, symbol, day, contentHash });
    }
  }
}

/** Content hash of what is there; null when nothing is, or nothing that can be read. */
function existing(path: string): string | null {
  try {
    const file = new DayFile(path);
    file.close();
    return file.contentHash;
  } catch (error) {
    if (error instanceof MarketDataError) return null;
    throw error;
  }
}

function mergedMeta(old: DayMeta, add: DayMeta): DayMeta {
  return {
    ...old,
    day: Math.min(old.day, add.day),
    lastDay: Math.max(old.lastDay, add.lastDay),
    sources: [...old.sources, ...add.sources],
    heldTimes: old.heldTimes + add.heldTimes,
    filledOpens: old.filledOpens + add.filledOpens,
    badRows: old.badRows + add.badRows,
    warnings: [...new Set([...old.warnings, ...add.warnings])],
  };
}

function clashText(
  file: string,
  { kind, symbol }: Piece,
  old: DayMeta,
  lines: Float64Array,
  clashes: readonly Clash[],
): string {
  const { key, column, valueA, valueB, rowB } = clashes[0];
  return (
    `${file}:${lines[rowB]}: ${kind} of ${symbol}: ${clashes.length} rows contradict the store ` +
    `(from ${old.sources.map(({ name }) => name).join(', ')}); the first, ${key}: ${column} is ` +
    `${valueB}, there ${valueA}; --replace takes the new ones`
  );
}
