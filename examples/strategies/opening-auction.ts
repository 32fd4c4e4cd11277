// Opening auction: when the opening call ends well below the close of the day before, on enough
// volume, it buys at the open and sells as many of its base shares (底仓) once the gap is closed, or
// before the close. Page: docs/gallery/opening-auction.md.
import { defineStrategy, PHASE_OPENING_CALL } from 'pankou';

interface Trade {
  readonly qty: number;
  readonly exitE4: number;
  isOver: boolean;
}

export default defineStrategy({
  params: {
    gap: { default: 1, min: -20, max: 20, label: 'percent below the close before, at least' },
    minVolume: { default: 10_000, min: 0, max: 1e9, label: 'shares of the auction at least' },
    yuan: { default: 30_000, min: 1_000, max: 10_000_000, label: 'money for each' },
    back: { default: 50, min: 0, max: 100, label: 'percent of the gap that is to close' },
  },

  onInit(ctx): Map<number, Trade> {
    const trades = new Map<number, Trade>();
    ctx.at({ beforeClose: '5m' }, () => {
      for (const [instrument, trade] of trades) {
        if (!trade.isOver) ctx.order(instrument, -trade.qty);
        trade.isOver = true;
      }
    });
    return trades;
  },

  onAuctionDone(ctx, { instrument, phase, priceE4, volume }) {
    if (phase !== PHASE_OPENING_CALL || priceE4 === 0) return;
    const { gap, minVolume, yuan, back } = ctx.params;
    const { preCloseE4 } = ctx.instruments.find(({ index }) => index === instrument)!;
    const gapE4 = preCloseE4 - priceE4;
    ctx.series(`gap ${instrument}`, gapE4 / preCloseE4);
    if (gapE4 < (preCloseE4 * gap) / 100 || volume < minVolume) return;
    const qty = Math.floor((yuan * 10_000) / priceE4 / 100) * 100;
    // Between 9:25 and 9:30 the order is held and sent when the market opens.
    const no = ctx.order(instrument, qty, { priceE4: Math.ceil((priceE4 * 1.01) / 100) * 100 });
    if (no <= 0) return;
    const exitE4 = priceE4 + (gapE4 * back) / 100;
    ctx.state.set(instrument, { qty: qty - ctx.rest.qty, exitE4, isOver: false });
  },

  onTick(ctx, tick) {
    const trade = ctx.state.get(tick.instrument);
    if (trade === undefined || trade.isOver || tick.lastE4 < trade.exitE4) return;
    trade.isOver = ctx.order(tick.instrument, -trade.qty) > 0;
  },
});
