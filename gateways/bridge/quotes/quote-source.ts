// Live quotes as a market source: the exchange (simulated), or the session of a broker, pulls them
// like a recorded day. The link lives in a thread of its own (quote-worker.ts) behind a ring.
// Made by market.ts. Always: an event is there when it came, not when its time has come; between
// two events the next one has the time NOT_YET; the end of the session is SOURCE_END.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type MarketSource, NOT_YET, SOURCE_END } from '../../../engine/core/market-source.ts';
import { copyFrame, FrameMemory, frameEventNs } from '../../../engine/messages/frames.ts';
import { End } from '../../../engine/messages/generated/control.ts';
import { MAX_FRAME_BYTES } from '../../../engine/messages/generated/types.ts';
import type { FrameHandler } from '../../../engine/ring/frame-handler.ts';
import { SpscRing } from '../../../engine/ring/spsc-ring.ts';
import { ThreadWatch } from '../thread-watch.ts';
import { type QuoteStart, WORD_BEAT } from './quote-worker-start.ts';

export class QuoteSource implements MarketSource, FrameHandler {
  readonly count = -1;
  readonly #ring: SpscRing;
  readonly #watch: ThreadWatch | null;
  readonly #worker: Worker | null;
  readonly #held = new FrameMemory(new ArrayBuffer((MAX_FRAME_BYTES + 7) & ~7));
  #nextNs = NOT_YET;

  /** `worker` null: a test writes the ring itself. */
  constructor(start: QuoteStart, worker: Worker | null) {
    this.#ring = new SpscRing(start.ring, 0, start.ringBytes);
    this.#worker = worker;
    this.#watch =
      worker === null ? null : new ThreadWatch(start.words, WORD_BEAT, 'link to the quote bridge');
  }

  /** Resolves when the link's thread runs: the calling one never turns its event loop again. */
  static async start(start: QuoteStart): Promise<QuoteSource> {
    const worker = new Worker(new URL('./quote-worker.ts', import.meta.url), { workerData: start });
    await once(worker, 'online');
    return new QuoteSource(start, worker);
  }

  nextNs(): number {
    if (this.#nextNs === NOT_YET && this.#ring.poll(this, 1) === 0) this.#watch?.look();
    return this.#nextNs;
  }

  next(target: FrameMemory, at: number): number {
    const ns = this.nextNs();
    if (ns === NOT_YET || ns === SOURCE_END) return SOURCE_END;
    this.#nextNs = NOT_YET;
    return copyFrame(this.#held, 0, target, at);
  }

  close(): void {
    void this.#worker?.terminate();
  }

  onFrame(type: number, memory: FrameMemory, at: number): void {
    copyFrame(memory, at, this.#held, 0);
    this.#nextNs = type === End.TYPE ? SOURCE_END : frameEventNs(memory, at);
  }
}
