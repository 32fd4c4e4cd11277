// The one way readers of rings and tapes are called: no closures, one object per reader.
// Implemented by actors and collectors. Invariant: frames come in the order they were published.
import type { FrameMemory } from '../messages/frames.ts';

/** Receives frames in order; must not keep `memory` or `at` after it returns. */
export interface FrameHandler {
  /** `type` is the frame's type number, `at` the byte offset of the frame in `memory`. */
  onFrame(type: number, memory: FrameMemory, at: number): void;
}
