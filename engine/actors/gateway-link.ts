// The last actor before the wire, one per account: writes each request to the journal, then hands
// it to the link, and brings reports and fills back to the OMS, written first as well.
// Invariants: nothing is sent before its record is written; no id is sent twice; a repeated fill
// changes nothing; orders go out only while the link is ready; cancels and the kill switch pass
// whatever else is full or dead, and wait only while there is no fenced link.

import { fail } from '../assert.ts';
import { ArmingGate, type ArmingSetup } from '../core/arming.ts';
import { BrokerView } from '../core/broker-view.ts';
import { isDecision } from '../core/decision.ts';
import { keptCode, NOT_KEPT } from '../core/kept.ts';
import type { LinkOptions } from '../core/link-options.ts';
import { LiveOrders } from '../core/live-orders.ts';
import { idEpoch } from '../core/order-id.ts';
import {
  REJECT_CANCEL_PENDING,
  REJECT_DISARMED,
  REJECT_JOURNAL,
  REJECT_KILLED,
  REJECT_LINK_DOWN,
  REJECT_NONE,
  REJECT_NOT_APPROVED,
  REJECT_NOT_UNKNOWN,
  REJECT_REPORTED_RATE,
  REJECT_TABLE_FULL,
  REJECT_UNKNOWN_ORDER,
} from '../core/reject-code.ts';
import { approvalOf } from '../core/risk/approval.ts';
import { NEW_TABLES, type Tables } from '../core/tables.ts';
import { POLL_LIMIT } from '../limits.ts';
import {
  ACTION_CANCEL,
  ACTION_PARK,
  REPORT_CANCEL_REJECTED,
  REPORT_CANCELLED,
  REPORT_REJECTED,
  REPORT_WRITTEN,
  SCOPE_ACCOUNT,
  SCOPE_STRATEGY,
} from '../messages/codes.ts';
import {
  copyFrame,
  FrameMemory,
  frameFlags,
  frameLength,
  frameType,
  setFrameFlags,
} from '../messages/frames.ts';
import { Arming, BridgeFacts } from '../messages/generated/broker.ts';
import { Clock, End, Kill, OrderSettle } from '../messages/generated/control.ts';
import { Fill, ParentIntent, Report, Request } from '../messages/generated/order.ts';
import type { FrameHandler } from '../ring/frame-handler.ts';
import type { Agent } from './agent.ts';
import { ArmingDesk } from './arming-desk.ts';
import { BrokerLink } from './broker-link.ts';
import type { MonoClock } from './clock.ts';
import { KillCancels, type KillCancelsOptions } from './kill-cancels.ts';
import { LatencyNews } from './latency-news.ts';
import { FRAME_ROOM, type JournalPort, LinkVoice, TAKEN, WRITTEN } from './link-voice.ts';
import { type EventSink, type FrameInput, InPort, type OutPort, type Tap } from './port.ts';
import { RequestAnswers } from './request-answers.ts';

/** Room of the link's ring that placing leaves to cancels; of a small ring, half. */
const CANCEL_RESERVE = 65_536;
/** Mark of a request whose id is known: the order of that id stays as it is. */
const REPEATED = -1;

export interface GatewayLinkPorts {
  /** From risk. */
  readonly requests: FrameInput;
  /** Reports and fills from the link. */
  readonly answers: FrameInput;
  readonly control: FrameInput;
  /** To the link. */
  readonly link: OutPort;
  /** To the OMS. */
  readonly reports: OutPort;
  readonly events: EventSink;
  readonly journal: JournalPort;
  readonly tap: Tap;
  readonly clock: MonoClock;
  /** Shared word: not 0 = kill switch on for this account. */
  readonly killWord: Int32Array;
}

export interface GatewayLinkOptions extends KillCancelsOptions {
  /** Orders of a day. */
  readonly capacity: number;
  readonly day: number;
  /** Epoch of this process life: what the broker's side fences with. */
  readonly epoch: number;
  readonly link: LinkOptions;
  /** Where its tables come from; absent = new ones. */
  readonly tables?: Tables;
  /** Absent = the broker is a simulated one, and every order may go out. */
  readonly arming?: { readonly setup: ArmingSetup; readonly instruments: number };
}

export class GatewayLink implements Agent, FrameHandler {
  readonly roleName: string;
  readonly live: LiveOrders;
  /** The conversation with the broker's side. */
  readonly broker: BrokerLink;
  sent = 0;
  repeatedFills = 0;
  /** Requests to place under an id that was used before: never sent, nothing told. */
  repeatedRequests = 0;
  /** Fills that name no order of ours: reconciliation finds whose they are. */
  unmatchedFills = 0;
  ended = false;
  readonly #account: number;
  readonly #epoch: number;
  readonly #ports: GatewayLinkPorts;
  readonly #requestsIn: InPort;
  readonly #answersIn: InPort;
  readonly #controlIn: InPort;
  /** Frames of the running batch, copied until the journal has them. */
  readonly #batch = new FrameMemory(new ArrayBuffer(POLL_LIMIT * 2 * FRAME_ROOM));
  #batchBytes = 0;
  /** Byte of the batch from which answers wait until all that is owed was told; -1 = none. */
  #answersAt = -1;
  readonly #voice: LinkVoice;
  readonly #request = new Request();
  readonly #report = new Report();
  readonly #fill = new Fill();
  readonly #kill = new Kill();
  readonly #parent = new ParentIntent();
  readonly #end = new End();
  readonly #settle = new OrderSettle();
  readonly #told: RequestAnswers;
  readonly #latency: LatencyNews;
  /** The stage of the account; null = it has none. */
  readonly arming: ArmingDesk | null;
  /** Kill switch by frame; the shared word is the other one, and either is enough. */
  #killedByFrame = 0;
  #wordSeen = 0;
  /** 1 = this strategy was killed, by strategy index. */
  readonly #killed = new Uint8Array(256);
  readonly #cancels: KillCancels;
  readonly #cancelReserve: number;
  #fencesSeen = 0;
  #adoptions = 0;
  #ending = false;
  #endSent = false;
  /** Host times of the running batch: taken, written, handed to the link. */
  readonly #times: Float64Array;

  constructor(options: GatewayLinkOptions, ports: GatewayLinkPorts) {
    const { account, capacity, day, epoch, tables = NEW_TABLES } = options;
    this.roleName = `gateway:${account}`;
    this.#account = account;
    this.#epoch = epoch;
    this.#ports = ports;
    this.live = tables.take(`live orders ${capacity}`, () => new LiveOrders(capacity));
    const view = new BrokerView(this.live, account, day, tables);
    this.#voice = new LinkVoice(account, day, view, ports);
    this.#told = new RequestAnswers(ports.reports, this.#voice);
    this.#times = this.#voice.times;
    this.#latency = new LatencyNews(this.#times, ports.clock, ports.events);
    this.broker = new BrokerLink(view, epoch, options.link, this.#voice);
    this.#cancels = new KillCancels(options, this.live, ports, this.#voice);
    const { arming } = options;
    const gate = arming === undefined ? null : new ArmingGate(arming.setup, arming.instruments);
    this.arming = gate === null ? null : new ArmingDesk(account, gate, ports);
    this.#cancelReserve = Math.min(CANCEL_RESERVE, ports.link.capacityBytes / 2);
    this.#controlIn = new InPort(ports.control, 0, true, ports.tap, this);
    this.#answersIn = new InPort(ports.answers, 1, true, ports.tap, this);
    this.#requestsIn = new InPort(ports.requests, 2, false, ports.tap, this);
  }

  onStart(): void {}

  doWork(): number {
    const word = Atomics.load(this.#ports.killWord, 0);
    if (word !== this.#wordSeen) this.#onKillWord(word);
    if (this.broker.adoptions !== this.#adoptions) this.#onAdopted();
    if (this.#cancels.isWindowOver) this.#cancels.unpark();
    this.#sendCancels();
    if (!this.#ports.tap.ready()) return 0;
    let count = this.#controlIn.poll(POLL_LIMIT);
    // What reconciliation has to tell comes before any input: cycles are not recorded.
    count += this.broker.work();
    if (this.#answersAt >= 0) this.#handleAnswers();
    // Each answer may make one more frame: the state of the link.
    if (this.#mayTake()) count += this.#takeAnswers(Math.min(POLL_LIMIT, this.#voice.room() >> 1));
    count += this.broker.work();
    const linkRoom = Math.floor((this.#ports.link.room() - this.#cancelReserve) / FRAME_ROOM);
    const limit = Math.min(POLL_LIMIT, linkRoom, this.#voice.room());
    if (this.#isStageTold() && this.#mayTake()) count += this.#takeRequests(limit);
    if (this.#ending) this.#finish();
    if (this.#voice.unflushed) this.#voice.flush();
    if (count > 0) {
      this.#ports.reports.publish();
      this.#ports.events.publish();
      this.#ports.tap.publish();
    }
    return count;
  }

  onClose(): void {}

  isIdle(): boolean {
    if (this.#cancels.isOpen && this.broker.takesCancels) return false;
    if (this.#cancels.isWindowOver) return false;
    if (!this.broker.isIdle || this.#answersAt >= 0) return false;
    if (this.arming?.owed === true) return false;
    if (this.#ending && !this.ended) return false;
    if (Atomics.load(this.#ports.killWord, 0) !== this.#wordSeen) return false;
    return this.#requestsIn.isEmpty() && this.#answersIn.isEmpty() && this.#controlIn.isEmpty();
  }

  /** Requests that were not sent, and told so. */
  get refused(): number {
    return this.#told.refused;
  }

  /** Last negative code of the journal; 0 = none. */
  get journalFailure(): number {
    return this.#voice.journalFailure;
  }

  /** Recovery: engine time goes on from here. */
  resumeAt(nowNs: number): void {
    this.broker.resumeAt(nowNs);
  }

  /** Whether inputs may be taken: everything that is owed to the OMS was told. */
  #mayTake(): boolean {
    return this.#answersAt < 0 && !this.broker.busy;
  }

  /** Whether the bridge knows the account's stage, told now if need be. */
  #isStageTold(): boolean {
    return this.arming === null || this.arming.settle();
  }

  /** Every input frame is copied into the batch; kills act at once. */
  onFrame(type: number, memory: FrameMemory, at: number): void {
    if (type === Kill.TYPE) {
      this.#onKill(memory, at);
      return;
    }
    if (type === Arming.TYPE) {
      this.arming?.onCommand(memory, at);
      return;
    }
    if (type === End.TYPE) {
      this.#ending = true;
      this.broker.ending = true;
      this.broker.askLast();
      return;
    }
    this.#batchBytes += copyFrame(memory, at, this.#batch, this.#batchBytes);
  }

  #takeRequests(limit: number): number {
    this.#batchBytes = 0;
    const count = this.#requestsIn.poll(limit);
    if (this.#batchBytes === 0) return count;
    this.#ports.clock.stamp(this.#times, TAKEN);
    for (let at = 0; at < this.#batchBytes; at += frameLength(this.#batch, at)) {
      this.#writeDown(at);
    }
    const code = this.#voice.flush();
    this.#ports.clock.stamp(this.#times, WRITTEN);
    for (let at = 0; at < this.#batchBytes; at += frameLength(this.#batch, at)) {
      const type = frameType(this.#batch, at);
      if (type === Request.TYPE) this.#send(at, code);
      else if (isDecision(type)) this.#passOwn(at, type, code);
    }
    if (this.#told.unwritten) {
      this.#told.unwritten = false;
      this.#voice.flush();
    }
    this.#ports.link.publish();
    return count;
  }

  /** Appends a frame of the batch; a place that must not be sent is marked in its flags. */
  #writeDown(at: number): void {
    const batch = this.#batch;
    const type = frameType(batch, at);
    if (type !== Request.TYPE) {
      this.#writeDecision(at, type);
      return;
    }
    const request = this.#request.wrap(batch, at);
    this.broker.moveTime(batch, at, false);
    const refusal = this.#refusalOf(request);
    request.flags = refusal;
    if (refusal !== REJECT_NONE) return;
    const seq = this.#voice.record(batch, at);
    if (seq < 0) request.flags = REJECT_JOURNAL;
  }

  /** Appends what OMS or risk decided; the mark, made afterwards, is for the way back. */
  #writeDecision(at: number, type: number): void {
    const batch = this.#batch;
    if (type === OrderSettle.TYPE && !this.#maySettle(this.#settle.wrap(batch, at))) {
      setFrameFlags(batch, at, REJECT_NOT_UNKNOWN);
      return;
    }
    if (type === ParentIntent.TYPE) {
      const isKilled = this.#mayNot(this.#parent.wrap(batch, at).strategy);
      const code = isKilled ? REJECT_KILLED : this.#disarmedCode();
      if (code !== REJECT_NONE) {
        setFrameFlags(batch, at, code);
        return;
      }
    }
    const isUnwritten = this.#voice.record(batch, at) < 0;
    if (isDecision(type)) setFrameFlags(batch, at, isUnwritten ? REJECT_JOURNAL : 0);
  }

  /** A decision goes back to the OMS; an order that a person has closed ends here as well. */
  #passOwn(at: number, type: number, code: number): void {
    const batch = this.#batch;
    const isWritten = code === 0 && frameFlags(batch, at) === 0;
    if (type === OrderSettle.TYPE && isWritten) {
      const { coidA, coidC, filledQty } = this.#settle.wrap(batch, at);
      const slot = this.live.find(coidA, coidC);
      if (slot >= 0) this.live.settle(slot, filledQty);
    }
    this.#told.passOwn(batch, at, type, code);
  }

  /** Only while nothing about the order is on its way to the OMS: both must close the same one. */
  #maySettle(settle: OrderSettle): boolean {
    const { live } = this;
    const slot = live.find(settle.coidA, settle.coidC);
    if (slot < 0 || live.live[slot] === 0 || live.unknown[slot] === 0) return false;
    return live.filled[slot] === settle.bookedQty;
  }

  #disarmedCode(): number {
    return this.arming?.gate.isDisarmed === true ? REJECT_DISARMED : REJECT_NONE;
  }

  #refusalOf(request: Request): number {
    if (request.action === ACTION_CANCEL || request.action === ACTION_PARK) return REJECT_NONE;
    const isKilled = this.#mayNot(request.strategy);
    const gate = this.arming?.gate;
    if (keptCode(request.action) !== NOT_KEPT) {
      return isKilled ? REJECT_KILLED : this.#disarmedCode();
    }
    if (this.live.find(request.coidA, request.coidC) >= 0) return REPEATED;
    const expected = approvalOf(
      request.coidA,
      request.coidC,
      request.instrument,
      request.side,
      request.priceE4,
      request.qty,
    );
    if (request.approval !== expected) return REJECT_NOT_APPROVED;
    if (isKilled) return REJECT_KILLED;
    if (this.broker.refusal !== REJECT_NONE) return this.broker.refusal;
    if (this.#cancels.isWaiting) return REJECT_REPORTED_RATE;
    if (gate !== undefined) {
      const stageCode = gate.refusal(request.instrument, request.qty, request.valueE4);
      if (stageCode !== REJECT_NONE) return stageCode;
    }
    const slot = this.live.add(request.coidA, request.coidB, request.coidC, request.qty);
    if (slot < 0) return REJECT_TABLE_FULL;
    this.live.strategy[slot] = request.strategy;
    this.live.instrument[slot] = request.instrument;
    this.live.intentNo[slot] = request.intentNo;
    this.live.side[slot] = request.side;
    // Counted when written: what a failed disk kept back counts as well.
    if (gate !== undefined) gate.sentE4 += request.qty * request.valueE4;
    return REJECT_NONE;
  }

  /** Hands a written request to the link, or reports why it was not sent. */
  #send(at: number, flushCode: number): void {
    const request = this.#request.wrap(this.#batch, at);
    const cancel = request.action === ACTION_CANCEL;
    const mark = request.flags;
    if (mark === REPEATED) {
      this.repeatedRequests++;
      return;
    }
    const refusal = flushCode < 0 ? REJECT_JOURNAL : mark;
    if (refusal !== REJECT_NONE && !(cancel && refusal === REJECT_JOURNAL)) {
      this.#refuse(request, refusal);
      return;
    }
    request.flags = 0;
    if (request.action === ACTION_PARK || keptCode(request.action) !== NOT_KEPT) {
      this.#told.kept(request);
      return;
    }
    if (cancel && !this.#mayCancel(request)) return;
    const link = this.#ports.link;
    const to = link.claim(Request.BYTES);
    if (to < 0) fail(`claim=${to}, expected room on the link`);
    copyFrame(this.#batch, at, link.memory, to);
    link.commit();
    this.sent++;
    const slot = this.live.find(request.coidA, request.coidC);
    this.#cancels.onSent(slot);
    if (cancel) return;
    this.broker.onSent(slot);
    this.#told.report(request, REPORT_WRITTEN, REJECT_NONE);
    this.#latency.show(request);
  }

  /** Whether a cancel may go now; one that may not waits for the link, or is answered. */
  #mayCancel(request: Request): boolean {
    const { broker, live } = this;
    const slot = live.find(request.coidA, request.coidC);
    if (slot >= 0 && this.#cancels.covers(slot)) return false;
    const repeats = slot >= 0 && live.cancelSent[slot] === 1;
    if (broker.takesCancels && !(repeats && !broker.takesRepeatedCancels)) {
      if (slot < 0) return this.#mayBeTheirs(request);
      live.cancelSent[slot] = 1;
      live.cancelNs[slot] = this.#voice.nowNs;
      return true;
    }
    if (slot >= 0 && live.live[slot] === 1 && !broker.takesCancels) {
      this.#cancels.wantWritten(slot);
      return false;
    }
    const code = broker.takesCancels ? REJECT_CANCEL_PENDING : REJECT_UNKNOWN_ORDER;
    this.#told.refuseCancel(request, code);
    return false;
  }

  /** An order of this life that is not in the table was kept or refused, never sent. */
  #mayBeTheirs(request: Request): boolean {
    if (idEpoch(request.coidA) !== this.#epoch) return true;
    this.#told.refuseCancel(request, REJECT_UNKNOWN_ORDER);
    return false;
  }

  #refuse(request: Request, code: number): void {
    const slot = this.live.find(request.coidA, request.coidC);
    if (slot >= 0 && code === REJECT_JOURNAL) this.live.finish(slot);
    this.#told.refuse(request, code);
  }

  /** What the broker's side says: reports and fills are written, then told to the OMS. */
  #takeAnswers(limit: number): number {
    this.#batchBytes = 0;
    const count = this.#answersIn.poll(limit);
    if (this.#batchBytes === 0) return count;
    this.#ports.clock.stamp(this.#times, TAKEN);
    this.#answersAt = 0;
    this.#handleAnswers();
    return count;
  }

  /** Goes through the batch of answers until one makes more to tell than the ring has room for. */
  #handleAnswers(): void {
    let at = this.#answersAt;
    while (at < this.#batchBytes) {
      if (this.broker.busy) this.broker.work();
      if (this.broker.busy || this.#voice.room() < 2) {
        this.#answersAt = at;
        return;
      }
      this.#handleAnswer(at);
      at += frameLength(this.#batch, at);
    }
    this.#answersAt = -1;
  }

  #handleAnswer(at: number): void {
    const type = frameType(this.#batch, at);
    this.broker.moveTime(this.#batch, at, type !== Clock.TYPE);
    if (type === Fill.TYPE) this.#onFill(at);
    else if (type === Report.TYPE) this.#onReport(at);
    else if (type === BridgeFacts.TYPE) this.#ports.events.offer(this.#batch, at);
    else this.broker.onFrame(type, this.#batch, at);
    this.broker.askLast();
    if (this.broker.fences === this.#fencesSeen) return;
    this.#fencesSeen = this.broker.fences;
    this.arming?.onFenced();
    this.#cancels.wantAgain(this.#isKilled(), this.#killed);
  }

  #onFill(at: number): void {
    const fill = this.#fill.wrap(this.#batch, at);
    const slot = this.live.find(fill.coidA, fill.coidC);
    this.broker.onAnswer(slot);
    if (slot < 0 || this.broker.view.isUntold(slot)) {
      // Not marked as seen: the broker's list of trades says whose it is.
      this.unmatchedFills++;
      return;
    }
    if (!this.live.isNewFill(fill.fillNo, fill.instrument, fill.side)) {
      this.repeatedFills++;
      return;
    }
    this.live.book(slot, fill.qty);
    this.#passAnswer(at);
  }

  #onReport(at: number): void {
    const report = this.#report.wrap(this.#batch, at);
    const { kind } = report;
    const slot = this.live.find(report.coidA, report.coidC);
    this.broker.onReport(slot, report);
    if (slot < 0 && report.coidC === 0) return;
    // A list names it and no round has told the OMS of it yet: the next one says how it stands.
    if (slot >= 0 && this.broker.view.isUntold(slot)) return;
    if (slot >= 0) {
      if (kind === REPORT_REJECTED || kind === REPORT_CANCELLED) this.live.finish(slot);
      else if (kind === REPORT_CANCEL_REJECTED) {
        // It met a dead connection: it stays owed, and goes out behind the next fence.
        if (report.code === REJECT_LINK_DOWN && this.live.live[slot] === 1) return;
        this.live.cancelSent[slot] = 0;
      }
    }
    this.#passAnswer(at);
  }

  #passAnswer(at: number): void {
    this.#voice.record(this.#batch, at);
    this.#voice.pass(this.#batch, at, frameLength(this.#batch, at));
  }

  #onKillWord(word: number): void {
    const before = this.#isKilled();
    this.#wordSeen = word;
    this.#ports.tap.killWord(word);
    if (!before && word !== 0) this.#cancelLive(-1);
  }

  #onKill(memory: FrameMemory, at: number): void {
    const kill = this.#kill.wrap(memory, at);
    if (kill.scope === SCOPE_ACCOUNT && kill.account !== this.#account) return;
    this.#ports.clock.stamp(this.#times, TAKEN);
    this.#voice.record(memory, at);
    this.#voice.flush();
    if (kill.scope === SCOPE_STRATEGY) {
      this.killStrategy(kill.strategy, kill.on);
      return;
    }
    const before = this.#isKilled();
    this.#killedByFrame = kill.on;
    if (!before && kill.on !== 0) this.#cancelLive(-1);
  }

  /** Refuses a strategy's orders and cancels what it has; also at start, as the journal says. */
  killStrategy(strategy: number, on: number): void {
    this.#killed[strategy] = on;
    if (on !== 0) this.#cancelLive(strategy);
  }

  /** Whether a strategy may not send: it was killed, or all are. */
  #mayNot(strategy: number): boolean {
    return this.#isKilled() || this.#killed[strategy] === 1;
  }

  #isKilled(): boolean {
    return this.#killedByFrame !== 0 || this.#wordSeen !== 0;
  }

  /** What was ours all along and became known only now: the kill switch holds for it too. */
  #onAdopted(): void {
    this.#adoptions = this.broker.adoptions;
    if (this.#isKilled()) this.#cancels.wantAdopted();
  }

  /** Cancels every order that may be alive (of one strategy, -1: all), from this actor's table. */
  #cancelLive(strategy: number): void {
    this.#cancels.cancelAll(strategy);
    this.#cancels.write();
    this.#sendCancels();
  }

  #sendCancels(): void {
    if (this.#cancels.due === 0 || !this.broker.takesCancels) return;
    this.#cancels.isPaced = this.broker.isTimed;
    this.#cancels.send();
  }

  /** In order: the link hears the end behind the last request; done when nothing is alive. */
  #finish(): void {
    const link = this.#ports.link;
    if (!this.#endSent && link.room() > this.#cancelReserve) {
      const at = link.claim(End.BYTES);
      if (at < 0) return;
      this.#end.begin(link.memory, at).account = this.#account;
      this.#end.eventNs = this.#voice.nowNs;
      link.commit();
      link.publish();
      this.#endSent = true;
    }
    if (!this.#endSent || this.live.liveCount > 0 || !this.#answersIn.isEmpty()) return;
    // What the broker stated last is with the OMS, too.
    const { reports } = this.#ports;
    this.ended = this.broker.isStated && reports.room() === reports.capacityBytes;
  }
}
