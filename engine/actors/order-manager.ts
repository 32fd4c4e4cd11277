// The OMS of one account: turns intents into orders, keeps orders, shares and cash, and tells
// strategies and people what became of them. Data comes from strategy hosts and from the gateway.
// Invariants: an order is numbered and reserved before it leaves for risk; every refusal goes to
// the strategy and to people with its reason; nothing here sends to a broker.

import { fail } from '../assert.ts';
import {
  type Account,
  applyCancelled,
  applyEvent,
  applyFill,
  bindKey,
  checkFunds,
  enterOrder,
} from '../core/account.ts';
import { isExternal } from '../core/adopt.ts';
import type { ValidationKernel } from '../core/exchange-kernel.ts';
import { FLOAT_ZERO } from '../core/float-zero.ts';
import type { Instrument } from '../core/instrument.ts';
import { hasKey, isSameOrder, KEY_FREE } from '../core/key-index.ts';
import { EVENT_CANCEL_SENT, EVENT_REJECTED, INVALID, isOpen, STAY } from '../core/order.ts';
import { idAccountEpoch, idCheck } from '../core/order-id.ts';
import { STATUS_CANCEL_PENDING, STATUS_PENDING } from '../core/order-status.ts';
import { SLOT_NONE } from '../core/order-table.ts';
import { sellable } from '../core/position.ts';
import {
  REJECT_BUY_CAP,
  REJECT_CANCEL_PENDING,
  REJECT_EXTERNAL_ORDER,
  REJECT_KEY_REUSED,
  REJECT_NO_CANCEL_WINDOW,
  REJECT_NO_REFERENCE_PRICE,
  REJECT_NONE,
  REJECT_NOT_IN_SESSION,
  REJECT_ORDER_FINISHED,
  REJECT_STRATEGY_STOPPED,
  REJECT_TABLE_FULL,
  REJECT_UNKNOWN_INSTRUMENT,
  REJECT_UNKNOWN_ORDER,
} from '../core/reject-code.ts';
import { eventOfReport } from '../core/report-event.ts';

import { takesCancels } from '../core/session.ts';
import type { ExpectedMovement } from '../core/statement.ts';

import { POLL_LIMIT } from '../limits.ts';
import {
  ACTION_CANCEL,
  ACTION_PLACE,
  END_BY_FAULT,
  REPORT_CANCEL_REJECTED,
  REPORT_CANCELLED,
  REPORT_REJECTED,
  REPORT_WRITTEN,
  SCOPE_ORDER,
  SCOPE_STRATEGY,
  SIDE_BUY,
  STAGE_OMS,
  STRATEGY_FAILED,
} from '../messages/codes.ts';
import { type FrameMemory, frameEventNs } from '../messages/frames.ts';
import { CancelCommand, End, StrategyState } from '../messages/generated/control.ts';
import { Quote } from '../messages/generated/market.ts';
import { Fill, Intent, Order, Reject, Report } from '../messages/generated/order.ts';
import type { FrameHandler } from '../ring/frame-handler.ts';
import type { Agent } from './agent.ts';
import { BrokerWord } from './broker-word.ts';
import type { MonoClock } from './clock.ts';
import { OrderNews } from './order-news.ts';
import { OrderRules } from './order-rules.ts';
import { type EventSink, type FrameInput, InPort, type OutPort, type Tap } from './port.ts';
import { RiskTold } from './risk-told.ts';

/** Position and account values go to people at most this often, in event time. */
const SHOW_NS = 500_000_000;
/** Room an intent may need downstream: a quote and an order frame, with filler. */
const ORDER_ROOM = 1_024;
/** Behind the last strategy index: every strategy of the account. */
const ALL_STRATEGIES = 256;

export interface OrderManagerPorts {
  readonly quotes: FrameInput;
  /** One of each strategy of this account, same order as `strategies`. */
  readonly intents: readonly FrameInput[];
  /** Orders of people and of programs outside, from the host. */
  readonly desk: FrameInput;
  /** From the gateway. */
  readonly reports: FrameInput;
  /** Commands of people and of the supervisor. */
  readonly control: FrameInput;
  readonly orders: OutPort;
  /** To each strategy, same order as `strategies`. */
  readonly updates: readonly OutPort[];
  readonly events: EventSink;
  readonly tap: Tap;
  readonly clock: MonoClock;
  readonly validate: ValidationKernel;
}

export interface OrderManagerOptions {
  readonly day: number;
  readonly epoch: number;
  /** Strategy indices of this account, in port order. */
  readonly strategies: readonly number[];
  /** 1 = cancel the strategy's orders when it fails, by position in `strategies`. */
  readonly cancelOnFailure: readonly boolean[];
  readonly instruments: readonly Instrument[];
  /** Movements the broker was announced to make; none = every difference is unexplained. */
  readonly expected?: readonly ExpectedMovement[];
}

export class OrderManager implements Agent, FrameHandler {
  readonly roleName: string;
  readonly account: Account;
  intentCount = 0;
  rejectCount = 0;
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
  readonly #broker: BrokerWord;
  readonly #quote = new Quote();
  readonly #intent = new Intent();
  readonly #report = new Report();
  readonly #fill = new Fill();
  readonly #reject = new Reject();
  readonly #command = new CancelCommand();
  readonly #state = new StrategyState();
  readonly #end = new End();
  readonly #order = new Order();
  readonly #idA: number;
  readonly #rules: OrderRules;
  /** 1 = refuse this strategy's intents, by strategy index. */
  readonly #stopped: Uint8Array;
  #sequence = 0;
  #nowNs = FLOAT_ZERO;
  readonly #stamp = new Float64Array(1);
  /** Host times of what caused the order being passed on; 0 = a person or a policy did. */
  #causeRecvNs = FLOAT_ZERO;
  #causeAtNs = FLOAT_ZERO;
  #lastShownNs = -SHOW_NS;
  /** Cancels that found no room: 1 by strategy index, last entry = of the whole account. */
  readonly #cancelDue = new Uint8Array(ALL_STRATEGIES + 1);
  #cancelsDue = false;
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
    this.#rules = new OrderRules(options.instruments, ports.validate);
    this.#broker = new BrokerWord(account, options.expected ?? [], this.#news, ports);
    this.#stopped = new Uint8Array(256);
  }

  onStart(): void {
    this.#news.everything();
    this.#publish();
  }

  doWork(): number {
    if (!this.#ports.tap.ready()) return 0;
    if (this.#cancelsDue) this.#sendCancelsDue();
    if (this.#riskTold.due > 0 && this.#riskTold.sendDue()) this.#publish();
    let count = this.#controlIn.poll(POLL_LIMIT);
    count += this.#reportsIn.poll(POLL_LIMIT);
    count += this.#quotesIn.poll(POLL_LIMIT);
    count += this.#deskIn.poll(Math.min(POLL_LIMIT, this.#intentRoom()));
    for (let i = 0; i < this.#intentsIn.length; i++) {
      count += this.#intentsIn[i]!.poll(Math.min(POLL_LIMIT, this.#intentRoom()));
    }
    if (this.#endReason !== 0) this.#passEnd();
    if (count > 0) this.#publish();
    return count;
  }

  onClose(): void {}

  isIdle(): boolean {
    if (this.#cancelsDue || this.#endReason !== 0 || this.#riskTold.due > 0) return false;
    for (let i = 0; i < this.#intentsIn.length; i++) {
      if (!this.#intentsIn[i]!.isEmpty()) return false;
    }
    if (!this.#deskIn.isEmpty()) return false;
    return this.#reportsIn.isEmpty() && this.#quotesIn.isEmpty() && this.#controlIn.isEmpty();
  }

  /** Intents wait in their ring while risk is behind; who sends them sees BUSY when that fills. */
  #intentRoom(): number {
    return Math.floor(this.#ports.orders.room() / ORDER_ROOM) - 1;
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
        this.#onReport(memory, at);
        break;
      case Fill.TYPE:
        this.#onFill(memory, at);
        break;
      case Reject.TYPE:
        this.#onReject(memory, at);
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
      default:
        this.#now(memory, at);
        this.#broker.onFrame(type, memory, at);
    }
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
    if (quote.lastE4 > 0) this.account.positions.lastE4[i] = quote.lastE4;
    this.#rules.onQuote(quote);
    this.#now(memory, at);
    if (this.#nowNs - this.#lastShownNs >= SHOW_NS) {
      this.#lastShownNs = this.#nowNs;
      if (this.account.positions.qty[i] !== 0) this.#news.position(i);
      this.#news.account();
    }
  }

  #onIntent(memory: FrameMemory, at: number): void {
    const intent = this.#intent.wrap(memory, at);
    this.#now(memory, at);
    this.intentCount++;
    this.#causeRecvNs = intent.recvNs;
    this.#causeAtNs = intent.intentAtNs;
    this.account.value = 0;
    this.account.limit = 0;
    const isCancel = intent.action === ACTION_CANCEL;
    if (!isCancel && this.#answerRepeat(intent)) return;
    const code = isCancel ? this.#cancelIntent(intent) : this.#placeIntent(intent);
    if (code === REJECT_NONE) return;
    this.rejectCount++;
    if (!isCancel && hasKey(intent)) this.account.keys.bindRefusal(intent, code);
    this.#news.refuseIntent(intent, code, true);
  }

  /**
   * An intent whose key (or, of a strategy, whose number) was used before makes no order: it gets
   * the first answer again, or a refusal when it asks for something else. False = it is new.
   */
  #answerRepeat(intent: Intent): boolean {
    const { orders, keys } = this.account;
    let found = KEY_FREE;
    if (hasKey(intent)) found = keys.find(intent.keyA, intent.keyB, intent.keyC, intent.keyD);
    // A number without an order gives SLOT_NONE, which is -1 and becomes KEY_FREE.
    else found = orders.findByIntent(intent.strategy, intent.intentNo) + 1;
    if (found === KEY_FREE) return false;
    if (found > 0 && isSameOrder(orders, found - 1, intent)) {
      this.#news.order(found - 1);
      return true;
    }
    const isRefused = found < 0 && keys.isSameRefusal(found, intent);
    this.rejectCount++;
    // The journal knows the first refusal; one of a misused key is news to it.
    const code = isRefused ? keys.refusalCode(found) : REJECT_KEY_REUSED;
    this.#news.refuseIntent(intent, code, !isRefused);
    return true;
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
    const { side, kind, priceE4, qty } = intent;
    const { boughtToday, openBuy } = account.positions;
    const bought = boughtToday[i] + openBuy[i];
    const free = sellable(account.positions, i);
    const found = this.#rules.check(i, side, kind, priceE4, qty, free, bought);
    if (found === REJECT_BUY_CAP) {
      account.value = bought + qty;
      account.limit = this.#options.instruments[i]!.buyCapQty;
    }
    if (found !== REJECT_NONE) return found;
    const stop = side === SIDE_BUY ? this.#broker.buyRefusal(i) : REJECT_NONE;
    if (stop !== REJECT_NONE) return stop;
    const valueE4 = this.#valueOf(intent);
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
    this.#riskTold.tellQuote(this.#rules, i);
    this.#passOrder(slot, ACTION_PLACE);
    this.#news.order(slot);
    return REJECT_NONE;
  }

  /** A limit order at its price; others at the protection price, else the day's limit price. */
  #valueOf(intent: Intent): number {
    if (intent.priceE4 > 0) return intent.priceE4;
    const i = intent.instrument;
    if (intent.side === SIDE_BUY && this.#rules.upperE4[i] > 0) {
      return this.#rules.upperE4[i];
    }
    return this.account.positions.lastE4[i];
  }

  #cancelIntent(intent: Intent): number {
    const slot = this.account.orders.findByIntent(intent.strategy, intent.targetIntentNo);
    return this.#cancel(slot);
  }

  /** Sends a cancel for a live order; REJECT_NONE or why not. */
  #cancel(slot: number): number {
    if (slot === SLOT_NONE) return REJECT_UNKNOWN_ORDER;
    const orders = this.account.orders;
    const status = orders.status[slot];
    if (!isOpen(status)) return REJECT_ORDER_FINISHED;
    if (isExternal(orders.idA[slot])) return REJECT_EXTERNAL_ORDER;
    if (status === STATUS_CANCEL_PENDING) return REJECT_CANCEL_PENDING;
    const phase = this.#rules.phase[orders.instrument[slot]];
    if (status !== STATUS_PENDING && !takesCancels(phase)) return REJECT_NO_CANCEL_WINDOW;
    // An order that risk has not answered yet: its cancel follows it down the same ring.
    if (status !== STATUS_PENDING) applyEvent(this.account, slot, EVENT_CANCEL_SENT, 0, STAGE_OMS);
    this.#passOrder(slot, ACTION_CANCEL);
    if (status !== STATUS_PENDING) this.#news.order(slot);
    return REJECT_NONE;
  }

  #passOrder(slot: number, action: number): void {
    const out = this.#ports.orders;
    const at = out.claim(Order.BYTES);
    // Room was looked at before the intent was taken; commands of people keep a reserve.
    if (at < 0) fail(`claim=${at}, expected room for an order`);
    const orders = this.account.orders;
    const positions = this.account.positions;
    const i = orders.instrument[slot];
    const order = this.#order.begin(out.memory, at);
    order.eventNs = this.#nowNs;
    order.recvNs = this.#causeRecvNs;
    order.coidA = orders.idA[slot];
    order.coidB = this.#options.day;
    order.coidC = orders.idC[slot];
    order.coidD = idCheck(orders.idA[slot], this.#options.day, orders.idC[slot]);
    order.account = this.account.index;
    order.strategy = orders.strategy[slot];
    order.instrument = i;
    order.intentNo = orders.intentNo[slot];
    order.action = action;
    order.side = orders.side[slot];
    order.kind = orders.kind[slot];
    order.timeInForce = orders.timeInForce[slot];
    order.priceE4 = orders.priceE4[slot];
    order.qty = orders.qty[slot];
    order.lastE4 = positions.lastE4[i];
    order.valueE4 = orders.valueE4[slot];
    order.keyA = orders.keyA[slot];
    order.keyB = orders.keyB[slot];
    order.keyC = orders.keyC[slot];
    order.keyD = orders.keyD[slot];
    order.exposureQty = positions.qty[i] + positions.openBuy[i];
    order.intentAtNs = this.#causeAtNs;
    this.#ports.clock.stamp(this.#stamp, 0);
    order.omsAtNs = this.#stamp[0];
    out.commit();
  }

  #onReport(memory: FrameMemory, at: number): void {
    const report = this.#report.wrap(memory, at);
    this.#now(memory, at);
    const slot = this.account.orders.findById(report.coidA, report.coidC);
    if (slot === SLOT_NONE) {
      this.account.invalidEvents++;
      return;
    }
    const { kind, code, stage, filledQty } = report;
    const status =
      kind === REPORT_CANCELLED
        ? applyCancelled(this.account, slot, filledQty, code, stage)
        : applyEvent(this.account, slot, eventOfReport(kind), code, stage);
    const refused = report.kind === REPORT_REJECTED || report.kind === REPORT_CANCEL_REJECTED;
    if (refused && status !== INVALID) {
      this.rejectCount++;
      const action = report.kind === REPORT_REJECTED ? ACTION_PLACE : ACTION_CANCEL;
      this.#news.refuseOrder(slot, action, report.stage, report.code, 0, 0);
    }
    this.#tell(slot, status);
    if (report.kind !== REPORT_WRITTEN) this.#riskTold.tell(slot);
  }

  /** A refusal between here and the broker, with what was found and what is allowed. */
  #onReject(memory: FrameMemory, at: number): void {
    const reject = this.#reject.wrap(memory, at);
    this.#now(memory, at);
    const slot = this.account.orders.findById(reject.coidA, reject.coidC);
    if (slot === SLOT_NONE) {
      this.account.invalidEvents++;
      return;
    }
    const { stage, code, value, limit } = reject;
    const status = applyEvent(this.account, slot, EVENT_REJECTED, code, stage);
    this.rejectCount++;
    this.#news.refuseOrder(slot, ACTION_PLACE, stage, code, value, limit);
    this.#tell(slot, status);
  }

  /** News of an order whose status changed. */
  #tell(slot: number, status: number): void {
    if (status === STAY || status === INVALID) return;
    this.#news.order(slot);
    if (isOpen(status)) return;
    this.#news.position(this.account.orders.instrument[slot]);
    this.#news.account();
  }

  #onFill(memory: FrameMemory, at: number): void {
    const fill = this.#fill.wrap(memory, at);
    this.#now(memory, at);
    const slot = this.account.orders.findById(fill.coidA, fill.coidC);
    if (slot === SLOT_NONE) {
      this.account.invalidEvents++;
      return;
    }
    applyFill(this.account, slot, fill.priceE4, fill.qty);
    this.#news.fill(slot, fill);
    this.#news.order(slot);
    this.#riskTold.tell(slot);
    this.#news.position(this.account.orders.instrument[slot]);
    this.#news.account();
  }

  /** A person's or a policy's cancel: one order, a strategy's, or all. */
  #onCancelCommand(memory: FrameMemory, at: number): void {
    const command = this.#command.wrap(memory, at);
    this.#causeRecvNs = 0;
    this.#causeAtNs = 0;
    const orders = this.account.orders;
    if (command.scope === SCOPE_ORDER) {
      const slot = orders.findById(command.coidA, command.coidC);
      const code = this.#cancel(slot);
      // Whoever asked hears why not; an order nobody knows has nobody to tell.
      if (code === REJECT_NONE || slot === SLOT_NONE) return;
      this.#news.refuseOrder(slot, ACTION_CANCEL, STAGE_OMS, code, 0, 0);
      return;
    }
    this.#cancelAll(command.scope === SCOPE_STRATEGY ? command.strategy : -1);
  }

  /** Cancels every live order of a strategy (-1: of the account). */
  #cancelAll(strategy: number): void {
    this.#causeRecvNs = 0;
    this.#causeAtNs = 0;
    const orders = this.account.orders;
    let left = this.account.openOrders;
    for (let slot = orders.count - 1; slot >= 0 && left > 0; slot--) {
      if (!isOpen(orders.status[slot])) continue;
      left--;
      if (strategy >= 0 && orders.strategy[slot] !== strategy) continue;
      if (this.#ports.orders.room() < ORDER_ROOM) {
        this.#cancelDue[strategy < 0 ? ALL_STRATEGIES : strategy] = 1;
        this.#cancelsDue = true;
        return;
      }
      this.#cancel(slot);
    }
  }

  /** Goes on with the cancels that found no room; an order cancelled already is passed over. */
  #sendCancelsDue(): void {
    this.#cancelsDue = false;
    for (let i = 0; i <= ALL_STRATEGIES; i++) {
      if (this.#cancelDue[i] === 0) continue;
      this.#cancelDue[i] = 0;
      this.#cancelAll(i === ALL_STRATEGIES ? -1 : i);
    }
    this.#publish();
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
    if (position >= 0 && this.#options.cancelOnFailure[position]) this.#cancelAll(strategy);
  }

  /** One strategy has ended; after the last, orders are cancelled and the end is passed on. */
  #onEnd(memory: FrameMemory, at: number): void {
    const end = this.#end.wrap(memory, at);
    this.#now(memory, at);
    this.#countEnd(end.reason);
  }

  #countEnd(reason: number): void {
    this.#endsSeen++;
    if (this.#endsSeen !== this.#ports.intents.length) return;
    this.#endReason = reason;
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
