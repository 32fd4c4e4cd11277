// An order's life: the total status x event table. Called by the OMS (and by the gateway's own
// table of live orders). Invariant: every cell is defined; what cannot be is INVALID, which is
// counted and reported, never guessed away.

import {
  STATUS_ACCEPTED,
  STATUS_CANCEL_PENDING,
  STATUS_CANCELLED,
  STATUS_FILLED,
  STATUS_HELD,
  STATUS_PARTLY_CANCELLED,
  STATUS_PARTLY_FILLED,
  STATUS_PENDING,
  STATUS_REJECTED,
  STATUS_SUBMITTED,
  STATUS_UNKNOWN,
} from './order-status.ts';

export const EVENT_WRITTEN = 0;
export const EVENT_ACCEPTED = 1;
export const EVENT_REJECTED = 2;
/** A fill that leaves something open. */
export const EVENT_PARTIAL_FILL = 3;
/** A fill that leaves nothing open. */
export const EVENT_LAST_FILL = 4;
export const EVENT_CANCEL_SENT = 5;
export const EVENT_CANCELLED = 6;
export const EVENT_CANCEL_REJECTED = 7;
/** Connection or process lost while the fate was open. */
export const EVENT_LOST = 8;
export const EVENT_COUNT = 9;

/** The event changes nothing (a doubled or late report): counted, not applied. */
export const STAY = 0;
/** The event contradicts the status: counted and alarmed, not applied. */
export const INVALID = -1;

const P = STATUS_PENDING;
const S = STATUS_SUBMITTED;
const A = STATUS_ACCEPTED;
const F = STATUS_PARTLY_FILLED;
const D = STATUS_FILLED;
const K = STATUS_CANCEL_PENDING;
const C = STATUS_CANCELLED;
const Q = STATUS_PARTLY_CANCELLED;
const R = STATUS_REJECTED;
const U = STATUS_UNKNOWN;
const H = STATUS_HELD;
const _ = STAY;
const X = INVALID;

/**
 * Row = status, column = event (written, accepted, rejected, partial fill, last fill, cancel sent,
 * cancelled, cancel rejected, lost). Events come doubled, late, out of order, or never, so:
 * - A fill is never refused: it may come before the accept, and after a cancel or a reject (then it
 *   is late: quantity is added and an alarm raised; a final order does not open again).
 * - A second, late or weaker word about what is known is `_`: an accept after a fill, a cancel
 *   answer after the end, a loss of the connection after the end.
 * - Pending: a policy may cancel what was never sent; that a cancel was refused says nothing.
 * - Cancel pending, cancel rejected: the order lives on, as accepted or partly filled.
 * - Unknown: only the broker's word about the order itself leads out. A cancel that was sent, or
 *   refused, says nothing about it: the refusal may mean filled, ended or never seen.
 * - Held: it was never sent, so a lost connection says nothing, nor does the refusal of a cancel
 *   that followed it down the path; releasing it makes it pending again (core/account.ts).
 * - Rejected after fills, and a fill of a filled order, contradict: X, counted and alarmed.
 * C means "cancelled": the OMS turns it into PARTLY_CANCELLED when something was filled.
 */
// biome-ignore format: a table is read by its columns
const TABLE = new Int8Array([
  /* none             */ X, X, X, X, X, X, X, X, X,
  /* pending          */ S, A, R, F, D, X, C, _, U,
  /* submitted        */ _, A, R, F, D, K, C, _, U,
  /* accepted         */ _, _, R, F, D, K, C, _, U,
  /* partly filled    */ _, _, X, F, D, K, C, _, U,
  /* filled           */ _, _, X, X, X, X, _, _, _,
  /* cancel pending   */ _, _, R, K, D, _, C, A, U,
  /* cancelled        */ _, _, _, Q, D, X, _, _, _,
  /* partly cancelled */ _, _, X, Q, D, X, _, _, _,
  /* rejected         */ _, _, _, Q, D, X, _, _, _,
  /* unknown          */ _, A, R, F, D, _, C, _, _,
  /* held             */ S, A, R, F, D, X, C, _, _,
]);

/** Next status, or STAY, or INVALID; INVALID as well for a number that is no event. */
export function transition(status: number, event: number): number {
  if (event < 0 || event >= EVENT_COUNT) return INVALID;
  return TABLE[status * EVENT_COUNT + event];
}

/** Whether an order in this status can still trade or reserves anything. */
export function isOpen(status: number): boolean {
  return (
    status === P ||
    status === S ||
    status === A ||
    status === F ||
    status === K ||
    status === U ||
    status === H
  );
}

/** Whether this status is final but for late fills. */
export function isFinal(status: number): boolean {
  return status === D || status === C || status === Q || status === R;
}
