// The world of the full order stream: own orders stand in the matching kernel among the recorded
// ones, first in, first out; later recorded orders meet the changed book, and the trades published
// are those the kernel makes. While nothing differs, recorded rows go out as they are; a matching
// that differs is published anew, with numbers of its channel in sequence.
// Made by session.ts. The rules for what history cannot tell are in docs/BACKTEST.md.
// Always: a matching is one event (isBusy); without own orders the feed is the recording.

import { BookCode, type BookKernel } from '../../engine/core/book.ts';
import { callReferenceE4 } from '../../engine/core/call-price.ts';
import { FLOAT_ZERO } from '../../engine/core/float-zero.ts';
import type { Instrument } from '../../engine/core/instrument.ts';
import { type MarketSource, SOURCE_END } from '../../engine/core/market-source.ts';
import { REJECT_OUTSIDE_CAGE, REJECT_TABLE_FULL } from '../../engine/core/reject-code.ts';
import { isCall } from '../../engine/core/session.ts';
import type { StreamDivergence } from '../../engine/host/gateway-session.ts';
import {
  KIND_LIMIT,
  MARKET_CANCEL,
  PHASE_CLOSED,
  PHASE_CONTINUOUS,
  SIDE_BUY,
} from '../../engine/messages/codes.ts';
import type { FrameMemory } from '../../engine/messages/frames.ts';
import {
  MarketOrder,
  MarketTrade,
  Phase,
  SnapshotTick,
} from '../../engine/messages/generated/market.ts';
import {
  NO_ROW,
  OP_ADD,
  OP_CANCEL,
  OP_NOTHING,
  OP_SUBMIT,
  OP_UNCROSS,
  OPENING,
  TradeList,
} from '../../engine/verify/order-ops.ts';
import { Divergence } from './divergence.ts';
import type { ExchangeWorld, OwnSide } from './exchange-world.ts';
import { type FeedHead, FeedWriter } from './feed-writer.ts';
import { OWN_ORDER_BASE, type RecordedStream } from './recorded-stream.ts';
import type { TouchWorld } from './touch-world.ts';

/** What the world is made from; arrays by instrument. */
export interface OrderWorldParts {
  readonly instruments: readonly Instrument[];
  readonly streams: readonly (RecordedStream | null)[];
  /** Holds an open book for every stream, with room for own orders. */
  readonly book: BookKernel;
  /** Most resting orders of each book. */
  readonly quotas: readonly number[];
  readonly windows: readonly { readonly lowE4: number; readonly highE4: number }[];
  readonly source: MarketSource;
  /** For instruments without a stream; null = there are none. */
  readonly fallback: TouchWorld | null;
  /** Recorded orders that never arrive (leave-one-out). */
  readonly withheld?: readonly ReadonlySet<number>[];
}

export class OrderWorld implements ExchangeWorld {
  nowNs = FLOAT_ZERO;
  readonly count: number;
  readonly #parts: OrderWorldParts;
  readonly #book: BookKernel;
  readonly #own: OwnSide;
  readonly #divergence: readonly Divergence[];
  readonly #feed = new FeedWriter();
  readonly #heads: readonly FeedHead[];
  readonly #made = new TradeList(64);
  /** Next operation and next row, by instrument. */
  readonly #at: Int32Array;
  readonly #row: Int32Array;
  /** 1 = the rest of the matching at hand was published anew: its rows are left out. */
  readonly #anew: Uint8Array;
  /** 1 = an own order has been in this book. */
  readonly #touched: Uint8Array;
  readonly #phase: Int8Array;
  /** Row behind the matching at hand. */
  readonly #matchEnd: Int32Array;
  #inMatch = 0;
  /** The order last cancelled on arrival by its kind, whose cancel the recording still shows. */
  readonly #killedNo: Int32Array;
  #passes = true;
  readonly #order = new MarketOrder();
  readonly #trade = new MarketTrade();
  readonly #tick = new SnapshotTick();
  readonly #phaseIn = new Phase();

  constructor(parts: OrderWorldParts, own: OwnSide) {
    const n = parts.instruments.length;
    this.#parts = parts;
    this.count = parts.source.count;
    this.#book = parts.book;
    this.#own = own;
    this.#divergence = parts.instruments.map(({ symbol }) => new Divergence(symbol));
    this.#heads = parts.instruments.map(({ market }, instrument) => {
      const { orderChannel = 0, tradeChannel = 0 } = parts.streams[instrument] ?? {};
      return { ns: 0, instrument, market, orderChannel, tradeChannel };
    });
    this.#at = new Int32Array(n);
    this.#row = new Int32Array(n);
    this.#anew = new Uint8Array(n);
    this.#touched = new Uint8Array(n);
    this.#phase = new Int8Array(n);
    this.#matchEnd = new Int32Array(n);
    this.#killedNo = new Int32Array(n);
    for (let i = 0; i < n; i++) this.#open(i);
  }

  /** Orders from before a partial day rest before anything else happens. */
  #open(i: number): void {
    const stream = this.#parts.streams[i];
    if (stream === null || stream === undefined) return;
    const { ops } = stream;
    while (ops.row[this.#at[i]!] === NO_ROW && ops.op[this.#at[i]!] === OP_ADD) {
      this.#apply(stream, i, this.#at[i]!++);
    }
  }

  get isBusy(): boolean {
    return this.#inMatch > 0 || !this.#feed.isEmpty;
  }

  nextNs(): number {
    return this.#feed.isEmpty ? this.#parts.source.nextNs() : this.nowNs;
  }

  next(target: FrameMemory, at: number): number {
    const feed = this.#feed;
    if (!feed.isEmpty) return feed.take(target, at);
    const bytes = this.#parts.source.next(target, at);
    if (bytes === SOURCE_END || !this.#take(target)) return bytes === SOURCE_END ? bytes : 0;
    if (feed.isEmpty) return bytes;
    // Something comes before it: it waits behind that.
    feed.append(target, at);
    return feed.take(target, at);
  }

  phase(instrument: number): number {
    const { fallback, streams } = this.#parts;
    if (fallback !== null && streams[instrument] === null) return fallback.phase(instrument);
    return this.#phase[instrument]!;
  }

  bestE4(instrument: number, side: number): number {
    const { fallback, streams } = this.#parts;
    if (streams[instrument] === null) return fallback?.bestE4(instrument, side) ?? 0;
    const best =
      side === SIDE_BUY ? this.#book.bestBid(instrument) : this.#book.bestAsk(instrument);
    return Math.max(0, best);
  }

  refusal(instrument: number, priceE4: number): number {
    const { streams, windows, quotas } = this.#parts;
    if (streams[instrument] === null) return 0;
    const { lowE4, highE4 } = windows[instrument]!;
    // Without daily limits the book covers the recorded prices and room around them.
    if (priceE4 !== 0 && (priceE4 < lowE4 || priceE4 > highE4)) return REJECT_OUTSIDE_CAGE;
    return this.#book.orderCount(instrument) >= quotas[instrument]! ? REJECT_TABLE_FULL : 0;
  }

  place(slot: number): void {
    const { working } = this.#own;
    const i = working.instrument[slot]!;
    if (this.#parts.streams[i] === null) {
      this.#parts.fallback?.place(slot);
      return;
    }
    const phase = this.#phase[i]!;
    const side = working.side[slot]!;
    const priceE4 = working.priceE4[slot]!;
    const qty = working.leaves(slot);
    const id = OWN_ORDER_BASE + slot;
    this.#made.count = 0;
    if (isCall(phase)) {
      this.#touched[i] = 1;
      const code = this.#book.add(i, id, side, priceE4, qty);
      if (code === BookCode.OK) this.#feed.add(this.#head(i), id, side, priceE4, qty);
      else this.#own.fills.expireOrder(slot);
    } else if (phase === PHASE_CONTINUOUS) {
      this.#touched[i] = 1;
      this.#submitOwn(slot, i, id);
    }
  }

  remove(slot: number): void {
    const { working } = this.#own;
    const i = working.instrument[slot]!;
    if (this.#parts.streams[i] === null) return;
    const id = OWN_ORDER_BASE + slot;
    const left = this.#book.cancel(i, id, 0);
    if (left > 0 && this.#phase[i] !== PHASE_CLOSED) {
      this.#feed.cancel(this.#head(i), id, working.side[slot]!, left);
    }
  }

  problems(): readonly string[] {
    const lines = this.#parts.fallback === null ? [] : [...this.#parts.fallback.problems()];
    for (const { symbol, unexplained, recordedTrades, refusedOrders } of this.#divergence) {
      if (unexplained > 0) {
        lines.push(
          `${symbol}: ${unexplained} of ${recordedTrades} recorded trades do not follow from the ` +
            'recorded orders; do not believe fills in this stream (pankou verify shows where)',
        );
      }
      if (refusedOrders > 0) {
        lines.push(
          `${symbol}: ${refusedOrders} recorded orders found no place in the changed book`,
        );
      }
    }
    return lines;
  }

  divergence(): StreamDivergence[] {
    const { streams } = this.#parts;
    return this.#divergence.filter((_, i) => streams[i] !== null).map((own) => own.summary());
  }

  /** Takes one recorded event; whether it is published as it stands in `memory`. */
  #take(memory: FrameMemory): boolean {
    const type = memory.i32[1];
    if (type === Phase.TYPE) {
      this.#onPhase(memory);
      return true;
    }
    let i = -1;
    if (type === MarketOrder.TYPE) i = this.#order.wrap(memory, 0).instrument;
    else if (type === MarketTrade.TYPE) i = this.#trade.wrap(memory, 0).instrument;
    else if (type === SnapshotTick.TYPE) i = this.#tick.wrap(memory, 0).instrument;
    else {
      this.#parts.fallback?.apply(memory);
      return true;
    }
    const stream = this.#parts.streams[i] ?? null;
    if (stream === null) {
      this.#parts.fallback?.apply(memory);
      return true;
    }
    if (type === SnapshotTick.TYPE) {
      // A recorded picture of a book that own orders have changed shows another book.
      if (this.#touched[i] === 1) return false;
      this.#own.door.onSnapshot(this.#tick);
      return true;
    }
    return this.#onRow(stream, i, memory, type === MarketOrder.TYPE);
  }

  #onRow(stream: RecordedStream, i: number, memory: FrameMemory, isOrder: boolean): boolean {
    const row = this.#row[i]!++;
    let passes = true;
    if (row < stream.endRow) {
      if (this.#applyDue(stream, i, row)) passes = this.#passes;
      else if (!isOrder || this.#order.action !== MARKET_CANCEL) passes = this.#anew[i] === 0;
    }
    if (this.#matchEnd[i]! > 0 && row + 1 >= this.#matchEnd[i]!) {
      this.#matchEnd[i] = 0;
      this.#inMatch--;
    }
    const { market } = this.#heads[i]!;
    if (!passes) {
      this.#feed.leaveOut(market, isOrder ? this.#order.channel : this.#trade.channel);
      return false;
    }
    this.#feed.pass(market, memory, 0);
    if (!isOrder && this.#trade.priceE4 > 0) this.#own.door.lastE4[i] = this.#trade.priceE4;
    return true;
  }

  /** Applies the operations up to the row; whether one stands at the row itself. */
  #applyDue(stream: RecordedStream, i: number, row: number): boolean {
    const { ops } = stream;
    while (rowFrom(stream, this.#at[i]!) < row) this.#apply(stream, i, this.#at[i]!++);
    if (rowFrom(stream, this.#at[i]!) !== row) return false;
    // What has no row of its own stands before the next one that has.
    while (ops.row[this.#at[i]!] !== row) this.#apply(stream, i, this.#at[i]!++);
    this.#apply(stream, i, this.#at[i]!++);
    return true;
  }

  #onPhase(memory: FrameMemory): void {
    const { instrument, phase } = this.#phaseIn.wrap(memory, 0);
    const { streams, fallback } = this.#parts;
    fallback?.apply(memory);
    for (let i = 0; i < streams.length; i++) {
      const stream = streams[i];
      if ((instrument >= 0 && instrument !== i) || stream === null || stream === undefined)
        continue;
      // A call without recorded trades has no row to stand at: it ends with its phase.
      const at = this.#at[i]!;
      const due = at < stream.ops.count && stream.ops.row[at] === NO_ROW;
      if (isCall(this.#phase[i]!) && !isCall(phase) && due && stream.ops.op[at] === OP_UNCROSS) {
        this.#at[i]!++;
        this.#apply(stream, i, at);
      }
      this.#phase[i] = phase;
    }
  }

  #apply(stream: RecordedStream, i: number, at: number): void {
    const { ops } = stream;
    this.#passes = true;
    if (this.#parts.withheld?.[i]?.has(ops.id[at]!) === true && ops.op[at] !== OP_UNCROSS) {
      this.#passes = false;
      if (ops.op[at] === OP_SUBMIT) this.#anew[i] = 1;
      return;
    }
    switch (ops.op[at]) {
      case OP_ADD: {
        const { id, side, priceE4, qty } = ops;
        const code = this.#book.add(i, id[at]!, side[at]!, priceE4[at]!, qty[at]!);
        if (code !== BookCode.OK) this.#divergence[i]!.refusedOrders++;
        return;
      }
      case OP_CANCEL:
        this.#cancelRecorded(stream, i, at);
        return;
      case OP_NOTHING:
        this.#anew[i] = 0;
        this.#divergence[i]!.unexplained += ops.tradeTo[at]! - ops.tradeFrom[at]!;
        return;
      case OP_UNCROSS:
        this.#uncross(stream, i, at);
        return;
      default:
        this.#submitRecorded(stream, i, at);
    }
  }

  #submitRecorded(stream: RecordedStream, i: number, at: number): void {
    const { ops } = stream;
    const { id, side, kind, priceE4, qty } = ops;
    const book = this.#book;
    this.#made.count = 0;
    const made = book.submit(i, id[at]!, side[at]!, kind[at]!, priceE4[at]!, qty[at]!);
    if (made > 0) this.#collect();
    if (made < 0) this.#divergence[i]!.refusedOrders++;
    const { restedQty, restedPriceE4, killedQty } = book;
    if (this.#isAsRecorded(stream, i, at)) {
      if (made >= 0 && killedQty > 0) this.#killedNo[i] = id[at]!;
      return;
    }
    if (made < 0) return;
    const head = this.#head(i);
    if (kind[at] === KIND_LIMIT) {
      const entered = stream.full ? priceE4[at]! : restedPriceE4;
      this.#publish(stream, head, id[at]!, side[at]!, entered, stream.full ? qty[at]! : restedQty);
    } else this.#publishMarket(stream, head, id[at]!, side[at]!);
  }

  /** Publishes an order and the trades just made in the manner of the stream. */
  #publish(
    stream: RecordedStream,
    head: FeedHead,
    id: number,
    side: number,
    priceE4: number,
    qty: number,
  ): void {
    if (stream.full && qty > 0) this.#feed.add(head, id, side, priceE4, qty);
    this.#publishTrades(head, side);
    if (!stream.full && qty > 0) this.#feed.add(head, id, side, priceE4, qty);
  }

  /** A market order is published as the limit order that makes the same trades and rests alike. */
  #publishMarket(stream: RecordedStream, head: FeedHead, id: number, side: number): void {
    const { restedQty, restedPriceE4 } = this.#book;
    const made = this.#made;
    const last = made.count > 0 ? made.priceE4[made.count - 1]! : 0;
    let qty = restedQty;
    if (stream.full) for (let t = 0; t < made.count; t++) qty += made.qty[t]!;
    this.#publish(stream, head, id, side, restedQty > 0 ? restedPriceE4 : last, qty);
  }

  #publishTrades(head: FeedHead, aggressor: number): void {
    const { count, buyId, sellId, priceE4, qty } = this.#made;
    for (let t = 0; t < count; t++) {
      this.#feed.trade(head, buyId[t]!, sellId[t]!, aggressor, priceE4[t]!, qty[t]!);
    }
    if (count > 0) this.#own.door.lastE4[head.instrument] = priceE4[count - 1]!;
  }

  /** The call's price and its trades, own orders among them. */
  #uncross(stream: RecordedStream, i: number, at: number): void {
    const { ops } = stream;
    const { market, preCloseE4 } = this.#parts.instruments[i]!;
    const isOpening = ops.part[at] === OPENING;
    const lastE4 = this.#own.door.lastE4[i]!;
    const referenceE4 = callReferenceE4(market, isOpening, preCloseE4, lastE4);
    const priceE4 = this.#book.auctionPriceE4(i, referenceE4);
    this.#made.count = 0;
    if (priceE4 > 0 && this.#book.uncross(i, priceE4) > 0) this.#collect();
    if (!this.#isAsRecorded(stream, i, at)) this.#publishTrades(this.#head(i), 0);
  }

  /**
   * Compares the trades just made with those recorded, reports own fills, and decides whether the
   * recorded rows stand. Before the first own order history stands whatever the kernel says.
   */
  #isAsRecorded(stream: RecordedStream, i: number, at: number): boolean {
    const { ops, trades } = stream;
    const from = ops.tradeFrom[at]!;
    const to = ops.tradeTo[at]!;
    const made = this.#made;
    const divergence = this.#divergence[i]!;
    divergence.recordedTrades += to - from;
    const row = ops.row[at]!;
    if (row !== NO_ROW && to > from) this.#openMatch(stream, i, at, row + to - from + 1);
    let same = to - from === made.count;
    for (let t = 0; same && t < made.count; t++) same = isSameTrade(made, t, trades, from + t);
    if (same || this.#touched[i] === 0) {
      if (!same) divergence.unexplained += Math.max(1, to - from - made.count);
      this.#anew[i] = 0;
      return true;
    }
    divergence.compare(trades, from, to, made, this.nowNs);
    this.#fillOwn();
    this.#anew[i] = 1;
    this.#passes = false;
    return false;
  }

  /** Requests wait until the rows of this matching are out. */
  #openMatch(stream: RecordedStream, i: number, at: number, end: number): void {
    const limit = Math.min(rowFrom(stream, at + 1), stream.endRow);
    if (this.#matchEnd[i] === 0) this.#inMatch++;
    this.#matchEnd[i] = Math.min(end, limit);
  }

  /** A recorded cancel takes all that is left; an order that our orders have used up is gone. */
  #cancelRecorded(stream: RecordedStream, i: number, at: number): void {
    const { id, side, qty } = stream.ops;
    const left = this.#book.cancel(i, id[at]!, 0);
    if (left === qty[at] || this.#touched[i] === 0) return;
    if (left < 0 && this.#killedNo[i] === id[at]) {
      this.#killedNo[i] = 0;
      return;
    }
    this.#passes = false;
    if (left > 0) {
      this.#divergence[i]!.cancelsOfOtherQty++;
      this.#feed.cancel(this.#head(i), id[at]!, side[at]!, left);
    } else this.#divergence[i]!.cancelsOfGone++;
  }

  #submitOwn(slot: number, i: number, id: number): void {
    const { working, fills } = this.#own;
    const side = working.side[slot]!;
    const kind = working.kind[slot]!;
    const priceE4 = working.priceE4[slot]!;
    const qty = working.leaves(slot);
    const book = this.#book;
    const made = book.submit(i, id, side, kind, priceE4, qty);
    if (made < 0) {
      fills.expireOrder(slot);
      return;
    }
    this.#collect();
    const { restedQty, restedPriceE4 } = book;
    if (kind !== KIND_LIMIT && restedQty > 0) working.priceE4[slot] = restedPriceE4;
    const stream = this.#parts.streams[i]!;
    const head = this.#head(i);
    if (kind === KIND_LIMIT) {
      this.#publish(stream, head, id, side, priceE4, stream.full ? qty : restedQty);
    } else this.#publishMarket(stream, head, id, side);
    if (made > 0) {
      this.#divergence[i]!.compare(stream.trades, 0, 0, this.#made, this.nowNs);
      this.#fillOwn();
    }
    if (restedQty === 0 && working.live[slot] === 1) fills.expireOrder(slot);
  }

  /** Reports the own sides of the trades just made. */
  #fillOwn(): void {
    const { count, buyId, sellId, priceE4, qty } = this.#made;
    const { fills } = this.#own;
    for (let t = 0; t < count; t++) {
      const buy = buyId[t]! - OWN_ORDER_BASE;
      const sell = sellId[t]! - OWN_ORDER_BASE;
      if (buy >= 0) fills.fillOrder(buy, priceE4[t]!, qty[t]!);
      if (sell >= 0) fills.fillOrder(sell, priceE4[t]!, qty[t]!);
    }
  }

  /** Keeps the kernel's trades: a later call overwrites them. */
  #collect(): void {
    const book = this.#book;
    this.#made.count = 0;
    for (let t = 0; t < book.tradeCount; t++) {
      const priceE4 = book.tradePriceE4(t);
      this.#made.push(book.tradeBuyId(t), book.tradeSellId(t), priceE4, book.tradeQty(t));
    }
  }

  #head(i: number): FeedHead {
    const head = this.#heads[i]!;
    head.ns = this.nowNs;
    return head;
  }
}

/** Row of the next operation from `at` on that has one; beyond every row when none has. */
function rowFrom({ ops }: RecordedStream, at: number): number {
  let next = at;
  while (next < ops.count && ops.row[next] === NO_ROW) next++;
  return next < ops.count ? ops.row[next]! : Number.MAX_SAFE_INTEGER;
}

function isSameTrade(a: TradeList, at: number, b: TradeList, bt: number): boolean {
  return (
    a.buyId[at] === b.buyId[bt] &&
    a.sellId[at] === b.sellId[bt] &&
    a.priceE4[at] === b.priceE4[bt] &&
    a.qty[at] === b.qty[bt]
  );
}
