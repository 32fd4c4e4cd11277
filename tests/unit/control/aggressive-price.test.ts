// A price that trades now: on the tick, within the day's limits and within two percent of the
// reference, so that no exchange's valid-price range refuses it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { throughBestE4 } from '../../../engine/control/aggressive-price.ts';
import type { Book } from '../../../engine/control/protocol.ts';

function book(bidE4: number, askE4: number, lastE4 = 100_000): Book {
  return {
    ...{ instrument: '600001.SH', lastE4, preCloseE4: 100_000, openE4: 0, highE4: 0, lowE4: 0 },
    ...{ upperLimitE4: 110_000, lowerLimitE4: 90_000, volume: 0, amountE4: 0, ns: 0 },
    bids: bidE4 > 0 ? [[bidE4, 100, 1]] : [],
    asks: askE4 > 0 ? [[askE4, 100, 1]] : [],
  };
}

test('goes one percent through the opposite best, and falls back on own best and last', () => {
  expect(throughBestE4('buy', book(99_900, 100_000), 100)).toBe(101_000);
  expect(throughBestE4('sell', book(100_000, 100_100), 100)).toBe(99_000);
  expect(throughBestE4('buy', book(99_900, 0), 100)).toBe(100_900);
  expect(throughBestE4('sell', book(0, 0, 95_000), 100)).toBe(94_100);
  expect(throughBestE4('buy', { ...book(0, 0, 0), preCloseE4: 0 }, 100)).toBe(0);
});

test('stays on the tick, within limits and two percent of the best it meets', () => {
  const ticks = fc.integer({ min: 900, max: 1_100 });
  fc.assert(
    fc.property(fc.constantFrom('buy', 'sell'), ticks, ticks, (side, bid, ask) => {
      const priceE4 = throughBestE4(side, book(bid * 100, ask * 100), 100);
      const reference = (side === 'buy' ? ask : bid) * 100;
      expect(priceE4 % 100).toBe(0);
      expect(priceE4).toBeGreaterThanOrEqual(90_000);
      expect(priceE4).toBeLessThanOrEqual(110_000);
      if (side === 'buy') expect(priceE4).toBeLessThanOrEqual(reference * 1.02);
      else expect(priceE4).toBeGreaterThanOrEqual(reference * 0.98);
      if (side === 'buy') expect(priceE4).toBeGreaterThanOrEqual(Math.min(reference, 110_000));
    }),
  );
});
