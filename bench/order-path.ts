// OMS, risk and gateway link as the engine assembles them, in one thread, with real rings and a
// journal on a real file; the bench stands in the places of strategy, feed and broker. Called by
// orders.bench.ts. Always: the broker accepts every order and grants every cancel; an order that is
// refused anywhere fails the bench.
import { join } from 'node:path';
import { NoTap, OutPort } from '../engine/actors/port.ts';
import { AccountState } from '../engine/host/account-state.ts';
import { type ActorSet, assemble } from '../engine/host/assembly.ts';
import { BroadcastSink } from '../engine/host/event-sinks.ts';
import { killWordOf, mapMemory, RingOpener } from '../engine/host/memory-map.ts';
import { HostClock } from '../engine/host/mono-clock.ts';
import type { EngineSetup } from '../engine/host/setup.ts';
import { type OpenedJournal, openJournal } from '../engine/journal/open.ts';
import type { FlushPolicy } from '../engine/journal/writer.ts';
import {
  ACTION_CANCEL,
  ACTION_PLACE,
  KIND_LIMIT,
  PHASE_CONTINUOUS,
  REPORT_ACCEPTED,
  REPORT_CANCELLED,
  SIDE_BUY,
  SIDE_SELL,
  STAGE_EXCHANGE,
  TIF_DAY,
} from '../engine/messages/codes.ts';
import { FrameMemory } from '../engine/messages/frames.ts';
import { Quote } from '../engine/messages/generated/market.ts';
import { Intent, Report, Request } from '../engine/messages/generated/order.ts';
import type { FrameHandler } from '../engine/ring/frame-handler.ts';
import type { SpscRing } from '../engine/ring/spsc-ring.ts';
import { makeTopology } from '../engine/topology.ts';
import { BrokerDesk, NO_LEDGER } from '../gateways/sim/broker-desk.ts';

const PRICE_E4 = 100_000;
const QTY = 100;
const OPEN_NS = 36_000_000_000_000;
/** Engine time between two orders. */
const STEP_NS = 10_000_000;
const SEGMENT_BYTES = 256 * 1024 * 1024;
const READY_ROUNDS = 1_000;

export class OrderPath implements FrameHandler {
  readonly actors: ActorSet;
  /** Requests the link was handed: orders, and cancels. */
  placed = 0;
  cancelled = 0;
  readonly killWord: Int32Array;
  readonly #journal: OpenedJournal;
  readonly #intents: SpscRing;
  readonly #quotes: SpscRing;
  readonly #link: SpscRing;
  readonly #answers: OutPort;
  readonly #desk: BrokerDesk;
  readonly #intent = new Intent();
  readonly #quote = new Quote();
  readonly #request = new Request();
  readonly #report = new Report();
  #intentNo = 0;

  private constructor(
    actors: ActorSet,
    journal: OpenedJournal,
    rings: RingOpener,
    killWord: Int32Array,
    day: number,
  ) {
    this.actors = actors;
    this.killWord = killWord;
    this.#journal = journal;
    this.#intents = rings.spsc('intents:0');
    this.#quotes = rings.spsc('quotes:0');
    this.#link = rings.spsc('link:0');
    this.#answers = new OutPort(rings.spsc('answers:0'), 0, STAGE_EXCHANGE, new NoTap());
    this.#desk = new BrokerDesk([this.#answers], NO_LEDGER, day);
  }

  /** Opens with its journal in `dir`. Throws when the link does not get ready. */
  static async open(setup: EngineSetup, dir: string, policy: FlushPolicy): Promise<OrderPath> {
    const journalDir = join(dir, 'journal');
    const topology = makeTopology({
      accountCount: 1,
      strategyAccounts: [0],
      recording: false,
      placement: { kind: 'single' },
      ringScale: 1,
    });
    const clock = new HostClock(HostClock.zero());
    const journal = await openJournal(journalDir, {
      account: 0,
      day: setup.day,
      policy,
      engineVersion: 'bench',
      instrumentCount: 0,
      atNs: 0,
      monoNs: clock.nowNs(),
      segmentBytes: SEGMENT_BYTES,
    });
    const account = new AccountState(setup, 0);
    account.open(setup, () => {}, new FrameMemory(new ArrayBuffer(512)));
    const map = mapMemory(topology, true);
    const rings = new RingOpener(topology, map);
    const tap = new NoTap();
    const stations = ['oms', 'risk', 'gateway'];
    const specs = topology.actors.filter(({ kind }) => stations.includes(kind));
    const actors = await assemble(setup, specs, {
      topology,
      map,
      rings,
      clock,
      pacer: { mayRelease: () => false },
      input: () => null,
      tap: () => tap,
      hash: () => null,
      plan: () => null,
      events: (actor) => new BroadcastSink(rings.broadcastWriter(`events:${actor}`)),
      journal: () => journal.writer,
      account: () => account,
      log: () => {},
      onProgress: null,
    });
    const path = new OrderPath(actors, journal, rings, killWordOf(map, 0), setup.day);
    path.#start();
    return path;
  }

  /** Hands the OMS `count` new orders, every second one a sell. */
  place(count: number): void {
    for (let n = 0; n < count; n++) {
      const no = ++this.#intentNo;
      const intent = this.#claimIntent();
      intent.eventNs = OPEN_NS + no * STEP_NS;
      intent.intentNo = no;
      intent.action = ACTION_PLACE;
      intent.instrument = 0;
      intent.side = no % 2 === 0 ? SIDE_BUY : SIDE_SELL;
      intent.kind = KIND_LIMIT;
      intent.timeInForce = TIF_DAY;
      // One tick apart: orders of one account that would trade with each other are refused.
      intent.priceE4 = no % 2 === 0 ? PRICE_E4 - 100 : PRICE_E4 + 100;
      intent.qty = QTY;
      this.#intents.commit();
    }
    this.#intents.publish();
  }

  /** Asks the OMS to cancel the last `count` orders. */
  cancel(count: number): void {
    for (let n = 0; n < count; n++) {
      const intent = this.#claimIntent();
      intent.eventNs = OPEN_NS + this.#intentNo * STEP_NS;
      intent.action = ACTION_CANCEL;
      intent.targetIntentNo = this.#intentNo - n;
      this.#intents.commit();
    }
    this.#intents.publish();
  }

  /** One duty cycle of each station. */
  step(): void {
    this.actors.oms[0]!.doWork();
    this.actors.risk!.doWork();
    this.actors.gateways[0]!.doWork();
  }

  /** The broker answers everything it was handed; then the stations hear of it. */
  answer(): void {
    while (this.#link.poll(this, 64) + this.#desk.work() > 0) {
      this.#answers.publish();
      this.step();
    }
  }

  /** The picture of the market as the feed tells it. */
  quote(): void {
    const at = this.#quotes.tryClaim(Quote.BYTES);
    if (at < 0) throw new Error('the ring of quotes is full');
    const q = this.#quote.begin(this.#quotes.memory, at);
    q.eventNs = OPEN_NS + this.#intentNo * STEP_NS;
    q.instrument = 0;
    q.phase = PHASE_CONTINUOUS;
    q.lastE4 = PRICE_E4;
    q.bidE4 = PRICE_E4 - 100;
    q.askE4 = PRICE_E4 + 100;
    q.upperLimitE4 = PRICE_E4 * 1.1;
    q.lowerLimitE4 = PRICE_E4 * 0.9;
    this.#quotes.commit();
    this.#quotes.publish();
  }

  /** Orders, records written, and a closed journal; throws when anything was refused. */
  async close(): Promise<{ orders: number; records: number }> {
    const { account, rejectCount } = this.actors.oms[0]!;
    const refused = rejectCount + account.invalidEvents + this.actors.gateways[0]!.refused;
    const orders = account.orders.count;
    const records = this.#journal.writer.writtenSeq;
    const code = await this.#journal.close();
    if (refused > 0 || code < 0) throw new Error(`${refused} refused, journal code ${code}`);
    return { orders, records };
  }

  onFrame(type: number, memory: FrameMemory, at: number): void {
    if (type !== Request.TYPE) {
      this.#desk.onFrame(type, memory, at);
      return;
    }
    const request = this.#request.wrap(memory, at);
    const isCancel = request.action === ACTION_CANCEL;
    if (isCancel) this.cancelled++;
    else this.placed++;
    const to = this.#answers.claim(Report.BYTES);
    if (to < 0) throw new Error('the ring of answers is full');
    const report = this.#report.begin(this.#answers.memory, to);
    report.eventNs = request.eventNs;
    report.coidA = request.coidA;
    report.coidB = request.coidB;
    report.coidC = request.coidC;
    report.coidD = request.coidD;
    report.account = request.account;
    report.strategy = request.strategy;
    report.instrument = request.instrument;
    report.kind = isCancel ? REPORT_CANCELLED : REPORT_ACCEPTED;
    report.stage = STAGE_EXCHANGE;
    this.#answers.commit();
  }

  #claimIntent(): Intent {
    const at = this.#intents.tryClaim(Intent.BYTES);
    if (at < 0) throw new Error('the ring of intents is full');
    const intent = this.#intent.begin(this.#intents.memory, at);
    intent.strategy = 0;
    return intent;
  }

  #start(): void {
    for (const agent of this.actors.agents) agent.onStart();
    this.#desk.start();
    this.#answers.publish();
    for (let n = 0; n < READY_ROUNDS && !this.#desk.allReady; n++) {
      this.step();
      this.answer();
    }
    if (!this.#desk.allReady) throw new Error('the link did not get ready');
    this.quote();
    this.step();
  }
}
