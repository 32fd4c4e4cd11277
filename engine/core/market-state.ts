// What is known of each instrument's market today: last, open, high, low, volume, phase. Called by
// the feed handler only. Columns by dense instrument index; prices in 1/10,000 yuan, 0 = none yet.
import type { Instrument } from './instrument.ts';
import { columnsOf } from './instrument-columns.ts';
import { NEW_TABLES, type Tables } from './tables.ts';

export class MarketState {
  readonly lastE4: Int32Array;
  readonly openE4: Int32Array;
  readonly highE4: Int32Array;
  readonly lowE4: Int32Array;
  readonly preCloseE4: Int32Array;
  readonly upperLimitE4: Int32Array;
  readonly lowerLimitE4: Int32Array;
  readonly tradeCount: Int32Array;
  readonly phase: Int8Array;
  /** MARKET_* of each instrument. */
  readonly exchange: Int8Array;
  /** 1 = the book is not to be trusted: rows were lost, or one could not be followed. */
  readonly stale: Uint8Array;
  readonly volume: Float64Array;
  readonly amountE4: Float64Array;
  readonly count: number;

  constructor(instruments: readonly Instrument[], tables: Tables = NEW_TABLES) {
    const n = instruments.length;
    this.count = n;
    this.lastE4 = tables.int32(n);
    this.openE4 = tables.int32(n);
    this.highE4 = tables.int32(n);
    this.lowE4 = tables.int32(n);
    this.preCloseE4 = tables.int32(n);
    this.upperLimitE4 = tables.int32(n);
    this.lowerLimitE4 = tables.int32(n);
    this.tradeCount = tables.int32(n);
    this.phase = tables.int8(n);
    this.exchange = tables.int8(n);
    this.stale = tables.uint8(n);
    this.volume = tables.float64(n);
    this.amountE4 = tables.float64(n);
    const known = columnsOf(instruments);
    this.preCloseE4.set(known.preCloseE4);
    this.upperLimitE4.set(known.upperE4);
    this.lowerLimitE4.set(known.lowerE4);
    this.exchange.set(known.market);
  }
}

/** Books one trade of the tape. */
export function addTrade(market: MarketState, i: number, priceE4: number, qty: number): void {
  if (market.openE4[i] === 0) {
    market.openE4[i] = priceE4;
    market.highE4[i] = priceE4;
    market.lowE4[i] = priceE4;
  }
  if (priceE4 > market.highE4[i]) market.highE4[i] = priceE4;
  if (priceE4 < market.lowE4[i]) market.lowE4[i] = priceE4;
  market.lastE4[i] = priceE4;
  market.tradeCount[i]++;
  market.volume[i] += qty;
  market.amountE4[i] += priceE4 * qty;
}
