// ETF rotation: every hour of trading it ranks the funds it was given by their return over the last
// bars and holds the best ones in equal parts; funds that fell are replaced by cash. One rebalance
// sells first and buys as the proceeds come. Page: docs/gallery/etf-rotation.md.
import { type BarSeries, defineStrategy } from 'pankou';

export default defineStrategy({
  params: {
    bars: { default: 12, min: 2, max: 240, int: true, label: 'bars of the return' },
    length: { default: '5m', choices: ['1m', '5m', '15m', '30m'], label: 'length of a bar' },
    every: { default: 60, min: 5, max: 240, int: true, label: 'session minutes between looks' },
    hold: { default: 1, min: 1, max: 20, int: true, label: 'funds held at once' },
    part: { default: 0.9, min: 0.1, max: 1, label: 'part of the account that is invested' },
  },

  onInit(ctx): Map<number, BarSeries> {
    const { bars, length, every } = ctx.params;
    const series = new Map<number, BarSeries>();
    for (const { index } of ctx.instruments) {
      series.set(index, ctx.bars(index, length, { keep: bars + 1 }));
    }
    ctx.at({ everyMinutes: every }, () => rotate());
    return series;

    function rotate(): void {
      const ranked = [...series]
        .filter(([, one]) => one.length > bars)
        .map(([instrument, one]) => {
          return { instrument, gain: one.closeE4(0) / one.closeE4(bars) - 1 };
        })
        .sort((a, b) => b.gain - a.gain);
      if (ranked.length === 0) return;
      const { hold, part } = ctx.params;
      const chosen = ranked.slice(0, hold).filter(({ gain }) => gain > 0);
      ctx.series('best return', ranked[0]!.gain);
      const targets = chosen.map(({ instrument }) => ({ instrument, weight: part / hold }));
      ctx.rebalance(targets, { sellOthers: true });
    }
  },

  onRebalance(ctx, { left }) {
    for (const { instrument, qty, why } of left) ctx.log(`left ${instrument}: ${qty} (${why})`);
  },
});
