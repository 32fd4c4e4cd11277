// Backtests that people started from the pages: one runs, the others wait in their order. Called
// by runs-calls.ts and api.ts. Always: a job is a child process of its own; a cancelled or failed
// job says why; the queue and what is kept of old jobs are bounded.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backtestArgs, commandLine, writeFees } from './job-command.ts';
import { LineSplitter } from './line-splitter.ts';
import { type PankouChild, startPankou } from './pankou-child.ts';
import type { JobRow, RunBody } from './run-schemas.ts';

export const WAITING_MAX = 50;
const KEPT_MAX = 50;
const LOG_LINES = 300;
const LINE_CHARS = 2_000;
/** A job that was asked to end and did not is killed. */
const END_MS = 3_000;

type State = JobRow['state'];

interface Job {
  readonly id: string;
  readonly body: RunBody;
  readonly at: string;
  readonly command: string;
  state: State;
  startedMs: number;
  seconds: number;
  progress: JobRow['progress'];
  run: string | null;
  readonly log: string[];
  logDropped: number;
  child: PankouChild | null;
}

/** What a line of `--progress json` may say. */
interface Told {
  readonly progress?: unknown;
  readonly value?: unknown;
  readonly total?: unknown;
  readonly run?: unknown;
}

export class JobQueue {
  readonly #runsDir: string;
  readonly #start: typeof startPankou;
  readonly #jobs: Job[] = [];
  #closed = false;

  /** `runsDir` gets the records. */
  constructor(runsDir: string, start: typeof startPankou = startPankou) {
    this.#runsDir = runsDir;
    this.#start = start;
  }

  /** Newest first. */
  rows(): JobRow[] {
    return this.#jobs.map(rowOf).reverse();
  }

  row(id: string): JobRow | null {
    const job = this.#jobs.find((one) => one.id === id);
    return job === undefined ? null : rowOf(job);
  }

  /** Puts a job at the end; null when too many wait. */
  add(body: RunBody): JobRow | null {
    if (this.#jobs.filter(({ state }) => state === 'waiting').length >= WAITING_MAX) return null;
    const job: Job = {
      id: randomBytes(6).toString('hex'),
      body,
      at: new Date().toISOString(),
      command: commandLine(backtestArgs(body, body.fees === undefined ? null : 'fees.json')),
      ...{ state: 'waiting', startedMs: 0, seconds: 0, run: null, log: [], logDropped: 0 },
      progress: { text: '', value: 0, total: 0 },
      child: null,
    };
    this.#jobs.push(job);
    this.#forget();
    this.#next();
    return rowOf(job);
  }

  /** Ends a job, or takes it out of the queue; false when it is not there or over. */
  cancel(id: string): boolean {
    const job = this.#jobs.find((one) => one.id === id);
    if (job === undefined || (job.state !== 'waiting' && job.state !== 'running')) return false;
    const { child } = job;
    this.#end(job, 'cancelled');
    if (child === null) return true;
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), END_MS).unref();
    return true;
  }

  /** Ends the running job; nothing starts any more. */
  close(): void {
    this.#closed = true;
    for (const job of this.#jobs) this.cancel(job.id);
  }

  #forget(): void {
    const over = this.#jobs.filter(({ state }) => state !== 'waiting' && state !== 'running');
    for (const job of over.slice(0, Math.max(0, over.length - KEPT_MAX))) {
      this.#jobs.splice(this.#jobs.indexOf(job), 1);
    }
  }

  #next(): void {
    if (this.#closed || this.#jobs.some(({ child }) => child !== null)) return;
    const job = this.#jobs.find(({ state }) => state === 'waiting');
    if (job === undefined) return;
    job.state = 'running';
    job.startedMs = performance.now();
    const dir = mkdtempSync(join(tmpdir(), 'pankou-job-'));
    const args = backtestArgs(job.body, writeFees(job.body, join(dir, 'fees.json')));
    args.push('--runs', this.#runsDir, '--json', '--progress', 'json');
    const child = this.#start(args);
    job.child = child;
    // The report on stdout is in the record; read, so that the pipe never fills.
    child.stdout.resume();
    const lines = new LineSplitter((line) => this.#hear(job, line));
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text: string) => lines.take(text));
    let over = false;
    const end = (state: State, why = ''): void => {
      if (over) return;
      over = true;
      lines.end();
      if (why !== '') this.#log(job, why);
      if (job.state === 'running') this.#end(job, state);
      job.child = null;
      rmSync(dir, { recursive: true, force: true });
      this.#next();
    };
    child.once('error', (error) => end('failed', error.message));
    child.once('close', (code, signal) => {
      if (code === 0) end('done');
      else end('failed', code === null ? `ended by ${String(signal)}` : `exit code ${code}`);
    });
  }

  #end(job: Job, state: State): void {
    job.state = state;
    job.seconds = job.startedMs === 0 ? 0 : (performance.now() - job.startedMs) / 1000;
  }

  #hear(job: Job, line: string): void {
    const told = toldBy(line);
    if (told === null) {
      this.#log(job, line);
      return;
    }
    if (typeof told.run === 'string') job.run = told.run;
    const { progress, value, total } = told;
    if (typeof progress === 'string' && typeof value === 'number' && typeof total === 'number') {
      job.progress = { text: progress, value, total };
    }
  }

  #log(job: Job, line: string): void {
    job.log.push(line.slice(0, LINE_CHARS));
    if (job.log.length <= LOG_LINES) return;
    job.log.shift();
    job.logDropped++;
  }
}

/** What a machine-readable line says; null for any other line. */
function toldBy(line: string): Told | null {
  if (!line.startsWith('{"progress":') && !line.startsWith('{"run":')) return null;
  try {
    return JSON.parse(line) as Told;
  } catch {
    return null;
  }
}

function rowOf(job: Job): JobRow {
  const { id, state, body, at, progress, run, command, log, logDropped } = job;
  const running = state === 'running' ? (performance.now() - job.startedMs) / 1000 : job.seconds;
  return {
    ...{ id, state, at, progress, run, command, logDropped },
    strategy: body.strategy,
    data: body.data,
    instruments: body.instruments,
    params: body.params,
    seconds: Math.round(running * 10) / 10,
    log: [...log],
  };
}
