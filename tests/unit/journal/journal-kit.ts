// Frames, folders and a whole in-memory disk for the journal's tests. The disk is a complete
// JournalFile: it keeps segments as bytes and fails the way a test asks it to.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  JOURNAL_IO,
  JOURNAL_NO_SEGMENT,
  JOURNAL_NO_SPACE,
  JOURNAL_OK,
} from '../../../engine/journal/journal-code.ts';
import type { OpenJournalOptions } from '../../../engine/journal/open.ts';
import { GENESIS_CHAIN } from '../../../engine/journal/record.ts';
import type { JournalFile } from '../../../engine/journal/segment.ts';
import { JournalWriter, type JournalWriterOptions } from '../../../engine/journal/writer.ts';
import { ACTION_CANCEL, ACTION_PLACE, SIDE_BUY } from '../../../engine/messages/codes.ts';
import { FrameMemory } from '../../../engine/messages/frames.ts';
import { Clock, End, Epoch, Kill } from '../../../engine/messages/generated/control.ts';
import { Fill, Report, Request } from '../../../engine/messages/generated/order.ts';

export const DAY = 20260109;
export const ACCOUNT = 1;

const memory = new FrameMemory(new ArrayBuffer(4096));

/** A folder that is gone after the test. */
export function tempFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'pankou-journal-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Small segments: 32 records, 4 of them reserved. */
export function smallJournal(more: Partial<OpenJournalOptions> = {}): OpenJournalOptions {
  return {
    account: ACCOUNT,
    day: DAY,
    policy: 'none',
    engineVersion: '0.1.0',
    instrumentCount: 0,
    atNs: 1,
    monoNs: 2,
    segmentBytes: 8192,
    reservedBytes: 1024,
    ...more,
  };
}

/** The same memory each time: a frame lives until the next one is made. */
export function requestFrame(no: number, action: number = ACTION_PLACE): FrameMemory {
  const frame = new Request().begin(memory, 0);
  frame.account = ACCOUNT;
  frame.action = action;
  frame.side = SIDE_BUY;
  frame.priceE4 = 123_400 + no;
  frame.qty = 100 * no;
  frame.coidA = (ACCOUNT << 24) | 1;
  frame.coidB = DAY;
  frame.coidC = no;
  return memory;
}

export function cancelFrame(no: number): FrameMemory {
  return requestFrame(no, ACTION_CANCEL);
}

export function fillFrame(no: number): FrameMemory {
  const frame = new Fill().begin(memory, 0);
  frame.coidC = no;
  frame.qty = 100;
  frame.fillNo = 1000 + no;
  return memory;
}

export function reportFrame(no: number): FrameMemory {
  new Report().begin(memory, 0).coidC = no;
  return memory;
}

export function killFrame(on: number): FrameMemory {
  new Kill().begin(memory, 0).on = on;
  return memory;
}

export function dayFrame(day: number): FrameMemory {
  new Clock().begin(memory, 0).day = day;
  return memory;
}

export function endFrame(): FrameMemory {
  new End().begin(memory, 0).reason = 1;
  return memory;
}

export function epochFrame(epoch: number): FrameMemory {
  const frame = new Epoch().begin(memory, 0);
  frame.account = ACCOUNT;
  frame.day = DAY;
  frame.epoch = epoch;
  return memory;
}

/** A disk in memory. */
export class MemoryDisk implements JournalFile {
  readonly segments = new Map<number, Uint8Array>();
  /** Segments made, and asked for; writes and syncs asked for. */
  prepared = 0;
  prepares = 0;
  writes = 0;
  syncs = 0;
  /** Bytes that writes will still take; then they fail with `writeCode`. */
  room = Number.POSITIVE_INFINITY;
  writeCode = JOURNAL_NO_SPACE;
  /** Most bytes one write takes. */
  shortAt = Number.POSITIVE_INFINITY;
  prepareCode = JOURNAL_OK;
  syncCode = JOURNAL_OK;

  open(index: number): number {
    return this.segments.has(index) ? index : JOURNAL_NO_SEGMENT;
  }

  prepare(index: number, bytes: number): number {
    if (this.segments.has(index)) return JOURNAL_OK;
    this.prepares++;
    if (this.prepareCode < 0) return this.prepareCode;
    this.segments.set(index, new Uint8Array(bytes));
    this.prepared++;
    return JOURNAL_OK;
  }

  write(handle: number, bytes: Uint8Array, from: number, length: number, position: number): number {
    this.writes++;
    const segment = this.segments.get(handle);
    if (segment === undefined) return JOURNAL_IO;
    const n = Math.min(length, this.shortAt, this.room, segment.length - position);
    if (n <= 0) return this.writeCode;
    segment.set(bytes.subarray(from, from + n), position);
    this.room -= n;
    return n;
  }

  sync(): number {
    this.syncs++;
    return this.syncCode;
  }

  close(): number {
    return JOURNAL_OK;
  }
}

/** A writer on a new journal on `disk`, its EPOCH record (seq 1) flushed. */
export function newWriter(
  disk: MemoryDisk,
  more: Partial<JournalWriterOptions> = {},
): JournalWriter {
  const writer = rawWriter(disk, more);
  writer.append(epochFrame(1), 0, 1, 2);
  writer.flush();
  return writer;
}

/** A writer that has no EPOCH record yet. */
export function rawWriter(
  disk: MemoryDisk,
  more: Partial<JournalWriterOptions> = {},
): JournalWriter {
  disk.prepare(1, more.segmentBytes ?? 8192);
  return new JournalWriter({
    files: disk,
    position: { segment: 1, handle: 1, offset: 0, seq: 0, chain: GENESIS_CHAIN },
    account: ACCOUNT,
    day: DAY,
    epoch: 1,
    policy: 'none',
    engineVersion: '0.1.0',
    segmentBytes: 8192,
    reservedBytes: 1024,
    ...more,
  });
}
