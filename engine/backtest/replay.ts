// `pankou replay DIR`: runs a recorded session again in one thread and compares its state. Outside
// frames come from the recording; every actor takes from its inputs exactly what it took then, and
// outputs that were refused then are refused again, so the replay takes the same decisions.
// Invariant: it says "equal" only when every recorded batch was taken and every hash agrees.
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { StillClock } from '../actors/clock.ts';
import type { FrameInput, RefusalPlan, Tap } from '../actors/port.ts';
import { StateHash } from '../core/state-hash.ts';
import { AccountState } from '../host/account-state.ts';
import { type ActorSet, assemble, type Wiring } from '../host/assembly.ts';
import { DirectSink } from '../host/event-sinks.ts';
import { ReplayedJournal } from '../host/heard-journal.ts';
import { killWordOf, type MemoryMap, mapMemory, RingOpener } from '../host/memory-map.ts';
import { recordingFile } from '../host/recording-file.ts';
import {
  listRecordings,
  type RecordingManifest,
  readManifest,
} from '../host/recording-manifest.ts';
import { runHash } from '../host/run-hash.ts';
import { FrameLogError } from '../journal/frame-log-block.ts';
import { FrameLogReader } from '../journal/frame-log-reader.ts';
import { readJournal } from '../journal/reader.ts';
import { MERGE_KILL_WORD, MERGE_REFUSED, MERGE_TAKEN, STATE_CODE_DEAD } from '../messages/codes.ts';
import { copyFrame, FrameMemory, frameLength, frameType } from '../messages/frames.ts';
import { StrategyState } from '../messages/generated/control.ts';
import { Checkpoint, Merge } from '../messages/generated/event.ts';
import type { FrameHandler } from '../ring/frame-handler.ts';
import type { SpscRing } from '../ring/spsc-ring.ts';
import { makeTopology, type Topology } from '../topology.ts';

/** Inputs that come from outside the engine, by actor kind and port number. */
const OUTSIDE: Readonly<Record<string, readonly number[]>> = {
  feed: [0],
  oms: [0, 3],
  risk: [0],
  gateway: [0, 1],
};

export interface ReplayReport {
  readonly recording: string;
  readonly batches: number;
  readonly frames: number;
  readonly stateHash: string;
  readonly recordedHash: string;
  readonly equal: boolean;
  /** Actors whose emissions differ, or whose schedule could not be followed. */
  readonly differences: readonly string[];
}

/** One step of an actor's schedule. */
interface Step {
  readonly kind: number;
  readonly port: number;
  left: number;
}

/** What one actor did, read from its recording. */
class Schedule implements FrameHandler, RefusalPlan {
  readonly steps: Step[] = [];
  next = 0;
  frames = 0;
  hash = '';
  /** What was left out at the end of its recording; '' = nothing. */
  cut = '';
  /** Outside frames by port, in order. */
  readonly inputs = new Map<number, RecordedInput>();
  /** Strategies whose dead thread the supervisor told this actor of. */
  readonly deadStrategies = new Set<number>();
  readonly #refusals = new Set<string>();
  readonly #outside: readonly number[];
  readonly #merge = new Merge();
  readonly #checkpoint = new Checkpoint();
  readonly #state = new StrategyState();
  #waiting: FrameMemory[] = [];

  constructor(kind: string) {
    this.#outside = OUTSIDE[kind] ?? [];
    for (const port of this.#outside) this.inputs.set(port, new RecordedInput());
  }

  onFrame(type: number, memory: FrameMemory, at: number): void {
    if (type === Merge.TYPE) this.#onMerge(memory, at);
    else if (type === Checkpoint.TYPE) {
      const { hashA, hashB } = this.#checkpoint.wrap(memory, at);
      this.hash = hex(hashA) + hex(hashB);
    } else this.#keep(memory, at);
  }

  #keep(memory: FrameMemory, at: number): void {
    const copy = new FrameMemory(new ArrayBuffer(frameLength(memory, at)));
    copyFrame(memory, at, copy, 0);
    this.#waiting.push(copy);
    if (frameType(memory, at) === StrategyState.TYPE) {
      const { strategy, code } = this.#state.wrap(copy, 0);
      if (code === STATE_CODE_DEAD) this.deadStrategies.add(strategy);
    }
    this.frames++;
  }

  #onMerge(memory: FrameMemory, at: number): void {
    const { kind, port, count, sequence } = this.#merge.wrap(memory, at);
    if (kind === MERGE_REFUSED) {
      for (let i = 0; i < count; i++) this.#refusals.add(`${port}:${sequence + i}`);
      return;
    }
    this.steps.push({ kind, port, left: count });
    if (kind !== MERGE_TAKEN || !this.#outside.includes(port)) return;
    this.inputs.get(port)!.add(this.#waiting);
    this.#waiting = [];
  }

  wasRefused(port: number, attempt: number): boolean {
    return this.#refusals.has(`${port}:${attempt}`);
  }

  /** The step the actor has to take now, or undefined at its end. */
  current(): Step | undefined {
    while (this.next < this.steps.length) {
      const step = this.steps[this.next]!;
      if (step.kind !== MERGE_TAKEN || step.left > 0) return step;
      this.next++;
    }
    return undefined;
  }

  get done(): boolean {
    return this.current() === undefined;
  }
}

/** Outside frames as they came. */
class RecordedInput implements FrameInput {
  readonly #frames: FrameMemory[] = [];
  #next = 0;

  add(frames: readonly FrameMemory[]): void {
    this.#frames.push(...frames);
  }

  poll(handler: FrameHandler, limit: number): number {
    let count = 0;
    while (count < limit && this.#next < this.#frames.length) {
      const memory = this.#frames[this.#next++]!;
      handler.onFrame(memory.i32[1]!, memory, 0);
      count++;
    }
    return count;
  }

  isEmpty(): boolean {
    return this.#next >= this.#frames.length;
  }
}

/** Lets an input give only what the schedule says, when it says so. */
class ScheduledInput implements FrameInput {
  readonly #schedule: Schedule;
  readonly #port: number;
  readonly #source: FrameInput;

  constructor(schedule: Schedule, port: number, source: FrameInput) {
    this.#schedule = schedule;
    this.#port = port;
    this.#source = source;
  }

  poll(handler: FrameHandler, limit: number): number {
    const step = this.#schedule.current();
    if (step === undefined || step.kind !== MERGE_TAKEN || step.port !== this.#port) return 0;
    const count = this.#source.poll(handler, Math.min(limit, step.left));
    step.left -= count;
    return count;
  }

  isEmpty(): boolean {
    return this.#source.isEmpty();
  }
}

/**
 * Ticks the kill word's step off when the gateway has acted on it, and holds an actor back while
 * its readers are behind: an output may refuse only what the plan says, never for want of room.
 */
class ReplayTap implements Tap {
  readonly #schedule: Schedule;
  readonly #outputs: readonly SpscRing[];

  constructor(schedule: Schedule, outputs: readonly SpscRing[]) {
    this.#schedule = schedule;
    this.#outputs = outputs;
  }

  ready(): boolean {
    return this.#outputs.every((ring) => ring.size() * 4 <= ring.capacityBytes * 3);
  }
  outside(_memory: FrameMemory, _at: number): void {}
  taken(_port: number, _count: number): void {}
  refused(_port: number, _attempt: number): void {}
  killWord(_on: number): void {
    const step = this.#schedule.current();
    if (step?.kind === MERGE_KILL_WORD) this.#schedule.next++;
  }
  publish(): void {}
}

/** Numbers the inputs of an actor in the order its ports have: by ring name. */
function portOf(kind: string, ring: string, order: readonly string[]): number {
  const name = ring.split(':')[0]!;
  if (kind === 'feed') return 0;
  if (kind === 'strategy') return name === 'ticks' ? 0 : 1;
  if (kind === 'gateway') return name === 'control' ? 0 : name === 'answers' ? 1 : 2;
  if (kind === 'risk') {
    if (name === 'control') return 0;
    return name === 'quotes' ? 1 : 2 + Number(ring.split(':')[1]);
  }
  if (name === 'control') return 0;
  if (name === 'reports') return 1;
  if (name === 'quotes') return 2;
  if (name === 'desk') return 3;
  return 4 + order.indexOf(ring);
}

/** Replays the newest recording of a run folder (or the recording folder itself). */
export async function replay(dir: string): Promise<ReplayReport> {
  const recordings = existsSync(join(dir, 'manifest.json')) ? [dir] : listRecordings(dir);
  const recording = recordings[recordings.length - 1];
  if (recording === undefined) {
    throw new Error(`${dir}: no recording here; expected a run folder of pankou run`);
  }
  const manifest = readManifest(recording);
  const topology = makeTopology({
    accountCount: manifest.setup.accounts.length,
    strategyAccounts: manifest.setup.strategies.map((s) => s.account),
    recording: false,
    placement: { kind: 'single' },
    // Twice the room of the live rings: a schedule that fitted those fits with some to spare.
    ringScale: 0.5,
  });
  const engine = new ReplayEngine(recording, manifest, topology);
  return engine.run();
}

class ReplayEngine {
  readonly #recording: string;
  readonly #manifest: RecordingManifest;
  readonly #topology: Topology;
  readonly #map: MemoryMap;
  readonly #schedules = new Map<string, Schedule>();
  readonly #hashes = new Map<string, StateHash>();
  readonly #accounts: AccountState[];

  constructor(recording: string, manifest: RecordingManifest, topology: Topology) {
    this.#recording = recording;
    this.#manifest = manifest;
    this.#topology = topology;
    this.#map = mapMemory(topology, false);
    this.#accounts = manifest.setup.accounts.map((_, a) => this.#openAccount(a));
    for (const actor of topology.actors) {
      if (actor.kind === 'exchange') continue;
      this.#schedules.set(actor.name, readSchedule(recording, actor.name, actor.kind));
    }
  }

  async run(): Promise<ReplayReport> {
    const specs = this.#topology.actors.filter((actor) => actor.kind !== 'exchange');
    const set = await assemble(this.#manifest.setup, specs, this.#wiring());
    const stuck = this.#drive(set);
    const stateHash = runHash(this.#accounts.map((a) => a.account));
    const recordedHash = this.#recordedHash();
    const differences = [...this.#cuts(), ...stuck, ...this.#hashDifferences()];
    if (recordedHash === '') differences.push('the journal has no closing record to compare with');
    else if (recordedHash !== stateHash) differences.push('the final state differs');
    let batches = 0;
    let frames = 0;
    for (const schedule of this.#schedules.values()) {
      batches += schedule.steps.length;
      frames += schedule.frames;
    }
    return {
      recording: this.#recording,
      batches,
      frames,
      stateHash,
      recordedHash,
      equal: differences.length === 0,
      differences,
    };
  }

  /** As the account was when the recorded life began: from the journal's earlier epochs. */
  #openAccount(index: number): AccountState {
    const { setup, lastIntentNos } = this.#manifest;
    const state = new AccountState(setup, index);
    state.setLastIntentNos(lastIntentNos);
    const epoch = setup.epochs[index]!;
    const dir = this.#journalDir(index);
    const memory = new FrameMemory(new ArrayBuffer(512));
    if (epoch > 1) {
      readJournal(dir, (record) => {
        if (record.epoch < epoch) state.apply(record.frameType, record.memory, record.frameAt);
      });
    }
    if (!state.opened) state.open(setup, () => {}, memory);
    state.beginLife();
    return state;
  }

  /** Beside the recording, wherever both are now (an archived day, a copy); else where it was. */
  #journalDir(index: number): string {
    const { journalDir } = this.#manifest.setup.accounts[index]!;
    const beside = join(dirname(this.#recording), basename(journalDir));
    return existsSync(beside) ? beside : journalDir;
  }

  #recordedHash(): string {
    const { setup } = this.#manifest;
    const epoch = setup.epochs[0]!;
    let hash = '';
    readJournal(this.#journalDir(0), (record) => {
      if (record.epoch === epoch && record.stateHash !== '') hash = record.stateHash;
    });
    return hash;
  }

  #wiring(): Wiring {
    const rings = new RingOpener(this.#topology, this.#map);
    const sink = new DirectSink(null, new Set());
    const intents = this.#topology.rings.map((r) => r.name).filter((n) => n.startsWith('intents'));
    return {
      topology: this.#topology,
      map: this.#map,
      rings,
      clock: new StillClock(),
      pacer: { mayRelease: () => false },
      isReplay: true,
      input: (ring) => {
        const spec = this.#topology.rings.find((r) => r.name === ring)!;
        const actor = this.#topology.actors.find((a) => a.name === spec.to);
        const schedule = this.#schedules.get(spec.to);
        if (actor === undefined || schedule === undefined) return null;
        const own = intents.filter((name) => this.#readerOf(name) === spec.to);
        const port = portOf(actor.kind, ring, own);
        return new ScheduledInput(schedule, port, schedule.inputs.get(port) ?? rings.spsc(ring));
      },
      tap: (actor) => {
        const outputs = this.#topology.rings.filter((r) => r.from === actor && r.kind === 'spsc');
        const opened = outputs.map((r) => rings.spsc(r.name));
        return new ReplayTap(this.#schedules.get(actor)!, opened);
      },
      hash: (actor) => this.#hash(actor),
      plan: (actor) => this.#schedules.get(actor) ?? null,
      events: () => sink,
      journal: (a) => new ReplayedJournal(this.#schedules.get(`gateway:${a}`)!),
      account: (a) => this.#accounts[a]!,
      log: () => {},
      onProgress: null,
    };
  }

  #readerOf(ring: string): string {
    return this.#topology.rings.find((r) => r.name === ring)!.to;
  }

  #hash(actor: string): StateHash | null {
    if (actor === 'feed') return null;
    const hash = this.#hashes.get(actor) ?? new StateHash();
    this.#hashes.set(actor, hash);
    return hash;
  }

  /** Steps all actors until no one can go on; names those that could not finish. */
  #drive(set: ActorSet): string[] {
    const rings = new RingOpener(this.#topology, this.#map);
    const links = this.#manifest.setup.accounts.map((_, a) => rings.spsc(`link:${a}`));
    for (const agent of set.agents) agent.onStart();
    let idle = 0;
    while (idle < 2) {
      let work = 0;
      this.#switchKillWords();
      for (const agent of set.agents) work += agent.doWork();
      for (const link of links) drain(link);
      idle = work === 0 ? idle + 1 : 0;
    }
    const stuck: string[] = [];
    for (const [actor, schedule] of this.#schedules) {
      if (!schedule.done) {
        const at = `batch ${schedule.next + 1} of ${schedule.steps.length}`;
        stuck.push(`${actor} stopped at ${at}: an input did not bring what it brought then`);
      }
    }
    return stuck;
  }

  /** Sets a gateway's kill word when its next recorded step says that it saw it change. */
  #switchKillWords(): void {
    for (const [a] of this.#manifest.setup.accounts.entries()) {
      const step = this.#schedules.get(`gateway:${a}`)?.current();
      if (step?.kind === MERGE_KILL_WORD) Atomics.store(killWordOf(this.#map, a), 0, step.left);
    }
  }

  /** Recordings that are not whole: by damage, or because their engine was killed. */
  #cuts(): string[] {
    return [...this.#schedules.values()].flatMap(({ cut }) => (cut === '' ? [] : [cut]));
  }

  #hashDifferences(): string[] {
    const out: string[] = [];
    // A strategy whose thread was ended wrote no checkpoint: the OMS was told so, and recorded it.
    const dead = new Set<string>();
    for (const { deadStrategies } of this.#schedules.values()) {
      for (const strategy of deadStrategies) dead.add(`strategy:${strategy}`);
    }
    for (const [actor, schedule] of this.#schedules) {
      const hash = this.#hashes.get(actor)?.hex() ?? '';
      const hasEnd = schedule.hash !== '' || schedule.cut !== '' || dead.has(actor);
      if (!hasEnd && this.#hashes.has(actor)) {
        const why = 'it was cut, or its engine died';
        out.push(`recording of ${actor} has no checkpoint at its end: ${why}`);
      }
      if (schedule.hash !== '' && hash !== schedule.hash) {
        out.push(`${actor} emitted something else: hash ${hash}, recorded ${schedule.hash}`);
      }
    }
    return out;
  }
}

/** Requests of a replay go nowhere. */
const NOWHERE: FrameHandler = { onFrame: () => {} };

function drain(ring: SpscRing): void {
  while (ring.poll(NOWHERE, 1024) > 0);
}

function readSchedule(recording: string, actor: string, kind: string): Schedule {
  const schedule = new Schedule(kind);
  const reader = new FrameLogReader(recordingFile(recording, actor));
  try {
    while (reader.next(schedule));
  } catch (error) {
    if (!(error instanceof FrameLogError)) throw error;
    const { steps, frames } = schedule;
    const behind = `${actor} had taken ${steps.length} batches with ${frames} outside frames`;
    throw new FrameLogError(error.path, error.offset, `${error.fault}; before it ${behind}`);
  } finally {
    reader.close();
  }
  if (reader.tail !== null) {
    const { offset, bytes, why } = reader.tail;
    const left = `${bytes} bytes are left out, behind batch ${schedule.steps.length}`;
    const end = `ends at byte ${offset} of ${reader.path}`;
    schedule.cut = `recording of ${actor} ${end}: ${why}; ${left}`;
  }
  return schedule;
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}

/** The command: prints the report; 0 when equal, 1 when not. */
export async function replayRecording(dir: string, opts: { json: boolean }): Promise<number> {
  const report = await replay(dir);
  if (opts.json) console.log(JSON.stringify(report));
  else {
    console.log(`recording   ${report.recording}`);
    console.log(`replayed    ${report.batches} batches, ${report.frames} outside frames`);
    console.log(`state hash  ${report.stateHash} (recorded ${report.recordedHash || 'none'})`);
    for (const difference of report.differences) console.log(`different   ${difference}`);
    console.log(report.equal ? 'equal: the replay took the same decisions' : 'NOT equal');
  }
  return report.equal ? 0 : 1;
}
