// The real actors in one thread for the allocation scenarios: assembled by engine/host/assembly.ts,
// stepped by the invoker, with shared rings, the host's clock and a journal on a real file. Called
// by tick.scenario.ts and order.scenario.ts, each in a child process of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { repositoryFile, syntheticSetup, wideRules } from '../../bench/bench-setups.ts';
import { AgentInvoker } from '../../engine/actors/agent-invoker.ts';
import { NoTap } from '../../engine/actors/port.ts';
import { must } from '../../engine/assert.ts';
import { AccountState } from '../../engine/host/account-state.ts';
import { type ActorSet, assemble } from '../../engine/host/assembly.ts';
import { BroadcastSink } from '../../engine/host/event-sinks.ts';
import { mapMemory, RingOpener } from '../../engine/host/memory-map.ts';
import { HostClock } from '../../engine/host/mono-clock.ts';
import { openJournal } from '../../engine/journal/open.ts';
import { FrameMemory } from '../../engine/messages/frames.ts';
import { makeTopology } from '../../engine/topology.ts';

const SEGMENT_BYTES = 160 * 1024 * 1024;
const BASE_QTY = 100_000_000;
const BENCH_NAMES = { accounts: ['bench'], strategies: ['bench'], symbols: ['bench'] };

export interface ActorPath {
  readonly actors: ActorSet;
  /** Steps all actors until the market has released so many more events and all is quiet. */
  run(events: number): void;
}

/**
 * `strategy` and `source` (it stands where a gateway's session would): paths from the repository's
 * root. The account holds base shares enough to sell from all the time. `orderEvents`: the strategy
 * gets every row of the feed too.
 */
export async function openActorPath(
  strategy: string,
  source = 'tests/alloc/event-source/session.ts',
  orderEvents = false,
): Promise<ActorPath> {
  const plain = syntheticSetup(repositoryFile(strategy), 1);
  const positions = [{ instrument: 0, qty: BASE_QTY, costE4: 100_000 }];
  const accounts = plain.accounts.map((account) => ({ ...account, positions }));
  const strategies = plain.strategies.map((spec) => ({ ...spec, orderEvents }));
  const setup = { ...plain, accounts, strategies, gateway: `../${dirname(source)}` };
  const topology = makeTopology({
    accountCount: 1,
    strategyAccounts: [0],
    recording: false,
    placement: { kind: 'single' },
    ringScale: 1,
  });
  const dir = mkdtempSync(join(tmpdir(), 'pankou-alloc-'));
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
  const clock = new HostClock(HostClock.zero());
  const journal = await openJournal(dir, {
    account: 0,
    day: setup.day,
    policy: 'none',
    engineVersion: '0.1.0',
    instrumentCount: 0,
    atNs: 0,
    monoNs: clock.nowNs(),
    segmentBytes: SEGMENT_BYTES,
  });
  const account = new AccountState(setup, 0);
  account.open(setup, () => {}, new FrameMemory(new ArrayBuffer(512)));
  const map = mapMemory(topology, true);
  const rings = new RingOpener(topology, map, false, true);
  const pace = { invoker: new AgentInvoker([], []) };
  const tap = new NoTap();
  const risk = wideRules(BENCH_NAMES, false);
  const actors = await assemble({ ...setup, risk }, topology.actors, {
    topology,
    map,
    rings,
    clock,
    pacer: { mayRelease: () => pace.invoker.othersIdle() },
    input: () => null,
    tap: () => tap,
    hash: () => null,
    plan: () => null,
    events: (actor) => new BroadcastSink(rings.broadcastWriter(`events:${actor}`)),
    journal: () => journal.writer,
    account: () => account,
    log: () => {},
    onProgress: null,
  });
  pace.invoker = new AgentInvoker(actors.agents, must(rings.marks, 'rings without marks'));
  pace.invoker.start();
  return { actors, run: (events) => runRounds(pace.invoker, actors, events) };
}

function runRounds(invoker: AgentInvoker, actors: ActorSet, events: number): void {
  const exchange = actors.exchange!;
  const until = exchange.eventCount + events;
  while (exchange.eventCount < until || !invoker.othersIdle()) invoker.round();
}
