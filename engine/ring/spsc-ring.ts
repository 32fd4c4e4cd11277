// Ring of frames from one writer thread to one reader thread; each side has its own instance over
// the same memory. Called by every actor. Always holds: head <= tail <= head + capacity, compared
// as (a - b) | 0 because positions wrap at 2^31; frames lie contiguous (filler ends the area);
// a reader sees a frame only after `publish`, so never half a frame. O(1) a frame, no allocation.

import { assert } from '../assert.ts';
import { copyFrame, FrameMemory, TYPE_PADDING } from '../messages/frames.ts';
import type { FrameHandler } from './frame-handler.ts';
import {
  CLOSED_WORD,
  FRAME_SHARE,
  HEAD_WORD,
  HEADER_BYTES,
  headerWords,
  pretouch,
  ringBytes,
  TAIL_WORD,
} from './layout.ts';
import type { Bell } from './work-mark.ts';

/** No room until the reader moves on; nothing was changed. */
export const RING_FULL = -1;
/** The frame is longer than capacity / 8 and will never fit. */
export const RING_TOO_LONG = -2;
/** Either side closed the ring. */
export const RING_CLOSED = -3;

/** A thread uses an instance as writer or as reader, never as both sides of two threads' work. */
export class SpscRing {
  readonly capacityBytes: number;
  /** Data area; frames are written at the offset that `tryClaim` returned. */
  readonly memory: FrameMemory;
  readonly #words: Int32Array;
  readonly #i32: Int32Array;
  readonly #bell: Bell | null;
  /** False over a plain ArrayBuffer: no other thread can have it, so plain access is enough; V8
   *  calls a builtin for each atomic one (7 ns against 0.6). */
  readonly #shared: boolean;
  /** This instance writes and reads, so it may begin again at the front when all is handled. */
  readonly #bothSides: boolean;
  readonly #mask: number;
  readonly #frameBytesMax: number;
  /** Writer: position published, position committed, claimed bytes (0 = none), filler of it. */
  #published: number;
  #committed: number;
  #claimed = 0;
  #claimPad = 0;
  /** Writer: last head seen plus capacity; claims up to here need no look at the reader's line. */
  #limit: number;
  /** Reader: position handled, and last tail seen. */
  #head: number;
  #tailSeen: number;
  /** Times this side passed the end of the data area. */
  wraps = 0;
  /** Writer: claims answered with a negative code. */
  refusals = 0;

  /** Shared bytes of a ring with `capacityBytes` of data (a power of two, 4096 to 2^30). */
  static bytesFor(capacityBytes: number): number {
    return ringBytes(capacityBytes);
  }

  /**
   * `byteOffset`: multiple of 128; zeroed memory is an empty ring. A side that comes back takes up
   * at the shared positions: a dead writer's unpublished frames are gone, a dead reader's last
   * batch, if its head was not published, comes again. `bell` is rung after each publish.
   * `bothSides`: this instance is the ring's writer and its reader.
   */
  constructor(
    buffer: ArrayBufferLike,
    byteOffset: number,
    capacityBytes: number,
    bell: Bell | null = null,
    bothSides = false,
  ) {
    this.capacityBytes = capacityBytes;
    this.#words = headerWords(buffer, byteOffset, capacityBytes);
    this.memory = new FrameMemory(buffer, byteOffset + HEADER_BYTES, capacityBytes);
    this.#i32 = this.memory.i32;
    this.#bell = bell;
    this.#bothSides = bothSides;
    this.#shared = buffer instanceof SharedArrayBuffer;
    this.#mask = capacityBytes - 1;
    this.#frameBytesMax = capacityBytes / FRAME_SHARE;
    // With both sides here the frames stay at the front, and nobody waits for a page.
    if (!bothSides) pretouch(this.#i32);
    this.#head = Atomics.load(this.#words, HEAD_WORD);
    this.#tailSeen = Atomics.load(this.#words, TAIL_WORD);
    this.#published = this.#tailSeen;
    this.#committed = this.#tailSeen;
    this.#limit = (this.#head + capacityBytes) | 0;
    const used = (this.#tailSeen - this.#head) | 0;
    assert(used >= 0 && used <= capacityBytes, `used=${used}, expected 0 to ${capacityBytes}`);
  }

  /**
   * Writer: room for one frame of `frameBytes` (a multiple of 8, at least 8): its byte offset in
   * `memory`, or RING_FULL, RING_TOO_LONG, RING_CLOSED with nothing changed. One claim at a time.
   */
  tryClaim(frameBytes: number): number {
    if (this.#claimed !== 0 || !(frameBytes >= 8) || (frameBytes & 7) !== 0) {
      this.#badClaim(frameBytes);
    }
    if (frameBytes > this.#frameBytesMax) return this.#refuse(RING_TOO_LONG);
    if (this.#load(CLOSED_WORD) !== 0) return this.#refuse(RING_CLOSED);
    const start = this.#committed;
    const at = start & this.#mask;
    const room = this.capacityBytes - at;
    const pad = frameBytes > room ? room : 0;
    const end = (start + pad + frameBytes) | 0;
    if (((end - this.#limit) | 0) > 0) {
      this.#limit = (this.#load(HEAD_WORD) + this.capacityBytes) | 0;
      if (((end - this.#limit) | 0) > 0) return this.#refuse(RING_FULL);
    }
    this.#claimed = frameBytes;
    this.#claimPad = pad;
    if (pad === 0) return at;
    const word = at >> 2;
    this.#i32[word] = pad;
    this.#i32[word + 1] = TYPE_PADDING;
    return 0;
  }

  /** Writer: the claimed frame, now fully written, joins the next publish. Nothing shared moves. */
  commit(): void {
    const bytes = this.#claimed;
    const start = (this.#committed + this.#claimPad) | 0;
    if (bytes === 0 || this.#i32[(start & this.#mask) >> 2] !== bytes) this.#badCommit();
    this.#committed = (start + bytes) | 0;
    this.#claimed = 0;
  }

  /** Writer: gives the claim that was not committed back; committed frames stay. */
  abort(): void {
    this.#claimed = 0;
  }

  /** Writer: claims, copies the frame at byte `at` of `source`, commits; 0 or a negative code. */
  offer(source: FrameMemory, at: number): number {
    const to = this.tryClaim(source.i32[at >> 2]);
    if (to < 0) return to;
    copyFrame(source, at, this.memory, to);
    this.commit();
    return 0;
  }

  /** Writer: makes all committed frames visible with one store; wakes the reader if it sleeps. */
  publish(): void {
    const committed = this.#committed;
    if (committed === this.#published) return;
    if (((committed ^ this.#published) & ~this.#mask) !== 0) this.wraps++;
    this.#published = committed;
    this.#store(TAIL_WORD, committed);
    if (this.#bell !== null) this.#bell.ring();
  }

  /**
   * Reader: hands up to `limit` frames to `handler` and gives their room back in one store after
   * the last; the number handled. If the handler throws, none of the batch counts as handled.
   */
  poll(handler: FrameHandler, limit: number): number {
    const start = this.#head;
    let tail = this.#tailSeen;
    if (tail === start) {
      tail = this.#load(TAIL_WORD);
      if (tail === start) return 0;
      this.#tailSeen = tail;
    }
    const i32 = this.#i32;
    const mask = this.#mask;
    const memory = this.memory;
    let head = start;
    let count = 0;
    while (count < limit && head !== tail) {
      const at = head & mask;
      const word = at >> 2;
      const bytes = i32[word];
      if (bytes < 8 || ((head + bytes - tail) | 0) > 0) this.#badFrame(bytes, at);
      head = (head + bytes) | 0;
      const type = i32[word + 1];
      if (type === TYPE_PADDING) continue;
      handler.onFrame(type, memory, at);
      count++;
    }
    if (((head ^ start) & ~mask) !== 0) this.wraps++;
    this.#head = head;
    this.#store(HEAD_WORD, head);
    if (this.#bothSides && head === this.#committed) this.#rewind();
    return count;
  }

  /** Everything written was read: the next frame lies where the processor's cache has it. */
  #rewind(): void {
    if (this.#claimed !== 0 || this.#committed !== this.#published) return;
    this.#head = 0;
    this.#tailSeen = 0;
    this.#published = 0;
    this.#committed = 0;
    this.#limit = this.capacityBytes;
    this.#store(HEAD_WORD, 0);
    this.#store(TAIL_WORD, 0);
  }

  /** Published bytes that the reader has not given back yet; either side may ask. */
  size(): number {
    // Head first: read the other way round, a batch in between would look like a negative size.
    const head = this.#load(HEAD_WORD);
    return (this.#load(TAIL_WORD) - head) | 0;
  }

  /** True when everything published was handled; either side may ask. */
  isEmpty(): boolean {
    return this.#load(HEAD_WORD) === this.#load(TAIL_WORD);
  }

  /**
   * Either side: no claim succeeds from here on, frames published stay readable, and a parked
   * reader wakes. The end of a stream is `isClosed` and then `isEmpty()`, asked in that order.
   */
  close(): void {
    this.#store(CLOSED_WORD, 1);
    if (this.#bell !== null) this.#bell.ring();
  }

  /** True once either side closed. */
  get isClosed(): boolean {
    return this.#load(CLOSED_WORD) !== 0;
  }

  /** A position or flag that the other side may have written. */
  #load(word: number): number {
    return this.#shared ? Atomics.load(this.#words, word) : this.#words[word];
  }

  #store(word: number, value: number): void {
    if (this.#shared) Atomics.store(this.#words, word, value);
    else this.#words[word] = value;
  }

  #refuse(code: number): number {
    this.refusals++;
    return code;
  }

  #badClaim(frameBytes: number): void {
    assert(this.#claimed === 0, `claimed=${this.#claimed}, expected commit or abort before`);
    assert(false, `frameBytes=${frameBytes}, expected a multiple of 8, at least 8`);
  }

  #badCommit(): void {
    const start = (this.#committed + this.#claimPad) | 0;
    const written = this.#i32[(start & this.#mask) >> 2];
    assert(false, `frame length=${written}, expected the claimed ${this.#claimed} bytes`);
  }

  #badFrame(bytes: number, at: number): void {
    assert(false, `frame length=${bytes} at ${at}: the ring's memory was damaged`);
  }
}
