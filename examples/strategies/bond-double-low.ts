// Convertible-bond double-low (双低): score = price of the bond + premium over its conversion value
// in percent; holds the bonds with the lowest scores in equal parts, looked at once a day.
// Conversion prices are no market data: they are a parameter. Page:
// docs/gallery/bond-double-low.md.
import { defineStrategy } from 'pankou';

interface Pair {
  readonly bond: number;
  readonly stock: number;
  /** Yuan a share. */
  readonly conversion: number;
}

export default defineStrategy({
  params: {
    pairs: { default: '', label: 'BOND=STOCK@CONVERSION,... 113050.SH=600000.SH@9.80' },
    hold: { default: 2, min: 1, max: 200, int: true, label: 'bonds held at once' },
    part: { default: 0.9, min: 0.1, max: 1, label: 'part of the account that is invested' },
    time: { default: '14:30', label: 'time of day' },
    maxPrice: { default: 150, min: 1, max: 10_000, label: 'no bond above this price' },
  },

  onInit(ctx): readonly Pair[] {
    const pairs = ctx.params.pairs.split(',').map((text): Pair => {
      const [, bond, stock, price] = /^([\w.]+)=([\w.]+)@([\d.]+)$/.exec(text.trim()) ?? [];
      if (bond === undefined || stock === undefined || !(Number(price) > 0)) {
        throw new Error(`pairs: '${text}', expected BOND=STOCK@CONVERSION`);
      }
      const [one, other] = [ctx.instrument(bond), ctx.instrument(stock)];
      return { bond: one.index, stock: other.index, conversion: Number(price) };
    });
    ctx.at(ctx.params.time, () => {
      const scored = pairs
        .map(({ bond, stock, conversion }) => {
          const price = ctx.lastE4(bond) / 10_000;
          const worth = (ctx.lastE4(stock) / 10_000 / conversion) * 100;
          return { bond, price, score: price + (price / worth - 1) * 100 };
        })
        .filter(({ price, score }) => Number.isFinite(score) && price > 0)
        .filter(({ price }) => price <= ctx.params.maxPrice)
        .sort((a, b) => a.score - b.score);
      if (scored[0] !== undefined) ctx.series('lowest score', scored[0].score);
      const { hold, part } = ctx.params;
      const chosen = new Set(scored.slice(0, hold).map(({ bond }) => bond));
      const targets = pairs.map(({ bond }) => {
        return { instrument: bond, weight: chosen.has(bond) ? part / hold : 0 };
      });
      ctx.rebalance(targets);
    });
    return pairs;
  },
});
