// Sizes, opening comments, names, `any`, notes to oneself, barrels and machine paths: for each rule
// a text that is refused and one that is the nearest accepted neighbour.
import { describe, expect, it } from 'vitest';
import { checkTree, summarise } from '../../../tools/tidy.ts';
import { findingsIn, rulesIn, treeRules } from './tidy-kit.ts';

/** Rules found in one file exactly as given, no head comment added. */
function rulesOfRaw(path: string, text: string): string[] {
  const findings = checkTree([{ path, text }]).filter(({ rule }) => rule !== 'dead-file');
  return findings.map(({ rule, line }) => `${rule}:${line}`);
}

/** A function of exactly `lines` lines. */
function functionOf(lines: number): string {
  return `function f(): void {\n${'  g();\n'.repeat(lines - 2)}}\n`;
}

describe('sizes', () => {
  it('accepts a file of 600 lines and refuses 601', () => {
    expect(rulesIn('tools/a.ts', 'g();\n'.repeat(598))).toEqual([]);
    expect(rulesIn('tools/a.ts', 'g();\n'.repeat(599))).toEqual(['file-length:599']);
  });

  it('accepts a function of 70 lines and refuses 71', () => {
    expect(rulesIn('tools/a.ts', functionOf(70))).toEqual([]);
    expect(rulesIn('tools/a.ts', functionOf(71))).toEqual(['function-length:1']);
  });

  it('measures methods and arrows too', () => {
    const body = 'g();\n'.repeat(70);
    expect(rulesIn('tools/a.ts', `class A {\n  f(): void {\n${body}  }\n}\n`)).toEqual([
      'function-length:2',
    ]);
    expect(rulesIn('tools/a.ts', `const f = () => {\n${body}};\n`)).toEqual(['function-length:1']);
  });

  it('does not measure a describe block, but every test in it', () => {
    const block = (name: string) => `${name}('x', () => {\n${'g();\n'.repeat(80)}});\n`;
    expect(rulesIn('tests/unit/a.test.ts', block('describe'))).toEqual([]);
    expect(rulesIn('tests/unit/a.test.ts', block('describe.skipIf(true)'))).toEqual([]);
    expect(rulesIn('tests/unit/a.test.ts', block('it'))).toEqual(['function-length:1']);
  });

  it('accepts a line of 100 columns and refuses 101, counting characters', () => {
    expect(rulesIn('tools/a.ts', `// ${'a'.repeat(97)}\n`)).toEqual([]);
    expect(rulesIn('tools/a.ts', `// ${'盘'.repeat(97)}\n`)).toEqual([]);
    // Two code units each, one character.
    expect(rulesIn('tools/a.ts', `// ${'𠮷'.repeat(97)}\n`)).toEqual([]);
    expect(rulesIn('tools/a.ts', `// ${'𠮷'.repeat(98)}\n`)).toEqual(['line-length:1']);
    expect(rulesIn('tools/a.ts', `// ${'a'.repeat(98)}\n`)).toEqual(['line-length:1']);
    expect(rulesOfRaw('dashboards/src/a.css', `${'a'.repeat(101)}\n`)).toEqual(['line-length:1']);
  });

  it('does not measure generated files', () => {
    const text = `${functionOf(80)}${'g();\n'.repeat(700)}// ${'a'.repeat(200)}\n`;
    expect(rulesIn('engine/messages/generated/a.ts', text)).toEqual([]);
  });
});

describe('the opening comment', () => {
  const lines = (count: number) => '// word\n'.repeat(count);

  it.each([2, 8])('may have %i lines', (count) => {
    expect(rulesOfRaw('tools/a.ts', `${lines(count)}g();\n`)).toEqual([]);
  });

  it.each([0, 1, 9])('must not have %i lines', (count) => {
    expect(rulesOfRaw('tools/a.ts', `${lines(count)}g();\n`)).toEqual(['head-comment:1']);
  });

  it('ends at the first empty line, so a drawing may follow', () => {
    expect(rulesOfRaw('tools/a.ts', `${lines(4)}\n${lines(20)}g();\n`)).toEqual([]);
  });

  it('may be a block, and may follow a #! line', () => {
    expect(rulesOfRaw('tools/a.ts', '/* one\n * two\n */\ng();\n')).toEqual([]);
    expect(rulesOfRaw('tools/a.mjs', `#!/usr/bin/env node\n${lines(2)}g();\n`)).toEqual([]);
  });

  it('of a component is an html comment, or its script opens with one', () => {
    const script = '<script setup lang="ts">\nconst a = 1;\n</script>\n';
    expect(rulesOfRaw('dashboards/src/A.vue', `<!-- one\n     two -->\n${script}`)).toEqual([]);
    expect(rulesOfRaw('dashboards/src/A.vue', `<!-- one -->\n${script}`)).toEqual([
      'head-comment:1',
    ]);
  });
});

describe('types and names', () => {
  it('refuses any, also in components, at its line', () => {
    expect(rulesIn('tools/a.ts', 'let a = 1;\nlet b: any;\n')).toEqual(['any:2']);
    expect(rulesIn('tools/a.ts', "const any = 'any'; // any\n")).toEqual([]);
    const vue = '<!-- one\ntwo -->\n<template><p /></template>\n';
    const script = '<script setup lang="ts">\nlet a: any;\n</script>\n';
    expect(rulesOfRaw('dashboards/src/A.vue', vue + script)).toEqual(['any:5']);
  });

  it.each([
    'function f(price: number): void {}',
    'interface A { readonly lastPrice: number }',
    'class A { #price: number = 0; }',
    'interface A { bestPrice(side: number): number }',
  ])('refuses a price without its unit in core: %s', (text) => {
    expect(rulesIn('engine/core/a.ts', text)).toEqual(['price-unit:1']);
  });

  it('accepts prices with a unit, prices that are no numbers, and prices elsewhere', () => {
    expect(rulesIn('engine/core/a.ts', 'function f(priceE4: number): void {}')).toEqual([]);
    expect(rulesIn('engine/core/a.ts', 'function f(price: string): void {}')).toEqual([]);
    expect(rulesIn('engine/host/a.ts', 'function f(price: number): void {}')).toEqual([]);
  });

  it.each(['TODO', 'FIXME'])('refuses %s in comments and nowhere else', (word) => {
    expect(rulesIn('tools/a.ts', `/* a\n * ${word} b */\n`)).toEqual(['todo:2']);
    expect(
      rulesIn('tools/a.ts', `const a = '// ${word}';\nconst b = \`/* ${word} */\`;\n`),
    ).toEqual([]);
    expect(rulesIn('tools/a.ts', `const a = /[/]\\/ ${word}/;\ng(); // ${word}\n`)).toEqual([
      'todo:2',
    ]);
  });

  it.each([
    'tools/utils.ts',
    'tools/string-utils.ts',
    'engine/host/common/a.ts',
    'tests/support/helpers.ts',
    'tools/index.ts',
  ])('refuses the file name %s', (path) => {
    expect(rulesIn(path, 'export const a = 1;\n')).toEqual(['file-name:1']);
  });

  it('accepts the one index.ts and names that merely contain such words', () => {
    expect(rulesIn('wasm/assembly/index.ts', 'export const a = 1;\n')).toEqual([]);
    expect(rulesIn('tools/commonwealth.ts', 'export const a = 1;\n')).toEqual([]);
  });

  it('refuses a file of re-exports only', () => {
    const other = { 'tools/b.ts': 'export const b = 1;\n' };
    const barrel = "export { b } from './b.ts';\nexport * from './b.ts';\n";
    expect(treeRules({ ...other, 'tools/a.ts': barrel })).toEqual(['tools/a.ts barrel']);
    expect(treeRules({ ...other, 'tools/a.ts': `${barrel}export const a = 1;\n` })).toEqual([]);
  });
});

describe('paths of one machine', () => {
  const folder = (name: string) => `/${name}/`;

  it.each(['work', 'root', 'home'])('refuses /%s/ in any text file', (name) => {
    const path = `${folder(name)}x`;
    expect(rulesIn('tools/a.ts', `g('${path}');\n`)).toEqual(['machine-path:1']);
    expect(treeRules({ 'docs/a.md': `see ${path}\n` })).toEqual(['docs/a.md machine-path']);
    expect(treeRules({ 'docs/a.md': `file://${path}\n` })).toEqual(['docs/a.md machine-path']);
  });

  it('refuses a Windows profile', () => {
    const path = ['C:', 'Users', 'someone'].join('\\');
    expect(treeRules({ 'docs/a.md': `${path}\n` })).toEqual(['docs/a.md machine-path']);
  });

  it('accepts such words inside relative paths and addresses', () => {
    const text = ['docs', 'a.test', '..', '*'].map((at) => at + folder('work')).join(' ');
    expect(treeRules({ 'docs/a.md': `${text}\n` })).toEqual([]);
  });
});

describe('what is printed', () => {
  it('gives file, line, rule and what to do', () => {
    const [finding] = findingsIn('tools/a.ts', 'g();\nlet a: any;\n');
    expect(finding).toMatchObject({ file: 'tools/a.ts', line: 2, rule: 'any' });
    expect(finding.message).toContain('unknown');
  });

  it('summarises medians of sources and tests apart', () => {
    const text = (lines: number) => 'g();\n'.repeat(lines);
    const files = [10, 20, 30].map((n) => ({ path: `tools/a${n}.ts`, text: text(n) }));
    const lines = summarise([...files, { path: 'tests/unit/a.test.ts', text: text(7) }]);
    expect(lines[0]).toBe('sources: 3 files, 60 lines, 0 % comment lines');
    expect(lines[1]).toContain('lines a file: median 20, 90 % 20, largest 30');
    expect(lines[2]).toContain('tests: 1 files, 7 lines');
  });
});
