// Percentiles of the path, one histogram per hop, since this api process started. Called by the
// replica with each Latency frame. Always: memory is fixed; a value outside the histogram counts as
// its bound and is never lost. Hop names are those of the frame's fields (event.fbs).
import { build, type Histogram } from 'hdr-histogram-js';
import type { FrameMemory } from '../messages/frames.ts';
import { Latency as LatencyFrame } from '../messages/generated/event.ts';
import type { Latency, Percentiles } from './protocol.ts';

/** One minute: a hop that takes longer is an outage, not a latency. */
const HIGHEST_NS = 60e9;

type Hop = 'strategy' | 'oms' | 'risk' | 'gateway' | 'journal' | 'wire';
const HOPS: readonly Hop[] = ['strategy', 'oms', 'risk', 'gateway', 'journal', 'wire'];

export class LatencyStore {
  readonly #total = histogram();
  readonly #hops = new Map<Hop, Histogram>(HOPS.map((hop) => [hop, histogram()]));
  readonly #frame = new LatencyFrame();

  /** Takes the Latency frame at byte `at`. */
  add(memory: FrameMemory, at: number): void {
    const frame = this.#frame.wrap(memory, at);
    record(this.#total, frame.totalNs);
    record(this.#hops.get('strategy'), frame.strategyNs);
    record(this.#hops.get('oms'), frame.omsNs);
    record(this.#hops.get('risk'), frame.riskNs);
    record(this.#hops.get('gateway'), frame.gatewayNs);
    record(this.#hops.get('journal'), frame.journalNs);
    record(this.#hops.get('wire'), frame.wireNs);
  }

  /** All percentiles, ns. */
  summary(): Latency {
    const hops: { [hop: string]: Percentiles } = {};
    for (const [hop, values] of this.#hops) hops[hop] = percentiles(values);
    return { tickToOrder: percentiles(this.#total), hops };
  }

  /** Forgets everything: another engine life is another measurement. */
  reset(): void {
    this.#total.reset();
    for (const values of this.#hops.values()) values.reset();
  }
}

function histogram(): Histogram {
  return build({
    bitBucketSize: 32,
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_NS,
    numberOfSignificantValueDigits: 3,
    autoResize: false,
    useWebAssembly: false,
  });
}

function record(values: Histogram | undefined, ns: number): void {
  values?.recordValue(Math.min(Math.max(Math.round(ns), 0), HIGHEST_NS));
}

function percentiles(values: Histogram): Percentiles {
  return {
    p50: values.getValueAtPercentile(50),
    p99: values.getValueAtPercentile(99),
    p999: values.getValueAtPercentile(99.9),
    max: values.maxValue,
    count: values.totalCount,
  };
}
