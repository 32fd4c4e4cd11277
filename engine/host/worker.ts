// Entry of an engine thread: pins itself, opens the journals of its gateways, assembles its actors,
// says ready, and runs until the stop word. Started by the supervisor only.
// Invariant: nothing runs before every thread is ready; a bug ends the thread with a fault message,
// what is wrong with configuration, data, strategy or journal ends it with a refusal for people.
import { dirname, join } from 'node:path';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { AgentRunner, type Pulse } from '../actors/agent-runner.ts';
import { type IdleStrategy, ParkIdleStrategy, SpinIdleStrategy } from '../actors/idle-strategy.ts';
import type { JournalPort } from '../actors/link-voice.ts';
import { NoTap, type Tap } from '../actors/port.ts';
import { must } from '../assert.ts';
import { SessionPace } from '../backtest/synthetic/session-pace.ts';
import { StateHash } from '../core/state-hash.ts';
import type { Statement } from '../core/statement.ts';
import { type OpenedJournal, openJournal } from '../journal/open.ts';
import { FrameMemory } from '../messages/frames.ts';
import { End } from '../messages/generated/control.ts';
import { timeText } from '../rules/calendar-date.ts';
import { beginLife } from './account-life.ts';
import { AccountState } from './account-state.ts';
import { pinCurrentThread, raisePriority, setTimerSlack } from './affinity.ts';
import { type ActorSet, assemble, type Wiring } from './assembly.ts';
import { BroadcastSink } from './event-sinks.ts';
import type { Pacer } from './gateway-session.ts';
import { HeardJournal } from './heard-journal.ts';
import {
  countersOf,
  RingOpener,
  SLOT_ENDED,
  SLOT_EVENTS,
  SLOT_HEARTBEAT,
  SLOTS_PER_ACTOR,
  WORD_STOP,
  wordsOf,
} from './memory-map.ts';
import { HostClock } from './mono-clock.ts';
import { ArrivalPacer, LockstepPacer, RealtimePacer } from './pacers.ts';
import { RecordTap } from './record-tap.ts';
import { runHash } from './run-hash.ts';
import { SeriesFile } from './series-table.ts';
import { writeState } from './strategy-state.ts';
import type {
  AccountSummary,
  FromThread,
  SyncedJournal,
  ThreadStart,
  ThreadSummary,
} from './thread-messages.ts';
import { TurnRunner } from './turn-runner.ts';

/** Longest sleep of a parked engine thread: kill words are looked at this often. */
const PARK_MS = 5;
/** Lines for people a thread shows in a second. */
const LOG_LINES = 50;
/** How long the whole opening call takes a person who watches. */
const OPENING_CALL_PACE_NS = 250_000_000;
const NO_TAP = new NoTap();
/** The exchange wakes by itself for its next event. */
const EXCHANGE_PARK_MS = 1;

class EngineThread {
  readonly #start: ThreadStart;
  readonly #clock: HostClock;
  readonly #words: Int32Array;
  readonly #rings: RingOpener;
  readonly #journals = new Map<number, OpenedJournal>();
  readonly #accounts = new Map<number, AccountState>();
  readonly #taps = new Map<string, RecordTap>();
  readonly #hashes = new Map<string, StateHash>();
  readonly #notes: string[] = [];
  /** By strategy. */
  readonly #series = new Map<number, SeriesFile>();
  #logSecond = 0;
  #logLines = 0;

  constructor(start: ThreadStart) {
    this.#start = start;
    this.#clock = new HostClock(start.clockZeroNs);
    this.#words = wordsOf(start.map);
    this.#rings = new RingOpener(start.topology, start.map, true);
  }

  async run(): Promise<void> {
    const { topology, thread, setup } = this.#start;
    this.#settle();
    const specs = topology.actors.filter((actor) => actor.thread === thread);
    for (const spec of specs) {
      if (spec.kind === 'gateway') await this.#openJournal(spec.index);
    }
    const actors = await assemble(setup, specs, this.#wiring());
    const journals: SyncedJournal[] = [...this.#journals].map(([a, opened]) => ({
      dir: setup.accounts[a]!.journalDir,
      syncs: setup.flush === 'group',
      shared: opened.shared,
      segmentBytes: opened.segmentBytes,
    }));
    say({ kind: 'ready', notes: this.#notes, journals });
    await started();
    this.#drive(actors);
    for (const file of this.#series.values()) file.flush();
    const summary = this.#summary(actors);
    await this.#closeJournals(summary.stateHash);
    say({ kind: 'done', summary });
  }

  /** Pins and prioritises this thread as the topology says; what fails becomes a note. */
  #settle(): void {
    const spec = this.#start.topology.threads[this.#start.thread]!;
    if (spec.core < 0) return;
    for (const result of [pinCurrentThread(spec.core), setTimerSlack(1), raisePriority()]) {
      if (!result.ok) this.#notes.push(`thread ${spec.name}: ${result.why}`);
    }
  }

  async #openJournal(account: number): Promise<void> {
    const { setup } = this.#start;
    const state = this.#account(account);
    const opened = await openJournal(setup.accounts[account]!.journalDir, {
      account,
      day: setup.day,
      policy: setup.flush,
      engineVersion: setup.engineVersion,
      instrumentCount: setup.instruments.length,
      atNs: 0,
      monoNs: this.#clock.nowNs(),
      segmentBytes: setup.segmentBytes,
      onRecord: (record) => state.apply(record.frameType, record.memory, record.frameAt),
    });
    this.#journals.set(account, opened);
    const { writer } = opened;
    const unknown = beginLife(setup, state, writer, () => this.#clock.nowNs());
    if (unknown > 0) {
      const what = 'orders of the life before have an unknown fate: the broker is asked';
      this.#notes.push(`account ${setup.accounts[account]!.id}: ${unknown} ${what}`);
    }
  }

  #journal(a: number): JournalPort {
    const { writer } = must(this.#journals.get(a), `journal of account ${a}`);
    const tap = this.#taps.get(`gateway:${a}`);
    return tap === undefined ? writer : new HeardJournal(writer, tap);
  }

  #account(index: number): AccountState {
    const found = this.#accounts.get(index);
    if (found !== undefined) return found;
    const state = new AccountState(this.#start.setup, index);
    state.setLastIntentNos(this.#start.lastIntentNos);
    this.#accounts.set(index, state);
    return state;
  }

  #wiring(): Wiring {
    const { topology, map, setup } = this.#start;
    return {
      topology,
      map,
      rings: this.#rings,
      clock: this.#clock,
      pacer: this.#pacer(),
      input: () => null,
      tap: (actor) => this.#tap(actor),
      hash: (actor) => this.#hash(actor),
      plan: () => null,
      events: (actor) => new BroadcastSink(this.#rings.broadcastWriter(`events:${actor}`)),
      journal: (a) => this.#journal(a),
      account: (a) => this.#account(a),
      log: (source, text) => this.#log(source, text),
      onProgress: (fraction, text) => say({ kind: 'progress', fraction, text }),
      saveState: (s, text) => {
        const { stateFile = '' } = setup.strategies[s]!;
        if (stateFile !== '') writeState(stateFile, text);
      },
      series: (s, name, atNs, value) => this.#seriesFile(s)?.add(name, atNs, value),
    };
  }

  #pacer(): Pacer {
    const { setup } = this.#start;
    if (setup.pace === 'lockstep') return new LockstepPacer(this.#words);
    if (setup.source.kind === 'bridge') return new ArrivalPacer();
    const pace = new SessionPace({
      compressOpening: true,
      openingNs: OPENING_CALL_PACE_NS,
      skipBreaks: true,
      fromNs: setup.skipUntilNs,
    });
    return new RealtimePacer(this.#clock, pace, setup.speed);
  }

  /** Series of one strategy: a file of its own, as strategies may be in several threads. */
  #seriesFile(s: number): SeriesFile | undefined {
    const { name, stateFile = '' } = this.#start.setup.strategies[s]!;
    if (stateFile === '') return undefined;
    let file = this.#series.get(s);
    if (file === undefined) {
      const path = join(dirname(stateFile), `series-${name}.csv`);
      file = new SeriesFile(path, name, this.#start.setup.day, timeText);
      this.#series.set(s, file);
    }
    return file;
  }

  /** A strategy's line for people; a flood is cut to LOG_LINES a second, and says so. */
  #log(source: string, text: string): void {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#logSecond) {
      const dropped = this.#logLines - LOG_LINES;
      if (dropped > 0) say({ kind: 'log', source, text: `${dropped} more lines not shown` });
      this.#logSecond = second;
      this.#logLines = 0;
    }
    if (++this.#logLines <= LOG_LINES) say({ kind: 'log', source, text });
  }

  #tap(actor: string): Tap {
    const { topology } = this.#start;
    const recorded = topology.rings.some((ring) => ring.name === `record:${actor}`);
    if (!recorded) return new NoTap();
    const index = topology.actors.findIndex((spec) => spec.name === actor);
    const tap = new RecordTap(this.#rings.spsc(`record:${actor}`), index);
    this.#taps.set(actor, tap);
    return tap;
  }

  /** Ticks are too many to hash; what strategies, OMS, risk and gateway say is hashed. */
  #hash(actor: string): StateHash | null {
    if (!this.#start.setup.recording || actor === 'feed' || actor === 'exchange') return null;
    const hash = this.#hashes.get(actor) ?? new StateHash();
    this.#hashes.set(actor, hash);
    return hash;
  }

  #drive(actors: ActorSet): void {
    const { topology, thread, setup, map } = this.#start;
    const specs = topology.actors.filter((actor) => actor.thread === thread);
    const own = this.#rings.bell(thread);
    const pulse = new ThreadPulse(this.#start, actors);
    if (setup.pace === 'lockstep') {
      const seats = specs.map((spec, i) => ({
        turn: topology.actors.indexOf(spec),
        agent: actors.agents[i]!,
        tap: this.#taps.get(spec.name) ?? NO_TAP,
      }));
      const bells = topology.actors.map((actor) => this.#rings.bell(actor.thread));
      const deferred = this.#rings.deferredBells;
      new TurnRunner(seats, this.#words, bells, own, deferred, pulse, this.#clock).run();
    } else {
      const stop = new Int32Array(map.buffer, WORD_STOP * 4, 1);
      const runner = new AgentRunner(
        actors.agents,
        pulse,
        this.#clock,
        stop,
        this.#rings.deferredBells,
      );
      const spec = topology.threads[thread]!;
      const parkMs = actors.exchange === null ? PARK_MS : EXCHANGE_PARK_MS;
      const idle: IdleStrategy =
        spec.idle === 'spin' ? new SpinIdleStrategy() : new ParkIdleStrategy(own, runner, parkMs);
      runner.run(idle);
    }
    for (const [actor, tap] of this.#taps) {
      const hash = this.#hashes.get(actor);
      if (hash !== undefined) tap.checkpoint(hash);
      tap.publish();
    }
  }

  #summary(actors: ActorSet): ThreadSummary {
    const { setup } = this.#start;
    const accounts = actors.oms.map((oms) => {
      const { account } = oms;
      const gateway = actors.gateways.find((g) => g.roleName === `gateway:${account.index}`);
      return {
        id: setup.accounts[account.index]!.id,
        orders: account.orders.count,
        fills: account.fillCount,
        rejects: oms.rejectCount,
        invalidEvents: account.invalidEvents,
        lateFills: account.lateFills,
        overfills: account.overfills,
        newsLost: oms.newsLost,
        journalFailure: gateway?.journalFailure ?? 0,
        cashE4: account.cash.cashE4,
        lastE4: [...account.positions.lastE4],
        broker: brokerFigures(oms.broker.statement, account.positions.count),
      };
    });
    let recorderStalls = 0;
    for (const tap of this.#taps.values()) recorderStalls += tap.stalls;
    return {
      accounts,
      stateHash: actors.oms.length > 0 ? runHash(actors.oms.map((oms) => oms.account)) : '',
      marketEvents: actors.exchange?.eventCount ?? 0,
      conflated: actors.feed?.conflated ?? 0,
      recorderStalls,
      strategyFailures: actors.hosts
        .filter((host) => host.failure !== '')
        .map((host) => ({ name: host.roleName, text: host.failure })),
      problems: [
        ...new Set([
          ...(actors.exchange?.problems() ?? []),
          ...(actors.feed?.trust.problems() ?? []),
        ]),
      ],
    };
  }

  async #closeJournals(stateHash: string): Promise<void> {
    const memory = new FrameMemory(new ArrayBuffer(512));
    const end = new End();
    for (const [a, opened] of this.#journals) {
      const high = Number.parseInt(stateHash.slice(0, 8), 16);
      const low = Number.parseInt(stateHash.slice(8), 16);
      opened.writer.setStateHash(high, low);
      end.begin(memory, 0).account = a;
      opened.writer.append(memory, 0, this.#account(a).lastNs, this.#clock.nowNs());
      await opened.close();
    }
  }
}

/** The broker's last whole statement, if any. */
function brokerFigures(statement: Statement, count: number): AccountSummary['broker'] {
  if (!statement.isWhole) return null;
  const qty = Array.from({ length: count }, (_, i) => statement.statedQty(i));
  return { cashE4: statement.statedCashE4, qty };
}

/** Heartbeats, work counts and ended flags of a thread's actors, in the shared counters. */
class ThreadPulse implements Pulse {
  readonly #counters;
  readonly #slots: readonly number[];
  readonly #actors: ActorSet;

  constructor(start: ThreadStart, actors: ActorSet) {
    this.#counters = countersOf(start.map);
    this.#actors = actors;
    const { topology, thread } = start;
    const slots: number[] = [];
    for (const [i, actor] of topology.actors.entries()) {
      if (actor.thread !== thread) continue;
      const slot = i * SLOTS_PER_ACTOR;
      const owner = thread + 1;
      this.#counters.claim(slot + SLOT_HEARTBEAT, `heartbeat ${actor.name}`, owner);
      this.#counters.claim(slot + SLOT_EVENTS, `events ${actor.name}`, owner);
      this.#counters.claim(slot + SLOT_ENDED, `ended ${actor.name}`, owner);
      slots.push(slot);
    }
    this.#slots = slots;
  }

  beat(agent: number, monotonicNs: number, work: number): void {
    const slot = this.#slots[agent]!;
    this.#counters.beat(slot + SLOT_HEARTBEAT, monotonicNs);
    if (work > 0) this.#counters.add(slot + SLOT_EVENTS, work);
    const actor = this.#actors.agents[agent] as { ended?: boolean };
    if (actor.ended === true) this.#counters.set(slot + SLOT_ENDED, 1);
  }
}

function say(message: FromThread): void {
  must(parentPort, 'parentPort: started outside a worker').postMessage(message);
}

/** Waits for the supervisor's word that every thread is ready. */
function started(): Promise<void> {
  const port = must(parentPort, 'parentPort: started outside a worker');
  return new Promise((resolve) => {
    port.once('message', () => {
      port.unref();
      resolve();
    });
  });
}

async function main(): Promise<void> {
  const thread = new EngineThread(workerData as ThreadStart);
  try {
    await thread.run();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const bug = text.startsWith('assertion failed') || error instanceof TypeError;
    const stack = error instanceof Error ? (error.stack ?? text) : text;
    say(bug ? { kind: 'fault', text: stack } : { kind: 'refused', text });
    process.exitCode = 1;
  }
}

if (!isMainThread) void main();
