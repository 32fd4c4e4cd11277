// Maps exchange time to pacing time for sessions that a person watches: the opening call runs in a
// second or two, the pause and lunch take no time. Called by whoever plays a tape in real time.
// Always: frames keep their true exchange times; pacing time starts at 0 and never falls.
import {
  AFTERNOON_NS,
  LUNCH_NS,
  MORNING_NS,
  OPENING_CALL_NS,
  OPENING_UNCROSS_NS,
  SECOND_NS,
} from '../data/sessions.ts';

/** What to leave out. */
export interface PaceOptions {
  /** Exchange time at which pacing time is 0; default 9:15. */
  readonly fromNs?: number;
  /** The opening call 9:15 to 9:25 takes `openingNs` instead of ten minutes. */
  readonly compressOpening?: boolean;
  /** Pacing length of a whole compressed call; default 1.5 s. */
  readonly openingNs?: number;
  /** 9:25 to 9:30 and 11:30 to 13:00 take no time. */
  readonly skipBreaks?: boolean;
}

/** A monotone, piecewise linear map. */
export class SessionPace {
  readonly #fromNs: number;
  /**
   * Exchange times of the corners, the speed from each on (pacing ns per exchange ns), its pacing.
   */
  readonly #corners: readonly number[];
  readonly #slopes: readonly number[];
  readonly #paced: readonly number[];

  constructor(options: PaceOptions = {}) {
    this.#fromNs = options.fromNs ?? OPENING_CALL_NS;
    const call = (options.openingNs ?? 1.5 * SECOND_NS) / (OPENING_UNCROSS_NS - OPENING_CALL_NS);
    const rest = options.skipBreaks === true ? 0 : 1;
    this.#corners = [
      0,
      OPENING_CALL_NS,
      OPENING_UNCROSS_NS,
      MORNING_NS,
      LUNCH_NS,
      AFTERNOON_NS,
      Number.POSITIVE_INFINITY,
    ];
    this.#slopes = [1, options.compressOpening === true ? call : 1, rest, 1, rest, 1];
    const paced = [0];
    for (let i = 1; i < this.#slopes.length; i++) {
      const length = this.#corners[i] - this.#corners[i - 1];
      paced.push(paced[i - 1] + length * this.#slopes[i - 1]);
    }
    this.#paced = paced;
  }

  /** Pacing ns from the start to an exchange time; 0 before the start. */
  paceNs(eventNs: number): number {
    return Math.max(0, this.#raw(eventNs) - this.#raw(this.#fromNs));
  }

  /** Latest exchange time that is reached after `paceNs` of pacing. */
  eventNs(paceNs: number): number {
    const target = paceNs + this.#raw(this.#fromNs);
    let i = this.#slopes.length - 1;
    while (i > 0 && this.#paced[i] > target) i--;
    return this.#corners[i] + (target - this.#paced[i]) / (this.#slopes[i] || 1);
  }

  #raw(eventNs: number): number {
    let i = 0;
    while (i + 1 < this.#slopes.length && eventNs >= this.#corners[i + 1]) i++;
    return this.#paced[i] + (eventNs - this.#corners[i]) * this.#slopes[i];
  }
}
