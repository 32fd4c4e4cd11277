// The runs interface over HTTP: /api/v1/runs/* and the pages of recorded runs. Called by api.ts
// after the host and origin checks. Always: the bearer token is compared in constant time before a
// body is read; a recorded page is served under an address made from the token, in a sandbox: its
// code runs without an origin and loads nothing.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { refuse } from '../outcome.ts';
import type { HttpReply, HttpRequest } from '../server.ts';
import { SECURITY_HEADERS, textReply } from '../static-files.ts';
import { BODY_MAX, bearerOf, inputOf, replyOf } from '../trading-routes.ts';
import { JobQueue } from './job-queue.ts';
import type { Folders } from './run-folders.ts';
import { RUNS_CALLS, type RunsContext } from './runs-calls.ts';
import { StoreDoor } from './store-door.ts';

export const RUNS_PATH = '/api/v1/runs/';
const REPORT = /^\/reports\/(\d{8}-\d{6}-\d{3}[0-9a-f]{3})\/([\w-]{43})\.html$/;

const BY_NAME = new Map(RUNS_CALLS.map((call) => [call.name, call]));

export interface RunsOptions extends Folders {
  /** Runs store, absolute. */
  readonly runsDir: string;
}

export class RunsRoutes {
  readonly #token: string;
  readonly #tokenHash: Buffer;
  readonly #context: RunsContext;

  constructor(options: RunsOptions, token: string) {
    this.#token = token;
    this.#tokenHash = sha256(token);
    this.#context = {
      folders: options,
      store: new StoreDoor(options.runsDir),
      jobs: new JobQueue(options.runsDir),
      reportUrl: (id) => this.#reportUrl(id),
    };
  }

  owns(path: string): boolean {
    return path.startsWith(RUNS_PATH) || path.startsWith('/reports/');
  }

  bodyLimit(request: HttpRequest): number {
    const call = BY_NAME.get(request.path.slice(RUNS_PATH.length));
    if (call?.method !== 'POST' || request.method !== 'POST') return 0;
    return this.#isAuthorised(request) ? BODY_MAX : 0;
  }

  /** Answers a request whose host and origin were found right. */
  respond(request: HttpRequest): HttpReply | Promise<HttpReply> {
    if (!request.path.startsWith(RUNS_PATH)) return this.#report(request);
    if (!this.#isAuthorised(request)) {
      const how = 'send the token that `pankou` printed: Authorization: Bearer TOKEN';
      return replyOf(refuse('unauthorised', how));
    }
    const call = BY_NAME.get(request.path.slice(RUNS_PATH.length));
    if (call === undefined) return replyOf(refuse('not-found', 'no such path'));
    const input = inputOf(request, call);
    if (!input.ok) return replyOf(input);
    const answer = call.run(this.#context, input.data as never);
    if (!(answer instanceof Promise)) return replyOf(answer);
    return answer.then(replyOf, (error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      return replyOf(refuse('refused', `the runs store cannot be read: ${why}`));
    });
  }

  /** Ends what runs. */
  async close(): Promise<void> {
    this.#context.jobs.close();
    await this.#context.store.close();
  }

  #isAuthorised(request: HttpRequest): boolean {
    return timingSafeEqual(sha256(bearerOf(request)), this.#tokenHash);
  }

  #reportUrl(id: string): string | null {
    const path = join(this.#context.store.dir, id, 'report.html');
    return existsSync(path) ? `/reports/${id}/${this.#mark(id)}.html` : null;
  }

  /** Whoever has it was given it by somebody with the token; it opens one run's page, no more. */
  #mark(id: string): string {
    return createHmac('sha256', this.#token).update(`report ${id}`).digest('base64url');
  }

  #report(request: HttpRequest): HttpReply {
    const [, id, mark] = REPORT.exec(request.path) ?? [];
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (id === undefined || mark === undefined || !isRead) return textReply(404, 'not found');
    if (!timingSafeEqual(sha256(mark), sha256(this.#mark(id)))) return textReply(404, 'not found');
    const path = join(this.#context.store.dir, id, 'report.html');
    if (!existsSync(path)) return textReply(404, 'this run has no page');
    return { status: 200, headers: PAGE_HEADERS, body: readFileSync(path) };
  }
}

const PAGE_HEADERS = {
  ...SECURITY_HEADERS,
  'Content-Security-Policy':
    "sandbox allow-scripts allow-downloads; default-src 'none'; script-src 'unsafe-inline'; " +
    "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'self'",
  'X-Frame-Options': 'SAMEORIGIN',
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'no-store',
};

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
