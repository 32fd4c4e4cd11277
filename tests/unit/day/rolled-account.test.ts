// An account rolled into the next day of a backtest against the same account carried over by lines:
// any shares, of strategies and of the desk, day behind day. Run by vitest.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Account } from '../../../engine/core/account.ts';
import { carriedAccount, closedBooks } from '../../../engine/host/carry-over.ts';
import { rolledAccount } from '../../../engine/host/rolled-account.ts';
import type { EngineSetup, SetupAccount } from '../../../engine/host/setup.ts';
import { makeInstrument } from '../../support/instruments.ts';

const SYMBOLS = ['600000.SH', '600001.SH', '000001.SZ', '300001.SZ'];
const INSTRUMENTS = SYMBOLS.map((symbol, i) => makeInstrument(i, symbol));
const ACCOUNT: SetupAccount = { id: 'main', cashE4: 0, positions: [], fees: [], journalDir: '' };

function dayOf(names: readonly string[], account = ACCOUNT): EngineSetup {
  const strategies = names.map((name) => ({ name, account: 0 }));
  return { instruments: INSTRUMENTS, strategies, accounts: [account] } as unknown as EngineSetup;
}

/** Shares, cost, days held, and what the desk's and two strategies' books say, by instrument. */
const cell = fc.record({
  qty: fc.integer({ min: 0, max: 3 }),
  costE4: fc.integer({ min: 0, max: 4 }),
  heldDays: fc.integer({ min: -1, max: 4 }),
  rows: fc.array(fc.tuple(fc.integer({ min: -2, max: 3 }), fc.integer({ min: -2, max: 3 })), {
    ...{ minLength: 3, maxLength: 3 },
  }),
});
const dayCells = fc.array(cell, { minLength: SYMBOLS.length, maxLength: SYMBOLS.length });

function closedWith(cells: readonly (typeof cell extends fc.Arbitrary<infer T> ? T : never)[]) {
  const fees = { commissionRateE7: 0 } as unknown as ConstructorParameters<typeof Account>[1];
  const account = new Account(0, fees, 16, SYMBOLS.length, [0, 1]);
  account.cash.cashE4 = 77;
  for (const [i, { qty, costE4, heldDays, rows }] of cells.entries()) {
    account.positions.qty[i] = qty;
    account.positions.costAmountE4[i] = costE4;
    account.positions.heldDays[i] = heldDays;
    for (const [row, [own, ownE4]] of rows.entries()) {
      account.books.qty[account.books.cell(row, i)] = own;
      account.books.costAmountE4[account.books.cell(row, i)] = ownE4;
    }
  }
  return account;
}

describe('an account rolled into the next day', () => {
  test.each([[['fast', 'slow']], [['slow', 'fast']], [['slow']], [[]]])(
    'is the one carried over by lines, into a day of the strategies %j',
    (names) => {
      fc.assert(
        fc.property(fc.array(dayCells, { minLength: 1, maxLength: 3 }), (days) => {
          let old = dayOf(['fast', 'slow']);
          for (const [n, cells] of days.entries()) {
            const closed = closedWith(cells);
            const next = dayOf(n + 1 === days.length ? names : ['fast', 'slow']);
            const lines = closedBooks(old, closed);
            const rolled = rolledAccount(next, 0, old, closed, n + 1);
            expect(rolled).toEqual(carriedAccount(next, 0, ACCOUNT, lines, n + 1));
            old = dayOf(['fast', 'slow'], rolled);
          }
        }),
        { numRuns: 60 },
      );
    },
  );

  test('keeps the object of a position that did not change, but of none that was locked', () => {
    const held = { qty: 3, costE4: 30, heldDays: 1, rows: [[0, 0] as [number, number]] };
    const cells = SYMBOLS.map(() => held);
    const first = rolledAccount(dayOf(['fast']), 0, dayOf(['fast']), closedWith(cells), 1);
    const [a, b, ...rest] = first.positions;
    const old = dayOf(['fast'], { ...first, positions: [a!, { ...b!, sellableQty: 1 }, ...rest] });
    const next = rolledAccount(dayOf(['fast']), 0, old, closedWith(cells), 1);
    expect(next.positions.map((one, i) => one === first.positions[i])).toEqual([
      ...[true, false, true, true],
    ]);
    expect(next.positions).toEqual(first.positions);
  });
});
