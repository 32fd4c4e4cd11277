// The simulated counter's door: one process, many clients, each told what its behaviour allows.
// Called by main.ts. Two kinds of clients: a plain one (gateways/counter/broker.ts) hears of every
// account; one that logged in with a session number (the QMT stand-ins) hears of the accounts it
// subscribed to, and of more states. `admin` calls are the test's hand.
// Always: what is carried out is in the ledger before a word of it is said.
import { createServer, type Server, type Socket } from 'node:net';
import { PHASE_CONTINUOUS } from '../../engine/messages/codes.ts';
import type { Behaviour, FaultName } from './behaviour.ts';
import { House, type HouseEars, type HouseOptions } from './house.ts';
import { type AdminCall, type Call, callSchema, LineReader, type Said } from './protocol.ts';
import type { Tape } from './tape.ts';

const STATUS_OK = 0;
const STATUS_FAILED = 3;
const LATE_MS = 30;
const GREETING_MS = 100;
const UNKNOWN_STATUS = 99;

interface Client {
  readonly socket: Socket;
  /** 0 = a plain one. */
  session: number;
  readonly accounts: Set<string>;
  readonly watched: Set<string>;
  /** It gives orders to the counter itself, and is cut by none of them. */
  isHand: boolean;
}

type PlaceCall = Extract<Call, { op: 'place' }>;
type AccountCall = Extract<Call, { account: string; op: string }>;

export interface ServerOptions extends HouseOptions {
  readonly behaviour: Behaviour;
  readonly tape: Tape;
  /** A session number is free again so long after its client has gone. */
  readonly sessionHoldMs: number;
}

export class CounterServer {
  readonly house: House;
  readonly #behaviour: Behaviour;
  readonly #tape: Tape;
  readonly #holdMs: number;
  readonly #clients = new Set<Client>();
  readonly #server: Server;
  /** When the client of a session number went. */
  readonly #goneAt = new Map<number, number>();
  /** Who sent an order of this life. */
  readonly #origins = new Map<number, Client>();
  readonly #pictures = new Map<string, { atMs: number; value: unknown }>();
  /** Pushes of the call at hand. */
  #pushes: Said[] = [];
  /** A push that lets another go first. */
  #held: Said | null = null;
  #clientUp = true;
  #brokerUp = true;
  #closed = false;

  constructor(options: ServerOptions) {
    this.#behaviour = options.behaviour;
    this.#tape = options.tape;
    this.#holdMs = options.sessionHoldMs;
    this.house = new House(options, this.#ears());
    for (const { symbol, priceE4 } of this.house.ledger.orders.values()) {
      this.#tape.show(symbol, priceE4);
    }
    this.#server = createServer((socket) => this.#onSocket(socket));
  }

  /** Listens; the port it got. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((done, fail) => {
      this.#server.once('error', fail);
      this.#server.listen({ host, port, exclusive: true }, () => {
        const address = this.#server.address();
        done(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  /** One trade of the tape among the crowd: resting orders it reaches trade first. */
  step(): void {
    const print = this.#tape.next();
    if (print === null || !this.house.exchange.isListed(print.symbol)) return;
    this.house.exchange.print(print.symbol, print.priceE4, print.qty);
    this.#afterMarket();
  }

  /** Says the ticks that clients watch. */
  beatTicks(): void {
    for (const client of this.#clients) {
      if (client.watched.size > 0) this.#say(client, this.#ticksSaid([...client.watched]));
    }
  }

  close(): void {
    this.#closed = true;
    for (const { socket } of this.#clients) socket.destroy();
    this.#server.close();
    this.house.ledger.close();
  }

  #ears(): HouseEars {
    return {
      onOrder: (row, account) => void this.#pushes.push({ t: 'order', account, row }),
      onTrade: (row, account) => void this.#pushes.push({ t: 'trade', account, row }),
      onOrderError: (account, orderNo, code, text) =>
        void this.#pushes.push({ t: 'order-error', account, orderNo, code, text }),
      onCancelError: (account, orderNo, text) =>
        void this.#pushes.push({ t: 'cancel-error', account, orderNo, text }),
    };
  }

  #onSocket(socket: Socket): void {
    const reader = new LineReader();
    const sets = { accounts: new Set<string>(), watched: new Set<string>() };
    const client: Client = { socket, session: 0, ...sets, isHand: false };
    this.#clients.add(client);
    socket.setNoDelay(true);
    socket.setEncoding('utf8');
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#clients.delete(client);
      if (client.session !== 0) this.#goneAt.set(client.session, performance.now());
    });
    socket.on('data', (chunk: string) => {
      try {
        reader.push(chunk, (line) => this.#onCall(client, callSchema.parse(JSON.parse(line))));
      } catch (error) {
        process.stderr.write(`counter: connection dropped: ${(error as Error).message}\n`);
        socket.destroy();
      }
    });
    if (!this.#clientUp) {
      // A hand may still come in; a client hears no greeting and goes.
      setTimeout(() => client.isHand || this.#clientUp || socket.destroy(), GREETING_MS);
      return;
    }
    this.#say(client, { t: 'hello', day: this.house.ledger.day });
    if (!this.#happens('replay')) return;
    for (const { account } of this.house.ledger.accounts) this.house.replay(account);
    this.#flush();
  }

  #onCall(client: Client, call: Call): void {
    if (call.op === 'admin') {
      client.isHand = true;
      this.#answer(client, call.seq, this.#admin(call));
      this.#afterMarket();
    } else if (call.op === 'place') this.#onPlace(client, call);
    else if (call.op === 'cancel') this.#onCancel(client, call);
    else if (call.op === 'login') this.#answer(client, call.seq, this.#login(client, call.session));
    else if (call.op === 'subscribe') this.#onSubscribe(client, call);
    else if (call.op === 'watch') {
      for (const symbol of call.symbols) client.watched.add(symbol);
      this.#answer(client, call.seq, true);
      if (call.symbols.length > 0) this.#say(client, this.#ticksSaid(call.symbols));
    } else if (call.op === 'unsubscribe') {
      this.#answer(client, call.seq, client.accounts.delete(call.account) ? 0 : -1);
    } else if (call.op !== 'ping' && this.#happens('hang')) return;
    else this.#later(() => this.#answer(client, call.seq, this.#query(call)));
  }

  #onPlace(client: Client, call: PlaceCall): void {
    const value = this.#place(client, call);
    if (this.#happens('drop')) {
      client.socket.destroy();
      this.#flush();
      return;
    }
    const isLost = this.#happens('lostResponse');
    const answer = (): void => {
      if (!isLost) this.#answer(client, call.seq, value);
    };
    if (this.#happens('early')) {
      answer();
      this.#flush();
    } else {
      this.#flush();
      if (this.#happens('late')) setTimeout(answer, LATE_MS);
      else this.#later(answer);
    }
  }

  /** The order number; -1 = the call failed, whatever became of the order; 0 = a pop-up. */
  #place(client: Client, { account, order }: PlaceCall): number | null {
    if (!this.#isOpen(account)) return -1;
    if (this.#happens('popUp')) return 0;
    if (this.#happens('refusedCall')) return -1;
    const placed = this.house.place(account, order);
    this.#origins.set(placed.orderNo, client);
    if (placed.refused === '') this.#tape.show(placed.symbol, placed.priceE4);
    return this.#happens('failed') ? -1 : placed.orderNo;
  }

  #onCancel(client: Client, { seq, account, orderNo }: Extract<Call, { op: 'cancel' }>): void {
    const isOpen = this.#isOpen(account);
    const isLost = isOpen && this.#happens('cancelLost');
    const done = isLost || (isOpen && this.house.cancel(account, orderNo));
    this.#flush();
    const value = this.#happens('cancelFailed') ? false : done;
    this.#later(() => this.#answer(client, seq, value));
  }

  #onSubscribe(client: Client, call: Extract<Call, { op: 'subscribe' }>): void {
    const { account, seq } = call;
    const isKnown = this.#clientUp && this.house.ledger.money(account) !== undefined;
    if (isKnown) client.accounts.add(account);
    this.#answer(client, seq, isKnown ? 0 : -1);
    if (!isKnown) return;
    const status = this.#brokerUp ? STATUS_OK : STATUS_FAILED;
    this.#say(client, { t: 'status', account, status });
    if (!this.#happens('replay')) return;
    this.house.replay(account);
    this.#flush();
  }

  /** 0, or -1: the client is away, or the number is in use or was until a moment ago. */
  #login(client: Client, session: number): number {
    if (!this.#clientUp || session <= 0) return -1;
    for (const other of this.#clients) if (other.session === session) return -1;
    const goneAt = this.#goneAt.get(session);
    if (goneAt !== undefined && performance.now() - goneAt < this.#holdMs) return -1;
    client.session = session;
    return 0;
  }

  #isOpen(account: string): boolean {
    const isThere = this.house.ledger.money(account) !== undefined;
    return this.#clientUp && this.#brokerUp && isThere;
  }

  #query(call: Call): unknown {
    if (call.op === 'ping') return true;
    if (!this.#clientUp) return null;
    if (call.op === 'accounts') return this.#accounts();
    if (call.op === 'detail') return this.house.exchange.instrument(call.symbol) ?? null;
    if (call.op === 'ticks') return this.#ticks(call.symbols);
    if (!('account' in call) || call.account === undefined) return null;
    if (!this.#isOpen(call.account) || this.#happens('none')) return null;
    const value = this.#pictureOf(call as AccountCall);
    const isEmpty = Array.isArray(value) && value.length === 0;
    return isEmpty && this.#happens('emptyNone') ? null : value;
  }

  /** What a query of an account answers, perhaps out of an old picture. */
  #pictureOf(call: AccountCall): unknown {
    if (call.op === 'changes') return this.#changes(call);
    const key = `${call.op} ${call.account}`;
    const known = this.#pictures.get(key);
    const atMs = performance.now();
    if (known !== undefined && atMs - known.atMs < this.#behaviour.staleMs) return known.value;
    const value = this.#fresh(call);
    this.#pictures.set(key, { atMs, value });
    return value;
  }

  #fresh(call: AccountCall): unknown {
    const { op, account } = call;
    const { house } = this;
    const money = house.ledger.money(account)!;
    const valueE4 = house.marketValueE4(account);
    if (op === 'positions') {
      const last = (symbol: string): number => house.exchange.lastE4(symbol);
      return money.positions().map((row) => ({ ...row, lastE4: last(row.symbol) }));
    }
    if (op === 'cash') return { ...money.cash(), marketValueE4: valueE4, type: money.type };
    if (op === 'credit') {
      const assetsE4 = money.cash().cashE4 + valueE4;
      return { ...money.credit(assetsE4), assetsE4 };
    }
    if (op === 'trades') {
      const own = house.ledger.trades.filter((trade) => trade.account === account);
      return own.map((trade) => house.toldTrade(trade));
    }
    const own = [...house.ledger.orders.values()].filter((order) => order.account === account);
    return own.map((order) => house.told(order));
  }

  #changes({ account, orderAt, tradeAt }: Extract<Call, { op: 'changes' }>) {
    const { house } = this;
    const { orders, trades, changes } = house.ledger;
    const numbers = new Set(changes.slice(orderAt));
    const changed = [...numbers].map((no) => orders.get(no)!);
    const made = trades.slice(tradeAt).filter((trade) => trade.account === account);
    return {
      orders: changed.filter((order) => order.account === account).map((one) => house.told(one)),
      trades: made.map((trade) => house.toldTrade(trade)),
      orderAt: changes.length,
      tradeAt: trades.length,
    };
  }

  #accounts(): object[] {
    const status = this.#brokerUp ? STATUS_OK : STATUS_FAILED;
    return this.house.ledger.accounts.map(({ account, type = 'STOCK' }) => ({
      ...{ account, type, status },
    }));
  }

  /** Codes, or whole markets (`SH`). */
  #ticks(symbols: readonly string[]) {
    const { exchange } = this.house;
    const isWanted = (one: string): boolean =>
      symbols.some((s) => one === s || one.endsWith(`.${s}`));
    const timeMs = this.house.nowMs();
    return exchange.symbols.filter(isWanted).map((symbol) => exchange.tick(symbol, timeMs)!);
  }

  #ticksSaid(symbols: readonly string[]): Said {
    return { t: 'ticks', ticks: this.#ticks(symbols) };
  }

  /** What the test wants done; null = done, or what it asks to see. */
  #admin(call: AdminCall): unknown {
    const { house } = this;
    const { symbol = '', side = 0, priceE4 = 0, qty = 0, name = '', account = '' } = call;
    if (call.do === 'list') house.list(symbol, call.preCloseE4 ?? 0);
    else if (call.do === 'market') {
      return house.exchange.crowd(symbol, side, priceE4, qty, call.keep ?? false);
    } else if (call.do === 'print') house.exchange.print(symbol, priceE4, qty);
    else if (call.do === 'depth') house.exchange.stand(symbol, qty);
    else if (call.do === 'phase') house.enterPhase(call.phase ?? 0);
    else if (call.do === 'fault') this.#behaviour.order(name, call.times ?? 1);
    else if (call.do === 'foreign' && call.order !== undefined) {
      return house.place(account, call.order).orderNo;
    } else if (call.do === 'push') house.replay(account);
    else if (call.do === 'client') this.#setClient(call.up ?? true);
    else if (call.do === 'broker') this.#setBroker(call.up ?? true);
    else if (call.do === 'day') this.#setDay(call.day ?? 0);
    else if (call.do === 'clear') this.#clear();
    else if (call.do === 'books') return this.#books(account);
    return null;
  }

  /** All as at the start of the day, but for what has traded: between two cases of a test. */
  #clear(): void {
    const { house } = this;
    this.#behaviour.clear();
    this.#pictures.clear();
    house.enterPhase(PHASE_CONTINUOUS);
    for (const order of house.ledger.orders.values()) {
      if (house.ledger.isLive(order)) house.cancel(order.account, order.orderNo);
    }
    house.exchange.clearCrowd();
  }

  #books(account: string) {
    const { ledger } = this.house;
    const of = (one: { account: string }): boolean => one.account === account;
    return {
      orders: [...ledger.orders.values()].filter(of),
      trades: ledger.trades.filter(of),
      positions: ledger.money(account)?.positions(),
      cash: ledger.money(account)?.cash(),
      sessions: [...this.#clients].map(({ session }) => session).filter((n) => n !== 0),
    };
  }

  #setClient(up: boolean): void {
    const wasUp = this.#clientUp;
    this.#clientUp = up;
    // Who came while it was away heard no greeting.
    if (up && wasUp) return;
    for (const { socket, isHand } of this.#clients) if (!isHand) socket.destroy();
  }

  #setBroker(up: boolean): void {
    this.#brokerUp = up;
    const status = up ? STATUS_OK : STATUS_FAILED;
    for (const { account } of this.house.ledger.accounts) {
      this.#deliver({ t: 'status', account, status });
      if (up && this.#happens('replay')) this.house.replay(account);
    }
  }

  /** The client is restarted at the day switch: every session is cut. */
  #setDay(day: number): void {
    this.house.newDay(day);
    this.#origins.clear();
    this.#flush();
    this.#setClient(false);
    this.#setClient(true);
  }

  /** Own orders may have traded: books it, says it. */
  #afterMarket(): void {
    this.house.settle();
    this.#flush();
  }

  /** Says the pushes of the call at hand. */
  #flush(): void {
    const pushes = this.#pushes;
    this.#pushes = [];
    for (const said of pushes) this.#push(said);
  }

  #push(said: Said): void {
    if (this.#happens('lostPush')) return;
    if (this.#held === null && this.#happens('reorder')) {
      this.#held = said;
      setTimeout(() => this.#release(), LATE_MS);
      return;
    }
    const times = this.#happens('duplicate') ? 2 : 1;
    for (let i = 0; i < times; i++) this.#later(() => this.#deliver(said));
    this.#release();
  }

  #release(): void {
    const held = this.#held;
    this.#held = null;
    if (held !== null) this.#later(() => this.#deliver(held));
  }

  #deliver(said: Said): void {
    const isDetail = said.t === 'status' || (said.t === 'order' && said.row.raw !== undefined);
    const account = 'account' in said ? said.account : '';
    const origin = said.t === 'order-error' ? this.#origins.get(said.orderNo) : undefined;
    const odd = said.t === 'order' && !isDetail && this.#happens('unknownStatus');
    for (const client of this.#clients) {
      if (client.session === 0) {
        if (!isDetail && said.t !== 'order-error') this.#say(client, said);
      } else if (!client.accounts.has(account)) continue;
      else if (origin === client) this.#say(client, { ...said, own: true } as Said);
      else if (!odd || said.t !== 'order') this.#say(client, said);
      else this.#say(client, { ...said, row: { ...said.row, raw: UNKNOWN_STATUS } });
    }
  }

  #happens(what: FaultName): boolean {
    return this.#behaviour.happens(what);
  }

  #later(tell: () => void): void {
    const delayMs = this.#behaviour.delayMs();
    if (delayMs === 0) tell();
    else setTimeout(tell, delayMs);
  }

  #answer(client: Client, seq: number, value: unknown): void {
    this.#say(client, { t: 'answer', seq, value });
  }

  #say(client: Client, said: Said): void {
    if (this.#closed || client.socket.destroyed) return;
    client.socket.write(`${JSON.stringify(said)}\n`);
  }
}
