// Starts the workers of a race and collects their reports. PANKOU_RACE=long multiplies the work of
// every race by 60: hundreds of millions of messages.
import { Worker } from 'node:worker_threads';

export interface RaceSetup {
  readonly role:
    | 'spsc-writer'
    | 'spsc-reader'
    | 'broadcast-writer'
    | 'broadcast-reader'
    | 'park-first'
    | 'park-second'
    | 'dead-reader-writer'
    | 'dying-writer';
  readonly memory: SharedArrayBuffer;
  readonly capacity: number;
  readonly frameBytesMax: number;
  /** Messages of the race; for parking, rounds. */
  readonly count: number;
  /** Wall-clock time at which a worker gives up and reports how far it came. */
  readonly deadlineMs: number;
  /** SPSC writer: before every n-th message one claim is written and given back; 0 = none. */
  readonly abortEvery: number;
  /** Broadcast reader: loads it wastes between polls. */
  readonly slowness: number;
  /** Longest sleep of a parked reader. */
  readonly parkMs: number;
}

export interface RaceReport {
  readonly count: number;
  readonly wraps: number;
  readonly refusals: number;
  readonly aborts: number;
  readonly lost: number;
  readonly stuck: number;
  readonly parks: number;
  readonly firstError: string;
}

/** True for the long races. */
export const LONG = process.env['PANKOU_RACE'] === 'long';
const FACTOR = LONG ? 60 : 1;
/** Time limit of one race test. */
export const RACE_TIMEOUT_MS = LONG ? 1_800_000 : 60_000;

export function scaled(count: number): number {
  return count * FACTOR;
}

export function makeSetup(role: RaceSetup['role'], over: Partial<RaceSetup>): RaceSetup {
  return {
    role,
    memory: over.memory ?? new SharedArrayBuffer(8),
    capacity: 1 << 16,
    frameBytesMax: 96,
    count: scaled(5_000_000),
    deadlineMs: Date.now() + RACE_TIMEOUT_MS * 0.8,
    abortEvery: 0,
    slowness: 0,
    parkMs: 10_000,
    ...over,
  };
}

/** A running side. `heard` resolves at the first text message, `report` at the report. */
export interface Side {
  readonly worker: Worker;
  readonly heard: Promise<void>;
  readonly report: Promise<RaceReport>;
}

export function startSide(setup: RaceSetup): Side {
  const worker = new Worker(new URL('./race-worker.ts', import.meta.url), { workerData: setup });
  let hear: () => void = () => {};
  const heard = new Promise<void>((resolve) => {
    hear = resolve;
  });
  const report = new Promise<RaceReport>((resolve, reject) => {
    worker.on('message', (message: RaceReport | string) => {
      if (typeof message === 'string') hear();
      else resolve(message);
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`${setup.role} ended with ${code}, no report`)));
  });
  // A test that ends a worker on purpose never looks at its report.
  report.catch(() => {});
  return { worker, heard, report };
}
