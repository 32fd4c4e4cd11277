// Plants a known bug into this process: a load hook that replaces text in modules as they are
// loaded. Called by plant-child.ts only, before anything of the engine is imported. Invariant: each
// patch is applied exactly once, or the process ends saying which text is gone.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Patch, Plant } from './plants.ts';

const ROOT = new URL('../../', import.meta.url);

/** The patched text; throws when a text is not there exactly once. */
export function patched(source: string, patch: Patch): string {
  const parts = source.split(patch.find);
  if (parts.length !== 2) {
    const where = `${patch.file}: "${patch.find.slice(0, 60)}"`;
    throw new Error(`plant: found ${parts.length - 1} times, expected once, in ${where}`);
  }
  return parts.join(patch.put);
}

/** Registers the hook; the returned function throws unless every file was loaded with its bug. */
export function plantBug(plant: Plant): () => void {
  const byUrl = new Map<string, Patch[]>();
  for (const patch of plant.patches) {
    const url = new URL(patch.file, ROOT).href;
    byUrl.set(url, [...(byUrl.get(url) ?? []), patch]);
  }
  const done = new Set<string>();
  registerHooks({
    load(url, context, nextLoad) {
      const patches = byUrl.get(url);
      const loaded = nextLoad(url, context);
      if (patches === undefined) return loaded;
      done.add(url);
      const source = readFileSync(fileURLToPath(url), 'utf8');
      return { ...loaded, source: patches.reduce(patched, source) };
    },
  });
  return () => {
    for (const url of byUrl.keys()) {
      if (!done.has(url)) throw new Error(`plant ${plant.name}: ${url} was never loaded`);
    }
  };
}
