// One process per folder: the lock that keeps a second engine off a journal. Called by openJournal
// and by everything that owns a folder. Invariant: the operating system frees it when the process
// dies, kill -9 included, because it is a bound local socket named after the folder: an abstract
// socket on Linux (by device and inode, so links and bind mounts are the same folder), a named
// pipe on Windows. Elsewhere a lock file counts while its process lives. The file `pankou.lock`
// says who holds it; on Linux and Windows it is for people only.
import { createHash } from 'node:crypto';
import {
  closeSync,
  linkSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** File in a locked folder that names the holder. */
export const LOCK_FILE = 'pankou.lock';

/** Who holds a folder. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** Wall-clock start of the holding, ISO 8601. */
  readonly since: string;
}

/** The folder is held by another process, or by this one already. */
export class FolderLockError extends Error {
  readonly dir: string;
  /** null when the holder did not say. */
  readonly holder: LockHolder | null;

  constructor(dir: string, holder: LockHolder | null) {
    const who =
      holder === null
        ? 'another pankou process'
        : `pankou pid ${holder.pid} on ${holder.host} since ${holder.since}`;
    const hint = 'stop that process first, or give this one another folder';
    super(`folder ${dir} is in use by ${who}: ${hint}`);
    this.name = 'FolderLockError';
    this.dir = dir;
    this.holder = holder;
  }
}

/** A held lock. */
export interface FolderLock {
  readonly dir: string;
  /** Frees the folder; harmless when called again. */
  release(): Promise<void>;
}

/**
 * Locks `dir`, which must exist. Throws FolderLockError when it is held. `platform` is for tests of
 * the other systems' way; all processes of one machine must use the same.
 */
export async function lockFolder(
  dir: string,
  platform: NodeJS.Platform = process.platform,
): Promise<FolderLock> {
  const path = realpathSync(dir);
  if (!statSync(path).isDirectory()) throw new Error(`${dir} is a file, expected a folder`);
  const name = socketName(path, platform);
  return name === null ? lockByFile(path) : lockBySocket(path, name);
}

/** What the folder's lock file says, or null. It may be left over from a killed process. */
export function readHolder(dir: string): LockHolder | null {
  try {
    const value: unknown = JSON.parse(readFileSync(join(dir, LOCK_FILE), 'utf8'));
    return isHolder(value) ? { pid: value.pid, host: value.host, since: value.since } : null;
  } catch {
    return null; // No file, or written by half: nobody known.
  }
}

/** Name of the local socket for a folder's real path; null where the system has none. */
function socketName(path: string, platform: NodeJS.Platform): string | null {
  if (platform === 'linux') {
    const { dev, ino } = statSync(path, { bigint: true });
    return `\0pankou-folder-${digest(`${dev}:${ino}`)}`;
  }
  if (platform === 'win32') {
    return `\\\\.\\pipe\\pankou-folder-${digest(path.toLowerCase())}`;
  }
  return null;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 40);
}

async function lockBySocket(path: string, name: string): Promise<FolderLock> {
  const server = createServer((socket) => socket.destroy());
  try {
    await listen(server, name);
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE' && codeOf(error) !== 'EACCES') throw error;
    throw new FolderLockError(path, await holderOnceWritten(path));
  }
  server.unref();
  const mine = describeSelf();
  try {
    replaceLockFile(path, mine);
  } catch (error) {
    server.close();
    throw error;
  }
  let held = true;
  return {
    dir: path,
    async release() {
      if (!held) return;
      held = false;
      removeOwnFile(path, mine);
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

function listen(server: Server, name: string): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen({ path: name, exclusive: true }, () => {
      server.off('error', fail);
      // An accept that fails later (too many files) must not bring the engine down.
      server.on('error', () => {});
      done();
    });
  });
}

/** The holder writes its file just after it got the lock: a loser waits for that a moment. */
async function holderOnceWritten(path: string): Promise<LockHolder | null> {
  for (let i = 0; i < 10; i++) {
    const holder = readHolder(path);
    if (holder !== null && (holder.host !== hostname() || isAlive(holder.pid))) return holder;
    await sleep(20);
  }
  return null;
}

/** For systems without such sockets: exclusive creation, and take-over from a dead process. */
function lockByFile(path: string): FolderLock {
  const file = join(path, LOCK_FILE);
  const mine = describeSelf();
  for (let i = 0; i < 3; i++) {
    if (createExclusively(file, mine)) {
      return {
        dir: path,
        async release() {
          removeOwnFile(path, mine);
        },
      };
    }
    const holder = readHolder(path);
    const alive = holder === null || holder.host !== mine.host || isAlive(holder.pid);
    if (alive || !takeAway(path, holder)) throw new FolderLockError(path, readHolder(path));
  }
  throw new FolderLockError(path, readHolder(path));
}

function createExclusively(file: string, mine: LockHolder): boolean {
  // Written whole beside it and then linked: the lock file never exists half-written.
  const draft = `${file}.${mine.pid}`;
  writeFileSync(draft, JSON.stringify(mine));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(draft);
  }
}

/** Moves a dead process's lock file aside; false when it turns out to be somebody else's. */
function takeAway(path: string, dead: LockHolder): boolean {
  const file = join(path, LOCK_FILE);
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch (error) {
    return codeOf(error) === 'ENOENT';
  }
  const text = readFileSync(aside, 'utf8');
  const isSame = text === JSON.stringify(dead);
  if (!isSame) linkSync(aside, file);
  unlinkSync(aside);
  return isSame;
}

function replaceLockFile(path: string, mine: LockHolder): void {
  const draft = join(path, `${LOCK_FILE}.${mine.pid}`);
  const handle = openSync(draft, 'w', 0o644);
  try {
    writeSync(handle, JSON.stringify(mine));
  } finally {
    closeSync(handle);
  }
  renameSync(draft, join(path, LOCK_FILE));
}

function removeOwnFile(path: string, mine: LockHolder): void {
  const holder = readHolder(path);
  if (holder?.pid !== mine.pid || holder.since !== mine.since) return;
  try {
    unlinkSync(join(path, LOCK_FILE));
  } catch {
    // The folder itself may be gone; the lock does not depend on the file.
  }
}

function describeSelf(): LockHolder {
  return { pid: process.pid, host: hostname(), since: new Date().toISOString() };
}

/** Whether a process of that number exists on this host, whoever owns it. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function isHolder(value: unknown): value is LockHolder {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, host, since } = value as Record<string, unknown>;
  return typeof pid === 'number' && typeof host === 'string' && typeof since === 'string';
}
