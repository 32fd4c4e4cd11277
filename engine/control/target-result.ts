// What became of a target file, in a file beside it: `NAME.result.json`. Written and read by
// target-watcher.ts only. Always: written whole (renamed into place), and before anything of it is
// sent, so that after a restart the same orders go on under the same keys.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

const Leg = z.object({
  instrument: z.string(),
  side: z.enum(['buy', 'sell']),
  qty: z.int(),
  /** 0 = not priced yet: it has not been sent. */
  priceE4: z.int(),
  key: z.string(),
  coid: z.string(),
  /** An order's status, `planned`, `sending` or `refused`. */
  status: z.string(),
  filledQty: z.int(),
  why: z.string(),
});
export type ResultLeg = z.infer<typeof Leg>;

const Result = z.object({
  file: z.string(),
  account: z.string(),
  /** SHA-256 of the target file's content. */
  hash: z.string(),
  engineId: z.string(),
  day: z.int(),
  /** refused: nothing was done. working: orders are out. done: all of them are finished. */
  state: z.enum(['refused', 'working', 'done', 'replaced']),
  at: z.string(),
  error: z.object({ line: z.int(), field: z.string(), why: z.string() }).nullable(),
  legs: z.array(Leg),
  notes: z.array(z.object({ instrument: z.string(), why: z.string() })),
});
export type TargetResult = z.infer<typeof Result>;

export function resultFile(file: string): string {
  return `${file}.result.json`;
}

/** The result beside a target file, or null when there is none that can be read. */
export function readResult(file: string): TargetResult | null {
  try {
    return Result.parse(JSON.parse(readFileSync(resultFile(file), 'utf8')));
  } catch {
    return null;
  }
}

/** Throws when the folder cannot be written: then nothing may be sent. */
export function writeResult(file: string, result: TargetResult): void {
  const path = resultFile(file);
  writeFileSync(`${path}.draft`, `${JSON.stringify(result, null, 1)}\n`);
  renameSync(`${path}.draft`, path);
}
