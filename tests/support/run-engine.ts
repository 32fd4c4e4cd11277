// Starts `pankou run` as a person would and keeps hold of its three processes: the command
// (launcher), the core and the api. Called by the end-to-end and crash tests. Always: everything
// lies in one temporary folder, the port is free, and `endAllEngines` leaves no process behind.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fill, Item, Order } from '../../engine/control/protocol.ts';
import { dumpJournal } from '../../engine/journal/dump.ts';
import { Page } from './raw-http.ts';
import { type CliResult, ROOT, runCli } from './run-cli.ts';
import { waitFor } from './wait-for.ts';

export const STRATEGIES = join(ROOT, 'tests/support/bad-strategies');
/** Processes are found and killed by /proc, so these tests need Linux. */
export const NO_PROC = process.platform === 'linux' ? '' : 'needs /proc (Linux)';

const folders: string[] = [];
const runs: EngineRun[] = [];

/** A new folder that is removed by endAllEngines. */
export function tempFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'pankou-e2e-'));
  folders.push(dir);
  return dir;
}

/** One strategy of a test's configuration. */
export interface TestStrategy {
  /** File name in tests/support/bad-strategies without `.ts`, or an absolute path. */
  readonly file: string;
  readonly name?: string;
  readonly account?: string;
  readonly instruments?: readonly string[];
  readonly params?: Readonly<Record<string, unknown>>;
  readonly onFailure?: 'cancel' | 'keep';
}

/** A small, busy paper session; `changes` replace top-level keys. Returns the file's path. */
export function writeConfig(
  dir: string,
  strategies: readonly TestStrategy[],
  changes: Readonly<Record<string, unknown>> = {},
): string {
  const config = {
    name: 'e2e',
    day: 20260105,
    market: {
      source: 'synthetic',
      seed: 7,
      instruments: [{ symbol: '600001.SH', preClose: 12.5, eventsPerSecond: 50 }],
    },
    accounts: [
      { id: 'demo', cash: 1_000_000, positions: { '600001.SH': { qty: 20_000, cost: 12 } } },
    ],
    strategies: strategies.map((strategy) => ({
      name: strategy.name ?? strategy.file,
      file: strategy.file.startsWith('/') ? strategy.file : join(STRATEGIES, `${strategy.file}.ts`),
      account: strategy.account ?? 'demo',
      instruments: strategy.instruments ?? ['600001.SH'],
      params: strategy.params ?? {},
      onFailure: strategy.onFailure ?? 'cancel',
    })),
    speed: 3,
    journal: { dir: 'run', segmentMiB: 1 },
    api: { port: 0 },
    ...changes,
  };
  const path = join(dir, 'e2e.json');
  mkdirSync(dir, { recursive: true });
  writeFileSync(path, JSON.stringify(config, null, 1));
  return path;
}

/** Starts `pankou run ARGS`; the run is ended by endAllEngines at the latest. */
export function startEngine(args: readonly string[]): EngineRun {
  const run = new EngineRun(args);
  runs.push(run);
  return run;
}

/** For afterEach: kills every process of every run and removes the folders. */
export async function endAllEngines(): Promise<void> {
  for (const run of runs.splice(0)) {
    run.closePages();
    run.killTree();
    await run.exit;
  }
  for (const dir of folders.splice(0)) rmSync(dir, { recursive: true, force: true });
}

export class EngineRun {
  readonly child: ChildProcess;
  /** Exit code; -1 when a signal ended it. */
  readonly exit: Promise<number>;
  readonly pages: Page[] = [];
  out = '';
  err = '';
  ended = false;

  constructor(args: readonly string[]) {
    // A group of its own, so that everything it started can be killed at once, and only that.
    this.child = spawn(process.execPath, [join(ROOT, 'tools/pankou.mjs'), 'run', ...args], {
      cwd: ROOT,
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.child.stdout?.setEncoding('utf8').on('data', (part: string) => (this.out += part));
    this.child.stderr?.setEncoding('utf8').on('data', (part: string) => (this.err += part));
    this.exit = new Promise((resolve) => {
      this.child.once('exit', (code) => {
        this.ended = true;
        resolve(code ?? -1);
      });
    });
  }

  /** All it printed, for messages of a failed test. */
  get text(): string {
    return `${this.out}\n${this.err}`;
  }

  /** Resolves when stdout or stderr holds `part`. */
  async says(part: string | RegExp, limitMs = 60_000): Promise<void> {
    const holds = () =>
      typeof part === 'string' ? this.text.includes(part) : part.test(this.text);
    await this.#until(`"${part}"`, holds, limitMs);
  }

  /** Port and token, once the address has been printed. */
  async address(): Promise<{ port: number; token: string }> {
    const line = /http:\/\/127\.0\.0\.1:(\d+)\/#token=(\w+)/;
    await this.says(line);
    const match = line.exec(this.out)!;
    return { port: Number(match[1]), token: match[2]! };
  }

  /** A browser's connection, with the first snapshot. */
  async page(): Promise<Page> {
    const { port } = await this.address();
    const page = new Page(port);
    this.pages.push(page);
    return page.ready();
  }

  /** Process ids of the core (engine/main.ts) and of the api (engine/control/main.ts). */
  async pidOf(part: 'core' | 'api'): Promise<number> {
    const file = part === 'core' ? 'engine/main.ts' : 'engine/control/main.ts';
    let pid = 0;
    await this.#until(
      `a ${part} process`,
      () => {
        pid = childOf(this.child.pid ?? 0, file);
        return pid > 0;
      },
      60_000,
    );
    return pid;
  }

  /** Ctrl-C, as the terminal does: only the group's processes see it. */
  interrupt(): void {
    if (this.child.pid !== undefined) process.kill(-this.child.pid, 'SIGINT');
  }

  /** kill -9 of all three processes at once. */
  killTree(): void {
    try {
      if (this.child.pid !== undefined) process.kill(-this.child.pid, 'SIGKILL');
    } catch {
      // The group is gone already.
    }
  }

  closePages(): void {
    for (const page of this.pages.splice(0)) page.close();
  }

  async #until(what: string, holds: () => boolean, limitMs: number): Promise<void> {
    const ended = (): boolean => this.ended;
    await waitFor(what, () => holds() || ended(), limitMs).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.text}`);
    });
    // What was printed last arrives after the exit.
    if (!holds() && this.ended) await waitFor(what, holds, 1_000).catch(() => {});
    if (!holds()) throw new Error(`the engine ended before: ${what}\n${this.text}`);
  }
}

function childOf(parent: number, file: string): number {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [state, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const args = readFileSync(`/proc/${name}/cmdline`, 'utf8');
      if (Number(ppid) === parent && state !== 'Z' && args.includes(file)) return Number(name);
    } catch {
      // Ended while we looked.
    }
  }
  return 0;
}

/** True while a process of this id exists and is not a zombie. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
  } catch {
    return false;
  }
}

/** Everything of one kind that a page was told, snapshot and events together, newest state each. */
export function itemsOf<K extends Item['k']>(page: Page, k: K): Extract<Item, { k: K }>[] {
  return page.messages.flatMap((message) =>
    message.t === 'events'
      ? message.items.filter((item): item is Extract<Item, { k: K }> => item.k === k)
      : [],
  );
}

/** Orders as the page knows them now, by client order id. */
export function ordersOn(page: Page): Map<string, Order> {
  const orders = new Map<string, Order>();
  for (const message of page.messages) {
    if (message.t === 'snapshot') for (const order of message.orders) orders.set(order.coid, order);
    else if (message.t === 'events') {
      for (const { k, ...item } of message.items) {
        if (k === 'order') orders.set((item as Order).coid, item as Order);
      }
    }
  }
  return orders;
}

/** Fills as the page knows them, by fill id. */
export function fillsOn(page: Page): Map<string, Fill> {
  const fills = new Map<string, Fill>();
  for (const message of page.messages) {
    if (message.t === 'snapshot') for (const fill of message.fills) fills.set(fill.fillId, fill);
    else if (message.t === 'events') {
      for (const { k, ...item } of message.items) {
        if (k === 'fill') fills.set((item as Fill).fillId, item as Fill);
      }
    }
  }
  return fills;
}

/** A journal record as `journal dump --json` prints it. */
export interface DumpedRecord {
  readonly seq: number;
  readonly epoch: number;
  readonly type: string;
  readonly [field: string]: unknown;
}

/** All records of an account's journal. */
export function journalOf(runDir: string, account = 0): DumpedRecord[] {
  const records: DumpedRecord[] = [];
  dumpJournal(join(runDir, `journal-${account}`), { json: true }, (line) => {
    records.push(JSON.parse(line) as DumpedRecord);
  });
  return records;
}

export function verify(runDir: string, account = 0): Promise<CliResult> {
  return runCli(['journal', 'verify', join(runDir, `journal-${account}`)]);
}

/** What a run wrote with --summary. */
export function readSummary<T = Record<string, unknown>>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
