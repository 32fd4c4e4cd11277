// Whether a session may begin on a day, by the trading calendar. Called when a run or a backtest is
// made, and by `pankou doctor`. Always: live trading needs a day that is known to trade; paper and
// backtest are told what is odd about theirs and go on.
import type { Calendar } from './calendar.ts';
import { dayText, weekdayName } from './calendar-date.ts';

/** Live is refused on what paper and backtest are only warned of. */
export type SessionKind = 'live' | 'paper' | 'backtest';

/**
 * What to tell people about the day of a session (0 = not known); throws RuleError for live trading
 * on a day that does not trade or is not known. A recorded day before the known ones is no news.
 */
export function checkSessionDay(calendar: Calendar, day: number, kind: SessionKind): string[] {
  if (kind === 'live') calendar.requireLive(day);
  if (day === 0) return [];
  const status = calendar.statusOf(day);
  if (status === 'closed') {
    const why = `${weekdayName(day)}, ${calendar.sourceOf(day)}`;
    return [`${dayText(day)} is not a trading day (${why}): its events never happened`];
  }
  const warning = calendar.warningOn(day);
  return warning === null ? [] : [warning];
}
