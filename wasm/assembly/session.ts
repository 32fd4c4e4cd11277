// The phases of one instrument's day and what passing from one to the next does: the opening,
// closing and resumption auctions, the opening and closing prices, the begin of after-hours
// trading. Exported through index.ts. Sources: rules sheet 5, 6.2, 6.4; SSE 2023 no. 3.5.2, BSE
// 2026 no. 3.3.1, 3.5.2, 4.1.1, 4.1.2, 4.2.6. When a phase begins is the caller's clock.
// Always: phases follow each other forwards; trading, lunch and halts may alternate.

import {
  BAD_PHASE, CAGE_HOLD, PHASE_AFTER_HOURS, PHASE_CLOSED, PHASE_CLOSING_CALL, PHASE_CONTINUOUS,
  PHASE_HALTED, PHASE_LUNCH, PHASE_OPENING_CALL, PHASE_OPENING_CALL_NO_CANCEL, UNKNOWN_INSTRUMENT,
  VENUE_SSE, VENUE_SZSE,
} from "./codes";
import { auctionPrice, TIE_MIDDLE, uncrossAt } from "./auction";
import { resetInstrument } from "./book";
import { minuteAverage } from "./close-price";
import { checkHalt, noteTrades, releaseHeld, restHeld, setOutcome } from "./exchange";
import { headerOf } from "./ladder";
import {
  HALT_OTHER, R_AFTER_HOURS, R_CAGE_MODE, R_CLOSE, R_HALT_KIND, R_HALT_LEVEL, R_HELD_BOOK,
  R_LAST, R_OPEN, R_PHASE, R_PRECLOSE, R_TICK, R_VENUE, recordOf,
} from "./record";
import { beginTrades, endTrades, tradeNext, tradesSince } from "./trades";

/** See ExchangeKernel.enterPhase. */
export function enterPhase(instr: i32, phase: i32): i32 {
  beginTrades();
  const result = enter(instr, phase);
  setOutcome(0, 0, 0);
  endTrades();
  return result;
}

/** See ExchangeKernel.callPriceE4. */
export function callPrice(instr: i32): i32 {
  const r = recordOf(instr);
  if (r == 0) return UNKNOWN_INSTRUMENT;
  return auctionPrice(instr, tieReference(r));
}

export function phaseOf(instr: i32): i32 {
  const r = recordOf(instr);
  return r == 0 ? UNKNOWN_INSTRUMENT : load<i32>(r, R_PHASE);
}

export function haltLevel(instr: i32): i32 {
  const r = recordOf(instr);
  return r == 0 ? UNKNOWN_INSTRUMENT : load<i32>(r, R_HALT_LEVEL);
}

export function openPrice(instr: i32): i32 {
  const r = recordOf(instr);
  return r == 0 ? UNKNOWN_INSTRUMENT : load<i32>(r, R_OPEN);
}

export function lastPrice(instr: i32): i32 {
  const r = recordOf(instr);
  return r == 0 ? UNKNOWN_INSTRUMENT : load<i32>(r, R_LAST);
}

export function closePrice(instr: i32): i32 {
  const r = recordOf(instr);
  return r == 0 ? UNKNOWN_INSTRUMENT : load<i32>(r, R_CLOSE);
}

function enter(instr: i32, to: i32): i32 {
  const r = recordOf(instr);
  if (r == 0 || headerOf(instr) == 0) return UNKNOWN_INSTRUMENT;
  const from = load<i32>(r, R_PHASE);
  if (to == from) return 0;
  if (!mayFollow(from, to)) return BAD_PHASE;
  if (to == PHASE_AFTER_HOURS && load<i32>(r, R_AFTER_HOURS) == 0) return BAD_PHASE;
  const start = tradeNext;
  store<i32>(r, to, R_PHASE);
  store<i32>(r, 0, R_HALT_LEVEL);
  if (to == PHASE_HALTED) {
    if (load<i32>(r, R_HALT_KIND) == 0) store<i32>(r, HALT_OTHER, R_HALT_KIND);
    return 0;
  }
  const resumes = to == PHASE_CONTINUOUS || to == PHASE_CLOSING_CALL;
  const halted = load<i32>(r, R_HALT_KIND) != 0;
  if (isOpeningCall(from) && !isOpeningCall(to)) runCall(r, instr);
  else if (from == PHASE_CLOSING_CALL) runCall(r, instr);
  else if (halted && resumes) {
    store<i32>(r, 0, R_HALT_KIND);
    runCall(r, instr);
  }
  if (resumes) resume(r, instr, to);
  else if (to == PHASE_CLOSED || to == PHASE_AFTER_HOURS) close(r, instr, from, to, start);
  return tradesSince(start);
}

/** Continuous trading begins again: a print of a call may halt at once, held orders may pass. */
function resume(r: usize, instr: i32, to: i32): void {
  const holds = load<i32>(r, R_CAGE_MODE) == CAGE_HOLD;
  if (to == PHASE_CLOSING_CALL) {
    if (holds) restHeld(r, instr);
    return;
  }
  const lastE4 = load<i32>(r, R_LAST);
  if (lastE4 > 0) checkHalt(r, lastE4);
  if (holds) releaseHeld(r, instr);
}

/**
 * The closing price (rules sheet 6.4): the closing call's; without one SSE and SZSE take the
 * average of the last minute, BSE the last trade (2026 no. 4.1.2); without a trade preclose.
 * After-hours trading begins with an empty book: the day's orders have expired.
 */
function close(r: usize, instr: i32, from: i32, to: i32, start: usize): void {
  if (load<i32>(r, R_CLOSE) == 0) {
    const lastE4 = load<i32>(r, R_LAST);
    const byCall = from == PHASE_CLOSING_CALL && tradeNext > start;
    const venue = load<i32>(r, R_VENUE);
    let closeE4 = lastE4;
    if (!byCall && (venue == VENUE_SSE || venue == VENUE_SZSE)) {
      closeE4 = minuteAverage(r, load<i32>(r, R_TICK));
    }
    store<i32>(r, lastE4 > 0 ? closeE4 : load<i32>(r, R_PRECLOSE), R_CLOSE);
  }
  if (to != PHASE_AFTER_HOURS) return;
  resetInstrument(instr);
  const held = load<i32>(r, R_HELD_BOOK);
  if (held >= 0) resetInstrument(held);
}

/** One call auction at the price of this exchange's rule. */
function runCall(r: usize, instr: i32): void {
  const priceE4 = auctionPrice(instr, tieReference(r));
  if (priceE4 <= 0) return;
  const start = tradeNext;
  if (uncrossAt(instr, priceE4) > 0) noteTrades(r, start);
}

/**
 * Last tie-break (rules sheet 6.2). SSE: the middle. BSE: nearest to the last trade, without one to
 * preclose. SZSE: to preclose at the opening, when no trade can have been, else to the last trade.
 */
function tieReference(r: usize): i32 {
  if (load<i32>(r, R_VENUE) == VENUE_SSE) return TIE_MIDDLE;
  const lastE4 = load<i32>(r, R_LAST);
  return lastE4 > 0 ? lastE4 : load<i32>(r, R_PRECLOSE);
}

@inline
function isOpeningCall(phase: i32): bool {
  return phase == PHASE_OPENING_CALL || phase == PHASE_OPENING_CALL_NO_CANCEL;
}

/** Forwards, or among trading, lunch and halt; after-hours trading ends in the closed phase. */
function mayFollow(from: i32, to: i32): bool {
  if (u32(to) > u32(PHASE_AFTER_HOURS)) return false;
  if (from == PHASE_AFTER_HOURS) return to == PHASE_CLOSED;
  return rank(to) > rank(from) || (rank(to) == rank(from) && rank(to) == TRADING_RANK);
}

const TRADING_RANK: i32 = PHASE_CONTINUOUS;

/** Place of a phase in the day. */
function rank(phase: i32): i32 {
  if (phase == PHASE_LUNCH || phase == PHASE_HALTED) return TRADING_RANK;
  return phase;
}
