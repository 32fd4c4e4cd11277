// Which one byte of a damaged block was changed: a CRC-32 names it as long as it is one. Called by
// the reader of recordings, so that people hear of the input that is not what it was. Cold.
// Invariant: it names a byte only when exactly one change explains the CRC.
import { BODY_OFFSET, type FrameMemory, frameLength, frameType } from '../messages/frames.ts';
import { Merge } from '../messages/generated/event.ts';
import { VERIFY_OK, verifyFrame } from '../messages/generated/verify.ts';

/** zlib's CRC-32, reflected. */
const POLYNOMIAL = 0xedb88320;
const TABLE = new Int32Array(256);
/** Index by the top byte of an entry: they are all different. */
const BY_TOP = new Uint8Array(256);
for (let i = 0; i < 256; i++) {
  let value = i;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  TABLE[i] = value;
  BY_TOP[value >>> 24] = i;
}

export interface ChangedByte {
  /** Byte in what the CRC is over. */
  readonly at: number;
  /** What it was. */
  readonly was: number;
}

/**
 * The byte of `bytes` whose change alone turns a CRC of `expected` into `found`, or null: none, or
 * more than one could. The difference of two CRCs is walked back byte by byte from the end.
 */
export function findChangedByte(
  bytes: Uint8Array,
  expected: number,
  found: number,
): ChangedByte | null {
  let difference = (expected ^ found) | 0;
  let result: ChangedByte | null = null;
  for (let at = bytes.length - 1; at >= 0; at--) {
    const change = BY_TOP[difference >>> 24]!;
    if (TABLE[change] === difference) {
      if (result !== null) return null;
      result = { at, was: bytes[at]! ^ change };
    }
    difference = ((difference ^ TABLE[change]!) << 8) | change;
  }
  return result;
}

/**
 * What stands at byte `at` of a sound block of `end` bytes: the frame (from 1), its type and
 * sequence, and, where the block goes on that far, which input of the actor it was of.
 */
export function placeInBlock(memory: FrameMemory, end: number, at: number): string {
  let start = 0;
  let frame = 1;
  for (; start < end; frame++) {
    if (verifyFrame(memory, start, end - start) !== VERIFY_OK) return '';
    const next = start + frameLength(memory, start);
    if (next > at) break;
    start = next;
  }
  if (start >= end) return '';
  const sequence = memory.i32[(start + BODY_OFFSET) >> 2];
  const what = `frame ${frame} of the block, type ${frameType(memory, start)}`;
  if (frameType(memory, start) === Merge.TYPE) {
    const { port, count } = new Merge().wrap(memory, start);
    return `${what}: the batch plan (${count} of input port ${port})`;
  }
  const port = portBehind(memory, end, start);
  return `${what}, sequence ${sequence}${port < 0 ? '' : `, of input port ${port}`}`;
}

/** Frames stand before the record of the batch they were taken in: its port, or -1. */
function portBehind(memory: FrameMemory, end: number, from: number): number {
  for (let at = from; at < end; at += frameLength(memory, at)) {
    if (verifyFrame(memory, at, end - at) !== VERIFY_OK) return -1;
    if (frameType(memory, at) === Merge.TYPE) return new Merge().wrap(memory, at).port;
  }
  return -1;
}
