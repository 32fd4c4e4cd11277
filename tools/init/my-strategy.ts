// Your first strategy: buys a dip below the average of the last minutes, sells above it.
// It runs unchanged in the backtest (`npm run backtest`) and in a paper session (`npm start`).
// Prices are whole numbers of 1/10,000 yuan (priceE4: 12.34 yuan is 123400), quantities are shares.
import type { OrderView } from 'pankou';
import {
  defineStrategy,
  STATUS_CANCELLED,
  STATUS_FILLED,
  STATUS_PARTLY_CANCELLED,
  STATUS_REJECTED,
} from 'pankou';

export default defineStrategy({
  // Set in pankou.json ("params") or with --param name=value; the defaults give the types.
  params: {
    period: { default: 10, min: 2, max: 240, int: true, label: 'minutes in the average' },
    dip: { default: 0.002, min: 0, max: 0.1, label: 'distance from the average: 0.002 is 0.2 %' },
    qty: { default: 100, min: 100, int: true, label: 'shares of one order' },
  },

  // Called once. What it returns is ctx.state in every other hook.
  onInit(ctx) {
    const watched = ctx.instruments[0].index;
    ctx.bars(watched, 60); // onBar from now on, every minute
    return { watched, average: ctx.sma(ctx.params.period), workingIntent: 0 };
  },

  // A minute is complete. NaN while the average warms up: every comparison is false then.
  onBar(ctx, bar) {
    const { state, params } = ctx;
    const average = state.average.next(bar.closeE4);
    if (state.workingIntent > 0) return; // one order at a time
    if (bar.closeE4 < average * (1 - params.dip)) {
      state.workingIntent = ctx.buy(state.watched, bar.closeE4, params.qty);
    } else if (bar.closeE4 > average * (1 + params.dip)) {
      // T+1: shares bought today can only be sold tomorrow, so ask what may be sold.
      const { sellableQty } = ctx.position(state.watched);
      if (sellableQty < params.qty) return;
      state.workingIntent = ctx.sell(state.watched, bar.closeE4, params.qty);
    }
  },

  // An own order changed. `order` is reused by the engine: copy numbers, keep no reference.
  onOrder(ctx, order) {
    if (order.intentNo === ctx.state.workingIntent && isOver(order)) ctx.state.workingIntent = 0;
  },

  // An own order, or a request to cancel one, was refused: by the engine, the risk check, the
  // exchange ... `code` says why. onOrder follows when the refusal ends an order of ours.
  onReject(ctx, reject) {
    ctx.log(`refused: code ${reject.code}`);
    if (reject.intentNo === ctx.state.workingIntent) ctx.state.workingIntent = 0;
  },
});

function isOver(order: OrderView): boolean {
  return (
    order.status === STATUS_FILLED ||
    order.status === STATUS_CANCELLED ||
    order.status === STATUS_PARTLY_CANCELLED ||
    order.status === STATUS_REJECTED
  );
}
