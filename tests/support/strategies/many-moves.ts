// Trades many instruments of daily bars at drawn moments, in all phases: at the bars, at timers in
// pauses and calls, with cancels, targets and stop orders. Used by the differential test of phases
// told whole. Always: what it does follows from `seed` and from what it is told; it logs all of it.
import { defineStrategy } from 'pankou';

interface State {
  word: number;
  readonly open: number[];
  /** Last closes, by instrument; a bar's day has no other prices. */
  readonly lastE4: Map<number, number>;
}

const MOMENTS = ['09:16', '09:21', '09:26', '09:31', '11:31', '13:00:30', '14:57:30'];

export default defineStrategy({
  params: {
    seed: { default: 1, int: true },
    /** Orders at each moment. */
    each: { default: 4, min: 0, max: 500, int: true },
    stops: { default: false },
  },

  onInit(ctx): State {
    const state: State = { word: ctx.params.seed, open: [], lastE4: new Map() };
    const draw = (below: number): number => {
      state.word = (Math.imul(state.word, 1_664_525) + 1_013_904_223) | 0;
      return (state.word >>> 8) % below;
    };
    const act = (): void => {
      for (let n = 0; n < ctx.params.each; n++) {
        const { index } = ctx.instruments[draw(ctx.instruments.length)]!;
        const priceE4 = (state.lastE4.get(index) ?? 100_000) + (draw(7) - 3) * 100;
        const what = draw(6);
        let no = 0;
        if (what < 3) no = ctx.buy(index, priceE4, 100 * (1 + draw(3)));
        else if (what === 3) no = ctx.sell(index, priceE4, ctx.position(index).sellableQty);
        else if (what === 4) no = ctx.orderTarget(index, 200);
        else if (state.open.length > 0) {
          ctx.log(`cancel ${ctx.cancel(state.open.splice(draw(state.open.length), 1)[0]!)}`);
        }
        if (no > 0) state.open.push(no);
        ctx.log(`${ctx.day} ${ctx.nowNs} ${what} ${index} ${priceE4} ${no}`);
      }
      const { index } = ctx.instruments[draw(ctx.instruments.length)]!;
      const { sellableQty } = ctx.position(index);
      if (!ctx.params.stops || sellableQty === 0) return;
      const triggerE4 = state.lastE4.get(index) ?? 99_000;
      const no = ctx.stopLoss({ instrument: index, side: 2, qty: sellableQty, triggerE4 });
      ctx.log(`stop ${index} ${no}`);
    };
    for (const moment of MOMENTS) ctx.at(moment, act);
    return state;
  },

  onBar(ctx, bar) {
    ctx.state.lastE4.set(bar.instrument, bar.closeE4);
    if ((bar.closeE4 / 100 + bar.instrument) % 5 === 0) ctx.buy(bar.instrument, bar.closeE4, 100);
  },

  onOrder(ctx, order) {
    ctx.log(`order ${order.intentNo} ${order.status} ${order.filledQty} ${order.code}`);
  },

  onReject(ctx, { intentNo, code }) {
    ctx.log(`reject ${intentNo} ${code}`);
  },

  onTrade(ctx, { intentNo, priceE4, qty }) {
    ctx.log(`trade ${intentNo} ${priceE4} ${qty} ${ctx.account().cashE4}`);
  },
});
