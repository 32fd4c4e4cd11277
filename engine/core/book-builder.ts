// Keeps the book of the tape from order-by-order events, over the book kernel. Called by the feed
// handler and by the simulated exchange, each with a kernel of its own.
// Two kinds of streams: full (SZSE, synthetic: every order is published before its trades, so the
// kernel matches it on arrival, and the trades that follow must be those it made) and remainder
// (SSE: only what rests is published, so trades reduce the resting side). A market order whose
// kind is not told (SZSE) is held aside until what follows says it (rules sheet 11.1).
// Always: a row that the book cannot follow is named by its FAULT_*; nothing is passed over.

import {
  FAULT_ARENA_FULL,
  FAULT_BAD_ROW,
  FAULT_CANCEL_ABOVE,
  FAULT_CANCEL_BELOW,
  FAULT_DUPLICATE_ORDER,
  FAULT_NAMES,
  FAULT_NONE,
  FAULT_OFF_TICK,
  FAULT_OTHER_TRADES,
  FAULT_OUT_OF_WINDOW,
  FAULT_TRADE_ABOVE,
  FAULT_UNKNOWN_CANCEL,
  FAULT_UNKNOWN_INSTRUMENT,
  FAULT_UNKNOWN_TRADE,
  FAULT_UNTOLD_REST,
  KIND_LIMIT,
  KIND_UNTOLD,
  MARKET_ADD,
  MARKET_CANCEL,
  PHASE_CONTINUOUS,
  PHASE_LUNCH,
  PHASE_PAUSE,
  SIDE_BUY,
  SIDE_SELL,
} from '../messages/codes.ts';
import type { MarketOrder, MarketTrade } from '../messages/generated/market.ts';
import { BookCode, type BookKernel } from './book.ts';
import type { Instrument } from './instrument.ts';
import { isCall } from './session.ts';
import { NEW_TABLES, type Tables } from './tables.ts';

/** Price window of one instrument's book in 1/10,000 yuan, both ends included. */
export interface BookWindow {
  readonly lowE4: number;
  readonly highE4: number;
}

/** Orders and cancels that may come before the last of an order's own trades. */
const OWED_PATIENCE = 16;

export class BookBuilder {
  readonly book: BookKernel;
  /** Faults so far, by FAULT_*. */
  readonly faults = new Int32Array(FAULT_NAMES.length);
  /** Order number of the last fault; 0 = none. */
  lastOrderNo = 0;
  /** 1 = the stream publishes every order in full, by instrument. */
  readonly #full: Uint8Array;
  readonly #phase: Int8Array;
  /** The market order held aside, by instrument: number (0 = none), side, shares, trade price. */
  readonly #heldNo: Int32Array;
  readonly #heldSide: Uint8Array;
  readonly #heldQty: Int32Array;
  readonly #heldPriceE4: Int32Array;
  readonly #heldNs: Float64Array;
  /** The instruments that hold one, and each one's place in that list. */
  readonly #heldList: Int32Array;
  readonly #heldPlace: Int32Array;
  /** Instruments with a held order. */
  heldCount = 0;
  /** What the kernel cancelled on arrival and the feed has still to say: number and shares. */
  readonly #killedNo: Int32Array;
  readonly #killedQty: Int32Array;
  /** Trades the kernel made that the feed has still to print: how many, their sum, their age. */
  readonly #owedCount: Int32Array;
  readonly #owedSum: Int32Array;
  readonly #owedAge: Int32Array;

  /**
   * Opens a window per instrument, unless they stand open and empty (`windows` null); throws when
   * the kernel has no room (cold, at start).
   */
  constructor(
    book: BookKernel,
    instruments: readonly Instrument[],
    windows: readonly BookWindow[] | null,
    fullStream: boolean | readonly boolean[],
    quota: number,
    tables: Tables = NEW_TABLES,
  ) {
    const n = instruments.length;
    this.book = book;
    this.#full = tables.uint8(n);
    if (typeof fullStream === 'boolean') this.#full.fill(fullStream ? 1 : 0);
    else for (let i = 0; i < n; i++) this.#full[i] = fullStream[i] ? 1 : 0;
    this.#phase = tables.int8(n);
    this.#heldNo = tables.int32(n);
    this.#heldSide = tables.uint8(n);
    this.#heldQty = tables.int32(n);
    this.#heldPriceE4 = tables.int32(n);
    this.#heldNs = tables.float64(n);
    this.#heldList = tables.int32(n);
    this.#heldPlace = tables.int32(n);
    this.#killedNo = tables.int32(n);
    this.#killedQty = tables.int32(n);
    this.#owedCount = tables.int32(n);
    this.#owedSum = tables.int32(n);
    this.#owedAge = tables.int32(n);
    if (windows === null) return;
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

  /** Phase of an instrument, or of all when -1. What waited for a later event waits no more. */
  setPhase(instrument: number, phase: number): void {
    if (instrument < 0) {
      while (this.heldCount > 0) this.release(this.#heldList[0]);
      this.#phase.fill(phase);
      return;
    }
    this.release(instrument);
    this.#phase[instrument] = phase;
  }

  phase(instrument: number): number {
    return this.#phase[instrument];
  }

  /** Whether the book is one to trade against: not in a call, and not before the open. */
  isContinuous(instrument: number): boolean {
    const phase = this.#phase[instrument];
    return phase === PHASE_CONTINUOUS || phase === PHASE_LUNCH;
  }

  /** An order enters or leaves. Returns FAULT_NONE, or what the book could not follow. */
  onOrder(order: MarketOrder): number {
    const i = order.instrument;
    if (i < 0 || i >= this.#full.length)
      return this.#fault(FAULT_UNKNOWN_INSTRUMENT, order.orderNo);
    if (order.action === MARKET_CANCEL) return this.#cancel(i, order.orderNo, order.qty);
    const before = this.#full[i] === 1 ? this.#before(i) : FAULT_NONE;
    if (order.action !== MARKET_ADD) return this.#fault(FAULT_BAD_ROW, order.orderNo);
    const entered = order.kind === KIND_UNTOLD ? this.#hold(i, order) : this.#enter(i, order);
    return entered === FAULT_NONE ? before : entered;
  }

  /** A trade of the tape takes shares off the orders that were resting. Returns as onOrder. */
  onTrade(trade: MarketTrade): number {
    const i = trade.instrument;
    const { buyNo, sellNo, aggressor, qty } = trade;
    if (i < 0 || i >= this.#full.length) return this.#fault(FAULT_UNKNOWN_INSTRUMENT, buyNo);
    if (qty <= 0 || trade.priceE4 <= 0) return this.#fault(FAULT_BAD_ROW, buyNo);
    if (this.#full[i] === 1 && this.#phase[i] === PHASE_CONTINUOUS) {
      const held = this.#heldNo[i];
      if (held !== 0 && (held === buyNo || held === sellNo)) return this.#heldTrade(i, trade);
      const untold = this.release(i);
      // The kernel has matched this order already: the trade must be one of those it made.
      const owed = this.#payOwed(i, trade);
      return untold === FAULT_NONE ? owed : untold;
    }
    const both = aggressor === 0 || this.#inCall(i);
    let fault = FAULT_NONE;
    if (both || aggressor === SIDE_SELL) fault = this.#reduce(i, buyNo, qty);
    if (both || aggressor === SIDE_BUY) {
      const other = this.#reduce(i, sellNo, qty);
      if (fault === FAULT_NONE) fault = other;
    }
    return fault;
  }

  /** The `nth` instrument with a held order, from 0. */
  heldInstrument(nth: number): number {
    return this.#heldList[nth];
  }

  /** Event time of an instrument's held order or of its last trade. */
  heldSinceNs(i: number): number {
    return this.#heldNs[i];
  }

  #inCall(i: number): boolean {
    const phase = this.#phase[i];
    return isCall(phase) || phase === PHASE_PAUSE;
  }

  /** What an order or cancel settles of a full stream before it is looked at itself. */
  #before(i: number): number {
    const untold = this.release(i);
    const owed = this.#ageOwed(i);
    return untold === FAULT_NONE ? owed : untold;
  }

  #enter(i: number, order: MarketOrder): number {
    const { orderNo, side, kind, qty } = order;
    // A feed's market orders carry fillers (0, 1.00, nines) where a limit order has its price.
    const priceE4 = kind === KIND_LIMIT ? order.priceE4 : 0;
    if (this.#full[i] === 0 || this.#phase[i] !== PHASE_CONTINUOUS) {
      // Market orders are taken in continuous trading alone (rules sheet 7.1).
      if (kind !== KIND_LIMIT) return this.#fault(FAULT_BAD_ROW, orderNo);
      const code = this.book.add(i, orderNo, side, priceE4, qty);
      return code < 0 ? this.#fault(faultOf(code), orderNo) : FAULT_NONE;
    }
    const made = this.book.submit(i, orderNo, side, kind, priceE4, qty);
    if (made < 0) return this.#fault(faultOf(made), orderNo);
    if (made > 0) this.#owe(i, made);
    if (kind !== KIND_LIMIT && this.book.killedQty > 0) {
      this.#killedNo[i] = orderNo;
      this.#killedQty[i] = this.book.killedQty;
    }
    return FAULT_NONE;
  }

  /** Remembers the trades just made; their sum is the same in whatever order they are printed. */
  #owe(i: number, made: number): void {
    const book = this.book;
    for (let t = 0; t < made; t++) {
      const ids =
        Math.imul(book.tradeBuyId(t), 0x9e3779b1) ^ Math.imul(book.tradeSellId(t), 0x85ebca6b);
      this.#owedSum[i] += tradeWord(ids, book.tradePriceE4(t), book.tradeQty(t));
    }
    this.#owedCount[i] += made;
    this.#owedAge[i] = 0;
  }

  /** A printed trade of a full stream. */
  #payOwed(i: number, trade: MarketTrade): number {
    const { buyNo, sellNo } = trade;
    if (this.#owedCount[i] === 0) return this.#fault(FAULT_OTHER_TRADES, buyNo);
    const ids = Math.imul(buyNo, 0x9e3779b1) ^ Math.imul(sellNo, 0x85ebca6b);
    this.#owedSum[i] -= tradeWord(ids, trade.priceE4, trade.qty);
    if (--this.#owedCount[i] > 0 || this.#owedSum[i] === 0) return FAULT_NONE;
    this.#owedSum[i] = 0;
    return this.#fault(FAULT_OTHER_TRADES, buyNo);
  }

  /** An order or cancel comes while trades are still owed: a few may, more is a difference. */
  #ageOwed(i: number): number {
    if (this.#owedCount[i] === 0 || ++this.#owedAge[i] <= OWED_PATIENCE) return FAULT_NONE;
    this.#owedCount[i] = 0;
    this.#owedSum[i] = 0;
    return this.#fault(FAULT_OTHER_TRADES, 0);
  }

  #hold(i: number, order: MarketOrder): number {
    const { orderNo, side, qty } = order;
    const known = side === SIDE_BUY || side === SIDE_SELL;
    const takes = this.#full[i] === 1 && this.#phase[i] === PHASE_CONTINUOUS;
    if (!known || qty <= 0 || !takes) return this.#fault(FAULT_BAD_ROW, orderNo);
    if (this.book.orderQty(i, orderNo) > 0) return this.#fault(FAULT_DUPLICATE_ORDER, orderNo);
    this.#heldNo[i] = orderNo;
    this.#heldSide[i] = side;
    this.#heldQty[i] = qty;
    this.#heldPriceE4[i] = 0;
    this.#heldNs[i] = order.eventNs;
    this.#heldPlace[i] = this.heldCount;
    this.#heldList[this.heldCount++] = i;
    return FAULT_NONE;
  }

  /** A trade of the held order: the resting side loses the shares. */
  #heldTrade(i: number, trade: MarketTrade): number {
    const { qty } = trade;
    if (this.#heldPriceE4[i] === 0) this.#heldPriceE4[i] = trade.priceE4;
    this.#heldNs[i] = trade.eventNs;
    const resting = this.#heldSide[i] === SIDE_BUY ? trade.sellNo : trade.buyNo;
    const left = this.#heldQty[i] - qty;
    this.#heldQty[i] = left;
    if (left <= 0) this.#drop(i);
    const fault = this.#reduce(i, resting, qty);
    return left < 0 && fault === FAULT_NONE ? this.#fault(FAULT_TRADE_ABOVE, resting) : fault;
  }

  /**
   * Something else happens, time goes on, or a phase ends: what is left of the held order stands at
   * its first trade's price. Returns as onOrder.
   */
  release(i: number): number {
    const orderNo = this.#heldNo[i];
    if (orderNo === 0) return FAULT_NONE;
    const priceE4 = this.#heldPriceE4[i];
    const qty = this.#heldQty[i];
    const side = this.#heldSide[i];
    this.#drop(i);
    if (priceE4 === 0) return this.#fault(FAULT_UNTOLD_REST, orderNo);
    const code = this.book.add(i, orderNo, side, priceE4, qty);
    return code < 0 ? this.#fault(faultOf(code), orderNo) : FAULT_NONE;
  }

  #drop(i: number): void {
    this.#heldNo[i] = 0;
    const last = this.#heldList[--this.heldCount];
    const place = this.#heldPlace[i];
    this.#heldList[place] = last;
    this.#heldPlace[last] = place;
  }

  /** An order leaves, whole: the exchanges cancel all that is left. A quantity of 0 is not told. */
  #cancel(i: number, orderNo: number, qty: number): number {
    if (qty < 0) return this.#fault(FAULT_BAD_ROW, orderNo);
    if (this.#heldNo[i] === orderNo && orderNo !== 0) {
      const held = this.#heldQty[i];
      this.#drop(i);
      return this.#compareLeft(orderNo, held, qty);
    }
    const before = this.#full[i] === 1 ? this.#before(i) : FAULT_NONE;
    const left = this.book.cancel(i, orderNo, 0);
    let fault: number = FAULT_NONE;
    if (left > 0) fault = this.#compareLeft(orderNo, left, qty);
    else if (orderNo === 0 || this.#killedNo[i] !== orderNo) {
      fault = this.#fault(FAULT_UNKNOWN_CANCEL, orderNo);
    } else {
      this.#killedNo[i] = 0;
      fault = this.#compareLeft(orderNo, this.#killedQty[i], qty);
    }
    return fault === FAULT_NONE ? before : fault;
  }

  #compareLeft(orderNo: number, left: number, qty: number): number {
    if (qty === left || qty === 0) return FAULT_NONE;
    return this.#fault(qty > left ? FAULT_CANCEL_ABOVE : FAULT_CANCEL_BELOW, orderNo);
  }

  #reduce(i: number, orderNo: number, qty: number): number {
    const code = this.book.reduce(i, orderNo, qty);
    if (code >= 0) return FAULT_NONE;
    if (code === BookCode.UNKNOWN_ORDER) return this.#fault(FAULT_UNKNOWN_TRADE, orderNo);
    if (code !== BookCode.MORE_THAN_LEFT) return this.#fault(faultOf(code), orderNo);
    // The exchange says that it traded: what the book still shows of it is not there.
    this.book.cancel(i, orderNo, 0);
    return this.#fault(FAULT_TRADE_ABOVE, orderNo);
  }

  #fault(fault: number, orderNo: number): number {
    this.faults[fault]++;
    this.lastOrderNo = orderNo;
    return fault;
  }
}

/** int32 over one trade. */
function tradeWord(ids: number, priceE4: number, qty: number): number {
  const word = Math.imul(ids ^ priceE4, 0xc2b2ae35) ^ Math.imul(qty, 0x27d4eb2f);
  return (word ^ (word >>> 15)) | 0;
}

/** FAULT_* of a kernel's refusal. */
function faultOf(code: number): number {
  switch (code) {
    case BookCode.DUPLICATE_ID:
      return FAULT_DUPLICATE_ORDER;
    case BookCode.OFF_TICK:
      return FAULT_OFF_TICK;
    case BookCode.OUT_OF_WINDOW:
      return FAULT_OUT_OF_WINDOW;
    case BookCode.QUOTA_FULL:
      return FAULT_ARENA_FULL;
    case BookCode.UNKNOWN_INSTRUMENT:
      return FAULT_UNKNOWN_INSTRUMENT;
    default:
      return FAULT_BAD_ROW;
  }
}
