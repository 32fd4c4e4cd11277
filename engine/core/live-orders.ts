// The gateway's own table of orders that may be alive at the broker: what the kill switch cancels
// even when every other actor is dead, and what reconciliation proves things about. Called by the
// gateway link only (single writer). Invariant: an order is in it from before it is sent until its
// end is reported; an order of others has a slot as well and is never live here, so nothing cancels
// it. Slots are given in order and not reused within a day. Allocates at construction only.
import { LiveColumns } from './live-columns.ts';
import { PairIndex } from './pair-index.ts';
import { clearRows } from './tables.ts';

/** Fills of a day for each order it may have, on average; the index takes 24 bytes a fill. */
const FILLS_PER_ORDER = 8;
/** Of them kept for orders that are alive when no new one is taken any more. */
const FILLS_SPARE = 1;

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
  /** Shares of the fills passed on, and of what a person has settled. */
  readonly filled: Int32Array;
  /** Of them those that rest on a person's word, and no fill has come for. */
  readonly settled: Int32Array;
  /** 1 = nobody can say what became of it: only proof ends it. */
  readonly unknown: Uint8Array;
  /** 1 = the broker has spoken of it (or a life before sent it). */
  readonly answered: Uint8Array;
  /** 1 = a cancel was handed to the link in this life and not refused. */
  readonly cancelSent: Uint8Array;
  /** Engine time at which it was handed to the link, and its last cancel. */
  readonly sentNs: Float64Array;
  readonly cancelNs: Float64Array;
  /** Broker's order number; 0 = not known. */
  readonly brokerNo: Float64Array;
  /** What the broker showed of it, and its kill. */
  readonly shown: LiveColumns;
  readonly #byId: PairIndex;
  readonly #fills: PairIndex;
  readonly #fillsForNew: number;
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
    this.filled = new Int32Array(capacity);
    this.settled = new Int32Array(capacity);
    this.unknown = new Uint8Array(capacity);
    this.answered = new Uint8Array(capacity);
    this.cancelSent = new Uint8Array(capacity);
    this.sentNs = new Float64Array(capacity);
    this.cancelNs = new Float64Array(capacity);
    this.brokerNo = new Float64Array(capacity);
    this.shown = new LiveColumns(capacity);
    this.#byId = new PairIndex(capacity);
    this.#fills = new PairIndex(capacity * FILLS_PER_ORDER);
    this.#fillsForNew = capacity * (FILLS_PER_ORDER - FILLS_SPARE);
  }

  /** Forgets the day: for the next one. */
  clear(): void {
    clearRows(this, this.count);
    clearRows(this.shown, this.count);
    this.count = 0;
    this.liveCount = 0;
    this.#byId.clear();
    this.#fills.clear();
  }

  /** Slot of an order, or -1. */
  find(idA: number, idC: number): number {
    return this.#byId.get(idA, idC);
  }

  /**
   * New live order: its slot, or -1 when full or known already (never sent twice). Full is also a
   * day with so many fills that those of another order might not be told apart from repeated ones.
   */
  add(idA: number, idB: number, idC: number, qty: number): number {
    if (this.#fills.count >= this.#fillsForNew) return -1;
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
    this.unknown[slot] = 0;
    if (this.live[slot] === 0) return;
    this.live[slot] = 0;
    this.liveCount--;
  }

  /** A person has closed it, with `filledQty` traded in all: the broker's fills may still come. */
  settle(slot: number, filledQty: number): void {
    const more = Math.max(0, filledQty - this.filled[slot]);
    this.settled[slot] += more;
    this.filled[slot] += more;
    this.leaves[slot] -= more;
    this.finish(slot);
  }

  /**
   * Books a fill that is new; an order with nothing left has ended. Shares that a person has
   * settled before are not counted twice.
   */
  book(slot: number, qty: number): void {
    const known = qty < this.settled[slot] ? qty : this.settled[slot];
    this.settled[slot] -= known;
    this.filled[slot] += qty - known;
    this.leaves[slot] -= qty - known;
    this.answered[slot] = 1;
    if (this.leaves[slot] <= 0) this.finish(slot);
  }

  /** Whether this fill of this instrument is new; a repeated one changes nothing. */
  isNewFill(fillNo: number, instrument: number, side: number): boolean {
    if (this.hasFill(fillNo, instrument, side)) return false;
    this.#fills.set(fillNo | 0, fillKey(fillNo, instrument, side), 0);
    return true;
  }

  /** Whether this fill was seen before (R7: account and day, instrument, side, number). */
  hasFill(fillNo: number, instrument: number, side: number): boolean {
    return this.#fills.get(fillNo | 0, fillKey(fillNo, instrument, side)) >= 0;
  }
}

/** Fill numbers below 2^53: the part above 32 bits goes with instrument and side. */
function fillKey(fillNo: number, instrument: number, side: number): number {
  return (Math.floor(fillNo / 4_294_967_296) << 15) ^ (instrument << 1) ^ (side - 1);
}
