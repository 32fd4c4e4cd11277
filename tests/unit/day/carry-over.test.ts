// What a closed day leaves to an account of the next: whose lines they are, where they lie, what a
// day that knows other strategies and instruments makes of them. Run by vitest.
import { describe, expect, test } from 'vitest';
import { type ClosingLine, carriedAccount } from '../../../engine/host/carry-over.ts';
import type { EngineSetup, SetupAccount } from '../../../engine/host/setup.ts';
import { DESK_STRATEGY } from '../../../engine/messages/codes.ts';
import { makeInstrument } from '../../support/instruments.ts';

const SYMBOLS = ['600000.SH', '600001.SH', '000001.SZ'];

/** A day of these instruments whose account 0 has the strategies `fast` and `slow`. */
function dayOf(symbols: readonly string[] = SYMBOLS): EngineSetup {
  const strategies = ['fast', 'slow'].map((name) => ({ name, account: 0 }));
  const instruments = symbols.map((symbol, i) => makeInstrument(i, symbol));
  return { instruments, strategies } as unknown as EngineSetup;
}

const ACCOUNT = { id: 'main', cashE4: 0, positions: [], fees: [], journalDir: '' } as SetupAccount;

function line(strategy: string | null, symbol: string, more: Partial<ClosingLine> = {}) {
  return { strategy, symbol, qty: 200, costAmountE4: 2_000_000, heldDays: 3, ...more };
}

function carried(lines: readonly ClosingLine[], day = dayOf(), days = 2): SetupAccount {
  return carriedAccount(day, 0, ACCOUNT, { cashE4: 7, lines }, days);
}

describe('an account carried into the next day', () => {
  test('opens with its shares and cash, older by the days passed, the desk with the rest', () => {
    const lines = [line(null, '600001.SH'), line('slow', '600001.SH', { qty: 100 })];
    expect(carried(lines)).toEqual({
      ...ACCOUNT,
      cashE4: 7,
      positions: [{ instrument: 1, qty: 200, costE4: 10_000, costAmountE4: 2_000_000 }],
      books: [
        { strategy: 1, instrument: 1, qty: 100, costAmountE4: 2_000_000, heldDays: 5 },
        { strategy: DESK_STRATEGY, instrument: 1, qty: 0, costAmountE4: 0, heldDays: 5 },
      ],
    });
    expect(carried([line('fast', '600001.SH', { heldDays: -1 })]).books![0]!.heldDays).toBe(-1);
    const locked = carried([line(null, '600001.SH', { lockedQty: 50 })]);
    expect(locked.positions[0]!.sellableQty).toBe(150);
  });

  test('finds an instrument where it lies now, not where it lay', () => {
    for (const index of [0, 1, 2, 9, undefined]) {
      const at = index === undefined ? {} : { index };
      const { positions } = carried([line(null, '000001.SZ', at)]);
      expect(positions[0]!.instrument).toBe(2);
    }
  });

  test('leaves shares of a strategy that is gone to the desk, added to its own', () => {
    const lines = [
      line('gone', '000001.SZ', { qty: 100, heldDays: 1 }),
      line('desk', '000001.SZ', { qty: 30 }),
      line('fast', '000001.SZ'),
      line('fast', '600000.SH'),
    ];
    const books = carried(lines).books!;
    expect(books.map(({ strategy, instrument, qty }) => [strategy, instrument, qty])).toEqual([
      [0, 0, 200],
      [0, 2, 200],
      [DESK_STRATEGY, 0, 0],
      [DESK_STRATEGY, 2, 130],
    ]);
    expect(books[3]).toMatchObject({ costAmountE4: 4_000_000, heldDays: 5 });
  });

  test('does not open where shares lie in an instrument that the day does not know', () => {
    const known = dayOf(['600000.SH']);
    const lines = [line(null, '600000.SH', { index: 0 }), line(null, '600001.SH', { index: 0 })];
    expect(() => carried(lines, known)).toThrow(/account main holds 200 of 600001.SH/);
    expect(carried([line('fast', '600001.SH')], known).books).toEqual([]);
  });
});
