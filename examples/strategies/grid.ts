// Grid: a holding for every price. Each step down from the reference price holds one portion more,
// each step up one less; orders rest at the two neighbouring steps. The reference is the first
// price of the first day and is kept over restarts and days. Page: docs/gallery/grid.md.
import { defineStrategy, PHASE_CONTINUOUS } from 'pankou';

interface State {
  /** Reference price and shares at the start, by symbol. */
  readonly anchors: Record<string, { readonly priceE4: number; readonly qty: number }>;
}

export default defineStrategy({
  params: {
    stepPercent: { default: 0.5, min: 0.05, max: 10, label: 'distance of two steps, percent' },
    qty: { default: 500, min: 1, max: 1_000_000, int: true, label: 'shares a step' },
    steps: { default: 8, min: 1, max: 100, int: true, label: 'steps each way at most' },
  },
  stateVersion: 1,

  onInit: (ctx): State => ctx.restored<State>() ?? { anchors: {} },

  onTick(ctx, tick) {
    if (tick.phase !== PHASE_CONTINUOUS || tick.lastE4 === 0) return;
    const { symbol } = ctx.instruments.find(({ index }) => index === tick.instrument)!;
    const { anchors } = ctx.state;
    if (anchors[symbol] === undefined) {
      anchors[symbol] = { priceE4: tick.lastE4, qty: ctx.position(tick.instrument).qty };
      ctx.save();
    }
    const anchor = anchors[symbol];
    const { stepPercent, steps, qty } = ctx.params;
    const exact = (anchor.priceE4 - tick.lastE4) / ((anchor.priceE4 * stepPercent) / 100);
    // Half a step of play: a price that trembles on a line does not trade for ever.
    const held = ctx.position(tick.instrument).qty;
    const now = (held - anchor.qty) / qty;
    if (Math.abs(exact - now) < 1) return;
    const level = Math.max(-steps, Math.min(steps, Math.trunc(exact)));
    ctx.orderTarget(tick.instrument, Math.max(0, anchor.qty + level * qty));
  },
});
