// Continuous matching, said as plainly as possible: first plan what an arriving order would do to
// the opposite side, then decide about its rest, and only then change the book. Called by book.ts.
// Rules: BSE 2026 no. 3.5.1, 3.5.3 (price, then time; the resting order's price); market kinds SSE
// 2023 no. 3.3.5, SZSE no. 3.3.4, BSE 2026 no. 3.3.4-3.3.6.

import {
  BUY,
  KIND_BEST5_CANCEL,
  KIND_BEST5_LIMIT,
  KIND_FOK,
  KIND_IOC,
  KIND_LIMIT,
  KIND_OPPOSITE_BEST,
  KIND_OWN_BEST,
  OVERFLOW_FULL,
  QUOTA_FULL,
  SELL,
} from '../assembly/codes.ts';
import type { Instrument, RestingOrder, Trade } from './market.ts';
import { hasLevel, ranked, takeOff } from './market.ts';

export interface Arrival {
  readonly id: number;
  readonly side: number;
  readonly kind: number;
  /** Limit or protection price; 0: none. */
  readonly priceE4: number;
  readonly qty: number;
}

export interface Outcome {
  readonly trades: readonly Trade[];
  readonly restedQty: number;
  readonly restedPriceE4: number;
  readonly killedQty: number;
}

interface Fill {
  readonly resting: RestingOrder;
  readonly qty: number;
}

/** Matches a checked order. Returns its outcome, or QUOTA_FULL or OVERFLOW_FULL with nothing
 *  changed. */
export function match(
  instrument: Instrument,
  arrival: Arrival,
): Outcome | typeof QUOTA_FULL | typeof OVERFLOW_FULL {
  const fills = plan(instrument, arrival);
  const left = arrival.qty - fills.reduce((sum, fill) => sum + fill.qty, 0);
  const restPriceE4 = left > 0 ? restPrice(instrument, arrival, fills) : 0;
  const ended = fills.filter((fill) => fill.qty === fill.resting.qty).length;
  if (restPriceE4 > 0 && instrument.orders.length - ended >= instrument.quota) return QUOTA_FULL;
  const { id, side, kind } = arrival;
  // A market kind that traded rests at a level that its trades emptied.
  if (restPriceE4 > 0 && (kind === KIND_LIMIT || fills.length === 0)) {
    if (!hasLevel(instrument, side, restPriceE4)) return OVERFLOW_FULL;
  }
  const trades = fills.map(({ resting, qty }) => ({
    buyId: side === BUY ? id : resting.id,
    sellId: side === BUY ? resting.id : id,
    priceE4: resting.priceE4,
    qty,
    aggressor: side,
  }));
  for (const fill of fills) takeOff(instrument, fill.resting, fill.qty);
  if (restPriceE4 > 0) instrument.orders.push({ id, side, priceE4: restPriceE4, qty: left });
  return {
    trades,
    restedQty: restPriceE4 > 0 ? left : 0,
    restedPriceE4: restPriceE4,
    killedQty: restPriceE4 > 0 ? 0 : left,
  };
}

function plan(instrument: Instrument, arrival: Arrival): Fill[] {
  const fills: Fill[] = [];
  let left = arrival.qty;
  for (const resting of reachable(instrument, arrival)) {
    if (left === 0) break;
    const qty = Math.min(left, resting.qty);
    fills.push({ resting, qty });
    left -= qty;
  }
  return arrival.kind === KIND_FOK && left > 0 ? [] : fills;
}

/** The opposite orders that the kind and the price let the order trade with, best first. */
function reachable(instrument: Instrument, { side, kind, priceE4 }: Arrival): RestingOrder[] {
  const acceptable = ranked(instrument.orders, BUY + SELL - side).filter(
    (order) =>
      priceE4 === 0 || (side === BUY ? order.priceE4 <= priceE4 : order.priceE4 >= priceE4),
  );
  const prices = [...new Set(acceptable.map((order) => order.priceE4))];
  switch (kind) {
    case KIND_LIMIT:
    case KIND_IOC:
    case KIND_FOK:
      return acceptable;
    case KIND_BEST5_CANCEL:
    case KIND_BEST5_LIMIT:
      return acceptable.filter((order) => prices.slice(0, 5).includes(order.priceE4));
    case KIND_OPPOSITE_BEST:
      return acceptable.filter((order) => order.priceE4 === prices[0]);
    case KIND_OWN_BEST:
      return [];
    default:
      throw new Error(`kind=${kind}`);
  }
}

/** Price at which what is left stays in the book; 0: it is cancelled. */
function restPrice(instrument: Instrument, arrival: Arrival, fills: readonly Fill[]): number {
  const { side, kind, priceE4 } = arrival;
  const ownBest = ranked(instrument.orders, side).at(0)?.priceE4 ?? 0;
  const oppositeBest = ranked(instrument.orders, BUY + SELL - side).at(0)?.priceE4 ?? 0;
  switch (kind) {
    case KIND_LIMIT:
      return priceE4;
    case KIND_BEST5_LIMIT:
      return fills.at(-1)?.resting.priceE4 ?? protectedPrice(side, ownBest, priceE4);
    case KIND_OPPOSITE_BEST:
      return protectedPrice(side, oppositeBest, priceE4);
    case KIND_OWN_BEST:
      return protectedPrice(side, ownBest, priceE4);
    default:
      return 0;
  }
}

/** A buy never rests above its protection price, a sell never below (SSE 2023 no. 3.3.5). */
function protectedPrice(side: number, bestE4: number, protectionE4: number): number {
  if (bestE4 === 0 || protectionE4 === 0) return bestE4;
  return side === BUY ? Math.min(bestE4, protectionE4) : Math.max(bestE4, protectionE4);
}
