// Who is in an engine: actors, rings with one writer and one reader each, threads. Data, not code:
// assembly and memory map follow it, `pankou doctor` and tests read it. Actors stand in the order
// of the flow, which is also the order in which lockstep and backtest step them.
// Invariants: a ring has one writer and one reader; user code has threads of its own.
import { assert } from './assert.ts';
import {
  CONTROL_RING_BYTES,
  DESK_RING_BYTES,
  EVENT_RING_BYTES,
  MARKET_RING_BYTES,
  ORDER_RING_BYTES,
  RECORD_RING_BYTES,
} from './limits.ts';

export type ActorKind = 'exchange' | 'feed' | 'strategy' | 'oms' | 'risk' | 'gateway';

export interface ActorSpec {
  readonly name: string;
  readonly kind: ActorKind;
  /** Account or strategy index; 0 for the others. */
  readonly index: number;
  /** Thread that runs it. */
  readonly thread: number;
}

export interface RingSpec {
  readonly name: string;
  /** Actor that writes, and actor that reads; 'host' is the supervisor's thread. */
  readonly from: string;
  readonly to: string;
  readonly kind: 'spsc' | 'broadcast';
  readonly bytes: number;
}

export interface ThreadSpec {
  readonly name: string;
  /** Core it is pinned to, -1 = not pinned. */
  readonly core: number;
  readonly idle: 'spin' | 'backoff' | 'park';
  /** User code runs here. */
  readonly user: boolean;
}

export interface Topology {
  readonly actors: readonly ActorSpec[];
  readonly rings: readonly RingSpec[];
  readonly threads: readonly ThreadSpec[];
}

/** The supervisor's side of control, event and record rings. */
export const HOST = 'host';

export interface TopologyOptions {
  readonly accountCount: number;
  /** Account index of each strategy. */
  readonly strategyAccounts: readonly number[];
  readonly recording: boolean;
  /** 'single' = one thread for all (backtest, replay); else cores of engine and strategies. */
  readonly placement: Placement;
  /** Divides ring sizes, for tests of full rings; 1 = as in limits.ts. */
  readonly ringScale: number;
}

export type Placement =
  | { readonly kind: 'single' }
  /** Threads of their own for exchange, engine and each strategy, parked when idle. */
  | { readonly kind: 'parked' }
  /** Spinning on two cores: engine and strategies; the exchange stays unpinned. */
  | { readonly kind: 'pinned'; readonly engineCore: number; readonly strategyCore: number };

/** The topology of an engine. Throws when a ring would have two writers. */
export function makeTopology(options: TopologyOptions): Topology {
  const threads = threadsOf(options);
  const actors = actorsOf(options, threads);
  const rings = ringsOf(options, actors);
  const topology = { actors, rings, threads };
  checkTopology(topology);
  return topology;
}

function threadsOf(options: TopologyOptions): ThreadSpec[] {
  const place = options.placement;
  if (place.kind === 'single') return [{ name: 'all', core: -1, idle: 'park', user: false }];
  if (place.kind === 'pinned') {
    const engine: ThreadSpec[] = [
      { name: 'exchange', core: -1, idle: 'park', user: false },
      { name: 'engine', core: place.engineCore, idle: 'spin', user: false },
    ];
    if (options.strategyAccounts.length === 0) return engine;
    return [...engine, { name: 'strategies', core: place.strategyCore, idle: 'spin', user: true }];
  }
  const threads: ThreadSpec[] = [
    { name: 'exchange', core: -1, idle: 'park', user: false },
    { name: 'engine', core: -1, idle: 'park', user: false },
  ];
  for (let s = 0; s < options.strategyAccounts.length; s++) {
    threads.push({ name: `strategy-${s}`, core: -1, idle: 'park', user: true });
  }
  return threads;
}

function actorsOf(options: TopologyOptions, threads: readonly ThreadSpec[]): ActorSpec[] {
  const single = threads.length === 1;
  const engine = single ? 0 : 1;
  const actors: ActorSpec[] = [
    { name: 'exchange', kind: 'exchange', index: 0, thread: 0 },
    { name: 'feed', kind: 'feed', index: 0, thread: engine },
  ];
  const shared = options.placement.kind === 'pinned';
  for (let s = 0; s < options.strategyAccounts.length; s++) {
    const thread = single ? 0 : shared ? 2 : 2 + s;
    actors.push({ name: `strategy:${s}`, kind: 'strategy', index: s, thread });
  }
  for (let a = 0; a < options.accountCount; a++) {
    actors.push({ name: `oms:${a}`, kind: 'oms', index: a, thread: engine });
  }
  actors.push({ name: 'risk', kind: 'risk', index: 0, thread: engine });
  for (let a = 0; a < options.accountCount; a++) {
    actors.push({ name: `gateway:${a}`, kind: 'gateway', index: a, thread: engine });
  }
  return actors;
}

function ringsOf(options: TopologyOptions, actors: readonly ActorSpec[]): RingSpec[] {
  const rings: RingSpec[] = [];
  const ring = (name: string, from: string, to: string, bytes: number): void => {
    const size = Math.max(4096 * 8, bytes / options.ringScale);
    rings.push({ name, from, to, kind: 'spsc', bytes: size });
  };
  ring('market', 'exchange', 'feed', MARKET_RING_BYTES);
  for (const [s, account] of options.strategyAccounts.entries()) {
    ring(`ticks:${s}`, 'feed', `strategy:${s}`, MARKET_RING_BYTES);
    ring(`intents:${s}`, `strategy:${s}`, `oms:${account}`, ORDER_RING_BYTES);
    ring(`updates:${s}`, `oms:${account}`, `strategy:${s}`, ORDER_RING_BYTES);
  }
  for (let a = 0; a < options.accountCount; a++) {
    const desk = `desk:${a}`;
    rings.push({ name: desk, from: HOST, to: `oms:${a}`, kind: 'spsc', bytes: DESK_RING_BYTES });
    ring(`quotes:${a}`, 'feed', `oms:${a}`, ORDER_RING_BYTES);
    ring(`orders:${a}`, `oms:${a}`, 'risk', ORDER_RING_BYTES);
    ring(`requests:${a}`, 'risk', `gateway:${a}`, ORDER_RING_BYTES);
    ring(`link:${a}`, `gateway:${a}`, 'exchange', ORDER_RING_BYTES);
    ring(`answers:${a}`, 'exchange', `gateway:${a}`, ORDER_RING_BYTES);
    ring(`reports:${a}`, `gateway:${a}`, `oms:${a}`, ORDER_RING_BYTES);
  }
  ring('quotes:risk', 'feed', 'risk', ORDER_RING_BYTES);
  for (const actor of actors) {
    if (takesControl(actor.kind)) {
      // A rule set travels as thousands of entries.
      const bytes = actor.kind === 'risk' ? ORDER_RING_BYTES : CONTROL_RING_BYTES;
      ring(`control:${actor.name}`, HOST, actor.name, bytes);
    }
    const name = `events:${actor.name}`;
    rings.push({ name, from: actor.name, to: HOST, kind: 'broadcast', bytes: EVENT_RING_BYTES });
    if (options.recording && actor.kind !== 'exchange') {
      const bytes = RECORD_RING_BYTES;
      rings.push({ name: `record:${actor.name}`, from: actor.name, to: HOST, kind: 'spsc', bytes });
    }
  }
  return rings;
}

function takesControl(kind: ActorKind): boolean {
  return kind === 'exchange' || kind === 'oms' || kind === 'risk' || kind === 'gateway';
}

/** Asserts that names are unique, ends exist, and user code shares no thread with the engine. */
export function checkTopology(topology: Topology): void {
  const names = new Set(topology.actors.map((actor) => actor.name));
  assert(names.size === topology.actors.length, 'actor names, expected unique');
  const rings = new Set(topology.rings.map((ring) => ring.name));
  assert(rings.size === topology.rings.length, 'ring names, expected unique');
  for (const ring of topology.rings) {
    assert(ring.from === HOST || names.has(ring.from), `ring ${ring.name}: no actor ${ring.from}`);
    assert(ring.to === HOST || names.has(ring.to), `ring ${ring.name}: no actor ${ring.to}`);
    assert(ring.from !== ring.to, `ring ${ring.name}: an actor talks to itself`);
  }
  for (const actor of topology.actors) {
    const thread = topology.threads[actor.thread];
    assert(thread !== undefined, `actor ${actor.name}: no thread ${actor.thread}`);
    const mixed = actor.kind === 'strategy' ? !thread.user : thread.user;
    assert(!mixed || topology.threads.length === 1, `actor ${actor.name} on ${thread.name}`);
  }
}
