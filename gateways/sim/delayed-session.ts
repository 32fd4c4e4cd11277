// The simulated exchange at a distance: orders reach it late, its reports come back late, by
// latencies that are fixed or drawn from measurements. Stands in front of SimExchange as its links
// and its pacer; made by session.ts when the setup names latencies.
// Market data is late too: a strategy that sees an event `feed` after it happened and acts at once
// is `feed + order` late at the exchange, and a report it gets has been overtaken by `feed` less.
// Always: what an account sends, and what it hears, keeps its order; nothing is lost or doubled.
import { NoTap, OutPort } from '../../engine/actors/port.ts';
import type { Latency, LatencyLeg } from '../../engine/backtest/latency.ts';
import { Prng } from '../../engine/backtest/synthetic/prng.ts';
import type {
  GatewaySession,
  Pacer,
  SessionPorts,
  StreamDivergence,
} from '../../engine/host/gateway-session.ts';
import { ORDER_RING_BYTES, POLL_LIMIT } from '../../engine/limits.ts';
import { STAGE_EXCHANGE } from '../../engine/messages/codes.ts';
import { copyFrame, FrameMemory, frameEventNs, frameLength } from '../../engine/messages/frames.ts';
import { Fill, Report, Request } from '../../engine/messages/generated/order.ts';
import type { FrameHandler } from '../../engine/ring/frame-handler.ts';
import { SpscRing } from '../../engine/ring/spsc-ring.ts';
import type { SimExchange } from './sim-exchange.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** Draws delays of one leg. */
class Draw {
  readonly #ns: readonly number[];
  readonly #upTo: number[] = [];
  readonly #random: Prng;
  #total = 0;

  constructor({ ns, counts }: LatencyLeg, stream: number) {
    this.#ns = ns;
    for (const count of counts) {
      this.#total += count;
      this.#upTo.push(this.#total);
    }
    this.#random = new Prng(1, stream);
  }

  next(): number {
    if (this.#ns.length === 1) return this.#ns[0]!;
    const mark = this.#random.uint32() % this.#total;
    let low = 0;
    let high = this.#upTo.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#upTo[middle]! > mark) high = middle;
      else low = middle + 1;
    }
    return this.#ns[low]!;
  }
}

/** Frames on their way, in order, each with the time it arrives. */
class Way implements FrameHandler {
  /** Called for each frame that enters: the time it arrives, before order is kept. */
  readonly #arrivalOf: (type: number, memory: FrameMemory, at: number) => number;
  readonly #frames: FrameMemory[] = [];
  readonly #dueNs: number[] = [];
  #lastNs = 0;

  constructor(arrivalOf: (type: number, memory: FrameMemory, at: number) => number) {
    this.#arrivalOf = arrivalOf;
  }

  get dueNs(): number {
    return this.#dueNs[0] ?? NEVER;
  }

  onFrame(type: number, memory: FrameMemory, at: number): void {
    const copy = new FrameMemory(new ArrayBuffer(frameLength(memory, at)));
    copyFrame(memory, at, copy, 0);
    this.#lastNs = Math.max(this.#lastNs, this.#arrivalOf(type, memory, at));
    this.#frames.push(copy);
    this.#dueNs.push(this.#lastNs);
  }

  /** Delivers what is due by `ns`, as far as there is room; how many. */
  deliver(ns: number, take: (frame: FrameMemory) => boolean): number {
    let count = 0;
    while (this.#frames.length > 0 && this.dueNs <= ns && take(this.#frames[0]!)) {
      this.#frames.shift();
      this.#dueNs.shift();
      count++;
    }
    return count;
  }
}

export class DelayedSession implements GatewaySession, Pacer {
  readonly roleName = 'exchange';
  readonly #ports: SessionPorts;
  readonly #exchange: SimExchange;
  readonly #orders: readonly Way[];
  readonly #reports: readonly Way[];
  readonly #toExchange: readonly SpscRing[];
  readonly #fromExchange: readonly SpscRing[];
  /** Engine time that strategies have reached: their last event or report. */
  #heardNs = 0;
  /** Something arrives before the event that the exchange would release. */
  #isHeld = false;

  constructor(latency: Latency, ports: SessionPorts, make: (ports: SessionPorts) => SimExchange) {
    this.#ports = ports;
    const ring = (): SpscRing =>
      new SpscRing(new ArrayBuffer(SpscRing.bytesFor(ORDER_RING_BYTES)), 0, ORDER_RING_BYTES);
    this.#toExchange = ports.requests.map(ring);
    this.#fromExchange = ports.reports.map(ring);
    const tap = new NoTap();
    const inner: SessionPorts = {
      ...ports,
      requests: this.#toExchange,
      reports: this.#fromExchange.map((own, a) => new OutPort(own, a, STAGE_EXCHANGE, tap)),
      pacer: this,
    };
    this.#exchange = make(inner);
    const feed = new Draw(latency.feed, 1);
    const order = new Draw(latency.order, 2);
    const report = new Draw(latency.report, 3);
    this.#orders = ports.requests.map(
      () =>
        new Way((type, memory, at) => {
          if (type !== Request.TYPE) return 0;
          const made = Math.max(this.#heardNs, frameEventNs(memory, at));
          return made + feed.next() + order.next();
        }),
    );
    this.#reports = ports.reports.map(
      () =>
        new Way((type) => {
          if (type !== Report.TYPE && type !== Fill.TYPE) return 0;
          return this.#exchange.nowNs + Math.max(0, report.next() - feed.next());
        }),
    );
  }

  get eventCount(): number {
    return this.#exchange.eventCount;
  }

  get received(): number {
    return this.#exchange.received;
  }

  get ended(): boolean {
    return this.#exchange.ended;
  }

  get nowNs(): number {
    return this.#exchange.nowNs;
  }

  onStart(): void {
    this.#exchange.onStart();
    this.#collect();
    this.#deliver(0);
  }

  doWork(): number {
    let count = 0;
    for (let a = 0; a < this.#orders.length; a++) {
      count += this.#ports.requests[a]!.poll(this.#orders[a]!, POLL_LIMIT);
    }
    count += this.#deliver(this.#exchange.nowNs);
    count += this.#exchange.doWork();
    count += this.#collect();
    // Behind the last event nothing is worth waiting for.
    if (this.#exchange.ended) count += this.#deliver(NEVER);
    if (count > 0 || !this.#isHeld) return count;
    this.#isHeld = false;
    const dueNs = this.#earliestNs();
    this.#exchange.nowNs = Math.max(this.#exchange.nowNs, dueNs);
    return this.#deliver(dueNs);
  }

  onClose(): void {
    this.#exchange.onClose();
  }

  isIdle(): boolean {
    for (const input of this.#ports.requests) if (!input.isEmpty()) return false;
    const dueNs = this.#earliestNs();
    if (dueNs <= this.#exchange.nowNs) return false;
    if (dueNs < NEVER && this.#ports.pacer.mayRelease(dueNs)) return false;
    return this.#exchange.isIdle();
  }

  problems(): readonly string[] {
    return this.#exchange.problems();
  }

  divergence(): readonly StreamDivergence[] {
    return this.#exchange.divergence();
  }

  /** The exchange's next event waits for whatever arrives before it. */
  mayRelease(eventNs: number): boolean {
    if (!this.#ports.pacer.mayRelease(Math.min(eventNs, this.#earliestNs()))) return false;
    if (this.#earliestNs() >= eventNs) {
      this.#heardNs = Math.max(this.#heardNs, eventNs);
      return true;
    }
    this.#isHeld = true;
    return false;
  }

  #earliestNs(): number {
    let ns = NEVER;
    for (const way of this.#orders) ns = Math.min(ns, way.dueNs);
    for (const way of this.#reports) ns = Math.min(ns, way.dueNs);
    return ns;
  }

  /** Reports of the exchange start on their way. */
  #collect(): number {
    let count = 0;
    for (const [a, way] of this.#reports.entries()) {
      count += this.#fromExchange[a]!.poll(way, POLL_LIMIT);
    }
    return count;
  }

  /** Hands over what has arrived by `ns`; how many frames. */
  #deliver(ns: number): number {
    let count = 0;
    for (let a = 0; a < this.#orders.length; a++) {
      const ring = this.#toExchange[a]!;
      count += this.#orders[a]!.deliver(ns, (frame) => ring.offer(frame, 0) >= 0);
      ring.publish();
      const out = this.#ports.reports[a]!;
      const heard = this.#reports[a]!.deliver(ns, (frame) => {
        const at = out.claim(frame.byteLength);
        if (at < 0) return false;
        copyFrame(frame, 0, out.memory, at);
        out.commit();
        return true;
      });
      if (heard > 0) {
        out.publish();
        if (ns < NEVER) this.#heardNs = Math.max(this.#heardNs, ns);
        count += heard;
      }
    }
    return count;
  }
}
