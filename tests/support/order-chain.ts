// OMS, risk and gateway link as the engine assembles them, over real rings and a real journal in a
// folder of the test; the test stands in the places of strategy, feed, people and broker. Used by
// the tests of what a person says about orders. Always: a new life of the chain recovers from the
// journal as the engine does; the broker answers only what the test says.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NoTap, OutPort } from '../../engine/actors/port.ts';
import { STATUS_NAMES } from '../../engine/core/order-status.ts';
import { accountRow } from '../../engine/core/risk/rule-set.ts';
import { beginLife } from '../../engine/host/account-life.ts';
import { AccountState } from '../../engine/host/account-state.ts';
import { assemble } from '../../engine/host/assembly.ts';
import { killWordOf, mapMemory, RingOpener } from '../../engine/host/memory-map.ts';
import { HostClock } from '../../engine/host/mono-clock.ts';
import type { EngineSetup, SetupAccount } from '../../engine/host/setup.ts';
import { openJournal } from '../../engine/journal/open.ts';
import {
  ACTION_CANCEL,
  ACTION_PLACE,
  KIND_LIMIT,
  PHASE_CONTINUOUS,
  SIDE_BUY,
  STAGE_EXCHANGE,
  STAGE_SUPERVISOR,
  TIF_DAY,
} from '../../engine/messages/codes.ts';
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
} from './actor-harness.ts';
import { makeSetup } from './make-setup.ts';
import { rulesByRow } from './risk-rules.ts';

const NOON_NS = 36_000_000_000_000;
const SIZES = { accounts: 1, strategies: 1, instruments: 1 };
const MESSAGE_ROUNDS = 1_000;
/** Mark of an intent in `reserved`: nobody looks at it before the next frame. */
export const LATER = 1;

export interface ChainOptions {
  /** Limits of the account, by their keys. */
  readonly limits?: Readonly<Record<string, number>>;
  readonly account?: Partial<SetupAccount>;
  /** Journal of an earlier life. */
  readonly dir?: string;
  /** The broker does not connect until the test says so. */
  readonly unconnected?: boolean;
}

function setupOf(options: ChainOptions): EngineSetup {
  const risk = rulesByRow(SIZES, { [accountRow(0)]: options.limits ?? {} });
  return { ...makeSetup({ accounts: [options.account ?? {}] }), risk, flush: 'group' };
}

/** Opens a life; close() it, or let it be: a killed process leaves as much. */
export async function openChain(options: ChainOptions = {}) {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'pankou-chain-'));
  const base = setupOf(options);
  const state = new AccountState(base, 0);
  const clock = new HostClock(HostClock.zero());
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
  const stations = topology.actors.filter(({ kind }) => ['oms', 'risk', 'gateway'].includes(kind));
  const actors = await assemble(setup, stations, {
    ...{ topology, map, rings, clock, onProgress: null },
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
  const oms = actors.oms[0]!;
  const out = (ring: string, source: number): OutPort =>
    new OutPort(rings.spsc(ring), 0, source, tap);
  const answers = out('answers:0', STAGE_EXCHANGE);
  const ports = {
    answers,
    intents: out('intents:0', 0),
    desk: out('desk:0', STAGE_SUPERVISOR),
    quotes: out('quotes:0', 0),
    riskQuotes: out('quotes:risk', 1),
    oms: out('control:oms:0', STAGE_SUPERVISOR),
    gateway: out('control:gateway:0', STAGE_SUPERVISOR),
  };
  const broker = new BrokerDesk([answers], NO_LEDGER, setup.day);
  const wire: Shown[] = [];
  const updates: Shown[] = [];
  let nowNs = Math.max(NOON_NS, state.lastNs);
  let fillNo = state.account.fillCount;
  let intentNo = state.lastIntentNo(0);

  const step = (): void => {
    for (let round = 0; round < MESSAGE_ROUNDS; round++) {
      let count = 0;
      for (const agent of actors.agents) count += agent.doWork();
      count += rings.spsc('link:0').poll(
        {
          onFrame: (type, memory, at) => {
            wire.push(readFrame(memory, at));
            broker.onFrame(type, memory, at);
          },
        },
        64,
      );
      count += rings
        .spsc('updates:0')
        .poll({ onFrame: (_, memory, at) => updates.push(readFrame(memory, at)) }, 64);
      count += broker.work();
      answers.publish();
      if (count === 0) return;
    }
    throw new Error('the chain never settles');
  };
  const queue = <T>(
    port: keyof typeof ports,
    message: MessageClass<T>,
    fields: Fields<T>,
  ): void => {
    const target = ports[port];
    const at = target.claim(message.BYTES);
    if (at < 0) throw new Error(`no room in ${port}`);
    Object.assign(new message().begin(target.memory, at) as object, { eventNs: nowNs, ...fields });
    target.commit();
    target.publish();
  };
  const send: typeof queue = (port, message, fields) => {
    queue(port, message, fields);
    step();
  };
  const self = {
    ...{ dir, setup, state, account: state.account, actors, oms, events, journal, wire, updates },
    /** A frame goes in, and everything it causes has happened. */
    send,
    /** A frame goes in, and nobody has looked yet. */
    queue,
    step,
    killWord: killWordOf(map, 0),
    /** Time goes on, and the market is as `fields` say. */
    quote(seconds = 1, fields: Fields<Quote> = {}): void {
      nowNs += seconds * 1e9;
      const quote = {
        ...{ instrument: 0, phase: PHASE_CONTINUOUS, lastE4: 100_000, bidE4: 99_900 },
        ...{ askE4: 100_100, upperLimitE4: 110_000, lowerLimitE4: 90_000, ...fields },
      };
      send('riskQuotes', Quote, quote);
      send('quotes', Quote, quote);
    },
    /** A wish of the strategy (or of the desk); its number. */
    place(fields: Fields<Intent> = {}, port: 'intents' | 'desk' = 'intents'): number {
      queue(port, Intent, {
        ...{ intentNo: ++intentNo, action: ACTION_PLACE, side: SIDE_BUY, kind: KIND_LIMIT },
        ...{ timeInForce: TIF_DAY, priceE4: 100_000, qty: 100, ...fields },
      });
      if (fields.reserved !== LATER) step();
      return intentNo;
    },
    cancel(targetIntentNo: number): void {
      send('intents', Intent, { action: ACTION_CANCEL, targetIntentNo });
    },
    /** The broker's word on an order; a fill by its number. */
    report(slot: number, kind: number, fields: Fields<Report> = {}): void {
      send('answers', Report, { ...self.id(slot), kind, ...fields });
    },
    fill(slot: number, qty: number, fields: Fields<Fill> = {}): void {
      const terms = { side: state.account.orders.side[slot]!, priceE4: 100_000, qty };
      send('answers', Fill, { ...self.id(slot), ...terms, fillNo: ++fillNo, ...fields });
    },
    /** The client order id of a slot, as frames name it. */
    id(slot: number): { coidA: number; coidB: number; coidC: number } {
      const { idA, idC } = state.account.orders;
      return { coidA: idA[slot]!, coidB: setup.day, coidC: idC[slot]! };
    },
    /** Status and code of each order. */
    orders(): string[] {
      const { orders } = state.account;
      return Array.from({ length: orders.count }, (_, slot) => {
        const code = orders.code[slot]!;
        return STATUS_NAMES[orders.status[slot]!]! + (code === 0 ? '' : ` ${code}`);
      });
    },
    /** What reached the broker since the last time, as `+qty` and `-id`. */
    sent(): string[] {
      return wire
        .splice(0)
        .filter(({ type }) => type === 'Request')
        .map((r) => (r.action === ACTION_CANCEL ? `-${r.coidC}` : `+${r.qty}`));
    },
    /** Connects the broker: the links get ready. */
    connect(): void {
      broker.start();
      answers.publish();
      step();
    },
    /** The process dies: what was not written is gone. */
    async kill(): Promise<void> {
      await journal.close();
    },
  };
  for (const agent of actors.agents) agent.onStart();
  if (options.unconnected !== true) self.connect();
  self.quote(0);
  events.all = [];
  return self;
}

export type Chain = Awaited<ReturnType<typeof openChain>>;
