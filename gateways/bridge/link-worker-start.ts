// What the bridge session and the thread of its socket share: the start data and the words.
// Imported by both; data only. Invariant: each word has one meaning and the writers named here.

/** What the session hands to this thread. */
export interface LinkStart {
  readonly address: string;
  readonly secret: string;
  readonly engineId: number;
  readonly day: number;
  readonly accounts: readonly string[];
  readonly symbols: readonly string[];
  /** Accounts of which the bridge is to enforce the stage, and what their pilots may trade. */
  readonly arming: readonly { readonly account: string; readonly symbols: readonly string[] }[];
  /** Rings of `ringBytes` at byte 0 of each buffer. */
  readonly toBridge: SharedArrayBuffer;
  readonly fromBridge: SharedArrayBuffer;
  readonly ringBytes: number;
  /** Words by WORD_*. */
  readonly words: Int32Array;
}

/** 1 = this thread sleeps and wants a message when something is in its ring. */
export const WORD_WANTS = 0;
/** Raised by this thread every BEAT_MS while it lives. */
export const WORD_BEAT = 1;
export const BEAT_MS = 200;
