// What the journal's hot side answers instead of throwing: 0 or a sequence number is fine, every
// refusal is one of these negative numbers. Called by the writer, its file port and the gateway.
// Numbers are only added, never changed: dashboards and alerts know them.

/** Done. */
export const JOURNAL_OK = 0;
/** The frame fails the generated verifier, or its type is never journaled. */
export const JOURNAL_BAD_FRAME = -1;
/** `atNs` or `monoNs` is not a finite number. */
export const JOURNAL_BAD_TIME = -2;
/** The disk (or quota) is full: nothing may be placed; kills and cancels still have room. */
export const JOURNAL_NO_SPACE = -3;
/** Reading or writing failed at the device: nothing may be placed until a restart. */
export const JOURNAL_IO = -4;
/** The flush to the device failed; what was written since the last good flush may be lost. */
export const JOURNAL_SYNC = -5;
/** The journal was closed. */
export const JOURNAL_CLOSED = -6;
/** No EPOCH record was appended yet in this process life. */
export const JOURNAL_NO_EPOCH = -7;
/** The sequence number reached the end of int32: start a new journal folder. */
export const JOURNAL_SEQ_END = -8;
/** There is no segment of that number. */
export const JOURNAL_NO_SEGMENT = -9;
/** The reserved room of this segment is used up as well. */
export const JOURNAL_RESERVE_END = -10;
/** Too many files open, or no permission. */
export const JOURNAL_DENIED = -11;

const TEXTS: readonly string[] = [
  'ok',
  'frame is damaged or of a type that is never journaled',
  'time is not a finite number',
  'disk full: free space, then resume; kills and cancels are still written',
  'input/output error: stop, check the disk, restart from the journal',
  'flush to the device failed: stop, check the disk, restart from the journal',
  'journal is closed',
  'no EPOCH record yet: open the journal with openJournal',
  'sequence numbers used up: start a new journal folder',
  'no such segment',
  'reserved room for kills and cancels used up: free space and restart',
  'file refused by the operating system: check permissions and the limit of open files',
];

/** Text for people of a JOURNAL_* code. */
export function journalCodeText(code: number): string {
  return TEXTS[-code] ?? `unknown journal code ${code}`;
}
