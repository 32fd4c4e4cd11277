// What a WebSocket client may ask for: the calls of the trading interface, and kill, cancel, cancel
// all, auth, ping. Called by the hub with each text message of a client. Always: nothing is done
// before shape and token were checked; the token is compared in constant time; a command either
// reaches the core or its reply says why not.
import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { runAudited } from './audited.ts';
import { checkFields, readJson } from './field-check.ts';
import type { Outcome } from './outcome.ts';
import type { Reply, ReplyCode } from './protocol.ts';
import { keyText, type TradeError } from './trade-schemas.ts';
import { CALLS, type Call, type CallContext } from './trading-calls.ts';

/** What a connection has proved. */
export interface Session {
  authorised: boolean;
}

const id = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const token = z.string().max(256).optional();
const BY_NAME = new Map(CALLS.map((call) => [call.name, call]));

/** Own fields of each operation, beside `id`, `op` and `token`. */
const SHAPES: ReadonlyMap<string, z.ZodObject> = new Map([
  ['ping', z.strictObject({ id, op: z.string() })],
  ['auth', z.strictObject({ id, op: z.string(), token: z.string().max(256) })],
  ...CALLS.map((call) => [call.name, shapeOf(call)] as const),
]);

function shapeOf(call: Call): z.ZodObject {
  const shape: Record<string, z.ZodType> = { ...call.input.shape, id, op: z.string(), token };
  if (call.keyed) shape['key'] = keyText;
  // Pages are content to know that the core has it; programs wait for the engine's word.
  if (call.name === 'cancel') shape['wait'] = z.boolean().optional();
  return z.strictObject(shape);
}

const TEXTS: { readonly [code in 'bad-request' | 'unauthorised' | 'too-fast']: string } = {
  'bad-request': 'the message is not valid',
  unauthorised: 'wrong token: open the page with the URL that the engine printed',
  'too-fast': 'too many messages: slow down',
};

/** A refusal for the client, with the protocol's code. */
export function refusal(id: number, code: keyof typeof TEXTS, detail = '', field = ''): Reply {
  const message = detail === '' ? TEXTS[code] : `${TEXTS[code]}: ${detail}`;
  const reply: Reply = { t: 'reply', id, ok: false, code, message };
  return field === '' ? reply : { ...reply, field };
}

export class Commands {
  readonly #tokenHash: Buffer;
  readonly #confirmHash: Buffer | null;
  readonly #context: CallContext;

  /**
   * Throws when the token is shorter than 22 characters (128 bits in base64).
   * `confirmHash`: SHA-256 of the confirmation token, hexadecimal; '' = none.
   */
  constructor(tokenText: string, context: CallContext, confirmHash = '') {
    if (tokenText.length < 22) {
      throw new Error(`token has ${tokenText.length} characters, expected at least 22`);
    }
    this.#tokenHash = sha256(tokenText);
    this.#confirmHash = confirmHash === '' ? null : Buffer.from(confirmHash, 'hex');
    this.#context = context;
  }

  /** Checks and carries out one message of a client. Never throws or rejects. */
  execute(text: string, session: Session): Reply | Promise<Reply> {
    const json = readJson(text);
    if (!json.ok) {
      const detail = json.field === '' ? 'not JSON' : `field '${json.field}' is given twice`;
      return refusal(0, 'bad-request', detail, json.field);
    }
    const number = idOf(json.value);
    const op = opOf(json.value);
    const shape = SHAPES.get(op);
    if (shape === undefined) return refusal(number, 'bad-request', "field 'op'", 'op');
    const checked = checkFields(shape, json.value);
    if (!checked.ok) {
      const { field, message } = checked;
      const known = message === 'no such field here';
      const detail = known ? 'a field that the operation does not have' : `field '${field}'`;
      return refusal(number, 'bad-request', detail, field);
    }
    if (op === 'ping') return { t: 'reply', id: number, ok: true };
    const message = checked.value;
    const confirms = this.#confirmHash !== null && BY_NAME.get(op)?.confirms === true;
    const mayDo = confirms ? this.#mayConfirm(message['token']) : undefined;
    if (mayDo === false) {
      return refusal(number, 'unauthorised', 'send the confirmation token as `token`', 'token');
    }
    if (mayDo !== true && !this.#mayCommand(message['token'], session)) {
      if (op === 'auth') this.#noteLogin('refused: wrong token');
      return refusal(number, 'unauthorised');
    }
    if (op === 'auth') {
      session.authorised = true;
      this.#noteLogin('done');
      return { t: 'reply', id: number, ok: true };
    }
    return this.#carryOut(number, op, message);
  }

  /** Who opened a page; a log that cannot be written keeps nobody from looking. */
  #noteLogin(result: string): void {
    const { audit, onAuditFailed } = this.#context;
    try {
      audit?.append({ who: 'token', from: 'page', what: 'login', result });
    } catch (error) {
      onAuditFailed?.(error instanceof Error ? error.message : String(error));
    }
  }

  /** A token in the message is looked at even where the connection has shown one. */
  #mayCommand(token: unknown, session: Session): boolean {
    if (token === undefined) return session.authorised;
    return timingSafeEqual(sha256(String(token)), this.#tokenHash);
  }

  /** A confirmation brings its token each time: the connection's is the sender's. */
  #mayConfirm(token: unknown): boolean {
    if (token === undefined || this.#confirmHash === null) return false;
    return timingSafeEqual(sha256(String(token)), this.#confirmHash);
  }

  #carryOut(id: number, op: string, message: Record<string, unknown>): Reply | Promise<Reply> {
    const { id: _, op: __, token = '', key = '', wait, ...input } = message;
    const call = BY_NAME.get(op) as Call;
    const proof = call.confirms && this.#confirmHash !== null ? token : key;
    if (op === 'cancel' && wait !== true) {
      return replyOf(id, this.#context.trading.sendCancel(String(input['coid'])));
    }
    const outcome = runAudited(this.#context, call, input, String(proof), 'page');
    const withData = op !== 'kill' && op !== 'cancel-all';
    if (!(outcome instanceof Promise)) return replyOf(id, outcome, withData);
    return outcome.then((late) => replyOf(id, late, withData));
  }
}

function replyOf(id: number, outcome: Outcome<unknown>, withData = false): Reply {
  if (outcome.ok) {
    const reply: Reply = { t: 'reply', id, ok: true };
    return withData ? { ...reply, data: outcome.data } : reply;
  }
  const { code, message, field, ...more } = outcome.error as TradeError;
  return {
    ...{ t: 'reply', id, ok: false, code: code as ReplyCode, message },
    ...(field === undefined ? {} : { field }),
    ...(Object.keys(more).length === 0 ? {} : { data: more }),
  };
}

/** The id of a message that is wrong otherwise, so that the page can tell whose reply it is. */
function idOf(value: unknown): number {
  if (typeof value !== 'object' || value === null || !('id' in value)) return 0;
  const found = id.safeParse(value.id);
  return found.success ? found.data : 0;
}

function opOf(value: unknown): string {
  if (typeof value !== 'object' || value === null || !('op' in value)) return '';
  return typeof value.op === 'string' ? value.op : '';
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
