// A frame is `[int32 length | int32 type | FlatBuffers buffer]`, 8-byte aligned; the buffer of a
// hot message is a constant 16-byte prefix and one inline struct. Rings, tapes and recordings are
// memories full of frames. Invariant: `length` counts the whole frame and is a multiple of 8.
//
//   0        4      8                       24
//   | length | type | prefix of 16 bytes    | struct (24-byte head first) ...
import { assert } from '../assert.ts';

/** Bytes before the FlatBuffers buffer. */
export const FRAME_HEADER_BYTES = 8;
/** Bytes of the constant FlatBuffers prefix: root offset, vtable, table. */
export const PREFIX_BYTES = 16;
/** Offset of the struct inside a hot frame. */
export const BODY_OFFSET = FRAME_HEADER_BYTES + PREFIX_BYTES;
/** Offset of the flags inside the struct's head. */
const FLAGS_OFFSET = 6;
/** Frame type of filler that readers skip. */
export const TYPE_PADDING = 0;

/** First word of the prefix: root table at 12. */
export const PREFIX_ROOT = 12;
/** Second word: two bytes of padding, vtable of 6 bytes. */
export const PREFIX_VTABLE = 6 << 16;
/** Fourth word: the vtable lies 6 bytes before the table. */
export const PREFIX_TABLE = 6;
/** Third word for a struct of `bodyBytes`: table size, and the struct 4 bytes into the table. */
export function prefixSizes(bodyBytes: number): number {
  return (bodyBytes + 4) | (4 << 16);
}

/** The same bytes seen as int16, int32 and float64; made once per memory, never per message. */
export class FrameMemory {
  readonly i16: Int16Array;
  readonly i32: Int32Array;
  readonly f64: Float64Array;
  readonly u8: Uint8Array;
  readonly byteLength: number;

  /** `byteOffset` and `byteLength` must be multiples of 8. */
  constructor(
    buffer: ArrayBufferLike,
    byteOffset = 0,
    byteLength = buffer.byteLength - byteOffset,
  ) {
    assert(byteOffset % 8 === 0, `byteOffset=${byteOffset}, expected a multiple of 8`);
    assert(byteLength % 8 === 0, `byteLength=${byteLength}, expected a multiple of 8`);
    this.i16 = new Int16Array(buffer, byteOffset, byteLength >> 1);
    this.i32 = new Int32Array(buffer, byteOffset, byteLength >> 2);
    this.f64 = new Float64Array(buffer, byteOffset, byteLength >> 3);
    this.u8 = new Uint8Array(buffer, byteOffset, byteLength);
    this.byteLength = byteLength;
  }
}

/** Length in bytes of the frame at byte `at`. */
export function frameLength(memory: FrameMemory, at: number): number {
  return memory.i32[at >> 2];
}

/** Type number of the frame at byte `at`. */
export function frameType(memory: FrameMemory, at: number): number {
  return memory.i32[(at >> 2) + 1];
}

/** Event time in ns of the hot message in the frame at byte `at`, without a flyweight. */
export function frameEventNs(memory: FrameMemory, at: number): number {
  return memory.f64[(at + BODY_OFFSET + 8) >> 3];
}

/** Host time in ns at which the cause of the frame at byte `at` was received; 0 = not known. */
export function frameRecvNs(memory: FrameMemory, at: number): number {
  return memory.f64[(at + BODY_OFFSET + 16) >> 3];
}

/** Flags of the hot message in the frame at byte `at`. */
export function frameFlags(memory: FrameMemory, at: number): number {
  return memory.i16[(at + BODY_OFFSET + FLAGS_OFFSET) >> 1];
}

export function setFrameFlags(memory: FrameMemory, at: number, flags: number): void {
  memory.i16[(at + BODY_OFFSET + FLAGS_OFFSET) >> 1] = flags;
}

/** Copies the whole frame at `from` to `to`; the target must have room. Costs O(length). */
export function copyFrame(
  source: FrameMemory,
  from: number,
  target: FrameMemory,
  to: number,
): number {
  const a = source.i32;
  const b = target.i32;
  let s = from >> 2;
  let t = to >> 2;
  const bytes = a[s];
  const end = s + (bytes >> 2);
  // Two words at a time: frames are multiples of 8 bytes, and this takes two thirds of the time.
  while (s < end) {
    b[t] = a[s];
    b[t + 1] = a[s + 1];
    s += 2;
    t += 2;
  }
  return bytes;
}

/** `bytes` rounded up to a multiple of 8. */
export function align8(bytes: number): number {
  return (bytes + 7) & ~7;
}
