// A whole fake of the api process for the dashboard: serves dashboards/dist under the real content
// security policy and speaks WebSocket protocol v1 with a seeded moving market, orders, fills and
// rejects. Used by tests/e2e/dashboard*.test.ts; `node tests/support/fake-engine-ws.ts` runs it for
// a look. Always holds: same seed and same number of steps, same market; money and shares balance
// (equity = cash + market value); a command without the token changes nothing.

import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type WebSocket, WebSocketServer } from 'ws';
import type {
  Account,
  Actor,
  Bar1,
  Book,
  BookLevel,
  Engine,
  Fill,
  Item,
  Latency,
  Order,
  Percentiles,
  Position,
  Reject,
  ServerMessage,
  Side,
} from '../../dashboards/src/protocol.ts';
import { FakeArming, type SeenCommand } from './fake-arming.ts';

export const DIST_DIR = fileURLToPath(new URL('../../dashboards/dist', import.meta.url));
/** As strict as the real server's: what works here must work there. */
const CSP =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; object-src 'none'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const [NS, DAY] = [1e9, 20260105];
const ACCOUNT = 'paper-1';
const OPEN_NS = (9 * 3600 + 30 * 60) * NS;
/** Two million yuan. */
const OPENING_CASH_E4 = 20_000_000_000;
const MAX_MESSAGE_BYTES = 16 * 1024;

/** [instrument, name, opening price, tick, base shares, strategy] */
const ROWS: readonly [string, string, number, number, number, string][] = [
  ['600001.SH', '样本甲', 184_600, 100, 60_000, 'ma-cross'],
  ['000002.SZ', '样本乙', 271_650, 100, 8_000, 'passive-quoter'],
  ['510003.SH', '样本基金', 39_120, 10, 200_000, 'passive-quoter'],
];

const LISTINGS = ROWS.map(([instrument, name, openE4, tickE4, baseQty, strategy]) => ({
  ...{ instrument, name, openE4, tickE4, baseQty, strategy },
}));

const ENGINE_ACTORS = ['feed-handler', 'order-manager', 'risk-manager', 'gateway-link'];
const ACTORS = [...ENGINE_ACTORS, 'strategy-host', 'recorder'];

type Listing = (typeof LISTINGS)[number];

export interface FakeEngineOptions {
  seed?: number;
  token?: string;
  port?: number;
  distDir?: string;
  /** Wall milliseconds between batches. */
  batchMs?: number;
  /** Virtual seconds already traded when the first client connects. */
  historySeconds?: number;
  /** Chance per virtual second and instrument that a strategy places an order. */
  orderRate?: number;
}

export interface FakeEngine {
  /** Address with the token in its fragment, as the engine prints it. */
  url: string;
  /** Address without a token. */
  origin: string;
  token: string;
  commands: SeenCommand[];
  market: FakeMarket;
  arming: FakeArming;
  /** Cut every connection, as a dying network does. */
  dropClients(): void;
  /** Send a batch whose sequence leaves a hole; a snapshot follows when `heal` is called. */
  makeHole(): void;
  heal(): void;
  /** Refuse new WebSocket connections until `true` again. */
  accept(on: boolean): void;
  stop(): Promise<void>;
}

/** mulberry32: 32-bit state, uniform in [0, 1). */
function seeded(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function roundTo(value: number, step: number): number {
  return Math.round(value / step) * step;
}

/** Fees as a broker takes them: 0.025 % at least 5 yuan, and 0.05 % stamp duty on a sale. */
function feeE4Of(side: Side, turnoverE4: number): number {
  const commission = Math.max(50_000, Math.round(turnoverE4 * 0.000_25));
  return commission + (side === 'sell' ? Math.round(turnoverE4 * 0.0005) : 0);
}

/** The market and the account behind the fake: stepped one virtual second at a time. */
export class FakeMarket {
  virtualNs = OPEN_NS;
  killed = false;
  message: string | undefined;
  readonly orders = new Map<string, Order>();
  readonly fills: Fill[] = [];
  readonly rejects: Reject[] = [];
  readonly books = new Map<string, Book>();
  readonly prices = new Map<string, Bar1[]>();
  readonly positions = new Map<string, Position>();
  readonly account: Account;
  readonly #random: () => number;
  readonly #orderRate: number;
  readonly #openingEquityE4: number;
  #nextCoid = 1;
  #nextFill = 1;
  #latencyCount = 0;
  #items: Item[] = [];

  constructor(seed: number, orderRate: number) {
    this.#random = seeded(seed);
    this.#orderRate = orderRate;
    let valueE4 = 0;
    for (const listing of LISTINGS) {
      this.prices.set(listing.instrument, []);
      this.books.set(listing.instrument, openingBook(listing));
      this.positions.set(listing.instrument, openingPosition(listing));
      valueE4 += listing.baseQty * listing.openE4;
    }
    this.#openingEquityE4 = OPENING_CASH_E4 + valueE4;
    this.account = {
      account: ACCOUNT,
      cashE4: OPENING_CASH_E4,
      reservedE4: 0,
      feesE4: 0,
      marketValueE4: valueE4,
      equityE4: this.#openingEquityE4,
      realisedE4: 0,
      unrealisedE4: 0,
      pnlE4: 0,
    };
  }

  /** One virtual second: prices move, resting orders meet them, strategies act. */
  step(): void {
    this.virtualNs += NS;
    for (const listing of LISTINGS) {
      this.#moveBook(listing);
      this.#workOrders(listing.instrument);
      if (!this.killed && this.#random() < this.#orderRate) this.#place(listing);
    }
    this.#markToMarket();
    this.#latencyCount += 3;
  }

  /** Items since the last call; conflated kinds once each, newest state, at the end. */
  drain(): Item[] {
    const items = this.#items;
    this.#items = [];
    for (const position of this.positions.values()) items.push({ k: 'position', ...position });
    for (const book of this.books.values()) items.push({ k: 'book', ...book });
    items.push({ k: 'account', ...this.account });
    items.push({ k: 'engine', ...this.engine() });
    items.push({ k: 'latency', ...this.latency() });
    return items;
  }

  liveOrders(): Order[] {
    const live = new Set(['pending', 'submitted', 'accepted', 'partly-filled', 'cancel-pending']);
    return [...this.orders.values()].filter((order) => live.has(order.status));
  }

  kill(): void {
    this.killed = true;
    this.log('warn', 'supervisor', 'kill: new orders refused, live orders cancelled');
    for (const order of this.liveOrders()) this.cancel(order.coid);
  }

  /** @returns false when there is no such live order */
  cancel(coid: string): boolean {
    const order = this.liveOrders().find((candidate) => candidate.coid === coid);
    if (order === undefined) return false;
    this.#change(order, { status: order.filledQty > 0 ? 'partly-cancelled' : 'cancelled' });
    return true;
  }

  /** Put one line into the next batch. */
  log(level: string, source: string, text: string): void {
    this.#items.push({ k: 'log', level, source, text, ns: this.virtualNs });
  }

  engine(): Engine {
    const actors = ACTORS.map((name, i): Actor => {
      const heartbeatAgeMs = ((this.virtualNs / NS + i * 3) % 9) + 1;
      const thread = ENGINE_ACTORS.includes(name) ? 'engine' : name;
      return { name, thread, heartbeatAgeMs, state: 'running' };
    });
    const state = this.killed ? 'stopped' : 'running';
    return {
      state: this.killed ? 'killed' : 'running',
      killed: this.killed,
      phase: 'continuous',
      virtualNs: this.virtualNs,
      eventsPerSecond: 2000 + ((this.virtualNs / NS) % 37) * 11,
      dropped: 0,
      actors,
      strategies: ['ma-cross', 'passive-quoter'].map((name) => ({ name, state })),
      ...(this.message === undefined ? {} : { message: this.message }),
    };
  }

  latency(): Latency {
    const count = this.#latencyCount;
    const wobble = 1 + ((count / 3) % 7) * 0.01;
    const row = (p50: number, tail: number): Percentiles => ({
      ...{ p50: p50 * wobble, p99: p50 * tail * wobble, p999: p50 * tail * 6 },
      ...{ max: p50 * tail * 31, count },
    });
    return {
      tickToOrder: row(9_400, 8),
      hops: {
        gateway: row(820, 9),
        strategy: row(3_100, 10),
        oms: row(940, 8),
        risk: row(410, 7),
        journal: row(1_900, 12),
        wire: row(1_250, 14),
      },
    };
  }

  #moveBook(listing: Listing): void {
    const book = this.books.get(listing.instrument)!;
    const drift = (this.#random() + this.#random() + this.#random() - 1.5) * 1.6;
    const pull = (listing.openE4 - book.lastE4) / listing.openE4;
    const next = book.lastE4 + (drift + pull * 40) * listing.tickE4 * (listing.openE4 / 184_600);
    const lastE4 = Math.min(
      book.upperLimitE4,
      Math.max(book.lowerLimitE4, roundTo(next, listing.tickE4)),
    );
    const volume = Math.ceil(this.#random() * 40) * 100;
    const moved: Book = {
      ...book,
      lastE4,
      highE4: Math.max(book.highE4, lastE4),
      lowE4: Math.min(book.lowE4, lastE4),
      volume: book.volume + volume,
      amountE4: book.amountE4 + volume * lastE4,
      ns: this.virtualNs,
      asks: this.#levels(lastE4 + listing.tickE4, listing.tickE4),
      bids: this.#levels(lastE4 - listing.tickE4, -listing.tickE4),
    };
    this.books.set(listing.instrument, moved);
    this.prices.get(listing.instrument)!.push([this.virtualNs, lastE4, moved.volume]);
    const { instrument, volume: sofar } = moved;
    this.#items.push({ k: 'price', instrument, ns: this.virtualNs, lastE4, volume: sofar });
  }

  #levels(firstE4: number, stepE4: number): BookLevel[] {
    return [0, 1, 2, 3, 4].map((n): BookLevel => {
      const qty = Math.ceil(this.#random() * (n + 2) * 12) * 100;
      return [firstE4 + n * stepE4, qty, Math.ceil(qty / 900)];
    });
  }

  #place(listing: Listing): void {
    const side: Side = this.#random() < 0.5 ? 'buy' : 'sell';
    const book = this.books.get(listing.instrument)!;
    const ticks = Math.floor(this.#random() * 4);
    const signed = side === 'buy' ? -ticks : ticks;
    const order: Order = {
      coid: `1P1A5E1${String(this.#nextCoid).padStart(7, '0')}K7`,
      account: ACCOUNT,
      strategy: listing.strategy,
      instrument: listing.instrument,
      side,
      kind: 'limit',
      priceE4: book.lastE4 + signed * listing.tickE4,
      qty: Math.ceil(this.#random() * 8) * 100,
      filledQty: 0,
      avgPriceE4: 0,
      status: 'accepted',
      createdNs: this.virtualNs,
      updatedNs: this.virtualNs,
    };
    this.#nextCoid += 1;
    const sellable = this.positions.get(listing.instrument)!.sellableQty;
    const freeE4 = this.account.cashE4 - this.account.reservedE4;
    const neededE4 = order.qty * order.priceE4;
    if (side === 'sell' && order.qty > sellable) {
      this.#reject(order, 'oms', 205, {
        zh: `可卖不足：委托 ${order.qty} 股，可卖 ${sellable} 股（T+1）`,
        en: `not sellable: asked ${order.qty} shares, sellable ${sellable} (T+1)`,
      });
    } else if (side === 'buy' && neededE4 * 1.001 > freeE4) {
      this.#reject(order, 'oms', 206, {
        zh: `资金不足：需要 ${neededE4 / 1e4} 元，可用 ${freeE4 / 1e4} 元`,
        en: `not enough cash: needs ${neededE4 / 1e4} yuan, free ${freeE4 / 1e4} yuan`,
      });
    } else if (this.#random() < 0.06) {
      this.#reject(order, 'risk', 304, {
        zh: '偏离最新价超过风控上限 2.00%',
        en: 'price deviates from the last price by more than the risk limit of 2.00%',
      });
    } else {
      this.orders.set(order.coid, order);
      this.#items.push({ k: 'order', ...order });
    }
  }

  #reject(order: Order, stage: Reject['stage'], code: number, text: Reject['text']): void {
    const { coid, strategy, instrument, side, priceE4, qty } = order;
    const ns = this.virtualNs;
    const reject: Reject = {
      coid,
      strategy,
      instrument,
      side,
      priceE4,
      qty,
      stage,
      code,
      text,
      ns,
    };
    this.rejects.push(reject);
    this.#items.push({ k: 'reject', ...reject });
    this.orders.set(coid, order);
    this.#change(order, { status: 'rejected', reason: { stage, code, text } });
  }

  #workOrders(instrument: string): void {
    const { lastE4 } = this.books.get(instrument)!;
    for (const order of this.liveOrders()) {
      if (order.instrument !== instrument || order.createdNs === this.virtualNs) continue;
      const crossed = order.side === 'buy' ? lastE4 <= order.priceE4 : lastE4 >= order.priceE4;
      if (crossed) this.#fill(order);
      else if (this.virtualNs - order.createdNs > 45 * NS) this.cancel(order.coid);
    }
  }

  #fill(order: Order): void {
    const position = this.positions.get(order.instrument)!;
    const open = order.qty - order.filledQty;
    const wanted = this.#random() < 0.6 ? open : Math.max(100, roundTo(open / 2, 100));
    const qty = Math.min(wanted, order.side === 'sell' ? position.sellableQty : wanted);
    if (qty === 0) {
      this.cancel(order.coid);
      return;
    }
    const turnoverE4 = qty * order.priceE4;
    const feeE4 = feeE4Of(order.side, turnoverE4);
    const { coid, account, strategy, instrument, side, priceE4 } = order;
    const fillId = `F${String(this.#nextFill).padStart(8, '0')}`;
    const ns = this.virtualNs;
    const fill: Fill = {
      ...{ fillId, coid, account, strategy, instrument, side, priceE4, qty, feeE4, ns },
    };
    this.#nextFill += 1;
    this.fills.push(fill);
    this.#items.push({ k: 'fill', ...fill });
    this.#book(position, fill);
    const filledQty = order.filledQty + qty;
    const status = filledQty === order.qty ? 'filled' : 'partly-filled';
    this.#change(order, { filledQty, avgPriceE4: priceE4, status });
  }

  #book(position: Position, fill: Fill): void {
    const turnoverE4 = fill.qty * fill.priceE4;
    this.account.feesE4 += fill.feeE4;
    if (fill.side === 'buy') {
      this.account.cashE4 -= turnoverE4 + fill.feeE4;
      const cost = position.costE4 * position.qty + turnoverE4;
      position.qty += fill.qty;
      position.costE4 = Math.round(cost / position.qty);
      position.boughtTodayQty += fill.qty;
    } else {
      this.account.cashE4 += turnoverE4 - fill.feeE4;
      position.realisedE4 += turnoverE4 - position.costE4 * fill.qty - fill.feeE4;
      position.qty -= fill.qty;
      position.sellableQty -= fill.qty;
    }
  }

  #markToMarket(): void {
    const a = this.account;
    a.marketValueE4 = 0;
    a.realisedE4 = 0;
    a.unrealisedE4 = 0;
    for (const p of this.positions.values()) {
      p.lastE4 = this.books.get(p.instrument)!.lastE4;
      p.marketValueE4 = p.qty * p.lastE4;
      p.unrealisedE4 = p.qty * (p.lastE4 - p.costE4);
      a.marketValueE4 += p.marketValueE4;
      a.realisedE4 += p.realisedE4;
      a.unrealisedE4 += p.unrealisedE4;
    }
    a.reservedE4 = this.liveOrders()
      .filter((order) => order.side === 'buy')
      .reduce((sum, order) => sum + (order.qty - order.filledQty) * order.priceE4, 0);
    a.equityE4 = a.cashE4 + a.marketValueE4;
    a.pnlE4 = a.equityE4 - this.#openingEquityE4;
  }

  #change(order: Order, change: Partial<Order>): void {
    Object.assign(order, change, { updatedNs: this.virtualNs });
    this.#items.push({ k: 'order', ...order });
  }
}

function openingBook(listing: Listing): Book {
  const { instrument, name, openE4, tickE4 } = listing;
  const preCloseE4 = roundTo(openE4 * 0.997, tickE4);
  const limit = (share: number): number => roundTo(preCloseE4 * share, tickE4);
  return {
    ...{ instrument, name, lastE4: openE4, preCloseE4, openE4, highE4: openE4, lowE4: openE4 },
    ...{ upperLimitE4: limit(1.1), lowerLimitE4: limit(0.9), volume: 0, amountE4: 0 },
    ...{ ns: OPEN_NS, bids: [], asks: [] },
  };
}

function openingPosition(listing: Listing): Position {
  const { instrument, name, baseQty: qty, openE4 } = listing;
  return {
    ...{ account: ACCOUNT, instrument, name, qty, sellableQty: qty, frozenQty: 0 },
    ...{ boughtTodayQty: 0, costE4: openE4, lastE4: openE4, marketValueE4: qty * openE4 },
    ...{ unrealisedE4: 0, realisedE4: 0, heldDays: null },
  };
}

const TYPES: Record<string, string> = {
  ...{ '.html': 'text/html; charset=utf-8', '.css': 'text/css; charset=utf-8' },
  ...{ '.js': 'text/javascript; charset=utf-8', '.svg': 'image/svg+xml' },
};

async function servePage(dir: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const path = new URL(req.url ?? '/', 'http://localhost').pathname;
  res.setHeader('content-security-policy', CSP);
  res.setHeader('x-content-type-options', 'nosniff');
  if (path === '/api/v1/health') {
    res.setHeader('content-type', 'application/json').end('{"ok":true,"engine":"running"}');
    return;
  }
  const file = normalize(join(dir, path === '/' ? 'index.html' : path));
  const served = path === '/' || path.startsWith('/assets/');
  try {
    if (!served || !file.startsWith(dir + sep)) throw new Error('outside');
    const body = await readFile(file);
    res.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream').end(body);
  } catch {
    res.writeHead(404).end('not found');
  }
}

/** Snapshot with the protocol's own limits. */
function snapshotOf(market: FakeMarket, seq: number): ServerMessage {
  const prices: Record<string, Bar1[]> = {};
  for (const [instrument, bars] of market.prices) prices[instrument] = bars.slice(-2000);
  return {
    t: 'snapshot',
    seq,
    engine: market.engine(),
    account: [market.account],
    positions: [...market.positions.values()],
    orders: [...market.orders.values()].slice(-500),
    fills: market.fills.slice(-500),
    rejects: market.rejects.slice(-200),
    books: [...market.books.values()],
    prices,
    latency: market.latency(),
  };
}

function refusal(id: number, code: string, message: string): ServerMessage {
  return { t: 'reply', id, ok: false, code, message };
}

/** What the server answers to one text frame, and what it does to the market. */
function answer(
  engine: Pick<FakeEngine, 'market' | 'token' | 'commands' | 'arming'>,
  text: string,
): ServerMessage {
  const { market, token, commands: seen } = engine;
  let m: Record<string, unknown>;
  try {
    m = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return refusal(0, 'bad-request', 'not JSON');
  }
  const id = typeof m['id'] === 'number' ? m['id'] : 0;
  const op = String(m['op']);
  const done: ServerMessage = { t: 'reply', id, ok: true };
  if (op === 'ping') return done;
  const armed = engine.arming.take(op, m);
  if (armed !== undefined) {
    if (op !== 'arming') seen.push({ ...m, op, accepted: true });
    return { t: 'reply', id, ok: true, data: armed } as ServerMessage;
  }
  const refuse = (code: string, message: string): ServerMessage => {
    seen.push({ ...m, op, accepted: false });
    return refusal(id, code, message);
  };
  if (!['kill', 'cancel', 'cancel-all'].includes(op)) return refuse('bad-request', 'unknown op');
  if (m['token'] !== token) return refuse('unauthorised', 'wrong token');
  if (op === 'kill') market.kill();
  else if (op === 'cancel-all') for (const order of market.liveOrders()) market.cancel(order.coid);
  if (op === 'cancel' && !market.cancel(String(m['coid']))) {
    return refuse('unknown-order', 'no such live order');
  }
  seen.push({ ...m, op, accepted: true });
  return done;
}

function send(socket: WebSocket, message: ServerMessage): void {
  socket.send(JSON.stringify(message));
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** Start the fake on 127.0.0.1; the market begins to move at once. */
export async function startFakeEngine(options: FakeEngineOptions = {}): Promise<FakeEngine> {
  const token = options.token ?? 'fake-token-0123456789';
  const distDir = normalize(options.distDir ?? DIST_DIR);
  const market = new FakeMarket(options.seed ?? 1, options.orderRate ?? 0.06);
  for (let i = 0; i < (options.historySeconds ?? 600); i += 1) market.step();
  market.drain();
  const commands: SeenCommand[] = [];
  const arming = new FakeArming();
  let seq = 0;
  let accepting = true;
  const http = createServer((req, res) => void servePage(distDir, req, res));
  const wss = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  http.on('upgrade', (req, socket, head) => {
    if (!accepting || req.url !== '/ws') socket.destroy();
    else wss.handleUpgrade(req, socket, head, (client) => wss.emit('connection', client, req));
  });
  const broadcast = (message: ServerMessage): void => {
    for (const client of wss.clients) if (client.readyState === 1) send(client, message);
  };
  wss.on('connection', (client: WebSocket) => {
    const pace = 'realtime' as const;
    const identity = { version: '0.1.0', engineId: 'fake-1', day: DAY, pace };
    send(client, { t: 'hello', protocol: 1, ...identity, mode: 'paper', speed: 1 });
    send(client, snapshotOf(market, seq));
    client.on('message', (data) => {
      send(client, answer({ market, token, commands, arming }, String(data)));
    });
  });
  const timer = setInterval(() => {
    market.step();
    seq += 1;
    broadcast({ t: 'events', seq, items: market.drain() });
  }, options.batchMs ?? 100);
  const port = await listen(http, options.port ?? 0);
  const origin = `http://127.0.0.1:${port}/`;
  return {
    ...{ url: `${origin}#token=${token}`, origin, token, commands, market, arming },
    dropClients: () => {
      for (const client of wss.clients) client.terminate();
    },
    makeHole: () => {
      seq += 1;
    },
    heal: () => broadcast(snapshotOf(market, seq)),
    accept: (on) => {
      accepting = on;
    },
    stop: async () => {
      clearInterval(timer);
      for (const client of wss.clients) client.terminate();
      wss.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const engine = await startFakeEngine({ port: Number(process.env['PORT'] ?? 0) });
  console.log(engine.url);
}
