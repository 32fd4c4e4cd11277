// The profit file of a day: one row per account, instrument and strategy, and a row `*` for the
// whole account, as CSV for spreadsheets and JSON for programs. Called at the end of a session and
// by the close of a day. Always: money is yuan in the CSV and 1/10,000 yuan in the JSON.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccountFigures, BookRow } from './books-report.ts';
import { csvText, yuanText } from './csv-text.ts';

const COLUMNS = [
  ...['day', 'account', 'strategy', 'instrument', 'name', 'quantity', 'held_days'],
  ...['average_cost', 'cost', 'last', 'value', 'realised', 'unrealised', 'fees', 'cash_flow'],
  'profit',
];

/** Writes pnl.csv and pnl.json into `dir`. */
export function writePnl(dir: string, day: number, accounts: readonly AccountFigures[]): void {
  writeFileSync(join(dir, 'pnl.csv'), pnlCsv(day, accounts));
  const json = JSON.stringify({ day, accounts, strategies: byStrategy(accounts) }, null, 1);
  writeFileSync(join(dir, 'pnl.json'), `${json}\n`);
}

export interface StrategyProfit {
  readonly account: string;
  readonly strategy: string;
  readonly realisedE4: number;
  readonly unrealisedE4: number;
  readonly feesE4: number;
  readonly cashFlowE4: number;
  readonly profitE4: number;
}

/** Rows of strategies summed over instruments; those of an account add up to its profit. */
export function byStrategy(accounts: readonly AccountFigures[]): StrategyProfit[] {
  const sums = new Map<string, { -readonly [K in keyof StrategyProfit]: StrategyProfit[K] }>();
  for (const row of accounts.flatMap(({ rows }) => rows)) {
    if (row.strategy === '*') continue;
    const { account, strategy } = row;
    const key = `${account} ${strategy}`;
    const none = { realisedE4: 0, unrealisedE4: 0, feesE4: 0, cashFlowE4: 0, profitE4: 0 };
    const sum = sums.get(key) ?? { account, strategy, ...none };
    sum.realisedE4 += row.realisedE4;
    sum.unrealisedE4 += row.unrealisedE4;
    sum.feesE4 += row.feesE4;
    sum.cashFlowE4 += row.cashFlowE4;
    sum.profitE4 += row.profitE4;
    sums.set(key, sum);
  }
  return [...sums.values()];
}

export function pnlCsv(day: number, accounts: readonly AccountFigures[]): string {
  const rows = accounts.flatMap((figures) => [
    ...figures.rows.map((row) => csvRow(day, row)),
    totalRow(day, figures),
  ]);
  return csvText(COLUMNS, rows);
}

function csvRow(day: number, row: BookRow): Record<string, string | number> {
  const { account, strategy, instrument, name, qty } = row;
  return {
    ...{ day, account, strategy, instrument, name, quantity: qty },
    held_days: row.heldDays < 0 || qty === 0 ? '' : row.heldDays,
    average_cost: qty === 0 ? '' : Number(yuanText(row.costAmountE4 / qty)),
    cost: Number(yuanText(row.costAmountE4)),
    last: Number(yuanText(row.lastE4)),
    value: Number(yuanText(row.valueE4)),
    realised: Number(yuanText(row.realisedE4)),
    unrealised: Number(yuanText(row.unrealisedE4)),
    fees: Number(yuanText(row.feesE4)),
    cash_flow: Number(yuanText(row.cashFlowE4)),
    profit: Number(yuanText(row.profitE4)),
  };
}

/** All of an account; what moved without trading is in its cash and not in its profit. */
function totalRow(day: number, figures: AccountFigures): Record<string, string | number> {
  const { account, valueE4, realisedE4, unrealisedE4, feesE4, profitE4 } = figures;
  const sum = figures.rows.filter(({ strategy }) => strategy === '*');
  const flowE4 = sum.reduce((total, row) => total + row.cashFlowE4, 0);
  return {
    ...{ day, account, strategy: '*', instrument: '*' },
    value: Number(yuanText(valueE4)),
    realised: Number(yuanText(realisedE4)),
    unrealised: Number(yuanText(unrealisedE4)),
    fees: Number(yuanText(feesE4)),
    cash_flow: Number(yuanText(flowE4)),
    profit: Number(yuanText(profitE4)),
  };
}
