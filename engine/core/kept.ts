// Which requests are written and kept instead of sent, and what such an order then waits for.
// Called by the gateway link and by recovery. Always: a restart changes nothing of it.
import { ACTION_AWAIT, ACTION_HOLD, ACTION_SPLIT } from '../messages/codes.ts';
import { REJECT_NONE, REJECT_PARKED, REJECT_SPLIT } from './reject-code.ts';

/** The request is one to send, or about a cancel. */
export const NOT_KEPT = -1;

/** What a kept order waits for, as its code says it: REJECT_NONE = its session; or NOT_KEPT. */
export function keptCode(action: number): number {
  if (action === ACTION_AWAIT) return REJECT_PARKED;
  if (action === ACTION_SPLIT) return REJECT_SPLIT;
  return action === ACTION_HOLD ? REJECT_NONE : NOT_KEPT;
}
