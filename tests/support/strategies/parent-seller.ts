// Asks for one parent order of several kinds as soon as the link is ready, each of them selling a
// part of what the account holds; used by the restart test of parent orders. Always: the same
// wishes in each life.
import { defineStrategy, SIDE_SELL, type Tick } from '../../../engine/core/strategy.ts';
import { LINK_READY } from '../../../engine/messages/codes.ts';

const MS = 1_000_000;

interface Seller {
  ready: boolean;
  readonly asked: Set<number>;
}

export default defineStrategy({
  params: {
    seed: { default: 1, int: true },
    orders: { default: 0, int: true },
    bad: { default: 0, int: true },
    parents: { default: 0, int: true },
    replaces: { default: 0, int: true },
    failAt: { default: 0, int: true },
  },
  onInit: (): Seller => ({ ready: false, asked: new Set() }),
  onLink(ctx, link): void {
    (ctx.state as Seller).ready = link.state === LINK_READY;
  },
  onTick(ctx, { instrument, lastE4 }: Tick): void {
    const { ready, asked } = ctx.state as Seller;
    // A third: what is sold twice by mistake is there to be sold.
    const qty = 100 * Math.floor(ctx.position(instrument).sellableQty / 300);
    if (!ready || asked.has(instrument) || qty < 200) return;
    asked.add(instrument);
    const wish = { instrument, side: SIDE_SELL, qty, endNs: ctx.nowNs + 2_000 * MS };
    if (instrument === 0) ctx.twap({ ...wish, slices: 40 });
    else if (instrument === 1) ctx.stopLoss({ ...wish, triggerE4: lastE4 + 100 });
    else if (instrument === 2) ctx.iceberg({ ...wish, priceE4: lastE4 - 200, showQty: 200 });
    else ctx.pov({ ...wish, rate: 0.1 });
  },
});
