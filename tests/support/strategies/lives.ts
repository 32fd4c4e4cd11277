// Counts its lives and what it saw of the feed, over restarts. Run by tests of kept state, series
// and rows of the feed.
import { defineStrategy } from 'pankou';

interface Lives {
  lives: number;
  readonly calls: number[];
}

export default defineStrategy({
  params: {},
  stateVersion: 1,

  onInit(ctx): Lives & { rows: number } {
    const before = ctx.restored<Lives>() ?? { lives: 0, calls: [] };
    ctx.at('09:20', () => {
      const state = ctx.state as unknown as Lives;
      state.calls.push(state.lives);
      ctx.order(ctx.instruments[0]!.index, 100);
    });
    return { lives: before.lives + 1, calls: before.calls, rows: 0 };
  },

  onMarketOrder(ctx, order) {
    if (order.orderNo > 0) ctx.state.rows++;
  },

  onMarketTrade(ctx, trade) {
    if (trade.buyNo > 0 && trade.sellNo > 0) ctx.state.rows++;
  },

  onStop(ctx) {
    ctx.series('rows seen', ctx.state.rows);
  },
});
