// Lockstep over threads: a turn goes from actor to actor in the order of the topology, and only the
// actor whose turn it is works, so threads give the schedule of one thread: paper in lockstep and
// backtest agree to the last bit. Invariant: exactly one actor works at a time; the round is quiet
// when none of them found anything, and only then the exchange releases the next event.
import type { Agent } from '../actors/agent.ts';
import { flushBells, type Pulse } from '../actors/agent-runner.ts';
import type { MonoClock } from '../actors/clock.ts';
import type { DeferredDoorbell, Doorbell, IdleCheck } from '../ring/doorbell.ts';
import { WORD_QUIET, WORD_STOP, WORD_TURN, WORD_WORK } from './memory-map.ts';

const PARK_MS = 20;
/** Looks at the turn word before it parks: turns come back within microseconds. */
const SPINS = 2_000;
const BEAT_TURNS = 512;
/** Pause between two looks at a recorder that is behind. */
const RECORDER_WAIT_MS = 1;

export interface TurnSeat {
  /** Position of the actor in the topology. */
  readonly turn: number;
  readonly agent: Agent;
  /** The recorder's ear in the actor. */
  readonly tap: { ready(): boolean };
}

export class TurnRunner implements IdleCheck {
  readonly #seats: readonly TurnSeat[];
  readonly #byTurn: (TurnSeat | undefined)[];
  readonly #words: Int32Array;
  /** Bell of the thread of each actor of the topology. */
  readonly #bells: readonly Doorbell[];
  readonly #own: Doorbell;
  readonly #deferred: readonly DeferredDoorbell[];
  readonly #pulse: Pulse;
  readonly #clock: MonoClock;

  constructor(
    seats: readonly TurnSeat[],
    words: Int32Array,
    bells: readonly Doorbell[],
    own: Doorbell,
    deferred: readonly DeferredDoorbell[],
    pulse: Pulse,
    clock: MonoClock,
  ) {
    this.#seats = seats;
    this.#byTurn = bells.map((_, turn) => seats.find((seat) => seat.turn === turn));
    this.#words = words;
    this.#bells = bells;
    this.#own = own;
    this.#deferred = deferred;
    this.#pulse = pulse;
    this.#clock = clock;
  }

  /** Until the stop word is set. */
  run(): void {
    for (const seat of this.#seats) seat.agent.onStart();
    let turns = 0;
    let spins = 0;
    while (Atomics.load(this.#words, WORD_STOP) === 0) {
      const turn = Atomics.load(this.#words, WORD_TURN);
      const seat = this.#byTurn[turn];
      if (seat !== undefined) {
        this.#take(seat, turn);
        spins = 0;
        if (++turns % BEAT_TURNS === 0) this.#beat(0);
        continue;
      }
      if (++spins < SPINS) continue;
      this.#beat(0);
      this.#own.park(PARK_MS, this);
    }
    for (const seat of this.#seats) seat.agent.onClose();
  }

  isIdle(): boolean {
    if (Atomics.load(this.#words, WORD_STOP) !== 0) return false;
    return this.#byTurn[Atomics.load(this.#words, WORD_TURN)] === undefined;
  }

  #take(seat: TurnSeat, turn: number): void {
    const words = this.#words;
    // An actor that waits for the recorder finds nothing, and the round would pass for quiet while
    // its inputs are full: the turn waits instead, so that recording never changes the schedule.
    while (!seat.tap.ready()) {
      if (Atomics.load(words, WORD_STOP) !== 0) return;
      this.#beat(0);
      Atomics.wait(words, WORD_STOP, 0, RECORDER_WAIT_MS);
    }
    const work = seat.agent.doWork();
    flushBells(this.#deferred);
    if (work > 0) Atomics.add(words, WORD_WORK, work);
    const last = turn + 1 === this.#bells.length;
    if (last) {
      const round = Atomics.load(words, WORD_WORK);
      Atomics.store(words, WORD_WORK, 0);
      Atomics.store(words, WORD_QUIET, round === 0 ? 1 : 0);
      if (round === 0) this.#beat(0);
    }
    const next = last ? 0 : turn + 1;
    Atomics.store(words, WORD_TURN, next);
    if (this.#byTurn[next] === undefined) this.#bells[next]!.ring();
  }

  #beat(work: number): void {
    const now = this.#clock.nowNs();
    for (let i = 0; i < this.#seats.length; i++) this.#pulse.beat(i, now, work);
  }
}
