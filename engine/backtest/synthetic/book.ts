// The plain order book of one synthetic instrument: a dense ladder between the day's limits, first
// in first out at each price, matching one trade at a time so that the market can emit it. Called
// by the synthetic market only. Always: slots are pooled, nothing is allocated after the
// constructor; outside of call auctions the best bid is below the best ask.
import { assert } from '../../assert.ts';
import { SIDE_BUY, SIDE_SELL } from '../../messages/codes.ts';

/** No order, no price level. */
export const NONE = -1;

/** Ticks count from the lower limit: tick 0 is the lowest valid price. */
export class SyntheticBook {
  readonly tickCount: number;
  readonly capacity: number;
  /** Best prices as ticks; NONE when the side is empty. */
  bestBid = NONE;
  bestAsk = NONE;
  /** Shares that rest at each tick. */
  readonly bidQty: Float64Array;
  readonly askQty: Float64Array;
  /** Per slot: exchange order number, shares left, tick, side. */
  readonly orderNo: Int32Array;
  readonly qty: Int32Array;
  readonly tick: Int32Array;
  readonly side: Uint8Array;
  /** Slots in use, in no order: live[0..liveCount-1]. */
  readonly live: Int32Array;
  liveCount = 0;
  /** The trade last executed. */
  tradeBuyNo = 0;
  tradeSellNo = 0;
  tradeQty = 0;
  tradeTick = 0;
  readonly #place: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** First and last slot of each tick and side. */
  readonly #bidHead: Int32Array;
  readonly #bidTail: Int32Array;
  readonly #askHead: Int32Array;
  readonly #askTail: Int32Array;

  constructor(tickCount: number, capacity: number) {
    this.tickCount = tickCount;
    this.capacity = capacity;
    this.bidQty = new Float64Array(tickCount);
    this.askQty = new Float64Array(tickCount);
    this.orderNo = new Int32Array(capacity);
    this.qty = new Int32Array(capacity);
    this.tick = new Int32Array(capacity);
    this.side = new Uint8Array(capacity);
    this.live = Int32Array.from({ length: capacity }, (_, slot) => slot);
    this.#place = Int32Array.from(this.live);
    this.#next = new Int32Array(capacity).fill(NONE);
    this.#previous = new Int32Array(capacity).fill(NONE);
    this.#bidHead = new Int32Array(tickCount).fill(NONE);
    this.#bidTail = new Int32Array(tickCount).fill(NONE);
    this.#askHead = new Int32Array(tickCount).fill(NONE);
    this.#askTail = new Int32Array(tickCount).fill(NONE);
  }

  get isFull(): boolean {
    return this.liveCount === this.capacity;
  }

  /** Rests an order at the end of its level; the book must not be full. */
  add(orderNo: number, side: number, tick: number, qty: number): void {
    assert(this.liveCount < this.capacity, `liveCount=${this.liveCount}, expected room`);
    const slot = this.live[this.liveCount];
    this.#place[slot] = this.liveCount++;
    this.orderNo[slot] = orderNo;
    this.qty[slot] = qty;
    this.tick[slot] = tick;
    this.side[slot] = side;
    const isBuy = side === SIDE_BUY;
    const head = isBuy ? this.#bidHead : this.#askHead;
    const tail = isBuy ? this.#bidTail : this.#askTail;
    const last = tail[tick];
    this.#previous[slot] = last;
    this.#next[slot] = NONE;
    if (last === NONE) head[tick] = slot;
    else this.#next[last] = slot;
    tail[tick] = slot;
    if (isBuy) {
      this.bidQty[tick] += qty;
      if (tick > this.bestBid) this.bestBid = tick;
    } else {
      this.askQty[tick] += qty;
      if (this.bestAsk === NONE || tick < this.bestAsk) this.bestAsk = tick;
    }
  }

  /** Takes an order out. */
  remove(slot: number): void {
    const tick = this.tick[slot];
    const isBuy = this.side[slot] === SIDE_BUY;
    const head = isBuy ? this.#bidHead : this.#askHead;
    const tail = isBuy ? this.#bidTail : this.#askTail;
    const before = this.#previous[slot];
    const after = this.#next[slot];
    if (before === NONE) head[tick] = after;
    else this.#next[before] = after;
    if (after === NONE) tail[tick] = before;
    else this.#previous[after] = before;
    if (isBuy) this.bidQty[tick] -= this.qty[slot];
    else this.askQty[tick] -= this.qty[slot];
    const place = this.#place[slot];
    const moved = this.live[--this.liveCount];
    this.live[place] = moved;
    this.#place[moved] = place;
    this.live[this.liveCount] = slot;
    if (head[tick] === NONE) this.#levelGone(isBuy, tick);
  }

  /**
   * One trade of an incoming order against the best opposite order at `limit` or better. Returns
   * the shares traded, 0 when nothing stands there.
   */
  hit(orderNo: number, side: number, limit: number, qty: number): number {
    const isBuy = side === SIDE_BUY;
    const tick = isBuy ? this.bestAsk : this.bestBid;
    if (tick === NONE || (isBuy ? tick > limit : tick < limit)) return 0;
    const slot = isBuy ? this.#askHead[tick] : this.#bidHead[tick];
    const resting = this.orderNo[slot];
    this.tradeBuyNo = isBuy ? orderNo : resting;
    this.tradeSellNo = isBuy ? resting : orderNo;
    this.tradeTick = tick;
    this.tradeQty = Math.min(qty, this.qty[slot]);
    this.#fill(slot, this.tradeQty);
    return this.tradeQty;
  }

  /** One trade of a call auction at tick `at`, best price and time on both sides; 0 when done. */
  uncrossStep(at: number): number {
    const bid = this.bestBid;
    const ask = this.bestAsk;
    if (bid === NONE || ask === NONE || bid < at || ask > at) return 0;
    const buyer = this.#bidHead[bid];
    const seller = this.#askHead[ask];
    this.tradeBuyNo = this.orderNo[buyer];
    this.tradeSellNo = this.orderNo[seller];
    this.tradeTick = at;
    this.tradeQty = Math.min(this.qty[buyer], this.qty[seller]);
    this.#fill(buyer, this.tradeQty);
    this.#fill(seller, this.tradeQty);
    return this.tradeQty;
  }

  /**
   * Tick of the call auction, NONE when nothing crosses: largest volume, all better-priced orders
   * filled and one side filled at the price, smallest unfilled quantity, nearest to `reference`,
   * the lower of two equally near (SZSE's rule, rules sheet 6.2). O(ticks).
   */
  auctionTick(reference: number): number {
    if (this.bestBid === NONE || this.bestAsk === NONE || this.bestBid < this.bestAsk) return NONE;
    let buysAbove = 0;
    for (let t = this.bestAsk + 1; t <= this.bestBid; t++) buysAbove += this.bidQty[t];
    let sellsBelow = 0;
    let best = NONE;
    let bestVolume = 0;
    let bestLeft = 0;
    for (let t = this.bestAsk; t <= this.bestBid; t++) {
      const buys = buysAbove + this.bidQty[t];
      const sells = sellsBelow + this.askQty[t];
      const volume = Math.min(buys, sells);
      const left = Math.abs(buys - sells);
      if (volume > 0 && buysAbove <= sells && sellsBelow <= buys) {
        const nearer = Math.abs(t - reference) < Math.abs(best - reference);
        const better =
          volume !== bestVolume
            ? volume > bestVolume
            : left !== bestLeft
              ? left < bestLeft
              : nearer;
        if (best === NONE || better) {
          best = t;
          bestVolume = volume;
          bestLeft = left;
        }
      }
      if (t < this.bestBid) buysAbove -= this.bidQty[t + 1];
      sellsBelow = sells;
    }
    return best;
  }

  /** The worst tick an order reaches that takes at most `levels` opposite levels; NONE: none. */
  reach(side: number, levels: number): number {
    const step = side === SIDE_BUY ? 1 : -1;
    const quantities = side === SIDE_BUY ? this.askQty : this.bidQty;
    let reached = NONE;
    let left = levels;
    const first = side === SIDE_BUY ? this.bestAsk : this.bestBid;
    for (let t = first; t >= 0 && t < this.tickCount && left > 0 && first !== NONE; t += step) {
      if (quantities[t] === 0) continue;
      reached = t;
      left--;
    }
    return reached;
  }

  #fill(slot: number, qty: number): void {
    if (qty === this.qty[slot]) {
      this.remove(slot);
      return;
    }
    this.qty[slot] -= qty;
    if (this.side[slot] === SIDE_SELL) this.askQty[this.tick[slot]] -= qty;
    else this.bidQty[this.tick[slot]] -= qty;
  }

  #levelGone(isBuy: boolean, tick: number): void {
    if (isBuy && tick === this.bestBid) {
      let t = tick - 1;
      while (t >= 0 && this.#bidHead[t] === NONE) t--;
      this.bestBid = t;
    } else if (!isBuy && tick === this.bestAsk) {
      let t = tick + 1;
      while (t < this.tickCount && this.#askHead[t] === NONE) t++;
      this.bestAsk = t < this.tickCount ? t : NONE;
    }
  }
}
