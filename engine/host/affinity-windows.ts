// Pinning, thread priority and timer period on Windows through kernel32 and winmm. Called by
// affinity.ts only. WRITTEN TO MICROSOFT'S DOCUMENTATION AND NOT YET RUN on Windows by its authors.
// Always: GetCurrentThread() is a pseudo handle of the calling thread, so workers must call it
// themselves; only the thread's own processor group of up to 64 cores can be named.
import { createRequire } from 'node:module';
import type { Result, ThreadControl } from './thread-control.ts';
import { DONE, refused } from './thread-control.ts';

const GROUP_CORES = 64;
const PRIORITY_TIME_CRITICAL = 15;
const PRIORITY_HIGHEST = 2;
const PRIORITY_LOWEST = -2;
const TIMER_OK = 0;
const ONE = BigInt(1);

/** Opens the system libraries; throws when koffi or a symbol is missing. */
export function openWindows(): ThreadControl {
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  const kernel = koffi.load('kernel32.dll');
  const winmm = koffi.load('winmm.dll');
  const currentThread = kernel.func('void * __stdcall GetCurrentThread()');
  const currentProcess = kernel.func('void * __stdcall GetCurrentProcess()');
  const lastError = kernel.func('uint32_t __stdcall GetLastError()');
  const setMask = kernel.func(
    'uintptr_t __stdcall SetThreadAffinityMask(void *thread, uintptr_t mask)',
  );
  const getMask = kernel.func(
    'int __stdcall GetProcessAffinityMask' +
      '(void *process, _Out_ uint64_t *own, _Out_ uint64_t *system)',
  );
  const setPriority = kernel.func('int __stdcall SetThreadPriority(void *thread, int priority)');
  const beginPeriod = winmm.func('uint32_t __stdcall timeBeginPeriod(uint32_t ms)');

  const cores = (): readonly number[] => {
    const own: (number | bigint)[] = [0];
    const system: (number | bigint)[] = [0];
    if (getMask(currentProcess(), own, system) === 0) return [];
    return bitsOf(BigInt(own[0]));
  };
  const priority = (value: number): Result =>
    setPriority(currentThread(), value) !== 0
      ? DONE
      : refused(`SetThreadPriority ${value}: Windows error ${lastError()}`);

  return {
    cores,
    pin(core: number): Result {
      if (core >= GROUP_CORES) {
        return refused(`core=${core}, expected below ${GROUP_CORES} (one processor group)`);
      }
      const before = setMask(currentThread(), ONE << BigInt(core));
      if (Number(before) !== 0) return DONE;
      const allowed = cores().join(', ');
      return refused(`core ${core}: Windows error ${lastError()}; this process may use ${allowed}`);
    },
    raise: () => (priority(PRIORITY_TIME_CRITICAL).ok ? DONE : priority(PRIORITY_HIGHEST)),
    lower: () => priority(PRIORITY_LOWEST),
    // Windows lets a ready thread of low priority run now and then, whatever spins above it.
    raiseHelpers: () => DONE,
    slack(ns: number): Result {
      const ms = Math.max(1, Math.ceil(ns / 1e6));
      const code = beginPeriod(ms);
      return code === TIMER_OK ? DONE : refused(`timeBeginPeriod ${ms}: code ${code}`);
    },
  };
}

/** Numbers of the bits set. */
function bitsOf(mask: bigint): number[] {
  const cores: number[] = [];
  for (let core = 0; core < GROUP_CORES; core++) {
    if (((mask >> BigInt(core)) & ONE) === ONE) cores.push(core);
  }
  return cores;
}
