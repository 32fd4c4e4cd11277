// The recorded order stream of each instrument as the operations that must have arrived at the
// exchange (engine/verify derives them), with the trades the exchange published for each. Made once
// by session.ts for order-world.ts. Always: of the whole day, so it knows what no actor may know
// yet; it goes to the exchange alone, and frames leave it in feed order only.

import type { Tape } from '../../engine/backtest/tape.ts';
import { TapeCursor } from '../../engine/backtest/tape.ts';
import { hasClosingCall, type Instrument } from '../../engine/core/instrument.ts';
import { MARKET_SSE } from '../../engine/messages/codes.ts';
import { MarketOrder, MarketTrade } from '../../engine/messages/generated/market.ts';
import { deriveOps, type FeedStyle } from '../../engine/verify/derive-ops.ts';
import { feedsOfTape, ROW_ADD } from '../../engine/verify/feed-rows.ts';
import { publishedTrades } from '../../engine/verify/judge.ts';
import type { OrderOps, TradeList } from '../../engine/verify/order-ops.ts';
import { OP_ADD, OP_SUBMIT } from '../../engine/verify/order-ops.ts';

/** Own orders stand in the kernel under this number and above; recorded numbers are below. */
export const OWN_ORDER_BASE = 1_500_000_000;

/** One instrument's recorded day. */
export interface RecordedStream {
  /** Every order is published in full before its trades; else only what rests, behind them. */
  readonly full: boolean;
  readonly ops: OrderOps;
  /** In sequence; an operation names its own by tradeFrom and tradeTo. */
  readonly trades: TradeList;
  /** Rows from here on are after the close: published as they are. */
  readonly endRow: number;
  /** Orders that may come to rest. */
  readonly orders: number;
  /** Feed channels its orders and trades come through. */
  readonly orderChannel: number;
  readonly tradeChannel: number;
}

/** A day of the feed. */
export interface RecordedDay {
  readonly tape: Tape;
  readonly instruments: readonly Instrument[];
  /** Layout of each instrument's order stream; '' = none. */
  readonly orderLayouts: readonly string[];
  readonly hasStartBook: boolean;
}

/** Streams by instrument; null where no orders were recorded. Throws for numbers out of range. */
export function recordedStreams(day: RecordedDay): (RecordedStream | null)[] {
  if (!hasOrders(day.tape)) return day.instruments.map(() => null);
  const feeds = feedsOfTape(day.tape, day.instruments.length);
  const channels = channelsOf(day.tape, day.instruments.length);
  return day.instruments.map((instrument, i) => {
    const { rows } = feeds[i]!;
    if (!rows.type.includes(ROW_ADD)) return null;
    for (let row = 0; row < rows.count; row++) {
      if (rows.id[row]! < OWN_ORDER_BASE && rows.sellId[row]! < OWN_ORDER_BASE) continue;
      const number = Math.max(rows.id[row]!, rows.sellId[row]!);
      throw new Error(
        `${instrument.symbol}: order number ${number} in the data; the order stream can be ` +
          `matched anew with numbers below ${OWN_ORDER_BASE} (--world touch does without)`,
      );
    }
    const style = styleOf(instrument, day.orderLayouts[i]!);
    const closes = hasClosingCall(instrument);
    const options = { style, hasClosingCall: closes, hasStartBook: day.hasStartBook };
    const { ops, rowsAfterClose } = deriveOps(rows, options);
    let orders = 0;
    for (let at = 0; at < ops.count; at++) {
      if (ops.op[at] === OP_ADD || ops.op[at] === OP_SUBMIT) orders++;
    }
    return {
      full: style !== 'sse',
      ops,
      trades: publishedTrades(rows),
      endRow: rows.count - rowsAfterClose,
      orders,
      ...channels[i]!,
    };
  });
}

/** Bars of thousands of instruments have no columns of orders to be taken off. */
function hasOrders(tape: Tape): boolean {
  for (const cursor = new TapeCursor(tape); !cursor.done; cursor.advance()) {
    if (cursor.type === MarketOrder.TYPE) return true;
  }
  return false;
}

/** How the files publish: our own layout every order, SZSE too, SSE what rests. */
function styleOf(instrument: Instrument, layout: string): FeedStyle {
  if (layout.startsWith('pankou')) return 'full';
  return instrument.market === MARKET_SSE ? 'sse' : 'szse';
}

/** Channels by instrument; one that was never seen is the other. */
function channelsOf(tape: Tape, instruments: number) {
  const found = Array.from({ length: instruments }, () => ({ orderChannel: -1, tradeChannel: -1 }));
  const order = new MarketOrder();
  for (const cursor = new TapeCursor(tape); !cursor.done; cursor.advance()) {
    const isOrder = cursor.type === MarketOrder.TYPE;
    if (!isOrder && cursor.type !== MarketTrade.TYPE) continue;
    // Instrument and channel lie at the same place in orders and trades.
    order.wrap(cursor.memory, cursor.at);
    const own = found[order.instrument]!;
    if (isOrder) own.orderChannel = order.channel;
    else own.tradeChannel = order.channel;
  }
  for (const own of found) {
    if (own.tradeChannel < 0) own.tradeChannel = own.orderChannel;
    if (own.orderChannel < 0) own.orderChannel = own.tradeChannel;
  }
  return found;
}
