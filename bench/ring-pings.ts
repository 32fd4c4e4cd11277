// Round trips between two threads: our ring with a 64-byte frame, two bare shared words, and
// postMessage with a number (the cheapest message there is). Each ping is timed alone: a clock
// reading costs about 40 ns, which is in every kind alike.
import type { FrameMemory } from '../engine/messages/frames.ts';
import { Phase } from '../engine/messages/generated/market.ts';
import type { FrameHandler } from '../engine/ring/frame-handler.ts';
import { SpscRing } from '../engine/ring/spsc-ring.ts';
import type { LatencyHistogram } from './harness.ts';
import { RING_CAPACITY, type RingBenchSetup } from './ring-bench-sides.ts';

type Side = () => number | Promise<number>;
type MakeSide = (setup: RingBenchSetup, histogram: LatencyHistogram) => Side;

/** Kinds of round trip. The checksum of either side is the sum of what it received. */
export const PINGS: Readonly<Record<string, MakeSide>> = {
  'ping-ring': pingRing,
  'ping-bare': pingBare,
  'ping-post': pingPost,
};

class LastSequence implements FrameHandler {
  readonly #phase = new Phase();
  sequence = -1;

  onFrame(_type: number, memory: FrameMemory, at: number): void {
    this.sequence = this.#phase.wrap(memory, at).sequence;
  }
}

function pingRing(setup: RingBenchSetup, histogram: LatencyHistogram): Side {
  const bytes = SpscRing.bytesFor(RING_CAPACITY);
  const input = new SpscRing(setup.memory, setup.first ? 0 : bytes, RING_CAPACITY);
  const output = new SpscRing(setup.memory, setup.first ? bytes : 0, RING_CAPACITY);
  const received = new LastSequence();
  const phase = new Phase();
  const send = (sequence: number) => {
    phase.begin(output.memory, output.tryClaim(Phase.BYTES)).sequence = sequence;
    output.commit();
    output.publish();
  };
  return pingPong(setup, histogram, send, () => {
    while (input.poll(received, 1) === 0);
    return received.sequence;
  });
}

function pingBare(setup: RingBenchSetup, histogram: LatencyHistogram): Side {
  const words = new Int32Array(setup.memory);
  const out = setup.first ? 0 : 64;
  const back = 64 - out;
  let seen = 0;
  const send = (sequence: number) => {
    Atomics.store(words, out, sequence + 1);
  };
  return pingPong(setup, histogram, send, () => {
    let value = Atomics.load(words, back);
    while (value === seen) value = Atomics.load(words, back);
    seen = value;
    return value - 1;
  });
}

/** The first side sends and waits; the second waits and sends back what it got. */
function pingPong(
  setup: RingBenchSetup,
  histogram: LatencyHistogram,
  send: (sequence: number) => void,
  receive: () => number,
): Side {
  return () => {
    let sum = 0;
    for (let i = 0; i < setup.count; i++) {
      const before = setup.first ? performance.now() : 0;
      if (setup.first) send(i);
      const got = receive();
      if (!setup.first) send(got);
      else if (i >= setup.warmup) histogram.record((performance.now() - before) * 1e6);
      sum += got;
    }
    return sum;
  };
}

function pingPost(setup: RingBenchSetup, histogram: LatencyHistogram): Side {
  const port = setup.port!;
  return () =>
    new Promise((resolve) => {
      let sum = 0;
      let i = 0;
      let before = performance.now();
      port.on('message', (got: number) => {
        if (setup.first && i >= setup.warmup) histogram.record((performance.now() - before) * 1e6);
        sum += got;
        i++;
        before = performance.now();
        if (!setup.first) port.postMessage(got);
        else if (i < setup.count) port.postMessage(i);
        if (i === setup.count) resolve(sum);
      });
      if (setup.first) port.postMessage(0);
    });
}
