// The strategy of the asking scenario: bars along trading time, a timer far away, and an order
// helper asked at every tick, which finds its target reached. Run by asking.scenario.ts. Always:
// whole numbers only, so that nothing of it is boxed.
import { type BarSeries, defineStrategy } from 'pankou';

export default defineStrategy({
  params: {},

  onInit(ctx): { sum: number; bars: BarSeries } {
    const { index } = ctx.instruments[0]!;
    ctx.at('14:50', () => {});
    return { sum: 0, bars: ctx.bars(index, '1m', { keep: 100 }) };
  },

  onTick(ctx, tick) {
    const { state } = ctx;
    const done = ctx.orderTarget(tick.instrument, ctx.position(tick.instrument).qty);
    const close = state.bars.length > 0 ? state.bars.closeE4(0) : 0;
    state.sum = (state.sum + done + ctx.rest.code + close) & 0xffffff;
  },

  onMarketOrder(ctx, order) {
    ctx.state.sum = (ctx.state.sum + order.qty) & 0xffffff;
  },
});
