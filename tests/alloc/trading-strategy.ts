// The strategy of the fill scenario: answers every tick, by turns with a buy and with a sell, and
// reads what it is told of them. Run by fill.scenario.ts. Always: whole numbers only.
import { defineStrategy } from 'pankou';

export default defineStrategy({
  params: {},

  onInit(): { buys: boolean; filledQty: number } {
    return { buys: true, filledQty: 0 };
  },

  onTick(ctx, tick) {
    const { state } = ctx;
    const priceE4 = tick.bidPriceE4(0);
    if (priceE4 === 0) return;
    if (state.buys) ctx.buy(tick.instrument, priceE4, 100);
    else ctx.sell(tick.instrument, priceE4, 100);
    state.buys = !state.buys;
  },

  onTrade(ctx, fill) {
    ctx.state.filledQty = (ctx.state.filledQty + fill.qty) & 0xffffff;
  },
});
