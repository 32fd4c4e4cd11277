// Finds an int32 by a pair of int32 keys: open addressing, never grows, nothing is removed.
// Called by the order tables of OMS, gateway and exchange. Invariant: at most half full.
// Cost: O(1), 14 bytes a slot, allocates at construction only.
import { fail } from '../assert.ts';

/** No entry has these keys. */
export const PAIR_NONE = -1;

export class PairIndex {
  /** keyA, keyB and value + 1 of each slot; 0 in the third = free. */
  readonly #slots: Int32Array;
  readonly #mask: number;
  /** Where the entries lie, in order of entry: clear() goes there and nowhere else. */
  readonly #taken: Int32Array;
  #count = 0;

  /** Room for `capacity` entries. */
  constructor(capacity: number) {
    let size = 16;
    while (size < capacity * 2) size *= 2;
    this.#slots = new Int32Array(size * 3);
    this.#mask = size - 1;
    this.#taken = new Int32Array(size / 2 + 1);
  }

  get count(): number {
    return this.#count;
  }

  /** Forgets every entry. O(entries). */
  clear(): void {
    for (let n = 0; n < this.#count; n++) this.#slots[this.#taken[n] + 2] = 0;
    this.#count = 0;
  }

  /** The value under (a, b), or PAIR_NONE. */
  get(a: number, b: number): number {
    const slots = this.#slots;
    let i = hashPair(a, b) & this.#mask;
    for (;;) {
      const at = i * 3;
      const value = slots[at + 2];
      if (value === 0) return PAIR_NONE;
      if (slots[at] === a && slots[at + 1] === b) return value - 1;
      i = (i + 1) & this.#mask;
    }
  }

  /** Stores `value` (>= 0) under (a, b); an entry with these keys is replaced. */
  set(a: number, b: number, value: number): void {
    if (value < 0) fail(`value=${value}, expected >= 0`);
    const slots = this.#slots;
    let i = hashPair(a, b) & this.#mask;
    for (;;) {
      const at = i * 3;
      const held = slots[at + 2];
      if (held === 0) {
        if (this.#count * 2 > this.#mask) fail(`count=${this.#count}, index is full`);
        this.#taken[this.#count++] = at;
      }
      if (held === 0 || (slots[at] === a && slots[at + 1] === b)) {
        slots[at] = a;
        slots[at + 1] = b;
        slots[at + 2] = value + 1;
        return;
      }
      i = (i + 1) & this.#mask;
    }
  }
}

/** Mixes two int32 into one. */
export function hashPair(a: number, b: number): number {
  let h = Math.imul(a ^ (b >>> 16) ^ (b << 16), 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15) ^ b, 0x85ebca6b);
  return (h ^ (h >>> 13)) | 0;
}
