// Passive quoter: keeps one buy at the best bid and one sell at the best ask, and moves an order
// whose price is no longer the best. Sells come from base shares (底仓); buys stop at a holding.
// Run by `pankou run examples/paper.json` and by `pankou backtest`, unchanged.
import {
  ACTION_CANCEL,
  type Context,
  defineStrategy,
  PHASE_CONTINUOUS,
  SIDE_BUY,
  SIDE_SELL,
  STATUS_CANCELLED,
  STATUS_FILLED,
  STATUS_PARTLY_CANCELLED,
  STATUS_REJECTED,
} from 'pankou';

const SECOND_NS = 1_000_000_000;

/** One side's working order. */
interface Quote {
  intentNo: number;
  priceE4: number;
  cancelling: boolean;
  /** No new order before this engine time. */
  quietUntilNs: number;
}

interface State {
  /** Buy and sell quote of each instrument. */
  readonly quotes: Map<number, { buy: Quote; sell: Quote }>;
}

const params = {
  lots: { default: 2, min: 1, max: 100, int: true, label: 'lots of 100 shares a side' },
  maxLots: { default: 50, min: 1, max: 10000, int: true, label: 'no buys above this holding' },
  waitSeconds: { default: 3, min: 0, max: 600, label: 'seconds between orders of a side' },
} as const;

function quote(): Quote {
  return { intentNo: 0, priceE4: 0, cancelling: false, quietUntilNs: 0 };
}

/** Brings one side to `priceE4`: places, or cancels what stands elsewhere. */
function keep(
  ctx: Context<typeof params, State>,
  own: Quote,
  instrument: number,
  side: number,
  priceE4: number,
): void {
  if (own.intentNo > 0) {
    if (own.priceE4 === priceE4 || own.cancelling) return;
    own.cancelling = ctx.cancel(own.intentNo) > 0;
    return;
  }
  if (priceE4 <= 0 || ctx.nowNs < own.quietUntilNs) return;
  const qty = ctx.params.lots * 100;
  const position = ctx.position(instrument);
  if (side === SIDE_BUY && position.qty + qty > ctx.params.maxLots * 100) return;
  if (side !== SIDE_BUY && position.sellableQty < qty) return;
  const intentNo =
    side === SIDE_BUY ? ctx.buy(instrument, priceE4, qty) : ctx.sell(instrument, priceE4, qty);
  if (intentNo <= 0) return;
  own.intentNo = intentNo;
  own.priceE4 = priceE4;
  own.cancelling = false;
  own.quietUntilNs = ctx.nowNs + ctx.params.waitSeconds * SECOND_NS;
}

export default defineStrategy({
  params,

  onInit(ctx): State {
    const quotes = new Map<number, { buy: Quote; sell: Quote }>();
    for (const instrument of ctx.instruments) {
      quotes.set(instrument.index, { buy: quote(), sell: quote() });
    }
    return { quotes };
  },

  onTick(ctx, tick) {
    if (tick.phase !== PHASE_CONTINUOUS) return;
    const own = ctx.state.quotes.get(tick.instrument);
    if (own === undefined) return;
    keep(ctx, own.buy, tick.instrument, SIDE_BUY, tick.bidPriceE4(0));
    keep(ctx, own.sell, tick.instrument, SIDE_SELL, tick.askPriceE4(0));
  },

  onOrder(ctx, order) {
    const done =
      order.status === STATUS_FILLED ||
      order.status === STATUS_CANCELLED ||
      order.status === STATUS_PARTLY_CANCELLED ||
      order.status === STATUS_REJECTED;
    const own = ctx.state.quotes.get(order.instrument);
    if (!done || own === undefined) return;
    const side = order.side === SIDE_BUY ? own.buy : own.sell;
    if (side.intentNo === order.intentNo) side.intentNo = 0;
  },

  onReject(ctx, reject) {
    const own = ctx.state.quotes.get(reject.instrument);
    if (own === undefined) return;
    const side = reject.side === SIDE_BUY ? own.buy : own.sell;
    // A refused cancel leaves the order as it was; a refused order is gone.
    if (side.intentNo !== reject.intentNo) return;
    if (reject.action === ACTION_CANCEL) side.cancelling = false;
    else side.intentNo = 0;
  },
});
