// What each trading phase lets through: new orders, cancels. Called by the OMS before an order
// leaves, and by the simulated exchange when it arrives, so both say the same.
import {
  PHASE_CLOSED,
  PHASE_CLOSING_CALL,
  PHASE_LUNCH,
  PHASE_OPENING_CALL_NO_CANCEL,
  PHASE_PAUSE,
  PHASE_PRE_OPEN,
} from '../messages/codes.ts';

/** Whether the exchanges take new orders in this phase (not in the pause, not at lunch). */
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
