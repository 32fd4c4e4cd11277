// The market and broker of the allocation scenarios: one book event per quiet round, by turns an
// order that enters at one of ten levels and its cancel, and an answer to each request: accepted,
// cancelled, and where fills are wanted the whole fill behind the acceptance. Loaded by the
// assembly through its path. Allocates nothing after start.
import type { FrameInput, OutPort } from '../../../engine/actors/port.ts';
import type { GatewaySession, Pacer, SessionPorts } from '../../../engine/host/gateway-session.ts';
import type { EngineSetup } from '../../../engine/host/setup.ts';
import {
  ACTION_CANCEL,
  KIND_LIMIT,
  MARKET_ADD,
  MARKET_CANCEL,
  PHASE_CONTINUOUS,
  REPORT_ACCEPTED,
  REPORT_CANCELLED,
  SIDE_BUY,
  SIDE_SELL,
  STAGE_EXCHANGE,
} from '../../../engine/messages/codes.ts';
import type { FrameMemory } from '../../../engine/messages/frames.ts';
import { MarketOrder, MarketTrade, Phase } from '../../../engine/messages/generated/market.ts';
import { Fill, Report, Request } from '../../../engine/messages/generated/order.ts';
import type { FrameHandler } from '../../../engine/ring/frame-handler.ts';
import { BrokerDesk, NO_LEDGER } from '../../../gateways/sim/broker-desk.ts';

const LEVELS = 10;
const MIDDLE_E4 = 100_000;
const OPEN_NS = 34_200_000_000_000;
const STEP_NS = 1_000_000.5;

export async function createSession(
  setup: EngineSetup,
  ports: SessionPorts,
): Promise<GatewaySession> {
  return new EventSource(ports, false, setup.day);
}

/** `fills`: every order trades whole, at its own price. */
export class EventSource implements GatewaySession, FrameHandler {
  readonly roleName = 'exchange';
  readonly ended = false;
  eventCount = 0;
  received = 0;
  nowNs = OPEN_NS;
  #channelSeq = 0;
  readonly #requests: FrameInput;
  readonly #reports: OutPort;
  readonly #market: OutPort;
  readonly #pacer: Pacer;
  readonly #order = new MarketOrder();
  readonly #phase = new Phase();
  readonly #request = new Request();
  readonly #report = new Report();
  readonly #fill = new Fill();
  readonly #fills: boolean;
  readonly #desk: BrokerDesk;
  #isOpen = false;

  constructor(ports: SessionPorts, fills: boolean, day: number) {
    this.#fills = fills;
    this.#desk = new BrokerDesk(ports.reports, NO_LEDGER, day);
    this.#requests = ports.requests[0]!;
    this.#reports = ports.reports[0]!;
    this.#market = ports.market;
    this.#pacer = ports.pacer;
  }

  onStart(): void {
    this.#desk.start();
  }

  /** Continuous trading, and a book of ten levels that stays; once the link is ready. */
  #open(): void {
    this.#isOpen = true;
    const phase = this.#phase.begin(this.#market.memory, this.#market.claim(Phase.BYTES));
    phase.eventNs = this.nowNs;
    phase.instrument = -1;
    phase.phase = PHASE_CONTINUOUS;
    this.#market.commit();
    // One trade among orders the book never held: the last price that orders are checked against.
    const trade = new MarketTrade().begin(
      this.#market.memory,
      this.#market.claim(MarketTrade.BYTES),
    );
    trade.eventNs = this.nowNs;
    trade.channelSeq = ++this.#channelSeq;
    trade.priceE4 = MIDDLE_E4;
    trade.qty = 100;
    this.#market.commit();
    for (let i = 0; i < LEVELS * 2; i++) this.#send(MARKET_ADD, i, i + 1, 1_000);
    this.#market.publish();
  }

  doWork(): number {
    const answered = this.#requests.poll(this, 64) + this.#desk.work();
    if (answered > 0) {
      this.#reports.publish();
      return answered;
    }
    if (!this.#desk.allReady) return 0;
    if (!this.#isOpen) this.#open();
    if (!this.#pacer.mayRelease(0)) return 0;
    const pair = this.eventCount >> 1;
    const action = (this.eventCount & 1) === 0 ? MARKET_ADD : MARKET_CANCEL;
    this.#send(action, pair % (LEVELS * 2), LEVELS * 2 + 1 + pair, 100);
    this.eventCount++;
    this.#market.publish();
    return 1;
  }

  onClose(): void {}

  problems(): readonly string[] {
    return [];
  }

  isIdle(): boolean {
    return this.#requests.isEmpty();
  }

  onFrame(type: number, memory: FrameMemory, at: number): void {
    if (type === Request.TYPE) this.#answer(memory, at);
    else this.#desk.onFrame(type, memory, at);
  }

  #answer(memory: FrameMemory, at: number): void {
    const request = this.#request.wrap(memory, at);
    this.received++;
    const out = this.#reports;
    const report = this.#report.begin(out.memory, out.claim(Report.BYTES));
    report.eventNs = this.nowNs;
    report.coidA = request.coidA;
    report.coidB = request.coidB;
    report.coidC = request.coidC;
    report.coidD = request.coidD;
    report.account = request.account;
    report.strategy = request.strategy;
    report.instrument = request.instrument;
    report.kind = request.action === ACTION_CANCEL ? REPORT_CANCELLED : REPORT_ACCEPTED;
    report.stage = STAGE_EXCHANGE;
    out.commit();
    if (this.#fills && request.action !== ACTION_CANCEL) this.#sendFill(request);
  }

  #sendFill(request: Request): void {
    const out = this.#reports;
    const fill = this.#fill.begin(out.memory, out.claim(Fill.BYTES));
    fill.eventNs = this.nowNs;
    fill.coidA = request.coidA;
    fill.coidB = request.coidB;
    fill.coidC = request.coidC;
    fill.coidD = request.coidD;
    fill.account = request.account;
    fill.strategy = request.strategy;
    fill.instrument = request.instrument;
    fill.side = request.side;
    fill.priceE4 = request.priceE4;
    fill.qty = request.qty;
    fill.fillNo = this.received;
    out.commit();
  }

  /** `place`: 0..9 bid levels downwards, 10..19 ask levels upwards. */
  #send(action: number, place: number, orderNo: number, qty: number): void {
    this.nowNs += STEP_NS;
    const bid = place < LEVELS;
    const away = (place % LEVELS) * 100;
    const order = this.#order.begin(this.#market.memory, this.#market.claim(MarketOrder.BYTES));
    order.eventNs = this.nowNs;
    order.instrument = 0;
    order.channelSeq = ++this.#channelSeq;
    order.orderNo = orderNo;
    order.side = bid ? SIDE_BUY : SIDE_SELL;
    order.kind = KIND_LIMIT;
    order.action = action;
    order.priceE4 = bid ? MIDDLE_E4 - 100 - away : MIDDLE_E4 + away;
    order.qty = qty;
    this.#market.commit();
  }
}
