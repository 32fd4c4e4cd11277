// Not bad at all: the neighbour that must go on while another strategy misbehaves. Trades a lot at
// the touch now and then, and keeps one buy resting far below that never trades. Used by the
// end-to-end tests. Always: the same market gives the same orders.
import { defineStrategy, PHASE_CONTINUOUS } from 'pankou';

export default defineStrategy({
  params: {
    everyMs: { default: 500, min: 0, max: 600_000, label: 'engine time between two trades' },
    rest: { default: true, label: 'keep an order resting far below' },
  },

  onInit() {
    return { nextNs: 0, trades: 0, resting: false };
  },

  onTick(ctx, tick) {
    if (tick.phase !== PHASE_CONTINUOUS || ctx.nowNs < ctx.state.nextNs) return;
    const bidE4 = tick.bidPriceE4(0);
    const askE4 = tick.askPriceE4(0);
    if (bidE4 <= 0 || askE4 <= 0) return;
    ctx.state.nextNs = ctx.nowNs + ctx.params.everyMs * 1e6;
    if (!ctx.state.resting && ctx.params.rest) {
      const lowE4 = Math.round((bidE4 * 0.97) / 100) * 100;
      ctx.state.resting = ctx.buy(tick.instrument, lowE4, 100) > 0;
      return;
    }
    const buys = ctx.state.trades++ % 2 === 0;
    if (buys) ctx.buy(tick.instrument, askE4, 100);
    else if (ctx.position(tick.instrument).sellableQty >= 100) {
      ctx.sell(tick.instrument, bidE4, 100);
    }
  },
});
