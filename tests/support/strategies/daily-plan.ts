// Does what its plan says and tells by ctx.log when each hook of it ran. Used by tests of runs over
// several days. `plan`: items `DAY SIDE SYMBOL QTY PRICE` separated by `;`, done on that day's bar;
// SIDE is buy, sell, or drop (an order that is cancelled at once).
import { defineStrategy, type IndicatorView } from 'pankou';

interface State {
  readonly averages: IndicatorView<'sma'>[];
}

export default defineStrategy({
  params: {
    plan: { default: '' },
    period: { default: 3, min: 1, max: 500, int: true },
    dayOpen: { default: false },
    /** Buys 100 shares of the first instrument, at up to 1 % above the close before. */
    times: { default: '' },
  },

  onInit(ctx): State {
    ctx.log(`init ${ctx.day}`);
    ctx.at('09:25:10', () => ctx.log(`timer ${ctx.day}`));
    const { period, times } = ctx.params;
    const buy = () => {
      const { index, preCloseE4 } = ctx.instruments[0]!;
      ctx.buy(index, Math.round(preCloseE4 * 0.0101) * 100, 100);
    };
    for (const time of times.split(' ').filter(Boolean)) ctx.at(time, buy);
    return {
      averages: ctx.instruments.map(({ index }) =>
        ctx.indicators.sma({ instrument: index, period, on: 'close' }),
      ),
    };
  },

  onDay(ctx) {
    const held = ctx.instruments.map(({ symbol, index, preCloseE4, upperLimitE4 }) => {
      const { qty, sellableQty } = ctx.position(index);
      return `${symbol} ${qty}/${sellableQty} pre ${preCloseE4} up ${upperLimitE4}`;
    });
    ctx.log(`day ${ctx.day} cash ${ctx.account().cashE4} ${held.join(', ')}`);
    if (ctx.params.dayOpen) ctx.buy(ctx.instruments[0]!.index, ctx.instruments[0]!.preCloseE4, 100);
  },

  onBar(ctx, bar) {
    const symbol = ctx.instruments.find(({ index }) => index === bar.instrument)!.symbol;
    const { value } = ctx.state.averages[ctx.instruments.findIndex((i) => i.symbol === symbol)]!;
    ctx.log(`bar ${ctx.day} ${symbol} sma ${value}`);
    for (const item of ctx.params.plan.split(';')) {
      const [day, side, of, qty, price] = item.trim().split(' ');
      if (Number(day) !== ctx.day || of !== symbol) continue;
      const priceE4 = Math.round(Number(price) * 10_000);
      if (side === 'sell') ctx.sell(bar.instrument, priceE4, Number(qty));
      else {
        const no = ctx.buy(bar.instrument, priceE4, Number(qty));
        if (side === 'drop') ctx.log(`drop ${ctx.cancel(no)} again ${ctx.cancel(no)}`);
      }
    }
  },

  onAction(ctx, { instrument, factor }) {
    ctx.log(`action ${ctx.day} ${instrument} ${factor.toFixed(6)}`);
  },

  onReject(ctx, { code }) {
    ctx.log(`reject ${ctx.day} ${code}`);
  },

  onDayEnd(ctx) {
    ctx.log(`end ${ctx.day}`);
  },

  onStop(ctx) {
    ctx.log(`stop ${ctx.day}`);
  },
});
