// The day of a session against the calendar: live is refused, paper and backtest are told, a
// recorded day of the past is no news.
import { describe, expect, test } from 'vitest';
import { RuleBook } from '../../../engine/rules/rule-book.ts';
import { checkSessionDay } from '../../../engine/rules/session-day.ts';

const { calendar } = new RuleBook();

describe('the day of a session', () => {
  test.each([
    [20260706, []],
    [20230711, []],
    [0, []],
    [20260704, [/2026-07-04 is not a trading day \(Saturday/]],
    [20261001, [/2026-10-01 is not a trading day/]],
    [20261130, []],
    [20261201, [/calendar ends in 30 days .*2026-12-31.*pankou rules import FILE/]],
    [20270105, [/calendar ends in 0 days/]],
  ])('%i: what paper and backtest hear of it', (day, expected) => {
    for (const kind of ['paper', 'backtest'] as const) {
      const heard = checkSessionDay(calendar, day, kind);
      expect(heard).toHaveLength(expected.length);
      for (const [i, text] of heard.entries()) expect(text).toMatch(expected[i]!);
    }
  });

  test.each([[20260704], [20261001], [20270105], [20230711]])(
    '%i: live trading is refused',
    (day) => {
      expect(() => checkSessionDay(calendar, day, 'live')).toThrow(/trading day/);
    },
  );

  test('live trading goes on with a warning in the last month', () => {
    expect(checkSessionDay(calendar, 20260706, 'live')).toEqual([]);
    expect(checkSessionDay(calendar, 20261207, 'live')).toHaveLength(1);
  });
});
