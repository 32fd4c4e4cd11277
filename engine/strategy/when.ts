// What `ctx.at` understands, turned into moments of today. Called by the schedule. Pure: the
// exchange calendar comes in as the day's place, the sessions as the instrument's phases. Always:
// a plan gives its moments in order; what cannot be known (the calendar's end, a day without a
// close) throws a text that names it.
import { secondsOf } from '../core/bar-length.ts';
import type { Instrument } from '../core/instrument.ts';
import { dayEndNs, SessionBars } from '../core/session-bars.ts';
import type { DayPlace, When } from '../core/strategy-kit.ts';
import { PHASE_CONTINUOUS } from '../messages/codes.ts';

const SECOND_NS = 1_000_000_000;
const NEVER_NS = Number.POSITIVE_INFINITY;

export interface WhenPlan {
  /** For people and as a name across restarts: `14:50:00`, `every 5 session minutes`. */
  readonly text: string;
  /** The first moment after `ns` today; Infinity = none. */
  next(ns: number): number;
}

/** `place` null: the calendar does not know this month. Throws for what is no time. */
export function planOf(
  when: When,
  instruments: readonly Instrument[],
  place: DayPlace | null,
): WhenPlan {
  if (typeof when === 'string') return moment(clockNs(when), when);
  checkKeys(when);
  const { dayOfWeek, dayOfMonth, everyMinutes, beforeClose, afterOpen, at } = when;
  const first = instruments[0];
  if (first === undefined) throw new Error('at(...): the strategy was given no instrument');
  if (everyMinutes !== undefined) return everyPlan(everyMinutes, first);
  const days: string[] = [];
  let isToday = true;
  for (const [what, nth] of [
    ['dayOfWeek', dayOfWeek],
    ['dayOfMonth', dayOfMonth],
  ] as const) {
    if (nth === undefined) continue;
    days.push(`${what} ${nth}`);
    if (!isNthDay(what, nth, place)) isToday = false;
  }
  const plan = timePlan(at, beforeClose, afterOpen, first);
  const text = [...days, plan.text].join(' ');
  return isToday ? { text, next: plan.next } : { text, next: () => NEVER_NS };
}

const KEYS = ['at', 'dayOfWeek', 'dayOfMonth', 'beforeClose', 'afterOpen', 'everyMinutes'];

function checkKeys(when: object): void {
  for (const key of Object.keys(when)) {
    if (KEYS.includes(key)) continue;
    throw new Error(`at({ ${key} }): unknown, expected one of ${KEYS.join(', ')}`);
  }
}

function timePlan(
  at: string | undefined,
  beforeClose: string | undefined,
  afterOpen: string | undefined,
  instrument: Instrument,
): WhenPlan {
  const given = [at, beforeClose, afterOpen].filter((one) => one !== undefined);
  if (given.length > 1) throw new Error('at({...}): give one of at, beforeClose, afterOpen');
  if (at !== undefined) return moment(clockNs(at), at);
  const { phases } = instrument;
  if (beforeClose !== undefined) {
    const ns = dayEndNs(phases) - secondsOf(beforeClose, 'at({ beforeClose })') * SECOND_NS;
    return moment(ns, `${beforeClose} before close`);
  }
  const openNs = phases.find(({ phase }) => phase === PHASE_CONTINUOUS)?.ns ?? 0;
  const span = afterOpen === undefined ? 0 : secondsOf(afterOpen, 'at({ afterOpen })');
  return moment(openNs + span * SECOND_NS, `${afterOpen ?? '0s'} after open`);
}

function everyPlan(minutes: number, instrument: Instrument): WhenPlan {
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > 240) {
    throw new Error(`at({ everyMinutes: ${minutes} }): expected a whole number from 1 to 240`);
  }
  const bars = new SessionBars(instrument.phases);
  const interval = minutes * 60 * SECOND_NS;
  const moments: number[] = [];
  for (let k = 0; (k + 1) * interval <= bars.totalNs; k++) moments.push(bars.endNs(k, interval));
  return {
    text: `every ${minutes} session minutes`,
    next: (ns) => moments.find((one) => one > ns) ?? NEVER_NS,
  };
}

function isNthDay(what: 'dayOfWeek' | 'dayOfMonth', nth: number, place: DayPlace | null): boolean {
  const most = what === 'dayOfWeek' ? 5 : 23;
  if (!Number.isInteger(nth) || nth === 0 || Math.abs(nth) > most) {
    throw new Error(`at({ ${what}: ${nth} }): expected 1 to ${most}, or -1 to -${most}`);
  }
  if (place === null) {
    const how = 'import one: pankou rules import FILE';
    throw new Error(`at({ ${what} }): the trading calendar does not know this month; ${how}`);
  }
  if (what === 'dayOfWeek') return nth === place.ofWeek || nth === place.ofWeekFromEnd;
  return nth === place.ofMonth || nth === place.ofMonthFromEnd;
}

function moment(ns: number, text: string): WhenPlan {
  return { text, next: (after) => (ns > after ? ns : NEVER_NS) };
}

/** Nanoseconds since midnight of `9:25`, `09:25:10`. */
function clockNs(text: string): number {
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text.trim());
  const [h, m, s] = [Number(match?.[1]), Number(match?.[2]), Number(match?.[3] ?? 0)];
  if (match === null || h > 23 || m > 59 || s > 59) {
    throw new Error(`at('${text}'): expected a clock time such as '14:50' or '09:25:10'`);
  }
  return ((h * 60 + m) * 60 + s) * SECOND_NS;
}
