// Turns raw logs of live quotes into day files of their store: pictures and static facts, one file
// an instrument and day, beside what earlier lives of the day left there. Called by the core when a
// session ends and before one starts, and by `pankou data finish`; the folder of the logs is locked
// by the caller. Always: a log goes away only when all of it stands in day files; doing it twice
// changes nothing; a log cut short by a kill gives what it has.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { FrameLogReader } from '../../journal/frame-log-reader.ts';
import { SnapshotTick } from '../../messages/generated/market.ts';
import { pankouSnapshots } from '../data/layouts/pankou.ts';
import { Tape } from '../tape.ts';
import { columnOf, columnsOf, makeTable, type Table } from './columns.ts';
import { type DayMeta, fileHash, readDayFile, type SourceFile, writeDayFile } from './day-file.ts';
import {
  type LogHead,
  lastNsOf,
  readLogHead,
  type StoredLog,
  waitingLogs,
  writeLastNs,
} from './quote-log.ts';
import { pathIn } from './store-folder.ts';
import { tableOf } from './stream-table.ts';

/** Instruments whose quotes are held in memory at once: some 2 MB each. */
const GROUP = 100;

export interface FinishReport {
  /** Day files written. */
  readonly files: number;
  /** Pictures in them that were not there before. */
  readonly rows: number;
  readonly days: readonly number[];
  /** What could not be done, one line each; those logs stay. */
  readonly problems: readonly string[];
  /** What people should know. */
  readonly notes: readonly string[];
}

/** Finishes every log of a store. */
export function finishQuotes(
  store: string,
  onProgress: ((done: number, all: number, text: string) => void) | null = null,
): FinishReport {
  const logs = waitingLogs(store);
  const report = {
    files: 0,
    rows: 0,
    days: new Set<number>(),
    problems: [] as string[],
    notes: [] as string[],
  };
  for (const [n, log] of logs.entries()) {
    try {
      const one = finishLog(store, log, (part) =>
        onProgress?.(n + part, logs.length, basename(log.path)),
      );
      report.files += one.files;
      report.rows += one.rows;
      if (one.rows > 0) report.days.add(log.day);
      report.notes.push(...one.notes);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      report.problems.push(`${log.path} stays as it is: ${text}`);
    }
  }
  return { ...report, days: [...report.days] };
}

function finishLog(store: string, log: StoredLog, onPart: (part: number) => void) {
  const head = readLogHead(log);
  const notes: string[] = [];
  const source = { name: basename(log.path), sha256: fileHash(log.path), layout: LAYOUT };
  let files = 0;
  let rows = 0;
  let lastNs = lastNsOf(store, log.day);
  const count = head.instruments.length;
  for (let from = 0; from < count; from += GROUP) {
    const tapes = readGroup(log, from, Math.min(count, from + GROUP), from === 0 ? notes : []);
    for (const [k, tape] of tapes.entries()) {
      const facts = head.instruments[from + k]!;
      writeStatics(store, log.day, facts, { ...source, rows: 1 });
      files++;
      if (tape.count === 0) continue;
      lastNs = Math.max(lastNs, tape.lastNs);
      const added = writePictures(store, log.day, facts.symbol, tape, source);
      rows += added;
      if (added > 0) files++;
      onPart((from + k) / count);
    }
  }
  writeLastNs(store, log.day, lastNs);
  rmSync(log.path);
  rmSync(log.headPath, { force: true });
  return { files, rows, notes };
}

const LAYOUT = pankouSnapshots.id;

/** Pictures of the instruments [from, to), each in the order of the log. */
function readGroup(log: StoredLog, from: number, to: number, notes: string[]): Tape[] {
  const tapes = Array.from({ length: to - from }, () => new Tape());
  const tick = new SnapshotTick();
  const reader = new FrameLogReader(log.path);
  try {
    const handler = {
      onFrame: (type: number, memory: Parameters<SnapshotTick['wrap']>[0], at: number): void => {
        if (type !== SnapshotTick.TYPE) return;
        tapes[tick.wrap(memory, at).instrument - from]?.append(memory, at);
      },
    };
    while (reader.next(handler)) {
      // The handler sorts.
    }
    const { tail } = reader;
    if (tail !== null) {
      notes.push(`${basename(log.path)}: ${tail.bytes} bytes cut off at its end (${tail.why})`);
    }
  } finally {
    reader.close();
  }
  return tapes;
}

/** Joins what the day file has with what is newer; how many rows are new. */
function writePictures(
  store: string,
  day: number,
  symbol: string,
  tape: Tape,
  source: Omit<SourceFile, 'rows'>,
): number {
  const path = pathIn(store, symbol, day, 'snapshots');
  const old = existsSync(path) ? readDayFile(path) : null;
  const lines = Array.from({ length: tape.count }, (_, row) => row + 1);
  const fresh = tableOf({ content: 'snapshots', tape, lines, day });
  columnOf(fresh, 'source').fill(old === null ? 0 : old.file.meta.sources.length);
  const oldRows = old?.table.rows ?? 0;
  const lastNs = old === null || oldRows === 0 ? -1 : columnOf(old.table, 'eventNs')[oldRows - 1]!;
  const times = columnOf(fresh, 'eventNs');
  let skip = 0;
  while (skip < fresh.rows && times[skip]! <= lastNs) skip++;
  const added = fresh.rows - skip;
  if (added === 0) return 0;
  const table = joined(old?.table ?? null, fresh, skip);
  const sources = [...(old?.file.meta.sources ?? []), { ...source, rows: added }];
  writeFile(path, metaOf('snapshots', symbol, day, sources), table);
  return added;
}

function joined(old: Table | null, fresh: Table, skip: number): Table {
  if (old === null && skip === 0) return fresh;
  const rows = old?.rows ?? 0;
  const whole = makeTable(fresh.kind, rows + fresh.rows - skip);
  for (const [c, column] of whole.columns.entries()) {
    if (old !== null) column.set(old.columns[c]!, 0);
    column.set(fresh.columns[c]!.subarray(skip), rows);
  }
  return whole;
}

function writeStatics(
  store: string,
  day: number,
  facts: LogHead['instruments'][number],
  source: SourceFile,
): void {
  const table = makeTable('statics', 1);
  columnOf(table, 'preCloseE4')[0] = facts.preCloseE4;
  columnOf(table, 'upperLimitE4')[0] = facts.upperLimitE4;
  columnOf(table, 'lowerLimitE4')[0] = facts.lowerLimitE4;
  columnOf(table, 'limitsKnown')[0] = facts.limitsKnown ? 1 : 0;
  columnOf(table, 'isListed')[0] = 1;
  const { symbol } = facts;
  const path = pathIn(store, symbol, day, 'statics');
  writeFile(path, metaOf('statics', symbol, day, [source]), table);
}

function writeFile(path: string, meta: DayMeta, table: Table): void {
  mkdirSync(dirname(path), { recursive: true });
  writeDayFile(path, meta, table);
}

function metaOf(
  kind: string,
  symbol: string,
  day: number,
  sources: readonly SourceFile[],
): DayMeta {
  return {
    schema: 1,
    ...{ kind, symbol, day, lastDay: day, layout: LAYOUT, columns: columnsOf(kind), sources },
    ...{ heldTimes: 0, filledOpens: 0, badRows: 0, warnings: [] },
  };
}
