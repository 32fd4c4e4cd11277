// The recorder's ear in an actor: writes what the actor took from which input into its record ring,
// outside frames first. Gating: while the ring has no room the actor takes nothing, so nothing is
// ever missing from a recording. Read by the recorder thread, and by engine/backtest/replay.ts.
//
//   stream:  frame frame Merge(port 1, 2)  Merge(port 0, 5)  Merge(refused)  ...  Checkpoint

import type { Tap } from '../actors/port.ts';
import { assert } from '../assert.ts';
import type { StateHash } from '../core/state-hash.ts';
import { MERGE_KILL_WORD, MERGE_REFUSED, MERGE_TAKEN } from '../messages/codes.ts';
import type { FrameMemory } from '../messages/frames.ts';
import { Checkpoint, Merge } from '../messages/generated/event.ts';
import type { SpscRing } from '../ring/spsc-ring.ts';

/** Room a whole duty cycle may need, with a wide margin. */
const CYCLE_ROOM = 262_144;

export class RecordTap implements Tap {
  /** Times the actor had to wait for the recorder. */
  stalls = 0;
  readonly #ring: SpscRing;
  readonly #actor: number;
  readonly #merge = new Merge();
  readonly #checkpoint = new Checkpoint();
  #port = -1;
  #count = 0;
  /** Refused claims in a row of one output: port, first attempt, how many. */
  #refusedPort = -1;
  #refusedFirst = 0;
  #refusedCount = 0;

  constructor(ring: SpscRing, actor: number) {
    this.#ring = ring;
    this.#actor = actor;
  }

  ready(): boolean {
    const ready = this.#ring.capacityBytes - this.#ring.size() >= CYCLE_ROOM;
    if (!ready) this.stalls++;
    return ready;
  }

  outside(memory: FrameMemory, at: number): void {
    // Frames of one batch stand before its merge record: close the record of another input.
    if (this.#count > 0) this.#flush();
    const code = this.#ring.offer(memory, at);
    assert(code >= 0, `offer=${code}, expected room in the record ring`);
  }

  taken(port: number, count: number): void {
    if (this.#count > 0 && this.#port !== port) this.#flush();
    this.#port = port;
    this.#count += count;
  }

  refused(port: number, attempt: number): void {
    // A flood is refused by the thousand: attempts in a row make one record, first and number.
    const next = this.#refusedFirst + this.#refusedCount;
    if (this.#refusedCount > 0 && this.#refusedPort === port && attempt === next) {
      this.#refusedCount++;
      return;
    }
    this.#flushRefusals();
    this.#refusedPort = port;
    this.#refusedFirst = attempt;
    this.#refusedCount = 1;
  }

  killWord(on: number): void {
    this.#flush();
    this.#write(MERGE_KILL_WORD, 0, on);
    this.#ring.publish();
  }

  publish(): void {
    this.#flush();
    this.#flushRefusals();
    this.#ring.publish();
  }

  /** At the end: the hash over everything the actor emitted. */
  checkpoint(hash: StateHash): void {
    this.#flush();
    this.#flushRefusals();
    const at = this.#ring.tryClaim(Checkpoint.BYTES);
    if (at < 0) return;
    const out = this.#checkpoint.begin(this.#ring.memory, at);
    const hex = hash.hex();
    out.actor = this.#actor;
    out.hashA = Number.parseInt(hex.slice(0, 8), 16) | 0;
    out.hashB = Number.parseInt(hex.slice(8), 16) | 0;
    this.#ring.commit();
    this.#ring.publish();
  }

  #flush(): void {
    if (this.#count === 0) return;
    this.#write(MERGE_TAKEN, this.#port, this.#count);
    this.#count = 0;
  }

  #flushRefusals(): void {
    if (this.#refusedCount === 0) return;
    this.#write(MERGE_REFUSED, this.#refusedPort, this.#refusedCount, this.#refusedFirst);
    this.#refusedCount = 0;
  }

  #write(kind: number, port: number, count: number, first = 0): void {
    const at = this.#ring.tryClaim(Merge.BYTES);
    assert(at >= 0, `claim=${at}, expected room in the record ring`);
    const merge = this.#merge.begin(this.#ring.memory, at);
    merge.actor = this.#actor;
    merge.kind = kind;
    // Of refusals: the first attempt; of everything else 0.
    merge.sequence = first;
    merge.port = port;
    merge.count = count;
    this.#ring.commit();
  }
}
