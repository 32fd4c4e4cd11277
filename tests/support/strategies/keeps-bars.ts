// Says what bars it could read and what its averages were, at the start and on every bar. Run by
// tests of bars from before a run and of bars built from shorter ones.
import { defineStrategy } from 'pankou';

const yuan = (priceE4: number) => (priceE4 / 10_000).toFixed(4);

export default defineStrategy({
  params: { length: { default: 'day' }, period: { default: 3, int: true } },
  onInit(ctx) {
    const { index } = ctx.instruments[0]!;
    const bars = ctx.bars(index, ctx.params.length, { keep: 5 });
    const sma = ctx.indicators.sma({ period: ctx.params.period });
    const closes = Array.from({ length: bars.length }, (_, ago) => yuan(bars.closeE4(ago)));
    ctx.log(`starts with ${closes.reverse().join(' ')}, sma ${yuan(sma.value)}`);
    return { bars, sma };
  },
  onBar(ctx, { intervalS, eventNs, openE4, highE4, lowE4, closeE4, volume }) {
    const prices = [openE4, highE4, lowE4, closeE4].map((price) => price / 10_000).join(' ');
    const { bars, sma } = ctx.state;
    const ends = eventNs / 60e9;
    ctx.log(`${intervalS} ${ends} ${prices} ${volume} ${bars.length} ${yuan(sma.value)}`);
  },
});
