// Times of the exchanges' auction trading that vendors' rows and the pace of a session are read
// by. Called by the row readers, the phase writer and the synthetic market. Which phase a security
// is in at a time of a day is the rule book's (Instrument.phases). Source: rules sheet 5.1 (BSE
// 2026 no. 3.3.1; SSE and SZSE order-acceptance hours). Half open, [from, to). Times in ns of the
// day.

/** Nanoseconds of a second and of a time of day. */
export const SECOND_NS = 1_000_000_000;
export function timeNs(hour: number, minute: number, second = 0): number {
  return ((hour * 60 + minute) * 60 + second) * SECOND_NS;
}

export const OPENING_CALL_NS = timeNs(9, 15);
export const NO_CANCEL_NS = timeNs(9, 20);
export const OPENING_UNCROSS_NS = timeNs(9, 25);
export const MORNING_NS = timeNs(9, 30);
export const LUNCH_NS = timeNs(11, 30);
export const AFTERNOON_NS = timeNs(13, 0);
export const CLOSING_CALL_NS = timeNs(14, 57);
export const CLOSE_NS = timeNs(15, 0);

/** Whether a trade at this time is a call auction's: printed from 9:25 or from 15:00. */
export function isInCall(ns: number): boolean {
  return ns < MORNING_NS || ns >= CLOSING_CALL_NS;
}
