// The host's monotonic clock, the same on every thread of a process, in ns since a moment the
// process chose. Injected into actors as their MonoClock. Invariant: never steps back, whatever
// happens to the wall clock. One call allocates at most one number.
import type { MonoClock } from '../actors/clock.ts';

export class HostClock implements MonoClock {
  /** hrtime of this thread's performance origin, less the process's zero, in ns. */
  readonly #offsetNs: number;

  /** `zeroNs`: hrtime in ns that reads as 0; take it once per process (`HostClock.zero()`). */
  constructor(zeroNs: bigint) {
    const before = process.hrtime.bigint();
    const sinceOriginMs = performance.now();
    this.#offsetNs = Number(before - zeroNs) - sinceOriginMs * 1e6;
  }

  /** A zero for the whole process: an hour before now, so that no stamp is 0 or negative. */
  static zero(): bigint {
    return process.hrtime.bigint() - 3_600_000_000_000n;
  }

  nowNs(): number {
    return this.#offsetNs + performance.now() * 1e6;
  }
}
