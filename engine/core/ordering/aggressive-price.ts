// A limit price that trades now if anybody is there and that the exchange still takes. Called by
// the order helpers of strategies, by `pankou flatten` and by target files. Pure. A buy goes to
// the cage bound above the reference price, never above the day's upper limit; a sell likewise
// below (SSE 2023 no. 3.3.14, BSE 2026 no. 3.3.13; rules sheet 4.1). Calls know no cage: the day's
// limits alone (4.2). Always: on the tick, at least one tick, inside the limits that are known.
import { SIDE_BUY } from '../../messages/codes.ts';
import { lowerLimitOf, upperLimitOf } from '../price.ts';

/** The prices an order meets; 0 = there is none. */
export interface BookTop {
  readonly bidE4: number;
  readonly askE4: number;
  readonly lastE4: number;
  readonly preCloseE4: number;
  readonly upperLimitE4: number;
  readonly lowerLimitE4: number;
}

/** How far from the reference: percent up and down, or so many ticks where that is more. */
export interface Reach {
  readonly tickE4: number;
  readonly cageUpPercent: number;
  readonly cageDownPercent: number;
  readonly cageTicks: number;
}

/**
 * Reference price 基准价格 of an order: the opposite best, else the own best, else the last trade,
 * else preclose; 0 when none is known (BSE 2026 no. 3.3.13; rules sheet 4.1).
 */
export function referenceE4(side: number, top: BookTop): number {
  const first = side === SIDE_BUY ? top.askE4 : top.bidE4;
  if (first > 0) return first;
  const second = side === SIDE_BUY ? top.bidE4 : top.askE4;
  if (second > 0) return second;
  return top.lastE4 > 0 ? top.lastE4 : top.preCloseE4;
}

/**
 * Highest buy or lowest sell 有效申报价格 at a reference price: so many percent from it, half up to
 * the tick and at least one tick, or so many ticks where that is further (rules sheet 4.1).
 */
export function cageBoundE4(side: number, refE4: number, reach: Reach): number {
  const { tickE4, cageUpPercent, cageDownPercent, cageTicks } = reach;
  if (side === SIDE_BUY) {
    const boundE4 = upperLimitOf(refE4, tickE4, cageUpPercent, 100);
    return Math.max(boundE4, refE4 + cageTicks * tickE4);
  }
  const boundE4 = lowerLimitOf(refE4, tickE4, cageDownPercent, 100);
  return Math.min(boundE4, Math.max(tickE4, refE4 - cageTicks * tickE4));
}

/** The price in continuous trading; 0 when nothing says what the instrument is worth. */
export function aggressivePriceE4(side: number, top: BookTop, reach: Reach): number {
  const refE4 = referenceE4(side, top);
  return refE4 <= 0 ? 0 : within(cageBoundE4(side, refE4, reach), top);
}

/**
 * The price in a call auction: the day's limit, where the instrument has one; else as in continuous
 * trading around the indicative price, the last trade or preclose.
 */
export function callPriceE4(side: number, top: BookTop, reach: Reach): number {
  const limitE4 = side === SIDE_BUY ? top.upperLimitE4 : top.lowerLimitE4;
  return limitE4 > 0 ? limitE4 : aggressivePriceE4(side, top, reach);
}

function within(priceE4: number, { upperLimitE4, lowerLimitE4 }: BookTop): number {
  if (upperLimitE4 > 0 && priceE4 > upperLimitE4) return upperLimitE4;
  return priceE4 < lowerLimitE4 ? lowerLimitE4 : priceE4;
}
