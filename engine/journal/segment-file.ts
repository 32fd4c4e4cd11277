// The JournalFile port on a real folder. Used by the writer (write, sync) and by whoever makes
// the next segment, in this thread or another. Never throws: system errors become JOURNAL_* codes.
// Invariant: a segment gets its name by a hard link, which never replaces a file, so a thread that
// comes late with an empty segment cannot wipe out one that is already being written.
import {
  closeSync,
  constants,
  fdatasyncSync,
  fsyncSync,
  linkSync,
  openSync,
  statfsSync,
  statSync,
  unlinkSync,
  writeSync,
  writevSync,
} from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import {
  JOURNAL_DENIED,
  JOURNAL_IO,
  JOURNAL_NO_SEGMENT,
  JOURNAL_NO_SPACE,
  JOURNAL_OK,
} from './journal-code.ts';
import { RECORD_BYTES } from './record.ts';
import { type JournalFile, segmentName } from './segment.ts';

/**
 * Zeros are written in small pieces: Linux keeps in memory as one what was written as one, and a
 * record written into a piece of 1 MiB costs 1 us more than into one of 64 KiB (ext4, Linux 6.18).
 */
const FILL_BYTES = 64 * 1024;

/** Segment files in `dir`, which must exist. */
export class SegmentFiles implements JournalFile {
  readonly #dir: string;
  /** Text of the last system error, for people; '' = none so far. */
  lastError = '';
  /** The buffer last written from, and its first n records at [n], as writevSync() wants them. */
  #buffer: Uint8Array | null = null;
  #firstRecords: readonly Uint8Array[][] = [];

  constructor(dir: string) {
    this.#dir = dir;
  }

  open(index: number): number {
    try {
      return openSync(join(this.#dir, segmentName(index)), constants.O_RDWR);
    } catch (error) {
      return this.#codeOf(error);
    }
  }

  prepare(index: number, bytes: number): number {
    const path = join(this.#dir, segmentName(index));
    const draft = `${path}.${process.pid}-${threadId}.draft`;
    try {
      if (statSync(path, { throwIfNoEntry: false }) !== undefined) return JOURNAL_OK;
      // Asked first: filling a disk to its last byte to find out would hurt everybody on it.
      const { bavail, bsize } = statfsSync(this.#dir);
      if (bavail * bsize < bytes) {
        this.lastError = `ENOSPC: ${bavail * bsize} bytes free, a segment takes ${bytes}`;
        return JOURNAL_NO_SPACE;
      }
      fillWithZeros(draft, bytes);
      linkSync(draft, path);
      unlinkSync(draft);
      syncFolder(this.#dir);
      return JOURNAL_OK;
    } catch (error) {
      removeQuietly(draft);
      if (isSystemError(error) && error.code === 'EEXIST') return JOURNAL_OK;
      return this.#codeOf(error);
    }
  }

  write(handle: number, bytes: Uint8Array, from: number, length: number, position: number): number {
    try {
      // The same system call for one buffer, but writeSync makes an object of 56 bytes each time
      // (Node 22), and this is called once for every batch of orders.
      if (from === 0 && length % RECORD_BYTES === 0) {
        if (bytes !== this.#buffer) this.#keep(bytes);
        return writevSync(handle, this.#firstRecords[length / RECORD_BYTES]!, position);
      }
      return writeSync(handle, bytes, from, length, position);
    } catch (error) {
      return this.#codeOf(error);
    }
  }

  /** Makes the views of a writer's buffer that every later write() from it will use. */
  #keep(buffer: Uint8Array): void {
    const most = Math.floor(buffer.length / RECORD_BYTES);
    this.#firstRecords = Array.from({ length: most + 1 }, (_, n) => [
      buffer.subarray(0, n * RECORD_BYTES),
    ]);
    this.#buffer = buffer;
  }

  sync(handle: number): number {
    try {
      fdatasyncSync(handle);
      return JOURNAL_OK;
    } catch (error) {
      return this.#codeOf(error);
    }
  }

  close(handle: number): number {
    try {
      closeSync(handle);
      return JOURNAL_OK;
    } catch (error) {
      return this.#codeOf(error);
    }
  }

  #codeOf(error: unknown): number {
    this.lastError = error instanceof Error ? error.message : String(error);
    return isSystemError(error) ? systemCode(error.code) : JOURNAL_IO;
  }
}

/** Flushes a folder's own entries; a no-op where the system has no such call (Windows). */
export function syncFolder(dir: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(dir, constants.O_RDONLY);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function fillWithZeros(path: string, bytes: number): void {
  const handle = openSync(path, 'w', 0o640);
  try {
    const zeros = new Uint8Array(Math.min(FILL_BYTES, bytes));
    let done = 0;
    while (done < bytes) {
      done += writeSync(handle, zeros, 0, Math.min(zeros.length, bytes - done), done);
    }
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Not made, or gone already: openJournal removes drafts that a crash left behind.
  }
}

function systemCode(code: string): number {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return JOURNAL_NO_SPACE;
    case 'ENOENT':
      return JOURNAL_NO_SEGMENT;
    case 'EMFILE':
    case 'ENFILE':
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return JOURNAL_DENIED;
    default:
      return JOURNAL_IO;
  }
}

function isSystemError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}
