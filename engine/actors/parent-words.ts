// A parent order of the table, as a frame tells it. Called where a step is told (execution.ts) and
// where people hear of all parents again (parent-door.ts). Hot: no allocation. Always: time,
// account, state and code are the caller's.
import type { Account } from '../core/account.ts';
import type { ParentUpdate } from '../messages/generated/order.ts';

/** Writes what the table says of parent `p`: who asked, its terms, what of it is filled. */
export function describeParent(update: ParentUpdate, parents: Account['parents'], p: number): void {
  update.parentNo = parents.parentNo[p];
  update.strategy = parents.strategy[p];
  update.instrument = parents.instrument[p];
  update.intentNo = parents.intentNo[p];
  update.filledQty = parents.filled[p];
  update.qty = parents.qty[p];
  update.kind = parents.kind[p];
  update.side = parents.side[p];
  update.priceE4 = parents.priceE4[p];
  update.triggerE4 = parents.triggerE4[p];
  update.keyA = parents.keyA[p];
  update.keyB = parents.keyB[p];
  update.keyC = parents.keyC[p];
  update.keyD = parents.keyD[p];
}
