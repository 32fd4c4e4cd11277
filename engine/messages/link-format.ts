// The bytes between the core process and the api process, the same in both directions. Called by
// engine/host/event-socket.ts (core) and engine/control/engine-link.ts (api). Always: nothing
// reaches a handler before its length, kind and CRC-32, and a frame's verifier, were checked.
//
//   0                4                    8      9        12
//   | payload length | CRC-32 of payload  | kind | 0 0 0  | payload ...
import { crc32 } from './crc32.ts';
import { FrameMemory, frameType } from './frames.ts';
import { VERIFY_OK, verifyFrame } from './generated/verify.ts';

export const LINK_HEADER_BYTES = 12;
/** Largest payload of one message. */
export const LINK_MAX_PAYLOAD = 65_536;
/** Payload is one whole hot frame. */
export const LINK_KIND_FRAME = 1;
/** Payload is UTF-8 JSON, an object with a `kind`. */
export const LINK_KIND_JSON = 2;

/** Everything so far was sound. */
export const LINK_OK = 0;
/** A payload length of 0 or above LINK_MAX_PAYLOAD. */
export const LINK_LENGTH = -1;
/** A kind that no side sends, or a pad byte that is not 0. */
export const LINK_KIND = -2;
/** The CRC-32 does not fit the payload. */
export const LINK_CRC = -3;
/** The payload claims to be a frame and the verifier refuses it. */
export const LINK_FRAME = -4;
/** The handler refused the message and wants no more. */
export const LINK_REFUSED = -5;

/** Reasons for people, by negated code. */
export const LINK_TEXTS: readonly string[] = [
  'sound',
  `payload length is not within 1..${LINK_MAX_PAYLOAD} bytes`,
  'unknown message kind',
  'CRC-32 does not fit the payload',
  'payload is not a sound frame',
  'message refused',
];

/** Takes checked messages; `false` stops the reader (the connection is to be dropped). */
export interface LinkHandler {
  /** `memory` is the reader's own and is overwritten by the next message. */
  onFrame(type: number, memory: FrameMemory, at: number): boolean;
  /** `bytes[from..to)` is UTF-8 text, valid during the call only. */
  onJson(bytes: Uint8Array, from: number, to: number): boolean;
}

const BUFFER_BYTES = LINK_HEADER_BYTES + LINK_MAX_PAYLOAD;

/** Puts chunks of a byte stream together to messages. One per connection; 64 KiB, made once. */
export class LinkReader {
  /** Messages handed on so far. */
  messages = 0;
  readonly #bytes: Uint8Array;
  readonly #frame: FrameMemory;
  /** Bytes of the message that is being put together. */
  #have = 0;
  #failed = LINK_OK;

  constructor() {
    this.#bytes = new Uint8Array(BUFFER_BYTES);
    this.#frame = new FrameMemory(new ArrayBuffer(LINK_MAX_PAYLOAD));
  }

  /** Takes the next chunk of the stream; LINK_OK, or the code for which to drop the connection. */
  push(chunk: Uint8Array, handler: LinkHandler): number {
    let at = 0;
    while (this.#failed === LINK_OK && at < chunk.length) {
      const want = this.#wanted();
      const end = Math.min(chunk.length, at + want - this.#have);
      const bytes = this.#bytes;
      let to = this.#have;
      while (at < end) bytes[to++] = chunk[at++];
      this.#have = to;
      if (to < want) break;
      this.#failed = want === LINK_HEADER_BYTES ? checkHeader(bytes) : this.#deliver(handler);
    }
    return this.#failed;
  }

  /** Bytes after which something can be decided: the header, or the whole message. */
  #wanted(): number {
    if (this.#have < LINK_HEADER_BYTES) return LINK_HEADER_BYTES;
    return LINK_HEADER_BYTES + u32At(this.#bytes, 0);
  }

  #deliver(handler: LinkHandler): number {
    const bytes = this.#bytes;
    const end = this.#have;
    this.#have = 0;
    const found = crc32(bytes, LINK_HEADER_BYTES, end) >>> 0;
    if (found !== u32At(bytes, 4)) return LINK_CRC;
    if (bytes[8] === LINK_KIND_JSON) {
      this.messages++;
      return handler.onJson(bytes, LINK_HEADER_BYTES, end) ? LINK_OK : LINK_REFUSED;
    }
    const length = end - LINK_HEADER_BYTES;
    const u8 = this.#frame.u8;
    for (let i = 0; i < length; i++) u8[i] = bytes[LINK_HEADER_BYTES + i];
    if (verifyFrame(this.#frame, 0, length) !== VERIFY_OK) return LINK_FRAME;
    if (this.#frame.i32[0] !== length) return LINK_FRAME;
    this.messages++;
    const taken = handler.onFrame(frameType(this.#frame, 0), this.#frame, 0);
    return taken ? LINK_OK : LINK_REFUSED;
  }
}

/** Writes a message around the frame at byte `at` into `target` at `to`; bytes written. */
export function writeLinkFrame(
  memory: FrameMemory,
  at: number,
  target: Uint8Array,
  to: number,
): number {
  const length = memory.i32[at >> 2];
  const u8 = memory.u8;
  const start = to + LINK_HEADER_BYTES;
  for (let i = 0; i < length; i++) target[start + i] = u8[at + i];
  return writeLinkHeader(target, to, length, LINK_KIND_FRAME);
}

/** Writes the header before a payload that already lies at `to` + 12; bytes of the message. */
export function writeLinkHeader(
  target: Uint8Array,
  to: number,
  payloadBytes: number,
  kind: number,
): number {
  const start = to + LINK_HEADER_BYTES;
  putU32(target, to, payloadBytes);
  putU32(target, to + 4, crc32(target, start, start + payloadBytes));
  target[to + 8] = kind;
  target[to + 9] = 0;
  target[to + 10] = 0;
  target[to + 11] = 0;
  return LINK_HEADER_BYTES + payloadBytes;
}

function checkHeader(bytes: Uint8Array): number {
  const length = u32At(bytes, 0);
  if (length === 0 || length > LINK_MAX_PAYLOAD) return LINK_LENGTH;
  if (bytes[8] !== LINK_KIND_FRAME && bytes[8] !== LINK_KIND_JSON) return LINK_KIND;
  return (bytes[9] | bytes[10] | bytes[11]) === 0 ? LINK_OK : LINK_KIND;
}

function u32At(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

function putU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 255;
  bytes[at + 1] = (value >>> 8) & 255;
  bytes[at + 2] = (value >>> 16) & 255;
  bytes[at + 3] = (value >>> 24) & 255;
}
