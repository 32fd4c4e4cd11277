// Risk's own table of today's orders: what may still trade, by id and by instrument. Slots are
// given in order and not reused within a day. Written by risk-events.ts only. Invariant:
// an order is in its instrument's list exactly while it may still trade. Allocates at construction.
import { PairIndex } from '../pair-index.ts';
import { clearRows } from '../tables.ts';

/** No slot: unknown, full, or the end of a list. */
export const NO_ORDER = -1;

export class RiskOrders {
  readonly capacity: number;
  readonly account: Int32Array;
  readonly strategy: Int32Array;
  readonly instrument: Int32Array;
  readonly side: Int8Array;
  readonly priceE4: Int32Array;
  readonly qty: Int32Array;
  readonly leaves: Int32Array;
  /** Price at which what is open is valued, and the last price when it was made. */
  readonly valueE4: Int32Array;
  readonly referenceE4: Int32Array;
  readonly sentNs: Float64Array;
  /** What has been filled: shares, money, fees. */
  readonly filled: Int32Array;
  readonly amountE4: Float64Array;
  readonly feesE4: Float64Array;
  /** 1 = the broker has said something of it, 2 = and that it has it. */
  readonly answered: Uint8Array;
  /** 1 = cannot trade any more, but for late fills. */
  readonly ended: Uint8Array;
  readonly next: Int32Array;
  readonly previous: Int32Array;
  /** First open order of an instrument. */
  readonly first: Int32Array;
  count = 0;
  readonly #byId: PairIndex;

  constructor(capacity: number, instruments: number) {
    this.capacity = capacity;
    this.account = new Int32Array(capacity);
    this.strategy = new Int32Array(capacity);
    this.instrument = new Int32Array(capacity);
    this.side = new Int8Array(capacity);
    this.priceE4 = new Int32Array(capacity);
    this.qty = new Int32Array(capacity);
    this.leaves = new Int32Array(capacity);
    this.valueE4 = new Int32Array(capacity);
    this.referenceE4 = new Int32Array(capacity);
    this.sentNs = new Float64Array(capacity);
    this.filled = new Int32Array(capacity);
    this.amountE4 = new Float64Array(capacity);
    this.feesE4 = new Float64Array(capacity);
    this.answered = new Uint8Array(capacity);
    this.ended = new Uint8Array(capacity);
    this.next = new Int32Array(capacity);
    this.previous = new Int32Array(capacity);
    this.first = new Int32Array(instruments).fill(NO_ORDER);
    this.#byId = new PairIndex(capacity);
  }

  /** Forgets the day: for the next one. */
  clear(): void {
    clearRows(this, this.count);
    this.first.fill(NO_ORDER);
    this.count = 0;
    this.#byId.clear();
  }

  /** Slot of an order, or NO_ORDER. */
  find(idA: number, idC: number): number {
    return this.#byId.get(idA, idC);
  }

  /** A slot for a new open order at the head of its instrument's list; NO_ORDER when full. */
  add(idA: number, idC: number, instrument: number): number {
    if (this.count >= this.capacity) return NO_ORDER;
    const slot = this.count++;
    this.#byId.set(idA, idC, slot);
    this.instrument[slot] = instrument;
    const head = this.first[instrument];
    this.next[slot] = head;
    this.previous[slot] = NO_ORDER;
    if (head !== NO_ORDER) this.previous[head] = slot;
    this.first[instrument] = slot;
    return slot;
  }

  /** Takes an order out of its instrument's list. */
  end(slot: number): void {
    if (this.ended[slot] === 1) return;
    this.ended[slot] = 1;
    const before = this.previous[slot];
    const after = this.next[slot];
    if (before === NO_ORDER) this.first[this.instrument[slot]] = after;
    else this.next[before] = after;
    if (after !== NO_ORDER) this.previous[after] = before;
  }
}
