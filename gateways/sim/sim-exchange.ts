// The simulated exchange: pulls market events from its source one by one, trades our own orders
// against them, and then publishes each event to the feed. One agent, first in the cycle; stands
// behind the gateway links exactly where a broker's session would.
// Invariants: an id is accepted once; every request gets a report; own fills of an event are
// reported before the event itself is published, so no strategy sees an event before its exchange.

import { assert } from '../../engine/assert.ts';
import type { BookBuilder } from '../../engine/core/book-builder.ts';
import type { ValidationKernel } from '../../engine/core/exchange-kernel.ts';
import { FLOAT_ZERO } from '../../engine/core/float-zero.ts';
import { type MarketSource, SOURCE_END } from '../../engine/core/market-source.ts';
import { idEpoch } from '../../engine/core/order-id.ts';
import {
  REJECT_FENCED,
  REJECT_NO_CANCEL_WINDOW,
  REJECT_NONE,
  REJECT_NOT_IN_SESSION,
  REJECT_ORDER_FINISHED,
  REJECT_TABLE_FULL,
  REJECT_UNKNOWN_ORDER,
} from '../../engine/core/reject-code.ts';

import { takesCancels } from '../../engine/core/session.ts';
import type { GatewaySession, SessionPorts } from '../../engine/host/gateway-session.ts';
import { POLL_LIMIT } from '../../engine/limits.ts';
import {
  ACTION_CANCEL,
  END_BY_USER,
  END_OF_DATA,
  FLAG_CATCH_UP,
  KIND_BEST5_CANCEL,
  KIND_BEST5_LIMIT,
  KIND_FOK,
  KIND_IOC,
  KIND_LIMIT,
  KIND_OPPOSITE_BEST,
  KIND_OWN_BEST,
  PHASE_CLOSED,
  PHASE_CONTINUOUS,
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
import {
  Bar,
  MarketOrder,
  MarketTrade,
  Phase,
  SnapshotTick,
} from '../../engine/messages/generated/market.ts';
import { Fill, Report, Request } from '../../engine/messages/generated/order.ts';
import { MAX_FRAME_BYTES } from '../../engine/messages/generated/types.ts';
import type { FrameHandler } from '../../engine/ring/frame-handler.ts';

import { bookProblems } from './book-problems.ts';
import { BrokerDesk } from './broker-desk.ts';
import { OrderDoor } from './order-door.ts';
import { type SimExchangeOptions, SimLedger } from './sim-ledger.ts';

import { TouchUse, WorkingOrders } from './working-orders.ts';

/** Index of a frame's flags as int16, for a frame at byte 0. */
const FLAGS_AT = (BODY_OFFSET + 6) >> 1;
/** Room one own order may need for its reports. */
const REPORT_ROOM = 16_384;

/** No orders, or those of every instrument, have to expire. */
const EXPIRE_NONE = -2;
const EXPIRE_ALL = -1;

export interface SimExchangePorts extends SessionPorts {
  readonly source: MarketSource;
  /** Of the module that holds the tape's book, told the day's rules. */
  readonly validate: ValidationKernel;
}

export class SimExchange implements GatewaySession, FrameHandler {
  readonly roleName = 'exchange';
  received = 0;
  /** Market events released so far. */
  eventCount = 0;
  ended = false;
  /** Engine time of the last event. */
  nowNs = FLOAT_ZERO;
  readonly #ports: SimExchangePorts;
  readonly #books: BookBuilder;
  readonly #door: OrderDoor;
  readonly #working: WorkingOrders;
  readonly #touch: TouchUse;
  readonly #ledger: SimLedger;
  readonly #desk: BrokerDesk;
  readonly #scratch = new FrameMemory(new ArrayBuffer(Math.ceil(MAX_FRAME_BYTES / 8) * 8));
  readonly #order = new MarketOrder();
  readonly #trade = new MarketTrade();
  readonly #snapshot = new SnapshotTick();
  readonly #bar = new Bar();
  readonly #phase = new Phase();
  readonly #request = new Request();
  readonly #report = new Report();
  readonly #fill = new Fill();
  readonly #end = new End();
  /** Best prices and shares of instruments that come as snapshots or bars: bid, ask by side. */
  readonly #bestE4: Int32Array;
  readonly #bestQty: Float64Array;
  readonly #fromBook: Uint8Array;
  #stopReason = 0;
  /** Instrument whose day orders still have to expire, or EXPIRE_*. */
  #expiring = EXPIRE_NONE;
  /** 1 = the account has ended and its orders still have to expire. */
  readonly #expiringAccount: Uint8Array;
  #accountsExpiring = false;
  /** Events before this engine time are of an earlier life (after a restart). */
  #skipUntilNs: number;

  constructor(books: BookBuilder, options: SimExchangeOptions, ports: SimExchangePorts) {
    const { instruments, day, capacity, skipUntilNs } = options;
    this.#books = books;
    const instrumentCount = instruments.length;
    this.#ports = ports;
    this.#working = new WorkingOrders(capacity);
    this.#door = new OrderDoor(instruments, ports.requests.length, ports.validate);
    this.#ledger = new SimLedger(this.#working, options);
    this.#desk = new BrokerDesk(ports.reports, this.#ledger, day);
    this.#touch = new TouchUse(instrumentCount);
    this.#expiringAccount = new Uint8Array(ports.requests.length);
    this.#bestE4 = new Int32Array(instrumentCount * 2);
    this.#bestQty = new Float64Array(instrumentCount * 2);
    this.#fromBook = new Uint8Array(instrumentCount);
    this.#skipUntilNs = skipUntilNs;
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
    for (let i = 0; i < this.#ports.requests.length; i++) {
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

  onClose(): void {}

  problems(): readonly string[] {
    return bookProblems(this.#books);
  }

  isIdle(): boolean {
    for (let i = 0; i < this.#ports.requests.length; i++) {
      if (!this.#ports.requests[i]!.isEmpty()) return false;
    }
    if (!this.#ports.control.isEmpty() || !this.#desk.isIdle) return false;
    if (!this.#desk.allReady) return true;
    const nextNs = this.#ports.source.nextNs();
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
    if (this.#stopReason !== 0) return this.#sendEnd(this.#stopReason);
    const { source, market } = this.#ports;
    const nextNs = source.nextNs();
    if (nextNs === SOURCE_END) return this.#sendEnd(END_OF_DATA);
    const catchUp = nextNs < this.#skipUntilNs;
    if (!catchUp && !this.#ports.pacer.mayRelease(nextNs)) return 0;
    if (market.room() < MAX_FRAME_BYTES * 4 || !this.#reportsHaveRoom()) return 0;
    const bytes = source.next(this.#scratch, 0);
    this.nowNs = nextNs;
    this.#desk.nowNs = nextNs;
    this.eventCount++;
    // Of an earlier life: nobody trades on it again, it only brings the books up to date.
    if (catchUp) this.#scratch.i16[FLAGS_AT] |= FLAG_CATCH_UP;
    this.#apply();
    const at = market.claim(bytes);
    if (at < 0) return 0;
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

  /** Applies the event in scratch to the book, then trades own orders against it. */
  #apply(): void {
    const memory = this.#scratch;
    switch (memory.i32[1]) {
      case MarketOrder.TYPE:
        this.#applyOrder(memory);
        break;
      case MarketTrade.TYPE:
        this.#applyTrade(memory);
        break;
      case SnapshotTick.TYPE:
        this.#applySnapshot(memory);
        break;
      case Bar.TYPE:
        this.#applyBar(memory);
        break;
      case Phase.TYPE:
        this.#applyPhase(memory);
        break;
      default:
        break;
    }
  }

  #applyOrder(memory: FrameMemory): void {
    const order = this.#order.wrap(memory, 0);
    this.#fromBook[order.instrument] = 1;
    this.#books.onOrder(order);
    this.#tradeAtTouch(order.instrument);
  }

  #applyTrade(memory: FrameMemory): void {
    const trade = this.#trade.wrap(memory, 0);
    const { instrument, priceE4, qty } = trade;
    this.#books.onTrade(trade);
    if (priceE4 > 0 && qty > 0) this.#door.lastE4[instrument] = priceE4;
    this.#tradeWithTape(instrument, priceE4, qty);
    this.#tradeAtTouch(instrument);
  }

  #applySnapshot(memory: FrameMemory): void {
    const tick = this.#snapshot.wrap(memory, 0);
    const i = tick.instrument;
    this.#books.setPhase(i, tick.phase);
    this.#door.onSnapshot(tick);
    this.#bestE4[i * 2] = tick.bidPriceE4(0);
    this.#bestE4[i * 2 + 1] = tick.askPriceE4(0);
    this.#bestQty[i * 2] = tick.bidQty(0);
    this.#bestQty[i * 2 + 1] = tick.askQty(0);
    this.#tradeAtTouch(i);
  }

  /** A complete bar: orders made before it trade at its close, volume-capped to a tenth. */
  #applyBar(memory: FrameMemory): void {
    const bar = this.#bar.wrap(memory, 0);
    const i = bar.instrument;
    this.#books.setPhase(i, PHASE_CONTINUOUS);
    this.#door.lastE4[i] = bar.closeE4;
    const part = Math.floor(bar.volume / 10);
    for (let side = 0; side < 2; side++) {
      this.#bestE4[i * 2 + side] = bar.closeE4;
      this.#bestQty[i * 2 + side] = part;
    }
    this.#tradeAtTouch(i);
  }

  #applyPhase(memory: FrameMemory): void {
    const phase = this.#phase.wrap(memory, 0);
    this.#books.setPhase(phase.instrument, phase.phase);
    if (phase.phase === PHASE_CLOSED) this.#cancelAll(phase.instrument);
  }

  /** Best price of a side (1 bid, 2 ask), 0 = none. */
  #best(i: number, side: number): number {
    if (this.#fromBook[i] === 0) return this.#bestE4[i * 2 + side - 1];
    const book = this.#books.book;
    return side === SIDE_BUY ? book.bestBid(i) : book.bestAsk(i);
  }

  /** Shares displayed at that best price. */
  #shown(i: number, side: number, priceE4: number): number {
    if (this.#fromBook[i] === 0) return this.#bestQty[i * 2 + side - 1];
    return this.#books.book.levelQty(i, side, priceE4);
  }

  /** Own orders that cross the opposite touch trade there, in order of arrival. */
  #tradeAtTouch(i: number): void {
    const working = this.#working;
    if (working.liveCount === 0 || this.#books.phase(i) !== PHASE_CONTINUOUS) return;
    for (let n = 0; n < working.liveCount; n++) {
      const slot = working.liveSlots[n];
      if (working.instrument[slot] !== i) continue;
      const before = working.liveCount;
      this.#takeTouch(slot);
      if (working.liveCount < before) n--;
    }
  }

  /** Fills what the opposite touch gives; returns shares filled. */
  #takeTouch(slot: number): number {
    const working = this.#working;
    const i = working.instrument[slot];
    const side = working.side[slot] === SIDE_BUY ? SIDE_SELL : SIDE_BUY;
    const priceE4 = this.#best(i, side);
    if (priceE4 <= 0 || !working.accepts(slot, priceE4)) {
      this.#touch.moved(i, side, priceE4);
      return 0;
    }
    const free = this.#touch.free(i, side, priceE4, this.#shown(i, side, priceE4));
    const qty = Math.min(working.leaves(slot), free);
    if (qty <= 0) return 0;
    this.#touch.use(i, side, qty);
    this.#fillOrder(slot, priceE4, qty);
    return qty;
  }

  /** A trade of the tape: resting orders it passed through or whose queue it used up trade. */
  #tradeWithTape(i: number, priceE4: number, qty: number): void {
    const working = this.#working;
    if (working.liveCount === 0) return;
    let left = qty;
    for (let n = 0; n < working.liveCount && left > 0; n++) {
      const slot = working.liveSlots[n];
      if (working.instrument[slot] !== i || !working.accepts(slot, priceE4)) continue;
      let share = left;
      if (!working.passedThrough(slot, priceE4)) {
        const ahead = working.ahead[slot];
        working.ahead[slot] = Math.max(0, ahead - left);
        share = Math.floor(Math.max(0, left - ahead));
      }
      const fill = Math.min(share, working.leaves(slot));
      if (fill <= 0) continue;
      left -= fill;
      const before = working.liveCount;
      this.#fillOrder(slot, this.#tapePrice(slot, i, priceE4), fill);
      if (working.liveCount < before) n--;
    }
  }

  /** In a call everyone gets the call's price; in continuous trading the resting order's own. */
  #tapePrice(slot: number, i: number, priceE4: number): number {
    return this.#books.phase(i) === PHASE_CONTINUOUS ? this.#working.priceE4[slot] : priceE4;
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
    if (this.#desk.isFencedOff(request.account, idEpoch(request.coidA))) {
      this.#refuse(request, REJECT_FENCED);
      return;
    }
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
    working.describe(slot, request, this.#limitOf(request));
    this.#reportOrder(slot, REPORT_ACCEPTED, 0);
    working.rest(slot);
    this.#door.add(request.account, i, request.side, request.qty);
    if (working.priceE4[slot] <= 0) {
      this.#endOrder(slot, REPORT_CANCELLED);
      return;
    }
    working.ahead[slot] = this.#queueAhead(slot);
    if (this.#books.phase(i) !== PHASE_CONTINUOUS) return;
    if (request.kind === KIND_FOK && !this.#couldFill(slot)) {
      this.#endOrder(slot, REPORT_CANCELLED);
      return;
    }
    this.#takeTouch(slot);
    const immediate = request.kind === KIND_IOC || request.kind === KIND_BEST5_CANCEL;
    if (immediate && working.live[slot] === 1) this.#endOrder(slot, REPORT_CANCELLED);
  }

  /** The first rule of the day that an arriving order breaks, by the tape's book; or 0. */
  #judge(request: Request): number {
    const i = request.instrument;
    const bidE4 = Math.max(0, this.#best(i, SIDE_BUY));
    const askE4 = Math.max(0, this.#best(i, SIDE_SELL));
    return this.#door.judge(request, this.#books.phase(i), bidE4, askE4);
  }

  /**
   * A limit order's own price; a market kind's protection price, else the best price of the side
   * it looks to, never beyond protection; 0 = that side is empty (rules sheet 7.2: cancelled).
   */
  #limitOf(request: Request): number {
    const { instrument: i, side, kind, priceE4 } = request;
    if (kind === KIND_LIMIT) return priceE4;
    const own = Math.max(0, this.#best(i, side));
    const other = Math.max(0, this.#best(i, side === SIDE_BUY ? SIDE_SELL : SIDE_BUY));
    const looksToOwn = kind === KIND_OWN_BEST || (kind === KIND_BEST5_LIMIT && other === 0);
    const best = looksToOwn ? own : other;
    if (best === 0 || priceE4 <= 0) return best;
    if (kind !== KIND_OPPOSITE_BEST && !looksToOwn) return priceE4;
    return side === SIDE_BUY ? Math.min(best, priceE4) : Math.max(best, priceE4);
  }

  #couldFill(slot: number): boolean {
    const working = this.#working;
    const i = working.instrument[slot];
    const side = working.side[slot] === SIDE_BUY ? SIDE_SELL : SIDE_BUY;
    const priceE4 = this.#best(i, side);
    if (priceE4 <= 0 || !working.accepts(slot, priceE4)) return false;
    const free = this.#touch.free(i, side, priceE4, this.#shown(i, side, priceE4));
    return free >= working.leaves(slot);
  }

  /** Shares displayed at the order's own price: they trade first. */
  #queueAhead(slot: number): number {
    const working = this.#working;
    const i = working.instrument[slot];
    const side = working.side[slot];
    const priceE4 = working.priceE4[slot];
    if (this.#fromBook[i] === 1) return Math.max(0, this.#books.book.levelQty(i, side, priceE4));
    return this.#best(i, side) === priceE4 ? this.#shown(i, side, priceE4) : 0;
  }

  #cancel(request: Request): void {
    const working = this.#working;
    const slot = working.find(request.coidA, request.coidC);
    let code = REJECT_NONE;
    if (slot < 0) code = REJECT_UNKNOWN_ORDER;
    else if (working.live[slot] === 0) code = REJECT_ORDER_FINISHED;
    else if (!takesCancels(this.#books.phase(working.instrument[slot]))) {
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

  #endOrder(slot: number, kind: number): void {
    const working = this.#working;
    const { account, instrument, side } = working;
    this.#door.add(account[slot], instrument[slot], side[slot], -working.leaves(slot));
    working.finish(slot);
    this.#reportOrder(slot, kind, 0);
  }

  #fillOrder(slot: number, priceE4: number, qty: number): void {
    const working = this.#working;
    const out = this.#ports.reports[working.account[slot]]!;
    const at = out.claim(Fill.BYTES);
    assert(at >= 0, `claim=${at}, expected room for a fill`);
    working.filled[slot] += qty;
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
