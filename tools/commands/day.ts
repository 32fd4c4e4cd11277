// `pankou journal close` and `pankou reconcile`: the end of a trading day by hand. Hands over to
// engine/day/. Always: a running engine is never closed under its feet (its run folder is locked);
// reconcile reads only; exit code 1 when something differs or could not be closed, 2 for wrong use.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import type { Reconciliation } from '../../engine/day/reconcile.ts';
import { dayValue } from '../option-values.ts';

const CLOSE_AFTER = `
Closes the day whose journals lie in DIR (a run folder): orders that are still open must have a
proven end, then books, profit and order history are written and all of it becomes a read-only
archive, DIR/days/DAY. A start on a later day does the same by itself. See docs/DAY.md.
Exit codes: 0 closed (or nothing to close), 1 not closed: the message says why, 2 wrong use.`;

const RECONCILE_AFTER = `
The statement is a CSV file with the columns
  kind,account,instrument,side,quantity,price,fee,amount,trade,order
and rows of kind trade, position and cash; kinds that it lacks are not compared. See docs/DAY.md.
Exit codes: 0 nothing differs but rounding, 1 something differs, 2 wrong use.`;

interface ReconcileFlags {
  journal: string;
  statement: string;
  day?: number;
  out?: string;
  json?: boolean;
}

/** `pankou journal close DIR`. */
export function registerJournalClose(journal: Command): void {
  journal
    .command('close')
    .description('close the day of a run folder and archive it')
    .argument('<DIR>', 'run folder')
    .option('--statement <FILE>', "the broker's statement: proves how open orders ended")
    .addHelpText('after', CLOSE_AFTER)
    .action(async (dir: string, flags: { statement?: string }) => {
      const { runFolderOf } = await import('../day/run-folder.ts');
      const { closeDay } = await import('../../engine/day/close-day.ts');
      const { readDaySheet } = await import('../../engine/day/day-file.ts');
      const { lockFolder } = await import('../../engine/host/folder-lock.ts');
      const runDir = runFolderOf(dir);
      const lock = await lockFolder(runDir);
      try {
        const ids = readDaySheet(runDir)?.setup.accounts.map(({ id }) => id) ?? [];
        const source = flags.statement === undefined ? '' : resolve(flags.statement);
        const statement = source === '' ? null : await statementOf(source, ids);
        const closed = await closeDay(runDir, { statement, source });
        if (closed === null) process.stdout.write(`${runDir}: no day is open\n`);
        for (const line of closed?.notes ?? []) process.stdout.write(`${line}\n`);
      } finally {
        await lock.release();
      }
    });
}

/** `pankou reconcile`. */
export function registerReconcile(program: Command): void {
  program
    .command('reconcile')
    .description("compare a day's journals with the broker's statement")
    .requiredOption('--journal <DIR>', 'run folder, closed day or journal folder')
    .requiredOption('--statement <FILE>', "the broker's statement, CSV")
    .option('--day <DAY>', 'a closed day of the run folder, 20260105', dayValue)
    .option('--out <DIR>', 'folder for reconciliation.csv and .json (default: nothing is written)')
    .option('--json', 'print JSON')
    .addHelpText('after', RECONCILE_AFTER)
    .action(async (flags: ReconcileFlags) => {
      const result = await reconcileOf(flags);
      if (flags.out !== undefined) {
        const { mkdirSync } = await import('node:fs');
        const { writeReconciliation } = await import('../../engine/day/reconcile.ts');
        mkdirSync(flags.out, { recursive: true });
        writeReconciliation(flags.out, result);
      }
      const text = flags.json === true ? JSON.stringify(result, null, 2) : textOf(result);
      process.stdout.write(`${text}\n`);
      process.exitCode = result.isClean && comparedRows(result) > 0 ? 0 : 1;
    });
}

async function reconcileOf(flags: ReconcileFlags): Promise<Reconciliation> {
  const { reconcileFile } = await import('../../engine/day/reconcile.ts');
  const { replayAccount } = await import('../../engine/day/replay-day.ts');
  const { readDaySheet } = await import('../../engine/day/day-file.ts');
  const folder = await dayFolderOf(flags);
  const sheet = readDaySheet(folder);
  if (sheet === null) throw new Error(`${folder} has no journals of a day; closed days: see --day`);
  const { setup } = sheet;
  const source = resolve(flags.statement);
  const ids = setup.accounts.map(({ id }) => id);
  const statement = await statementOf(source, ids);
  const accounts = ids.map((_, a) => replayAccount(setup, a, folder));
  return reconcileFile(setup, accounts, statement, source);
}

/** Folder with the day's sheet and journals. */
async function dayFolderOf({ journal, day }: ReconcileFlags): Promise<string> {
  const { closedDayFolder, DAY_FILE } = await import('../../engine/day/day-file.ts');
  const { runFolderOf } = await import('../day/run-folder.ts');
  const given = resolve(journal);
  if (day !== undefined) {
    const folder = closedDayFolder(runFolderOf(given), day);
    if (existsSync(folder)) return folder;
    throw new Error(`${folder} does not exist: day ${day} is not closed there`);
  }
  const places = [given, join(given, '..')];
  return places.find((place) => existsSync(join(place, DAY_FILE))) ?? runFolderOf(given);
}

async function statementOf(file: string, ids: readonly string[]) {
  const { readStatement } = await import('../../engine/day/statement-file.ts');
  return readStatement(file, ids);
}

function comparedRows({ compared }: Reconciliation): number {
  return compared.trades + compared.fees + compared.positions + compared.cash;
}

function textOf(result: Reconciliation): string {
  const { trades, fees, positions, cash } = result.compared;
  const lines = [
    `day         ${result.day}`,
    `compared    ${trades} trades, ${fees} order fees, ${positions} holdings, ${cash} cash`,
  ];
  for (const id of result.notCompared) lines.push(`not told    account ${id}: no row names it`);
  for (const row of result.differences) {
    const trade = row.fillNo === 0 ? '' : ` trade ${row.fillNo}`;
    const about = [row.account, row.instrument, row.side, row.coid].filter((text) => text !== '');
    const figures = `ours ${row.ours || 'none'}, theirs ${row.theirs || 'none'}`;
    const rounding = row.isRounding ? ' (rounding)' : '';
    lines.push(`${row.kind.padEnd(12)}${about.join(' ')}${trade}: ${figures}${rounding}`);
  }
  const verdict = result.isClean ? 'no difference but rounding' : 'DIFFERENT';
  lines.push(`result      ${comparedRows(result) === 0 ? 'NOTHING WAS COMPARED' : verdict}`);
  return lines.join('\n');
}
