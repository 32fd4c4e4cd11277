// The strategy of the tick-to-order bench: answers every tick, by turns with a buy that rests and
// with its cancel, so that nothing fills up. Run by the strategy thread; allocates nothing itself.
import { defineStrategy } from 'pankou';

export default defineStrategy({
  params: {},

  onInit(): { intentNo: number } {
    return { intentNo: 0 };
  },

  onTick(ctx, tick) {
    const { state } = ctx;
    if (state.intentNo > 0) {
      ctx.cancel(state.intentNo);
      state.intentNo = 0;
      return;
    }
    const bidE4 = tick.bidPriceE4(0);
    if (bidE4 === 0) return;
    const intentNo = ctx.buy(tick.instrument, bidE4, 100);
    if (intentNo > 0) state.intentNo = intentNo;
  },
});
