// Asks once for a price between two ticks, an odd lot and a price beyond the limit, and says what
// it was told. Used by the end-to-end tests of bad input.
import { defineStrategy, PHASE_CONTINUOUS } from 'pankou';

export default defineStrategy({
  params: {},

  onInit() {
    return { asked: false };
  },

  onReject(ctx, reject) {
    const { intentNo, code, stage, priceE4, qty } = reject;
    ctx.log(`refused intent ${intentNo}: code ${code} stage ${stage} price ${priceE4} qty ${qty}`);
  },

  onTick(ctx, tick) {
    const bidE4 = tick.bidPriceE4(0);
    if (tick.phase !== PHASE_CONTINUOUS || bidE4 <= 0 || ctx.state.asked) return;
    ctx.state.asked = true;
    ctx.buy(tick.instrument, bidE4 + 37, 100);
    ctx.buy(tick.instrument, bidE4, 150);
    ctx.buy(tick.instrument, tick.upperLimitE4 + 100, 100);
  },
});
