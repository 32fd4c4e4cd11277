// The archive of closed days in a run folder: each a read-only folder with the day's journals,
// recordings, reports and order history, and a manifest with the SHA-256 of every file. Called by
// the close of a day, by what opens the next one, and by what reads old days. Always: a day appears
// under its name whole or not at all; what a crash cut short is finished at the next try.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { isCalendarDay } from '../config-numbers.ts';
import { syncFolder } from '../journal/segment-file.ts';
import { closedDayFolder, DAY_FILE, DAYS_FOLDER } from './day-file.ts';

/** Not manifest.json: that names a recording. */
export const MANIFEST_FILE = 'archive.json';
/** What belongs to a day and moves into its archive; the day's sheet comes last. */
const MOVED = /^(journal-\d+|recording-\d+|end\.json)$/;
const CHUNK = 1 << 20;

export interface ArchivedFile {
  /** Below the day's folder, with `/`. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface ClosedAccountNote {
  readonly id: string;
  readonly cashE4: number;
  readonly profitE4: number;
  readonly endedOrders: number;
  readonly stateHash: string;
}

export interface DayManifest {
  readonly day: number;
  readonly engineVersion: string;
  readonly schemaHash: string;
  readonly accounts: readonly ClosedAccountNote[];
  /** SHA-256 of the manifest of the closed day before it in this folder; '' = it is the first. */
  readonly previous: string;
  readonly files: readonly ArchivedFile[];
}

/** Where a day is put together before it gets its name. */
export function draftFolder(runDir: string, day: number): string {
  return `${closedDayFolder(runDir, day)}.partial`;
}

/** Days that are closed in a run folder, oldest first. */
export function closedDays(runDir: string): number[] {
  const folder = join(runDir, DAYS_FOLDER);
  if (!existsSync(folder)) return [];
  const days = readdirSync(folder).filter((name) => /^\d{8}$/.test(name));
  return days
    .map(Number)
    .filter(isCalendarDay)
    .sort((a, b) => a - b);
}

/** A day whose archive a crash cut short after its last file was moved; 0 = none. */
export function unfinishedDay(runDir: string): number {
  const folder = join(runDir, DAYS_FOLDER);
  if (!existsSync(folder)) return 0;
  for (const name of readdirSync(folder)) {
    const match = /^(\d{8})\.partial$/.exec(name);
    if (match !== null && existsSync(join(folder, name, DAY_FILE))) return Number(match[1]);
  }
  return 0;
}

/** Moves what belongs to the day into its draft; what was moved before stays there. */
export function moveDay(runDir: string, day: number): void {
  const draft = draftFolder(runDir, day);
  mkdirSync(draft, { recursive: true });
  const names = readdirSync(runDir).filter((name) => MOVED.test(name));
  for (const name of names) renameSync(join(runDir, name), join(draft, name));
  const sheet = join(runDir, DAY_FILE);
  if (existsSync(sheet)) renameSync(sheet, join(draft, DAY_FILE));
}

/** Writes the manifest, makes everything read-only, and gives the day its name. */
export function sealDay(
  runDir: string,
  day: number,
  facts: Omit<DayManifest, 'day' | 'files' | 'previous'>,
): void {
  const draft = draftFolder(runDir, day);
  const before = closedDays(runDir)
    .filter((other) => other < day)
    .at(-1);
  const previous = before === undefined ? '' : manifestHash(runDir, before);
  const files = filesBelow(draft, '').filter((path) => path !== MANIFEST_FILE);
  const manifest: DayManifest = {
    day,
    ...facts,
    previous,
    files: files.map((path) => ({ path, ...digest(join(draft, path)) })),
  };
  writeFileSync(join(draft, MANIFEST_FILE), `${JSON.stringify(manifest, null, 1)}\n`);
  protect(draft);
  renameSync(draft, closedDayFolder(runDir, day));
  syncFolder(join(runDir, DAYS_FOLDER));
}

/** The manifest of a closed day. Throws a text for people. */
export function readDayManifest(runDir: string, day: number): DayManifest {
  const path = join(closedDayFolder(runDir, day), MANIFEST_FILE);
  try {
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as DayManifest;
    if (manifest.day === day && Array.isArray(manifest.files)) return manifest;
  } catch {
    // Said below.
  }
  throw new Error(`${path} is missing or damaged: restore the day's folder from a copy`);
}

/** Compares every file of a closed day with its manifest; throws naming the first that differs. */
export function verifyDay(runDir: string, day: number): DayManifest {
  const folder = closedDayFolder(runDir, day);
  const manifest = readDayManifest(runDir, day);
  const known = new Set(manifest.files.map(({ path }) => path));
  for (const { path, bytes, sha256 } of manifest.files) {
    const file = join(folder, path);
    if (!existsSync(file)) throw new Error(`${file} is missing: ${RESTORE}`);
    const now = digest(file);
    if (now.bytes === bytes && now.sha256 === sha256) continue;
    const change = now.bytes === bytes ? 'its bytes changed' : `${now.bytes} bytes, not ${bytes}`;
    throw new Error(`${file} is not what was archived (${change}): ${RESTORE}`);
  }
  for (const path of filesBelow(folder, '')) {
    if (known.has(path) || path === MANIFEST_FILE) continue;
    throw new Error(`${join(folder, path)} was added after the day was closed: remove it`);
  }
  return manifest;
}

const RESTORE = "restore the day's folder from a copy; nothing may be changed in a closed day";

function manifestHash(runDir: string, day: number): string {
  return digest(join(closedDayFolder(runDir, day), MANIFEST_FILE)).sha256;
}

/** Files below a folder, sorted, with `/`; links and other oddities are not followed. */
function filesBelow(folder: string, prefix: string): string[] {
  const paths: string[] = [];
  for (const name of readdirSync(join(folder, prefix)).sort()) {
    const path = prefix === '' ? name : `${prefix}/${name}`;
    const stat = lstatSync(join(folder, path));
    if (stat.isDirectory()) paths.push(...filesBelow(folder, path));
    else if (stat.isFile()) paths.push(path);
  }
  return paths;
}

function digest(path: string): { bytes: number; sha256: string } {
  const hash = createHash('sha256');
  const handle = openSync(path, 'r');
  const chunk = new Uint8Array(CHUNK);
  let bytes = 0;
  try {
    for (;;) {
      const got = readSync(handle, chunk, 0, CHUNK, null);
      if (got === 0) break;
      hash.update(chunk.subarray(0, got));
      bytes += got;
    }
  } finally {
    closeSync(handle);
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Files to 0444, folders to 0555, from the inside out. On Windows the read-only flag of files. */
function protect(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const stat = lstatSync(path);
    if (stat.isDirectory()) protect(path);
    else if (stat.isFile()) chmodSync(path, 0o444);
  }
  chmodSync(folder, 0o555);
}
