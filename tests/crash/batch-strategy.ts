// Orders in batches for the campaigns of the crash rig: as many a second as an account may send,
// spread over all instruments, bought here and sold there, half of the old ones cancelled. Run by
// the engine under test. Invariant: what it says was acknowledged it was told before; after a
// refusal for want of a link it waits to be told that the link is ready, so that an account's
// orders of the day are not used up by refusals.
import {
  ACTION_PLACE,
  defineStrategy,
  LINK_READY,
  PHASE_CONTINUOUS,
  STATUS_SUBMITTED,
} from 'pankou';

/** So many orders on one side, then the other: crossing one's own orders is refused. */
const TURN = 600;
const LOT = 100;
/** An order of unknown fate holds the buying of its instrument: it is sold from then on. */
const UNKNOWN_FATE = 506;
const LINK_IS_DOWN = 503;
const FOR_EVER_NS = 1e18;
const TICK_E4 = 100;

export default defineStrategy({
  params: {
    everyMs: { default: 40, min: 0, max: 600_000, label: 'engine time between two batches' },
    batch: { default: 8, min: 1, max: 100, label: 'orders of a batch' },
    keep: { default: 24, min: 0, max: 1_000, label: 'orders it leaves working' },
    cancelOne: { default: 2, min: 1, max: 100, label: 'of so many older orders one is cancelled' },
    pauseMs: { default: 50, min: 0, max: 60_000, label: 'engine time it waits after a refusal' },
  },

  onInit() {
    return { nextNs: 0, count: 0, old: 0, live: [] as number[], held: new Set<number>() };
  },

  onTick(ctx, tick) {
    const { state } = ctx;
    if (tick.phase !== PHASE_CONTINUOUS || ctx.nowNs < state.nextNs) return;
    const { everyMs, batch, keep, cancelOne } = ctx.params;
    state.nextNs = ctx.nowNs + everyMs * 1e6;
    for (let i = 0; i < batch; i++) {
      const n = state.count++;
      const instrument = n % ctx.instruments.length;
      const lastE4 = ctx.lastE4(instrument);
      if (lastE4 <= 0) continue;
      const qty = LOT * (1 + (n % 5));
      const priceE4 = lastE4 + TICK_E4 * ((n % 7) - 3);
      const turn = (instrument + Math.floor(n / TURN)) % 2;
      const isBuy = turn === 0 && !state.held.has(instrument);
      const made = isBuy ? ctx.buy(instrument, priceE4, qty) : ctx.sell(instrument, priceE4, qty);
      if (made > 0) state.live.push(made);
    }
    while (state.live.length > keep) {
      const oldest = state.live.shift()!;
      if (state.old++ % cancelOne === 0) ctx.cancel(oldest);
    }
  },

  onOrder(ctx, order) {
    if (order.status === STATUS_SUBMITTED) ctx.log(`acknowledged ${order.intentNo}`);
  },

  onReject(ctx, reject) {
    if (reject.action !== ACTION_PLACE) return;
    const { state, params } = ctx;
    if (reject.code === UNKNOWN_FATE) {
      state.held.add(reject.instrument);
      return;
    }
    const isDown = reject.code === LINK_IS_DOWN;
    const untilNs = isDown ? FOR_EVER_NS : ctx.nowNs + params.pauseMs * 1e6;
    state.nextNs = Math.max(state.nextNs, untilNs);
  },

  onLink(ctx, link) {
    if (link.state === LINK_READY) ctx.state.nextNs = ctx.nowNs;
  },
});
