// Pins the calling thread to a core and sets its priority: the small interface over Linux
// (affinity-linux.ts) and Windows (affinity-windows.ts, written to the documentation and not run by
// its authors). Called by worker threads at their start, benches and `pankou doctor`.
// Always: nothing here throws; what could not be done is said in `why`, and the thread goes on as
// it was. Threads and processes started later by a pinned thread inherit its core on Linux.
import os from 'node:os';
import { openLinux } from './affinity-linux.ts';
import { openWindows } from './affinity-windows.ts';
import type { Result, ThreadControl } from './thread-control.ts';
import { refused } from './thread-control.ts';

export type { Result } from './thread-control.ts';

let control: ThreadControl | string | null = null;
let cores: readonly number[] | null = null;

/** Binds the calling thread to the core of that number (see allowedCores). */
export function pinCurrentThread(core: number): Result {
  if (!Number.isInteger(core) || core < 0) return refused(`core=${core}, expected 0 or more`);
  allowedCores();
  return withControl((thread) => thread.pin(core));
}

/** Highest priority the system permits: nice -20 (Linux), time-critical (Windows). */
export function raisePriority(): Result {
  return withControl((thread) => thread.raise());
}

/** Lowest ordinary priority: nice 19 (Linux), lowest (Windows); cannot be undone without rights. */
export function lowerPriority(): Result {
  return withControl((thread) => thread.lower());
}

/**
 * Raises the threads that Node itself has started in this process (compiler, garbage collector) a
 * little (Linux, nice -10). Called by the main thread before it starts threads that spin: beside
 * those the code that the compiler makes would come half a minute late on a machine of two cores.
 */
export function raiseHelpers(): Result {
  return withControl((thread) => thread.raiseHelpers());
}

/** How late the system may wake this thread, in ns (Linux); whole milliseconds on Windows. */
export function setTimerSlack(ns: number): Result {
  if (!(Number.isInteger(ns) && ns >= 1)) return refused(`ns=${ns}, expected 1 or more`);
  return withControl((thread) => thread.slack(ns));
}

/** Cores this process may use, at least 1; as seen before this module pinned anything. */
export function coreCount(): number {
  return allowedCores().length;
}

/** Their numbers, ascending: a container may own cores 4 and 5 only. Read once in each thread. */
export function allowedCores(): readonly number[] {
  if (cores !== null) return cores;
  const open = openControl();
  const found = typeof open === 'string' ? [] : open.cores();
  cores = found.length > 0 ? found : Array.from(os.cpus(), (_, i) => i);
  if (cores.length === 0) cores = [0];
  return cores;
}

function withControl(act: (thread: ThreadControl) => Result): Result {
  const open = openControl();
  if (typeof open === 'string') return refused(open);
  try {
    return act(open);
  } catch (error) {
    return refused((error as Error).message);
  }
}

/** The platform's calls, opened once in each thread, or why there are none. */
function openControl(): ThreadControl | string {
  if (control !== null) return control;
  try {
    if (process.platform === 'linux') control = openLinux();
    else if (process.platform === 'win32') control = openWindows();
    else control = `pinning and priority are not supported on ${process.platform}`;
  } catch (error) {
    control = `koffi could not be used: ${(error as Error).message}; run npm ci`;
  }
  return control;
}
