// Where the words of rings and doorbells lie in shared memory; used by the rings, by tests and by
// the memory map. Words of different writers are two cache lines apart, because processors fetch
// lines in pairs. All-zero memory is a valid, empty, open ring.
//
//   SPSC       0 head (reader)    128 tail (writer)   256 closed, capacity   384 data ...
//   broadcast  0 tail, latest     128 intent (writer) 256 closed, capacity   384 data ...
import { assert } from '../assert.ts';

/** Distance between words of different writers. */
export const LINE_PAIR_BYTES = 128;
/** Bytes before the data area of either ring. */
export const HEADER_BYTES = 3 * LINE_PAIR_BYTES;
/** Smallest and largest data area; positions are int32, so half of their range must hold it. */
export const CAPACITY_MIN = 4096;
export const CAPACITY_MAX = 2 ** 30;
/** A frame may fill at most capacity / 8: end-of-area filler then wastes at most that much. */
export const FRAME_SHARE = 8;

/** SPSC: position up to which the reader has handled. Index into the header's int32 words. */
export const HEAD_WORD = 0;
/** SPSC: position up to which the writer has published. */
export const TAIL_WORD = LINE_PAIR_BYTES / 4;
/** Both: 1 = closed, by either side. */
export const CLOSED_WORD = (2 * LINE_PAIR_BYTES) / 4;
/** Both: capacity in bytes, set by whoever comes first, so that sides that disagree fail early. */
export const CAPACITY_WORD = CLOSED_WORD + 1;

/** Broadcast: position up to which frames are published. */
export const BROADCAST_TAIL_WORD = 0;
/** Broadcast: position of the newest published record; equals the tail while there is none. */
export const LATEST_WORD = 1;
/** Broadcast: position up to which the writer may be writing right now. */
export const INTENT_WORD = LINE_PAIR_BYTES / 4;
/** Broadcast: bytes of a record before its frame, `[int32 record bytes | int32 sequence]`. */
export const RECORD_HEADER_BYTES = 8;

/** Bytes of a ring of `capacityBytes` with its header; asserts that the capacity is allowed. */
export function ringBytes(capacityBytes: number): number {
  assertCapacity(capacityBytes);
  return HEADER_BYTES + capacityBytes;
}

/** Asserts a power of two between CAPACITY_MIN and CAPACITY_MAX. */
export function assertCapacity(capacityBytes: number): void {
  const powerOfTwo = (capacityBytes & (capacityBytes - 1)) === 0;
  assert(
    powerOfTwo && capacityBytes >= CAPACITY_MIN && capacityBytes <= CAPACITY_MAX,
    `capacityBytes=${capacityBytes}, expected a power of two from 4096 to 2^30`,
  );
}

/** Header words of the ring at `byteOffset`; asserts alignment, room, and one capacity for all. */
export function headerWords(
  buffer: ArrayBufferLike,
  byteOffset: number,
  capacityBytes: number,
): Int32Array {
  const end = byteOffset + ringBytes(capacityBytes);
  assert(
    byteOffset % LINE_PAIR_BYTES === 0,
    `byteOffset=${byteOffset}, expected a multiple of ${LINE_PAIR_BYTES}`,
  );
  assert(end <= buffer.byteLength, `ring ends at ${end}, buffer has ${buffer.byteLength} bytes`);
  const words = new Int32Array(buffer, byteOffset, HEADER_BYTES / 4); // hot-ok: at start
  const found = Atomics.compareExchange(words, CAPACITY_WORD, 0, capacityBytes);
  assert(
    found === 0 || found === capacityBytes,
    `capacityBytes=${capacityBytes}, but the other side made this ring with ${found}`,
  );
  return words;
}

/**
 * Touches every page for writing without changing a byte, so that no page fault comes later.
 * Safe while the other side works: adding 0 atomically never undoes its writes.
 */
export function pretouch(data: Int32Array): void {
  const pageWords = 1024;
  for (let i = 0; i < data.length; i += pageWords) Atomics.add(data, i, 0);
}
