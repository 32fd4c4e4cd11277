// The strategy that puts recorded orders in again: at the moment a schedule names, counted in ticks
// of continuous trading, it places or cancels. Loaded by leave-one-out.ts through its path; an
// ordinary strategy in everything else: its orders go through OMS, risk, gateway and exchange.
// Always: the n-th order placed has intent number n; the schedule names it so for its cancel.
import { defineStrategy, PHASE_CONTINUOUS, SIDE_BUY } from '../../core/strategy.ts';

/** One entry of it, "tick side kind priceE4 qty" or "tick 0 intent", divided by commas. */
interface Step {
  readonly tick: number;
  readonly side: number;
  readonly kind: number;
  readonly priceE4: number;
  readonly qty: number;
}

export default defineStrategy({
  params: { schedule: { default: '' } },
  onInit: (ctx) => ({ steps: stepsOf(ctx.params.schedule), next: 0, ticks: 0 }),
  onTick(ctx, tick) {
    const { state } = ctx;
    if (state.ticks === 0 && tick.phase !== PHASE_CONTINUOUS) return;
    state.ticks++;
    for (; state.next < state.steps.length; state.next++) {
      const step = state.steps[state.next]!;
      if (step.tick > state.ticks) return;
      const { side, kind, priceE4, qty } = step;
      if (side === 0) ctx.cancel(kind);
      else if (side === SIDE_BUY) ctx.buy(tick.instrument, priceE4, qty, kind);
      else ctx.sell(tick.instrument, priceE4, qty, kind);
    }
  },
});

function stepsOf(schedule: string): Step[] {
  if (schedule === '') return [];
  return schedule.split(',').map((text) => {
    const [tick = 0, side = 0, kind = 0, priceE4 = 0, qty = 0] = text.split(' ').map(Number);
    return { tick, side, kind, priceE4, qty };
  });
}
