// An account as an engine starts with it: opened from the setup, or rebuilt from its journal record
// by record through the same methods the OMS uses live. Called by the assembly and by recovery.
// Invariants: nothing is invented; an order whose fate the journal does not tell ends only by the
// proof the gateway gives; every meter counts what earlier lives of the day have sent.

import {
  Account,
  applyCancelled,
  applyEvent,
  applyFill,
  bindKey,
  confirmOrder,
  enterOrder,
  holdOrder,
  settleOrder,
} from '../core/account.ts';
import { adoptOrder } from '../core/adopt.ts';
import { countsAsRefusal } from '../core/arming.ts';
import type { BrokerView } from '../core/broker-view.ts';
import { isConfirmedPart } from '../core/execution/confirmed-part.ts';
import { columnsOf } from '../core/instrument-columns.ts';
import { keptCode, NOT_KEPT } from '../core/kept.ts';
import {
  EVENT_CANCEL_SENT,
  EVENT_LOST,
  EVENT_REJECTED,
  EVENT_WRITTEN,
  isOpen,
  STAY,
} from '../core/order.ts';
import { STATUS_HELD } from '../core/order-status.ts';
import { SLOT_NONE } from '../core/order-table.ts';
import { REJECT_KEY_REUSED } from '../core/reject-code.ts';
import { eventOfReport } from '../core/report-event.ts';
import type { RiskState } from '../core/risk/risk-state.ts';
import { accountRow, strategyRow } from '../core/risk/rule-set.ts';
import { type AdoptedMovement, adjustAccount } from '../core/statement.ts';
import type { Tables } from '../core/tables.ts';
import { ORDERS_MAX } from '../limits.ts';
import {
  ACTION_CANCEL,
  ACTION_PARK,
  CONFIRM_YES,
  LINE_OPENING,
  ORDER_CONFIRMED,
  ORDER_CREDIT_SHIFT,
  ORDER_PARKED,
  REPORT_CANCELLED,
  SCOPE_STRATEGY,
  STAGE_GATEWAY,
  STAGE_OMS,
  STRATEGY_NONE,
} from '../messages/codes.ts';
import { FrameMemory } from '../messages/frames.ts';
import { Adjustment, BrokerOrder } from '../messages/generated/broker.ts';
import {
  BookLine,
  DayClose,
  Epoch,
  Kill,
  MarketPause,
  OpeningCash,
  OpeningPosition,
  OrderSettle,
  RiskConfirm,
  RiskResume,
} from '../messages/generated/control.ts';
import {
  Fill,
  Intent,
  ParentIntent,
  ParentUpdate,
  Reject,
  Report,
  Request,
} from '../messages/generated/order.ts';
import { AccountOpening } from './account-opening.ts';
import type { RiskRecord } from './risk-records.ts';
import type { EngineSetup } from './setup.ts';

export class AccountState {
  readonly account: Account;
  readonly #day: number;
  /** Engine time of the last journaled event; 0 = none. */
  lastNs = 0;
  /** Whether the journal says how the account opened. */
  opened = false;
  killed = 0;
  /** Whether the journal has closed the day: nothing may follow. */
  closed = false;
  /** Movements adopted so far: each explains one difference only, through restarts too. */
  readonly adopted: AdoptedMovement[] = [];
  readonly #lastIntent = new Map<number, number>();
  readonly #fills = new Set<string>();
  readonly #fillNos: { fillNo: number; instrument: number; side: number }[] = [];
  /** What risk must hear of again, in the order of the journal. */
  readonly riskRecords: RiskRecord[] = [];
  readonly #opening: AccountOpening;
  /** Kill switches of strategies, 1 = on. */
  readonly killedStrategies = new Map<number, number>();
  readonly #request = new Request();
  readonly #intent = new Intent();
  readonly #scratch = new FrameMemory(new ArrayBuffer(Intent.BYTES));
  readonly #report = new Report();
  readonly #fill = new Fill();
  readonly #reject = new Reject();
  readonly #cash = new OpeningCash();
  readonly #position = new OpeningPosition();
  readonly #bookLine = new BookLine();
  readonly #kill = new Kill();
  readonly #external = new BrokerOrder();
  readonly #parent = new ParentIntent();
  readonly #parentUpdate = new ParentUpdate();
  readonly #resume = new RiskResume();
  readonly #confirm = new RiskConfirm();
  readonly #settle = new OrderSettle();
  readonly #pause = new MarketPause();
  readonly #adjustment = new Adjustment();
  /** Broker's order number of each slot that has one. */
  readonly #brokerNos = new Map<number, number>();

  constructor(setup: EngineSetup, index: number, tables?: Tables) {
    const fees = setup.accounts[index]!.fees;
    this.#day = setup.day;
    const capacity = setup.ordersMax ?? ORDERS_MAX;
    const own = setup.strategies.flatMap((s, i) => (s.account === index ? [i] : []));
    const count = setup.instruments.length;
    this.account = new Account(index, fees, capacity, count, own, tables);
    this.#opening = new AccountOpening(this.account);
    const known = columnsOf(setup.instruments);
    const { positions } = this.account;
    positions.turnround.set(known.turnround);
    positions.lastE4.set(known.preCloseE4);
    positions.upperE4.set(known.upperE4);
  }

  /** Opens from the setup, without a journal. */
  openUnwritten(setup: EngineSetup): void {
    const { cashE4, positions, books = [] } = setup.accounts[this.account.index]!;
    const opening = this.#opening;
    opening.cash(cashE4);
    this.opened = true;
    for (const { instrument, qty, sellableQty = qty, costE4, costAmountE4 } of positions) {
      opening.position(instrument, qty, sellableQty, costAmountE4 ?? costE4 * qty);
    }
    for (const { strategy, instrument, qty, costAmountE4, heldDays } of books) {
      opening.line(strategy, instrument, qty, costAmountE4, heldDays);
    }
  }

  /** The same; `write` gets each opening frame for the journal. */
  open(
    setup: EngineSetup,
    write: (memory: FrameMemory, at: number) => void,
    memory: FrameMemory,
  ): void {
    const spec = setup.accounts[this.account.index]!;
    const cash = this.#cash.begin(memory, 0);
    cash.account = this.account.index;
    cash.day = setup.day;
    cash.cashE4 = spec.cashE4;
    this.apply(OpeningCash.TYPE, memory, 0);
    write(memory, 0);
    for (const held of spec.positions) {
      const position = this.#position.begin(memory, 0);
      position.account = this.account.index;
      position.instrument = held.instrument;
      position.qty = held.qty;
      position.sellableQty = held.sellableQty ?? held.qty;
      position.costAmountE4 = held.costAmountE4 ?? held.costE4 * held.qty;
      this.apply(OpeningPosition.TYPE, memory, 0);
      write(memory, 0);
    }
    for (const line of spec.books ?? []) {
      const { strategy, instrument, qty, heldDays, costAmountE4 } = line;
      const book = this.#bookLine.begin(memory, 0);
      book.account = this.account.index;
      book.strategy = strategy;
      book.instrument = instrument;
      book.qty = qty;
      book.heldDays = heldDays;
      book.kind = LINE_OPENING;
      book.costAmountE4 = costAmountE4;
      this.apply(BookLine.TYPE, memory, 0);
      write(memory, 0);
    }
  }

  /** Applies one journaled frame. */
  apply(type: number, memory: FrameMemory, at: number): void {
    switch (type) {
      case OpeningCash.TYPE:
        this.#onCash(memory, at);
        break;
      case OpeningPosition.TYPE:
        this.#onPosition(memory, at);
        break;
      case Request.TYPE:
        this.#onRequest(memory, at);
        break;
      case Report.TYPE:
        this.#onReport(memory, at);
        break;
      case Fill.TYPE:
        this.#onFill(memory, at);
        break;
      case Reject.TYPE:
        this.#onReject(memory, at);
        break;
      case ParentIntent.TYPE:
        this.#onParent(memory, at);
        break;
      case ParentUpdate.TYPE:
        this.#onParentUpdate(memory, at);
        break;
      case Kill.TYPE:
        this.#onKill(memory, at);
        break;
      case RiskConfirm.TYPE:
        this.#onConfirm(memory, at);
        break;
      case OrderSettle.TYPE:
        this.#onSettle(memory, at);
        break;
      case RiskResume.TYPE:
        this.#onResume(memory, at);
        break;
      case MarketPause.TYPE:
        this.#onPause(memory, at);
        break;
      case BrokerOrder.TYPE:
        this.#onAdopted(memory, at);
        break;
      case Adjustment.TYPE: {
        const { kind, instrument, qty, amountE4 } = this.#adjustment.wrap(memory, at);
        adjustAccount(this.account, instrument, qty, amountE4);
        this.adopted.push({ kind, instrument, qty, amountE4 });
        this.#opening.moved(instrument, qty, amountE4);
        break;
      }
      case BookLine.TYPE:
        this.#onBookLine(memory, at);
        break;
      case DayClose.TYPE:
        this.closed = true;
        break;
      case Epoch.TYPE:
        this.beginLife();
        break;
      default:
        break;
    }
  }

  /** Highest intent number a strategy has used. */
  lastIntentNo(strategy: number): number {
    const orders = this.account.orders;
    let last = this.#lastIntent.get(strategy) ?? 0;
    for (let slot = 0; slot < orders.count; slot++) {
      if (orders.strategy[slot] === strategy && orders.intentNo[slot] > last) {
        last = orders.intentNo[slot];
      }
    }
    return last;
  }

  /** What the supervisor read of earlier lives, for threads that hold no journal. */
  setLastIntentNos(numbers: readonly number[]): void {
    for (const [strategy, last] of numbers.entries()) this.#lastIntent.set(strategy, last);
  }

  /**
   * A new process life: nobody can say what became of the orders that the lives before left open
   * (R3). They keep their full reservation until the link proves their end; how many there are.
   */
  beginLife(): number {
    const slots = this.openSlots();
    for (const slot of slots) applyEvent(this.account, slot, EVENT_LOST, 0, STAGE_GATEWAY);
    return slots.length;
  }

  /** What the account opened with, and its kill switches; its records are told apart, by time. */
  restoreRisk(state: RiskState): void {
    const { index } = this.account;
    this.#opening.tellRisk(state);
    state.meters.killed[accountRow(index)] = this.killed;
    for (const [strategy, on] of this.killedStrategies) {
      state.meters.killed[strategyRow(state.sizes, strategy)] = on;
    }
  }

  /** Tells the gateway's own tables what may be alive and which fills are known. */
  restoreGateway(view: BrokerView): void {
    const { live } = view;
    const orders = this.account.orders;
    for (let slot = 0; slot < orders.count; slot++) {
      if (orders.status[slot] === STATUS_HELD) continue;
      const leaves = orders.qty[slot] - orders.filled[slot];
      const at = live.add(orders.idA[slot], this.#day, orders.idC[slot], leaves);
      if (at < 0) continue;
      live.strategy[at] = orders.strategy[slot];
      live.instrument[at] = orders.instrument[slot];
      live.intentNo[at] = orders.intentNo[slot];
      live.side[at] = orders.side[slot];
      live.filled[at] = orders.filled[slot];
      live.settled[at] = orders.settled[slot];
      live.answered[at] = 1;
      live.unknown[at] = 1;
      const open = isOpen(orders.status[slot]);
      if (!open) live.finish(at);
      const brokerNo = this.#brokerNos.get(slot) ?? 0;
      if (orders.strategy[slot] === STRATEGY_NONE) view.restoreAdopted(at, brokerNo, open);
      else view.bind(at, brokerNo);
    }
    for (const f of this.#fillNos) live.isNewFill(f.fillNo, f.instrument, f.side);
  }

  /** Slots of orders the journal leaves open. */
  openSlots(): number[] {
    const slots: number[] = [];
    const orders = this.account.orders;
    for (let slot = 0; slot < orders.count; slot++) {
      // A held order was never sent: nothing is to be proven about it.
      const status = orders.status[slot];
      if (isOpen(status) && status !== STATUS_HELD) slots.push(slot);
    }
    return slots;
  }

  #onCash(memory: FrameMemory, at: number): void {
    this.#opening.cash(this.#cash.wrap(memory, at).cashE4);
    this.opened = true;
  }

  #onPosition(memory: FrameMemory, at: number): void {
    const { instrument, qty, sellableQty, costAmountE4 } = this.#position.wrap(memory, at);
    this.#opening.position(instrument, qty, sellableQty, costAmountE4);
  }

  /** An opening line; closing lines repeat what is known. */
  #onBookLine(memory: FrameMemory, at: number): void {
    const line = this.#bookLine.wrap(memory, at);
    const { strategy, instrument, qty, costAmountE4, heldDays } = line;
    if (line.kind !== LINE_OPENING) return;
    this.#opening.line(strategy, instrument, qty, costAmountE4, heldDays);
  }

  #onRequest(memory: FrameMemory, at: number): void {
    const r = this.#request.wrap(memory, at);
    this.#seen(r.eventNs);
    const known = this.account.orders.findById(r.coidA, r.coidC);
    if (r.action === ACTION_CANCEL) {
      const { coidA: idA, coidC: idC, account, strategy } = r;
      this.riskRecords.push({ kind: 'cancel', ns: r.eventNs, idA, idC, account, strategy });
      if (known === SLOT_NONE) return;
      this.account.orders.marks[known] &= ~ORDER_PARKED;
      applyEvent(this.account, known, EVENT_CANCEL_SENT, 0, STAGE_OMS);
      return;
    }
    if (r.action === ACTION_PARK) {
      if (known !== SLOT_NONE) this.account.orders.marks[known] |= ORDER_PARKED;
      return;
    }
    const kept = keptCode(r.action);
    if (known !== SLOT_NONE) {
      // A held order was sent; a second request under the id of a sent one changes nothing.
      if (this.account.orders.status[known] !== STATUS_HELD) return;
      if (kept !== NOT_KEPT) {
        this.account.orders.partQty[known] = r.partQty;
        holdOrder(this.account, known, kept);
        return;
      }
      applyEvent(this.account, known, EVENT_WRITTEN, 0, 0);
      this.#tellSent(r);
      return;
    }
    const slot = enterOrder(
      this.account,
      r.coidA,
      r.coidC,
      r.strategy,
      r.intentNo,
      r.instrument,
      r.side,
      r.kind,
      r.timeInForce,
      r.priceE4,
      r.valueE4,
      r.qty,
    );
    this.#mustFit(slot);
    if (slot !== SLOT_NONE) {
      this.account.orders.createdNs[slot] = r.eventNs;
      bindKey(this.account, slot, r.keyA, r.keyB, r.keyC, r.keyD);
      this.account.orders.parentNo[slot] = r.parentNo;
      this.account.orders.sender[slot] = r.sender;
      this.account.orders.partQty[slot] = r.partQty;
      this.account.orders.marks[slot] |= r.credit << ORDER_CREDIT_SHIFT;
      if (isConfirmedPart(this.account, r.parentNo))
        this.account.orders.marks[slot] |= ORDER_CONFIRMED;
      if (kept !== NOT_KEPT) holdOrder(this.account, slot, kept);
      else applyEvent(this.account, slot, EVENT_WRITTEN, 0, 0);
    }
    if (kept === NOT_KEPT) this.#tellSent(r);
  }

  /** A second person's word; what he refused ends by a report of its own. */
  #onConfirm(memory: FrameMemory, at: number): void {
    const confirm = this.#confirm.wrap(memory, at);
    this.#seen(confirm.eventNs);
    const slot = this.account.orders.findById(confirm.coidA, confirm.coidC);
    if (slot !== SLOT_NONE && confirm.decision === CONFIRM_YES) confirmOrder(this.account, slot);
  }

  #onSettle(memory: FrameMemory, at: number): void {
    const settle = this.#settle.wrap(memory, at);
    this.#seen(settle.eventNs);
    const slot = this.account.orders.findById(settle.coidA, settle.coidC);
    if (slot === SLOT_NONE) return;
    const { outcome, filledQty, priceE4, eventNs } = settle;
    const status = settleOrder(this.account, slot, outcome, filledQty, priceE4);
    if (status > STAY) this.#progress(slot, eventNs);
  }

  #tellSent(r: Request): void {
    const { coidA: idA, coidC: idC, account, strategy, instrument, side } = r;
    const { priceE4, valueE4, qty, eventNs: ns } = r;
    const order = { account, strategy, instrument, side, priceE4, valueE4, qty };
    this.riskRecords.push({ kind: 'sent', ns, idA, idC, ...order });
  }

  #onReport(memory: FrameMemory, at: number): void {
    const report = this.#report.wrap(memory, at);
    this.#seen(report.eventNs);
    const slot = this.account.orders.findById(report.coidA, report.coidC);
    const { kind, code, stage, filledQty, brokerOrderNo } = report;
    if (slot === SLOT_NONE) return;
    if (brokerOrderNo !== 0) this.#brokerNos.set(slot, brokerOrderNo);
    const event = eventOfReport(kind);
    if (kind === REPORT_CANCELLED) applyCancelled(this.account, slot, filledQty, code, stage);
    else if (event >= 0) applyEvent(this.account, slot, event, code, stage);
    else return;
    this.#progress(slot, report.eventNs);
  }

  #onAdopted(memory: FrameMemory, at: number): void {
    const order = this.#external.wrap(memory, at);
    this.#seen(order.eventNs);
    const slot = adoptOrder(this.account, order);
    if (slot === SLOT_NONE) return;
    this.#brokerNos.set(slot, order.brokerOrderNo);
    const { coidA: idA, coidC: idC, instrument, side, priceE4, qty, eventNs: ns } = order;
    const { index: account, orders } = this.account;
    const whose = { idA, idC, account, strategy: STRATEGY_NONE };
    const terms = { instrument, side, priceE4, qty, valueE4: orders.valueE4[slot]! };
    this.riskRecords.push({ kind: 'adopted', ns, ...whose, ...terms });
  }

  #onFill(memory: FrameMemory, at: number): void {
    const fill = this.#fill.wrap(memory, at);
    this.#seen(fill.eventNs);
    const key = `${fill.instrument}:${fill.side}:${fill.fillNo}`;
    if (this.#fills.has(key)) return;
    this.#fills.add(key);
    this.#fillNos.push({ fillNo: fill.fillNo, instrument: fill.instrument, side: fill.side });
    const slot = this.account.orders.findById(fill.coidA, fill.coidC);
    if (slot === SLOT_NONE) return;
    applyFill(this.account, slot, fill.priceE4, fill.qty);
    this.#progress(slot, fill.eventNs);
  }

  /** A refusal by risk is an order that was never sent; the OMS's own refusals are no orders. */
  #onReject(memory: FrameMemory, at: number): void {
    const r = this.#reject.wrap(memory, at);
    this.#seen(r.eventNs);
    const last = this.#lastIntent.get(r.strategy) ?? 0;
    if (r.intentNo > last) this.#lastIntent.set(r.strategy, r.intentNo);
    if (r.coidC === 0) {
      this.#bindRefusal(r);
      return;
    }
    const { account, strategy, eventNs: ns } = r;
    if (r.action !== ACTION_CANCEL && countsAsRefusal(r.code)) {
      this.riskRecords.push({ kind: 'refused', ns, account, strategy });
    }
    let slot = this.account.orders.findById(r.coidA, r.coidC);
    if (slot === SLOT_NONE) {
      const { coidA, coidC, strategy, intentNo, instrument, side, kind, priceE4, qty } = r;
      const { timeInForce } = r;
      slot = enterOrder(
        this.account,
        coidA,
        coidC,
        strategy,
        intentNo,
        instrument,
        side,
        kind,
        timeInForce,
        priceE4,
        priceE4,
        qty,
      );
      this.#mustFit(slot);
      if (slot !== SLOT_NONE) {
        this.account.orders.createdNs[slot] = r.eventNs;
        bindKey(this.account, slot, r.keyA, r.keyB, r.keyC, r.keyD);
      }
    }
    if (slot !== SLOT_NONE) applyEvent(this.account, slot, EVENT_REJECTED, r.code, r.stage);
  }

  /** A refused intent keeps its key; one whose key belonged to another order never had it. */
  #bindRefusal(r: Reject): void {
    const isKeyless = (r.keyA | r.keyB | r.keyC | r.keyD) === 0;
    if (isKeyless || r.action === ACTION_CANCEL || r.code === REJECT_KEY_REUSED) return;
    const intent = this.#intent.begin(this.#scratch, 0);
    intent.strategy = r.strategy;
    intent.instrument = r.instrument;
    intent.side = r.side;
    intent.kind = r.kind;
    intent.timeInForce = r.timeInForce;
    intent.priceE4 = r.priceE4;
    intent.qty = r.qty;
    intent.keyA = r.keyA;
    intent.keyB = r.keyB;
    intent.keyC = r.keyC;
    intent.keyD = r.keyD;
    this.account.keys.bindRefusal(intent, r.code);
  }

  #onParent(memory: FrameMemory, at: number): void {
    const parent = this.#parent.wrap(memory, at);
    this.#seen(parent.eventNs);
    this.#numberUsed(parent.strategy, parent.intentNo);
    this.account.parents.accept(parent);
  }

  #onParentUpdate(memory: FrameMemory, at: number): void {
    const update = this.#parentUpdate.wrap(memory, at);
    this.#seen(update.eventNs);
    this.#numberUsed(update.strategy, update.intentNo);
    this.account.parents.update(update);
  }

  #numberUsed(strategy: number, intentNo: number): void {
    const last = this.#lastIntent.get(strategy) ?? 0;
    if (intentNo > last) this.#lastIntent.set(strategy, intentNo);
  }

  #onKill(memory: FrameMemory, at: number): void {
    const kill = this.#kill.wrap(memory, at);
    if (kill.scope !== SCOPE_STRATEGY) this.killed = kill.on;
    else this.killedStrategies.set(kill.strategy, kill.on);
  }

  #onResume(memory: FrameMemory, at: number): void {
    const { scope, account, strategy, eventNs: ns } = this.#resume.wrap(memory, at);
    this.riskRecords.push({ kind: 'resume', ns, account, strategy, scope });
  }

  #onPause(memory: FrameMemory, at: number): void {
    const { market, on, account, eventNs: ns } = this.#pause.wrap(memory, at);
    this.riskRecords.push({ kind: 'pause', ns, account, strategy: -1, market, on });
  }

  /** An order as it stands, for risk. */
  #progress(slot: number, ns: number): void {
    const { orders, index: account } = this.account;
    this.riskRecords.push({
      ...{ kind: 'progress', ns, account, strategy: orders.strategy[slot]! },
      ...{ idA: orders.idA[slot]!, idC: orders.idC[slot]!, filled: orders.filled[slot]! },
      ...{ status: orders.status[slot]!, feesE4: orders.feesE4[slot]! },
      amountE4: orders.filledAmountE4[slot]!,
    });
  }

  /** An order without a slot would be forgotten while it is alive: then nothing may start. */
  #mustFit(slot: number): void {
    if (slot !== SLOT_NONE) return;
    const { index, orders } = this.account;
    const text = `account ${index}: its journal holds more than the ${orders.capacity} orders`;
    throw new Error(`${text} one account may make in a day: end the day, begin a new folder`);
  }

  #seen(eventNs: number): void {
    if (eventNs > this.lastNs) this.lastNs = eventNs;
  }
}
