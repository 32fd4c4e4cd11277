// Parent orders, conditional orders and replaces as HTTP asks for them. Part of trading.ts, split
// off for its size. Always: one key is one parent; "accepted" is said only when its record is
// written; silence is "unknown, ask again with the same key".
import { parseSymbol } from '../core/instrument.ts';
import { idCheck, parseOrderId } from '../core/order-id.ts';
import { REJECT_BUSY, REJECT_KEY_REUSED } from '../core/reject-code.ts';
import {
  ACTION_CANCEL,
  PARENT_ICEBERG,
  PARENT_POV,
  PARENT_REPLACE,
  PARENT_TRIGGER,
  PARENT_TWAP,
  PARENT_VWAP,
  SIDE_BUY,
  SIDE_SELL,
  STAGE_SUPERVISOR,
  TRIGGER_AT_OR_ABOVE,
  TRIGGER_AT_OR_BELOW,
} from '../messages/codes.ts';
import { FrameMemory } from '../messages/frames.ts';
import { Intent, ParentIntent } from '../messages/generated/order.ts';
import { PARENT_WORDS } from './frame-rows.ts';
import { keyOfText, type Outcome, refuse } from './outcome.ts';
import type { Parent } from './protocol.ts';
import type { Replica } from './replica.ts';
import type { ParentBody, ReplaceBody } from './trade-schemas.ts';

interface Waiting {
  readonly content: string;
  readonly isMine: (row: Parent) => boolean;
  readonly promise: Promise<Outcome<Parent>>;
  readonly settle: (outcome: Outcome<Parent>) => void;
}

export interface ParentDeskOptions {
  readonly replica: Replica;
  readonly send: (memory: FrameMemory, at: number) => boolean;
  readonly answerMs: number;
  /** The account that is meant. */
  readonly accountOf: (id: string | undefined) => Outcome<{ index: number; id: string }>;
}

const KINDS: { readonly [kind in ParentBody['kind']]: number } = {
  'stop-loss': PARENT_TRIGGER,
  'take-profit': PARENT_TRIGGER,
  'at-time': PARENT_TRIGGER,
  twap: PARENT_TWAP,
  vwap: PARENT_VWAP,
  pov: PARENT_POV,
  iceberg: PARENT_ICEBERG,
};

/** Fields each kind must have, and those it may have beside what all have. */
const NEEDS: { readonly [kind in ParentBody['kind']]: readonly Extra[] } = {
  'stop-loss': ['triggerE4'],
  'take-profit': ['triggerE4'],
  'at-time': ['startNs'],
  twap: [],
  vwap: [],
  pov: ['rateE4'],
  iceberg: ['priceE4', 'showQty'],
};
const TAKES: { readonly [kind in ParentBody['kind']]?: readonly Extra[] } = {
  twap: ['slices'],
  vwap: ['slices'],
  pov: ['showQty'],
};
const EXTRAS = ['triggerE4', 'slices', 'rateE4', 'showQty'] as const;
type Extra = (typeof EXTRAS)[number] | 'priceE4' | 'startNs';

const UNKNOWN: Outcome<Parent> = refuse(
  'unknown-outcome',
  'the engine has not said what became of it: ask again with the same key',
);

export class ParentDesk {
  readonly #options: ParentDeskOptions;
  readonly #memory = new FrameMemory(new ArrayBuffer(256));
  readonly #intent = new ParentIntent();
  readonly #cancel = new Intent();
  readonly #waiting = new Map<string, Waiting>();

  constructor(options: ParentDeskOptions) {
    this.#options = options;
    options.replica.listen({
      onParent: (row) => this.#onParent(row),
      onDown: () => {
        for (const waiting of [...this.#waiting.values()]) waiting.settle(UNKNOWN);
      },
    });
  }

  /** Asks for a parent or conditional order; `key` is the client's text. Never rejects. */
  place(body: ParentBody, key: string): Promise<Outcome<Parent>> {
    const account = this.#options.accountOf(body.account);
    if (!account.ok) return Promise.resolve(account);
    const fault = faultOf(body);
    if (fault !== null) return Promise.resolve(fault);
    const { symbol } = parseSymbol(body.instrument);
    const instrument = this.#options.replica.instrumentIndex(symbol);
    if (instrument === undefined) {
      const message = 'the engine does not trade this instrument';
      return Promise.resolve(refuse('unknown-instrument', message, { field: 'instrument' }));
    }
    const { index, id } = account.data;
    const isMine = (row: Parent): boolean =>
      row.kind === PARENT_WORDS[KINDS[body.kind]] &&
      row.instrument === symbol &&
      row.side === body.side &&
      row.qty === body.qty &&
      row.priceE4 === (body.priceE4 ?? 0) &&
      row.triggerE4 === (body.triggerE4 ?? 0);
    return this.#ask(id, key, JSON.stringify(body), isMine, (keyHex) => {
      const intent = this.#begin(index, KINDS[body.kind], keyHex);
      intent.instrument = instrument;
      intent.side = body.side === 'buy' ? SIDE_BUY : SIDE_SELL;
      intent.priceE4 = body.priceE4 ?? 0;
      intent.qty = body.qty;
      intent.triggerE4 = body.triggerE4 ?? 0;
      intent.triggerWhen = whenOf(body);
      intent.showQty = body.showQty ?? 0;
      intent.rateE4 = body.rateE4 ?? 0;
      intent.slices = body.slices ?? 0;
      intent.startNs = body.startNs ?? 0;
      intent.endNs = body.endNs ?? 0;
    });
  }

  /** Replaces an order of the desk's own. Never rejects. */
  replace(body: ReplaceBody, key: string): Promise<Outcome<Parent>> {
    const words = parseOrderId(body.coid);
    if (words === null) {
      const message = 'coid is no order id: its check digits are wrong';
      return Promise.resolve(refuse('bad-request', message, { field: 'coid' }));
    }
    const order = this.#options.replica.trades.order(body.coid);
    if (order === undefined) return Promise.resolve(refuse('unknown-order', 'no such order'));
    const isMine = (row: Parent): boolean =>
      row.kind === 'replace' &&
      (body.qty === undefined || row.qty === body.qty) &&
      (body.priceE4 === undefined || row.priceE4 === body.priceE4);
    return this.#ask(order.account, key, JSON.stringify(body), isMine, (keyHex) => {
      const intent = this.#begin(words.a >>> 24, PARENT_REPLACE, keyHex);
      intent.priceE4 = body.priceE4 ?? 0;
      intent.qty = body.qty ?? 0;
      intent.targetA = words.a;
      intent.targetB = words.b;
      intent.targetC = words.c;
      intent.targetD = idCheck(words.a, words.b, words.c);
    });
  }

  /** Asks for the end of a parent of the desk's own; what becomes of it is in the list. */
  cancel(parentNo: number, accountId: string | undefined): Outcome<Parent> {
    const account = this.#options.accountOf(accountId);
    if (!account.ok) return account;
    const { index, id } = account.data;
    const row = this.#options.replica
      .parents()
      .find((parent) => parent.account === id && parent.parentNo === parentNo);
    if (row === undefined || row.strategy !== 'desk') {
      return refuse('unknown-order', 'the desk has no such parent', { field: 'parentNo' });
    }
    if (!isOpen(row)) return { ok: true, data: row };
    const intent = this.#cancel.begin(this.#memory, 0);
    intent.source = STAGE_SUPERVISOR;
    intent.account = index;
    intent.action = ACTION_CANCEL;
    intent.targetIntentNo = row.intentNo;
    return this.#options.send(this.#memory, 0) ? { ok: true, data: row } : down();
  }

  #ask(
    account: string,
    key: string,
    content: string,
    isMine: Waiting['isMine'],
    write: (keyHex: string) => void,
  ): Promise<Outcome<Parent>> {
    const keyHex = keyOfText(key);
    const name = `${account} ${keyHex}`;
    const before = this.#waiting.get(name);
    if (before !== undefined) {
      return before.content === content ? before.promise : Promise.resolve(reused());
    }
    write(keyHex);
    let done: (outcome: Outcome<Parent>) => void = () => {};
    const promise = new Promise<Outcome<Parent>>((resolve) => {
      done = resolve;
    });
    const timer = setTimeout(() => waiting.settle(UNKNOWN), this.#options.answerMs);
    const waiting: Waiting = {
      content,
      isMine,
      promise,
      settle: (outcome) => {
        clearTimeout(timer);
        this.#waiting.delete(name);
        done(outcome);
      },
    };
    this.#waiting.set(name, waiting);
    if (!this.#options.send(this.#memory, 0)) waiting.settle(down());
    return promise;
  }

  #begin(account: number, kind: number, keyHex: string): ParentIntent {
    const intent = this.#intent.begin(this.#memory, 0);
    intent.source = STAGE_SUPERVISOR;
    intent.account = account;
    intent.kind = kind;
    const words = Buffer.from(keyHex, 'hex');
    intent.keyA = words.readInt32BE(0);
    intent.keyB = words.readInt32BE(4);
    intent.keyC = words.readInt32BE(8);
    intent.keyD = words.readInt32BE(12);
    return intent;
  }

  #onParent(row: Parent): void {
    const waiting = this.#waiting.get(`${row.account} ${row.key ?? ''}`);
    if (waiting === undefined) return;
    const { reason } = row;
    if (row.parentNo !== 0) {
      waiting.settle(waiting.isMine(row) ? { ok: true, data: row } : reused());
    } else if (reason?.code === REJECT_KEY_REUSED) waiting.settle(reused());
    else if (reason !== undefined) {
      const code = reason.code === REJECT_BUSY ? 'busy' : 'refused';
      waiting.settle(refuse(code, reason.text.en, { reject: reason }));
    }
  }
}

/** Whether something may still come of it. */
function isOpen(row: Parent): boolean {
  return ['accepted', 'triggered', 'cancelling', 'halted'].includes(row.state);
}

/** A stop-loss sells at or below its trigger, a take-profit at or above; a buy the other way. */
function whenOf({ kind, side }: ParentBody): number {
  if (kind !== 'stop-loss' && kind !== 'take-profit') return 0;
  const isBelow = (kind === 'stop-loss') === (side === 'sell');
  return isBelow ? TRIGGER_AT_OR_BELOW : TRIGGER_AT_OR_ABOVE;
}

/** A field that the kind needs and lacks, or has and does not know. */
function faultOf(body: ParentBody): Outcome<Parent> | null {
  const { kind } = body;
  const needs = NEEDS[kind];
  const missing = needs.find((field) => (body[field] ?? 0) === 0);
  if (missing !== undefined) {
    return refuse('bad-request', `a ${kind} order needs ${missing}`, { field: missing });
  }
  const known = [...needs, ...(TAKES[kind] ?? [])];
  const odd = EXTRAS.find((field) => body[field] !== undefined && !known.includes(field));
  if (odd === undefined) return null;
  return refuse('bad-request', `a ${kind} order has no ${odd}`, { field: odd });
}

function reused(): Outcome<Parent> {
  const message = 'the key was used for another parent; nothing was done';
  return refuse('key-reused', message, { field: 'Idempotency-Key' });
}

function down<Data>(): Outcome<Data> {
  return refuse('engine-down', 'no connection to the engine: nothing was sent');
}
