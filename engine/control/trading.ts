// Orders, cancels and the kill switch as every door uses them: HTTP, WebSocket, target files, the
// command line. Hands frames to the core over the link and waits for the engine's word in its event
// stream. Always: "accepted" is said only when the order's record is written (status submitted or
// later); silence is "unknown, ask again with the same key"; one key is under way once at a time.
import { parseSymbol } from '../core/instrument.ts';
import { idCheck, parseOrderId } from '../core/order-id.ts';
import { REJECT_BUSY, REJECT_KEY_REUSED } from '../core/reject-code.ts';
import {
  ACTION_PLACE,
  INTENT_MARGIN,
  INTENT_SHORT,
  SCOPE_ACCOUNT,
  SCOPE_FIRM,
  SCOPE_ORDER,
  SIDE_BUY,
  SIDE_SELL,
  STAGE_SUPERVISOR,
  TIF_NAMES,
} from '../messages/codes.ts';
import { FrameMemory } from '../messages/frames.ts';
import { CancelCommand } from '../messages/generated/control.ts';
import { Intent } from '../messages/generated/order.ts';
import { KIND_WORDS } from './frame-rows.ts';
import { OrderWords, personHash } from './order-words.ts';
import { engineDown, keyOfText, type Outcome, refuse } from './outcome.ts';
import { ParentDesk } from './parent-desk.ts';
import type { Order, Reject } from './protocol.ts';
import type { Replica } from './replica.ts';
import { RiskSwitches } from './risk-switches.ts';
import type { ErrorCode, LegResult, PlaceBody, TradeError } from './trade-schemas.ts';
import { isFinished } from './trade-store.ts';

/** Longest wait for the engine's word. */
const ANSWER_MS = 3_000;

const KIND_NUMBERS = new Map([...KIND_WORDS].map(([number, word]) => [word, number]));

const CREDIT_FLAGS = { margin: INTENT_MARGIN, short: INTENT_SHORT } as const;

export interface TradingOptions {
  readonly replica: Replica;
  /** Hands a frame to the core; false when the core is not there. */
  readonly sendCommand: (memory: FrameMemory, at: number) => boolean;
  /** Milliseconds; 3,000. */
  readonly answerMs?: number;
}

/** An order under way: who waits, and for what. */
interface Waiting {
  readonly content: string;
  /** Margin or short; '' = neither. */
  readonly credit: string;
  readonly promise: Promise<Outcome<Order>>;
  readonly settle: (outcome: Outcome<Order>) => void;
}

export class Trading {
  /** Kill switches, and what a person tells risk. */
  readonly switches: RiskSwitches;
  /** What people say about single orders. */
  readonly words: OrderWords;
  readonly #replica: Replica;
  readonly #send: TradingOptions['sendCommand'];
  readonly #answerMs: number;
  readonly #memory = new FrameMemory(new ArrayBuffer(256));
  readonly #intent = new Intent();
  readonly #cancel = new CancelCommand();
  /** Orders under way, by account and key. */
  readonly #places = new Map<string, Waiting>();
  /** Cancels under way, by client order id. */
  readonly #cancels = new Map<string, Waiting>();
  #sequence = 0;

  /** Parent orders, conditional orders and replaces. */
  readonly parents: ParentDesk;

  constructor(options: TradingOptions) {
    this.#replica = options.replica;
    this.#send = options.sendCommand;
    this.#answerMs = options.answerMs ?? ANSWER_MS;
    this.parents = new ParentDesk({
      replica: options.replica,
      send: options.sendCommand,
      answerMs: this.#answerMs,
      accountOf: (id) => this.#accountOf(id),
    });
    this.switches = new RiskSwitches(options.replica, options.sendCommand);
    this.words = new OrderWords({
      replica: options.replica,
      send: options.sendCommand,
      answerMs: this.#answerMs,
    });
    this.#replica.listen({
      onOrder: (order) => this.#onOrder(order),
      onReject: (reject) => this.#onReject(reject),
      onDown: () => this.#onDown(),
    });
  }

  /** Places one order; `key` is the client's text. Never rejects. */
  place(body: PlaceBody, key: string): Promise<Outcome<Order>> {
    const account = this.#accountOf(body.account);
    if (!account.ok) return Promise.resolve(account);
    const { index, id } = account.data;
    const fault = this.#faultOf(body);
    if (fault !== null) return Promise.resolve(fault);
    const keyHex = keyOfText(key);
    const name = `${id} ${keyHex}`;
    const content = contentOf({ ...body, kind: body.kind ?? 'limit' });
    const { credit = '' } = body;
    const before = this.#places.get(name);
    if (before !== undefined) {
      if (before.content === content && before.credit === credit) return before.promise;
      return Promise.resolve(keyReused());
    }
    this.#beginIntent(index, body, keyHex);
    const waiting = this.#wait(this.#places, name, content, UNKNOWN_PLACE, credit);
    if (!this.#send(this.#memory, 0)) waiting.settle(engineDown());
    return waiting.promise;
  }

  /** Places the legs of a basket, each under a key of its own; results in the same order. */
  async execute(
    account: string | undefined,
    legs: readonly PlaceBody[],
    key: string,
    by?: string,
  ): Promise<LegResult[]> {
    const sender = by === undefined ? {} : { by };
    const asked = legs.map((leg, i) => {
      const body = { ...leg, ...(account === undefined ? {} : { account }), ...sender };
      return this.place(body, `${key}#${i}`);
    });
    const outcomes = await Promise.all(asked);
    return outcomes.map((outcome, index) =>
      outcome.ok
        ? { index, ok: true, order: { ...outcome.data } as LegResult['order'] }
        : { index, ok: false, error: outcome.error },
    );
  }

  /** Asks for the cancel of an order; ok also when it is cancelled already. Never rejects. */
  cancel(coid: string): Promise<Outcome<Order>> {
    const order = this.#replica.trades.order(coid);
    const known = order === undefined ? undefined : cancelAnswer(order);
    if (known?.ok === true) return Promise.resolve(known);
    const before = this.#cancels.get(coid);
    if (before !== undefined) return before.promise;
    const waiting = this.#wait(this.#cancels, coid, '', UNKNOWN_CANCEL);
    const sent = this.sendCancel(coid);
    if (!sent.ok) waiting.settle(sent as Outcome<Order>);
    return waiting.promise;
  }

  /** Hands the cancel of a working order to the core, and waits for nothing. */
  sendCancel(coid: string): Outcome<object> {
    const words = parseOrderId(coid);
    if (words === null) {
      const message = 'coid is no order id: its check digits are wrong';
      return refuse('bad-request', message, { field: 'coid' });
    }
    const order = this.#replica.trades.order(coid);
    if (order === undefined) return refuse('unknown-order', 'no such order');
    if (isFinished(order)) {
      const more = { order: { ...order } as never };
      return refuse('order-finished', `the order is already finished: ${order.status}`, more);
    }
    const command = this.#beginCancel(SCOPE_ORDER);
    command.coidA = words.a;
    command.coidB = words.b;
    command.coidC = words.c;
    command.coidD = idCheck(words.a, words.b, words.c);
    command.account = words.a >>> 24;
    return this.#send(this.#memory, 0) ? { ok: true, data: {} } : engineDown();
  }

  /** Cancels every working order, of one account or of all; how many there were. */
  cancelAll(account: string | undefined): Outcome<{ open: number }> {
    const open = this.#replica.trades.openOrders(account).length;
    if (account === undefined) this.#beginCancel(SCOPE_FIRM);
    else {
      const found = this.#accountOf(account);
      if (!found.ok) return found;
      this.#beginCancel(SCOPE_ACCOUNT).account = found.data.index;
    }
    return this.#send(this.#memory, 0) ? { ok: true, data: { open } } : engineDown();
  }

  /** The account that is meant: the only one, or the one named. */
  #accountOf(id: string | undefined): Outcome<{ index: number; id: string }> {
    const accounts = this.#replica.accountIds();
    // Before the core has told what it trades, nothing can be said about a name.
    if (accounts.length === 0 || !this.#replica.settled) return engineDown();
    if (id === undefined) {
      const [only] = accounts;
      if (accounts.length === 1) return { ok: true, data: only };
      const message = `name one of the accounts ${accounts.map((a) => a.id).join(', ')}`;
      return refuse('unknown-account', message, { field: 'account' });
    }
    const found = accounts.find((candidate) => candidate.id === id);
    if (found !== undefined) return { ok: true, data: found };
    return refuse('unknown-account', 'no such account', { field: 'account' });
  }

  /** What is wrong with an order before it is sent, or null. */
  #faultOf(body: PlaceBody): Outcome<Order> | null {
    const { kind = 'limit', priceE4 = 0 } = body;
    if (kind === 'limit' && priceE4 === 0) {
      return refuse('bad-request', 'a limit order needs a price', { field: 'priceE4' });
    }
    if (this.#replica.instrumentIndex(parseSymbol(body.instrument).symbol) === undefined) {
      const message = 'the engine does not trade this instrument';
      return refuse('unknown-instrument', message, { field: 'instrument' });
    }
    return null;
  }

  #beginIntent(account: number, body: PlaceBody, keyHex: string): void {
    const intent = this.#intent.begin(this.#memory, 0);
    intent.source = STAGE_SUPERVISOR;
    intent.account = account;
    intent.instrument = this.#replica.instrumentIndex(body.instrument) ?? -1;
    intent.action = ACTION_PLACE;
    intent.side = body.side === 'buy' ? SIDE_BUY : SIDE_SELL;
    intent.kind = KIND_NUMBERS.get(body.kind ?? 'limit') ?? 0;
    intent.timeInForce = TIF_NAMES.indexOf(body.timeInForce ?? 'day');
    if (body.credit !== undefined) intent.flags = CREDIT_FLAGS[body.credit];
    if (body.by !== undefined) intent.sender = personHash(body.by);
    intent.priceE4 = body.priceE4 ?? 0;
    intent.qty = body.qty;
    const words = Buffer.from(keyHex, 'hex');
    intent.keyA = words.readInt32BE(0);
    intent.keyB = words.readInt32BE(4);
    intent.keyC = words.readInt32BE(8);
    intent.keyD = words.readInt32BE(12);
  }

  #beginCancel(scope: number): CancelCommand {
    const cancel = this.#cancel.begin(this.#memory, 0);
    cancel.sequence = ++this.#sequence | 0;
    cancel.source = STAGE_SUPERVISOR;
    cancel.scope = scope;
    return cancel;
  }

  #wait(
    home: Map<string, Waiting>,
    name: string,
    content: string,
    silence: Outcome<Order>,
    credit = '',
  ): Waiting {
    let done: (outcome: Outcome<Order>) => void = () => {};
    const promise = new Promise<Outcome<Order>>((resolve) => {
      done = resolve;
    });
    const timer = setTimeout(() => waiting.settle(silence), this.#answerMs);
    const waiting: Waiting = {
      content,
      credit,
      promise,
      settle: (outcome) => {
        clearTimeout(timer);
        if (home.get(name) === waiting) home.delete(name);
        done(outcome);
      },
    };
    home.set(name, waiting);
    return waiting;
  }

  #onOrder(order: Order): void {
    const cancel = this.#cancels.get(order.coid);
    const answer = cancel === undefined ? undefined : cancelAnswer(order);
    if (answer !== undefined) cancel?.settle(answer);
    if (order.key === undefined) return;
    const place = this.#places.get(`${order.account} ${order.key}`);
    if (place === undefined || order.status === 'pending') return;
    const isMine = place.content === contentOf(order) && place.credit === (order.credit ?? '');
    if (!isMine) place.settle(keyReused(order));
    else if (order.status !== 'rejected') place.settle({ ok: true, data: order });
    else place.settle(rejected(order.reason ?? NO_REASON, order));
  }

  #onReject(reject: Reject): void {
    const { stage, code, text } = reject;
    const reason = { stage, code, text };
    if (reject.action === 'cancel') {
      const coid = reject.coid ?? '';
      this.#cancels.get(coid)?.settle(rejected(reason, this.#replica.trades.order(coid)));
      return;
    }
    // Of an order that risk or the gateway refused, its last update follows and says more.
    if (reject.key === undefined || reject.coid !== undefined) return;
    const place = this.#places.get(`${reject.account} ${reject.key}`);
    if (place === undefined) return;
    const isMine = place.content === contentOf(reject);
    if (code === REJECT_KEY_REUSED) {
      if (isMine) place.settle(keyReused());
    } else place.settle(isMine ? rejected(reason) : keyReused());
  }

  #onDown(): void {
    for (const waiting of [...this.#places.values()]) waiting.settle(UNKNOWN_PLACE);
    for (const waiting of [...this.#cancels.values()]) waiting.settle(UNKNOWN_CANCEL);
  }
}

const UNKNOWN_PLACE: Outcome<Order> = refuse(
  'unknown-outcome',
  'the engine has not said what became of the order: ask again with the same key',
);
const UNKNOWN_CANCEL: Outcome<Order> = refuse(
  'unknown-outcome',
  'the engine has not said what became of the cancel: look at the order, then ask again',
);
const NO_REASON = { stage: 'oms', code: 0, text: { zh: '无', en: 'none' } };

/** What makes two orders the same towards a key. */
function contentOf(row: {
  readonly instrument: string;
  readonly side: string;
  readonly kind?: string | undefined;
  readonly priceE4?: number | undefined;
  readonly qty: number;
  readonly timeInForce?: string | undefined;
}): string {
  const { instrument, side, kind, priceE4 = 0, qty, timeInForce = 'day' } = row;
  return `${instrument} ${side} ${kind} ${priceE4} ${qty} ${timeInForce}`;
}

/** What an order's status says to somebody who wants it cancelled; undefined = nothing yet. */
function cancelAnswer(order: Order): Outcome<Order> | undefined {
  const { status } = order;
  if (status === 'cancel-pending' || status === 'cancelled' || status === 'partly-cancelled') {
    return { ok: true, data: order };
  }
  if (!isFinished(order)) return undefined;
  return refuse('order-finished', `the order is ${status}`, { order: { ...order } as never });
}

function keyReused(order?: Order): Outcome<Order> {
  const message = 'the key was used for another order; nothing was done';
  const field = 'Idempotency-Key';
  const more = order === undefined ? { field } : { field, order: { ...order } as never };
  return refuse('key-reused', message, more);
}

function rejected(reason: NonNullable<TradeError['reject']>, order?: Order): Outcome<Order> {
  const code: ErrorCode = reason.code === REJECT_BUSY ? 'busy' : 'refused';
  const more = order === undefined ? {} : { order: { ...order } as never };
  return refuse(code, reason.text.en, { reject: reason, ...more });
}
