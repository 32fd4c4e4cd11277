// The market as risk sees it, by instrument: quote, age, volume by minute, and what never changes
// (board, tick). Written from Quote frames, read by the checks. Invariants: a mark is a real price
// once one is known; volumes count from a minute's first quote. Allocates at construction only.

import type { Instrument } from '../instrument.ts';
import { columnsOf } from '../instrument-columns.ts';
import { NEW_TABLES, type Tables } from '../tables.ts';
import { SECOND_NS } from './sliding.ts';

export const MINUTE_NS = 60 * SECOND_NS;
/** Continuous trading opens, ns since midnight (rules sheet 5.1). */
export const OPEN_NS = (9 * 60 + 30) * MINUTE_NS;

export class RiskQuotes {
  readonly lastE4: Int32Array;
  readonly preCloseE4: Int32Array;
  readonly bidE4: Int32Array;
  readonly askE4: Int32Array;
  readonly upperE4: Int32Array;
  readonly lowerE4: Int32Array;
  readonly phase: Int8Array;
  readonly stale: Uint8Array;
  /** Held shares are valued at it: last, else the close of the day before, else a fill's price. */
  readonly markE4: Int32Array;
  readonly quoteNs: Float64Array;
  /** Shares traded today, and at the start of minute `minute`, and in the minute before it. */
  readonly volume: Float64Array;
  readonly volumeAtMinute: Float64Array;
  readonly volumeBefore: Float64Array;
  readonly minute: Int32Array;
  /** Latest quote of each market. */
  readonly marketNs = new Float64Array(4).fill(Number.NEGATIVE_INFINITY);
  readonly board: Uint8Array;
  readonly market: Uint8Array;
  readonly tickE4: Int32Array;
  readonly isBse: Uint8Array;
  /** 1 = under risk warning or in its delisting period, by the rule book of the day. */
  readonly warned: Uint8Array;
  /** CAGE_* and its size: percent above and below the reference, or so many ticks. */
  readonly cage: Uint8Array;
  readonly cageUpPercent: Uint8Array;
  readonly cageDownPercent: Uint8Array;
  readonly cageTicks: Uint8Array;

  constructor(instruments: readonly Instrument[], tables: Tables = NEW_TABLES) {
    const n = instruments.length;
    const known = columnsOf(instruments);
    this.lastE4 = tables.int32(n);
    this.preCloseE4 = tables.int32(n);
    this.bidE4 = tables.int32(n);
    this.askE4 = tables.int32(n);
    this.upperE4 = tables.int32(n);
    this.lowerE4 = tables.int32(n);
    this.phase = tables.int8(n);
    this.stale = tables.uint8(n);
    this.markE4 = tables.int32(n);
    this.quoteNs = tables.float64(n).fill(Number.NEGATIVE_INFINITY);
    this.volume = tables.float64(n);
    this.volumeAtMinute = tables.float64(n);
    this.volumeBefore = tables.float64(n);
    this.minute = tables.int32(n);
    this.board = tables.uint8(n);
    this.market = tables.uint8(n);
    this.tickE4 = tables.int32(n);
    this.warned = tables.uint8(n);
    this.cage = tables.uint8(n);
    this.cageUpPercent = tables.uint8(n);
    this.cageDownPercent = tables.uint8(n);
    this.cageTicks = tables.uint8(n);
    this.isBse = tables.uint8(n);
    this.preCloseE4.set(known.preCloseE4);
    this.upperE4.set(known.upperE4);
    this.lowerE4.set(known.lowerE4);
    this.markE4.set(known.preCloseE4);
    this.board.set(known.board);
    this.market.set(known.market);
    this.tickE4.set(known.tickE4);
    this.warned.set(known.warned);
    this.cage.set(known.cage);
    this.cageUpPercent.set(known.cageUpPercent);
    this.cageDownPercent.set(known.cageDownPercent);
    this.cageTicks.set(known.cageTicks);
    this.isBse.set(known.isBse);
  }
}

/** Counts volume[1] shares traded today so far, known at times[0]; volumes never fall. */
export function countVolume(q: RiskQuotes, i: number, at: Float64Array): void {
  const minute = Math.floor(at[0] / MINUTE_NS);
  const passed = minute - q.minute[i];
  if (passed > 0) {
    q.volumeBefore[i] = passed === 1 ? q.volume[i] - q.volumeAtMinute[i] : 0;
    q.volumeAtMinute[i] = q.volume[i];
    q.minute[i] = minute;
  }
  if (at[1] > q.volume[i]) q.volume[i] = at[1];
}

/** Shares traded in `minute` so far or in the whole minute before it, whichever is more. */
export function minuteVolume(q: RiskQuotes, i: number, minute: number): number {
  const passed = minute - q.minute[i];
  const now = q.volume[i] - q.volumeAtMinute[i];
  if (passed === 0) return Math.max(now, q.volumeBefore[i]);
  return passed === 1 ? now : 0;
}
