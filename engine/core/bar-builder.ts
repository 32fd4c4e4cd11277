// Builds bars of one instrument and length from ticks: a bar is complete when a tick of a later
// interval arrives, so it never shows the future. Called by the strategy host only.
// Invariant: volumes add up to the day's volume; an interval without trades makes no bar.
const SECOND_NS = 1_000_000_000;

export class BarBuilder {
  readonly instrument: number;
  readonly intervalS: number;
  /** The bar being built; `startNs` < 0 = none yet. */
  startNs = -1;
  openE4 = 0;
  highE4 = 0;
  lowE4 = 0;
  closeE4 = 0;
  volume = 0;
  amountE4 = 0;
  /** Day totals up to which bars were built. */
  #volumeSeen = 0;
  #amountSeen = 0;

  constructor(instrument: number, intervalS: number) {
    this.instrument = instrument;
    this.intervalS = intervalS;
  }

  /** End of the bar being built. */
  get endNs(): number {
    return this.startNs + this.intervalS * SECOND_NS;
  }

  /** Whether the bar being built is complete at `nowNs`. */
  isComplete(nowNs: number): boolean {
    return this.startNs >= 0 && nowNs >= this.endNs;
  }

  /** Forgets the bar that was handed out. */
  clear(): void {
    this.startNs = -1;
    this.volume = 0;
    this.amountE4 = 0;
  }

  /** A new day: its totals begin at 0, and no bar of the day before is left. */
  beginDay(): void {
    this.clear();
    this.#volumeSeen = 0;
    this.#amountSeen = 0;
  }

  /** Takes a tick's last price and day totals in; ticks without new volume change nothing. */
  add(nowNs: number, lastE4: number, volume: number, amountE4: number): void {
    if (lastE4 === 0 || volume <= this.#volumeSeen) return;
    if (this.startNs < 0) {
      const interval = this.intervalS * SECOND_NS;
      this.startNs = Math.floor(nowNs / interval) * interval;
      this.openE4 = lastE4;
      this.highE4 = lastE4;
      this.lowE4 = lastE4;
    }
    if (lastE4 > this.highE4) this.highE4 = lastE4;
    if (lastE4 < this.lowE4) this.lowE4 = lastE4;
    this.closeE4 = lastE4;
    this.volume += volume - this.#volumeSeen;
    this.amountE4 += amountE4 - this.#amountSeen;
    this.#volumeSeen = volume;
    this.#amountSeen = amountE4;
  }
}
