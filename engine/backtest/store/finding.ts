// What `pankou data check` found, told so that a person can mend it. Made by the checks beside
// this file, printed by the command line. Always: an error means that results on this data are
// wrong; a warning that a person should look.

export type Severity = 'error' | 'warning';

export interface Finding {
  readonly severity: Severity;
  /** Stable word: holes, duplicates, crossed, labels, bars, calendar, limits, int32, damaged. */
  readonly code: string;
  readonly symbol: string;
  /** First day it was found on; 0 = the whole series. */
  readonly day: number;
  readonly kind: string;
  /** How often. */
  readonly count: number;
  /** `orders.csv:17` of the first; '' = no row. */
  readonly place: string;
  readonly text: string;
}

/** Counts what one check finds in one file, and remembers the first. */
export class Tally {
  count = 0;
  row = -1;
  text = '';

  /** `text` is asked of the first only. */
  add(row: number, text: () => string): void {
    if (this.count++ > 0) return;
    this.row = row;
    this.text = text();
  }
}

/** `09:31:00.050` of ns since midnight. */
export function clockText(ns: number): string {
  const ms = Math.floor(ns / 1_000_000);
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const seconds = `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}`;
  return ms % 1000 === 0 ? seconds : `${seconds}.${String(ms % 1000).padStart(3, '0')}`;
}

/** One line for people. */
export function findingText(finding: Finding): string {
  const { severity, code, symbol, day, kind, count, place, text } = finding;
  const where = day > 0 ? `${symbol} ${day} ${kind}` : `${symbol} ${kind}`;
  const times = count > 1 ? ` (${count} times)` : '';
  return `${severity}: ${code}: ${where}: ${text}${times}${place === '' ? '' : ` [${place}]`}`;
}
