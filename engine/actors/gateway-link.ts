// The last actor before the wire, one per account: writes each request to the journal, then hands
// it to the link, and brings reports and fills back to the OMS, written first as well.
// Invariants: nothing is sent before its record is written; no id is sent twice; a repeated fill
// changes nothing; cancels and the kill switch pass whatever else is full or dead.

import { fail } from '../assert.ts';
import { LiveOrders } from '../core/live-orders.ts';
import {
  REJECT_JOURNAL,
  REJECT_KILLED,
  REJECT_NONE,
  REJECT_NOT_APPROVED,
  REJECT_TABLE_FULL,
} from '../core/reject-code.ts';
import { approvalOf } from '../core/risk-checks.ts';
import { POLL_LIMIT } from '../limits.ts';
import {
  ACTION_CANCEL,
  ACTION_HOLD,
  ACTION_PARK,
  ACTION_PLACE,
  REPORT_CANCEL_REJECTED,
  REPORT_CANCELLED,
  REPORT_HELD,
  REPORT_PARKED,
  REPORT_REJECTED,
  REPORT_WRITTEN,
  SCOPE_ACCOUNT,
  SCOPE_STRATEGY,
  STAGE_GATEWAY,
} from '../messages/codes.ts';
import {
  copyFrame,
  FrameMemory,
  frameEventNs,
  frameLength,
  frameType,
} from '../messages/frames.ts';
import { End, Kill } from '../messages/generated/control.ts';
import { Latency } from '../messages/generated/event.ts';
import { Fill, Reject, Report, Request } from '../messages/generated/order.ts';
import type { FrameHandler } from '../ring/frame-handler.ts';
import type { Agent } from './agent.ts';
import type { MonoClock } from './clock.ts';
import { type EventSink, type FrameInput, InPort, type OutPort, type Tap } from './port.ts';

/** Bytes a frame of this actor's inputs takes at most, with filler. */
const FRAME_ROOM = 512;
/** Slots of the batch's host times. */
const TAKEN = 0;
const WRITTEN = 1;
const WIRE = 2;
/** Room of the link's ring that placing leaves to cancels; of a small ring, half. */
const CANCEL_RESERVE = 65_536;
/** Mark of a request whose id is known: the order of that id stays as it is. */
const REPEATED = -1;

/** What the gateway needs of a journal; engine/journal/writer.ts is one. */
export interface JournalPort {
  /** Sequence number of the record, or a negative code. */
  appendStamped(memory: FrameMemory, at: number): number;
  /** Engine time and host time of the records appended next; slots, so that nothing is boxed. */
  readonly stamps: Float64Array;
  /** Writes everything appended; 0 or a negative code (then the batch must not be sent). */
  flush(): number;
}

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

export class GatewayLink implements Agent, FrameHandler {
  readonly roleName: string;
  readonly live: LiveOrders;
  sent = 0;
  refused = 0;
  repeatedFills = 0;
  /** Requests to place under an id that was used before: never sent, nothing told. */
  repeatedRequests = 0;
  /** Last negative code of the journal; 0 = none. */
  journalFailure = 0;
  ended = false;
  readonly #account: number;
  readonly #ports: GatewayLinkPorts;
  readonly #requestsIn: InPort;
  readonly #answersIn: InPort;
  readonly #controlIn: InPort;
  /** Frames of the running batch, copied until the journal has them. */
  readonly #batch = new FrameMemory(new ArrayBuffer(POLL_LIMIT * 2 * FRAME_ROOM));
  #batchBytes = 0;
  readonly #request = new Request();
  readonly #report = new Report();
  readonly #fill = new Fill();
  readonly #reject = new Reject();
  readonly #kill = new Kill();
  readonly #end = new End();
  readonly #reportOut = new Report();
  readonly #cancelOut = new Request();
  readonly #latency = new Latency();
  /** Kill switch by frame; the shared word is the other one, and either is enough. */
  #killedByFrame = 0;
  #wordSeen = 0;
  /** Orders that the kill switch still has to cancel, by slot of `live`: the link was full. */
  readonly #cancelDue: Uint8Array;
  readonly #cancelReserve: number;
  #cancelsDue = 0;
  #refusalsWaiting = false;
  #ending = false;
  #endSent = false;
  #nowNs = 0;
  /** Host times of the running batch: taken, written, handed to the link. */
  readonly #times = new Float64Array(3);

  constructor(account: number, capacity: number, ports: GatewayLinkPorts) {
    this.roleName = `gateway:${account}`;
    this.#account = account;
    this.#ports = ports;
    this.live = new LiveOrders(capacity);
    this.#cancelDue = new Uint8Array(capacity);
    this.#cancelReserve = Math.min(CANCEL_RESERVE, ports.link.capacityBytes / 2);
    this.#controlIn = new InPort(ports.control, 0, true, ports.tap, this);
    this.#answersIn = new InPort(ports.answers, 1, true, ports.tap, this);
    this.#requestsIn = new InPort(ports.requests, 2, false, ports.tap, this);
  }

  onStart(): void {}

  doWork(): number {
    const word = Atomics.load(this.#ports.killWord, 0);
    if (word !== this.#wordSeen) this.#onKillWord(word);
    if (this.#cancelsDue > 0) this.#sendCancelsDue();
    if (!this.#ports.tap.ready()) return 0;
    let count = this.#controlIn.poll(POLL_LIMIT);
    const room = Math.floor(this.#ports.reports.room() / FRAME_ROOM) - 1;
    count += this.#takeAnswers(Math.min(POLL_LIMIT, room));
    const linkRoom = Math.floor((this.#ports.link.room() - this.#cancelReserve) / FRAME_ROOM);
    const left = Math.floor(this.#ports.reports.room() / FRAME_ROOM) - 1;
    count += this.#takeRequests(Math.min(POLL_LIMIT, linkRoom, left));
    if (this.#ending) this.#finish();
    if (count > 0) {
      this.#ports.reports.publish();
      this.#ports.events.publish();
      this.#ports.tap.publish();
    }
    return count;
  }

  onClose(): void {}

  isIdle(): boolean {
    if (this.#cancelsDue > 0) return false;
    if (Atomics.load(this.#ports.killWord, 0) !== this.#wordSeen) return false;
    return this.#requestsIn.isEmpty() && this.#answersIn.isEmpty() && this.#controlIn.isEmpty();
  }

  /** Every input frame is copied into the batch; kills act at once. */
  onFrame(type: number, memory: FrameMemory, at: number): void {
    if (type === Kill.TYPE) {
      this.#onKill(memory, at);
      return;
    }
    if (type === End.TYPE) {
      this.#ending = true;
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
    const code = this.#ports.journal.flush();
    if (code < 0) this.journalFailure = code;
    this.#ports.clock.stamp(this.#times, WRITTEN);
    for (let at = 0; at < this.#batchBytes; at += frameLength(this.#batch, at)) {
      if (frameType(this.#batch, at) === Request.TYPE) this.#send(at, code);
      else this.#passOwn(at);
    }
    if (this.#refusalsWaiting) {
      this.#refusalsWaiting = false;
      this.#ports.journal.flush();
    }
    this.#ports.link.publish();
    return count;
  }

  /** Appends a frame to the journal, stamped with its own time and the batch's; seq or a code. */
  #record(memory: FrameMemory, at: number): number {
    const journal = this.#ports.journal;
    journal.stamps[0] = frameEventNs(memory, at);
    journal.stamps[1] = this.#times[TAKEN];
    return journal.appendStamped(memory, at);
  }

  /** Appends a frame of the batch; a place that must not be sent is marked in its flags. */
  #writeDown(at: number): void {
    const batch = this.#batch;
    if (frameType(batch, at) !== Request.TYPE) {
      this.#record(batch, at);
      return;
    }
    const request = this.#request.wrap(batch, at);
    this.#nowNs = request.eventNs;
    const refusal = request.action === ACTION_PLACE ? this.#refusalOf(request) : REJECT_NONE;
    request.flags = refusal;
    if (refusal !== REJECT_NONE) return;
    const seq = this.#record(batch, at);
    if (seq < 0) {
      request.flags = REJECT_JOURNAL;
      this.journalFailure = seq;
    }
  }

  #refusalOf(request: Request): number {
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
    if (this.#isKilled()) return REJECT_KILLED;
    const slot = this.live.add(request.coidA, request.coidB, request.coidC, request.qty);
    if (slot < 0) return REJECT_TABLE_FULL;
    this.live.strategy[slot] = request.strategy;
    this.live.instrument[slot] = request.instrument;
    this.live.intentNo[slot] = request.intentNo;
    this.live.side[slot] = request.side;
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
    if (request.action === ACTION_HOLD || request.action === ACTION_PARK) {
      // Written: that is the answer. It is sent when the OMS asks for it.
      this.#reportRequest(request, request.action === ACTION_HOLD ? REPORT_HELD : REPORT_PARKED, 0);
      this.#ports.reports.commit();
      return;
    }
    const link = this.#ports.link;
    const to = link.claim(Request.BYTES);
    if (to < 0) fail(`claim=${to}, expected room on the link`);
    copyFrame(this.#batch, at, link.memory, to);
    link.commit();
    this.sent++;
    if (cancel) return;
    this.#reportWritten(request);
    this.#showLatency(request);
  }

  #refuse(request: Request, code: number): void {
    this.refused++;
    this.#refusalsWaiting = true;
    const slot = this.live.find(request.coidA, request.coidC);
    if (slot >= 0 && code === REJECT_JOURNAL) this.live.finish(slot);
    const kind = request.action === ACTION_PARK ? REPORT_CANCEL_REJECTED : REPORT_REJECTED;
    this.#reportRequest(request, kind, code);
    this.#record(this.#ports.reports.memory, this.#reportOut.at);
    this.#ports.reports.commit();
  }

  #reportWritten(request: Request): void {
    this.#reportRequest(request, REPORT_WRITTEN, 0);
    this.#ports.reports.commit();
  }

  /** Writes a report about a request into the ring to the OMS; the caller commits it. */
  #reportRequest(request: Request, kind: number, code: number): void {
    const out = this.#ports.reports;
    const at = out.claim(Report.BYTES);
    if (at < 0) fail(`claim=${at}, expected room for a report`);
    const report = this.#reportOut.begin(out.memory, at);
    report.eventNs = request.eventNs;
    report.recvNs = request.recvNs;
    report.coidA = request.coidA;
    report.coidB = request.coidB;
    report.coidC = request.coidC;
    report.coidD = request.coidD;
    report.account = request.account;
    report.strategy = request.strategy;
    report.instrument = request.instrument;
    report.kind = kind;
    report.stage = STAGE_GATEWAY;
    report.code = code;
    report.leavesQty = request.qty;
  }

  /** What OMS and risk have decided, written now, goes back to the OMS and takes effect. */
  #passOwn(at: number): void {
    // The OMS's own refusals have no order: they were only written down here.
    const isReject = frameType(this.#batch, at) === Reject.TYPE;
    if (isReject && this.#reject.wrap(this.#batch, at).coidC === 0) return;
    const out = this.#ports.reports;
    const to = out.claim(frameLength(this.#batch, at));
    if (to < 0) fail(`claim=${to}, expected room for a decision`);
    copyFrame(this.#batch, at, out.memory, to);
    out.commit();
  }

  #showLatency(request: Request): void {
    const recvNs = request.recvNs;
    if (recvNs === 0) return;
    const events = this.#ports.events;
    const at = events.claim(Latency.BYTES);
    if (at < 0) return;
    const times = this.#times;
    this.#ports.clock.stamp(times, WIRE);
    const latency = this.#latency.begin(events.memory, at);
    latency.eventNs = request.eventNs;
    latency.recvNs = recvNs;
    latency.coidA = request.coidA;
    latency.coidB = request.coidB;
    latency.coidC = request.coidC;
    latency.coidD = request.coidD;
    latency.strategyNs = request.intentAtNs - recvNs;
    latency.omsNs = request.omsAtNs - request.intentAtNs;
    latency.riskNs = request.riskAtNs - request.omsAtNs;
    latency.gatewayNs = times[TAKEN] - request.riskAtNs;
    latency.journalNs = times[WRITTEN] - times[TAKEN];
    latency.wireNs = times[WIRE] - times[WRITTEN];
    latency.totalNs = times[WIRE] - recvNs;
    events.commit();
  }

  /** Reports and fills of the broker: written, then told to the OMS. */
  #takeAnswers(limit: number): number {
    this.#batchBytes = 0;
    const count = this.#answersIn.poll(limit);
    if (this.#batchBytes === 0) return count;
    this.#ports.clock.stamp(this.#times, TAKEN);
    for (let at = 0; at < this.#batchBytes; at += frameLength(this.#batch, at)) {
      const type = frameType(this.#batch, at);
      if (type === Fill.TYPE) this.#onFill(at);
      else if (type === Report.TYPE) this.#onReport(at);
    }
    const code = this.#ports.journal.flush();
    if (code < 0) this.journalFailure = code;
    return count;
  }

  #onFill(at: number): void {
    const fill = this.#fill.wrap(this.#batch, at);
    if (!this.live.isNewFill(fill.fillNo, fill.instrument, fill.side)) {
      this.repeatedFills++;
      return;
    }
    const slot = this.live.find(fill.coidA, fill.coidC);
    if (slot >= 0) {
      this.live.leaves[slot] -= fill.qty;
      if (this.live.leaves[slot] <= 0) this.live.finish(slot);
    }
    this.#passAnswer(at);
  }

  #onReport(at: number): void {
    const report = this.#report.wrap(this.#batch, at);
    const final = report.kind === REPORT_REJECTED || report.kind === REPORT_CANCELLED;
    const slot = this.live.find(report.coidA, report.coidC);
    if (final && slot >= 0) this.live.finish(slot);
    this.#passAnswer(at);
  }

  #passAnswer(at: number): void {
    const seq = this.#record(this.#batch, at);
    if (seq < 0) this.journalFailure = seq;
    const out = this.#ports.reports;
    const to = out.claim(frameLength(this.#batch, at));
    if (to < 0) fail(`claim=${to}, expected room for an answer`);
    copyFrame(this.#batch, at, out.memory, to);
    out.commit();
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
    this.#record(memory, at);
    this.#ports.journal.flush();
    if (kill.scope === SCOPE_STRATEGY) {
      if (kill.on !== 0) this.#cancelLive(kill.strategy);
      return;
    }
    const before = this.#isKilled();
    this.#killedByFrame = kill.on;
    if (!before && kill.on !== 0) this.#cancelLive(-1);
  }

  #isKilled(): boolean {
    return this.#killedByFrame !== 0 || this.#wordSeen !== 0;
  }

  /** Cancels every order that may be alive (of one strategy, -1: all), from this actor's table. */
  #cancelLive(strategy: number): void {
    const live = this.live;
    let left = live.liveCount;
    for (let slot = live.count - 1; slot >= 0 && left > 0; slot--) {
      if (live.live[slot] === 0) continue;
      left--;
      if (strategy >= 0 && live.strategy[slot] !== strategy) continue;
      if (this.#cancelDue[slot] === 0) this.#cancelsDue++;
      this.#cancelDue[slot] = 1;
    }
    this.#sendCancelsDue();
  }

  /** Sends what cancels the link has room for, newest order first; the rest in the next cycle. */
  #sendCancelsDue(): void {
    const live = this.live;
    const link = this.#ports.link;
    const due = this.#cancelsDue;
    this.#ports.clock.stamp(this.#times, TAKEN);
    for (let slot = live.count - 1; slot >= 0 && this.#cancelsDue > 0; slot--) {
      if (this.#cancelDue[slot] === 0) continue;
      const at = live.live[slot] === 0 ? -1 : link.claim(Request.BYTES);
      if (at < 0 && live.live[slot] !== 0) break;
      this.#cancelDue[slot] = 0;
      this.#cancelsDue--;
      if (at < 0) continue;
      const cancel = this.#cancelOut.begin(link.memory, at);
      cancel.eventNs = this.#nowNs;
      cancel.coidA = live.idA[slot];
      cancel.coidB = live.idB[slot];
      cancel.coidC = live.idC[slot];
      cancel.account = this.#account;
      cancel.strategy = live.strategy[slot];
      cancel.instrument = live.instrument[slot];
      cancel.intentNo = live.intentNo[slot];
      cancel.action = ACTION_CANCEL;
      cancel.side = live.side[slot];
      this.#record(link.memory, at);
      link.commit();
    }
    if (this.#cancelsDue === due) return;
    this.#ports.journal.flush();
    link.publish();
  }

  /** In order: the link hears the end behind the last request; done when nothing is alive. */
  #finish(): void {
    const link = this.#ports.link;
    if (!this.#endSent && link.room() > this.#cancelReserve) {
      const at = link.claim(End.BYTES);
      if (at < 0) return;
      this.#end.begin(link.memory, at).account = this.#account;
      this.#end.eventNs = this.#nowNs;
      link.commit();
      link.publish();
      this.#endSent = true;
    }
    if (this.#endSent && this.live.liveCount === 0 && this.#answersIn.isEmpty()) this.ended = true;
  }
}
