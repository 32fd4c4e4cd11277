// Exact versions, the lock file, a reason for each dependency and heavy files, on inline texts; and
// how the files of a repository are listed, in a folder made for the test.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkTree, listFiles } from '../../../tools/tidy.ts';
import { treeFindings, treeRules } from './tidy-kit.ts';

/** Rules found for a package.json that is explained in full. */
function withVersion(version: string, group = 'dependencies'): string[] {
  const manifest = JSON.stringify({ [group]: { some: version } }, null, 2);
  return treeRules({ 'package.json': manifest, 'docs/ARCHITECTURE.md': '`some`: why\n' });
}

describe('versions', () => {
  it.each(['1.2.3', '1.5.5-r.5', '0.1.0-beta.1', 'npm:uws-pack@20.0.8', 'npm:@a/b@1.2.3'])(
    'may be %s',
    (version) => {
      expect(withVersion(version)).toEqual([]);
    },
  );

  it.each(['^1.2.3', '~1.2.3', '1.2', '*', 'latest', '>=1.0.0', 'npm:a@^1.0.0', 'file:../a'])(
    'must not be %s',
    (version) => {
      expect(withVersion(version)).toEqual(['package.json exact-version']);
    },
  );

  it('are exact in overrides and dev dependencies too, and the line is named', () => {
    expect(withVersion('^1.0.0', 'devDependencies')).toEqual(['package.json exact-version']);
    expect(withVersion('^1.0.0', 'overrides')).toEqual(['package.json exact-version']);
    const manifest = '{\n  "overrides": {\n    "a": {\n      "b": "^1.0.0"\n    }\n  }\n}\n';
    expect(treeFindings({ 'package.json': manifest })).toMatchObject([
      { file: 'package.json', line: 4, rule: 'exact-version' },
    ]);
  });
});

describe('reasons', () => {
  it('are asked for each dependency by its exact name in backticks', () => {
    const manifest = '{ "dependencies": { "ws": "1.0.0" }, "devDependencies": { "b": "1.0.0" } }';
    const page = 'We use `b` for benches, and news and ws.\n';
    const found = treeFindings({ 'package.json': manifest, 'docs/ARCHITECTURE.md': page });
    expect(found.map(({ rule }) => rule)).toEqual(['dependency-reason']);
    expect(found[0].message).toContain('`ws`');
  });
});

describe('the lock file', () => {
  it('names no registry', () => {
    const url = '"resolved": "https://registry.test/a.tgz"';
    const found = treeFindings({ 'package-lock.json': `{\n  ${url},\n  ${url}\n}\n` });
    expect(found).toMatchObject([{ file: 'package-lock.json', line: 2, rule: 'lock-resolved' }]);
    expect(found[0].message).toContain('2 packages');
  });

  it('may hold links inside the repository and integrity hashes', () => {
    const text = '{\n  "resolved": "tools/x",\n  "integrity": "sha512-https"\n}\n';
    expect(treeRules({ 'package-lock.json': text })).toEqual([]);
  });
});

describe('files', () => {
  it('above one megabyte are refused, whatever they hold', () => {
    const sizes = [
      { path: 'docs/a.png', bytes: 1_000_001 },
      { path: 'docs/b.png', bytes: 1_000_000 },
    ];
    expect(checkTree([], sizes)).toMatchObject([{ file: 'docs/a.png', rule: 'file-size' }]);
  });
});

describe('the list of files', () => {
  let root = '';
  const put = (path: string, text: string) => {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'pankou-tidy-'));
    put('tools/a.ts', '');
    put('node_modules/b/b.ts', '');
    put('dashboards/dist/c.js', '');
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  it('leaves out what git ignores and takes in what is not yet committed', () => {
    put('.gitignore', 'node_modules/\ndashboards/dist/\n');
    execFileSync('git', ['init', '-q'], { cwd: root });
    expect(listFiles(root)).toEqual(['.gitignore', 'tools/a.ts']);
  });

  it('works in a copy without git', () => {
    expect(listFiles(root)).toEqual(['tools/a.ts']);
  });
});
