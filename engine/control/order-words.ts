// What people say about single orders, as every door takes it: confirm or refuse a parked order,
// close one whose fate stays unknown. Part of trading.ts, split off for its size. Always: "done" is
// said only when the engine's word has come back written; silence is "unknown, look, ask again".
import { createHash } from 'node:crypto';
import { idCheck, parseOrderId } from '../core/order-id.ts';
import { REJECT_BUSY, REJECT_PARKED } from '../core/reject-code.ts';
import {
  CONFIRM_NO,
  CONFIRM_YES,
  SETTLE_CANCELLED,
  SETTLE_FILLED,
  SETTLE_REJECTED,
  STAGE_SUPERVISOR,
} from '../messages/codes.ts';
import { writeText } from '../messages/frame-text.ts';
import { FrameMemory } from '../messages/frames.ts';
import { OrderSettle, RiskConfirm } from '../messages/generated/control.ts';
import { engineDown, type Outcome, refuse } from './outcome.ts';
import type { Order, Reject } from './protocol.ts';
import type { Replica } from './replica.ts';
import type { ConfirmBody, SettleBody, TradeError } from './trade-schemas.ts';
import { isFinished } from './trade-store.ts';

export interface OrderWordsOptions {
  readonly replica: Replica;
  readonly send: (memory: FrameMemory, at: number) => boolean;
  readonly answerMs: number;
}

/** Somebody waits for an order to be as asked. */
interface Waiting {
  readonly action: 'confirm' | 'settle';
  readonly isDone: (order: Order) => boolean;
  readonly settle: (outcome: Outcome<Order>) => void;
}

const OUTCOMES = {
  filled: SETTLE_FILLED,
  cancelled: SETTLE_CANCELLED,
  rejected: SETTLE_REJECTED,
} as const;

const UNKNOWN: Outcome<Order> = refuse(
  'unknown-outcome',
  'the engine has not said what became of it: look at the order, then ask again',
);

export class OrderWords {
  readonly #options: OrderWordsOptions;
  readonly #memory = new FrameMemory(new ArrayBuffer(256));
  readonly #confirm = new RiskConfirm();
  readonly #settle = new OrderSettle();
  readonly #waiting = new Map<string, Set<Waiting>>();

  constructor(options: OrderWordsOptions) {
    this.#options = options;
    options.replica.listen({
      onOrder: (order) => this.#onOrder(order),
      onReject: (reject) => this.#onReject(reject),
      onDown: () => {
        for (const set of this.#waiting.values()) for (const one of [...set]) one.settle(UNKNOWN);
      },
    });
  }

  /** A second person lets a parked order go, or (`isYes` false) ends it; `token` proves him. */
  confirm(body: ConfirmBody, isYes: boolean, token: string): Promise<Outcome<Order>> {
    const found = this.#find(body.coid);
    if (!found.ok) return Promise.resolve(found);
    if (!isParked(found.data)) {
      const message = `the order does not wait for a second person: it is ${found.data.status}`;
      return Promise.resolve(refuse('order-finished', message, orderOf(found.data)));
    }
    const confirm = this.#confirm.begin(this.#memory, 0);
    nameOrder(confirm, body.coid);
    confirm.decision = isYes ? CONFIRM_YES : CONFIRM_NO;
    confirm.person = personHash(body.by);
    const [a, b, c, d] = proofOf(token);
    Object.assign(confirm, { proofA: a, proofB: b, proofC: c, proofD: d });
    writeText(RiskConfirm.TYPE, this.#memory, 0, 'byA', body.by);
    return this.#ask(body.coid, 'confirm', (order) => !isParked(order));
  }

  /** A person closes an order whose fate stays unknown, by figures he answers for. */
  settle(body: SettleBody): Promise<Outcome<Order>> {
    const found = this.#find(body.coid);
    if (!found.ok) return Promise.resolve(found);
    const { qty, filledQty, status } = found.data;
    if (status !== 'unknown') {
      const message = `only an order of unknown fate can be closed by a person: it is ${status}`;
      return Promise.resolve(refuse('order-finished', message, orderOf(found.data)));
    }
    const traded = body.filledQty ?? filledQty;
    if (body.as === 'filled' && body.filledQty === undefined) {
      const message = `say how many shares traded in all (filledQty); ${qty} for all of them`;
      return Promise.resolve(refuse('bad-request', message, { field: 'filledQty' }));
    }
    if (traded > filledQty && body.priceE4 === undefined) {
      const more = `${traded - filledQty} shares were not booked before: say their price`;
      return Promise.resolve(refuse('bad-request', more, { field: 'priceE4' }));
    }
    const settle = this.#settle.begin(this.#memory, 0);
    nameOrder(settle, body.coid);
    settle.outcome = OUTCOMES[body.as];
    settle.filledQty = traded;
    settle.priceE4 = body.priceE4 ?? 0;
    writeText(OrderSettle.TYPE, this.#memory, 0, 'byA', body.by);
    writeText(OrderSettle.TYPE, this.#memory, 0, 'reasonA', body.reason);
    return this.#ask(body.coid, 'settle', isFinished);
  }

  #find(coid: string): Outcome<Order> {
    if (parseOrderId(coid) === null) {
      const message = 'coid is no order id: its check digits are wrong';
      return refuse('bad-request', message, { field: 'coid' });
    }
    if (!this.#options.replica.settled) return engineDown();
    const order = this.#options.replica.trades.order(coid);
    return order === undefined
      ? refuse('unknown-order', 'no such order', { field: 'coid' })
      : { ok: true, data: order };
  }

  #ask(
    coid: string,
    action: Waiting['action'],
    isDone: Waiting['isDone'],
  ): Promise<Outcome<Order>> {
    const set = this.#waiting.get(coid) ?? new Set();
    this.#waiting.set(coid, set);
    return new Promise((done) => {
      const timer = setTimeout(() => waiting.settle(UNKNOWN), this.#options.answerMs);
      const waiting: Waiting = {
        ...{ action, isDone },
        settle: (outcome) => {
          clearTimeout(timer);
          set.delete(waiting);
          if (set.size === 0) this.#waiting.delete(coid);
          done(outcome);
        },
      };
      set.add(waiting);
      if (!this.#options.send(this.#memory, 0)) waiting.settle(engineDown());
    });
  }

  #onOrder(order: Order): void {
    for (const waiting of [...(this.#waiting.get(order.coid) ?? [])]) {
      if (!waiting.isDone(order)) continue;
      const { status, reason } = order;
      // Risk has judged it again, and it has changed its mind.
      const isRefused = waiting.action === 'confirm' && status === 'rejected' && reason;
      waiting.settle(isRefused ? refusedBy(reason, order) : { ok: true, data: order });
    }
  }

  #onReject(reject: Reject): void {
    const { stage, code, text, action, coid = '' } = reject;
    for (const waiting of [...(this.#waiting.get(coid) ?? [])]) {
      if (waiting.action !== action) continue;
      const order = this.#options.replica.trades.order(coid);
      waiting.settle(refusedBy({ stage, code, text }, order));
    }
  }
}

/** Whether an order waits for a second person. */
export function isParked(order: Order): boolean {
  return order.status === 'held' && order.reason?.code === REJECT_PARKED;
}

/** What tells two people apart: never 0; spelling, not case or blanks around it, counts. */
export function personHash(name: string): number {
  const plain = name.trim().normalize('NFC').toLowerCase();
  const word = createHash('sha256').update(plain, 'utf8').digest().readInt32BE(0);
  return word === 0 ? 1 : word;
}

/** What the core compares of a confirmation token; of none: zeros. */
export function proofOf(token: string): readonly [number, number, number, number] {
  if (token === '') return [0, 0, 0, 0];
  const hash = createHash('sha256').update(token, 'utf8').digest();
  return [hash.readInt32BE(0), hash.readInt32BE(4), hash.readInt32BE(8), hash.readInt32BE(12)];
}

function nameOrder(frame: RiskConfirm | OrderSettle, coid: string): void {
  const words = parseOrderId(coid);
  if (words === null) return;
  frame.source = STAGE_SUPERVISOR;
  frame.coidA = words.a;
  frame.coidB = words.b;
  frame.coidC = words.c;
  frame.coidD = idCheck(words.a, words.b, words.c);
  frame.account = words.a >>> 24;
}

function refusedBy(reason: NonNullable<TradeError['reject']>, order?: Order): Outcome<Order> {
  const more = order === undefined ? {} : orderOf(order);
  const code = reason.code === REJECT_BUSY ? 'busy' : 'refused';
  return refuse(code, reason.text.en, { reject: reason, ...more });
}

function orderOf(order: Order): Partial<TradeError> {
  return { order: { ...order } as never };
}
