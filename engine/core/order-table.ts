// The OMS's orders of one account and day, in columns. Called by the OMS and its recovery only
// (single writer). Slots are given in order and never reused within a day, so a slot index is also
// the order's rank. Invariant: 0 <= filled <= qty but for an overfill, which is counted.
// Allocates at construction only; about 160 bytes an order.
import { HoldColumns } from './hold-columns.ts';
import { PairIndex } from './pair-index.ts';
import { clearRows } from './tables.ts';

/** No such order. */
export const SLOT_NONE = -1;

export class OrderTable {
  /** First and third word of the client order id (the second is the day). */
  readonly idA: Int32Array;
  readonly idC: Int32Array;
  readonly strategy: Int32Array;
  readonly intentNo: Int32Array;
  readonly instrument: Int32Array;
  readonly side: Int8Array;
  readonly kind: Int8Array;
  readonly timeInForce: Int8Array;
  readonly status: Int8Array;
  /** Limit or protection price; 0 = none. */
  readonly priceE4: Int32Array;
  /** Price at which it is reserved and valued; never 0. */
  readonly valueE4: Int32Array;
  readonly qty: Int32Array;
  readonly filled: Int32Array;
  readonly fillCount: Int32Array;
  /** Shares the broker says had traded when the order ended; 0 = it has not said so. */
  readonly endsAt: Int32Array;
  /** Reject code and station, 0 = none. */
  readonly code: Int16Array;
  readonly stage: Int8Array;
  readonly filledAmountE4: Float64Array;
  readonly feesE4: Float64Array;
  readonly reservedE4: Float64Array;
  /** ORDER_* bits. */
  readonly marks: Uint8Array;
  /** Parent order it is a part of; 0 = none. */
  readonly parentNo: Int32Array;
  /** Hash of the name of the person who sent it; 0 = a strategy, or nobody said. */
  readonly sender: Int32Array;
  /** Of an order that is to be split: most shares of a part; else 0. */
  readonly partQty: Int32Array;
  /** Shares booked on a person's word that no fill has come for. */
  readonly settled: Int32Array;
  /** Idempotency key, four words; all 0 = none. */
  readonly keyA: Int32Array;
  readonly keyB: Int32Array;
  readonly keyC: Int32Array;
  readonly keyD: Int32Array;
  /** Engine time of the intent. */
  readonly createdNs: Float64Array;
  /** What the OMS notes beside. */
  readonly holds: HoldColumns;
  readonly capacity: number;
  count = 0;
  readonly #byId: PairIndex;
  readonly #byIntent: PairIndex;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.idA = new Int32Array(capacity);
    this.idC = new Int32Array(capacity);
    this.strategy = new Int32Array(capacity);
    this.intentNo = new Int32Array(capacity);
    this.instrument = new Int32Array(capacity);
    this.side = new Int8Array(capacity);
    this.kind = new Int8Array(capacity);
    this.timeInForce = new Int8Array(capacity);
    this.status = new Int8Array(capacity);
    this.priceE4 = new Int32Array(capacity);
    this.valueE4 = new Int32Array(capacity);
    this.qty = new Int32Array(capacity);
    this.filled = new Int32Array(capacity);
    this.fillCount = new Int32Array(capacity);
    this.endsAt = new Int32Array(capacity);
    this.code = new Int16Array(capacity);
    this.stage = new Int8Array(capacity);
    this.filledAmountE4 = new Float64Array(capacity);
    this.feesE4 = new Float64Array(capacity);
    this.reservedE4 = new Float64Array(capacity);
    this.marks = new Uint8Array(capacity);
    this.parentNo = new Int32Array(capacity);
    this.sender = new Int32Array(capacity);
    this.partQty = new Int32Array(capacity);
    this.settled = new Int32Array(capacity);
    this.keyA = new Int32Array(capacity);
    this.keyB = new Int32Array(capacity);
    this.keyC = new Int32Array(capacity);
    this.keyD = new Int32Array(capacity);
    this.createdNs = new Float64Array(capacity);
    this.holds = new HoldColumns(capacity);
    this.#byId = new PairIndex(capacity);
    this.#byIntent = new PairIndex(capacity);
  }

  /** Forgets the day: for the next one. */
  clear(): void {
    clearRows(this, this.count);
    clearRows(this.holds, this.count);
    this.count = 0;
    this.#byId.clear();
    this.#byIntent.clear();
  }

  /** Takes the next slot and indexes it, or SLOT_NONE when the table is full. */
  insert(idA: number, idC: number, strategy: number, intentNo: number): number {
    if (this.count >= this.capacity) return SLOT_NONE;
    const slot = this.count++;
    this.idA[slot] = idA;
    this.idC[slot] = idC;
    this.strategy[slot] = strategy;
    this.intentNo[slot] = intentNo;
    this.#byId.set(idA, idC, slot);
    this.#byIntent.set(strategy, intentNo, slot);
    return slot;
  }

  /** Slot of a client order id, or SLOT_NONE. */
  findById(idA: number, idC: number): number {
    return this.#byId.get(idA, idC);
  }

  /** Slot of a strategy's own number, or SLOT_NONE. */
  findByIntent(strategy: number, intentNo: number): number {
    return this.#byIntent.get(strategy, intentNo);
  }
}
