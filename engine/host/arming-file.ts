// The stage of each account as it was last set, in the run folder: read at a start that keeps
// stages over restarts. Written by arming-door.ts. Invariant: a stage is kept within its trading
// day only; a file that is missing, damaged or of another day means disarmed.
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ARM_DISARMED, ARM_NAMES } from '../messages/codes.ts';

const FILE = 'arming.json';

const schema = z.strictObject({
  day: z.int(),
  stages: z.record(z.string(), z.enum(ARM_NAMES as [string, ...string[]])),
});

/** Stage of an account (ARM_*) as this trading day's file says. */
export function readStage(runDir: string, day: number, account: string): number {
  try {
    const found = schema.parse(JSON.parse(readFileSync(join(runDir, FILE), 'utf8')));
    if (found.day !== day) return ARM_DISARMED;
    return Math.max(ARM_DISARMED, ARM_NAMES.indexOf(found.stages[account] ?? ''));
  } catch {
    return ARM_DISARMED;
  }
}

/** Replaces the file, on the device when it returns. Throws what the disk throws. */
export function writeStages(
  runDir: string,
  day: number,
  stages: ReadonlyMap<string, number>,
): void {
  const names = [...stages].map(([id, stage]) => [id, ARM_NAMES[stage]!] as const);
  const text = `${JSON.stringify({ day, stages: Object.fromEntries(names) }, null, 1)}\n`;
  const path = join(runDir, FILE);
  const draft = `${path}.${process.pid}`;
  const file = openSync(draft, 'w', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
}
