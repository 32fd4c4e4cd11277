// What a day opens with: the closing lines of the last closed day of the run folder, else what the
// configuration says. Called by the core (and `pankou run`'s dry checks) when the setup is drafted,
// before any journal is opened. Invariants: an older day's journals are closed first, or the start
// is refused; a closed day never opens again; what was bought before today is sellable (T+1), and
// counts one trading day more; shares that the configuration cannot trade stop the start.
import { symbolOf } from '../core/instrument.ts';
import {
  type ClosedBooks,
  type ClosingLine,
  carriedAccount,
  strategyName,
} from '../host/carry-over.ts';
import type { EngineSetup } from '../host/setup.ts';
import type { JournalRecord } from '../journal/journal-record.ts';
import { readJournal, type SegmentSource } from '../journal/reader.ts';
import { LINE_CLOSING } from '../messages/codes.ts';
import { BookLine, DayClose, InstrumentName } from '../messages/generated/control.ts';
import type { Calendar } from '../rules/calendar.ts';
import { closedDays, verifyDay } from './archive.ts';
import { closeDay } from './close-day.ts';
import { WHOLE_ACCOUNT } from './close-journal.ts';
import { closedDayFolder, journalFolder, readDaySheet } from './day-file.ts';

export interface OpenedDay {
  readonly setup: EngineSetup;
  /** Lines for people. */
  readonly notes: readonly string[];
}

/**
 * The draft with what its accounts open with. Closes an older day that still lies in `runDir`.
 * Throws for people.
 */
export async function openDay(
  runDir: string,
  draft: EngineSetup,
  calendar: Calendar,
): Promise<OpenedDay> {
  const notes: string[] = [];
  const lying = readDaySheet(runDir)?.day ?? 0;
  if (lying > draft.day) {
    const has = `${runDir} has journals of day ${lying}`;
    throw new Error(`${has}, this run is day ${draft.day}: time does not go back`);
  }
  if (lying !== draft.day) {
    const closed = await closeDay(runDir, { statement: null, source: '' });
    if (closed !== null) notes.push(...closed.notes);
  }
  const last = closedDays(runDir).at(-1);
  if (last === undefined) return { setup: draft, notes };
  if (last >= draft.day) {
    const where = closedDayFolder(runDir, last);
    const hint = 'give a later day, or another folder with --dir';
    throw new Error(`day ${last} is closed and archived in ${where}: ${hint}`);
  }
  verifyDay(runDir, last);
  const days = daysBetween(calendar, last, draft.day);
  const accounts = draft.accounts.map((account, a) => {
    const books = closedBooksOf(runDir, last, account.id);
    if (books === null) {
      notes.push(`account ${account.id} is new: it opens as the configuration says`);
      return account;
    }
    notes.push(`account ${account.id} opens with the books of day ${last}`);
    return carriedAccount(draft, a, account, books, days);
  });
  return { setup: { ...draft, accounts }, notes };
}

/** Trading days from one to the other; 1 where the calendar does not know. */
function daysBetween(calendar: Calendar, from: number, to: number): number {
  try {
    return Math.max(1, calendar.tradingDays(from, to).filter((day) => day > from).length);
  } catch {
    return 1;
  }
}

/** The account's closing lines of a closed day; null = it had no such account. */
export function closedBooksOf(runDir: string, day: number, id: string): ClosedBooks | null {
  const folder = closedDayFolder(runDir, day);
  const sheet = readDaySheet(folder);
  if (sheet === null) throw new Error(`${folder} has no day.json: restore it from a copy`);
  const { setup } = sheet;
  const index = setup.accounts.findIndex((account) => account.id === id);
  if (index < 0) return null;
  return closingBooks(setup, index, journalFolder(folder, index));
}

/** The closing lines of a closed journal, in a folder or in what stands in for one. */
export function closingBooks(
  setup: EngineSetup,
  index: number,
  folder: string,
  source?: SegmentSource,
): ClosedBooks {
  const symbols: string[] = [];
  const name = new InstrumentName();
  const line = new BookLine();
  const close = new DayClose();
  let lines: ClosingLine[] = [];
  let books: ClosedBooks | null = null;
  const take = ({ frameType, memory, frameAt }: JournalRecord): void => {
    if (frameType === InstrumentName.TYPE) {
      const { instrument, market, securityCode } = name.wrap(memory, frameAt);
      symbols[instrument] = symbolOf(market, securityCode);
    } else if (frameType === BookLine.TYPE && line.wrap(memory, frameAt).kind === LINE_CLOSING) {
      const { strategy, instrument, qty, costAmountE4, heldDays } = line;
      const whose = strategy === WHOLE_ACCOUNT ? null : strategyName(setup, strategy);
      const symbol = symbols[instrument]!;
      lines.push({ strategy: whose, symbol, qty, costAmountE4, heldDays });
    } else if (frameType === DayClose.TYPE) {
      // Lines of a close that was cut short stand before those of the one that was finished.
      const count = close.wrap(memory, frameAt).lines;
      lines = lines.slice(lines.length - count);
      books = { cashE4: close.cashE4, lines };
    }
  };
  readJournal(folder, take, source === undefined ? {} : { source });
  if (books !== null) return books;
  const { id } = setup.accounts[index]!;
  throw new Error(`${folder}: the journal of account ${id} has no close: restore it from a copy`);
}
