// Movements that a broker was announced to make without an order: dividends and their tax, bonus
// shares, bank transfers, cash sweeps, subscriptions, repo returns. A dated CSV file per account:
//   day,kind,instrument,quantity,amount,note
//   20260109,bonus-shares,600519.SH,300,,10 送 3
//   20260109,dividend,600519.SH,,1520.40,after tax
//   20260112,bank-transfer,,,-50000,to the bank
// Read with the configuration. Always: a row moves shares of an instrument or cash, never both; the
// sign is the account's (in is positive); what cannot be is refused with file, line and column.
import { CASH_MOVEMENTS_MAX } from '../core/statement.ts';
import { ADJUST_FEE_ROUNDING, ADJUST_NAMES } from '../messages/codes.ts';
import { readTable, type TableRow } from './csv-text.ts';

export interface Movement {
  readonly day: number;
  /** ADJUST_* in engine/messages/codes.ts. */
  readonly kind: number;
  /** Whose shares move; '' = cash only. */
  readonly symbol: string;
  readonly qty: number;
  readonly amountE4: number;
}

/** Kinds a file may name: rounding explains itself. */
const KINDS = ADJUST_NAMES.slice(ADJUST_FEE_ROUNDING + 1);
const QTY_MIN = -2_000_000_000;

/** Rows of a file. Throws TableError; `symbols` = what the configuration trades. */
export function readMovements(file: string, symbols: readonly string[]): Movement[] {
  const rows = readTable(file, ['day', 'kind', 'quantity', 'amount'], ['instrument', 'note']);
  const perDay = new Map<number, number>();
  return rows.map((row) => {
    const movement = movementOf(row, symbols);
    if (movement.qty !== 0) return movement;
    const count = (perDay.get(movement.day) ?? 0) + 1;
    perDay.set(movement.day, count);
    if (count > CASH_MOVEMENTS_MAX) {
      row.refuse('day', `at most ${CASH_MOVEMENTS_MAX} movements of cash a day; add some together`);
    }
    return movement;
  });
}

function movementOf(row: TableRow, symbols: readonly string[]): Movement {
  const day = row.day('day');
  const kind = ADJUST_NAMES.indexOf(row.oneOf('kind', KINDS));
  const symbol = row.text('instrument') === '' ? '' : row.symbol('instrument');
  const movesShares = row.text('quantity') !== '';
  if (movesShares === (row.text('amount') !== '')) {
    row.refuse('amount', 'quantity or amount, one of them: shares and cash have a row each');
  }
  if (!movesShares) {
    const amountE4 = row.yuan('amount', true);
    if (amountE4 === 0) row.refuse('amount', 'yuan that move, not 0');
    return { day, kind, symbol: '', qty: 0, amountE4 };
  }
  const qty = row.qty('quantity', QTY_MIN);
  if (qty === 0) row.refuse('quantity', 'shares that move, not 0');
  if (symbol === '') row.refuse('instrument', 'the instrument whose shares move');
  if (!symbols.includes(symbol)) row.refuse('instrument', 'an instrument under market.instruments');
  return { day, kind, symbol, qty, amountE4: 0 };
}
