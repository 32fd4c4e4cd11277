// Builds the actors of one thread from the setup: the only place where rings, kernels, journals and
// user code are plugged into actors. Threads, backtest and replay all come through here, so the
// engine is the same everywhere. Invariant: each ring end is opened by exactly one actor.

import type { Agent } from '../actors/agent.ts';
import type { MonoClock } from '../actors/clock.ts';
import { FeedHandler } from '../actors/feed-handler.ts';
import { GatewayLink, type GatewayLinkOptions } from '../actors/gateway-link.ts';
import type { JournalPort } from '../actors/link-voice.ts';
import { OrderManager } from '../actors/order-manager.ts';
import {
  type EventSink,
  type FrameInput,
  OutPort,
  type RefusalPlan,
  type Tap,
} from '../actors/port.ts';
import { RiskManager } from '../actors/risk-manager.ts';
import type { OpeningShares } from '../actors/strategy-context.ts';
import { StrategyHost } from '../actors/strategy-host.ts';
import { must } from '../assert.ts';
import type { BarBlocks } from '../core/bar-blocks.ts';
import type { BookKernel, IndicatorKernel } from '../core/book.ts';
import { BookBuilder, type BookWindow } from '../core/book-builder.ts';
import type { EarlierBarsOf } from '../core/earlier-bars.ts';
import type { ValidationKernel } from '../core/exchange-kernel.ts';
import type { IndicatorBinding } from '../core/indicator-port.ts';
import type { Instrument } from '../core/instrument.ts';
import { columnsOf } from '../core/instrument-columns.ts';
import { LINK_DEFAULTS } from '../core/link-options.ts';
import { MarketState } from '../core/market-state.ts';
import { LIMIT_ORDERS_PER_SECOND, LIMIT_REPORTED_PER_SECOND } from '../core/risk/limit-table.ts';
import type { RiskState } from '../core/risk/risk-state.ts';
import { ENTRY_LIMIT, limitIn, needsFeed } from '../core/risk/rule-entry.ts';
import { accountRow } from '../core/risk/rule-set.ts';
import { sessionPlanOf } from '../core/session-plan.ts';
import type { StateHash } from '../core/state-hash.ts';
import type { PriceAction } from '../core/strategy.ts';
import type { MakeKit, StrategyKit } from '../core/strategy-kit.ts';
import { NEW_TABLES, type Tables } from '../core/tables.ts';
import { BOOK_TICKS_MAX, ORDERS_MAX } from '../limits.ts';
import {
  STAGE_EXCHANGE,
  STAGE_FEED,
  STAGE_GATEWAY,
  STAGE_OMS,
  STAGE_RISK,
  STAGE_STRATEGY,
} from '../messages/codes.ts';
import { Kit } from '../strategy/kit.ts';
import type { ActorSpec, Topology } from '../topology.ts';
import type { AccountState } from './account-state.ts';
import { BehindQuotes } from './behind-quotes.ts';
import { openDayBooks } from './day-books.ts';
import { dayRules } from './day-rules.ts';
import type { GatewaySession, Pacer, SessionModule } from './gateway-session.ts';
import { makeIndicators } from './indicators/factory.ts';
import type { IndicatorModule } from './indicators/module.ts';
import { type KernelOptions, type Kernels, loadKernels } from './kernels.ts';
import { killWordOf, type MemoryMap, type RingOpener } from './memory-map.ts';
import { breachText, openRisk } from './open-risk.ts';
import { sentAmountE4 } from './sent-amount.ts';
import type { EngineSetup } from './setup.ts';
import { type LoadedStrategy, loadStrategy } from './strategy-loader.ts';

/** What differs between a thread, a backtest and a replay. */
export interface Wiring {
  readonly topology: Topology;
  readonly map: MemoryMap;
  readonly rings: RingOpener;
  readonly clock: MonoClock;
  readonly pacer: Pacer;
  /** Input of an actor by ring name; a replay puts recordings here, else null = the ring. */
  input(ring: string): FrameInput | null;
  /** Inputs are recordings, handed out in the batches of then. */
  readonly isReplay?: boolean;
  tap(actor: string): Tap;
  hash(actor: string): StateHash | null;
  plan(actor: string): RefusalPlan | null;
  events(actor: string): EventSink;
  journal(account: number): JournalPort;
  /** Orders, shares and cash as they stand: opened, or recovered. */
  account(index: number): AccountState;
  log(source: string, text: string): void;
  /**
   * Takes what a strategy saves, and a number of its custom series; absent = dropped (a replay).
   */
  readonly saveState?: (strategy: number, text: string) => void;
  readonly series?: (strategy: number, name: string, atNs: number, value: number) => void;
  /** Strategies do not reach the machine's clock, files or network (a backtest). */
  readonly guarded?: boolean;
  /** The one strategy, loaded already. */
  readonly loaded?: LoadedStrategy;
  /** A word for each strategy: odd while its code runs; a watch looks at it from another thread. */
  readonly loopWatch?: Int32Array;
  /** Kernels of one thread; default loads them. The simulator resets its own instead. */
  readonly kernels?: (options: KernelOptions) => Kernels;
  /** A module for the indicators of a strategy; default makes one. */
  readonly indicatorModule?: () => IndicatorModule;
  /** Tables of a day and kernels that are kept from day to day; absent = new ones. */
  readonly tables?: Tables;
  /** Risk as it starts the day; absent = it is opened here. */
  readonly risk?: RiskState;
  onProgress: ((fraction: number, text: string) => void) | null;
  /** Nobody can reload rules while it runs: quotes that none of them needs are not written. */
  readonly fixedRules?: boolean;
  /** Strategies that live on from the day before, by index; absent or null = it starts now. */
  readonly living?: (strategy: number) => StrategyHost | null;
  /** Another day follows in this run. */
  readonly moreDays?: boolean;
  /** Ex-dates since the day before. */
  readonly adjusted?: readonly PriceAction[];
  /** Bars from before the first day of a backtest. */
  readonly earlier?: EarlierBarsOf;
  /** Where bars of one moment lie, told as one; absent = every bar is told. */
  readonly blocks?: BarBlocks;
}

/** Gateways loaded so far, by folder: a run of years asks for the same one each day. */
const sessions = new Map<string, SessionModule>();

async function loadSession(gateway: string): Promise<SessionModule> {
  const path = new URL(`../../gateways/${gateway}/session.ts`, import.meta.url).href;
  return (await import(path)) as SessionModule;
}

/** The actors of one thread, by role. */
export interface ActorSet {
  /** In the order they are stepped. */
  readonly agents: Agent[];
  exchange: GatewaySession | null;
  feed: FeedHandler | null;
  risk: RiskManager | null;
  readonly hosts: StrategyHost[];
  readonly oms: OrderManager[];
  readonly gateways: GatewayLink[];
}

/** Builds the given actors in topology order. Throws with a clear message when something is off. */
export async function assemble(
  setup: EngineSetup,
  specs: readonly ActorSpec[],
  wiring: Wiring,
): Promise<ActorSet> {
  const set: ActorSet = {
    agents: [],
    exchange: null,
    feed: null,
    risk: null,
    hosts: [],
    oms: [],
    gateways: [],
  };
  const rings = wiring.rings;
  let kernels: { validate: ValidationKernel; indicators: IndicatorKernel } | null = null;
  const small = () => {
    kernels ??= (wiring.kernels ?? loadKernels)({
      maxInstruments: setup.instruments.length,
      maxOrders: 1,
      maxLevels: 1,
    });
    return kernels;
  };
  for (const spec of specs) {
    const make = new ActorMaker(setup, spec, wiring, rings);
    switch (spec.kind) {
      case 'exchange':
        set.exchange = await make.exchange();
        set.agents.push(set.exchange);
        break;
      case 'feed':
        set.feed = make.feed();
        set.agents.push(set.feed);
        break;
      case 'strategy':
        set.hosts.push(await make.strategy(small().indicators));
        set.agents.push(set.hosts[set.hosts.length - 1]!);
        break;
      case 'oms':
        set.oms.push(make.oms(small().validate));
        set.agents.push(set.oms[set.oms.length - 1]!);
        break;
      case 'risk':
        set.risk = make.risk();
        set.agents.push(set.risk);
        break;
      case 'gateway':
        set.gateways.push(make.gateway());
        set.agents.push(set.gateways[set.gateways.length - 1]!);
        break;
    }
  }
  return set;
}

/**
 * A kernel with the day's rules of every instrument; an index has none and takes no order. With
 * `tables` of many days they are told as they are asked for.
 */
export function tellRules(
  validate: ValidationKernel,
  setup: EngineSetup,
  tables?: Tables,
): ValidationKernel {
  if (tables !== undefined) return dayRules(validate, setup);
  for (const { index, kind, symbol } of setup.instruments) {
    if (kind === 'index') continue;
    const code = validate.setRules(index, setup.kernelRules.at(index)!);
    if (code < 0) throw new Error(`${symbol}: the kernel refuses its rules of the day (${code})`);
  }
  return validate;
}

/** A book kernel with a window per instrument, private to the calling thread. */
export function openBooks(setup: EngineSetup, load = loadKernels, tables?: Tables): BookBuilder {
  return openExchangeBooks(setup, load, tables).books;
}

/** Books, and the validation kernel beside them; tellRules() tells it the rules. */
export function openExchangeBooks(setup: EngineSetup, load = loadKernels, tables?: Tables) {
  const { instruments, windows, fullStream, quota } = setup;
  const kernels = load({
    maxInstruments: instruments.length,
    maxOrders: quota * instruments.length,
    maxLevels: levelsOf(instruments, windows),
  });
  const book: BookKernel = kernels.book;
  if (tables !== undefined) {
    openDayBooks(book, instruments, windows, quota);
  }
  const toOpen = tables === undefined ? windows : null;
  const books = new BookBuilder(book, instruments, toOpen, fullStream, quota, tables);
  return { books, validate: kernels.validate };
}

/** Ticks of all windows together. */
export function levelsOf(
  instruments: readonly Instrument[],
  windows: readonly BookWindow[],
): number {
  const { tickE4 } = columnsOf(instruments);
  let levels = 0;
  for (let i = 0; i < windows.length; i++) {
    const { lowE4, highE4 } = windows[i]!;
    levels += (highE4 - lowE4) / tickE4[i]! + 1;
  }
  return Math.max(Math.ceil(levels), Math.min(BOOK_TICKS_MAX, 64));
}

/** Most held orders a second. */
const RELEASES_MAX = 20;

/** Held orders a second: half of what risk lets anybody send, so that strategies keep theirs. */
function releasesPerSecond({ risk }: EngineSetup): number {
  const limits = risk.entries
    .filter(([kind, , slot]) => kind === ENTRY_LIMIT && slot === LIMIT_ORDERS_PER_SECOND)
    .map(([, , , limit]) => Math.floor(limit / 2));
  return Math.max(1, Math.min(RELEASES_MAX, ...limits));
}

class ActorMaker {
  readonly #setup: EngineSetup;
  readonly #spec: ActorSpec;
  readonly #wiring: Wiring;
  readonly #rings: RingOpener;
  readonly #tap: Tap;
  #outputs = 0;

  constructor(setup: EngineSetup, spec: ActorSpec, wiring: Wiring, rings: RingOpener) {
    this.#setup = setup;
    this.#spec = spec;
    this.#wiring = wiring;
    this.#rings = rings;
    this.#tap = wiring.tap(spec.name);
  }

  async exchange(): Promise<GatewaySession> {
    const setup = this.#setup;
    const module = sessions.get(setup.gateway) ?? (await loadSession(setup.gateway));
    sessions.set(setup.gateway, module);
    const source = STAGE_EXCHANGE;
    return module.createSession(setup, {
      requests: setup.accounts.map((_, a) => this.#in(`link:${a}`)),
      reports: setup.accounts.map((_, a) => this.#out(`answers:${a}`, source)),
      market: this.#out('market', source),
      control: this.#in('control:exchange'),
      pacer: this.#wiring.pacer,
      onProgress: this.#wiring.onProgress,
      ...(this.#wiring.kernels === undefined ? {} : { kernels: this.#wiring.kernels }),
      ...this.#tables(),
      ...this.#blocks(),
    });
  }

  #blocks(): { readonly blocks?: BarBlocks } {
    const { blocks } = this.#wiring;
    return blocks === undefined ? {} : { blocks };
  }

  feed(): FeedHandler {
    const setup = this.#setup;
    const isDeaf = this.#wiring.fixedRules === true && !needsFeed(setup.risk.entries);
    const ticks = setup.strategies.map((_, s) => this.#out(`ticks:${s}`, STAGE_FEED));
    const quotes = setup.accounts.map((_, a) => this.#out(`quotes:${a}`, STAGE_FEED));
    const ports = {
      ...{ market: this.#in('market'), ticks, quotes },
      ends: quotes.filter((_, a) => !setup.strategies.some(({ account }) => account === a)),
      orderEvents: setup.strategies.map((spec) => spec.orderEvents === true),
      wholePhases: setup.wholePhases === true,
      ...this.#blocks(),
      ...(isDeaf ? {} : { riskQuotes: this.#out('quotes:risk', STAGE_FEED) }),
      events: this.#events(),
      tap: this.#tap,
      clock: this.#wiring.clock,
    };
    const { tables } = this.#wiring;
    const market = new MarketState(setup.instruments, tables);
    const { contiguous, wholeChannels = [] } = setup;
    const books = openBooks(setup, this.#wiring.kernels, tables);
    const options = { contiguous, wholeChannels, ...this.#tables() };
    return new FeedHandler(market, books, ports, options);
  }

  async strategy(indicators: IndicatorKernel): Promise<StrategyHost> {
    const setup = this.#setup;
    const index = this.#spec.index;
    const spec = must(setup.strategies[index], `strategy=${index}`);
    const living = this.#wiring.living?.(index) ?? null;
    const { strategy, params } =
      living === null
        ? (this.#wiring.loaded ??
          (await loadStrategy(spec.file, spec.params, this.#wiring.guarded)))
        : { strategy: null, params: {} };
    const { saveState, series, loopWatch, earlier } = this.#wiring;
    const facts = {
      index,
      name: spec.name,
      account: spec.account,
      day: setup.day,
      instruments: setup.instruments,
      own: spec.own,
      params,
      lastIntentNo: this.#wiring.account(spec.account).lastIntentNo(index),
      fees: setup.accounts[spec.account]!.fees,
      barred: breachText(spec.barred ?? []),
      moreDays: this.#wiring.moreDays ?? false,
      nightPerSecond: releasesPerSecond(setup),
      adjusted: this.#wiring.adjusted ?? [],
      ...(living === null ? {} : { opening: this.#openingOf(spec.account) }),
      ...(earlier === undefined ? {} : { earlier }),
    };
    const kitPorts = {
      strategy: spec.name,
      saved: spec.saved ?? '',
      save: saveState === undefined ? null : (text: string) => saveState(index, text),
      series: (name: string, atNs: number, value: number) => series?.(index, name, atNs, value),
      place: setup.dayPlace ?? null,
    };
    const ports = {
      ...(loopWatch === undefined ? {} : { loopWatch: loopWatch.subarray(index, index + 1) }),
      renewKit: (kit: StrategyKit) => (kit as Kit).nextDay(kitPorts),
      ticks: this.#in(`ticks:${index}`),
      updates: this.#in(`updates:${index}`),
      intents: this.#out(`intents:${index}`, STAGE_STRATEGY),
      events: this.#events(),
      tap: this.#tap,
      clock: this.#wiring.clock,
      indicators,
      makeIndicators: (attach: (binding: IndicatorBinding) => void) =>
        makeIndicators(spec.own, attach, this.#wiring.indicatorModule),
      log: (source: string, text: string) => this.#wiring.log(source, text),
      ...this.#blocks(),
    };
    if (strategy === null) {
      living!.nextDay(facts, ports);
      return living!;
    }
    const makeKit: MakeKit = (context, tell) => new Kit(context, strategy, kitPorts, tell);
    return new StrategyHost(facts, strategy, { ...ports, makeKit });
  }

  oms(validate: ValidationKernel): OrderManager {
    const setup = this.#setup;
    const a = this.#spec.index;
    const rules = tellRules(validate, setup, this.#wiring.tables);
    const own = setup.strategies.flatMap((s, i) => (s.account === a ? [i] : []));
    const state = this.#wiring.account(a);
    const options = {
      day: setup.day,
      epoch: must(setup.epochs[a], `epoch of account ${a}`),
      strategies: own,
      cancelOnFailure: own.map((s) => setup.strategies[s]!.cancelOnFailure),
      instruments: setup.instruments,
      plan: sessionPlanOf(setup.instruments),
      autoCancel: own.map((s) => setup.strategies[s]!.autoCancel ?? null),
      releasesPerSecond: releasesPerSecond(setup),
      queuesOutsideSessions: setup.queuesOutsideSessions ?? false,
      credit: setup.accounts[a]!.credit ?? 0,
      whileLinkDown: setup.accounts[a]!.whileLinkDown,
      expected: setup.accounts[a]!.expected ?? [],
      adopted: state.adopted,
      opensKnown: own.length > 0 && own.every((s) => this.#livesOn(s)),
      ...this.#tables(),
    };
    const quotes = this.#in(`quotes:${a}`);
    const oms = new OrderManager(state.account, options, {
      quotes,
      intents: own.map((s) => this.#intents(s, quotes)),
      desk: this.#in(`desk:${a}`),
      reports: this.#in(`reports:${a}`),
      control: this.#in(`control:oms:${a}`),
      orders: this.#out(`orders:${a}`, STAGE_OMS),
      updates: own.map((s) => this.#out(`updates:${s}`, STAGE_OMS)),
      events: this.#events(),
      tap: this.#tap,
      clock: this.#wiring.clock,
      validate: rules,
    });
    oms.resumeAt(state.lastNs);
    return oms;
  }

  /** A replay takes them as they were taken then. */
  #intents(strategy: number, quotes: FrameInput): FrameInput {
    const ring = `intents:${strategy}`;
    const intents = this.#in(ring);
    const isReplay = this.#wiring.isReplay === true;
    return this.#setup.pace === 'lockstep' && !isReplay
      ? new BehindQuotes(intents, quotes)
      : intents;
  }

  risk(): RiskManager {
    const setup = this.#setup;
    const { tables } = this.#wiring;
    const state =
      this.#wiring.risk ?? openRisk(setup, (a) => this.#wiring.account(a), undefined, tables);
    const accounts = setup.strategies.map((s) => s.account);
    const manager = new RiskManager(state, accounts, {
      quotes: this.#in('quotes:risk'),
      orders: setup.accounts.map((_, a) => this.#in(`orders:${a}`)),
      requests: setup.accounts.map((_, a) => this.#out(`requests:${a}`, STAGE_RISK)),
      control: this.#in('control:risk'),
      events: this.#events(),
      tap: this.#tap,
      clock: this.#wiring.clock,
    });
    // What a person says before the first quote comes behind all that the journals tell.
    const times = setup.accounts.map((_, a) => this.#wiring.account(a).lastNs);
    manager.resumeAt(Math.max(...times));
    return manager;
  }

  gateway(): GatewayLink {
    const a = this.#spec.index;
    const setup = this.#setup;
    const perSecond = limitIn(setup.risk, accountRow(a), LIMIT_REPORTED_PER_SECOND);
    const options = {
      account: a,
      ...(perSecond === null ? {} : { perSecond }),
      capacity: setup.ordersMax ?? ORDERS_MAX,
      day: setup.day,
      epoch: must(setup.epochs[a], `epoch of account ${a}`),
      link: setup.accounts[a]!.link ?? LINK_DEFAULTS,
      plan: sessionPlanOf(setup.instruments),
      ...this.#armingOf(a),
    };
    const state = this.#wiring.account(a);
    const link = new GatewayLink(
      { ...options, ...this.#tables() },
      {
        requests: this.#in(`requests:${a}`),
        answers: this.#in(`answers:${a}`),
        control: this.#in(`control:gateway:${a}`),
        link: this.#out(`link:${a}`, STAGE_GATEWAY),
        reports: this.#out(`reports:${a}`, STAGE_GATEWAY),
        events: this.#events(),
        journal: this.#wiring.journal(a),
        tap: this.#tap,
        clock: this.#wiring.clock,
        killWord: killWordOf(this.#wiring.map, a),
      },
    );
    state.restoreGateway(link.broker.view);
    link.resumeAt(state.lastNs);
    if (link.arming !== null) link.arming.gate.sentE4 = sentAmountE4(state.account);
    for (const [strategy, on] of state.killedStrategies) link.killStrategy(strategy, on);
    return link;
  }

  #armingOf(a: number): Pick<GatewayLinkOptions, 'arming'> {
    const { accounts, instruments } = this.#setup;
    const { arming } = accounts[a]!;
    return arming === undefined
      ? {}
      : { arming: { setup: arming, instruments: instruments.length } };
  }

  /** The strategy lives on from the day before, as all of a run do. */
  #livesOn(strategy: number): boolean {
    return (this.#wiring.living?.(strategy) ?? null) !== null;
  }

  /** What a strategy that lives on is not told again position by position. */
  #openingOf(a: number): OpeningShares {
    const { tables = NEW_TABLES } = this.#wiring;
    const { count, qty, sellableOpen, costAmountE4 } = this.#wiring.account(a).account.positions;
    const opening = {
      qty: tables.int32(count),
      sellableQty: tables.int32(count),
      costAmountE4: tables.float64(count),
    };
    opening.qty.set(qty);
    opening.sellableQty.set(sellableOpen);
    opening.costAmountE4.set(costAmountE4);
    return opening;
  }

  #tables(): { readonly tables?: Tables } {
    const { tables } = this.#wiring;
    return tables === undefined ? {} : { tables };
  }

  #in(ring: string): FrameInput {
    return this.#wiring.input(ring) ?? this.#rings.spsc(ring);
  }

  #out(ring: string, source: number): OutPort {
    const { name } = this.#spec;
    const port = this.#outputs++;
    const plan = this.#wiring.plan(name);
    return new OutPort(
      this.#rings.spsc(ring),
      port,
      source,
      this.#tap,
      this.#wiring.hash(name),
      plan,
    );
  }

  #events(): EventSink {
    return this.#wiring.events(this.#spec.name);
  }
}
