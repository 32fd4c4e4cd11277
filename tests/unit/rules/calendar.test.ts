// Trading days: the built-in years against the exchange's counts and, where the data folder is
// there, day by day against an independent list; what happens where the calendar ends.
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Calendar } from '../../../engine/rules/calendar.ts';
import * as date from '../../../engine/rules/calendar-date.ts';
import { BUILT_IN_SPANS } from '../../../engine/rules/calendar-days.ts';
import { overlayFromDays, parseOverlay } from '../../../engine/rules/overlay.ts';
import { RuleBook } from '../../../engine/rules/rule-book.ts';

const calendar = new RuleBook().calendar;
const DATA = new URL(
  '../../../../shared/data/calendar-china/xshg_sessions.csv.gz',
  import.meta.url,
);

describe('built-in years', () => {
  test.each([
    [2024, 242],
    [2025, 243],
    [2026, 242],
  ])('%i has %i trading days', (year, count) => {
    expect(calendar.tradingDays(year * 10_000 + 101, year * 10_000 + 1231)).toHaveLength(count);
  });

  test('a make-up working day on a weekend is closed', () => {
    expect(calendar.statusOf(20260228)).toBe('closed');
  });

  test('names the days beside a holiday', () => {
    expect(calendar.next(20260930)).toBe(20261008);
    expect(calendar.previous(20261008)).toBe(20260930);
    expect(calendar.previous(20240101)).toBeNull();
  });
});

describe.skipIf(!existsSync(DATA))('against ../shared/data/calendar-china', () => {
  const text = existsSync(DATA) ? gunzipSync(readFileSync(DATA)).toString() : '';
  const sessions = text
    .split('\n')
    .flatMap((line) => (/^\d/.test(line) ? [line.slice(0, 10)] : []));
  const days = sessions.map(date.dayOfText);

  test('the built-in years are the same, day by day', () => {
    const listed = days.filter((day) => day >= 20240101);
    expect(calendar.tradingDays(20240101, 20261231)).toEqual(listed);
  });

  test('the whole history comes in as an overlay', () => {
    const layer = parseOverlay(overlayFromDays(text, 'days.csv'), 'days.json');
    const full = new RuleBook([layer]).calendar;
    expect(full.tradingDays(19901203, 20261231)).toEqual(days);
    expect(full.differences(calendar)).toEqual([]);
  });
});

describe('the end of the calendar', () => {
  test('a weekday beyond it is unknown, and asking whether it trades throws', () => {
    expect(calendar.statusOf(20270104)).toBe('unknown');
    expect(() => calendar.isTradingDay(20270104)).toThrow('last known trading day: 2026-12-31');
  });

  test('weekends and New Year are closed even there', () => {
    expect(calendar.statusOf(20270102)).toBe('closed');
    expect(calendar.statusOf(20270101)).toBe('closed');
    expect(calendar.next(20261231)).toBeNull();
  });

  test('warns from 30 days before the last known trading day', () => {
    expect(calendar.warningOn(20261130)).toBeNull();
    expect(calendar.warningOn(20261201)).toContain('ends in 30 days');
    expect(calendar.warningOn(20261231)).toContain('ends in 0 days');
  });

  test('going live needs a known trading day', () => {
    expect(() => calendar.requireLive(20261231)).not.toThrow();
    expect(() => calendar.requireLive(20270104)).toThrow('does not know');
    expect(() => calendar.requireLive(20261001)).toThrow('next trading day: 2026-10-08');
  });

  test('an overlay of the next year moves it, and may correct a day', () => {
    const told = { source: 'notice', confidence: 'A' } as const;
    const next = { from: 20270101, to: 20271231, closed: [20270101], ...told };
    const storm = { from: 20261230, to: 20261230, closed: [20261230], ...told };
    const more = new Calendar([BUILT_IN_SPANS, [next, storm]]);
    expect(more.isTradingDay(20270104)).toBe(true);
    expect(more.warningOn(20261231)).toBeNull();
    expect(more.differences(calendar)).toEqual([20261230]);
  });

  test('a calendar of nothing knows nothing', () => {
    const empty = new Calendar([]);
    expect(empty.statusOf(20260706)).toBe('unknown');
    expect(empty.warningOn(20260706)).toContain('last known trading day: none');
  });
});

describe('dates', () => {
  test('adding days goes there and back through months and years', () => {
    fc.assert(
      fc.property(fc.integer({ min: 8_000, max: 40_000 }), fc.integer(), (number, step) => {
        const day = date.dayOfNumber(number);
        const count = step % 3_000;
        expect(date.isCalendarDay(day)).toBe(true);
        expect(date.addDays(date.addDays(day, count), -count)).toBe(day);
        expect(date.dayOfText(date.dayText(day))).toBe(day);
      }),
    );
  });

  test('what is no date or time is told from what is', () => {
    for (const text of ['2026-02-29', '2026-13-01', '20260706x', '2026-0706', '26-07-06', '']) {
      expect(date.dayOfText(text), text).toBe(-1);
    }
    expect(date.dayOfText('2024-02-29')).toBe(20240229);
    for (const text of ['24:00', '9:30', '09:60', '09:30:61', '']) {
      expect(date.timeNsOf(text), text).toBe(-1);
    }
    expect(date.timeText(date.timeNsOf('14:56:59.990'))).toBe('14:56:59.99');
    expect(date.weekdayName(20260706)).toBe('Monday');
  });
});
