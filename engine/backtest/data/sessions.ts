// Session times of the exchanges' auction trading and what phase they make. Called by the row
// readers, the phase writer and the synthetic market. Source: rules sheet 5.1 (BSE 2026 no. 3.3.1;
// SSE and SZSE order-acceptance hours). Boundaries are half open, [from, to). Times in ns since
// midnight.
import type { Instrument } from '../../core/instrument.ts';
import {
  MARKET_SSE,
  PHASE_CLOSED,
  PHASE_CLOSING_CALL,
  PHASE_CONTINUOUS,
  PHASE_LUNCH,
  PHASE_OPENING_CALL,
  PHASE_OPENING_CALL_NO_CANCEL,
  PHASE_PAUSE,
  PHASE_PRE_OPEN,
} from '../../messages/codes.ts';

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

/** Phases of a day in order, each with the time it begins. */
export const SESSION: readonly { readonly ns: number; readonly phase: number }[] = [
  { ns: OPENING_CALL_NS, phase: PHASE_OPENING_CALL },
  { ns: NO_CANCEL_NS, phase: PHASE_OPENING_CALL_NO_CANCEL },
  { ns: OPENING_UNCROSS_NS, phase: PHASE_PAUSE },
  { ns: MORNING_NS, phase: PHASE_CONTINUOUS },
  { ns: LUNCH_NS, phase: PHASE_LUNCH },
  { ns: AFTERNOON_NS, phase: PHASE_CONTINUOUS },
  { ns: CLOSING_CALL_NS, phase: PHASE_CLOSING_CALL },
  { ns: CLOSE_NS, phase: PHASE_CLOSED },
];

/** Phase by the clock. */
export function phaseAt(ns: number): number {
  let phase: number = PHASE_PRE_OPEN;
  for (const step of SESSION) if (ns >= step.ns) phase = step.phase;
  return phase;
}

/** Whether a trade at this time is a call auction's: printed from 9:25 or from 15:00. */
export function isInCall(ns: number): boolean {
  return ns < MORNING_NS || ns >= CLOSING_CALL_NS;
}

/** First day of the SSE closing call for stocks, and for funds (rules sheet 5.1). */
const SSE_STOCK_CLOSING_CALL_DAY = 20180820;
const SSE_FUND_CLOSING_CALL_DAY = 20260706;

/** Whether an instrument ends its day with a closing call; day 0 (unknown) counts as today. */
export function hasClosingCall(instrument: Instrument, day: number): boolean {
  if (instrument.market !== MARKET_SSE) return true;
  if (instrument.board === 'convertible-bond') return false;
  if (day === 0) return true;
  const since =
    instrument.board === 'fund' ? SSE_FUND_CLOSING_CALL_DAY : SSE_STOCK_CLOSING_CALL_DAY;
  return day >= since;
}
