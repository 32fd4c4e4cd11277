// Carries what actors show (lossy broadcast) from their rings to the api process, and keeps the
// counts and latencies of the summary. Called by the supervisor every few milliseconds on the main
// thread, never by an engine thread. Invariant: what it loses is counted.
import hdr from 'hdr-histogram-js';
import { STRATEGY_FAILED } from '../messages/codes.ts';
import { BODY_OFFSET, type FrameMemory } from '../messages/frames.ts';
import { LinkState } from '../messages/generated/broker.ts';
import { MarketPause, RiskResume, StrategyState } from '../messages/generated/control.ts';
import { Latency, RiskNotice } from '../messages/generated/event.ts';
import { Phase, QuoteLink } from '../messages/generated/market.ts';
import type { BroadcastReader } from '../ring/broadcast-ring.ts';
import type { FrameHandler } from '../ring/frame-handler.ts';
import type { RiskWatch } from './risk-watch.ts';

/** Frames taken from one ring in one look. */
const LIMIT = 4096;
/** eventNs of a frame, bytes from its start. */
const EVENT_NS_OFFSET = BODY_OFFSET + 8;
/** Latencies above this are counted as this. */
const HIGHEST_NS = 60_000_000_000;

export const HOPS = ['strategy', 'oms', 'risk', 'gateway', 'journal', 'wire'] as const;
export type Hop = (typeof HOPS)[number];

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly count: number;
}

/** The newest QuoteLink frame. */
export interface QuoteLinkFacts {
  /** LINK_*. */
  readonly state: number;
  readonly subscribed: number;
  readonly quoted: number;
  /** Instrument whose quote is the oldest, -1 = none. */
  readonly oldest: number;
  readonly oldestAgeMs: number;
  readonly clockOffsetMs: number;
  readonly repeated: number;
  readonly refused: number;
  readonly isRecording: boolean;
}

export class EventPump implements FrameHandler {
  /** Engine time of the newest frame. */
  nowNs = 0;
  /** Current trading phase of the market as a whole. */
  phase = 0;
  /** Strategies that said they failed. */
  readonly failed = new Set<number>();
  /** LINK_* of each account's link, as its gateway said last. */
  readonly links: Map<number, number>;
  readonly risk: RiskWatch;
  /** How the live quotes stand; null = they are not live, or nothing was said yet. */
  quotes: QuoteLinkFacts | null = null;
  readonly #readers: readonly BroadcastReader[];
  readonly #send: ((memory: FrameMemory, at: number) => void) | null;
  readonly #latency = new Latency();
  readonly #phase = new Phase();
  readonly #strategy = new StrategyState();
  readonly #link = new LinkState();
  readonly #notice = new RiskNotice();
  readonly #resume = new RiskResume();
  readonly #pause = new MarketPause();
  readonly #quoteLink = new QuoteLink();
  readonly #total = histogram();
  readonly #hops = HOPS.map(() => histogram());

  /** `risk` keeps what risk says for people. */
  constructor(
    readers: readonly BroadcastReader[],
    send: ((memory: FrameMemory, at: number) => void) | null,
    risk: RiskWatch,
    links = new Map<number, number>(),
  ) {
    this.links = links;
    this.risk = risk;
    this.#readers = readers;
    this.#send = send;
  }

  /** Takes what is there; frames handled. */
  pump(): number {
    let count = 0;
    for (const reader of this.#readers) count += reader.poll(this, LIMIT);
    return count;
  }

  /** Frames that were overwritten before they were read. */
  get lost(): number {
    let lost = 0;
    for (const reader of this.#readers) lost += reader.lostFrames;
    return lost;
  }

  onFrame(type: number, memory: FrameMemory, at: number): void {
    const eventNs = memory.f64[(at + EVENT_NS_OFFSET) >> 3]!;
    if (eventNs > this.nowNs) this.nowNs = eventNs;
    if (type === Latency.TYPE) this.#onLatency(memory, at);
    else if (type === Phase.TYPE) this.phase = this.#phase.wrap(memory, at).phase;
    else if (type === StrategyState.TYPE) {
      const { strategy, state } = this.#strategy.wrap(memory, at);
      if (state === STRATEGY_FAILED) this.failed.add(strategy);
    } else if (type === LinkState.TYPE) {
      const { account, state } = this.#link.wrap(memory, at);
      this.links.set(account, state);
    } else if (type === RiskNotice.TYPE) this.risk.onNotice(this.#notice.wrap(memory, at));
    else if (type === RiskResume.TYPE) this.risk.onResume(this.#resume.wrap(memory, at));
    else if (type === QuoteLink.TYPE) this.#onQuoteLink(memory, at);
    else if (type === MarketPause.TYPE) this.risk.onPause(this.#pause.wrap(memory, at));
    this.#send?.(memory, at);
  }

  #onQuoteLink(memory: FrameMemory, at: number): void {
    const { state, subscribed, quoted, oldest, oldestAgeMs } = this.#quoteLink.wrap(memory, at);
    const { clockOffsetMs, repeated, refused, recording } = this.#quoteLink;
    const isRecording = recording === 1;
    const counts = { subscribed, quoted, repeated, refused };
    this.quotes = { state, oldest, oldestAgeMs, clockOffsetMs, isRecording, ...counts };
  }

  /** Tick to order, and its hops, in ns. */
  latencies(): { tickToOrder: Percentiles; hops: Record<Hop, Percentiles> } {
    const hops = {} as Record<Hop, Percentiles>;
    for (const [i, hop] of HOPS.entries()) hops[hop] = percentiles(this.#hops[i]!);
    return { tickToOrder: percentiles(this.#total), hops };
  }

  #onLatency(memory: FrameMemory, at: number): void {
    const l = this.#latency.wrap(memory, at);
    record(this.#total, l.totalNs);
    const values = [l.strategyNs, l.omsNs, l.riskNs, l.gatewayNs, l.journalNs, l.wireNs];
    for (const [i, value] of values.entries()) record(this.#hops[i]!, value);
  }
}

function histogram(): hdr.Histogram {
  return hdr.build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_NS,
    numberOfSignificantValueDigits: 3,
  });
}

function record(histogram: hdr.Histogram, ns: number): void {
  histogram.recordValue(Math.min(HIGHEST_NS, Math.max(0, Math.round(ns))));
}

function percentiles(histogram: hdr.Histogram): Percentiles {
  return {
    p50: histogram.getValueAtPercentile(50),
    p99: histogram.getValueAtPercentile(99),
    p999: histogram.getValueAtPercentile(99.9),
    max: histogram.maxValue,
    count: histogram.totalCount,
  };
}
