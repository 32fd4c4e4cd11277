// Strips the types of the engine's files once a test run, into a temporary folder that hook.mjs
// reads from and that is gone at the end. vitest's global setup of the projects that start
// processes; vitest.config.ts hands over the environment.
// Always: the same stripping as Node's own, so that lines and columns stay.
import { hash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');
const FOLDER = join(tmpdir(), `pankou-stripped-${process.pid}`);
const HOOK = new URL('./hook.mjs', import.meta.url).href;

/** Environment under which started processes take the prepared files and share compiled code. */
export const QUICK_START = {
  PANKOU_STRIPPED: FOLDER,
  NODE_COMPILE_CACHE: join(FOLDER, 'code'),
  NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import=${HOOK}`.trim(),
};

export function setup(): void {
  mkdirSync(FOLDER, { recursive: true });
  for (const folder of ['engine', 'gateways', 'tools', 'wasm/reference']) {
    for (const name of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts')) continue;
      const source = readFileSync(join(ROOT, folder, name), 'utf8');
      writeFileSync(join(FOLDER, `${hash('sha1', source)}.js`), stripTypeScriptTypes(source));
    }
  }
}

export function teardown(): void {
  // A process that is just ending may still write what it compiled.
  rmSync(FOLDER, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
