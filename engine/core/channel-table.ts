// The sequence of each channel of the feed: what came last, and whether the next row is the one
// expected, a loss, a repetition or late. Called by the feed handler for every order and trade.
// Always: a channel is a number within a market; nothing is allocated after the constructor. Rules
// sheet 11: SZSE counts orders and trades of a channel together, SSE's merged feed too; SSE's old
// split feed is counted by BizIndex, which both of its streams share.

import { FLOAT_ZERO } from './float-zero.ts';
import { NEW_TABLES, type Tables } from './tables.ts';

/** Verdicts on a row's number; below 0: the row must be passed over. */
export const SEQ_OK = 0;
/** Rows between the last and this one did not come. */
export const SEQ_GAP = 1;
/** The channel counts from anew: what lies between is lost. */
export const SEQ_RESTART = 2;
/** The number of the row before. */
export const SEQ_DUPLICATE = -1;
/** A number below the row before: it came late, or again. */
export const SEQ_LATE = -2;

/** No slot left for another channel. */
export const NO_CHANNEL = -1;
/** Channels one process follows: the exchanges have some tens. */
export const CHANNELS_MAX = 512;
/** A row late or repeated carries an old time; one this much newer counts from anew. */
const RESTART_NS = 1_000_000_000;

/** The numbers of many sequences, by slot. */
export class SequenceTable {
  /** Number that was expected at the last SEQ_GAP or SEQ_RESTART. */
  expectedSeq = 0;
  /** Event time of the row at hand; a field, as float64 arguments would be boxed. */
  nowNs = FLOAT_ZERO;
  readonly #lastSeq: Int32Array;
  readonly #lastNs: Float64Array;
  /** 1 = a row has come. */
  readonly #begun: Uint8Array;
  /** 1 = every number comes, so that a hole is a loss. */
  readonly #whole: Uint8Array;

  constructor(slots: number, tables: Tables = NEW_TABLES) {
    this.#lastSeq = tables.int32(slots);
    this.#lastNs = tables.float64(slots);
    this.#begun = tables.uint8(slots);
    this.#whole = tables.uint8(slots);
  }

  isWhole(slot: number): boolean {
    return this.#whole[slot] === 1;
  }

  protected setWholeSlot(slot: number, whole: boolean): void {
    this.#whole[slot] = whole ? 1 : 0;
  }

  /**
   * SEQ_* of the next row of a sequence, taken up unless below 0. A whole one begins with 1 (rules
   * sheet 11.1, 11.2). `nowNs` must hold the row's time.
   */
  next(slot: number, seq: number): number {
    const whole = this.#whole[slot] === 1;
    if (this.#begun[slot] === 0) {
      this.#begun[slot] = 1;
      return this.#take(slot, seq, whole && seq !== 1 ? SEQ_GAP : SEQ_OK, 1);
    }
    const last = this.#lastSeq[slot];
    const ahead = (seq - last) | 0;
    if (ahead === 1) return this.#take(slot, seq, SEQ_OK, seq);
    const expected = (last + 1) | 0;
    if (ahead > 1) return this.#take(slot, seq, whole ? SEQ_GAP : SEQ_OK, expected);
    if (ahead === 0) return SEQ_DUPLICATE;
    if (this.nowNs - this.#lastNs[slot] < RESTART_NS) return SEQ_LATE;
    return this.#take(slot, seq, SEQ_RESTART, expected);
  }

  #take(slot: number, seq: number, verdict: number, expected: number): number {
    this.expectedSeq = expected;
    this.#lastSeq[slot] = seq;
    this.#lastNs[slot] = this.nowNs;
    return verdict;
  }
}

/** Channels by market and number, and the numbers of each. */
export class ChannelTable extends SequenceTable {
  /** Channels seen or announced so far. */
  count = 0;
  readonly #market = new Int32Array(CHANNELS_MAX);
  readonly #channel = new Int32Array(CHANNELS_MAX);
  readonly #wholeByDefault: boolean;
  #lastSlot = 0;

  constructor(wholeByDefault: boolean) {
    super(CHANNELS_MAX);
    this.#wholeByDefault = wholeByDefault;
  }

  /** Slot of a channel, made on first use; NO_CHANNEL when there is no room. */
  slotOf(market: number, channel: number): number {
    // Rows of one channel come in runs.
    const last = this.#lastSlot;
    if (last < this.count && this.#isAt(last, market, channel)) return last;
    let slot = 0;
    while (slot < this.count && !this.#isAt(slot, market, channel)) slot++;
    if (slot === CHANNELS_MAX) return NO_CHANNEL;
    if (slot === this.count) {
      this.count++;
      this.#market[slot] = market;
      this.#channel[slot] = channel;
      this.setWholeSlot(slot, this.#wholeByDefault);
    }
    this.#lastSlot = slot;
    return slot;
  }

  /** Slot of a known channel of any market: the `nth` (from 0), or NO_CHANNEL. */
  find(channel: number, nth: number): number {
    let left = nth;
    for (let slot = 0; slot < this.count; slot++) {
      if (this.#channel[slot] === channel && left-- === 0) return slot;
    }
    return NO_CHANNEL;
  }

  /** Says that holes in this channel are losses. Cold. */
  setWhole(market: number, channel: number): void {
    const slot = this.slotOf(market, channel);
    if (slot >= 0) this.setWholeSlot(slot, true);
  }

  marketOf(slot: number): number {
    return this.#market[slot];
  }

  #isAt(slot: number, market: number, channel: number): boolean {
    return this.#channel[slot] === channel && this.#market[slot] === market;
  }
}

/** A channel of a market, as loaders and setups name it. */
export interface ChannelName {
  readonly market: number;
  readonly channel: number;
}
