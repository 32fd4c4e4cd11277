// The close of a trading day: every account's journal gets its last records, the day's files are
// written (profit, reconciliation, orders, fills), and all of it goes into the read-only archive.
// Called at a start on a later day, between two days of a run, and by `pankou journal close`, with
// the run folder locked. Invariants: never while an order may be alive without proof of its end; a
// close that was cut short is finished by the next one; each day is closed once.
import { existsSync, mkdirSync } from 'node:fs';
import type { EngineSetup } from '../host/setup.ts';
import {
  type ClosedAccountNote,
  closedDays,
  draftFolder,
  moveDay,
  sealDay,
  unfinishedDay,
} from './archive.ts';
import { figuresOf, priceAccount } from './books-report.ts';
import {
  type ClosedAccount,
  closeJournal,
  type DayEndProof,
  overfills,
  whyNotClosed,
} from './close-journal.ts';
import { type DaySheet, journalFolder, readDaySheet } from './day-file.ts';
import { readEndFacts } from './end-facts.ts';
import { replayAccount } from './replay-day.ts';
import { writeReports } from './reports.ts';
import type { StatementFile } from './statement-file.ts';

export interface CloseOptions {
  /** The broker's statement of the day; null = none. */
  readonly statement: StatementFile | null;
  /** Its file, for the reconciliation. */
  readonly source: string;
}

export interface ClosedDay {
  readonly day: number;
  readonly accounts: readonly ClosedAccountNote[];
  /** Lines for people: what ended, what was odd. */
  readonly notes: readonly string[];
}

/** Closes the day whose journals lie in `runDir`; null = there is none. Throws for people. */
export async function closeDay(runDir: string, options: CloseOptions): Promise<ClosedDay | null> {
  const sheet = readDaySheet(runDir);
  if (sheet === null) return finishDraft(runDir);
  const { setup, day } = sheet;
  if (closedDays(runDir).includes(day)) {
    throw new Error(`day ${day} is closed already, and ${runDir} has journals of it again`);
  }
  const placeOf = (a: number) =>
    existsSync(journalFolder(draftFolder(runDir, day), a)) ? draftFolder(runDir, day) : runDir;
  const before = setup.accounts.map((_, a) => replayAccount(setup, a, placeOf(a)));
  const proof = proofOf(setup, options);
  const reasons = before.map((account) => whyNotClosed(account, proof)).filter((why) => why !== '');
  if (reasons.length > 0) {
    throw new Error(`day ${day} in ${runDir} cannot be closed:\n${reasons.join('\n')}`);
  }
  const end = readEndFacts(placeOf(0), day) ?? readEndFacts(runDir, day);
  const closed: ClosedAccount[] = [];
  for (const account of before) {
    const lastE4 = end?.accounts.find(({ id }) => id === account.id)?.lastE4 ?? null;
    if (account.isClosed) closed.push(knownClose(setup, account, lastE4));
    else closed.push(await closeJournal(setup, account, placeOf(account.index), proof, lastE4));
  }
  const beyond = before.flatMap((account) => (account.isClosed ? [] : overfills(account, proof)));
  const after = setup.accounts.map((_, a) => replayAccount(setup, a, placeOf(a)));
  const draft = draftFolder(runDir, day);
  mkdirSync(draft, { recursive: true });
  const reports = writeReports(draft, { setup, accounts: after, end, ...options });
  moveDay(runDir, day);
  const notes = closed.flatMap(({ ended, figures, warnings }) => [
    ...(ended > 0 ? [`account ${figures.account}: ${ended} orders ended with day ${day}`] : []),
    ...warnings,
  ]);
  notes.push(...beyond);
  if (!reports.isClean) notes.push(`day ${day}: ${reports.differences} differences to the broker`);
  const accounts = closed.map(noteOf);
  seal(runDir, sheet, accounts);
  return { day, accounts, notes: [`day ${day} is closed and archived`, ...notes] };
}

function seal(runDir: string, sheet: DaySheet, accounts: readonly ClosedAccountNote[]): void {
  const { engineVersion } = sheet.setup;
  sealDay(runDir, sheet.day, { engineVersion, schemaHash: sheet.schemaHash, accounts });
}

/** A close that had moved everything and had not got its manifest and name. */
function finishDraft(runDir: string): ClosedDay | null {
  const day = unfinishedDay(runDir);
  const draft = draftFolder(runDir, day);
  const sheet = day === 0 ? null : readDaySheet(draft);
  if (sheet === null) return null;
  const { setup } = sheet;
  const end = readEndFacts(draft, day);
  const accounts = setup.accounts.map((_, a) => {
    const account = replayAccount(setup, a, draft);
    if (!account.isClosed) {
      const what = `the journal of account ${account.id} lies in ${draft} and has no close`;
      throw new Error(`${what}: move what is in it back to ${runDir}, then close the day again`);
    }
    const lastE4 = end?.accounts.find(({ id }) => id === account.id)?.lastE4 ?? null;
    return noteOf(knownClose(setup, account, lastE4));
  });
  seal(runDir, sheet, accounts);
  return { day, accounts, notes: [`day ${day} is closed and archived (finished after a stop)`] };
}

/** The simulated exchange died with its process; a real broker's orders need its statement. */
function proofOf(setup: EngineSetup, { statement }: CloseOptions): DayEndProof {
  if (statement !== null) return { kind: 'statement', file: statement };
  return setup.gateway === 'sim' ? { kind: 'exchange-gone' } : { kind: 'none' };
}

/** What an account's closed journal says. */
function knownClose(
  setup: EngineSetup,
  account: ReturnType<typeof replayAccount>,
  lastE4: readonly number[] | null,
): ClosedAccount {
  const symbols = setup.instruments.map((i) => i.symbol);
  priceAccount(account.state.account, lastE4, account.fills, symbols);
  const figures = figuresOf(setup, account.state.account);
  return { figures, ended: 0, stateHash: account.stateHash, warnings: [] };
}

function noteOf({ figures, ended, stateHash }: ClosedAccount): ClosedAccountNote {
  const { account: id, cashE4, profitE4 } = figures;
  return { id, cashE4, profitE4, endedOrders: ended, stateHash };
}
