// Where actors show people what happens: a broadcast ring towards the supervisor, a list for tests
// and backtests, or nothing. Made by the assembly. Invariant: showing never blocks an actor.
import type { EventSink } from '../actors/port.ts';
import { FrameMemory, frameLength, frameType } from '../messages/frames.ts';
import type { BroadcastWriter } from '../ring/broadcast-ring.ts';
import type { FrameHandler } from '../ring/frame-handler.ts';

/** Bytes no frame exceeds. */
const SCRATCH_BYTES = 1024;

/** Towards the supervisor and the api process. */
export class BroadcastSink implements EventSink {
  readonly memory: FrameMemory;
  readonly #ring: BroadcastWriter;

  constructor(ring: BroadcastWriter) {
    this.#ring = ring;
    this.memory = ring.memory;
  }

  claim(bytes: number): number {
    return this.#ring.tryClaim(bytes);
  }

  commit(): void {
    this.#ring.commit();
  }

  offer(source: FrameMemory, at: number): void {
    this.#ring.offer(source, at);
  }

  publish(): void {
    this.#ring.publish();
  }
}

/** Hands each frame to a handler at once (backtests collect fills this way); null = to nobody. */
export class DirectSink implements EventSink {
  readonly memory = new FrameMemory(new ArrayBuffer(SCRATCH_BYTES));
  readonly #handler: FrameHandler | null;
  readonly #types: ReadonlySet<number>;

  /** Only frames of `types` are wanted: others are not even written. */
  constructor(handler: FrameHandler | null, types: ReadonlySet<number>) {
    this.#handler = handler;
    this.#types = types;
  }

  wants(type: number): boolean {
    return this.#handler !== null && this.#types.has(type);
  }

  claim(bytes: number): number {
    return this.#handler === null || bytes > SCRATCH_BYTES ? -1 : 0;
  }

  commit(): void {
    this.#give(this.memory, 0);
  }

  offer(source: FrameMemory, at: number): void {
    if (this.#handler !== null && frameLength(source, at) > 0) this.#give(source, at);
  }

  publish(): void {}

  #give(memory: FrameMemory, at: number): void {
    const type = frameType(memory, at);
    if (this.#types.has(type)) this.#handler?.onFrame(type, memory, at);
  }
}
