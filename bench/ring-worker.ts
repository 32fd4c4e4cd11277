// One side of a ring bench in a real worker thread, pinned where the system lets it. Started by
// bench/ring.bench.ts; says 'ready', waits for the start word, works, and posts its report.
import { parentPort, workerData } from 'node:worker_threads';
import { LatencyHistogram, pinToCore } from './harness.ts';
import type { RingBenchReport, RingBenchSetup } from './ring-bench-sides.ts';
import { PINGS } from './ring-pings.ts';
import { STREAMS } from './ring-streams.ts';

const setup = workerData as RingBenchSetup;

/** Nanoseconds of the clock that all threads share. */
function nowNs(): number {
  const [seconds, ns] = process.hrtime();
  return seconds * 1e9 + ns;
}

async function work(): Promise<Partial<RingBenchReport>> {
  const histogram = new LatencyHistogram();
  const stream = STREAMS[setup.kind];
  const ping = PINGS[setup.kind];
  if (stream !== undefined) {
    let startNs = 0;
    const side = setup.first ? stream.producer(setup) : stream.consumer(setup);
    startTogether();
    const checksum = side(() => {
      startNs = nowNs();
    });
    return { startNs, endNs: nowNs(), checksum };
  }
  if (ping === undefined) throw new Error(`no bench of kind ${setup.kind}`);
  const side = ping(setup, histogram);
  startTogether();
  const checksum = await side();
  return { checksum, ...histogram.summary() };
}

function startTogether(): void {
  parentPort!.postMessage('ready');
  const start = new Int32Array(setup.start);
  Atomics.wait(start, 0, 0);
}

const unpinned = await pinToCore(setup.first ? 0 : 1);
const zeros = { startNs: 0, endNs: 0, checksum: 0, p50: 0, p99: 0, p999: 0, max: 0, count: 0 };
const report: RingBenchReport = { ...zeros, ...(await work()), unpinned };
parentPort!.postMessage(report);
setup.port?.close();
