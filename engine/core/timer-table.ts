// A strategy's pending timers. Called by the strategy host only. Time comes from messages: a timer
// fires with the first event at or after its time, so a replay fires it at the same place.
// Few timers (TIMERS_MAX), looked through only when the earliest is due. Allocates at start.

export const TIMER_NONE = -1;

export class TimerTable {
  /** Due time by slot; Infinity = free. */
  readonly #dueNs: Float64Array;
  readonly #number: Int32Array;
  #next = 1;
  /** Earliest due time; Infinity = none. */
  earliestNs = Number.POSITIVE_INFINITY;

  constructor(capacity: number) {
    this.#dueNs = new Float64Array(capacity).fill(Number.POSITIVE_INFINITY);
    this.#number = new Int32Array(capacity);
  }

  /** Number of the new timer, or TIMER_NONE when all slots are taken or `dueNs` is no time. */
  add(dueNs: number): number {
    if (!Number.isFinite(dueNs)) return TIMER_NONE;
    const slot = this.#dueNs.indexOf(Number.POSITIVE_INFINITY);
    if (slot < 0) return TIMER_NONE;
    this.#dueNs[slot] = dueNs;
    this.#number[slot] = this.#next;
    if (dueNs < this.earliestNs) this.earliestNs = dueNs;
    return this.#next++;
  }

  /** Forgets every timer: they were of a day that is over. */
  clear(): void {
    this.#dueNs.fill(Number.POSITIVE_INFINITY);
    this.earliestNs = Number.POSITIVE_INFINITY;
  }

  /** Takes the earliest timer due at `nowNs`: its number, or TIMER_NONE. */
  take(nowNs: number): number {
    if (this.earliestNs > nowNs) return TIMER_NONE;
    let best = 0;
    for (let i = 1; i < this.#dueNs.length; i++) {
      const earlier = this.#dueNs[i] < this.#dueNs[best];
      const same = this.#dueNs[i] === this.#dueNs[best] && this.#number[i] < this.#number[best];
      if (earlier || same) best = i;
    }
    this.#dueNs[best] = Number.POSITIVE_INFINITY;
    let earliest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#dueNs.length; i++) {
      if (this.#dueNs[i] < earliest) earliest = this.#dueNs[i];
    }
    this.earliestNs = earliest;
    return this.#number[best];
  }
}
