// Wakes a reader thread that parked because all its inputs were empty. One per reader thread; any
// number of writers may ring it. Rings call `ring` after each publish; ParkIdleStrategy parks.
// No wake-up is lost: the writer stores its position and then reads `parked`; the reader stores
// `parked` and then reads the positions. All four are sequentially consistent, so at least one
// side sees the other (Dekker). Cost of `ring` while the reader is awake: one load.
import { assert } from '../assert.ts';
import { LINE_PAIR_BYTES } from './layout.ts';

const PARKED_WORD = 0;

/** Answers whether the parking thread still has nothing to do; must read shared positions. */
export interface IdleCheck {
  isIdle(): boolean;
}

/** One instance per thread over the same shared word. */
export class Doorbell {
  /** Shared bytes of one doorbell. */
  static readonly BYTES = LINE_PAIR_BYTES;
  readonly #words: Int32Array;
  readonly #canWait: boolean;
  /** Times this instance slept, and times it woke a sleeper; for counters. */
  parks = 0;
  wakes = 0;

  /** `byteOffset`: multiple of 128. Over a plain ArrayBuffer nobody else can ring: no parking. */
  constructor(buffer: ArrayBufferLike, byteOffset: number) {
    assert(
      byteOffset % LINE_PAIR_BYTES === 0,
      `byteOffset=${byteOffset}, expected a multiple of ${LINE_PAIR_BYTES}`,
    );
    this.#words = new Int32Array(buffer, byteOffset, 1);
    this.#canWait = buffer instanceof SharedArrayBuffer;
  }

  /** Call after publishing. Wakes the reader if it is parked or about to park. */
  ring(): void {
    if (!this.#canWait || Atomics.load(this.#words, PARKED_WORD) === 0) return;
    Atomics.store(this.#words, PARKED_WORD, 0);
    Atomics.notify(this.#words, PARKED_WORD, 1);
    this.wakes++;
  }

  /** Sleeps until a ring or `timeoutMs`; returns at once when `stillIdle` has found work. */
  park(timeoutMs: number, stillIdle: IdleCheck): void {
    if (!this.#canWait) return;
    Atomics.store(this.#words, PARKED_WORD, 1);
    if (stillIdle.isIdle()) {
      this.parks++;
      Atomics.wait(this.#words, PARKED_WORD, 1, timeoutMs);
    }
    Atomics.store(this.#words, PARKED_WORD, 0);
  }
}

/**
 * Rings at the end of the duty cycle: waking a sleeper is a system call of microseconds, and the
 * actors behind this one on the same thread are on the order's way. The thread's runner flushes.
 */
export class DeferredDoorbell extends Doorbell {
  #wanted = false;

  override ring(): void {
    this.#wanted = true;
  }

  /** Rings now if anybody asked for it since the last flush. */
  flush(): void {
    if (!this.#wanted) return;
    this.#wanted = false;
    super.ring();
  }
}
