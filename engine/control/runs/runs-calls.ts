// The calls of the runs interface as a table: name, what it takes, what it gives, what it does. The
// HTTP routes and the OpenAPI file are made from it. Always: a call gets what its schema has
// checked; what it answers is an Outcome; strategies and data are loaded in child processes only.
import { z } from 'zod';
import { type Outcome, refuse } from '../outcome.ts';
import type { JobQueue } from './job-queue.ts';
import { askPankou } from './pankou-child.ts';
import { type Folders, inside, kindOf, listData, listStrategies } from './run-folders.ts';
import {
  CompareQuery,
  ComparisonData,
  DataFacts,
  JobQuery,
  JobRow,
  PathQuery,
  RunBody,
  RunData,
  RunQuery,
  RunRow,
  SourcesData,
  StrategyData,
} from './run-schemas.ts';
import type { StoreDoor } from './store-door.ts';

export interface RunsContext {
  readonly folders: Folders;
  readonly store: StoreDoor;
  readonly jobs: JobQueue;
  /** Address of a run's page, good for this page alone; null = the run has none. */
  readonly reportUrl: (id: string) => string | null;
}

type Answer = Outcome<unknown> | Promise<Outcome<unknown>>;

export interface RunsCall {
  /** Path below /api/v1/runs/. */
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly summary: string;
  readonly input: z.ZodObject;
  readonly data: z.ZodType;
  readonly run: (context: RunsContext, input: never) => Answer;
}

function call<In extends z.ZodObject>(spec: {
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly summary: string;
  readonly input: In;
  readonly data: z.ZodType;
  readonly run: (context: RunsContext, input: z.infer<In>) => Answer;
}): RunsCall {
  return { ...spec, run: spec.run as RunsCall['run'] };
}

const rows = <Row extends z.ZodType>(row: Row) => z.object({ rows: z.array(row) });
const fine = (data: unknown): Outcome<unknown> => ({ ok: true, data });

export const RUNS_CALLS: readonly RunsCall[] = [
  call({
    name: 'list',
    method: 'GET',
    summary: 'Recorded runs, the newest first',
    input: z.strictObject({}),
    data: rows(RunRow),
    run: ({ store }) => store.read((runs) => fine({ rows: runs === null ? [] : runs.rows() })),
  }),
  call({
    name: 'run',
    method: 'GET',
    summary: 'One run: inputs, figures, equity, files and code',
    input: RunQuery,
    data: RunData,
    run: ({ store, reportUrl }, { run }) =>
      store.read((runs, views) => {
        if (runs === null || !runs.rows().some(({ id }) => id === run)) return noRun();
        return fine({ ...views.runView(runs, run), reportUrl: reportUrl(run) });
      }),
  }),
  call({
    name: 'compare',
    method: 'GET',
    summary: 'Up to eight runs beside one another: figures, curves, inputs that differ',
    input: CompareQuery,
    data: ComparisonData,
    run: ({ store }, { runs: ids }) =>
      store.read((runs, views) => {
        const known = new Set(runs?.rows().map(({ id }) => id));
        if (runs === null || ids.some((id) => !known.has(id))) return noRun();
        return fine(views.comparison(runs, ids));
      }),
  }),
  call({
    name: 'sources',
    method: 'GET',
    summary: 'Strategies and data of the configured folders',
    input: z.strictObject({}),
    data: SourcesData,
    run: ({ folders, store }) =>
      fine({
        strategies: listStrategies(folders),
        data: listData(folders),
        strategyFolders: folders.strategies,
        dataFolders: folders.data,
        runs: store.dir,
      }),
  }),
  call({
    name: 'strategy',
    method: 'GET',
    summary: 'Parameters that a strategy file declares, with types and ranges',
    input: PathQuery,
    data: StrategyData,
    run: async ({ folders }, { path }) => {
      const file = inside(folders.strategies, path);
      if (file === null) return outside('path', folders.strategies);
      const { ok, stdout, stderr } = await askPankou(['strategy', file, '--json']);
      return ok ? fine(JSON.parse(stdout)) : refuse('refused', stderr.trim(), { field: 'path' });
    },
  }),
  call({
    name: 'data',
    method: 'GET',
    summary: 'Instruments and days of a store',
    input: PathQuery,
    data: DataFacts,
    run: async ({ folders }, { path }) => {
      const found = inside(folders.data, path);
      if (found === null) return outside('path', folders.data);
      if (kindOf(found) !== 'store') return fine({ rows: [], known: false });
      const { ok, stdout, stderr } = await askPankou(['data', 'list', found, '--json']);
      if (!ok) return refuse('refused', stderr.trim(), { field: 'path' });
      return fine({ rows: JSON.parse(stdout), known: true });
    },
  }),
  call({
    name: 'start',
    method: 'POST',
    summary: 'Put a backtest into the queue; one runs at a time',
    input: RunBody,
    data: JobRow,
    run: ({ folders, jobs }, body) => {
      const strategy = inside(folders.strategies, body.strategy);
      if (strategy === null) return outside('strategy', folders.strategies);
      const synthetic = /^synthetic:\d{1,10}$/.test(body.data);
      const data = synthetic ? body.data : inside(folders.data, body.data);
      if (data === null) return outside('data', folders.data);
      const job = jobs.add({ ...body, strategy, data });
      return job === null ? refuse('too-fast', 'too many backtests wait already') : fine(job);
    },
  }),
  call({
    name: 'jobs',
    method: 'GET',
    summary: 'Backtests that were started here, the newest first',
    input: z.strictObject({}),
    data: rows(JobRow),
    run: ({ jobs }) => fine({ rows: jobs.rows() }),
  }),
  call({
    name: 'cancel',
    method: 'POST',
    summary: 'End a running backtest, or take it out of the queue',
    input: JobQuery,
    data: JobRow,
    run: ({ jobs }, { job }) => {
      const known = jobs.row(job);
      if (known === null) return refuse('not-found', 'no such job', { field: 'job' });
      if (!jobs.cancel(job)) return refuse('refused', `it is over: ${known.state}`);
      return fine(jobs.row(job));
    },
  }),
];

function noRun(): Outcome<unknown> {
  return refuse('not-found', 'no such run; it may have been removed', { field: 'run' });
}

function outside(field: string, folders: readonly string[]): Outcome<unknown> {
  const where = folders.length === 0 ? 'no folder is configured' : folders.join(', ');
  return refuse('bad-request', `not there, or outside the configured folders: ${where}`, { field });
}
