// A view of one record that was verified: what visitors of readJournal receive. The view is moved
// from record to record, so a visitor copies what it keeps. Cold.
import { FrameMemory, frameType } from '../messages/frames.ts';
import {
  ACCOUNT_OFFSET,
  AT_NS_OFFSET,
  CHAIN_OFFSET,
  CRC_OFFSET,
  DAY_OFFSET,
  EPOCH_OFFSET,
  MAGIC_OFFSET,
  MONO_NS_OFFSET,
  PAYLOAD_LENGTH_OFFSET,
  PAYLOAD_OFFSET,
  RECORD_BYTES,
  RECORD_CLOSE,
  RECORD_TYPE_OFFSET,
  SEQ_OFFSET,
  SPARE_OFFSET,
  VERSION_OFFSET,
} from './record.ts';

/** Where a CLOSE record keeps its state hash, behind the End frame of 56 bytes. */
const HASH_OFFSET = PAYLOAD_OFFSET + 56;

/** Fields of a record in file order, for messages. */
const FIELD_STARTS: readonly (readonly [number, string])[] = [
  [CRC_OFFSET, 'crc'],
  [SPARE_OFFSET, 'spare'],
  [PAYLOAD_OFFSET, 'payload'],
  [CHAIN_OFFSET, 'chain'],
  [PAYLOAD_LENGTH_OFFSET, 'payloadLength'],
  [MONO_NS_OFFSET, 'monoNs'],
  [AT_NS_OFFSET, 'atNs'],
  [ACCOUNT_OFFSET, 'account'],
  [DAY_OFFSET, 'day'],
  [EPOCH_OFFSET, 'epoch'],
  [SEQ_OFFSET, 'seq'],
  [RECORD_TYPE_OFFSET, 'type'],
  [VERSION_OFFSET, 'version'],
  [MAGIC_OFFSET, 'magic'],
];

/** Name of the field that byte `offset` of a record belongs to. */
export function fieldAt(offset: number): string {
  for (const [start, name] of FIELD_STARTS) if (offset >= start) return name;
  return 'magic';
}

/** One record; `memory` and `frameAt` give its frame to the generated flyweights. */
export class JournalRecord {
  memory: FrameMemory = new FrameMemory(new ArrayBuffer(RECORD_BYTES));
  /** Byte of the record in `memory` and in its file. */
  at = 0;
  /** Name of the segment file. */
  file = '';

  get type(): number {
    return this.memory.i16[(this.at + RECORD_TYPE_OFFSET) >> 1];
  }
  get version(): number {
    return this.memory.i16[(this.at + VERSION_OFFSET) >> 1];
  }
  get seq(): number {
    return this.memory.i32[(this.at + SEQ_OFFSET) >> 2];
  }
  get epoch(): number {
    return this.memory.i32[(this.at + EPOCH_OFFSET) >> 2];
  }
  get day(): number {
    return this.memory.i32[(this.at + DAY_OFFSET) >> 2];
  }
  get account(): number {
    return this.memory.i32[(this.at + ACCOUNT_OFFSET) >> 2];
  }
  /** Engine time of day, ns. */
  get atNs(): number {
    return this.memory.f64[(this.at + AT_NS_OFFSET) >> 3];
  }
  /** Host monotonic ns. */
  get monoNs(): number {
    return this.memory.f64[(this.at + MONO_NS_OFFSET) >> 3];
  }
  get payloadLength(): number {
    return this.memory.i32[(this.at + PAYLOAD_LENGTH_OFFSET) >> 2];
  }
  /** CRC word of the record before, int32. */
  get chain(): number {
    return this.memory.i32[(this.at + CHAIN_OFFSET) >> 2];
  }
  /** Own CRC word, int32. */
  get crc(): number {
    return this.memory.i32[(this.at + CRC_OFFSET) >> 2];
  }
  /** Byte of the frame in `memory`. */
  get frameAt(): number {
    return this.at + PAYLOAD_OFFSET;
  }
  /** Type number of the frame; 0 for SEGMENT records, whose payload is no frame. */
  get frameType(): number {
    return this.type === 1 ? 0 : frameType(this.memory, this.frameAt);
  }
  /** State hash of a CLOSE record as 16 hexadecimal digits; '' for other records. */
  get stateHash(): string {
    if (this.type !== RECORD_CLOSE) return '';
    const word = (this.at + HASH_OFFSET) >> 2;
    const i32 = this.memory.i32;
    return hex8(i32[word]) + hex8(i32[word + 1]);
  }
}

function hex8(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
