// One instrument of the synthetic market: its book, its agents, its clock and the order being
// matched. Called by SyntheticMarket, which writes the frames. Always: matching goes one trade at
// a time; an event's time rises strictly.
import type { Instrument } from '../../core/instrument.ts';
import {
  KIND_BEST5_CANCEL,
  KIND_LIMIT,
  KIND_OPPOSITE_BEST,
  PHASE_CLOSING_CALL,
  PHASE_CONTINUOUS,
  PHASE_OPENING_CALL,
  PHASE_OPENING_CALL_NO_CANCEL,
  SIDE_BUY,
} from '../../messages/codes.ts';
import { AFTERNOON_NS, MORNING_NS, SECOND_NS } from '../data/sessions.ts';
import { NONE, SyntheticBook } from './book.ts';
import { OrderFlow, prngFor } from './order-flow.ts';
import type { Prng } from './prng.ts';

/** Orders that can rest at once; the agents keep far below. */
const CAPACITY = 1 << 13;
/** Event times lie on this grid. */
const TIME_GRID_NS = 1000;
/**
 * Activity of each five minutes of continuous trading, in percent: high, low, rising to the close.
 */
const ACTIVITY = [
  300, 240, 200, 175, 155, 140, 128, 118, 110, 103, 97, 92, 88, 84, 81, 78, 76, 74, 72, 70, 69, 68,
  67, 66, 105, 95, 88, 82, 77, 73, 70, 68, 67, 66, 66, 67, 68, 70, 72, 75, 79, 84, 90, 98, 108, 122,
  145, 180,
];
const ACTIVITY_MEAN = ACTIVITY.reduce((sum, value) => sum + value, 0) / ACTIVITY.length;
const FIVE_MINUTES_NS = 300 * SECOND_NS;
/** Quantiles of the exponential distribution of mean 1, in thousandths: gaps between events. */
const GAPS = [
  16, 48, 81, 116, 152, 189, 228, 268, 310, 353, 398, 445, 494, 546, 600, 656, 716, 779, 846, 916,
  992, 1073, 1160, 1255, 1359, 1473, 1601, 1746, 1914, 2114, 2370, 2773, 3466,
];
const GAP_MEAN = GAPS.reduce((sum, value) => sum + value, 0) / GAPS.length;

/** One instrument of the synthetic market. */
export interface SyntheticInstrument {
  /** `600519.SH` or another spelling; decides board, tick, lot and limits. */
  readonly symbol: string;
  readonly preCloseE4: number;
  /** Standard deviation of the day's return: 0.02 = 2 %. Above 0, at most 0.2. */
  readonly volatility: number;
  /** Orders and cancels per second of continuous trading on average; trades come on top. */
  readonly eventsPerSecond: number;
}

/** The order being matched. */
export interface IncomingOrder {
  orderNo: number;
  side: number;
  kind: number;
  /** Worst tick it trades at, and where its rest stands. */
  limit: number;
  left: number;
}

/** Book, agents and clock of one instrument. */
export class InstrumentMarket {
  readonly book: SyntheticBook;
  readonly flow: OrderFlow;
  readonly incoming: IncomingOrder = { orderNo: 0, side: SIDE_BUY, kind: 0, limit: 0, left: 0 };
  /** Time of the next decision; infinite outside of the sessions. */
  nextNs = Number.POSITIVE_INFINITY;
  nowNs = 0;
  readonly #prng: Prng;
  readonly #lowTick: number;
  readonly #tickE4: number;
  readonly #eventsPerSecond: number;
  #auctionTick = NONE;

  constructor(seed: number, instrument: Instrument, wish: SyntheticInstrument) {
    this.#prng = prngFor(seed, instrument);
    this.#tickE4 = instrument.tickE4;
    this.#lowTick = instrument.lowerLimitE4 / instrument.tickE4;
    this.#eventsPerSecond = wish.eventsPerSecond;
    const ticks = (instrument.upperLimitE4 - instrument.lowerLimitE4) / instrument.tickE4 + 1;
    this.book = new SyntheticBook(ticks, CAPACITY);
    this.flow = new OrderFlow(
      this.#prng,
      this.book,
      instrument,
      this.#lowTick,
      wish.volatility,
      wish.eventsPerSecond,
    );
  }

  priceE4(tick: number): number {
    return (tick + this.#lowTick) * this.#tickE4;
  }

  /** The clock of a new phase. */
  enterPhase(phase: number, ns: number): void {
    this.nowNs = ns;
    this.nextNs = this.#after(phase, ns);
  }

  /** Lets the agents decide at nextNs; returns DO_CANCEL, DO_ORDER or 0. */
  decide(phase: number): number {
    this.nowNs = this.nextNs;
    this.nextNs = this.#after(phase, this.nowNs);
    if (phase === PHASE_CONTINUOUS) this.flow.decide();
    else this.flow.decideInCall(phase === PHASE_OPENING_CALL);
    return this.flow.action;
  }

  /** Takes in the order the agents decided on. */
  receive(orderNo: number): void {
    const { incoming, flow, book } = this;
    incoming.orderNo = orderNo;
    incoming.side = flow.side;
    incoming.kind = flow.kind;
    incoming.left = flow.qty;
    const isBuy = flow.side === SIDE_BUY;
    if (flow.kind === KIND_LIMIT) incoming.limit = flow.tick;
    else if (flow.kind === KIND_BEST5_CANCEL) incoming.limit = book.reach(flow.side, 5);
    else if (flow.kind === KIND_OPPOSITE_BEST) incoming.limit = isBuy ? book.bestAsk : book.bestBid;
    else incoming.limit = isBuy ? book.bestBid : book.bestAsk;
  }

  /** One trade of the incoming order, left in book.trade…; false when it trades no further. */
  matchStep(): boolean {
    const { incoming, book } = this;
    if (incoming.left === 0) return false;
    const qty = book.hit(incoming.orderNo, incoming.side, incoming.limit, incoming.left);
    if (qty === 0) return false;
    incoming.left -= qty;
    this.flow.onTrade(book.tradeTick);
    return true;
  }

  /** Rests what is left; false when the kind of the order has the rest cancelled. */
  restIncoming(): boolean {
    const { orderNo, side, kind, limit, left } = this.incoming;
    if (kind === KIND_BEST5_CANCEL) return false;
    this.book.add(orderNo, side, limit, left);
    return true;
  }

  /**
   * Fixes the auction price: nearest to preClose in the opening, to the last trade at the close.
   */
  beginUncross(): void {
    this.#auctionTick = this.book.auctionTick(this.flow.lastTick);
  }

  /** One auction trade, left in book.trade…; false when the auction is done. */
  uncrossStep(): boolean {
    if (this.#auctionTick === NONE || this.book.uncrossStep(this.#auctionTick) === 0) return false;
    this.flow.onTrade(this.#auctionTick);
    return true;
  }

  /** Time of the next decision after `ns`. */
  #after(phase: number, ns: number): number {
    const rate = this.#rate(phase, ns);
    if (rate === 0) return Number.POSITIVE_INFINITY;
    const gap = (GAPS[this.#prng.below(GAPS.length)] * SECOND_NS) / (GAP_MEAN * rate);
    return ns + Math.max(1, Math.floor(gap / TIME_GRID_NS)) * TIME_GRID_NS;
  }

  /** Events per second: calls are quieter than trading, but always fill the book. */
  #rate(phase: number, ns: number): number {
    const rate = this.#eventsPerSecond;
    if (phase === PHASE_CONTINUOUS) {
      const morning = ns < AFTERNOON_NS;
      const slot = Math.floor((ns - (morning ? MORNING_NS : AFTERNOON_NS)) / FIVE_MINUTES_NS);
      const index = Math.min(ACTIVITY.length - 1, slot + (morning ? 0 : ACTIVITY.length / 2));
      return (rate * ACTIVITY[index]) / ACTIVITY_MEAN;
    }
    if (phase === PHASE_OPENING_CALL || phase === PHASE_OPENING_CALL_NO_CANCEL) {
      return Math.min(4, Math.max(1, rate * 0.2));
    }
    return phase === PHASE_CLOSING_CALL ? Math.min(8, Math.max(0.5, rate * 0.2)) : 0;
  }
}
