// Ring from one writer to any number of readers that may lose frames: the writer never waits, a
// reader that falls behind learns exactly how many frames it lost. Called by actors (writer) and
// by the event stream (readers). A record is `[int32 bytes | int32 sequence | frame]`. Always
// holds: a handler sees only whole frames, in order, copied out of the ring and checked after.
// Why that is safe: before the writer touches old bytes it raises `intent`; a reader copies first
// and looks at `intent` after, both by read-modify-write, which nothing passes on x86-64.
import { assert } from '../assert.ts';
import { copyFrame, FrameMemory } from '../messages/frames.ts';
import type { FrameHandler } from './frame-handler.ts';
import {
  BROADCAST_TAIL_WORD,
  CLOSED_WORD,
  FRAME_SHARE,
  HEADER_BYTES,
  headerWords,
  INTENT_WORD,
  LATEST_WORD,
  pretouch,
  RECORD_HEADER_BYTES,
  ringBytes,
} from './layout.ts';
import { RING_CLOSED, RING_TOO_LONG } from './spsc-ring.ts';

/** Overruns that a joining reader bears; each needs a whole lap of the writer in a few loads. */
const JOIN_TRIES_MAX = 1000;

/** The one writing side. */
export class BroadcastWriter {
  readonly capacityBytes: number;
  /** Data area; frames are written at the offset that `tryClaim` returned. */
  readonly memory: FrameMemory;
  readonly #words: Int32Array;
  readonly #i32: Int32Array;
  readonly #mask: number;
  readonly #recordBytesMax: number;
  /** Positions published, committed, and up to which readers were warned off. */
  #published: number;
  #committed: number;
  #intent: number;
  /** Position of the newest committed record. */
  #latest: number;
  /** Record bytes of the open claim (0 = none) and the filler before it. */
  #claimed = 0;
  #claimPad = 0;
  /** Sequence of the newest committed frame, from 1; int32, wraps. */
  #sequence: number;
  /** Times the end of the data area was passed, and claims refused. */
  wraps = 0;
  refusals = 0;

  /** Shared bytes of a ring with `capacityBytes` of data (a power of two, 4096 to 2^30). */
  static bytesFor(capacityBytes: number): number {
    return ringBytes(capacityBytes);
  }

  /** `byteOffset`: multiple of 128. A writer that comes back continues positions and sequence. */
  constructor(buffer: ArrayBufferLike, byteOffset: number, capacityBytes: number) {
    this.capacityBytes = capacityBytes;
    this.#words = headerWords(buffer, byteOffset, capacityBytes);
    this.memory = new FrameMemory(buffer, byteOffset + HEADER_BYTES, capacityBytes);
    this.#i32 = this.memory.i32;
    this.#mask = capacityBytes - 1;
    this.#recordBytesMax = capacityBytes / FRAME_SHARE;
    pretouch(this.#i32);
    this.#published = Atomics.load(this.#words, BROADCAST_TAIL_WORD);
    this.#committed = this.#published;
    this.#latest = Atomics.load(this.#words, LATEST_WORD);
    this.#sequence = 0;
    this.#findNewest();
    // A writer that died may have written up to its intent: readers stay warned off.
    const intent = Atomics.load(this.#words, INTENT_WORD);
    this.#intent = ((intent - this.#published) | 0) > 0 ? intent : this.#published;
  }

  /**
   * Room for one frame of `frameBytes` (a multiple of 8, at least 8): its byte offset in `memory`,
   * or RING_TOO_LONG, RING_CLOSED. Never full: old frames give way.
   */
  tryClaim(frameBytes: number): number {
    if (this.#claimed !== 0 || !(frameBytes >= 8) || (frameBytes & 7) !== 0) {
      this.#badClaim(frameBytes);
    }
    const bytes = frameBytes + RECORD_HEADER_BYTES;
    if (bytes > this.#recordBytesMax) return this.#refuse(RING_TOO_LONG);
    if (Atomics.load(this.#words, CLOSED_WORD) !== 0) return this.#refuse(RING_CLOSED);
    // An unpublished batch must not run over readers that have no chance to see it.
    if (((this.#committed - this.#published) | 0) > this.#recordBytesMax) this.publish();
    const at = this.#committed & this.#mask;
    const room = this.capacityBytes - at;
    const pad = bytes > room ? room : 0;
    const end = (this.#committed + pad + bytes) | 0;
    if (((end - this.#intent) | 0) > 0) {
      // Warned ahead in steps, so that most frames cost no read-modify-write.
      this.#intent = (end + this.#recordBytesMax) | 0;
      Atomics.exchange(this.#words, INTENT_WORD, this.#intent);
    }
    this.#claimed = bytes;
    this.#claimPad = pad;
    if (pad !== 0) this.#i32[at >> 2] = -pad;
    return ((at + pad) & this.#mask) + RECORD_HEADER_BYTES;
  }

  /** The claimed frame, now fully written, joins the next publish. */
  commit(): void {
    const bytes = this.#claimed;
    const start = (this.#committed + this.#claimPad) | 0;
    const word = (start & this.#mask) >> 2;
    if (bytes === 0 || this.#i32[word + 2] !== bytes - RECORD_HEADER_BYTES) this.#badCommit(word);
    this.#sequence = (this.#sequence + 1) | 0;
    this.#i32[word] = bytes;
    this.#i32[word + 1] = this.#sequence;
    this.#latest = start;
    this.#committed = (start + bytes) | 0;
    this.#claimed = 0;
  }

  /** Gives the claim that was not committed back. */
  abort(): void {
    this.#claimed = 0;
  }

  /** Claims, copies the frame at byte `at` of `source`, commits; 0 or a negative code. */
  offer(source: FrameMemory, at: number): number {
    const to = this.tryClaim(source.i32[at >> 2]);
    if (to < 0) return to;
    copyFrame(source, at, this.memory, to);
    this.commit();
    return 0;
  }

  /** Makes all committed frames visible. */
  publish(): void {
    const committed = this.#committed;
    if (committed === this.#published) return;
    if (((committed ^ this.#published) & ~this.#mask) !== 0) this.wraps++;
    this.#published = committed;
    // The tail first: then `latest` is never beyond the tail a reader has seen.
    Atomics.store(this.#words, BROADCAST_TAIL_WORD, committed);
    Atomics.store(this.#words, LATEST_WORD, this.#latest);
  }

  /** No claim succeeds from here on; frames published stay readable. */
  close(): void {
    Atomics.store(this.#words, CLOSED_WORD, 1);
  }

  /** Frames committed so far, as the int32 sequence of the newest. */
  get sequence(): number {
    return this.#sequence;
  }

  /** At start: the newest published record; a writer may have died before it stored `latest`. */
  #findNewest(): void {
    let position = this.#latest;
    while (position !== this.#published) {
      const word = (position & this.#mask) >> 2;
      const bytes = this.#i32[word];
      assert(bytes !== 0, `record bytes=0 at ${position}: the ring's memory was damaged`);
      if (bytes > 0) {
        this.#latest = position;
        this.#sequence = this.#i32[word + 1];
      }
      position = (position + Math.abs(bytes)) | 0;
    }
  }

  #refuse(code: number): number {
    this.refusals++;
    return code;
  }

  #badClaim(frameBytes: number): void {
    assert(this.#claimed === 0, `claimed=${this.#claimed}, expected commit or abort before`);
    assert(false, `frameBytes=${frameBytes}, expected a multiple of 8, at least 8`);
  }

  #badCommit(word: number): void {
    const written = this.#i32[word + 2];
    assert(false, `frame length=${written}, expected ${this.#claimed - RECORD_HEADER_BYTES}`);
  }
}

/** One reading side; it starts with the first frame published after it was made. */
export class BroadcastReader {
  readonly capacityBytes: number;
  readonly #words: Int32Array;
  readonly #data: FrameMemory;
  readonly #mask: number;
  readonly #recordBytesMax: number;
  /** The frame handed out: a copy that the writer cannot touch. */
  readonly #copy: FrameMemory;
  #cursor = 0;
  /** Sequence expected next; int32, wraps. */
  #expected = 1;
  /** Frames published since this reader was made that it will never see; exact. */
  lostFrames = 0;
  /** Frames handed out. */
  receivedFrames = 0;

  constructor(buffer: ArrayBufferLike, byteOffset: number, capacityBytes: number) {
    this.capacityBytes = capacityBytes;
    this.#words = headerWords(buffer, byteOffset, capacityBytes);
    this.#data = new FrameMemory(buffer, byteOffset + HEADER_BYTES, capacityBytes);
    this.#mask = capacityBytes - 1;
    this.#recordBytesMax = capacityBytes / FRAME_SHARE;
    this.#copy = new FrameMemory(new ArrayBuffer(this.#recordBytesMax));
    this.#join();
  }

  /** Hands up to `limit` frames to `handler`; the number handed out. `memory` is a private copy. */
  poll(handler: FrameHandler, limit: number): number {
    const copy = this.#copy;
    let count = 0;
    let skipped = false;
    let tail = Atomics.load(this.#words, BROADCAST_TAIL_WORD);
    while (count < limit && tail !== this.#cursor) {
      const bytes = this.#take(tail);
      if (bytes === 0) {
        // Overrun twice in one poll: the caller gets its turn before the next try.
        if (skipped || !this.#skipToLatest()) break;
        skipped = true;
        tail = Atomics.load(this.#words, BROADCAST_TAIL_WORD);
        continue;
      }
      this.#cursor = (this.#cursor + Math.abs(bytes)) | 0;
      if (bytes < 0) continue;
      this.#expected = (this.#expected + 1) | 0;
      this.receivedFrames++;
      handler.onFrame(copy.i32[1], copy, 0);
      count++;
    }
    return count;
  }

  /** True when nothing is published beyond what this reader has taken. */
  isEmpty(): boolean {
    return Atomics.load(this.#words, BROADCAST_TAIL_WORD) === this.#cursor;
  }

  /** True once the writer closed; frames may still be there. */
  get isClosed(): boolean {
    return Atomics.load(this.#words, CLOSED_WORD) !== 0;
  }

  /** Copies the record at the cursor: its bytes, minus the bytes of filler, or 0 = overrun. */
  #take(tail: number): number {
    const cursor = this.#cursor;
    // Unsigned: a reader that slept for more than 2^31 bytes must not look as if it were ahead.
    if ((tail - cursor) >>> 0 > this.capacityBytes) return 0;
    const i32 = this.#data.i32;
    const at = cursor & this.#mask;
    const bytes = i32[at >> 2];
    if (bytes < 0) {
      return this.#isIntact(cursor) && -bytes === this.capacityBytes - at ? bytes : 0;
    }
    if (!this.#copyRecord(at, bytes)) return 0;
    const sequence = i32[(at >> 2) + 1];
    return this.#isIntact(cursor) && sequence === this.#expected ? bytes : 0;
  }

  /** Copies the frame of the record at `at`; false when its lengths cannot be right. */
  #copyRecord(at: number, bytes: number): boolean {
    const frameBytes = bytes - RECORD_HEADER_BYTES;
    if (frameBytes < 8 || bytes > this.#recordBytesMax) return false;
    if ((bytes & 7) !== 0 || at + bytes > this.capacityBytes) return false;
    const from = at + RECORD_HEADER_BYTES;
    if (this.#data.i32[from >> 2] !== frameBytes) return false;
    const source = this.#data.i32;
    const target = this.#copy.i32;
    const words = frameBytes >> 2;
    let s = from >> 2;
    for (let t = 0; t < words; t++) target[t] = source[s++];
    return true;
  }

  /** True while the writer has not begun to overwrite the record at `position`. */
  #isIntact(position: number): boolean {
    // A read-modify-write, so that the copies before it cannot be taken after it.
    const intent = Atomics.add(this.#words, INTENT_WORD, 0);
    return (intent - position) >>> 0 <= this.capacityBytes;
  }

  /** After an overrun: continues at the newest record and counts what lies between. */
  #skipToLatest(): boolean {
    const latest = Atomics.load(this.#words, LATEST_WORD);
    const sequence = this.#data.i32[((latest & this.#mask) >> 2) + 1];
    if (!this.#isIntact(latest)) return false;
    const ahead = (sequence - this.#expected) | 0;
    // `latest` is stored after the tail and may lag by one batch; then the next poll will do.
    if (ahead < 0 && ahead > -this.capacityBytes) return false;
    this.lostFrames += ahead >>> 0;
    this.#expected = sequence;
    this.#cursor = latest;
    return true;
  }

  /** At start: behind the newest published record. */
  #join(): void {
    const i32 = this.#data.i32;
    for (let tries = 0; tries < JOIN_TRIES_MAX; tries++) {
      const latest = Atomics.load(this.#words, LATEST_WORD);
      this.#cursor = latest;
      if (latest === Atomics.load(this.#words, BROADCAST_TAIL_WORD)) return;
      const word = (latest & this.#mask) >> 2;
      // Filler here means that the very first frame came just now, behind it.
      if (i32[word] < 0) return;
      this.#expected = (i32[word + 1] + 1) | 0;
      this.#cursor = (latest + i32[word]) | 0;
      if (this.#isIntact(latest)) return;
    }
    assert(false, 'the newest frame was overrun at every try to join: the memory was damaged');
  }
}
