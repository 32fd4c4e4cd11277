// From a target holding to the one order that leads toward it. Called by the order helpers of
// strategies and by target-plan.ts of the api process. Pure: writes into a step its caller reuses.
// Always: working orders are counted, so an order never leads beyond its target; lots are rounded
// down; no short sale ever; target 0 sells the odd lot with the rest.
import { SIDE_BUY, SIDE_SELL } from '../../messages/codes.ts';
import { floorBuyQty, floorSellQty, type LotRule } from './lots.ts';

/** One instrument as it stands; shares. */
export interface Holding {
  readonly qty: number;
  /** Not yet offered by working sells, and not bought today where T+1 holds. */
  readonly sellable: number;
  /** Shares that working orders may still buy or sell. */
  readonly openBuy: number;
  readonly openSell: number;
}

/** Why a target cannot be reached by this order. */
export const SHORT_NONE = 0;
/** Less than a lot is left, or the largest order is not enough. */
export const SHORT_LOTS = 1;
/** Bought today, or offered by working orders. */
export const SHORT_LOCKED = 2;

/** The order, and what it leaves. */
export class TargetStep {
  /** SIDE_BUY, SIDE_SELL, 0 = no order. */
  side = 0;
  qty = 0;
  /** Shares between the holding to come and the target. */
  leftQty = 0;
  /** SHORT_* */
  short = SHORT_NONE;
}

/** Fills `step` with the order that leads from `held` toward `target` shares. */
export function stepToTarget(
  step: TargetStep,
  target: number,
  held: Holding,
  rule: LotRule,
): TargetStep {
  const wanted = target - (held.qty + held.openBuy - held.openSell);
  step.side = 0;
  step.qty = 0;
  step.leftQty = 0;
  step.short = SHORT_NONE;
  if (wanted > 0) {
    step.qty = floorBuyQty(wanted, rule);
    step.side = step.qty > 0 ? SIDE_BUY : 0;
    step.leftQty = wanted - step.qty;
    if (step.leftQty > 0) step.short = SHORT_LOTS;
  } else if (wanted < 0) {
    const free = Math.max(0, Math.min(held.sellable, held.qty - held.openSell));
    step.qty = floorSellQty(-wanted, free, rule);
    step.side = step.qty > 0 ? SIDE_SELL : 0;
    step.leftQty = -wanted - step.qty;
    if (step.leftQty > 0) step.short = free < -wanted ? SHORT_LOCKED : SHORT_LOTS;
  }
  return step;
}
