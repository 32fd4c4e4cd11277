// Calls of the runs interface (docs/API.md) from the research pages. Always holds: the token goes
// in a header, never into an address; a call resolves, or throws a RunsError with the server's
// words.
import { ref } from 'vue';
import type { z } from 'zod';
import type {
  ComparisonData,
  DataFacts,
  JobRow,
  RunBody,
  RunData,
  RunRow,
  SourcesData,
  StrategyData,
} from '../../../engine/control/runs/run-schemas.ts';
import { takeToken } from '../session-token.ts';

export type Row = z.infer<typeof RunRow>;
export type Run = z.infer<typeof RunData>;
export type Comparison = z.infer<typeof ComparisonData>;
export type Job = z.infer<typeof JobRow>;
export type Sources = z.infer<typeof SourcesData>;
export type Param = z.infer<typeof StrategyData>['params'][number];
export type Facts = z.infer<typeof DataFacts>;
export type Wish = z.input<typeof RunBody>;
export type Curve = Run['curve'];

/** No token in this tab: nothing can be asked. */
export const hasToken = ref(false);
/** An engine trades behind the same server. */
export const hasEngine = ref(false);
let token = '';

/** What the server answered instead. */
export class RunsError extends Error {
  readonly code: string;
  readonly field: string;

  constructor(code: string, message: string, field = '') {
    super(message);
    this.code = code;
    this.field = field;
  }
}

/** Takes the token out of the address; asks whether there is an engine. Called once. */
export function enter(): void {
  token = takeToken();
  hasToken.value = token !== '';
  void fetch('/api/v1/health')
    .then((reply) => reply.json() as Promise<{ engine?: string }>)
    .then(({ engine }) => {
      hasEngine.value = engine !== 'none';
    })
    .catch(() => {});
}

async function ask<Data>(name: string, query: Record<string, string> = {}, body?: object) {
  const search = new URLSearchParams(query).toString();
  const url = `/api/v1/runs/${name}${search === '' ? '' : `?${search}`}`;
  const headers: Record<string, string> = { Authorization: `Bearer ${token}` };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const init = { headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  let reply: Response;
  try {
    reply = await fetch(url, { ...init, method: body === undefined ? 'GET' : 'POST' });
  } catch {
    throw new RunsError('offline', '');
  }
  const answer = (await reply.json()) as
    | { ok: true; data: Data }
    | { ok: false; error: { code: string; message: string; field?: string } };
  if (answer.ok) return answer.data;
  const { code, message, field } = answer.error;
  throw new RunsError(code, message, field);
}

export const listRuns = () => ask<{ rows: Row[] }>('list').then(({ rows }) => rows);
export const readRun = (run: string) => ask<Run>('run', { run });
export const compareRuns = (ids: readonly string[]) =>
  ask<Comparison>('compare', { runs: ids.join(',') });
export const readSources = () => ask<Sources>('sources');
export const readStrategy = (path: string) =>
  ask<{ params: Param[] }>('strategy', { path }).then(({ params }) => params);
export const readData = (path: string) => ask<Facts>('data', { path });
export const startRun = (wish: Wish) => ask<Job>('start', {}, wish);
export const listJobs = () => ask<{ rows: Job[] }>('jobs').then(({ rows }) => rows);
export const cancelJob = (job: string) => ask<Job>('cancel', {}, { job });
