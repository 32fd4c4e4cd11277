// Orders that a strategy makes when its day is over and another follows in the same run: kept by
// their numbers and sent when the next day's opening call begins. Made and emptied by the strategy
// host. Invariant: a kept order is sent once, under the number it got when it was made, or
// cancelled before; the OMS sees it as an order of the new day and checks it by that day's rules.
import { REJECT_BUSY, REJECT_NONE, REJECT_UNKNOWN_ORDER } from '../core/reject-code.ts';

/** Orders one strategy may leave for the next morning. */
const NIGHT_ORDERS_MAX = 16_384;
const SECOND_NS = 1_000_000_000;
/** Short of the end of the opening call's first part (9:15 to 9:20, rules sheet 5.1). */
const SENDING_S_MAX = 295;

export class NightOrders {
  /** The day is over: what is asked for now waits. */
  isNight = false;
  /** A new day has begun: what was kept may go. */
  isMorning = false;
  count = 0;
  /** Orders of this night that went out. */
  sentCount = 0;
  readonly intentNo = new Int32Array(NIGHT_ORDERS_MAX);
  readonly instrument = new Int32Array(NIGHT_ORDERS_MAX);
  readonly side = new Int8Array(NIGHT_ORDERS_MAX);
  readonly kind = new Int8Array(NIGHT_ORDERS_MAX);
  readonly timeInForce = new Int32Array(NIGHT_ORDERS_MAX);
  readonly flags = new Int32Array(NIGHT_ORDERS_MAX);
  readonly priceE4 = new Int32Array(NIGHT_ORDERS_MAX);
  /** 0 = cancelled, or of no quantity that an order could have. */
  readonly qty = new Int32Array(NIGHT_ORDERS_MAX);
  #sent = 0;

  /** Place of the next order, or -REJECT_BUSY. */
  claim(): number {
    this.isMorning = false;
    return this.count < NIGHT_ORDERS_MAX ? this.count : -REJECT_BUSY;
  }

  /** Cancels a kept order: REJECT_NONE, or REJECT_UNKNOWN_ORDER. */
  cancel(intentNo: number): number {
    for (let n = this.#sent; n < this.count; n++) {
      if (this.intentNo[n] !== intentNo) continue;
      this.intentNo[n] = 0;
      return REJECT_NONE;
    }
    return REJECT_UNKNOWN_ORDER;
  }

  /**
   * How long behind the first the next order goes out: so many in each second, as a sender whose
   * rate is limited does. The opening call takes them all; daily bars have no second in between.
   */
  delayNs(perSecond: number): number {
    const seconds = Math.floor(this.sentCount / perSecond);
    return Math.min(seconds, SENDING_S_MAX) * SECOND_NS;
  }

  /** Some order was kept overnight and may go. */
  get isDue(): boolean {
    return this.isMorning && this.#sent < this.count;
  }

  /** Place of the first order that waits; not to be asked when none is kept. */
  get first(): number {
    return this.#sent;
  }

  /** The first order is sent, or was cancelled. */
  drop(): void {
    this.#sent++;
    if (this.#sent < this.count) return;
    this.#sent = 0;
    this.count = 0;
  }
}
