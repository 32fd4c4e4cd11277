// Everything the gateway link writes by itself: reports, fills and adopted orders it proved, states
// of the link to the OMS and to people, fences and questions to the broker's side. Part of the
// gateway link. Invariant: what the OMS is told was appended to the journal before; the caller
// flushes before it publishes.

import { fail } from '../assert.ts';
import type { BrokerView } from '../core/broker-view.ts';
import { FLOAT_ZERO } from '../core/float-zero.ts';
import type { LiveOrders } from '../core/live-orders.ts';
import { idCheck } from '../core/order-id.ts';
import { STATUS_ACCEPTED } from '../core/order-status.ts';
import { STRATEGY_NONE } from '../messages/codes.ts';
import { copyFrame, type FrameMemory, frameEventNs } from '../messages/frames.ts';
import { BrokerOrder, Fence, LinkState, Query } from '../messages/generated/broker.ts';
import { Fill, Report } from '../messages/generated/order.ts';
import type { EventSink, OutPort } from './port.ts';

/** What the gateway needs of a journal; engine/journal/writer.ts is one. */
export interface JournalPort {
  /** Sequence number of the record, or a negative code. */
  appendStamped(memory: FrameMemory, at: number): number;
  /** Engine time and host time of the records appended next; slots, so that nothing is boxed. */
  readonly stamps: Float64Array;
  /** Writes everything appended; 0 or a negative code (then the batch must not be sent). */
  flush(): number;
}

/** Bytes a frame of a gateway's rings takes at most, with filler. */
export const FRAME_ROOM = 512;
/** Slot of `times`: host time at which the running batch was taken. */
export const TAKEN = 0;
/** At which its records were written, and at which it was handed to the link. */
export const WRITTEN = 1;
export const WIRE = 2;

export interface VoicePorts {
  readonly link: OutPort;
  readonly reports: OutPort;
  readonly events: EventSink;
  readonly journal: JournalPort;
}

export class LinkVoice {
  /** Last negative code of the journal; 0 = none. */
  journalFailure = 0;
  /** Something was appended since the last flush. */
  unflushed = false;
  /** Engine time of what is said. */
  nowNs = FLOAT_ZERO;
  /** Host times of the running batch; TAKEN stamps records. */
  readonly times = new Float64Array(3);
  readonly #account: number;
  readonly #day: number;
  readonly #live: LiveOrders;
  readonly #view: BrokerView;
  readonly #ports: VoicePorts;
  readonly #report = new Report();
  readonly #fill = new Fill();
  readonly #adopted = new BrokerOrder();
  readonly #state = new LinkState();
  readonly #fence = new Fence();
  readonly #query = new Query();

  constructor(account: number, day: number, view: BrokerView, ports: VoicePorts) {
    this.#account = account;
    this.#day = day;
    this.#live = view.live;
    this.#view = view;
    this.#ports = ports;
  }

  /** Frames the ring to the OMS takes now, one kept for what a batch itself needs. */
  room(): number {
    return Math.floor(this.#ports.reports.room() / FRAME_ROOM) - 1;
  }

  /** Appends a frame to the journal, stamped with its own time and the batch's; seq or a code. */
  record(memory: FrameMemory, at: number): number {
    const { journal } = this.#ports;
    journal.stamps[0] = frameEventNs(memory, at);
    journal.stamps[1] = this.times[TAKEN];
    this.unflushed = true;
    const seq = journal.appendStamped(memory, at);
    if (seq < 0) this.journalFailure = seq;
    return seq;
  }

  /** Writes what was appended; 0 or a negative code. */
  flush(): number {
    this.unflushed = false;
    const code = this.#ports.journal.flush();
    if (code < 0) this.journalFailure = code;
    return code;
  }

  /** A report about an order of the table: REPORT_*, who says so, and why. */
  report(slot: number, kind: number, stage: number, code: number): void {
    const live = this.#live;
    const at = this.#claim(Report.BYTES);
    const report = this.#report.begin(this.#ports.reports.memory, at);
    report.eventNs = this.nowNs;
    report.coidA = live.idA[slot];
    report.coidB = live.idB[slot];
    report.coidC = live.idC[slot];
    report.coidD = idCheck(live.idA[slot], live.idB[slot], live.idC[slot]);
    report.account = this.#account;
    report.strategy = live.strategy[slot];
    report.instrument = live.instrument[slot];
    report.kind = kind;
    report.stage = stage;
    report.code = code;
    report.filledQty = live.filled[slot];
    report.leavesQty = Math.max(0, live.leaves[slot]);
    report.brokerOrderNo = live.brokerNo[slot];
    this.#finish(at);
  }

  /** The n-th new fill of the view's round. */
  fill(n: number): void {
    const view = this.#view;
    const live = this.#live;
    const slot = view.tradeSlot[n];
    const at = this.#claim(Fill.BYTES);
    const fill = this.#fill.begin(this.#ports.reports.memory, at);
    fill.eventNs = this.nowNs;
    fill.coidA = live.idA[slot];
    fill.coidB = live.idB[slot];
    fill.coidC = live.idC[slot];
    fill.coidD = idCheck(live.idA[slot], live.idB[slot], live.idC[slot]);
    fill.account = this.#account;
    fill.strategy = live.strategy[slot];
    fill.instrument = live.instrument[slot];
    fill.intentNo = live.intentNo[slot];
    fill.side = live.side[slot];
    fill.priceE4 = view.tradePriceE4[n];
    fill.qty = view.tradeQty[n];
    fill.leavesQty = Math.max(0, live.leaves[slot]);
    fill.fillNo = view.tradeNo[n];
    this.#finish(at);
  }

  /** An order of the broker's list that the OMS does not know. */
  adopted(slot: number): void {
    const view = this.#view;
    const live = this.#live;
    const at = this.#claim(BrokerOrder.BYTES);
    const order = this.#adopted.begin(this.#ports.reports.memory, at);
    order.eventNs = this.nowNs;
    order.coidA = live.idA[slot];
    order.coidB = live.idB[slot];
    order.coidC = live.idC[slot];
    order.coidD = idCheck(live.idA[slot], live.idB[slot], live.idC[slot]);
    order.account = this.#account;
    order.instrument = live.instrument[slot];
    order.side = live.side[slot];
    order.kind = view.kind[slot];
    order.priceE4 = view.priceE4[slot];
    order.qty = view.qty[slot];
    order.status = STATUS_ACCEPTED;
    order.brokerOrderNo = live.brokerNo[slot];
    live.strategy[slot] = STRATEGY_NONE;
    this.#finish(at);
  }

  /** The link's state, to the journal, the OMS and people. */
  state(state: number, sessionNo: number, epoch: number, traits: number): void {
    const at = this.#claim(LinkState.BYTES);
    const { reports, events } = this.#ports;
    this.#writeState(reports.memory, at, state, sessionNo, epoch, traits);
    events.offer(reports.memory, at);
    this.#finish(at);
  }

  #writeState(
    memory: FrameMemory,
    at: number,
    state: number,
    sessionNo: number,
    epoch: number,
    traits: number,
  ): void {
    const link = this.#state.begin(memory, at);
    link.eventNs = this.nowNs;
    link.account = this.#account;
    link.state = state;
    link.sessionNo = sessionNo;
    link.epoch = epoch;
    link.day = this.#day;
    link.traits = traits;
  }

  /** Passes a frame of the broker's side on to the OMS as it is. */
  pass(memory: FrameMemory, at: number, bytes: number): void {
    const out = this.#ports.reports;
    const to = this.#claim(bytes);
    copyFrame(memory, at, out.memory, to);
    out.commit();
  }

  /** To the broker's side: lower epochs are to be refused; false = no room now. */
  fence(epoch: number): boolean {
    const { link } = this.#ports;
    if (link.room() < FRAME_ROOM) return false;
    const at = link.claim(Fence.BYTES);
    if (at < 0) return false;
    const fence = this.#fence.begin(link.memory, at);
    fence.eventNs = this.nowNs;
    fence.account = this.#account;
    fence.epoch = epoch;
    fence.day = this.#day;
    link.commit();
    link.publish();
    return true;
  }

  /** A question to the broker's side; false = no room now. */
  query(queryNo: number, kind: number): boolean {
    const { link } = this.#ports;
    if (link.room() < FRAME_ROOM) return false;
    const at = link.claim(Query.BYTES);
    if (at < 0) return false;
    const query = this.#query.begin(link.memory, at);
    query.eventNs = this.nowNs;
    query.account = this.#account;
    query.queryNo = queryNo;
    query.kind = kind;
    link.commit();
    link.publish();
    return true;
  }

  /** Tells the broker's side that requests follow; false = no room now. */
  ready(state: number, sessionNo: number, epoch: number, traits: number): boolean {
    const { link } = this.#ports;
    if (link.room() < FRAME_ROOM) return false;
    const at = link.claim(LinkState.BYTES);
    if (at < 0) return false;
    this.#writeState(link.memory, at, state, sessionNo, epoch, traits);
    link.commit();
    link.publish();
    return true;
  }

  #claim(bytes: number): number {
    const at = this.#ports.reports.claim(bytes);
    if (at < 0) fail(`claim=${at}, expected room on the ring to the OMS`);
    return at;
  }

  /** Journals the claimed frame and commits it. */
  #finish(at: number): void {
    const out = this.#ports.reports;
    this.record(out.memory, at);
    out.commit();
  }
}
