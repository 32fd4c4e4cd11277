// Entry of a process with one planted bug: plants it, runs seeds until the first violation, prints
// one line of JSON. Started by plant-run.ts only. Invariant: the engine is imported after the hook.

import { plantBug } from './plant-hook.ts';
import { PlantError, plantOf } from './plant-names.ts';

const [name = '', seeds = '2000', from = '1'] = process.argv.slice(2);
try {
  const check = plantBug(plantOf(name));
  const { runCampaign } = await import('./campaign.ts');
  check();
  const result = await runCampaign({ seeds: Number(seeds), from: Number(from), first: true });
  console.log(JSON.stringify(result.violations[0] ?? null));
} catch (error) {
  const text = error instanceof Error ? error.message : String(error);
  console.error(error instanceof PlantError ? text : `plant ${name}: ${text}`);
  process.exitCode = 2;
}
