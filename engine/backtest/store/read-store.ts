// Reads day files of a store into the streams of a load, in place of CSV files: from there on the
// same code makes the tape, so a day from the store and the same day from CSV give the same tape.
// Called by the loader. Always: only files of wanted instruments, days and kinds are opened.
import { basename } from 'node:path';
import { MarketDataError } from '../data/errors.ts';
import type { StartBook } from '../data/event-rows.ts';
import { FREQUENCIES, type Frequency } from '../data/frequency.ts';
import type { Content, Layout } from '../data/layout.ts';
import { layoutById } from '../data/layout-table.ts';
import type { StreamSet } from '../data/stream-set.ts';
import { columnOf, intervalOf, isSeries, type Table } from './columns.ts';
import { type DayFile, readDayFile } from './day-file.ts';
import { filesIn, type StoredFile, symbolsIn } from './store-folder.ts';
import { actionsOf, fillStream, startBookOf } from './stream-table.ts';

export interface StoreWish {
  readonly path: string;
  readonly wanted: readonly string[] | 'all';
  /** 0 = all days. */
  readonly day: number;
  readonly contents: readonly Content[];
  /** Bars of one length only; undefined = all. */
  readonly frequency: Frequency | undefined;
  /** Its bars are read whatever their length; '' = none. */
  readonly benchmark: string;
  /** Corporate actions are read too. */
  readonly actions: boolean;
  readonly onProgress: ((fraction: number, text: string) => void) | null;
}

/** What was read. */
export interface StoreRead {
  readonly files: readonly {
    readonly name: string;
    readonly contentHash: string;
    readonly layout: string;
  }[];
  readonly warnings: readonly string[];
  readonly startBook: StartBook | null;
}

/** Reads what is wanted into `streams`. Throws MarketDataError. */
export function readStoreInto(streams: StreamSet, wish: StoreWish): StoreRead {
  const symbols = symbolsIn(wish.path);
  for (const symbol of symbols) streams.seen.add(symbol);
  const { wanted } = wish;
  const isWantedSymbol = (symbol: string): boolean =>
    wanted === 'all' || wanted.includes(symbol) || symbol === wish.benchmark;
  const own = symbols.filter(isWantedSymbol);
  const files = filesIn(wish.path, own).filter((file) => isWanted(file, wish, streams));
  files.sort((a, b) => a.symbol.localeCompare(b.symbol) || a.day - b.day || rank(a) - rank(b));
  const read: StoreRead['files'][number][] = [];
  const warnings: string[] = [];
  const startBooks: StartBook[] = [];
  for (const [i, stored] of files.entries()) {
    const { file, table } = readDayFile(stored.path);
    checkPlace(stored, file);
    const name = `${stored.symbol}/${basename(stored.path)}`;
    read.push({ name, contentHash: file.contentHash, layout: file.meta.layout });
    warnings.push(...file.meta.warnings);
    if (file.meta.badRows > 0) {
      warnings.push(`${name}: ${file.meta.badRows} broken rows were left out at import`);
    }
    if (stored.kind === 'actions') streams.actions.push(...actionsOf(table, stored.symbol));
    else if (stored.kind === 'statics') readStatics(streams, stored, table);
    else if (stored.kind === 'start-book') {
      startBooks.push(startBookOf(table, stored.path, stored.symbol));
    } else readStreams(streams, stored, file, table);
    wish.onProgress?.((i + 1) / files.length, name);
  }
  return { files: read, warnings, startBook: oneBook(startBooks, own) };
}

const CONTENTS: { readonly [kind: string]: Content } = {
  orders: 'orders',
  trades: 'trades',
  snapshots: 'snapshots',
};

function contentOf(kind: string): Content | null {
  return kind.startsWith('bars-') ? 'bars' : (CONTENTS[kind] ?? null);
}

/** Notes the day of every file; what is not wanted is not opened. */
function isWanted(file: StoredFile, wish: StoreWish, streams: StreamSet): boolean {
  if (file.kind === 'actions') return wish.actions;
  if (file.day > 0) streams.days.add(file.day);
  if (wish.day > 0 && file.day > 0 && file.day !== wish.day) return false;
  const content = contentOf(file.kind);
  if (content === 'bars' && file.symbol === wish.benchmark) return true;
  if (content === 'bars' && !isOfLength(file.kind, wish.frequency)) return false;
  return content === null || wish.contents.includes(content);
}

function isOfLength(kind: string, frequency: Frequency | undefined): boolean {
  if (frequency === undefined || frequency === 'tick') return true;
  return intervalOf(kind) === FREQUENCIES[frequency];
}

/** The order of files inside a day, as vendors' file names have it: orders … bars by length. */
function rank({ kind }: StoredFile): number {
  if (kind === 'statics') return 0;
  if (kind.startsWith('bars-')) return 10 + intervalOf(kind);
  return ['start-book', 'orders', 'snapshots', 'trades'].indexOf(kind) + 1;
}

/** Throws MarketDataError where a file holds something else than its place says. */
export function checkPlace(stored: StoredFile, file: DayFile): void {
  const { symbol, kind, day } = file.meta;
  const fits = symbol === stored.symbol && kind === stored.kind;
  if (fits && (isSeries(kind) || day === stored.day)) return;
  throw new MarketDataError(
    `${stored.path}: holds ${kind} of ${symbol} on ${day}, which its name does not say; ` +
      'put it back or import it again',
  );
}

function readStatics(streams: StreamSet, { symbol, day }: StoredFile, table: Table): void {
  const facts = streams.facts(symbol, day);
  facts.preCloseE4 = columnOf(table, 'preCloseE4')[0];
  facts.upperLimitE4 = columnOf(table, 'upperLimitE4')[0];
  facts.lowerLimitE4 = columnOf(table, 'lowerLimitE4')[0];
  facts.limitsKnown = columnOf(table, 'limitsKnown')[0] === 1;
  if (columnOf(table, 'isListed')[0] === 1) streams.list(symbol, day);
}

/** Throws MarketDataError for a layout of another version. */
export function layoutOf(stored: StoredFile, file: DayFile): Layout {
  const layout = layoutById(file.meta.layout);
  if (layout === null) throw unknownLayout(stored, file);
  return layout;
}

function unknownLayout({ path }: StoredFile, { meta }: DayFile): MarketDataError {
  return new MarketDataError(
    `${path}: layout ${meta.layout} is not known here; import the day again`,
  );
}

function readStreams(streams: StreamSet, stored: StoredFile, file: DayFile, table: Table): void {
  const { meta } = file;
  const layout = layoutOf(stored, file);
  const content = contentOf(stored.kind);
  if (content === null) throw unknownLayout(stored, file);
  const name = meta.sources.length === 1 ? meta.sources[0].name : stored.path;
  const add = (day: number, from: number, to: number): void => {
    const stream = streams.open(name, layout, content, stored.symbol, day);
    if (stream === null) return;
    fillStream(stream, table, from, to);
    if (stored.day === 0) return;
    stream.heldTimes = meta.heldTimes;
    stream.filledOpens = meta.filledOpens;
  };
  if (stored.day > 0) {
    add(stored.day, 0, table.rows);
    return;
  }
  const days = columnOf(table, 'day');
  for (let row = 0; row < table.rows; row++) add(days[row], row, row + 1);
}

/** A tape begins with one start book at most. */
function oneBook(books: readonly StartBook[], symbols: readonly string[]): StartBook | null {
  if (books.length === 0) return null;
  if (books.length === 1 && symbols.length === 1) return books[0];
  throw new MarketDataError(
    `${books[0].file}: a day that begins with resting orders is loaded alone; ` +
      `ask for one instrument and day, not ${symbols.join(', ')}`,
  );
}
