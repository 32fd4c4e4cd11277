// The price of `pankou flatten` and of target files: one percent through the opposite best, inside
// the day's limits. The rule itself is engine/core/ordering/aggressive-price.ts; the api process
// does not know each instrument's cage, and one percent passes every one of them (the narrowest is
// two, SSE 2023 no. 3.3.14). Pure. Always: on the tick.
import { aggressivePriceE4 } from '../core/ordering/aggressive-price.ts';
import { SIDE_BUY, SIDE_SELL } from '../messages/codes.ts';
import type { Book } from './protocol.ts';

const THROUGH_PERCENT = 1;

/** The price, or 0 when nothing says what the instrument is worth. */
export function throughBestE4(side: 'buy' | 'sell', book: Book, tickE4: number): number {
  const { lastE4, preCloseE4, upperLimitE4, lowerLimitE4 } = book;
  const bidE4 = book.bids[0]?.[0] ?? 0;
  const askE4 = book.asks[0]?.[0] ?? 0;
  const top = { bidE4, askE4, lastE4, preCloseE4, upperLimitE4, lowerLimitE4 };
  const reach = {
    ...{ tickE4, cageTicks: 0 },
    ...{ cageUpPercent: THROUGH_PERCENT, cageDownPercent: THROUGH_PERCENT },
  };
  return aggressivePriceE4(side === 'buy' ? SIDE_BUY : SIDE_SELL, top, reach);
}
