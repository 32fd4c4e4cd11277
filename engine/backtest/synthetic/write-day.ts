// Writes a synthetic day as CSV in Pankou's own layout, so that the product ships a sample without
// shipping exchange data. Called by `pankou init` and tests. Always: loadMarketData over the
// folder, with the instruments in the same order, gives the very frames that the market made.
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Instrument } from '../../core/instrument.ts';
import { formatYuan } from '../../core/price.ts';
import { MARKET_ADD } from '../../messages/codes.ts';
import { FrameMemory, frameType } from '../../messages/frames.ts';
import { MarketOrder, MarketTrade } from '../../messages/generated/market.ts';
import { TYPE_MARKET_ORDER, TYPE_MARKET_TRADE } from '../../messages/generated/types.ts';
import {
  PANKOU_INSTRUMENT_COLUMNS,
  PANKOU_KINDS,
  PANKOU_ORDER_COLUMNS,
  PANKOU_TRADE_COLUMNS,
} from '../data/layouts/pankou.ts';
import { SECOND_NS } from '../data/sessions.ts';
import type { SyntheticOptions } from './synthetic-market.ts';
import { createSyntheticMarket } from './synthetic-market.ts';

const FLUSH_CHARACTERS = 1 << 16;
const FRAME_BYTES = 128;
/** By side number; 0 is a call auction. */
const SIDE_WORDS = ['none', 'buy', 'sell'];

/** What was written. */
export interface WrittenDay {
  readonly orders: number;
  readonly trades: number;
  readonly files: readonly string[];
}

/**
 * Writes orders.csv, trades.csv and instruments.csv into `dir`, which is made if need be; files of
 * these names are overwritten. Throws as createSyntheticMarket does, or when a file cannot be
 * written. `fromNs` is refused: the orders that rest at a later start have no place in the layout.
 */
export async function writeSyntheticDay(
  dir: string,
  options: SyntheticOptions,
): Promise<WrittenDay> {
  if (options.fromNs !== undefined) throw new Error('fromNs: a written day begins at 9:15');
  const market = createSyntheticMarket(options);
  mkdirSync(dir, { recursive: true });
  const names = ['orders.csv', 'trades.csv', 'instruments.csv'].map((name) => join(dir, name));
  const orders = new LineFile(names[0], PANKOU_ORDER_COLUMNS);
  const trades = new LineFile(names[1], PANKOU_TRADE_COLUMNS);
  const statics = new LineFile(names[2], PANKOU_INSTRUMENT_COLUMNS);
  try {
    for (const instrument of market.instruments) {
      statics.line(instrumentLine(instrument, market.day));
    }
    const memory = new FrameMemory(new ArrayBuffer(FRAME_BYTES));
    const order = new MarketOrder();
    const trade = new MarketTrade();
    while (market.next(memory, 0) > 0) {
      const type = frameType(memory, 0);
      if (type === TYPE_MARKET_ORDER) {
        order.wrap(memory, 0);
        orders.line(orderLine(order, market.instruments, market.day));
      } else if (type === TYPE_MARKET_TRADE) {
        trade.wrap(memory, 0);
        trades.line(tradeLine(trade, market.instruments, market.day));
      }
    }
  } finally {
    orders.close();
    trades.close();
    statics.close();
  }
  return { orders: orders.lines, trades: trades.lines, files: names };
}

function instrumentLine(instrument: Instrument, day: number): string {
  const { symbol, preCloseE4, upperLimitE4, lowerLimitE4 } = instrument;
  const prices = [preCloseE4, upperLimitE4, lowerLimitE4].map((price) => formatYuan(price));
  return `${day},${symbol},${prices.join(',')}`;
}

function orderLine(order: MarketOrder, instruments: readonly Instrument[], day: number): string {
  const { symbol } = instruments[order.instrument];
  const action = order.action === MARKET_ADD ? 'add' : 'cancel';
  const side = SIDE_WORDS[order.side];
  const price = order.priceE4 === 0 ? '' : formatYuan(order.priceE4);
  const kind = KIND_WORDS.get(order.kind);
  const head = `${day},${formatClock(order.eventNs)},${symbol}`;
  const number = `${order.channel},${order.channelSeq},${order.orderNo}`;
  return `${head},${number},${action},${side},${kind},${price},${order.qty}`;
}

function tradeLine(trade: MarketTrade, instruments: readonly Instrument[], day: number): string {
  const { symbol } = instruments[trade.instrument];
  const aggressor = SIDE_WORDS[trade.aggressor];
  const head = `${day},${formatClock(trade.eventNs)},${symbol}`;
  const numbers = `${trade.channel},${trade.channelSeq},${trade.buyNo},${trade.sellNo}`;
  return `${head},${numbers},${aggressor},${formatYuan(trade.priceE4)},${trade.qty}`;
}

const KIND_WORDS = new Map(
  Object.entries(PANKOU_KINDS).map(([word, kind]) => [kind as number, word]),
);

/** `09:30:00.050123`: microseconds unless the time needs more. */
function formatClock(ns: number): string {
  const seconds = Math.floor(ns / SECOND_NS);
  const two = (value: number): string => String(value).padStart(2, '0');
  const whole = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}`;
  const fraction = String(ns - seconds * SECOND_NS).padStart(9, '0');
  const digits = fraction.endsWith('000') ? fraction.slice(0, 6) : fraction;
  return `${whole}:${two(seconds % 60)}.${digits}`;
}

/** A file written line by line. */
class LineFile {
  lines = 0;
  readonly #file: number;
  #text: string;

  constructor(path: string, header: string) {
    this.#file = openSync(path, 'w');
    this.#text = `${header}\n`;
  }

  line(text: string): void {
    this.#text += `${text}\n`;
    this.lines++;
    if (this.#text.length >= FLUSH_CHARACTERS) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }

  #flush(): void {
    writeSync(this.#file, this.#text);
    this.#text = '';
  }
}
