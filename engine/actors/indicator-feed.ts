// Carries ticks and bars of one strategy into its indicators, before its own hooks run. Called by
// the strategy host. Invariant: allocates nothing once onInit is over; the order of indicators is
// the order in which they were made.
import type { EarlierBars } from '../core/earlier-bars.ts';
import { type IndicatorBinding, SERIES_TICK, type SeriesNo } from '../core/indicator-port.ts';
import type { Bar, SnapshotTick } from '../messages/generated/market.ts';
import { IndicatorHistory } from './indicator-history.ts';

export class IndicatorFeed {
  /** By instrument, so that a universe of thousands costs a tick its own indicators only. */
  readonly #bars: (IndicatorBinding[] | undefined)[];
  readonly #ticks: (IndicatorBinding[] | undefined)[];
  /** Of each binding, once the run is one of several days; a live day needs none. */
  readonly #barRows: (IndicatorHistory[] | undefined)[];
  readonly #tickRows: (IndicatorHistory[] | undefined)[];
  readonly #keeps: boolean;
  /** Some indicator takes ticks. */
  hasTicks = false;

  /** `keeps`: rows are kept for rebase(). */
  constructor(instrumentCount: number, keeps: boolean) {
    this.#bars = Array.from({ length: instrumentCount }, () => undefined);
    this.#ticks = Array.from({ length: instrumentCount }, () => undefined);
    this.#barRows = Array.from({ length: instrumentCount }, () => undefined);
    this.#tickRows = Array.from({ length: instrumentCount }, () => undefined);
    this.#keeps = keeps;
  }

  /** Called in onInit; `earlier`: bars from before the run, which it begins with. */
  attach(binding: IndicatorBinding, earlier: EarlierBars | null): void {
    const isTick = binding.series[0] === SERIES_TICK;
    if (isTick) this.hasTicks = true;
    add(isTick ? this.#ticks : this.#bars, binding.instrument, binding);
    const history = this.#keeps ? new IndicatorHistory(binding) : null; // hot-ok: in onInit
    if (history !== null) add(isTick ? this.#tickRows : this.#barRows, binding.instrument, history);
    if (isTick || earlier === null) return;
    const { slot, series } = binding;
    const columns = series.map((no) => columnOf(earlier, no)); // hot-ok: in onInit
    for (let row = 0; row < earlier.count; row++) {
      for (let k = 0; k < columns.length; k++) slot.inputs[k]![0] = columns[k]![row]!;
      history?.keep();
      slot.step();
    }
  }

  /** An ex-date: what indicators of the instrument have seen is multiplied by `factor`. */
  rebase(instrument: number, factor: number): void {
    const bars = this.#barRows[instrument];
    if (bars !== undefined) for (let k = 0; k < bars.length; k++) bars[k]!.rebase(factor);
    const ticks = this.#tickRows[instrument];
    if (ticks !== undefined) for (let k = 0; k < ticks.length; k++) ticks[k]!.rebase(factor);
  }

  /** A tick without a last price is no row. */
  onTick(tick: SnapshotTick): void {
    const own = this.#ticks[tick.instrument];
    if (own === undefined || tick.lastE4 === 0) return;
    for (let k = 0; k < own.length; k++) {
      const binding = own[k]!;
      binding.slot.inputs[0]![0] = tick.lastE4;
      if (this.#keeps) this.#tickRows[tick.instrument]![k]!.keep();
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
      if (this.#keeps) this.#barRows[bar.instrument]![k]!.keep();
      binding.slot.step();
    }
  }
}

function add<T>(rows: (T[] | undefined)[], instrument: number, one: T): void {
  const own = rows[instrument];
  if (own === undefined)
    rows[instrument] = [one]; // hot-ok: in onInit
  else own.push(one);
}

/** The column that put() takes from a bar. */
function columnOf(bars: EarlierBars, series: SeriesNo): Float64Array {
  if (series === 3) return bars.closeE4;
  if (series === 1) return bars.highE4;
  if (series === 2) return bars.lowE4;
  return series === 0 ? bars.openE4 : bars.volume;
}

/** Straight into the kernel's memory: a float64 handed on as an argument may be boxed. */
function put(into: Float64Array, series: SeriesNo, bar: Bar): void {
  if (series === 3) into[0] = bar.closeE4;
  else if (series === 1) into[0] = bar.highE4;
  else if (series === 2) into[0] = bar.lowE4;
  else if (series === 0) into[0] = bar.openE4;
  else into[0] = bar.volume;
}
