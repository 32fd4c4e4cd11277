// The journal's only writer: the gateway thread appends what must survive and flushes before it
// sends. Hot: memory is made in the constructor, refusals are JOURNAL_* codes, nothing throws.
// Invariants: sequence numbers of records have no gap; `writtenSeq` never counts a record that
// the operating system did not take; after a failure nothing but kills and cancels is accepted.
// A batch that fails is taken back: its sequence numbers are given out again, so nothing of a
// batch may be sent unless its flush() answered 0.
import { assert } from '../assert.ts';
import { copyFrame, FrameMemory, frameType } from '../messages/frames.ts';
import { SCHEMA_HASH } from '../messages/generated/types.ts';
import { VERIFY_OK, verifyFrame } from '../messages/generated/verify.ts';
import {
  JOURNAL_BAD_FRAME,
  JOURNAL_BAD_TIME,
  JOURNAL_CLOSED,
  JOURNAL_IO,
  JOURNAL_NO_EPOCH,
  JOURNAL_NO_SEGMENT,
  JOURNAL_NO_SPACE,
  JOURNAL_OK,
  JOURNAL_RESERVE_END,
  JOURNAL_SEQ_END,
  JOURNAL_SYNC,
} from './journal-code.ts';
import {
  ACCOUNT_OFFSET,
  AT_NS_OFFSET,
  CHAIN_OFFSET,
  CLOCK_DAY_OFFSET,
  CRC_OFFSET,
  clearBytes,
  DAY_OFFSET,
  EPOCH_EPOCH_OFFSET,
  EPOCH_OFFSET,
  MONO_NS_OFFSET,
  mayUseReserve,
  PAYLOAD_BYTES,
  PAYLOAD_LENGTH_OFFSET,
  PAYLOAD_OFFSET,
  RECORD_BYTES,
  RECORD_CLOSE,
  RECORD_DAY,
  RECORD_EPOCH,
  RECORD_KILL,
  RECORD_MAGIC,
  RECORD_SEGMENT,
  RECORD_TYPE_OFFSET,
  RECORD_VERSION,
  recordTypeOf,
  SEQ_OFFSET,
  sealRecord,
} from './record.ts';
import {
  FORMAT_VERSION,
  type JournalFile,
  RESERVED_BYTES,
  SEGMENT_BYTES,
  SEGMENT_PAYLOAD_BYTES,
  writeSegmentPayload,
} from './segment.ts';

/** `before-send`: flush() reaches the device. `group`: another thread syncs. `none`: benches. */
export type FlushPolicy = 'before-send' | 'group' | 'none';

/** Most records between two flushes, unless the options say otherwise. */
export const BATCH_RECORDS = 64;

/** Share of the reserve, at its very end, that only kills may use. */
const KILL_SHARE = 8;

/** Limit of `batch`: readers take a damaged end for a torn write only up to this length. */
export const MAX_BATCH_RECORDS = 255;

/** Words of the shared counters (Int32Array on a SharedArrayBuffer). */
export const SHARED_SEGMENT = 0;
export const SHARED_WRITTEN_SEQ = 1;
/** Records in the file of the current segment, its header included; times 256 = bytes. */
export const SHARED_SEGMENT_RECORDS = 2;
export const SHARED_SYNCED_SEQ = 3;
/** JOURNAL_* code of the syncing thread. */
export const SHARED_SYNC_CODE = 4;
/** Highest segment that is known to be made: a journal that stopped for want of room goes on. */
export const SHARED_READY_SEGMENT = 5;
/** Why the other thread could not make the next segment; 0 = it could, or did not try yet. */
export const SHARED_PREPARE_CODE = 6;
/** Bytes of the shared counters. */
export const SHARED_BYTES = 64;

/** Where a journal goes on; openJournal finds it. */
export interface JournalPosition {
  /** Number of the segment file, from 1. */
  readonly segment: number;
  /** Handle of that file, open for writing. */
  readonly handle: number;
  /** Byte at which the next record goes; 0 = the segment is still all zeros. */
  readonly offset: number;
  /** Sequence number of the last record; 0 = none. */
  readonly seq: number;
  /** CRC word of the last record (GENESIS_CHAIN for none), int32. */
  readonly chain: number;
}

export interface JournalWriterOptions {
  readonly files: JournalFile;
  readonly position: JournalPosition;
  readonly account: number;
  /** Trading day, 20260109. */
  readonly day: number;
  /** Epoch of this process life. */
  readonly epoch: number;
  readonly policy: FlushPolicy;
  /** Text in segment headers. */
  readonly engineVersion: string;
  /** A multiple of 256; default 64 MiB. */
  readonly segmentBytes?: number;
  /** A multiple of 256; default 256 KiB. */
  readonly reservedBytes?: number;
  /** Records between two flushes, default 64. */
  readonly batch?: number;
  /** SHARED_BYTES of shared memory; required for `group`. */
  readonly shared?: Int32Array;
}

/** Appends frames as records; see the head of this file. */
export class JournalWriter {
  /** Engine time of day and host monotonic time (ns) that appendStamped() takes. */
  readonly stamps = new Float64Array(2);
  /** Segments that append() had to make itself because prepareNextSegment() was not called. */
  lateSegments = 0;
  /** Writes that the operating system took only in part and that were continued. */
  shortWrites = 0;
  readonly #files: JournalFile;
  readonly #memory: FrameMemory;
  readonly #header: FrameMemory;
  readonly #account: number;
  readonly #epoch: number;
  readonly #syncs: boolean;
  readonly #shared: Int32Array | null;
  readonly #segmentBytes: number;
  readonly #ordinaryEnd: number;
  readonly #killBytes: number;
  readonly #batchBytes: number;
  #day: number;
  #segment: number;
  #handle: number;
  #nextHandle = JOURNAL_NO_SEGMENT;
  /** File position up to which records are written. */
  #offset: number;
  /** Bytes of records waiting in the batch. */
  #pending = 0;
  /** A failed write may have left bytes up to here: the next one covers them with zeros. */
  #dirtyEnd = 0;
  #seq: number;
  #chain: number;
  #writtenSeq: number;
  #writtenChain: number;
  #writtenDay: number;
  #syncedSeq: number;
  #epochSeq = 0;
  #failure = JOURNAL_OK;
  /** Code of a flush that failed inside append() and that the caller was not told by flush(). */
  #owed = JOURNAL_OK;
  #closed = false;
  #hashHigh = 0;
  #hashLow = 0;

  constructor(opts: JournalWriterOptions) {
    const { position, segmentBytes = SEGMENT_BYTES, reservedBytes = RESERVED_BYTES } = opts;
    const { batch = BATCH_RECORDS } = opts;
    const most = MAX_BATCH_RECORDS;
    assert(batch >= 1 && batch <= most, `batch=${batch}, expected 1 to ${most}`);
    const least = reservedBytes + 2 * RECORD_BYTES;
    assert(segmentBytes >= least, `segmentBytes=${segmentBytes}, expected at least ${least}`);
    assert(opts.policy !== 'group' || opts.shared !== undefined, 'shared=undefined for group');
    assert(position.offset % RECORD_BYTES === 0, `offset=${position.offset}, expected n * 256`);
    this.#files = opts.files;
    this.#batchBytes = batch * RECORD_BYTES;
    // One record more than the batch: a fresh segment's header travels with the first batch.
    this.#memory = new FrameMemory(new ArrayBuffer(this.#batchBytes + RECORD_BYTES));
    this.#header = new FrameMemory(new ArrayBuffer(SEGMENT_PAYLOAD_BYTES));
    this.#account = opts.account;
    this.#epoch = opts.epoch;
    this.#day = opts.day;
    this.#syncs = opts.policy === 'before-send';
    this.#shared = opts.shared ?? null;
    this.#segmentBytes = segmentBytes;
    this.#ordinaryEnd = segmentBytes - reservedBytes;
    this.#killBytes = Math.floor(reservedBytes / KILL_SHARE) & -RECORD_BYTES;
    this.#segment = position.segment;
    this.#handle = position.handle;
    this.#offset = position.offset;
    this.#seq = position.seq;
    this.#chain = position.chain;
    this.#writtenSeq = position.seq;
    this.#writtenChain = position.chain;
    this.#writtenDay = opts.day;
    this.#syncedSeq = position.seq;
    writeSegmentPayload(this.#header, 0, {
      format: FORMAT_VERSION,
      recordBytes: RECORD_BYTES,
      index: position.segment,
      reservedBytes,
      segmentBytes,
      schemaHash: SCHEMA_HASH,
      engineVersion: opts.engineVersion,
    });
    if (this.#shared !== null) Atomics.store(this.#shared, SHARED_SYNCED_SEQ, position.seq);
    this.#publish();
  }

  /** Sequence number of the last record that the operating system took; survives kill -9. */
  get writtenSeq(): number {
    return this.#writtenSeq;
  }
  /** Last record known to be on the device: by this thread, or for `group` by the other one. */
  get syncedSeq(): number {
    const shared = this.#shared;
    return shared === null ? this.#syncedSeq : Atomics.load(shared, SHARED_SYNCED_SEQ);
  }
  /** Sequence number of the last record appended, flushed or not. */
  get lastSeq(): number {
    return this.#seq;
  }
  /** CRC word of the last record appended, int32. */
  get chain(): number {
    return this.#chain;
  }
  /** Number of the segment file being written. */
  get segment(): number {
    return this.#segment;
  }
  /** 0, or the JOURNAL_* code for which nothing may be placed any more. */
  get failure(): number {
    return this.#failure;
  }

  /**
   * Adds the frame at byte `at` to the batch, as a record stamped with engine time of day and
   * host monotonic time (ns). Returns its sequence number, or a JOURNAL_* code and nothing is
   * added. A full batch is flushed first. The record is not written before flush() says so.
   */
  append(memory: FrameMemory, at: number, atNs: number, monoNs: number): number {
    this.stamps[0] = atNs;
    this.stamps[1] = monoNs;
    return this.appendStamped(memory, at);
  }

  /** append() with the times in `stamps`: a caller whose code is not inlined boxes no float64. */
  appendStamped(memory: FrameMemory, at: number): number {
    const type = recordTypeOf(memory, at);
    if (type === 0) return JOURNAL_BAD_FRAME;
    if (verifyFrame(memory, at, memory.byteLength - at) !== VERIFY_OK) return JOURNAL_BAD_FRAME;
    const stamps = this.stamps;
    if (!Number.isFinite(stamps[0]) || !Number.isFinite(stamps[1])) return JOURNAL_BAD_TIME;
    const code = this.#admit(type, memory, at);
    if (code < 0) return code;
    if (this.#offset + this.#pending === 0) this.#putHeader();
    if (type === RECORD_DAY) this.#day = memory.i32[(at + CLOCK_DAY_OFFSET) >> 2];
    this.#seq++;
    if (type === RECORD_EPOCH) this.#epochSeq = this.#seq;
    const to = this.#begin(type);
    const target = this.#memory;
    let bytes = copyFrame(memory, at, target, to + PAYLOAD_OFFSET);
    if (type === RECORD_CLOSE) {
      const word = (to + PAYLOAD_OFFSET + bytes) >> 2;
      target.i32[word] = this.#hashHigh;
      target.i32[word + 1] = this.#hashLow;
      bytes += 8;
    }
    this.#finish(to, bytes);
    return this.#seq;
  }

  /** The 64-bit state hash, as two int32, that the CLOSE record (frame End) will carry. */
  setStateHash(high: number, low: number): void {
    this.#hashHigh = high | 0;
    this.#hashLow = low | 0;
  }

  /**
   * Writes everything appended since the last flush with one write, and for `before-send` waits
   * for the device. Returns 0, or a JOURNAL_* code: then nothing appended since the flush() before
   * may be sent, also when it was append() that met the error while it flushed a full batch.
   */
  flush(): number {
    const owed = this.#owed;
    this.#owed = JOURNAL_OK;
    const code = this.#flushBatch();
    return owed < 0 ? owed : code;
  }

  /** Waits until what was written is on the device, whatever the policy; 0 or a JOURNAL_* code. */
  sync(): number {
    if (this.#closed) return JOURNAL_CLOSED;
    if (this.#syncedSeq === this.#writtenSeq) return JOURNAL_OK;
    if (this.#files.sync(this.#handle) < 0) {
      // The kernel may have dropped the pages: a second try that answers "fine" proves nothing.
      this.#failure = JOURNAL_SYNC;
      return JOURNAL_SYNC;
    }
    if (this.#failure === JOURNAL_SYNC) return JOURNAL_OK;
    this.#syncedSeq = this.#writtenSeq;
    if (this.#shared !== null) Atomics.store(this.#shared, SHARED_SYNCED_SEQ, this.#syncedSeq);
    return JOURNAL_OK;
  }

  /**
   * Cold: makes and opens the next segment, so that append() need not; 0 or a JOURNAL_* code.
   * Call it at idle. The same work may be done in another thread by JournalSyncer.
   */
  prepareNextSegment(): number {
    if (this.#closed) return JOURNAL_CLOSED;
    if (this.#nextHandle >= 0) return JOURNAL_OK;
    const code = this.#files.prepare(this.#segment + 1, this.#segmentBytes);
    if (code < 0) return code;
    this.#nextHandle = this.#files.open(this.#segment + 1);
    return this.#nextHandle < 0 ? this.#nextHandle : JOURNAL_OK;
  }

  /**
   * Cold: somebody freed disk space. 0 = placing is allowed again, or a JOURNAL_* code. With a
   * JournalSyncer in another thread nobody need call it: that one tries, and append() takes note.
   */
  resume(): number {
    if (this.#failure === JOURNAL_OK) return JOURNAL_OK;
    if (this.#failure !== JOURNAL_NO_SPACE) return this.#failure;
    const code = this.prepareNextSegment();
    if (code === JOURNAL_OK) this.#failure = JOURNAL_OK;
    return code;
  }

  /** Cold: flushes, syncs and closes; 0 or the first JOURNAL_* code met. */
  close(): number {
    if (this.#closed) return JOURNAL_CLOSED;
    const flushed = this.flush();
    const synced = this.sync();
    this.#closed = true;
    if (this.#nextHandle >= 0) this.#files.close(this.#nextHandle);
    const closed = this.#files.close(this.#handle);
    if (flushed < 0) return flushed;
    return synced < 0 ? synced : closed;
  }

  /** Makes sure that one more record fits and may be written; 0 or a JOURNAL_* code. */
  #admit(type: number, memory: FrameMemory, at: number): number {
    if (this.#closed) return JOURNAL_CLOSED;
    if (type === RECORD_EPOCH) {
      if (memory.i32[(at + EPOCH_EPOCH_OFFSET) >> 2] !== this.#epoch) return JOURNAL_BAD_FRAME;
    } else if (this.#epochSeq === 0) return JOURNAL_NO_EPOCH;
    const reserve = mayUseReserve(type, frameType(memory, at));
    this.#heedSyncer();
    if (this.#failure === JOURNAL_NO_SPACE) this.#heedRoom();
    if (this.#failure !== JOURNAL_OK && !reserve) return this.#failure;
    if (this.#seq === 0x7fffffff) return JOURNAL_SEQ_END;
    if (this.#pending >= this.#batchBytes) {
      const code = this.#flushWithin();
      if (code < 0 && !reserve) return code;
    }
    if (this.#failure === JOURNAL_OK) {
      if (this.#offset + this.#pending + RECORD_BYTES <= this.#ordinaryEnd) return JOURNAL_OK;
      const code = this.#rollOver();
      if (code === JOURNAL_OK || !reserve) return code;
    }
    const end = this.#offset + this.#pending + RECORD_BYTES;
    // Cancels, however many, leave room for the kill switch itself.
    const last = this.#segmentBytes - (type === RECORD_KILL ? 0 : this.#killBytes);
    return end <= last ? JOURNAL_OK : JOURNAL_RESERVE_END;
  }

  /** For `group`: a flush that failed in the other thread stops placing here. */
  #heedSyncer(): void {
    if (this.#shared === null || this.#failure !== JOURNAL_OK) return;
    if (Atomics.load(this.#shared, SHARED_SYNC_CODE) < 0) this.#failure = JOURNAL_SYNC;
  }

  /** The other thread has made the next segment: there is room again. */
  #heedRoom(): void {
    const shared = this.#shared;
    if (shared === null || Atomics.load(shared, SHARED_READY_SEGMENT) <= this.#segment) return;
    this.#failure = JOURNAL_OK;
  }

  /** Goes on in the next segment; on failure the present one stays, for kills and cancels. */
  #rollOver(): number {
    const flushed = this.#flushWithin();
    if (flushed < 0) return flushed;
    let next = this.#nextHandle;
    if (next < 0) next = this.#files.open(this.#segment + 1);
    if (next === JOURNAL_NO_SEGMENT) {
      // Where the other thread has found no room, this one does not stop to find out again.
      const known = this.#shared === null ? 0 : Atomics.load(this.#shared, SHARED_PREPARE_CODE);
      const code = known < 0 ? known : this.#files.prepare(this.#segment + 1, this.#segmentBytes);
      next = code < 0 ? code : this.#files.open(this.#segment + 1);
      if (next >= 0) this.lateSegments++;
    }
    if (next < 0) {
      this.#failure = next;
      return next;
    }
    this.#files.close(this.#handle);
    this.#nextHandle = JOURNAL_NO_SEGMENT;
    this.#handle = next;
    this.#segment++;
    this.#offset = 0;
    this.#dirtyEnd = 0;
    return JOURNAL_OK;
  }

  /** First record of a segment: bears the sequence number of the record that follows it. */
  #putHeader(): void {
    const to = this.#begin(RECORD_SEGMENT);
    this.#memory.i32[(to + SEQ_OFFSET) >> 2] = this.#seq + 1;
    const source = this.#header.i32;
    source[2] = this.#segment;
    const target = this.#memory.i32;
    const word = (to + PAYLOAD_OFFSET) >> 2;
    for (let i = 0; i < SEGMENT_PAYLOAD_BYTES >> 2; i++) target[word + i] = source[i];
    this.#finish(to, SEGMENT_PAYLOAD_BYTES);
  }

  #begin(type: number): number {
    const memory = this.#memory;
    const to = this.#pending;
    clearBytes(memory, to, RECORD_BYTES);
    const i32 = memory.i32;
    i32[to >> 2] = RECORD_MAGIC;
    i32[(to >> 2) + 1] = RECORD_VERSION | (type << 16);
    i32[(to + SEQ_OFFSET) >> 2] = this.#seq;
    i32[(to + EPOCH_OFFSET) >> 2] = this.#epoch;
    i32[(to + DAY_OFFSET) >> 2] = this.#day;
    i32[(to + ACCOUNT_OFFSET) >> 2] = this.#account;
    memory.f64[(to + AT_NS_OFFSET) >> 3] = this.stamps[0];
    memory.f64[(to + MONO_NS_OFFSET) >> 3] = this.stamps[1];
    i32[(to + CHAIN_OFFSET) >> 2] = this.#chain;
    return to;
  }

  #finish(to: number, payloadBytes: number): void {
    this.#memory.i32[(to + PAYLOAD_LENGTH_OFFSET) >> 2] = payloadBytes;
    this.#chain = sealRecord(this.#memory, to);
    this.#pending = to + RECORD_BYTES;
  }

  /** A flush that append() needs: its failure is owed to the flush() of the caller. */
  #flushWithin(): number {
    const code = this.#flushBatch();
    if (code < 0) this.#owed = code;
    return code;
  }

  #flushBatch(): number {
    if (this.#closed) return JOURNAL_CLOSED;
    if (this.#pending > 0) {
      const code = this.#writeBatch();
      if (code < 0) return code;
    }
    return this.#syncs ? this.sync() : JOURNAL_OK;
  }

  #writeBatch(): number {
    const start = this.#offset;
    let bytes = this.#pending;
    // Only after a failed write: buffer bytes past the records are zeros (see #takeBack).
    if (this.#dirtyEnd > start + bytes) bytes = this.#dirtyEnd - start;
    let done = 0;
    while (done < bytes) {
      const n = this.#files.write(this.#handle, this.#memory.u8, done, bytes - done, start + done);
      if (n <= 0) return this.#takeBack(n === 0 ? JOURNAL_IO : n, done, start + bytes);
      done += n;
      if (done < bytes) this.shortWrites++;
    }
    this.#offset = start + this.#pending;
    if (this.#dirtyEnd !== 0) clearBytes(this.#memory, 0, this.#memory.byteLength);
    this.#dirtyEnd = 0;
    this.#pending = 0;
    this.#writtenSeq = this.#seq;
    this.#writtenChain = this.#chain;
    this.#writtenDay = this.#day;
    this.#publish();
    return JOURNAL_OK;
  }

  /** A write failed after `done` bytes: whole records stay, the rest of the batch is undone. */
  #takeBack(code: number, done: number, dirtyEnd: number): number {
    const memory = this.#memory;
    const kept = Math.min(done, this.#pending) & -RECORD_BYTES;
    if (kept > 0) {
      const last = (kept - RECORD_BYTES) >> 2;
      const isHeader =
        memory.i16[(kept - RECORD_BYTES + RECORD_TYPE_OFFSET) >> 1] === RECORD_SEGMENT;
      this.#writtenSeq = memory.i32[last + (SEQ_OFFSET >> 2)] - (isHeader ? 1 : 0);
      this.#writtenChain = memory.i32[last + (CRC_OFFSET >> 2)];
      this.#writtenDay = memory.i32[last + (DAY_OFFSET >> 2)];
      this.#offset += kept;
      this.#publish();
    }
    clearBytes(memory, 0, memory.byteLength);
    this.#pending = 0;
    this.#dirtyEnd = dirtyEnd;
    this.#seq = this.#writtenSeq;
    this.#chain = this.#writtenChain;
    this.#day = this.#writtenDay;
    if (this.#epochSeq > this.#seq) this.#epochSeq = 0;
    this.#failure = code;
    return code;
  }

  /** The segment before the sequence number: a reader of the number then knows its file. */
  #publish(): void {
    const shared = this.#shared;
    if (shared === null) return;
    Atomics.store(shared, SHARED_SEGMENT, this.#segment);
    Atomics.store(shared, SHARED_SEGMENT_RECORDS, this.#offset / RECORD_BYTES);
    Atomics.store(shared, SHARED_WRITTEN_SEQ, this.#writtenSeq);
  }
}

assert(PAYLOAD_BYTES >= 136 + 8, `PAYLOAD_BYTES=${PAYLOAD_BYTES}, expected room for every frame`);
