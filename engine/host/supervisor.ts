// Starts, watches and ends the threads of an engine; lives on the core process's main thread. Sees
// heartbeats in shared memory: a silent strategy thread is ended and its orders handled by policy,
// a dead engine thread stops the engine, which is recovered from its journal at the next start.
// Invariants: no thread runs before all are ready; a stop ends in order or says what did not.
import { Worker } from 'node:worker_threads';
import { must } from '../assert.ts';
import type { RuleEntries } from '../core/risk/rule-entry.ts';
import {
  END_BY_USER,
  SCOPE_ACCOUNT,
  SCOPE_FIRM,
  SCOPE_STRATEGY,
  STAGE_SUPERVISOR,
  STATE_CODE_DEAD,
  STRATEGY_FAILED,
} from '../messages/codes.ts';
import { copyFrame, FrameMemory } from '../messages/frames.ts';
import {
  CancelCommand,
  End,
  Kill,
  RiskCommit,
  RiskEntry,
  StrategyState,
} from '../messages/generated/control.ts';
import type { Doorbell } from '../ring/doorbell.ts';
import type { SpscRing } from '../ring/spsc-ring.ts';
import type { Topology } from '../topology.ts';
import { raiseHelpers } from './affinity.ts';
import {
  countersOf,
  killWordOf,
  type MemoryMap,
  RingOpener,
  SLOT_ENDED,
  SLOT_EVENTS,
  SLOT_HEARTBEAT,
  SLOTS_PER_ACTOR,
  WORD_QUIET,
  WORD_STOP,
  wordsOf,
} from './memory-map.ts';
import { HostClock } from './mono-clock.ts';
import type { EngineSetup } from './setup.ts';
import type {
  FromRecorder,
  FromThread,
  RecorderStart,
  SyncedJournal,
  ThreadStart,
  ThreadSummary,
} from './thread-messages.ts';

/** While the control ring of risk is full. */
const RELOAD_WAIT_MS = 5;
const WATCH_MS = 250;
/** A stop that has not come to its end by itself is forced after this. */
const STOP_GRACE_MS = 5_000;
const WORKER_FILE = new URL('./worker.ts', import.meta.url);
const RECORDER_FILE = new URL('./recorder.ts', import.meta.url);
/** Heap of a thread with user code; beyond it only that thread dies. */
const USER_HEAP_MB = 1024;

export interface SupervisorOptions {
  readonly setup: EngineSetup;
  readonly topology: Topology;
  readonly map: MemoryMap;
  readonly lastIntentNos: readonly number[];
  readonly heartbeatMs: number;
  /** New folder for the recording; '' = none. */
  readonly recordingDir: string;
  readonly log: (level: 'info' | 'warn' | 'error', source: string, text: string) => void;
  readonly onProgress: (fraction: number, text: string) => void;
}

export interface ActorHealth {
  readonly name: string;
  readonly thread: string;
  readonly heartbeatAgeMs: number;
  readonly state: 'running' | 'stopped' | 'dead';
}

type Phase = 'starting' | 'running' | 'ended' | 'failed';

interface Thread {
  readonly index: number;
  readonly name: string;
  readonly user: boolean;
  readonly worker: Worker;
  state: 'starting' | 'ready' | 'done' | 'dead';
  summary: ThreadSummary | null;
}

export class Supervisor {
  readonly clock: HostClock;
  readonly killedAccounts = new Set<number>();
  readonly killedStrategies = new Set<number>();
  /** Why the engine failed; '' = it did not. */
  failure = '';
  readonly recordedFrames = { count: 0 };
  readonly strategyFailures = new Map<number, string>();
  /** Last line each strategy wrote, by name: of one that threw, what it threw. */
  readonly lastLines = new Map<string, string>();
  #phase: Phase = 'starting';
  #stopping = false;
  readonly #options: SupervisorOptions;
  readonly #zeroNs = HostClock.zero();
  readonly #threads: Thread[] = [];
  readonly #counters;
  readonly #words: Int32Array;
  readonly #controls = new Map<string, SpscRing>();
  readonly #bells: Doorbell[];
  readonly #recorderStop = new Int32Array(new SharedArrayBuffer(4));
  #recorder: Worker | null = null;
  #recorderDone: Promise<void> = Promise.resolve();
  readonly #scratch = new FrameMemory(new ArrayBuffer(512));
  readonly #done: Promise<void>;
  #finish: () => void = () => {};
  #watch: NodeJS.Timeout | undefined;
  #reloading: Promise<void> = Promise.resolve();

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.clock = new HostClock(this.#zeroNs);
    this.#counters = countersOf(options.map);
    this.#words = wordsOf(options.map);
    Atomics.store(this.#words, WORD_QUIET, 1);
    const rings = new RingOpener(options.topology, options.map);
    this.#bells = options.topology.threads.map((_, i) => rings.bell(i));
    for (const ring of options.topology.rings) {
      if (ring.name.startsWith('control:')) this.#controls.set(ring.to, rings.spsc(ring.name));
    }
    this.#done = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  /** Starts all threads; rejects with a text for people when one is refused. */
  async start(): Promise<void> {
    const { topology } = this.#options;
    // What cannot be raised is told by the pinned threads, for themselves.
    if (topology.threads.some(({ core }) => core >= 0)) raiseHelpers();
    const ready = topology.threads.map((_, i) => this.#startThread(i));
    const results = await Promise.allSettled(ready);
    const refused = results.find((r) => r.status === 'rejected');
    if (refused !== undefined) {
      await this.#terminateAll();
      throw (refused as PromiseRejectedResult).reason;
    }
    const journals = (results as PromiseFulfilledResult<SyncedJournal[]>[]).flatMap((r) => r.value);
    await this.#startRecorder(journals);
    this.#phase = 'running';
    for (const thread of this.#threads) thread.worker.postMessage('go');
    this.#watch = setInterval(() => this.#look(), WATCH_MS);
  }

  /** Resolves when the engine has ended, in order or not. */
  ended(): Promise<void> {
    return this.#done;
  }

  /** Ends in order: the exchange stops, strategies say their last word, orders are cancelled. */
  stop(): void {
    if (this.#stopping || this.#phase !== 'running') return;
    this.#stopping = true;
    this.#options.log('info', 'supervisor', 'stopping: cancelling working orders');
    const end = new End().begin(this.#scratch, 0);
    end.reason = END_BY_USER;
    this.#tell('exchange');
    setTimeout(() => this.#forceStop(), STOP_GRACE_MS).unref();
  }

  /** The words that gateways look at first; also before any thread starts, after a restart. */
  setKillWords(accounts: readonly number[]): void {
    for (const a of accounts) {
      this.killedAccounts.add(a);
      Atomics.store(killWordOf(this.#options.map, a), 0, 1);
    }
  }

  /** Whether nothing may be sent any more. */
  get killed(): boolean {
    return this.killedAccounts.size === this.#options.setup.accounts.length;
  }

  /** Kill switch of firm, account or strategy: words first, then the frames that are journaled. */
  kill(memory: FrameMemory, at: number): void {
    const { scope, account, strategy } = new Kill().wrap(memory, at);
    const { accounts, strategies } = this.#options.setup;
    const owner = scope === SCOPE_STRATEGY ? strategies[strategy]?.account : account;
    const isKnown = owner !== undefined && accounts[owner] !== undefined;
    if (scope !== SCOPE_FIRM && !isKnown) {
      const what = `scope=${scope} account=${account} strategy=${strategy}`;
      this.#options.log('error', 'supervisor', `kill of nobody: ${what}`);
      return;
    }
    const meant = scope === SCOPE_FIRM ? [...accounts.keys()] : [owner!];
    if (scope !== SCOPE_STRATEGY) this.setKillWords(meant);
    else this.killedStrategies.add(strategy);
    for (const bell of this.#bells) bell.ring();
    copyFrame(memory, at, this.#scratch, 0);
    new Kill().wrap(this.#scratch, 0).source = STAGE_SUPERVISOR;
    this.#tell('risk');
    for (const a of meant) {
      this.#tell(`gateway:${a}`);
      this.#tell(`oms:${a}`);
    }
    const whose = scope === SCOPE_FIRM ? 'of the firm' : this.#nameOf(scope, owner!, strategy);
    const text = `kill switch ${whose} is on: no orders, cancelling all`;
    this.#options.log('warn', 'supervisor', text);
  }

  #nameOf(scope: number, account: number, strategy: number): string {
    const { accounts, strategies } = this.#options.setup;
    if (scope === SCOPE_ACCOUNT) return `of account ${accounts[account]!.id}`;
    return `of strategy ${strategies[strategy]!.name}`;
  }

  /** Passes a person's switch (RiskResume, MarketPause) to risk, which tells everybody. */
  tellRisk(memory: FrameMemory, at: number): void {
    copyFrame(memory, at, this.#scratch, 0);
    this.#tell('risk');
    for (const bell of this.#bells) bell.ring();
  }

  /** Passes a stage to the gateway of its account; false = its ring is full. */
  tellGateway(account: number, memory: FrameMemory, at: number): boolean {
    const ring = this.#controls.get(`gateway:${account}`);
    if (ring === undefined || ring.offer(memory, at) < 0) return false;
    ring.publish();
    for (const bell of this.#bells) bell.ring();
    return true;
  }

  /** Passes what a person says about an order to the OMS of its account; of none, it is lost. */
  tellOms(account: number, memory: FrameMemory, at: number): void {
    copyFrame(memory, at, this.#scratch, 0);
    if (this.#controls.has(`oms:${account}`)) this.#tell(`oms:${account}`);
  }

  /** Passes a person's cancel to the OMS of its account, or to all. */
  command(memory: FrameMemory, at: number): void {
    const command = new CancelCommand().wrap(memory, at);
    const { scope, account } = command;
    copyFrame(memory, at, this.#scratch, 0);
    for (const actor of this.#controls.keys()) {
      const all = scope === SCOPE_FIRM && actor.startsWith('oms:');
      if (all || actor === `oms:${account}`) this.#tell(actor);
    }
  }

  /**
   * Sends a rule set to risk, entry by entry as its ring has room; risk puts it in force whole or
   * keeps the old one, and says which. A later call while one is under way waits for it.
   */
  reloadRules(rules: RuleEntries): Promise<void> {
    this.#reloading = this.#reloading.then(() => this.#sendRules(rules));
    return this.#reloading;
  }

  async #sendRules({ entries, hash }: RuleEntries): Promise<void> {
    const ring = must(this.#controls.get('risk'), 'control ring of risk');
    const frames = new FrameMemory(new ArrayBuffer(256));
    const entry = new RiskEntry();
    const send = async (): Promise<void> => {
      while (ring.offer(frames, 0) < 0) {
        ring.publish();
        if (this.#phase !== 'running') return;
        await new Promise((next) => setTimeout(next, RELOAD_WAIT_MS));
      }
    };
    for (const [number, [kind, a, b, value]] of entries.entries()) {
      entry.begin(frames, 0);
      Object.assign(entry, { number, kind, a, b, value, source: STAGE_SUPERVISOR });
      await send();
    }
    const commit = new RiskCommit().begin(frames, 0);
    Object.assign(commit, { count: entries.length, hash, source: STAGE_SUPERVISOR });
    await send();
    ring.publish();
    for (const bell of this.#bells) bell.ring();
  }

  /** Every actor with the age of its heartbeat. */
  health(): ActorHealth[] {
    const now = this.clock.nowNs();
    const { topology } = this.#options;
    return topology.actors.map((actor, i) => {
      const thread = this.#threads[actor.thread];
      const ageNs = this.#counters.ageNs(i * SLOTS_PER_ACTOR + SLOT_HEARTBEAT, now);
      const state =
        thread?.state === 'dead' ? 'dead' : thread?.state === 'done' ? 'stopped' : 'running';
      return {
        name: actor.name,
        thread: topology.threads[actor.thread]!.name,
        heartbeatAgeMs: Number.isFinite(ageNs) ? Math.max(0, ageNs / 1e6) : 0,
        state,
      };
    });
  }

  /** Market events the exchange has released. */
  get marketEvents(): number {
    return this.#counters.get(SLOTS_PER_ACTOR * 1 + SLOT_EVENTS);
  }

  /** Last words of the threads. */
  summaries(): ThreadSummary[] {
    return this.#threads.flatMap((thread) => (thread.summary === null ? [] : [thread.summary]));
  }

  #startThread(index: number): Promise<SyncedJournal[]> {
    const { setup, topology, map, lastIntentNos } = this.#options;
    const spec = topology.threads[index]!;
    const start: ThreadStart = {
      setup,
      topology,
      map,
      thread: index,
      clockZeroNs: this.#zeroNs,
      lastIntentNos,
    };
    const worker = new Worker(WORKER_FILE, {
      workerData: start,
      name: spec.name,
      ...(spec.user ? { resourceLimits: { maxOldGenerationSizeMb: USER_HEAP_MB } } : {}),
    });
    const thread: Thread = {
      index,
      name: spec.name,
      user: spec.user,
      worker,
      state: 'starting',
      summary: null,
    };
    this.#threads[index] = thread;
    return new Promise((resolve, reject) => {
      worker.on('message', (message: FromThread) => {
        if (message.kind === 'ready') {
          thread.state = 'ready';
          for (const note of message.notes) this.#options.log('warn', spec.name, note);
          resolve([...message.journals]);
        } else if (message.kind === 'refused') {
          reject(new Error(message.text));
          this.#onDead(thread, message.text);
        } else this.#onMessage(thread, message);
      });
      worker.on('error', (error) => {
        reject(error);
        this.#onDead(thread, error.message);
      });
      worker.on('exit', (code) => {
        reject(new Error(`thread ${spec.name} ended with code ${code} before it was ready`));
        if (thread.state !== 'done') this.#onDead(thread, `ended with code ${code}`);
      });
    });
  }

  #onMessage(thread: Thread, message: FromThread): void {
    switch (message.kind) {
      case 'log':
        this.lastLines.set(message.source, message.text);
        this.#options.log('info', message.source, message.text);
        break;
      case 'progress':
        this.#options.onProgress(message.fraction, message.text);
        break;
      case 'fault':
        this.#onDead(thread, message.text);
        break;
      case 'done':
        thread.state = 'done';
        thread.summary = message.summary;
        this.#checkEnded();
        break;
      default:
        break;
    }
  }

  async #startRecorder(journals: readonly SyncedJournal[]): Promise<void> {
    const { topology, map, recordingDir } = this.#options;
    if (recordingDir === '' && journals.length === 0) return;
    const start: RecorderStart = {
      topology,
      map,
      dir: recordingDir,
      journals,
      stopWord: this.#recorderStop,
    };
    const worker = new Worker(RECORDER_FILE, { workerData: start, name: 'recorder' });
    this.#recorder = worker;
    await new Promise<void>((ready, reject) => {
      this.#recorderDone = new Promise((done) => {
        worker.on('message', (message: FromRecorder) => {
          if (message.kind === 'ready') ready();
          else if (message.kind === 'note') this.#options.log('warn', 'recorder', message.text);
          else if (message.kind === 'done') {
            this.recordedFrames.count = message.frames;
            done();
          } else {
            reject(new Error(message.text));
            this.#fail(`recorder: ${message.text}`);
            done();
          }
        });
        worker.on('exit', () => done());
      });
      worker.on('error', (error) => {
        reject(error);
        this.#fail(`recorder: ${error.message}`);
      });
    });
  }

  /** Looks at heartbeats and at whether every gateway has ended. */
  #look(): void {
    if (this.#phase !== 'running') return;
    const now = this.clock.nowNs();
    const { topology, heartbeatMs } = this.#options;
    let ended = true;
    for (const [i, actor] of topology.actors.entries()) {
      const slot = i * SLOTS_PER_ACTOR;
      if (actor.kind === 'gateway' && this.#counters.get(slot + SLOT_ENDED) === 0) ended = false;
      const thread = this.#threads[actor.thread]!;
      const ageMs = this.#counters.ageNs(slot + SLOT_HEARTBEAT, now) / 1e6;
      if (thread.state === 'ready' && Number.isFinite(ageMs) && ageMs > heartbeatMs) {
        this.#onSilent(thread, ageMs);
      }
    }
    if (ended) this.#setStopWord();
  }

  #onSilent(thread: Thread, ageMs: number): void {
    const text = `no sign of life for ${Math.round(ageMs)} ms`;
    if (!thread.user) {
      // An engine thread may be slow on a busy machine: say so, and only a long silence is death.
      if (ageMs > this.#options.heartbeatMs * 10) this.#onDead(thread, text);
      return;
    }
    this.#onDead(thread, `${text}: an endless loop, or work far too long for a tick`);
    void thread.worker.terminate();
  }

  #onDead(thread: Thread, text: string): void {
    if (thread.state === 'dead' || thread.state === 'done') return;
    const wasRunning = this.#phase === 'running';
    thread.state = 'dead';
    // With --threads single the engine lives on the thread of the strategies, and dies with it.
    if (!thread.user || this.#threads.length === 1) {
      this.#fail(`thread ${thread.name} died: ${text}`);
      return;
    }
    for (const actor of this.#options.topology.actors) {
      if (actor.thread !== thread.index || actor.kind !== 'strategy') continue;
      this.strategyFailures.set(actor.index, text);
      if (wasRunning) this.#reportDeadStrategy(actor.index, text);
    }
    // In lockstep every actor waits for every other's turn: without one the run cannot go on.
    if (wasRunning && this.#options.setup.pace === 'lockstep') {
      this.#fail(`strategy thread ${thread.name} died in lockstep: ${text}`);
    }
    this.#checkEnded();
  }

  /** The OMS cancels or keeps the dead strategy's orders, and waits for no end of it. */
  #reportDeadStrategy(strategy: number, text: string): void {
    const spec = must(this.#options.setup.strategies[strategy], `strategy=${strategy}`);
    this.#options.log('error', spec.name, `strategy stopped: ${text}`);
    const state = new StrategyState().begin(this.#scratch, 0);
    state.strategy = strategy;
    state.state = STRATEGY_FAILED;
    state.code = STATE_CODE_DEAD;
    state.source = STAGE_SUPERVISOR;
    this.#tell(`oms:${spec.account}`);
  }

  /** Writes the frame in scratch to an actor's control ring. */
  #tell(actor: string): void {
    const ring = must(this.#controls.get(actor), `control ring of ${actor}`);
    if (ring.offer(this.#scratch, 0) < 0) {
      this.#options.log('error', 'supervisor', `control ring of ${actor} is full`);
    }
    ring.publish();
  }

  #fail(text: string): void {
    if (this.failure === '') {
      this.failure = text;
      this.#options.log('error', 'supervisor', text);
    }
    if (this.#phase === 'starting') return;
    this.#phase = 'failed';
    this.#setStopWord();
    setTimeout(() => void this.#close(), 500).unref();
  }

  #forceStop(): void {
    if (this.#phase !== 'running') return;
    this.#options.log('warn', 'supervisor', 'not ended in time: stopping without the last reports');
    this.#setStopWord();
  }

  #setStopWord(): void {
    if (Atomics.load(this.#words, WORD_STOP) !== 0) return;
    Atomics.store(this.#words, WORD_STOP, 1);
    for (const bell of this.#bells) bell.ring();
    setTimeout(() => void this.#close(), STOP_GRACE_MS).unref();
  }

  #checkEnded(): void {
    const over = this.#threads.every((t) => t.state === 'done' || t.state === 'dead');
    if (over && this.#phase !== 'starting') void this.#close();
  }

  async #close(): Promise<void> {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    clearInterval(this.#watch);
    Atomics.store(this.#recorderStop, 0, 1);
    await this.#recorderDone;
    await this.#terminateAll();
    this.#finish();
  }

  async #terminateAll(): Promise<void> {
    const all = this.#threads.map((thread) => thread.worker.terminate());
    if (this.#recorder !== null) all.push(this.#recorder.terminate());
    await Promise.allSettled(all);
  }
}
