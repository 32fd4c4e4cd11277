// The simulated exchange: takes our own orders, lets its world (exchange-world.ts) say what becomes
// of them, and publishes the world's events to the feed. One agent, first in the cycle; stands
// behind the gateway links exactly where a broker's session would.
// Invariants: an id is accepted once; every request gets a report; own fills of an event are
// reported before the event itself is published, so no strategy sees an event before its exchange,
// and in lockstep they have reached account, risk and strategy by then.

import { assert } from '../../engine/assert.ts';
import type { ValidationKernel } from '../../engine/core/exchange-kernel.ts';
import { FLOAT_ZERO } from '../../engine/core/float-zero.ts';
import { SOURCE_END } from '../../engine/core/market-source.ts';
import {
  REJECT_NO_CANCEL_WINDOW,
  REJECT_NONE,
  REJECT_NOT_IN_SESSION,
  REJECT_ORDER_FINISHED,
  REJECT_TABLE_FULL,
  REJECT_UNKNOWN_ORDER,
} from '../../engine/core/reject-code.ts';

import { takesCancels } from '../../engine/core/session.ts';
import { NEW_TABLES } from '../../engine/core/tables.ts';
import type {
  GatewaySession,
  SessionPorts,
  StreamDivergence,
} from '../../engine/host/gateway-session.ts';
import { POLL_LIMIT } from '../../engine/limits.ts';
import {
  ACTION_CANCEL,
  END_BY_USER,
  END_OF_DATA,
  FLAG_CATCH_UP,
  PHASE_CLOSED,
  REPORT_ACCEPTED,
  REPORT_CANCEL_REJECTED,
  REPORT_CANCELLED,
  REPORT_REJECTED,
  SIDE_BUY,
  SIDE_SELL,
  STAGE_EXCHANGE,
} from '../../engine/messages/codes.ts';
import { BODY_OFFSET, copyFrame, FrameMemory } from '../../engine/messages/frames.ts';
import { End } from '../../engine/messages/generated/control.ts';
import { BarBlock, Phase } from '../../engine/messages/generated/market.ts';
import { Fill, Report, Request } from '../../engine/messages/generated/order.ts';
import { MAX_FRAME_BYTES } from '../../engine/messages/generated/types.ts';
import type { FrameHandler } from '../../engine/ring/frame-handler.ts';

import { BrokerDesk } from './broker-desk.ts';
import type { ExchangeWorld, FillPort, OwnSide } from './exchange-world.ts';
import { OrderDoor } from './order-door.ts';
import { type SimExchangeOptions, SimLedger } from './sim-ledger.ts';

import { WorkingOrders } from './working-orders.ts';

/** Index of a frame's flags as int16, for a frame at byte 0. */
const FLAGS_AT = (BODY_OFFSET + 6) >> 1;
/** Room one own order may need for its reports. */
const REPORT_ROOM = 16_384;

/** No orders, or those of every instrument, have to expire. */
const EXPIRE_NONE = -2;
const EXPIRE_ALL = -1;

export interface SimExchangePorts extends SessionPorts {
  /** Makes the market our orders stand in. */
  readonly makeWorld: (own: OwnSide) => ExchangeWorld;
  /** Of the module that holds the tape's book, told the day's rules. */
  readonly validate: ValidationKernel;
}

export class SimExchange implements GatewaySession, FrameHandler, FillPort {
  readonly roleName = 'exchange';
  received = 0;
  /** Market events released so far. */
  eventCount = 0;
  ended = false;
  /** Engine time of the last event. */
  nowNs = FLOAT_ZERO;
  readonly #ports: SimExchangePorts;
  readonly #world: ExchangeWorld;
  readonly #door: OrderDoor;
  readonly #working: WorkingOrders;
  readonly #ledger: SimLedger;
  readonly #desk: BrokerDesk;
  readonly #scratch = new FrameMemory(new ArrayBuffer(Math.ceil(MAX_FRAME_BYTES / 8) * 8));
  readonly #phase = new Phase();
  readonly #block = new BarBlock();
  readonly #request = new Request();
  readonly #report = new Report();
  readonly #fill = new Fill();
  readonly #end = new End();
  #stopReason = 0;
  /** Instrument whose day orders still have to expire, or EXPIRE_*. */
  #expiring = EXPIRE_NONE;
  /** 1 = the account has ended and its orders still have to expire. */
  readonly #expiringAccount: Uint8Array;
  #accountsExpiring = false;
  /** An event traded an own order: it waits in the scratch until the fill is everywhere. */
  #heldBytes = 0;
  #hasFilled = false;
  /** Events before this engine time are of an earlier life (after a restart). */
  #skipUntilNs: number;
  readonly #endsAtRest: boolean;

  constructor(options: SimExchangeOptions, ports: SimExchangePorts) {
    const { instruments, day, capacity, skipUntilNs, tables = NEW_TABLES } = options;
    this.#ports = ports;
    const count = instruments.length;
    this.#working = tables.take(`exchange orders ${capacity} ${count}`, () => {
      return new WorkingOrders(capacity, count);
    });
    this.#door = new OrderDoor(instruments, ports.requests.length, ports.validate, tables);
    this.#ledger = new SimLedger(this.#working, options);
    this.#desk = new BrokerDesk(ports.reports, this.#ledger, day);
    this.#expiringAccount = new Uint8Array(ports.requests.length);
    this.#skipUntilNs = skipUntilNs;
    this.#endsAtRest = options.endsAtRest === true;
    this.#world = ports.makeWorld({ working: this.#working, door: this.#door, fills: this });
  }

  onStart(): void {
    this.#desk.start();
  }

  doWork(): number {
    let count = this.#ports.control.poll(this, POLL_LIMIT);
    count += this.#desk.work();
    if (this.#expiring !== EXPIRE_NONE) {
      this.#cancelAll(this.#expiring);
      count++;
    }
    if (this.#accountsExpiring) {
      this.#expireAccounts();
      count++;
    }
    // A matching is one event: whoever saw its first print comes behind its last. Behind the end
    // nothing is released any more, and the links still have their last questions.
    for (let i = 0; i < this.#ports.requests.length; i++) {
      if (this.#world.isBusy && !this.ended) break;
      if (this.#ports.reports[i]!.room() < REPORT_ROOM * 2) continue;
      count += this.#ports.requests[i]!.poll(this, 1);
    }
    if (count === 0) count = this.#release();
    if (count > 0) {
      for (let i = 0; i < this.#ports.reports.length; i++) this.#ports.reports[i]!.publish();
      this.#ports.market.publish();
    }
    return count;
  }

  onClose(): void {
    this.#world.close?.();
  }

  problems(): readonly string[] {
    return this.#world.problems();
  }

  divergence(): readonly StreamDivergence[] {
    return this.#world.divergence?.() ?? [];
  }

  isIdle(): boolean {
    for (let i = 0; i < this.#ports.requests.length; i++) {
      if (!this.#ports.requests[i]!.isEmpty()) return false;
    }
    if (!this.#ports.control.isEmpty() || !this.#desk.isIdle) return false;
    if (!this.#desk.allReady) return true;
    const nextNs = this.#heldBytes > 0 ? this.nowNs : this.#world.nextNs();
    return this.ended || nextNs === SOURCE_END || !this.#ports.pacer.mayRelease(nextNs);
  }

  onFrame(type: number, memory: FrameMemory, at: number): void {
    if (type === Request.TYPE) this.#onRequest(memory, at);
    else if (type === End.TYPE) this.#onEnd(memory, at);
    else this.#desk.onFrame(type, memory, at);
  }

  /** Releases the next market event when its time has come; 1, or 0. */
  #release(): number {
    if (this.ended) return 0;
    // The market waits for the links: no order may find its own link not ready.
    if (!this.#desk.allReady && this.#stopReason === 0) return 0;
    if (this.#heldBytes > 0) {
      return this.#ports.pacer.mayRelease(this.nowNs) ? this.#publish(this.#heldBytes) : 0;
    }
    if (this.#stopReason !== 0) return this.#sendEnd(this.#stopReason);
    const { market } = this.#ports;
    const world = this.#world;
    const nextNs = world.nextNs();
    if (nextNs === SOURCE_END) {
      if (this.#endsAtRest && !this.#ports.pacer.mayRelease(this.nowNs)) return 0;
      return this.#sendEnd(END_OF_DATA);
    }
    const catchUp = nextNs < this.#skipUntilNs;
    if (!catchUp && !this.#ports.pacer.mayRelease(nextNs)) return 0;
    if (market.room() < MAX_FRAME_BYTES * 4 || !this.#reportsHaveRoom()) return 0;
    this.nowNs = nextNs;
    this.#desk.nowNs = nextNs;
    world.nowNs = nextNs;
    this.#hasFilled = false;
    const bytes = world.next(this.#scratch, 0);
    if (bytes <= 0) return 1;
    const isBlock = this.#scratch.i32[1] === BarBlock.TYPE;
    this.eventCount += isBlock ? this.#block.wrap(this.#scratch, 0).count : 1;
    // Of an earlier life: nobody trades on it again, it only brings the books up to date.
    if (catchUp) this.#scratch.i16[FLAGS_AT] |= FLAG_CATCH_UP;
    if (this.#scratch.i32[1] === Phase.TYPE) this.#onPhase();
    // Whoever acts on the event acts knowing the fill, as the account does by the clock as well.
    if (this.#hasFilled && !catchUp) {
      this.#heldBytes = bytes;
      return 1;
    }
    return this.#publish(bytes);
  }

  /** The event in the scratch goes to the feed; 1, or 0 for want of room. */
  #publish(bytes: number): number {
    const { market } = this.#ports;
    const at = market.claim(bytes);
    if (at < 0) return 0;
    this.#heldBytes = 0;
    copyFrame(this.#scratch, 0, market.memory, at);
    market.commit();
    return 1;
  }

  #reportsHaveRoom(): boolean {
    for (let i = 0; i < this.#ports.reports.length; i++) {
      if (this.#ports.reports[i]!.room() < REPORT_ROOM * 2) return false;
    }
    return true;
  }

  #sendEnd(reason: number): number {
    this.#cancelAll(EXPIRE_ALL);
    if (this.#expiring !== EXPIRE_NONE) return 1;
    const at = this.#ports.market.claim(End.BYTES);
    if (at < 0) return 0;
    this.#end.begin(this.#ports.market.memory, at).reason = reason;
    this.#end.eventNs = this.nowNs;
    this.#ports.market.commit();
    this.ended = true;
    return 1;
  }

  /** The day of an instrument, or of all, is over: its day orders expire. */
  #onPhase(): void {
    const phase = this.#phase.wrap(this.#scratch, 0);
    if (phase.phase === PHASE_CLOSED) this.#cancelAll(phase.instrument);
  }

  #onRequest(memory: FrameMemory, at: number): void {
    const request = this.#request.wrap(memory, at);
    this.received++;
    if (request.action === ACTION_CANCEL) this.#cancel(request);
    else this.#place(request);
  }

  #place(request: Request): void {
    const working = this.#working;
    const i = request.instrument;
    const known = working.find(request.coidA, request.coidC);
    if (known >= 0) {
      // REJECTED would end the order of that id: say that it was taken, and how it stands.
      this.#reportOrder(known, REPORT_ACCEPTED, 0);
      return;
    }
    const refused = this.ended ? REJECT_NOT_IN_SESSION : this.#judge(request);
    if (refused !== REJECT_NONE) {
      this.#refuse(request, refused);
      return;
    }
    const slot = working.add(request.coidA, request.coidB, request.coidC);
    if (slot < 0) {
      this.#refuse(request, REJECT_TABLE_FULL);
      return;
    }
    working.describe(slot, request);
    this.#reportOrder(slot, REPORT_ACCEPTED, 0);
    working.rest(slot);
    this.#door.add(request.account, i, request.side, request.qty);
    this.#world.nowNs = this.nowNs;
    this.#world.place(slot);
  }

  /** The first rule of the day that an arriving order breaks, by the world's book; or 0. */
  #judge(request: Request): number {
    const world = this.#world;
    const i = request.instrument;
    const bidE4 = Math.max(0, world.bestE4(i, SIDE_BUY));
    const askE4 = Math.max(0, world.bestE4(i, SIDE_SELL));
    const broken = this.#door.judge(request, world.phase(i), bidE4, askE4);
    return broken !== REJECT_NONE ? broken : world.refusal(i, request.priceE4);
  }

  #cancel(request: Request): void {
    const working = this.#working;
    const slot = working.find(request.coidA, request.coidC);
    let code = REJECT_NONE;
    if (slot < 0) code = REJECT_UNKNOWN_ORDER;
    else if (working.live[slot] === 0) code = REJECT_ORDER_FINISHED;
    else if (!takesCancels(this.#world.phase(working.instrument[slot]))) {
      code = REJECT_NO_CANCEL_WINDOW;
    }
    if (code === REJECT_NONE) this.#endOrder(slot, REPORT_CANCELLED);
    else this.#reportTo(request.account, request, REPORT_CANCEL_REJECTED, code);
  }

  /** A gateway's end, or a stop by a person: what still rests of it expires. */
  #onEnd(memory: FrameMemory, at: number): void {
    const end = this.#end.wrap(memory, at);
    if (end.reason !== 0) {
      this.#stopReason = end.reason === END_OF_DATA ? END_OF_DATA : END_BY_USER;
      return;
    }
    this.#expiringAccount[end.account] = 1;
    this.#expireAccounts();
  }

  /** Orders of the accounts that have ended expire. */
  #expireAccounts(): void {
    this.#accountsExpiring = false;
    for (let a = 0; a < this.#expiringAccount.length; a++) {
      if (this.#expiringAccount[a] === 0) continue;
      if (this.#expire(EXPIRE_ALL, a)) this.#expiringAccount[a] = 0;
      else this.#accountsExpiring = true;
    }
  }

  /** Day orders expire (rules sheet 5.1: 当日有效), of one instrument or all. */
  #cancelAll(instrument: number): void {
    this.#expiring = this.#expire(instrument, EXPIRE_ALL) ? EXPIRE_NONE : instrument;
  }

  /** Ends orders of an instrument and account (-1: of all); false = reports found no room. */
  #expire(instrument: number, account: number): boolean {
    const working = this.#working;
    for (let n = working.liveCount - 1; n >= 0; n--) {
      const slot = working.liveSlots[n];
      if (instrument >= 0 && working.instrument[slot] !== instrument) continue;
      if (account >= 0 && working.account[slot] !== account) continue;
      if (this.#ports.reports[working.account[slot]]!.room() < REPORT_ROOM) return false;
      this.#endOrder(slot, REPORT_CANCELLED);
    }
    return true;
  }

  expireOrder(slot: number): void {
    this.#finish(slot, REPORT_CANCELLED);
  }

  #endOrder(slot: number, kind: number): void {
    this.#world.nowNs = this.nowNs;
    this.#world.remove(slot);
    this.#finish(slot, kind);
  }

  #finish(slot: number, kind: number): void {
    const working = this.#working;
    const { account, instrument, side } = working;
    this.#door.add(account[slot], instrument[slot], side[slot], -working.leaves(slot));
    working.finish(slot);
    this.#reportOrder(slot, kind, 0);
  }

  fillOrder(slot: number, priceE4: number, qty: number): void {
    const working = this.#working;
    const out = this.#ports.reports[working.account[slot]]!;
    const at = out.claim(Fill.BYTES);
    assert(at >= 0, `claim=${at}, expected room for a fill`);
    working.filled[slot] += qty;
    this.#hasFilled = true;
    const fill = this.#fill.begin(out.memory, at);
    fill.eventNs = this.nowNs;
    fill.coidA = working.idA[slot];
    fill.coidB = working.idB[slot];
    fill.coidC = working.idC[slot];
    fill.account = working.account[slot];
    fill.strategy = working.strategy[slot];
    fill.instrument = working.instrument[slot];
    fill.side = working.side[slot];
    fill.priceE4 = priceE4;
    fill.qty = qty;
    fill.leavesQty = working.leaves(slot);
    fill.fillNo = this.#ledger.book(slot, priceE4, qty, this.nowNs);
    out.commit();
    if (working.leaves(slot) === 0) working.finish(slot);
  }

  #refuse(request: Request, code: number): void {
    this.#reportTo(request.account, request, REPORT_REJECTED, code);
  }

  #reportTo(account: number, request: Request, kind: number, code: number): void {
    const out = this.#ports.reports[account]!;
    const at = out.claim(Report.BYTES);
    assert(at >= 0, `claim=${at}, expected room for a report`);
    const report = this.#report.begin(out.memory, at);
    report.eventNs = Math.max(this.nowNs, request.eventNs);
    report.coidA = request.coidA;
    report.coidB = request.coidB;
    report.coidC = request.coidC;
    report.coidD = request.coidD;
    report.account = account;
    report.strategy = request.strategy;
    report.instrument = request.instrument;
    report.kind = kind;
    report.stage = STAGE_EXCHANGE;
    report.code = code;
    out.commit();
  }

  /** A report about a working order. */
  #reportOrder(slot: number, kind: number, code: number): void {
    const working = this.#working;
    const out = this.#ports.reports[working.account[slot]]!;
    const at = out.claim(Report.BYTES);
    assert(at >= 0, `claim=${at}, expected room for a report`);
    const report = this.#report.begin(out.memory, at);
    report.eventNs = this.nowNs;
    report.coidA = working.idA[slot];
    report.coidB = working.idB[slot];
    report.coidC = working.idC[slot];
    report.account = working.account[slot];
    report.strategy = working.strategy[slot];
    report.instrument = working.instrument[slot];
    report.kind = kind;
    report.stage = STAGE_EXCHANGE;
    report.code = code;
    report.filledQty = working.filled[slot];
    report.leavesQty = working.leaves(slot);
    report.brokerOrderNo = this.#ledger.orderNo(slot);
    out.commit();
  }
}
