// Trading days. Called by the start of a session, by the validation of orders and `pankou rules`.
// Always: a day is trading, closed or unknown; a weekend is closed in every year; a weekday outside
// the known spans is unknown, and nobody may go live on it.
import {
  addDays,
  dayText,
  isCalendarDay,
  isWeekend,
  numberOfDay,
  weekdayName,
} from './calendar-date.ts';
import { RuleError } from './rule-error.ts';
import type { Confidence } from './rule-row.ts';

/** Consecutive days of which all is known: the closed weekdays, or the trading days themselves. */
export interface CalendarSpan {
  readonly from: number;
  readonly to: number;
  readonly closed?: readonly number[] | undefined;
  readonly trading?: readonly number[] | undefined;
  readonly source: string;
  readonly confidence: Confidence;
}

export type DayStatus = 'trading' | 'closed' | 'unknown';

/** Warn so many calendar days before the last known trading day. */
export const CALENDAR_WARNING_DAYS = 30;
/** Longest pause of trading there has been is below this (calendar days). */
const SEARCH_DAYS_MAX = 60;

interface KnownDay {
  readonly trading: boolean;
  readonly span: CalendarSpan;
}

export class Calendar {
  readonly #days = new Map<number, KnownDay>();
  readonly #lastTrading: number;

  /** Spans by layer, the highest last: its word on a day wins. */
  constructor(layers: readonly (readonly CalendarSpan[])[]) {
    for (const span of layers.flat()) this.#learn(span);
    const trading = [...this.#days].filter(([, known]) => known.trading).map(([day]) => day);
    this.#lastTrading = trading.reduce((last, day) => Math.max(last, day), 0);
  }

  #learn(span: CalendarSpan): void {
    const closed = new Set(span.closed);
    const open = span.trading === undefined ? null : new Set(span.trading);
    for (let day = span.from; day <= span.to; day = addDays(day, 1)) {
      const trading = !isWeekend(day) && (open === null ? !closed.has(day) : open.has(day));
      this.#days.set(day, { trading, span });
    }
  }

  statusOf(day: number): DayStatus {
    if (!isCalendarDay(day)) throw new RuleError(`${day} is not a day such as 20260706`);
    if (isWeekend(day)) return 'closed';
    const known = this.#days.get(day);
    if (known === undefined) return 'unknown';
    return known.trading ? 'trading' : 'closed';
  }

  /** Who says so; '' for an unknown day. */
  sourceOf(day: number): string {
    if (isWeekend(day)) return 'every Saturday and Sunday is closed';
    return this.#days.get(day)?.span.source ?? '';
  }

  /** Throws RuleError when the calendar does not know the day: a guess is no answer. */
  isTradingDay(day: number): boolean {
    const status = this.statusOf(day);
    if (status === 'unknown') throw new RuleError(unknownDay(day, this.#lastTrading));
    return status === 'trading';
  }

  /** Last trading day that is known; 0 when none is. */
  get lastTradingDay(): number {
    return this.#lastTrading;
  }

  /** First trading day after `day`, or null where the calendar ends before one. */
  next(day: number): number | null {
    return this.#search(day, 1);
  }

  /** Last trading day before `day`, or null. */
  previous(day: number): number | null {
    return this.#search(day, -1);
  }

  /** Number of trading days in [from, to]; throws RuleError when one of them is unknown. */
  tradingDays(from: number, to: number): number[] {
    const days: number[] = [];
    for (let day = from; day <= to; day = addDays(day, 1))
      if (this.isTradingDay(day)) days.push(day);
    return days;
  }

  /** From 30 days before the last known trading day: what to do; null when all is well. */
  warningOn(day: number): string | null {
    const left = numberOfDay(this.#lastTrading || day) - numberOfDay(day);
    if (left > CALENDAR_WARNING_DAYS) return null;
    const last = this.#lastTrading === 0 ? 'none' : dayText(this.#lastTrading);
    return (
      `the trading calendar ends in ${Math.max(0, left)} days (last known trading day: ${last}); ` +
      'import the exchange notice of the next year: pankou rules import FILE'
    );
  }

  /** Throws RuleError unless `day` is known to be a trading day. For the start of live trading. */
  requireLive(day: number): void {
    if (this.isTradingDay(day)) return;
    const next = this.next(day);
    const then = next === null ? '' : `; next trading day: ${dayText(next)}`;
    const why = `${weekdayName(day)}, ${this.sourceOf(day)}`;
    throw new RuleError(`${dayText(day)} is not a trading day (${why})${then}`);
  }

  /** Days on which two calendars that both know them differ. */
  differences(other: Calendar): number[] {
    const days: number[] = [];
    for (const day of this.#days.keys()) {
      const theirs = other.statusOf(day);
      if (theirs !== 'unknown' && theirs !== this.statusOf(day)) days.push(day);
    }
    return days.sort((a, b) => a - b);
  }

  #search(from: number, step: 1 | -1): number | null {
    let day = from;
    for (let i = 0; i < SEARCH_DAYS_MAX; i++) {
      day = addDays(day, step);
      const status = this.statusOf(day);
      if (status === 'trading') return day;
      if (status === 'unknown') return null;
    }
    return null;
  }
}

function unknownDay(day: number, last: number): string {
  const known = last === 0 ? 'no trading day is known' : `last known trading day: ${dayText(last)}`;
  return (
    `${dayText(day)}: the calendar does not know whether this is a trading day (${known}); ` +
    'import one: pankou rules import FILE'
  );
}
