// The api process's copy of what the engine shows: frames and link messages in, protocol rows out.
// Pure: no clock, no sockets. Called by engine-link.ts (in) and hub.ts (out). Always: every list is
// bounded and an open order is never dropped for a finished one; orders, fills and rejects are
// handed out once each and in order, everything else only in its newest version.
import { isFinal } from '../core/order.ts';
import { ENGINE_NAMES, PHASE_NAMES, STRATEGY_FAILED, STRATEGY_RUNNING } from '../messages/codes.ts';
import type { FrameMemory } from '../messages/frames.ts';
import { StrategyState } from '../messages/generated/control.ts';
import { EngineState } from '../messages/generated/event.ts';
import { OrderUpdate } from '../messages/generated/order.ts';
import {
  TYPE_ACCOUNT_UPDATE,
  TYPE_ADJUSTMENT,
  TYPE_BOOK_LINE,
  TYPE_ENGINE_STATE,
  TYPE_FILL,
  TYPE_LATENCY,
  TYPE_ORDER_UPDATE,
  TYPE_PARENT_UPDATE,
  TYPE_POSITION_UPDATE,
  TYPE_REJECT,
  TYPE_SNAPSHOT_TICK,
  TYPE_STRATEGY_STATE,
} from '../messages/generated/types.ts';
import type { LinkHealth, LinkLog, LinkMeta, LinkStrategy } from '../messages/link-types.ts';
import { FrameRows, Names } from './frame-rows.ts';
import { LatencyStore } from './latency.ts';
import { PricePoints } from './price-points.ts';
import {
  type Account,
  type Actor,
  type Book,
  type BookRow,
  type Engine,
  type EngineStateName,
  type Fill,
  type Hello,
  type Item,
  type Order,
  type Parent,
  type Position,
  PROTOCOL_VERSION,
  type Reject,
  type SnapshotBody,
  type StrategyStatus,
} from './protocol.ts';
import { StageBoard } from './stage-board.ts';
import { TradeStore } from './trade-store.ts';

/** Hears of each order, refusal and loss of the engine at once; called synchronously. */
export interface ReplicaListener {
  onOrder?(order: Order): void;
  onReject?(reject: Reject): void;
  onParent?(parent: Parent): void;
  onLog?(line: LinkLog): void;
  /** The connection to the core is gone. */
  onDown?(): void;
}

export const ORDER_LIMIT = 500;
export const FILL_LIMIT = 500;
export const REJECT_LIMIT = 200;
/** Items of one batch; beyond it a fresh snapshot is cheaper than the batch. */
export const ITEM_LIMIT = 5_000;
/** Percentiles cost more than rows: they are worked out for every fifth batch only. */
const LATENCY_EVERY = 5;

export class Replica {
  /** Grows when what was handed out no longer leads to what is here: send everyone a snapshot. */
  generation = 0;
  /** False while the state of a new connection to the core is being replayed. */
  settled = true;
  #hello: Hello = {
    t: 'hello',
    protocol: PROTOCOL_VERSION,
    version: '',
    engineId: '',
    day: 0,
    pace: 'realtime',
    mode: 'paper',
    speed: 1,
  };
  #names = new Names();
  #rows = new FrameRows(this.#names);
  readonly #accounts = new Map<string, Account>();
  readonly #positions = new Map<string, Position>();
  readonly #parents = new Map<string, Parent>();
  readonly #strategyBooks = new Map<string, BookRow>();
  readonly #books = new Map<string, Book>();
  readonly #openOrders = new Map<string, Order>();
  readonly #doneOrders = new Map<string, Order>();
  #fills: Fill[] = [];
  readonly #fillIds = new Set<string>();
  #rejects: Reject[] = [];
  readonly #prices = new PricePoints();
  readonly #latency = new LatencyStore();
  /** Every order and fill of this engine life. */
  readonly trades = new TradeStore();
  /** Stage, link and bridge of each account. */
  readonly stages = new StageBoard();
  readonly #listeners: ReplicaListener[] = [];
  #accountIds: LinkMeta['accounts'] = [];
  #strategyIds: LinkMeta['strategies'] = [];
  readonly #instruments = new Map<string, LinkMeta['instruments'][number]>();
  #state: EngineStateName = 'down';
  #killed = false;
  #phase = PHASE_NAMES[0];
  #virtualNs = 0;
  #eventsPerSecond = 0;
  #dropped = 0;
  #actors: readonly Actor[] = [];
  readonly #strategies = new Map<string, StrategyStatus>();
  #message: string | undefined = 'waiting for the engine';
  /** Orders, fills, rejects and log lines since the last take. */
  #happened: Item[] = [];
  readonly #dirtyAccounts = new Set<string>();
  readonly #dirtyPositions = new Set<string>();
  readonly #dirtyStrategyBooks = new Set<string>();
  readonly #dirtyBooks = new Set<string>();
  #dirtyEngine = false;
  #dirtyLatency = false;
  #takes = 0;
  readonly #engineFrame = new EngineState();
  readonly #strategyFrame = new StrategyState();
  readonly #orderFrame = new OrderUpdate();

  listen(listener: ReplicaListener): void {
    this.#listeners.push(listener);
  }

  /** The accounts of the engine with their indexes; empty before it was there. */
  accountIds(): LinkMeta['accounts'] {
    return this.#accountIds;
  }

  /** The strategies of the engine with their indexes. */
  strategyIds(): LinkMeta['strategies'] {
    return this.#strategyIds;
  }

  /** Index of a symbol in the engine, or undefined when it is not traded. */
  instrumentIndex(symbol: string): number | undefined {
    return this.#instruments.get(symbol)?.index;
  }

  /** What an order in the symbol must keep to. */
  instrument(symbol: string): LinkMeta['instruments'][number] | undefined {
    return this.#instruments.get(symbol);
  }

  /** The newest picture of an instrument. */
  book(symbol: string): Book | undefined {
    return this.#books.get(symbol);
  }

  /** Engine time of the newest picture of anything; 0 = none yet. */
  newestQuoteNs(): number {
    let newest = 0;
    for (const { ns } of this.#books.values()) newest = Math.max(newest, ns);
    return newest;
  }

  /** Parent orders of the day, oldest first. */
  parents(): Parent[] {
    return [...this.#parents.values()];
  }

  positions(account?: string): Position[] {
    const all = [...this.#positions.values()];
    return account === undefined ? all : all.filter((row) => row.account === account);
  }

  /** Books by strategy. */
  strategyBooks(account?: string): BookRow[] {
    const all = [...this.#strategyBooks.values()];
    return account === undefined ? all : all.filter((row) => row.account === account);
  }

  accounts(): Account[] {
    return [...this.#accounts.values()];
  }

  /**
   * A connection to a core: its replay of states follows, so what was known is forgotten. Prices
   * and latencies are not replayed: they stay when it is the same engine life.
   */
  applyMeta(meta: LinkMeta): void {
    this.#forget();
    if (meta.engineId !== this.#hello.engineId) {
      this.#prices.clear();
      this.#latency.reset();
      this.trades.clear();
    }
    this.#accountIds = meta.accounts;
    this.stages.begin(meta.accounts);
    this.#strategyIds = meta.strategies;
    this.#instruments.clear();
    this.#addInstruments(meta.instruments);
    this.settled = false;
    this.#names = new Names();
    this.#names.addMeta(meta);
    this.#rows = new FrameRows(this.#names);
    const { version, engineId, day, pace, mode, speed } = meta;
    this.#hello = {
      t: 'hello',
      protocol: PROTOCOL_VERSION,
      version,
      engineId,
      day,
      pace,
      mode,
      speed,
    };
    for (const { name } of meta.strategies) this.#strategies.set(name, { name, state: 'running' });
    this.#state = 'starting';
    this.#message = undefined;
  }

  applyInstruments(instruments: LinkMeta['instruments']): void {
    this.#names.addInstruments(instruments);
    this.#addInstruments(instruments);
  }

  #addInstruments(instruments: LinkMeta['instruments']): void {
    for (const instrument of instruments) this.#instruments.set(instrument.symbol, instrument);
  }

  /** The replay is done: pages may see the state. */
  applyReady(): void {
    this.settled = true;
    this.#resync();
  }

  applyHealth(health: LinkHealth): void {
    this.#actors = health.actors;
    for (const strategy of health.strategies ?? []) {
      this.#strategies.set(strategy.name, strategyStatus(strategy));
    }
    this.#eventsPerSecond = health.eventsPerSecond ?? this.#eventsPerSecond;
    this.#dropped = Math.max(this.#dropped, health.dropped ?? 0);
    this.#virtualNs = Math.max(this.#virtualNs, health.virtualNs ?? 0);
    this.stages.facts = health.arming;
    this.#message = health.message;
    this.#dirtyEngine = true;
  }

  applyLog(line: LinkLog): void {
    for (const listener of this.#listeners) listener.onLog?.(line);
    this.#happen({
      k: 'log',
      level: line.level,
      source: line.source,
      text: line.text,
      ns: line.ns,
    });
  }

  /** Whether the engine has said that it stopped. */
  get isStopped(): boolean {
    return this.#state === 'stopped';
  }

  /** The core is gone. What was known stays on show; the state says `down`. */
  markDown(message: string): void {
    if (this.#state === 'down' && this.#message === message) return;
    this.#state = 'down';
    this.#message = message;
    this.#eventsPerSecond = 0;
    this.#dirtyEngine = true;
    for (const listener of this.#listeners) listener.onDown?.();
    if (this.settled) return;
    this.settled = true;
    this.#resync();
  }

  /** Takes a frame that passed the verifier; types that nobody shows are passed over. */
  applyFrame(type: number, memory: FrameMemory, at: number): void {
    switch (type) {
      case TYPE_SNAPSHOT_TICK: {
        const book = this.#rows.book(memory, at);
        this.#books.set(book.instrument, book);
        this.#dirtyBooks.add(book.instrument);
        this.#prices.add(book);
        this.#virtualNs = Math.max(this.#virtualNs, book.ns);
        this.#boundBatch();
        return;
      }
      case TYPE_ORDER_UPDATE:
        this.#addOrder(memory, at);
        return;
      case TYPE_FILL:
        this.#addFill(this.#rows.fill(memory, at));
        return;
      case TYPE_REJECT:
        this.#addReject(this.#rows.reject(memory, at));
        return;
      case TYPE_PARENT_UPDATE: {
        const row = this.#rows.parent(memory, at);
        if (row.parentNo !== 0) this.#parents.set(`${row.account} ${row.parentNo}`, row);
        for (const listener of this.#listeners) listener.onParent?.(row);
        return;
      }
      case TYPE_POSITION_UPDATE: {
        const row = this.#rows.position(memory, at);
        const key = `${row.account} ${row.instrument}`;
        this.#positions.set(key, row);
        this.#dirtyPositions.add(key);
        return;
      }
      case TYPE_BOOK_LINE: {
        const row = this.#rows.strategyBook(memory, at);
        const key = `${row.account} ${row.strategy} ${row.instrument}`;
        this.#strategyBooks.set(key, row);
        this.#dirtyStrategyBooks.add(key);
        return;
      }
      case TYPE_ADJUSTMENT:
        this.#happen({ k: 'log', ...this.#rows.adjustment(memory, at) });
        return;
      case TYPE_ACCOUNT_UPDATE: {
        const row = this.#rows.account(memory, at);
        this.#accounts.set(row.account, row);
        this.#dirtyAccounts.add(row.account);
        return;
      }
      case TYPE_ENGINE_STATE:
        this.#applyEngine(memory, at);
        return;
      case TYPE_STRATEGY_STATE:
        this.#applyStrategy(memory, at);
        return;
      case TYPE_LATENCY:
        this.#latency.add(memory, at);
        this.#dirtyLatency = true;
        return;
      default:
        this.stages.applyFrame(type, memory, at);
        return;
    }
  }

  /** What changed since the last call, in the order of the protocol's list; often empty. */
  takeItems(): Item[] {
    const items = this.#happened;
    this.#happened = [];
    takeRows(items, 'position', this.#positions, this.#dirtyPositions);
    takeRows(items, 'strategy-book', this.#strategyBooks, this.#dirtyStrategyBooks);
    takeRows(items, 'account', this.#accounts, this.#dirtyAccounts);
    takeRows(items, 'book', this.#books, this.#dirtyBooks);
    this.#prices.take(items);
    this.#takes++;
    if (this.#dirtyLatency && this.#takes % LATENCY_EVERY === 0) {
      items.push({ k: 'latency', ...this.#latency.summary() });
      this.#dirtyLatency = false;
    }
    if (this.#dirtyEngine) items.push({ k: 'engine', ...this.engine() });
    this.#dirtyEngine = false;
    return items;
  }

  /** Everything, as a newcomer needs it. */
  snapshot(): SnapshotBody {
    return {
      engine: this.engine(),
      account: [...this.#accounts.values()],
      positions: [...this.#positions.values()],
      strategyBooks: [...this.#strategyBooks.values()],
      orders: [...this.#doneOrders.values(), ...this.#openOrders.values()],
      fills: this.#fills.slice(-FILL_LIMIT),
      rejects: this.#rejects.slice(-REJECT_LIMIT),
      books: [...this.#books.values()],
      prices: this.#prices.all(),
      latency: this.#latency.summary(),
    };
  }

  /** Greeting of this engine life. */
  hello(): Hello {
    return this.#hello;
  }

  /** How the engine is now. */
  engine(): Engine {
    const engine: Engine = {
      state: this.#state,
      killed: this.#killed,
      phase: this.#phase,
      virtualNs: this.#virtualNs,
      eventsPerSecond: this.#eventsPerSecond,
      dropped: this.#dropped,
      actors: this.#actors,
      strategies: [...this.#strategies.values()],
    };
    return this.#message === undefined ? engine : { ...engine, message: this.#message };
  }

  /** Whether the order is known, and still open. */
  orderState(coid: string): 'open' | 'finished' | 'unknown' {
    if (this.#openOrders.has(coid)) return 'open';
    return this.#doneOrders.has(coid) ? 'finished' : 'unknown';
  }

  #addOrder(memory: FrameMemory, at: number): void {
    const order = this.#rows.order(memory, at);
    const finished = isFinal(this.#orderFrame.wrap(memory, at).status);
    (finished ? this.#openOrders : this.#doneOrders).delete(order.coid);
    (finished ? this.#doneOrders : this.#openOrders).set(order.coid, order);
    const excess = this.#openOrders.size + this.#doneOrders.size - ORDER_LIMIT;
    if (excess > 0) dropOldest(this.#doneOrders, excess);
    this.trades.putOrder(order);
    for (const listener of this.#listeners) listener.onOrder?.(order);
    this.#happen({ k: 'order', ...order });
  }

  #addFill(fill: Fill): void {
    this.trades.putFill(fill);
    if (this.#fillIds.has(fill.fillId)) return;
    this.#fillIds.add(fill.fillId);
    this.#fills.push(fill);
    if (this.#fills.length > FILL_LIMIT * 2) {
      const gone = this.#fills.splice(0, this.#fills.length - FILL_LIMIT);
      for (const old of gone) this.#fillIds.delete(old.fillId);
    }
    this.#happen({ k: 'fill', ...fill });
  }

  #addReject(reject: Reject): void {
    this.#rejects.push(reject);
    if (this.#rejects.length > REJECT_LIMIT * 2) this.#rejects = this.#rejects.slice(-REJECT_LIMIT);
    for (const listener of this.#listeners) listener.onReject?.(reject);
    this.#happen({ k: 'reject', ...reject });
  }

  #applyEngine(memory: FrameMemory, at: number): void {
    const frame = this.#engineFrame.wrap(memory, at);
    this.#state = (ENGINE_NAMES[frame.state] ?? 'running') as EngineStateName;
    this.#killed = frame.killed !== 0;
    this.#phase = PHASE_NAMES[frame.phase] ?? `#${frame.phase}`;
    this.#virtualNs = Math.max(this.#virtualNs, frame.eventNs);
    this.#dropped = Math.max(this.#dropped, frame.dropped);
    if (frame.day > 0) this.#hello = { ...this.#hello, day: frame.day };
    this.#dirtyEngine = true;
  }

  #applyStrategy(memory: FrameMemory, at: number): void {
    const frame = this.#strategyFrame.wrap(memory, at);
    const name = this.#names.strategy(frame.strategy);
    const known = this.#strategies.get(name);
    const running = frame.state === STRATEGY_RUNNING;
    const state = running ? 'running' : frame.state === STRATEGY_FAILED ? 'failed' : 'stopped';
    if (known?.state === state) return;
    this.#strategies.set(name, { name, state });
    this.#dirtyEngine = true;
  }

  #happen(item: Item): void {
    this.#happened.push(item);
    this.#boundBatch();
  }

  /** Nobody took for too long, or too much happened: a snapshot says it in less. */
  #boundBatch(): void {
    if (this.#happened.length + this.#prices.waiting > ITEM_LIMIT) this.#resync();
  }

  #resync(): void {
    this.generation++;
    this.#happened = [];
    this.#dirtyAccounts.clear();
    this.#dirtyPositions.clear();
    this.#dirtyStrategyBooks.clear();
    this.#dirtyBooks.clear();
    this.#prices.dropWaiting();
    this.#dirtyEngine = false;
    this.#dirtyLatency = false;
  }

  #forget(): void {
    this.#accounts.clear();
    this.#positions.clear();
    this.#parents.clear();
    this.#strategyBooks.clear();
    this.#books.clear();
    this.#openOrders.clear();
    this.#doneOrders.clear();
    this.#fills = [];
    this.#fillIds.clear();
    this.#rejects = [];
    this.#killed = false;
    this.#virtualNs = 0;
    this.#eventsPerSecond = 0;
    this.#dropped = 0;
    this.#actors = [];
    this.#strategies.clear();
    this.#resync();
  }
}

/** Appends the newest row of each changed key. */
function takeRows<K extends string, Row extends object>(
  items: Item[],
  k: K,
  rows: ReadonlyMap<string, Row>,
  changed: Set<string>,
): void {
  for (const key of changed) {
    const row = rows.get(key);
    if (row !== undefined) items.push({ k, ...row } as unknown as Item);
  }
  changed.clear();
}

function dropOldest(rows: Map<string, Order>, count: number): void {
  let left = count;
  for (const key of rows.keys()) {
    if (left-- <= 0) return;
    rows.delete(key);
  }
}

function strategyStatus(strategy: LinkStrategy): StrategyStatus {
  const { name, state, reason } = strategy;
  return reason === undefined ? { name, state } : { name, state, reason };
}
