// Frames whose every word follows from their sequence, so that any lost, torn, repeated or stale
// word is found. Used by the unit, race and allocation tests of the rings.
import type { FrameMemory } from '../../../engine/messages/frames.ts';
import type { FrameHandler } from '../../../engine/ring/frame-handler.ts';

/** Type number of a pattern frame; any but 0, which is filler. */
export const PATTERN_TYPE = 7;
/** Header, sequence, inverted sequence. */
export const PATTERN_BYTES_MIN = 16;

/** Writes a frame of `bytes` (a multiple of 8, at least 16) for `sequence` at byte `at`. */
export function writePattern(
  memory: FrameMemory,
  at: number,
  bytes: number,
  sequence: number,
): void {
  const i32 = memory.i32;
  let word = at >> 2;
  const end = (at + bytes) >> 2;
  i32[word++] = bytes;
  i32[word++] = PATTERN_TYPE;
  let value = sequence | 0;
  while (word < end) {
    i32[word++] = value;
    value = (value + 0x9e3779b1) | 0;
  }
}

/** True when every word of the frame at `at` belongs to `sequence`. */
export function isPattern(memory: FrameMemory, at: number, sequence: number): boolean {
  const i32 = memory.i32;
  let word = (at >> 2) + 2;
  const end = (at + i32[at >> 2]) >> 2;
  let value = sequence | 0;
  while (word < end) {
    if (i32[word++] !== value) return false;
    value = (value + 0x9e3779b1) | 0;
  }
  return true;
}

/** Length of frame number `sequence`: 16 to `bytesMax`, from a mixed-up sequence. */
export function patternBytes(sequence: number, bytesMax: number): number {
  const mixed = Math.imul(sequence ^ (sequence >>> 15), 0x2c1b3c6d) >>> 8;
  const choices = ((bytesMax - PATTERN_BYTES_MIN) >> 3) + 1;
  return PATTERN_BYTES_MIN + 8 * (mixed % choices);
}

/** Collects sequences and lengths; remembers whether any frame was damaged. */
export class PatternReader implements FrameHandler {
  readonly sequences: number[] = [];
  readonly lengths: number[] = [];
  damaged = 0;

  onFrame(type: number, memory: FrameMemory, at: number): void {
    const sequence = memory.i32[(at >> 2) + 2];
    if (type !== PATTERN_TYPE || !isPattern(memory, at, sequence)) this.damaged++;
    this.sequences.push(sequence);
    this.lengths.push(memory.i32[at >> 2]);
  }
}
