// TWAP execution: works one large order in equal parts over a span of the day and compares what it
// got with the market's mean price over the same span. The parent order is written to the journal,
// so it goes on after a restart. Page: docs/gallery/twap-execution.md.
import { clock, defineStrategy, SIDE_BUY, SIDE_SELL } from 'pankou';

interface State {
  parentNo: number;
  qty: number;
  amountE4: number;
  /** Volume and turnover of the market when it began, and last. */
  startVolume: number;
  startAmountE4: number;
  volume: number;
  amountSeenE4: number;
}

export default defineStrategy({
  params: {
    side: { default: 'sell', choices: ['buy', 'sell'], label: 'side' },
    qty: { default: 5_000, min: 100, max: 10_000_000, int: true, label: 'shares' },
    start: { default: '10:00', label: 'from' },
    end: { default: '11:00', label: 'to' },
    slices: { default: 20, min: 1, max: 500, int: true, label: 'parts' },
  },

  onInit(ctx): State {
    const [instrument] = ctx.instruments;
    const { side, qty, slices, start, end } = ctx.params;
    if (instrument === undefined) throw new Error('expected one instrument');
    const sums = { startVolume: 0, startAmountE4: 0, volume: 0, amountSeenE4: 0 };
    const state: State = { parentNo: 0, qty: 0, amountE4: 0, ...sums };
    ctx.at(start, () => {
      state.startVolume = state.volume;
      state.startAmountE4 = state.amountSeenE4;
      state.parentNo = ctx.twap({
        ...{ instrument: instrument.index, qty, slices, endNs: clock(end) },
        side: side === 'buy' ? SIDE_BUY : SIDE_SELL,
      });
    });
    return state;
  },

  onTick({ state, nowNs, params }, tick) {
    if (nowNs > clock(params.end)) return;
    state.volume = tick.volume;
    state.amountSeenE4 = tick.amountE4;
  },

  onTrade({ state }, trade) {
    state.qty += trade.qty;
    state.amountE4 += trade.qty * trade.priceE4;
  },

  onParent(ctx, parent) {
    ctx.series('filled', parent.filledQty);
  },

  onStop(ctx) {
    const { qty, amountE4, volume, amountSeenE4, startVolume, startAmountE4 } = ctx.state;
    if (qty === 0 || volume === startVolume) return;
    const ownE4 = amountE4 / qty;
    const marketE4 = (amountSeenE4 - startAmountE4) / (volume - startVolume);
    const sign = ctx.params.side === 'buy' ? 1 : -1;
    const slippage = sign * (ownE4 / marketE4 - 1) * 10_000;
    ctx.series('slippage, 1/10,000', slippage);
    ctx.log(`${qty} shares, ${slippage.toFixed(1)} of 10,000 worse than the market's mean price`);
  },
});
