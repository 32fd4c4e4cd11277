// What a believed answer of the broker proves about an order whose end is not known: rule R9.
// Called by the gateway link. Pure. Invariant: an order ends here only because the broker or the
// bridge shows its end; a timeout, a missing row, "None", -1, -2 or a reconnect prove nothing.
import { BRIDGE_REFUSED, TRAIT_FORGETS } from '../messages/codes.ts';
import type { BrokerView } from './broker-view.ts';
import { isFinal } from './order.ts';
import {
  STATUS_ACCEPTED,
  STATUS_CANCEL_PENDING,
  STATUS_FILLED,
  STATUS_PARTLY_FILLED,
  STATUS_REJECTED,
  STATUS_SUBMITTED,
} from './order-status.ts';

/** Nothing is proven: it stays as it is. */
export const PROOF_NONE = 0;
/** The broker has it, and it can still trade. */
export const PROOF_ALIVE = 1;
/** The broker ended it; every share it says it filled is booked. */
export const PROOF_CANCELLED = 2;
export const PROOF_REJECTED = 3;
/** The bridge's journal, behind the fence, has no record of it: it was never handed over. */
export const PROOF_NEVER_SENT = 4;
/** The bridge itself refused it, and wrote that down. */
export const PROOF_BRIDGE_REFUSED = 5;
/** The broker died with its process and says that what it does not list ended there. */
export const PROOF_FORGOTTEN = 6;

/** PROOF_* about a slot, after a round that BrokerView believed; `traits` of the link's state. */
export function proofOf(view: BrokerView, slot: number, traits: number): number {
  const { live } = view;
  if (view.isListed(slot)) {
    const status = view.status[slot];
    if (isAlive(status)) return PROOF_ALIVE;
    // A filled order ends with its last fill, and not before every fill is booked.
    if (!isFinal(status) || status === STATUS_FILLED) return PROOF_NONE;
    if (live.filled[slot] !== view.filled[slot]) return PROOF_NONE;
    return status === STATUS_REJECTED && live.filled[slot] === 0 ? PROOF_REJECTED : PROOF_CANCELLED;
  }
  if ((traits & TRAIT_FORGETS) !== 0) return PROOF_FORGOTTEN;
  if (view.bridge[slot] === BRIDGE_REFUSED) return PROOF_BRIDGE_REFUSED;
  const unseen = view.bridge[slot] === 0 && slot < view.provenBelow;
  return unseen && live.brokerNo[slot] === 0 && live.filled[slot] === 0
    ? PROOF_NEVER_SENT
    : PROOF_NONE;
}

function isAlive(status: number): boolean {
  return (
    status === STATUS_SUBMITTED ||
    status === STATUS_ACCEPTED ||
    status === STATUS_PARTLY_FILLED ||
    status === STATUS_CANCEL_PENDING
  );
}
