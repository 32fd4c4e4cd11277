// The format of frame logs: lossless recordings of ring frames, in blocks that prove themselves.
// Called by frame-log.ts (writer) and frame-log-reader.ts. Little-endian, all 8-byte aligned.

// File head, 64 bytes:
//   0        4         8                       24                          60       64
//   | 'PKFL' | version | schema hash, 16 ASCII | zeros                     | CRC-32 |
// Block head, 32 bytes, then `bytes` bytes of whole frames:
//   0        4         8         12        16         20         24       28        32
//   | 'PKFB' | version | block   | bytes   | frames   | body CRC | chain  | head CRC |
//   chain = head CRC of the block before (of the file head for block 1); head CRC covers 0..27.
import { assert } from '../assert.ts';
import { crc32 } from '../messages/crc32.ts';
import type { FrameMemory } from '../messages/frames.ts';

export const LOG_VERSION = 1;
export const LOG_HEAD_BYTES = 64;
export const BLOCK_HEAD_BYTES = 32;
/** 'PKFL' and 'PKFB' as little-endian int32. */
export const LOG_MAGIC = 0x4c464b50;
export const BLOCK_MAGIC = 0x42464b50;
/** Most bytes of frames in one block; a reader's buffer never needs more. */
export const MAX_BLOCK_BYTES = 16 * 1024 * 1024;

const HASH_AT = 8;
const HASH_BYTES = 16;
const LOG_CRC_AT = LOG_HEAD_BYTES - 4;
const BLOCK_CRC_AT = BLOCK_HEAD_BYTES - 4;

assert(
  LOG_CRC_AT % 4 === 0 && BLOCK_CRC_AT % 4 === 0,
  `LOG_CRC_AT=${LOG_CRC_AT}, expected aligned`,
);

export interface BlockHead {
  /** Number of the block, from 1. */
  readonly block: number;
  readonly bytes: number;
  readonly frames: number;
  readonly bodyCrc: number;
  readonly chain: number;
  readonly headCrc: number;
}

/** Writes the file head at byte 0 of `memory` and returns its CRC as int32. */
export function writeLogHead(memory: FrameMemory, schemaHash: string): number {
  memory.u8.fill(0, 0, LOG_HEAD_BYTES);
  memory.i32[0] = LOG_MAGIC;
  memory.i32[1] = LOG_VERSION;
  for (let i = 0; i < HASH_BYTES; i++) memory.u8[HASH_AT + i] = schemaHash.charCodeAt(i);
  const crc = crc32(memory.u8, 0, LOG_CRC_AT) | 0;
  memory.i32[LOG_CRC_AT >> 2] = crc;
  return crc;
}

/** Schema hash and CRC of the file head at byte 0; null when it is none of this version. */
export function readLogHead(memory: FrameMemory): { schemaHash: string; crc: number } | null {
  const { i32, u8 } = memory;
  if (i32[0] !== LOG_MAGIC || i32[1] !== LOG_VERSION) return null;
  const crc = crc32(u8, 0, LOG_CRC_AT) | 0;
  if (i32[LOG_CRC_AT >> 2] !== crc) return null;
  const hash = String.fromCharCode(...u8.subarray(HASH_AT, HASH_AT + HASH_BYTES));
  return { schemaHash: hash, crc };
}

/** Writes the head of the block whose frames lie behind it at byte 32; its CRC as int32. */
export function writeBlockHead(
  memory: FrameMemory,
  block: number,
  bytes: number,
  frames: number,
  chain: number,
): number {
  const i32 = memory.i32;
  i32[0] = BLOCK_MAGIC;
  i32[1] = LOG_VERSION;
  i32[2] = block;
  i32[3] = bytes;
  i32[4] = frames;
  i32[5] = crc32(memory.u8, BLOCK_HEAD_BYTES, BLOCK_HEAD_BYTES + bytes) | 0;
  i32[6] = chain;
  i32[7] = crc32(memory.u8, 0, BLOCK_CRC_AT) | 0;
  return i32[7];
}

/** The block head at byte `at`, or null when there is no sound one. */
export function readBlockHead(memory: FrameMemory, at: number): BlockHead | null {
  const i32 = memory.i32;
  const word = at >> 2;
  if (i32[word] !== BLOCK_MAGIC || i32[word + 1] !== LOG_VERSION) return null;
  const headCrc = crc32(memory.u8, at, at + BLOCK_CRC_AT) | 0;
  if (i32[word + 7] !== headCrc) return null;
  return {
    block: i32[word + 2],
    bytes: i32[word + 3],
    frames: i32[word + 4],
    bodyCrc: i32[word + 5],
    chain: i32[word + 6],
    headCrc,
  };
}

/** A frame log cannot be written or read; the message says what to do. */
export class FrameLogError extends Error {
  readonly path: string;
  /** Byte in the file; -1 when no place is meant. */
  readonly offset: number;
  /** What is wrong, without the place. */
  readonly fault: string;

  constructor(path: string, offset: number, message: string) {
    const place = offset < 0 ? path : `${path} byte ${offset}`;
    super(`recording ${place}: ${message}`);
    this.name = 'FrameLogError';
    this.path = path;
    this.offset = offset;
    this.fault = message;
  }
}

/** There is no room for the next block now: what was gathered is kept, and may be written later. */
export class FrameLogFullError extends FrameLogError {
  constructor(path: string, offset: number, why: string) {
    super(path, offset, `no room (${why}): free space on its disk`);
    this.name = 'FrameLogFullError';
  }
}
