// The session of a broker behind a bridge: the market comes from the configured source, orders go
// to the bridge. Loaded by the engine's assembly through its path; runs in the link I/O actor's
// thread, its socket lives in a thread of its own (link-worker.ts) behind two rings.
// Invariants: eventNs never goes back; what is asked while the link is down is dropped, the
// gateway link asks again; a full ring stops the reading, nothing is dropped.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { assert } from '../../engine/assert.ts';
import { openSource } from '../../engine/backtest/source.ts';
import { type MarketSource, SOURCE_END } from '../../engine/core/market-source.ts';
import type { GatewaySession, SessionPorts } from '../../engine/host/gateway-session.ts';
import type { EngineSetup } from '../../engine/host/setup.ts';
import { POLL_LIMIT } from '../../engine/limits.ts';
import {
  END_BY_USER,
  END_OF_DATA,
  FLAG_CATCH_UP,
  LINK_DOWN,
  LINK_UP,
} from '../../engine/messages/codes.ts';
import { BODY_OFFSET, copyFrame, FrameMemory, frameLength } from '../../engine/messages/frames.ts';
import { Fence, LinkState } from '../../engine/messages/generated/broker.ts';
import { Clock, End } from '../../engine/messages/generated/control.ts';
import { MAX_FRAME_BYTES } from '../../engine/messages/generated/types.ts';
import type { FrameHandler } from '../../engine/ring/frame-handler.ts';
import { SpscRing } from '../../engine/ring/spsc-ring.ts';
import { readSecret, targetOf } from './address.ts';
import { accountOf } from './frame-account.ts';
import { type LinkStart, WORD_BEAT, WORD_WANTS } from './link-worker-start.ts';
import { ThreadWatch } from './thread-watch.ts';

const RING_BYTES = 4 * 1_048_576;
/** Room that a frame may need in a ring, with filler. */
const FRAME_ROOM = MAX_FRAME_BYTES * 2;
const FLAGS_AT = (BODY_OFFSET + 6) >> 1;
const EVENT_NS_AT = (BODY_OFFSET + 8) >> 3;
const CLOCK_NS = 250_000_000;

/** Opens the market, starts the link's thread. Throws when address or secret are not usable. */
export async function createSession(
  setup: EngineSetup,
  ports: SessionPorts,
): Promise<GatewaySession> {
  const { bridge } = setup;
  if (bridge === undefined) throw new Error('gateway bridge: no address in the configuration');
  targetOf(bridge.address);
  const buffer = (): SharedArrayBuffer => new SharedArrayBuffer(SpscRing.bytesFor(RING_BYTES));
  const start: LinkStart = {
    address: bridge.address,
    secret: readSecret(bridge.secretFile),
    engineId: 1 + Math.floor(Math.random() * 0x7ffffffe),
    day: setup.day,
    accounts: setup.accounts.map((account) => account.id),
    symbols: setup.instruments.map((instrument) => instrument.symbol),
    arming: setup.accounts.flatMap(({ id: account, arming }) =>
      arming === undefined ? [] : [{ account, symbols: symbolsOf(setup, arming.instruments) }],
    ),
    toBridge: buffer(),
    fromBridge: buffer(),
    ringBytes: RING_BYTES,
    words: new Int32Array(new SharedArrayBuffer(8)),
  };
  const source = await openSource(setup, ports.onProgress);
  const worker = new Worker(new URL('./link-worker.ts', import.meta.url), { workerData: start });
  await once(worker, 'online');
  return new BridgeSession(start, setup, source, worker, ports);
}

function symbolsOf({ instruments }: EngineSetup, indices: readonly number[]): string[] {
  return indices.map((index) => instruments[index]!.symbol);
}

class BridgeSession implements GatewaySession, FrameHandler {
  readonly roleName = 'exchange';
  eventCount = 0;
  received = 0;
  ended = false;
  nowNs = 0;
  readonly #ports: SessionPorts;
  readonly #source: MarketSource;
  readonly #worker: Worker;
  readonly #words: Int32Array;
  readonly #toBridge: SpscRing;
  readonly #fromBridge: SpscRing;
  readonly #skipUntilNs: number;
  readonly #speed: number;
  readonly #scratch = new FrameMemory(new ArrayBuffer((MAX_FRAME_BYTES + 7) & ~7));
  readonly #end = new End();
  readonly #clock = new Clock();
  readonly #state = new LinkState();
  /** By account: a fence followed the last UP, so requests are of this connection. */
  readonly #fenced: boolean[];
  readonly #saidNs: Float64Array;
  readonly #watch: ThreadWatch;
  #stopReason = 0;
  /** Host time at which engine time last moved on. */
  #movedMs = performance.now();
  #downs = 0;

  constructor(
    start: LinkStart,
    { skipUntilNs, speed }: Pick<EngineSetup, 'skipUntilNs' | 'speed'>,
    source: MarketSource,
    worker: Worker,
    ports: SessionPorts,
  ) {
    this.#ports = ports;
    this.#source = source;
    this.#worker = worker;
    this.#words = start.words;
    this.#watch = new ThreadWatch(start.words, WORD_BEAT, 'link to the bridge');
    this.#toBridge = new SpscRing(start.toBridge, 0, RING_BYTES);
    this.#fromBridge = new SpscRing(start.fromBridge, 0, RING_BYTES);
    this.#skipUntilNs = skipUntilNs;
    this.#speed = speed;
    this.#fenced = start.accounts.map(() => false);
    this.#saidNs = new Float64Array(start.accounts.length);
  }

  onStart(): void {}

  doWork(): number {
    this.#watch.look();
    let count = this.#ports.control.poll(this, POLL_LIMIT);
    count += this.#takeRequests();
    if (!this.#isCatchingUp()) count += this.#takeAnswers();
    if (count === 0) count = this.#release();
    if (count === 0) count = this.#passTime();
    if (count === 0) return 0;
    this.#wake();
    for (let a = 0; a < this.#ports.reports.length; a++) this.#ports.reports[a]!.publish();
    this.#ports.market.publish();
    return count;
  }

  onClose(): void {
    this.#source.close?.();
    void this.#worker.terminate();
  }

  isIdle(): boolean {
    for (let a = 0; a < this.#ports.requests.length; a++) {
      if (!this.#ports.requests[a]!.isEmpty()) return false;
    }
    if (!this.#ports.control.isEmpty() || !this.#fromBridge.isEmpty()) return false;
    if (this.#timeDueNs() > 0) return false;
    const nextNs = this.#source.nextNs();
    return this.ended || nextNs === SOURCE_END || !this.#ports.pacer.mayRelease(nextNs);
  }

  problems(): readonly string[] {
    return this.#downs === 0 ? [] : [`the link to the bridge was lost ${this.#downs} times`];
  }

  /** Of the gateway links and the supervisor. */
  onFrame(type: number, memory: FrameMemory, at: number): void {
    if (type === End.TYPE) {
      const { reason } = this.#end.wrap(memory, at);
      // A supervisor's end stops the market; a gateway's goes to the bridge, which cancels.
      if (reason !== 0) {
        this.#stopReason = reason === END_OF_DATA ? END_OF_DATA : END_BY_USER;
        return;
      }
    }
    this.received++;
    const a = accountOf(memory, at);
    if (type === Fence.TYPE) this.#fenced[a] = true;
    if (this.#fenced[a] === true) this.#send(memory, at);
  }

  #takeRequests(): number {
    let count = 0;
    for (let a = 0; a < this.#ports.requests.length; a++) {
      const room = this.#toBridge.capacityBytes - this.#toBridge.size();
      const limit = Math.min(POLL_LIMIT, Math.floor(room / FRAME_ROOM) - 1);
      if (limit <= 0) break;
      count += this.#ports.requests[a]!.poll(this, limit);
      this.#toBridge.publish();
    }
    return count;
  }

  #takeAnswers(): number {
    let count = 0;
    while (count < POLL_LIMIT && this.#hasReportRoom()) {
      if (this.#fromBridge.poll(this.#answers, 1) === 0) break;
      count++;
    }
    return count;
  }

  #hasReportRoom(): boolean {
    for (let a = 0; a < this.#ports.reports.length; a++) {
      if (this.#ports.reports[a]!.room() < FRAME_ROOM * 2) return false;
    }
    return true;
  }

  /** What the bridge says: stamped with engine time, for the link of its account. */
  readonly #answers: FrameHandler = {
    onFrame: (type, memory, at) => {
      const a = accountOf(memory, at);
      const out = this.#ports.reports[a];
      assert(out !== undefined, `account=${a} of frame type ${type}, expected one of ours`);
      if (type === LinkState.TYPE) this.#onState(a, memory, at);
      const to = out.claim(frameLength(memory, at));
      assert(to >= 0, `claim=${to}, expected room for an answer`);
      copyFrame(memory, at, out.memory, to);
      out.memory.f64[(to >> 3) + EVENT_NS_AT] = this.nowNs;
      out.commit();
      this.#saidNs[a] = this.nowNs;
    },
  };

  /** A new connection: the mark that lets what follows it in the ring onto the wire. */
  #onState(a: number, memory: FrameMemory, at: number): void {
    const { state, sessionNo } = this.#state.wrap(memory, at);
    if (state === LINK_DOWN) this.#downs++;
    if (state === LINK_DOWN || state === LINK_UP) this.#fenced[a] = false;
    if (state !== LINK_UP) return;
    const mark = this.#state.begin(this.#scratch, 0);
    mark.account = a;
    mark.state = LINK_UP;
    mark.sessionNo = sessionNo;
    this.#send(this.#scratch, 0);
    this.#toBridge.publish();
  }

  #send(memory: FrameMemory, at: number): void {
    const code = this.#toBridge.offer(memory, at);
    assert(code >= 0, `offer=${code}, expected room in the ring to the bridge`);
  }

  /** Rings for the link's thread when it sleeps. */
  #wake(): void {
    if (this.#toBridge.isEmpty()) return;
    if (Atomics.exchange(this.#words, WORD_WANTS, 0) === 1) this.#worker.postMessage(0);
  }

  #isCatchingUp(): boolean {
    if (this.nowNs >= this.#skipUntilNs || this.ended) return false;
    const nextNs = this.#source.nextNs();
    return nextNs !== SOURCE_END && nextNs < this.#skipUntilNs;
  }

  /** Releases the next market event when its time has come; 1, or 0. */
  #release(): number {
    if (this.ended) return 0;
    const { market, pacer } = this.#ports;
    if (this.#stopReason !== 0) return this.#sendEnd(this.#stopReason);
    const nextNs = this.#source.nextNs();
    if (nextNs === SOURCE_END) return this.#sendEnd(END_OF_DATA);
    const catchUp = nextNs < this.#skipUntilNs;
    if (!catchUp && !pacer.mayRelease(nextNs)) return 0;
    if (market.room() < MAX_FRAME_BYTES * 4 || !this.#hasReportRoom()) return 0;
    const bytes = this.#source.next(this.#scratch, 0);
    this.nowNs = Math.max(nextNs, this.nowNs);
    this.#movedMs = performance.now();
    this.eventCount++;
    if (catchUp) this.#scratch.i16[FLAGS_AT]! |= FLAG_CATCH_UP;
    const at = market.claim(bytes);
    assert(at >= 0, `claim=${at}, expected room for a market event`);
    copyFrame(this.#scratch, 0, market.memory, at);
    market.commit();
    if (!catchUp) this.#tellTime();
    return 1;
  }

  /**
   * A market that is quiet, or over, does not stop time: answers would never be late and missing
   * reports never asked for. Engine time goes on at the session's speed, up to the next event.
   */
  #passTime(): number {
    const dueNs = this.#timeDueNs();
    if (dueNs === 0 || !this.#hasReportRoom()) return 0;
    this.nowNs = dueNs;
    this.#movedMs = performance.now();
    this.#tellTime();
    return 1;
  }

  /** Engine time to go on to when the market says nothing; 0 = it is not yet time for it. */
  #timeDueNs(): number {
    if (this.nowNs === 0 || this.#isCatchingUp()) return 0;
    const passedNs = (performance.now() - this.#movedMs) * 1e6 * this.#speed;
    if (passedNs < CLOCK_NS) return 0;
    const nextNs = this.ended ? SOURCE_END : this.#source.nextNs();
    const dueNs = this.nowNs + CLOCK_NS;
    return nextNs === SOURCE_END || dueNs < nextNs ? dueNs : 0;
  }

  /** The gateway links have no clock of their own. */
  #tellTime(): void {
    for (let a = 0; a < this.#saidNs.length; a++) {
      if (this.nowNs - this.#saidNs[a]! < CLOCK_NS) continue;
      const out = this.#ports.reports[a]!;
      const at = out.claim(Clock.BYTES);
      if (at < 0) continue;
      this.#clock.begin(out.memory, at).eventNs = this.nowNs;
      out.commit();
      this.#saidNs[a] = this.nowNs;
    }
  }

  #sendEnd(reason: number): number {
    const { market } = this.#ports;
    const at = market.claim(End.BYTES);
    if (at < 0) return 0;
    this.#end.begin(market.memory, at).reason = reason;
    this.#end.eventNs = this.nowNs;
    market.commit();
    this.ended = true;
    return 1;
  }
}
