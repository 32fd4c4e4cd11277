// How many shares an amount of money buys, fees and minimum commission included. Called by the
// order helpers of strategies and by tests. Pure. Always: what the result costs at that price is
// within the budget, and one step more is not.
import { SIDE_BUY } from '../../messages/codes.ts';
import { type FeeSchedule, orderFeesE4 } from '../fees.ts';
import { floorBuyQty, type LotRule } from './lots.ts';

/** Cash in 1/10,000 yuan that a buy takes at `priceE4`, with its fees. */
export function buyCostE4(fees: FeeSchedule, qty: number, priceE4: number): number {
  return qty * priceE4 + orderFeesE4(fees, SIDE_BUY, qty * priceE4);
}

/** The largest valid buy whose cost is at most `budgetE4`; 0 = not even the smallest. */
export function affordableQty(
  fees: FeeSchedule,
  rule: LotRule,
  budgetE4: number,
  priceE4: number,
): number {
  if (!(priceE4 > 0) || !(budgetE4 > 0)) return 0;
  let qty = floorBuyQty(budgetE4 / priceE4, rule);
  while (qty > 0) {
    const overE4 = buyCostE4(fees, qty, priceE4) - budgetE4;
    if (overE4 <= 0) return qty;
    // At least one step down, and never past the answer: a share costs its price and little more.
    const steps = Math.max(1, Math.floor(overE4 / (2 * priceE4 * rule.buyStep)));
    qty = floorBuyQty(qty - steps * rule.buyStep, rule);
  }
  return 0;
}
