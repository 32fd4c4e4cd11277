// The one way to begin or go on with a journal: lock, verify, cut a torn tail, raise the epoch.
// Called by the host before the gateway's thread starts. Cold. Invariant: when openJournal returns,
// the new EPOCH record is on the device, so no order of an earlier life can share its epoch.
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { EPOCH_LAST } from '../core/order-id.ts';
import { lockFolder } from '../host/folder-lock.ts';
import { FrameMemory } from '../messages/frames.ts';
import { Epoch } from '../messages/generated/control.ts';
import { SCHEMA_HASH } from '../messages/generated/types.ts';
import { journalCodeText } from './journal-code.ts';
import { JournalError } from './journal-error.ts';
import {
  type JournalEnd,
  type JournalTail,
  type JournalVisitor,
  loadSegment,
  readJournal,
  type SegmentSource,
} from './reader.ts';
import { GENESIS_CHAIN } from './record.ts';
import {
  type JournalFile,
  RESERVED_BYTES,
  SEGMENT_BYTES,
  type SegmentHeader,
  segmentIndexOf,
  segmentName,
} from './segment.ts';
import { SegmentFiles, syncFolder } from './segment-file.ts';
import {
  BATCH_RECORDS,
  type FlushPolicy,
  type JournalPosition,
  JournalWriter,
  SHARED_BYTES,
} from './writer.ts';

/** Segments at the end that an earlier life may have left unsynced: it syncs before it goes on. */
const SYNCED_SEGMENTS = 3;

export interface OpenJournalOptions {
  readonly account: number;
  /** Trading day of the new epoch, 20260109. */
  readonly day: number;
  readonly policy: FlushPolicy;
  /** Of the package; shown in segment headers. */
  readonly engineVersion: string;
  /** InstrumentName records that the caller will append next. */
  readonly instrumentCount: number;
  /** Engine time of day and host monotonic time of the EPOCH record, ns. */
  readonly atNs: number;
  readonly monoNs: number;
  /** Receives every record of earlier lives, in order, before the new epoch is written. */
  readonly onRecord?: JournalVisitor;
  readonly segmentBytes?: number;
  readonly reservedBytes?: number;
  readonly batch?: number;
  /** Go on although another schema wrote the journal; its frames must still verify. */
  readonly acceptOtherSchema?: boolean;
}

export interface OpenedJournal {
  readonly writer: JournalWriter;
  readonly files: SegmentFiles;
  /** The writer's shared counters, for JournalSyncer in another thread. */
  readonly shared: Int32Array;
  /** Epoch of this life. */
  readonly epoch: number;
  /** The end of the journal as found; null = it is new. */
  readonly before: JournalEnd | null;
  readonly segmentBytes: number;
  /** Closes the writer, then frees the folder; the writer's JOURNAL_* code. */
  close(): Promise<number>;
}

/** A folder of segments as the opener sees it; the simulator's disk stands in for the real one. */
export interface JournalPlace extends SegmentSource {
  /** For messages. */
  readonly dir: string;
  readonly files: JournalFile;
  size(name: string): number;
  remove(name: string): void;
  /** Keeps a copy of the torn bytes, zeroes them, makes the file `full` bytes long, durably. */
  cut(tail: JournalTail, full: number): void;
  /** Text of the last system error; '' = none. */
  lastError(): string;
}

/**
 * Opens the journal in `dir` for this process, makes the folder if need be. Throws
 * FolderLockError, JournalError or JournalCorruptError; sound records are then as they were.
 */
export async function openJournal(dir: string, opts: OpenJournalOptions): Promise<OpenedJournal> {
  makeFolder(dir);
  const lock = await lockFolder(dir);
  try {
    const place = new FolderPlace(dir);
    const opened = openJournalAt(place, opts);
    const close = async () => {
      const code = opened.writer.close();
      await lock.release();
      return code;
    };
    return { ...opened, files: place.files, close };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** openJournal() in a place that is locked already, or that nobody else can reach. */
export function openJournalAt(
  place: JournalPlace,
  opts: OpenJournalOptions,
): Omit<OpenedJournal, 'close' | 'files'> {
  const { dir, files } = place;
  const used = place.names().some((name) => segmentIndexOf(name) > 0);
  const before = used ? readJournal(dir, opts.onRecord ?? ignore, { source: place }) : null;
  const epoch = (before?.epoch ?? 0) + 1;
  if (before !== null) refuseMismatch(dir, opts, before);
  if (epoch > EPOCH_LAST) {
    const text = `journal ${dir} is at epoch ${epoch - 1}, the last one that order ids can carry`;
    throw new JournalError('epoch', `${text}: begin a new folder on the next trading day`);
  }
  removeDrafts(place);
  if (before?.tail) cutTail(place, before.tail, before);
  const segmentBytes = opts.segmentBytes ?? SEGMENT_BYTES;
  const reservedBytes = opts.reservedBytes ?? RESERVED_BYTES;
  const position = findPosition(place, before, { ...opts, segmentBytes, reservedBytes });
  const shared = new Int32Array(new SharedArrayBuffer(SHARED_BYTES));
  const writer = new JournalWriter({
    files,
    position,
    account: opts.account,
    day: opts.day,
    epoch,
    policy: opts.policy,
    engineVersion: opts.engineVersion,
    segmentBytes,
    reservedBytes,
    batch: opts.batch ?? BATCH_RECORDS,
    shared,
  });
  writeEpoch(dir, writer, epoch, opts);
  return { writer, shared, epoch, before, segmentBytes };
}

function refuseMismatch(dir: string, opts: OpenJournalOptions, before: JournalEnd): void {
  if (before.account >= 0 && before.account !== opts.account) {
    const text = `journal ${dir} belongs to account ${before.account}, not ${opts.account}`;
    throw new JournalError('account', `${text}: one folder per account; check the configuration`);
  }
  const schema = lastHeader(before)?.schemaHash ?? SCHEMA_HASH;
  if (schema !== SCHEMA_HASH && opts.acceptOtherSchema !== true) {
    const text = `journal ${dir} was written with message schema ${schema}`;
    const hint = 'go on with the engine that wrote it, or begin a new folder on the next day';
    throw new JournalError('schema', `${text}, this engine has ${SCHEMA_HASH}: ${hint}`);
  }
}

/** Goes on in the last segment, or in a new one when sizes, schema or engine changed. */
function findPosition(
  place: JournalPlace,
  before: JournalEnd | null,
  wanted: { segmentBytes: number; reservedBytes: number; engineVersion: string },
): JournalPosition {
  const header = before === null ? null : lastHeader(before);
  const isSame =
    header !== null &&
    header.segmentBytes === wanted.segmentBytes &&
    header.reservedBytes === wanted.reservedBytes &&
    header.schemaHash === SCHEMA_HASH &&
    header.engineVersion === wanted.engineVersion;
  const segment = before === null || header === null ? 1 : before.segment + (isSame ? 0 : 1);
  removeUnfit(place, segment + (isSame ? 1 : 0), wanted.segmentBytes);
  const { files } = place;
  const prepared = files.prepare(segment, wanted.segmentBytes);
  const handle = prepared < 0 ? prepared : files.open(segment);
  if (handle < 0) {
    const text = `cannot make ${join(place.dir, segmentName(segment))}: ${place.lastError()}`;
    throw new JournalError('write', `${text} (${journalCodeText(handle)})`);
  }
  syncFound(place, before);
  const offset = isSame ? (before?.offset ?? 0) : 0;
  return { segment, handle, offset, seq: before?.lastSeq ?? 0, chain: chainOf(before) };
}

/**
 * Puts on the device what an earlier life left in the page cache: a killed process may have written
 * without having synced, and the writer counts everything it finds as synced.
 */
function syncFound(place: JournalPlace, before: JournalEnd | null): void {
  const { files } = place;
  for (const { index, header } of before?.segments.slice(-SYNCED_SEGMENTS) ?? []) {
    if (header === null) continue;
    const handle = files.open(index);
    const code = handle < 0 ? handle : files.sync(handle);
    if (handle >= 0) files.close(handle);
    if (code === 0) continue;
    const text = `cannot flush ${join(place.dir, segmentName(index))}: ${place.lastError()}`;
    throw new JournalError('write', `${text} (${journalCodeText(code)})`);
  }
}

function writeEpoch(
  dir: string,
  writer: JournalWriter,
  epoch: number,
  opts: OpenJournalOptions,
): void {
  const memory = new FrameMemory(new ArrayBuffer(Epoch.BYTES));
  const frame = new Epoch().begin(memory, 0);
  frame.eventNs = opts.atNs;
  frame.account = opts.account;
  frame.day = opts.day;
  frame.epoch = epoch;
  frame.instrumentCount = opts.instrumentCount;
  const seq = writer.append(memory, 0, opts.atNs, opts.monoNs);
  const flushed = seq < 0 ? seq : writer.flush();
  // Whatever the policy: the epoch must survive a power cut before the first order.
  const code = flushed < 0 ? flushed : writer.sync();
  if (code === 0) return;
  writer.close();
  throw new JournalError('write', `cannot write to journal ${dir}: ${journalCodeText(code)}`);
}

function cutTail(place: JournalPlace, tail: JournalTail, before: JournalEnd): void {
  const header = before.segments.find((segment) => segment.file === tail.file)?.header;
  place.cut(tail, Math.max(header?.segmentBytes ?? place.size(tail.file), tail.end));
}

/** A folder on this machine's disk. */
class FolderPlace implements JournalPlace {
  readonly dir: string;
  readonly files: SegmentFiles;

  constructor(dir: string) {
    this.dir = dir;
    this.files = new SegmentFiles(dir);
  }

  names(): string[] {
    return readdirSync(this.dir);
  }

  load(name: string): { memory: FrameMemory; bytes: number } {
    return loadSegment(join(this.dir, name));
  }

  size(name: string): number {
    return statSync(join(this.dir, name)).size;
  }

  remove(name: string): void {
    unlinkSync(join(this.dir, name));
  }

  lastError(): string {
    return this.files.lastError;
  }

  cut(tail: JournalTail, full: number): void {
    const path = join(this.dir, tail.file);
    const handle = openSync(path, 'r+');
    try {
      const size = statSync(path).size;
      const torn = new Uint8Array(Math.max(0, Math.min(tail.end, size) - tail.offset));
      const got = readSync(handle, torn, 0, torn.length, tail.offset);
      if (got > 0) writeFileSync(`${path}.torn-${tail.offset}`, torn.subarray(0, got));
      const zeros = new Uint8Array(64 * 1024);
      fill(handle, zeros, tail.offset, tail.end);
      if (size < full) fill(handle, zeros, size, full);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  }
}

function fill(handle: number, zeros: Uint8Array, from: number, to: number): void {
  for (let at = from; at < to; ) {
    at += writeSync(handle, zeros, 0, Math.min(zeros.length, to - at), at);
  }
}

/** Removes prepared, still unused segments of another size than wanted. */
function removeUnfit(place: JournalPlace, from: number, segmentBytes: number): void {
  for (const name of place.names()) {
    const index = segmentIndexOf(name);
    if (index >= from && place.size(name) !== segmentBytes) place.remove(name);
  }
}

/** Removes half-made segments that a crash left behind; the folder is locked. */
function removeDrafts(place: JournalPlace): void {
  for (const name of place.names()) {
    if (/^journal-\d+\.pkj\.\d+-\d+\.draft$/.test(name)) place.remove(name);
  }
}

function makeFolder(dir: string): void {
  const stat = statSync(dir, { throwIfNoEntry: false });
  if (stat === undefined) {
    mkdirSync(dir, { recursive: true });
    syncFolder(join(dir, '..'));
  } else if (!stat.isDirectory()) {
    throw new JournalError('not-a-folder', `${dir} is a file, expected a folder for the journal`);
  }
}

function lastHeader(before: JournalEnd): SegmentHeader | null {
  const used = before.segments.filter((segment) => segment.header !== null);
  return used.at(-1)?.header ?? null;
}

function chainOf(before: JournalEnd | null): number {
  return before === null ? GENESIS_CHAIN : before.lastCrc;
}

function ignore(): void {}
