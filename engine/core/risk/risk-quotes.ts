// The market as risk sees it, by instrument: quote, age, volume by minute, and what never changes
// (board, tick). Written from Quote frames, read by the checks. Invariants: a mark is a real price
// once one is known; volumes count from a minute's first quote. Allocates at construction only.

import { MARKET_BSE } from '../../messages/codes.ts';
import { int32Column, uint8Column } from '../columns.ts';
import type { Instrument, Kind, State } from '../instrument.ts';
import { SECOND_NS } from './sliding.ts';

export const MINUTE_NS = 60 * SECOND_NS;
/** Continuous trading opens, ns since midnight (rules sheet 5.1). */
export const OPEN_NS = (9 * 60 + 30) * MINUTE_NS;

/** Kinds that an account needs a permission for, by number; 0 = none. */
const BOARD_NUMBERS: Readonly<Partial<Record<Kind, number>>> = Object.freeze({
  star: 1,
  chinext: 2,
  bse: 3,
  'convertible-bond': 4,
});
export const BOARD_STAR = 1;
export const BOARD_CHINEXT = 2;
export const BOARD_BSE = 3;
export const BOARD_CONVERTIBLE = 4;

/** States whose shares count as under risk warning. */
const WARNED: readonly State[] = ['risk-warning', 'delisting'];

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

  constructor(instruments: readonly Instrument[]) {
    const n = instruments.length;
    this.lastE4 = new Int32Array(n);
    this.preCloseE4 = int32Column(instruments, (i) => i.preCloseE4);
    this.bidE4 = new Int32Array(n);
    this.askE4 = new Int32Array(n);
    this.upperE4 = int32Column(instruments, (i) => i.upperLimitE4);
    this.lowerE4 = int32Column(instruments, (i) => i.lowerLimitE4);
    this.phase = new Int8Array(n);
    this.stale = new Uint8Array(n);
    this.markE4 = int32Column(instruments, (i) => i.preCloseE4);
    this.quoteNs = new Float64Array(n).fill(Number.NEGATIVE_INFINITY);
    this.volume = new Float64Array(n);
    this.volumeAtMinute = new Float64Array(n);
    this.volumeBefore = new Float64Array(n);
    this.minute = new Int32Array(n);
    this.board = uint8Column(instruments, (i) => BOARD_NUMBERS[i.kind] ?? 0);
    this.market = uint8Column(instruments, (i) => i.market);
    this.tickE4 = int32Column(instruments, (i) => i.tickE4);
    this.warned = uint8Column(instruments, (i) => (WARNED.includes(i.state) ? 1 : 0));
    this.cage = uint8Column(instruments, (i) => i.cage);
    this.cageUpPercent = uint8Column(instruments, (i) => i.cageUpPercent);
    this.cageDownPercent = uint8Column(instruments, (i) => i.cageDownPercent);
    this.cageTicks = uint8Column(instruments, (i) => Math.max(1, i.cageTicks));
    this.isBse = uint8Column(instruments, (i) => (i.market === MARKET_BSE ? 1 : 0));
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
