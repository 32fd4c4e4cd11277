// What a store holds, by instrument and kind: days, rows, bytes. Called by `pankou data list`.
// Always: headers only are read, so a large store is listed in seconds.
import { MarketDataError } from '../data/errors.ts';
import { DayFile } from './day-file.ts';
import { filesIn, requireStore, symbolsIn } from './store-folder.ts';

/** Files of one instrument and kind. */
export interface StoreEntry {
  readonly symbol: string;
  readonly kind: string;
  readonly files: number;
  readonly firstDay: number;
  readonly lastDay: number;
  readonly rows: number;
  readonly bytes: number;
  readonly layouts: readonly string[];
  /** Files that cannot be read. */
  readonly damaged: number;
}

/** Lists the store; throws MarketDataError when the folder is none. */
export function listStore(store: string, instruments: readonly string[] | 'all'): StoreEntry[] {
  requireStore(store);
  const all = symbolsIn(store);
  const symbols = instruments === 'all' ? all : all.filter((s) => instruments.includes(s));
  const groups = Map.groupBy(filesIn(store, symbols), ({ symbol, kind }) => `${symbol}|${kind}`);
  return [...groups.values()].map((files) => {
    const { symbol, kind } = files[0];
    const entry = { firstDay: 99_999_999, lastDay: 0, rows: 0, bytes: 0, damaged: 0 };
    const layouts = new Set<string>();
    for (const { path } of files) {
      try {
        const file = new DayFile(path);
        file.close();
        entry.firstDay = Math.min(entry.firstDay, file.meta.day);
        entry.lastDay = Math.max(entry.lastDay, file.meta.lastDay);
        entry.rows += file.rows;
        entry.bytes += file.bytes;
        layouts.add(file.meta.layout);
      } catch (error) {
        if (!(error instanceof MarketDataError)) throw error;
        entry.damaged++;
      }
    }
    return { symbol, kind, files: files.length, ...entry, layouts: [...layouts] };
  });
}
