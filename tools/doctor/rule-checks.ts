// Whether the rule book can carry the engine on: its overlays are right, its calendar reaches
// beyond the next month. Called by tools/commands/doctor.ts. Always: only reads.
import { placesOf } from '../../engine/config-json.ts';
import { dayText } from '../../engine/rules/calendar-date.ts';
import { ruleBookOf } from '../../engine/rules/overlay-files.ts';
import { RuleError } from '../../engine/rules/rule-error.ts';
import type { Finding } from './check.ts';
import { fail, ok, warn } from './check.ts';

/** The overlays and the calendar with them, seen from `today`, 20261121. */
export function ruleFindings(files: readonly string[], today: number): Finding[] {
  try {
    const { calendar } = ruleBookOf(files, placesOf);
    const found = files.length === 0 ? [] : [ok('rules', `built-in and ${files.join(', ')}`)];
    const last = dayText(calendar.lastTradingDay);
    const warning = calendar.warningOn(today);
    if (warning === null) return [...found, ok('calendar', `trading days are known to ${last}`)];
    const [what, advice] = warning.split('; ');
    return [...found, warn('calendar', what, advice)];
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    const [first, ...lines] = error.message.split('\n');
    const advice = lines.map((line) => line.trim()).join('; ');
    return [fail('rules', first, advice || 'repair the overlay, or take it away')];
  }
}

/** The day in China now: 20261121. */
export function todayInChina(now: Date): number {
  const shifted = new Date(now.getTime() + 8 * 3_600_000);
  return Number(shifted.toISOString().slice(0, 10).replaceAll('-', ''));
}
