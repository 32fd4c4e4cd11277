// A strategy's own orders as far as they can still trade: shares that may come or go by instrument,
// and the cash its buys hold. Written by the strategy context (asked) and host (news), read by the
// order helpers. An order counts from the moment it is asked for, so that a target asked for twice
// in one hook buys once. Always: sums equal the open rows; the table grows only when it is full.
import { SIDE_BUY } from '../../messages/codes.ts';

const FIRST_CAPACITY = 1_024;

export class WorkingOrders {
  /** Shares of working buys and sells by instrument. */
  readonly openBuy: Int32Array;
  readonly openSell: Int32Array;
  /** Of `openSell` and of the cash held by buys: what the OMS has answered. */
  readonly knownSell: Int32Array;
  openBuyE4 = 0;
  knownBuyE4 = 0;
  /** Orders that work, by instrument. */
  readonly count: Int32Array;
  #capacity = FIRST_CAPACITY;
  /** Rows, found by number modulo capacity; 0 = free. */
  #no = new Int32Array(FIRST_CAPACITY);
  #instrument = new Int32Array(FIRST_CAPACITY);
  #side = new Int8Array(FIRST_CAPACITY);
  #known = new Uint8Array(FIRST_CAPACITY);
  #leaves = new Int32Array(FIRST_CAPACITY);
  #costE4 = new Float64Array(FIRST_CAPACITY);

  constructor(instrumentCount: number) {
    this.openBuy = new Int32Array(instrumentCount);
    this.openSell = new Int32Array(instrumentCount);
    this.knownSell = new Int32Array(instrumentCount);
    this.count = new Int32Array(instrumentCount);
  }

  /** Forgets every order: for another day. */
  clear(): void {
    this.openBuy.fill(0);
    this.openSell.fill(0);
    this.knownSell.fill(0);
    this.count.fill(0);
    this.openBuyE4 = 0;
    this.knownBuyE4 = 0;
    this.#no.fill(0);
  }

  /** An order that was just asked for; `costE4` is what a buy will hold of the cash. */
  ask(intentNo: number, instrument: number, side: number, qty: number, costE4: number): void {
    this.#enter(intentNo, instrument, side, 0);
    this.#set(intentNo & (this.#capacity - 1), qty, costE4);
  }

  /** What the OMS says of an order: `leaves` shares can still trade, 0 = it is over. */
  update(intentNo: number, instrument: number, side: number, leaves: number, costE4: number): void {
    let row = intentNo & (this.#capacity - 1);
    if (this.#no[row] !== intentNo) {
      if (leaves <= 0) return;
      this.#enter(intentNo, instrument, side, 1);
      row = intentNo & (this.#capacity - 1);
    } else if (this.#known[row] === 0) {
      this.#set(row, 0, 0);
      this.#known[row] = 1;
    }
    this.#set(row, Math.max(0, leaves), leaves > 0 ? costE4 : 0);
    if (leaves <= 0) this.#free(row);
  }

  /** A fill: so many shares are left. */
  filled(intentNo: number, leaves: number): void {
    const row = intentNo & (this.#capacity - 1);
    if (this.#no[row] !== intentNo || this.#leaves[row] === 0) return;
    const kept = (this.#costE4[row] * leaves) / this.#leaves[row];
    this.#set(row, leaves, kept);
    if (leaves <= 0) this.#free(row);
  }

  /** An order that was refused before it became one, or after. */
  refused(intentNo: number): void {
    const row = intentNo & (this.#capacity - 1);
    if (this.#no[row] !== intentNo) return;
    this.#set(row, 0, 0);
    this.#free(row);
  }

  /** Whether an order of this number can still trade. */
  has(intentNo: number): boolean {
    return intentNo !== 0 && this.#no[intentNo & (this.#capacity - 1)] === intentNo;
  }

  #enter(intentNo: number, instrument: number, side: number, known: number): void {
    while (this.#no[intentNo & (this.#capacity - 1)] !== 0) this.#grow();
    const row = intentNo & (this.#capacity - 1);
    this.#no[row] = intentNo;
    this.#instrument[row] = instrument;
    this.#side[row] = side;
    this.#known[row] = known;
    this.#leaves[row] = 0;
    this.#costE4[row] = 0;
    this.count[instrument]++;
  }

  /** Moves the sums from what the row held to what it holds now. */
  #set(row: number, leaves: number, costE4: number): void {
    const i = this.#instrument[row];
    const more = leaves - this.#leaves[row];
    const known = this.#known[row];
    if (this.#side[row] === SIDE_BUY) {
      this.openBuy[i] += more;
      const moreE4 = costE4 - this.#costE4[row];
      this.openBuyE4 += moreE4;
      if (known === 1) this.knownBuyE4 += moreE4;
    } else {
      this.openSell[i] += more;
      if (known === 1) this.knownSell[i] += more;
    }
    this.#leaves[row] = leaves;
    this.#costE4[row] = costE4;
  }

  #free(row: number): void {
    this.count[this.#instrument[row]]--;
    this.#no[row] = 0;
  }

  /** Two open orders met in one row: twice the room. Cold; numbers grow, so it happens seldom. */
  #grow(): void {
    const size = this.#capacity * 2;
    const mask = size - 1;
    const no = new Int32Array(size); // hot-ok: seldom
    const instrument = new Int32Array(size); // hot-ok: seldom
    const side = new Int8Array(size); // hot-ok: seldom
    const known = new Uint8Array(size); // hot-ok: seldom
    const leaves = new Int32Array(size); // hot-ok: seldom
    const costE4 = new Float64Array(size); // hot-ok: seldom
    for (let row = 0; row < this.#capacity; row++) {
      const to = this.#no[row] & mask;
      if (this.#no[row] === 0) continue;
      no[to] = this.#no[row];
      instrument[to] = this.#instrument[row];
      side[to] = this.#side[row];
      known[to] = this.#known[row];
      leaves[to] = this.#leaves[row];
      costE4[to] = this.#costE4[row];
    }
    this.#capacity = size;
    this.#no = no;
    this.#instrument = instrument;
    this.#side = side;
    this.#known = known;
    this.#leaves = leaves;
    this.#costE4 = costE4;
  }
}
