// Base-position T+0 (做T): sells a part of the base shares when the price is above the day's mean
// price, buys the same number back when it has come down to it, and the other way round; before the
// close it returns to the base. T+1 is kept: it sells only what it held at the open. Page:
// docs/gallery/intraday-t0.md.
import { defineStrategy, PHASE_CONTINUOUS } from 'pankou';

interface Leg {
  /** Shares at the open. */
  readonly base: number;
  isClosing: boolean;
}

export default defineStrategy({
  params: {
    away: { default: 0.6, min: 0.05, max: 10, label: 'percent from the mean price that opens' },
    back: { default: 0.1, min: 0, max: 10, label: 'percent from it that closes' },
    part: { default: 0.2, min: 0.01, max: 1, label: 'part of the base that is traded' },
  },

  onInit(ctx): Map<number, Leg> {
    const legs = new Map<number, Leg>();
    ctx.at({ beforeClose: '10m' }, () => {
      for (const [instrument, leg] of legs) {
        leg.isClosing = true;
        ctx.orderTarget(instrument, leg.base);
      }
    });
    return legs;
  },

  onTick(ctx, tick) {
    if (tick.phase !== PHASE_CONTINUOUS || tick.volume === 0) return;
    const i = tick.instrument;
    const held = ctx.position(i).qty;
    let leg = ctx.state.get(i);
    if (leg === undefined) {
      leg = { base: held, isClosing: false };
      ctx.state.set(i, leg);
    }
    if (leg.isClosing) return;
    const { away, back, part } = ctx.params;
    const qty = Math.floor((leg.base * part) / 100) * 100;
    const meanE4 = tick.amountE4 / tick.volume;
    const percent = (tick.lastE4 / meanE4 - 1) * 100;
    let target = held;
    if (held === leg.base) {
      if (percent > away) target = leg.base - qty;
      else if (percent < -away) target = leg.base + qty;
    } else if (held < leg.base ? percent < back : percent > -back) {
      target = leg.base;
    }
    // A target that is being worked on already asks for nothing more.
    if (target !== held) ctx.orderTarget(i, target);
  },
});
