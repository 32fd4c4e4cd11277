// Where a trading day stands among the trading days of its week and month: for timers such as "the
// first trading day of the month". Called when a run or a backtest is made. Always: exchange
// calendar only; a week or month of which one day is unknown gives null, since a guess is no
// answer.
import type { DayPlace } from '../core/strategy-kit.ts';
import type { Calendar } from './calendar.ts';
import { addDays, isCalendarDay, numberOfDay } from './calendar-date.ts';

/** Counted from 1 and from -1; null where the calendar does not know, or the day does not trade. */
export function dayPlaceOf(calendar: Calendar, day: number): DayPlace | null {
  if (!isCalendarDay(day) || calendar.statusOf(day) !== 'trading') return null;
  const monday = addDays(day, -((numberOfDay(day) + 3) % 7));
  const week = tradingDays(calendar, monday, addDays(monday, 6));
  const first = day - (day % 100) + 1;
  const month = tradingDays(calendar, first, lastOfMonth(first));
  if (week === null || month === null) return null;
  const inWeek = week.indexOf(day);
  const inMonth = month.indexOf(day);
  return {
    ofWeek: inWeek + 1,
    ofWeekFromEnd: inWeek - week.length,
    ofMonth: inMonth + 1,
    ofMonthFromEnd: inMonth - month.length,
  };
}

function tradingDays(calendar: Calendar, from: number, to: number): number[] | null {
  const days: number[] = [];
  for (let day = from; day <= to; day = addDays(day, 1)) {
    const status = calendar.statusOf(day);
    if (status === 'unknown') return null;
    if (status === 'trading') days.push(day);
  }
  return days;
}

function lastOfMonth(first: number): number {
  const month = Math.floor(first / 100) % 100;
  const next = month === 12 ? first + 8_900 : first + 100;
  return addDays(next, -1);
}
