// Entry of the core process: forked by the launcher, which sends the configuration as the first IPC
// message. Configuration -> setup -> topology -> memory map -> threads; then it pumps events to the
// api process and ends when told, when the day is over, or when the launcher is gone.
// Invariants: no HTTP and no user code here; it never prints, it tells the launcher.
import { mkdirSync } from 'node:fs';
import process from 'node:process';
import { finishQuotes } from './backtest/store/finish-quotes.ts';
import { liveFolder } from './backtest/store/quote-log.ts';
import { createStore } from './backtest/store/store-folder.ts';
import type { Config } from './config.ts';
import type { RuleEntries } from './core/risk/rule-entry.ts';
import { writeDaySheet } from './day/day-file.ts';
import { openDay } from './day/open-day.ts';
import { writeSessionReports } from './day/session-end.ts';
import { coreCount } from './host/affinity.ts';
import { ArmingDoor } from './host/arming-door.ts';
import { armingHealth } from './host/arming-health.ts';
import type { FromCore, ToCore } from './host/core-messages.ts';
import { Desk } from './host/desk.ts';
import { EngineEvents } from './host/engine-events.ts';
import { EventPump } from './host/event-pump.ts';
import { EventSocket } from './host/event-socket.ts';
import { type FolderLock, lockFolder } from './host/folder-lock.ts';
import { type LimitsWatch, nameOf, watchLimits } from './host/limits-watch.ts';
import { linkMeta } from './host/link-meta.ts';
import { namesOf, type PreparedRun, prepareRun } from './host/make-setup.ts';
import { mapMemory, RingOpener } from './host/memory-map.ts';
import { confirmHashOf, PeopleDoor } from './host/people-door.ts';
import { withBarred } from './host/quote-facts.ts';
import { recordingDir, writeManifest } from './host/recording-manifest.ts';
import { RiskWatch } from './host/risk-watch.ts';
import { makeSummary } from './host/run-summary.ts';
import type { EngineSetup } from './host/setup.ts';
import { Supervisor } from './host/supervisor.ts';
import type { ThreadSummary } from './host/thread-messages.ts';
import { AuditLog } from './journal/audit-log.ts';
import { Arming } from './messages/generated/broker.ts';
import { CancelCommand, Kill, OrderSettle, RiskConfirm } from './messages/generated/control.ts';
import { Intent, ParentIntent } from './messages/generated/order.ts';
import { ruleBookOf } from './rules/overlay-files.ts';
import { makeTopology, type Placement, type Topology } from './topology.ts';

const PUMP_MS = 10;
const HEALTH_MS = 500;

type StartMessage = Extract<ToCore, { kind: 'start' }>;

class Core {
  readonly #start: StartMessage;
  #lock: FolderLock | null = null;
  /** Of the raw logs of live quotes. */
  #quotesLock: FolderLock | null = null;
  #supervisor: Supervisor | null = null;
  #socket: EventSocket | null = null;
  #desk: Desk | null = null;
  #people: PeopleDoor | null = null;
  #arming: ArmingDoor | null = null;
  /** Rules that were sent to risk last; null = those of the start. */
  #risk: RuleEntries | null = null;
  #stopWanted = false;

  constructor(start: StartMessage) {
    this.#start = start;
  }

  async run(): Promise<number> {
    const { config, runDir } = this.#start;
    mkdirSync(runDir, { recursive: true });
    this.#lock = await lockFolder(runDir);
    const prepared = await prepareRun(
      config,
      (fraction, text) => tell({ kind: 'progress', fraction, text }),
      (draft, calendar) => openDay(runDir, draft, calendar),
    );
    const { setup } = prepared;
    await this.#openQuotes(setup);
    writeDaySheet(runDir, setup);
    const topology = makeTopology({
      accountCount: setup.accounts.length,
      strategyAccounts: setup.strategies.map((s) => s.account),
      recording: setup.recording,
      placement: placementOf(config),
      ringScale: setup.ringScale,
    });
    return this.#drive(prepared, topology);
  }

  stop(): void {
    this.#stopWanted = true;
    this.#supervisor?.stop();
  }

  async #drive(prepared: PreparedRun, topology: Topology): Promise<number> {
    const { config, runDir } = this.#start;
    const { setup } = prepared;
    const map = mapMemory(topology, true);
    const recording = setup.recording ? recordingDir(runDir, Math.max(...setup.epochs)) : '';
    if (recording !== '') mkdirSync(recording, { recursive: true });
    const supervisor = new Supervisor({
      ...{ setup, topology, map },
      lastIntentNos: prepared.lastIntentNos,
      heartbeatMs: config.heartbeatMs,
      recordingDir: recording,
      log: (level, source, text) => this.#log(level, source, text),
      onProgress: (fraction, text) => tell({ kind: 'progress', fraction, text }),
    });
    supervisor.setKillWords(prepared.killedAccounts);
    this.#supervisor = supervisor;
    const rings = new RingOpener(topology, map);
    this.#desk = new Desk({
      rings: setup.accounts.map((_, a) => rings.spsc(`desk:${a}`)),
      lastIntentNos: prepared.deskIntentNos,
      instrumentCount: setup.instruments.length,
      show: (memory, at) => this.#socket?.send(memory, at),
      nowNs: () => supervisor.clock.nowNs(),
    });
    this.#people = this.#peopleDoor(supervisor);
    const links = new Map<number, number>();
    const { calendar } = ruleBookOf(config.rules);
    const arming = this.#armingDoor(setup, supervisor, links);
    await this.#openSocket(prepared);
    arming.showAll();
    prepared.shown.each((memory, at) => this.#socket?.send(memory, at));
    const readers = topology.actors.map((a) => rings.broadcastReader(`events:${a.name}`));
    const socket = this.#socket;
    const send = socket === null ? null : socket.send.bind(socket);
    const watch = new RiskWatch(setup, (text) => this.#log('warn', 'risk', text));
    const pump = new EventPump(readers, send, watch, links);
    const events = new EngineEvents(setup, supervisor, pump, socket, {
      texts: () => arming.texts(),
      health: () => armingHealth(setup, this.#risk ?? setup.risk, supervisor, calendar),
    });
    const timers = [
      setInterval(() => pump.pump(), PUMP_MS),
      setInterval(() => events.report(), HEALTH_MS),
    ];
    const started = performance.now();
    const limits = this.#watchLimits(prepared);
    try {
      await supervisor.start();
      if (recording !== '') writeManifest(recording, setup, prepared.lastIntentNos);
      tell({ kind: 'running', notes: prepared.notes });
      for (const text of prepared.alerts) this.#log('warn', 'rules', text);
      events.report();
      if (this.#stopWanted) supervisor.stop();
      await supervisor.ended();
    } finally {
      for (const timer of timers) clearInterval(timer);
      limits?.close();
    }
    pump.pump();
    events.end();
    const seconds = (performance.now() - started) / 1000;
    const frames = supervisor.recordedFrames.count;
    const summary = makeSummary(supervisor.summaries(), pump, seconds, frames);
    if (supervisor.failure === '') this.#report(setup, supervisor.summaries());
    await this.#close(setup);
    tell({ kind: 'ended', summary, failure: supervisor.failure });
    return supervisor.failure === '' ? 0 : 1;
  }

  async #close(setup: EngineSetup): Promise<void> {
    await this.#socket?.close();
    this.#finishQuotes(setup);
    await this.#quotesLock?.release();
    await this.#lock?.release();
  }

  /** Raw logs of live quotes become day files: of earlier lives before, of this one behind it. */
  #finishQuotes({ source }: EngineSetup): void {
    if (source.kind !== 'bridge') return;
    const { store } = source;
    const report = finishQuotes(store, (done, all, text) =>
      tell({ kind: 'progress', fraction: done / all, text: `recording: ${text}` }),
    );
    const { files, rows, days } = report;
    for (const text of report.notes) this.#log('info', 'recording', text);
    for (const text of report.problems) this.#log('error', 'recording', text);
    if (rows === 0) return;
    const what = `${rows} quotes of ${days.join(', ')} in ${files} day files of ${store}`;
    this.#log('info', 'recording', `${what}: pankou backtest STRATEGY --data ${store}`);
  }

  /** The store of a live session is this engine's alone. */
  async #openQuotes(setup: EngineSetup): Promise<void> {
    if (setup.source.kind !== 'bridge') return;
    const folder = liveFolder(setup.source.store);
    createStore(setup.source.store);
    mkdirSync(folder, { recursive: true });
    this.#quotesLock = await lockFolder(folder);
    this.#finishQuotes(setup);
  }

  #peopleDoor(supervisor: Supervisor): PeopleDoor {
    return new PeopleDoor({
      confirmHash: confirmHashOf(this.#start.config.confirmTokenFile),
      tell: (account, memory, at) => supervisor.tellOms(account, memory, at),
      show: (memory, at) => this.#socket?.send(memory, at),
    });
  }

  #armingDoor(
    { day, accounts }: EngineSetup,
    supervisor: Supervisor,
    links: ReadonlyMap<number, number>,
  ): ArmingDoor {
    this.#arming = new ArmingDoor({
      ...{ runDir: this.#start.runDir, day, accounts },
      tell: (account, memory, at) => supervisor.tellGateway(account, memory, at),
      show: (memory, at) => this.#socket?.send(memory, at),
      isKilled: (account) => supervisor.killedAccounts.has(account),
      linkOf: (account) => links.get(account) ?? 0,
      log: (level, text) => this.#log(level, 'arming', text),
    });
    return this.#arming;
  }

  /** Leaves the day's files in the run folder; a fault in them is no fault of the session. */
  #report(setup: EngineSetup, threads: readonly ThreadSummary[]): void {
    try {
      const accounts = threads.flatMap((thread) => thread.accounts);
      const lines = writeSessionReports(this.#start.runDir, setup, accounts);
      for (const line of lines) this.#log('warn', 'reconciliation', line);
    } catch (error) {
      this.#log('error', 'reports', error instanceof Error ? error.message : String(error));
    }
  }

  /** A limits file that changes is read again; limits in the configuration itself are not. */
  #watchLimits({ setup }: PreparedRun): LimitsWatch | null {
    const { config } = this.#start;
    if (config.limitsFile === '') return null;
    const symbols = setup.instruments.map((instrument) => instrument.symbol);
    return watchLimits(
      config.limitsFile,
      namesOf(config, symbols),
      setup.risk,
      (read) => {
        const rules = withBarred(read, setup);
        this.#risk = rules;
        this.#audit('limits', { rules: nameOf(rules.hash) });
        void this.#supervisor?.reloadRules(rules);
      },
      (level, text) => this.#log(level, 'limits', text),
    );
  }

  async #openSocket(prepared: PreparedRun): Promise<void> {
    const { config, socket, engineId } = this.#start;
    const { setup } = prepared;
    if (socket === null) return;
    this.#socket = new EventSocket({
      address: socket.address,
      secret: socket.secret,
      meta: linkMeta(setup, engineId, config.mode),
      onCommand: (type, memory, at) => {
        if (type === Kill.TYPE) this.#supervisor?.kill(memory, at);
        else if (type === CancelCommand.TYPE) this.#supervisor?.command(memory, at);
        else if (type === RiskConfirm.TYPE) this.#people?.confirm(memory, at);
        else if (type === OrderSettle.TYPE) this.#people?.settle(memory, at);
        else if (type === Arming.TYPE) this.#arming?.take(memory, at);
        else if (type === ParentIntent.TYPE) this.#desk?.submitParent(memory, at);
        else if (type === Intent.TYPE) this.#desk?.take(memory, at);
        else this.#supervisor?.tellRisk(memory, at);
      },
      log: (text) => this.#log('warn', 'event-socket', text),
    });
    await this.#socket.listen();
  }

  /** A step of the core itself; what people ask for, their doors write down. */
  #audit(what: string, about: { readonly [name: string]: string | number }): void {
    try {
      const step = { who: 'engine', from: 'core', what, about, result: 'done' };
      new AuditLog(this.#start.runDir).append(step);
    } catch (error) {
      this.#log('error', 'audit', error instanceof Error ? error.message : String(error));
    }
  }

  #log(level: 'info' | 'warn' | 'error', source: string, text: string): void {
    tell({ kind: 'log', level, source, text });
    this.#socket?.sendJson('log', { level, source, text, ns: 0 });
  }
}

/** Threads: spinning only on two free cores that were named, else parked (design section 3). */
function placementOf(config: Config): Placement {
  const { threads, idle } = config;
  if (threads === 'single') return { kind: 'single' };
  if (typeof threads === 'object') {
    return { kind: 'pinned', engineCore: threads.engine, strategyCore: threads.strategy };
  }
  const spin = idle === 'spin' && coreCount() >= 2;
  if (spin || (threads === 'auto' && idle === 'auto' && coreCount() >= 4)) {
    return { kind: 'pinned', engineCore: coreCount() - 1, strategyCore: coreCount() - 2 };
  }
  return { kind: 'parked' };
}

/** Tells the launcher, if it still lives: without it the core ends in order all the same. */
function tell(message: FromCore): void {
  if (process.connected) process.send?.(message, () => {});
}

/** A text without the stack lines that lie inside Node: they tell a strategy's author nothing. */
function withoutNode(text: string): string {
  return text.replace(/\n\s+at [^\n]*\bnode:[^\n]*/g, '');
}

function main(): void {
  if (process.send === undefined) {
    process.stderr.write('This is the core process of the engine: start it with `pankou run`.\n');
    process.exitCode = 2;
    return;
  }
  let core: Core | null = null;
  // Ctrl-C reaches the whole group; the launcher decides when this process ends.
  process.on('SIGINT', () => {});
  process.on('disconnect', () => core?.stop());
  process.on('message', (message: ToCore) => {
    if (message.kind === 'stop') {
      core?.stop();
      return;
    }
    core = new Core(message);
    core.run().then(
      (code) => process.exit(code),
      (error: unknown) => {
        const text = error instanceof Error ? error.message : String(error);
        const stack = error instanceof Error && process.env['PANKOU_DEBUG'] === '1';
        tell({ kind: 'refused', text: stack ? (error.stack ?? text) : withoutNode(text) });
        setTimeout(() => process.exit(1), 50);
      },
    );
  });
}

main();
