// Behaviour of tools/init/make-folder.ts: what is made, and that a refusal or a failure leaves the
// disk as it was. The clone is a fake folder; the sample writer is the test's own.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { linkEngine, makeFolder } from '../../../tools/init/make-folder.ts';

let dir = '';
let root = '';

beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'pankou-init-')));
  root = join(dir, 'clone');
  mkdirSync(join(root, 'tools'), { recursive: true });
  writeFileSync(join(root, 'tools', 'pankou.mjs'), '');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const sample = async (data: string) => writeFileSync(join(data, 'orders.csv'), 'x');
const fail = async () => {
  throw new Error('disk full');
};

test('makes everything that is promised, parents included', async () => {
  const made = await makeFolder({ dir: join(dir, 'my', 'Desk 1'), root, writeSample: sample });
  const names = ['.gitignore', 'README.md', 'data', 'node_modules', 'package.json'];
  const rest = ['pankou.json', 'runs', 'strategies', 'tsconfig.json'];
  expect(readdirSync(made).sort()).toEqual([...names, ...rest].sort());
  expect(readdirSync(join(made, 'data'))).toEqual(['orders.csv']);
  const manifest = JSON.parse(readFileSync(join(made, 'package.json'), 'utf8')) as object;
  expect(manifest).toMatchObject({ name: 'desk-1', type: 'module', private: true });
  expect(realpathSync(join(made, 'node_modules', 'pankou'))).toBe(root);
});

test('takes an empty folder that is there already', async () => {
  mkdirSync(join(dir, 'empty'));
  await makeFolder({ dir: join(dir, 'empty'), root, writeSample: sample });
  expect(existsSync(join(dir, 'empty', 'pankou.json'))).toBe(true);
});

test('takes everything away again when a step fails, parents it made included', async () => {
  const target = join(dir, 'new', 'deep', 'desk');
  await expect(makeFolder({ dir: target, root, writeSample: fail })).rejects.toThrow('disk full');
  expect(readdirSync(dir)).toEqual(['clone']);
});

test('empties, but keeps, a folder that was there when a step fails', async () => {
  mkdirSync(join(dir, 'empty'));
  const target = join(dir, 'empty');
  await expect(makeFolder({ dir: target, root, writeSample: fail })).rejects.toThrow('disk full');
  expect(readdirSync(target)).toEqual([]);
});

test('refuses the clone itself, its inside, and node_modules anywhere', async () => {
  for (const inside of [root, join(root, 'a', 'b')]) {
    const made = makeFolder({ dir: inside, root, writeSample: sample });
    await expect(made).rejects.toThrow("inside the engine's clone");
  }
  const modules = join(dir, 'node_modules', 'x');
  const made = makeFolder({ dir: modules, root, writeSample: sample });
  await expect(made).rejects.toThrow('node_modules');
  expect(readdirSync(root)).toEqual(['tools']);
});

test('accepts a neighbour whose name begins like the clone', async () => {
  const made = await makeFolder({ dir: `${root}-desk`, root, writeSample: sample });
  expect(made).toBe(`${root}-desk`);
});

test('lists a few names of a full folder and counts the rest', async () => {
  const full = join(dir, 'full');
  mkdirSync(full);
  for (let i = 10; i < 22; i++) writeFileSync(join(full, `f${i}`), '');
  const made = makeFolder({ dir: full, root, writeSample: sample });
  await expect(made).rejects.toThrow(/f10, .*f17 and 4 more/);
});

test('a new link replaces an old one, also a broken one, but never a real folder', () => {
  const desk = join(dir, 'desk');
  mkdirSync(join(desk, 'node_modules'), { recursive: true });
  symlinkSync(join(dir, 'gone'), join(desk, 'node_modules', 'pankou'), 'junction');
  linkEngine(desk, root);
  linkEngine(desk, root);
  expect(realpathSync(join(desk, 'node_modules', 'pankou'))).toBe(root);
  rmSync(join(desk, 'node_modules', 'pankou'));
  mkdirSync(join(desk, 'node_modules', 'pankou'));
  expect(() => linkEngine(desk, root)).toThrow('is not a link');
});
