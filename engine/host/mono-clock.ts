// The host's monotonic clock, the same on every thread of a process, in ns since a moment the
// process chose. Injected into actors as their MonoClock. Invariant: never steps back, whatever
// happens to the wall clock. One call allocates at most one number.
import type { MonoClock } from '../actors/clock.ts';

/** Readings to find a thread's offset; one undisturbed one is enough. */
const TRIES = 200;

export class HostClock implements MonoClock {
  /** hrtime of this thread's performance origin, less the process's zero, in ns. */
  readonly #offsetNs: number;

  /** `zeroNs`: hrtime in ns that reads as 0; take it once per process (`HostClock.zero()`). */
  constructor(zeroNs: bigint) {
    // The thread may lose its core between the two readings: the tightest of many tries counts.
    let offsetNs = 0;
    let tightest = Number.POSITIVE_INFINITY;
    for (let i = 0; i < TRIES; i++) {
      const before = process.hrtime.bigint();
      const sinceOriginMs = performance.now();
      const after = process.hrtime.bigint();
      const width = Number(after - before);
      if (width >= tightest) continue;
      tightest = width;
      offsetNs = Number(before - zeroNs) + width / 2 - sinceOriginMs * 1e6;
    }
    this.#offsetNs = offsetNs;
  }

  /** A zero for the whole process: an hour before now, so that no stamp is 0 or negative. */
  static zero(): bigint {
    return process.hrtime.bigint() - 3_600_000_000_000n;
  }

  nowNs(): number {
    return this.#offsetNs + performance.now() * 1e6;
  }

  stamp(slots: Float64Array, index: number): void {
    slots[index] = this.#offsetNs + performance.now() * 1e6;
  }
}
