// What comes back to the OMS about its orders: reports, fills and refusals, applied to the account,
// told to strategy, people, parents and risk. Part of the order manager, split off for its size.
// Invariants: a fill is always booked; a status changes by the table of core/order.ts only; what
// names no order of ours is counted, never guessed about.
import { type Account, applyCancelled, applyEvent, applyFill, holdOrder } from '../core/account.ts';
import { EVENT_REJECTED, INVALID, isOpen, STAY } from '../core/order.ts';
import { SLOT_NONE } from '../core/order-table.ts';
import { REJECT_JOURNAL, REJECT_NONE, REJECT_SPLIT } from '../core/reject-code.ts';
import { eventOfReport } from '../core/report-event.ts';
import {
  ACTION_CANCEL,
  ACTION_PLACE,
  REPORT_CANCEL_REJECTED,
  REPORT_CANCELLED,
  REPORT_HELD,
  REPORT_PARKED,
  REPORT_REJECTED,
  REPORT_WRITTEN,
  STAGE_GATEWAY,
} from '../messages/codes.ts';
import type { FrameMemory } from '../messages/frames.ts';
import { Fill, Reject, Report } from '../messages/generated/order.ts';
import type { Execution } from './execution.ts';
import type { OrderHolds } from './order-holds.ts';
import type { OrderNews } from './order-news.ts';
import type { RiskTold } from './risk-told.ts';

export class OrderReturns {
  rejectCount = 0;
  readonly #account: Account;
  readonly #holds: OrderHolds;
  readonly #execution: Execution;
  readonly #news: OrderNews;
  readonly #riskTold: RiskTold;
  readonly #report = new Report();
  readonly #fill = new Fill();
  readonly #reject = new Reject();

  constructor(
    account: Account,
    holds: OrderHolds,
    execution: Execution,
    news: OrderNews,
    riskTold: RiskTold,
  ) {
    this.#account = account;
    this.#holds = holds;
    this.#execution = execution;
    this.#news = news;
    this.#riskTold = riskTold;
  }

  onReport(memory: FrameMemory, at: number): void {
    const report = this.#report.wrap(memory, at);
    const slot = this.#slotOf(report);
    if (slot === SLOT_NONE) return;
    const { kind, code, stage } = report;
    if (kind === REPORT_PARKED) {
      this.#news.order(slot);
      return;
    }
    const status = this.#apply(slot, report);
    if (kind === REPORT_CANCEL_REJECTED) this.#holds.onCancelRefused(slot, code);
    const refused = kind === REPORT_REJECTED || kind === REPORT_CANCEL_REJECTED;
    if (refused && status !== INVALID) {
      this.rejectCount++;
      const action = kind === REPORT_REJECTED ? ACTION_PLACE : ACTION_CANCEL;
      this.#news.refuseOrder(slot, action, stage, code, 0, 0);
    }
    this.changed(slot, status);
    if (kind !== REPORT_WRITTEN && kind !== REPORT_HELD) this.#riskTold.tell(slot);
  }

  /** Applies a report; the status after it. */
  #apply(slot: number, report: Report): number {
    const account = this.#account;
    const { kind, code, stage, filledQty } = report;
    if (kind === REPORT_HELD) {
      if (code === REJECT_SPLIT) account.orders.partQty[slot] = report.leavesQty;
      const status = holdOrder(account, slot, code);
      if (status !== STAY) this.#holds.written(slot);
      return status;
    }
    if (kind === REPORT_CANCELLED) return applyCancelled(account, slot, filledQty, code, stage);
    const isUnwritten = code === REJECT_JOURNAL && stage === STAGE_GATEWAY;
    if (isUnwritten && this.#holds.onUnwritten(slot)) return holdOrder(account, slot, REJECT_NONE);
    return applyEvent(account, slot, eventOfReport(kind), code, stage);
  }

  /** A refusal between here and the broker, with what was found and what is allowed. */
  onReject(memory: FrameMemory, at: number): void {
    const reject = this.#reject.wrap(memory, at);
    const slot = this.#slotOf(reject);
    if (slot === SLOT_NONE) return;
    const { stage, code, value, limit } = reject;
    if (reject.flags !== 0 && this.#holds.onUnwritten(slot)) {
      holdOrder(this.#account, slot, REJECT_NONE);
      this.#news.order(slot);
      return;
    }
    const status = applyEvent(this.#account, slot, EVENT_REJECTED, code, stage);
    this.rejectCount++;
    this.#news.refuseOrder(slot, ACTION_PLACE, stage, code, value, limit);
    this.changed(slot, status);
  }

  onFill(memory: FrameMemory, at: number): void {
    const fill = this.#fill.wrap(memory, at);
    const slot = this.#slotOf(fill);
    if (slot === SLOT_NONE) return;
    const { orders } = this.#account;
    const before = orders.filled[slot];
    applyFill(this.#account, slot, fill.priceE4, fill.qty);
    this.#execution.onFill(slot, orders.filled[slot] - before);
    this.#execution.onOrder(slot);
    this.#news.fill(slot, fill);
    this.#news.order(slot);
    this.#riskTold.tell(slot);
    this.#news.position(orders.instrument[slot]);
    this.#news.account();
  }

  /** News of an order whose status changed. */
  changed(slot: number, status: number): void {
    if (status === STAY || status === INVALID) return;
    this.#news.order(slot);
    if (isOpen(status)) return;
    this.#execution.onOrder(slot);
    this.#news.position(this.#account.orders.instrument[slot]);
    this.#news.account();
  }

  #slotOf(frame: Report | Reject | Fill): number {
    const slot = this.#account.orders.findById(frame.coidA, frame.coidC);
    if (slot === SLOT_NONE) this.#account.invalidEvents++;
    return slot;
  }
}
