// Order validation against an instrument's static data: side, kind, quantity, price, tick, daily
// limits, maximum, lot. Exported through index.ts; live pre-trade and backtest call it alike.
// Sources: rules sheet 2.1-2.3 and 3; SSE 2023 no. 3.3.8-3.3.13, SZSE no. 3.3.8, 3.3.10, 3.3.13,
// BSE 2026 no. 3.3.8-3.3.11. Always: the answer is 0 or the first violated rule in that order.
//
// Static record (64 bytes, int32): 0 set  4 tickE4  8 buy minimum  12 buy step  16 sell minimum
// 20 sell step  24 maximum  28 market maximum  32 upperE4 (0 none)  36 lowerE4 (0 none)

import {
  BAD_STATIC, BUY, KIND_FOK, KIND_LIMIT, NOT_INITIALIZED, OK, REJECT_ABOVE_UPPER_LIMIT,
  REJECT_BELOW_LOWER_LIMIT, REJECT_KIND_NOT_SUPPORTED, REJECT_LOT_MINIMUM, REJECT_LOT_STEP,
  REJECT_SIDE,
  REJECT_UNKNOWN_INSTRUMENT, REJECT_ODD_LOT_SELL, REJECT_OFF_TICK, REJECT_PRICE_NOT_POSITIVE,
  REJECT_QTY_MAXIMUM, REJECT_QTY_NOT_POSITIVE, UNKNOWN_INSTRUMENT,
} from "./codes";
import { isSide } from "./ladder";
import { instrumentCount, STATIC_BYTES, staticBase } from "./layout";

const T_TICK: usize = 4;
const T_BUY_MIN: usize = 8;
const T_BUY_STEP: usize = 12;
const T_SELL_MIN: usize = 16;
const T_SELL_STEP: usize = 20;
const T_MAX: usize = 24;
const T_MARKET_MAX: usize = 28;
const T_UPPER: usize = 32;
const T_LOWER: usize = 36;

/** See ValidationKernel.setStatic. */
export function setStatic(
  instr: i32, tickE4: i32, buyMin: i32, buyStep: i32, sellMin: i32, sellStep: i32,
  maxQty: i32, maxMarketQty: i32, upperE4: i32, lowerE4: i32,
): i32 {
  if (instrumentCount == 0) return NOT_INITIALIZED;
  if (u32(instr) >= u32(instrumentCount)) return UNKNOWN_INSTRUMENT;
  if (tickE4 <= 0 || buyMin <= 0 || buyStep <= 0 || sellMin <= 0 || sellStep <= 0) {
    return BAD_STATIC;
  }
  if (maxQty < buyMin || maxMarketQty < 0 || maxMarketQty > maxQty) return BAD_STATIC;
  if (upperE4 < 0 || lowerE4 < 0 || (upperE4 > 0 && upperE4 < lowerE4)) return BAD_STATIC;
  const s = staticBase + usize(instr) * STATIC_BYTES;
  store<i32>(s, tickE4, T_TICK);
  store<i32>(s, buyMin, T_BUY_MIN);
  store<i32>(s, buyStep, T_BUY_STEP);
  store<i32>(s, sellMin, T_SELL_MIN);
  store<i32>(s, sellStep, T_SELL_STEP);
  store<i32>(s, maxQty, T_MAX);
  store<i32>(s, maxMarketQty > 0 ? maxMarketQty : maxQty, T_MARKET_MAX);
  store<i32>(s, upperE4, T_UPPER);
  store<i32>(s, lowerE4, T_LOWER);
  store<i32>(s, 1);
  return OK;
}

/** See ValidationKernel.validateOrder. */
export function validateOrder(
  instr: i32, side: i32, kind: i32, priceE4: i32, qty: i32, sellable: i32,
): i32 {
  if (u32(instr) >= u32(instrumentCount)) return REJECT_UNKNOWN_INSTRUMENT;
  const s = staticBase + usize(instr) * STATIC_BYTES;
  if (load<i32>(s) == 0) return REJECT_UNKNOWN_INSTRUMENT;
  if (!isSide(side)) return REJECT_SIDE;
  if (u32(kind - KIND_LIMIT) > u32(KIND_FOK - KIND_LIMIT)) return REJECT_KIND_NOT_SUPPORTED;
  if (qty <= 0) return REJECT_QTY_NOT_POSITIVE;
  if (kind == KIND_LIMIT || priceE4 != 0) {
    if (priceE4 <= 0) return REJECT_PRICE_NOT_POSITIVE;
    if (u32(priceE4) % load<u32>(s, T_TICK) != 0) return REJECT_OFF_TICK;
    const upperE4 = load<i32>(s, T_UPPER);
    if (upperE4 > 0 && priceE4 > upperE4) return REJECT_ABOVE_UPPER_LIMIT;
    if (priceE4 < load<i32>(s, T_LOWER)) return REJECT_BELOW_LOWER_LIMIT;
  }
  const most = kind == KIND_LIMIT ? load<i32>(s, T_MAX) : load<i32>(s, T_MARKET_MAX);
  if (qty > most) return REJECT_QTY_MAXIMUM;
  return side == BUY ? buyLot(s, qty) : sellLot(s, qty, sellable);
}

@inline
function buyLot(s: usize, qty: i32): i32 {
  if (qty < load<i32>(s, T_BUY_MIN)) return REJECT_LOT_MINIMUM;
  if (u32(qty) % load<u32>(s, T_BUY_STEP) != 0) return REJECT_LOT_STEP;
  return OK;
}

/**
 * The odd part of a holding, smaller than the lot, is sold in one order (rules sheet 2.3): alone,
 * or, where the step is above 1, together with whole lots.
 */
@inline
function sellLot(s: usize, qty: i32, sellable: i32): i32 {
  const least = load<i32>(s, T_SELL_MIN);
  const step = load<i32>(s, T_SELL_STEP);
  const rest = i32(u32(qty) % u32(step));
  if (qty >= least && rest == 0) return OK;
  let odd = 0;
  if (step > 1) odd = i32(u32(max(sellable, 0)) % u32(step));
  else if (sellable > 0 && sellable < least) odd = sellable;
  if (odd > 0) {
    return qty == odd || (qty >= least && rest == odd) ? OK : REJECT_ODD_LOT_SELL;
  }
  return qty < least ? REJECT_LOT_MINIMUM : REJECT_LOT_STEP;
}
