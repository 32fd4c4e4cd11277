// The gateway link's side of the conversation with the broker: connection, fence, questions, what
// their answers prove, timeouts. Part of the gateway link, which asks it whether orders and cancels
// may go out. Invariants (recovery R4 to R10): orders go out in READY only; an order's end is told
// only with proof; nothing is ever sent again. Everything happens inside the handling of an input
// frame or while no input is taken (`busy`), so a replay does the same.

import { type BrokerView, SNAPSHOT_GOOD } from '../core/broker-view.ts';
import { FLOAT_ZERO } from '../core/float-zero.ts';
import type { LinkOptions } from '../core/link-options.ts';
import type { LiveOrders } from '../core/live-orders.ts';
import {
  REJECT_ACCOUNT_STOPPED,
  REJECT_FENCED,
  REJECT_LINK_DOWN,
  REJECT_NONE,
} from '../core/reject-code.ts';
import {
  LINK_DOWN,
  LINK_FENCED,
  LINK_READY,
  LINK_REFUSED,
  LINK_SILENT,
  LINK_STOPPED,
  LINK_UP,
  QUERY_BRIDGE,
  QUERY_CASH,
  QUERY_COMPLETE,
  QUERY_FAILED,
  QUERY_ORDERS,
  QUERY_PARTIAL,
  QUERY_POSITIONS,
  QUERY_TRADES,
  REPORT_ACCEPTED,
  REPORT_CANCEL_REJECTED,
  REPORT_UNKNOWN,
  TRAIT_EXACT,
  TRAIT_FORGETS,
} from '../messages/codes.ts';
import { type FrameMemory, frameEventNs, frameLength } from '../messages/frames.ts';
import {
  BridgeRow,
  BrokerCash,
  BrokerOrder,
  BrokerPosition,
  BrokerTrade,
  LinkState,
  QueryEnd,
} from '../messages/generated/broker.ts';
import type { Report } from '../messages/generated/order.ts';
import type { LinkVoice } from './link-voice.ts';
import { ProofTeller } from './proof-teller.ts';

/** No question is planned, or in flight. */
const NOTHING = 0;
/** The last statement of an exact broker: not asked for, awaited, here. */
const LAST_OPEN = 0;
const LAST_ASKED = 1;
const LAST_DONE = 2;

export class BrokerLink {
  readonly view: BrokerView;
  /** Rounds of questions that were believed, and that were not. */
  goodRounds = 0;
  badRounds = 0;
  /** Connections of this life that were fenced. */
  fences = 0;
  /** The account ends: what became of its last orders is asked as often as may be. */
  ending = false;
  /** SNAPSHOT_* of the last round that was not believed. */
  lastFault = SNAPSHOT_GOOD;
  readonly #live: LiveOrders;
  readonly #options: LinkOptions;
  readonly #voice: LinkVoice;
  readonly #teller: ProofTeller;
  readonly #epoch: number;
  /** LINK_DOWN, LINK_UP, LINK_FENCED or LINK_REFUSED. */
  #connection = LINK_DOWN;
  #isReady = false;
  #isSilent = false;
  #isStopped = false;
  #told = LINK_DOWN;
  #sessionNo = 0;
  #traits = 0;
  #fenceDue = false;
  #readyDue = false;
  /** Kind of the question to ask next, not before `#nextNs`; kind of the one in flight. */
  #planned = NOTHING;
  #nextNs = FLOAT_ZERO;
  #asked = NOTHING;
  #askedNs = FLOAT_ZERO;
  #queryNo = 0;
  /** Good rounds in a row since the fence. */
  #roundsInRow = 0;
  #lastRoundNs = FLOAT_ZERO;
  #lastFullNs = FLOAT_ZERO;
  #isFullDue = false;
  #isRoundWanted = false;
  /** Changes of any order when the positions were asked for: a statement is of rest only. */
  #changesAtAsk = 0;
  #heardNs = FLOAT_ZERO;
  #answeredNs = FLOAT_ZERO;
  /** No order of this connection before this slot waits for an answer. */
  #oldest = 0;
  #last = LAST_OPEN;
  readonly #state = new LinkState();
  readonly #bridgeRow = new BridgeRow();
  readonly #order = new BrokerOrder();
  readonly #trade = new BrokerTrade();
  readonly #end = new QueryEnd();

  constructor(view: BrokerView, epoch: number, options: LinkOptions, voice: LinkVoice) {
    this.view = view;
    this.#live = view.live;
    this.#epoch = epoch;
    this.#options = options;
    this.#voice = voice;
    this.#teller = new ProofTeller(view, options.answerNs, voice);
  }

  /** LINK_* as people see it. */
  get state(): number {
    if (this.#connection !== LINK_FENCED) return this.#connection;
    if (this.#isStopped) return LINK_STOPPED;
    if (this.#isSilent) return LINK_SILENT;
    return this.#isReady ? LINK_READY : LINK_FENCED;
  }

  /** Why a new order may not go out now; REJECT_NONE = it may. */
  get refusal(): number {
    const { state } = this;
    if (state === LINK_READY) return REJECT_NONE;
    if (state === LINK_REFUSED) return REJECT_FENCED;
    return state === LINK_STOPPED ? REJECT_ACCOUNT_STOPPED : REJECT_LINK_DOWN;
  }

  /** Whether cancels go out; else they wait. */
  get takesCancels(): boolean {
    return this.#connection === LINK_FENCED;
  }

  /** Whether a cancel sent before and not answered may go out again. */
  get takesRepeatedCancels(): boolean {
    return this.#connection === LINK_FENCED && !this.#isSilent;
  }

  /** Behind a wire: answers may be late, and the account's rate counts. */
  get isTimed(): boolean {
    return (this.#traits & TRAIT_EXACT) === 0;
  }

  /** Something is being told to the OMS: no input may be taken until it is done. */
  get busy(): boolean {
    return this.#teller.busy;
  }

  /** Whether the account may end: a broker of this process has stated what it holds. */
  get isStated(): boolean {
    return this.isTimed || !this.#isReady || this.#last === LAST_DONE;
  }

  /**
   * The account ends and nothing of it is alive: a broker of this process, which was never asked
   * before, says what it holds, so that the day's reconciliation has something to compare with.
   */
  askLast(): void {
    if (!this.ending || this.#last !== LAST_OPEN || this.isStated) return;
    if (this.#live.liveCount > 0) return;
    this.#last = LAST_ASKED;
    this.#askNext(QUERY_POSITIONS, 0);
  }

  /** Orders of ours that the journal had lost and the broker showed. */
  get adoptions(): number {
    return this.#teller.adoptions;
  }

  /** Whether anything could be done without a new input. */
  get isIdle(): boolean {
    return !this.busy && !this.#fenceDue && !this.#readyDue && !this.#mayAsk();
  }

  /** Goes on with what is due, as far as the rings have room; frames written. */
  work(): number {
    let count = 0;
    while (this.#teller.busy && this.#voice.room() > 0) {
      const wasProving = this.#teller.isProving;
      count += this.#teller.goOn();
      if (wasProving && !this.#teller.isProving) this.#onProven();
    }
    return this.busy ? count : count + this.#send();
  }

  /** Recovery: engine time goes on from here. */
  resumeAt(nowNs: number): void {
    this.#voice.nowNs = nowNs;
    this.#lastRoundNs = nowNs;
    this.#lastFullNs = nowNs;
    this.#heardNs = nowNs;
  }

  /** Handles a frame of the broker's side that is neither report nor fill. */
  onFrame(type: number, memory: FrameMemory, at: number): void {
    switch (type) {
      case LinkState.TYPE:
        this.#onState(this.#state.wrap(memory, at));
        break;
      case BridgeRow.TYPE: {
        const row = this.#bridgeRow.wrap(memory, at);
        if (this.#isAnswer(row.queryNo, QUERY_BRIDGE)) this.view.onBridgeRow(row);
        break;
      }
      case BrokerOrder.TYPE: {
        const row = this.#order.wrap(memory, at);
        if (this.#isAnswer(row.queryNo, QUERY_ORDERS)) this.view.onOrder(row);
        break;
      }
      case BrokerTrade.TYPE: {
        const row = this.#trade.wrap(memory, at);
        if (this.#isAnswer(row.queryNo, QUERY_TRADES)) this.view.onTrade(row);
        break;
      }
      case BrokerPosition.TYPE:
      case BrokerCash.TYPE:
        this.#voice.pass(memory, at, frameLength(memory, at));
        break;
      case QueryEnd.TYPE:
        this.#onEnd(memory, at);
        break;
      default:
        break;
    }
    this.#checkDuplicate();
  }

  /** The broker spoke of an order (slot -1: of none of ours). */
  onAnswer(slot: number): void {
    this.#teller.changes++;
    this.#answeredNs = this.#voice.nowNs;
    if (slot < 0 || this.view.isUntold(slot)) this.#isRoundWanted = true;
    else this.#live.answered[slot] = 1;
  }

  onReport(slot: number, report: Report): void {
    const live = this.#live;
    // That its cancel was refused may mean filled, ended or never seen: no word about the order.
    const isWeak = report.kind === REPORT_CANCEL_REJECTED && slot >= 0 && live.answered[slot] === 0;
    this.onAnswer(isWeak ? -1 : slot);
    if (slot < 0) return;
    this.view.bind(slot, report.brokerOrderNo);
    // It says more than we were told: a fill was missed, or is still to come.
    if (report.filledQty > live.filled[slot]) this.#isRoundWanted = true;
    if (report.kind === REPORT_ACCEPTED) live.unknown[slot] = 0;
    else if (report.kind === REPORT_UNKNOWN && live.live[slot] === 1) live.unknown[slot] = 1;
    this.#checkDuplicate();
  }

  /** An order went out just now. */
  onSent(slot: number): void {
    this.#teller.changes++;
    this.#live.sentNs[slot] = this.#voice.nowNs;
    if (this.#live.liveCount === 1) this.#heardNs = this.#voice.nowNs;
  }

  /** Moves time on to the frame's, and does what has become due; `heard` = the broker spoke. */
  moveTime(memory: FrameMemory, at: number, heard: boolean): void {
    const eventNs = frameEventNs(memory, at);
    if (eventNs > this.#voice.nowNs) this.#voice.nowNs = eventNs;
    if (heard) this.#heardNs = this.#voice.nowNs;
    if (this.#connection !== LINK_FENCED || (this.#traits & TRAIT_EXACT) !== 0) return;
    const nowNs = this.#voice.nowNs;
    if (this.#asked !== NOTHING && nowNs - this.#askedNs > this.#options.queryNs) {
      this.#onResult(QUERY_FAILED, 0, 0);
    }
    this.#checkSilence();
    this.#plan();
  }

  #onState(link: LinkState): void {
    switch (link.state) {
      case LINK_UP:
        this.#lose();
        this.#oldest = this.#live.count;
        this.#connection = LINK_UP;
        this.#sessionNo = link.sessionNo;
        this.#traits = link.traits;
        this.#fenceDue = true;
        break;
      case LINK_FENCED: {
        const forgets = (this.#traits & TRAIT_FORGETS) !== 0;
        if (this.#connection !== LINK_UP || link.epoch !== this.#epoch) return;
        this.#connection = LINK_FENCED;
        this.fences++;
        this.#teller.isTimed = (this.#traits & TRAIT_EXACT) === 0;
        this.view.beginSession(forgets);
        this.#heardNs = this.#voice.nowNs;
        this.#askNext(forgets ? QUERY_ORDERS : QUERY_BRIDGE, 0);
        break;
      }
      case LINK_REFUSED:
      case LINK_DOWN:
        this.#lose();
        this.#connection = link.state;
        break;
      default:
        return;
    }
    this.#tell();
  }

  /** The connection is gone, or another one came: what is unanswered has an unknown fate. */
  #lose(): void {
    this.#connection = LINK_DOWN;
    this.#isReady = false;
    this.#isSilent = false;
    this.#fenceDue = false;
    this.#readyDue = false;
    this.#planned = NOTHING;
    this.#asked = NOTHING;
    this.#roundsInRow = 0;
    this.#teller.lose();
  }

  /** Says the state when it changed; the caller has room for one frame. */
  #tell(): void {
    const { state } = this;
    if (state === this.#told) return;
    this.#told = state;
    this.#voice.state(state, this.#sessionNo, this.#epoch, this.#traits);
    this.#readyDue = state === LINK_READY;
  }

  /** Whether it belongs to the question in flight; a long list is no silence while rows come. */
  #isAnswer(queryNo: number, kind: number): boolean {
    if (queryNo !== this.#queryNo || this.#asked !== kind) return false;
    this.#askedNs = this.#voice.nowNs;
    return true;
  }

  #onEnd(memory: FrameMemory, at: number): void {
    const end = this.#end.wrap(memory, at);
    if (!this.#isAnswer(end.queryNo, end.kind)) return;
    if (end.kind === QUERY_POSITIONS || end.kind === QUERY_CASH) {
      // While anything moved the statement is no statement of what we hold: say so.
      const isAtRest = this.#teller.changes === this.#changesAtAsk && this.#live.liveCount === 0;
      if (!isAtRest && end.result === QUERY_COMPLETE) end.result = QUERY_PARTIAL;
      this.#voice.pass(memory, at, frameLength(memory, at));
    }
    this.#onResult(end.result, end.rows, end.day);
  }

  /** The question in flight has its end: goes on to the next one, or tells what was proven. */
  #onResult(result: number, rows: number, day: number): void {
    const kind = this.#asked;
    this.#asked = NOTHING;
    switch (kind) {
      case QUERY_BRIDGE:
        if (result !== QUERY_FAILED) this.view.bridgeAnswers++;
        // PARTIAL: this side keeps no journal that proves an absence; it is asked no more.
        if (result === QUERY_COMPLETE) this.view.onBridgeComplete();
        if (result === QUERY_FAILED) this.#askNext(QUERY_BRIDGE, this.#options.gapNs);
        else this.#askNext(QUERY_ORDERS, 0);
        break;
      case QUERY_ORDERS: {
        // R5: no answer is an empty one only where no journal of ours holds an order of today.
        const isEmpty = result === QUERY_FAILED && !this.view.holdsOrders;
        const fault = this.view.endOrders(isEmpty ? QUERY_COMPLETE : result, rows, day);
        if (fault === SNAPSHOT_GOOD) this.#askNext(QUERY_TRADES, 0);
        else this.#onBadRound(fault);
        break;
      }
      case QUERY_TRADES: {
        const isEmpty = result === QUERY_FAILED && !this.view.holdsOrders;
        const fault = this.view.endTrades(isEmpty ? QUERY_COMPLETE : result, rows, day);
        if (fault === SNAPSHOT_GOOD) this.#onGoodRound();
        else this.#onBadRound(fault);
        break;
      }
      case QUERY_POSITIONS:
        this.#askNext(QUERY_CASH, 0);
        break;
      case QUERY_CASH:
        this.#isFullDue = false;
        this.#lastFullNs = this.#voice.nowNs;
        if (this.#last === LAST_ASKED) this.#last = LAST_DONE;
        this.#becomeReady();
        break;
      default:
        break;
    }
  }

  #onBadRound(fault: number): void {
    this.badRounds++;
    this.lastFault = fault;
    this.#roundsInRow = 0;
    this.#lastRoundNs = this.#voice.nowNs;
    this.#askNext(QUERY_ORDERS, this.#options.gapNs);
  }

  #onGoodRound(): void {
    this.goodRounds++;
    this.#roundsInRow++;
    this.#lastRoundNs = this.#voice.nowNs;
    this.#isRoundWanted = false;
    const needed = (this.#traits & TRAIT_EXACT) !== 0 || this.#isReady ? 1 : 2;
    if (this.#roundsInRow < needed) this.#askNext(QUERY_ORDERS, this.#options.gapNs);
    else {
      this.#teller.begin(this.#traits);
    }
  }

  /** Plans the next question, not before `waitNs` from now. */
  #askNext(kind: number, waitNs: number): void {
    this.#planned = kind;
    this.#nextNs = this.#voice.nowNs + waitNs;
  }

  #mayAsk(): boolean {
    return (
      this.#planned !== NOTHING &&
      this.#connection === LINK_FENCED &&
      this.#asked === NOTHING &&
      this.#voice.nowNs >= this.#nextNs
    );
  }

  /** Sends what is due to the broker's side; frames written. */
  #send(): number {
    let count = 0;
    if (this.#fenceDue && this.#voice.fence(this.#epoch)) {
      this.#fenceDue = false;
      count++;
    }
    if (this.#readyDue && this.#sayReady()) {
      this.#readyDue = false;
      count++;
    }
    if (!this.#mayAsk() || !this.#voice.query(this.#queryNo + 1, this.#planned)) return count;
    this.#queryNo++;
    this.#asked = this.#planned;
    this.#askedNs = this.#voice.nowNs;
    this.#planned = NOTHING;
    if (this.#asked === QUERY_ORDERS) this.view.beginRound();
    else if (this.#asked === QUERY_TRADES) this.view.beginTrades();
    else if (this.#asked === QUERY_POSITIONS) this.#changesAtAsk = this.#teller.changes;
    return count + 1;
  }

  #sayReady(): boolean {
    return this.#voice.ready(LINK_READY, this.#sessionNo, this.#epoch, this.#traits);
  }

  /** Plans a round when it is time: while ready, or to leave silence. */
  #plan(): void {
    if (this.#planned !== NOTHING || this.#asked !== NOTHING) return;
    const { nowNs } = this.#voice;
    const { gapNs, lightNs, fullNs, fullAtNs } = this.#options;
    const sinceNs = nowNs - this.#lastRoundNs;
    let full = nowNs - this.#lastFullNs >= fullNs;
    for (let i = 0; i < fullAtNs.length; i++) {
      if (this.#lastFullNs < fullAtNs[i]! && nowNs >= fullAtNs[i]!) full = true;
    }
    const ownOpen = this.#live.liveCount > 0;
    const isOpen = ownOpen || this.view.foreignOpenCount > 0;
    const wanted = this.#isRoundWanted || this.#isSilent || (this.ending && ownOpen);
    if (!(full || (isOpen && sinceNs >= lightNs) || (wanted && sinceNs >= gapNs))) return;
    if (full) this.#isFullDue = true;
    this.#askNext(QUERY_ORDERS, 0);
  }

  /** F9: nothing heard at all, or a request unanswered and no word about any order since. */
  #checkSilence(): void {
    if (!this.#isReady || this.#isSilent || this.#live.liveCount === 0) return;
    const { nowNs } = this.#voice;
    const { silentNs } = this.#options;
    const late = this.#firstUnanswered();
    const sentNs = late < 0 ? nowNs : this.#live.sentNs[late];
    const unanswered = nowNs - sentNs > silentNs && this.#answeredNs < sentNs;
    if (nowNs - this.#heardNs <= silentNs && !unanswered) return;
    this.#isSilent = true;
    this.#tell();
  }

  /** Slot of the oldest order the broker has not spoken of, or -1; slots only ever move on. */
  #firstUnanswered(): number {
    const { live, answered, count } = this.#live;
    while (this.#oldest < count) {
      const slot = this.#oldest;
      if (live[slot] === 1 && answered[slot] === 0) return slot;
      this.#oldest++;
    }
    return -1;
  }

  /** All that the last round proved was told: the statement, or ready. */
  #onProven(): void {
    if (this.view.moreTrades) this.#askNext(QUERY_ORDERS, 0);
    else if (this.#teller.wantsBridge) this.#askNext(QUERY_BRIDGE, this.#options.gapNs);
    else if (this.#isStatementDue()) this.#askNext(QUERY_POSITIONS, 0);
    else this.#becomeReady();
  }

  /** R8: a broker in another process states positions and cash before the first order. */
  #isStatementDue(): boolean {
    if ((this.#traits & TRAIT_EXACT) !== 0) return false;
    return !this.#isReady || this.#isFullDue;
  }

  #becomeReady(): void {
    this.#isReady = true;
    const late = this.#firstUnanswered();
    if (late < 0 || this.#answeredNs >= this.#live.sentNs[late]) this.#isSilent = false;
    this.#tell();
  }

  /** I1 is broken: one of our ids on two broker orders. */
  #checkDuplicate(): void {
    if (!this.view.duplicateId || this.#isStopped) return;
    this.#isStopped = true;
    this.#tell();
  }
}
