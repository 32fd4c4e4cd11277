// Rests a sale of base shares above the first bar's close, and asks for the same shares back at
// that price or beyond on the very bar that fills it. Tests read its log.
import { defineStrategy } from '../../../engine/core/strategy.ts';

export default defineStrategy({
  params: {},
  onInit: () => ({ sellE4: 0, asked: false }),
  onBar(ctx, bar) {
    const { state } = ctx;
    if (state.sellE4 === 0) {
      state.sellE4 = bar.closeE4 + 500;
      ctx.sell(bar.instrument, state.sellE4, 100);
    } else if (!state.asked && bar.highE4 > state.sellE4) {
      state.asked = true;
      ctx.log(`asks on the bar, holding ${ctx.position(bar.instrument).qty}`);
      ctx.buy(bar.instrument, bar.closeE4, 100);
    }
  },
  onReject: (ctx, reject) => ctx.log(`refused ${reject.code}`),
  onTrade: (ctx, trade) => ctx.log(`${trade.side === 1 ? 'bought' : 'sold'} ${trade.qty}`),
});
