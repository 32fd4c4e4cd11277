// Makes a failing run smaller: fewer fault classes, fewer orders, fewer steps, as long as the same
// invariant still breaks. Called when a seed fails. Invariant: the result fails by itself, with the
// same seed, and is what `pankou sim --seed` can show.
import { FAULT_CLASSES, type FaultClass } from './faults.ts';
import { type RunOutcome, runSeed } from './run.ts';
import type { RunSize } from './world.ts';

export interface Shrunk {
  readonly size: RunSize;
  readonly outcome: RunOutcome;
  readonly runs: number;
}

/** The smallest run found that breaks the same invariant with the same seed. */
export async function shrink(seed: number, size: RunSize, invariant: string): Promise<Shrunk> {
  let best = size;
  let outcome = await runSeed(seed, size);
  let runs = 1;
  const tries = async (next: RunSize): Promise<boolean> => {
    runs++;
    const found = await runSeed(seed, next);
    if (found.violation?.invariant !== invariant) return false;
    best = next;
    outcome = found;
    return true;
  };
  await tries({ ...best, steps: outcome.steps });
  for (const name of FAULT_CLASSES) {
    if (!outcome.faults.includes(name)) continue;
    await tries({ ...best, without: new Set<FaultClass>([...best.without, name]) });
  }
  for (let orders = best.orders >> 1; orders >= 1; orders >>= 1) {
    if (!(await tries({ ...best, orders }))) break;
  }
  while (outcome.steps > 10 && (await tries({ ...best, steps: outcome.steps >> 1 })));
  return { size: best, outcome, runs };
}
