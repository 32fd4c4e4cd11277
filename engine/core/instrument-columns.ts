// What the tables of a day read of its instruments, as columns: read once from the instruments and
// not by each of a dozen tables. Called by core, actors and the simulated exchange at the start of
// a day, in any order. Always: columns of the list asked for last, written over by the next list,
// so whoever keeps one copies it.
import { MARKET_BSE } from '../messages/codes.ts';
import type { Instrument, Kind } from './instrument.ts';

export const BOARD_STAR = 1;
export const BOARD_CHINEXT = 2;
export const BOARD_BSE = 3;
export const BOARD_CONVERTIBLE = 4;
/** Kinds that an account needs a permission for, by number; 0 = none. */
const BOARD_NUMBERS: Readonly<Partial<Record<Kind, number>>> = Object.freeze({
  star: BOARD_STAR,
  chinext: BOARD_CHINEXT,
  bse: BOARD_BSE,
  'convertible-bond': BOARD_CONVERTIBLE,
});

/** By dense instrument index; prices in 1/10,000 yuan, 0 = none or not known. */
export class InstrumentColumns {
  readonly count: number;
  readonly preCloseE4: Int32Array;
  readonly upperE4: Int32Array;
  readonly lowerE4: Int32Array;
  readonly tickE4: Int32Array;
  readonly market: Uint8Array;
  readonly isBse: Uint8Array;
  /** 1 = sold the same day (T+0), 0 = T+1. */
  readonly turnround: Uint8Array;
  /** Number of the board that needs a permission. */
  readonly board: Uint8Array;
  /** 1 = under risk warning or in its delisting period. */
  readonly warned: Uint8Array;
  readonly cage: Uint8Array;
  readonly cageUpPercent: Uint8Array;
  readonly cageDownPercent: Uint8Array;
  readonly cageTicks: Uint8Array;
  /** The trading day of each, and how often any of them was another one than before. */
  readonly phases: Instrument['phases'][];
  turns = 0;

  constructor(count: number) {
    this.count = count;
    this.preCloseE4 = new Int32Array(count);
    this.upperE4 = new Int32Array(count);
    this.lowerE4 = new Int32Array(count);
    this.tickE4 = new Int32Array(count);
    this.market = new Uint8Array(count);
    this.isBse = new Uint8Array(count);
    this.turnround = new Uint8Array(count);
    this.board = new Uint8Array(count);
    this.warned = new Uint8Array(count);
    this.cage = new Uint8Array(count);
    this.cageUpPercent = new Uint8Array(count);
    this.cageDownPercent = new Uint8Array(count);
    this.cageTicks = new Uint8Array(count);
    this.phases = new Array<Instrument['phases']>(count);
  }
}

const NOBODY: readonly Instrument[] = Object.freeze([]);
let columns = new InstrumentColumns(0);
let read = NOBODY;

/** The columns of `instruments`, until another list is asked for. */
export function columnsOf(instruments: readonly Instrument[]): InstrumentColumns {
  if (instruments === read) return columns;
  const count = instruments.length;
  const isFirst = count !== columns.count;
  if (isFirst) columns = new InstrumentColumns(count); // hot-ok: at start
  const before = isFirst ? NOBODY : read;
  for (let i = 0; i < count; i++) {
    const instrument = instruments[i]!;
    // Another object need not be another instrument; the same one is.
    if (before[i] !== instrument) enter(columns, i, instrument);
  }
  read = instruments;
  return columns;
}

/**
 * The columns that were read last, to be told the new prices of `next`, which differs from
 * `before` in prices alone; null = others were read since, and nothing need be told.
 */
export function repriceColumns(
  before: readonly Instrument[],
  next: readonly Instrument[],
): InstrumentColumns | null {
  if (before !== read || before.length !== next.length) return null;
  read = next;
  return columns;
}

function enter(to: InstrumentColumns, i: number, instrument: Instrument): void {
  const { market, kind, state, phases } = instrument;
  if (to.phases[i] !== phases) {
    to.phases[i] = phases;
    to.turns++;
  }
  to.preCloseE4[i] = instrument.preCloseE4;
  to.upperE4[i] = instrument.upperLimitE4;
  to.lowerE4[i] = instrument.lowerLimitE4;
  to.tickE4[i] = instrument.tickE4;
  to.market[i] = market;
  to.isBse[i] = market === MARKET_BSE ? 1 : 0;
  to.turnround[i] = instrument.turnround;
  to.board[i] = kind === 'main' ? 0 : (BOARD_NUMBERS[kind] ?? 0);
  to.warned[i] = state === 'risk-warning' || state === 'delisting' ? 1 : 0;
  to.cage[i] = instrument.cage;
  to.cageUpPercent[i] = instrument.cageUpPercent;
  to.cageDownPercent[i] = instrument.cageDownPercent;
  to.cageTicks[i] = Math.max(1, instrument.cageTicks);
}
