// What a parent order is made of: the order a replace means, whether a repeated key asks for the
// same, and the wishes that are on their way through the journal. Part of the parent door, split
// off for its size. Invariant: of one order at most one replace is under way, counted from the
// wish, not from its record.
import type { Account } from '../core/account.ts';
import { isExternal } from '../core/adopt.ts';
import { PARENT_NONE, PARENTS_MAX, type ParentTable } from '../core/execution/parent-table.ts';
import { isOpen } from '../core/order.ts';
import { STATUS_CANCEL_PENDING } from '../core/order-status.ts';
import { SLOT_NONE } from '../core/order-table.ts';
import {
  REJECT_CANCEL_PENDING,
  REJECT_EXTERNAL_ORDER,
  REJECT_KIND_NOT_SUPPORTED,
  REJECT_NONE,
  REJECT_ORDER_FINISHED,
  REJECT_PARENT_TERMS,
  REJECT_UNKNOWN_ORDER,
} from '../core/reject-code.ts';
import { KIND_LIMIT, PARENT_REPLACE } from '../messages/codes.ts';
import type { ParentIntent } from '../messages/generated/order.ts';
import type { Execution } from './execution.ts';

/** int32 of a wish that is on its way: key, target. */
const WORDS = 6;

/** Wishes between here and the journal, in the order they left: they come back in that order. */
export class ComingParents {
  count = 0;
  #first = 0;
  readonly #words = new Int32Array(PARENTS_MAX * WORDS);

  add(intent: ParentIntent): void {
    const at = ((this.#first + this.count++) % PARENTS_MAX) * WORDS;
    this.#words[at] = intent.keyA;
    this.#words[at + 1] = intent.keyB;
    this.#words[at + 2] = intent.keyC;
    this.#words[at + 3] = intent.keyD;
    this.#words[at + 4] = intent.targetA;
    this.#words[at + 5] = intent.targetC;
  }

  /** The oldest came back. */
  remove(): void {
    this.count--;
    this.#first = (this.#first + 1) % PARENTS_MAX;
  }

  /** Whether one with the intent's key is on its way. */
  has(intent: ParentIntent): boolean {
    const { keyA, keyB, keyC, keyD } = intent;
    if ((keyA | keyB | keyC | keyD) === 0) return false;
    for (let n = 0; n < this.count; n++) {
      const at = ((this.#first + n) % PARENTS_MAX) * WORDS;
      if (this.#words[at] !== keyA || this.#words[at + 1] !== keyB) continue;
      if (this.#words[at + 2] === keyC && this.#words[at + 3] === keyD) return true;
    }
    return false;
  }

  /** Whether a replace of this order is on its way. */
  replaces(idA: number, idC: number): boolean {
    for (let n = 0; n < this.count; n++) {
      const at = ((this.#first + n) % PARENTS_MAX) * WORDS;
      if (this.#words[at + 4] === idA && this.#words[at + 5] === idC) return true;
    }
    return false;
  }
}

/** Whether the parent in row `p` is what the intent asks for; a start or end not given fits. */
export function isSameParent(t: ParentTable, p: number, intent: ParentIntent): boolean {
  const isReplace = intent.kind === PARENT_REPLACE;
  const { priceE4, qty, startNs, endNs } = intent;
  if (t.strategy[p] !== intent.strategy || t.kind[p] !== intent.kind) return false;
  if (isReplace && t.targetC[p] !== intent.targetC) return false;
  if (isReplace && t.targetA[p] !== intent.targetA) return false;
  if (!isReplace && (t.instrument[p] !== intent.instrument || t.side[p] !== intent.side)) {
    return false;
  }
  if (t.priceE4[p] !== priceE4 && !(isReplace && priceE4 === 0)) return false;
  if (t.qty[p] !== qty && !(isReplace && qty === 0)) return false;
  if (startNs !== 0 && t.startNs[p] !== startNs) return false;
  if (endNs !== 0 && t.endNs[p] !== endNs) return false;
  if (t.triggerE4[p] !== intent.triggerE4 || t.triggerWhen[p] !== intent.triggerWhen) return false;
  if (t.showQty[p] !== intent.showQty || t.rateE4[p] !== intent.rateE4) return false;
  return t.slices[p] === intent.slices;
}

/**
 * Fills a replace with what its order says (instrument, side, and price and quantity where they
 * are 0) and with the order's id; REJECT_NONE, or why the order cannot be replaced.
 */
export function replaceTerms(
  account: Account,
  execution: Execution,
  coming: ComingParents,
  intent: ParentIntent,
): number {
  const { orders, parents } = account;
  const slot = targetOf(account, intent);
  if (slot === SLOT_NONE || orders.strategy[slot] !== intent.strategy) {
    return REJECT_UNKNOWN_ORDER;
  }
  const idA = orders.idA[slot];
  const idC = orders.idC[slot];
  const status = orders.status[slot];
  if (isExternal(idA)) return REJECT_EXTERNAL_ORDER;
  if (!isOpen(status)) return REJECT_ORDER_FINISHED;
  if (status === STATUS_CANCEL_PENDING) return REJECT_CANCEL_PENDING;
  if (execution.isReplaced(idA, idC) || coming.replaces(idA, idC)) return REJECT_CANCEL_PENDING;
  if (orders.kind[slot] !== KIND_LIMIT) return REJECT_KIND_NOT_SUPPORTED;
  const p = orders.parentNo[slot] === 0 ? PARENT_NONE : parents.find(orders.parentNo[slot]);
  // A part of a slicing parent is its parent's; the new order of a replace may be replaced again.
  if (p !== PARENT_NONE && parents.kind[p] !== PARENT_REPLACE) return REJECT_PARENT_TERMS;
  intent.instrument = orders.instrument[slot];
  intent.side = orders.side[slot];
  if (intent.priceE4 === 0) intent.priceE4 = orders.priceE4[slot];
  if (intent.qty === 0) intent.qty = orders.qty[slot];
  intent.targetA = idA;
  intent.targetC = idC;
  return REJECT_NONE;
}

/** Slot of the order meant: by id, or by the strategy's number of it or of a replace of it. */
function targetOf(account: Account, intent: ParentIntent): number {
  const { orders, parents } = account;
  const { strategy, targetA, targetC } = intent;
  if (targetA !== 0) return orders.findById(targetA, targetC);
  const slot = orders.findByIntent(strategy, targetC);
  if (slot !== SLOT_NONE) return slot;
  const p = parents.findByIntent(strategy, targetC);
  return p !== PARENT_NONE && parents.kind[p] === PARENT_REPLACE ? parents.child[p] : SLOT_NONE;
}
