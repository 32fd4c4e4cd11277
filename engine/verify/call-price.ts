// The price of a call auction by each exchange's last tie-break. Called by run-ops.ts. The kernel
// finds largest volume, better-priced orders filled, smallest unfilled quantity, and of those the
// price nearest to a reference (BSE 2026 no. 3.5.2, SSE 2023 no. 3.5.2; rules sheet 6.2); here is
// which reference, or the middle. Always: the book is not changed.
import { type BookKernel, TIE_MIDDLE } from '../core/book.ts';
import { MARKET_BSE, MARKET_SSE } from '../messages/codes.ts';

/** What the tie-break needs. Prices in 1/10,000 yuan, 0 = none or not known. */
export interface CallFacts {
  readonly market: number;
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
  const { market, preCloseE4, lastE4, isOpening } = facts;
  if (market === MARKET_SSE) return book.auctionPriceE4(instr, TIE_MIDDLE);
  const last = lastE4 > 0 ? lastE4 : preCloseE4;
  const reference = market === MARKET_BSE || !isOpening ? last : preCloseE4;
  return book.auctionPriceE4(instr, reference);
}
