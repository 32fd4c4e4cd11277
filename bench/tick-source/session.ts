// The session of the tick-to-order bench, in the place of a broker's: sends ten-level pictures by
// a fixed schedule and answers every request at once. Loaded by the assembly through its path, and
// stepped by the engine thread's own duty cycle, so that two cores are enough.
// Always: a tick bears its scheduled host time as eventNs, and one that is late is still sent, so
// nothing that a stalled engine missed is left out of the figures (no coordinated omission).
import { workerData } from 'node:worker_threads';
import type { GatewaySession, SessionPorts } from '../../engine/host/gateway-session.ts';
import { HostClock } from '../../engine/host/mono-clock.ts';
import type { EngineSetup } from '../../engine/host/setup.ts';
import type { ThreadStart } from '../../engine/host/thread-messages.ts';
import { POLL_LIMIT } from '../../engine/limits.ts';
import {
  ACTION_CANCEL,
  PHASE_CONTINUOUS,
  REPORT_ACCEPTED,
  REPORT_CANCELLED,
  STAGE_EXCHANGE,
} from '../../engine/messages/codes.ts';
import type { FrameMemory } from '../../engine/messages/frames.ts';
import { End } from '../../engine/messages/generated/control.ts';
import { SnapshotTick } from '../../engine/messages/generated/market.ts';
import { Report, Request } from '../../engine/messages/generated/order.ts';
import type { FrameHandler } from '../../engine/ring/frame-handler.ts';
import { BrokerDesk, NO_LEDGER } from '../../gateways/sim/broker-desk.ts';

const LEVELS = 10;
const BEST_BID_E4 = 100_000;
const SECOND_NS = 1_000_000_000;

export async function createSession(
  setup: EngineSetup,
  ports: SessionPorts,
): Promise<GatewaySession> {
  const clock = new HostClock((workerData as ThreadStart).clockZeroNs);
  return new TickSource(ports, clock, setup.speed, setup.day);
}

class TickSource implements GatewaySession, FrameHandler {
  readonly roleName = 'exchange';
  eventCount = 0;
  received = 0;
  ended = false;
  nowNs = 0;
  readonly #ports: SessionPorts;
  readonly #clock: HostClock;
  readonly #periodNs: number;
  readonly #desk: BrokerDesk;
  #dueNs = 0;
  #endReason = 0;
  readonly #tick = new SnapshotTick();
  readonly #request = new Request();
  readonly #report = new Report();
  readonly #end = new End();

  constructor(ports: SessionPorts, clock: HostClock, ticksPerSecond: number, day: number) {
    this.#desk = new BrokerDesk(ports.reports, NO_LEDGER, day);
    this.#ports = ports;
    this.#clock = clock;
    this.#periodNs = SECOND_NS / ticksPerSecond;
  }

  onStart(): void {
    this.#desk.start();
  }

  doWork(): number {
    const { requests, reports, market, control } = this.#ports;
    let count = control.poll(this, 1) + requests[0]!.poll(this, POLL_LIMIT);
    count += this.#desk.work();
    if (count > 0) reports[0]!.publish();
    // The schedule begins once the link is reconciled: before that it refuses orders.
    if (this.#dueNs === 0 && this.#desk.allReady) this.#dueNs = this.#clock.nowNs();
    const isOpen = this.#dueNs > 0 || this.#endReason !== 0;
    if (isOpen && !this.ended && this.#clock.nowNs() >= this.#dueNs) {
      if (this.#endReason === 0) this.#sendTick();
      else this.#sendEnd();
      market.publish();
      count++;
    }
    return count;
  }

  onClose(): void {}

  problems(): readonly string[] {
    return [];
  }

  isIdle(): boolean {
    return false;
  }

  onFrame(type: number, memory: FrameMemory, at: number): void {
    if (type === Request.TYPE) this.#answer(memory, at);
    else if (type === End.TYPE) {
      const reason = this.#end.wrap(memory, at).reason;
      if (reason !== 0) this.#endReason = reason;
    } else this.#desk.onFrame(type, memory, at);
  }

  #sendTick(): void {
    const { market } = this.#ports;
    const at = market.claim(SnapshotTick.BYTES);
    if (at < 0) return;
    const tick = this.#tick.begin(market.memory, at);
    this.nowNs = this.#dueNs;
    tick.eventNs = this.#dueNs;
    tick.phase = PHASE_CONTINUOUS;
    tick.lastE4 = BEST_BID_E4;
    tick.volume = ++this.eventCount * 100;
    for (let n = 0; n < LEVELS; n++) {
      tick.setBidPriceE4(n, BEST_BID_E4 - n * 100);
      tick.setBidQty(n, 1_000 + this.eventCount);
      tick.setAskPriceE4(n, BEST_BID_E4 + 100 + n * 100);
      tick.setAskQty(n, 1_000 + this.eventCount);
    }
    market.commit();
    this.#dueNs += this.#periodNs;
  }

  #sendEnd(): void {
    const { market } = this.#ports;
    const at = market.claim(End.BYTES);
    if (at < 0) return;
    this.#end.begin(market.memory, at).reason = this.#endReason;
    this.#end.eventNs = this.nowNs;
    market.commit();
    this.ended = true;
  }

  /** The broker's answer: orders rest, cancels succeed. */
  #answer(memory: FrameMemory, at: number): void {
    const request = this.#request.wrap(memory, at);
    this.received++;
    const out = this.#ports.reports[0]!;
    const to = out.claim(Report.BYTES);
    if (to < 0) throw new Error('tick source: the ring of answers is full');
    const report = this.#report.begin(out.memory, to);
    report.eventNs = Math.max(this.nowNs, request.eventNs);
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
  }
}
