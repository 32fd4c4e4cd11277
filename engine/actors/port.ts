// The inputs and outputs of an actor, with the tap of the recorder: every batch taken from an
// input, and every frame an output could not take, is told to the tap, because those two are all
// that timing can change; from them and the outside frames a replay reproduces the actor exactly.
// Invariant: outside frames reach the tap before the actor sees them.
import type { StateHash } from '../core/state-hash.ts';
import { BODY_OFFSET, type FrameMemory, frameLength } from '../messages/frames.ts';
import { TYPE_INTENT, TYPE_ORDER, TYPE_REQUEST } from '../messages/generated/types.ts';
import type { FrameHandler } from '../ring/frame-handler.ts';
import type { SpscRing } from '../ring/spsc-ring.ts';

/** What an actor tells its recorder. */
export interface Tap {
  /** False while the recorder is behind: the actor must not take anything then. */
  ready(): boolean;
  /** A frame from outside is about to be handled. */
  outside(memory: FrameMemory, at: number): void;
  /** `count` frames were taken from input `port`. */
  taken(port: number, count: number): void;
  /** The `attempt`-th claim of output `port` was refused. */
  refused(port: number, attempt: number): void;
  /** The gateway acted on the shared kill word. */
  killWord(on: number): void;
  /** End of a duty cycle that did something. */
  publish(): void;
}

/** Records nothing (a backtest is its own recording). */
export class NoTap implements Tap {
  ready(): boolean {
    return true;
  }
  outside(_memory: FrameMemory, _at: number): void {}
  taken(_port: number, _count: number): void {}
  refused(_port: number, _attempt: number): void {}
  killWord(_on: number): void {}
  publish(): void {}
}

/** Frames an input hands out: a ring, or a recording in a replay. */
export interface FrameInput {
  poll(handler: FrameHandler, limit: number): number;
  isEmpty(): boolean;
}

/** One input of an actor. `outside` inputs are recorded frame by frame. */
export class InPort implements FrameHandler {
  readonly #input: FrameInput;
  readonly #port: number;
  readonly #outside: boolean;
  readonly #tap: Tap;
  readonly #handler: FrameHandler;

  constructor(input: FrameInput, port: number, outside: boolean, tap: Tap, handler: FrameHandler) {
    this.#input = input;
    this.#port = port;
    this.#outside = outside;
    this.#tap = tap;
    this.#handler = handler;
  }

  /** Hands up to `limit` frames to the actor; how many. */
  poll(limit: number): number {
    if (limit <= 0) return 0;
    const count = this.#input.poll(this.#outside ? this : this.#handler, limit);
    if (count > 0) this.#tap.taken(this.#port, count);
    return count;
  }

  isEmpty(): boolean {
    return this.#input.isEmpty();
  }

  onFrame(type: number, memory: FrameMemory, at: number): void {
    this.#tap.outside(memory, at);
    this.#handler.onFrame(type, memory, at);
  }
}

/** Which claims of a recorded run were refused, for its replay. */
export interface RefusalPlan {
  /** Whether the `attempt`-th claim of `port` was refused then. */
  wasRefused(port: number, attempt: number): boolean;
}

/** One output of an actor. Numbers its frames; every claim must be committed. */
export class OutPort {
  readonly memory: FrameMemory;
  readonly #ring: SpscRing;
  readonly #port: number;
  readonly #tap: Tap;
  readonly #plan: RefusalPlan | null;
  #attempts = 0;
  #sequence = 0;
  #at = 0;
  /** Bytes of the open claim, and of all commits since the last publish, filler included. */
  #claimed = 0;
  #unpublished = 0;
  readonly #source: number;
  /** Over everything emitted but host times, for replay checks; null = not wanted. */
  readonly #hash: StateHash | null;

  constructor(
    ring: SpscRing,
    port: number,
    source: number,
    tap: Tap,
    hash: StateHash | null = null,
    plan: RefusalPlan | null = null,
  ) {
    this.#ring = ring;
    this.#port = port;
    this.#source = source;
    this.#tap = tap;
    this.#hash = hash;
    this.#plan = plan;
    this.memory = ring.memory;
  }

  /** Frames refused so far because the ring was full. */
  refusals = 0;

  /** Byte offset in `memory` of room for a frame of `bytes`, or negative: full, the tap knows. */
  claim(bytes: number): number {
    const attempt = ++this.#attempts;
    const planned = this.#plan?.wasRefused(this.#port, attempt) ?? false;
    const at = planned ? -1 : this.#ring.tryClaim(bytes);
    if (at < 0) {
      this.refusals++;
      this.#tap.refused(this.#port, attempt);
    }
    this.#at = at;
    this.#claimed = bytes;
    return at;
  }

  /** Finishes the claimed frame: numbers it, names its source, commits it. */
  commit(): void {
    const memory = this.memory;
    const word = (this.#at + BODY_OFFSET) >> 2;
    memory.i32[word] = this.#sequence = (this.#sequence + 1) | 0;
    memory.i16[(this.#at + BODY_OFFSET + 4) >> 1] = this.#source;
    if (this.#hash !== null) hashFrame(this.#hash, memory, this.#at);
    this.#ring.commit();
    // A frame at 0 may have left filler behind, never more than its own length.
    this.#unpublished += this.#at === 0 ? this.#claimed * 2 : this.#claimed;
  }

  /** Makes committed frames visible to the reader. */
  publish(): void {
    this.#ring.publish();
    this.#unpublished = 0;
  }

  /** Bytes that are free now, less what is committed and not published yet. */
  room(): number {
    return this.#ring.capacityBytes - this.#ring.size() - this.#unpublished;
  }

  get sequence(): number {
    return this.#sequence;
  }

  get capacityBytes(): number {
    return this.#ring.capacityBytes;
  }
}

/** Mixes a frame's type and body into `hash`, but not recvNs (a host time). */
function hashFrame(hash: StateHash, memory: FrameMemory, at: number): void {
  const i32 = memory.i32;
  const start = at >> 2;
  const end = start + (frameLength(memory, at) >> 2);
  const type = i32[start + 1];
  hash.int(type);
  // Head: sequence, source and flags, eventNs; then recvNs is passed over.
  for (let i = start + 6; i < start + 10; i++) hash.int(i32[i]);
  const last = end - hostTimeWords(type);
  for (let i = start + 12; i < last; i++) hash.int(i32[i]);
}

/** Words of host times at the end of a frame of this type (one, two or three float64). */
function hostTimeWords(type: number): number {
  if (type === TYPE_INTENT) return 2;
  if (type === TYPE_ORDER) return 4;
  return type === TYPE_REQUEST ? 6 : 0;
}

/** Where actors show people what happened; lossy, never blocks. */
export interface EventSink {
  /** Room for a frame in `memory`, or negative when it cannot be shown. */
  readonly memory: FrameMemory;
  claim(bytes: number): number;
  commit(): void;
  /** Whether anybody looks at frames of a type; absent = at all. */
  readonly wants?: (type: number) => boolean;
  /** Copies a whole frame. */
  offer(source: FrameMemory, at: number): void;
  publish(): void;
}
