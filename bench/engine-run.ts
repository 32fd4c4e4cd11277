// One run of the real engine for the tick-to-order bench: the supervisor's worker threads and
// assembly as in a paper session, with the bench's tick source stepped by the engine thread. Called
// by tick-to-order.bench.ts. Always: two spinning threads on two cores; journal on a real file,
// policy `group`, flushed by the recorder's thread; nothing beside it unless it is asked for.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mapMemory, RingOpener } from '../engine/host/memory-map.ts';
import type { EngineSetup } from '../engine/host/setup.ts';
import { Supervisor } from '../engine/host/supervisor.ts';
import type { FrameMemory } from '../engine/messages/frames.ts';
import { Latency } from '../engine/messages/generated/event.ts';
import type { FrameHandler } from '../engine/ring/frame-handler.ts';
import { makeTopology, type Topology } from '../engine/topology.ts';
import { ApiBeside } from './api-beside.ts';
import { repositoryFile, syntheticSetup, wideRules } from './bench-setups.ts';

/** Stands where a gateway's session would. */
const SOURCE_FILE = 'bench/tick-source/session.ts';
const BENCH_NAMES = { accounts: ['bench'], strategies: ['bench'], symbols: ['bench'] };
const SEGMENT_BYTES = 64 * 1024 * 1024;
const LOOK_MS = 250;
const LOOK_LIMIT = 100_000;

/** Stations of the way, in order, then the whole: one list of ns for each. */
export const HOPS = ['strategy', 'oms', 'risk', 'gateway', 'journal', 'wire'] as const;
export type Hop = (typeof HOPS)[number];

export interface EngineRun {
  /** From recvNs, stamped before decoding, to bytes handed to the link. */
  readonly fromReceived: number[];
  /** The same end, from the time the tick was scheduled for. */
  readonly fromScheduled: number[];
  readonly hops: Readonly<Record<Hop, number[]>>;
  /** What could not be pinned or raised, and what went wrong. */
  readonly notes: readonly string[];
}

export interface EngineRunOptions {
  readonly cores: readonly [number, number];
  readonly ticksPerSecond: number;
  readonly seconds: number;
  /** Left out at the start: the compiler is still at work. */
  readonly warmupSeconds: number;
  /** With the api process and an open page beside it. */
  readonly api?: boolean;
  /** Something else that is busy beside it, from before the start until after the end. */
  readonly beside?: { open(): Promise<void>; close(): Promise<void> };
}

/** Throws when the engine refuses, fails, or loses an order. */
export async function runEngine(options: EngineRunOptions): Promise<EngineRun> {
  const dir = mkdtempSync(join(tmpdir(), 'pankou-tick-to-order-'));
  try {
    return await runIn(dir, options);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function runIn(dir: string, options: EngineRunOptions): Promise<EngineRun> {
  const setup = setupIn(dir, options.ticksPerSecond);
  const topology = twoThreads(options.cores);
  const map = mapMemory(topology, true);
  const notes: string[] = [];
  const supervisor = new Supervisor({
    setup,
    topology,
    map,
    lastIntentNos: [0],
    heartbeatMs: 10_000,
    recordingDir: '',
    log: (level, source, text) => {
      if (level !== 'info') notes.push(`${source}: ${text}`);
    },
    onProgress: () => {},
  });
  const reader = new RingOpener(topology, map).broadcastReader('events:gateway:0');
  const collector = new Collector(options.warmupSeconds * 1e9);
  const api = options.api === true ? new ApiBeside(setup, topology, map) : null;
  await api?.open();
  await options.beside?.open();
  await supervisor.start();
  const look = setInterval(() => reader.poll(collector, LOOK_LIMIT), LOOK_MS);
  await new Promise((done) => setTimeout(done, (options.warmupSeconds + options.seconds) * 1000));
  supervisor.stop();
  await supervisor.ended();
  clearInterval(look);
  await api?.close();
  await options.beside?.close();
  if (api?.messages === 0) throw new Error('the page beside the engine read nothing');
  reader.poll(collector, LOOK_LIMIT);
  if (supervisor.failure !== '') throw new Error(`the engine failed: ${supervisor.failure}`);
  const accounts = supervisor.summaries().flatMap((summary) => summary.accounts);
  const bad = accounts.find((a) => a.rejects > 0 || a.invalidEvents > 0 || a.journalFailure < 0);
  if (bad !== undefined) throw new Error(`the engine refused orders: ${JSON.stringify(bad)}`);
  const placed = accounts.reduce((sum, account) => sum + account.orders, 0);
  if (placed !== collector.seen) {
    throw new Error(`${placed} orders were placed, ${collector.seen} latencies were seen`);
  }
  const { fromReceived, fromScheduled, hops } = collector;
  return { fromReceived, fromScheduled, hops, notes };
}

class Collector implements FrameHandler {
  seen = 0;
  readonly fromReceived: number[] = [];
  readonly fromScheduled: number[] = [];
  readonly hops: Record<Hop, number[]> = {
    strategy: [],
    oms: [],
    risk: [],
    gateway: [],
    journal: [],
    wire: [],
  };
  readonly #latency = new Latency();
  readonly #warmupNs: number;
  #firstNs = 0;

  constructor(warmupNs: number) {
    this.#warmupNs = warmupNs;
  }

  onFrame(type: number, memory: FrameMemory, at: number): void {
    if (type !== Latency.TYPE) return;
    const latency = this.#latency.wrap(memory, at);
    if (this.seen++ === 0) this.#firstNs = latency.eventNs;
    if (latency.eventNs - this.#firstNs < this.#warmupNs) return;
    this.fromReceived.push(latency.totalNs);
    this.fromScheduled.push(latency.recvNs + latency.totalNs - latency.eventNs);
    for (const hop of HOPS) this.hops[hop].push(latency[`${hop}Ns`]);
  }
}

/** Engine with the tick source on the first core, strategy on the second. */
function twoThreads(cores: readonly [number, number]): Topology {
  const topology = makeTopology({
    accountCount: 1,
    strategyAccounts: [0],
    recording: false,
    placement: { kind: 'pinned', engineCore: cores[0], strategyCore: cores[1] },
    ringScale: 1,
  });
  const [, ...threads] = topology.threads;
  const actors = topology.actors.map((actor) => ({
    ...actor,
    thread: Math.max(0, actor.thread - 1),
  }));
  return { ...topology, threads, actors };
}

function setupIn(dir: string, ticksPerSecond: number): EngineSetup {
  const setup = syntheticSetup(repositoryFile('bench/tick-source/strategy.ts'), 1);
  return {
    ...setup,
    pace: 'realtime',
    speed: ticksPerSecond,
    gateway: `../${dirname(SOURCE_FILE)}`,
    accounts: setup.accounts.map((account) => ({ ...account, journalDir: join(dir, 'journal') })),
    risk: wideRules(BENCH_NAMES, false),
    flush: 'group',
    segmentBytes: SEGMENT_BYTES,
  };
}
