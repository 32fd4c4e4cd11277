// Carries ticks and bars of one strategy into its indicators, before its own hooks run. Called by
// the strategy host. Invariant: allocates nothing once onInit is over; the order of indicators is
// the order in which they were made.
import { type IndicatorBinding, SERIES_TICK, type SeriesNo } from '../core/indicator-port.ts';
import type { Bar, SnapshotTick } from '../messages/generated/market.ts';
import { IndicatorHistory } from './indicator-history.ts';

export class IndicatorFeed {
  readonly #bars: IndicatorBinding[] = [];
  readonly #ticks: IndicatorBinding[] = [];
  /** Of each binding, once the run is one of several days; a live day needs none. */
  readonly #barRows: IndicatorHistory[] = [];
  readonly #tickRows: IndicatorHistory[] = [];
  readonly #keeps: boolean;

  /** `keeps`: rows are kept for rebase(). */
  constructor(keeps: boolean) {
    this.#keeps = keeps;
  }

  /** Called in onInit. */
  attach(binding: IndicatorBinding): void {
    const isTick = binding.series[0] === SERIES_TICK;
    (isTick ? this.#ticks : this.#bars).push(binding);
    // hot-ok: called in onInit
    if (this.#keeps) (isTick ? this.#tickRows : this.#barRows).push(new IndicatorHistory(binding));
  }

  /** An ex-date: what indicators of the instrument have seen is multiplied by `factor`. */
  rebase(instrument: number, factor: number): void {
    for (let k = 0; k < this.#barRows.length; k++) {
      if (this.#bars[k]!.instrument === instrument) this.#barRows[k]!.rebase(factor);
    }
    for (let k = 0; k < this.#tickRows.length; k++) {
      if (this.#ticks[k]!.instrument === instrument) this.#tickRows[k]!.rebase(factor);
    }
  }

  /** A tick without a last price is no row. */
  onTick(tick: SnapshotTick): void {
    const all = this.#ticks;
    for (let k = 0; k < all.length; k++) {
      const binding = all[k]!;
      if (binding.instrument !== tick.instrument || tick.lastE4 === 0) continue;
      binding.slot.inputs[0]![0] = tick.lastE4;
      if (this.#keeps) this.#tickRows[k]!.keep();
      binding.slot.step();
    }
  }

  onBar(bar: Bar): void {
    const all = this.#bars;
    for (let k = 0; k < all.length; k++) {
      const binding = all[k]!;
      if (binding.instrument !== bar.instrument) continue;
      if (binding.seconds !== 0 && binding.seconds !== bar.intervalS) continue;
      const series = binding.series;
      for (let i = 0; i < series.length; i++) put(binding.slot.inputs[i]!, series[i]!, bar);
      if (this.#keeps) this.#barRows[k]!.keep();
      binding.slot.step();
    }
  }
}

/** Straight into the kernel's memory: a float64 handed on as an argument may be boxed. */
function put(into: Float64Array, series: SeriesNo, bar: Bar): void {
  if (series === 3) into[0] = bar.closeE4;
  else if (series === 1) into[0] = bar.highE4;
  else if (series === 2) into[0] = bar.lowE4;
  else if (series === 0) into[0] = bar.openE4;
  else into[0] = bar.volume;
}
