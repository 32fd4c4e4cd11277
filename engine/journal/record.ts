// The journal record: 256 bytes, two per 512-byte sector, none crosses a sector. Written by
// writer.ts, read by reader.ts and by tools in other languages; little-endian everywhere.
// Invariants: the CRC-32 (zlib's) covers bytes 0..251; `chain` is the CRC word of the record
// before, so a record can neither be changed, dropped, repeated nor moved without being seen.

//    0          4          6          8          12         16         20         24
//    | magic    | version  | type     | seq      | epoch    | day      | account  |
//    | 'PKJ1'   | int16 1  | int16    | int32    | int32    | 20260109 | int32    |
//    24                    32                    40         44         48
//    | atNs float64        | monoNs float64      | payload  | chain    |
//    | engine time of day  | host, monotonic     | bytes    | CRC word |
//    48                                          248        252        256
//    | payload: one whole frame, zeros after it  | zero     | CRC-32   |
import { assert } from '../assert.ts';
import {
  ACTION_AWAIT,
  ACTION_CANCEL,
  ACTION_HOLD,
  ACTION_PARK,
  ACTION_SPLIT,
  LINE_CLOSING,
} from '../messages/codes.ts';
import { crcInt32 } from '../messages/crc32.ts';
import type { FrameMemory } from '../messages/frames.ts';
import {
  TYPE_ADJUSTMENT,
  TYPE_BOOK_LINE,
  TYPE_BRIDGE_ROW,
  TYPE_BROKER_ORDER,
  TYPE_CANCEL_COMMAND,
  TYPE_CLOCK,
  TYPE_DAY_CLOSE,
  TYPE_END,
  TYPE_EPOCH,
  TYPE_FENCE,
  TYPE_FILL,
  TYPE_INSTRUMENT_NAME,
  TYPE_KILL,
  TYPE_LINK_STATE,
  TYPE_MARKET_PAUSE,
  TYPE_OPENING_CASH,
  TYPE_OPENING_POSITION,
  TYPE_ORDER_SETTLE,
  TYPE_PARENT_INTENT,
  TYPE_PARENT_UPDATE,
  TYPE_REJECT,
  TYPE_REPORT,
  TYPE_REQUEST,
  TYPE_RISK_COMMIT,
  TYPE_RISK_CONFIRM,
  TYPE_RISK_RESUME,
  TYPE_STRATEGY_STATE,
} from '../messages/generated/types.ts';
import { FIELDS } from '../messages/generated/verify.ts';

/** Bytes of every record. */
export const RECORD_BYTES = 256;
/** 'PKJ1' read as a little-endian int32. */
export const RECORD_MAGIC = 0x314a4b50;
/** Version of this layout. */
export const RECORD_VERSION = 1;

export const MAGIC_OFFSET = 0;
export const VERSION_OFFSET = 4;
export const RECORD_TYPE_OFFSET = 6;
export const SEQ_OFFSET = 8;
export const EPOCH_OFFSET = 12;
export const DAY_OFFSET = 16;
export const ACCOUNT_OFFSET = 20;
export const AT_NS_OFFSET = 24;
export const MONO_NS_OFFSET = 32;
export const PAYLOAD_LENGTH_OFFSET = 40;
export const CHAIN_OFFSET = 44;
/** The frame; its FlatBuffers buffer starts 8 bytes later, 8-byte aligned in the file. */
export const PAYLOAD_OFFSET = 48;
/** Most bytes of a payload. */
export const PAYLOAD_BYTES = 200;
/** Always zero in version 1. */
export const SPARE_OFFSET = PAYLOAD_OFFSET + PAYLOAD_BYTES;
export const CRC_OFFSET = RECORD_BYTES - 4;

/** First record of each segment file; its payload is described in segment.ts. */
export const RECORD_SEGMENT = 1;
/** A process life begins; frame Epoch. */
export const RECORD_EPOCH = 2;
/** What the account holds at the open; frames OpeningCash, OpeningPosition. */
export const RECORD_OPENING = 3;
/** Dense index = market and code; frame InstrumentName. */
export const RECORD_INSTRUMENT = 4;
/** A request to place, about to be sent. */
export const RECORD_REQUEST = 5;
/** A request to cancel, about to be sent. */
export const RECORD_CANCEL = 6;
export const RECORD_REPORT = 7;
export const RECORD_FILL = 8;
/** A refused order: kept as well. */
export const RECORD_REJECT = 9;
export const RECORD_KILL = 10;
/** Commands of people and policies; frames CancelCommand, StrategyState. */
export const RECORD_CONTROL = 11;
/** A trading day begins; frame Clock, whose day holds from this record on. */
export const RECORD_DAY = 12;
/** Orderly end; frame End, then the state hash as two int32 (high, low). */
export const RECORD_CLOSE = 13;
/** What the gateway link decided about its link. */
export const RECORD_LINK = 14;
/** An order of the broker's list that was not ours, or that our journal had lost. */
export const RECORD_ADOPTED = 15;
/** A difference to the broker's statement that was explained and adopted. */
export const RECORD_ADJUST = 16;
/** In a bridge's journal: a fence taken, and what became of a call; frames Fence, BridgeRow. */
export const RECORD_BRIDGE = 17;
/** An order that waits (session, second person, its parts): numbered, reserved, not sent. */
export const RECORD_HOLD = 18;
/** A parent or conditional order, and each step of it. */
export const RECORD_PARENT = 19;
/** The close of a day: frames BookLine, then one DayClose; nothing but End may follow. */
export const RECORD_CLOSING = 20;
/** A second person's word on an order that waits for it; frame RiskConfirm. */
export const RECORD_CONFIRM = 21;
/** A person closed an order of unknown fate; frame OrderSettle. */
export const RECORD_SETTLE = 22;

/** Names by record type, as `pankou journal dump --type` takes them. */
export const RECORD_NAMES: readonly string[] = [
  'NONE',
  'SEGMENT',
  'EPOCH',
  'OPENING',
  'INSTRUMENT',
  'REQUEST',
  'CANCEL',
  'REPORT',
  'FILL',
  'REJECT',
  'KILL',
  'CONTROL',
  'DAY',
  'CLOSE',
  'LINK',
  'ADOPTED',
  'ADJUST',
  'BRIDGE',
  'HOLD',
  'PARENT',
  'CLOSING',
  'CONFIRM',
  'SETTLE',
];

/** Chain word of the very first record of a journal: CRC-32 of the ASCII text 'pankou'. */
export const GENESIS_CHAIN = genesisChain();

/** Offsets inside frames that decide about records, checked against the schema below. */
const REQUEST_ACTION_OFFSET = 80;
const BOOK_LINE_KIND_OFFSET = 68;
export const CLOCK_DAY_OFFSET = 48;
export const EPOCH_EPOCH_OFFSET = 56;

assert(RECORD_BYTES * 2 === 512, `RECORD_BYTES=${RECORD_BYTES}, expected two per sector`);
assert(PAYLOAD_OFFSET % 8 === 0, `PAYLOAD_OFFSET=${PAYLOAD_OFFSET}, expected 8-byte aligned`);
assert(SPARE_OFFSET + 4 === CRC_OFFSET, `SPARE_OFFSET=${SPARE_OFFSET}, expected next to the CRC`);
assert(
  CHAIN_OFFSET + 4 === PAYLOAD_OFFSET,
  `CHAIN_OFFSET=${CHAIN_OFFSET}, expected before payload`,
);
assertField(TYPE_REQUEST, 'action', REQUEST_ACTION_OFFSET);
assertField(TYPE_CLOCK, 'day', CLOCK_DAY_OFFSET);
assertField(TYPE_EPOCH, 'epoch', EPOCH_EPOCH_OFFSET);
assertField(TYPE_BOOK_LINE, 'kind', BOOK_LINE_KIND_OFFSET);

/** RECORD_* of the frame at byte `at`; 0 = frames of this type are never journaled. */
export function recordTypeOf(memory: FrameMemory, at: number): number {
  switch (memory.i32[(at >> 2) + 1]) {
    case TYPE_REQUEST:
      return requestRecord(memory.i32[(at + REQUEST_ACTION_OFFSET) >> 2]);
    case TYPE_PARENT_INTENT:
    case TYPE_PARENT_UPDATE:
      return RECORD_PARENT;
    case TYPE_RISK_CONFIRM:
      return RECORD_CONFIRM;
    case TYPE_ORDER_SETTLE:
      return RECORD_SETTLE;
    case TYPE_REPORT:
      return RECORD_REPORT;
    case TYPE_FILL:
      return RECORD_FILL;
    case TYPE_REJECT:
      return RECORD_REJECT;
    case TYPE_KILL:
      return RECORD_KILL;
    case TYPE_CANCEL_COMMAND:
    case TYPE_STRATEGY_STATE:
    case TYPE_RISK_COMMIT:
    case TYPE_RISK_RESUME:
    case TYPE_MARKET_PAUSE:
      return RECORD_CONTROL;
    case TYPE_CLOCK:
      return RECORD_DAY;
    case TYPE_EPOCH:
      return RECORD_EPOCH;
    case TYPE_OPENING_CASH:
    case TYPE_OPENING_POSITION:
      return RECORD_OPENING;
    case TYPE_INSTRUMENT_NAME:
      return RECORD_INSTRUMENT;
    case TYPE_END:
      return RECORD_CLOSE;
    case TYPE_LINK_STATE:
      return RECORD_LINK;
    case TYPE_BROKER_ORDER:
      return RECORD_ADOPTED;
    case TYPE_ADJUSTMENT:
      return RECORD_ADJUST;
    case TYPE_BOOK_LINE:
      return memory.i32[(at + BOOK_LINE_KIND_OFFSET) >> 2] === LINE_CLOSING
        ? RECORD_CLOSING
        : RECORD_OPENING;
    case TYPE_DAY_CLOSE:
      return RECORD_CLOSING;
    case TYPE_FENCE:
    case TYPE_BRIDGE_ROW:
      return RECORD_BRIDGE;
    default:
      return 0;
  }
}

/** A parked cancel counts as a cancel: it too only lowers risk. */
function requestRecord(action: number): number {
  if (action === ACTION_CANCEL || action === ACTION_PARK) return RECORD_CANCEL;
  const isKept = action === ACTION_HOLD || action === ACTION_AWAIT || action === ACTION_SPLIT;
  return isKept ? RECORD_HOLD : RECORD_REQUEST;
}

/** Whether the record may use the reserved room: it only lowers risk (kills and cancels). */
export function mayUseReserve(recordType: number, frameType: number): boolean {
  if (recordType === RECORD_KILL || recordType === RECORD_CANCEL) return true;
  // Without its fence a new connection could not bring its cancels to a bridge.
  return frameType === TYPE_CANCEL_COMMAND || frameType === TYPE_FENCE;
}

/** CRC-32 of the record at byte `at` over bytes 0..251, as the int32 that is stored. */
export function recordCrc(memory: FrameMemory, at: number): number {
  return crcInt32(memory.u8, at, at + CRC_OFFSET);
}

/** Writes the CRC of the finished record at byte `at` and returns it as int32. */
export function sealRecord(memory: FrameMemory, at: number): number {
  const crc = recordCrc(memory, at);
  memory.i32[(at + CRC_OFFSET) >> 2] = crc;
  return crc;
}

/** Zeroes `bytes` (a multiple of 8) at byte `at`. */
export function clearBytes(memory: FrameMemory, at: number, bytes: number): void {
  const f64 = memory.f64;
  const end = (at + bytes) >> 3;
  for (let i = at >> 3; i < end; i++) f64[i] = 0;
}

function genesisChain(): number {
  const text = 'pankou';
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return crcInt32(bytes, 0, bytes.length);
}

function assertField(type: number, name: string, offset: number): void {
  const field = FIELDS.get(type)?.find((candidate) => candidate.name === name);
  assert(field?.offset === offset, `${name}=${field?.offset}, expected offset ${offset}`);
}
