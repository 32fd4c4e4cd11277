// What a strategy host and the thread of its Python process say to each other in shared memory:
// word 0 is the state, word 1 the length of the answer in bytes. Read by both sides.
import type { MessagePort } from 'node:worker_threads';

/** Nothing yet. */
export const WAITING = 0;
export const ANSWERED = 1;
/** The process ended; the answer is what it said last. */
export const GONE = 2;
/** The answer did not fit. */
export const TOO_LONG = 3;

export interface ThreadData {
  readonly control: SharedArrayBuffer;
  readonly bytes: SharedArrayBuffer;
  /** The interpreter. */
  readonly python: string;
  /** clients/python/pankou_strategy.py */
  readonly runner: string;
  readonly port: MessagePort;
}
