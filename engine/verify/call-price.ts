// The price of a call auction by each exchange's last tie-break. Called by run-ops.ts. The kernel
// finds largest volume, better-priced orders filled, smallest unfilled quantity, and of those the
// price nearest to a reference (BSE 2026 no. 3.5.2, SSE 2023 no. 3.5.2; rules sheet 6.2); here is
// which reference. Always: the book is not changed.
import type { BookKernel } from '../core/book.ts';
import { roundToTick } from '../core/price.ts';
import { MARKET_BSE, MARKET_SSE } from '../messages/codes.ts';

/** What the tie-break needs. Prices in 1/10,000 yuan, 0 = none or not known. */
export interface CallFacts {
  readonly market: number;
  readonly tickE4: number;
  /** Highest price of the book's window. */
  readonly highE4: number;
  readonly preCloseE4: number;
  readonly lastE4: number;
  readonly isOpening: boolean;
}

/**
 * Price of the call of instrument `instr`, 0 when nothing crosses, or a negative BookCode.
 * SSE: the middle of the tied prices, over ticks, half up (the rounding is not in the rules, sheet
 * 6.2: assumed). SZSE: nearest to the previous close at the opening, to the last trade later. BSE:
 * nearest to the last trade, without one to the previous close. Without a reference the lowest.
 */
export function callPriceE4(book: BookKernel, instr: number, facts: CallFacts): number {
  const { market, tickE4, highE4, preCloseE4, lastE4, isOpening } = facts;
  if (market === MARKET_SSE) {
    // The tied prices are neighbours: what is bought at or above a price never rises with it.
    const highest = book.auctionPriceE4(instr, highE4);
    const lowest = book.auctionPriceE4(instr, 0);
    if (lowest <= 0 || highest === lowest) return lowest;
    return roundToTick((lowest + highest) / 2, tickE4);
  }
  const last = lastE4 > 0 ? lastE4 : preCloseE4;
  const reference = market === MARKET_BSE || !isOpening ? last : preCloseE4;
  return book.auctionPriceE4(instr, reference);
}
