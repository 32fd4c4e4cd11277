// Crosses the spread in both directions now and then: for tests that need many fills of every kind.
// Used by runner.test.ts and recorded-day.test.ts. Always decides by the count of ticks alone.
import { defineStrategy, KIND_FOK, KIND_IOC, KIND_LIMIT, PHASE_CONTINUOUS } from 'pankou';

export default defineStrategy({
  params: { every: { default: 50, min: 1, int: true } },
  onInit: () => ({ ticks: 0, last: 0 }),
  onTick(ctx, tick) {
    const { state } = ctx;
    if (tick.phase !== PHASE_CONTINUOUS || ++state.ticks % ctx.params.every !== 0) return;
    const turn = Math.floor(state.ticks / ctx.params.every);
    const kind = [KIND_LIMIT, KIND_IOC, KIND_FOK][turn % 3]!;
    const qty = ((turn % 7) + 1) * 100;
    if (state.last > 0 && turn % 5 === 0) ctx.cancel(state.last);
    if (turn % 2 === 0 && tick.askPriceE4(0) > 0) {
      state.last = ctx.buy(tick.instrument, tick.askPriceE4(0), qty, kind);
    } else if (tick.bidPriceE4(0) > 0) {
      state.last = ctx.sell(tick.instrument, tick.bidPriceE4(turn % 2), qty, kind);
    }
  },
});
