// Limit-up follow (打板): buys what comes near its upper limit, once a day each, for a fixed sum,
// and sells what it bought on an earlier day a few minutes after the open. Which day that was is
// kept over restarts. Page: docs/gallery/limit-up-follow.md.
import { defineStrategy, PHASE_CONTINUOUS, SIDE_BUY } from 'pankou';

interface State {
  /** Shares bought and the day of it, by symbol. */
  readonly bought: Record<string, { qty: number; readonly day: number }>;
}

export default defineStrategy({
  params: {
    near: { default: 0.5, min: 0, max: 10, label: 'percent below the limit at which it buys' },
    yuan: { default: 20_000, min: 1_000, max: 10_000_000, label: 'money for each' },
    names: { default: 3, min: 1, max: 100, int: true, label: 'purchases a day at most' },
    minVolume: { default: 100_000, min: 0, max: 1e9, label: 'shares traded today at least' },
  },
  stateVersion: 1,

  onInit(ctx): State {
    const state = ctx.restored<State>() ?? { bought: {} };
    ctx.at('09:35', () => {
      for (const { symbol, index } of ctx.instruments) {
        const own = state.bought[symbol];
        if (own === undefined || own.day === ctx.day) continue;
        const no = ctx.order(index, -own.qty);
        if (no > 0) delete state.bought[symbol];
        else ctx.log(`${symbol}: not sold (${no}), tried again tomorrow`);
      }
    });
    return state;
  },

  onTick(ctx, tick) {
    const { near, yuan, names, minVolume } = ctx.params;
    const { upperLimitE4: limitE4, lastE4 } = tick;
    if (tick.phase !== PHASE_CONTINUOUS || limitE4 === 0 || tick.volume < minVolume) return;
    if (lastE4 < limitE4 * (1 - near / 100)) return;
    const { bought } = ctx.state;
    const { symbol } = ctx.instruments.find(({ index }) => index === tick.instrument)!;
    const today = Object.values(bought).filter(({ day }) => day === ctx.day).length;
    if (bought[symbol] !== undefined || today >= names) return;
    // Priced at the cage bound, at most the limit: at a sealed limit it queues there.
    if (ctx.orderValue(tick.instrument, yuan * 10_000) <= 0) return;
    bought[symbol] = { qty: 0, day: ctx.day };
    ctx.save();
  },

  onTrade(ctx, trade) {
    if (trade.side !== SIDE_BUY) return;
    const { symbol } = ctx.instruments.find(({ index }) => index === trade.instrument)!;
    const own = ctx.state.bought[symbol];
    if (own === undefined) return;
    own.qty += trade.qty;
    ctx.save();
  },
});
