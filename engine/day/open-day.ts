// What a day opens with: the closing lines of the last closed day of the run folder, else what the
// configuration says. Called by the core (and `pankou run`'s dry checks) when the setup is drafted,
// before any journal is opened. Invariants: an older day's journals are closed first, or the start
// is refused; a closed day never opens again; what was bought before today is sellable (T+1), and
// counts one trading day more; shares that the configuration cannot trade stop the start.
import { symbolOf } from '../core/instrument.ts';
import type { EngineSetup, SetupAccount, SetupBook, SetupPosition } from '../host/setup.ts';
import type { JournalRecord } from '../journal/journal-record.ts';
import { readJournal, type SegmentSource } from '../journal/reader.ts';
import { DESK_STRATEGY, LINE_CLOSING } from '../messages/codes.ts';
import { BookLine, DayClose, InstrumentName } from '../messages/generated/control.ts';
import type { Calendar } from '../rules/calendar.ts';
import { closedDays, verifyDay } from './archive.ts';
import { strategyIndex } from './books-report.ts';
import { closeDay } from './close-day.ts';
import { WHOLE_ACCOUNT } from './close-journal.ts';
import { closedDayFolder, journalFolder, readDaySheet } from './day-file.ts';
import { strategyName } from './replay-day.ts';

/** A line of a closed day, by names: indexes may mean something else today. */
interface ClosingLine {
  /** Name; null = the whole account. */
  readonly strategy: string | null;
  readonly symbol: string;
  readonly qty: number;
  readonly costAmountE4: number;
  readonly heldDays: number;
}

export interface ClosedBooks {
  readonly cashE4: number;
  readonly lines: readonly ClosingLine[];
}

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
    return carried(draft, a, account, books, days);
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

/** The account as the closed day left it, in today's indexes, `days` trading days later. */
export function carried(
  setup: EngineSetup,
  index: number,
  account: SetupAccount,
  closed: ClosedBooks,
  days: number,
): SetupAccount {
  const place = new Map(setup.instruments.map((i) => [i.symbol, i.index]));
  const held = closed.lines.filter(({ qty, costAmountE4 }) => qty !== 0 || costAmountE4 !== 0);
  const lost = held.filter(({ strategy, symbol }) => strategy === null && !place.has(symbol));
  if (lost.length > 0) {
    const shares = lost.map(({ symbol, qty }) => `${qty} of ${symbol}`).join(', ');
    const hint = 'add it to market.instruments, so that it is shown, valued and can be sold';
    throw new Error(`account ${account.id} holds ${shares}, which this run does not know: ${hint}`);
  }
  const positions: SetupPosition[] = [];
  const sums = new Map<string, SetupBook>();
  for (const line of held) {
    const instrument = place.get(line.symbol);
    if (instrument === undefined) continue;
    const { qty, costAmountE4 } = line;
    const heldDays = line.heldDays < 0 ? line.heldDays : line.heldDays + days;
    if (line.strategy === null) {
      if (qty === 0) continue;
      const costE4 = Math.round(costAmountE4 / qty);
      positions.push({ instrument, qty, costE4, costAmountE4 });
      continue;
    }
    // A strategy that is not there any more leaves its shares to the desk.
    const strategy = strategyIndex(setup, index, line.strategy);
    const key = `${strategy} ${instrument}`;
    const sum = sums.get(key) ?? { strategy, instrument, qty: 0, costAmountE4: 0, heldDays };
    sums.set(key, {
      ...{ strategy, instrument, heldDays },
      ...{ qty: sum.qty + qty, costAmountE4: sum.costAmountE4 + costAmountE4 },
    });
  }
  for (const { instrument, heldDays } of [...sums.values()]) {
    const desk = `${DESK_STRATEGY} ${instrument}`;
    if (sums.has(desk)) continue;
    sums.set(desk, { strategy: DESK_STRATEGY, instrument, qty: 0, costAmountE4: 0, heldDays });
  }
  // The desk's own lines come last: they say what is left of the account's shares.
  const books = [...sums.values()].sort((a, b) => rank(a) - rank(b) || a.instrument - b.instrument);
  return { ...account, cashE4: closed.cashE4, positions, books };
}

function rank({ strategy }: SetupBook): number {
  return strategy >= DESK_STRATEGY ? 1 : 0;
}
