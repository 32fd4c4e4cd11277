// Copies of many frames of one size, in a few large pieces of memory: 65,536 orders as buffers
// of their own would take three times as much. Called by the event cache and by recovery.
// Invariant: a slot keeps its place until it is given back; memory grows by whole pieces.
import { copyFrame, FrameMemory } from '../messages/frames.ts';

const SLOTS_PER_PIECE = 1024;

export class FrameSlab {
  readonly #slotBytes: number;
  readonly #pieces: FrameMemory[] = [];
  readonly #free: number[] = [];
  #count = 0;

  /** `slotBytes`: the longest frame it will hold, a multiple of 8. */
  constructor(slotBytes: number) {
    this.#slotBytes = slotBytes;
  }

  /** Slots in use. */
  get size(): number {
    return this.#count - this.#free.length;
  }

  /** Copies the frame at byte `at` into a free slot; the slot. */
  add(memory: FrameMemory, at: number): number {
    const slot = this.#free.pop() ?? this.#count++;
    if (slot >= this.#pieces.length * SLOTS_PER_PIECE) {
      this.#pieces.push(new FrameMemory(new ArrayBuffer(SLOTS_PER_PIECE * this.#slotBytes)));
    }
    this.put(slot, memory, at);
    return slot;
  }

  /** Overwrites a slot with the frame at byte `at`. */
  put(slot: number, memory: FrameMemory, at: number): void {
    copyFrame(memory, at, this.memoryOf(slot), this.byteOf(slot));
  }

  /** Gives the slot back. */
  remove(slot: number): void {
    this.#free.push(slot);
  }

  memoryOf(slot: number): FrameMemory {
    return this.#pieces[Math.floor(slot / SLOTS_PER_PIECE)]!;
  }

  byteOf(slot: number): number {
    return (slot % SLOTS_PER_PIECE) * this.#slotBytes;
  }
}
