// Bollinger reversion: buys a lot when a bar closes below the lower band, sells one when it closes
// above the upper band, and goes back to the base shares before the close. Works over base shares
// (底仓), because of T+1. Page: docs/gallery/bollinger-reversion.md.
import { defineStrategy, type IndicatorView } from 'pankou';

interface State {
  readonly bands: Map<number, IndicatorView<'bbands'>>;
  /** Shares at the start, by instrument. */
  readonly base: Map<number, number>;
}

export default defineStrategy({
  params: {
    period: { default: 20, min: 5, max: 500, int: true, label: 'bars of the band' },
    width: { default: 2, min: 0.5, max: 5, label: 'deviations from the middle' },
    minutes: { default: 1, min: 1, max: 60, int: true, label: 'length of a bar' },
    lots: { default: 5, min: 1, max: 1_000, int: true, label: 'lots of 100 shares a step' },
    steps: { default: 3, min: 1, max: 20, int: true, label: 'steps away from the base at most' },
  },

  onInit(ctx): State {
    const state: State = { bands: new Map(), base: new Map() };
    const { period, width, minutes } = ctx.params;
    for (const { index } of ctx.instruments) {
      const options = { instrument: index, seconds: minutes * 60, on: 'close' } as const;
      state.bands.set(index, ctx.indicators.bbands({ period, up: width, down: width, ...options }));
    }
    ctx.at({ beforeClose: '6m' }, () => {
      for (const [index, qty] of state.base) ctx.orderTarget(index, qty);
    });
    return state;
  },

  onBar(ctx, bar) {
    const { state, params } = ctx;
    const held = ctx.position(bar.instrument).qty;
    const base = state.base.get(bar.instrument) ?? held;
    state.base.set(bar.instrument, base);
    const band = state.bands.get(bar.instrument);
    if (band === undefined || !band.ready) return;
    const step = params.lots * 100;
    const away = Math.round((held - base) / step);
    if (bar.closeE4 < band.lower && away < params.steps) ctx.order(bar.instrument, step);
    if (bar.closeE4 > band.upper && away > -params.steps) ctx.order(bar.instrument, -step);
    ctx.series(`width ${bar.instrument}`, (band.upper - band.lower) / 10_000);
  },
});
