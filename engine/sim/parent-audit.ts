// What the auditor believes about parent orders: from the journal's own records and the broker's
// ledger, never from the OMS's tables. Called by auditor.ts when a request has reached the broker
// and at full checks. Invariant (I15): what the parts of a parent have traded or can still trade at
// the broker never passes the parent's quantity; one part of it is live at a time; a condition
// comes true once; of a replace the old and the new order are never live together, and what both
// have traded or can still trade is at most the new quantity once the new one exists.
import type { BrokerLedger, BrokerOrder } from './broker-ledger.ts';
import type { JournalEye } from './journal-eye.ts';
import { demand } from './violation.ts';

/** Shares of an order that are traded, or that the broker may still trade. */
function exposure(order: BrokerOrder | undefined): number {
  if (order === undefined) return 0;
  return order.state === 'live' ? order.qty : Math.min(order.filled, order.qty);
}

/** Checks every parent of an account. O(parts). */
export function checkParents(
  eye: JournalEye,
  ledger: BrokerLedger,
  orders: ReadonlyMap<number, BrokerOrder>,
): void {
  if (eye.parents.size === 0) return;
  for (const [parentNo, times] of eye.triggered) {
    demand(times <= 1, 'I15', () => `parent ${parentNo} was set off ${times} times`);
  }
  // Fills told after the order's end, and fills beyond it: nobody could have known.
  if (ledger.misled || ledger.orders.some((order) => order.filled > order.qty)) return;
  const sums = new Map<number, number>();
  const live = new Set<number>();
  for (const [key, parentNo] of eye.parts) {
    const order = orders.get(key);
    sums.set(parentNo, (sums.get(parentNo) ?? 0) + exposure(order));
    if (order?.state !== 'live') continue;
    demand(!live.has(parentNo), 'I15', () => `parent ${parentNo}: two parts are live at once`);
    live.add(parentNo);
  }
  for (const [parentNo, sum] of sums) {
    const parent = eye.parents.get(parentNo);
    demand(parent !== undefined, 'I15', () => `a part of parent ${parentNo}, which is not written`);
    if (parent === undefined) continue;
    const { qty, target } = parent;
    demand(sum <= qty, 'I15', () => `parent ${parentNo}: parts of ${sum}, parent of ${qty}`);
    if (target === 0) continue;
    const old = orders.get(target);
    const isDouble = old?.state === 'live' && live.has(parentNo);
    demand(!isDouble, 'I15', () => `replace ${parentNo}: the old and the new order are live`);
    const both = exposure(old) + sum;
    demand(sum === 0 || both <= qty, 'I15', () => `replace ${parentNo}: both ${both} of ${qty}`);
  }
}
