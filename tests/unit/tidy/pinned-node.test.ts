// The tests run on the Node that package.json pins, whatever the host has: npm puts
// node_modules/.bin first in the path, and `node` is a dependency. Nothing else proves that.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const MANIFEST = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const PINNED = `v${MANIFEST.dependencies.node}`;

it('tests run on the pinned Node', () => {
  expect(process.version).toBe(PINNED);
});

it('child processes of tests run on the pinned Node and strip types', () => {
  const script = 'const v: string = process.version; console.log(v)';
  const args = ['--input-type=module-typescript', '-e', script];
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stdout.trim()).toBe(PINNED);
});
