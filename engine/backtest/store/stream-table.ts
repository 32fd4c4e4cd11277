// Between streams of frames and tables of columns. Called by the import (to tables) and by the
// loader (to streams). Always: to a table and back gives the same frames, byte for byte but for
// the provisional instrument number.

import {
  KIND_LIMIT,
  MARKET_CANCEL,
  SIDE_BUY,
  SIDE_SELL,
  STAGE_FEED,
} from '../../messages/codes.ts';
import { Bar, MarketOrder, MarketTrade, SnapshotTick } from '../../messages/generated/market.ts';
import { TYPE_MARKET_ORDER } from '../../messages/generated/types.ts';
import type { StartBook, StartOrder } from '../data/event-rows.ts';
import type { ActionRow, Stream } from '../data/stream-set.ts';
import { TapeCursor } from '../tape.ts';
import { barKind, columnsOf, intervalOf, makeTable, type Table } from './columns.ts';

/** Number of `line` and of the first own column in a table. */
const LINE = 0;
const OWN = 2;
const LEVELS = 10;
/** Of a snapshot: the first column of the levels. */
const BID = OWN + 12;
const ASK = BID + 3 * LEVELS;

const order = new MarketOrder();
const trade = new MarketTrade();
const tick = new SnapshotTick();
const bar = new Bar();

/** What a table is made of. */
type Rows = Pick<Stream, 'content' | 'tape' | 'lines' | 'day'>;

/** Kind of day file a stream goes into; bars by their length. */
export function kindOf(stream: Rows): string {
  if (stream.content !== 'bars') return stream.content;
  const cursor = new TapeCursor(stream.tape);
  return barKind(bar.wrap(cursor.memory, cursor.at).intervalS);
}

/** The rows of a stream. */
export function tableOf(stream: Rows): Table {
  const kind = kindOf(stream);
  const table = makeTable(kind, stream.tape.count);
  const columns = table.columns;
  let row = 0;
  for (const cursor = new TapeCursor(stream.tape); !cursor.done; cursor.advance(), row++) {
    columns[LINE][row] = stream.lines[row];
    if (kind === 'orders') readOrder(cursor, columns, row);
    else if (kind === 'trades') readTrade(cursor, columns, row);
    else if (kind === 'snapshots') readTick(cursor, columns, row);
    else readBar(cursor, columns, row, stream.day);
  }
  return table;
}

type Columns = readonly Float64Array[];

function put(columns: Columns, row: number, values: readonly number[]): void {
  for (let i = 0; i < values.length; i++) columns[OWN + i][row] = values[i];
}

function readOrder(cursor: TapeCursor, columns: Columns, row: number): void {
  const o = order.wrap(cursor.memory, cursor.at);
  const head = [o.eventNs, o.channel, o.channelSeq, o.orderNo];
  put(columns, row, [...head, o.action, o.side, o.kind, o.priceE4, o.qty]);
}

/** SZSE's cancels stand among its trades: the order's number on its side, no price. */
function readTrade(cursor: TapeCursor, columns: Columns, row: number): void {
  if (cursor.type === TYPE_MARKET_ORDER) {
    const o = order.wrap(cursor.memory, cursor.at);
    const isBuy = o.side === SIDE_BUY;
    const numbers = [isBuy ? o.orderNo : 0, isBuy ? 0 : o.orderNo];
    put(columns, row, [o.eventNs, o.channel, o.channelSeq, ...numbers, 1, 0, o.priceE4, o.qty]);
    return;
  }
  const t = trade.wrap(cursor.memory, cursor.at);
  const head = [t.eventNs, t.channel, t.channelSeq, t.buyNo, t.sellNo];
  put(columns, row, [...head, 0, t.aggressor, t.priceE4, t.qty]);
}

function readTick(cursor: TapeCursor, columns: Columns, row: number): void {
  const t = tick.wrap(cursor.memory, cursor.at);
  const prices = [t.lastE4, t.preCloseE4, t.openE4, t.highE4, t.lowE4];
  const totals = [t.tradeCount, t.volume, t.amountE4];
  const limits = [t.upperLimitE4, t.lowerLimitE4];
  put(columns, row, [t.eventNs, t.phase, ...prices, ...limits, ...totals]);
  for (let level = 0; level < LEVELS; level++) {
    const bid = BID + 3 * level;
    columns[bid][row] = t.bidPriceE4(level);
    columns[bid + 1][row] = t.bidQty(level);
    columns[bid + 2][row] = t.bidOrderCount(level);
    const ask = ASK + 3 * level;
    columns[ask][row] = t.askPriceE4(level);
    columns[ask + 1][row] = t.askQty(level);
    columns[ask + 2][row] = t.askOrderCount(level);
  }
}

function readBar(cursor: TapeCursor, columns: Columns, row: number, day: number): void {
  const b = bar.wrap(cursor.memory, cursor.at);
  const prices = [b.openE4, b.highE4, b.lowE4, b.closeE4];
  put(columns, row, [day, b.startNs, b.eventNs, ...prices, b.volume, b.amountE4]);
}

/** Writes rows [from, to) of a table into a stream. */
export function fillStream(stream: Stream, table: Table, from = 0, to = table.rows): void {
  const { kind, columns } = table;
  const intervalS = kind.startsWith('bars-') ? intervalOf(kind) : 0;
  for (let row = from; row < to; row++) {
    if (kind === 'orders') writeOrder(stream, columns, row);
    else if (kind === 'trades') writeTrade(stream, columns, row);
    else if (kind === 'snapshots') writeTick(stream, columns, row);
    else writeBar(stream, columns, row, intervalS);
    stream.commit(columns[LINE][row]);
  }
}

function writeOrder(stream: Stream, c: Columns, row: number): void {
  const at = stream.tape.claim(MarketOrder.BYTES);
  const o = order.begin(stream.tape.tail, at);
  o.source = STAGE_FEED;
  o.eventNs = c[OWN][row];
  o.instrument = stream.provisional;
  o.channel = c[OWN + 1][row];
  o.channelSeq = c[OWN + 2][row];
  o.orderNo = c[OWN + 3][row];
  o.action = c[OWN + 4][row];
  o.side = c[OWN + 5][row];
  o.kind = c[OWN + 6][row];
  o.priceE4 = c[OWN + 7][row];
  o.qty = c[OWN + 8][row];
}

function writeTrade(stream: Stream, c: Columns, row: number): void {
  const buyNo = c[OWN + 3][row];
  const sellNo = c[OWN + 4][row];
  if (c[OWN + 5][row] === 1) {
    const at = stream.tape.claim(MarketOrder.BYTES);
    const o = order.begin(stream.tape.tail, at);
    o.source = STAGE_FEED;
    o.eventNs = c[OWN][row];
    o.instrument = stream.provisional;
    o.channel = c[OWN + 1][row];
    o.channelSeq = c[OWN + 2][row];
    o.orderNo = buyNo > 0 ? buyNo : sellNo;
    o.action = MARKET_CANCEL;
    o.side = buyNo > 0 ? SIDE_BUY : SIDE_SELL;
    o.kind = KIND_LIMIT;
    o.priceE4 = c[OWN + 7][row];
    o.qty = c[OWN + 8][row];
    return;
  }
  const at = stream.tape.claim(MarketTrade.BYTES);
  const t = trade.begin(stream.tape.tail, at);
  t.source = STAGE_FEED;
  t.eventNs = c[OWN][row];
  t.instrument = stream.provisional;
  t.channel = c[OWN + 1][row];
  t.channelSeq = c[OWN + 2][row];
  t.buyNo = buyNo;
  t.sellNo = sellNo;
  t.aggressor = c[OWN + 6][row];
  t.priceE4 = c[OWN + 7][row];
  t.qty = c[OWN + 8][row];
}

function writeTick(stream: Stream, c: Columns, row: number): void {
  const at = stream.tape.claim(SnapshotTick.BYTES);
  const t = tick.begin(stream.tape.tail, at);
  t.source = STAGE_FEED;
  t.eventNs = c[OWN][row];
  t.instrument = stream.provisional;
  t.phase = c[OWN + 1][row];
  t.lastE4 = c[OWN + 2][row];
  t.preCloseE4 = c[OWN + 3][row];
  t.openE4 = c[OWN + 4][row];
  t.highE4 = c[OWN + 5][row];
  t.lowE4 = c[OWN + 6][row];
  t.upperLimitE4 = c[OWN + 7][row];
  t.lowerLimitE4 = c[OWN + 8][row];
  t.tradeCount = c[OWN + 9][row];
  t.volume = c[OWN + 10][row];
  t.amountE4 = c[OWN + 11][row];
  for (let level = 0; level < LEVELS; level++) {
    const bid = BID + 3 * level;
    t.setBidPriceE4(level, c[bid][row]);
    t.setBidQty(level, c[bid + 1][row]);
    t.setBidOrderCount(level, c[bid + 2][row]);
    const ask = ASK + 3 * level;
    t.setAskPriceE4(level, c[ask][row]);
    t.setAskQty(level, c[ask + 1][row]);
    t.setAskOrderCount(level, c[ask + 2][row]);
  }
}

function writeBar(stream: Stream, c: Columns, row: number, intervalS: number): void {
  const at = stream.tape.claim(Bar.BYTES);
  const b = bar.begin(stream.tape.tail, at);
  b.source = STAGE_FEED;
  b.startNs = c[OWN + 1][row];
  b.eventNs = c[OWN + 2][row];
  b.instrument = stream.provisional;
  b.intervalS = intervalS;
  b.openE4 = c[OWN + 3][row];
  b.highE4 = c[OWN + 4][row];
  b.lowE4 = c[OWN + 5][row];
  b.closeE4 = c[OWN + 6][row];
  b.volume = c[OWN + 7][row];
  b.amountE4 = c[OWN + 8][row];
}

/** The resting orders of a partial day; those without a price have price 0. */
export function startBookTable(book: StartBook): Table {
  const table = makeTable('start-book', book.orders.length + book.priceless.size);
  let row = 0;
  for (const { line, orderNo, side, priceE4, qty } of book.orders) {
    table.columns[LINE][row] = line;
    put(table.columns, row++, [orderNo, side, priceE4, qty]);
  }
  for (const orderNo of book.priceless) put(table.columns, row++, [orderNo]);
  return table;
}

/** Back from the table. */
export function startBookOf(table: Table, file: string, symbol: string): StartBook {
  const orders: StartOrder[] = [];
  const priceless = new Set<number>();
  const c = table.columns;
  for (let row = 0; row < table.rows; row++) {
    const orderNo = c[OWN][row];
    const priceE4 = c[OWN + 2][row];
    if (priceE4 === 0) priceless.add(orderNo);
    else
      orders.push({
        line: c[LINE][row],
        orderNo,
        side: c[OWN + 1][row],
        priceE4,
        qty: c[OWN + 3][row],
      });
  }
  return { file, orders, priceless, symbol };
}

/** Corporate actions of one instrument, by ex-date. */
export function actionTable(rows: readonly ActionRow[]): Table {
  const table = makeTable('actions', rows.length);
  for (const [row, a] of rows.entries()) {
    table.columns[LINE][row] = a.line;
    const shares = [a.bonusPer10E4, a.transferPer10E4, a.rightsPer10E4, a.rightsPriceE4];
    put(table.columns, row, [a.day, ...shares, a.cashPer10E4, a.totalShares, a.floatShares]);
  }
  return table;
}

/** Back from the table. */
export function actionsOf(table: Table, symbol: string): ActionRow[] {
  const actions: ActionRow[] = [];
  const names = columnsOf('actions');
  const c = table.columns;
  for (let row = 0; row < table.rows; row++) {
    const value = (name: string): number => c[names.indexOf(name)][row];
    actions.push({
      symbol,
      day: value('day'),
      line: value('line'),
      bonusPer10E4: value('bonusPer10E4'),
      transferPer10E4: value('transferPer10E4'),
      rightsPer10E4: value('rightsPer10E4'),
      rightsPriceE4: value('rightsPriceE4'),
      cashPer10E4: value('cashPer10E4'),
      totalShares: value('totalShares'),
      floatShares: value('floatShares'),
    });
  }
  return actions;
}
