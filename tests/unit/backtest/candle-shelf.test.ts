// Which candles are kept of a run of many instruments: those that a page shows at the end, and no
// more than can still come among them. Run by vitest.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CandleShelf } from '../../../engine/backtest/detail/candle-shelf.ts';

const ROW = { openE4: 100_000, highE4: 100_000, lowE4: 100_000, closeE4: 100_000, volume: 100 };
const MOST = 3;

/** Days of a run: each instrument has a bar a day, and those named trade. */
function shelfOf(count: number, days: readonly (readonly number[])[]): CandleShelf {
  const shelf = new CandleShelf(MOST);
  const symbols = Array.from({ length: count }, (_, n) => `${600_000 + n}.SH`);
  for (const [n, trading] of days.entries()) {
    const builders = symbols.map((symbol) => shelf.builderOf(symbol));
    for (const builder of builders) builder?.bar(20_260_105 + n, 34_200e9, ROW);
    for (const i of trading) shelf.trades(symbols[i]!);
  }
  return shelf;
}

test('shows those that traded first, in the order of the run, each with all its bars', () => {
  const count = 12;
  const day = fc.array(fc.nat(count - 1), { maxLength: 4 });
  fc.assert(
    fc.property(fc.array(day, { minLength: 1, maxLength: 8 }), (days) => {
      const traded = new Set(days.flat());
      const all = Array.from({ length: count }, (_, n) => n);
      const wanted = [...all.filter((n) => traded.has(n)), ...all.filter((n) => !traded.has(n))];
      const shelf = shelfOf(count, days);
      expect(shelf.shown().map(({ instrument }) => instrument)).toEqual(
        wanted.slice(0, MOST).map((n) => `${600_000 + n}.SH`),
      );
      expect(shelf.shown().map(({ rows }) => rows.length)).toEqual(Array(MOST).fill(days.length));
      expect(shelf.count).toBe(count);
    }),
  );
});

test('keeps nothing of those that cannot come among them any more', () => {
  const shelf = shelfOf(12, [[], [5, 2, 7], [1]]);
  expect(shelf.builderOf('600005.SH')).not.toBeNull();
  expect(shelf.builderOf('600000.SH')).not.toBeNull();
  expect(shelf.builderOf('600006.SH')).toBeNull();
  expect(shelf.builderOf('600011.SH')).toBeNull();
});
