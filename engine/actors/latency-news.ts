// Tells people how long a request took from the market event to the wire, station by station. Part
// of the gateway link, split off for its size. Invariant: a request that no market event caused, or
// a full event stream, is passed over.
import { Latency } from '../messages/generated/event.ts';
import type { Request } from '../messages/generated/order.ts';
import type { MonoClock } from './clock.ts';
import { TAKEN, WIRE, WRITTEN } from './link-voice.ts';
import type { EventSink } from './port.ts';

export class LatencyNews {
  /** Host times of the running batch. */
  readonly #times: Float64Array;
  readonly #clock: MonoClock;
  readonly #events: EventSink;
  readonly #latency = new Latency();

  constructor(times: Float64Array, clock: MonoClock, events: EventSink) {
    this.#times = times;
    this.#clock = clock;
    this.#events = events;
  }

  /** A request that was just handed to the link. */
  show(request: Request): void {
    const recvNs = request.recvNs;
    if (recvNs === 0) return;
    const events = this.#events;
    const at = events.claim(Latency.BYTES);
    if (at < 0) return;
    const times = this.#times;
    this.#clock.stamp(times, WIRE);
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
}
