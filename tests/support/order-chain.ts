// OMS, risk and gateway link as the engine assembles them, over real rings and a real journal in a
// folder of the test; the test stands in the places of strategy, feed, people and broker. Used by
// the tests of what a person says about orders. Always: a new life of the chain recovers from the
// journal as the engine does; the broker answers only what the test says.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OrderManager } from '../../engine/actors/order-manager.ts';
import { NoTap, OutPort } from '../../engine/actors/port.ts';
import type { Account } from '../../engine/core/account.ts';
import { STATUS_NAMES } from '../../engine/core/order-status.ts';
import { accountRow } from '../../engine/core/risk/rule-set.ts';
import { beginLife } from '../../engine/host/account-life.ts';
import { AccountState } from '../../engine/host/account-state.ts';
import { type ActorSet, assemble } from '../../engine/host/assembly.ts';
import { killWordOf, mapMemory, RingOpener } from '../../engine/host/memory-map.ts';
import { HostClock } from '../../engine/host/mono-clock.ts';
import type { EngineSetup, SetupAccount } from '../../engine/host/setup.ts';
import { type OpenedJournal, openJournal } from '../../engine/journal/open.ts';
import {
  ACTION_CANCEL,
  ACTION_PLACE,
  KIND_LIMIT,
  PHASE_CONTINUOUS,
  SIDE_BUY,
  STAGE_EXCHANGE,
  STAGE_FEED,
  STAGE_STRATEGY,
  STAGE_SUPERVISOR,
  TIF_DAY,
} from '../../engine/messages/codes.ts';
import type { FrameMemory } from '../../engine/messages/frames.ts';
import { Quote } from '../../engine/messages/generated/market.ts';
import { Fill, Intent, Report } from '../../engine/messages/generated/order.ts';
import { makeTopology } from '../../engine/topology.ts';
import { BrokerDesk, NO_LEDGER } from '../../gateways/sim/broker-desk.ts';
import {
  type Fields,
  type MessageClass,
  readFrame,
  type Shown,
  ShownEvents,
  settle,
} from './actor-harness.ts';
import { makeSetup } from './make-setup.ts';
import { rulesByRow } from './risk-rules.ts';

/** 10:00:00 */
const TEN_NS = 36_000_000_000_000;
const SIZES = { accounts: 1, strategies: 1, instruments: 1 };
const POLL = 64;
/** Mark of an intent in `reserved`: nobody looks at it before the next frame. */
export const LATER = 1;

export interface ChainOptions {
  /** Limits of the account, by their keys. */
  readonly limits?: Readonly<Record<string, number>>;
  readonly account?: Partial<SetupAccount>;
  /** Journal of an earlier life. */
  readonly dir?: string;
  /** Where the market's clock begins; absent = at ten, or where the journal ended. */
  readonly beginNs?: number;
  /** The broker does not connect until the test says so. */
  readonly unconnected?: boolean;
}

function setupOf(options: ChainOptions): EngineSetup {
  const risk = rulesByRow(SIZES, { [accountRow(0)]: options.limits ?? {} });
  return { ...makeSetup({ accounts: [options.account ?? {}] }), risk, flush: 'group' };
}

const STATIONS = ['oms', 'risk', 'gateway'];

/** Opens the journal and lets a new life begin. */
export async function openChain(options: ChainOptions = {}): Promise<Chain> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'pankou-chain-'));
  const base = setupOf(options);
  const state = new AccountState(base, 0);
  const journal = await openJournal(join(dir, 'journal-0'), {
    ...{ account: 0, day: base.day, policy: 'group', engineVersion: 'test', segmentBytes: 1 << 20 },
    ...{ instrumentCount: base.instruments.length, atNs: 0, monoNs: 0 },
    onRecord: (record) => state.apply(record.frameType, record.memory, record.frameAt),
  });
  beginLife(base, state, journal.writer, () => 0);
  const setup = { ...base, epochs: [journal.epoch] };
  const topology = makeTopology({
    ...{ accountCount: 1, strategyAccounts: [0], recording: false, ringScale: 1 },
    placement: { kind: 'single' },
  });
  const map = mapMemory(topology, true);
  const rings = new RingOpener(topology, map);
  const tap = new NoTap();
  const events = new ShownEvents();
  const stations = topology.actors.filter(({ kind }) => STATIONS.includes(kind));
  const actors = await assemble(setup, stations, {
    ...{ topology, map, rings, clock: new HostClock(HostClock.zero()), onProgress: null },
    pacer: { mayRelease: () => false },
    input: () => null,
    tap: () => tap,
    hash: () => null,
    plan: () => null,
    events: () => events,
    journal: () => journal.writer,
    account: () => state,
    log: () => {},
  });
  const chain = new Chain(dir, setup, state, actors, events, rings, journal, killWordOf(map, 0));
  chain.start(options.unconnected !== true, options.beginNs);
  return chain;
}

type Port = 'answers' | 'intents' | 'desk' | 'quotes' | 'riskQuotes' | 'oms' | 'gateway';
const PORTS: { readonly [port in Port]: readonly [ring: string, source: number] } = {
  answers: ['answers:0', STAGE_EXCHANGE],
  intents: ['intents:0', STAGE_STRATEGY],
  desk: ['desk:0', STAGE_SUPERVISOR],
  quotes: ['quotes:0', STAGE_FEED],
  riskQuotes: ['quotes:risk', STAGE_FEED],
  oms: ['control:oms:0', STAGE_SUPERVISOR],
  gateway: ['control:gateway:0', STAGE_SUPERVISOR],
};

export class Chain {
  readonly account: Account;
  readonly oms: OrderManager;
  /** Frames that reached the broker, and the strategy. */
  readonly wire: Shown[] = [];
  readonly updates: Shown[] = [];
  readonly #ports: ReadonlyMap<Port, OutPort>;
  readonly #broker: BrokerDesk;
  #nowNs: number;
  #intentNo: number;
  #fillNo: number;

  readonly dir: string;
  readonly setup: EngineSetup;
  readonly state: AccountState;
  readonly actors: ActorSet;
  readonly events: ShownEvents;
  readonly killWord: Int32Array;
  readonly #rings: RingOpener;
  readonly #journal: OpenedJournal;

  constructor(
    dir: string,
    setup: EngineSetup,
    state: AccountState,
    actors: ActorSet,
    events: ShownEvents,
    rings: RingOpener,
    journal: OpenedJournal,
    killWord: Int32Array,
  ) {
    this.dir = dir;
    this.setup = setup;
    this.state = state;
    this.actors = actors;
    this.events = events;
    this.#rings = rings;
    this.#journal = journal;
    this.killWord = killWord;
    this.account = state.account;
    this.oms = actors.oms[0]!;
    const tap = new NoTap();
    const ports = Object.entries(PORTS).map(([port, [ring, source]]) => {
      return [port as Port, new OutPort(rings.spsc(ring), 0, source, tap)] as const;
    });
    this.#ports = new Map(ports);
    this.#broker = new BrokerDesk([this.#port('answers')], NO_LEDGER, setup.day);
    this.#nowNs = Math.max(TEN_NS, state.lastNs);
    this.#intentNo = state.lastIntentNo(0);
    this.#fillNo = state.account.fillCount;
  }

  start(isConnected: boolean, beginNs?: number): void {
    this.#nowNs = beginNs ?? this.#nowNs;
    for (const agent of this.actors.agents) agent.onStart();
    if (isConnected) this.connect();
    this.quote(0);
    this.events.all = [];
  }

  /** The broker connects: the links get ready. */
  connect(): void {
    this.#broker.start();
    this.#port('answers').publish();
    this.step();
  }

  /** Everything that is on its way arrives. */
  step(): void {
    const toWire = (type: number, memory: FrameMemory, at: number): void => {
      this.wire.push(readFrame(memory, at));
      this.#broker.onFrame(type, memory, at);
    };
    const toStrategy = (_type: number, memory: FrameMemory, at: number): void => {
      this.updates.push(readFrame(memory, at));
    };
    settle(() => {
      let count = 0;
      for (const agent of this.actors.agents) count += agent.doWork();
      count += this.#rings.spsc('link:0').poll({ onFrame: toWire }, POLL);
      count += this.#rings.spsc('updates:0').poll({ onFrame: toStrategy }, POLL);
      count += this.#broker.work();
      this.#port('answers').publish();
      return count;
    });
  }

  /** A frame goes in, and everything it causes has happened. */
  send<T>(port: Port, message: MessageClass<T>, fields: Fields<T>): void {
    this.queue(port, message, fields);
    this.step();
  }

  /** A frame goes in, and nobody has looked yet. */
  queue<T>(port: Port, message: MessageClass<T>, fields: Fields<T>): void {
    const out = this.#port(port);
    const at = out.claim(message.BYTES);
    if (at < 0) throw new Error(`no room in ${port}`);
    const frame = new message().begin(out.memory, at) as object;
    Object.assign(frame, { eventNs: this.#nowNs, ...fields });
    out.commit();
    out.publish();
  }

  /** Time goes on, and the market is as `fields` say. */
  quote(seconds = 1, fields: Fields<Quote> = {}): void {
    this.#nowNs += seconds * 1e9;
    const quote = {
      ...{ instrument: 0, phase: PHASE_CONTINUOUS, lastE4: 100_000, bidE4: 99_900 },
      ...{ askE4: 100_100, upperLimitE4: 110_000, lowerLimitE4: 90_000, ...fields },
    };
    this.send('riskQuotes', Quote, quote);
    this.send('quotes', Quote, quote);
  }

  /** A wish of the strategy (or of the desk); its number. */
  place(fields: Fields<Intent> = {}, port: 'intents' | 'desk' = 'intents'): number {
    this.queue(port, Intent, {
      ...{ intentNo: ++this.#intentNo, action: ACTION_PLACE, side: SIDE_BUY, kind: KIND_LIMIT },
      ...{ timeInForce: TIF_DAY, priceE4: 100_000, qty: 100, ...fields },
    });
    if (fields.reserved !== LATER) this.step();
    return this.#intentNo;
  }

  cancel(targetIntentNo: number): void {
    this.send('intents', Intent, { action: ACTION_CANCEL, targetIntentNo });
  }

  /** The broker's word on an order. */
  report(slot: number, kind: number, fields: Fields<Report> = {}): void {
    this.send('answers', Report, { ...this.id(slot), kind, ...fields });
  }

  fill(slot: number, qty: number, fields: Fields<Fill> = {}): void {
    const terms = { side: this.account.orders.side[slot]!, priceE4: 100_000, qty };
    const fillNo = ++this.#fillNo;
    this.send('answers', Fill, { ...this.id(slot), ...terms, fillNo, ...fields });
  }

  /** The client order id of a slot, as frames name it. */
  id(slot: number): { coidA: number; coidB: number; coidC: number } {
    const { idA, idC } = this.account.orders;
    return { coidA: idA[slot]!, coidB: this.setup.day, coidC: idC[slot]! };
  }

  /** Status and code of each order. */
  orders(): string[] {
    const { orders } = this.account;
    return Array.from({ length: orders.count }, (_, slot) => {
      const code = orders.code[slot]!;
      return STATUS_NAMES[orders.status[slot]!]! + (code === 0 ? '' : ` ${code}`);
    });
  }

  /** What reached the broker since the last time, as `+qty` and `-id`. */
  sent(): string[] {
    const requests = this.wire.splice(0).filter(({ type }) => type === 'Request');
    return requests.map((r) => (r.action === ACTION_CANCEL ? `-${r.coidC}` : `+${r.qty}`));
  }

  /** The process ends; what it has written stays. */
  async kill(): Promise<void> {
    await this.#journal.close();
  }

  #port(name: Port): OutPort {
    return this.#ports.get(name)!;
  }
}
