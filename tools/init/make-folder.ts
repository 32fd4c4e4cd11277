// Makes a folder of one's own outside the clone and links the engine into it. Called by
// tools/commands/init.ts. Always: everything is checked before the first byte is written; a folder
// that has something in it is left as it is; when a step fails, what was made is taken away again.
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { folderFiles } from './folder-files.ts';

/** How many names of a folder that is not empty are shown. */
const SHOWN_MAX = 8;

export interface MakeOptions {
  /** Folder to make; made with its parents when missing. */
  readonly dir: string;
  /** The engine's clone. */
  readonly root: string;
  /** Fills data/ of the new folder. */
  readonly writeSample: (dataDir: string) => Promise<void>;
}

/** Makes the folder and returns its absolute path; throws with the reason when it may not. */
export async function makeFolder({ dir, root, writeSample }: MakeOptions): Promise<string> {
  const target = resolve(dir);
  refuseInside(target, root);
  refuseFull(target);
  const made = firstMissing(target);
  try {
    for (const [path, text] of folderFiles(packageName(target))) write(join(target, path), text);
    mkdirSync(join(target, 'data'), { recursive: true });
    await writeSample(join(target, 'data'));
    linkEngine(target, root);
  } catch (error) {
    clear(target, made);
    throw error;
  }
  return target;
}

/** (Re)makes node_modules/pankou and node_modules/.bin/pankou of an existing folder. */
export function linkEngine(target: string, root: string): void {
  const bin = join(target, 'node_modules', '.bin');
  const link = join(target, 'node_modules', 'pankou');
  mkdirSync(bin, { recursive: true });
  replaceLink(link, realpathSync(root), process.platform === 'win32' ? 'junction' : 'dir');
  if (process.platform === 'win32') {
    const call = 'node "%~dp0\\..\\pankou\\tools\\pankou.mjs" %*';
    writeFileSync(join(bin, 'pankou.cmd'), `@echo off\r\n${call}\r\n`);
    return;
  }
  chmodSync(join(root, 'tools', 'pankou.mjs'), 0o755);
  replaceLink(join(bin, 'pankou'), join('..', 'pankou', 'tools', 'pankou.mjs'), 'file');
}

/** Replaces a link; refuses to remove anything else. */
function replaceLink(path: string, to: string, kind: 'dir' | 'file' | 'junction'): void {
  const before = lstatSync(path, { throwIfNoEntry: false });
  if (before !== undefined && !before.isSymbolicLink()) {
    throw new Error(`${path} is not a link; remove it first, the engine is only linked`);
  }
  if (before !== undefined) rmSync(path);
  symlinkSync(to, path, kind);
}

function refuseInside(target: string, root: string): void {
  const place = realParent(target);
  const way = relative(realpathSync(root), place);
  if (way === '' || (!way.startsWith('..') && !isAbsolute(way))) {
    throw new Error(
      `${target} lies inside the engine's clone ${root}; choose a folder outside, ` +
        `e.g. ${join(dirname(root), 'my-desk')}`,
    );
  }
  if (place.split(/[\\/]/).includes('node_modules')) {
    throw new Error(`${target} lies inside node_modules, where Node runs no TypeScript`);
  }
}

function refuseFull(target: string): void {
  const stat = lstatSync(target, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!existsSync(target) || !lstatSync(realpathSync(target)).isDirectory()) {
    throw new Error(`${target} exists and is not a folder`);
  }
  const names = readdirSync(target);
  if (names.length === 0) return;
  const shown = names.slice(0, SHOWN_MAX).join(', ');
  const more = names.length > SHOWN_MAX ? ` and ${names.length - SHOWN_MAX} more` : '';
  throw new Error(`${target} is not empty (${shown}${more}); choose a new folder`);
}

/** Real path of a folder that may not exist yet: of its nearest existing parent, and the rest. */
function realParent(target: string): string {
  let place = target;
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  return join(realpathSync(place), relative(place, target));
}

/** The topmost folder that making `target` will create; null when it exists already. */
function firstMissing(target: string): string | null {
  if (existsSync(target)) return null;
  let place = target;
  while (!existsSync(dirname(place))) place = dirname(place);
  return place;
}

/** Takes away what was made; a folder that was there (empty) stays. */
function clear(target: string, made: string | null): void {
  if (made !== null) {
    rmSync(made, { recursive: true, force: true });
    return;
  }
  for (const name of readdirSync(target)) {
    rmSync(join(target, name), { recursive: true, force: true });
  }
}

/** A name that npm accepts; not `pankou`, which is the engine's. */
function packageName(target: string): string {
  const name = basename(target)
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-');
  const trimmed = name.replace(/^-+|-+$/g, '');
  return trimmed === '' || trimmed === 'pankou' ? 'my-pankou' : trimmed;
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { flag: 'wx' });
}
