// Buys once, then throws: for tests that a failed strategy stops alone.
// Used by runner.test.ts. Always throws on its first tick of continuous trading.
import { defineStrategy, PHASE_CONTINUOUS } from 'pankou';

export default defineStrategy({
  params: {},
  onTick(ctx, tick) {
    if (tick.phase !== PHASE_CONTINUOUS || tick.bidPriceE4(0) === 0) return;
    ctx.buy(tick.instrument, tick.lowerLimitE4, 100);
    throw new Error('thrown on purpose');
  },
});
