// Pankou's own neutral layout, written by writeSyntheticDay and by anyone who converts data by
// hand: symbols with their venue, words instead of codes, nanosecond times, yuan. Read by layout-
// table.ts.
import {
  KIND_BEST5_CANCEL,
  KIND_BEST5_LIMIT,
  KIND_FOK,
  KIND_IOC,
  KIND_LIMIT,
  KIND_OPPOSITE_BEST,
  KIND_OWN_BEST,
  MARKET_ADD,
  MARKET_CANCEL,
  PHASE_NAMES,
  SIDE_BUY,
  SIDE_SELL,
} from '../../../messages/codes.ts';
import type { InstrumentLayout, OrderLayout, SnapshotLayout, TradeLayout } from '../layout.ts';

/** Words of the kind column; the writer uses the same table. */
export const PANKOU_KINDS = {
  limit: KIND_LIMIT,
  'best5-cancel': KIND_BEST5_CANCEL,
  'best5-limit': KIND_BEST5_LIMIT,
  'opposite-best': KIND_OPPOSITE_BEST,
  'own-best': KIND_OWN_BEST,
  ioc: KIND_IOC,
  fok: KIND_FOK,
} as const;

export const PANKOU_ORDER_COLUMNS =
  'day,time,symbol,channel,seq,order_no,action,side,kind,price,qty';
export const PANKOU_TRADE_COLUMNS =
  'day,time,symbol,channel,seq,buy_no,sell_no,aggressor,price,qty';
export const PANKOU_INSTRUMENT_COLUMNS = 'day,symbol,pre_close,upper_limit,lower_limit';

export const pankouOrders: OrderLayout = {
  id: 'pankou-orders',
  title: 'Pankou orders and cancels',
  content: 'orders',
  market: 0,
  signature: PANKOU_ORDER_COLUMNS.split(','),
  symbol: 'symbol',
  clock: { time: 'time', format: 'clock', date: 'day' },
  price: 'yuan',
  channel: 'channel',
  seq: 'seq',
  orderNo: 'order_no',
  side: 'side',
  sides: { buy: SIDE_BUY, sell: SIDE_SELL },
  qty: 'qty',
  priceColumn: 'price',
  action: 'action',
  actions: { add: MARKET_ADD, cancel: MARKET_CANCEL },
  kind: 'kind',
  kinds: PANKOU_KINDS,
};

export const pankouTrades: TradeLayout = {
  id: 'pankou-trades',
  title: 'Pankou trades',
  content: 'trades',
  market: 0,
  signature: PANKOU_TRADE_COLUMNS.split(','),
  symbol: 'symbol',
  clock: { time: 'time', format: 'clock', date: 'day' },
  price: 'yuan',
  channel: 'channel',
  seq: 'seq',
  buyNo: 'buy_no',
  sellNo: 'sell_no',
  qty: 'qty',
  priceColumn: 'price',
  aggressor: 'aggressor',
  aggressors: { buy: SIDE_BUY, sell: SIDE_SELL, none: 0 },
};

/** Pictures of up to ten levels; live quotes are recorded as such (docs/QMT_QUOTES.md). */
export const pankouSnapshots: SnapshotLayout = {
  id: 'pankou-snapshots',
  title: 'Pankou pictures of up to ten levels',
  content: 'snapshots',
  market: 0,
  signature: ['day', 'time', 'symbol', 'phase', 'last', 'bid_price_1', 'ask_price_10'],
  symbol: 'symbol',
  clock: { time: 'time', format: 'clock', date: 'day' },
  preClose: 'pre_close',
  last: 'last',
  open: 'open',
  high: 'high',
  low: 'low',
  volume: 'volume',
  amount: 'amount',
  phase: 'phase',
  phases: Object.fromEntries(PHASE_NAMES.map((name, phase) => [name, phase])),
  upperLimit: 'upper_limit',
  lowerLimit: 'lower_limit',
  firstLevel: 1,
  bidPrice: 'bid_price_#',
  bidQty: 'bid_qty_#',
  askPrice: 'ask_price_#',
  askQty: 'ask_qty_#',
};

export const pankouInstruments: InstrumentLayout = {
  id: 'pankou-instruments',
  title: 'Pankou static data of the day',
  content: 'instruments',
  market: 0,
  signature: PANKOU_INSTRUMENT_COLUMNS.split(','),
  symbol: 'symbol',
  day: 'day',
  preClose: 'pre_close',
  upperLimit: 'upper_limit',
  lowerLimit: 'lower_limit',
};
