// At what price, on what quote, and how much of the market: limits of the day, cage, deviations,
// stale quotes, slippage, share of volume, turnover. Each check answers REJECT_NONE or its code.
// Called by judge.ts. Invariants: an order without a price breaks no price limit (it is valued at
// the day's); without a quote the checks that need one say so rather than pass.
import { PHASE_CONTINUOUS, SIDE_BUY } from '../../messages/codes.ts';
import { CAGE_REFUSES } from '../instrument.ts';
import { roundToTick } from '../price.ts';
import {
  REJECT_FEED_SILENT,
  REJECT_NONE,
  REJECT_OPPOSITE_DEVIATION,
  REJECT_OUTSIDE_LIMITS,
  REJECT_PRICE_DEVIATION,
  REJECT_RISK_CAGE,
  REJECT_SLIPPAGE,
  REJECT_STALE_QUOTE,
  REJECT_TURNOVER,
  REJECT_VOLUME_SHARE,
} from '../reject-code.ts';
import {
  LIMIT_CAGE,
  LIMIT_FEED_SILENCE,
  LIMIT_OPEN_MINUTES,
  LIMIT_OPPOSITE_DEVIATION,
  LIMIT_PRICE_DEVIATION,
  LIMIT_PRICE_LIMITS,
  LIMIT_QUOTE_AGE,
  LIMIT_SLIPPAGE,
  LIMIT_TURNOVER,
  LIMIT_TURNOVER_OPEN,
  LIMIT_VOLUME_FLOOR,
  LIMIT_VOLUME_SHARE,
  LIMIT_VOLUME_SHARE_OPEN,
} from './limit-table.ts';
import { MINUTE_NS, minuteVolume, OPEN_NS } from './risk-quotes.ts';
import type { RiskState } from './risk-state.ts';
import { limitOf } from './row-checks.ts';
import { FIRM_ROW } from './rule-set.ts';

const MS_NS = 1_000_000;
/** Fills from which realised slippage is judged. */
export const SLIPPAGE_FILLS = 10;

/** A price outside the limits of the day, by risk's own quote. */
export function checkPriceLimits(s: RiskState): number {
  const { priceE4, instrument } = s.case;
  if (s.values[LIMIT_PRICE_LIMITS] === 0 || priceE4 === 0) return REJECT_NONE;
  const upper = s.quotes.upperE4[instrument];
  const lower = s.quotes.lowerE4[instrument];
  if ((upper === 0 || priceE4 <= upper) && priceE4 >= lower) return REJECT_NONE;
  s.value = priceE4;
  s.limit = priceE4 < lower ? lower : upper;
  s.row = FIRM_ROW;
  return REJECT_OUTSIDE_LIMITS;
}

/**
 * The valid range of continuous trading as the rule book of the day has it (SSE 2023 no. 3.3.14,
 * SZSE 2023, BSE 2026 no. 3.3.13): a buy at most so many percent of the reference or so many ticks
 * above, a sell as far below. Reference: opposite best, own best, last, close of the day before.
 */
export function checkCage(s: RiskState): number {
  const { priceE4, instrument: i, side } = s.case;
  const q = s.quotes;
  if (s.values[LIMIT_CAGE] === 0 || priceE4 === 0) return REJECT_NONE;
  if (q.cage[i] !== CAGE_REFUSES) return REJECT_NONE;
  if (q.phase[i] !== PHASE_CONTINUOUS) return REJECT_NONE;
  const buys = side === SIDE_BUY;
  let reference = buys ? q.askE4[i] : q.bidE4[i];
  if (reference === 0) reference = buys ? q.bidE4[i] : q.askE4[i];
  if (reference === 0) reference = q.lastE4[i] > 0 ? q.lastE4[i] : q.preCloseE4[i];
  if (reference === 0) return REJECT_NONE;
  const tick = q.tickE4[i];
  const ticks = q.cageTicks[i];
  const percent = buys ? 100 + q.cageUpPercent[i] : 100 - q.cageDownPercent[i];
  // In hundredths of a tick's unit, so that the half up is exact.
  const bound = roundToTick(reference * percent, tick * 100) / 100;
  const allowed = buys
    ? Math.max(bound, reference + ticks * tick)
    : Math.min(bound, Math.max(tick, reference - ticks * tick));
  if (buys ? priceE4 <= allowed : priceE4 >= allowed) return REJECT_NONE;
  s.value = priceE4;
  s.limit = allowed;
  s.row = FIRM_ROW;
  return REJECT_RISK_CAGE;
}

/** Distance of a price from the last trade (the close of the day before until then), either way. */
export function checkPriceDeviation(s: RiskState): number {
  const { priceE4, instrument } = s.case;
  const last = s.quotes.markE4[instrument];
  if (priceE4 === 0 || last === 0) return REJECT_NONE;
  return deviates(s, Math.abs(priceE4 - last), last, LIMIT_PRICE_DEVIATION, REJECT_PRICE_DEVIATION);
}

/** How far a price goes through the opposite best: a buy above the ask, a sell below the bid. */
export function checkOppositeDeviation(s: RiskState): number {
  const { priceE4, instrument, side } = s.case;
  const buys = side === SIDE_BUY;
  const best = buys ? s.quotes.askE4[instrument] : s.quotes.bidE4[instrument];
  if (priceE4 === 0 || best === 0) return REJECT_NONE;
  const off = buys ? priceE4 - best : best - priceE4;
  return deviates(s, off, best, LIMIT_OPPOSITE_DEVIATION, REJECT_OPPOSITE_DEVIATION);
}

function deviates(s: RiskState, off: number, of: number, slot: number, code: number): number {
  for (let k = 0; k < 3; k++) {
    const limit = limitOf(s, k, slot);
    // Fractions have at most seven decimals: beyond that a difference is rounding.
    if (off - limit * of <= of * 1e-9) continue;
    s.value = off / of;
    s.limit = limit;
    return code;
  }
  return REJECT_NONE;
}

/** The feed says that it lost something, or the instrument's last quote is too old. */
export function checkStaleQuote(s: RiskState): number {
  const i = s.case.instrument;
  if (s.quotes.phase[i] !== PHASE_CONTINUOUS && s.quotes.stale[i] === 0) return REJECT_NONE;
  const ageMs = (s.case.nowNs - s.quotes.quoteNs[i]) / MS_NS;
  for (let k = 0; k < 3; k++) {
    const limit = limitOf(s, k, LIMIT_QUOTE_AGE);
    if (limit === Number.POSITIVE_INFINITY) continue;
    if (s.quotes.stale[i] === 0 && ageMs <= limit) continue;
    s.value = ageMs;
    s.limit = limit;
    return REJECT_STALE_QUOTE;
  }
  return REJECT_NONE;
}

/** No quote of the whole market for too long while this instrument trades. */
export function checkFeedSilence(s: RiskState): number {
  const i = s.case.instrument;
  if (s.quotes.phase[i] !== PHASE_CONTINUOUS) return REJECT_NONE;
  const limit = s.values[LIMIT_FEED_SILENCE];
  const silentMs = (s.case.nowNs - s.quotes.marketNs[s.quotes.market[i]]) / MS_NS;
  if (silentMs <= limit) return REJECT_NONE;
  s.value = silentMs;
  s.limit = limit;
  s.row = FIRM_ROW;
  return REJECT_FEED_SILENT;
}

/** What today's fills lost against the last price at their orders, as a fraction. */
export function checkSlippage(s: RiskState): number {
  const { fills, slipE4, slipBaseE4 } = s.meters;
  for (let k = 0; k < 3; k++) {
    const limit = limitOf(s, k, LIMIT_SLIPPAGE);
    if (limit === Number.POSITIVE_INFINITY || fills[s.row] < SLIPPAGE_FILLS) continue;
    if (slipE4[s.row] <= limit * slipBaseE4[s.row]) continue;
    s.value = slipE4[s.row] / slipBaseE4[s.row];
    s.limit = limit;
    return REJECT_SLIPPAGE;
  }
  return REJECT_NONE;
}

/** Whether the limits of the opening hold in row k. */
function isOpening(s: RiskState, k: number): boolean {
  return s.case.nowNs < OPEN_NS + limitOf(s, k, LIMIT_OPEN_MINUTES) * MINUTE_NS;
}

/** Own shares sent in this minute over what the market traded in it or the one before. */
export function checkVolumeShare(s: RiskState): number {
  const { instrument, qty, nowNs } = s.case;
  const { cells } = s;
  const minute = Math.floor(nowNs / MINUTE_NS);
  const traded = minuteVolume(s.quotes, instrument, minute);
  for (let k = 0; k < 3; k++) {
    let limit = limitOf(s, k, LIMIT_VOLUME_SHARE);
    if (isOpening(s, k)) limit = Math.min(limit, limitOf(s, k, LIMIT_VOLUME_SHARE_OPEN));
    if (limit === Number.POSITIVE_INFINITY) continue;
    const cell = instrument * s.rows + s.row;
    const own = (cells.minute[cell] === minute ? cells.minuteQty[cell] : 0) + qty;
    const allowed = Math.max(limitOf(s, k, LIMIT_VOLUME_FLOOR), limit * traded);
    if (own <= allowed) continue;
    s.value = own;
    s.limit = allowed;
    return REJECT_VOLUME_SHARE;
  }
  return REJECT_NONE;
}

/** Amount sent within a minute, this order included. */
export function checkTurnover(s: RiskState): number {
  s.at[0] = s.case.nowNs;
  for (let k = 0; k < 3; k++) {
    let limit = limitOf(s, k, LIMIT_TURNOVER);
    if (isOpening(s, k)) limit = Math.min(limit, limitOf(s, k, LIMIT_TURNOVER_OPEN));
    if (limit === Number.POSITIVE_INFINITY) continue;
    s.turnover.advance(s.row, s.at);
    const found = s.turnover.sum[s.row] + s.case.amountE4;
    if (found <= limit) continue;
    s.value = found;
    s.limit = limit;
    return REJECT_TURNOVER;
  }
  return REJECT_NONE;
}
