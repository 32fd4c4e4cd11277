// The strategy of the tick scenario: reads the whole picture and asks for nothing. Run by
// tick.scenario.ts. Always: whole numbers only, so that nothing of it is boxed.
import { defineStrategy } from 'pankou';

export default defineStrategy({
  params: {},

  onInit(): { sum: number } {
    return { sum: 0 };
  },

  onTick(ctx, tick) {
    let sum = ctx.state.sum + tick.lastE4;
    for (let n = 0; n < 10; n++) sum += tick.bidPriceE4(n) + tick.askPriceE4(n);
    ctx.state.sum = sum & 0xffffff;
  },
});
