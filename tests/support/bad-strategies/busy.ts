// Trades without a pause for the crash tests: buys and sells around the touch, cancels what is
// older than a while, says each order that the engine acknowledged. Invariant: what it says it was
// told before; the auditor holds the engine to it.
import { defineStrategy, PHASE_CONTINUOUS, STATUS_SUBMITTED } from 'pankou';

const KEEP = 6;

export default defineStrategy({
  params: {
    everyMs: { default: 700, min: 0, max: 600_000, label: 'engine time between two orders' },
  },

  onInit() {
    return { nextNs: 0, count: 0, live: [] as number[] };
  },

  onTick(ctx, tick) {
    const { state } = ctx;
    if (tick.phase !== PHASE_CONTINUOUS || ctx.nowNs < state.nextNs) return;
    const bidE4 = tick.bidPriceE4(0);
    if (bidE4 <= 0) return;
    state.nextNs = ctx.nowNs + ctx.params.everyMs * 1e6;
    const n = state.count++;
    const qty = 100 * (1 + (n % 5));
    const offE4 = 100 * ((n % 7) - 3);
    const isBuy = n % 2 === 0;
    const held = ctx.position(tick.instrument).sellableQty >= qty;
    const made =
      isBuy || !held
        ? ctx.buy(tick.instrument, bidE4 + offE4, qty)
        : ctx.sell(tick.instrument, bidE4 + offE4, qty);
    if (made > 0) state.live.push(made);
    if (state.live.length > KEEP) ctx.cancel(state.live.shift()!);
  },

  onOrder(ctx, order) {
    if (order.status === STATUS_SUBMITTED) ctx.log(`acknowledged ${order.intentNo}`);
  },
});
