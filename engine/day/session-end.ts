// The end of a session: keeps what only the engine knew, and leaves the day's files in `reports/`
// of the run folder, as they stand, closed day or not. Called by the core after its threads have
// ended and the journals are closed. Always: it reads journals and writes files, nothing else.
import { join } from 'node:path';
import type { EngineSetup } from '../host/setup.ts';
import type { AccountSummary } from '../host/thread-messages.ts';
import { type EndFacts, writeEndFacts } from './end-facts.ts';
import { replayAccount } from './replay-day.ts';
import { writeReports } from './reports.ts';

/** Folder of the files of a session in its run folder. */
export const REPORTS_FOLDER = 'reports';

/** Writes end.json and reports/; lines for people where the broker's figures differ. */
export function writeSessionReports(
  runDir: string,
  setup: EngineSetup,
  summaries: readonly AccountSummary[],
): string[] {
  const end: EndFacts = {
    day: setup.day,
    accounts: summaries.map(({ id, lastE4, broker }) => ({ id, lastE4, broker })),
  };
  writeEndFacts(runDir, end);
  const accounts = setup.accounts.map((_, a) => replayAccount(setup, a, runDir));
  const dir = join(runDir, REPORTS_FOLDER);
  const found = writeReports(dir, { setup, accounts, end, statement: null, source: '' });
  if (found.isClean) return [];
  const where = join(dir, 'reconciliation.csv');
  return [`${found.differences} differences to the broker's figures: see ${where}`];
}
