// What the live market source and the thread of its link share: the start data and the words.
// Imported by both; data only. Invariant: each word has one meaning and the writers named here.
import type { Instrument } from '../../../engine/core/instrument.ts';
import type { ClockSetting } from '../../../engine/host/market-clock.ts';

/** What the source hands to the link's thread. */
export interface QuoteStart {
  readonly address: string;
  readonly secret: string;
  readonly day: number;
  readonly clock: ClockSetting;
  readonly isRehearsal: boolean;
  readonly instruments: readonly Instrument[];
  readonly fromNs: number;
  readonly untilNs: number;
  /** Store of day files whose raw log this session writes, absolute. */
  readonly store: string;
  /** Ring of `ringBytes` at byte 0. */
  readonly ring: SharedArrayBuffer;
  readonly ringBytes: number;
  /** Words by WORD_*. */
  readonly words: Int32Array;
}

/** Raised by the link's thread every BEAT_MS while it lives. */
export const WORD_BEAT = 0;
export const WORDS = 2;
export const BEAT_MS = 200;
