// Days as integers 20260706 and times as text 14:57:00: reading, weekdays, counting days.
// Called by the rule rows, the calendar and `pankou rules`. Always: arithmetic of the proleptic
// Gregorian calendar in UTC, so no machine's time zone matters.

const NS_PER_SECOND = 1_000_000_000;
const MS_PER_DAY = 86_400_000;
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** 20260706 from `2026-07-06` or `20260706`; -1 when the text is no date. */
export function dayOfText(text: string): number {
  const match = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(text);
  const plain = match !== null && (text.length === 8 || text.length === 10);
  const day = plain ? Number(match[1] + match[2] + match[3]) : -1;
  return isCalendarDay(day) ? day : -1;
}

/** `2026-07-06` from 20260706. */
export function dayText(day: number): string {
  const digits = String(day).padStart(8, '0');
  return `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
}

/** Whether the integer is a date from 1990-01-01 to 2099-12-31. */
export function isCalendarDay(day: number): boolean {
  if (!Number.isInteger(day) || day < 19_900_101 || day > 20_991_231) return false;
  return dayOfNumber(numberOfDay(day)) === day;
}

/** Days since 1970-01-01. */
export function numberOfDay(day: number): number {
  const year = Math.floor(day / 10_000);
  return Date.UTC(year, (Math.floor(day / 100) % 100) - 1, day % 100) / MS_PER_DAY;
}

/** 20260706 from days since 1970-01-01. */
export function dayOfNumber(number: number): number {
  const date = new Date(number * MS_PER_DAY);
  return date.getUTCFullYear() * 10_000 + (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
}

/** The day `count` days later (earlier when negative). */
export function addDays(day: number, count: number): number {
  return dayOfNumber(numberOfDay(day) + count);
}

export function isWeekend(day: number): boolean {
  return [0, 6].includes(weekday(day));
}

/** `Saturday`. */
export function weekdayName(day: number): string {
  return WEEKDAYS[weekday(day)];
}

/** ns since midnight of `09:30` or `14:57:00.010`; -1 when the text is no time. */
export function timeNsOf(text: string): number {
  const match = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,9}))?)?$/.exec(text);
  if (match === null) return -1;
  const seconds = (Number(match[1]) * 60 + Number(match[2])) * 60 + Number(match[3] ?? 0);
  return seconds * NS_PER_SECOND + Number((match[4] ?? '').padEnd(9, '0'));
}

/** `14:57:00` from ns since midnight; parts of a second only where there are any. */
export function timeText(ns: number): string {
  const seconds = Math.floor(ns / NS_PER_SECOND);
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const clock = parts.map((part) => String(part).padStart(2, '0')).join(':');
  const rest = String(ns - seconds * NS_PER_SECOND)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return rest === '' ? clock : `${clock}.${rest}`;
}

function weekday(day: number): number {
  return (((numberOfDay(day) + 4) % 7) + 7) % 7;
}
