// The first answer again, for an intent whose key or number was used before. Part of the order
// manager, split off for its size. Invariant: a repeated intent never makes an order.
import type { Account } from '../core/account.ts';
import { hasKey, isSameOrder, KEY_FREE } from '../core/key-index.ts';
import { REJECT_KEY_REUSED } from '../core/reject-code.ts';
import { INTENT_MARGIN, INTENT_SHORT, ORDER_CREDIT_SHIFT } from '../messages/codes.ts';
import type { Intent } from '../messages/generated/order.ts';
import type { OrderNews } from './order-news.ts';

/** What became of an intent that may be a repeated one. */
export const REPEAT_NO = 0;
export const REPEAT_TOLD = 1;
export const REPEAT_REFUSED = 2;

/**
 * An intent whose key (or, of a strategy, whose number) was used before makes no order: it gets
 * the first answer again, or a refusal when it asks for something else. REPEAT_NO = it is new.
 */
export function answerRepeat(account: Account, news: OrderNews, intent: Intent): number {
  const { orders, keys } = account;
  let found = KEY_FREE;
  if (hasKey(intent)) found = keys.find(intent.keyA, intent.keyB, intent.keyC, intent.keyD);
  // A number without an order gives SLOT_NONE, which is -1 and becomes KEY_FREE.
  else found = orders.findByIntent(intent.strategy, intent.intentNo) + 1;
  if (found === KEY_FREE) return REPEAT_NO;
  const isSameCredit = found > 0 && creditOf(orders.marks[found - 1]) === intent.flags;
  if (isSameCredit && isSameOrder(orders, found - 1, intent)) {
    news.order(found - 1);
    return REPEAT_TOLD;
  }
  const isRefused = found < 0 && keys.isSameRefusal(found, intent);
  // The journal knows the first refusal; one of a misused key is news to it.
  const code = isRefused ? keys.refusalCode(found) : REJECT_KEY_REUSED;
  news.refuseIntent(intent, code, !isRefused);
  return REPEAT_REFUSED;
}

/** INTENT_* marks of an order with these marks. */
function creditOf(marks: number): number {
  return (marks >> ORDER_CREDIT_SHIFT) & (INTENT_MARGIN | INTENT_SHORT);
}
