// The order stream that must have arrived, derived from what each exchange publishes (rules sheet
// 11.1, 11.2). Called by verify-day.ts. SSE publishes what rests, so an aggressive order is rebuilt
// from its trades and the remainder behind them; SZSE publishes every order in full, but not which
// of four kinds a market order is: that shows in what follows it.
// Always: nothing of the book is used here, only the feed; trades are handed out as expectations.
import {
  CLOSE_NS,
  CLOSING_CALL_NS,
  MORNING_NS,
  OPENING_UNCROSS_NS,
} from '../backtest/data/sessions.ts';
import { OrderKind } from '../core/book.ts';
import type { FeedRows } from './feed-rows.ts';
import { ROW_ADD, ROW_CANCEL, ROW_TRADE } from './feed-rows.ts';
import { openingBook } from './opening-book.ts';
import { CLOSING, CONTINUOUS, NO_ROW, OPENING, OrderOps } from './order-ops.ts';

/**
 * How a feed publishes: `sse` what rests, behind its trades; `szse` every order, market kinds
 * undivided; `full` every order with its kind.
 */
export type FeedStyle = 'sse' | 'szse' | 'full';

/** Facts beside the rows. */
export interface DeriveOptions {
  readonly style: FeedStyle;
  readonly hasClosingCall: boolean;
  /** The rows before 9:30 are resting orders that somebody put in front of a partial day. */
  readonly hasStartBook: boolean;
}

/** The derived stream, and what had to be assumed. */
export interface Derived {
  readonly ops: OrderOps;
  /** Orders put in front of a partial day, from the records that refer to them. */
  readonly openingOrders: number;
  /** Shares of the orders from before the data, also of those without a price, by number. */
  readonly before: ReadonlyMap<number, number>;
  /** Cancels left out: their order came before the data and its price is not known. */
  readonly droppedCancels: number;
  /** Rows after the close, which are not compared. */
  readonly rowsAfterClose: number;
}

/** Derives the operations of one instrument's day. O(rows). */
export function deriveOps(rows: FeedRows, options: DeriveOptions): Derived {
  const ops = new OrderOps(2 * rows.count + 2);
  const start = rowFrom(rows, 0, MORNING_NS);
  const close = options.hasClosingCall ? closingStart(rows, start, options.style) : rows.count;
  const partial = start === 0;
  const book = partial ? openingBook(rows, close) : null;
  for (const order of book?.orders ?? []) {
    ops.add(OPENING, NO_ROW, order.id, order.side, order.priceE4, order.qty);
  }
  const opened = !partial && !(options.hasStartBook && rows.ns[0] >= OPENING_UNCROSS_NS);
  call(ops, rows, 0, start, OPENING, opened);
  const dropped = continuous(ops, rows, start, close, options.style, book?.priceless ?? NONE);
  const end = close < rows.count ? rowAfterClose(rows, close) : rows.count;
  if (close < rows.count) call(ops, rows, close, end, CLOSING, rows.ns[rows.count - 1] >= CLOSE_NS);
  return {
    ops,
    openingOrders: book?.orders.length ?? 0,
    before: book?.shares ?? NO_SHARES,
    droppedCancels: dropped,
    rowsAfterClose: rows.count - end,
  };
}

const NONE: ReadonlySet<number> = new Set();
const NO_SHARES: ReadonlyMap<number, number> = new Map();

function rowFrom(rows: FeedRows, from: number, ns: number): number {
  let row = from;
  while (row < rows.count && rows.ns[row] < ns) row++;
  return row;
}

/**
 * First row of the closing call: an order or cancel from 14:57 on that is not the remainder of the
 * trades before it, or an auction's trade. Continuous trades may print late.
 */
function closingStart(rows: FeedRows, from: number, style: FeedStyle): number {
  for (let row = rowFrom(rows, from, CLOSING_CALL_NS); row < rows.count; row++) {
    if (rows.type[row] === ROW_TRADE) {
      if (rows.ns[row] >= CLOSE_NS) return row;
    } else if (!(style === 'sse' && isRemainder(rows, row))) return row;
  }
  return rows.count;
}

/** Orders after 15:00 are fixed-price orders; the trades printed then are the call's. */
function rowAfterClose(rows: FeedRows, from: number): number {
  let row = rowFrom(rows, from, CLOSE_NS);
  while (row < rows.count && rows.type[row] === ROW_TRADE && rows.side[row] === 0) row++;
  return row;
}

/**
 * A call: orders and cancels rest; its trades are those of one uncrossing, which comes where the
 * first of them stands, or without any at the call's end. What follows it waits for what is next.
 */
function call(
  ops: OrderOps,
  rows: FeedRows,
  from: number,
  to: number,
  part: number,
  uncrosses: boolean,
): void {
  let trades = 0;
  let turn = to;
  for (let row = to - 1; row >= from; row--) {
    if (rows.type[row] !== ROW_TRADE) continue;
    trades++;
    turn = row;
  }
  if (trades === 0) turn = rowFrom(rows, from, part === OPENING ? OPENING_UNCROSS_NS : CLOSE_NS);
  turn = Math.min(turn, to);
  for (let row = from; row <= to; row++) {
    if (row === turn) {
      const record = trades > 0 ? row : NO_ROW;
      if (uncrosses) ops.uncross(part, record, trades);
      else if (trades > 0) ops.nothing(part, record, trades);
    }
    if (row === to) break;
    if (rows.type[row] === ROW_ADD) {
      ops.add(part, row, rows.id[row], rows.side[row], rows.priceE4[row], rows.qty[row]);
    } else if (rows.type[row] === ROW_CANCEL) {
      ops.cancel(part, row, rows.id[row], rows.side[row], rows.qty[row]);
    }
  }
}

/** Continuous trading; returns how many cancels were left out. */
function continuous(
  ops: OrderOps,
  rows: FeedRows,
  from: number,
  to: number,
  style: FeedStyle,
  priceless: ReadonlySet<number>,
): number {
  let dropped = 0;
  let row = from;
  while (row < to) {
    const type = rows.type[row];
    if (type === ROW_CANCEL) {
      if (priceless.has(rows.id[row])) dropped++;
      else ops.cancel(CONTINUOUS, row, rows.id[row], rows.side[row], rows.qty[row]);
      row++;
    } else if (type === ROW_ADD) {
      row = style === 'sse' ? restingOrder(ops, rows, row) : fullOrder(ops, rows, row, to, style);
    } else if (style === 'sse' && rows.side[row] !== 0) {
      row = aggressiveOrder(ops, rows, row, to);
    } else {
      ops.nothing(CONTINUOUS, row, 1);
      row++;
    }
  }
  return dropped;
}

/** SSE: an order that met nothing appears in full. */
function restingOrder(ops: OrderOps, rows: FeedRows, row: number): number {
  const { id, side, priceE4, qty } = rows;
  ops.submit(row, 0, id[row], side[row], OrderKind.LIMIT, priceE4[row], qty[row]);
  return row + 1;
}

/**
 * SSE: consecutive trades of one aggressor, and the remainder right behind them. Its limit is the
 * remainder's price, or the worst trade price when nothing remains.
 */
function aggressiveOrder(ops: OrderOps, rows: FeedRows, from: number, to: number): number {
  const side = rows.side[from];
  const id = rows.aggressorId(from);
  let limitE4 = rows.priceE4[from];
  let qty = 0;
  let row = from;
  for (; row < to && isTradeOf(rows, row, side, id); row++) {
    const priceE4 = rows.priceE4[row];
    limitE4 = side === 1 ? Math.max(limitE4, priceE4) : Math.min(limitE4, priceE4);
    qty += rows.qty[row];
  }
  const trades = row - from;
  if (row < to && isRemainder(rows, row)) {
    limitE4 = rows.priceE4[row];
    qty += rows.qty[row];
    row++;
  }
  ops.submit(from, trades, id, side, OrderKind.LIMIT, limitE4, qty);
  return row;
}

function isTradeOf(rows: FeedRows, row: number, side: number, id: number): boolean {
  if (rows.type[row] !== ROW_TRADE || rows.side[row] !== side) return false;
  return rows.aggressorId(row) === id;
}

/** Whether an order row is what remains of the aggressor of the trade before it. */
function isRemainder(rows: FeedRows, row: number): boolean {
  if (row === 0 || rows.type[row] !== ROW_ADD) return false;
  return isTradeOf(rows, row - 1, rows.side[row], rows.id[row]);
}

/** SZSE: the order in full, then the trades it made on arrival. */
function fullOrder(
  ops: OrderOps,
  rows: FeedRows,
  from: number,
  to: number,
  style: FeedStyle,
): number {
  const id = rows.id[from];
  const side = rows.side[from];
  let row = from + 1;
  let traded = 0;
  for (; row < to && isOwnTrade(rows, row, side, id); row++) traded += rows.qty[row];
  const trades = row - from - 1;
  const qty = rows.qty[from];
  const published = rows.kind[from];
  const isLimit = published === OrderKind.LIMIT;
  const kind =
    style === 'full' || isLimit || published === OrderKind.OWN_BEST
      ? published
      : marketKind(rows, from, row, to, qty - traded);
  // Of SZSE's market kinds none has a protection price; what stands in the field means nothing.
  const priceE4 = isLimit || style === 'full' ? rows.priceE4[from] : 0;
  ops.submit(from, trades, id, side, kind, priceE4, qty);
  return row;
}

/** By order numbers: a flag may be absent from the feed (then the loader has computed one). */
function isOwnTrade(rows: FeedRows, row: number, side: number, id: number): boolean {
  if (rows.type[row] !== ROW_TRADE) return false;
  return side === 1
    ? rows.id[row] === id && rows.sellId[row] < id
    : rows.sellId[row] === id && rows.id[row] < id;
}

/** Levels that the best-5 kinds reach. */
const BEST_LEVELS = 5;

/**
 * Which of SZSE's four market kinds an order was, by what follows it (rules sheet 11.1): the rest
 * cancelled at once after trades: best five, or all levels when it went deeper; the whole cancelled
 * at once: fill or kill; a rest that stays: opposite best. One that is used up needs no telling.
 */
function marketKind(rows: FeedRows, from: number, next: number, to: number, left: number): number {
  const levels = new Set(rows.priceE4.subarray(from + 1, next)).size;
  const deeper = levels > BEST_LEVELS;
  if (left === 0) return deeper ? OrderKind.IOC : OrderKind.BEST5_CANCEL;
  const killed =
    next < to &&
    rows.type[next] === ROW_CANCEL &&
    rows.id[next] === rows.id[from] &&
    rows.ns[next] === rows.ns[next - 1];
  if (!killed) return OrderKind.OPPOSITE_BEST;
  if (levels === 0) return OrderKind.FOK;
  return deeper ? OrderKind.IOC : OrderKind.BEST5_CANCEL;
}
