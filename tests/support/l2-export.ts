// Writes days of our own making as the vendors write Level-2 files: DataYes SSE split streams,
// Huatai SSE merged stream, Huatai SZSE. Used by tests of `pankou verify` and of the feed, which
// must take any day and stock of these layouts. Always: what a feed does not publish is left out
// (SSE: orders filled on arrival, market kinds, killed rests; SZSE: which market kind it was).

import type { SyntheticInstrument } from '../../engine/backtest/synthetic/instrument-market.ts';
import { createSyntheticMarket } from '../../engine/backtest/synthetic/synthetic-market.ts';
import type { Instrument } from '../../engine/core/instrument.ts';
import { formatYuan } from '../../engine/core/price.ts';
import { loadKernels } from '../../engine/host/kernels.ts';
import {
  KIND_LIMIT,
  KIND_OWN_BEST,
  KIND_UNTOLD,
  MARKET_ADD,
  PHASE_CONTINUOUS,
} from '../../engine/messages/codes.ts';
import { FrameMemory, frameType } from '../../engine/messages/frames.ts';
import { MarketOrder, MarketTrade, Phase } from '../../engine/messages/generated/market.ts';
import { ROW_ADD, ROW_CANCEL, ROW_TRADE } from '../../engine/verify/feed-rows.ts';

export type L2Layout = 'sse-split' | 'sse-merged' | 'szse';

/** One published row of one instrument, in sequence. */
export interface L2Row {
  readonly type: number;
  readonly ns: number;
  /** Order number; of a trade the buyer's. */
  readonly id: number;
  readonly sellId?: number;
  /** Of a trade the aggressor's; 0 in a call. */
  readonly side: number;
  readonly kind?: number;
  readonly priceE4: number;
  readonly qty: number;
}

/** A day of one instrument. */
export interface L2Day {
  readonly symbol: string;
  readonly day: number;
  readonly preCloseE4: number;
  /** 0 = no limits today. */
  readonly upperLimitE4: number;
  readonly lowerLimitE4: number;
  readonly rows: readonly L2Row[];
}

/** File contents by name, as folderOf() takes them: orders, trades, static data. */
export function l2Files(layout: L2Layout, days: readonly L2Day[]): Record<string, string[]> {
  const orders = [HEADERS[layout].orders];
  const trades = [HEADERS[layout].trades];
  const statics = ['day,symbol,pre_close,upper_limit,lower_limit'];
  for (const own of days) {
    const { symbol, day, preCloseE4, upperLimitE4, lowerLimitE4 } = own;
    const prices = [preCloseE4, upperLimitE4, lowerLimitE4].map((p) =>
      p > 0 ? formatYuan(p) : '',
    );
    statics.push(`${day},${symbol},${prices.join(',')}`);
    // Each instrument has a channel of its own, so its numbers have no holes.
    const channel = days.indexOf(own) + 1;
    const rows = layout === 'szse' ? numberedRows(own.rows) : own.rows;
    for (const [i, row] of rows.entries()) {
      const line = LINES[layout](symbol, channel, i + 1, row);
      const isOrder = row.type === ROW_ADD || (layout !== 'szse' && row.type === ROW_CANCEL);
      (isOrder ? orders : trades).push(line);
    }
  }
  const day = days[0].day;
  return {
    [`${day}_orders.csv`]: orders,
    [`${day}_trades.csv`]: trades,
    [`${day}_static.csv`]: statics,
  };
}

/** On SZSE an order's number is its sequence number. */
function numberedRows(rows: readonly L2Row[]): L2Row[] {
  const numbers = new Map<number, number>();
  return rows.map((row, i) => {
    if (row.type === ROW_ADD) numbers.set(row.id, i + 1);
    const { sellId } = row;
    const other = sellId === undefined ? {} : { sellId: numbers.get(sellId) ?? sellId };
    return { ...row, id: numbers.get(row.id) ?? row.id, ...other };
  });
}

const MERGED = 'securityIDSource,securityType';
const HEADERS = {
  'sse-split': {
    orders:
      'DataStatus,OrderIndex,OrderChannel,SecurityID,OrderTime,OrderType,OrderNO,OrderPrice,' +
      'Balance,OrderBSFlag,BizIndex,LocalTime,SeqNo',
    trades:
      'DataStatus,TradeIndex,TradeChan,SecurityID,TradTime,TradPrice,TradVolume,TradeMoney,' +
      'TradeBuyNo,TradeSellNo,TradeBSFlag,BizIndex,LocalTime,SeqNo',
  },
  'sse-merged': {
    orders:
      `HTSCSecurityID,MDTime,${MERGED},OrderIndex,OrderType,OrderPrice,OrderQty,OrderBSFlag,` +
      'ChannelNo,OrderNO,ApplSeqNum,DataMultiplePowerOf10,TradedQty',
    trades:
      `HTSCSecurityID,MDTime,${MERGED},TradeIndex,TradeBuyNo,TradeSellNo,TradeBSFlag,` +
      'TradePrice,TradeQty,TradeMoney,ApplSeqNum,ChannelNo,DataMultiplePowerOf10',
  },
  szse: {
    orders:
      `HTSCSecurityID,MDTime,${MERGED},OrderIndex,OrderType,OrderPrice,OrderQty,OrderBSFlag,` +
      'ChannelNo,ApplSeqNum,DataMultiplePowerOf10',
    trades:
      `HTSCSecurityID,MDTime,${MERGED},TradeIndex,TradeBuyNo,TradeSellNo,TradeBSFlag,` +
      'TradePrice,TradeQty,TradeMoney,ApplSeqNum,ChannelNo,DataMultiplePowerOf10,TradeType',
  },
} as const;

type LineOf = (symbol: string, channel: number, seq: number, row: L2Row) => string;

const LINES: { readonly [layout in L2Layout]: LineOf } = {
  'sse-split': (symbol, channel, seq, row) => {
    const { type, id, sellId, side, priceE4, qty } = row;
    const head = `0,${seq},${channel},${symbol.slice(0, 6)},${clock(row.ns)}`;
    const price = priceE4 > 0 ? formatYuan(priceE4) : '0';
    if (type === ROW_TRADE) {
      const money = (priceE4 * qty) / 10_000;
      return `${head},${price},${qty},${money},${id},${sellId},${'NBS'[side]},${seq},,${seq}`;
    }
    const what = type === ROW_ADD ? 'A' : 'D';
    return `${head},${what},${id},${price},${qty},${'NBS'[side]},${seq},,${seq}`;
  },
  'sse-merged': (symbol, channel, seq, row) => {
    const { type, id, sellId, side, priceE4, qty } = row;
    const head = `${symbol},${compact(row.ns)},XSHG,StockType,${seq}`;
    if (type === ROW_TRADE) {
      const amount = priceE4 * qty;
      return `${head},${id},${sellId},${side},${priceE4},${qty},${amount},${seq},${channel},4`;
    }
    const what = type === ROW_ADD ? 2 : 10;
    return `${head},${what},${priceE4},${qty},${side},${channel},${id},${seq},4,`;
  },
  szse: (symbol, channel, seq, row) => {
    const { type, id, sellId, side, kind = KIND_LIMIT, priceE4, qty } = row;
    const head = `${symbol},${compact(row.ns)},XSHE,StockType,${seq}`;
    const end = `${seq},${channel},4`;
    if (type === ROW_ADD) {
      const told = kind === KIND_LIMIT ? 2 : kind === KIND_OWN_BEST ? 3 : 1;
      return `${head},${told},${priceE4 > 0 ? priceE4 : ''},${qty},${side},${channel},${seq},4`;
    }
    if (type === ROW_TRADE) {
      return `${head},${id},${sellId},${side},${priceE4},${qty},${priceE4 * qty},${end},`;
    }
    const numbers = side === 1 ? `${id},` : `,${id}`;
    return `${head},${numbers},${side},,${qty},,${end},1`;
  },
};

/** `09:30:00.050`. */
function clock(ns: number): string {
  const text = compact(ns).padStart(9, '0');
  return `${text.slice(0, 2)}:${text.slice(2, 4)}:${text.slice(4, 6)}.${text.slice(6)}`;
}

/** HHMMSSmmm without leading zeros. */
function compact(ns: number): string {
  const ms = Math.floor(ns / 1e6);
  const s = Math.floor(ms / 1000);
  const parts = [Math.floor(s / 60) % 60, s % 60].map((n) => String(n).padStart(2, '0'));
  return `${Math.floor(s / 3600)}${parts.join('')}${String(ms % 1000).padStart(3, '0')}`;
}

/** One instrument of the synthetic market over a whole day, as its exchange would publish it. */
export function syntheticL2(
  layout: L2Layout,
  seed: number,
  day: number,
  wish: SyntheticInstrument,
): L2Day {
  const market = createSyntheticMarket({ seed, day, instruments: [wish] });
  const instrument = market.instruments[0];
  const publisher = new Publisher(instrument, layout === 'szse');
  const memory = new FrameMemory(new ArrayBuffer(128));
  const order = new MarketOrder();
  const trade = new MarketTrade();
  const phase = new Phase();
  while (market.next(memory, 0) > 0) {
    const type = frameType(memory, 0);
    if (type === MarketOrder.TYPE) publisher.order(order.wrap(memory, 0));
    else if (type === MarketTrade.TYPE) publisher.trade(trade.wrap(memory, 0));
    else if (type === Phase.TYPE) publisher.phase = phase.wrap(memory, 0).phase;
  }
  const { symbol, preCloseE4, upperLimitE4, lowerLimitE4 } = instrument;
  return { symbol, day, preCloseE4, upperLimitE4, lowerLimitE4, rows: publisher.rows };
}

/** What an exchange says of its orders; a kernel of its own tells where market orders rest. */
class Publisher {
  readonly rows: L2Row[] = [];
  phase = 0;
  readonly #szse: boolean;
  readonly #book;
  /** SSE: the remainder that comes behind its trades, and how many are still to come. */
  #rest: L2Row | null = null;
  #tradesBefore = 0;
  readonly #killed = new Set<number>();

  constructor(instrument: Instrument, szse: boolean) {
    this.#szse = szse;
    const { tickE4, lowerLimitE4, upperLimitE4 } = instrument;
    const levels = (upperLimitE4 - lowerLimitE4) / tickE4 + 1;
    this.#book = loadKernels({ maxInstruments: 1, maxOrders: 65_536, maxLevels: levels }).book;
    this.#book.openInstrument(0, tickE4, lowerLimitE4, upperLimitE4, 65_536);
  }

  order(order: MarketOrder): void {
    const { eventNs: ns, orderNo: id, action, side, kind, priceE4, qty } = order;
    if (action !== MARKET_ADD) {
      this.#book.cancel(0, id, 0);
      if (!this.#szse && this.#killed.delete(id)) return;
      this.rows.push({ type: ROW_CANCEL, ns, id, side, priceE4: 0, qty });
      return;
    }
    const row = { type: ROW_ADD, ns, id, side, kind, priceE4, qty };
    if (this.phase !== PHASE_CONTINUOUS) {
      this.#book.add(0, id, side, priceE4, qty);
      this.rows.push(row);
      return;
    }
    const made = this.#book.submit(0, id, side, kind, priceE4, qty);
    const { restedQty, restedPriceE4, killedQty } = this.#book;
    if (killedQty > 0) this.#killed.add(id);
    if (this.#szse) {
      const told = kind === KIND_LIMIT || kind === KIND_OWN_BEST ? kind : KIND_UNTOLD;
      this.rows.push({ ...row, kind: told, priceE4: kind === KIND_LIMIT ? priceE4 : 0 });
    } else if (restedQty > 0) {
      const rest = { ...row, kind: KIND_LIMIT, priceE4: restedPriceE4, qty: restedQty };
      this.#tradesBefore = made;
      if (made === 0) this.rows.push(rest);
      else this.#rest = rest;
    }
  }

  trade(trade: MarketTrade): void {
    const { eventNs: ns, buyNo: id, sellNo: sellId, aggressor: side, priceE4, qty } = trade;
    this.rows.push({ type: ROW_TRADE, ns, id, sellId, side, priceE4, qty });
    if (side === 0) {
      this.#book.reduce(0, id, qty);
      this.#book.reduce(0, sellId, qty);
    }
    if (this.#rest === null || --this.#tradesBefore > 0) return;
    this.rows.push(this.#rest);
    this.#rest = null;
  }
}
