// Which phase a security is in at a time of a day, what that phase takes, and when an intraday halt
// begins and ends. Called by validation, `pankou rules` and tests. Always: times in ns since
// midnight, intervals half open [from, to).
import type { PhaseStep } from '../core/instrument.ts';
import {
  PHASE_CLOSED,
  PHASE_CLOSING_CALL,
  PHASE_CONTINUOUS,
  PHASE_LUNCH,
  PHASE_OPENING_CALL,
  PHASE_OPENING_CALL_NO_CANCEL,
  PHASE_PAUSE,
} from '../messages/codes.ts';
import { timeNsOf } from './calendar-date.ts';
import { dailyLimitOf } from './limit-prices.ts';
import type { DayRules, RuleScope } from './rule-book.ts';
import type { Phase, RuleRow, RuleValues } from './rule-row.ts';
import type { Subject } from './subject.ts';

const NS_PER_MINUTE = 60_000_000_000;

/** A phase at a moment; `row` is null before the first session and after the last. */
export interface PhaseNow {
  readonly phase: Phase | 'pre-open' | 'closed';
  readonly orders: boolean;
  readonly cancels: boolean;
  readonly row: RuleRow<'session'> | null;
  /** The window that forbids cancels now, if one does. */
  readonly noCancel: RuleRow<'no-cancel'> | null;
}

/** The sessions of a security in order of time (BSE 2026 no. 3.3.1; SZSE 3.3.1). */
export function sessionsOf(rules: DayRules, scope: RuleScope): RuleRow<'session'>[] {
  const rows = rules.all('session', scope).map(({ row }) => row);
  return rows.sort((a, b) => timeNsOf(a.value.from) - timeNsOf(b.value.from));
}

/** Phase at `timeNs`, or null when no row gives this security sessions on this day. */
export function phaseAt(rules: DayRules, scope: RuleScope, timeNs: number): PhaseNow | null {
  const sessions = sessionsOf(rules, scope);
  if (sessions.length === 0) return null;
  const row = sessions.find(({ value }) => isWithin(value, timeNs)) ?? null;
  if (row === null) {
    const phase = timeNs < timeNsOf(sessions[0].value.from) ? 'pre-open' : 'closed';
    return { phase, orders: false, cancels: false, row, noCancel: null };
  }
  const windows = rules.all('no-cancel', scope).map((held) => held.row);
  const noCancel = windows.find(({ value }) => isWithin(value, timeNs)) ?? null;
  const { phase, orders, cancels } = row.value;
  return { phase, orders, cancels: cancels && noCancel === null, row, noCancel };
}

const PHASE_NUMBERS: { readonly [phase in Phase]: number } = {
  'opening-call': PHASE_OPENING_CALL,
  pause: PHASE_PAUSE,
  continuous: PHASE_CONTINUOUS,
  lunch: PHASE_LUNCH,
  'closing-call': PHASE_CLOSING_CALL,
};

/**
 * The day of a security as the engine's phases, each with its beginning. A window without cancels
 * inside the opening call is a phase of its own. Kinds without sessions of their own (indexes,
 * preferred shares of old days) follow the shares of their venue.
 */
export function phaseSteps(rules: DayRules, scope: RuleScope): readonly PhaseStep[] {
  return rules.derived(scope, 'phase steps', () => {
    const { venue, state, type } = scope;
    const shares = { venue, kind: venue === 'BSE' ? 'bse' : 'main', state, type } as const;
    return stepsOf(rules, sessionsOf(rules, scope).length > 0 ? scope : shares);
  });
}

function stepsOf(rules: DayRules, scope: RuleScope): readonly PhaseStep[] {
  const steps: PhaseStep[] = [];
  const begin = (ns: number, phase: number) => {
    if (steps.at(-1)?.ns === ns) steps.pop();
    if (steps.at(-1)?.phase !== phase) steps.push({ ns, phase });
  };
  const sessions = sessionsOf(rules, scope);
  for (const { value } of sessions) {
    const from = timeNsOf(value.from);
    begin(from, PHASE_NUMBERS[value.phase]);
    for (const { row } of rules.all('no-cancel', scope)) {
      const start = timeNsOf(row.value.from);
      const isOpening = value.phase === 'opening-call' && isWithin(value, start);
      if (isOpening) begin(start, PHASE_OPENING_CALL_NO_CANCEL);
    }
    begin(timeNsOf(value.to), value === sessions.at(-1)?.value ? PHASE_CLOSED : PHASE_PAUSE);
  }
  return steps;
}

/** Whether an after-hours fixed-price order is taken at `timeNs`. */
export function takesAfterHours(rule: RuleValues['after-hours'], timeNs: number): boolean {
  return rule.on && rule.entry.some((span) => isWithin(span, timeNs));
}

export interface Halt {
  readonly row: RuleRow<'halt'>;
  readonly resumeNs: number;
}

/**
 * The halt that a trade at `tradeE4` causes, the highest level first, or null: none on a day with a
 * daily limit; convertible bonds on their first day only. `baseE4` is what the level counts from:
 * the opening price of the day, for convertible bonds the issue price (BSE 2026 no. 4.2.5). A halt
 * that would pass its latest time ends there. That each level counts once is the caller's to keep.
 */
export function haltAt(
  rules: DayRules,
  subject: Subject,
  baseE4: number,
  tradeE4: number,
  startNs: number,
): Halt | null {
  const isFree = dailyLimitOf(rules, subject)?.limited === false;
  const rows = rules.all('halt', subject).map(({ row }) => row);
  rows.sort((a, b) => b.value.triggerPermille - a.value.triggerPermille);
  const away = Math.abs(tradeE4 - baseE4) * 1_000;
  const row = rows.find(({ value }) => {
    const counts = value.of === 'issue' ? subject.listedDay === 1 : isFree;
    return counts && away >= value.triggerPermille * baseE4;
  });
  if (row === undefined) return null;
  const latestNs = timeNsOf(row.value.resumeBy);
  const { minutes } = row.value;
  const resumeNs = minutes === 0 ? latestNs : startNs + minutes * NS_PER_MINUTE;
  return { row, resumeNs: Math.min(resumeNs, latestNs) };
}

function isWithin(span: { readonly from: string; readonly to: string }, timeNs: number): boolean {
  return timeNs >= timeNsOf(span.from) && timeNs < timeNsOf(span.to);
}
