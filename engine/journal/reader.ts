// Reads a journal folder from its first record to its last and proves on the way that nothing was
// changed, dropped, repeated or moved. Called by openJournal, `pankou journal`, replay and the
// api's projections. Works beside a live writer: it sees whole records only.
// Rule: damage that nothing sound follows, no longer than one batch, is a torn tail and is cut;
// any other damage is a JournalCorruptError, because cutting there would drop good records.
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FrameMemory } from '../messages/frames.ts';
import { damageText, JournalCorruptError, JournalError } from './journal-error.ts';
import { JournalRecord } from './journal-record.ts';
import {
  CRC_OFFSET,
  GENESIS_CHAIN,
  PAYLOAD_OFFSET,
  RECORD_BYTES,
  RECORD_CLOSE,
  RECORD_SEGMENT,
} from './record.ts';
import {
  advance,
  type ChainState,
  checkRecord,
  type Finding,
  isSoundRecord,
} from './record-check.ts';
import {
  FORMAT_VERSION,
  readSegmentPayload,
  type SegmentHeader,
  segmentIndexOf,
  segmentName,
} from './segment.ts';
import { MAX_BATCH_RECORDS } from './writer.ts';

/** What the page cache writes back at once, and so loses at once. */
const PAGE_BYTES = 4096;
/** Longest damaged end that one interrupted write can leave: a batch and a segment header. */
export const TAIL_LIMIT_BYTES = (MAX_BATCH_RECORDS + 1) * RECORD_BYTES;

/** What is cut at the end of a journal, and why. */
export interface JournalTail {
  readonly file: string;
  /** First byte that does not count. */
  readonly offset: number;
  /** End of the damaged bytes in the file; equals `offset` when the file just ends early. */
  readonly end: number;
  readonly why: string;
}

/** One segment file as read. */
export interface SegmentInfo {
  readonly file: string;
  readonly index: number;
  readonly bytes: number;
  /** null = prepared, still all zeros. */
  readonly header: SegmentHeader | null;
  /** Records, the SEGMENT record included. */
  readonly records: number;
}

/** Where a journal ends and what is known of it. */
export interface JournalEnd {
  readonly lastSeq: number;
  /** CRC word of the last record, int32. */
  readonly lastCrc: number;
  readonly epoch: number;
  readonly day: number;
  /** -1 = no record yet. */
  readonly account: number;
  /** Segment and byte where the next record goes. */
  readonly segment: number;
  readonly offset: number;
  readonly segments: readonly SegmentInfo[];
  readonly tail: JournalTail | null;
  /** Whether the last record is CLOSE: the process ended in order. */
  readonly closed: boolean;
}

export interface ReadJournalOptions {
  /** Also hand SEGMENT records to the visitor; default false. */
  readonly segments?: boolean;
  /** Where the files of `dir` are; default: the folder on this machine's disk. */
  readonly source?: SegmentSource;
}

/** What the reader needs of a folder; the simulator's disk stands in for the real one. */
export interface SegmentSource {
  /** Names of the files in the folder, in any order. */
  names(): readonly string[];
  /** A file in memory, padded with zeros to whole records; `bytes` is its real size. */
  load(name: string): { memory: FrameMemory; bytes: number };
}

/** Called for each record in order; must not keep the record, which moves on. */
export type JournalVisitor = (record: JournalRecord) => void;

/**
 * Reads and verifies the whole journal in `dir`. Throws JournalError (no folder, no journal, a
 * segment missing, other format) or JournalCorruptError (see there). A torn tail is reported.
 */
export function readJournal(
  dir: string,
  visitor: JournalVisitor,
  opts: ReadJournalOptions = {},
): JournalEnd {
  return new JournalScan(dir, visitor, opts).run();
}

/** Indexes of the segment files in `dir`, ascending and without gap from 1. Throws JournalError. */
export function listSegments(dir: string, source?: SegmentSource): number[] {
  const names = source === undefined ? namesIn(dir) : source.names();
  const indexes = names
    .map(segmentIndexOf)
    .filter((index) => index > 0)
    .sort((a, b) => a - b);
  if (indexes.length === 0) {
    const text = `${dir} holds no journal: expected ${segmentName(1)}; found no file of that kind`;
    throw new JournalError('empty', text);
  }
  for (let i = 0; i < indexes.length; i++) {
    if (indexes[i] === i + 1) continue;
    const last = segmentName(indexes[indexes.length - 1]);
    const text = `${join(dir, segmentName(i + 1))} is missing, but segments up to ${last} exist`;
    const hint = 'put the file back from a backup or replica; without it nothing can be proven';
    throw new JournalError('missing-segment', `${text}: ${hint}`);
  }
  return indexes;
}

/** Names in a folder of this machine. Throws JournalError. */
function namesIn(dir: string): string[] {
  const stat = statSync(dir, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new JournalError('absent', `journal folder ${dir} does not exist: check the path`);
  }
  if (!stat.isDirectory()) {
    const hint = 'give the folder that holds journal-000001.pkj';
    throw new JournalError('not-a-folder', `${dir} is a file, expected a journal folder: ${hint}`);
  }
  return readdirSync(dir);
}

/** One pass over a folder. */
class JournalScan {
  readonly #dir: string;
  readonly #visitor: JournalVisitor;
  readonly #withSegments: boolean;
  readonly #source: SegmentSource | undefined;
  readonly #record = new JournalRecord();
  readonly #state: ChainState;
  readonly #segments: SegmentInfo[] = [];
  #indexes: number[] = [];
  #tail: JournalTail | null = null;
  #endSegment = 1;
  #endOffset = 0;
  #closed = false;

  constructor(dir: string, visitor: JournalVisitor, opts: ReadJournalOptions) {
    this.#dir = dir;
    this.#visitor = visitor;
    this.#withSegments = opts.segments ?? false;
    this.#source = opts.source;
    const chain = GENESIS_CHAIN;
    this.#state = { seq: 0, chain, epoch: 0, segmentEpoch: 0, day: 0, account: -1 };
  }

  run(): JournalEnd {
    this.#indexes = listSegments(this.#dir, this.#source);
    for (const index of this.#indexes) {
      this.#readSegment(index);
      if (this.#tail !== null) break;
    }
    const { seq, chain, epoch, day, account } = this.#state;
    return {
      lastSeq: seq,
      lastCrc: chain,
      epoch,
      day,
      account,
      segment: this.#endSegment,
      offset: this.#endOffset,
      segments: this.#segments,
      tail: this.#tail,
      closed: this.#closed,
    };
  }

  #load(file: string): { memory: FrameMemory; bytes: number } {
    return this.#source?.load(file) ?? loadSegment(join(this.#dir, file));
  }

  #readSegment(index: number): void {
    const file = segmentName(index);
    const { memory, bytes } = this.#load(file);
    const record = this.#record;
    record.memory = memory;
    record.file = file;
    let header: SegmentHeader | null = null;
    let at = 0;
    for (; at < bytes; at += RECORD_BYTES) {
      if (isZero(memory, at, at + RECORD_BYTES)) break;
      record.at = at;
      const finding = this.#check(record, bytes);
      if (finding !== null) break;
      if (at === 0) header = this.#acceptHeader(record);
      this.#accept(record);
    }
    if (this.#tail === null) this.#checkRest(memory, at, bytes, index, header);
    if (at > 0 || index === 1) {
      this.#endSegment = index;
      this.#endOffset = Math.min(at, memory.byteLength);
    }
    this.#segments.push({ file, index, bytes, header, records: at / RECORD_BYTES });
  }

  /** null for a good record; else the tail is set, or an error thrown. */
  #check(record: JournalRecord, bytes: number): Finding | null {
    const { memory, at, file } = record;
    if (at + RECORD_BYTES > bytes) {
      if (at === 0) this.#refuseForeign(record, bytes);
      const why = `incomplete record: the file has ${bytes - at} of its ${RECORD_BYTES} bytes`;
      const here = { file, record: at / RECORD_BYTES, offset: at, field: 'record' };
      const finding = { ...here, expected: '256 bytes', found: `${bytes - at}`, torn: true };
      this.#cutOrThrow(finding, why);
      return finding;
    }
    const finding = checkRecord(record, this.#state, at === 0);
    if (finding === null) return null;
    if (!finding.torn) {
      if (finding.field === 'version') throw this.#versionError(file, finding.found);
      const why = 'its CRC is right, so it was written whole and does not belong here';
      throw new JournalCorruptError(this.#dir, finding, why);
    }
    const isShort = at > 0 && isLostWrite(memory, at, bytes, at + CRC_OFFSET);
    if (isShort && !this.#soundInLater(segmentIndexOf(file))) {
      this.#cutOrThrow(finding, 'a write was cut short, and a power cut took what followed');
      return finding;
    }
    if (soundAfter(memory, at + RECORD_BYTES, bytes)) {
      throw new JournalCorruptError(this.#dir, finding, 'sound records follow it');
    }
    if (at === 0) this.#refuseForeign(record, bytes);
    this.#cutOrThrow(finding, `bad record with nothing sound after it: ${damageText(finding)}`);
    return finding;
  }

  /** After the last record of a segment there must be zeros; only the last one may end early. */
  #checkRest(
    memory: FrameMemory,
    at: number,
    bytes: number,
    index: number,
    header: SegmentHeader | null,
  ): void {
    const file = segmentName(index);
    const here = { file, record: at / RECORD_BYTES, offset: at, field: 'magic' };
    const zeros = { ...here, expected: "'PKJ1'", found: 'zeros', torn: true };
    const isHead = at === 0 && index === 1;
    if (!isHead && isLostWrite(memory, at, bytes, at) && !this.#soundInLater(index)) {
      this.#cutOrThrow(
        zeros,
        'the device kept a part of the last write, a power cut took the rest',
      );
      return;
    }
    if (soundAfter(memory, at, bytes) || (at === 0 && this.#soundInLater(index))) {
      throw new JournalCorruptError(this.#dir, zeros, 'sound records follow the gap');
    }
    if (!isZero(memory, at, memory.byteLength)) {
      this.#cutOrThrow(zeros, 'bytes that are no record, behind a gap of zeros');
    } else if (header !== null && bytes !== header.segmentBytes) {
      this.#endsEarly(file, at, bytes, header.segmentBytes);
    }
  }

  #endsEarly(file: string, at: number, bytes: number, expected: number): void {
    const why = `file ends early: ${bytes} bytes, its header says ${expected}`;
    const here = { file, record: at / RECORD_BYTES, offset: at, field: 'file size' };
    this.#cutOrThrow({ ...here, expected: `${expected}`, found: `${bytes}`, torn: true }, why);
  }

  #cutOrThrow(finding: Finding, why: string): void {
    if (this.#soundInLater(segmentIndexOf(finding.file))) {
      throw new JournalCorruptError(this.#dir, finding, 'later segments hold sound records');
    }
    const at = finding.record * RECORD_BYTES;
    const end = lastNonZero(this.#record.memory, at);
    if (end - at > TAIL_LIMIT_BYTES) {
      const text = `the damage is ${end - at} bytes long, more than one write can leave`;
      throw new JournalCorruptError(this.#dir, finding, text);
    }
    this.#tail = { file: finding.file, offset: at, end, why };
  }

  #soundInLater(index: number): boolean {
    for (const later of this.#indexes) {
      if (later <= index) continue;
      const { memory, bytes } = this.#load(segmentName(later));
      if (soundAfter(memory, 0, bytes)) return true;
    }
    return false;
  }

  #acceptHeader(record: JournalRecord): SegmentHeader {
    const header = readSegmentPayload(record.memory, PAYLOAD_OFFSET);
    if (header.format !== FORMAT_VERSION || header.recordBytes !== RECORD_BYTES) {
      throw this.#versionError(record.file, `${header.format} (${header.recordBytes} bytes)`);
    }
    const index = segmentIndexOf(record.file);
    if (header.index !== index) {
      const here = { file: record.file, record: 0, offset: PAYLOAD_OFFSET + 8, field: 'segment' };
      const damage = { ...here, expected: String(index), found: String(header.index) };
      throw new JournalCorruptError(this.#dir, damage, 'the file was renamed or copied');
    }
    return header;
  }

  #accept(record: JournalRecord): void {
    advance(this.#state, record);
    this.#closed = record.type === RECORD_CLOSE;
    if (record.type !== RECORD_SEGMENT || this.#withSegments) this.#visitor(record);
  }

  /** A file that does not begin like a journal is not cut to nothing: it is somebody else's. */
  #refuseForeign(record: JournalRecord, bytes: number): void {
    const { memory, file } = record;
    const wanted = [0x50, 0x4b, 0x4a, 0x31];
    const same = wanted.filter((byte, i) => i >= bytes || memory.u8[i] === byte).length;
    if (same === wanted.length) return;
    // A write that was torn inside the magic itself: a beginning of it, and nothing behind.
    const torn = wanted.slice(0, memory.u8.indexOf(0)).every((byte, i) => memory.u8[i] === byte);
    if (torn && memory.u8[0] !== 0 && memory.u8.indexOf(0) < 4 && isZero(memory, 4, bytes)) return;
    const start = Buffer.from(memory.u8.subarray(0, 4)).toString('hex');
    const text = `${join(this.#dir, file)} begins with 0x${start}, expected 'PKJ1' (0x504b4a31)`;
    const hint = 'it is not a journal segment, or its head was overwritten; restore it';
    throw new JournalError('magic', `${text}: ${hint}`);
  }

  #versionError(file: string, found: string): JournalError {
    const path = join(this.#dir, file);
    const text = `${path} has journal version ${found}, this engine reads ${FORMAT_VERSION}`;
    return new JournalError('version', `${text}: read it with the engine that wrote it`);
  }
}

/** A segment file in memory, padded with zeros to whole records; `bytes` is its real size. */
export function loadSegment(path: string): { memory: FrameMemory; bytes: number } {
  const handle = openSync(path, 'r');
  try {
    const bytes = statSync(path).size;
    const room = Math.max(RECORD_BYTES, Math.ceil(bytes / RECORD_BYTES) * RECORD_BYTES);
    const memory = new FrameMemory(new ArrayBuffer(room));
    let done = 0;
    while (done < bytes) {
      const n = readSync(handle, memory.u8, done, bytes - done, done);
      if (n === 0) break;
      done += n;
    }
    return { memory, bytes: done };
  } finally {
    closeSync(handle);
  }
}

/** Whether a sound record lies in a slot at or after `from`. */
function soundAfter(memory: FrameMemory, from: number, bytes: number): boolean {
  for (let at = from; at + RECORD_BYTES <= bytes; at += RECORD_BYTES) {
    if (isSoundRecord(memory, at)) return true;
  }
  return false;
}

/**
 * Whether zeros from byte `hole` are what a power cut leaves of one unsynced write: a hole up to a
 * page's edge that never reached the device, and nothing beyond the length of one write. The hole
 * begins with the record at `at`, or inside it: a write that failed part way, completed later, of
 * which the device kept the first state only; the record then ends in zeros, its CRC among them.
 * Records that had been on the device do not turn into zeros up to a page's edge.
 */
function isLostWrite(memory: FrameMemory, at: number, bytes: number, hole: number): boolean {
  const end = lastNonZero(memory, at);
  if (end === at || end - at > TAIL_LIMIT_BYTES || end > bytes) return false;
  let to = hole >> 2;
  while (to < end >> 2 && memory.i32[to] === 0) to++;
  if (to === hole >> 2 || to === end >> 2) return false;
  return (Math.floor((to * 4) / RECORD_BYTES) * RECORD_BYTES) % PAGE_BYTES === 0;
}

function isZero(memory: FrameMemory, from: number, to: number): boolean {
  const i32 = memory.i32;
  for (let i = from >> 2; i < to >> 2; i++) if (i32[i] !== 0) return false;
  return true;
}

/** End of the record slot that holds the last non-zero byte at or after `at`; `at` if none. */
function lastNonZero(memory: FrameMemory, at: number): number {
  const i32 = memory.i32;
  let word = memory.byteLength >> 2;
  while (word > at >> 2 && i32[word - 1] === 0) word--;
  return Math.ceil((word * 4 - at) / RECORD_BYTES) * RECORD_BYTES + at;
}
