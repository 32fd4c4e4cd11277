// The files of a day for people and programs: pnl.csv/.json, reconciliation.csv/.json, and the
// order history (orders.jsonl, fills.jsonl). Written by the close of a day into its archive, and by
// the core at the end of a session into `reports/` of the run folder. Always: made from the journal
// alone, but for last prices and the broker's figures; writing them again changes nothing else.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineSetup } from '../host/setup.ts';
import { figuresOf, priceAccount } from './books-report.ts';
import type { EndFacts } from './end-facts.ts';
import { FILLS_FILE, ORDERS_FILE } from './history.ts';
import { writePnl } from './pnl-file.ts';
import {
  type Reconciliation,
  reconcileAnswers,
  reconcileFile,
  writeReconciliation,
} from './reconcile.ts';
import type { ReplayedAccount } from './replay-day.ts';
import type { StatementFile } from './statement-file.ts';

export interface ReportFacts {
  readonly setup: EngineSetup;
  readonly accounts: readonly ReplayedAccount[];
  readonly end: EndFacts | null;
  /** The broker's statement, before its last answers; null = none. */
  readonly statement: StatementFile | null;
  readonly source: string;
}

/** Writes all files of a day into `dir`; what the reconciliation found. */
export function writeReports(
  dir: string,
  facts: ReportFacts,
): { readonly isClean: boolean; readonly differences: number } {
  mkdirSync(dir, { recursive: true });
  const { setup, accounts, end } = facts;
  const symbols = setup.instruments.map((i) => i.symbol);
  const figures = accounts.map((account) => {
    const lastE4 = end?.accounts.find(({ id }) => id === account.id)?.lastE4 ?? null;
    priceAccount(account.state.account, lastE4, account.fills, symbols);
    return figuresOf(setup, account.state.account);
  });
  writePnl(dir, setup.day, figures);
  const result = reconcile(facts);
  writeReconciliation(dir, result);
  const orders = accounts.flatMap((account) => account.orders);
  const fills = accounts.flatMap((account) => account.fills);
  writeFileSync(join(dir, ORDERS_FILE), lines(orders));
  writeFileSync(join(dir, FILLS_FILE), lines(fills));
  return { isClean: result.isClean, differences: result.differences.length };
}

function reconcile({ setup, accounts, end, statement, source }: ReportFacts): Reconciliation {
  if (statement !== null) return reconcileFile(setup, accounts, statement, source);
  const answers = new Map(end?.accounts.map(({ id, broker }) => [id, broker]));
  return reconcileAnswers(setup, accounts, answers);
}

function lines(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}
