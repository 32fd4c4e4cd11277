// Tick -> strategy -> OMS -> risk -> journal -> simulated wire, through the real worker threads,
// beside a bare two-thread chain of the same rate, pinning and idling; the two take turns. Two
// cores, both spinning; the tick source is stepped by the engine thread. Journal policy `group`.
// Always: counted are ticks answered with a new order (every second one; the others with a
// cancel), from a fixed schedule that waits for nobody; a lost or refused order fails the suite.
// The ratio that counts is from schedule to schedule: a stall of the machine is then in both. From
// sending, the bare chain leaves out what stalls its sender, while recvNs stamps a whole catch-up.
import { allowedCores } from '../engine/host/affinity.ts';
import { runBareChain } from './bare-chain.ts';
import { type EngineRun, HOPS, runEngine } from './engine-run.ts';
import { type BenchResult, type BenchSuite, LatencyHistogram } from './harness.ts';

const TICKS_PER_SECOND = 2_000;
const RUNS = 5;
const SECONDS = 10;
/** V8's compiling threads run at nice 0 beside two spinning ones at -20: one hundredth each. */
const WARMUP_SECONDS = 15;
const BARE_WARMUP_SECONDS = 1;
/** Runs with the api process and a page beside the engine: reported, compared with nothing. */
const API_RUNS = 3;

interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export const suite: BenchSuite = {
  name: 'tick-to-order',
  async run({ quick }) {
    const allowed = allowedCores();
    const cores = [allowed[0], allowed[1 % allowed.length]] as const;
    const seconds = quick ? 0.2 : SECONDS;
    const warmupSeconds = quick ? 0.05 : WARMUP_SECONDS;
    const bareWarmup = quick ? 0 : BARE_WARMUP_SECONDS;
    const bare: Float64Array[] = [];
    const ours: EngineRun[] = [];
    for (let i = 0; i < (quick ? 1 : RUNS); i++) {
      const rate = { cores, ticksPerSecond: TICKS_PER_SECOND };
      const times = await runBareChain({ ...rate, seconds: bareWarmup + seconds });
      bare.push(times.subarray(2 * TICKS_PER_SECOND * bareWarmup));
      ours.push(
        await runEngine({ cores, ticksPerSecond: TICKS_PER_SECOND, seconds, warmupSeconds }),
      );
    }
    const withApi: EngineRun[] = [];
    for (let i = 0; i < (quick ? 1 : API_RUNS); i++) {
      const rate = { cores, ticksPerSecond: TICKS_PER_SECOND, seconds, warmupSeconds };
      withApi.push(await runEngine({ ...rate, api: true }));
    }
    return [...resultsOf(bare, ours), apiLine(withApi)];
  },
};

function resultsOf(bare: readonly Float64Array[], ours: readonly EngineRun[]): BenchResult[] {
  const notes = [...new Set(ours.flatMap((run) => run.notes))];
  const rate = `${TICKS_PER_SECOND} ticks/s`;
  const chain = (offset: number) => bare.map((times) => times.filter((_, i) => i % 2 === offset));
  const received = lineOf('bare chain, from sending', chain(0), rate);
  const scheduled = lineOf('bare chain, from schedule', chain(1), rate);
  const note = [`${rate}, journal group`, ...notes].join('; ');
  return [
    received,
    scheduled,
    against(
      received,
      lineOf(
        'tick to order, from recvNs',
        ours.map((r) => r.fromReceived),
        note,
      ),
    ),
    against(
      scheduled,
      lineOf(
        'tick to order, from schedule',
        ours.map((r) => r.fromScheduled),
        note,
      ),
    ),
    ...HOPS.map((hop) =>
      lineOf(
        `hop ${hop}`,
        ours.map((r) => r.hops[hop]),
        '',
      ),
    ),
  ];
}

function apiLine(runs: readonly EngineRun[]): BenchResult {
  const times = runs.map((run) => run.fromReceived);
  const note = 'an api process and an open page share the two cores with it';
  return lineOf('tick to order, from recvNs, with the api', times, note);
}

/** The medians over the runs of each percentile, in microseconds, of times in ns. */
export function lineOf(
  name: string,
  runs: readonly ArrayLike<number>[],
  note: string,
): BenchResult {
  const all = runs.map(percentilesOf);
  const median = (pick: (p: Percentiles) => number) =>
    all.map(pick).sort((a, b) => a - b)[all.length >> 1] / 1000;
  const p50 = median((p) => p.p50);
  const tail = { p99: median((p) => p.p99), p999: median((p) => p.p999) };
  return { name, unit: 'us', value: p50, p50, ...tail, max: median((p) => p.max), note };
}

/** Says in the note how many times the bare chain's p99 it is: the target is at most 2. */
function against(bare: BenchResult, ours: BenchResult): BenchResult {
  const times = (ours.p99! / bare.p99!).toFixed(2);
  const note = `p99 ${times} times the bare chain's; ${ours.note}`;
  return { ...ours, baseline: bare.name, ratio: bare.value / ours.value, note };
}

function percentilesOf(ns: ArrayLike<number>): Percentiles {
  const histogram = new LatencyHistogram();
  for (let i = 0; i < ns.length; i++) histogram.record(ns[i]);
  const { count, ...percentiles } = histogram.summary();
  if (count === 0) throw new Error('no latency was measured: the engine answered no tick');
  return percentiles;
}
