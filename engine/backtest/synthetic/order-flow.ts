// What the agents of one synthetic instrument do next: market makers, noise traders, fundamental
// traders, momentum followers and a large trader who works a parent order. Called by the synthetic
// market once per event. Always: decisions are integer arithmetic on the seeded numbers and the
// book; every order lies on the tick, in lots, within the limits and the price cage.
import type { Instrument } from '../../core/instrument.ts';
import {
  KIND_BEST5_CANCEL,
  KIND_LIMIT,
  KIND_OPPOSITE_BEST,
  KIND_OWN_BEST,
  SIDE_BUY,
  SIDE_SELL,
} from '../../messages/codes.ts';
import type { SyntheticBook } from './book.ts';
import { NONE } from './book.ts';
import { Prng } from './prng.ts';

/** Fair value counts in 1/4096 tick. */
const FAIR_SHIFT = 12;
const CONTINUOUS_SECONDS = 14_220;
/** Live orders at which cancels and new orders balance. */
const TARGET_LIVE = 1200;
/** Lots of an order, by draw: many small, few large. */
const LOTS = [1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 5, 8, 10, 10, 20, 30, 50];
/** Ticks behind the own best price, by draw. */
const DEPTHS = [0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30];

/** What an agent decided: `action` says which of the fields count. */
export const DO_CANCEL = 1;
export const DO_ORDER = 2;

/** The agents of one instrument. */
export class OrderFlow {
  /** The decision last made. */
  action = DO_ORDER;
  slot = NONE;
  side = SIDE_BUY;
  kind: number = KIND_LIMIT;
  tick = 0;
  qty = 0;
  readonly #prng: Prng;
  readonly #book: SyntheticBook;
  readonly #lot: number;
  readonly #maxLots: number;
  /** Half width of the fair value's step per event. */
  readonly #step: number;
  readonly #jump: number;
  readonly #jumpOneIn: number;
  readonly #lowTick: number;
  readonly #preCloseTick: number;
  #fair: number;
  #trend = 0;
  #lastTick: number;
  #parentSide = SIDE_BUY;
  #parentSlices = 0;

  /** `volatility`: standard deviation of a day's return, 0.02 = 2 %. */
  constructor(
    prng: Prng,
    book: SyntheticBook,
    instrument: Instrument,
    lowTick: number,
    volatility: number,
    eventsPerSecond: number,
  ) {
    this.#prng = prng;
    this.#book = book;
    this.#lot = instrument.buyMin;
    this.#maxLots = Math.max(1, Math.floor(instrument.maxQty / instrument.buyMin));
    this.#lowTick = lowTick;
    this.#preCloseTick = instrument.preCloseE4 / instrument.tickE4 - lowTick;
    this.#lastTick = this.#preCloseTick;
    // Only + - * / and sqrt: IEEE 754 rounds them alike everywhere.
    const dayTicks = (instrument.preCloseE4 / instrument.tickE4) * volatility;
    const events = Math.max(1, eventsPerSecond * CONTINUOUS_SECONDS);
    const sigma = dayTicks * (1 << FAIR_SHIFT);
    this.#step = Math.max(1, Math.floor(Math.sqrt((3 * sigma * sigma) / events)));
    this.#jump = Math.max(1, Math.floor(sigma / 6));
    this.#jumpOneIn = Math.min(1 << 20, Math.max(100, Math.floor(events / 8)));
    this.#fair = this.#preCloseTick << FAIR_SHIFT;
    this.#moveFair(this.#jump * 2);
  }

  /** Last trade price as a tick; preClose before the first trade. */
  get lastTick(): number {
    return this.#lastTick;
  }

  get preCloseTick(): number {
    return this.#preCloseTick;
  }

  /** Tells the agents of a trade. */
  onTrade(tick: number): void {
    this.#trend = this.#trend - (this.#trend >> 4) + ((tick - this.#lastTick) << 8);
    this.#lastTick = tick;
  }

  /** Decides in continuous trading. */
  decide(): void {
    const prng = this.#prng;
    const book = this.#book;
    this.#drift();
    const cancelShare = Math.min(560, 120 + Math.floor((book.liveCount * 330) / TARGET_LIVE));
    if (book.isFull || (book.liveCount > 40 && prng.below(1000) < cancelShare)) {
      this.#decideCancel();
      return;
    }
    const agent = prng.below(100);
    if (agent < 36) this.#marketMaker();
    else if (agent < 72) this.#noise();
    else if (agent < 88) this.#fundamental();
    else if (agent < 95) this.#momentum();
    else this.#large();
    this.#finish();
  }

  /** Decides in a call auction: orders about the fair value; cancels only when allowed. */
  decideInCall(mayCancel: boolean): void {
    const prng = this.#prng;
    this.#drift();
    if (mayCancel && this.#book.liveCount > 40 && prng.oneIn(8)) {
      this.#decideCancel();
      return;
    }
    if (this.#book.isFull) {
      this.action = 0;
      return;
    }
    const away = DEPTHS[prng.below(DEPTHS.length)] - 2 + prng.below(3);
    this.side = prng.oneIn(2) ? SIDE_BUY : SIDE_SELL;
    const fair = this.#fair >> FAIR_SHIFT;
    this.#limit(this.side === SIDE_BUY ? fair - away : fair + away, this.#lots(1));
    this.action = DO_ORDER;
    this.tick = this.#withinLimits(this.tick);
  }

  /** Fair value walks, and rarely jumps. */
  #drift(): void {
    const step = this.#step;
    this.#moveFair(step);
    if (this.#prng.oneIn(this.#jumpOneIn)) this.#moveFair(this.#jump);
  }

  #moveFair(width: number): void {
    const span = 2 * width + 1;
    const draw =
      span <= 1 << 20 ? this.#prng.below(span) : Math.floor((this.#prng.uint32() / 2 ** 32) * span);
    const low = 2 << FAIR_SHIFT;
    const high = (this.#book.tickCount - 3) << FAIR_SHIFT;
    this.#fair = Math.min(high, Math.max(low, this.#fair + draw - width));
  }

  /** Of two random orders mostly the one farther from the touch. */
  #decideCancel(): void {
    const prng = this.#prng;
    const book = this.#book;
    const a = book.live[prng.below(book.liveCount)];
    const b = book.live[prng.below(book.liveCount)];
    const farther = this.#distance(a) >= this.#distance(b) ? a : b;
    this.action = DO_CANCEL;
    this.slot = prng.below(4) < 3 ? farther : a;
  }

  #distance(slot: number): number {
    const book = this.#book;
    return book.side[slot] === SIDE_BUY
      ? book.bestBid - book.tick[slot]
      : book.tick[slot] - book.bestAsk;
  }

  /** Quotes about the fair value, and closes a wide spread from either side. */
  #marketMaker(): void {
    const prng = this.#prng;
    const { bestBid, bestAsk } = this.#book;
    const fair = this.#fair >> FAIR_SHIFT;
    const back = prng.below(3);
    this.side = prng.oneIn(2) ? SIDE_BUY : SIDE_SELL;
    const wide = bestBid !== NONE && bestAsk !== NONE && bestAsk - bestBid > 1;
    if (this.side === SIDE_BUY) {
      const improve = wide && bestBid < fair ? bestBid + 1 : fair - back;
      const tick = bestAsk !== NONE ? Math.min(improve, bestAsk - 1) : improve;
      this.#limit(tick, this.#lots(4));
    } else {
      const improve = wide && bestAsk > fair + 1 ? bestAsk - 1 : fair + 1 + back;
      const tick = bestBid !== NONE ? Math.max(improve, bestBid + 1) : improve;
      this.#limit(tick, this.#lots(4));
    }
  }

  /** No opinion: mostly rests behind the touch, one in five takes, few send market orders. */
  #noise(): void {
    const prng = this.#prng;
    this.side = prng.oneIn(2) ? SIDE_BUY : SIDE_SELL;
    const draw = prng.below(100);
    if (draw < 18) this.#take(0, this.#lots(1));
    else if (draw < 20) this.#market(KIND_OPPOSITE_BEST, this.#lots(1));
    else if (draw < 21) this.#market(KIND_BEST5_CANCEL, this.#lots(2));
    else this.#rest(DEPTHS[prng.below(DEPTHS.length)], this.#lots(1));
  }

  /** Trades toward the fair value when the market is off it, else waits around it. */
  #fundamental(): void {
    const prng = this.#prng;
    const { bestBid, bestAsk } = this.#book;
    const fair = this.#fair >> FAIR_SHIFT;
    if (bestAsk !== NONE && fair > bestAsk) {
      this.side = SIDE_BUY;
      this.#limit(Math.min(fair, bestAsk + 2), this.#lots(3));
    } else if (bestBid !== NONE && fair < bestBid) {
      this.side = SIDE_SELL;
      this.#limit(Math.max(fair, bestBid - 2), this.#lots(3));
    } else {
      this.side = prng.oneIn(2) ? SIDE_BUY : SIDE_SELL;
      this.#rest(1 + prng.below(5), this.#lots(2));
    }
  }

  /** Follows the last trades when they went one way. */
  #momentum(): void {
    const strong = this.#trend > 1 << 10 || this.#trend < -(1 << 10);
    this.side = this.#trend >= 0 ? SIDE_BUY : SIDE_SELL;
    if (strong) this.#take(1, this.#lots(1));
    else this.#rest(this.#prng.below(3), this.#lots(1));
  }

  /** Works one parent order slice by slice, then waits for the next. */
  #large(): void {
    const prng = this.#prng;
    if (this.#parentSlices === 0) {
      this.#parentSide = prng.oneIn(2) ? SIDE_BUY : SIDE_SELL;
      this.#parentSlices = 20 + prng.below(180);
    }
    this.#parentSlices--;
    this.side = this.#parentSide;
    const draw = prng.below(10);
    if (draw < 3) this.#take(0, this.#lots(6));
    else if (draw < 4 && this.#hasOwnBest()) this.#market(KIND_OWN_BEST, this.#lots(6));
    else this.#rest(0, this.#lots(6));
  }

  #hasOwnBest(): boolean {
    return (this.side === SIDE_BUY ? this.#book.bestBid : this.#book.bestAsk) !== NONE;
  }

  /** A limit order `through` ticks beyond the opposite best. */
  #take(through: number, qty: number): void {
    const { bestBid, bestAsk } = this.#book;
    if (this.side === SIDE_BUY && bestAsk !== NONE) this.#limit(bestAsk + through, qty);
    else if (this.side === SIDE_SELL && bestBid !== NONE) this.#limit(bestBid - through, qty);
    else this.#rest(0, qty);
  }

  /** A limit order `behind` ticks behind the own best, never crossing. */
  #rest(behind: number, qty: number): void {
    const { bestBid, bestAsk } = this.#book;
    const fair = this.#fair >> FAIR_SHIFT;
    if (this.side === SIDE_BUY) {
      const best = bestBid !== NONE ? bestBid : fair - 1;
      this.#limit(Math.min(best - behind, bestAsk !== NONE ? bestAsk - 1 : best), qty);
    } else {
      const best = bestAsk !== NONE ? bestAsk : fair + 1;
      this.#limit(Math.max(best + behind, bestBid !== NONE ? bestBid + 1 : best), qty);
    }
  }

  #limit(tick: number, qty: number): void {
    this.kind = KIND_LIMIT;
    this.tick = tick;
    this.qty = qty;
  }

  /** A market order when the opposite side stands, else a resting one. */
  #market(kind: number, qty: number): void {
    const { bestBid, bestAsk } = this.#book;
    const opposite = this.side === SIDE_BUY ? bestAsk : bestBid;
    if (kind !== KIND_OWN_BEST && opposite === NONE) {
      this.#rest(0, qty);
      return;
    }
    this.kind = kind;
    this.tick = NONE;
    this.qty = qty;
  }

  #lots(scale: number): number {
    const prng = this.#prng;
    const lots = LOTS[prng.below(LOTS.length)] * scale;
    return Math.min(this.#maxLots, scale > 1 ? 1 + prng.below(lots) : lots) * this.#lot;
  }

  #finish(): void {
    this.action = DO_ORDER;
    if (this.kind === KIND_LIMIT) this.tick = this.#withinLimits(this.#withinCage(this.tick));
  }

  #withinLimits(tick: number): number {
    return Math.min(this.#book.tickCount - 1, Math.max(0, tick));
  }

  /**
   * The price cage of continuous trading: a buy at most 102 % of the reference or ten ticks above,
   * a sell alike below (SSE 2023 no. 3.3.14; rules sheet 4.1). The narrower bound of the two serves
   * every board.
   */
  #withinCage(tick: number): number {
    const { bestBid, bestAsk } = this.#book;
    const isBuy = this.side === SIDE_BUY;
    const first = isBuy ? bestAsk : bestBid;
    const second = isBuy ? bestBid : bestAsk;
    const reference = first !== NONE ? first : second !== NONE ? second : this.#lastTick;
    const width = Math.max(1, Math.floor(((reference + this.#lowTick) * 2) / 100));
    return isBuy ? Math.min(tick, reference + width) : Math.max(tick, reference - width);
  }
}

/** The stream of random numbers of an instrument: the same whatever else trades. */
export function prngFor(seed: number, instrument: Instrument): Prng {
  return new Prng(seed, instrument.code * 4 + instrument.market);
}
