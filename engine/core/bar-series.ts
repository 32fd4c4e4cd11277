// The last complete bars of one instrument and length, as ctx.bars() hands them to a strategy.
// Written by the strategy host when a bar is complete. Always: the newest is 0 bars ago; what is
// not complete, and what is beyond the current time, throws with its name. Allocates at
// construction.
import type { Bar } from '../messages/generated/market.ts';
import type { EarlierBars } from './earlier-bars.ts';

export class BarSeries {
  readonly instrument: number;
  readonly intervalS: number;
  /** For people: `5m bars of 600519.SH`. */
  readonly name: string;
  /** Bars kept at most. */
  readonly kept: number;
  /** Complete bars so far, kept or not; those from before the run that were kept among them. */
  count = 0;
  readonly #ends: Float64Array;
  /** Traded prices; behind an ex-date those before it adjusted, so no whole numbers. */
  readonly #prices: Float64Array;
  readonly #volumes: Float64Array;
  readonly #amounts: Float64Array;

  constructor(instrument: number, intervalS: number, kept: number, name: string) {
    this.instrument = instrument;
    this.intervalS = intervalS;
    this.kept = kept;
    this.name = name;
    this.#ends = new Float64Array(kept);
    this.#prices = new Float64Array(kept * 4);
    this.#volumes = new Float64Array(kept);
    this.#amounts = new Float64Array(kept);
  }

  /** Bars that can be read. */
  get length(): number {
    return this.count < this.kept ? this.count : this.kept;
  }

  /** `ago` 0 = the last complete bar. Throws for what is not there. */
  openE4(ago: number): number {
    return this.#prices[this.#row(ago, 'open') * 4];
  }
  highE4(ago: number): number {
    return this.#prices[this.#row(ago, 'high') * 4 + 1];
  }
  lowE4(ago: number): number {
    return this.#prices[this.#row(ago, 'low') * 4 + 2];
  }
  closeE4(ago: number): number {
    return this.#prices[this.#row(ago, 'close') * 4 + 3];
  }
  volume(ago: number): number {
    return this.#volumes[this.#row(ago, 'volume')];
  }
  amountE4(ago: number): number {
    return this.#amounts[this.#row(ago, 'amount')];
  }
  endNs(ago: number): number {
    return this.#ends[this.#row(ago, 'end')];
  }

  /** Takes a complete bar. */
  push(bar: Bar): void {
    if (this.kept > 0) {
      const row = this.count % this.kept;
      this.#ends[row] = bar.eventNs;
      this.#prices[row * 4] = bar.openE4;
      this.#prices[row * 4 + 1] = bar.highE4;
      this.#prices[row * 4 + 2] = bar.lowE4;
      this.#prices[row * 4 + 3] = bar.closeE4;
      this.#volumes[row] = bar.volume;
      this.#amounts[row] = bar.amountE4;
    }
    this.count++;
  }

  /** Begins with bars from before the run: in onInit, before any other. */
  takeEarlier(bars: EarlierBars): void {
    for (let n = Math.max(0, bars.count - this.kept); n < bars.count; n++) {
      const row = this.count++;
      this.#ends[row] = bars.endNs[n];
      this.#prices[row * 4] = bars.openE4[n];
      this.#prices[row * 4 + 1] = bars.highE4[n];
      this.#prices[row * 4 + 2] = bars.lowE4[n];
      this.#prices[row * 4 + 3] = bars.closeE4[n];
      this.#volumes[row] = bars.volume[n];
      this.#amounts[row] = bars.amountE4[n];
    }
  }

  /** An ex-date: prices so far compare with those to come. */
  rebase(factor: number): void {
    for (let k = 0; k < this.#prices.length; k++) this.#prices[k] *= factor;
  }

  #row(ago: number, field: string): number {
    if (ago >= 0 && ago < this.length) return (this.count - 1 - ago) % this.kept;
    const what = `${field} of the ${this.name}, ${ago} bars ago`;
    // hot-ok: a mistake of the strategy, which stops it
    if (ago < 0) throw new Error(`${what}: beyond the current time, bars to come cannot be read`);
    const why = `${this.length} are kept, ${this.count} were complete ({ keep: n } keeps more)`;
    throw new Error(`${what}: ${why}`); // hot-ok: a mistake of the strategy, which stops it
  }
}
