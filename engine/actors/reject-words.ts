// The order that a Reject frame speaks of, from the order table. Called by order-news.ts and
// order-holds.ts. Hot: no allocation. Always: time, intent, stage, code, action and the figures of
// the rule are the caller's.
import type { Account } from '../core/account.ts';
import { idCheck } from '../core/order-id.ts';
import type { Reject } from '../messages/generated/order.ts';

/** Writes id, account, strategy and terms of the order at `slot`. */
export function describeRejected(
  reject: Reject,
  account: Account,
  day: number,
  slot: number,
): void {
  const { orders } = account;
  reject.coidA = orders.idA[slot];
  reject.coidB = day;
  reject.coidC = orders.idC[slot];
  reject.coidD = idCheck(orders.idA[slot], day, orders.idC[slot]);
  reject.account = account.index;
  reject.strategy = orders.strategy[slot];
  reject.instrument = orders.instrument[slot];
  reject.side = orders.side[slot];
  reject.kind = orders.kind[slot];
  reject.priceE4 = orders.priceE4[slot];
  reject.qty = orders.qty[slot];
}
