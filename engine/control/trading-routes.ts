// The trading interface over HTTP: /api/v1/trading/* and the OpenAPI file. Called by api.ts after
// the host and origin checks. Always: the bearer token is compared in constant time before a body
// is read; every answer is the envelope {ok, data | error}; an error's code is stable and its field
// named; nothing the client sent is repeated in an answer.
import { createHash, timingSafeEqual } from 'node:crypto';
import { runAudited } from './audited.ts';
import { checkFields, readJson } from './field-check.ts';
import { type Outcome, refuse } from './outcome.ts';
import type { HttpReply, HttpRequest } from './server.ts';
import { jsonReply } from './static-files.ts';
import { type ErrorCode, keyText, type TradeError } from './trade-schemas.ts';
import { CALLS, type Call, type CallContext } from './trading-calls.ts';

export const TRADING_PATH = '/api/v1/trading/';
/** Largest body: a basket of a hundred legs takes some 12 KiB. */
export const BODY_MAX = 65_536;

const STATUSES: { readonly [code in ErrorCode]: number } = {
  'bad-request': 400,
  unauthorised: 401,
  'unknown-account': 404,
  'unknown-strategy': 404,
  'unknown-instrument': 404,
  'unknown-order': 404,
  'unknown-day': 404,
  'order-finished': 409,
  'key-reused': 409,
  refused: 422,
  busy: 503,
  'too-fast': 429,
  'engine-down': 503,
  'unknown-outcome': 504,
  'not-armed': 409,
  'audit-failed': 503,
  'not-found': 404,
  'method-not-allowed': 405,
  'unsupported-media-type': 415,
  'too-large': 413,
  timeout: 408,
};

const BY_PATH = new Map(CALLS.map((call) => [pathOf(call), call]));

/** Whole path of a call. */
export function pathOf({ path, name }: Call): string {
  return path ?? TRADING_PATH + name;
}

export class TradingRoutes {
  readonly #context: CallContext;
  readonly #tokenHash: Buffer;
  /** Of the confirmation token; null = there is none, and the trading token confirms. */
  readonly #confirmHash: Buffer | null;

  /** `confirmHash`: SHA-256 of the confirmation token, hexadecimal; '' = none. */
  constructor(context: CallContext, token: string, confirmHash = '') {
    this.#context = context;
    this.#tokenHash = sha256(token);
    this.#confirmHash = confirmHash === '' ? null : Buffer.from(confirmHash, 'hex');
  }

  /** Whether the path is one of ours; everything below it is answered here. */
  owns(path: string): boolean {
    return path.startsWith(TRADING_PATH) || BY_PATH.has(path);
  }

  /** Bytes of body to read; 0 where the answer is already no, or no body is wanted. */
  bodyLimit(request: HttpRequest): number {
    const call = BY_PATH.get(request.path);
    if (call?.method !== 'POST' || request.method !== 'POST') return 0;
    return this.#isAuthorised(request, call) ? BODY_MAX : 0;
  }

  /** Answers a request whose host and origin were found right. */
  respond(request: HttpRequest): HttpReply | Promise<HttpReply> {
    const call = BY_PATH.get(request.path);
    if (!this.#isAuthorised(request, call)) {
      const own = 'send the token that the engine printed: Authorization: Bearer TOKEN';
      const second = 'send the confirmation token: Authorization: Bearer TOKEN';
      const message = call?.confirms === true && this.#confirmHash !== null ? second : own;
      return replyOf(refuse('unauthorised', message));
    }
    if (call === undefined) return replyOf(refuse('not-found', 'no such path'));
    const input = inputOf(request, call);
    if (!input.ok) return replyOf(input);
    const key = keyOf(request, call);
    if (!key.ok) return replyOf(key);
    const proof = call.confirms && this.#confirmHash !== null ? bearerOf(request) : key.data;
    const values = input.data as Record<string, unknown>;
    const answer = runAudited(this.#context, call, values, proof, fromOf(request));
    return answer instanceof Promise ? answer.then(replyOf) : replyOf(answer);
  }

  /** The trading token does everything but confirm; the confirmation token reads and confirms. */
  #isAuthorised(request: HttpRequest, call: Call | undefined): boolean {
    const shown = sha256(bearerOf(request));
    const isTrader = timingSafeEqual(shown, this.#tokenHash);
    if (this.#confirmHash === null) return isTrader;
    const isSecond = timingSafeEqual(shown, this.#confirmHash);
    if (call?.confirms === true) return isSecond;
    return isTrader || (isSecond && call?.method === 'GET');
  }
}

/** Where a request came from, for the audit log. */
function fromOf({ address = '' }: HttpRequest): string {
  return address === '' ? 'http' : `http ${address}`;
}

export function bearerOf(request: HttpRequest): string {
  return /^Bearer ([\x21-\x7e]{1,256})$/.exec(request.authorization)?.[1] ?? '';
}

/** What a request carries for this call, by the call's method; HEAD is as good as GET. */
export function inputOf(
  request: HttpRequest,
  call: Pick<Call, 'input' | 'method'>,
): Outcome<unknown> {
  const isRead = call.method === 'GET' && request.method === 'HEAD';
  if (request.method !== call.method && !isRead) {
    return refuse('method-not-allowed', `this path has ${call.method} only`);
  }
  return call.method === 'GET' ? queryOf(request, call) : bodyOf(request, call);
}

/** Query text as one object; a name given twice is refused. */
function queryOf(request: HttpRequest, call: Pick<Call, 'input'>): Outcome<unknown> {
  const values: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(request.query)) {
    if (name in values) return badField(name.slice(0, 60), 'the parameter is given twice');
    values[name] = value;
  }
  const checked = checkFields(call.input, { ...values });
  return checked.ok ? { ok: true, data: checked.value } : badField(checked.field, checked.message);
}

function bodyOf(request: HttpRequest, call: Pick<Call, 'input'>): Outcome<unknown> {
  if (request.bodyState === 'too-large') {
    return refuse('too-large', `the body has more than ${BODY_MAX} bytes`);
  }
  if (request.bodyState === 'too-slow') return refuse('timeout', 'the body did not come in time');
  if (!/^application\/json(?:\s*;\s*charset=utf-8)?$/i.test(request.contentType)) {
    return refuse('unsupported-media-type', 'send Content-Type: application/json');
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(request.body);
  } catch {
    return badField('', 'the body is not UTF-8');
  }
  const json = readJson(text);
  if (!json.ok) return badField(json.field, json.message);
  const checked = checkFields(call.input, json.value);
  return checked.ok ? { ok: true, data: checked.value } : badField(checked.field, checked.message);
}

function keyOf(request: HttpRequest, call: Call): Outcome<string> {
  if (!call.keyed) return { ok: true, data: '' };
  if (keyText.safeParse(request.idempotencyKey).success) {
    return { ok: true, data: request.idempotencyKey };
  }
  const what = request.idempotencyKey === '' ? 'the header is missing' : 'the header is malformed';
  const form = '1 to 128 printable ASCII characters, new for each order, the same for a retry';
  return badField('Idempotency-Key', `${what}: ${form}`);
}

function badField<Data>(field: string, message: string): Outcome<Data> {
  return refuse('bad-request', message, field === '' ? {} : { field });
}

/** The envelope of an outcome. */
export function replyOf(outcome: Outcome<unknown>): HttpReply {
  if (outcome.ok) return jsonReply(200, { ok: true, data: outcome.data });
  const { error } = outcome as { error: TradeError };
  const reply = jsonReply(STATUSES[error.code], { ok: false, error });
  return { ...reply, headers: { ...reply.headers, ...headersOf(error) } };
}

function headersOf(error: TradeError): { readonly [name: string]: string } {
  if (error.code === 'unauthorised') return { 'WWW-Authenticate': 'Bearer' };
  if (error.code === 'too-fast' || error.code === 'busy') return { 'Retry-After': '1' };
  if (error.code === 'method-not-allowed') return { Allow: error.message.split(' ')[3] ?? '' };
  return {};
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
