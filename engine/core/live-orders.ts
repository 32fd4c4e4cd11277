// The gateway's own table of orders that may be alive at the broker: what the kill switch cancels
// even when every other actor is dead. Called by the gateway link only (single writer).
// Invariant: an order is in it from before it is sent until its end is reported. Slots are given in
// order and not reused within a day. Allocates at construction only.
import { PairIndex } from './pair-index.ts';

export class LiveOrders {
  readonly idA: Int32Array;
  readonly idB: Int32Array;
  readonly idC: Int32Array;
  readonly strategy: Int32Array;
  readonly instrument: Int32Array;
  readonly intentNo: Int32Array;
  readonly side: Int8Array;
  readonly live: Uint8Array;
  readonly leaves: Int32Array;
  readonly #byId: PairIndex;
  readonly #fills: PairIndex;
  count = 0;
  liveCount = 0;
  readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.idA = new Int32Array(capacity);
    this.idB = new Int32Array(capacity);
    this.idC = new Int32Array(capacity);
    this.strategy = new Int32Array(capacity);
    this.instrument = new Int32Array(capacity);
    this.intentNo = new Int32Array(capacity);
    this.side = new Int8Array(capacity);
    this.live = new Uint8Array(capacity);
    this.leaves = new Int32Array(capacity);
    this.#byId = new PairIndex(capacity);
    this.#fills = new PairIndex(capacity * 2);
  }

  /** Slot of an order, or -1. */
  find(idA: number, idC: number): number {
    return this.#byId.get(idA, idC);
  }

  /** New live order: its slot, or -1 when full or known already (never sent twice). */
  add(idA: number, idB: number, idC: number, qty: number): number {
    if (this.count >= this.capacity || this.#byId.get(idA, idC) >= 0) return -1;
    const slot = this.count++;
    this.idA[slot] = idA;
    this.idB[slot] = idB;
    this.idC[slot] = idC;
    this.leaves[slot] = qty;
    this.live[slot] = 1;
    this.liveCount++;
    this.#byId.set(idA, idC, slot);
    return slot;
  }

  /** The order's end was reported. */
  finish(slot: number): void {
    if (this.live[slot] === 0) return;
    this.live[slot] = 0;
    this.liveCount--;
  }

  /** Whether this fill of this instrument is new; a repeated one changes nothing. */
  isNewFill(fillNo: number, instrument: number, side: number): boolean {
    const low = fillNo | 0;
    // Fill numbers below 2^53: the part above 32 bits goes with the instrument.
    const high = (Math.floor(fillNo / 4_294_967_296) << 15) ^ (instrument << 1) ^ (side - 1);
    if (this.#fills.get(low, high) >= 0) return false;
    this.#fills.set(low, high, 0);
    return true;
  }
}
