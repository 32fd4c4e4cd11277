// Where the account stands in a frame between core and bridge. Called by the core's link session
// and its I/O thread for every frame. Pure. Invariant: -1 for frames that name no account.
import { type FrameMemory, frameType } from '../../engine/messages/frames.ts';
import { FIELDS } from '../../engine/messages/generated/verify.ts';

const OFFSETS = accountOffsets();

/** Account index of the frame at byte `at`, or -1. */
export function accountOf(memory: FrameMemory, at: number): number {
  const offset = OFFSETS[frameType(memory, at)] ?? 0;
  return offset === 0 ? -1 : memory.i32[(at + offset) >> 2]!;
}

function accountOffsets(): Int32Array {
  const offsets = new Int32Array(1_024);
  for (const [type, fields] of FIELDS) {
    offsets[type] = fields.find((field) => field.name === 'account')?.offset ?? 0;
  }
  return offsets;
}
