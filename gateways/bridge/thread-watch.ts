// Whether the thread of a link still beats. Looked at by the agent in front of it: the session of a
// bridge, and the source of live quotes. Always: a frozen process counts little; a dead link
// thread is a bug, and the core starts again through recovery.
import { assert } from '../../engine/assert.ts';

/** The thread counts as dead when it did not beat for this long of our own running time. */
const DEAD_MS = 10_000;
/** Of a longer gap between two looks only this much counts: the whole process was frozen. */
const LOOK_MS = 100;

export class ThreadWatch {
  readonly #words: Int32Array;
  readonly #word: number;
  readonly #text: string;
  #beat = 0;
  #lookedMs = performance.now();
  #silentMs = 0;

  /** `word` of `words` is raised by the thread; `link` says which it is. */
  constructor(words: Int32Array, word: number, link: string) {
    this.#words = words;
    this.#word = word;
    this.#text = `the thread of the ${link} is dead`;
  }

  look(): void {
    const now = performance.now();
    this.#silentMs += Math.min(LOOK_MS, now - this.#lookedMs);
    this.#lookedMs = now;
    const beat = Atomics.load(this.#words, this.#word);
    if (beat !== this.#beat) this.#silentMs = 0;
    this.#beat = beat;
    assert(this.#silentMs < DEAD_MS, this.#text);
  }
}
