// Builds bars of one instrument and length from ticks, or from shorter bars of files: a bar is
// complete when a tick of a later interval arrives, or the shorter bar that ends with it, so it
// never shows the future. Called by the strategy host only.
// Invariant: volumes add up to the day's volume; an interval without trades makes no bar.
import type { Bar } from '../messages/generated/market.ts';
import type { BarSeries } from './bar-series.ts';
import type { SessionBars } from './session-bars.ts';

const SECOND_NS = 1_000_000_000;

/** What a bar is built from; a SnapshotTick is one. */
export interface TickNumbers {
  readonly eventNs: number;
  readonly lastE4: number;
  readonly volume: number;
  readonly amountE4: number;
}

/** A shorter bar; a Bar is one. */
export interface BarNumbers {
  readonly startNs: number;
  readonly openE4: number;
  readonly highE4: number;
  readonly lowE4: number;
  readonly closeE4: number;
  readonly volume: number;
  readonly amountE4: number;
}

export class BarBuilder {
  readonly instrument: number;
  readonly intervalS: number;
  /** Cuts along trading time; null = along the clock. */
  readonly #session: SessionBars | null;
  /** Takes the complete bars. */
  readonly series: BarSeries | null;
  /** The next builder of the same instrument. */
  next: BarBuilder | null = null;
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

  constructor(
    instrument: number,
    intervalS: number,
    session: SessionBars | null = null,
    series: BarSeries | null = null,
  ) {
    this.instrument = instrument;
    this.intervalS = intervalS;
    this.#session = session;
    this.series = series;
  }

  /** End of the bar being built. */
  endNs = -1;

  /** Whether the bar being built is complete at `nowNs`. */
  isComplete(nowNs: number): boolean {
    return this.startNs >= 0 && nowNs >= this.endNs;
  }

  /**
   * Whether a tick closes the bar. What trades at 11:30:00 or in the closing auction belongs to the
   * bar that ends there, where bars follow trading time. It takes the tick, not its numbers: a
   * float64 argument is boxed whenever the call is not inlined.
   */
  isClosedBy(tick: TickNumbers): boolean {
    const nowNs = tick.eventNs;
    if (this.startNs < 0 || nowNs < this.endNs) return false;
    if (this.#session === null || tick.volume <= this.#volumeSeen) return true;
    const interval = this.intervalS * SECOND_NS;
    return this.#session.startNs(this.#session.indexAt(nowNs, interval), interval) > this.startNs;
  }

  /** Whether it takes what trades at the end of its day (the closing auction) as its own. */
  get isSession(): boolean {
    return this.#session !== null;
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
  add(tick: TickNumbers): void {
    const { lastE4, volume } = tick;
    if (lastE4 === 0 || volume <= this.#volumeSeen) return;
    const { amountE4 } = tick;
    if (this.startNs < 0) {
      this.#begin(tick.eventNs);
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

  /** Writes the bar being built into a fresh message. */
  write(bar: Bar): void {
    bar.eventNs = this.endNs;
    bar.instrument = this.instrument;
    bar.intervalS = this.intervalS;
    bar.startNs = this.startNs;
    bar.openE4 = this.openE4;
    bar.highE4 = this.highE4;
    bar.lowE4 = this.lowE4;
    bar.closeE4 = this.closeE4;
    bar.volume = this.volume;
    bar.amountE4 = this.amountE4;
  }

  /** Takes a shorter bar that begins within the one being built. */
  addBar(bar: BarNumbers): void {
    if (this.startNs < 0) {
      this.#begin(bar.startNs);
      this.openE4 = bar.openE4;
      this.highE4 = bar.highE4;
      this.lowE4 = bar.lowE4;
    }
    if (bar.highE4 > this.highE4) this.highE4 = bar.highE4;
    if (bar.lowE4 < this.lowE4) this.lowE4 = bar.lowE4;
    this.closeE4 = bar.closeE4;
    this.volume += bar.volume;
    this.amountE4 += bar.amountE4;
  }

  #begin(nowNs: number): void {
    const interval = this.intervalS * SECOND_NS;
    if (this.#session === null) {
      this.startNs = Math.floor(nowNs / interval) * interval;
      this.endNs = this.startNs + interval;
      return;
    }
    const index = this.#session.indexAt(nowNs, interval);
    this.startNs = this.#session.startNs(index, interval);
    this.endNs = this.#session.endNs(index, interval);
  }
}
