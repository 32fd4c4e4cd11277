// Carries ticks and bars of one strategy into its indicators, before its own hooks run. Called by
// the strategy host. Invariant: allocates nothing once onInit is over; the order of indicators is
// the order in which they were made.
import { type IndicatorBinding, SERIES_TICK, type SeriesNo } from '../core/indicator-port.ts';
import type { Bar, SnapshotTick } from '../messages/generated/market.ts';

export class IndicatorFeed {
  readonly #bars: IndicatorBinding[] = [];
  readonly #ticks: IndicatorBinding[] = [];

  /** Called in onInit. */
  attach(binding: IndicatorBinding): void {
    const isTick = binding.series[0] === SERIES_TICK;
    (isTick ? this.#ticks : this.#bars).push(binding);
  }

  /** A tick without a last price is no row. */
  onTick(tick: SnapshotTick): void {
    const all = this.#ticks;
    for (let k = 0; k < all.length; k++) {
      const binding = all[k]!;
      if (binding.instrument !== tick.instrument || tick.lastE4 === 0) continue;
      binding.slot.inputs[0]![0] = tick.lastE4;
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
