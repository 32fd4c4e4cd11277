// Lengths of bars and spans of time as people write them: `5m`, `1h`, `90s`, `day`. Called in
// onInit by the strategy host and the schedule. Pure, cold: throws a text for the author of the
// strategy.

/** A day bar: the whole trading time. */
export const DAY_S = 86_400;
const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3_600, d: DAY_S };

/** Seconds of `5m`, `60m`, `1h`, `day` ... Throws naming `what` when the text is no length. */
export function secondsOf(text: string, what: string): number {
  if (text === 'day' || text === 'daily') return DAY_S;
  const match = /^(\d{1,5})\s*(s|m|min|h|d)$/.exec(text);
  const seconds = Number(match?.[1] ?? 0) * (UNITS[match?.[2] ?? ''] ?? 0);
  if (seconds < 1 || seconds > DAY_S) {
    const expected = "expected a length such as '30s', '5m', '1h' or 'day'";
    throw new Error(`${what}: '${text}', ${expected}`); // hot-ok: in onInit, for the author
  }
  return seconds;
}
