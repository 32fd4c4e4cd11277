// Pinning, nice values and timer slack of threads through the C library (glibc or musl). Called by
// affinity.ts only. Always: process id 0 means the calling THREAD in all three calls
// (sched_setaffinity(2); setpriority(2) under NPTL; prctl(2)), so workers must call it themselves.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { getSystemErrorName } from 'node:util';
import type { Result, ThreadControl } from './thread-control.ts';
import { DONE, refused } from './thread-control.ts';

/** cpu_set_t: 1,024 cores. */
const MASK_BYTES = 128;
const CORES_MAX = MASK_BYTES * 8;
const PRIO_PROCESS = 0;
const PR_SET_TIMERSLACK = 29;
/** Tried from the strongest; a limit (RLIMIT_NICE) may permit only some. */
const NICE_VALUES = [-20, -15, -10, -5];
const NICE_LOWEST = 19;
/** A tenth of a core beside a thread at -20; at 0 it would be a hundredth. */
const NICE_HELPERS = -10;

/** Opens the C library of this process; throws when koffi or a symbol is missing. */
export function openLinux(): ThreadControl {
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  const libc = koffi.load(null);
  const setAffinity = libc.func('int sched_setaffinity(int pid, size_t size, const uint8_t *mask)');
  const getAffinity = libc.func('int sched_getaffinity(int pid, size_t size, _Out_ uint8_t *mask)');
  const setPriority = libc.func('int setpriority(int which, uint32_t who, int nice)');
  const prctl = libc.func('int prctl(int op, ulong a, ulong b, ulong c, ulong d)');
  const failed = () => getSystemErrorName(-koffi.errno());

  const cores = (): readonly number[] => {
    const mask = new Uint8Array(MASK_BYTES);
    return getAffinity(0, MASK_BYTES, mask) < 0 ? [] : coresOf(mask);
  };
  const atStart = cores();
  const nice = (value: number, thread = 0): Result =>
    setPriority(PRIO_PROCESS, thread, value) === 0 ? DONE : refused(`setpriority: ${failed()}`);

  return {
    cores,
    pin(core: number): Result {
      if (core >= CORES_MAX) return refused(`core=${core}, expected below ${CORES_MAX}`);
      const mask = new Uint8Array(MASK_BYTES);
      mask[core >> 3] = 1 << (core & 7);
      if (setAffinity(0, MASK_BYTES, mask) === 0) return DONE;
      return refused(`core ${core}: ${failed()}; this process may use cores ${atStart.join(', ')}`);
    },
    raise(): Result {
      for (const value of NICE_VALUES) if (nice(value).ok) return DONE;
      const how = "'sudo setcap cap_sys_nice+ep' on the node binary, or 'nice -20' in limits.conf";
      return refused(`a nice value below 0 is not permitted (${failed()}); ${how}`);
    },
    lower: () => nice(NICE_LOWEST),
    raiseHelpers(): Result {
      const threads = readdirSync('/proc/self/task').map(Number);
      const results = threads.filter((t) => t !== process.pid).map((t) => nice(NICE_HELPERS, t));
      return results.find(({ ok }) => !ok) ?? DONE;
    },
    slack(ns: number): Result {
      if (prctl(PR_SET_TIMERSLACK, ns, 0, 0, 0) === 0) return DONE;
      return refused(`prctl: ${failed()}`);
    },
  };
}

/** Numbers of the bits set. */
function coresOf(mask: Uint8Array): number[] {
  const cores: number[] = [];
  for (let core = 0; core < CORES_MAX; core++) {
    if ((mask[core >> 3] & (1 << (core & 7))) !== 0) cores.push(core);
  }
  return cores;
}
