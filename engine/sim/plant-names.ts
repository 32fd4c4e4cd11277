// Finds a plant by its name, with the nearest name in the error. Called by plant-child.ts and
// plant-run.ts. Invariant: imports nothing of the engine, so the hook still comes first.
import { distance } from 'fastest-levenshtein';
import { PLANTS, type Plant } from './plants.ts';

/** A name that no plant has. */
export class PlantError extends Error {}

/** The plant of that name; throws PlantError. */
export function plantOf(name: string): Plant {
  const found = PLANTS.find((plant) => plant.name === name);
  if (found !== undefined) return found;
  const near = PLANTS.map((plant) => plant.name).sort(
    (a, b) => distance(name, a) - distance(name, b),
  );
  throw new PlantError(`no plant '${name}'; nearest: ${near[0]}; 'all' runs all of them`);
}
