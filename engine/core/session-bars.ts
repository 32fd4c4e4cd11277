// Where the bars of an instrument's day begin and end: cut along its trading time, so that lunch
// is no part of a bar and a 60-minute bar is 9:30-10:30, as every chart of the field shows it.
// Called by the strategy host. What trades outside continuous trading joins the bar beside it: the
// opening auction the first one, the closing auction the last. Always: bars of a day do not
// overlap and leave no trade out. Allocates at construction only.
import { PHASE_CLOSED, PHASE_CLOSING_CALL, PHASE_CONTINUOUS } from '../messages/codes.ts';
import type { PhaseStep } from './instrument.ts';

export class SessionBars {
  /** Begin and end of each stretch of trading, ns since midnight. */
  readonly #from: Float64Array;
  readonly #to: Float64Array;
  /** Trading time before each stretch. */
  readonly #before: Float64Array;
  /** Trading time of the day; 0 = the instrument has none. */
  readonly totalNs: number;

  constructor(phases: readonly PhaseStep[]) {
    const from: number[] = [];
    const to: number[] = [];
    for (let k = 0; k + 1 < phases.length; k++) {
      const { phase, ns } = phases[k]!;
      const end = phases[k + 1]!.ns;
      const isMore = phase === PHASE_CLOSING_CALL && to[to.length - 1] === ns;
      if (isMore) to[to.length - 1] = end;
      else if (phase === PHASE_CONTINUOUS) {
        from.push(ns);
        to.push(end);
      }
    }
    this.#from = Float64Array.from(from);
    this.#to = Float64Array.from(to);
    this.#before = new Float64Array(from.length);
    let total = 0;
    for (let k = 0; k < from.length; k++) {
      this.#before[k] = total;
      total += to[k]! - from[k]!;
    }
    this.totalNs = total;
  }

  /** Number of the bar that takes what trades at `ns`. */
  indexAt(ns: number, intervalNs: number): number {
    const last = this.#from.length - 1;
    let k = 0;
    while (k < last && ns >= this.#from[k + 1]) k++;
    const length = this.#to[k] - this.#from[k];
    let inside = ns - this.#from[k];
    // What comes behind a stretch belongs to its last bar, what comes before to its first.
    if (inside >= length) inside = length - 1;
    else if (inside < 0) inside = 0;
    return Math.floor((this.#before[k] + inside) / intervalNs);
  }

  /** Begin of a bar; the later stretch where one ends just there. */
  startNs(index: number, intervalNs: number): number {
    const at = index * intervalNs;
    let k = this.#from.length - 1;
    while (k > 0 && at < this.#before[k]) k--;
    return this.#from[k] + (at - this.#before[k]);
  }

  /** End of a bar; the earlier stretch where one ends just there, the day's end at most. */
  endNs(index: number, intervalNs: number): number {
    const at = Math.min((index + 1) * intervalNs, this.totalNs);
    let k = this.#from.length - 1;
    while (k > 0 && at <= this.#before[k]) k--;
    return this.#from[k] + (at - this.#before[k]);
  }
}

/** First moment after all trading of a day; 0 = it has no phases. */
export function dayEndNs(phases: readonly PhaseStep[]): number {
  for (let k = 0; k < phases.length; k++) {
    if (phases[k]!.phase === PHASE_CLOSED) return phases[k]!.ns;
  }
  return phases.length === 0 ? 0 : phases[phases.length - 1]!.ns;
}
