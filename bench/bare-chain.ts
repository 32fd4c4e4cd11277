// Runs the bare two-thread chain once: what two pinned, spinning threads on this machine take for
// there and back at a given rate, without an engine. Called by the tick-to-order bench, between
// its runs. Always: both sides copy what an engine's would (a tick there, a request back).
import { Worker } from 'node:worker_threads';

/** workerData of either side. */
export interface BareChainSetup {
  readonly memory: SharedArrayBuffer;
  readonly start: SharedArrayBuffer;
  readonly first: boolean;
  readonly core: number;
  readonly count: number;
  readonly periodNs: number;
}

export interface BareChainOptions {
  readonly cores: readonly [number, number];
  readonly ticksPerSecond: number;
  readonly seconds: number;
}

interface FromSide {
  readonly ready?: true;
  readonly times?: Float64Array;
}

/** Pairs of ns, one per tick: answered after sending, and after the scheduled time. */
export async function runBareChain(options: BareChainOptions): Promise<Float64Array> {
  const memory = new SharedArrayBuffer(2048);
  const start = new SharedArrayBuffer(4);
  const count = Math.round(options.ticksPerSecond * options.seconds);
  const periodNs = 1e9 / options.ticksPerSecond;
  const sides = options.cores.map((core, i) => {
    const workerData: BareChainSetup = { memory, start, first: i === 0, core, count, periodNs };
    return new Worker(new URL('./bare-chain-worker.ts', import.meta.url), { workerData });
  });
  let ready = 0;
  let times = new Float64Array(0);
  const ended = sides.map(
    (side) =>
      new Promise<void>((resolve, reject) => {
        side.on('message', (message: FromSide) => {
          if (message.times !== undefined) times = new Float64Array(message.times);
          if (message.ready === undefined || ++ready < sides.length) return;
          Atomics.store(new Int32Array(start), 0, 1);
          Atomics.notify(new Int32Array(start), 0);
        });
        side.on('error', reject);
        side.on('exit', () => resolve());
      }),
  );
  await Promise.all(ended);
  return times;
}
