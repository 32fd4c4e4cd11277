// What people say about single orders: a second person confirms or refuses one that is parked, a
// person closes one whose fate stays unknown. Part of the order manager.
// Invariants: a word is checked, written by the gateway, and takes effect when it is back, never
// before; who sent an order does not confirm it; no share is booked without a person's figures.
import { type Account, confirmOrder, settleOrder } from '../core/account.ts';
import { isExternal } from '../core/adopt.ts';
import { INVALID, isOpen, STAY } from '../core/order.ts';
import { STATUS_UNKNOWN } from '../core/order-status.ts';
import { SLOT_NONE } from '../core/order-table.ts';
import {
  REJECT_BUSY,
  REJECT_EXTERNAL_ORDER,
  REJECT_NONE,
  REJECT_NOT_AWAITING,
  REJECT_NOT_CONFIRMED,
  REJECT_NOT_IN_SESSION,
  REJECT_NOT_UNKNOWN,
  REJECT_ORDER_FINISHED,
  REJECT_SAME_PERSON,
  REJECT_SETTLE_FIGURES,
} from '../core/reject-code.ts';
import {
  ACTION_CONFIRM,
  ACTION_SETTLE,
  CONFIRM_YES,
  SETTLE_CANCELLED,
  SETTLE_FILLED,
  SETTLE_REJECTED,
  STAGE_GATEWAY,
} from '../messages/codes.ts';
import { copyFrame, type FrameMemory, frameLength } from '../messages/frames.ts';
import { OrderSettle, RiskConfirm } from '../messages/generated/control.ts';
import type { Execution } from './execution.ts';
import type { OrderHolds } from './order-holds.ts';
import type { OrderNews } from './order-news.ts';
import type { OrderReturns } from './order-returns.ts';
import type { EngineTime } from './order-writer.ts';
import type { OutPort } from './port.ts';
import type { RiskTold } from './risk-told.ts';

/** The parts of the order manager that a person's word moves. */
export interface PeopleRooms {
  readonly holds: OrderHolds;
  readonly execution: Execution;
  readonly returns: OrderReturns;
  readonly riskTold: RiskTold;
}

export class OrderPeople {
  /** The run ends: nothing may follow the end to the gateway. */
  stopped = false;
  readonly #account: Account;
  readonly #rooms: PeopleRooms;
  readonly #news: OrderNews;
  readonly #out: OutPort;
  readonly #time: EngineTime;
  readonly #confirm = new RiskConfirm();
  readonly #settle = new OrderSettle();
  readonly #settleOut = new OrderSettle();
  readonly #confirmOut = new RiskConfirm();

  constructor(
    account: Account,
    rooms: PeopleRooms,
    news: OrderNews,
    out: OutPort,
    time: EngineTime,
  ) {
    this.#account = account;
    this.#rooms = rooms;
    this.#news = news;
    this.#out = out;
    this.#time = time;
  }

  /** A person's word on its way in, or back from the gateway (its source tells which). */
  onFrame(type: number, memory: FrameMemory, at: number): void {
    if (type === RiskConfirm.TYPE) this.#onConfirm(memory, at);
    else this.#onSettle(memory, at);
  }

  #onConfirm(memory: FrameMemory, at: number): void {
    const { orders } = this.#account;
    const confirm = this.#confirm.wrap(memory, at);
    const { flags, decision, source } = confirm;
    const slot = orders.findById(confirm.coidA, confirm.coidC);
    if (slot === SLOT_NONE) return;
    if (source !== STAGE_GATEWAY) {
      const code = this.#confirmRefusal(slot, confirm);
      this.#passOn(slot, ACTION_CONFIRM, code, memory, at);
      return;
    }
    if (flags !== 0) {
      this.#refuse(slot, ACTION_CONFIRM, flags);
      return;
    }
    const { holds } = this.#rooms;
    if (!holds.isAwaiting(slot)) return;
    if (decision !== CONFIRM_YES) {
      const code = holds.drop(slot, REJECT_NOT_CONFIRMED);
      if (code !== REJECT_NONE) this.#refuse(slot, ACTION_CONFIRM, code);
      return;
    }
    confirmOrder(this.#account, slot);
    holds.confirmed(slot);
    this.#news.order(slot);
  }

  #confirmRefusal(slot: number, confirm: RiskConfirm): number {
    const { sender, status } = this.#account.orders;
    if (!isOpen(status[slot])) return REJECT_ORDER_FINISHED;
    if (!this.#rooms.holds.isAwaiting(slot)) return REJECT_NOT_AWAITING;
    const isSame = sender[slot] !== 0 && sender[slot] === confirm.person;
    return isSame && confirm.decision === CONFIRM_YES ? REJECT_SAME_PERSON : REJECT_NONE;
  }

  #onSettle(memory: FrameMemory, at: number): void {
    const settle = this.#settle.wrap(memory, at);
    const { orders } = this.#account;
    const slot = orders.findById(settle.coidA, settle.coidC);
    if (slot === SLOT_NONE) return;
    if (settle.source !== STAGE_GATEWAY) {
      const code = this.#settleRefusal(slot, settle);
      this.#passOn(slot, ACTION_SETTLE, code, memory, at);
      return;
    }
    if (settle.flags !== 0) {
      this.#refuse(slot, ACTION_SETTLE, settle.flags);
      return;
    }
    const { outcome, filledQty, priceE4 } = settle;
    const before = orders.filled[slot];
    const status = settleOrder(this.#account, slot, outcome, filledQty, priceE4);
    if (status === STAY || status === INVALID) {
      this.#refuse(slot, ACTION_SETTLE, REJECT_NOT_UNKNOWN);
      return;
    }
    const { execution, returns, riskTold } = this.#rooms;
    if (orders.filled[slot] > before) execution.onFill(slot, orders.filled[slot] - before);
    this.#news.book(orders.strategy[slot], orders.instrument[slot]);
    returns.changed(slot, status);
    riskTold.tell(slot);
  }

  /** Whether the figures can be true of this order: nothing booked is taken back. */
  #settleRefusal(slot: number, settle: OrderSettle): number {
    const { idA, filled, qty, status } = this.#account.orders;
    const { outcome, filledQty, priceE4 } = settle;
    if (isExternal(idA[slot])) return REJECT_EXTERNAL_ORDER;
    if (!isOpen(status[slot])) return REJECT_ORDER_FINISHED;
    if (status[slot] !== STATUS_UNKNOWN) return REJECT_NOT_UNKNOWN;
    const isWhole = filledQty === qty[slot];
    let isFair = filledQty >= filled[slot] && filledQty <= qty[slot];
    if (outcome === SETTLE_FILLED) isFair &&= isWhole;
    else if (outcome === SETTLE_CANCELLED) isFair &&= !isWhole;
    else isFair &&= outcome === SETTLE_REJECTED && filledQty === 0;
    // Shares without a price would be bought for nothing.
    if (filledQty > filled[slot]) isFair &&= priceE4 > 0;
    return isFair ? REJECT_NONE : REJECT_SETTLE_FIGURES;
  }

  /** Down the path, so that it is written; or why not, to whoever asked. */
  #passOn(slot: number, action: number, refusal: number, memory: FrameMemory, at: number): void {
    let code = this.stopped && refusal === REJECT_NONE ? REJECT_NOT_IN_SESSION : refusal;
    const to = code === REJECT_NONE ? this.#out.claim(frameLength(memory, at)) : -1;
    if (code === REJECT_NONE && to < 0) code = REJECT_BUSY;
    if (code !== REJECT_NONE) {
      this.#refuse(slot, action, code);
      return;
    }
    copyFrame(memory, at, this.#out.memory, to);
    if (action === ACTION_SETTLE) {
      const settle = this.#settleOut.wrap(this.#out.memory, to);
      this.#stamp(settle);
      settle.bookedQty = this.#account.orders.filled[slot];
    } else this.#stamp(this.#confirmOut.wrap(this.#out.memory, to));
    this.#out.commit();
  }

  #stamp(frame: RiskConfirm | OrderSettle): void {
    frame.flags = 0;
    frame.account = this.#account.index;
    frame.eventNs = this.#time.nowNs;
  }

  #refuse(slot: number, action: number, code: number): void {
    this.#news.refusePerson(slot, action, code);
  }
}
