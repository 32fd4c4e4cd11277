// Places an order that rests, then never returns. Used by the end-to-end tests of bad input: its
// thread is ended, its order must not stay in the market.
import { defineStrategy, PHASE_CONTINUOUS, STATUS_ACCEPTED } from 'pankou';

export default defineStrategy({
  params: {},

  onInit() {
    return { asked: false, accepted: false };
  },

  onOrder(ctx, order) {
    if (order.status === STATUS_ACCEPTED) ctx.state.accepted = true;
  },

  onTick(ctx, tick) {
    const bidE4 = tick.bidPriceE4(0);
    if (tick.phase !== PHASE_CONTINUOUS || bidE4 <= 0) return;
    while (ctx.state.accepted);
    if (ctx.state.asked) return;
    ctx.state.asked = ctx.buy(tick.instrument, Math.round((bidE4 * 0.97) / 100) * 100, 300) > 0;
  },
});
