// Where the engine will write and listen: journal folder and port. Called by
// tools/commands/doctor.ts. Always: leaves nothing behind; probe file removed, port freed.
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  mkdtempSync,
  openSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import type { Finding } from './check.ts';
import { fail, ok, warn } from './check.ts';

const GIB = 1024 ** 3;
/** One journal record. */
const RECORD_BYTES = 256;
const WRITES_MAX = 300;
const WRITES_MS = 1_500;

/** Free space and the time of a durable write in `dir`, or in its nearest existing parent. */
export function diskFindings(dir: string): Finding[] {
  let place = dir;
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  try {
    const { bavail, bsize } = statfsSync(place);
    return [space(bavail * bsize, place), durable(syncTimes(place), place)];
  } catch (error) {
    const found = `${place}: ${(error as Error).message}`;
    return [fail('disk', found, 'give the engine a folder it may write to ("journal": { "dir" })')];
  }
}

/** Free bytes of the file system that holds `place`. */
export function space(freeBytes: number, place: string): Finding {
  const found = `${(freeBytes / GIB).toFixed(1)} GiB free in ${place}`;
  if (freeBytes < 0.25 * GIB) return fail('disk space', found, 'free 0.25 GiB at the least');
  if (freeBytes < 5 * GIB) return warn('disk space', found, 'a recorded day can take some GiB');
  return ok('disk space', found);
}

function durable(times: readonly number[], place: string): Finding {
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  const p50 = at(0.5);
  const p99 = at(0.99);
  const figures = `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`;
  const found = `write + flush of ${RECORD_BYTES} B: ${figures}`;
  if (p99 <= 10) return ok('disk flush', `${found} in ${place}`);
  const advice = 'use a local NVMe disk, or "flush": "group"';
  return warn('disk flush', `${found} in ${place}`, advice);
}

/** Milliseconds of each write and flush, ascending. */
function syncTimes(place: string): number[] {
  const folder = mkdtempSync(join(place, '.pankou-doctor-'));
  try {
    const file = openSync(join(folder, 'probe'), 'w');
    try {
      return timeWrites(file);
    } finally {
      closeSync(file);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function timeWrites(file: number): number[] {
  const record = new Uint8Array(RECORD_BYTES).fill(0x5a);
  const times: number[] = [];
  const end = performance.now() + WRITES_MS;
  for (let i = 0; i < WRITES_MAX && performance.now() < end; i++) {
    const start = performance.now();
    writeSync(file, record, 0, RECORD_BYTES);
    fdatasyncSync(file);
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b);
}

/** Whether `port` of `host` can be listened on now. */
export function portFinding(host: string, port: number): Promise<Finding> {
  const bare = host.replace(/^\[|\]$/g, '');
  if (port === 0) return Promise.resolve(ok('port', 'any free one is taken'));
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      const found = `${host}:${port} cannot be listened on: ${error.code ?? error.message}`;
      resolve(warn('port', found, 'stop what uses it, or start with --port N (0 = any free one)'));
    });
    server.listen({ host: bare, port, exclusive: true }, () => {
      server.close(() => resolve(ok('port', `${host}:${port} is free`)));
    });
  });
}
