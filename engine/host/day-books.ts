// The books of a kernel that serves day after day: they stay open from one day to the next, and are
// opened anew only when windows or quotas change. Called where a backtest's kernels are given out
// (assembly.ts, the simulated exchange). Always: behind it every book of the day is open and
// empty, and no other is.
import { BookCode, type BookKernel } from '../core/book.ts';
import type { BookWindow } from '../core/book-builder.ts';
import type { Instrument } from '../core/instrument.ts';
import { columnsOf } from '../core/instrument-columns.ts';

/** Order slots of each book: of all, or by instrument. */
type Quotas = number | readonly number[];

/** How the books of a kernel stand open. */
interface Standing {
  readonly tickE4: Int32Array;
  readonly windows: readonly BookWindow[];
  readonly quotas: Quotas;
}

const standing = new WeakMap<BookKernel, Standing>();

/** Has a book of each instrument open and empty; throws when the kernel has no room. */
export function openDayBooks(
  book: BookKernel,
  instruments: readonly Instrument[],
  windows: readonly BookWindow[],
  quotas: Quotas,
): void {
  const known = standing.get(book);
  const { tickE4 } = columnsOf(instruments);
  if (known !== undefined && isSame(known, tickE4, windows, quotas)) {
    book.emptyAll();
    return;
  }
  closeDayBooks(book);
  openBooksOf(book, instruments, windows, quotas);
  standing.set(book, { tickE4: tickE4.slice(), windows, quotas });
}

/** Opens a book of each instrument in a kernel that has none; throws when it has no room. */
export function openBooksOf(
  book: BookKernel,
  instruments: readonly Instrument[],
  windows: readonly BookWindow[],
  quotas: Quotas,
): void {
  for (const [i, { symbol, tickE4 }] of instruments.entries()) {
    const { lowE4, highE4 } = windows[i]!;
    const quota = typeof quotas === 'number' ? quotas : quotas[i]!;
    const code = book.openInstrument(i, tickE4, lowE4, highE4, quota);
    if (code === BookCode.OK) continue;
    throw new Error(`book of ${symbol}: window ${lowE4}..${highE4} refused, code ${code}`);
  }
}

/** Closes whatever stands open. */
export function closeDayBooks(book: BookKernel): void {
  standing.delete(book);
  book.resetAll();
}

function isSame(
  known: Standing,
  tickE4: Int32Array,
  windows: readonly BookWindow[],
  quotas: Quotas,
): boolean {
  if (known.windows.length !== windows.length || !isSameQuota(known.quotas, quotas)) return false;
  for (let i = 0; i < windows.length; i++) if (known.tickE4[i] !== tickE4[i]) return false;
  if (known.windows === windows) return true;
  for (let i = 0; i < windows.length; i++) {
    const [one, other] = [known.windows[i]!, windows[i]!];
    if (one === other) continue;
    if (one.lowE4 !== other.lowE4 || one.highE4 !== other.highE4) return false;
  }
  return true;
}

function isSameQuota(known: Quotas, quotas: Quotas): boolean {
  if (typeof known === 'number' || typeof quotas === 'number') return known === quotas;
  return known.length === quotas.length && known.every((quota, i) => quota === quotas[i]);
}
