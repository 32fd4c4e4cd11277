// The account with which the next day of a backtest opens where nothing but prices changed and
// nothing happens to it overnight: most days of most runs. Called by backtest/many-days.ts.
// Always: what carriedAccount() makes of closedBooks() (carry-over.ts; a test compares), without
// lines by names between them: thousands of shares a day are half of a day's garbage otherwise.
import type { Account } from '../core/account.ts';
import { DESK_STRATEGY } from '../messages/codes.ts';
import { strategyIndex, strategyName } from './carry-over.ts';
import type { EngineSetup, SetupAccount, SetupBook, SetupPosition } from './setup.ts';

/**
 * `closed`: the account as it stands behind the day of `old`, whose instruments those of `setup`
 * are, in the same order; `days`: trading days passed. O(instruments).
 */
export function rolledAccount(
  setup: EngineSetup,
  index: number,
  old: EngineSetup,
  closed: Account,
  days: number,
): SetupAccount {
  const account = setup.accounts[index]!;
  return {
    ...account,
    cashE4: closed.cash.cashE4,
    positions: positionsOf(closed, old.accounts[index]!.positions),
    books: booksOf(setup, index, old, closed, days),
  };
}

/** A position that did not change is the object of the day before. */
function positionsOf({ positions }: Account, before: readonly SetupPosition[]): SetupPosition[] {
  const made: SetupPosition[] = [];
  let b = 0;
  for (let instrument = 0; instrument < positions.count; instrument++) {
    const qty = positions.qty[instrument]!;
    if (qty === 0) continue;
    const costAmountE4 = positions.costAmountE4[instrument]!;
    while (b < before.length && before[b]!.instrument < instrument) b++;
    const known = before[b];
    if (known !== undefined && isPosition(known, instrument, qty, costAmountE4)) made.push(known);
    else made.push({ instrument, qty, costE4: Math.round(costAmountE4 / qty), costAmountE4 });
  }
  return made;
}

/** Whether it says this, and that all of it may be sold. */
function isPosition(of: SetupPosition, instrument: number, qty: number, costAmountE4: number) {
  const isSame = of.qty === qty && of.costAmountE4 === costAmountE4;
  return isSame && of.instrument === instrument && of.sellableQty === undefined;
}

/** Lines of strategies by instrument, then the desk's. */
function booksOf(
  setup: EngineSetup,
  index: number,
  old: EngineSetup,
  { books, positions }: Account,
  days: number,
): SetupBook[] {
  const strategies = Array.from(books.strategyOf, (strategy) => {
    return strategyIndex(setup, index, strategyName(old, strategy));
  });
  const made: SetupBook[] = [];
  const desk: SetupBook[] = [];
  for (let instrument = 0; instrument < positions.count; instrument++) {
    let isHeld = false;
    let deskQty = 0;
    let deskE4 = 0;
    const held = positions.heldDays[instrument]!;
    const heldDays = held < 0 ? held : held + days;
    for (let row = 0; row < strategies.length; row++) {
      const c = books.cell(row, instrument);
      const qty = books.qty[c]!;
      const costAmountE4 = books.costAmountE4[c]!;
      if (qty === 0 && costAmountE4 === 0) continue;
      isHeld = true;
      const strategy = strategies[row]!;
      if (strategy < DESK_STRATEGY) {
        made.push({ strategy, instrument, qty, costAmountE4, heldDays });
        continue;
      }
      deskQty += qty;
      deskE4 += costAmountE4;
    }
    if (!isHeld) continue;
    const rest = { qty: deskQty, costAmountE4: deskE4, heldDays };
    desk.push({ strategy: DESK_STRATEGY, instrument, ...rest });
  }
  for (const line of desk) made.push(line);
  return made;
}
