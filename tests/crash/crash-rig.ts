// Three real processes around one order path: engine (`pankou run`), bridge, simulated counter,
// over real sockets; kills, freezes and starts them, and lets the auditor look at the end. Used by
// the crash tests and by `npm run test:crash`. Always: one seed, one sequence of faults; only
// processes that it started itself are signalled.
import { type ChildProcess, spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../gateways/counter/tape.ts';
import { ROOT } from '../support/run-cli.ts';
import { waitFor } from '../support/wait-for.ts';
import { audit, type Findings, readLedger, readRecords } from './crash-audit.ts';
import type { Dumped } from './crash-books.ts';
import { lastSeq } from './journal-tail.ts';
import { LedgerTail } from './ledger-tail.ts';
import { type CutKind, LinkProxy } from './link-proxy.ts';
import { LinkTimes } from './link-times.ts';
import { CALM, CASH, DAY, type Pace, QTY, rigConfig, symbolsOf } from './rig-config.ts';

const POINTS_FILE = join(ROOT, 'tests/crash/crash-points.ts');
const PYTHON_POINTS = join(ROOT, 'tests/crash/python-points');
const POINTS = [
  'before-write',
  'torn-write',
  'after-write',
  'before-sync',
  'after-sync',
  'before-send',
  'after-send',
  'no-space',
] as const;
/** How long a process that may pass its point is waited for; a full disk kills nobody. */
const POINT_MS = 6_000;
const FULL_DISK_MS = 3_000;
/** Turns a hang into a failure; a busy machine may take its time to start a process. */
const PATIENCE_MS = 180_000;
/** The engine told that the number of the day is as good as reached; no order came since. */
const DAY_OVER = /\b19[5-9]\d\d of (19999|20000): near the limit/;
const DAY_OVER_MS = 15_000;
/** Lives of the engine that may be needed for an end in order. */
const ENDS_MAX = 4;

const BRIDGE_FILES = {
  node: 'gateways/bridge/main.ts',
  core: 'tests/support/qmt/core_over_counter.py',
  'qmt-a': 'gateways/qmt/bridge/pankou_xtquant.py',
  'qmt-b': 'tests/support/qmt/terminal/emulator.py',
} as const;
const STRATEGY_B = join(ROOT, 'gateways/qmt/bridge/pankou_terminal.py');
/** How long a bridge waits for the answer of an order call, and some slack, ns. */
const CALL_NS = { node: 1.5e9, core: 1.5e9, 'qmt-a': 3.5e9, 'qmt-b': 7e9 } as const;

/** Of every bridge: what an account may send at most. */
const LIMITS = { ordersPerSecond: 300 };

export type Part = 'engine' | 'core' | 'bridge' | 'counter';

export type FaultKind = 'bridge' | 'engine' | 'counter' | 'cut' | 'freeze';

export type BridgeName = keyof typeof BRIDGE_FILES;

export interface RigOptions {
  readonly dir: string;
  readonly seed: number;
  /** Of the counter: `delayMs=20,lostResponse=0.05`. */
  readonly behave: string;
  /** Which bridge stands between: the Node one (default), the Python core, way A or B of QMT. */
  readonly bridge?: BridgeName;
  /** Default: some orders a second. */
  readonly pace?: Pace;
  readonly log: (text: string) => void;
}

interface Running {
  readonly child: ChildProcess;
  /** Its crash point, or ''. */
  readonly point: string;
  text: string;
  ended: boolean;
  /** A signal was sent to it. */
  told: boolean;
}

export class CrashRig {
  /** Processes that died by SIGKILL, at random or at a point; of them those at a point. */
  readonly killsOf = { engine: 0, bridge: 0, counter: 0 };
  atPoints = 0;
  freezes = 0;
  readonly #proxy: LinkProxy;
  readonly #options: RigOptions;
  readonly #random: () => number;
  readonly #running = new Map<Exclude<Part, 'core'>, Running>();
  readonly #texts: string[] = [];
  /** Ends that no signal and no point explains. */
  readonly #oddEnds: string[] = [];
  readonly #counterFaults: number[] = [];
  readonly #ledger: LedgerTail;
  readonly #pace: Pace;
  /** How long the engine took to notice cuts of the link and to trade again. */
  readonly times: LinkTimes;
  #port = 0;
  #behave: string;
  #isDayNearlyOver = false;

  constructor(options: RigOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#pace = options.pace ?? CALM;
    this.#behave = options.behave;
    this.#ledger = new LedgerTail(join(options.dir, 'counter/ledger.jsonl'));
    this.#proxy = new LinkProxy(join(options.dir, 'bridge.sock'));
    this.times = new LinkTimes(this.#proxy.steps);
  }

  get kills(): number {
    const { engine, bridge, counter } = this.killsOf;
    return engine + bridge + counter;
  }

  /** Cuts of the link between engine and bridge so far. */
  get cuts(): number {
    return this.#proxy.cuts;
  }

  async start(): Promise<void> {
    const { dir, seed } = this.#options;
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'secret'), 'not-a-secret-of-anybody-0123456789\n', { mode: 0o600 });
    writeFileSync(join(dir, 'run.json'), JSON.stringify(rigConfig(dir, seed, this.#pace)));
    const limits = LIMITS;
    writeFileSync(join(dir, 'limits.json'), JSON.stringify(limits));
    writeFileSync(join(dir, 'bridge.json'), JSON.stringify({ limits }));
    await this.#proxy.listen(join(dir, 'link.sock'));
    await this.startCounter();
    await this.startBridge('');
    this.startEngine('');
    await this.orders(3);
  }

  /** The link between engine and bridge is gone for a while. */
  async cut(forMs: number, kind: CutKind = 'closed'): Promise<void> {
    this.#options.log(`cut ${kind} ${Math.round(forMs)} ms`);
    this.#proxy.cut(kind);
    await sleep(forMs);
    this.#proxy.mend();
  }

  /** The same out of working order, with nothing else wrong until orders go out again: timed. */
  async timedCut(forMs: number, kind: CutKind): Promise<void> {
    await this.orders(3);
    this.times.cut(kind);
    await this.cut(forMs, kind);
    this.times.mend();
    const { times } = this;
    await waitFor('the link', () => times.isBack, PATIENCE_MS).catch(() => {});
    await this.orders(1);
    times.traded(this.#ledger.lastOrderMs);
  }

  /** Ends a random process in a random way and starts it again. */
  async fault(): Promise<void> {
    const dice = this.#random();
    if (this.#random() < 0.25) await this.faultOf('cut');
    else if (dice < 0.4) await this.faultOf('bridge');
    else if (dice < 0.62) await this.faultOf('counter');
    else if (dice < 0.93) await this.faultOf('engine');
    else await this.faultOf('freeze');
    // The next one comes while all is still in disorder, or into working order.
    if (this.#random() < 0.4) await sleep(this.#random() * 600);
    else await this.orders(3);
  }

  /** One fault, in one of its ways. */
  async faultOf(kind: FaultKind): Promise<void> {
    const dice = this.#random();
    if (kind === 'cut') {
      await this.cut(this.#random() ** 3 * 3_000, dice < 0.3 ? 'silent' : 'closed');
    } else if (kind === 'bridge') await this.kill('bridge', this.#point());
    else if (kind === 'counter') await this.kill('counter', '');
    else if (kind === 'engine' && dice < 0.4) await this.kill('engine', this.#point());
    else if (kind === 'engine') await this.kill('core', '');
    else await this.freeze(dice < 0.3 ? 'bridge' : dice < 0.7 ? 'counter' : 'engine', 2_500);
  }

  /** SIGKILL now, or at a named point of the next life. */
  async kill(part: Part, point: string): Promise<void> {
    const { log } = this.#options;
    log(`kill ${part} ${point}`);
    if (part === 'core') return this.#killCore();
    if (part === 'counter') this.#markCounterFault();
    const running = this.#running.get(part)!;
    signal(running, 'SIGKILL', part === 'engine');
    await waitFor(`${part} to end`, () => running.ended, PATIENCE_MS);
    await this.#start(part, point);
    if (point === '') return;
    const doomed = this.#running.get(part)!;
    // It may never pass its point; then it lives on without dying.
    const limitMs = point.startsWith('no-space') ? FULL_DISK_MS : POINT_MS;
    const coreDied = (): boolean => doomed.text.includes('the core process died (SIGKILL)');
    const isOver = (): boolean => doomed.ended || coreDied();
    await waitFor('the point', isOver, limitMs).catch(() => log(`${part} lives on`));
    if (isOver() && !doomed.told && !point.startsWith('no-space')) this.atPoints++;
    if (coreDied()) this.killsOf.engine++;
    signal(doomed, 'SIGKILL', part === 'engine');
    await waitFor(`${part} to end`, () => doomed.ended, PATIENCE_MS);
    await this.#start(part, '');
  }

  /** The counter starts again and behaves like this from then on. */
  async behave(pack: string): Promise<void> {
    this.#behave = pack;
    await this.kill('counter', '');
  }

  /** What the engine's journal holds now. */
  journaled(): Dumped[] {
    return readRecords(join(this.#options.dir, 'run/journal-0'));
  }

  /** The whole process stands still for a while (SIGSTOP, SIGCONT). */
  async freeze(part: Exclude<Part, 'core'>, forMs: number): Promise<void> {
    this.#options.log(`freeze ${part} ${forMs} ms`);
    if (part === 'counter') this.#markCounterFault();
    const running = this.#running.get(part)!;
    if (running.ended) return;
    process.kill(groupOf(running, part), 'SIGSTOP');
    await sleep(forMs);
    process.kill(groupOf(running, part), 'SIGCONT');
    this.freezes++;
  }

  /** Waits until the counter has taken `more` orders more: everything works again. */
  async orders(more: number, limitMs = PATIENCE_MS): Promise<void> {
    const before = this.orderCount();
    const what = `${more} more orders at the counter`;
    const isEnough = (): boolean => this.orderCount() >= before + more;
    await waitFor(what, () => isEnough() || this.isDayOver, limitMs).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.text}`);
    });
  }

  /** The account may send nothing more today: no orders come, whatever is waited for. */
  get isDayOver(): boolean {
    return this.#isDayNearlyOver && performance.now() - this.#ledger.lastOrderMs > DAY_OVER_MS;
  }

  /** Orders in the counter's ledger. */
  orderCount(): number {
    return this.#ledger.look();
  }

  /** Stops the engine in order, then the others; what the auditor finds wrong. */
  async finish(): Promise<Findings> {
    let found = await this.#endEngine();
    for (let tries = 1; tries < ENDS_MAX && (found === null || found.isCutShort); tries++) {
      this.#options.log('the engine did not end in time: once more');
      this.startEngine('');
      await this.orders(3);
      found = await this.#endEngine();
    }
    for (const part of ['bridge', 'counter'] as const) {
      const running = this.#running.get(part)!;
      signal(running, 'SIGTERM', false);
      await waitFor(`${part} to end`, () => running.ended, PATIENCE_MS);
    }
    if (found === null) throw new Error(`the engine did not end in order, ${ENDS_MAX} times`);
    const { wrong, unknown, fills } = found;
    return { wrong: [...this.#oddEnds, ...wrong], unknown, fills };
  }

  /**
   * Stops the engine in order; null = it left no summary. Its launcher loses patience with orders
   * of unknown fate, which never end, and on a starved machine with others too: cut short is an end
   * that left something over, and the next life has to bring it to its end.
   */
  async #endEngine(): Promise<(Findings & { isCutShort: boolean }) | null> {
    const { dir } = this.#options;
    const path = join(dir, 'summary.json');
    rmSync(path, { force: true });
    const engine = this.#running.get('engine')!;
    signal(engine, 'SIGINT', true);
    await waitFor('the engine to end in order', () => engine.ended, PATIENCE_MS);
    if (!existsSync(path)) return null;
    const summary = JSON.parse(readFileSync(path, 'utf8')) as { accounts: { cashE4: number }[] };
    const found = audit({
      books: readLedger(join(dir, 'counter/ledger.jsonl')),
      engine: readRecords(join(dir, 'run/journal-0')),
      bridge: readRecords(join(dir, `bridge/demo-${DAY}`)),
      acknowledged: this.#acknowledged(),
      engineCashE4: summary.accounts[0]!.cashE4,
      counterFaults: this.#counterFaults,
      callNs: CALL_NS[this.#options.bridge ?? 'node'],
    });
    const isForced = engine.text.includes('not ended in time');
    return { ...found, isCutShort: isForced && found.wrong.length > 0 };
  }

  /** Ends whatever still runs and removes the folder. */
  async clean(keep: boolean): Promise<void> {
    this.#proxy.close();
    this.#ledger.close();
    for (const [part, running] of this.#running) {
      if (running.ended) continue;
      signal(running, 'SIGKILL', part === 'engine');
      await waitFor(`${part} to end`, () => running.ended, PATIENCE_MS);
    }
    if (!keep) rmSync(this.#options.dir, { recursive: true, force: true });
  }

  /** What all processes printed. */
  get text(): string {
    for (const running of this.#running.values()) this.#texts.push(running.text);
    return this.#texts.join('').split('\n').slice(-60).join('\n');
  }

  async startCounter(): Promise<void> {
    const { dir, seed } = this.#options;
    const { beatMs } = this.#pace;
    const counter = this.#spawn('counter', 'gateways/counter/main.ts', [
      ...['--dir', join(dir, 'counter'), '--port', String(this.#port), '--day', String(DAY)],
      ...['--seed', String(seed), '--account', `demo:${CASH}`, '--beat', String(beatMs)],
      ...symbolsOf(this.#pace).flatMap((symbol) => ['--position', `${symbol}:${QTY}:12`]),
      ...['--behave', this.#behave],
    ]);
    await waitFor('the counter to listen', () => /listening \d+/.test(counter.text), PATIENCE_MS);
    this.#port = Number(/listening (\d+)/.exec(counter.text)?.[1]);
  }

  async startBridge(point: string): Promise<void> {
    const { dir } = this.#options;
    const { bridge = 'node' } = this.#options;
    const args = ['--dir', join(dir, 'bridge'), '--listen', join(dir, 'bridge.sock')];
    args.push('--secret-file', join(dir, 'secret'), '--accounts', 'demo');
    args.push('--broker', 'counter', '--broker-address', `127.0.0.1:${this.#port}`);
    if (bridge === 'node' || bridge === 'core') args.push('--limits', join(dir, 'limits.json'));
    const client = bridge.startsWith('qmt') ? this.#placeClient() : '';
    if (bridge === 'qmt-a') args.length = 0;
    if (bridge === 'qmt-b') {
      args.splice(0, args.length, STRATEGY_B, '--client', client, '--account', 'demo');
    }
    this.#spawn('bridge', BRIDGE_FILES[bridge], args, point);
  }

  /** The folder of the stand-in's client: where its counter is. */
  #placeClient(): string {
    const folder = join(this.#options.dir, 'userdata_mini');
    mkdirSync(folder, { recursive: true });
    const place = { host: '127.0.0.1', port: this.#port };
    writeFileSync(join(folder, 'counter.json'), JSON.stringify(place));
    return folder;
  }

  startEngine(point: string): void {
    const { dir } = this.#options;
    const args = ['run', join(dir, 'run.json'), '--summary', join(dir, 'summary.json')];
    this.#spawn('engine', 'tools/pankou.mjs', args, point);
  }

  async #start(part: Exclude<Part, 'core'>, point: string): Promise<void> {
    if (part === 'counter') await this.startCounter();
    else if (part === 'bridge') await this.startBridge(point);
    else this.startEngine(point);
  }

  #point(): string {
    if (this.#random() < 0.4) return '';
    const name = POINTS[Math.floor(this.#random() * POINTS.length)]!;
    return `${name}:${1 + Math.floor(this.#random() ** 2 * 40)}`;
  }

  /** The core alone: the launcher starts it again, three times; then a new engine is started. */
  async #killCore(): Promise<void> {
    const engine = this.#running.get('engine')!;
    const pid = coreOf(engine.child.pid ?? 0);
    if (pid > 0) {
      engine.told = true;
      process.kill(pid, 'SIGKILL');
      this.killsOf.engine++;
    }
    // One that died before it ran is not started again: the launcher ends, and that takes a while.
    const isOver = (): boolean => {
      const core = coreOf(engine.child.pid ?? 0);
      return engine.ended || (core > 0 && core !== pid);
    };
    await waitFor('another core or the end', isOver, PATIENCE_MS);
    if (engine.ended) this.startEngine('');
  }

  /** Where the bridge's journal stands: an order written then may be lost. */
  #markCounterFault(): void {
    this.#counterFaults.push(lastSeq(join(this.#options.dir, `bridge/demo-${DAY}`)));
  }

  #acknowledged(): number[] {
    this.#texts.push(this.#running.get('engine')?.text ?? '');
    const all = this.#texts.join('\n').matchAll(/acknowledged (\d+)$/gm);
    return [...new Set([...all].map((found) => Number(found[1])))];
  }

  #spawn(part: Exclude<Part, 'core'>, file: string, args: readonly string[], point = ''): Running {
    const before = this.#running.get(part);
    if (before !== undefined) this.#texts.push(before.text);
    const options = point === '' ? '' : `--import ${POINTS_FILE}`;
    const program = file.endsWith('.py') ? 'python3' : process.execPath;
    const child = spawn(program, [join(ROOT, file), ...args], {
      cwd: ROOT,
      env: {
        ...{ ...process.env, NO_COLOR: '1', NODE_OPTIONS: options, PANKOU_CRASH: point },
        ...(part === 'bridge' ? this.#bridgeSettings() : {}),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: part === 'engine',
    });
    const running: Running = { child, point, text: '', ended: false, told: false };
    const take = (piece: string): void => {
      running.text += piece;
      // Also on a starved machine: too long silent, and the bridge drops the connection.
      if (part === 'bridge' && piece.includes('broker gone')) this.#markCounterFault();
      if (part === 'engine') {
        this.times.heard(piece);
        if (DAY_OVER.test(piece)) this.#isDayNearlyOver = true;
      }
      appendFileSync(join(this.#options.dir, `${part}.log`), piece);
    };
    child.stdout?.setEncoding('utf8').on('data', take);
    child.stderr?.setEncoding('utf8').on('data', take);
    child.once('close', (code, ending) => {
      running.ended = true;
      if (ending === 'SIGKILL') this.killsOf[part]++;
      else if (!isExplained(running)) {
        const last = running.text.trimEnd().split('\n').slice(-3).join(' | ');
        this.#oddEnds.push(`${part} ${point} ended by itself (${ending ?? code}): ${last}`);
      }
    });
    this.#running.set(part, running);
    return running;
  }

  /** Settings of the bridge in the terminal, which has no environment of its own. */
  #terminalSettings(): string {
    const { dir } = this.#options;
    const path = join(dir, 'terminal.json');
    const places = { dir: join(dir, 'bridge'), listen: join(dir, 'bridge.sock') };
    const terms = { account: 'demo', secretFile: join(dir, 'secret'), day: DAY };
    writeFileSync(path, JSON.stringify({ ...terms, ...places, limits: LIMITS, cacheSeconds: 0.3 }));
    return path;
  }

  /** For the Python bridges: their settings, and where Python finds stand-in and crash points. */
  #bridgeSettings(): NodeJS.ProcessEnv {
    const { dir } = this.#options;
    return {
      PYTHONPATH: [PYTHON_POINTS, join(ROOT, 'tests/support/qmt')].join(':'),
      PYTHONDONTWRITEBYTECODE: '1',
      MINIQMT_ENABLED: 'true',
      MINIQMT_ACCOUNT_ID: 'demo',
      MINIQMT_USERDATA_PATH: join(dir, 'userdata_mini'),
      PANKOU_BRIDGE_CONFIG: join(dir, 'bridge.json'),
      PANKOU_BRIDGE_LISTEN: join(dir, 'bridge.sock'),
      PANKOU_BRIDGE_SECRET_FILE: join(dir, 'secret'),
      PANKOU_BRIDGE_DIR: join(dir, 'bridge'),
      PANKOU_BRIDGE_DAY: String(DAY),
      ...(this.#options.bridge === 'qmt-b'
        ? { PANKOU_BRIDGE_CONFIG: this.#terminalSettings() }
        : {}),
    };
  }
}

/** Whether a process that ended by itself was made to: its core died at the point, or disk full. */
function isExplained({ told, point, text }: Running): boolean {
  if (told || point.startsWith('no-space')) return true;
  return point !== '' && text.includes('the core process died (SIGKILL)');
}

/** What a signal to the part goes to: an engine is a group of processes. */
function groupOf(running: Running, part: Part): number {
  const { pid } = running.child;
  if (pid === undefined) throw new Error(`${part} has no process`);
  return part === 'engine' ? -pid : pid;
}

function signal(running: Running, name: NodeJS.Signals, group: boolean): void {
  const { pid } = running.child;
  if (running.ended || pid === undefined) return;
  running.told = true;
  try {
    process.kill(group ? -pid : pid, name);
  } catch {
    // It ended between the look and the signal.
  }
}

/** Process id of the core under a launcher; 0 = none lives now. */
function coreOf(launcher: number): number {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(parent) !== launcher || state === 'Z') continue;
      if (readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('engine/main.ts')) {
        return Number(name);
      }
      const deeper = coreOf(Number(name));
      if (deeper > 0) return deeper;
    } catch {
      // Ended while we looked.
    }
  }
  return 0;
}

function sleep(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
