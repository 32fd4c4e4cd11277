// Two threads pinned to two cores of their own, both spinning; kinds take turns within each round.
// Needs two free cores: with fewer, the numbers show the scheduler, and the note says so.
//
//   round trip   first --- frame ---> second --- frame ---> first     timed each, percentiles
//   stream       producer === 64-byte events, publish per batch ===> consumer     ns per event
import os from 'node:os';
import type { BenchResult, BenchSuite } from './harness.ts';
import { compareWith } from './harness.ts';
import { type RingBenchReport, runSides } from './ring-bench-sides.ts';
import { BATCH } from './ring-streams.ts';

interface Kind {
  readonly kind: string;
  readonly name: string;
  /** Messages per round; few where one takes long. */
  readonly count: number;
  readonly note: string;
}

/** Part of the messages that is not timed, and how much smaller a quick run is. */
const WARMUP = 0.25;
const QUICK = 200;
/** Rounds, odd for the median; fewer when a loaded machine makes them long. */
const ROUNDS = 5;
const BUDGET_MS = 60_000;

const PINGS: readonly Kind[] = [
  { kind: 'ping-post', name: 'round trip, postMessage', count: 20_000, note: 'a number' },
  { kind: 'ping-bare', name: 'round trip, bare shared words', count: 200_000, note: 'no payload' },
  { kind: 'ping-ring', name: 'round trip, our ring', count: 200_000, note: '64-byte frame' },
];

const STREAMS: readonly Kind[] = [
  { kind: 'stream-ringbuf', name: 'stream, ringbuf.js', count: 1e6, note: 'one event a push' },
  { kind: 'stream-ringbuf-batch', name: 'stream, ringbuf.js batched', count: 1e6, note: '' },
  { kind: 'stream-naive', name: 'stream, naive ring', count: 1e6, note: 'one store an event' },
  { kind: 'stream-ring-single', name: 'stream, our ring, publish each', count: 1e6, note: '' },
  { kind: 'stream-ring', name: 'stream, our ring', count: 1e6, note: `publish per ${BATCH}` },
];

type Report = RingBenchReport;
type Runs = Map<string, { reports: Report[]; checksums: Set<number> }>;

/** Every kind in turn, `rounds` times, so that a noisy minute hurts all of them alike. */
async function runRounds(kinds: readonly Kind[], quick: boolean): Promise<Runs> {
  const runs: Runs = new Map(kinds.map((k) => [k.kind, { reports: [], checksums: new Set() }]));
  const started = performance.now();
  for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
    if (round > 0 && performance.now() - started > BUDGET_MS) break;
    for (const { kind, count } of kinds) {
      const messages = quick ? count / QUICK : count;
      const [first, second] = await runSides(kind, messages, messages * WARMUP);
      if (first.checksum !== second.checksum) {
        throw new Error(`${kind}: sent checksum ${first.checksum}, received ${second.checksum}`);
      }
      const run = runs.get(kind)!;
      // Pings are timed by the sender, a stream by its consumer.
      run.reports.push(kind.startsWith('ping') ? first : second);
      run.checksums.add(first.checksum);
      if (run.checksums.size > 1) throw new Error(`${kind}: rounds gave different checksums`);
    }
  }
  return runs;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

function noteOf(kind: Kind, reports: readonly Report[]): string {
  const cores = os.availableParallelism() < 2 ? 'fewer than two cores' : '';
  const parts = [kind.note, cores, reports[0].unpinned, `median of ${reports.length} rounds`];
  return parts.filter((part) => part !== '').join('; ');
}

async function benchRoundTrips(quick: boolean): Promise<BenchResult[]> {
  const runs = await runRounds(PINGS, quick);
  const results = PINGS.map((kind): BenchResult => {
    const { reports, checksums } = runs.get(kind.kind)!;
    const of = (key: 'p50' | 'p99' | 'p999' | 'max') => median(reports.map((r) => r[key]));
    const checksum = String([...checksums][0]);
    const shape = { name: kind.name, unit: 'ns', value: of('p50'), p50: of('p50'), p99: of('p99') };
    return { ...shape, p999: of('p999'), max: of('max'), checksum, note: noteOf(kind, reports) };
  });
  return compareWith(results, 'round trip, postMessage');
}

async function benchStreams(quick: boolean): Promise<BenchResult[]> {
  const runs = await runRounds(STREAMS, quick);
  const results = STREAMS.map((kind): BenchResult => {
    const { reports, checksums } = runs.get(kind.kind)!;
    const timed = (quick ? kind.count / QUICK : kind.count) * (1 - WARMUP);
    const perEvent = reports.map((r) => (r.endNs - r.startNs) / timed);
    const note = `${noteOf(kind, reports)}; best round ${Math.min(...perEvent).toFixed(1)}`;
    const checksum = String([...checksums][0]);
    return { name: kind.name, unit: 'ns/event', value: median(perEvent), checksum, note };
  });
  return compareWith(results, 'stream, ringbuf.js');
}

export const suite: BenchSuite = {
  name: 'ring',
  async run({ quick }) {
    return [...(await benchRoundTrips(quick)), ...(await benchStreams(quick))];
  },
};
