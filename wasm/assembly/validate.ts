// Order validation: the first rule of the day that an order breaks, single and batch. Exported
// through index.ts; exchange.ts, live pre-trade and backtest call it alike. Order: instrument,
// suspended, session, side, kind on the board, protection price, quantity, price, tick, daily
// limits, cage or range of the phase, maximum, lot, buy cap.
// Sources: rules sheet 2 to 5 and 7; SSE 2023 no. 3.3.5-3.3.17, SZSE no. 3.3.4-3.3.14, BSE 2026
// no. 3.3.1-3.3.13, 4.5.4. Always: the answer is 0 or the first violated rule in that order.

import {
  BAD_COUNT, BUY, CAGE_REJECT, COMMAND_CAPACITY, KIND_FOK, KIND_LIMIT, NOT_INITIALIZED, OK,
  PHASE_AFTER_HOURS, PHASE_CLOSING_CALL, PHASE_CONTINUOUS, PHASE_HALTED, PHASE_OPENING_CALL,
  PHASE_OPENING_CALL_NO_CANCEL, PROTECTION_IGNORED, PROTECTION_REQUIRED, REJECT_ABOVE_UPPER_LIMIT,
  REJECT_AGAINST_CLOSE, REJECT_BELOW_LOWER_LIMIT, REJECT_BUY_CAP, REJECT_KIND_NOT_SUPPORTED,
  REJECT_LOT_MINIMUM, REJECT_LOT_STEP, REJECT_NO_PROTECTION_PRICE, REJECT_NOT_IN_SESSION,
  REJECT_ODD_LOT_SELL, REJECT_OFF_TICK, REJECT_OUTSIDE_CAGE, REJECT_OUTSIDE_CALL_RANGE,
  REJECT_PRICE_NOT_POSITIVE, REJECT_QTY_MAXIMUM, REJECT_QTY_NOT_POSITIVE, REJECT_SIDE,
  REJECT_SUSPENDED, REJECT_UNKNOWN_INSTRUMENT,
} from "./codes";
import { isInsideCage, isInsideRange } from "./cage";
import { isSide } from "./ladder";
import { COMMAND_BYTES, commandBase, instrumentCount } from "./layout";
import {
  HALT_BY_PRICE, PHASE_UNKNOWN, R_AFTER_HOURS, R_AFTER_MAX, R_BUY_CAP, R_BUY_MIN, R_BUY_STEP,
  R_CAGE_MODE, R_CLOSE, R_CLOSING_RANGE, R_HALT_KIND, R_LOWER, R_MARKET_KINDS, R_MARKET_MAX,
  R_MARKET_NEEDS_LIMIT, R_MAX, R_ODD_WITH_LOTS, R_OPENING_RANGE, R_PHASE, R_PROTECTION,
  R_RESUMPTION_RANGE, R_SELL_MIN, R_SELL_STEP, R_SUSPENDED, R_TICK, R_UPPER, recordOf,
} from "./record";

/** `sellable` that says: what is odd about a sell is the seller's whole odd part. */
const SELLABLE_TRUSTED: i32 = -2;

/** Phases in which orders are taken, halts and after-hours trading apart. */
const ORDER_PHASES: u32 = (1 << PHASE_OPENING_CALL) | (1 << PHASE_OPENING_CALL_NO_CANCEL)
  | (1 << PHASE_CONTINUOUS) | (1 << PHASE_CLOSING_CALL);

/** See ValidationKernel.validateOrder. */
export function validateOrder(
  instr: i32, side: i32, kind: i32, priceE4: i32, qty: i32, sellable: i32, bought: i32,
): i32 {
  const r = recordOf(instr);
  if (r == 0) return REJECT_UNKNOWN_INSTRUMENT;
  if (load<i32>(r, R_SUSPENDED) != 0) return REJECT_SUSPENDED;
  const phase = load<i32>(r, R_PHASE);
  if (phase != PHASE_CONTINUOUS && !takesOrders(r, phase)) return REJECT_NOT_IN_SESSION;
  if (!isSide(side)) return REJECT_SIDE;
  let most = load<i32>(r, R_MAX);
  if (kind == KIND_LIMIT) {
    if (qty <= 0) return REJECT_QTY_NOT_POSITIVE;
    let code = checkPrice(r, priceE4);
    if (code == OK) code = checkRange(r, instr, phase, side, priceE4);
    if (code != OK) return code;
    if (phase == PHASE_AFTER_HOURS) most = load<i32>(r, R_AFTER_MAX);
  } else {
    const code = checkMarket(r, phase, kind, priceE4, qty);
    if (code != OK) return code;
    most = load<i32>(r, R_MARKET_MAX);
  }
  if (qty > most) return REJECT_QTY_MAXIMUM;
  return side == BUY ? checkBuy(r, qty, bought) : checkSellLot(r, qty, sellable);
}

/** See ValidationKernel.validateBatch. A check is a command (batch.ts) whose word 2 is the sellable
 *  quantity, word 6 what was bought; the code goes to word 5. */
export function validateBatch(from: i32, count: i32): i32 {
  if (instrumentCount == 0) return NOT_INITIALIZED;
  if (from < 0 || count < 0 || from > COMMAND_CAPACITY || count > COMMAND_CAPACITY - from) {
    return BAD_COUNT;
  }
  let c = commandBase + usize(from) * COMMAND_BYTES;
  for (let i = 0; i < count; i++) {
    const word = load<i32>(c);
    store<i32>(c, validateOrder(
      load<i32>(c, 4), (word >> 8) & 0xff, (word >> 16) & 0xff, load<i32>(c, 12),
      load<i32>(c, 16), load<i32>(c, 8), load<i32>(c, 24),
    ), 20);
    c += COMMAND_BYTES;
  }
  return count;
}

/**
 * Session (BSE 2026 no. 3.3.1). A halt by the price takes orders (BSE 2026 no. 4.2.6), another does
 * not; a security halted at the end of the day has no after-hours trading (rules sheet 5.2).
 */
function takesOrders(r: usize, phase: i32): bool {
  if (phase == PHASE_UNKNOWN) return true;
  if (phase == PHASE_HALTED) return load<i32>(r, R_HALT_KIND) == HALT_BY_PRICE;
  if (phase == PHASE_AFTER_HOURS) {
    return load<i32>(r, R_AFTER_HOURS) != 0 && load<i32>(r, R_CLOSE) != 0
      && load<i32>(r, R_HALT_KIND) == 0;
  }
  return ((ORDER_PHASES >>> u32(phase)) & 1) != 0;
}

/** A market kind: on this board, now, today; then its protection price. */
@inline
function checkMarket(r: usize, phase: i32, kind: i32, priceE4: i32, qty: i32): i32 {
  if (u32(kind - KIND_LIMIT) > u32(KIND_FOK - KIND_LIMIT)) return REJECT_KIND_NOT_SUPPORTED;
  if (((load<i32>(r, R_MARKET_KINDS) >>> kind) & 1) == 0) return REJECT_KIND_NOT_SUPPORTED;
  if (phase != PHASE_CONTINUOUS && phase != PHASE_UNKNOWN) return REJECT_KIND_NOT_SUPPORTED;
  if (load<i32>(r, R_MARKET_NEEDS_LIMIT) != 0 && load<i32>(r, R_UPPER) == 0) {
    return REJECT_KIND_NOT_SUPPORTED;
  }
  const protection = load<i32>(r, R_PROTECTION);
  if (protection == PROTECTION_REQUIRED && priceE4 == 0) return REJECT_NO_PROTECTION_PRICE;
  if (qty <= 0) return REJECT_QTY_NOT_POSITIVE;
  return protection == PROTECTION_IGNORED || priceE4 == 0 ? OK : checkPrice(r, priceE4);
}

@inline
function checkPrice(r: usize, priceE4: i32): i32 {
  if (priceE4 <= 0) return REJECT_PRICE_NOT_POSITIVE;
  if (u32(priceE4) % load<u32>(r, R_TICK) != 0) return REJECT_OFF_TICK;
  const upperE4 = load<i32>(r, R_UPPER);
  if (upperE4 > 0 && priceE4 > upperE4) return REJECT_ABOVE_UPPER_LIMIT;
  return priceE4 < load<i32>(r, R_LOWER) ? REJECT_BELOW_LOWER_LIMIT : OK;
}

/** Cage, range of a call, or the close, whichever the phase has. */
@inline
function checkRange(r: usize, instr: i32, phase: i32, side: i32, priceE4: i32): i32 {
  if (phase == PHASE_CONTINUOUS) {
    if (load<i32>(r, R_CAGE_MODE) != CAGE_REJECT) return OK;
    return isInsideCage(r, instr, side, priceE4) ? OK : REJECT_OUTSIDE_CAGE;
  }
  return phase == PHASE_UNKNOWN ? OK : checkCallRange(r, phase, side, priceE4);
}

function checkCallRange(r: usize, phase: i32, side: i32, priceE4: i32): i32 {
  if (phase == PHASE_AFTER_HOURS) {
    const closeE4 = load<i32>(r, R_CLOSE);
    const worse = side == BUY ? priceE4 < closeE4 : priceE4 > closeE4;
    return worse ? REJECT_AGAINST_CLOSE : OK;
  }
  if (load<i32>(r, R_UPPER) != 0) return OK;
  let range = R_OPENING_RANGE;
  if (phase == PHASE_CLOSING_CALL) range = R_CLOSING_RANGE;
  if (phase == PHASE_HALTED) range = R_RESUMPTION_RANGE;
  return isInsideRange(r, range, priceE4) ? OK : REJECT_OUTSIDE_CALL_RANGE;
}

/** Lot, then the daily cap of risk-warning shares with what is bought and working. */
@inline
function checkBuy(r: usize, qty: i32, bought: i32): i32 {
  if (qty < load<i32>(r, R_BUY_MIN)) return REJECT_LOT_MINIMUM;
  const step = load<u32>(r, R_BUY_STEP);
  if (step != 1 && u32(qty) % step != 0) return REJECT_LOT_STEP;
  const cap = load<i32>(r, R_BUY_CAP);
  return cap > 0 && i64(qty) + i64(bought) > i64(cap) ? REJECT_BUY_CAP : OK;
}

/**
 * The odd part of a holding, smaller than the lot, is sold in one order (rules sheet 2.3): alone,
 * or, where the step is above 1 and the rules say so, together with whole lots.
 */
function checkSellLot(r: usize, qty: i32, sellable: i32): i32 {
  const least = load<i32>(r, R_SELL_MIN);
  const step = load<i32>(r, R_SELL_STEP);
  const rest = i32(u32(qty) % u32(step));
  if ((qty >= least && rest == 0) || sellable == SELLABLE_TRUSTED) return OK;
  let odd = 0;
  if (step > 1) odd = i32(u32(max(sellable, 0)) % u32(step));
  else if (sellable > 0 && sellable < least) odd = sellable;
  if (odd > 0) {
    const withLots = qty >= least && rest == odd && load<i32>(r, R_ODD_WITH_LOTS) != 0;
    return qty == odd || withLots ? OK : REJECT_ODD_LOT_SELL;
  }
  return qty < least ? REJECT_LOT_MINIMUM : REJECT_LOT_STEP;
}
