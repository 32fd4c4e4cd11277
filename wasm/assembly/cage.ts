// Which prices of limit orders a phase takes beside the daily limits: the cage of continuous
// trading (SSE 2023 no. 3.3.14, BSE 2026 no. 3.3.13), the ranges of calls without a limit (rules
// sheet 4.2), the close of after-hours trading. Called by validate.ts and exchange.ts.
// Always: a price equal to a bound is inside; only the aggressive side can be outside the cage;
// no division, bounds half up to the tick are compared multiplied out.

import { BUY } from "./codes";
import { R_ASK, R_BID, R_CAGE_DOWN, R_CAGE_TICKS, R_CAGE_UP, R_LAST, R_PRECLOSE, R_QUOTED,
  R_TICK } from "./record";
import { bestAsk, bestBid } from "./views";

/**
 * Whether the cage lets a price on the tick pass. Bound of a buy: the larger of (100 + up) % of the
 * reference, half up to the tick, and the reference plus the ticks, at least one; of a sell
 * likewise below. Without any reference every price passes.
 */
export function isInsideCage(r: usize, instr: i32, side: i32, priceE4: i32): bool {
  const refE4 = referenceE4(r, instr, side);
  const tickE4 = load<i32>(r, R_TICK);
  const beyond = side == BUY ? i64(priceE4) - i64(refE4) : i64(refE4) - i64(priceE4);
  if (beyond <= i64(max(load<i32>(r, R_CAGE_TICKS), 1)) * i64(tickE4) || refE4 == 0) return true;
  // k ticks <= floor((2v + u) / 2u), u = 100 ticks, v = ref x percent: 200 x price <= 2v + u.
  const price = i64(priceE4) * 200;
  const half = i64(tickE4) * 100;
  if (side == BUY) return price <= 2 * i64(refE4) * i64(100 + load<i32>(r, R_CAGE_UP)) + half;
  return price > 2 * i64(refE4) * i64(100 - load<i32>(r, R_CAGE_DOWN)) - half;
}

/** Reference price 基准价格: opposite best, own best, last trade, preclose; 0 when there is none. */
@inline
function referenceE4(r: usize, instr: i32, side: i32): i32 {
  const quoted = load<i32>(r, R_QUOTED) != 0;
  let price = 0;
  if (side == BUY) {
    price = quoted ? load<i32>(r, R_ASK) : bestAsk(instr);
    if (price <= 0) price = quoted ? load<i32>(r, R_BID) : bestBid(instr);
  } else {
    price = quoted ? load<i32>(r, R_BID) : bestBid(instr);
    if (price <= 0) price = quoted ? load<i32>(r, R_ASK) : bestAsk(instr);
  }
  if (price > 0) return price;
  const last = load<i32>(r, R_LAST);
  return last > 0 ? last : load<i32>(r, R_PRECLOSE);
}

/** Whether a call takes a price; `range` is the field of its range. Exact, without rounding. */
export function isInsideRange(r: usize, range: usize, priceE4: i32): bool {
  const low = load<i32>(r + range);
  const high = load<i32>(r + range, 4);
  if ((low | high) == 0) return true;
  const last = load<i32>(r, R_LAST);
  const ofLast = load<i32>(r + range, 8) != 0 && last > 0;
  const base = i64(ofLast ? last : load<i32>(r, R_PRECLOSE));
  if (base == 0) return true;
  const price = i64(priceE4) * 1000;
  return price >= base * i64(low) && (high == 0 || price <= base * i64(high));
}
