// What a thread does when a duty cycle found nothing to do. Only the agent runner calls `idle`.
// Spin: a pinned core of its own. Yield: few threads on few cores. Back off: shared cores, short
// gaps. Park: everything else; woken by the doorbell its input rings share. Always holds: work
// resets every strategy to its most eager step; `timeoutMs` bounds a sleep even without a ring.
import { assert } from '../assert.ts';
import type { Doorbell, IdleCheck } from '../ring/doorbell.ts';

/** `workCount`: what the duty cycle handled; above 0 means go on at once. */
export interface IdleStrategy {
  idle(workCount: number): void;
}

/** Gives the core to another thread for a moment; the host injects sched_yield where it can. */
export interface Yielder {
  yieldThread(): void;
}

/** Shortest sleep the runtime has: a wait that nobody ends, with a timeout of a microsecond. */
export class NapYielder implements Yielder {
  readonly #word = new Int32Array(new SharedArrayBuffer(4));

  yieldThread(): void {
    Atomics.wait(this.#word, 0, 0, 0.001);
  }
}

/** Never gives the core away. */
export class SpinIdleStrategy implements IdleStrategy {
  idle(_workCount: number): void {}
}

/** Spins `spins` idle cycles, then yields on each further one. */
export class YieldIdleStrategy implements IdleStrategy {
  readonly #yielder: Yielder;
  readonly #spins: number;
  #idleCycles = 0;

  constructor(yielder: Yielder = new NapYielder(), spins = 100) {
    assert(spins >= 0, `spins=${spins}, expected at least 0`);
    this.#yielder = yielder;
    this.#spins = spins;
  }

  idle(workCount: number): void {
    if (workCount > 0) {
      this.#idleCycles = 0;
      return;
    }
    if (this.#idleCycles < this.#spins) {
      this.#idleCycles++;
      return;
    }
    this.#yielder.yieldThread();
  }
}

/** Limits of BackoffIdleStrategy; sleeps double from the first to the last. */
export interface BackoffLimits {
  readonly spins: number;
  readonly yields: number;
  readonly sleepMinMs: number;
  readonly sleepMaxMs: number;
}

const BACKOFF_DEFAULTS: BackoffLimits = {
  spins: 1000,
  yields: 50,
  sleepMinMs: 0.05,
  sleepMaxMs: 1,
};

/** Spins, then yields, then sleeps longer and longer; with a doorbell a ring ends the sleep. */
export class BackoffIdleStrategy implements IdleStrategy {
  readonly #yielder: Yielder;
  readonly #limits: BackoffLimits;
  readonly #bell: Doorbell | null;
  readonly #inputs: IdleCheck | null;
  readonly #word = new Int32Array(new SharedArrayBuffer(4));
  #idleCycles = 0;
  #sleepMs: number;

  /** `bell` and `inputs` go together: the thread's doorbell, and whether all inputs are empty. */
  constructor(
    yielder: Yielder = new NapYielder(),
    limits: BackoffLimits = BACKOFF_DEFAULTS,
    bell: Doorbell | null = null,
    inputs: IdleCheck | null = null,
  ) {
    assert(limits.sleepMinMs > 0, `sleepMinMs=${limits.sleepMinMs}, expected above 0`);
    assert(
      limits.sleepMaxMs >= limits.sleepMinMs,
      `sleepMaxMs=${limits.sleepMaxMs}, expected at least sleepMinMs=${limits.sleepMinMs}`,
    );
    assert((bell === null) === (inputs === null), 'bell and inputs, expected both or neither');
    this.#yielder = yielder;
    this.#limits = limits;
    this.#bell = bell;
    this.#inputs = inputs;
    this.#sleepMs = limits.sleepMinMs;
  }

  idle(workCount: number): void {
    const limits = this.#limits;
    if (workCount > 0) {
      this.#idleCycles = 0;
      this.#sleepMs = limits.sleepMinMs;
      return;
    }
    if (this.#idleCycles < limits.spins + limits.yields) {
      if (this.#idleCycles++ >= limits.spins) this.#yielder.yieldThread();
      return;
    }
    if (this.#bell !== null && this.#inputs !== null) this.#bell.park(this.#sleepMs, this.#inputs);
    else Atomics.wait(this.#word, 0, 0, this.#sleepMs);
    this.#sleepMs = Math.min(this.#sleepMs * 2, limits.sleepMaxMs);
  }
}

/** Parks at once on the thread's doorbell; the choice without two free cores. */
export class ParkIdleStrategy implements IdleStrategy {
  readonly #bell: Doorbell;
  readonly #inputs: IdleCheck;
  readonly #timeoutMs: number;

  /** `timeoutMs` bounds the sleep, so that timers and the kill word are looked at in time. */
  constructor(bell: Doorbell, inputs: IdleCheck, timeoutMs: number) {
    assert(timeoutMs > 0, `timeoutMs=${timeoutMs}, expected above 0`);
    this.#bell = bell;
    this.#inputs = inputs;
    this.#timeoutMs = timeoutMs;
  }

  idle(workCount: number): void {
    if (workCount === 0) this.#bell.park(this.#timeoutMs, this.#inputs);
  }
}
