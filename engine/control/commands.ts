// What a page may ask for: kill, cancel, cancel all, ping. Called by the hub with each text message
// of a client. Always: nothing is done before shape and token were checked; the token is compared
// in constant time; a command either reaches the core or its reply says why not.
import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { idCheck, parseOrderId } from '../core/order-id.ts';
import { SCOPE_FIRM, SCOPE_ORDER, STAGE_SUPERVISOR } from '../messages/codes.ts';
import { FrameMemory } from '../messages/frames.ts';
import { CancelCommand, Kill } from '../messages/generated/control.ts';
import type { Reply, ReplyCode } from './protocol.ts';

/** What commands need of the rest of the process. */
export interface CommandPort {
  /** Hands a frame to the core; false when the core is not there. */
  sendCommand(memory: FrameMemory, at: number): boolean;
  orderState(coid: string): 'open' | 'finished' | 'unknown';
}

const id = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const token = z.string().max(256);

const ClientMessage = z.discriminatedUnion('op', [
  z.strictObject({ id, op: z.literal('kill'), token }),
  z.strictObject({ id, op: z.literal('cancel'), coid: z.string().max(64), token }),
  z.strictObject({ id, op: z.literal('cancel-all'), token }),
  z.strictObject({ id, op: z.literal('ping') }),
]);
type ClientMessage = z.infer<typeof ClientMessage>;

const TEXTS: { readonly [code in ReplyCode]: string } = {
  'bad-request': 'the message is not valid',
  unauthorised: 'wrong token: open the page with the URL that the engine printed',
  'engine-down': 'no connection to the engine: nothing was sent; orders at the broker may be live',
  'unknown-order': 'no such order',
  'order-finished': 'the order is already finished',
  'too-fast': 'too many messages: slow down',
};

/** A refusal for the client, with the protocol's code. */
export function refusal(id: number, code: ReplyCode, detail = ''): Reply {
  const message = detail === '' ? TEXTS[code] : `${TEXTS[code]}: ${detail}`;
  return { t: 'reply', id, ok: false, code, message };
}

export class Commands {
  readonly #tokenHash: Buffer;
  readonly #port: CommandPort;
  readonly #memory = new FrameMemory(new ArrayBuffer(128));
  readonly #kill = new Kill();
  readonly #cancel = new CancelCommand();
  #sequence = 0;

  /** Throws when the token is shorter than 22 characters (128 bits in base64). */
  constructor(tokenText: string, port: CommandPort) {
    if (tokenText.length < 22) {
      throw new Error(`token has ${tokenText.length} characters, expected at least 22`);
    }
    this.#tokenHash = sha256(tokenText);
    this.#port = port;
  }

  /** Checks and carries out one message of a client. Never throws. */
  execute(text: string): Reply {
    const value = parseJson(text);
    const parsed = ClientMessage.safeParse(value);
    if (!parsed.success) return refusal(idOf(value), 'bad-request', issueText(parsed.error, value));
    const message = parsed.data;
    if (message.op === 'ping') return { t: 'reply', id: message.id, ok: true };
    if (!timingSafeEqual(sha256(message.token), this.#tokenHash)) {
      return refusal(message.id, 'unauthorised');
    }
    return this.#carryOut(message);
  }

  #carryOut(message: Exclude<ClientMessage, { op: 'ping' }>): Reply {
    switch (message.op) {
      case 'kill': {
        const kill = this.#kill.begin(this.#memory, 0);
        kill.sequence = ++this.#sequence | 0;
        kill.source = STAGE_SUPERVISOR;
        kill.scope = SCOPE_FIRM;
        kill.on = 1;
        return this.#send(message.id);
      }
      case 'cancel-all':
        this.#beginCancel(SCOPE_FIRM);
        return this.#send(message.id);
      case 'cancel': {
        const words = parseOrderId(message.coid);
        if (words === null) return refusal(message.id, 'bad-request', 'coid is no order id');
        const state = this.#port.orderState(message.coid);
        if (state === 'unknown') return refusal(message.id, 'unknown-order');
        if (state === 'finished') return refusal(message.id, 'order-finished');
        const cancel = this.#beginCancel(SCOPE_ORDER);
        cancel.coidA = words.a;
        cancel.coidB = words.b;
        cancel.coidC = words.c;
        cancel.coidD = idCheck(words.a, words.b, words.c);
        cancel.account = words.a >>> 24;
        return this.#send(message.id);
      }
    }
  }

  #beginCancel(scope: number): CancelCommand {
    const cancel = this.#cancel.begin(this.#memory, 0);
    cancel.sequence = ++this.#sequence | 0;
    cancel.source = STAGE_SUPERVISOR;
    cancel.scope = scope;
    return cancel;
  }

  #send(id: number): Reply {
    if (!this.#port.sendCommand(this.#memory, 0)) return refusal(id, 'engine-down');
    return { t: 'reply', id, ok: true };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The id of a message that is wrong otherwise, so that the page can tell whose reply it is. */
function idOf(value: unknown): number {
  if (typeof value !== 'object' || value === null || !('id' in value)) return 0;
  const found = id.safeParse(value.id);
  return found.success ? found.data : 0;
}

/** The first field that is wrong; nothing the client sent is repeated. */
function issueText(error: z.ZodError, value: unknown): string {
  if (value === undefined) return 'not JSON';
  const issue = error.issues[0];
  if (issue === undefined) return '';
  if (issue.code === 'unrecognized_keys') return 'a field that the operation does not have';
  const field = issue.path.map(String).join('.');
  return field === '' ? 'expected an object' : `field '${field.slice(0, 40)}'`;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
