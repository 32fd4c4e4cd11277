// Setting the record of an instrument: the rules of the day, other limits, a quote. Exported
// through index.ts for the host. Always: a refusal changes nothing; setRules() begins a new day.

import {
  BAD_PHASE, BAD_STATIC, CAGE_HOLD, NOT_INITIALIZED, OK, PHASE_AFTER_HOURS, PHASE_HALTED,
  PROTECTION_REQUIRED, UNKNOWN_INSTRUMENT, VENUE_BSE,
} from "./codes";
import { forgetMinute } from "./close-price";
import { commandBase, instrumentCount, RECORD_BYTES, recordBase } from "./layout";
import {
  HALT_BY_PRICE, HALT_OTHER, PHASE_UNKNOWN, RULES_AT, RULE_WORDS, R_AFTER_MAX, R_ASK, R_BID,
  R_BUY_CAP, R_BUY_MIN, R_BUY_STEP, R_CAGE_DOWN, R_CAGE_MODE, R_CAGE_TICKS, R_CAGE_UP, R_CLOSE,
  R_CLOSING_RANGE, R_HALT_1, R_HALT_2, R_HALT_KIND, R_HELD_BOOK, R_LAST, R_LOWER, R_MARKET_MAX,
  R_MAX, R_OPENING_RANGE, R_PHASE, R_PRECLOSE, R_PROTECTION, R_QUOTED, R_RESUMPTION_RANGE,
  R_SELL_MIN, R_SELL_STEP, R_SET, R_TICK, R_UPPER, R_VENUE, recordOf,
} from "./record";

/** See ValidationKernel.setRules: the words lie at the start of the command area. */
export function setRules(instr: i32): i32 {
  if (instrumentCount == 0) return NOT_INITIALIZED;
  if (u32(instr) >= u32(instrumentCount)) return UNKNOWN_INSTRUMENT;
  if (!lotsHold() || !pricesHold() || !mechanismsHold(instr)) return BAD_STATIC;
  const r = recordBase + usize(instr) * RECORD_BYTES;
  if (load<i32>(r, R_SET) != 0) forgetMinute(r);
  memory.fill(r, 0, RECORD_BYTES);
  memory.copy(r + RULES_AT, commandBase, usize(RULE_WORDS) << 2);
  const most = load<i32>(r, R_MAX);
  if (load<i32>(r, R_MARKET_MAX) == 0) store<i32>(r, most, R_MARKET_MAX);
  if (load<i32>(r, R_AFTER_MAX) == 0) store<i32>(r, most, R_AFTER_MAX);
  store<i32>(r, PHASE_UNKNOWN, R_PHASE);
  store<i32>(r, 1, R_SET);
  return OK;
}

/** See ValidationKernel.setLimits. */
export function setLimits(instr: i32, upperE4: i32, lowerE4: i32): i32 {
  const r = recordOf(instr);
  if (r == 0) return UNKNOWN_INSTRUMENT;
  if (!isPair(lowerE4, upperE4)) return BAD_STATIC;
  store<i32>(r, upperE4, R_UPPER);
  store<i32>(r, lowerE4, R_LOWER);
  return OK;
}

/** See ValidationKernel.setQuote. */
export function setQuote(instr: i32, phase: i32, bidE4: i32, askE4: i32, lastE4: i32): i32 {
  const r = recordOf(instr);
  if (r == 0) return UNKNOWN_INSTRUMENT;
  if (phase < PHASE_UNKNOWN || phase > PHASE_AFTER_HOURS) return BAD_PHASE;
  if (bidE4 < 0 || askE4 < 0 || lastE4 < 0) return BAD_STATIC;
  store<i32>(r, 1, R_QUOTED);
  store<i32>(r, phase, R_PHASE);
  store<i32>(r, bidE4, R_BID);
  store<i32>(r, askE4, R_ASK);
  store<i32>(r, lastE4, R_LAST);
  // Of an instrument that halts by its price, a halt is taken for one of those.
  const byPrice = load<i32>(r, R_HALT_1) > 0;
  const kind = phase != PHASE_HALTED ? 0 : byPrice ? HALT_BY_PRICE : HALT_OTHER;
  store<i32>(r, kind, R_HALT_KIND);
  return OK;
}

/** See ValidationKernel.setClose. */
export function setClose(instr: i32, closeE4: i32): i32 {
  const r = recordOf(instr);
  if (r == 0) return UNKNOWN_INSTRUMENT;
  if (closeE4 < 0) return BAD_STATIC;
  store<i32>(r, closeE4, R_CLOSE);
  return OK;
}

/** Field of the record that setRules() is about to take. */
@inline
function given(field: usize): i32 {
  return load<i32>(commandBase + field - RULES_AT);
}

function lotsHold(): bool {
  const least = given(R_BUY_MIN);
  const most = given(R_MAX);
  if (given(R_TICK) <= 0 || least <= 0 || given(R_BUY_STEP) <= 0) return false;
  if (given(R_SELL_MIN) <= 0 || given(R_SELL_STEP) <= 0 || most < least) return false;
  const market = given(R_MARKET_MAX);
  return market >= 0 && market <= most && given(R_AFTER_MAX) >= 0 && given(R_BUY_CAP) >= 0;
}

function pricesHold(): bool {
  if (!isPair(given(R_LOWER), given(R_UPPER)) || given(R_PRECLOSE) < 0) return false;
  if (!isPair(given(R_OPENING_RANGE), given(R_OPENING_RANGE + 4))) return false;
  if (!isPair(given(R_CLOSING_RANGE), given(R_CLOSING_RANGE + 4))) return false;
  if (!isPair(given(R_RESUMPTION_RANGE), given(R_RESUMPTION_RANGE + 4))) return false;
  const up = given(R_CAGE_UP);
  const down = given(R_CAGE_DOWN);
  if (up < 0 || up > 100_000 || down < 0 || down > 100) return false;
  return u32(given(R_CAGE_TICKS)) <= 1_000_000 && u32(given(R_CAGE_MODE)) <= u32(CAGE_HOLD);
}

function mechanismsHold(instr: i32): bool {
  const held = given(R_HELD_BOOK);
  if (held < -1 || held >= instrumentCount || held == instr) return false;
  if (u32(given(R_VENUE)) > u32(VENUE_BSE)) return false;
  if (u32(given(R_PROTECTION)) > u32(PROTECTION_REQUIRED)) return false;
  const first = given(R_HALT_1);
  const second = given(R_HALT_2);
  return first >= 0 && (second == 0 || (first > 0 && second > first));
}

/** Bounds of which either may be absent (0). */
@inline
function isPair(low: i32, high: i32): bool {
  return low >= 0 && high >= 0 && (high == 0 || low <= high);
}
