// Which trading phases take orders and cancels, and which are calls. Called by the OMS, which holds
// what comes outside sessions and parks cancels, by the gateway for the kill switch, by feed and
// strategy host, and by the simulated exchange.
// What else an order must satisfy in its phase is the validation kernel's.
import {
  PHASE_CLOSED,
  PHASE_CLOSING_CALL,
  PHASE_LUNCH,
  PHASE_OPENING_CALL,
  PHASE_OPENING_CALL_NO_CANCEL,
  PHASE_PAUSE,
  PHASE_PRE_OPEN,
} from '../messages/codes.ts';

/** Whether new orders are taken: not before 9:15, in 9:25-9:30, at lunch (BSE 2026 no. 3.3.1). */
export function takesOrders(phase: number): boolean {
  return !(
    phase === PHASE_PRE_OPEN ||
    phase === PHASE_PAUSE ||
    phase === PHASE_LUNCH ||
    phase === PHASE_CLOSED
  );
}

/** Whether cancels are taken (BSE 2026 no. 3.3.1: not in 9:20-9:25 and 14:57-15:00). */
export function takesCancels(phase: number): boolean {
  return !(
    phase === PHASE_OPENING_CALL_NO_CANCEL ||
    phase === PHASE_PAUSE ||
    phase === PHASE_LUNCH ||
    phase === PHASE_CLOSING_CALL
  );
}

/** Whether orders are collected for one price: the opening call (both halves), the closing call. */
export function isCall(phase: number): boolean {
  return (
    phase === PHASE_OPENING_CALL ||
    phase === PHASE_OPENING_CALL_NO_CANCEL ||
    phase === PHASE_CLOSING_CALL
  );
}
