// The strategy of the indicator scenario: five indicators fed by ticks and bars, read at every
// tick. Run by indicator.scenario.ts. Always: what it keeps are whole numbers, so nothing of it
// is boxed.
import { defineStrategy } from 'pankou';

export default defineStrategy({
  params: {},

  onInit(ctx) {
    const instrument = ctx.instruments[0]!.index;
    const ema = ctx.indicators.ema({ period: 20, on: 'tick', instrument });
    const macd = ctx.indicators.macd({ on: 'tick', instrument });
    const rsi = ctx.indicators.rsi({ period: 14, on: 'close', seconds: 1, instrument });
    const atr = ctx.indicators.atr({ period: 14, seconds: 1, instrument });
    const kdj = ctx.indicators.kdj({ seconds: 1, convention: 'tdx', instrument });
    return { ema, macd, rsi, atr, kdj, sum: 0 };
  },

  onTick(ctx) {
    const { ema, macd, rsi, atr, kdj } = ctx.state;
    if (!ema.ready || !macd.ready) return;
    let sum = ctx.state.sum + (ema.value | 0) + (macd.histogram | 0);
    if (rsi.ready && atr.ready && kdj.ready) sum += (rsi.value | 0) + (atr.value | 0) + (kdj.j | 0);
    ctx.state.sum = sum & 0xffffff;
  },
});
