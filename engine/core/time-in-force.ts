// Which time in force goes with which price type. Called by the OMS before an order is taken.
// Invariant: what an exchange does with an order is said by its price type alone (rules sheet 7.2,
// `market-order` rows of the rule book): no board takes a limit order that is immediate-or-cancel,
// so the time in force may repeat what the price type says, never change it.
import {
  INTENT_MARGIN,
  INTENT_SHORT,
  KIND_BEST5_CANCEL,
  KIND_FOK,
  KIND_IOC,
  TIF_DAY,
  TIF_FOK,
  TIF_IOC,
} from '../messages/codes.ts';
import { REJECT_CREDIT, REJECT_NONE, REJECT_TIME_IN_FORCE } from './reject-code.ts';

/**
 * REJECT_NONE, or why an order with this time in force and these INTENT_* flags is not taken by an
 * account that may have those of `credit`.
 */
export function formRefusal(
  kind: number,
  timeInForce: number,
  flags: number,
  credit: number,
): number {
  if ((flags & ~credit) !== 0 || flags === (INTENT_MARGIN | INTENT_SHORT)) return REJECT_CREDIT;
  if (timeInForce === TIF_DAY) return REJECT_NONE;
  const isImmediate = kind === KIND_IOC || kind === KIND_BEST5_CANCEL;
  if (timeInForce === TIF_IOC && isImmediate) return REJECT_NONE;
  return timeInForce === TIF_FOK && kind === KIND_FOK ? REJECT_NONE : REJECT_TIME_IN_FORCE;
}
