// What a strategy decided in a run, as lines that can be compared: orders it made, cancels it asked
// for, refusals it met. Read from the detail of a run by check.ts. Always: a decision says when and
// what, never how it ended, so that two futures may end it differently.
import type { WholeLives } from '../detail/detail-recorder.ts';

export interface Decision {
  readonly day: number;
  readonly ns: number;
  /** `buy 500 600536.SH @ 51.19`. */
  readonly text: string;
}

/** All decisions in order of time; those of one moment in the order they were made. */
export function decisionsOf({ orders, rejects }: WholeLives): Decision[] {
  const found: Decision[] = [];
  for (const { day, createdNs, side, qty, instrument, price, steps } of orders) {
    const text = `${side} ${qty} ${instrument} @ ${price}`;
    found.push({ day, ns: createdNs, text });
    const cancel = steps.find(([, status]) => status === 'cancel-pending');
    if (cancel !== undefined) found.push({ day, ns: cancel[0], text: `cancel ${text}` });
  }
  for (const { day, ns, side, qty, instrument, price, stage, action } of rejects) {
    // What the OMS and risk refuse never became an order; the exchange's word is no decision.
    if (stage === 'exchange' || stage === 'gateway' || action === 'cancel') continue;
    found.push({ day, ns, text: `refused ${side} ${qty} ${instrument} @ ${price}` });
  }
  const order = new Map(found.map((one, i) => [one, i]));
  return found.sort((a, b) => a.day - b.day || a.ns - b.ns || order.get(a)! - order.get(b)!);
}

/** A moment of a run of days. */
export interface Moment {
  readonly day: number;
  readonly ns: number;
}

/** Whether `a` is at or behind `b`. */
export function isFrom(a: Moment, b: Moment): boolean {
  return a.day > b.day || (a.day === b.day && a.ns >= b.ns);
}

/** The first decision, up to a moment (null = the end), that only one of two runs made. */
export function firstDifference(
  a: readonly Decision[],
  b: readonly Decision[],
  until: Moment | null,
): { readonly a: Decision | null; readonly b: Decision | null } | null {
  const upTo = (all: readonly Decision[]): readonly Decision[] =>
    until === null ? all : all.filter((one) => isFrom(until, one));
  const [left, right] = [upTo(a), upTo(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [x, y] = [left[i] ?? null, right[i] ?? null];
    if (x?.day !== y?.day || x?.ns !== y?.ns || x?.text !== y?.text) return { a: x, b: y };
  }
  return null;
}

/** Part of the decisions from a moment on that both runs made, 0..1; null = there are none. */
export function shareEqual(
  a: readonly Decision[],
  b: readonly Decision[],
  from: Moment,
): number | null {
  const keys = (all: readonly Decision[]): string[] =>
    all.filter((one) => isFrom(one, from)).map(({ day, ns, text }) => `${day} ${ns} ${text}`);
  const [left, right] = [keys(a), keys(b)];
  if (left.length + right.length === 0) return null;
  const other = new Set(right);
  const both = left.filter((key) => other.has(key)).length;
  return (2 * both) / (left.length + right.length);
}
