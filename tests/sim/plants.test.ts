// Tests of the tester: bugs that are planted are caught, their texts are still in production code,
// and production code cannot reach them. The whole table: `pankou sim --plant all`.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { patched } from '../../engine/sim/plant-hook.ts';
import { plantOf } from '../../engine/sim/plant-names.ts';
import { runPlant } from '../../engine/sim/plant-run.ts';
import { PLANTS } from '../../engine/sim/plants.ts';

const ROOT = join(import.meta.dirname, '../..');

/** One of each station: OMS, gateway, recovery, journal, kill switch, close of a day. */
const SAMPLE = [
  'no-fill-dedup',
  'send-before-write',
  'risk-counters-reset',
  'sync-left-out',
  'kill-word-ignored',
  'day-roll-with-live-order',
];

describe('planted bugs', () => {
  it.each(SAMPLE)('%s is caught', async (name) => {
    const result = await runPlant(plantOf(name), 200, 1);
    expect(result).toMatchObject({ plant: name, caught: true });
  });

  it('are at least 25, with names of their own', () => {
    expect(PLANTS.length).toBeGreaterThanOrEqual(25);
    expect(new Set(PLANTS.map((plant) => plant.name)).size).toBe(PLANTS.length);
  });

  it.each(PLANTS.map((plant) => [plant.name, plant] as const))('%s finds its text', (_, plant) => {
    const texts = new Map<string, string>();
    for (const patch of plant.patches) {
      const before = texts.get(patch.file) ?? readFileSync(join(ROOT, patch.file), 'utf8');
      texts.set(patch.file, patched(before, patch));
    }
    expect(texts.size).toBeGreaterThan(0);
  });

  it('refuse to be planted where their text is gone, or there twice', () => {
    const patch = { file: 'a.ts', find: 'one', put: 'two' };
    expect(() => patched('nothing here', patch)).toThrow('found 0 times, expected once, in a.ts');
    expect(() => patched('one and one', patch)).toThrow('found 2 times');
  });

  it('have a name that can be mistyped', () => {
    expect(() => plantOf('no-fil-dedup')).toThrow("nearest: no-fill-dedup; 'all' runs all of them");
  });
});

const HOOKS = ['strategy-guard.ts', 'strategy-imports.ts'].map((name) => join('host', name));

describe('a production run', () => {
  it('can reach neither the simulator nor its planted bugs', () => {
    const found: string[] = [];
    for (const folder of ['engine', 'gateways', 'wasm', 'dashboards/src', 'examples']) {
      for (const file of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })) {
        if (!file.endsWith('.ts') || join(folder, file).startsWith(join('engine', 'sim'))) continue;
        const text = readFileSync(join(ROOT, folder, file), 'utf8');
        if (/['"][^'"\n]*\bsim\/[a-z-]+\.ts['"]/.test(text.replaceAll('gateways/sim/', ''))) {
          found.push(join(folder, file));
        }
        // These hook what strategy files load, and nothing of the engine: see their first lines.
        const isOfStrategies = HOOKS.includes(file);
        if (text.includes('registerHooks') && !isOfStrategies) found.push(join(folder, file));
      }
    }
    expect(found).toEqual([]);
  });
});
