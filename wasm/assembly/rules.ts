// The record of one instrument and day: what the host says about its rules, and where the session
// stands. Written by setRules, setLimits, setQuote and by session.ts, exchange.ts; read by
// validate.ts, cage.ts. The kernel knows mechanisms only: every number of a rule comes from the
// rule book through the host (engine/rules/kernel-rules.ts).
// Always: a refusal changes nothing; setRules() begins a new day of the instrument.

import {
  BAD_PHASE, BAD_STATIC, CAGE_HOLD, NOT_INITIALIZED, OK, PHASE_AFTER_HOURS, PHASE_HALTED,
  PROTECTION_REQUIRED, UNKNOWN_INSTRUMENT, VENUE_BSE,
} from "./codes";
import { forgetMinute } from "./close-price";
import { commandBase, instrumentCount, RECORD_BYTES, recordBase } from "./layout";

/** Phase of an instrument whose phase nobody has told: session and cage are not judged. */
export const PHASE_UNKNOWN: i32 = -1;

// State of the session.
/** 1: setRules() was called. */
export const R_SET: usize = 0;
export const R_PHASE: usize = 4;
/** Last trade of the day, 0 = none. */
export const R_LAST: usize = 8;
/** 1: setQuote() gives best prices and last trade, not this module's book. */
export const R_QUOTED: usize = 12;
export const R_BID: usize = 16;
export const R_ASK: usize = 20;
export const R_OPEN: usize = 24;
export const R_CLOSE: usize = 28;
/** Halt levels used up: 1 first up, 2 first down, 4 second up, 8 second down. */
export const R_HALTS_DONE: usize = 32;
/** 0 none, HALT_BY_PRICE, HALT_OTHER; from the halt until the resumption auction. */
export const R_HALT_KIND: usize = 36;
/** 1 or 2: the level of the halt that the last trades caused. */
export const R_HALT_LEVEL: usize = 40;
/** Last minute with trades: first and last entry, see close-price.ts. */
export const R_MINUTE_FIRST: usize = 44;
export const R_MINUTE_LAST: usize = 48;

// Rules: int32 words in the order of engine/core/exchange-kernel.ts RULE_FIELDS.
const RULES_AT: usize = 64;
const RULE_WORDS: i32 = 37;
export const R_VENUE: usize = RULES_AT;
export const R_TICK: usize = RULES_AT + 4;
export const R_BUY_MIN: usize = RULES_AT + 8;
export const R_BUY_STEP: usize = RULES_AT + 12;
export const R_SELL_MIN: usize = RULES_AT + 16;
export const R_SELL_STEP: usize = RULES_AT + 20;
/** 1: the odd part of a holding may be sold together with whole lots. */
export const R_ODD_WITH_LOTS: usize = RULES_AT + 24;
export const R_MAX: usize = RULES_AT + 28;
export const R_MARKET_MAX: usize = RULES_AT + 32;
export const R_AFTER_MAX: usize = RULES_AT + 36;
export const R_UPPER: usize = RULES_AT + 40;
export const R_LOWER: usize = RULES_AT + 44;
export const R_PRECLOSE: usize = RULES_AT + 48;
export const R_CAGE_MODE: usize = RULES_AT + 52;
export const R_CAGE_UP: usize = RULES_AT + 56;
export const R_CAGE_DOWN: usize = RULES_AT + 60;
export const R_CAGE_TICKS: usize = RULES_AT + 64;
/** Ranges of calls without a limit: low permille, high permille (0 none), 1 = of the last trade. */
export const R_OPENING_RANGE: usize = RULES_AT + 68;
export const R_CLOSING_RANGE: usize = RULES_AT + 80;
export const R_RESUMPTION_RANGE: usize = RULES_AT + 92;
/** Bit k: the market kind k is taken. */
export const R_MARKET_KINDS: usize = RULES_AT + 104;
export const R_PROTECTION: usize = RULES_AT + 108;
export const R_MARKET_NEEDS_LIMIT: usize = RULES_AT + 112;
export const R_HALT_1: usize = RULES_AT + 116;
export const R_HALT_2: usize = RULES_AT + 120;
/** 1: halts count from preclose (the issue price), else from the opening price. */
export const R_HALT_OF_PRECLOSE: usize = RULES_AT + 124;
export const R_HALT_PER_DIRECTION: usize = RULES_AT + 128;
export const R_AFTER_HOURS: usize = RULES_AT + 132;
export const R_BUY_CAP: usize = RULES_AT + 136;
export const R_SUSPENDED: usize = RULES_AT + 140;
/** Another instrument of the module whose book keeps held orders; -1 none. */
export const R_HELD_BOOK: usize = RULES_AT + 144;

export const HALT_BY_PRICE: i32 = 1;
export const HALT_OTHER: i32 = 2;

/** Record of an instrument index, or 0 when it is out of range or has no rules. */
@inline
export function recordOf(instr: i32): usize {
  if (u32(instr) >= u32(instrumentCount)) return 0;
  const r = recordBase + usize(instr) * RECORD_BYTES;
  return load<i32>(r, R_SET) != 0 ? r : 0;
}

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
