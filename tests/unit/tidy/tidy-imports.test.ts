// The import table, cycles and dead files, on trees of two or three inline files. The pairs below
// are the table of the architecture once more, written from the reader's side.
import { describe, expect, it } from 'vitest';
import { treeFindings, treeRules } from './tidy-kit.ts';

const LEAF = 'export const leaf = 1;\n';

/** Rules found when `from` imports `to`. */
function importing(from: string, to: string): string[] {
  const up = '../'.repeat(from.split('/').length - 1);
  return treeRules({ [from]: `import { leaf } from '${up}${to}';\nf(leaf);\n`, [to]: LEAF });
}

describe('the import table', () => {
  it.each([
    ['engine/messages/a.ts', 'engine/core/b.ts'],
    ['engine/core/a.ts', 'engine/messages/b.ts'],
    ['engine/core/a.ts', 'engine/ring/frame-handler.ts'],
    ['engine/core/a.ts', 'engine/limits.ts'],
    ['engine/ring/a.ts', 'engine/messages/b.ts'],
    ['engine/actors/a.ts', 'engine/ring/b.ts'],
    ['engine/actors/a.ts', 'engine/actors/clock.ts'],
    ['engine/journal/writer.ts', 'engine/messages/b.ts'],
    ['engine/journal/writer.ts', 'engine/journal/record.ts'],
    ['engine/journal/recovery.ts', 'engine/core/b.ts'],
    ['engine/host/a.ts', 'engine/journal/writer.ts'],
    ['engine/backtest/data/a.ts', 'engine/ring/frame-handler.ts'],
    ['engine/host/a.ts', 'engine/config.ts'],
    ['engine/host/a.ts', 'engine/topology.ts'],
    ['engine/control/a.ts', 'engine/journal/reader.ts'],
    ['engine/control/a.ts', 'engine/host/affinity.ts'],
    ['engine/main.ts', 'engine/control/b.ts'],
    ['wasm/reference/a.ts', 'engine/core/book.ts'],
    ['wasm/reference/a.ts', 'wasm/assembly/b.ts'],
    ['gateways/sim/a.ts', 'engine/core/b.ts'],
    ['gateways/sim/a.ts', 'gateways/gateway.ts'],
    ['tools/a.ts', 'gateways/sim/b.ts'],
    ['tests/unit/a.ts', 'bench/b.ts'],
  ])('lets %s import %s', (from, to) => {
    expect(importing(from, to)).toEqual([]);
  });

  it.each([
    ['engine/assert.ts', 'engine/limits.ts'],
    ['engine/messages/a.ts', 'engine/ring/b.ts'],
    ['engine/core/a.ts', 'engine/ring/spsc-ring.ts'],
    ['engine/core/a.ts', 'engine/actors/b.ts'],
    ['engine/ring/a.ts', 'engine/core/b.ts'],
    ['engine/actors/a.ts', 'engine/host/b.ts'],
    ['engine/actors/a.ts', 'engine/journal/writer.ts'],
    ['engine/journal/writer.ts', 'engine/core/b.ts'],
    ['engine/journal/writer.ts', 'engine/journal/reader.ts'],
    ['engine/journal/record.ts', 'engine/journal/reader.ts'],
    ['engine/host/a.ts', 'engine/control/b.ts'],
    ['engine/host/a.ts', 'engine/main.ts'],
    ['engine/core/a.ts', 'engine/config.ts'],
    ['engine/topology.ts', 'engine/host/a.ts'],
    ['engine/host/a.ts', 'gateways/sim/b.ts'],
    ['engine/control/a.ts', 'engine/host/supervisor.ts'],
    ['engine/control/a.ts', 'engine/journal/writer.ts'],
    ['engine/control/a.ts', 'engine/ring/b.ts'],
    ['engine/main.ts', 'gateways/sim/b.ts'],
    ['engine/core/a.ts', 'tests/support/b.ts'],
    ['wasm/assembly/a.ts', 'engine/core/book.ts'],
    ['wasm/reference/a.ts', 'engine/core/order.ts'],
    ['gateways/sim/a.ts', 'gateways/qmt/b.ts'],
    ['gateways/sim/a.ts', 'tools/b.ts'],
  ])('refuses that %s imports %s', (from, to) => {
    expect(importing(from, to)).toEqual([`${from} import-table`]);
  });

  it.each([
    "import type { Leaf } from '../host/b.ts';\nexport let leaf: Leaf;\n",
    "export { leaf } from '../host/b.ts';\nexport const a = 1;\n",
    "export let leaf: import('../host/b.ts').Leaf;\n",
    "f(import('../host/b.ts'));\n",
  ])('counts every form of import: %s', (text) => {
    const found = treeRules({ 'engine/core/a.ts': text, 'engine/host/b.ts': LEAF });
    expect(found).toContain('engine/core/a.ts import-table');
  });

  it('names the allowed places and the line', () => {
    const text = "f();\nimport { leaf } from '../host/b.ts';\n";
    const found = treeFindings({ 'engine/ring/a.ts': text, 'engine/host/b.ts': LEAF });
    const finding = found.find(({ rule }) => rule === 'import-table');
    expect(finding?.line).toBe(4);
    expect(finding?.message).toContain('engine/messages/');
  });

  it('keeps packages and Node modules out of pure and hot places', () => {
    const text = "import { readFileSync } from 'node:fs';\nf(readFileSync);\n";
    expect(treeRules({ 'engine/core/a.ts': text })).toEqual(['engine/core/a.ts import-table']);
    expect(treeRules({ 'engine/journal/writer.ts': text })).toEqual([]);
    expect(treeRules({ 'engine/host/a.ts': text })).toEqual([]);
    const stock = "import { Builder } from 'flatbuffers';\nf(Builder);\n";
    expect(treeRules({ 'engine/messages/a.ts': stock })).toEqual([]);
    expect(treeRules({ 'engine/ring/a.ts': stock })).toEqual(['engine/ring/a.ts import-table']);
  });

  it('reads the name pankou as the strategy contract', () => {
    const text = "import { leaf } from 'pankou';\nf(leaf);\n";
    const files = { 'engine/ring/a.ts': text, 'engine/core/strategy.ts': LEAF };
    const [finding] = treeFindings(files).filter(({ rule }) => rule === 'import-table');
    expect(finding.message).toContain('must not import engine/core/strategy.ts');
  });

  it('asks for a row when a folder is not in the table', () => {
    expect(treeRules({ 'engine/cache/a.ts': LEAF })).toEqual(['engine/cache/a.ts import-table']);
    expect(treeRules({ 'engine/stray.ts': LEAF })).toEqual(['engine/stray.ts import-table']);
  });

  it('does not treat a worker or forked file as an import', () => {
    const text = "f(new URL('../control/main.ts', import.meta.url));\n";
    expect(treeRules({ 'engine/host/a.ts': text, 'engine/control/main.ts': LEAF })).toEqual([]);
  });
});

describe('cycles', () => {
  it('are found over three files, once, naming all of them', () => {
    const found = treeFindings({
      'tools/a.ts': "import './b.ts';\n",
      'tools/b.ts': "import './c.ts';\n",
      'tools/c.ts': "import './a.ts';\n",
    }).filter(({ rule }) => rule === 'import-cycle');
    expect(found.map(({ file }) => file)).toEqual(['tools/a.ts']);
    expect(found[0].message).toContain('tools/a.ts, tools/b.ts, tools/c.ts');
  });

  it('are found when a file imports itself, and when only types are imported', () => {
    expect(treeRules({ 'tools/a.ts': "import './a.ts';\n" })).toEqual(['tools/a.ts import-cycle']);
    const types = {
      'tools/a.ts': "import type { B } from './b.ts';\nexport type A = B;\n",
      'tools/b.ts': "import type { A } from './a.ts';\nexport type B = A;\n",
    };
    expect(treeRules(types)).toEqual(['tools/a.ts import-cycle']);
  });

  it('are not seen in a diamond', () => {
    const found = treeRules({
      'tools/a.ts': "import './b.ts';\nimport './c.ts';\n",
      'tools/b.ts': "import './d.ts';\n",
      'tools/c.ts': "import './d.ts';\n",
      'tools/d.ts': LEAF,
    });
    expect(found).toEqual([]);
  });
});

describe('dead files', () => {
  const dead = (files: Record<string, string>) =>
    treeRules(files, []).filter((text) => text.endsWith('dead-file'));

  it('are those no entry point reaches, even if they import one another', () => {
    const files = {
      'tools/cli.ts': "import './used.ts';\n",
      'tools/used.ts': LEAF,
      'tools/lost.ts': "import './lost-too.ts';\n",
      'tools/lost-too.ts': LEAF,
    };
    expect(dead(files)).toEqual(['tools/lost-too.ts dead-file', 'tools/lost.ts dead-file']);
  });

  it.each([
    ['a worker', 'engine/host/w.ts', "new Worker(new URL('./host/w.ts', import.meta.url));\n"],
    ['a path of the root', 'gateways/sim/g.ts', "f('gateways/sim/g.ts');\n"],
    ['the end of a path', 'gateways/sim/g.ts', "f(join(root, 'sim/g.ts'));\n"],
    ['a dynamic import', 'engine/host/w.ts', "f(import('./host/w.ts'));\n"],
  ])('are not those named as %s', (_name, path, text) => {
    expect(dead({ 'engine/main.ts': text, [path]: LEAF })).toEqual([]);
  });

  it('are not those beyond a file that is reached twice', () => {
    const files = {
      'tools/cli.ts': "import './c.ts';\nimport './a.ts';\nimport './b.ts';\n",
      'tools/a.ts': "import './b.ts';\n",
      'tools/b.ts': LEAF,
      'tools/c.ts': LEAF,
    };
    expect(dead(files)).toEqual([]);
  });

  it('are not those that package.json or a page names, nor tests, benches and examples', () => {
    const files = {
      'package.json': '{ "scripts": { "x": "node tools/x.ts" } }',
      'tools/x.ts': LEAF,
      'dashboards/index.html': '<script type="module" src="/src/page.ts"></script>',
      'dashboards/src/page.ts': LEAF,
      'tests/unit/a.test.ts': LEAF,
      'bench/a.bench.ts': LEAF,
      'examples/strategies/a.ts': LEAF,
    };
    expect(dead(files)).toEqual([]);
  });

  it('are those that only a comment or a page of the docs names', () => {
    const files = {
      'engine/main.ts': '// see host/w.ts\nf();\n',
      'docs/a.md': 'engine/host/w.ts\n',
      'engine/host/w.ts': LEAF,
    };
    expect(dead(files)).toEqual(['engine/host/w.ts dead-file']);
  });
});
