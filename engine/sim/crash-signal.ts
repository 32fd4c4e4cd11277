// How a process dies in the simulator: the effect at hand throws this, and nothing of the process
// runs any more. Thrown by the simulated disk and the tapped rings, caught by the world only.
// Invariant: between two effects of an actor there is exactly one place where a crash may fall.
export class CrashSignal extends Error {
  constructor(where: string) {
    super(`crash at ${where}`);
  }
}

/** Counts effects down to the one at which the process dies. */
export class CrashPoint {
  /** Effects left until the crash; 0 = not armed. */
  #left = 0;
  /** The next write is the crash, whenever it comes. */
  #write = false;
  /** Effects of another process pass by: this one is not running. */
  paused = false;
  /** Where the armed crash fell; '' = it has not. */
  fell = '';

  arm(effects: number): void {
    this.#left = effects;
    this.fell = '';
  }

  /** The next write is the one. */
  armWrite(): void {
    this.#write = true;
    this.fell = '';
  }

  disarm(): void {
    this.#left = 0;
    this.#write = false;
  }

  /** A write is about to happen: one that was waited for is the next effect. */
  meetWrite(): void {
    if (this.paused) return;
    if (this.#write) this.#left = 1;
    this.#write = false;
  }

  /** An effect is about to happen (or has happened); throws CrashSignal when this is the one. */
  effect(where: string): void {
    if (!this.paused && this.#left > 0 && --this.#left === 0) {
      this.fell = where;
      throw new CrashSignal(where);
    }
  }

  /** Whether the next effect is the crash: a write then leaves a torn tail. */
  isNext(): boolean {
    return !this.paused && this.#left === 1;
  }
}
