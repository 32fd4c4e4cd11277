// Firm-wide pre-trade risk: the only maker of approvals. Orders come from every OMS; requests go to
// the gateway of their account, refusals go the same way (they are journaled there and come back
// to the OMS as rejects), and so do large orders that are to be kept. Invariants: a cancel always
// passes; a place passes only with an approval over what it says; the kill switch refuses every
// place from the moment it is read.

import { FLOAT_ZERO } from '../core/float-zero.ts';
import {
  REJECT_NONE,
  REJECT_PARKED,
  REJECT_SPLIT,
  REJECT_TABLE_FULL,
} from '../core/reject-code.ts';
import { approvalOf } from '../core/risk/approval.ts';
import { judge, openCase, standingBreaches } from '../core/risk/judge.ts';
import * as event from '../core/risk/risk-events.ts';
import { NO_ORDER } from '../core/risk/risk-orders.ts';
import type { RiskState } from '../core/risk/risk-state.ts';
import { accountRow, FIRM_ROW, strategyRow } from '../core/risk/rule-set.ts';
import { RuleStaging } from '../core/risk/rule-staging.ts';
import { POLL_LIMIT } from '../limits.ts';
import {
  ACTION_AWAIT,
  ACTION_CANCEL,
  ACTION_PLACE,
  ACTION_SPLIT,
  FLAG_CONFIRMED,
  FLAG_STALE,
  INTENT_MARGIN,
  INTENT_SHORT,
  KIND_LIMIT,
  SCOPE_ACCOUNT,
  SCOPE_STRATEGY,
  STAGE_FEED,
  STAGE_RISK,
  STRATEGY_NONE,
} from '../messages/codes.ts';
import { copyFrame, type FrameMemory, frameLength } from '../messages/frames.ts';
import { Adjustment } from '../messages/generated/broker.ts';
import {
  End,
  Kill,
  MarketPause,
  OrderSettle,
  RiskCommit,
  RiskConfirm,
  RiskEntry,
  RiskResume,
} from '../messages/generated/control.ts';
import { Quote } from '../messages/generated/market.ts';
import {
  Order,
  OrderUpdate,
  ParentIntent,
  ParentUpdate,
  Reject,
  Report,
  Request,
} from '../messages/generated/order.ts';
import type { FrameHandler } from '../ring/frame-handler.ts';
import type { Agent } from './agent.ts';
import type { MonoClock } from './clock.ts';
import { type EventSink, type FrameInput, InPort, type OutPort, type Tap } from './port.ts';
import { RiskNews } from './risk-news.ts';

/** Most bytes one input frame makes of output. */
const REQUEST_ROOM = 1_024;

export interface RiskManagerPorts {
  /** From the feed: what orders are judged by. */
  readonly quotes: FrameInput;
  /** One of each OMS, by account index: orders, and what became of them. */
  readonly orders: readonly FrameInput[];
  /** To the gateway of each account. */
  readonly requests: readonly OutPort[];
  readonly control: FrameInput;
  readonly events: EventSink;
  readonly tap: Tap;
  readonly clock: MonoClock;
}

export class RiskManager implements Agent, FrameHandler {
  readonly roleName = 'risk';
  approved = 0;
  refused = 0;
  readonly #state: RiskState;
  readonly #staging: RuleStaging;
  readonly #news: RiskNews;
  /** Account of each strategy. */
  readonly #strategyAccounts: readonly number[];
  readonly #ports: RiskManagerPorts;
  readonly #ordersIn: readonly InPort[];
  readonly #controlIn: InPort;
  readonly #quotesIn: InPort;
  readonly #order = new Order();
  readonly #reject = new Reject();
  readonly #request = new Request();
  readonly #report = new Report();
  readonly #parent = new ParentIntent();
  readonly #confirm = new RiskConfirm();
  readonly #settle = new OrderSettle();
  readonly #parentUpdate = new ParentUpdate();
  readonly #kill = new Kill();
  readonly #stamp = new Float64Array(1);
  readonly #end = new End();
  readonly #quote = new Quote();
  readonly #update = new OrderUpdate();
  readonly #entry = new RiskEntry();
  readonly #commit = new RiskCommit();
  readonly #commitOut = new RiskCommit();
  readonly #resume = new RiskResume();
  readonly #pause = new MarketPause();
  /** Time, fees, amount of what is being booked. */
  readonly #at = new Float64Array(4);
  readonly #breaches = new Int32Array(64);
  #nowNs = FLOAT_ZERO;
  readonly #adjustment = new Adjustment();

  /** `state` holds the rules in force and what earlier lives of the day did. */
  constructor(state: RiskState, strategyAccounts: readonly number[], ports: RiskManagerPorts) {
    this.#state = state;
    this.#staging = new RuleStaging(state);
    this.#strategyAccounts = strategyAccounts;
    this.#ports = ports;
    this.#news = new RiskNews(state, ports.events);
    this.#controlIn = new InPort(ports.control, 0, true, ports.tap, this);
    this.#quotesIn = new InPort(ports.quotes, 1, false, ports.tap, this);
    this.#ordersIn = ports.orders.map((ring, i) => new InPort(ring, 2 + i, false, ports.tap, this));
  }

  onStart(): void {
    for (let s = 0; s < this.#strategyAccounts.length; s++) {
      const account = this.#strategyAccounts[s]!;
      const count = standingBreaches(this.#state, account, s, this.#breaches);
      for (let n = 0; n < count; n++) this.#news.inBreach(account, s, this.#breaches[n]);
      this.#news.stopInForce(strategyRow(this.#state.sizes, s), account, s);
    }
    for (let a = 0; a < this.#state.sizes.accounts; a++) {
      this.#news.stopInForce(accountRow(a), a, -1);
    }
    for (let m = 0; m < this.#state.paused.length; m++) {
      if (this.#state.paused[m] === 1) this.#news.pauseInForce(m);
    }
    this.#ports.events.publish();
  }

  /** Recovery: engine time goes on from here. */
  resumeAt(nowNs: number): void {
    this.#nowNs = nowNs;
  }

  doWork(): number {
    if (!this.#ports.tap.ready()) return 0;
    let count = this.#controlIn.poll(POLL_LIMIT);
    const quotes = this.#quotesIn.poll(POLL_LIMIT);
    for (let i = 0; i < this.#ordersIn.length; i++) {
      const room = Math.floor(this.#ports.requests[i]!.room() / REQUEST_ROOM) - 1;
      count += this.#ordersIn[i]!.poll(Math.min(POLL_LIMIT, room));
    }
    if (count > 0) {
      for (let i = 0; i < this.#ports.requests.length; i++) this.#ports.requests[i]!.publish();
      this.#ports.events.publish();
    }
    // A quote alone makes nothing.
    if (count + quotes > 0) this.#ports.tap.publish();
    return count + quotes;
  }

  onClose(): void {}

  isIdle(): boolean {
    for (let i = 0; i < this.#ordersIn.length; i++) {
      if (!this.#ordersIn[i]!.isEmpty()) return false;
    }
    return this.#controlIn.isEmpty() && this.#quotesIn.isEmpty();
  }

  onFrame(type: number, memory: FrameMemory, at: number): void {
    switch (type) {
      case Quote.TYPE:
        this.#onQuote(memory, at);
        break;
      case Order.TYPE:
        this.#onOrder(memory, at);
        break;
      case OrderUpdate.TYPE:
        this.#onUpdate(memory, at);
        break;
      case Reject.TYPE:
        this.#pass(this.#reject.wrap(memory, at).account, memory, at);
        break;
      case Report.TYPE:
        this.#pass(this.#report.wrap(memory, at).account, memory, at);
        break;
      case ParentIntent.TYPE:
        this.#pass(this.#parent.wrap(memory, at).account, memory, at);
        break;
      case RiskConfirm.TYPE:
        this.#pass(this.#confirm.wrap(memory, at).account, memory, at);
        break;
      case OrderSettle.TYPE:
        this.#pass(this.#settle.wrap(memory, at).account, memory, at);
        break;
      case ParentUpdate.TYPE:
        this.#pass(this.#parentUpdate.wrap(memory, at).account, memory, at);
        break;
      case End.TYPE:
        this.#pass(this.#end.wrap(memory, at).account, memory, at);
        break;
      case Adjustment.TYPE:
        this.#onAdjustment(memory, at);
        break;
      case Kill.TYPE:
        this.#onKill(memory, at);
        break;
      case RiskEntry.TYPE:
        this.#staging.add(this.#entry.wrap(memory, at));
        break;
      case RiskCommit.TYPE:
        this.#onCommit(memory, at);
        break;
      case RiskResume.TYPE:
        this.#onResume(memory, at);
        break;
      case MarketPause.TYPE:
        this.#onPause(memory, at);
        break;
      default:
        break;
    }
  }

  /** From the feed at its pace, or ahead of an order from its OMS, which may be the older one. */
  #onQuote(memory: FrameMemory, at: number): void {
    const quote = this.#quote.wrap(memory, at);
    const known = this.#state.quotes.quoteNs[quote.instrument];
    if (quote.source !== STAGE_FEED && quote.eventNs < known) return;
    event.onQuote(this.#state, quote, (quote.flags & FLAG_STALE) === 0 ? 0 : 1);
    this.#nowNs = quote.eventNs;
  }

  #onOrder(memory: FrameMemory, at: number): void {
    const order = this.#order.wrap(memory, at);
    this.#nowNs = order.eventNs;
    if (order.action !== ACTION_PLACE) {
      // What is kept for later is judged, and counts, when it goes out.
      if (order.action === ACTION_CANCEL) this.#onCancel(order);
      else this.#approve(order, order.action, 0);
      return;
    }
    const state = this.#state;
    const c = state.case;
    c.idA = order.coidA;
    c.idC = order.coidC;
    c.account = order.account;
    c.strategy = order.strategy;
    c.instrument = order.instrument;
    c.side = order.side;
    c.kind = order.kind;
    c.priceE4 = order.priceE4;
    c.qty = order.qty;
    c.valueE4 = order.valueE4;
    c.nowNs = order.eventNs;
    c.confirmed = (order.flags & FLAG_CONFIRMED) === 0 ? 0 : 1;
    let code = openCase(state);
    if (code === REJECT_NONE) code = judge(state);
    if (code === REJECT_NONE && event.onSent(state) === NO_ORDER) code = REJECT_TABLE_FULL;
    if (code === REJECT_NONE) this.#approve(order, ACTION_PLACE, 0);
    else if (code === REJECT_PARKED) this.#approve(order, ACTION_AWAIT, 0);
    else if (code === REJECT_SPLIT && maySplit(order)) {
      this.#approve(order, ACTION_SPLIT, Math.floor(state.limit / state.case.valueE4));
    } else {
      this.#refuse(order, code);
      event.onRefused(state, order.account, order.strategy);
    }
    this.#news.afterOrder(order.account, order.strategy);
  }

  /** A cancel always passes; it counts. */
  #onCancel(order: Order): void {
    const slot = this.#state.orders.find(order.coidA, order.coidC);
    this.#at[0] = order.eventNs;
    event.onCancelSent(this.#state, order.account, order.strategy, slot, this.#at);
    this.#approve(order, ACTION_CANCEL, 0);
  }

  /** What became of an order, from its OMS. */
  #onUpdate(memory: FrameMemory, at: number): void {
    const update = this.#update.wrap(memory, at);
    if (update.strategy === STRATEGY_NONE) this.#adopt(update);
    const slot = this.#state.orders.find(update.coidA, update.coidC);
    if (slot === NO_ORDER) return;
    this.#at[0] = update.eventNs;
    this.#at[1] = update.feeE4;
    this.#at[2] = update.filledAmountE4;
    this.#at[3] = update.code;
    event.onProgress(this.#state, slot, update.filledQty, update.status, this.#at);
  }

  /** An order of nobody's, once: made in the broker's client, known from its list. */
  #adopt(update: OrderUpdate): void {
    const c = this.#state.case;
    if (this.#state.orders.find(update.coidA, update.coidC) !== NO_ORDER) return;
    c.idA = update.coidA;
    c.idC = update.coidC;
    c.account = update.account;
    c.strategy = update.strategy;
    c.instrument = update.instrument;
    c.side = update.side;
    c.kind = update.kind;
    c.priceE4 = update.priceE4;
    c.qty = update.qty;
    // Without any price it still counts in shares.
    c.valueE4 = Math.max(1, this.#state.quotes.markE4[update.instrument]);
    c.nowNs = update.eventNs;
    if (openCase(this.#state) === REJECT_NONE) event.onAdopted(this.#state);
  }

  /** The entries so far are a whole rule set: it takes force, or the old one stays. */
  #onCommit(memory: FrameMemory, at: number): void {
    const commit = this.#commit.wrap(memory, at);
    const accepted = this.#staging.commit(commit.count, commit.hash);
    for (let a = 0; a < this.#ports.requests.length; a++) {
      const out = this.#ports.requests[a]!;
      const to = out.claim(RiskCommit.BYTES);
      if (to < 0) continue;
      const told = this.#commitOut.begin(out.memory, to);
      told.eventNs = this.#nowNs;
      told.count = commit.count;
      told.hash = commit.hash;
      told.state = accepted ? 1 : -1;
      told.account = a;
      if (a === 0) this.#ports.events.offer(out.memory, to);
      out.commit();
    }
  }

  /** A person lets an account or a strategy go on; written down by every gateway it concerns. */
  #onResume(memory: FrameMemory, at: number): void {
    const resume = this.#resume.wrap(memory, at);
    resume.eventNs = this.#nowNs;
    const byAccount = resume.scope === SCOPE_ACCOUNT;
    const row = byAccount
      ? accountRow(resume.account)
      : strategyRow(this.#state.sizes, resume.strategy);
    event.reenable(this.#state, row);
    this.#passAll(memory, at);
  }

  #onPause(memory: FrameMemory, at: number): void {
    const pause = this.#pause.wrap(memory, at);
    pause.eventNs = this.#nowNs;
    event.setPause(this.#state, pause.market, pause.on);
    this.#passAll(memory, at);
  }

  /** To every gateway, which writes it down, and to people. */
  #passAll(memory: FrameMemory, at: number): void {
    for (let a = 0; a < this.#ports.requests.length; a++) this.#pass(a, memory, at);
    this.#ports.events.offer(memory, at);
  }

  /** Lets an order through, or has it kept: written as `action` says, sent when it comes again. */
  #approve(order: Order, action: number, partQty: number): void {
    const out = this.#ports.requests[order.account]!;
    const at = out.claim(Request.BYTES);
    if (at < 0) return;
    const request = this.#request.begin(out.memory, at);
    request.eventNs = order.eventNs;
    request.recvNs = order.recvNs;
    request.coidA = order.coidA;
    request.coidB = order.coidB;
    request.coidC = order.coidC;
    request.coidD = order.coidD;
    request.account = order.account;
    request.strategy = order.strategy;
    request.instrument = order.instrument;
    request.intentNo = order.intentNo;
    request.action = action;
    request.side = order.side;
    request.kind = order.kind;
    request.timeInForce = order.timeInForce;
    request.priceE4 = order.priceE4;
    request.qty = order.qty;
    request.valueE4 = order.valueE4;
    request.parentNo = order.parentNo;
    request.sender = order.sender;
    request.partQty = partQty;
    request.credit = order.flags & (INTENT_MARGIN | INTENT_SHORT);
    request.approval = approvalOf(
      order.coidA,
      order.coidC,
      order.instrument,
      order.side,
      order.priceE4,
      order.qty,
    );
    request.ruleSet = this.#state.rules.hash;
    request.keyA = order.keyA;
    request.keyB = order.keyB;
    request.keyC = order.keyC;
    request.keyD = order.keyD;
    request.intentAtNs = order.intentAtNs;
    request.omsAtNs = order.omsAtNs;
    this.#ports.clock.stamp(this.#stamp, 0);
    request.riskAtNs = this.#stamp[0];
    out.commit();
    this.approved++;
  }

  #refuse(order: Order, code: number): void {
    const out = this.#ports.requests[order.account]!;
    const at = out.claim(Reject.BYTES);
    if (at < 0) return;
    const reject = this.#reject.begin(out.memory, at);
    reject.eventNs = order.eventNs;
    reject.recvNs = order.recvNs;
    reject.coidA = order.coidA;
    reject.coidB = order.coidB;
    reject.coidC = order.coidC;
    reject.coidD = order.coidD;
    reject.account = order.account;
    reject.strategy = order.strategy;
    reject.instrument = order.instrument;
    reject.intentNo = order.intentNo;
    reject.side = order.side;
    reject.kind = order.kind;
    reject.priceE4 = order.priceE4;
    reject.qty = order.qty;
    reject.stage = STAGE_RISK;
    reject.code = code;
    reject.action = order.action;
    reject.timeInForce = order.timeInForce;
    reject.keyA = order.keyA;
    reject.keyB = order.keyB;
    reject.keyC = order.keyC;
    reject.keyD = order.keyD;
    reject.value = this.#state.value;
    reject.limit = this.#state.limit;
    out.commit();
    this.refused++;
  }

  /** The broker's word on cash and shares: as if the account had opened with it. */
  #onAdjustment(memory: FrameMemory, at: number): void {
    const { account, instrument, qty, amountE4 } = this.#adjustment.wrap(memory, at);
    event.onOpeningCash(this.#state, account, amountE4);
    if (instrument >= 0) event.onOpeningPosition(this.#state, account, instrument, qty, 0);
    this.#pass(account, memory, at);
  }

  #onKill(memory: FrameMemory, at: number): void {
    const kill = this.#kill.wrap(memory, at);
    const on = kill.on === 0 ? 0 : 1;
    const { killed } = this.#state.meters;
    if (kill.scope === SCOPE_ACCOUNT) killed[accountRow(kill.account)] = on;
    else if (kill.scope === SCOPE_STRATEGY) {
      killed[strategyRow(this.#state.sizes, kill.strategy)] = on;
    } else {
      killed[FIRM_ROW] = on;
      for (let a = 0; a < this.#state.sizes.accounts; a++) killed[accountRow(a)] = on;
    }
  }

  #pass(account: number, memory: FrameMemory, at: number): void {
    const out = this.#ports.requests[account]!;
    const to = out.claim(frameLength(memory, at));
    if (to < 0) return;
    copyFrame(memory, at, out.memory, to);
    out.commit();
  }
}

/** Parts are limit orders, and a part has no parts of its own. */
function maySplit(order: Order): boolean {
  const isPlain = (order.flags & (INTENT_MARGIN | INTENT_SHORT)) === 0;
  return order.kind === KIND_LIMIT && order.parentNo === 0 && isPlain;
}
