// Monthly small-cap rebalance (小市值): on the first trading day of the month it holds the n smallest
// companies of its universe in equal parts. Share counts are no market data: they are a parameter.
// What suspension, limits or lots left over is tried again every day at 10:30. Page:
// docs/gallery/small-cap-monthly.md.
import { defineStrategy, type RebalanceTarget } from 'pankou';

interface State {
  /** What is to be held, by symbol; shares of the account's value. */
  weights: Record<string, number>;
  /** Something was left over. */
  isOpen: boolean;
}

export default defineStrategy({
  params: {
    shares: { default: '', label: 'SYMBOL=SHARES,... 600001.SH=1.2e9,000002.SZ=8e8' },
    hold: { default: 3, min: 1, max: 500, int: true, label: 'companies held' },
    part: { default: 0.95, min: 0.1, max: 1, label: 'part of the account that is invested' },
    time: { default: '09:35', label: 'time of day' },
  },
  stateVersion: 1,

  onInit(ctx): State {
    const state = ctx.restored<State>() ?? { weights: {}, isOpen: false };
    const { time, hold, part } = ctx.params;
    const shares = new Map(
      ctx.params.shares.split(',').map((text) => {
        const [symbol = '', count] = text.trim().split('=');
        if (!(Number(count) > 0)) throw new Error(`shares: '${text}', expected SYMBOL=SHARES`);
        return [ctx.instrument(symbol).symbol, Number(count)] as const;
      }),
    );
    const go = (): void => {
      const targets: RebalanceTarget[] = [...shares.keys()].map((symbol) => {
        const { index } = ctx.instrument(symbol);
        return { instrument: index, weight: state.weights[symbol] ?? 0 };
      });
      state.isOpen = true;
      ctx.rebalance(targets);
    };
    ctx.at({ dayOfMonth: 1, at: time }, () => {
      const sized = [...shares]
        .map(([symbol, count]) => ({
          symbol,
          cap: count * ctx.lastE4(ctx.instrument(symbol).index),
        }))
        .filter(({ cap }) => cap > 0)
        .sort((a, b) => a.cap - b.cap);
      const chosen = sized.slice(0, hold).map(({ symbol }) => [symbol, part / hold] as const);
      state.weights = Object.fromEntries(chosen);
      go();
    });
    ctx.at('10:30', () => state.isOpen && go());
    return state;
  },

  onRebalance(ctx, { left, orders }) {
    const open = left.filter(({ code }) => code !== 205);
    ctx.state.isOpen = open.length > 0;
    ctx.series('orders', orders);
    for (const { instrument, qty, why } of open) ctx.log(`left ${instrument}: ${qty} (${why})`);
  },
});
