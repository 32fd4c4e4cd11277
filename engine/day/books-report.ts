// An account's figures at a moment: what it holds, what that is worth, what the day has earned, as
// a whole and by strategy. Made from a replayed journal for reports and for the close. Pure.
// Always: rows of strategies add up to the account (shares, cash flow, fees, profit of the day).
import type { Account } from '../core/account.ts';
import { setLastPrice } from '../core/position.ts';
import { strategyName } from '../host/carry-over.ts';
import type { EngineSetup } from '../host/setup.ts';
import type { PastFill } from './history.ts';

export interface BookRow {
  readonly account: string;
  /** `*` = the whole account. */
  readonly strategy: string;
  readonly instrument: string;
  readonly name: string;
  readonly qty: number;
  /** Average cost x quantity; fees are not part of it. */
  readonly costAmountE4: number;
  readonly lastE4: number;
  readonly valueE4: number;
  /** Of today, fees excluded. */
  readonly realisedE4: number;
  readonly unrealisedE4: number;
  readonly feesE4: number;
  /** Taken in less paid out today, fees included. */
  readonly cashFlowE4: number;
  /** Value now less value at the open, plus cash flow: what the day earned, fees paid. */
  readonly profitE4: number;
  /** Trading days held; -1 = not known. */
  readonly heldDays: number;
}

export interface AccountFigures {
  readonly account: string;
  readonly cashE4: number;
  readonly feesE4: number;
  readonly valueE4: number;
  readonly realisedE4: number;
  readonly unrealisedE4: number;
  readonly openingEquityE4: number;
  /** Dividends, transfers ...: adopted today, no profit of trading. */
  readonly movedE4: number;
  /** Equity less opening equity less movements. */
  readonly profitE4: number;
  readonly rows: readonly BookRow[];
}

/** Puts the last prices into the account: of the end, else of the last fill, else as it is. */
export function priceAccount(
  account: Account,
  lastE4: readonly number[] | null,
  fills: readonly PastFill[],
  symbols: readonly string[],
): void {
  const { positions } = account;
  const place = new Map(symbols.map((symbol, i) => [symbol, i]));
  for (const fill of fills) {
    const i = place.get(fill.instrument);
    if (i !== undefined) setLastPrice(positions, i, fill.priceE4);
  }
  if (lastE4 === null) return;
  for (const [i, price] of lastE4.entries()) if (price > 0) setLastPrice(positions, i, price);
}

/** The figures of an account whose prices are set. */
export function figuresOf(setup: EngineSetup, account: Account): AccountFigures {
  const { positions, cash, books } = account;
  const id = setup.accounts[account.index]!.id;
  const rows: BookRow[] = [];
  const sums = { valueE4: 0, realisedE4: 0, unrealisedE4: 0 };
  let openingEquityE4 = books.openingCashE4;
  for (const instrument of setup.instruments) {
    const i = instrument.index;
    const lastE4 = positions.lastE4[i]!;
    const openE4 = instrument.preCloseE4;
    const name = instrument.name ?? '';
    const of = { account: id, instrument: instrument.symbol, name, lastE4 };
    const own: BookRow[] = [];
    for (let r = 1; r <= books.rowCount; r++) {
      // The desk's row comes behind those of strategies.
      const row = r % books.rowCount;
      const c = books.cell(row, i);
      const qty = books.qty[c]!;
      const openQty = books.openQty[c]!;
      const cashFlowE4 = books.cashFlowE4[c]!;
      const costAmountE4 = books.costAmountE4[c]!;
      const isIdle = qty === 0 && openQty === 0 && cashFlowE4 === 0 && costAmountE4 === 0;
      if (isIdle && books.realisedE4[c] === 0) continue;
      const valueE4 = worthE4(lastE4, qty, costAmountE4);
      const openValueE4 = worthE4(openE4, openQty, books.openCostE4[c]!);
      openingEquityE4 += openValueE4;
      own.push({
        ...of,
        strategy: strategyName(setup, books.strategyOf[row]!),
        qty,
        costAmountE4,
        valueE4,
        realisedE4: books.realisedE4[c]!,
        unrealisedE4: valueE4 - costAmountE4,
        feesE4: books.feesE4[c]!,
        cashFlowE4,
        profitE4: cashFlowE4 + valueE4 - openValueE4,
        heldDays: positions.heldDays[i]!,
      });
    }
    if (own.length === 0) continue;
    const costAmountE4 = positions.costAmountE4[i]!;
    const valueE4 = worthE4(lastE4, positions.qty[i]!, costAmountE4);
    const sum = (key: 'feesE4' | 'cashFlowE4' | 'profitE4') =>
      own.reduce((total, row) => total + row[key], 0);
    const unrealisedE4 = valueE4 - costAmountE4;
    const realisedE4 = positions.realisedE4[i]!;
    rows.push(...own, {
      ...{ ...of, strategy: '*', qty: positions.qty[i]!, costAmountE4, valueE4, realisedE4 },
      ...{ unrealisedE4, feesE4: sum('feesE4'), cashFlowE4: sum('cashFlowE4') },
      ...{ profitE4: sum('profitE4'), heldDays: positions.heldDays[i]! },
    });
    sums.valueE4 += valueE4;
    sums.realisedE4 += realisedE4;
    sums.unrealisedE4 += unrealisedE4;
  }
  const { cashE4, feesE4 } = cash;
  const { movedE4 } = books;
  const profitE4 = cashE4 + sums.valueE4 - openingEquityE4 - movedE4;
  return { account: id, cashE4, feesE4, ...sums, openingEquityE4, movedE4, profitE4, rows };
}

/** Shares at the last price; at cost while there is none. */
function worthE4(lastE4: number, qty: number, costAmountE4: number): number {
  return lastE4 === 0 ? costAmountE4 : lastE4 * qty;
}
