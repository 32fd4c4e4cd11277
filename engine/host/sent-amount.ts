// What an account has sent today, as its journal tells it: the pilot's cap on the amount of a day
// goes on through restarts. Called by the assembly at start. Invariant: never below what the broker
// has seen; only what engine or bridge refused before the broker does not count.
import type { Account } from '../core/account.ts';
import { STATUS_HELD, STATUS_REJECTED } from '../core/order-status.ts';
import { STAGE_EXCHANGE, STRATEGY_NONE } from '../messages/codes.ts';

/** Amount of all orders of ours that were handed to the link today, 1/10,000 yuan. */
export function sentAmountE4({ orders }: Account): number {
  let sentE4 = 0;
  for (let slot = 0; slot < orders.count; slot++) {
    const isOurs = orders.strategy[slot] !== STRATEGY_NONE;
    const status = orders.status[slot];
    if (!isOurs || status === STATUS_HELD) continue;
    if (status === STATUS_REJECTED && orders.stage[slot] !== STAGE_EXCHANGE) continue;
    sentE4 += orders.qty[slot]! * orders.valueE4[slot]!;
  }
  return sentE4;
}
