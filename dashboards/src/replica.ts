// The page's copy of the engine's visible state: one snapshot plus the event batches after it.
// Pure: no DOM, no Vue, no clock; engine-store.ts feeds it and publishes its rows to the
// views. Always holds: rows come from the last snapshot and an unbroken run of batches after
// it (`synced`); after a hole nothing is applied until the next snapshot. Every list is
// bounded, and bounding never drops a live order. Sections carry version numbers so that a
// view re-reads only what changed.
import type {
  Account,
  Bar1,
  Book,
  Engine,
  Events,
  Fill,
  Hello,
  Item,
  Latency,
  LogLine,
  Order,
  OrderStatus,
  Position,
  Reject,
  Snapshot,
} from './protocol.ts';

export const ORDER_LIMIT = 500;
export const FILL_LIMIT = 500;
export const REJECT_LIMIT = 200;
export const LOG_LIMIT = 200;
/** Four hours of trading are 14,400 virtual seconds; the rest is for the auctions. */
export const PRICE_LIMIT = 16_000;

const NS_PER_SECOND = 1e9;

const LIVE: ReadonlySet<OrderStatus> = new Set<OrderStatus>([
  'pending',
  'submitted',
  'accepted',
  'partly-filled',
  'cancel-pending',
  'held',
  'unknown',
]);

/** An order that may still trade or whose fate is unknown: it keeps cash or shares reserved. */
export function isLive(order: Order): boolean {
  return LIVE.has(order.status);
}

/** A row that has no identity of its own on the wire gets one here, so that lists can key it. */
export type RejectRow = Reject & { rowId: number };
export type LogRow = LogLine & { rowId: number };

/** What came of offering a batch: applied, seen before, or a hole (wait for a snapshot). */
export type Applied = 'applied' | 'duplicate' | 'hole';

export type Section =
  | 'engine'
  | 'accounts'
  | 'positions'
  | 'orders'
  | 'fills'
  | 'rejects'
  | 'books'
  | 'prices'
  | 'latency'
  | 'log';

const SECTIONS: readonly Section[] = [
  'engine',
  'accounts',
  'positions',
  'orders',
  'fills',
  'rejects',
  'books',
  'prices',
  'latency',
  'log',
];

/** Live orders first, newest first in each part; the id settles ties so that rows never swap. */
function compareOrders(a: Order, b: Order): number {
  const liveA = isLive(a);
  if (liveA !== isLive(b)) return liveA ? -1 : 1;
  const byTime = b.createdNs - a.createdNs;
  if (byTime !== 0) return byTime;
  return a.coid < b.coid ? 1 : -1;
}

export class Replica {
  hello: Hello | undefined;
  engine: Engine | undefined;
  latency: Latency | undefined;
  /** False before the first snapshot and between a hole and the snapshot that heals it. */
  synced = false;
  /** Sequence of the last snapshot or batch applied. */
  seq = 0;
  /** Holes seen since the page was opened. */
  holes = 0;
  readonly versions: Record<Section, number>;

  readonly #accounts = new Map<string, Account>();
  readonly #positions = new Map<string, Position>();
  readonly #orders = new Map<string, Order>();
  readonly #books = new Map<string, Book>();
  readonly #prices = new Map<string, Bar1[]>();
  /** Oldest first; rows are handed out newest first. */
  #fills: Fill[] = [];
  #fillIds = new Set<string | number>();
  #rejects: RejectRow[] = [];
  #log: LogRow[] = [];
  #nextRowId = 1;

  constructor() {
    const versions = {} as Record<Section, number>;
    for (const section of SECTIONS) versions[section] = 0;
    this.versions = versions;
  }

  /** A new connection: what is on show stays on show, but counts as stale until a snapshot. */
  applyHello(hello: Hello): void {
    const other = this.hello !== undefined && this.hello.engineId !== hello.engineId;
    this.hello = hello;
    this.synced = false;
    if (other) this.#clearLog();
    this.versions.engine += 1;
  }

  /** Replace everything but the log lines (a snapshot has none). */
  applySnapshot(s: Snapshot): void {
    this.seq = s.seq;
    this.synced = true;
    this.engine = s.engine;
    this.latency = s.latency;
    this.#accounts.clear();
    for (const row of s.account) this.#accounts.set(row.account, row);
    this.#positions.clear();
    for (const row of s.positions) this.#positions.set(positionKey(row), row);
    this.#orders.clear();
    for (const row of s.orders) this.#orders.set(row.coid, row);
    this.#books.clear();
    for (const row of s.books) this.#books.set(row.instrument, row);
    this.#prices.clear();
    for (const [instrument, bars] of Object.entries(s.prices)) {
      this.#prices.set(instrument, orderedBars(bars));
    }
    this.#fills = [...s.fills].sort((a, b) => a.ns - b.ns);
    this.#fillIds = new Set(this.#fills.map((fill) => fill.fillId));
    this.#rejects = [...s.rejects].sort((a, b) => a.ns - b.ns).map((row) => this.#withId(row));
    this.#bound();
    for (const section of SECTIONS) this.versions[section] += 1;
  }

  /** Apply one batch when it is the next one; otherwise say why not. */
  applyEvents(events: Events): Applied {
    if (!this.synced) return 'hole';
    if (events.seq <= this.seq) return 'duplicate';
    if (events.seq !== this.seq + 1) {
      this.synced = false;
      this.holes += 1;
      return 'hole';
    }
    this.seq = events.seq;
    for (const item of events.items) this.#applyItem(item);
    this.#bound();
    return 'applied';
  }

  accountRows(): Account[] {
    return [...this.#accounts.values()].sort((a, b) => (a.account < b.account ? -1 : 1));
  }

  /** Positions with shares, or with a profit or loss realised today, by instrument. */
  positionRows(): Position[] {
    return [...this.#positions.values()]
      .filter((p) => p.qty !== 0 || p.boughtTodayQty !== 0 || p.realisedE4 !== 0)
      .sort((a, b) => (positionKey(a) < positionKey(b) ? -1 : 1));
  }

  /** Live orders first, newest first within each part. */
  orderRows(): Order[] {
    return [...this.#orders.values()].sort(compareOrders);
  }

  /** Newest first. */
  fillRows(): Fill[] {
    return this.#fills.toReversed();
  }

  /** Newest first. */
  rejectRows(): RejectRow[] {
    return this.#rejects.toReversed();
  }

  /** Newest first. */
  logRows(): LogRow[] {
    return this.#log.toReversed();
  }

  /** Every instrument with a book, a price or a position, sorted. */
  instruments(): string[] {
    const all = new Set([...this.#books.keys(), ...this.#prices.keys()]);
    for (const position of this.#positions.values()) all.add(position.instrument);
    return [...all].sort();
  }

  book(instrument: string): Book | undefined {
    return this.#books.get(instrument);
  }

  books(): Book[] {
    return [...this.#books.values()];
  }

  /** Price points of one instrument, times strictly ascending; the same array until cleared. */
  bars(instrument: string): readonly Bar1[] {
    return this.#prices.get(instrument) ?? [];
  }

  #applyItem(item: Item): void {
    switch (item.k) {
      case 'order':
        this.#orders.set(item.coid, item);
        this.versions.orders += 1;
        return;
      case 'fill':
        this.#addFill(item);
        return;
      case 'reject':
        this.#rejects.push(this.#withId(item));
        this.versions.rejects += 1;
        return;
      case 'position':
        this.#positions.set(positionKey(item), item);
        this.versions.positions += 1;
        return;
      case 'strategy-book':
        return;
      case 'account':
        this.#accounts.set(item.account, item);
        this.versions.accounts += 1;
        return;
      case 'book':
        this.#books.set(item.instrument, item);
        this.versions.books += 1;
        return;
      case 'price':
        this.#addPrice(item.instrument, [item.ns, item.lastE4, item.volume]);
        return;
      case 'engine':
        this.engine = item;
        this.versions.engine += 1;
        return;
      case 'latency':
        this.latency = item;
        this.versions.latency += 1;
        return;
      case 'log':
        this.#log.push(this.#withId(item));
        this.versions.log += 1;
        return;
      default:
        // A kind that a newer server added: skipped, the rest of the batch still counts.
        return;
    }
  }

  #withId<T extends object>(row: T): T & { rowId: number } {
    const rowId = this.#nextRowId;
    this.#nextRowId += 1;
    return { ...row, rowId };
  }

  /** A fill counted twice would show money that is not there, so the id decides. */
  #addFill(fill: Fill): void {
    if (this.#fillIds.has(fill.fillId)) return;
    this.#fillIds.add(fill.fillId);
    this.#fills.push(fill);
    this.versions.fills += 1;
  }

  #addPrice(instrument: string, bar: Bar1): void {
    let bars = this.#prices.get(instrument);
    if (bars === undefined) {
      bars = [];
      this.#prices.set(instrument, bars);
    }
    const last = bars.at(-1);
    if (last !== undefined && secondOf(bar) < secondOf(last)) return;
    if (last !== undefined && secondOf(bar) === secondOf(last)) bars[bars.length - 1] = bar;
    else bars.push(bar);
    this.versions.prices += 1;
  }

  #bound(): void {
    if (this.#fills.length > FILL_LIMIT) {
      const gone = this.#fills.splice(0, this.#fills.length - FILL_LIMIT);
      for (const fill of gone) this.#fillIds.delete(fill.fillId);
    }
    if (this.#rejects.length > REJECT_LIMIT) {
      this.#rejects.splice(0, this.#rejects.length - REJECT_LIMIT);
    }
    if (this.#log.length > LOG_LIMIT) this.#log.splice(0, this.#log.length - LOG_LIMIT);
    for (const bars of this.#prices.values()) {
      // Dropped in blocks: one second's point a time would move the whole array each second.
      if (bars.length > PRICE_LIMIT + 600) bars.splice(0, bars.length - PRICE_LIMIT);
    }
    if (this.#orders.size > ORDER_LIMIT) this.#dropOldOrders();
  }

  #dropOldOrders(): void {
    const done = [...this.#orders.values()].filter((order) => !isLive(order));
    done.sort((a, b) => a.updatedNs - b.updatedNs);
    const excess = this.#orders.size - ORDER_LIMIT;
    for (const order of done.slice(0, excess)) this.#orders.delete(order.coid);
  }

  #clearLog(): void {
    this.#log = [];
    this.versions.log += 1;
  }
}

function positionKey(p: Position): string {
  return `${p.instrument} ${p.account}`;
}

function secondOf(bar: Bar1): number {
  return Math.floor(bar[0] / NS_PER_SECOND);
}

/** One point per second, ascending: what the chart library demands. The later point wins. */
function orderedBars(bars: readonly Bar1[]): Bar1[] {
  const out: Bar1[] = [];
  for (const bar of [...bars].sort((a, b) => a[0] - b[0])) {
    const last = out.at(-1);
    if (last !== undefined && secondOf(last) === secondOf(bar)) out[out.length - 1] = bar;
    else out.push(bar);
  }
  return out;
}
