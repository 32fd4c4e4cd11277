// A limit price that trades now if anybody is there and still passes the exchange's checks: one
// percent through the opposite best, inside the day's limits. Called by `pankou flatten` and by the
// target files. Pure. Always: on the tick, and never outside the valid-price range, which is at
// least two percent from the same reference (SSE 2023 no. 3.3.14, BSE 2026 no. 3.3.13).
import type { Book } from './protocol.ts';

/** Through the opposite best, in 1/10,000 of it. */
const THROUGH_E4 = 100;
const ONE_E4 = 10_000;

/** The price, or 0 when nothing says what the instrument is worth. */
export function aggressivePriceE4(side: 'buy' | 'sell', book: Book, tickE4: number): number {
  const opposite = side === 'buy' ? book.asks[0] : book.bids[0];
  const own = side === 'buy' ? book.bids[0] : book.asks[0];
  const referenceE4 = opposite?.[0] ?? own?.[0] ?? (book.lastE4 || book.preCloseE4);
  if (referenceE4 <= 0) return 0;
  const wantedE4 =
    (referenceE4 * (side === 'buy' ? ONE_E4 + THROUGH_E4 : ONE_E4 - THROUGH_E4)) / ONE_E4;
  // Rounded toward the reference, so that the step never leaves the range.
  const onTickE4 =
    side === 'buy' ? Math.floor(wantedE4 / tickE4) * tickE4 : Math.ceil(wantedE4 / tickE4) * tickE4;
  const { upperLimitE4, lowerLimitE4 } = book;
  if (side === 'buy') {
    const mostE4 = upperLimitE4 > 0 ? Math.min(onTickE4, upperLimitE4) : onTickE4;
    return Math.max(mostE4, tickE4);
  }
  return Math.max(onTickE4, lowerLimitE4, tickE4);
}
