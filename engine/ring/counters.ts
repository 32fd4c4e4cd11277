// Numbers that one thread writes and any thread reads: counts, levels, heartbeats. Actors write,
// the supervisor, the logger and the event stream read. One Float64 slot every two cache lines,
// its label beside it, each slot with a single writer; a slot of zeros is unused. Float64 loads
// and stores of 8 aligned bytes are single instructions on the 64-bit machines Node runs on.
//
//   0 value float64 | 8 label bytes int32 | 12 owner thread int32 | 16 label, 112 bytes UTF-8
import { assert } from '../assert.ts';
import { LINE_PAIR_BYTES } from './layout.ts';

const LABEL_OFFSET = 16;
const LABEL_BYTES_MAX = LINE_PAIR_BYTES - LABEL_OFFSET;
const SLOT_F64 = LINE_PAIR_BYTES / 8;
const SLOT_I32 = LINE_PAIR_BYTES / 4;

/** One instance per thread over the same memory. */
export class Counters {
  readonly slotCount: number;
  readonly #f64: Float64Array;
  readonly #i32: Int32Array;
  readonly #u8: Uint8Array;

  /** Shared bytes of `slotCount` slots. */
  static bytesFor(slotCount: number): number {
    return slotCount * LINE_PAIR_BYTES;
  }

  /** `byteOffset`: multiple of 128; zeroed memory has only unused slots. */
  constructor(buffer: ArrayBufferLike, byteOffset: number, slotCount: number) {
    const bytes = Counters.bytesFor(slotCount);
    assert(
      byteOffset % LINE_PAIR_BYTES === 0,
      `byteOffset=${byteOffset}, expected a multiple of ${LINE_PAIR_BYTES}`,
    );
    assert(slotCount > 0, `slotCount=${slotCount}, expected at least 1`);
    this.slotCount = slotCount;
    this.#f64 = new Float64Array(buffer, byteOffset, bytes / 8);
    this.#i32 = new Int32Array(buffer, byteOffset, bytes / 4);
    this.#u8 = new Uint8Array(buffer, byteOffset, bytes);
  }

  /**
   * At start: names a slot for its one writer, `owner` (a number from 1 that the topology gives
   * each thread). Asserts that no other thread owns it. Label: 1 to 112 bytes of UTF-8.
   */
  claim(slot: number, label: string, owner: number): void {
    this.#check(slot);
    const bytes = new TextEncoder().encode(label); // hot-ok: at start
    assert(
      bytes.length > 0 && bytes.length <= LABEL_BYTES_MAX,
      `label=${label}, expected 1 to ${LABEL_BYTES_MAX} bytes`,
    );
    const word = slot * SLOT_I32;
    const found = Atomics.compareExchange(this.#i32, word + 3, 0, owner);
    assert(
      found === 0 || found === owner,
      `slot=${slot} (${label}) belongs to thread ${found}, not to ${owner}`,
    );
    this.#u8.set(bytes, slot * LINE_PAIR_BYTES + LABEL_OFFSET);
    Atomics.store(this.#i32, word + 2, bytes.length);
  }

  /** Label of a slot; '' = unused. Cold. */
  label(slot: number): string {
    this.#check(slot);
    const start = slot * LINE_PAIR_BYTES + LABEL_OFFSET;
    const length = Atomics.load(this.#i32, slot * SLOT_I32 + 2);
    return new TextDecoder().decode(this.#u8.slice(start, start + length)); // hot-ok: cold reader
  }

  /** Slot of this label, or -1. Cold. */
  find(label: string): number {
    for (let slot = 0; slot < this.slotCount; slot++) if (this.label(slot) === label) return slot;
    return -1;
  }

  /** Any thread: the value now. */
  get(slot: number): number {
    return this.#f64[slot * SLOT_F64];
  }

  /** Writer only. */
  set(slot: number, value: number): void {
    this.#f64[slot * SLOT_F64] = value;
  }

  /** Writer only: no atomic add is needed, because nobody else writes. */
  add(slot: number, delta: number): void {
    this.#f64[slot * SLOT_F64] += delta;
  }

  /** Writer only: the slot is a heartbeat; `monotonicNs` from the host's monotonic clock. */
  beat(slot: number, monotonicNs: number): void {
    this.#f64[slot * SLOT_F64] = monotonicNs;
  }

  /** Any thread: ns since the last beat; Infinity before the first. */
  ageNs(slot: number, monotonicNs: number): number {
    const last = this.#f64[slot * SLOT_F64];
    return last === 0 ? Number.POSITIVE_INFINITY : monotonicNs - last;
  }

  #check(slot: number): void {
    assert(
      Number.isInteger(slot) && slot >= 0 && slot < this.slotCount,
      `slot=${slot}, expected 0 to ${this.slotCount - 1}`,
    );
  }
}
