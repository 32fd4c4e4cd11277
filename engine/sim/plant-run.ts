// Runs the simulator with planted bugs, each in a process of its own, and says which were caught.
// Called by command.ts and by tests. Invariant: a plant that could not be planted is an error,
// never a bug that was not caught.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SeedViolation } from './campaign.ts';
import type { Plant } from './plants.ts';

const CHILD = fileURLToPath(new URL('./plant-child.ts', import.meta.url));

export interface PlantResult {
  readonly plant: string;
  readonly caught: boolean;
  /** First seed that caught it; 0 = none did. */
  readonly firstSeed: number;
  readonly invariant: string;
  readonly text: string;
}

/** Runs one plant over up to `seeds` seeds; rejects when it cannot be planted. */
export async function runPlant(plant: Plant, seeds: number, from: number): Promise<PlantResult> {
  const args = ['--no-warnings', CHILD, plant.name, String(seeds), String(from)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exit) => resolve(exit ?? 1));
  });
  if (code !== 0) throw new Error(errors.trim() || `plant ${plant.name}: exit code ${code}`);
  const found = JSON.parse(out) as SeedViolation | null;
  return {
    plant: plant.name,
    caught: found !== null,
    firstSeed: found?.seed ?? 0,
    invariant: found?.invariant ?? '',
    text: found?.text.split('\n')[0] ?? '',
  };
}
