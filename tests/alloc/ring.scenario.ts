// One event = a market order written by flyweight into an SPSC ring, published in batches, polled
// and read; the same frame offered to a broadcast ring and read there; heartbeat and counter moved.
import type { FrameMemory } from '../../engine/messages/frames.ts';
import { MarketOrder } from '../../engine/messages/generated/market.ts';
import { BroadcastReader, BroadcastWriter } from '../../engine/ring/broadcast-ring.ts';
import { Counters } from '../../engine/ring/counters.ts';
import { Doorbell } from '../../engine/ring/doorbell.ts';
import type { FrameHandler } from '../../engine/ring/frame-handler.ts';
import { SpscRing } from '../../engine/ring/spsc-ring.ts';
import type { AllocScenario } from './alloc-harness.ts';

const CAPACITY = 1 << 16;
const memory = new SharedArrayBuffer(SpscRing.bytesFor(CAPACITY));
const bell = new Doorbell(new SharedArrayBuffer(Doorbell.BYTES), 0);
const writer = new SpscRing(memory, 0, CAPACITY, bell);
const reader = new SpscRing(memory, 0, CAPACITY);
const broadcastMemory = new SharedArrayBuffer(BroadcastWriter.bytesFor(CAPACITY));
const broadcast = new BroadcastWriter(broadcastMemory, 0, CAPACITY);
const follower = new BroadcastReader(broadcastMemory, 0, CAPACITY);
const counters = new Counters(new SharedArrayBuffer(Counters.bytesFor(2)), 0, 2);
const outgoing = new MarketOrder();

class Reader implements FrameHandler {
  readonly #order = new MarketOrder();
  readonly #forward: boolean;
  sum = 0;

  constructor(forward: boolean) {
    this.#forward = forward;
  }

  onFrame(_type: number, from: FrameMemory, at: number): void {
    const order = this.#order.wrap(from, at);
    this.sum = (this.sum + order.qty + order.priceE4 + order.eventNs) % 1_000_003;
    if (this.#forward) broadcast.offer(from, at);
  }
}

const first = new Reader(true);
const second = new Reader(false);

export const scenario: AllocScenario = {
  warmupEvents: 400_000,
  events: 2_000_000,
  run(events) {
    for (let sent = 0; sent < events; ) {
      for (let i = 0; i < 32 && sent < events; i++, sent++) {
        const at = writer.tryClaim(MarketOrder.BYTES);
        const order = outgoing.begin(writer.memory, at);
        order.sequence = sent;
        order.eventNs = 34_200_000_000_000.5 + sent;
        order.qty = 100 + (sent & 1023);
        order.priceE4 = 100_000 + (sent & 4095);
        writer.commit();
      }
      writer.publish();
      // Refused on purpose: refusals allocate nothing either.
      writer.tryClaim(CAPACITY);
      reader.poll(first, 1000);
      broadcast.publish();
      if ((sent & 127) === 0) follower.poll(second, 1000);
      counters.add(0, 32);
      counters.beat(1, sent + 0.5);
    }
    return first.sum + second.sum + counters.get(0);
  },
};
