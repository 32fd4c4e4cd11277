// Where a running engine of a run folder can be reached: the file `engine.json` in it, for the
// command line and programs beside the engine. Written by the launcher, removed at the end. Always:
// readable by its owner only, because it holds what commands must carry; a file whose process is
// gone counts for nothing.
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import type { BridgePlace } from '../messages/link-types.ts';

export const ENGINE_FILE = 'engine.json';

export interface EngineAddress {
  readonly name: string;
  readonly pid: number;
  /** Local socket of the core, and what it wants to hear. */
  readonly socket: string;
  readonly secret: string;
  /** HTTP interface; null = it runs without. */
  readonly url: string | null;
  readonly token: string;
  /** The bridge behind which its accounts are, for the kill past the core; absent = none. */
  readonly bridge?: BridgePlace | undefined;
}

export interface FoundEngine extends EngineAddress {
  /** Run folder. */
  readonly dir: string;
}

export function writeEngineAddress(dir: string, address: EngineAddress): void {
  const path = join(dir, ENGINE_FILE);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(address, null, 1)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

export function removeEngineAddress(dir: string): void {
  rmSync(join(dir, ENGINE_FILE), { force: true });
}

/** The live engine of exactly this run folder, or null. */
export function readEngineAddress(dir: string): FoundEngine | null {
  try {
    const value = JSON.parse(readFileSync(join(dir, ENGINE_FILE), 'utf8')) as EngineAddress;
    return isAlive(value.pid) ? { ...value, dir } : null;
  } catch {
    return null; // none, written by half, or not ours to read
  }
}

/** Live engines in `dir` and the folders below it, `depth` levels down. */
export function findEngines(dir: string, depth = 3): FoundEngine[] {
  const own = readEngineAddress(dir);
  if (own !== null) return [own];
  if (depth === 0 || !existsSync(dir)) return [];
  const folders = readdirSync(dir, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.'),
  );
  return folders.flatMap((entry) => findEngines(join(dir, entry.name), depth - 1));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
