// The other thread of a journal: it makes segments ahead of need, and for the flush policy `group`
// brings to the device what the writer's thread only wrote. Called by the recorder's thread.
// Invariant: the synced sequence number never passes a record that is not on the device.

import { JOURNAL_OK, JOURNAL_SYNC } from './journal-code.ts';
import type { JournalFile } from './segment.ts';
import {
  SHARED_PREPARE_CODE,
  SHARED_READY_SEGMENT,
  SHARED_SEGMENT,
  SHARED_SYNC_CODE,
  SHARED_SYNCED_SEQ,
  SHARED_WRITTEN_SEQ,
} from './writer.ts';

export interface JournalSyncerOptions {
  readonly files: JournalFile;
  /** The writer's shared counters. */
  readonly shared: Int32Array;
  readonly segmentBytes: number;
}

/** Opens the segments by itself: a flush through any handle of a file flushes the whole file. */
export class JournalSyncer {
  readonly #files: JournalFile;
  readonly #shared: Int32Array;
  readonly #segmentBytes: number;
  #segment = 0;
  #handle = -1;

  constructor(opts: JournalSyncerOptions) {
    this.#files = opts.files;
    this.#shared = opts.shared;
    this.#segmentBytes = opts.segmentBytes;
    // Opened at once: a handle only learns of write errors that happen while it is open.
    this.#openSegment(Atomics.load(this.#shared, SHARED_SEGMENT));
  }

  /** Flushes what was written since the last call; the last synced sequence number, or a code. */
  syncPending(): number {
    const failed = Atomics.load(this.#shared, SHARED_SYNC_CODE);
    if (failed < 0) return failed;
    const seq = Atomics.load(this.#shared, SHARED_WRITTEN_SEQ);
    if (seq === Atomics.load(this.#shared, SHARED_SYNCED_SEQ)) return seq;
    const last = Atomics.load(this.#shared, SHARED_SEGMENT);
    let code = this.#files.sync(this.#handle);
    while (code === JOURNAL_OK && this.#segment < last) {
      code = this.#openSegment(this.#segment + 1);
      if (code === JOURNAL_OK) code = this.#files.sync(this.#handle);
    }
    if (code < 0) {
      Atomics.store(this.#shared, SHARED_SYNC_CODE, JOURNAL_SYNC);
      return JOURNAL_SYNC;
    }
    Atomics.store(this.#shared, SHARED_SYNCED_SEQ, seq);
    return seq;
  }

  /**
   * Makes the segment after the one being written, if it is not there yet; 0 or a code. On a full
   * disk call it again from time to time: when it succeeds, the writer goes on by itself.
   */
  prepareNextSegment(): number {
    const next = Atomics.load(this.#shared, SHARED_SEGMENT) + 1;
    if (Atomics.load(this.#shared, SHARED_READY_SEGMENT) >= next) return JOURNAL_OK;
    const code = this.#files.prepare(next, this.#segmentBytes);
    if (code === JOURNAL_OK) Atomics.store(this.#shared, SHARED_READY_SEGMENT, next);
    Atomics.store(this.#shared, SHARED_PREPARE_CODE, code);
    return code;
  }

  close(): void {
    if (this.#handle >= 0) this.#files.close(this.#handle);
    this.#handle = -1;
  }

  #openSegment(index: number): number {
    if (this.#handle >= 0) this.#files.close(this.#handle);
    this.#handle = this.#files.open(index);
    this.#segment = index;
    return this.#handle < 0 ? this.#handle : JOURNAL_OK;
  }
}
