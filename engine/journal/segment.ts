// Segment files of a journal: their names, the payload of their SEGMENT record, and the port
// through which the writer reaches the disk. Called by the writer, the opener and the reader.
// Invariant: a segment file is made whole (zero-filled, on disk) before it gets its name.
//
// Payload of the SEGMENT record, from byte 48 of the record:
//   0         4          8         12         16             24              40
//   | format  | record   | segment | reserved | segmentBytes | schema hash   | engine version
//   | int32 1 | bytes 256| index   | bytes    | float64      | 16 ASCII      | 32 ASCII, zeros
import { assert } from '../assert.ts';
import type { FrameMemory } from '../messages/frames.ts';
import { RECORD_BYTES } from './record.ts';

/** Version of the segment payload and of the rules for reading a journal. */
export const FORMAT_VERSION = 1;
/** Default size of a segment file. */
export const SEGMENT_BYTES = 64 * 1024 * 1024;
/** Default room at the end of each segment that only kills and cancels may use: 1,024 records. */
export const RESERVED_BYTES = 256 * 1024;
/** Bytes of the SEGMENT payload. */
export const SEGMENT_PAYLOAD_BYTES = 72;

const HASH_BYTES = 16;
const VERSION_BYTES = 32;
const HASH_AT = 24;
const VERSION_AT = HASH_AT + HASH_BYTES;
assert(VERSION_AT + VERSION_BYTES === SEGMENT_PAYLOAD_BYTES, `VERSION_AT=${VERSION_AT}`);

/** What a SEGMENT record says beside the common record fields. */
export interface SegmentHeader {
  readonly format: number;
  readonly recordBytes: number;
  /** Number in the file name, from 1. */
  readonly index: number;
  readonly reservedBytes: number;
  readonly segmentBytes: number;
  readonly schemaHash: string;
  readonly engineVersion: string;
}

/** The disk as the writer sees it; whole fakes stand in for it in tests. Never throws. */
export interface JournalFile {
  /** Opens segment `index` for writing; a handle >= 0, or a JOURNAL_* code. */
  open(index: number): number;
  /**
   * Makes segment `index` of `bytes` zeros, durable, name included; 0 or a JOURNAL_* code. A
   * segment that exists is left as it is (0). May run in another thread than the writer.
   */
  prepare(index: number, bytes: number): number;
  /** Writes at a file position; bytes written (maybe fewer than asked), or a JOURNAL_* code. */
  write(handle: number, bytes: Uint8Array, from: number, length: number, position: number): number;
  /** Flushes data to the device (fdatasync); 0 or a JOURNAL_* code. */
  sync(handle: number): number;
  /** Closes the handle; 0 or a JOURNAL_* code. */
  close(handle: number): number;
}

/** File name of segment `index`: journal-000001.pkj. */
export function segmentName(index: number): string {
  return `journal-${String(index).padStart(6, '0')}.pkj`;
}

/** Index in a segment's file name; 0 = not a segment's name. */
export function segmentIndexOf(name: string): number {
  const match = /^journal-(\d{6,})\.pkj$/.exec(name);
  return match === null ? 0 : Number(match[1]);
}

/** Writes the SEGMENT payload at byte `at`, which must be zeroed. Cold: texts are encoded here. */
export function writeSegmentPayload(memory: FrameMemory, at: number, header: SegmentHeader): void {
  const { schemaHash, engineVersion, segmentBytes, reservedBytes } = header;
  assert(schemaHash.length === HASH_BYTES, `schemaHash=${schemaHash}, expected 16 characters`);
  assert(segmentBytes % RECORD_BYTES === 0, `segmentBytes=${segmentBytes}, expected n * 256`);
  assert(reservedBytes % RECORD_BYTES === 0, `reservedBytes=${reservedBytes}, expected n * 256`);
  const word = at >> 2;
  memory.i32[word] = header.format;
  memory.i32[word + 1] = header.recordBytes;
  memory.i32[word + 2] = header.index;
  memory.i32[word + 3] = reservedBytes;
  memory.f64[(at + 16) >> 3] = segmentBytes;
  writeAscii(memory.u8, at + HASH_AT, schemaHash, HASH_BYTES);
  writeAscii(memory.u8, at + VERSION_AT, engineVersion, VERSION_BYTES);
}

/** Reads the SEGMENT payload at byte `at` of a record whose CRC was checked. */
export function readSegmentPayload(memory: FrameMemory, at: number): SegmentHeader {
  const word = at >> 2;
  return {
    format: memory.i32[word],
    recordBytes: memory.i32[word + 1],
    index: memory.i32[word + 2],
    reservedBytes: memory.i32[word + 3],
    segmentBytes: memory.f64[(at + 16) >> 3],
    schemaHash: readAscii(memory.u8, at + HASH_AT, HASH_BYTES),
    engineVersion: readAscii(memory.u8, at + VERSION_AT, VERSION_BYTES),
  };
}

function writeAscii(bytes: Uint8Array, at: number, text: string, room: number): void {
  for (let i = 0; i < room; i++) {
    const code = i < text.length ? text.charCodeAt(i) : 0;
    bytes[at + i] = code < 128 ? code : 63;
  }
}

function readAscii(bytes: Uint8Array, at: number, room: number): string {
  let text = '';
  for (let i = 0; i < room && bytes[at + i] !== 0; i++) text += String.fromCharCode(bytes[at + i]);
  return text;
}
