// Asks for far more than any limit allows, on every tick, and counts what it is told. Used by the
// end-to-end tests of bad input: its neighbours must not feel it.
import { defineStrategy, PHASE_CONTINUOUS } from 'pankou';

export default defineStrategy({
  params: { perTick: { default: 500, min: 1, max: 1_000_000, int: true, label: 'asked a tick' } },

  onInit() {
    return { asked: 0, busy: 0, refused: 0 };
  },

  onReject(ctx) {
    ctx.state.refused++;
  },

  onTick(ctx, tick) {
    const bidE4 = tick.bidPriceE4(0);
    if (tick.phase !== PHASE_CONTINUOUS || bidE4 <= 0) return;
    const priceE4 = Math.round((bidE4 * 0.97) / 100) * 100;
    for (let i = 0; i < ctx.params.perTick; i++) {
      ctx.state.asked++;
      if (ctx.buy(tick.instrument, priceE4, 100) < 0) ctx.state.busy++;
    }
  },

  onStop(ctx) {
    const { asked, busy, refused } = ctx.state;
    ctx.log(`asked ${asked}, busy ${busy}, refused ${refused}`);
  },
});
