// A recorded or generated stretch of market frames: written once in feed order, then read any
// number of times. Loaders and the synthetic market write it; the simulated exchange and replay
// read it through TapeSource. Always: eventNs never falls; frames lie whole in one chunk; nothing
// written is changed. Appending and reading cost O(1) and allocate nothing per frame but a new
// chunk.
import { createHash } from 'node:crypto';
import { assert } from '../assert.ts';
import type { MarketSource } from '../core/market-source.ts';
import { SOURCE_END } from '../core/market-source.ts';
import { BODY_OFFSET, copyFrame, FrameMemory, frameLength, frameType } from '../messages/frames.ts';
import { Phase } from '../messages/generated/market.ts';
import {
  TYPE_BAR,
  TYPE_FEED_GAP,
  TYPE_MARKET_ORDER,
  TYPE_MARKET_TRADE,
  TYPE_PHASE,
  TYPE_SNAPSHOT_TICK,
} from '../messages/generated/types.ts';

/** First chunk; each further one is twice as large up to the largest: a tape may be a daily bar. */
const CHUNK_BYTES_MIN = 1 << 10;
const CHUNK_BYTES_MAX = 1 << 24;
/** eventNs of a frame, in float64 words from its start. */
const EVENT_NS_WORD = (BODY_OFFSET + 8) >> 3;
/** Sequence of a frame, in int32 words from its start. */
const SEQUENCE_WORD = BODY_OFFSET >> 2;
/** Instrument, channel and channelSeq of a market frame, in int32 words from its start. */
const INSTRUMENT_WORD = (BODY_OFFSET + 24) >> 2;
const CHANNEL_WORD = INSTRUMENT_WORD + 1;
const CHANNEL_SEQ_WORD = INSTRUMENT_WORD + 2;

/** A whole tape in memory that threads share. */
export interface SharedTape {
  readonly chunks: readonly SharedArrayBuffer[];
  /** Bytes used in each chunk. */
  readonly used: readonly number[];
  readonly count: number;
  readonly firstNs: number;
  readonly lastNs: number;
}

/** Frames in order, in chunks that are never moved. */
export class Tape {
  readonly #chunks: FrameMemory[] = [];
  /** Bytes used in each chunk. */
  readonly #used: number[] = [];
  #claimed = 0;
  #tailAt = 0;
  #count = 0;
  #bytes = 0;
  #firstNs = SOURCE_END;
  #lastNs = SOURCE_END;

  /** Frames. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of all frames. */
  get bytes(): number {
    return this.#bytes;
  }

  /** eventNs of the first and last frame, SOURCE_END when empty. */
  get firstNs(): number {
    return this.#firstNs;
  }
  get lastNs(): number {
    return this.#lastNs;
  }

  get chunkCount(): number {
    return this.#chunks.length;
  }
  chunk(index: number): FrameMemory {
    return this.#chunks[index];
  }
  chunkUsed(index: number): number {
    return this.#used[index];
  }

  /** The chunk that claim() last gave room in: `order.begin(tape.tail, tape.claim(BYTES))`. */
  get tail(): FrameMemory {
    return this.#chunks[this.#chunks.length - 1];
  }

  /** Byte offset in `tail` of the frame that was committed last. */
  get tailAt(): number {
    return this.#tailAt;
  }

  /**
   * Room for a frame of `bytes` in `tail`; returns its byte offset. Ask for it first, then read
   * `tail`: a claim may open a new chunk. Write the frame through a flyweight, then commit().
   */
  claim(bytes: number): number {
    // Texts of assertions are made when they fail only: this is done for every event of a day.
    if (!(bytes > 0 && bytes % 8 === 0)) {
      assert(false, `bytes=${bytes}, expected a positive multiple of 8`);
    }
    let last = this.#chunks.length - 1;
    if (last < 0 || this.#used[last] + bytes > this.#chunks[last].byteLength) {
      const size = Math.min(CHUNK_BYTES_MAX, CHUNK_BYTES_MIN << Math.min(last + 1, 14));
      assert(bytes <= size, `bytes=${bytes}, expected at most ${size}`);
      this.#chunks.push(new FrameMemory(new ArrayBuffer(size)));
      this.#used.push(0);
      last++;
    }
    this.#claimed = bytes;
    return this.#used[last];
  }

  /** Makes the claimed frame part of the tape; its head's sequence becomes its position. */
  commit(): void {
    const last = this.#chunks.length - 1;
    const at = this.#used[last];
    const memory = this.#chunks[last];
    assert(this.#claimed > 0, 'commit without claim');
    assert(frameLength(memory, at) === this.#claimed, 'frame length differs from the claim');
    const ns = memory.f64[(at >> 3) + EVENT_NS_WORD];
    if (!(ns >= this.#lastNs)) assert(false, `eventNs=${ns}, expected at least ${this.#lastNs}`);
    memory.i32[(at >> 2) + SEQUENCE_WORD] = this.#count | 0;
    if (this.#count === 0) this.#firstNs = ns;
    this.#lastNs = ns;
    this.#tailAt = at;
    this.#used[last] = at + this.#claimed;
    this.#bytes += this.#claimed;
    this.#count++;
    this.#claimed = 0;
  }

  /** A copy that other threads can read without copying it again. O(bytes). */
  share(): SharedTape {
    const used = [...this.#used];
    const chunks = this.#chunks.map((chunk, i) => {
      const copy = new SharedArrayBuffer(used[i]);
      new Uint8Array(copy).set(chunk.u8.subarray(0, used[i]));
      return copy;
    });
    return { chunks, used, count: this.#count, firstNs: this.#firstNs, lastNs: this.#lastNs };
  }

  /** The tape in shared memory; nothing may be appended to it. */
  static ofShared({ chunks, used, count, firstNs, lastNs }: SharedTape): Tape {
    const tape = new Tape();
    for (const [i, chunk] of chunks.entries()) {
      tape.#chunks.push(new FrameMemory(chunk));
      tape.#used.push(used[i]);
      tape.#bytes += used[i];
    }
    tape.#count = count;
    tape.#firstNs = firstNs;
    tape.#lastNs = lastNs;
    return tape;
  }

  /** Copies one finished frame to the end. */
  append(source: FrameMemory, at: number): void {
    const to = this.claim(frameLength(source, at));
    copyFrame(source, at, this.tail, to);
    this.commit();
  }

  /** sha256 in hex over the bytes of all frames, the same on every little-endian machine. */
  hash(): string {
    const hash = createHash('sha256');
    for (let i = 0; i < this.#chunks.length; i++) {
      hash.update(this.#chunks[i].u8.subarray(0, this.#used[i]));
    }
    return hash.digest('hex');
  }
}

/** Where a reader stands in a tape; `memory` and `at` are the frame it stands on. */
export class TapeCursor {
  readonly #tape: Tape;
  #chunk = -1;
  #used = 0;
  memory: FrameMemory = NO_FRAMES;
  at = 0;

  /** Stands on the first frame. The tape must not grow while it is read. */
  constructor(tape: Tape) {
    this.#tape = tape;
    this.#open(0);
  }

  /** No frame left. */
  get done(): boolean {
    return this.at >= this.#used;
  }

  /** eventNs of this frame; not to be asked when done. */
  get eventNs(): number {
    return this.memory.f64[(this.at >> 3) + EVENT_NS_WORD];
  }

  get type(): number {
    return frameType(this.memory, this.at);
  }

  /** Goes to the next frame. */
  advance(): void {
    this.at += this.memory.i32[this.at >> 2];
    if (this.at >= this.#used) this.#open(this.#chunk + 1);
  }

  /** Back to the first frame. */
  rewind(): void {
    this.#open(0);
  }

  #open(chunk: number): void {
    if (chunk >= this.#tape.chunkCount) {
      this.#used = 0;
      return;
    }
    this.#chunk = chunk;
    this.memory = this.#tape.chunk(chunk);
    this.#used = this.#tape.chunkUsed(chunk);
    this.at = 0;
  }
}

const NO_FRAMES = new FrameMemory(new ArrayBuffer(8));

/** Plays a tape event by event. O(1) and no allocation per event. */
export class TapeSource implements MarketSource {
  readonly tape: Tape;
  readonly count: number;
  readonly #cursor: TapeCursor;

  constructor(tape: Tape) {
    this.tape = tape;
    this.count = tape.count;
    this.#cursor = new TapeCursor(tape);
  }

  nextNs(): number {
    return this.#cursor.done ? SOURCE_END : this.#cursor.eventNs;
  }

  next(target: FrameMemory, at: number): number {
    const cursor = this.#cursor;
    if (cursor.done) return SOURCE_END;
    const bytes = copyFrame(cursor.memory, cursor.at, target, at);
    cursor.advance();
    return bytes;
  }

  /** Starts again from the first event. */
  rewind(): void {
    this.#cursor.rewind();
  }
}

/**
 * One tape out of several (one per instrument, say), ordered by (eventNs, channel, channelSeq);
 * frames of one tape keep their order, equals go by tape. A phase of the whole market (instrument
 * -1) is written once, when the last tape that holds it has reached it, so that no instrument's
 * auction trades fall behind the end of their call. O(frames x log tapes).
 */
export function mergeTapes(tapes: readonly Tape[]): Tape {
  const merged = new Tape();
  const heap = new CursorHeap(tapes);
  const pendingPhases = countMarketPhases(tapes);
  const reached = tapes.map(() => new Map<number, number>());
  const phase = new Phase();
  for (; heap.size > 0; heap.advanceTop()) {
    const cursor = heap.top;
    if (!isMarketPhase(cursor)) {
      merged.append(cursor.memory, cursor.at);
      continue;
    }
    const number = phase.wrap(cursor.memory, cursor.at).phase;
    const seen = reached[heap.topIndex];
    const nth = (seen.get(number) ?? 0) + 1;
    seen.set(number, nth);
    const key = phaseKey(number, nth);
    const left = (pendingPhases.get(key) ?? 1) - 1;
    pendingPhases.set(key, left);
    if (left === 0) merged.append(cursor.memory, cursor.at);
  }
  return merged;
}

/** Binary heap of cursors; the top stands on the earliest frame. */
class CursorHeap {
  readonly #cursors: TapeCursor[];
  /** Indexes of cursors that are not done, as a heap. */
  readonly #heap: number[] = [];

  constructor(tapes: readonly Tape[]) {
    this.#cursors = tapes.map((tape) => new TapeCursor(tape));
    for (let i = 0; i < tapes.length; i++) if (!this.#cursors[i].done) this.#heap.push(i);
    for (let i = (this.#heap.length >> 1) - 1; i >= 0; i--) this.#siftDown(i);
  }

  get size(): number {
    return this.#heap.length;
  }

  get topIndex(): number {
    return this.#heap[0];
  }

  get top(): TapeCursor {
    return this.#cursors[this.#heap[0]];
  }

  advanceTop(): void {
    const heap = this.#heap;
    this.top.advance();
    if (this.top.done) {
      const last = heap.pop();
      if (heap.length === 0 || last === undefined) return;
      heap[0] = last;
    }
    this.#siftDown(0);
  }

  #siftDown(from: number): void {
    const heap = this.#heap;
    for (let at = from; ; ) {
      let least = at;
      const left = 2 * at + 1;
      if (left < heap.length && this.#before(heap[left], heap[least])) least = left;
      if (left + 1 < heap.length && this.#before(heap[left + 1], heap[least])) least = left + 1;
      if (least === at) return;
      const moved = heap[at];
      heap[at] = heap[least];
      heap[least] = moved;
      at = least;
    }
  }

  #before(a: number, b: number): boolean {
    const order = compareFrames(this.#cursors[a], this.#cursors[b]);
    return order !== 0 ? order < 0 : a < b;
  }
}

function compareFrames(a: TapeCursor, b: TapeCursor): number {
  if (a.eventNs !== b.eventNs) return a.eventNs < b.eventNs ? -1 : 1;
  return channelOf(a) - channelOf(b) || channelSeqOf(a) - channelSeqOf(b);
}

/** Feed channel of the frame; -1 where the message has none, so phases and pictures come first. */
function channelOf(cursor: TapeCursor): number {
  if (!hasChannel(cursor.type)) return -1;
  return cursor.memory.i32[(cursor.at >> 2) + CHANNEL_WORD];
}

function channelSeqOf(cursor: TapeCursor): number {
  if (!hasChannel(cursor.type)) return 0;
  return cursor.memory.i32[(cursor.at >> 2) + CHANNEL_SEQ_WORD];
}

function hasChannel(type: number): boolean {
  return type === TYPE_MARKET_ORDER || type === TYPE_MARKET_TRADE || type === TYPE_FEED_GAP;
}

function isMarketPhase(cursor: TapeCursor): boolean {
  return cursor.type === TYPE_PHASE && cursor.memory.i32[(cursor.at >> 2) + INSTRUMENT_WORD] === -1;
}

/** How many tapes hold the nth market-wide entry into each phase. */
function countMarketPhases(tapes: readonly Tape[]): Map<number, number> {
  const counts = new Map<number, number>();
  const phase = new Phase();
  for (const tape of tapes) {
    const seen = new Map<number, number>();
    for (const cursor = new TapeCursor(tape); !cursor.done; cursor.advance()) {
      if (!isMarketPhase(cursor)) continue;
      const number = phase.wrap(cursor.memory, cursor.at).phase;
      const nth = (seen.get(number) ?? 0) + 1;
      seen.set(number, nth);
      counts.set(phaseKey(number, nth), (counts.get(phaseKey(number, nth)) ?? 0) + 1);
    }
  }
  return counts;
}

function phaseKey(phase: number, nth: number): number {
  return nth * 1000 + phase;
}

/** Whether frames of this type may lie on a tape. */
export function isMarketFrame(type: number): boolean {
  return (
    hasChannel(type) || type === TYPE_SNAPSHOT_TICK || type === TYPE_BAR || type === TYPE_PHASE
  );
}
