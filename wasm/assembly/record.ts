// The record of one instrument and day: what the host says about its rules, and where the session
// stands. Written by rules.ts (setRules, setLimits, setQuote), session.ts and exchange.ts; read
// by validate.ts, cage.ts, close-price.ts. All fields are int32.
// Always: the kernel knows mechanisms only, every number of a rule comes from the rule book
// through the host (engine/rules/kernel-rules.ts).

import { instrumentCount, RECORD_BYTES, recordBase } from "./layout";

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
export const RULES_AT: usize = 64;
export const RULE_WORDS: i32 = 37;
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
