// What is known of each instrument's market today: last, open, high, low, volume, phase. Called by
// the feed handler only. Columns by dense instrument index; prices in 1/10,000 yuan, 0 = none yet.
import { int32Column } from './columns.ts';
import type { Instrument } from './instrument.ts';

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

  constructor(instruments: readonly Instrument[]) {
    const n = instruments.length;
    this.count = n;
    this.lastE4 = new Int32Array(n);
    this.openE4 = new Int32Array(n);
    this.highE4 = new Int32Array(n);
    this.lowE4 = new Int32Array(n);
    this.preCloseE4 = int32Column(instruments, (i) => i.preCloseE4);
    this.upperLimitE4 = int32Column(instruments, (i) => i.upperLimitE4);
    this.lowerLimitE4 = int32Column(instruments, (i) => i.lowerLimitE4);
    this.tradeCount = new Int32Array(n);
    this.phase = new Int8Array(n);
    this.exchange = Int8Array.from(instruments, (i) => i.market);
    this.stale = new Uint8Array(n);
    this.volume = new Float64Array(n);
    this.amountE4 = new Float64Array(n);
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
