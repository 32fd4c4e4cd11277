// Runs an engine in one thread over a market, in lockstep: the same actors, rings and kernels as a
// paper session, stepped by an invoker. Called by `pankou backtest` and by tests.
// Invariant: same setup, same data: same orders, fills and state hash, on any machine.

import { AgentInvoker } from '../actors/agent-invoker.ts';
import { StillClock } from '../actors/clock.ts';
import type { JournalPort } from '../actors/link-voice.ts';
import { type EventSink, type FrameInput, NoTap } from '../actors/port.ts';
import type { StrategyHost } from '../actors/strategy-host.ts';
import { must } from '../assert.ts';
import { BarBlocks } from '../core/bar-blocks.ts';
import type { EarlierBarsOf } from '../core/earlier-bars.ts';
import type { PriceAction } from '../core/strategy.ts';
import type { Tables } from '../core/tables.ts';
import { AccountState } from '../host/account-state.ts';
import { type ActorSet, assemble, type Wiring } from '../host/assembly.ts';
import { DirectSink } from '../host/event-sinks.ts';
import { emptyRings, type MemoryMap, mapMemory, RingOpener } from '../host/memory-map.ts';
import { barStrategies, openRisk } from '../host/open-risk.ts';
import { runHash } from '../host/run-hash.ts';
import type { EngineSetup } from '../host/setup.ts';
import { unmarked } from '../host/strategy-guard.ts';
import { ownFrames } from '../host/strategy-imports.ts';
import type { FrameHandler } from '../ring/frame-handler.ts';
import { makeTopology, type Topology } from '../topology.ts';
import { DayTables } from './day-tables.ts';
import { KernelPool } from './kernel-pool.ts';
import { PhaseIntents, PhaseQuotes } from './whole-phases.ts';

/** Keeps nothing: a backtest can be run again. */
export class NoJournal implements JournalPort {
  #seq = 0;
  readonly stamps = new Float64Array(2);
  appendStamped(): number {
    return ++this.#seq;
  }
  flush(): number {
    return 0;
  }
}

export interface BacktestHooks {
  /** Gets the frames of `types` that actors show. */
  readonly events?: FrameHandler;
  readonly types?: ReadonlySet<number>;
  readonly log?: (source: string, text: string) => void;
  readonly onProgress?: (fraction: number, text: string) => void;
  /** Called now and then with the events released so far. */
  readonly onEvents?: (count: number, nowNs: number) => void;
  /** The accounts as they open, before the first event. */
  readonly onOpen?: (accounts: readonly AccountState[]) => void;
  /** Called behind the first event of each minute of market time. */
  readonly onMinute?: (nowNs: number) => void;
  /** What the engine is wired to beside it: outputs of strategies, guards. */
  readonly wiring?: (setup: EngineSetup) => Partial<Wiring>;
}

export interface BacktestResult {
  readonly actors: ActorSet;
  readonly accounts: readonly AccountState[];
  readonly stateHash: string;
  /** Market events released. */
  readonly events: number;
  /** Engine time of the last one. */
  readonly lastNs: number;
  /** Seconds spent running, loading apart. */
  readonly seconds: number;
  readonly strategyFailures: readonly { readonly name: string; readonly text: string }[];
}

/** Rounds between two looks at the wall clock. */
const PROGRESS_ROUNDS = 65_536;
const MINUTE_NS = 60e9;
/** Rounds without any work after which a run that has not ended is stuck (a bug). */
const STUCK_ROUNDS = 1_000;

/** Runs to the end of the data. Throws what loading throws; a failed strategy is in the result. */
export function runBacktest(
  market: EngineSetup,
  hooks: BacktestHooks = {},
): Promise<BacktestResult> {
  return new BacktestEngine().runDay(market, hooks);
}

/** Where a day stands in its run. */
export interface DayPlace {
  /** Another follows, with as many accounts, strategies and rings. */
  readonly moreDays?: boolean;
  /** Ex-dates since the day before. */
  readonly adjusted?: readonly PriceAction[];
  /** Bars from before the first day, on that day. */
  readonly earlier?: EarlierBarsOf;
}

/**
 * Runs day after day: each with actors of its own, over the same memory and kernels, and with the
 * same strategies, which live through the days. One day of it is runBacktest(). Behind endRun()
 * the same engine runs the days of another run.
 */
export class BacktestEngine {
  readonly #pool = new KernelPool();
  readonly #tables = new DayTables();
  #map: MemoryMap | null = null;
  /** Of which rings the memory is laid out. */
  #layout = '';
  #hosts: readonly StrategyHost[] = [];

  /** The next day is the first of another run; what this one returned is not read any more. */
  endRun(): void {
    this.#hosts = [];
    this.#pool.endRun();
  }

  /** Runs one day. */
  async runDay(
    market: EngineSetup,
    hooks: BacktestHooks = {},
    { moreDays = false, adjusted = [], earlier }: DayPlace = {},
  ): Promise<BacktestResult> {
    const tables = this.#tables;
    tables.beginDay();
    this.#pool.beginDay();
    const { setup, accounts, risk } = openDay(market, tables);
    const topology = makeTopology({
      accountCount: setup.accounts.length,
      strategyAccounts: setup.strategies.map((s) => s.account),
      recording: false,
      placement: { kind: 'single' },
      ringScale: setup.ringScale,
    });
    const pace = { invoker: new AgentInvoker([], []) };
    const sink: EventSink = new DirectSink(hooks.events ?? null, hooks.types ?? new Set());
    const tap = new NoTap();
    const journal = new NoJournal();
    const map = this.#memory(topology);
    const rings = new RingOpener(topology, map, false, true);
    const blocks = new BarBlocks();
    const whole = wholeInputs(setup, rings, accounts, blocks);
    const wiring: Wiring = {
      topology,
      map,
      rings,
      clock: new StillClock(),
      pacer: { mayRelease: () => pace.invoker.othersIdle() },
      input: (ring) => whole.get(ring) ?? null,
      tap: () => tap,
      hash: () => null,
      plan: () => null,
      events: () => sink,
      journal: () => journal,
      account: (a) => accounts[a]!,
      risk,
      log: (source, text) => hooks.log?.(source, ownFrames(unmarked(text))),
      onProgress: hooks.onProgress ?? null,
      fixedRules: true,
      kernels: this.#pool.kernels,
      indicatorModule: this.#pool.indicatorModule,
      tables,
      living: (strategy) => this.#hosts[strategy] ?? null,
      moreDays,
      adjusted,
      ...(setup.wholePhases === true ? { blocks } : {}),
      ...(earlier === undefined ? {} : { earlier }),
      ...hooks.wiring?.(setup),
    };
    const actors = await assemble(setup, topology.actors, wiring);
    this.#hosts = actors.hosts;
    pace.invoker = new AgentInvoker(actors.agents, must(rings.marks, 'rings without marks'));
    hooks.onOpen?.(accounts);
    const started = performance.now();
    runToEnd(pace.invoker, actors, hooks);
    // News that is still on its way reaches the strategies before the day is theirs no more.
    if (moreDays) while (pace.invoker.round() > 0);
    const seconds = (performance.now() - started) / 1000;
    return {
      actors,
      accounts,
      stateHash: runHash(accounts.map((a) => a.account)),
      events: actors.exchange?.eventCount ?? 0,
      lastNs: actors.exchange?.nowNs ?? 0,
      seconds,
      strategyFailures: failuresOf(actors),
    };
  }

  /** Memory of the rings, empty: laid out anew only for other rings. */
  #memory(topology: Topology): MemoryMap {
    const layout = JSON.stringify([
      topology.rings,
      topology.threads.length,
      topology.actors.length,
    ]);
    if (this.#map === null || this.#layout !== layout) this.#map = mapMemory(topology, false);
    else emptyRings(topology, this.#map);
    this.#layout = layout;
    return this.#map;
  }
}

function runToEnd(invoker: AgentInvoker, actors: ActorSet, hooks: BacktestHooks): void {
  invoker.start();
  const exchange = actors.exchange!;
  const { onMinute } = hooks;
  let minuteNs = onMinute === undefined ? Number.POSITIVE_INFINITY : 0;
  let idle = 0;
  for (;;) {
    const work = invoker.round();
    if (exchange.nowNs >= minuteNs && exchange.nowNs > 0) {
      minuteNs = (Math.floor(exchange.nowNs / MINUTE_NS) + 1) * MINUTE_NS;
      onMinute?.(exchange.nowNs);
    }
    if (invoker.rounds % PROGRESS_ROUNDS === 0) {
      hooks.onEvents?.(exchange.eventCount, exchange.nowNs);
    }
    if (work > 0) {
      idle = 0;
      continue;
    }
    if (actors.gateways.every((gateway) => gateway.ended)) break;
    if (++idle > STUCK_ROUNDS) throw new Error('backtest: nothing moves and nothing has ended');
  }
  hooks.onEvents?.(exchange.eventCount, exchange.nowNs);
  invoker.close();
}

function failuresOf({ hosts }: ActorSet): BacktestResult['strategyFailures'] {
  return hosts
    .filter((host) => host.failure !== '')
    .map(({ roleName, failure }) => ({
      name: roleName.slice('strategy:'.length),
      text: ownFrames(unmarked(failure)),
    }));
}

/** What the OMS reads where phases are told whole. */
function wholeInputs(
  { wholePhases = false, instruments }: EngineSetup,
  rings: RingOpener,
  accounts: readonly AccountState[],
  blocks: BarBlocks,
): ReadonlyMap<string, FrameInput> {
  if (!wholePhases) return new Map();
  const { account } = accounts[0]!;
  const quotes = new PhaseQuotes(rings.spsc('quotes:0'), instruments, account, blocks);
  const intents = new PhaseIntents(rings.spsc('intents:0'), quotes);
  return new Map<string, FrameInput>([
    ['quotes:0', quotes],
    ['intents:0', intents],
  ]);
}

/** The accounts as they open, risk over them, and the setup with who may not start. */
function openDay(market: EngineSetup, tables: Tables) {
  const accounts = market.accounts.map((_, a) => openAccount(market, a, tables));
  const account = (a: number): AccountState => accounts[a]!;
  const risk = openRisk(market, account, undefined, tables);
  const setup = { ...market, strategies: barStrategies(market, account, risk) };
  return { setup, accounts, risk };
}

function openAccount(setup: EngineSetup, index: number, tables: Tables): AccountState {
  const state = new AccountState(setup, index, tables);
  state.openUnwritten(setup);
  return state;
}
