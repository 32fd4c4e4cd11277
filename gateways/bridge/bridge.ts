// The bridge of one account, whatever the broker: takes requests from engines, writes them down
// and flushes before the broker call, keeps the fence, its own limits and its own kill flag, and
// answers what its journal and the broker know. Called by the bridge process (main.ts, peer.ts).
// Invariants: an id known is never sent again; nothing is sent below the fence or after a kill;
// a call without an answer is UNKNOWN, never rejected; cancels pass whatever limit there is.
import { formatOrderId, idCheck, idEpoch, parseOrderId } from '../../engine/core/order-id.ts';
import {
  STATUS_CANCELLED,
  STATUS_PARTLY_CANCELLED,
  STATUS_REJECTED,
} from '../../engine/core/order-status.ts';
import {
  REJECT_CREDIT,
  REJECT_DISARMED,
  REJECT_FENCED,
  REJECT_JOURNAL,
  REJECT_KILLED,
  REJECT_NO_ANSWER,
  REJECT_NONE,
  REJECT_ORDER_FINISHED,
  REJECT_UNKNOWN_FATE,
  REJECT_UNKNOWN_ORDER,
} from '../../engine/core/reject-code.ts';
import {
  ACTION_CANCEL,
  ACTION_PLACE,
  BRIDGE_ANSWERED,
  BRIDGE_FAILED,
  BRIDGE_HANDED_OVER,
  BRIDGE_REFUSED,
  REPORT_ACCEPTED,
  REPORT_CANCEL_REJECTED,
  REPORT_CANCELLED,
  REPORT_REJECTED,
  REPORT_UNKNOWN,
} from '../../engine/messages/codes.ts';
import type { BrokerPort, OrderRow, TradeRow } from '../broker-port.ts';
import type { BridgeJournal, KnownOrder, NewOrder } from './journal.ts';
import { type BridgeStage, type LimitGate, stageRefusal } from './limits.ts';

/** What an engine asks for; `epoch` is the one its connection was fenced with. */
export interface BridgeRequest extends NewOrder {
  readonly action: number;
  readonly epoch: number;
  /** INTENT_* marks; absent = none. */
  readonly credit?: number;
}

/** Hears what becomes of orders; one for all engines that hold the fence. */
export interface BridgeVoice {
  report(order: KnownOrder, kind: number, code: number): void;
  /** An id that this bridge never placed. */
  refuse(request: BridgeRequest, kind: number, code: number): void;
  fill(order: KnownOrder, trade: TradeRow): void;
  /** For people. */
  alarm(text: string): void;
}

export interface BridgeOptions {
  readonly account: string;
  readonly journal: BridgeJournal;
  readonly broker: BrokerPort;
  readonly gate: LimitGate;
  readonly voice: BridgeVoice;
  readonly nowMs: () => number;
}

export class Bridge {
  readonly account: string;
  readonly journal: BridgeJournal;
  readonly #broker: BrokerPort;
  readonly #gate: LimitGate;
  readonly #voice: BridgeVoice;
  readonly #nowMs: () => number;
  readonly #byNo = new Map<number, KnownOrder>();
  /** Trades told in this life, so that doubles stay here; the engine checks again. */
  readonly #told = new Set<string>();
  readonly #accepted = new Set<KnownOrder>();
  /** Requests written in the running batch, to be done once it is on the device. */
  readonly #batch: BridgeRequest[] = [];
  /** As the engine behind the fence told it; null = it tells none. */
  #stage: BridgeStage | null = null;

  constructor(options: BridgeOptions) {
    this.account = options.account;
    this.journal = options.journal;
    this.#broker = options.broker;
    this.#gate = options.gate;
    this.#voice = options.voice;
    this.#nowMs = options.nowMs;
    for (const order of this.journal.orders.values()) {
      if (order.brokerOrderNo !== 0) this.#byNo.set(order.brokerOrderNo, order);
    }
  }

  /** Takes an engine's epoch; false = a higher one, or another engine's equal one, was seen. */
  fence(epoch: number, engineId: number): boolean {
    const { journal } = this;
    if (epoch < journal.fence) return false;
    if (epoch === journal.fence) return engineId === journal.fencedEngine;
    if (journal.writeFence(epoch, engineId) === 0) return true;
    this.#voice.alarm(`account ${this.account}: the fence cannot be written, nobody may trade`);
    return false;
  }

  /** The stage of the account, from its engine; what waits was taken under the one before. */
  arm(stage: BridgeStage | null): void {
    this.commit();
    this.#stage = stage;
  }

  /** Checks and writes a request; `commit` does what was written. */
  take(request: BridgeRequest): void {
    if (request.epoch < this.journal.fence) {
      this.#refuse(request, REJECT_FENCED);
      return;
    }
    if (request.action === ACTION_CANCEL) this.#takeCancel(request);
    else this.#takePlace(request);
  }

  /** Ends a batch: one flush, then the broker calls of all that were written. */
  commit(): void {
    if (this.#batch.length === 0) return;
    const batch = this.#batch.splice(0);
    const code = this.journal.flush();
    for (const request of batch) {
      if (request.action === ACTION_CANCEL) void this.#cancel(request);
      else if (code < 0) this.#refuse(request, REJECT_JOURNAL);
      else void this.#place(request);
    }
  }

  /** Kill switch of the second link: on at once, then written, then every open order cancelled. */
  kill(on: boolean): void {
    if (this.journal.writeKill(on) < 0) {
      this.#voice.alarm(`account ${this.account}: kill=${on} could not be written`);
    }
    if (on) this.cancelAll();
  }

  /** Asks the broker to cancel all that may be open, also what others placed under our ids. */
  cancelAll(): void {
    for (const order of this.journal.orders.values()) {
      if (!order.ended && order.state !== BRIDGE_REFUSED) void this.#cancelOrder(order, false);
    }
  }

  onOrder(row: OrderRow): void {
    const order = this.orderOf(row.remark, row.orderNo);
    if (order === undefined) return;
    this.#bind(order, row.orderNo);
    order.filledQty = Math.max(order.filledQty, row.filledQty);
    if (row.status === STATUS_REJECTED) this.#end(order, REPORT_REJECTED, REJECT_ORDER_FINISHED);
    else if (row.status === STATUS_CANCELLED || row.status === STATUS_PARTLY_CANCELLED) {
      this.#end(order, REPORT_CANCELLED, REJECT_NONE);
    } else if (!order.ended) {
      this.#accept(order);
      order.ended = order.filledQty === order.qty;
    }
  }

  onTrade(row: TradeRow): void {
    const order = this.orderOf(row.remark, row.orderNo);
    // Not ours: the engine finds it in the broker's list.
    if (order === undefined) return;
    this.#bind(order, row.orderNo);
    const key = `${row.symbol}:${row.side}:${row.tradeNo}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#voice.fill(order, row);
  }

  onCancelError(orderNo: number): void {
    const order = this.#byNo.get(orderNo);
    if (order === undefined) return;
    this.#voice.report(order, REPORT_CANCEL_REJECTED, REJECT_ORDER_FINISHED);
  }

  /** The broker was away: what was told may not have arrived, all of it may be told again. */
  forgetTold(): void {
    this.#told.clear();
    this.#accepted.clear();
  }

  /** The order of a remark; when the remark is missing or altered, by number (F15). */
  orderOf(remark: string, orderNo: number): KnownOrder | undefined {
    const id = parseOrderId(remark);
    const known = id === null ? undefined : this.journal.find(id.a, id.c);
    return known ?? this.#byNo.get(orderNo);
  }

  #takePlace(request: BridgeRequest): void {
    const { journal } = this;
    const known = journal.find(request.a, request.c);
    if (known !== undefined) {
      this.#answerKnown(known, request);
      return;
    }
    if (this.#batch.some((r) => r.a === request.a && r.c === request.c)) return;
    const code = this.#limitCode(request);
    if (code !== REJECT_NONE) {
      // What waits is flushed and done first: the flush of the refusal would take the news of a
      // failed batch away, and the batch would be sent without a record.
      this.commit();
      // A refusal that cannot be written is no refusal: the id may be tried, or proven absent.
      if (journal.writeRefusal(request, code) >= 0) journal.flush();
      this.#refuse(request, code);
      return;
    }
    if (journal.writeRequest(request, ACTION_PLACE) < 0) this.#refuse(request, REJECT_JOURNAL);
    else this.#batch.push(request);
  }

  #limitCode(request: BridgeRequest): number {
    const { journal } = this;
    if (journal.killed) return REJECT_KILLED;
    const { credit = 0 } = request;
    if (credit !== 0 && this.#broker.takesCredit !== true) return REJECT_CREDIT;
    // What a life before has kept bears that life's epoch; whose it is the connection says.
    if (idEpoch(request.a) > journal.fence) return REJECT_FENCED;
    let placed = journal.placedCount;
    let placedE4 = journal.placedE4;
    for (const waiting of this.#batch) {
      if (waiting.action === ACTION_CANCEL) continue;
      placed++;
      placedE4 += waiting.qty * waiting.valueE4;
    }
    const amountE4 = request.qty * request.valueE4;
    if (this.#stage === null && this.#gate.requiresArming) return REJECT_DISARMED;
    const stageCode = stageRefusal(this.#stage, request.symbol, amountE4, placedE4);
    if (stageCode !== REJECT_NONE) return stageCode;
    const listCode = this.#gate.symbolRefusal(request.symbol);
    if (listCode !== REJECT_NONE) return listCode;
    return this.#gate.check(amountE4, placed, placedE4, this.#nowMs());
  }

  /** Sent before, or refused before: what it came to is said again, nothing is done. */
  #answerKnown(known: KnownOrder, request: BridgeRequest): void {
    const same =
      known.side === request.side &&
      known.qty === request.qty &&
      known.priceE4 === request.priceE4 &&
      known.symbol === request.symbol;
    if (!same && known.state !== BRIDGE_REFUSED) {
      const id = formatOrderId(known.a, known.b, known.c);
      this.#voice.alarm(`account ${this.account}: id ${id} was used again with other content`);
    }
    if (known.state === BRIDGE_REFUSED) this.#refuse(request, known.code);
    else if (known.state === BRIDGE_ANSWERED) this.#voice.report(known, REPORT_ACCEPTED, 0);
    else this.#voice.report(known, REPORT_UNKNOWN, REJECT_UNKNOWN_FATE);
  }

  /** A cancel is written as well, but nothing that stops writing stops a cancel. */
  #takeCancel(request: BridgeRequest): void {
    const known = this.journal.find(request.a, request.c);
    const waiting = this.#batch.some((r) => r.a === request.a && r.c === request.c);
    // What this bridge refused was never sent, and is not kept in its journal but as refused.
    if ((known === undefined && !waiting) || known?.state === BRIDGE_REFUSED) {
      this.#refuse(request, REJECT_UNKNOWN_ORDER);
      return;
    }
    if (known !== undefined) this.journal.writeRequest({ ...request, ...known }, ACTION_CANCEL);
    this.#batch.push(request);
  }

  async #place(request: BridgeRequest): Promise<void> {
    const { action: _action, epoch: _epoch, credit = 0, ...fields } = request;
    const order = this.journal.remember(fields);
    const { symbol, side, kind, priceE4, qty } = order;
    const remark = formatOrderId(order.a, order.b, order.c);
    const borrowed = credit === 0 ? {} : { credit };
    const placed = { remark, symbol, side, kind, priceE4, qty, ...borrowed };
    const orderNo = await this.#broker.place(this.account, placed);
    if (orderNo !== null) {
      this.#bind(order, orderNo);
      // Its end may have been told before the answer to the call.
      this.#accept(order);
    } else if (order.brokerOrderNo === 0) {
      this.journal.writeResult(order, BRIDGE_FAILED, REJECT_NO_ANSWER, 0);
      this.journal.flush();
      this.#voice.report(order, REPORT_UNKNOWN, REJECT_NO_ANSWER);
    }
  }

  async #cancel(request: BridgeRequest): Promise<void> {
    const known = this.journal.find(request.a, request.c);
    if (known === undefined) this.#refuse(request, REJECT_UNKNOWN_ORDER);
    else await this.#cancelOrder(known, true);
  }

  async #cancelOrder(order: KnownOrder, tell: boolean): Promise<void> {
    if (order.brokerOrderNo === 0) await this.#lookFor(order);
    if (order.brokerOrderNo === 0) {
      // It cannot be cancelled before it is found; its own fate stays what it is.
      if (tell) this.#voice.report(order, REPORT_CANCEL_REJECTED, REJECT_UNKNOWN_FATE);
      return;
    }
    const sent = await this.#broker.cancel(this.account, order.brokerOrderNo);
    if (!sent && tell) this.#voice.report(order, REPORT_CANCEL_REJECTED, REJECT_NO_ANSWER);
  }

  /** The number of an order whose call had no answer, out of the broker's list. */
  async #lookFor(order: KnownOrder): Promise<void> {
    const rows = await this.#broker.orders(this.account);
    const remark = formatOrderId(order.a, order.b, order.c);
    const row = rows?.find((r) => r.remark === remark);
    if (row !== undefined) this.#bind(order, row.orderNo);
  }

  #bind(order: KnownOrder, orderNo: number): void {
    if (order.brokerOrderNo === orderNo && order.state === BRIDGE_ANSWERED) return;
    if (order.brokerOrderNo !== 0 && order.brokerOrderNo !== orderNo) {
      const id = formatOrderId(order.a, order.b, order.c);
      this.#voice.alarm(`id ${id} stands on orders ${order.brokerOrderNo} and ${orderNo}`);
      return;
    }
    this.#byNo.set(orderNo, order);
    this.journal.writeResult(order, BRIDGE_ANSWERED, 0, orderNo);
    this.journal.flush();
  }

  /** Said once a connection, by the answer to the call or by the first push. */
  #accept(order: KnownOrder): void {
    if (order.ended || this.#accepted.has(order)) return;
    this.#accepted.add(order);
    this.#voice.report(order, REPORT_ACCEPTED, REJECT_NONE);
  }

  #end(order: KnownOrder, kind: number, code: number): void {
    order.ended = true;
    this.#voice.report(order, kind, code);
  }

  #refuse(request: BridgeRequest, code: number): void {
    const cancel = request.action === ACTION_CANCEL;
    this.#voice.refuse(request, cancel ? REPORT_CANCEL_REJECTED : REPORT_REJECTED, code);
  }
}

/** Fourth word of an order's id. */
export function checkWord(order: { a: number; b: number; c: number }): number {
  return idCheck(order.a, order.b, order.c);
}

/** States in which a broker call may have been carried out. */
export function mayBeAlive(order: KnownOrder): boolean {
  return !order.ended && order.state >= BRIDGE_HANDED_OVER;
}
