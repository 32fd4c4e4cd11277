// Texts inside frames: names and reasons of people, as UTF-8 in a row of int32 fields with zeros
// behind. Called by the trading interface, which writes them, and by `journal dump` and `explain`.
// Always: a text is cut between two characters, never inside one. Cold.
import { assert } from '../assert.ts';
import type { FrameMemory } from './frames.ts';
import { FIELDS } from './generated/verify.ts';

/** Texts by their first field, and how many int32 each has. */
const WORDS: ReadonlyMap<string, number> = new Map([
  ['byA', 10],
  ['reasonA', 16],
]);
const BYTES = 4;
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/** Bytes of UTF-8 that a person's name and a reason may have. */
export const NAME_BYTES = 10 * BYTES;
export const REASON_BYTES = 16 * BYTES;

/** Writes `text` into the text that begins with field `first` of the frame at byte `at`. */
export function writeText(
  type: number,
  memory: FrameMemory,
  at: number,
  first: string,
  text: string,
): void {
  const { start, bytes } = placeOf(type, first);
  const room = memory.u8.subarray(at + start, at + start + bytes);
  room.fill(0);
  ENCODER.encodeInto(text, room);
}

/** The text that begins with field `first` of the frame at byte `at`; '' = none. */
export function readText(type: number, memory: FrameMemory, at: number, first: string): string {
  const { start, bytes } = placeOf(type, first);
  const all = memory.u8.slice(at + start, at + start + bytes);
  const end = all.indexOf(0);
  return DECODER.decode(end < 0 ? all : all.subarray(0, end));
}

/** Whether a field is the first (its text is read by it), a later word, or no text: '', null. */
export function textName(type: number, field: string): string | null {
  for (const first of WORDS.keys()) {
    const stem = first.slice(0, -1);
    if (!field.startsWith(stem) || field.length !== first.length) continue;
    if (offsetOf(type, first) < 0) continue;
    return field === first ? stem : '';
  }
  return null;
}

function placeOf(type: number, first: string): { start: number; bytes: number } {
  const start = offsetOf(type, first);
  const words = WORDS.get(first) ?? 0;
  assert(start >= 0 && words > 0, `type=${type} first=${first}, expected a text`);
  return { start, bytes: words * BYTES }; // hot-ok: for the edges
}

/** Byte of a field in its frame; -1 = the frame has none of that name. */
function offsetOf(type: number, name: string): number {
  const fields = FIELDS.get(type);
  if (fields === undefined) return -1;
  for (const field of fields) if (field.name === name) return field.offset;
  return -1;
}
