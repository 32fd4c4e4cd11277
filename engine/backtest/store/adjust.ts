// Prices across corporate actions: the theoretical ex-price, and factors that make earlier prices
// comparable with those of a given day. Called by the checks of daily bars and tests. Always: as
// of a day, only actions up to that day count, so an adjusted series never knows a later dividend;
// orders, limits and fills stay in traded prices.
import type { ActionRow } from '../data/stream-set.ts';

/** Numbers and money of actions are x 10,000 and per ten shares. */
const PER_TEN_E4 = 100_000;

/**
 * The price before the open of the ex-date that leaves a holder as rich as the close before did, in
 * 1/10,000 yuan, not rounded (float64): (close - cash + rights x price) / (1 + bonus + transfer +
 * rights), all per share (rules sheet 3.3: SSE 2023 no. 4.3.2, SZSE 2026 no. 4.4.2).
 */
export function exPriceE4(preCloseE4: number, action: ActionRow): number {
  const cash = action.cashPer10E4 / 10;
  const rights = action.rightsPer10E4 / PER_TEN_E4;
  const shares = (action.bonusPer10E4 + action.transferPer10E4) / PER_TEN_E4;
  return (preCloseE4 - cash + rights * action.rightsPriceE4) / (1 + shares + rights);
}

/** Whether the action changes the price at all; some rows only state share capital. */
export function changesPrice(action: ActionRow): boolean {
  const { cashPer10E4, rightsPer10E4, bonusPer10E4, transferPer10E4 } = action;
  return cashPer10E4 + rightsPer10E4 + bonusPer10E4 + transferPer10E4 > 0;
}

/**
 * Factors by which the prices of `days` (rising, with their closes) are multiplied so that they
 * compare with prices of `asOf`; days after `asOf` have no factor (NaN). O(days + actions).
 */
export function factorsAsOf(
  days: Float64Array,
  closesE4: Float64Array,
  actions: readonly ActionRow[],
  asOf: number,
): Float64Array {
  const factors = new Float64Array(days.length).fill(Number.NaN);
  const open = actions.filter((action) => action.day <= asOf && changesPrice(action));
  let factor = 1;
  let next = open.length - 1;
  for (let row = days.length - 1; row >= 0; row--) {
    if (days[row] > asOf) continue;
    // Everything that went ex after this day, and by asOf, lies between this price and asOf.
    while (next >= 0 && open[next].day > days[row]) {
      factor *= exPriceE4(closesE4[row], open[next]) / closesE4[row];
      next--;
    }
    factors[row] = factor;
  }
  return factors;
}
