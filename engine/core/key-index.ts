// Which order, or which refusal, a client's key belongs to: a repeated key gets the first answer
// and never a second order. Called by the OMS live and by recovery from the journal, in the same
// order, so both know the same keys. Invariants: a key is bound once and for all of its day; open
// addressing, at most three quarters full, never grows. Allocates at construction only.
import { assert } from '../assert.ts';
import type { Intent } from '../messages/generated/order.ts';
import type { OrderTable } from './order-table.ts';

/** Nobody has used the key. */
export const KEY_FREE = 0;

/** int32 columns of a remembered refusal. */
const REFUSAL_WORDS = 8;
/** int32 of a slot: four words of the key, then what it belongs to. */
const SLOT_WORDS = 5;

/** Whether an intent carries a key: four zeros are none. */
export function hasKey(intent: Intent): boolean {
  return (intent.keyA | intent.keyB | intent.keyC | intent.keyD) !== 0;
}

/** Whether the order in `slot` is what the intent asks for, word for word. */
export function isSameOrder(orders: OrderTable, slot: number, intent: Intent): boolean {
  return (
    orders.strategy[slot] === intent.strategy &&
    orders.instrument[slot] === intent.instrument &&
    orders.side[slot] === intent.side &&
    orders.kind[slot] === intent.kind &&
    orders.timeInForce[slot] === intent.timeInForce &&
    orders.priceE4[slot] === intent.priceE4 &&
    orders.qty[slot] === intent.qty
  );
}

export class KeyIndex {
  readonly #slots: Int32Array;
  readonly #mask: number;
  readonly #most: number;
  readonly #refusals: Int32Array;
  #count = 0;
  #refusalCount = 0;

  /** Room for a key of each of `capacity` orders and for a quarter as many refusals. */
  constructor(capacity: number) {
    const refusals = Math.max(16, capacity >> 2);
    this.#most = capacity + refusals;
    let size = 16;
    while (size * 3 < this.#most * 4) size *= 2;
    this.#slots = new Int32Array(size * SLOT_WORDS);
    this.#mask = size - 1;
    this.#refusals = new Int32Array(refusals * REFUSAL_WORDS);
  }

  /** Forgets every key: for the next day. */
  clear(): void {
    if (this.#count > 0) this.#slots.fill(0);
    this.#count = 0;
    this.#refusalCount = 0;
  }

  /** Whether one more order and one more refusal can be remembered. */
  get hasRoom(): boolean {
    const refusals = this.#refusals.length / REFUSAL_WORDS;
    return this.#count + 1 < this.#most && this.#refusalCount < refusals;
  }

  /** Order slot + 1, minus (refusal + 1), or KEY_FREE. */
  find(a: number, b: number, c: number, d: number): number {
    return this.#slots[this.#place(a, b, c, d) + 4];
  }

  /** Binds a key to an order; a key that is bound already stays as it is. */
  bindOrder(a: number, b: number, c: number, d: number, slot: number): void {
    this.#bind(a, b, c, d, slot + 1);
  }

  /** Binds a key to the refusal of an intent; a key that is bound already stays as it is. */
  bindRefusal(intent: Intent, code: number): void {
    const { keyA, keyB, keyC, keyD } = intent;
    if (!this.hasRoom || this.find(keyA, keyB, keyC, keyD) !== KEY_FREE) return;
    const at = this.#refusalCount * REFUSAL_WORDS;
    const refusals = this.#refusals;
    refusals[at] = intent.strategy;
    refusals[at + 1] = intent.instrument;
    refusals[at + 2] = intent.side;
    refusals[at + 3] = intent.kind;
    refusals[at + 4] = intent.timeInForce;
    refusals[at + 5] = intent.priceE4;
    refusals[at + 6] = intent.qty;
    refusals[at + 7] = code;
    this.#bind(keyA, keyB, keyC, keyD, -++this.#refusalCount);
  }

  /** Reject code of the refusal that `found` (below 0) means. */
  refusalCode(found: number): number {
    return this.#refusals[(-found - 1) * REFUSAL_WORDS + 7];
  }

  /** Whether that refusal was of what the intent asks for, word for word. */
  isSameRefusal(found: number, intent: Intent): boolean {
    const at = (-found - 1) * REFUSAL_WORDS;
    const refusals = this.#refusals;
    return (
      refusals[at] === intent.strategy &&
      refusals[at + 1] === intent.instrument &&
      refusals[at + 2] === intent.side &&
      refusals[at + 3] === intent.kind &&
      refusals[at + 4] === intent.timeInForce &&
      refusals[at + 5] === intent.priceE4 &&
      refusals[at + 6] === intent.qty
    );
  }

  #bind(a: number, b: number, c: number, d: number, value: number): void {
    const at = this.#place(a, b, c, d);
    const slots = this.#slots;
    if (slots[at + 4] !== KEY_FREE) return;
    assert(this.#count < this.#most, `count=${this.#count}, key index is full`);
    slots[at] = a;
    slots[at + 1] = b;
    slots[at + 2] = c;
    slots[at + 3] = d;
    slots[at + 4] = value;
    this.#count++;
  }

  /** Offset of the key's slot, or of the free one where it would go. */
  #place(a: number, b: number, c: number, d: number): number {
    const slots = this.#slots;
    let i = mix(a, b, c, d) & this.#mask;
    for (;;) {
      const at = i * SLOT_WORDS;
      if (slots[at + 4] === KEY_FREE) return at;
      const isSame = slots[at] === a && slots[at + 1] === b;
      if (isSame && slots[at + 2] === c && slots[at + 3] === d) return at;
      i = (i + 1) & this.#mask;
    }
  }
}

/** Keys are hash values already, but a client may send what it likes. */
function mix(a: number, b: number, c: number, d: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15) ^ c, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 13) ^ d, 0x27d4eb2f);
  return h ^ (h >>> 16);
}
