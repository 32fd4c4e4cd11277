// What counts as a difference, one by one: counterparties, cancels, kills, what rests at the end,
// prices and volumes of the calls. Always: the counts say how much is equal, not only whether.
import { describe, expect, test } from 'vitest';
import { changed } from './faulty-books.ts';
import { rowsOf, verifyRows } from './verify-kit.ts';

const TWO_BIDS = ['9:15:00 add 1 buy 100 @ 10.00', '9:15:01 add 2 buy 100 @ 10.00'];

describe('trades', () => {
  test('with the two counterparties in the wrong order are different both', () => {
    const rows = rowsOf(
      ...TWO_BIDS,
      '9:30:00 trade 2 3 100 @ 10.00 sell',
      '9:30:00 trade 1 3 100 @ 10.00 sell',
    );
    expect(verifyRows(rows)).toMatchObject({
      continuous: { exchange: 2, engine: 2, equal: 0 },
      endBook: { exchange: 0, engine: 0, equal: 0 },
      equal: false,
    });
  });

  test('too many and too few count on their own side', () => {
    const more = rowsOf(...TWO_BIDS, '9:30:00 add 3 sell 100 @ 10.00');
    expect(verifyRows(more).continuous).toEqual({ exchange: 0, engine: 1, equal: 0 });
    const fewer = rowsOf(...TWO_BIDS, '9:30:00 trade 9 8 100 @ 10.00 sell');
    expect(verifyRows(fewer).continuous).toEqual({ exchange: 1, engine: 1, equal: 0 });
    const none = rowsOf(...TWO_BIDS, '9:30:00 trade 9 8 100 @ 10.02 sell');
    expect(verifyRows(none).continuous).toEqual({ exchange: 1, engine: 0, equal: 0 });
  });

  test('of one wrong order do not shift those of the next', () => {
    const rows = rowsOf(
      ...TWO_BIDS,
      '9:15:02 add 5 buy 100 @ 9.90',
      '9:30:00 trade 2 3 200 @ 10.00 sell',
      '9:30:01 trade 5 4 100 @ 9.90 sell',
    );
    expect(verifyRows(rows).continuous).toEqual({ exchange: 2, engine: 3, equal: 1 });
  });
});

describe('cancels', () => {
  test.each([
    ['more than is left', '9:30:00 cancel 1 buy 150', '150 left', '100 left'],
    ['less than is left', '9:30:00 cancel 1 buy 50', '50 left', '100 left'],
    ['an unknown order', '9:30:00 cancel 7 buy 100', '100 left', 'UNKNOWN_ORDER'],
  ])('of %s are different', (_, line, exchange, engine) => {
    const report = verifyRows(rowsOf(...TWO_BIDS, line));
    expect(report.cancels).toMatchObject({ exchange: 1, equal: 0 });
    expect(report).toMatchObject({
      firstDifference: { what: 'cancel', exchange, engine },
      equal: false,
    });
  });

  const market = [
    '9:15:00 add 1 sell 100 @ 10.01',
    '9:30:00 add 3 buy 200 market',
    '9:30:00 trade 3 1 100 @ 10.01 buy',
  ];
  const killed = '9:30:00 cancel 3 buy 100';
  const later = '9:30:05 add 4 buy 100 @ 9.00';

  test('of what a market order left count as the kernel cancelling on arrival', () => {
    const report = verifyRows(rowsOf(...market, killed, later), { feed: 'szse' });
    expect(report).toMatchObject({ cancels: { exchange: 1, engine: 1, equal: 1 }, equal: true });
  });

  test('of another quantity than the kernel cancelled on arrival are different', () => {
    const rows = rowsOf(...market, killed.replace('buy 100', 'buy 90'), later);
    const report = verifyRows(rows, { feed: 'szse' });
    expect(report.cancels).toEqual({ exchange: 1, engine: 1, equal: 0 });
    expect(report.equal).toBe(false);
  });

  test('that the kernel makes on arrival and SZSE never shows are different', () => {
    const own = ['9:15:00 add 1 buy 100 @ 9.00', '9:30:00 add 3 sell 200 own'];
    const rows = rowsOf(...own, '9:30:05 add 4 buy 100 @ 9.00');
    const report = verifyRows(rows, { feed: 'szse' });
    expect(report).toMatchObject({
      cancels: { exchange: 0, engine: 1, equal: 0 },
      firstDifference: { what: 'cancel', exchange: 'no cancel', order: { id: 3 } },
      equal: false,
    });
    // The data may end before the cancel is shown.
    expect(verifyRows(rowsOf(...own), { feed: 'szse' }).equal).toBe(true);
  });
});

describe('the book at the end', () => {
  test('shows shares that the kernel made up', () => {
    const makeBook = changed((inner) => ({
      add: (instr, id, side, priceE4, qty) => inner.add(instr, id, side, priceE4, qty + 100),
    }));
    const report = verifyRows(rowsOf(...TWO_BIDS), { makeBook });
    expect(report.endBook).toEqual({ exchange: 2, engine: 2, equal: 0 });
    expect(report.firstDifference).toMatchObject({
      ...{ what: 'order', order: null },
      exchange: 'at the end 100 shares of order 1 rest',
      engine: '200 rest',
    });
  });

  test('shows an order that the kernel refused', () => {
    const report = verifyRows(rowsOf(...TWO_BIDS, '9:15:02 add 1 buy 100 @ 10.00'));
    expect(report).toMatchObject({
      firstDifference: { what: 'order', engine: 'refused: DUPLICATE_ID' },
      equal: false,
    });
    expect(report.notes).toContain('the kernel refused 1 orders');
  });
});

test('a call at the right price with the wrong volume is different', () => {
  const rows = rowsOf(
    '9:15:00 add 1 buy 300 @ 10.00',
    '9:15:01 add 2 sell 300 @ 10.00',
    '9:25:00 trade 1 2 200 @ 10.00 call',
  );
  expect(verifyRows(rows)).toMatchObject({
    openingAuction: {
      priceE4: { exchange: 100_000, engine: 100_000 },
      volume: { exchange: 200, engine: 300 },
    },
    equal: false,
  });
});
