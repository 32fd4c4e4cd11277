// Behaviour of `pankou bundle` on a small whole fake clone: what goes in, what stays out, and that
// nothing half-made is left. tests/e2e/cli-bundle.test.ts unpacks and starts the real archive.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BUILD_ONLY, closureOf, servesTarget, TOOLS } from '../../../tools/bundle/contents.ts';
import { makeBundle, verifyListing } from '../../../tools/bundle/make-bundle.ts';

const NODE = process.platform === 'win32' ? 'node.exe' : 'node';
const HERE = `${process.platform}_${process.arch}_${process.versions.modules}.node`;

const LOCK = {
  packages: {
    '': {
      dependencies: { node: '1', a: '1', uws: '1', vite: '1' },
      devDependencies: { checker: '1' },
    },
    'node_modules/node': {},
    'node_modules/a': { dependencies: { b: '2' }, optionalDependencies: { 'not-here': '1' } },
    'node_modules/a/node_modules/b': { dependencies: { c: '1' } },
    'node_modules/b': {},
    'node_modules/c': {},
    'node_modules/uws': {},
    'node_modules/not-here': {},
    'node_modules/vite': { dependencies: { d: '1' } },
    'node_modules/d': {},
    'node_modules/checker': {},
  },
};

let dir = '';
let root = '';

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pankou-bundle-'));
  root = join(dir, 'clone');
  put('package.json', '{}');
  put('package-lock.json', JSON.stringify(LOCK));
  const built = ['wasm/build/kernels.wasm', 'wasm/build/indicators.wasm'];
  for (const file of ['engine/main.ts', 'tools/cli.ts', ...built]) put(file);
  for (const file of ['dashboards/dist/index.html', 'dashboards/src/App.vue', '.git/HEAD'])
    put(file);
  for (const file of ['tests/a.test.ts', 'runs/paper/journal-000001.pkj']) put(file);
  for (const path of Object.keys(LOCK.packages).filter(
    (p) => p !== '' && !p.includes('not-here'),
  )) {
    put(`${path}/index.js`);
  }
  put(`node_modules/node/bin/${NODE}`);
  for (const name of [HERE, 'sunos_x64_127.node', 'win32_ia32_108.node']) {
    put(`node_modules/uws/bin/uws_${name}`);
  }
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function put(path: string, text = path): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** Entries of the archive without its top folder. */
function listed(file: string): string[] {
  const text = execFileSync('tar', ['-tzf', 'b.tar.gz'], { cwd: dirname(file), encoding: 'utf8' });
  return text.split(/\r?\n/).map((line) => line.slice(line.indexOf('/') + 1));
}

const bundle = () => makeBundle({ root, version: '1.2.3', out: join(dir, 'b.tar.gz') });

test('holds the engine, Node, what is built, start scripts, and the packages it needs', () => {
  const { file, entries, bytes } = bundle();
  const names = listed(file);
  expect(names).toEqual(
    expect.arrayContaining([
      ...[
        'engine/main.ts',
        'tools/cli.ts',
        'wasm/build/kernels.wasm',
        'wasm/build/indicators.wasm',
        'dashboards/dist/index.html',
      ],
      ...['pankou.sh', 'pankou.cmd', `node_modules/node/bin/${NODE}`, 'node_modules/a/index.js'],
      ...['node_modules/a/node_modules/b/index.js', 'node_modules/c/index.js'],
      `node_modules/uws/bin/uws_${HERE}`,
    ]),
  );
  expect(entries).toBeGreaterThan(10);
  expect(bytes).toBeGreaterThan(0);
});

test('leaves out development and build packages, sources of the pages, tests, runs and git', () => {
  const names = listed(bundle().file);
  const out = /checker|vite|node_modules\/d\/|^node_modules\/b\/|dashboards\/src|tests|runs|\.git/;
  expect(names.filter((name) => out.test(name))).toEqual([]);
  expect(names.filter((name) => /ia32|not-here/.test(name))).toEqual([]);
});

test('says its platform in the name of its folder', () => {
  const { file } = bundle();
  const text = execFileSync('tar', ['-tzf', 'b.tar.gz'], { cwd: dirname(file), encoding: 'utf8' });
  const top = `pankou-1.2.3-${process.platform}-${process.arch}/`;
  expect(text.split(/\r?\n/).every((line) => line === '' || line.startsWith(top))).toBe(true);
});

describe('is refused', () => {
  test('over an archive that exists, which stays as it was', () => {
    writeFileSync(join(dir, 'b.tar.gz'), 'mine');
    expect(bundle).toThrow('exists; remove it');
  });

  test('when something is not built or Node is missing, saying what to run', () => {
    rmSync(join(root, 'wasm'), { recursive: true });
    const both = 'wasm/build/kernels.wasm, wasm/build/indicators.wasm';
    expect(bundle).toThrow(`${both} missing; run 'npm run build'`);
    put('wasm/build/kernels.wasm');
    put('wasm/build/indicators.wasm');
    rmSync(join(root, 'node_modules', 'node'), { recursive: true });
    expect(bundle).toThrow("run 'npm ci'");
  });

  test('into a folder that does not exist', () => {
    const out = join(dir, 'none', 'b.tar.gz');
    expect(() => makeBundle({ root, version: '1', out })).toThrow('make it first');
  });

  test('and leaves neither a half archive nor a staging folder', () => {
    rmSync(join(root, 'package-lock.json'));
    expect(bundle).toThrow();
    expect(readdirSync(dir)).toEqual(['clone']);
    expect(existsSync(join(root, 'engine', 'main.ts'))).toBe(true);
  });
});

test('a listing without a needed file is refused by the name of the file', () => {
  expect(() => verifyListing('x/tools/cli.ts\n', 'x')).toThrow('kernels.wasm');
});

test('packages are found as Node finds them, nested before shared', () => {
  expect(closureOf(LOCK, ['vite'])).toEqual([
    'node_modules/a',
    'node_modules/a/node_modules/b',
    'node_modules/c',
    'node_modules/node',
    'node_modules/not-here',
    'node_modules/uws',
  ]);
});

test('native binaries of other systems are left out, everything else is kept', () => {
  const linux = { platform: 'linux', arch: 'x64', abi: '127' };
  expect(servesTarget('uws_linux_x64_127.node', linux)).toBe(true);
  expect(servesTarget('uws_linux_x64_115.node', linux)).toBe(false);
  expect(servesTarget('uws_linux_arm64_127.node', linux)).toBe(false);
  expect(servesTarget('uws_win32_x64_127.node', linux)).toBe(false);
  expect(servesTarget('lmdb.node', linux)).toBe(true);
  expect(servesTarget('linux_x64.js', linux)).toBe(true);
});

test('the bundled sources import no package that the bundle leaves out', () => {
  const clone = fileURLToPath(new URL('../../..', import.meta.url));
  const pattern = new RegExp(`from '(${BUILD_ONLY.join('|')})(/[^']*)?'`);
  const folders = [
    'engine',
    'gateways',
    'examples',
    ...TOOLS.filter((path) => !path.includes('.')),
  ];
  const files = folders.flatMap((folder) => sourcesIn(join(clone, folder)));
  expect(files.length).toBeGreaterThan(50);
  expect(files.filter((file) => pattern.test(readFileSync(file, 'utf8')))).toEqual([]);
});

test('every tool that a command imports goes into the bundle', () => {
  const clone = fileURLToPath(new URL('../../..', import.meta.url));
  const texts = sourcesIn(join(clone, 'tools/commands')).map((file) => readFileSync(file, 'utf8'));
  const named = texts.flatMap((text) => [...text.matchAll(/'\.\.\/([^'.][^']*)'/g)]);
  const paths = named.map((match) => `tools/${match[1]!}`);
  expect(paths.length).toBeGreaterThan(30);
  const isIn = (path: string) => TOOLS.some((one) => path === one || path.startsWith(`${one}/`));
  expect(paths.filter((path) => !isIn(path))).toEqual([]);
});

/** TypeScript files under a folder. */
function sourcesIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true }) as string[];
  return names.filter((name) => name.endsWith('.ts')).map((name) => join(folder, name));
}
