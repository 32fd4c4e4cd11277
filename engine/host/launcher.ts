// `pankou run`: starts and watches the two processes of an engine, the core (trading) and the api
// (pages), each of which survives the other's death. Called by the command line. Invariants: the
// port is open before the core starts, so a port in use stops the run before any order; a dead api
// is started again, a dead core is started again through recovery, both only a few times; Ctrl-C
// ends in order, a second one at once.
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import type { Config } from '../config.ts';
import type { BridgePlace } from '../messages/link-types.ts';
import { ruleBookOf } from '../rules/overlay-files.ts';
import { awaitApi } from './api-answer.ts';
import type { FromCore, ToCore } from './core-messages.ts';
import { removeEngineAddress, writeEngineAddress } from './engine-address.ts';
import { localAddress } from './local-address.ts';
import { confirmHashOf } from './people-door.ts';
import type { RunOptions } from './run-options.ts';
import type { RunSummary } from './run-summary.ts';

const CORE_FILE = fileURLToPath(new URL('../main.ts', import.meta.url));
const API_FILE = fileURLToPath(new URL('../control/main.ts', import.meta.url));
const LAST_WORD_FILE = fileURLToPath(new URL('../control/alerts/last-word.ts', import.meta.url));
const PAGES_DIR = fileURLToPath(new URL('../../dashboards/dist', import.meta.url));
const KILL_LINK_FILE = fileURLToPath(
  new URL('../../gateways/bridge/kill-link.ts', import.meta.url),
);
/** Restarts of a process that died by itself. */
const RESTARTS_MAX = 3;
const RESTART_WAIT_MS = 500;
const API_PING_MS = 5_000;
/** Pings without an answer after which the api process counts as hung. */
const API_SILENT_PINGS = 4;
/** Longer than the api process holds a batch back. */
const LAST_BATCH_MS = 250;
/** After a stop was asked for, a core that still lives is ended. */
const CORE_GRACE_MS = 15_000;

/** Runs until the market closes, the time is over, or Ctrl-C; the exit code. */
export function launch(config: Config, options: RunOptions): Promise<number> {
  const dir = config.journal.dir.replace(START_MARK, startStamp(new Date()));
  return new Launcher({ ...config, journal: { ...config.journal, dir } }, options).run();
}

/** In the run folder's name: each start gets a folder of its own. Without it a start recovers. */
const START_MARK = '{start}';

/** 20260105-093000, local time. */
function startStamp(now: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${day}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}

class Launcher {
  /** Its day moves on from day to day. */
  #config: Config;
  #daysLeft: number;
  readonly #options: RunOptions;
  readonly #runId = randomBytes(6).toString('hex');
  readonly #secret = randomBytes(24).toString('hex');
  readonly #token = randomBytes(24).toString('hex');
  readonly #address = localAddress(this.#runId);
  #core: ChildProcess | null = null;
  #api: ChildProcess | null = null;
  #coreRestarts = 0;
  #apiRestarts = 0;
  /** The port of the pages: a new api process takes the same one. */
  #port = 0;
  #stopping = false;
  #running = false;
  #summary: RunSummary | null = null;
  #failure = '';
  #finish: (code: number) => void = () => {};

  constructor(config: Config, options: RunOptions) {
    this.#config = config;
    this.#options = options;
    this.#daysLeft = options.days;
  }

  async run(): Promise<number> {
    const done = new Promise<number>((resolve) => {
      this.#finish = resolve;
    });
    const onSignal = (): void => this.#onSignal();
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
    try {
      const { api } = this.#config;
      // Both load at the same time; the core is told to start when the port is open.
      const core = this.#forkCore();
      if (api.enabled) {
        const port = await this.#startApi();
        const host = api.host.includes(':') ? `[${api.host}]` : api.host;
        console.log(`\n  pankou ${this.#config.mode} session "${this.#config.name}"`);
        console.log(`  open   http://${host}:${port}/#token=${this.#token}`);
        console.log('  stop   Ctrl-C (cancels working orders, closes the journal)\n');
      }
      this.#startCore(core);
      return await done;
    } catch (error) {
      console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
      return 1;
    } finally {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
      this.#api?.removeAllListeners('exit');
      this.#api?.kill();
      this.#core?.kill('SIGKILL');
      removeEngineAddress(this.#config.journal.dir);
    }
  }

  /** For the command line and programs beside the engine. */
  #tellAddress(): void {
    const { api, name, journal } = this.#config;
    const host = api.host.includes(':') ? `[${api.host}]` : api.host;
    writeEngineAddress(journal.dir, {
      name,
      pid: process.pid,
      socket: this.#address,
      secret: this.#secret,
      url: api.enabled ? `http://${host}:${this.#port}` : null,
      token: this.#token,
      bridge: this.#bridge,
    });
  }

  /** The bridge whose kill flag is reached past the core. */
  get #bridge(): BridgePlace | undefined {
    const { gateway } = this.#config;
    if (gateway.kind !== 'bridge') return undefined;
    return { file: KILL_LINK_FILE, address: gateway.address, secretFile: gateway.secretFile };
  }

  /** Forks the api process; its port, or a thrown text when it cannot listen. */
  async #startApi(): Promise<number> {
    const { api } = this.#config;
    // A port that is asked for by number can be opened again at once after its process died; one
    // that the system chose cannot, for as long as old connections linger.
    if (this.#port === 0) this.#port = api.port || (await freePort(api.host));
    const child = fork(API_FILE, [], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#api = child;
    child.send({
      host: api.host,
      port: this.#port,
      server: api.server,
      allowedHosts: [...api.allowedHosts],
      token: this.#token,
      confirmHash: confirmHashOf(this.#config.confirmTokenFile),
      address: this.#address,
      secret: this.#secret,
      pagesDir: PAGES_DIR,
      targets: this.#config.targets.map(({ file, account }) => ({ file, account })),
      runDir: this.#config.journal.dir,
      ...(this.#bridge === undefined ? {} : { bridge: this.#bridge }),
      arming: this.#config.arming.accounts,
      alerts: this.#config.alerts,
      name: this.#config.name,
      restarts: this.#apiRestarts,
      ...(this.#config.research === null ? {} : { runs: this.#config.research }),
    });
    this.#watchApi(child);
    child.once('exit', (code, signal) => this.#onApiExit(String(signal ?? code)));
    await awaitApi(child);
    return this.#port;
  }

  /** Alerts leave through the api process: one that lives and does nothing is started again. */
  #watchApi(child: ChildProcess): void {
    let silent = 0;
    child.on('message', (message: unknown) => {
      if (message === 'pong') silent = 0;
    });
    const timer = setInterval(() => {
      if (++silent > API_SILENT_PINGS) {
        console.error('the api process does not answer: ending it');
        child.kill('SIGKILL');
      } else if (child.connected) child.send('ping', () => {});
    }, API_PING_MS);
    timer.unref();
    child.once('exit', () => clearInterval(timer));
  }

  /** The last word of an engine that has nobody to tell: a process for one message. */
  #sayLastWord(text: string): void {
    const { alerts, name } = this.#config;
    if (Object.keys(alerts.channels).length === 0) return;
    const stdio: ['ignore', 'ignore', 'inherit', 'ipc'] = ['ignore', 'ignore', 'inherit', 'ipc'];
    const child = fork(LAST_WORD_FILE, [], { execArgv: [], stdio });
    child.on('error', (error) => console.error(`alert not sent: ${error.message}`));
    child.send({ alerts, name, text });
    child.unref();
  }

  #onApiExit(why: string): void {
    if (!this.#running || this.#stopping) return;
    if (++this.#apiRestarts > RESTARTS_MAX) {
      console.error(`the api process died ${this.#apiRestarts} times: trading goes on, no pages`);
      this.#sayLastWord(`the api process died ${this.#apiRestarts} times: no pages, no alerts`);
      return;
    }
    console.error(`the api process died (${why}): trading goes on, starting it again`);
    setTimeout(() => {
      this.#startApi().catch((error: Error) => console.error(`api: ${error.message}`));
    }, RESTART_WAIT_MS * this.#apiRestarts);
  }

  #forkCore(): ChildProcess {
    const stdio: ['ignore', 'ignore', 'inherit', 'ipc'] = ['ignore', 'ignore', 'inherit', 'ipc'];
    this.#core = fork(CORE_FILE, [], { execArgv: [], stdio });
    return this.#core;
  }

  #startCore(child: ChildProcess): void {
    const start: ToCore = {
      kind: 'start',
      config: this.#config,
      runDir: this.#config.journal.dir,
      // Without pages, too: `pankou status`, `cancel-all` and `kill` come this way.
      socket: { address: this.#address, secret: this.#secret },
      engineId: randomBytes(6).toString('hex'),
    };
    let ended = false;
    child.send(start);
    child.on('message', (message: FromCore) => {
      if (message.kind === 'ended' || message.kind === 'refused') ended = true;
      this.#onCoreMessage(message);
    });
    child.once('exit', (code, signal) => {
      this.#core = null;
      this.#onCoreExit(ended, code, String(signal ?? code));
    });
  }

  #onCoreMessage(message: FromCore): void {
    switch (message.kind) {
      case 'running':
        this.#running = true;
        this.#tellAddress();
        for (const note of message.notes) console.error(`note: ${note}`);
        if (this.#options.forMs !== null) {
          setTimeout(() => this.#stop(), this.#options.forMs).unref();
        }
        break;
      case 'log':
        (message.level === 'info' ? console.log : console.error)(
          `[${message.source}] ${message.text}`,
        );
        break;
      case 'refused':
        console.error(`error: ${message.text}`);
        this.#failure = message.text;
        break;
      case 'ended':
        this.#summary = message.summary;
        this.#failure = message.failure;
        break;
      case 'progress':
        if (process.stderr.isTTY) {
          process.stderr.write(`\r${message.text} ${Math.round(message.fraction * 100)} %  `);
        }
        break;
    }
  }

  #onCoreExit(ended: boolean, code: number | null, why: string): void {
    if (ended && (code === 0 || this.#failure !== '' || this.#stopping)) {
      const failed = this.#failure !== '';
      if (failed && this.#summary !== null && !this.#stopping && this.#restartCore(why)) return;
      this.#report();
      if (!failed && !this.#stopping && this.#nextDay()) return;
      // The pages get the last reports (orders cancelled at the end) before their api process ends.
      setTimeout(() => this.#finish(failed ? 1 : 0), this.#api === null ? 0 : LAST_BATCH_MS);
      return;
    }
    if (!this.#stopping && this.#restartCore(why)) return;
    console.error(`the core process died (${why})`);
    if (!this.#stopping) this.#sayLastWord(`the core process died (${why}) and stays down`);
    this.#finish(1);
  }

  /** The next trading day with a new core, which closes this one first; false = it was the last. */
  #nextDay(): boolean {
    if (this.#daysLeft <= 1) return false;
    const next = ruleBookOf(this.#config.rules).calendar.next(this.#config.day);
    if (next === null) {
      console.error(`no trading day is known behind ${this.#config.day}: ending here`);
      return false;
    }
    this.#daysLeft--;
    this.#config = { ...this.#config, day: next };
    this.#summary = null;
    console.log(`\n  trading day ${next}`);
    this.#startCore(this.#forkCore());
    return true;
  }

  /** Starts a dead core again, through recovery from its journal; false when it died too often. */
  #restartCore(why: string): boolean {
    if (!this.#running || ++this.#coreRestarts > RESTARTS_MAX) return false;
    console.error(`the core process died (${why}): starting it again from its journal`);
    this.#failure = '';
    setTimeout(() => this.#startCore(this.#forkCore()), RESTART_WAIT_MS * this.#coreRestarts);
    return true;
  }

  #onSignal(): void {
    if (this.#stopping) {
      console.error('stopping at once');
      this.#finish(1);
      return;
    }
    this.#stop();
  }

  #stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    if (this.#core === null) {
      this.#finish(1);
      return;
    }
    this.#core.send({ kind: 'stop' } satisfies ToCore);
    setTimeout(() => this.#core?.kill('SIGKILL'), CORE_GRACE_MS).unref();
  }

  #report(): void {
    const summary = this.#summary;
    if (summary === null) return;
    const file = this.#options.summaryFile;
    if (file !== null) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${JSON.stringify(summary, null, 2)}\n`);
    }
    console.log(summaryTable(summary, this.#config.journal.dir));
  }
}

/** A port that nobody has now. */
function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** The table at the end of a session. */
function summaryTable(summary: RunSummary, runDir: string): string {
  const table = new Table({ style: { head: [], border: [] } });
  const micro = (ns: number): string => `${(ns / 1000).toFixed(1)} µs`;
  const { tickToOrder } = summary.latencyNs;
  const { p50, p99, p999, max, count } = tickToOrder;
  table.push(
    ['orders', String(summary.orders)],
    ['fills', String(summary.fills)],
    ['rejects', String(summary.rejects)],
    ['market events', summary.marketEvents.toLocaleString('en-US')],
    [
      'tick to order',
      count === 0
        ? 'no orders'
        : `p50 ${micro(p50)}, p99 ${micro(p99)}, p99.9 ${micro(p999)}, max ${micro(max)}`,
    ],
    ['state hash', summary.stateHash],
    ['journal', runDir],
  );
  for (const { name, text } of summary.strategyFailures) {
    table.push([`${name} failed`, text.split('\n')[0] ?? '']);
  }
  return table.toString();
}
