// Books by strategy: whatever trades, they add up to the account; each earns by its own cost; what
// a day brings over and what comes without an order keeps them adding up.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Account, applyFill } from '../../../engine/core/account.ts';
import { openPosition } from '../../../engine/core/position.ts';
import { adjustAccount } from '../../../engine/core/statement.ts';
import {
  BOOKS_AGREE,
  bookMismatch,
  DESK_ROW,
  openBookLine,
  openDeskBook,
  type StrategyBooks,
} from '../../../engine/core/strategy-books.ts';
import {
  DESK_STRATEGY,
  SIDE_BUY,
  SIDE_SELL,
  STRATEGY_NONE,
} from '../../../engine/messages/codes.ts';
import { FEES, place } from './account-kit.ts';

const CASH_E4 = 100_000_000_000;

/** Two strategies (3 and 7), two instruments, 10,000 base shares of each at 10 yuan. */
function account(): Account {
  const made = new Account(0, FEES, 256, 2, [3, 7]);
  made.cash.cashE4 = CASH_E4;
  made.books.openingCashE4 = CASH_E4;
  for (const i of [0, 1]) {
    openPosition(made.positions, i, 10_000, 10_000, 1_000_000_000);
    openDeskBook(made.books, i, 10_000, 1_000_000_000);
  }
  return made;
}

function trade(a: Account, strategy: number, side: number, qty: number, price: number, i = 0) {
  const slot = place(a, side, price, qty, i);
  a.orders.strategy[slot] = strategy;
  applyFill(a, slot, price, qty);
}

function mismatch(a: Account): number {
  return bookMismatch(a.books, a.positions, a.cash);
}

function row(books: StrategyBooks, strategy: number, i = 0) {
  const c = books.cell(books.rowOf(strategy), i);
  const { qty, costAmountE4, realisedE4 } = books;
  return { qty: qty[c], cost: costAmountE4[c], realised: realisedE4[c] };
}

test('each strategy earns by its own cost, whatever the average of the account is', () => {
  const a = account();
  trade(a, 3, SIDE_BUY, 100, 100_000);
  trade(a, 7, SIDE_BUY, 100, 200_000);
  trade(a, 3, SIDE_SELL, 100, 200_000);
  expect(row(a.books, 3)).toEqual({ qty: 0, cost: 0, realised: 10_000_000 });
  expect(row(a.books, 7)).toEqual({ qty: 100, cost: 20_000_000, realised: 0 });
  expect(a.positions.realisedE4[0]).not.toBe(10_000_000);
  expect(mismatch(a)).toBe(BOOKS_AGREE);
});

test('a strategy that sells base shares goes short in its book and earns when it buys back', () => {
  const a = account();
  trade(a, 3, SIDE_SELL, 300, 101_000);
  expect(row(a.books, 3)).toEqual({ qty: -300, cost: -30_300_000, realised: 0 });
  trade(a, 3, SIDE_BUY, 100, 100_000);
  expect(row(a.books, 3)).toEqual({ qty: -200, cost: -20_200_000, realised: 100_000 });
  // Through zero in one fill: 200 close, 100 open at the fill's price.
  trade(a, 3, SIDE_BUY, 300, 99_000);
  expect(row(a.books, 3)).toEqual({ qty: 100, cost: 9_900_000, realised: 500_000 });
  expect(row(a.books, DESK_STRATEGY).qty).toBe(10_000);
  expect(mismatch(a)).toBe(BOOKS_AGREE);
});

test('orders by hand and orders made elsewhere are in the book of the desk', () => {
  const a = account();
  trade(a, DESK_STRATEGY + 2, SIDE_BUY, 100, 100_000);
  trade(a, STRATEGY_NONE, SIDE_BUY, 200, 100_000);
  trade(a, 9, SIDE_SELL, 50, 100_000);
  expect(row(a.books, DESK_STRATEGY).qty).toBe(10_250);
  expect(mismatch(a)).toBe(BOOKS_AGREE);
});

test('the books add up to the account at every fill, whoever trades whatever', () => {
  const fill = fc.record({
    strategy: fc.constantFrom(3, 7, DESK_STRATEGY, STRATEGY_NONE),
    side: fc.constantFrom(SIDE_BUY, SIDE_SELL),
    qty: fc.integer({ min: 1, max: 999 }),
    price: fc.integer({ min: 90_000, max: 110_000 }),
    instrument: fc.constantFrom(0, 1),
  });
  fc.assert(
    fc.property(fc.array(fill, { maxLength: 60 }), (fills) => {
      const a = account();
      let sold = [0, 0];
      for (const { strategy, side, qty, price, instrument } of fills) {
        sold = sold.map((n, i) => n + (i === instrument && side === SIDE_SELL ? qty : 0));
        if (sold[instrument]! > 10_000) continue;
        trade(a, strategy, side, qty, price, instrument);
        expect(mismatch(a)).toBe(BOOKS_AGREE);
      }
    }),
    { numRuns: 200 },
  );
});

test('what differs is named: the instrument, or the cash', () => {
  const a = account();
  trade(a, 3, SIDE_BUY, 100, 100_000, 1);
  a.books.qty[a.books.cell(DESK_ROW, 1)]! += 1;
  expect(mismatch(a)).toBe(1);
  a.books.qty[a.books.cell(DESK_ROW, 1)]! -= 1;
  a.cash.cashE4 += 1;
  expect(mismatch(a)).toBe(2);
});

test('bonus shares go to whoever holds, and what is left over to the desk', () => {
  const a = account();
  trade(a, 3, SIDE_BUY, 333, 100_000);
  trade(a, 7, SIDE_SELL, 100, 100_000);
  adjustAccount(a, 0, 3_069, 0);
  // 10,333 held long; 3 take 333/10,333 of it, the short row nothing.
  expect([row(a.books, 3).qty, row(a.books, 7).qty]).toEqual([333 + 98, -100]);
  expect(mismatch(a)).toBe(BOOKS_AGREE);
  adjustAccount(a, -1, 0, -5_000_000);
  expect(a.books.movedE4).toBe(-5_000_000);
  expect(mismatch(a)).toBe(BOOKS_AGREE);
});

test('lines of the day before give each strategy its shares; the desk keeps the rest', () => {
  const a = account();
  openBookLine(a.books, 3, 0, 4_000, 500_000_000, 1_000_000_000);
  openBookLine(a.books, 7, 0, -1_000, -120_000_000, 1_000_000_000);
  openBookLine(a.books, DESK_STRATEGY, 0, 7_000, 700_000_000, 1_000_000_000);
  expect([3, 7, DESK_STRATEGY].map((s) => row(a.books, s).qty)).toEqual([4_000, -1_000, 7_000]);
  expect(a.books.openGapE4[0]).toBe(80_000_000);
  expect(mismatch(a)).toBe(BOOKS_AGREE);
  trade(a, 3, SIDE_SELL, 4_000, 130_000);
  expect(row(a.books, 3)).toEqual({ qty: 0, cost: 0, realised: 20_000_000 });
  expect(mismatch(a)).toBe(BOOKS_AGREE);
});
