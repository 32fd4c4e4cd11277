// Whether an order is a part of one that a second person has confirmed: risk does not park it
// again. Asked by the OMS for a new part, and by recovery. Always: what the account holds decides.
import { ORDER_CONFIRMED } from '../../messages/codes.ts';
import type { Account } from '../account.ts';
import { SLOT_NONE } from '../order-table.ts';
import { PARENT_NONE } from './parent-table.ts';

/** `parentNo` of the part; 0 = it is none. */
export function isConfirmedPart(account: Account, parentNo: number): boolean {
  const { orders, parents } = account;
  const p = parentNo === 0 ? PARENT_NONE : parents.find(parentNo);
  if (p === PARENT_NONE || !parents.isSplit(p)) return false;
  const slot = orders.findById(parents.targetA[p], parents.targetC[p]);
  return slot !== SLOT_NONE && (orders.marks[slot] & ORDER_CONFIRMED) !== 0;
}
