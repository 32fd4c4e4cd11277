// Readers of order, trade and start-book rows: one CSV row becomes one MarketOrder or MarketTrade
// frame of its stream. Called by the loader for every row of such files. Always: a row is read
// whole before anything of it is written; sequence numbers of a stream rise.
import { parseAmountE4 } from '../../core/price.ts';
import {
  KIND_LIMIT,
  MARKET_ADD,
  MARKET_CANCEL,
  MARKET_SZSE,
  SIDE_BUY,
  SIDE_SELL,
  STAGE_FEED,
} from '../../messages/codes.ts';
import { MarketOrder, MarketTrade } from '../../messages/generated/market.ts';
import type { OrderLayout, StartBookLayout, TradeLayout } from './layout.ts';
import type { Row } from './row.ts';
import { NO_COLUMN, RowClock } from './row.ts';
import { isInCall } from './sessions.ts';
import type { Stream, StreamSet } from './stream-set.ts';
import { SymbolReader } from './stream-set.ts';

/** Reads the current row of its file; throws CsvRowError. */
export interface RowReader {
  read(): void;
}

/** Orders and, on SSE, cancels. */
export class OrderReader implements RowReader {
  readonly #row: Row;
  readonly #layout: OrderLayout;
  readonly #streams: StreamSet;
  readonly #clock: RowClock;
  readonly #symbols: SymbolReader;
  readonly #order = new MarketOrder();
  readonly #columns: { readonly [name: string]: number };

  constructor(row: Row, layout: OrderLayout, streams: StreamSet, fileDay: number) {
    this.#row = row;
    this.#layout = layout;
    this.#streams = streams;
    this.#clock = new RowClock(row, layout.clock, fileDay);
    this.#symbols = new SymbolReader(row, layout, streams.book);
    this.#columns = {
      channel: row.column(layout.channel),
      seq: row.column(layout.seq),
      orderNo: row.column(layout.orderNo),
      side: row.column(layout.side),
      qty: row.column(layout.qty),
      price: row.column(layout.priceColumn),
      action: row.optional(layout.action),
      kind: row.optional(layout.kind),
      power: row.optional(layout.powerOf10),
    };
  }

  read(): void {
    const row = this.#row;
    const layout = this.#layout;
    const { channel, seq, orderNo, side, qty, price, action, kind, power } = this.#columns;
    const symbol = this.#symbols.read();
    const ns = this.#clock.read();
    const stream = this.#streams.of(row, layout, 'orders', symbol, this.#clock.day);
    if (stream === null) return;
    checkPower(row, power);
    const sequence = nextSequence(row, seq, stream);
    const channelNo = row.int32(channel, 0, 'a channel number');
    const number = row.int32(orderNo, 1, 'an order number');
    const sideCode = row.code(side, layout.sides);
    const shares = row.qty(qty);
    const what = layout.actions === undefined ? MARKET_ADD : row.code(action, layout.actions);
    const asked = layout.kinds === undefined ? KIND_LIMIT : row.code(kind, layout.kinds);
    const needsPrice = asked === KIND_LIMIT && what === MARKET_ADD;
    const priceE4 = needsPrice
      ? row.realPrice(price, layout.price, stream.tickE4)
      : this.#otherPrice(asked, stream.tickE4);

    const at = stream.tape.claim(MarketOrder.BYTES);
    const order = this.#order.begin(stream.tape.tail, at);
    order.source = STAGE_FEED;
    order.eventNs = stream.risingNs(ns);
    order.instrument = stream.provisional;
    order.channel = channelNo;
    order.channelSeq = sequence;
    order.orderNo = number;
    order.action = what;
    order.side = sideCode;
    order.kind = asked;
    order.priceE4 = priceE4;
    order.qty = shares;
    stream.lastSeq = sequence;
    stream.commit(row.line);
  }

  /** Price of a row that needs none; SZSE's market kinds carry a filler: 0, nines, anything. */
  #otherPrice(kind: number, tickE4: number): number {
    const { market, price } = this.#layout;
    if (market === MARKET_SZSE && kind !== KIND_LIMIT) return 0;
    return this.#row.price(this.#columns['price'], price, tickE4);
  }
}

/** Trades and, on SZSE, cancels. */
export class TradeReader implements RowReader {
  readonly #row: Row;
  readonly #layout: TradeLayout;
  readonly #streams: StreamSet;
  readonly #clock: RowClock;
  readonly #symbols: SymbolReader;
  readonly #order = new MarketOrder();
  readonly #trade = new MarketTrade();
  readonly #columns: { readonly [name: string]: number };

  constructor(row: Row, layout: TradeLayout, streams: StreamSet, fileDay: number) {
    this.#row = row;
    this.#layout = layout;
    this.#streams = streams;
    this.#clock = new RowClock(row, layout.clock, fileDay);
    this.#symbols = new SymbolReader(row, layout, streams.book);
    this.#columns = {
      channel: row.column(layout.channel),
      seq: row.column(layout.seq),
      buyNo: row.column(layout.buyNo),
      sellNo: row.column(layout.sellNo),
      qty: row.column(layout.qty),
      price: row.column(layout.priceColumn),
      aggressor: row.optional(layout.aggressor),
      exec: row.optional(layout.exec),
      power: row.optional(layout.powerOf10),
    };
  }

  read(): void {
    const row = this.#row;
    const layout = this.#layout;
    const columns = this.#columns;
    const symbol = this.#symbols.read();
    const ns = this.#clock.read();
    const stream = this.#streams.of(row, layout, 'trades', symbol, this.#clock.day);
    if (stream === null) return;
    checkPower(row, columns['power']);
    const sequence = nextSequence(row, columns['seq'], stream);
    const channel = row.int32(columns['channel'], 0, 'a channel number');
    const buyNo = row.orderNo(columns['buyNo']);
    const sellNo = row.orderNo(columns['sellNo']);
    const qty = row.qty(columns['qty']);
    const cancel = layout.execs !== undefined && row.code(columns['exec'], layout.execs) === 1;
    if (cancel) this.#writeCancel(stream, ns, channel, sequence, buyNo, sellNo, qty);
    else this.#writeTrade(stream, ns, channel, sequence, buyNo, sellNo, qty);
    stream.lastSeq = sequence;
    stream.commit(row.line);
  }

  /** The side of a cancel is the side of the one order number it carries; it has no price. */
  #writeCancel(
    stream: Stream,
    ns: number,
    channel: number,
    sequence: number,
    buyNo: number,
    sellNo: number,
    qty: number,
  ): void {
    if (buyNo > 0 === sellNo > 0) {
      this.#row.bad(this.#columns['buyNo'], 'exactly one order number on a cancel');
    }
    const at = stream.tape.claim(MarketOrder.BYTES);
    const order = this.#order.begin(stream.tape.tail, at);
    order.source = STAGE_FEED;
    order.eventNs = stream.risingNs(ns);
    order.instrument = stream.provisional;
    order.channel = channel;
    order.channelSeq = sequence;
    order.orderNo = buyNo > 0 ? buyNo : sellNo;
    order.action = MARKET_CANCEL;
    order.side = buyNo > 0 ? SIDE_BUY : SIDE_SELL;
    order.kind = KIND_LIMIT;
    order.qty = qty;
  }

  #writeTrade(
    stream: Stream,
    ns: number,
    channel: number,
    sequence: number,
    buyNo: number,
    sellNo: number,
    qty: number,
  ): void {
    const row = this.#row;
    const columns = this.#columns;
    if (buyNo === 0) row.bad(columns['buyNo'], "the buyer's order number on a trade");
    if (sellNo === 0) row.bad(columns['sellNo'], "the seller's order number on a trade");
    const priceE4 = row.realPrice(columns['price'], this.#layout.price, stream.tickE4);
    const aggressor = this.#aggressorOf(ns, buyNo, sellNo);
    const at = stream.tape.claim(MarketTrade.BYTES);
    const trade = this.#trade.begin(stream.tape.tail, at);
    trade.source = STAGE_FEED;
    trade.eventNs = stream.risingNs(ns);
    trade.instrument = stream.provisional;
    trade.channel = channel;
    trade.channelSeq = sequence;
    trade.buyNo = buyNo;
    trade.sellNo = sellNo;
    trade.aggressor = aggressor;
    trade.priceE4 = priceE4;
    trade.qty = qty;
  }

  /** As flagged; without a flag the later order in continuous trading (rules sheet 11.1). */
  #aggressorOf(ns: number, buyNo: number, sellNo: number): number {
    const codes = this.#layout.aggressors;
    const column = this.#columns['aggressor'];
    if (codes !== undefined && column !== NO_COLUMN) return this.#row.code(column, codes);
    if (isInCall(ns)) return 0;
    return buyNo > sellNo ? SIDE_BUY : SIDE_SELL;
  }
}

/** One order of a start book. */
export interface StartOrder {
  readonly line: number;
  readonly orderNo: number;
  readonly side: number;
  readonly priceE4: number;
  readonly qty: number;
}

/** The resting orders of a partial day. */
export interface StartBook {
  readonly file: string;
  readonly orders: readonly StartOrder[];
  /** Numbers of orders that were only ever cancelled, so that their price is not known. */
  readonly priceless: ReadonlySet<number>;
  /** Whose; absent: the file does not say, so it has to be the only instrument. */
  readonly symbol?: string | undefined;
}

/** Reads the resting orders of a partial day; those without a price are set apart by number. */
export class StartBookReader implements RowReader, StartBook {
  readonly file: string;
  readonly orders: StartOrder[] = [];
  /** Numbers of orders that were only ever cancelled, so that their price is not known. */
  readonly priceless = new Set<number>();
  readonly #row: Row;
  readonly #layout: StartBookLayout;

  constructor(row: Row, layout: StartBookLayout) {
    this.file = row.file;
    this.#row = row;
    this.#layout = layout;
  }

  read(): void {
    const row = this.#row;
    const layout = this.#layout;
    const orderNo = row.int32(row.column(layout.seq), 1, 'an order number');
    const side = row.code(row.column(layout.side), layout.sides);
    const qty = row.qty(row.column(layout.qty));
    const column = row.column(layout.priceColumn);
    if (row.fields[column] === '') {
      this.priceless.add(orderNo);
      return;
    }
    const priceE4 = row.realPrice(column, layout.price, 1);
    this.orders.push({ line: row.line, orderNo, side, priceE4, qty });
  }
}

function nextSequence(row: Row, column: number, stream: Stream): number {
  const sequence = row.int32(column, 0, 'a sequence number');
  if (sequence === stream.lastSeq) {
    row.bad(column, `a sequence number after ${sequence}, which the row before has (duplicate)`);
  }
  if (sequence < stream.lastSeq) {
    row.bad(column, `a sequence number above ${stream.lastSeq} (rows must be in sequence)`);
  }
  return sequence;
}

function checkPower(row: Row, column: number): void {
  if (column === NO_COLUMN) return;
  if (parseAmountE4(row.fields[column]) !== 4 * 10_000) row.bad(column, '4 (prices x 10,000)');
}
