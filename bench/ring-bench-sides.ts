// Starts the two workers of a ring bench at the same moment and collects both reports. Called by
// ring.bench.ts. Always: both workers are gone when runSides returns or throws.
import { type MessagePort, Worker } from 'node:worker_threads';

export interface RingBenchSetup {
  /** A key of PINGS or STREAMS. */
  readonly kind: string;
  /** First: sends pings, or produces. Second: answers, or consumes. */
  readonly first: boolean;
  readonly memory: SharedArrayBuffer;
  readonly start: SharedArrayBuffer;
  /** Messages to move, warm-up included. */
  readonly count: number;
  /** Messages at the beginning that are not timed. */
  readonly warmup: number;
  readonly port: MessagePort | null;
}

export interface RingBenchReport {
  /** Of a consumer: when its warm-up was over, and when it had everything. */
  readonly startNs: number;
  readonly endNs: number;
  readonly checksum: number;
  /** Round trips in ns; only of the side that sends pings. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly count: number;
  /** Why the side ran unpinned, or ''. */
  readonly unpinned: string;
}

/** Bytes that are enough for every kind: two rings of RING_CAPACITY with room for headers. */
export const RING_CAPACITY = 1 << 16;
const MEMORY_BYTES = 4 * RING_CAPACITY;
/** ringbuf.js: two indexes, and one element more than its capacity. */
const RINGBUF_BYTES = 8 + RING_CAPACITY + 4;

/** Runs both sides to their end; throws when a side fails or says nothing for 60 s. */
export async function runSides(
  kind: string,
  count: number,
  warmup: number,
): Promise<readonly [RingBenchReport, RingBenchReport]> {
  const { port1, port2 } = new MessageChannel();
  const start = new SharedArrayBuffer(4);
  const bytes = kind.startsWith('stream-ringbuf') ? RINGBUF_BYTES : MEMORY_BYTES;
  const base = { kind, count, warmup, memory: new SharedArrayBuffer(bytes), start };
  const sides = [
    startSide({ ...base, first: true, port: port1 as unknown as MessagePort }),
    startSide({ ...base, first: false, port: port2 as unknown as MessagePort }),
  ];
  try {
    await withDeadline(Promise.all(sides.map((s) => s.ready)), `${kind}: a side did not start`);
    Atomics.store(new Int32Array(start), 0, 1);
    Atomics.notify(new Int32Array(start), 0);
    const reports = Promise.all(sides.map((s) => s.report));
    const [first, second] = await withDeadline(reports, `${kind}: a side did not end`);
    return [first, second];
  } finally {
    await Promise.all(sides.map((s) => s.worker.terminate()));
  }
}

function startSide(setup: RingBenchSetup) {
  const worker = new Worker(new URL('./ring-worker.ts', import.meta.url), {
    workerData: setup,
    transferList: setup.port === null ? [] : [setup.port],
  });
  const ready = Promise.withResolvers<void>();
  const report = Promise.withResolvers<RingBenchReport>();
  // A side that fails before `ready` rejects both; whoever waits for one of them hears it.
  ready.promise.catch(() => {});
  report.promise.catch(() => {});
  worker.on('message', (message: RingBenchReport | string) => {
    if (typeof message === 'string') ready.resolve();
    else report.resolve(message);
  });
  worker.on('error', (error) => {
    ready.reject(error);
    report.reject(error);
  });
  return { worker, ready: ready.promise, report: report.promise };
}

async function withDeadline<T>(work: Promise<T>, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${message} within 60 s`)), 60_000);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
