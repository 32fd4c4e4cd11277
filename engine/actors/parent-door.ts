// Where parent orders enter: checks a strategy's wish, numbers it, sends it through the journal,
// and tells the strategy and people what comes back. Part of the order manager, split off for
// its size. Invariant: nothing of a parent takes effect before its record is written.
import type { Account } from '../core/account.ts';
import {
  REJECT_KIND_NOT_SUPPORTED,
  REJECT_NONE,
  REJECT_NOT_IN_SESSION,
  REJECT_PRICE_NOT_POSITIVE,
  REJECT_QTY_NOT_POSITIVE,
  REJECT_SIDE,
  REJECT_TABLE_FULL,
  REJECT_UNKNOWN_INSTRUMENT,
} from '../core/reject-code.ts';
import type { SessionPlan } from '../core/session-plan.ts';
import {
  PARENT_ICEBERG,
  PARENT_STATE_ACCEPTED,
  PARENT_STATE_REJECTED,
  PARENT_TRIGGER,
  PARENT_TWAP,
  PARENT_VWAP,
  SIDE_BUY,
  SIDE_SELL,
  TRIGGER_AT_OR_ABOVE,
  TRIGGER_AT_OR_BELOW,
} from '../messages/codes.ts';
import { copyFrame, type FrameMemory } from '../messages/frames.ts';
import { ParentIntent, ParentUpdate } from '../messages/generated/order.ts';
import type { OrderNews } from './order-news.ts';
import type { OutPort } from './port.ts';

/** Numbers of a strategy's own that a parent's number has room for. */
const INTENT_BITS = 24;

export class ParentDoor {
  nowNs = 0;
  readonly #account: Account;
  readonly #plan: SessionPlan;
  readonly #out: OutPort;
  readonly #news: OrderNews;
  readonly #intent = new ParentIntent();
  readonly #copy = new ParentIntent();
  readonly #update = new ParentUpdate();

  constructor(account: Account, plan: SessionPlan, out: OutPort, news: OrderNews) {
    this.#account = account;
    this.#plan = plan;
    this.#out = out;
    this.#news = news;
  }

  /** A strategy's wish, `code` = why it may not wish anything; its room was looked at before. */
  enter(memory: FrameMemory, at: number, code: number): void {
    const intent = this.#intent.wrap(memory, at);
    const refusal = code === REJECT_NONE ? this.#refusalOf(intent) : code;
    if (refusal !== REJECT_NONE) {
      this.#refuse(intent, refusal);
      return;
    }
    const to = this.#out.claim(ParentIntent.BYTES);
    if (to < 0) return;
    copyFrame(memory, at, this.#out.memory, to);
    const copy = this.#copy.wrap(this.#out.memory, to);
    copy.parentNo = (intent.strategy << INTENT_BITS) | intent.intentNo;
    copy.eventNs = this.nowNs;
    if (copy.startNs === 0) copy.startNs = this.nowNs;
    if (copy.endNs === 0) copy.endNs = this.#plan.lastContinuousNs(intent.instrument);
    this.#out.commit();
  }

  #refusalOf(intent: ParentIntent): number {
    const { instrument: i, kind, side } = intent;
    const { positions, parents } = this.#account;
    if (i < 0 || i >= positions.count) return REJECT_UNKNOWN_INSTRUMENT;
    if (side !== SIDE_BUY && side !== SIDE_SELL) return REJECT_SIDE;
    if (intent.qty <= 0) return REJECT_QTY_NOT_POSITIVE;
    if (intent.priceE4 < 0 || intent.triggerE4 < 0) return REJECT_PRICE_NOT_POSITIVE;
    if (!parents.hasRoom || intent.intentNo >= 1 << INTENT_BITS) return REJECT_TABLE_FULL;
    const known = kind === PARENT_TRIGGER || kind === PARENT_TWAP || kind === PARENT_VWAP;
    if (!known && kind !== PARENT_ICEBERG) return REJECT_KIND_NOT_SUPPORTED;
    if (kind === PARENT_ICEBERG) {
      if (intent.showQty <= 0) return REJECT_QTY_NOT_POSITIVE;
      if (intent.priceE4 <= 0) return REJECT_PRICE_NOT_POSITIVE;
    }
    if (kind === PARENT_TRIGGER && intent.triggerE4 > 0) {
      const when = intent.triggerWhen;
      if (when !== TRIGGER_AT_OR_ABOVE && when !== TRIGGER_AT_OR_BELOW) return REJECT_SIDE;
    }
    const start = Math.max(this.nowNs, intent.startNs);
    const end = intent.endNs === 0 ? this.#plan.lastContinuousNs(i) : intent.endNs;
    return this.#plan.tradingNs(i, start, end) > 0 ? REJECT_NONE : REJECT_NOT_IN_SESSION;
  }

  #refuse(intent: ParentIntent, code: number): void {
    const at = this.#out.claim(ParentUpdate.BYTES);
    if (at < 0) return;
    const update = this.#write(this.#out.memory, at, intent, PARENT_STATE_REJECTED);
    update.parentNo = 0;
    update.code = code;
    this.#out.commit();
  }

  /** A written wish: it is an order of the account from here on. */
  accept(memory: FrameMemory, at: number): void {
    const intent = this.#intent.wrap(memory, at);
    this.#account.parents.accept(intent);
    const to = this.#news.parentFrame;
    this.#write(to, 0, intent, PARENT_STATE_ACCEPTED).parentNo = intent.parentNo;
    this.#news.parent(to, 0, intent.strategy);
  }

  #write(memory: FrameMemory, at: number, intent: ParentIntent, state: number): ParentUpdate {
    const update = this.#update.begin(memory, at);
    update.eventNs = this.nowNs;
    update.account = this.#account.index;
    update.strategy = intent.strategy;
    update.instrument = intent.instrument;
    update.intentNo = intent.intentNo;
    update.qty = intent.qty;
    update.state = state;
    return update;
  }
}
