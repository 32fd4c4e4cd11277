// A strategy whose every tick takes longer than the next one needs to come: its ticks are merged,
// and it still trades now and then. Used by the end-to-end tests of replay.
import { defineStrategy, PHASE_CONTINUOUS } from 'pankou';

const PAUSE = new Int32Array(new SharedArrayBuffer(4));

export default defineStrategy({
  params: { pauseMs: { default: 0.05, min: 0, max: 100, label: 'host time spent on a tick' } },

  onInit() {
    return { ticks: 0 };
  },

  onTick(ctx, tick) {
    if (tick.phase !== PHASE_CONTINUOUS) return;
    Atomics.wait(PAUSE, 0, 0, ctx.params.pauseMs);
    if (++ctx.state.ticks % 20 === 0) ctx.buy(tick.instrument, tick.askPriceE4(0), 100);
  },
});
