// Moving-average cross on bars built from ticks: buys when the fast average rises above the slow
// one, sells when it falls below. Works over base shares (底仓), because of T+1: what it bought
// today it can sell only tomorrow, so it sells from what it held at the open.
// Run by `pankou run examples/paper.json` and by `pankou backtest`, unchanged.
import { defineStrategy, type Indicator } from 'pankou';

interface State {
  /** By instrument. */
  readonly fast: Indicator[];
  readonly slow: Indicator[];
  /** 1 = fast above slow, -1 = below; undefined = not known yet. */
  readonly above: (1 | -1 | undefined)[];
}

export default defineStrategy({
  params: {
    fast: { default: 5, min: 1, max: 500, int: true, label: 'bars of the fast average' },
    slow: { default: 20, min: 2, max: 2000, int: true, label: 'bars of the slow average' },
    seconds: { default: 60, min: 1, max: 14400, int: true, label: 'length of a bar in seconds' },
    lots: { default: 5, min: 1, max: 1000, int: true, label: 'lots of 100 shares per trade' },
  },

  onInit(ctx): State {
    if (ctx.params.fast >= ctx.params.slow) {
      throw new Error(`fast=${ctx.params.fast} must be below slow=${ctx.params.slow}`);
    }
    const state: State = { fast: [], slow: [], above: [] };
    for (const { index } of ctx.instruments) {
      state.fast[index] = ctx.sma(ctx.params.fast);
      state.slow[index] = ctx.sma(ctx.params.slow);
      ctx.bars(index, ctx.params.seconds);
    }
    return state;
  },

  onBar(ctx, bar) {
    const { state, params } = ctx;
    const fast = state.fast[bar.instrument]!.next(bar.closeE4);
    const slow = state.slow[bar.instrument]!.next(bar.closeE4);
    if (Number.isNaN(fast) || Number.isNaN(slow)) return;
    const above = fast > slow ? 1 : -1;
    const before = state.above[bar.instrument];
    state.above[bar.instrument] = above;
    if (before === undefined || before === above) return;
    const qty = params.lots * 100;
    if (above > 0) ctx.buy(bar.instrument, bar.closeE4, qty);
    else if (ctx.position(bar.instrument).sellableQty >= qty) {
      ctx.sell(bar.instrument, bar.closeE4, qty);
    }
  },
});
