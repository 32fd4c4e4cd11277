// A store: a folder of day files that `pankou data import` made. Called by import, list, check,
// export and the loader. Always: `pankou-store.json` marks it; a file's place follows from
// instrument, day and kind, so a store is listed without opening anything:
//
//   STORE/600536.SH/20230711.orders.pkd       one day
//   STORE/600536.SH/bars-1d.pkd               all days (daily bars, corporate actions)
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { MarketDataError } from '../data/errors.ts';
import { isSeries } from './columns.ts';
import { diskError } from './day-file.ts';
import { STORE_MARKER } from './store-marker.ts';

const VERSION = 1;
const EXTENSION = '.pkd';
const SYMBOL = /^\d{6}\.(SH|SZ|BJ)$/;
const DAY_NAME = /^(\d{8})\.([a-z0-9-]+)\.pkd$/;
const SERIES_NAME = /^([a-z0-9-]+)\.pkd$/;

/** A file of a store, known by its name. */
export interface StoredFile {
  readonly symbol: string;
  /** 0 for a series. */
  readonly day: number;
  readonly kind: string;
  readonly path: string;
}

/** Whether the folder is a store; throws MarketDataError for one of a newer version. */
export function isStore(path: string): boolean {
  const marker = join(path, STORE_MARKER);
  if (!existsSync(marker)) return false;
  let version: unknown;
  try {
    version = (JSON.parse(readFileSync(marker, 'utf8')) as { version?: unknown }).version;
  } catch {
    throw new MarketDataError(`${marker}: not readable; expected {"version":${VERSION}}`);
  }
  if (version === VERSION) return true;
  throw new MarketDataError(
    `${path}: a store of version ${String(version)}, expected ${VERSION}; ` +
      'use the Pankou that made it',
  );
}

/** Throws MarketDataError unless the folder is a store. */
export function requireStore(path: string): void {
  if (isStore(path)) return;
  throw new MarketDataError(
    `${path}: not a store of day files (no ${STORE_MARKER}); make one: ` +
      `pankou data import FILES --store ${path}`,
  );
}

/** Makes the folder a store unless it is one; refuses a folder that holds other things. */
export function createStore(path: string): void {
  if (isStore(path)) return;
  try {
    mkdirSync(path, { recursive: true });
    const found = readdirSync(path);
    if (found.length > 0) {
      throw new MarketDataError(
        `${path}: holds other things (${found[0]} …) and is no store; name an empty folder`,
      );
    }
    const marker = join(path, STORE_MARKER);
    writeFileSync(`${marker}.part`, `${JSON.stringify({ version: VERSION })}\n`);
    renameSync(`${marker}.part`, marker);
  } catch (error) {
    if (error instanceof MarketDataError) throw error;
    throw diskError(path, error);
  }
}

/** Where a file of the store lies. */
export function pathIn(store: string, symbol: string, day: number, kind: string): string {
  const name = isSeries(kind) ? `${kind}${EXTENSION}` : `${day}.${kind}${EXTENSION}`;
  return join(store, symbol, name);
}

/** Instruments that have a folder, sorted. */
export function symbolsIn(store: string): string[] {
  return readdirSync(store)
    .filter((name) => SYMBOL.test(name))
    .sort();
}

/** Files of the instruments, by symbol, day and kind; half-written ones are no files. */
export function filesIn(store: string, symbols: readonly string[]): StoredFile[] {
  const files: StoredFile[] = [];
  for (const symbol of symbols) {
    const folder = join(store, symbol);
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder).sort()) {
      const path = join(folder, name);
      const day = DAY_NAME.exec(name);
      if (day !== null) files.push({ symbol, day: Number(day[1]), kind: day[2], path });
      else {
        const series = SERIES_NAME.exec(name);
        if (series !== null) files.push({ symbol, day: 0, kind: series[1], path });
      }
    }
  }
  return files;
}
