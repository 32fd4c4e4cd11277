// The totals of an account's positions, kept from change to change: whatever trades, prices and
// corrections come in which order, they are what adding up anew gives, to the last digit.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addUpPositions,
  bookAdjustment,
  bookBuy,
  bookSell,
  openPosition,
  PositionBook,
  setLast,
} from '../../../engine/core/position.ts';

const INSTRUMENTS = 4;
const step = fc.record({
  what: fc.constantFrom('buy', 'sell', 'price', 'adjust'),
  i: fc.nat(INSTRUMENTS - 1),
  qty: fc.integer({ min: 1, max: 2_000_000 }),
  priceE4: fc.integer({ min: 0, max: 30_000_000 }),
});

test('are those of adding up anew, behind trades, overfills, prices and corrections', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const book = new PositionBook(INSTRUMENTS);
      book.lastE4[1] = 123_400;
      openPosition(book, 0, 1_000, 1_000, 98_765_432);
      openPosition(book, 1, 300, 0, 1_000_000);
      for (const { what, i, qty, priceE4 } of steps) {
        if (what === 'buy') bookBuy(book, i, qty, qty * priceE4);
        else if (what === 'sell') bookSell(book, i, qty, qty * priceE4);
        else if (what === 'price') setLast(book, i, priceE4);
        else bookAdjustment(book, i, priceE4 % 2 === 0 ? qty : -qty);
      }
      const kept = [...book.totals];
      addUpPositions(book);
      expect(kept).toEqual([...book.totals]);
    }),
  );
});
