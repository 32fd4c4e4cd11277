// One life of the simulated engine process: opens the journals through the real recovery, builds
// the real actors by the real assembly, over small rings. Called by the world at start and after
// every crash. Invariant: nothing of a life survives it but the disks and the broker.
import type { Agent } from '../actors/agent.ts';
import type { MonoClock } from '../actors/clock.ts';
import { NoTap, OutPort } from '../actors/port.ts';
import { must } from '../assert.ts';
import { beginLife } from '../host/account-life.ts';
import { AccountState } from '../host/account-state.ts';
import { type ActorSet, assemble, type Wiring } from '../host/assembly.ts';
import { DirectSink } from '../host/event-sinks.ts';
import type { Kernels } from '../host/kernels.ts';
import { killWordOf, type MemoryMap, mapMemory } from '../host/memory-map.ts';
import type { EngineSetup } from '../host/setup.ts';
import { openJournalAt } from '../journal/open.ts';
import type { JournalWriter } from '../journal/writer.ts';
import { STAGE_EXCHANGE, STAGE_SUPERVISOR } from '../messages/codes.ts';
import type { SpscRing } from '../ring/spsc-ring.ts';
import { type ActorSpec, makeTopology } from '../topology.ts';
import type { CrashPoint } from './crash-signal.ts';
import type { Random } from './random.ts';
import type { SimDisk } from './sim-disk.ts';
import { type RingWatch, SimRings, smallRings } from './tap-rings.ts';

/** What a life is built from. */
export interface LifeOptions {
  readonly setup: EngineSetup;
  readonly disks: readonly SimDisk[];
  readonly crash: CrashPoint;
  readonly watch: RingWatch;
  readonly random: Random;
  readonly clock: MonoClock;
  readonly smallest: boolean;
  readonly kernels: () => Kernels;
}

export interface Life {
  readonly setup: EngineSetup;
  readonly actors: ActorSet;
  readonly specs: readonly ActorSpec[];
  readonly agents: readonly Agent[];
  readonly states: readonly AccountState[];
  readonly writers: readonly JournalWriter[];
  /** The outside ends: requests out, answers and market in, commands. */
  readonly links: readonly SpscRing[];
  readonly answers: readonly OutPort[];
  /** From each gateway link to its OMS. */
  readonly reports: readonly SpscRing[];
  readonly market: OutPort;
  readonly controls: ReadonlyMap<string, OutPort>;
  readonly map: MemoryMap;
}

/** Of small segments. */
export const SMALL_JOURNAL = { batch: 64, reservedBytes: 2_048 } as const;

/** Starts a process life. Throws what recovery throws, and CrashSignal. */
export async function startLife(options: LifeOptions): Promise<Life> {
  const { disks, clock } = options;
  const states = disks.map((_, a) => new AccountState(options.setup, a));
  const opened = disks.map((disk, a) => {
    const state = states[a]!;
    return openJournalAt(disk, {
      account: a,
      day: options.setup.day,
      policy: options.setup.flush,
      engineVersion: options.setup.engineVersion,
      instrumentCount: options.setup.instruments.length,
      ...{ atNs: 0, monoNs: clock.nowNs(), ...SMALL_JOURNAL },
      segmentBytes: options.setup.segmentBytes,
      onRecord: (record) => state.apply(record.frameType, record.memory, record.frameAt),
    });
  });
  const setup = { ...options.setup, epochs: opened.map((journal) => journal.epoch) };
  const killed = states.some((state) => state.killed !== 0);
  for (const [a, state] of states.entries()) {
    beginLife(setup, state, opened[a]!.writer, () => clock.nowNs());
  }
  const writers = opened.map((journal) => journal.writer);
  const life = await assembleLife(options, setup, states, writers);
  // As the supervisor does before any thread starts: a kill of an earlier life still holds.
  if (killed) for (const [a] of states.entries()) killWordOf(life.map, a)[0] = 1;
  for (const agent of life.agents) agent.onStart();
  return life;
}

async function assembleLife(
  options: LifeOptions,
  setup: EngineSetup,
  states: readonly AccountState[],
  writers: readonly JournalWriter[],
): Promise<Life> {
  const full = makeTopology({
    accountCount: setup.accounts.length,
    strategyAccounts: setup.strategies.map((s) => s.account),
    recording: false,
    placement: { kind: 'single' },
    ringScale: 1,
  });
  const topology = smallRings(full, options.random, options.smallest);
  const map = mapMemory(topology, false);
  const rings = new SimRings(topology, map, options.watch, options.crash);
  const tap = new NoTap();
  const sink = new DirectSink(null, new Set());
  const wiring: Wiring = {
    ...{ topology, map, rings, clock: options.clock },
    pacer: { mayRelease: () => true },
    input: () => null,
    tap: () => tap,
    hash: () => null,
    plan: () => null,
    events: () => sink,
    journal: (a) => must(writers[a], `journal ${a}`),
    account: (a) => must(states[a], `account ${a}`),
    log: () => {},
    kernels: options.kernels,
    onProgress: null,
  };
  const specs = topology.actors.filter((actor) => actor.kind !== 'exchange');
  const actors = await assemble(setup, specs, wiring);
  const out = (ring: string, source: number): OutPort =>
    new OutPort(rings.spsc(ring), 0, source, tap);
  const controls = specs
    .filter(({ kind }) => kind === 'oms' || kind === 'risk' || kind === 'gateway')
    .map(({ name }) => [name, out(`control:${name}`, STAGE_SUPERVISOR)] as const);
  return {
    ...{ setup, actors, specs, agents: actors.agents, states, writers, map },
    links: states.map((_, a) => rings.spsc(`link:${a}`)),
    answers: states.map((_, a) => out(`answers:${a}`, STAGE_EXCHANGE)),
    reports: states.map((_, a) => rings.spsc(`reports:${a}`)),
    market: out('market', STAGE_EXCHANGE),
    controls: new Map(controls),
  };
}
