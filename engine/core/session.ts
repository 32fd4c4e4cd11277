// Which trading phases take cancels. Called by the OMS before a cancel leaves, and by the simulated
// exchange when it arrives, so both say the same. What takes orders is the validation kernel's.
import {
  PHASE_CLOSING_CALL,
  PHASE_LUNCH,
  PHASE_OPENING_CALL_NO_CANCEL,
  PHASE_PAUSE,
} from '../messages/codes.ts';

/** Whether cancels are taken (BSE 2026 no. 3.3.1: not in 9:20-9:25 and 14:57-15:00). */
export function takesCancels(phase: number): boolean {
  return !(
    phase === PHASE_OPENING_CALL_NO_CANCEL ||
    phase === PHASE_PAUSE ||
    phase === PHASE_LUNCH ||
    phase === PHASE_CLOSING_CALL
  );
}
