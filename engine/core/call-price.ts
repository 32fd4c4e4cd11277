// Which of the prices that tie in a call auction each exchange takes. Called by the feed handler
// (indicative price) and by verify. The kernel finds largest volume, better-priced orders filled,
// smallest unfilled quantity, and of those the price nearest to a reference (BSE 2026 no. 3.5.2,
// SSE 2023 no. 3.5.2; rules sheet 6.2); here is which reference, or the middle. The exchange layer
// of the kernel has the same rule for itself. Always: plain numbers, nothing allocated.
import { MARKET_BSE, MARKET_SSE } from '../messages/codes.ts';
import { TIE_MIDDLE } from './book.ts';

/**
 * Reference for BookKernel.auctionPriceE4(). SSE: the middle of the tied prices, over ticks, half
 * up (the rounding is not in the rules, sheet 6.2: assumed). SZSE: nearest to the previous close at
 * the opening, to the last trade later. BSE: nearest to the last trade, without one to the previous
 * close. Prices 0 = none or not known; without a reference the lowest tied price.
 */
export function callReferenceE4(
  market: number,
  isOpening: boolean,
  preCloseE4: number,
  lastE4: number,
): number {
  if (market === MARKET_SSE) return TIE_MIDDLE;
  const last = lastE4 > 0 ? lastE4 : preCloseE4;
  return market === MARKET_BSE || !isOpening ? last : preCloseE4;
}
