// The running sums of a position book against adding all instruments up anew, in random steps of
// everything that changes one. Run by vitest.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  bookBuy,
  bookSell,
  marketValueE4,
  moveShares,
  openPosition,
  PositionBook,
  setLastPrice,
  TOTAL_COST,
  TOTAL_REALISED,
  TOTAL_VALUE,
} from '../../../engine/core/position.ts';

const COUNT = 3;

const step = fc.record({
  what: fc.constantFrom('open', 'buy', 'sell', 'price', 'no price', 'move'),
  i: fc.nat({ max: COUNT - 1 }),
  qty: fc.integer({ min: 1, max: 5_000 }),
  priceE4: fc.integer({ min: 1, max: 20_000_000 }),
});

test('totals are the sums over all instruments after every change', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const book = new PositionBook(COUNT);
      for (const { what, i, qty, priceE4 } of steps) {
        if (what === 'open') openPosition(book, i, qty, 0, priceE4 * qty);
        else if (what === 'buy') bookBuy(book, i, qty, priceE4 * qty);
        else if (what === 'sell') bookSell(book, i, qty, priceE4 * qty);
        else if (what === 'move') moveShares(book, i, qty - 2_500);
        else setLastPrice(book, i, what === 'price' ? priceE4 : 0);
        const all = [0, 1, 2];
        const value = all.reduce((sum, n) => sum + marketValueE4(book, n), 0);
        const cost = all.reduce((sum, n) => sum + book.costAmountE4[n]!, 0);
        const realised = all.reduce((sum, n) => sum + book.realisedE4[n]!, 0);
        expect(book.totals[TOTAL_VALUE]).toBe(value + 0);
        expect(book.totals[TOTAL_COST]).toBe(cost + 0);
        expect(book.totals[TOTAL_REALISED]).toBe(realised + 0);
      }
    }),
    { numRuns: 300 },
  );
});
