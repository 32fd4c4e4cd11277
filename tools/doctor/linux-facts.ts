// What Linux says about itself under /proc and /sys, and whether its clock is disciplined. Called
// by the machine checks; elsewhere every answer is null. Always: read only, never throws.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** struct timex of 64-bit Linux (adjtimex(2)), generously sized; `maxerror` in us at byte 24. */
const TIMEX_BYTES = 512;
const MAX_ERROR_AT = 24;
/** adjtimex() returns this while the clock is not synchronised. */
const TIME_ERROR = 5;

/** Cores the kernel keeps free of other work, `2-3`; empty = none; null = not known here. */
export function isolatedCores(): string | null {
  return read('/sys/devices/system/cpu/isolated');
}

/** Frequency governor of the first core; null = not known (virtual machines). */
export function frequencyGovernor(): string | null {
  return read('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor');
}

/** Cores the calling thread may run on, as the kernel lists them: `0-1`. */
export function threadCores(): string | null {
  const status = read('/proc/thread-self/status');
  return /^Cpus_allowed_list:\s*(\S+)/m.exec(status ?? '')?.[1] ?? null;
}

/** Whether the kernel's clock follows a time server, and its own bound of the error. */
export function clockDiscipline(): { synchronised: boolean; maxErrorMs: number } | null {
  if (process.platform !== 'linux' || !/64/.test(process.arch)) return null;
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    const adjtimex = koffi.load(null).func('int adjtimex(_Inout_ uint8_t *buf)');
    const timex = new Uint8Array(TIMEX_BYTES);
    const state = adjtimex(timex) as number;
    if (state < 0) return null;
    const maxErrorUs = Number(new DataView(timex.buffer).getBigInt64(MAX_ERROR_AT, true));
    return { synchronised: state !== TIME_ERROR, maxErrorMs: maxErrorUs / 1_000 };
  } catch {
    return null;
  }
}

function read(path: string): string | null {
  if (process.platform !== 'linux') return null;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}
