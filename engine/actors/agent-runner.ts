// Runs the agents of one thread until it is told to stop: duty cycle after duty cycle, idling only
// when a whole cycle found nothing. Beats for its agents so the supervisor sees them live.
// Invariant: nothing but this loop idles; a stop is seen within one cycle or one idle timeout.
import type { DeferredDoorbell, IdleCheck } from '../ring/doorbell.ts';
import type { Agent } from './agent.ts';
import type { MonoClock } from './clock.ts';
import type { IdleStrategy } from './idle-strategy.ts';

/** Working cycles between two heartbeats: few, because one of user code may be long. */
const BEAT_CYCLES = 8;

/** Where heartbeats and work counts go. */
export interface Pulse {
  /** The thread is alive at `monotonicNs`; `work` frames were handled since the last beat. */
  beat(agent: number, monotonicNs: number, work: number): void;
}

export class AgentRunner implements IdleCheck {
  readonly #agents: readonly Agent[];
  readonly #pulse: Pulse;
  readonly #clock: MonoClock;
  /** Shared word: not 0 = stop. */
  readonly #stopWord: Int32Array;
  readonly #work: Float64Array;
  readonly #bells: readonly DeferredDoorbell[];
  #idle: IdleStrategy | null = null;

  /** `bells`: rung once after each cycle, when all agents of this thread had their turn. */
  constructor(
    agents: readonly Agent[],
    pulse: Pulse,
    clock: MonoClock,
    stopWord: Int32Array,
    bells: readonly DeferredDoorbell[] = [],
  ) {
    this.#bells = bells;
    this.#agents = agents;
    this.#pulse = pulse;
    this.#clock = clock;
    this.#stopWord = stopWord;
    this.#work = new Float64Array(agents.length);
  }

  /** Until the stop word is set. Throws what an agent throws: a bug stops the thread. */
  run(idle: IdleStrategy): void {
    this.#idle = idle;
    const agents = this.#agents;
    for (let i = 0; i < agents.length; i++) agents[i]!.onStart();
    flushBells(this.#bells);
    let sinceBeat = 0;
    while (Atomics.load(this.#stopWord, 0) === 0) {
      let total = 0;
      for (let i = 0; i < agents.length; i++) {
        const work = agents[i]!.doWork();
        this.#work[i] += work;
        total += work;
      }
      flushBells(this.#bells);
      if (total === 0 || ++sinceBeat >= BEAT_CYCLES) {
        this.#beat();
        sinceBeat = 0;
      }
      this.#idle.idle(total);
    }
    this.#beat();
    for (let i = agents.length - 1; i >= 0; i--) agents[i]!.onClose();
  }

  isIdle(): boolean {
    if (Atomics.load(this.#stopWord, 0) !== 0) return false;
    for (let i = 0; i < this.#agents.length; i++) {
      if (!this.#agents[i]!.isIdle()) return false;
    }
    return true;
  }

  #beat(): void {
    const now = this.#clock.nowNs();
    for (let i = 0; i < this.#agents.length; i++) {
      this.#pulse.beat(i, now, this.#work[i]);
      this.#work[i] = 0;
    }
  }
}

/** Wakes the threads that this cycle has written to. */
export function flushBells(bells: readonly DeferredDoorbell[]): void {
  for (let i = 0; i < bells.length; i++) bells[i]!.flush();
}
