// A strategy that cannot start. Used by the end-to-end tests of bad input.
import { defineStrategy } from 'pankou';

export default defineStrategy({
  params: {},

  onInit(): object {
    throw new Error('no model file today');
  },

  onTick(ctx, tick) {
    ctx.buy(tick.instrument, tick.askPriceE4(0), 100);
  },
});
