// The order and trade rows of one instrument as columns, taken off the tape of a day, and its
// ten-level pictures beside them. Called by verify-day.ts; read by the derivations and the judge.
// Always: rows are in the exchange's sequence; a column is as long as there are rows; row i of one
// column belongs to row i of every other.
import type { Tape } from '../backtest/tape.ts';
import { TapeCursor } from '../backtest/tape.ts';
import { MARKET_ADD } from '../messages/codes.ts';
import { MarketOrder, MarketTrade, SnapshotTick } from '../messages/generated/market.ts';

/** What a row is. */
export const ROW_ADD = 1;
export const ROW_CANCEL = 2;
export const ROW_TRADE = 3;

/** Columns of one instrument's feed. */
export class FeedRows {
  readonly count: number;
  /** ROW_*. */
  readonly type: Uint8Array;
  /** Sequence number of the exchange. */
  readonly seq: Int32Array;
  /** ns since midnight. */
  readonly ns: Float64Array;
  /** Order number; on a trade the buyer's. */
  readonly id: Int32Array;
  /** The seller's order number on a trade, else 0. */
  readonly sellId: Int32Array;
  /** Side of an order or cancel; on a trade the aggressor's, 0 = call auction. */
  readonly side: Uint8Array;
  /** KIND_* of an order, else 0. */
  readonly kind: Uint8Array;
  /** 1/10,000 yuan; 0 = none (market kinds, most cancels). */
  readonly priceE4: Int32Array;
  readonly qty: Int32Array;
  /** Published trades. */
  tradeCount = 0;

  constructor(count: number) {
    this.count = count;
    this.type = new Uint8Array(count);
    this.seq = new Int32Array(count);
    this.ns = new Float64Array(count);
    this.id = new Int32Array(count);
    this.sellId = new Int32Array(count);
    this.side = new Uint8Array(count);
    this.kind = new Uint8Array(count);
    this.priceE4 = new Int32Array(count);
    this.qty = new Int32Array(count);
  }

  /** Number of the order that met resting orders in this trade; 0 in a call auction. */
  aggressorId(row: number): number {
    const side = this.side[row];
    if (side === 0) return 0;
    return side === 1 ? this.id[row] : this.sellId[row];
  }

  /** Number of the order that rested when this trade met it; 0 in a call auction. */
  restingId(row: number): number {
    const side = this.side[row];
    if (side === 0) return 0;
    return side === 1 ? this.sellId[row] : this.id[row];
  }
}

/** A ten-level picture. Levels are best first; 0 = level empty, orders 0 = not published. */
export interface Picture {
  readonly ns: number;
  readonly phase: number;
  readonly lastE4: number;
  /** Trades of the day so far; 0 = none, or not published. */
  readonly tradeCount: number;
  readonly volume: number;
  readonly amountE4: number;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

export interface Level {
  readonly priceE4: number;
  readonly qty: number;
  readonly orders: number;
}

/** Feed of one instrument. */
export interface InstrumentFeed {
  readonly rows: FeedRows;
  readonly pictures: readonly Picture[];
}

const LEVELS = 10;

/** Rows and pictures by dense instrument index. O(frames). */
export function feedsOfTape(tape: Tape, instruments: number): InstrumentFeed[] {
  const counts = new Int32Array(instruments);
  const order = new MarketOrder();
  for (const cursor = new TapeCursor(tape); !cursor.done; cursor.advance()) {
    if (cursor.type !== MarketOrder.TYPE && cursor.type !== MarketTrade.TYPE) continue;
    // The instrument lies at the same place in orders and trades.
    counts[order.wrap(cursor.memory, cursor.at).instrument]++;
  }
  const feeds = Array.from(counts, (count) => ({
    rows: new FeedRows(count),
    pictures: [] as Picture[],
  }));
  const filled = new Int32Array(instruments);
  const trade = new MarketTrade();
  const tick = new SnapshotTick();
  for (const cursor = new TapeCursor(tape); !cursor.done; cursor.advance()) {
    if (cursor.type === MarketOrder.TYPE) {
      order.wrap(cursor.memory, cursor.at);
      putOrder(feeds[order.instrument].rows, filled[order.instrument]++, order);
    } else if (cursor.type === MarketTrade.TYPE) {
      trade.wrap(cursor.memory, cursor.at);
      putTrade(feeds[trade.instrument].rows, filled[trade.instrument]++, trade);
    } else if (cursor.type === SnapshotTick.TYPE) {
      tick.wrap(cursor.memory, cursor.at);
      feeds[tick.instrument].pictures.push(pictureOf(tick));
    }
  }
  return feeds;
}

function putOrder(rows: FeedRows, at: number, order: MarketOrder): void {
  const adds = order.action === MARKET_ADD;
  rows.type[at] = adds ? ROW_ADD : ROW_CANCEL;
  rows.seq[at] = order.channelSeq;
  rows.ns[at] = order.eventNs;
  rows.id[at] = order.orderNo;
  rows.side[at] = order.side;
  rows.kind[at] = adds ? order.kind : 0;
  rows.priceE4[at] = order.priceE4;
  rows.qty[at] = order.qty;
}

function putTrade(rows: FeedRows, at: number, trade: MarketTrade): void {
  rows.type[at] = ROW_TRADE;
  rows.seq[at] = trade.channelSeq;
  rows.ns[at] = trade.eventNs;
  rows.id[at] = trade.buyNo;
  rows.sellId[at] = trade.sellNo;
  rows.side[at] = trade.aggressor;
  rows.priceE4[at] = trade.priceE4;
  rows.qty[at] = trade.qty;
  rows.tradeCount++;
}

function pictureOf(tick: SnapshotTick): Picture {
  const bids: Level[] = [];
  const asks: Level[] = [];
  for (let i = 0; i < LEVELS; i++) {
    bids.push({
      priceE4: tick.bidPriceE4(i),
      qty: tick.bidQty(i),
      orders: tick.bidOrderCount(i),
    });
    asks.push({
      priceE4: tick.askPriceE4(i),
      qty: tick.askQty(i),
      orders: tick.askOrderCount(i),
    });
  }
  const { eventNs: ns, phase, lastE4, tradeCount, volume, amountE4 } = tick;
  return { ns, phase, lastE4, tradeCount, volume, amountE4, bids, asks };
}
