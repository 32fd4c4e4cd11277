// Preloaded (NODE_OPTIONS=--import) into every Node process that end-to-end tests start: takes the
// engine's own files as text without types from what prepare.ts left, instead of having each thread
// of each process strip them again, which is a third of the CPU time of a start. Plain JavaScript,
// since TypeScript here would load the very compiler it saves.
// Always: a file whose text is not exactly one that was prepared goes the ordinary way, as do
// strategies, examples and everything outside the clone.
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const folder = process.env.PANKOU_STRIPPED ?? '';
const root = new URL('../../../', import.meta.url).href;
const ours = ['engine/', 'gateways/', 'tools/', 'wasm/'].map((name) => root + name);

/** The prepared text of this source; null = none. */
function prepared(source) {
  try {
    return readFileSync(`${folder}/${hash('sha1', source)}.js`, 'utf8');
  } catch {
    return null;
  }
}

if (folder !== '') {
  registerHooks({
    load(url, context, next) {
      if (!url.endsWith('.ts') || !ours.some((place) => url.startsWith(place))) {
        return next(url, context);
      }
      const source = prepared(readFileSync(new URL(url)));
      if (source === null) return next(url, context);
      return { format: 'module', source, shortCircuit: true };
    },
  });
}
