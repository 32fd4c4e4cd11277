// Call auctions by brute force: every tick of the window is tried against the wording of the
// rule. Called by book.ts, exchange.ts and by tests as the oracle. Source: BSE 2026 no. 3.5.2,
// SSE 2023 no. 3.5.2.

import { BUY, SELL } from '../assembly/codes.ts';
import type { Instrument, Trade } from './market.ts';
import { ranked, takeOff, totalQty } from './market.ts';

export interface Candidate {
  readonly priceE4: number;
  readonly volume: number;
  /** Buys at or above less sells at or below. */
  readonly imbalance: number;
}

/** Price, volume and imbalance of the call, with `refE4` below 0 the middle one of the tied;
 *  undefined when nothing crosses. */
export function auction(instrument: Instrument, refE4: number): Candidate | undefined {
  const { tickE4, loE4, hiE4, orders } = instrument;
  const buys = orders.filter((order) => order.side === BUY);
  const sells = orders.filter((order) => order.side === SELL);
  const candidates: (Candidate & { readonly fair: boolean })[] = [];
  for (let p = loE4; p <= hiE4; p += tickE4) {
    const demand = totalQty(buys.filter((order) => order.priceE4 >= p));
    const supply = totalQty(sells.filter((order) => order.priceE4 <= p));
    const volume = Math.min(demand, supply);
    const buysAbove = totalQty(buys.filter((order) => order.priceE4 > p));
    const sellsBelow = totalQty(sells.filter((order) => order.priceE4 < p));
    const fair = buysAbove <= volume && sellsBelow <= volume;
    candidates.push({ priceE4: p, volume, imbalance: demand - supply, fair });
  }
  const most = Math.max(...candidates.map((c) => c.volume));
  if (most === 0) return undefined;
  const fair = candidates.filter((c) => c.volume === most && c.fair);
  const least = Math.min(...fair.map((c) => Math.abs(c.imbalance)));
  const tied = fair.filter((c) => Math.abs(c.imbalance) === least);
  return refE4 < 0 ? middle(tied) : nearest(tied, refE4);
}

/** SSE: the middle of the tied prices, over ticks; of two middle ones the higher (half up). */
function middle(tied: readonly Candidate[]): Candidate {
  return tied[Math.floor(tied.length / 2)];
}

/** The nearest to the reference, the lower of two equally near; without a reference the lowest. */
function nearest(tied: readonly Candidate[], refE4: number): Candidate {
  const distance = (c: Candidate) => (refE4 > 0 ? Math.abs(c.priceE4 - refE4) : c.priceE4);
  return [...tied].sort((a, b) => distance(a) - distance(b) || a.priceE4 - b.priceE4)[0];
}

/** Executes the call at a price: best buy against best sell until one side has no more. */
export function uncross(instrument: Instrument, priceE4: number): Trade[] {
  const trades: Trade[] = [];
  while (true) {
    const buy = ranked(instrument.orders, BUY)[0];
    const sell = ranked(instrument.orders, SELL)[0];
    if (!buy || !sell || buy.priceE4 < priceE4 || sell.priceE4 > priceE4) return trades;
    const qty = Math.min(buy.qty, sell.qty);
    trades.push({ buyId: buy.id, sellId: sell.id, priceE4, qty, aggressor: 0 });
    takeOff(instrument, buy, qty);
    takeOff(instrument, sell, qty);
  }
}
