// A strategy that cannot start: it throws before its first tick. Used by the end-to-end tests of
// bad input. Always: no hook of it runs after that.
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
