// Decides whether the record at one place is the one that belongs there. Called by reader.ts for
// every record. Pure apart from the state it is given; the state only moves on with good records.
// A record with a wrong CRC may be a torn write; one with a right CRC in the wrong place never is.
import { crc32 } from '../messages/crc32.ts';
import type { FrameMemory } from '../messages/frames.ts';
import { frameBytes, verifyFrame } from '../messages/generated/verify.ts';
import type { Damage } from './journal-error.ts';
import { fieldAt, type JournalRecord } from './journal-record.ts';
import {
  CRC_OFFSET,
  EPOCH_EPOCH_OFFSET,
  PAYLOAD_OFFSET,
  RECORD_BYTES,
  RECORD_CLOSE,
  RECORD_EPOCH,
  RECORD_MAGIC,
  RECORD_NAMES,
  RECORD_SEGMENT,
  RECORD_VERSION,
  recordCrc,
  recordTypeOf,
} from './record.ts';
import { SEGMENT_PAYLOAD_BYTES } from './segment.ts';

/** What the next record must fit. */
export interface ChainState {
  /** Sequence number of the last record; 0 = none. */
  seq: number;
  /** CRC word of the last record, int32. */
  chain: number;
  /** Epoch of the last EPOCH record; 0 = none. */
  epoch: number;
  /** Epoch in the last SEGMENT record: the next EPOCH record may not be below it. */
  segmentEpoch: number;
  day: number;
  /** -1 = not known yet. */
  account: number;
}

/** A finding; `torn` when the CRC is wrong, which a write cut short explains. */
export interface Finding extends Damage {
  readonly torn: boolean;
}

/** Whether the bytes at `at` are a record with right magic and CRC, wherever it belongs. */
export function isSoundRecord(memory: FrameMemory, at: number): boolean {
  const i32 = memory.i32;
  if (i32[at >> 2] !== RECORD_MAGIC) return false;
  return recordCrc(memory, at) === i32[(at + CRC_OFFSET) >> 2];
}

/** null when the record at byte `at` of `file` follows `state`; `state` is left as it is. */
export function checkRecord(
  record: JournalRecord,
  state: ChainState,
  isFirst: boolean,
): Finding | null {
  const { memory, at } = record;
  if (memory.i32[at >> 2] !== RECORD_MAGIC || recordCrc(memory, at) !== record.crc) {
    return tornFinding(record);
  }
  const place = placeFinding(record, state, isFirst);
  if (place !== null) return place;
  return record.type === RECORD_SEGMENT ? segmentFinding(record) : frameFinding(record);
}

/** Moves `state` on over a record that checkRecord accepted. */
export function advance(state: ChainState, record: JournalRecord): void {
  state.chain = record.crc;
  state.account = record.account;
  if (record.type === RECORD_SEGMENT) {
    state.segmentEpoch = record.epoch;
    return;
  }
  state.seq = record.seq;
  state.epoch = record.epoch;
  state.day = record.day;
}

function placeFinding(record: JournalRecord, state: ChainState, isFirst: boolean): Finding | null {
  const { type } = record;
  if (record.version !== RECORD_VERSION) {
    return found(record, 4, String(RECORD_VERSION), String(record.version));
  }
  if (isFirst !== (type === RECORD_SEGMENT) || type < 1 || type >= RECORD_NAMES.length) {
    const expected = isFirst ? 'SEGMENT at the head of the file' : 'a record type after SEGMENT';
    return found(record, 6, expected, RECORD_NAMES[type] ?? String(type));
  }
  if (record.chain !== state.chain) {
    return found(record, 44, hex(state.chain), hex(record.chain));
  }
  if (record.seq !== state.seq + 1) {
    return found(record, 8, String(state.seq + 1), String(record.seq));
  }
  if (state.account >= 0 && record.account !== state.account) {
    return found(record, 20, String(state.account), String(record.account));
  }
  return epochFinding(record, state);
}

function epochFinding(record: JournalRecord, state: ChainState): Finding | null {
  const { type, epoch } = record;
  if (type === RECORD_SEGMENT) {
    return epoch >= state.epoch ? null : found(record, 12, `at least ${state.epoch}`, `${epoch}`);
  }
  if (type === RECORD_EPOCH) {
    const least = Math.max(state.epoch + 1, state.segmentEpoch);
    return epoch >= least ? null : found(record, 12, `at least ${least}`, String(epoch));
  }
  if (state.epoch === 0) return found(record, 6, 'EPOCH first', RECORD_NAMES[type]);
  if (epoch !== state.epoch) return found(record, 12, String(state.epoch), String(epoch));
  if (record.day < state.day) {
    return found(record, 16, `at least ${state.day}`, String(record.day));
  }
  return null;
}

function segmentFinding(record: JournalRecord): Finding | null {
  if (record.payloadLength === SEGMENT_PAYLOAD_BYTES) return null;
  return found(record, 40, String(SEGMENT_PAYLOAD_BYTES), String(record.payloadLength));
}

function frameFinding(record: JournalRecord): Finding | null {
  const { memory, frameAt, type } = record;
  const extra = type === RECORD_CLOSE ? 8 : 0;
  const bytes = frameBytes(record.frameType);
  if (bytes === 0) {
    return found(record, PAYLOAD_OFFSET, 'a frame type of this schema', `${record.frameType}`);
  }
  if (record.payloadLength !== bytes + extra) {
    return found(record, 40, String(bytes + extra), String(record.payloadLength));
  }
  const code = verifyFrame(memory, frameAt, bytes);
  if (code !== 0) return found(record, PAYLOAD_OFFSET, 'a sound frame', `verifier code ${code}`);
  if (recordTypeOf(memory, frameAt) !== type) {
    const expected = RECORD_NAMES[recordTypeOf(memory, frameAt)];
    return found(record, 6, expected, RECORD_NAMES[type]);
  }
  if (type === RECORD_EPOCH) {
    const inside = memory.i32[(frameAt + EPOCH_EPOCH_OFFSET) >> 2];
    if (inside !== record.epoch) return found(record, 12, String(inside), String(record.epoch));
  }
  return null;
}

function found(
  record: JournalRecord,
  fieldOffset: number,
  expected: string,
  actual: string,
): Finding {
  return {
    file: record.file,
    record: record.at / RECORD_BYTES,
    offset: record.at + fieldOffset,
    field: fieldAt(fieldOffset),
    expected,
    found: actual,
    torn: false,
  };
}

/** Names the one changed byte if one byte explains the wrong CRC, else what is visibly wrong. */
function tornFinding(record: JournalRecord): Finding {
  const { memory, at } = record;
  const byte = changedByte(memory, at);
  if (byte !== null) {
    const actual = hexByte(memory.u8[at + byte.offset]);
    return { ...found(record, byte.offset, hexByte(byte.was), actual), torn: true };
  }
  if (memory.i32[at >> 2] !== RECORD_MAGIC) {
    return { ...found(record, 0, "'PKJ1'", hex(memory.i32[at >> 2])), torn: true };
  }
  const expected = hex(recordCrc(memory, at));
  return { ...found(record, CRC_OFFSET, expected, hex(record.crc)), torn: true };
}

/** The only single-byte change that makes the CRC right, or null. For messages, not for repair. */
function changedByte(memory: FrameMemory, at: number): { offset: number; was: number } | null {
  const { u8 } = memory;
  const stored = memory.i32[(at + CRC_OFFSET) >> 2];
  const wanted = recordCrc(memory, at) ^ stored;
  for (let k = 0; k < 4; k++) {
    const byte = (wanted >>> (8 * k)) & 255;
    const offset = CRC_OFFSET + k;
    if (wanted === byte << (8 * k)) return { offset, was: u8[at + offset] ^ byte };
  }
  // A CRC is linear: what a changed byte does to it depends on its place and difference alone.
  const oneByte = lastByteChanges();
  const changes = oneByte.slice();
  for (let offset = CRC_OFFSET - 1; offset >= 0; offset--) {
    for (let difference = 1; difference < 256; difference++) {
      if (changes[difference] === wanted) return { offset, was: u8[at + offset] ^ difference };
      const before = changes[difference];
      changes[difference] = oneByte[before & 255] ^ (before >>> 8);
    }
  }
  return null;
}

/** By how much a CRC-32 changes when its last byte differs by 0..255. */
function lastByteChanges(): Int32Array {
  const byte = new Uint8Array(1);
  const zero = crc32(byte, 0, 1);
  return Int32Array.from({ length: 256 }, (_, difference) => {
    byte[0] = difference;
    return crc32(byte, 0, 1) ^ zero;
  });
}

function hex(value: number): string {
  return `0x${(value >>> 0).toString(16).padStart(8, '0')}`;
}

function hexByte(value: number): string {
  return `0x${value.toString(16).padStart(2, '0')}`;
}
