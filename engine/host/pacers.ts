// When the exchange may release its next market event. Lockstep: when the last round of all actors
// found nothing to do. Realtime: when pacing time, at the chosen speed, has reached the event.
import type { MonoClock } from '../actors/clock.ts';
import { NOT_YET } from '../core/market-source.ts';
import type { Pacer } from './gateway-session.ts';
import { WORD_QUIET } from './memory-map.ts';

/** Reads the quiet word that the turn runner keeps. */
export class LockstepPacer implements Pacer {
  readonly #words: Int32Array;

  constructor(words: Int32Array) {
    this.#words = words;
  }

  mayRelease(_eventNs: number): boolean {
    return Atomics.load(this.#words, WORD_QUIET) === 1;
  }
}

/** A live market's events are released as they come. */
export class ArrivalPacer implements Pacer {
  mayRelease(eventNs: number): boolean {
    return eventNs < NOT_YET;
  }
}

/** Maps exchange time to pacing time; engine/backtest's SessionPace is one. */
export interface PaceMap {
  paceNs(eventNs: number): number;
}

export class RealtimePacer implements Pacer {
  readonly #clock: MonoClock;
  readonly #pace: PaceMap;
  readonly #speed: number;
  #started = false;
  #startNs = 0;

  constructor(clock: MonoClock, pace: PaceMap, speed: number) {
    this.#clock = clock;
    this.#pace = pace;
    this.#speed = speed;
  }

  mayRelease(eventNs: number): boolean {
    const now = this.#clock.nowNs();
    const due = this.#pace.paceNs(eventNs) / this.#speed;
    // The session starts with its first event, whenever the threads are ready.
    if (!this.#started) {
      this.#started = true;
      this.#startNs = now - due;
    }
    return now - this.#startNs >= due;
  }
}
