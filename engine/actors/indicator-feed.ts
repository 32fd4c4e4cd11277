// Carries ticks and bars of one strategy into its indicators, before its own hooks run. Called by
// the strategy host. Invariant: allocates nothing once onInit is over; the order of indicators is
// the order in which they were made.
import { type IndicatorBinding, SERIES_TICK, type SeriesNo } from '../core/indicator-port.ts';
import type { Bar, SnapshotTick } from '../messages/generated/market.ts';

export class IndicatorFeed {
  /** By instrument, so that a universe of thousands costs a tick its own indicators only. */
  readonly #bars: (IndicatorBinding[] | undefined)[];
  readonly #ticks: (IndicatorBinding[] | undefined)[];

  constructor(instrumentCount: number) {
    this.#bars = Array.from({ length: instrumentCount }, () => undefined);
    this.#ticks = Array.from({ length: instrumentCount }, () => undefined);
  }

  /** Called in onInit. */
  attach(binding: IndicatorBinding): void {
    const rows = binding.series[0] === SERIES_TICK ? this.#ticks : this.#bars;
    const own = rows[binding.instrument];
    if (own === undefined)
      rows[binding.instrument] = [binding]; // hot-ok: in onInit
    else own.push(binding);
  }

  /** A tick without a last price is no row. */
  onTick(tick: SnapshotTick): void {
    const own = this.#ticks[tick.instrument];
    if (own === undefined || tick.lastE4 === 0) return;
    for (let k = 0; k < own.length; k++) {
      const binding = own[k]!;
      binding.slot.inputs[0]![0] = tick.lastE4;
      binding.slot.step();
    }
  }

  onBar(bar: Bar): void {
    const own = this.#bars[bar.instrument];
    if (own === undefined) return;
    for (let k = 0; k < own.length; k++) {
      const binding = own[k]!;
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
