// The floor of a bar on the actor path, for backtest-bars.bench.ts: the invoker, four agents and
// the three rings that a bar crosses (exchange to feed, feed to strategy, feed to OMS), with a
// frame of a bar's length in each and nothing else done. What a round of this takes, no work on
// the actors can save. Always: every frame that was released has arrived twice.
import type { Agent } from '../engine/actors/agent.ts';
import { AgentInvoker } from '../engine/actors/agent-invoker.ts';
import { InPort, NoTap, OutPort } from '../engine/actors/port.ts';
import { copyFrame, FrameMemory, frameLength } from '../engine/messages/frames.ts';
import { Bar } from '../engine/messages/generated/market.ts';
import type { FrameHandler } from '../engine/ring/frame-handler.ts';
import { SpscRing } from '../engine/ring/spsc-ring.ts';
import { WorkMark } from '../engine/ring/work-mark.ts';

const RING_BYTES = 1 << 20;

/** Takes frames from one ring and copies each to the others. */
class Station implements Agent, FrameHandler {
  readonly roleName = 'station';
  taken = 0;
  readonly #in: InPort;
  readonly #outs: readonly OutPort[];

  constructor(input: SpscRing, outs: readonly OutPort[]) {
    this.#in = new InPort(input, 0, false, new NoTap(), this);
    this.#outs = outs;
  }

  onStart(): void {}

  doWork(): number {
    const count = this.#in.poll(64);
    for (let n = 0; n < this.#outs.length; n++) this.#outs[n]!.publish();
    return count;
  }

  isIdle(): boolean {
    return this.#in.isEmpty();
  }

  onClose(): void {}

  onFrame(_type: number, memory: FrameMemory, at: number): void {
    this.taken++;
    for (let n = 0; n < this.#outs.length; n++) {
      const out = this.#outs[n]!;
      const to = out.claim(frameLength(memory, at));
      if (to < 0) continue;
      copyFrame(memory, at, out.memory, to);
      out.commit();
    }
  }
}

/** Releases one bar a round. */
class Source implements Agent {
  readonly roleName = 'source';
  readonly #frame = new FrameMemory(new ArrayBuffer(256));
  readonly #out: OutPort;

  constructor(out: OutPort) {
    this.#out = out;
    new Bar().begin(this.#frame, 0).closeE4 = 100_000;
  }

  onStart(): void {}

  doWork(): number {
    const to = this.#out.claim(Bar.BYTES);
    if (to < 0) return 0;
    copyFrame(this.#frame, 0, this.#out.memory, to);
    this.#out.commit();
    this.#out.publish();
    return 1;
  }

  isIdle(): boolean {
    return false;
  }

  onClose(): void {}
}

/** Runs `bars` rounds; nanoseconds a round. Throws when a frame is missing. */
export function bareRounds(bars: number): number {
  const tap = new NoTap();
  const marks = Array.from({ length: 4 }, () => new WorkMark());
  const ring = (reader: number): SpscRing =>
    new SpscRing(
      new ArrayBuffer(SpscRing.bytesFor(RING_BYTES)),
      0,
      RING_BYTES,
      marks[reader]!,
      true,
    );
  const [market, ticks, quotes] = [ring(1), ring(2), ring(3)] as const;
  const out = (of: SpscRing) => new OutPort(of, 0, 1, tap);
  const ends = [new Station(ticks, []), new Station(quotes, [])] as const;
  const feed = new Station(market, [out(ticks), out(quotes)]);
  const invoker = new AgentInvoker([new Source(out(market)), feed, ...ends], marks);
  const started = performance.now();
  for (let n = 0; n < bars; n++) invoker.round();
  const ns = ((performance.now() - started) * 1e6) / bars;
  for (const { taken } of ends) if (taken !== bars) throw new Error(`${taken} of ${bars} arrived`);
  return ns;
}
