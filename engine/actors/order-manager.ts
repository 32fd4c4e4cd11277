// The OMS of one account: turns intents into orders, keeps orders, shares and cash, and tells
// strategies and people what became of them. Data comes from strategy hosts and from the gateway.
// Invariants: an order is numbered and reserved before it leaves for risk; every refusal goes to
// the strategy and to people with its reason; nothing here sends to a broker.

import { type Account, applyEvent, bindKey, checkFunds, enterOrder } from '../core/account.ts';
import { isExternal } from '../core/adopt.ts';
import { isConfirmedPart } from '../core/execution/confirmed-part.ts';
import { FLOAT_ZERO } from '../core/float-zero.ts';
import { hasKey } from '../core/key-index.ts';
import { EVENT_CANCEL_SENT, EVENT_REJECTED, isOpen } from '../core/order.ts';
import { idAccountEpoch } from '../core/order-id.ts';
import { STATUS_CANCEL_PENDING, STATUS_PENDING } from '../core/order-status.ts';
import { SLOT_NONE } from '../core/order-table.ts';
import { setLastPrice } from '../core/position.ts';
import {
  REJECT_BUSY,
  REJECT_CANCEL_PENDING,
  REJECT_EXTERNAL_ORDER,
  REJECT_NO_REFERENCE_PRICE,
  REJECT_NONE,
  REJECT_NOT_IN_SESSION,
  REJECT_ORDER_FINISHED,
  REJECT_SPLIT,
  REJECT_STRATEGY_STOPPED,
  REJECT_TABLE_FULL,
  REJECT_UNKNOWN_INSTRUMENT,
  REJECT_UNKNOWN_ORDER,
} from '../core/reject-code.ts';
import { POLL_LIMIT } from '../limits.ts';
import {
  ACTION_CANCEL,
  ACTION_HOLD,
  ACTION_PLACE,
  END_BY_FAULT,
  ORDER_CONFIRMED,
  ORDER_CREDIT_SHIFT,
  SCOPE_ACCOUNT,
  SCOPE_ORDER,
  SCOPE_STRATEGY,
  STAGE_OMS,
  STRATEGY_FAILED,
} from '../messages/codes.ts';
import { type FrameMemory, frameEventNs } from '../messages/frames.ts';
import {
  CancelCommand,
  End,
  Kill,
  OrderSettle,
  RiskConfirm,
  StrategyState,
} from '../messages/generated/control.ts';
import { Quote } from '../messages/generated/market.ts';
import {
  Fill,
  Intent,
  ParentIntent,
  ParentUpdate,
  Reject,
  Report,
} from '../messages/generated/order.ts';
import type { FrameHandler } from '../ring/frame-handler.ts';
import type { Agent } from './agent.ts';
import { BrokerWord } from './broker-word.ts';
import { Execution, type ExecutionOwner } from './execution.ts';
import { ORDER_ROOM, OrderCancels } from './order-cancels.ts';
import { type HoldOwner, OrderHolds } from './order-holds.ts';
import type { OrderManagerOptions, OrderManagerPorts } from './order-manager-ports.ts';
import { OrderNews } from './order-news.ts';
import { OrderPeople } from './order-people.ts';
import { OrderReturns } from './order-returns.ts';
import { OrderRules } from './order-rules.ts';
import { OrderTerms } from './order-terms.ts';
import { OrderWriter } from './order-writer.ts';
import { ParentDoor } from './parent-door.ts';
import { InPort } from './port.ts';
import { answerRepeat, REPEAT_NO, REPEAT_REFUSED } from './repeat-answer.ts';
import { RiskTold } from './risk-told.ts';

/** Position and account values go to people at most this often, in event time. */
const SHOW_NS = 500_000_000;

export class OrderManager implements Agent, FrameHandler, HoldOwner, ExecutionOwner {
  readonly roleName: string;
  readonly account: Account;
  intentCount = 0;
  ended = false;
  readonly #ports: OrderManagerPorts;
  readonly #options: OrderManagerOptions;
  readonly #quotesIn: InPort;
  readonly #intentsIn: readonly InPort[];
  readonly #reportsIn: InPort;
  readonly #controlIn: InPort;
  readonly #deskIn: InPort;
  readonly #news: OrderNews;
  readonly #riskTold: RiskTold;
  /** What the broker has told beside reports and fills. */
  readonly broker: BrokerWord;
  readonly #holds: OrderHolds;
  readonly #terms: OrderTerms;
  readonly #writer: OrderWriter;
  readonly #execution: Execution;
  readonly #door: ParentDoor;
  readonly #returns: OrderReturns;
  readonly #people: OrderPeople;
  #refusedIntents = 0;
  readonly #quote = new Quote();
  readonly #intent = new Intent();
  readonly #kill = new Kill();
  readonly #command = new CancelCommand();
  readonly #state = new StrategyState();
  readonly #end = new End();
  readonly #idA: number;
  readonly #rules: OrderRules;
  /** 1 = refuse this strategy's intents, by strategy index. */
  readonly #stopped: Uint8Array;
  #sequence = 0;
  #nowNs = FLOAT_ZERO;
  #lastShownNs = -SHOW_NS;
  readonly #cancels: OrderCancels;
  #endsSeen = 0;
  #endReason = 0;

  constructor(account: Account, options: OrderManagerOptions, ports: OrderManagerPorts) {
    this.roleName = `oms:${account.index}`;
    this.account = account;
    this.#ports = ports;
    this.#options = options;
    this.#idA = idAccountEpoch(account.index, options.epoch);
    this.#controlIn = new InPort(ports.control, 0, true, ports.tap, this);
    this.#reportsIn = new InPort(ports.reports, 1, false, ports.tap, this);
    this.#quotesIn = new InPort(ports.quotes, 2, false, ports.tap, this);
    this.#deskIn = new InPort(ports.desk, 3, true, ports.tap, this);
    this.#intentsIn = ports.intents.map(
      (ring, i) => new InPort(ring, 4 + i, false, ports.tap, this),
    );
    this.#news = new OrderNews(account, options, ports);
    this.#riskTold = new RiskTold(account, options.day, ports.orders);
    this.#rules = new OrderRules(options.instruments, ports.validate, options.tables);
    this.broker = new BrokerWord(account, options, this.#news, this.#riskTold, ports);
    this.#stopped = new Uint8Array(256);
    const { instruments, plan, credit = 0 } = options;
    this.#terms = new OrderTerms(account, instruments, this.#rules, this.broker, credit);
    this.#execution = new Execution(account, instruments, plan, ports.orders, this, this.#news);
    this.#door = new ParentDoor(
      account,
      options,
      ports.orders,
      this.#news,
      this.#execution,
      this.#news,
    );
    this.#writer = new OrderWriter(account, options.day, ports.orders, ports.clock, this.#news);
    this.#cancels = new OrderCancels(account, ports.orders, this);
    const { phase } = this.#rules;
    this.#holds = new OrderHolds(account, options, phase, ports.orders, this, this.#news);
    const holds = this.#holds;
    const execution = this.#execution;
    const riskTold = this.#riskTold;
    this.#returns = new OrderReturns(account, holds, execution, this.#news, riskTold);
    const rooms = { holds, execution, returns: this.#returns, riskTold };
    this.#people = new OrderPeople(account, rooms, this.#news, ports.orders, this.#news);
  }

  /** Refusals of orders and cancels, here and on the way. */
  get rejectCount(): number {
    return this.#refusedIntents + this.#returns.rejectCount;
  }

  onStart(): void {
    this.#news.everything();
    this.#door.everything();
    this.#publish();
  }

  doWork(): number {
    if (!this.#ports.tap.ready()) return 0;
    if (this.#cancels.isDue) {
      this.#cancels.sendDue();
      this.#publish();
    }
    if (this.#riskTold.due > 0 && this.#riskTold.sendDue()) this.#publish();
    let count = this.#controlIn.poll(POLL_LIMIT);
    count += this.#reportsIn.poll(POLL_LIMIT);
    count += this.#quotesIn.poll(POLL_LIMIT);
    count += this.#takeIntents(this.#deskIn);
    for (let i = 0; i < this.#intentsIn.length; i++) {
      count += this.#takeIntents(this.#intentsIn[i]!);
    }
    if (this.#endReason !== 0) this.#passEnd();
    if (count > 0) this.#publish();
    return count;
  }

  onClose(): void {}

  isIdle(): boolean {
    if (this.#cancels.isDue || this.#endReason !== 0 || this.#riskTold.due > 0) return false;
    for (let i = 0; i < this.#intentsIn.length; i++) {
      if (!this.#intentsIn[i]!.isEmpty()) return false;
    }
    if (!this.#deskIn.isEmpty()) return false;
    return this.#reportsIn.isEmpty() && this.#quotesIn.isEmpty() && this.#controlIn.isEmpty();
  }

  /** Intents wait in their ring while risk is behind; who sends them sees BUSY when that fills. */
  #takeIntents(from: InPort): number {
    if (from.isEmpty()) return 0;
    const room = Math.floor(this.#ports.orders.room() / ORDER_ROOM) - 1;
    return from.poll(Math.min(POLL_LIMIT, room));
  }

  onFrame(type: number, memory: FrameMemory, at: number): void {
    switch (type) {
      case Quote.TYPE:
        this.#onQuote(memory, at);
        break;
      case Intent.TYPE:
        this.#onIntent(memory, at);
        break;
      case Report.TYPE:
        this.#now(memory, at);
        this.#returns.onReport(memory, at);
        break;
      case Fill.TYPE:
        this.#now(memory, at);
        this.#returns.onFill(memory, at);
        break;
      case Reject.TYPE:
        this.#now(memory, at);
        this.#returns.onReject(memory, at);
        break;
      case RiskConfirm.TYPE:
      case OrderSettle.TYPE:
        this.#now(memory, at);
        this.#people.onFrame(type, memory, at);
        break;
      case CancelCommand.TYPE:
        this.#onCancelCommand(memory, at);
        break;
      case StrategyState.TYPE:
        this.#onStrategyState(memory, at);
        break;
      case End.TYPE:
        this.#onEnd(memory, at);
        break;
      case ParentIntent.TYPE:
        this.#now(memory, at);
        if (this.#door.onIntent(memory, at, this.#stopped)) this.intentCount++;
        break;
      case ParentUpdate.TYPE:
        this.#now(memory, at);
        this.#door.onUpdate(memory, at);
        break;
      case Kill.TYPE:
        this.#onKill(memory, at);
        break;
      default:
        this.#now(memory, at);
        this.broker.onFrame(type, memory, at);
        this.#execution.isLinkReady = this.broker.isLinkReady;
        this.#holds.onLink(this.broker.isLinkReady);
    }
    if (this.#holds.mayAct) this.#holds.run();
    if (this.#execution.isActive) this.#execution.run();
  }

  /** News that a strategy's full ring could not take. */
  get newsLost(): number {
    return this.#news.lost;
  }

  /** Recovery: time goes on from here, and ids of this epoch start at 1. */
  resumeAt(nowNs: number): void {
    this.#nowNs = nowNs;
    this.#news.nowNs = nowNs;
    this.#riskTold.nowNs = nowNs;
  }

  #onQuote(memory: FrameMemory, at: number): void {
    const quote = this.#quote.wrap(memory, at);
    const i = quote.instrument;
    this.#now(memory, at);
    const { lastE4 } = quote;
    const { phase } = this.#rules;
    const isNewPhase = quote.phase !== phase[i];
    this.#rules.onQuote(quote);
    if (lastE4 > 0 && lastE4 !== this.account.positions.lastE4[i]) {
      setLastPrice(this.account.positions, i, lastE4);
      this.#holds.onPrice(i, lastE4);
    }
    if (isNewPhase) this.#holds.onPhase(i);
    if (this.#execution.isActive) this.#execution.onQuote(quote);
    if (this.#nowNs - this.#lastShownNs >= SHOW_NS) {
      this.#lastShownNs = this.#nowNs;
      if (this.account.positions.qty[i] !== 0) this.#news.showPosition(i);
      this.#news.account();
    }
  }

  #onIntent(memory: FrameMemory, at: number): void {
    const intent = this.#intent.wrap(memory, at);
    this.#now(memory, at);
    this.intentCount++;
    this.#writer.causeRecvNs = intent.recvNs;
    this.#writer.causeAtNs = intent.intentAtNs;
    this.account.value = 0;
    this.account.limit = 0;
    const isCancel = intent.action === ACTION_CANCEL;
    const repeat = isCancel ? REPEAT_NO : answerRepeat(this.account, this.#news, intent);
    if (repeat === REPEAT_REFUSED) this.#refusedIntents++;
    if (repeat !== REPEAT_NO) return;
    const code = isCancel ? this.#cancelIntent(intent) : this.#placeIntent(intent);
    if (code === REJECT_NONE) return;
    this.#refusedIntents++;
    if (!isCancel && hasKey(intent)) this.account.keys.bindRefusal(intent, code);
    this.#news.refuseIntent(intent, code, true);
  }

  /** Checks, numbers, reserves and passes on a new order; REJECT_NONE or why not. */
  #placeIntent(intent: Intent): number {
    const account = this.account;
    const i = intent.instrument;
    if (this.#stopped[intent.strategy] === 1) return REJECT_STRATEGY_STOPPED;
    // Behind the end nothing may follow to the gateway; only the desk still speaks then.
    if (this.ended || this.#endReason !== 0) return REJECT_NOT_IN_SESSION;
    if (hasKey(intent) && !account.keys.hasRoom) return REJECT_TABLE_FULL;
    if (i < 0 || i >= account.positions.count) return REJECT_UNKNOWN_INSTRUMENT;
    const waits = this.#holds.mustHold(i);
    if (waits && !this.#holds.mayWait(i)) return REJECT_NOT_IN_SESSION;
    const { side, kind, priceE4, qty } = intent;
    const refused = this.#terms.ofIntent(intent, this.#holds.phaseOfArrival(i));
    if (refused !== REJECT_NONE) return refused;
    const valueE4 = this.#terms.valueE4(i, side, priceE4);
    if (valueE4 <= 0) return REJECT_NO_REFERENCE_PRICE;
    const funds = checkFunds(account, side, i, valueE4, qty);
    if (funds !== REJECT_NONE) return funds;
    const slot = enterOrder(
      account,
      this.#idA,
      ++this.#sequence,
      intent.strategy,
      intent.intentNo,
      i,
      side,
      kind,
      intent.timeInForce,
      priceE4,
      valueE4,
      qty,
    );
    if (slot === SLOT_NONE) return REJECT_TABLE_FULL;
    account.orders.createdNs[slot] = this.#nowNs;
    bindKey(account, slot, intent.keyA, intent.keyB, intent.keyC, intent.keyD);
    account.orders.parentNo[slot] = intent.parentNo;
    account.orders.sender[slot] = intent.sender;
    account.orders.marks[slot] |= intent.flags << ORDER_CREDIT_SHIFT;
    if (isConfirmedPart(account, intent.parentNo)) account.orders.marks[slot] |= ORDER_CONFIRMED;
    this.#holds.entered(slot);
    if (waits) this.#holds.hold(slot);
    // Room was looked at before an intent was taken; a part may find none, and comes again.
    if (!this.passOn(slot, waits ? ACTION_HOLD : ACTION_PLACE)) {
      applyEvent(account, slot, EVENT_REJECTED, REJECT_BUSY, STAGE_OMS);
      return REJECT_BUSY;
    }
    this.#news.order(slot);
    return REJECT_NONE;
  }

  /** A held order whose session opens. */
  recheck(slot: number): number {
    const { orders } = this.account;
    this.account.value = 0;
    this.account.limit = 0;
    if (this.#stopped[orders.strategy[slot]] === 1) return REJECT_STRATEGY_STOPPED;
    return this.#terms.recheck(slot, this.#holds.phaseOfArrival(orders.instrument[slot]));
  }

  /** Places a part of a parent order as an ordinary order; its slot, or minus the reject code. */
  placePart(intent: Intent): number {
    // Looked at before an intent is taken; parts come at any time, and come again.
    if (this.#ports.orders.room() < ORDER_ROOM) return -REJECT_BUSY;
    this.#writer.causeRecvNs = 0;
    this.#writer.causeAtNs = 0;
    const code = this.#placeIntent(intent);
    if (code === REJECT_NONE) return this.account.orders.count - 1;
    this.#refusedIntents++;
    this.#news.refuseIntent(intent, code, true);
    return -code;
  }

  /** Tells people and its strategy how an order stands. */
  tell(slot: number): void {
    this.#news.order(slot);
  }

  #cancelIntent(intent: Intent): number {
    const { strategy, targetIntentNo } = intent;
    const { orders } = this.account;
    const slot = orders.findByIntent(strategy, targetIntentNo);
    if (slot !== SLOT_NONE && orders.code[slot] !== REJECT_SPLIT) return this.cancel(slot);
    // An order that was split lives on as a parent of the same number.
    const code = this.#execution.cancel(strategy, targetIntentNo);
    return code === REJECT_UNKNOWN_ORDER && slot !== SLOT_NONE ? this.cancel(slot) : code;
  }

  /**
   * Makes the parent that carries a large order out in parts, or ends an order without one. Asked
   * again as long as the order is held: parent or replace may come back refused.
   */
  split(slot: number): void {
    const code = this.#door.split(slot);
    if (code !== REJECT_NONE && code !== REJECT_BUSY) this.#holds.drop(slot, code);
  }

  /** Ends an order that is carried out in parts from here on; REJECT_NONE or why not. */
  endSplit(slot: number): number {
    return this.#holds.drop(slot, REJECT_SPLIT);
  }

  keepWhole(slot: number): void {
    this.#holds.onUnsplit(slot);
  }

  /** Sends a cancel for a live order, parks it, or ends a held one; REJECT_NONE or why not. */
  cancel(slot: number): number {
    if (slot === SLOT_NONE) return REJECT_UNKNOWN_ORDER;
    const orders = this.account.orders;
    const status = orders.status[slot];
    if (!isOpen(status)) return REJECT_ORDER_FINISHED;
    if (isExternal(orders.idA[slot])) return REJECT_EXTERNAL_ORDER;
    if (status === STATUS_CANCEL_PENDING) return REJECT_CANCEL_PENDING;
    if (this.#holds.isHeld(slot)) return this.#holds.drop(slot, REJECT_NONE);
    const window = this.#holds.mayCancel(slot);
    if (window === REJECT_BUSY) return this.#holds.park(slot);
    if (window !== REJECT_NONE) return window;
    if (!this.passOn(slot, ACTION_CANCEL)) return REJECT_BUSY;
    // An order that risk has not answered yet: its cancel follows it down the same ring.
    if (status === STATUS_PENDING) this.#holds.cancelFollows(slot);
    if (status !== STATUS_PENDING) applyEvent(this.account, slot, EVENT_CANCEL_SENT, 0, STAGE_OMS);
    if (status !== STATUS_PENDING) this.#news.order(slot);
    return REJECT_NONE;
  }

  /** Passes an order on to risk; false = no room. */
  passOn(slot: number, action: number): boolean {
    if (action === ACTION_PLACE) {
      this.#riskTold.tellQuote(this.#rules, this.account.orders.instrument[slot]);
    }
    return this.#writer.pass(slot, action);
  }

  /** The gateway cancels what the broker has; what waits here ends here. */
  #onKill(memory: FrameMemory, at: number): void {
    const kill = this.#kill.wrap(memory, at);
    if (kill.scope === SCOPE_ACCOUNT && kill.account !== this.account.index) return;
    const strategy = kill.scope === SCOPE_STRATEGY ? kill.strategy : -1;
    this.#door.kill(strategy, kill.on);
    this.#holds.kill(strategy, kill.on);
    if (kill.on === 0) return;
    this.#execution.cancelAll(strategy);
    this.#holds.parkAll(strategy);
  }

  /** A person's or a policy's cancel: one order, a strategy's, or all. */
  #onCancelCommand(memory: FrameMemory, at: number): void {
    const command = this.#command.wrap(memory, at);
    this.#writer.causeRecvNs = 0;
    this.#writer.causeAtNs = 0;
    const orders = this.account.orders;
    if (command.scope === SCOPE_ORDER) {
      const slot = orders.findById(command.coidA, command.coidC);
      const code = this.cancel(slot);
      // Whoever asked hears why not; an order nobody knows has nobody to tell.
      if (code === REJECT_NONE || slot === SLOT_NONE) return;
      this.#news.refuseOrder(slot, ACTION_CANCEL, STAGE_OMS, code, 0, 0);
      return;
    }
    const strategy = command.scope === SCOPE_STRATEGY ? command.strategy : -1;
    this.#execution.cancelAll(strategy);
    this.#cancelAll(strategy);
  }

  /** Cancels every live order of a strategy (-1: of the account). */
  #cancelAll(strategy: number): void {
    this.#writer.causeRecvNs = 0;
    this.#writer.causeAtNs = 0;
    this.#cancels.all(strategy);
  }

  #onStrategyState(memory: FrameMemory, at: number): void {
    const state = this.#state.wrap(memory, at);
    if (state.state !== STRATEGY_FAILED) return;
    const strategy = state.strategy;
    // A dead thread (told by the supervisor) will send no end: it counts as ended.
    if (state.code !== 0) this.#countEnd(END_BY_FAULT);
    if (this.#stopped[strategy] === 1) return;
    this.#stopped[strategy] = 1;
    const position = this.#options.strategies.indexOf(strategy);
    if (position < 0 || !this.#options.cancelOnFailure[position]) return;
    this.#execution.cancelAll(strategy);
    this.#cancelAll(strategy);
  }

  /** One strategy has ended; after the last, orders are cancelled and the end is passed on. */
  #onEnd(memory: FrameMemory, at: number): void {
    const end = this.#end.wrap(memory, at);
    this.#now(memory, at);
    this.#countEnd(end.reason);
  }

  #countEnd(reason: number): void {
    this.#endsSeen++;
    // An account without strategies hears the one end of the feed.
    if (this.#endsSeen !== Math.max(1, this.#ports.intents.length)) return;
    this.#endReason = reason;
    this.#execution.stopped = true;
    this.#people.stopped = true;
    // At once, not at the end of the cycle: cycles are not recorded, and a replay must cancel here.
    this.#passEnd();
  }

  #passEnd(): void {
    this.#cancelAll(-1);
    const out = this.#ports.orders;
    if (out.room() < ORDER_ROOM) return;
    const at = out.claim(End.BYTES);
    if (at < 0) return;
    this.#end.begin(out.memory, at).reason = this.#endReason;
    this.#end.account = this.account.index;
    this.#end.eventNs = this.#nowNs;
    out.commit();
    this.#endReason = 0;
    this.ended = true;
    this.#publish();
  }

  /** Moves time on to the frame's; not given as a number, since a float64 argument is boxed. */
  #now(memory: FrameMemory, at: number): void {
    const eventNs = frameEventNs(memory, at);
    if (eventNs <= this.#nowNs) return;
    this.#nowNs = eventNs;
    this.#news.nowNs = eventNs;
    this.#riskTold.nowNs = eventNs;
  }

  #publish(): void {
    this.#ports.orders.publish();
    for (let i = 0; i < this.#ports.updates.length; i++) this.#ports.updates[i]!.publish();
    this.#ports.events.publish();
    this.#ports.tap.publish();
  }
}
