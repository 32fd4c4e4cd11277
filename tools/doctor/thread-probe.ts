// A worker thread that tries on itself what an engine thread does at its start, then listens to the
// machine: pin, priority, timer slack, clock, noise. Started by tools/doctor/machine-checks.ts, so
// that the thread of the command stays as it was. Always: posts one ThreadProbe and ends.
import { parentPort, workerData } from 'node:worker_threads';
import type { Result } from '../../engine/host/affinity.ts';
import { pinCurrentThread, raisePriority, setTimerSlack } from '../../engine/host/affinity.ts';
import { threadCores } from './linux-facts.ts';

/** A gap in a spin longer than this was time that the machine gave to somebody else. */
const GAP_NS = 20_000;
const CLOCK_READS = 200_000;
const SLEEPS = 30;

export interface ThreadProbe {
  readonly core: number;
  readonly pin: Result;
  /** Cores the kernel lists for the pinned thread; null where it does not say. */
  readonly allowed: string | null;
  readonly raise: Result;
  readonly slack: Result;
  readonly clock: { backwards: number; resolutionNs: number };
  /** Median lateness of a 1 ms wait. */
  readonly sleepLateUs: number;
  readonly noise: { gaps: number; lostShare: number; longestUs: number };
}

const { core, spinMs } = workerData as { core: number; spinMs: number };
parentPort?.postMessage(probe());

function probe(): ThreadProbe {
  const pin = pinCurrentThread(core);
  const allowed = threadCores();
  const raise = raisePriority();
  const slack = setTimerSlack(1);
  return {
    core,
    pin,
    allowed,
    raise,
    slack,
    clock: readClock(),
    sleepLateUs: sleepLate(),
    noise: listen(),
  };
}

/** Reads the clock many times: does it ever go back, and what is its smallest step. */
function readClock(): ThreadProbe['clock'] {
  let backwards = 0;
  let resolutionNs = Number.POSITIVE_INFINITY;
  let last = performance.now();
  for (let i = 0; i < CLOCK_READS; i++) {
    const now = performance.now();
    const step = (now - last) * 1e6;
    if (step < 0) backwards++;
    else if (step > 0 && step < resolutionNs) resolutionNs = step;
    last = now;
  }
  return { backwards, resolutionNs };
}

function sleepLate(): number {
  const word = new Int32Array(new SharedArrayBuffer(4));
  const late: number[] = [];
  for (let i = 0; i < SLEEPS; i++) {
    const start = performance.now();
    Atomics.wait(word, 0, 0, 1);
    late.push((performance.now() - start - 1) * 1_000);
  }
  return late.sort((a, b) => a - b)[SLEEPS >> 1];
}

/** Spins and adds up the gaps. */
function listen(): ThreadProbe['noise'] {
  const start = performance.now();
  const end = start + spinMs;
  let gaps = 0;
  let lost = 0;
  let longest = 0;
  for (let last = start; last < end; ) {
    const now = performance.now();
    const gap = (now - last) * 1e6;
    if (gap > GAP_NS) {
      gaps++;
      lost += gap;
      if (gap > longest) longest = gap;
    }
    last = now;
  }
  return { gaps, lostShare: lost / (spinMs * 1e6), longestUs: longest / 1_000 };
}
