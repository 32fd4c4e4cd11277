// Keeps the book of the tape from order-by-order events, over the book kernel. Called by the feed
// handler and by the simulated exchange, each with a kernel of its own.
// Two kinds of streams: full (SZSE, synthetic: every order is published before its trades, so the
// kernel matches it on arrival) and remainder (SSE: only what rests is published, so trades reduce
// the resting side). Refusals of the kernel are counted and mark nothing silently.
import {
  KIND_LIMIT,
  MARKET_ADD,
  PHASE_CLOSING_CALL,
  PHASE_CONTINUOUS,
  PHASE_LUNCH,
  PHASE_OPENING_CALL,
  PHASE_OPENING_CALL_NO_CANCEL,
  PHASE_PAUSE,
  SIDE_BUY,
  SIDE_SELL,
} from '../messages/codes.ts';
import type { MarketOrder, MarketTrade } from '../messages/generated/market.ts';
import { BookCode, type BookKernel } from './book.ts';
import type { Instrument } from './instrument.ts';

/** Price window of one instrument's book in 1/10,000 yuan, both ends included. */
export interface BookWindow {
  readonly lowE4: number;
  readonly highE4: number;
}

export class BookBuilder {
  readonly book: BookKernel;
  /** 1 = the stream publishes every order in full, by instrument. */
  readonly #full: Uint8Array;
  readonly #phase: Int8Array;
  /** Cancels and trades that name an order the book does not hold. */
  unknownOrders = 0;
  /** Orders outside the book's price window, and other refusals. */
  outOfWindow = 0;
  refused = 0;
  /** Last refusal: BookCode, instrument and order number. */
  lastRefusal = 0;
  lastOrderNo = 0;

  /** Opens a window per instrument; throws when the kernel has no room (cold, at start). */
  constructor(
    book: BookKernel,
    instruments: readonly Instrument[],
    windows: readonly BookWindow[],
    fullStream: boolean,
    quota: number,
  ) {
    this.book = book;
    this.#full = new Uint8Array(instruments.length).fill(fullStream ? 1 : 0);
    this.#phase = new Int8Array(instruments.length);
    for (const [i, instrument] of instruments.entries()) {
      const w = windows[i]!;
      const code = book.openInstrument(i, instrument.tickE4, w.lowE4, w.highE4, quota);
      if (code !== BookCode.OK) {
        // hot-ok: at start
        throw new Error(
          `book of ${instrument.symbol}: window ${w.lowE4}..${w.highE4} refused, code ${code}`,
        );
      }
    }
  }

  /** Phase of an instrument, or of all when -1. */
  setPhase(instrument: number, phase: number): void {
    if (instrument < 0) this.#phase.fill(phase);
    else this.#phase[instrument] = phase;
  }

  phase(instrument: number): number {
    return this.#phase[instrument];
  }

  /** Whether the book is one to trade against: not in a call, and not before the open. */
  isContinuous(instrument: number): boolean {
    const phase = this.#phase[instrument];
    return phase === PHASE_CONTINUOUS || phase === PHASE_LUNCH;
  }

  /** An order enters or leaves. */
  onOrder(order: MarketOrder): void {
    const i = order.instrument;
    if (order.action !== MARKET_ADD) {
      const code = this.book.cancel(i, order.orderNo, order.qty);
      if (code < 0) this.#refuse(code, order.orderNo);
      return;
    }
    const { orderNo, side, kind, qty } = order;
    // A feed's market orders carry fillers (0, 1.00, nines) where a limit order has its price.
    const priceE4 = kind === KIND_LIMIT ? order.priceE4 : 0;
    const matches = this.#full[i] === 1 && this.#phase[i] === PHASE_CONTINUOUS;
    let code: number;
    if (matches) code = this.book.submit(i, orderNo, side, kind, priceE4, qty);
    else if (kind === KIND_LIMIT) code = this.book.add(i, orderNo, side, priceE4, qty);
    else code = this.book.submit(i, orderNo, side, kind, priceE4, qty);
    if (code < 0) this.#refuse(code, orderNo);
  }

  /** A trade of the tape takes shares off the orders that were resting. */
  onTrade(trade: MarketTrade): void {
    const i = trade.instrument;
    const aggressor = trade.aggressor;
    // In a full stream the kernel has matched this order already, but not in a call.
    if (this.#full[i] === 1 && this.#phase[i] === PHASE_CONTINUOUS) return;
    const both = aggressor === 0 || this.#inCall(i);
    if (both || aggressor === SIDE_SELL) this.#reduce(i, trade.buyNo, trade.qty);
    if (both || aggressor === SIDE_BUY) this.#reduce(i, trade.sellNo, trade.qty);
  }

  #inCall(i: number): boolean {
    const phase = this.#phase[i];
    return (
      phase === PHASE_OPENING_CALL ||
      phase === PHASE_OPENING_CALL_NO_CANCEL ||
      phase === PHASE_PAUSE ||
      phase === PHASE_CLOSING_CALL
    );
  }

  #reduce(i: number, orderNo: number, qty: number): void {
    const code = this.book.reduce(i, orderNo, qty);
    if (code < 0) this.#refuse(code, orderNo);
  }

  #refuse(code: number, orderNo: number): void {
    this.lastRefusal = code;
    this.lastOrderNo = orderNo;
    if (code === BookCode.UNKNOWN_ORDER) this.unknownOrders++;
    else if (code === BookCode.OUT_OF_WINDOW) this.outOfWindow++;
    else this.refused++;
  }
}
