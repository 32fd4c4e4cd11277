// The queryable copy of a run folder's journals: orders, fills and positions in one LMDB file.
// Called by `pankou journal rebuild` and `pankou orders --all|--day`. Invariants: it is made from
// the journals alone and only read after that, so it may be deleted at any time; a copy that is
// damaged, of another version or behind its journals is not read but made again; nothing is
// decided by it.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import { open } from 'lmdb';
import { JournalError } from './journal-error.ts';
import { type FillRow, JournalFold, type OrderRow, type PositionRow } from './projection-fold.ts';
import { readJournal } from './reader.ts';
import { segmentIndexOf } from './segment.ts';

/** Raised when rows change their meaning: an older copy is then made again. */
const PROJECTION_VERSION = 1;
const FOLDER = 'projection';
const SEAL = 'seal.json';
const DATA = 'data.mdb';

/** What the copy was made from, and what its file must look like. */
interface Seal {
  readonly version: number;
  /** Last record of each journal folder: sequence and CRC word. */
  readonly journals: { readonly [folder: string]: { readonly seq: number; readonly crc: number } };
  readonly bytes: number;
  readonly crc: number;
}

export interface ProjectionRows {
  readonly orders: readonly OrderRow[];
  readonly fills: readonly FillRow[];
  readonly positions: readonly PositionRow[];
}

export interface RebuildReport {
  readonly path: string;
  readonly journals: readonly string[];
  readonly records: number;
  readonly orders: number;
  readonly fills: number;
  readonly positions: number;
  readonly ms: number;
}

/** Makes the copy of a run folder (or of the one a journal folder lies in) anew. */
export async function rebuildProjection(dir: string): Promise<RebuildReport> {
  const started = performance.now();
  const { run, journals } = placeOf(dir);
  const path = join(run, FOLDER);
  const draft = `${path}.draft-${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  const ends: Record<string, { seq: number; crc: number }> = {};
  const counts = { records: 0, orders: 0, fills: 0, positions: 0 };
  const env = open({ path: draft, maxDbs: 3, noSubdir: false, compression: false });
  try {
    const orders = env.openDB<OrderRow, (string | number)[]>({ name: 'orders' });
    const fills = env.openDB<FillRow, (string | number)[]>({ name: 'fills' });
    const positions = env.openDB<PositionRow, (string | number)[]>({ name: 'positions' });
    for (const name of journals) {
      const fold = new JournalFold();
      const end = readJournal(join(run, name), (record) => fold.take(record));
      ends[name] = { seq: end.lastSeq, crc: end.lastCrc };
      env.transactionSync(() => {
        for (const row of fold.orders.values()) orders.put([row.day, row.account, row.seq], row);
        for (const row of fold.fills) fills.put([row.day, row.account, row.seq], row);
        for (const row of fold.positions.values()) {
          positions.put([row.day, row.account, row.strategy, row.symbol], row);
        }
      });
      counts.records += end.lastSeq;
      counts.orders += fold.orders.size;
      counts.fills += fold.fills.length;
      counts.positions += fold.positions.size;
    }
  } finally {
    await env.close();
  }
  const data = readFileSync(join(draft, DATA));
  const seal: Seal = {
    version: PROJECTION_VERSION,
    journals: ends,
    bytes: data.length,
    crc: crc32(data),
  };
  writeFileSync(join(draft, SEAL), JSON.stringify(seal));
  rmSync(path, { recursive: true, force: true });
  renameSync(draft, path);
  return { path, journals, ...counts, ms: Math.round(performance.now() - started) };
}

/**
 * Rows of a day (0 = all days) of a run folder, oldest first. The copy is made first where it is
 * missing, damaged or behind; `why` hears of it. Throws JournalError, JournalCorruptError.
 */
export async function readProjection(
  dir: string,
  day: number,
  why: (text: string) => void,
): Promise<ProjectionRows> {
  const { run, journals } = placeOf(dir);
  const fault = faultOf(run, journals);
  if (fault !== '') {
    why(`the queryable copy ${fault}: it is made again from the journal`);
    await rebuildProjection(run);
  }
  const env = open({ path: join(run, FOLDER), maxDbs: 3, readOnly: true, noSubdir: false });
  const range = day === 0 ? {} : { start: [day], end: [day + 1] };
  const rows = <Row>(name: string): Row[] => {
    const db = env.openDB<Row, (string | number)[]>({ name });
    return [...db.getRange(range)].map(({ value }) => value);
  };
  try {
    return {
      orders: rows<OrderRow>('orders'),
      fills: rows<FillRow>('fills'),
      positions: rows<PositionRow>('positions'),
    };
  } finally {
    await env.close();
  }
}

/** Why the copy may not be read; '' = it may. LMDB maps the file: a short one would be fatal. */
function faultOf(run: string, journals: readonly string[]): string {
  const path = join(run, FOLDER);
  if (!existsSync(join(path, SEAL)) || !existsSync(join(path, DATA))) return 'is missing';
  let seal: Seal;
  try {
    seal = JSON.parse(readFileSync(join(path, SEAL), 'utf8')) as Seal;
  } catch {
    return 'has a damaged seal';
  }
  if (seal.version !== PROJECTION_VERSION) return `has version ${seal.version}`;
  if (statSync(join(path, DATA)).size !== seal.bytes) return 'has lost or gained bytes';
  if (crc32(readFileSync(join(path, DATA))) !== seal.crc) return 'is damaged';
  for (const name of journals) {
    const { lastSeq, lastCrc } = readJournal(join(run, name), () => {});
    const known = seal.journals[name];
    if (known?.seq !== lastSeq || known.crc !== lastCrc) return `is behind ${name}`;
  }
  return '';
}

/** The run folder of `dir` and the names of its journal folders. Throws JournalError. */
function placeOf(dir: string): { run: string; journals: string[] } {
  const path = resolve(dir);
  if (!existsSync(path)) throw new JournalError('absent', `${dir} does not exist: check the path`);
  if (isJournal(path)) {
    const run = dirname(path);
    return { run, journals: journalsIn(run, basename(path)) };
  }
  const journals = journalsIn(path, '');
  if (journals.length > 0) return { run: path, journals };
  const hint = 'give a run folder (it holds journal-0) or a journal folder';
  throw new JournalError('empty', `${dir} holds no journal: ${hint}`);
}

/** Journal folders of a run folder; at least `own`, which may have any name. */
function journalsIn(run: string, own: string): string[] {
  const names = readdirSync(run).filter((name) => name === own || /^journal-\d+$/.test(name));
  return names.filter((name) => isJournal(join(run, name))).sort();
}

function isJournal(path: string): boolean {
  return statSync(path).isDirectory() && readdirSync(path).some((name) => segmentIndexOf(name) > 0);
}
