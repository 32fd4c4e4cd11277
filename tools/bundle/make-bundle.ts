// Makes the offline archive: a folder of links to what it holds, packed by the system's tar (part
// of Linux, macOS and Windows 10 or later). Called by tools/commands/bundle.ts. Always: the clone
// is only read; the archive appears under its name when it is complete and was listed; the staging
// folder is removed. The engine lies outside node_modules, since Node runs no TypeScript inside.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { REQUIRED, runtimePackages, SOURCES, servesTarget } from './contents.ts';

/** Starts the engine with the Node of the bundle; needs no other program, not even a PATH. */
const START_SH = `#!/bin/sh
# Starts Pankou with the Node of this folder: ./pankou.sh run examples/paper.json
self=$0
while [ -L "$self" ]; do
  to=$(readlink "$self")
  case "$to" in /*) self=$to ;; *) self=\${self%/*}/$to ;; esac
done
case "$self" in */*) here=\${self%/*} ;; *) here=. ;; esac
exec "$here/node_modules/node/bin/node" "$here/tools/cli.ts" "$@"
`;
const START_CMD = [
  '@echo off',
  'rem Starts Pankou with the Node of this folder: pankou.cmd run examples\\paper.json',
  '"%~dp0node_modules\\node\\bin\\node.exe" "%~dp0tools\\cli.ts" %*',
  '',
].join('\r\n');
/** The bundle runs the pinned Node, which runs this. */
const HERE = { platform: process.platform, arch: process.arch, abi: process.versions.modules };
const LIST_BYTES_MAX = 256 * 1024 * 1024;

export interface BundleOptions {
  readonly root: string;
  readonly version: string;
  /** Archive to write; null = `pankou-VERSION-PLATFORM-ARCH.tar.gz` in the current folder. */
  readonly out: string | null;
}

export interface Bundle {
  readonly file: string;
  readonly bytes: number;
  readonly entries: number;
}

/** Writes the archive; throws with the reason, leaving no half archive. */
export function makeBundle({ root, version, out }: BundleOptions): Bundle {
  const name = `pankou-${version}-${process.platform}-${process.arch}`;
  const file = resolve(out ?? `${name}.tar.gz`);
  requireBuilt(root);
  if (existsSync(file)) throw new Error(`${file} exists; remove it or give another --out`);
  if (!existsSync(dirname(file))) throw new Error(`${dirname(file)} does not exist; make it first`);
  const staging = mkdtempSync(join(dirname(file), '.pankou-bundle-'));
  try {
    stage(root, join(staging, name));
    const packed = join(staging, 'packed.tar.gz');
    tar(['-czf', basename(packed), name], staging);
    const entries = verifyListing(tar(['-tzf', basename(packed)], staging), name);
    renameSync(packed, file);
    return { file, bytes: statSync(file).size, entries };
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function requireBuilt(root: string): void {
  if (!existsSync(join(root, 'package-lock.json'))) {
    throw new Error(`cannot bundle: ${root} has no package-lock.json; a bundle is made in a clone`);
  }
  const missing = REQUIRED.filter((path) => !existsSync(join(root, path)));
  if (missing.length > 0) {
    throw new Error(`cannot bundle: ${missing.join(', ')} missing; run 'npm run build' first`);
  }
  if (!existsSync(nodeBinary(root))) {
    throw new Error(`cannot bundle: ${nodeBinary(root)} missing; run 'npm ci' first`);
  }
}

function nodeBinary(root: string): string {
  const file = process.platform === 'win32' ? 'node.exe' : 'node';
  return join(root, 'node_modules', 'node', 'bin', file);
}

/** Builds the folder that is packed. */
function stage(root: string, target: string): void {
  for (const path of SOURCES) {
    if (existsSync(join(root, path))) place(join(root, path), join(target, path));
  }
  for (const path of runtimePackages(root)) {
    place(join(root, path), join(target, path), 'node_modules');
  }
  const sh = join(target, 'pankou.sh');
  writeFileSync(sh, START_SH);
  chmodSync(sh, 0o755);
  writeFileSync(join(target, 'pankou.cmd'), START_CMD);
}

/** Links (or copies, on another disk) a file or folder; leaves out folders named `skip` in it. */
function place(from: string, to: string, skip = ''): void {
  if (lstatSync(realpathSync(from)).isDirectory()) {
    mkdirSync(to, { recursive: true });
    for (const name of readdirSync(from)) {
      if (name !== skip) place(join(from, name), join(to, name), skip);
    }
    return;
  }
  if (!servesTarget(from, HERE)) return;
  mkdirSync(dirname(to), { recursive: true });
  try {
    linkSync(realpathSync(from), to);
  } catch {
    copyFileSync(from, to);
  }
}

/** Runs tar in `cwd` without a shell, on names without drive letters; returns what it printed. */
function tar(args: readonly string[], cwd: string): string {
  const run = spawnSync('tar', args, { cwd, encoding: 'utf8', maxBuffer: LIST_BYTES_MAX });
  if (run.error !== undefined) {
    throw new Error(`tar could not be started: ${run.error.message}; it is part of the system`);
  }
  if (run.status !== 0) throw new Error(`tar ${args[0]}: ${run.stderr.trim()}`);
  return run.stdout;
}

/** Counts the entries of the archive; throws when one that is needed is not there. */
export function verifyListing(listing: string, name: string): number {
  const entries = new Set(listing.split(/\r?\n/).filter((line) => line !== ''));
  const node = `node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`;
  const needed = [...REQUIRED.slice(1), node, 'pankou.sh', 'pankou.cmd'];
  const missing = needed.filter((path) => !entries.has(`${name}/${path}`));
  if (missing.length === 0) return entries.size;
  throw new Error(`the archive lacks ${missing.join(', ')}; nothing was kept`);
}
