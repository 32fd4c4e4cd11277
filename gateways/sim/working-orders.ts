// The simulated exchange's table of our own orders, in columns. Written by sim-exchange.ts, read by
// its worlds. Invariant: filled never exceeds qty; live slots stand in order of arrival; a market
// kind's price becomes the limit that its world read for it.
import { PairIndex } from '../../engine/core/pair-index.ts';
import { clearRows } from '../../engine/core/tables.ts';
import { SIDE_BUY } from '../../engine/messages/codes.ts';
import type { Request } from '../../engine/messages/generated/order.ts';

export class WorkingOrders {
  readonly idA: Int32Array;
  readonly idB: Int32Array;
  readonly idC: Int32Array;
  readonly account: Int32Array;
  readonly strategy: Int32Array;
  readonly instrument: Int32Array;
  readonly side: Int8Array;
  readonly kind: Int8Array;
  readonly priceE4: Int32Array;
  readonly qty: Int32Array;
  readonly filled: Int32Array;
  /** Displayed shares at its price that trade before it. */
  readonly ahead: Float64Array;
  readonly live: Uint8Array;
  /** Amount traded and fees charged. */
  readonly amountE4: Float64Array;
  readonly feesE4: Float64Array;
  /** Engine time it came, where fills come from bars. */
  readonly arrivedNs: Float64Array;
  /** 1 = it has not met a picture yet; and displayed shares at its price when last looked at. */
  readonly isNew: Uint8Array;
  readonly shown: Float64Array;
  /** Slots of live orders, in order of arrival; the first `liveCount` count. */
  readonly liveSlots: Int32Array;
  liveCount = 0;
  /** Live orders of each instrument: thousands of bars a day pass by the orders of others. */
  readonly liveIn: Int32Array;
  count = 0;
  readonly capacity: number;
  readonly #byId: PairIndex;

  constructor(capacity: number, instruments: number) {
    this.capacity = capacity;
    this.liveIn = new Int32Array(instruments);
    this.idA = new Int32Array(capacity);
    this.idB = new Int32Array(capacity);
    this.idC = new Int32Array(capacity);
    this.account = new Int32Array(capacity);
    this.strategy = new Int32Array(capacity);
    this.instrument = new Int32Array(capacity);
    this.side = new Int8Array(capacity);
    this.kind = new Int8Array(capacity);
    this.priceE4 = new Int32Array(capacity);
    this.qty = new Int32Array(capacity);
    this.filled = new Int32Array(capacity);
    this.ahead = new Float64Array(capacity);
    this.live = new Uint8Array(capacity);
    this.amountE4 = new Float64Array(capacity);
    this.feesE4 = new Float64Array(capacity);
    this.arrivedNs = new Float64Array(capacity);
    this.isNew = new Uint8Array(capacity);
    this.shown = new Float64Array(capacity);
    this.liveSlots = new Int32Array(capacity);
    this.#byId = new PairIndex(capacity);
  }

  /** Forgets the day: for the next one. */
  clear(): void {
    clearRows(this, this.count);
    this.liveIn.fill(0);
    this.liveCount = 0;
    this.count = 0;
    this.#byId.clear();
  }

  /** Slot of an order, or -1. */
  find(idA: number, idC: number): number {
    return this.#byId.get(idA, idC);
  }

  /** Slot of a new order, or -1 when the table is full or the id was seen before. */
  add(idA: number, idB: number, idC: number): number {
    if (this.count >= this.capacity || this.find(idA, idC) >= 0) return -1;
    const slot = this.count++;
    this.idA[slot] = idA;
    this.idB[slot] = idB;
    this.idC[slot] = idC;
    this.#byId.set(idA, idC, slot);
    return slot;
  }

  /** Writes the columns of a new order; a market kind's price is its protection, 0 = none. */
  describe(slot: number, request: Request): void {
    this.account[slot] = request.account;
    this.strategy[slot] = request.strategy;
    this.instrument[slot] = request.instrument;
    this.side[slot] = request.side;
    this.kind[slot] = request.kind;
    this.qty[slot] = request.qty;
    this.priceE4[slot] = request.priceE4;
  }

  /** The order rests from now on. */
  rest(slot: number): void {
    this.live[slot] = 1;
    this.liveIn[this.instrument[slot]]++;
    this.liveSlots[this.liveCount++] = slot;
  }

  /** The order is done; keeps the order of arrival of the others. */
  finish(slot: number): void {
    if (this.live[slot] === 0) return;
    this.live[slot] = 0;
    this.liveIn[this.instrument[slot]]--;
    let to = 0;
    for (let i = 0; i < this.liveCount; i++) {
      const other = this.liveSlots[i];
      if (other !== slot) this.liveSlots[to++] = other;
    }
    this.liveCount = to;
  }

  leaves(slot: number): number {
    return this.qty[slot] - this.filled[slot];
  }

  /** Whether a price is at or better than the order's limit, from its own point of view. */
  accepts(slot: number, priceE4: number): boolean {
    return this.side[slot] === SIDE_BUY
      ? priceE4 <= this.priceE4[slot]
      : priceE4 >= this.priceE4[slot];
  }

  /** Whether a trade at `priceE4` passed through the order's price (better than it). */
  passedThrough(slot: number, priceE4: number): boolean {
    return this.side[slot] === SIDE_BUY
      ? priceE4 < this.priceE4[slot]
      : priceE4 > this.priceE4[slot];
  }
}
