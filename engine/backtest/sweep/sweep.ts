// A sweep: the cells of a grid over a pool of workers. Called by `pankou sweep` and tests. The main
// thread runs one cell itself, which loads the data and puts it into shared memory, then hands out
// the rest. Always: a row is on disk before it counts as done; stopped, killed or full disk, what
// was finished stays and the same call goes on behind it; one worker or many give the same rows.
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { closePythons } from '../../host/python/python-talk.ts';
import { loadStrategy } from '../../host/strategy-loader.ts';
import { clearShelf, sharedDays, startShelving } from '../day-shelf.ts';
import type { BacktestOptions } from '../options.ts';
import { type CellRow, runCell } from './cell.ts';
import type { Figure } from './figures.ts';
import { type Axis, cellParams, chooseCells, GridError, gridSize } from './grid.ts';
import { SweepResults } from './results.ts';
import { type SweepSummary, summarise } from './summary.ts';
import { jobOf, openJob } from './sweep-job.ts';
import type { CellTask, SweepWorkerData } from './sweep-worker.ts';

export interface SweepOptions {
  /** Of every cell; `params` are those that do not vary. */
  readonly run: BacktestOptions;
  readonly axes: readonly Axis[];
  /** 0 = all cells. */
  readonly random: number;
  readonly seed: number;
  readonly workers: number;
  readonly dir: string;
  readonly by: Figure;
  /** Longest time of one cell in ms; 0 = any. */
  readonly cellLimitMs: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, all: number, text: string) => void;
}

export interface SweepOutcome extends SweepSummary {
  /** It was stopped before its end. */
  readonly stopped: boolean;
  /** Rows that were there before. */
  readonly resumed: number;
  readonly seconds: number;
  readonly cellsPerSecond: number;
  readonly workers: number;
  /** Bytes of this process after so many cells of this call. */
  readonly memory: readonly { readonly cells: number; readonly rssBytes: number }[];
  /** Cells that were run a second time and reached another state; '' = none. */
  readonly unsteady: string;
  readonly csv: string;
}

/** Tasks in the hands of the pool by worker; with a time limit none may wait there. */
const AHEAD = 2;
/** Cells between two looks at the memory. */
const MEMORY_EVERY = 50;

/** Runs what is left of a sweep. Throws GridError for wrong use, and what the disk throws. */
export async function runSweep(options: SweepOptions): Promise<SweepOutcome> {
  const { axes, random, seed, dir, run } = options;
  const cells = chooseCells(gridSize(axes), random, seed);
  await checkParams(run, axes);
  const goesOn = openJob(dir, jobOf(run, axes, random, seed));
  const results = new SweepResults(dir);
  try {
    const sweeping = new Sweeping(options, cells, results, goesOn);
    return await sweeping.run();
  } finally {
    clearShelf();
    await results.close();
  }
}

/** Every value of every axis, before anything runs. */
async function checkParams(run: BacktestOptions, axes: readonly Axis[]): Promise<void> {
  for (const { name, values } of axes) {
    if (name in run.params) throw new GridError(`${name} is given by --param and by --grid`);
    for (const value of values) {
      await loadStrategy(run.strategyFile, { ...run.params, [name]: value });
      closePythons();
    }
  }
}

class Sweeping {
  readonly #options: SweepOptions;
  readonly #cells: readonly number[];
  readonly #results: SweepResults;
  readonly #resumed: number;
  readonly #memory: { cells: number; rssBytes: number }[] = [];
  #done = 0;
  #started = 0;

  constructor(
    options: SweepOptions,
    cells: readonly number[],
    results: SweepResults,
    goesOn: boolean,
  ) {
    this.#options = options;
    this.#cells = cells;
    this.#results = results;
    this.#resumed = goesOn ? results.count : 0;
  }

  async run(): Promise<SweepOutcome> {
    const left = this.#cells.filter((cell) => !this.#results.has(cell));
    let unsteady = '';
    let seconds = 0;
    const first = left[0];
    if (first !== undefined && !this.#stopped) {
      this.#options.onProgress?.(this.#resumed, this.#cells.length, 'reading');
      startShelving();
      const row = await runCell(this.#options.run, first, this.#paramsOf(first));
      await this.#keep(row);
      this.#started = performance.now();
      unsteady = await this.#runPool(left.slice(1), row);
      seconds = (performance.now() - this.#started) / 1000;
    }
    const csv = this.#results.writeCsv(this.#options.axes);
    const { axes, by, workers } = this.#options;
    return {
      ...summarise(axes, this.#cells.length, [...this.#results.rows()], by),
      ...{ stopped: this.#results.count < this.#cells.length, resumed: this.#resumed },
      ...{ seconds, cellsPerSecond: Math.max(0, this.#done - 1) / Math.max(seconds, 1e-9) },
      ...{ workers, memory: this.#memory, unsteady, csv },
    };
  }

  get #stopped(): boolean {
    return this.#options.signal?.aborted === true;
  }

  #paramsOf(cell: number): CellRow['params'] {
    return cellParams(this.#options.axes, cell);
  }

  async #keep(row: CellRow): Promise<void> {
    await this.#results.put(row);
    this.#done++;
    if (this.#done % MEMORY_EVERY === 0 || this.#done === 1) {
      this.#memory.push({ cells: this.#done, rssBytes: process.memoryUsage.rss() });
    }
    const done = this.#resumed + this.#done;
    this.#options.onProgress?.(done, this.#cells.length, 'running');
  }

  /** Runs the cells on the pool, then the first one again there; returns what differed, or ''. */
  async #runPool(cells: readonly number[], first: CellRow): Promise<string> {
    const { workers, run } = this.#options;
    const data: SweepWorkerData = { options: run, days: sharedDays() };
    const pool = new Piscina({
      filename: fileURLToPath(new URL('./sweep-worker.ts', import.meta.url)),
      ...{ minThreads: workers, maxThreads: workers, workerData: data },
    });
    try {
      this.#started = performance.now();
      await this.#drain(pool, cells);
      if (this.#stopped || first.status === 'failed') return '';
      const again = await this.#runOne(pool, first.cell);
      if (again === null || again.stateHash === first.stateHash) return '';
      return (
        `cell ${first.cell} was run twice and reached ${first.stateHash} and then ` +
        `${again.stateHash || again.error}: the strategy keeps something from run to run (a ` +
        'variable outside onInit?), or uses the clock or chance; these results are not to be ' +
        'believed'
      );
    } finally {
      await pool.destroy();
    }
  }

  /** Keeps the pool fed; a row that cannot be kept ends the sweep. */
  async #drain(pool: Piscina, cells: readonly number[]): Promise<void> {
    const running = new Set<Promise<void>>();
    const { workers, cellLimitMs } = this.#options;
    const most = cellLimitMs > 0 ? workers : workers * AHEAD;
    let failure: unknown = null;
    for (const cell of cells) {
      while (running.size >= most) await Promise.race(running);
      if (this.#stopped || failure !== null) break;
      const task = this.#runOne(pool, cell)
        .then((row) => (row === null ? undefined : this.#keep(row)))
        .catch((error: unknown) => {
          failure ??= error;
        })
        .finally(() => running.delete(task));
      running.add(task);
    }
    await Promise.all(running);
    if (failure !== null) throw failure;
  }

  /** Null when the sweep was stopped first; a worker that dies or runs too long fails its cell. */
  async #runOne(pool: Piscina, cell: number): Promise<CellRow | null> {
    const { cellLimitMs, signal } = this.#options;
    const params = this.#paramsOf(cell);
    const limit = cellLimitMs > 0 ? AbortSignal.timeout(cellLimitMs) : null;
    const signals = [limit, signal].filter((one) => one !== null && one !== undefined);
    try {
      const task: CellTask = { cell, params };
      const any = signals.length > 0 ? { signal: AbortSignal.any(signals) } : {};
      return (await pool.run(task, any)) as CellRow;
    } catch (error) {
      if (this.#stopped) return null;
      const why = limit?.aborted
        ? `no end after ${cellLimitMs / 1000} s: an endless loop, or --cell-limit is too short`
        : `the worker died: ${error instanceof Error ? error.message : String(error)}`;
      return {
        cell,
        params,
        status: 'failed',
        error: why,
        stateHash: '',
        figures: {},
        shape: null,
      };
    }
  }
}
