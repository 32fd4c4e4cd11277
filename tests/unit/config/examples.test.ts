// The shipped configuration and its page: examples/paper.json loads without a warning, is clearly
// an invented market, and examples/README.md names every key that the schema knows.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../../engine/config.ts';
import { configSchema } from '../../../engine/config-schema.ts';

const path = (name: string) => fileURLToPath(new URL(`../../../examples/${name}`, import.meta.url));

test('examples/paper.json is accepted, with base shares for every strategy', () => {
  const config = loadConfig(path('paper.json'));
  expect(config.warnings).toEqual([]);
  expect(config.market.source).toBe('synthetic');
  for (const { name } of config.market.instruments) expect(name).toContain('invented');
  const held = config.accounts.flatMap(({ positions }) => positions.map(({ symbol }) => symbol));
  for (const { instruments } of config.strategies) {
    expect(held).toEqual(expect.arrayContaining([...instruments]));
  }
});

test('examples/qmt-quotes.json takes live quotes and lets no order leave', () => {
  const dir = mkdtempSync(join(tmpdir(), 'pankou-examples-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  cpSync(path('strategies'), join(dir, 'examples/strategies'), { recursive: true });
  cpSync(path('qmt-quotes.json'), join(dir, 'examples/qmt-quotes.json'));
  const load = () => loadConfig(join(dir, 'examples/qmt-quotes.json'));
  expect(load).toThrow(/market.secretFile: .*expected a file/);
  mkdirSync(join(dir, 'runs'));
  writeFileSync(join(dir, 'runs/qmt.secret'), 'a-secret-of-this-test', { mode: 0o600 });
  const { market, gateway, pace, warnings } = load();
  expect(market).toMatchObject({ source: 'bridge', record: join(dir, 'runs/quotes') });
  expect(gateway).toEqual({ kind: 'sim' });
  expect([pace, warnings]).toEqual(['realtime', []]);
});

test('the page about the keys names each of them', () => {
  const page = readFileSync(path('README.md'), 'utf8');
  const keys: string[] = [];
  collectKeys(configSchema, keys);
  expect(keys).toEqual(expect.arrayContaining(['heartbeatMs', 'commissionMin', 'segmentMiB']));
  expect(keys.filter((key) => !new RegExp(`[\`.\\s"]${key}[\`"\\s,.[]`).test(page))).toEqual([]);
});

/** Keys of a schema and of everything inside it. */
function collectKeys(schema: object, into: string[]): void {
  const { def } = schema as { def: { [part: string]: unknown } };
  for (const [part, inner] of Object.entries(def)) {
    if (part === 'shape') {
      for (const [key, value] of Object.entries(inner as object)) {
        into.push(key.replace('$', '\\$'));
        collectKeys(value as object, into);
      }
    } else if (Array.isArray(inner)) {
      for (const one of inner) if (isSchema(one)) collectKeys(one, into);
    } else if (isSchema(inner)) {
      collectKeys(inner, into);
    }
  }
}

function isSchema(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'def' in value && '_zod' in value;
}
