// The client of the simulated counter, as a bridge uses it: calls with hard timeouts, pushes,
// reconnects for ever. Loaded by the bridge process (`--broker counter`). Invariant: a call whose
// answer did not come is null or false, whatever became of it at the counter.
import { connect, type Socket } from 'node:net';
import type {
  BrokerEvents,
  BrokerPort,
  CashRow,
  OrderRow,
  PlaceOrder,
  PositionRow,
  TradeRow,
} from '../broker-port.ts';
import { LineReader, type Said } from './protocol.ts';

const CALL_MS = 1_000;
const RECONNECT_MS = 200;
const PING_MS = 500;
/** Nothing heard for this long: the counter counts as gone. */
const SILENT_MS = 1_500;

class CounterBroker implements BrokerPort {
  readonly #host: string;
  readonly #port: number;
  readonly #log: (text: string) => void;
  readonly #calls = new Map<number, (value: unknown) => void>();
  #events: BrokerEvents | null = null;
  #socket: Socket | null = null;
  #up = false;
  #closed = false;
  #seq = 0;
  #heardAt = 0;
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(address: string, log: (text: string) => void) {
    const found = /^(.+):(\d+)$/.exec(address);
    if (found === null) throw new Error(`counter address '${address}', expected HOST:PORT`);
    this.#host = found[1]!;
    this.#port = Number(found[2]);
    this.#log = log;
  }

  start(events: BrokerEvents): void {
    this.#events = events;
    this.#timer = setInterval(() => this.#watch(), PING_MS);
    this.#connect();
  }

  async place(account: string, order: PlaceOrder): Promise<number | null> {
    const value = await this.#call({ op: 'place', account, order });
    return typeof value === 'number' && value > 0 ? value : null;
  }

  async cancel(account: string, orderNo: number): Promise<boolean> {
    return (await this.#call({ op: 'cancel', account, orderNo })) === true;
  }

  async orders(account: string): Promise<readonly OrderRow[] | null> {
    return (await this.#call({ op: 'orders', account })) as readonly OrderRow[] | null;
  }

  async trades(account: string): Promise<readonly TradeRow[] | null> {
    return (await this.#call({ op: 'trades', account })) as readonly TradeRow[] | null;
  }

  async positions(account: string): Promise<readonly PositionRow[] | null> {
    return (await this.#call({ op: 'positions', account })) as readonly PositionRow[] | null;
  }

  async cash(account: string): Promise<CashRow | null> {
    return (await this.#call({ op: 'cash', account })) as CashRow | null;
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#socket?.destroy();
  }

  /** The answer's value; null = none came. */
  #call(call: object): Promise<unknown> {
    const socket = this.#socket;
    if (socket === null || !this.#up) return Promise.resolve(null);
    const seq = ++this.#seq;
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle(null), CALL_MS);
      const settle = (value: unknown): void => {
        clearTimeout(timer);
        this.#calls.delete(seq);
        resolve(value);
      };
      this.#calls.set(seq, settle);
      socket.write(`${JSON.stringify({ ...call, seq })}\n`);
    });
  }

  #connect(): void {
    if (this.#closed) return;
    const reader = new LineReader();
    const socket = connect({ host: this.#host, port: this.#port });
    this.#socket = socket;
    this.#heardAt = performance.now();
    socket.setNoDelay(true);
    socket.setEncoding('utf8');
    socket.on('error', () => {});
    socket.on('data', (chunk: string) => {
      this.#heardAt = performance.now();
      reader.push(chunk, (line) => this.#onSaid(JSON.parse(line) as Said));
    });
    socket.on('close', () => {
      const wasUp = this.#up;
      this.#up = false;
      for (const settle of [...this.#calls.values()]) settle(null);
      if (wasUp) this.#events?.onDisconnected('connection to the counter lost');
      setTimeout(() => this.#connect(), RECONNECT_MS);
    });
  }

  #watch(): void {
    if (!this.#up) return;
    if (performance.now() - this.#heardAt > SILENT_MS) {
      this.#log('counter: silent, connection dropped');
      this.#socket?.destroy();
      return;
    }
    void this.#call({ op: 'ping' });
  }

  #onSaid(said: Said): void {
    const events = this.#events;
    if (events === null) return;
    if (said.t === 'hello') {
      this.#up = true;
      events.onConnected(said.day);
    } else if (said.t === 'answer') this.#calls.get(said.seq)?.(said.value);
    else if (said.t === 'order') events.onOrder(said.account, said.row);
    else if (said.t === 'trade') events.onTrade(said.account, said.row);
    else if (said.t === 'cancel-error') {
      events.onCancelError(said.account, said.orderNo, said.text);
    }
  }
}

/** `address` is HOST:PORT. */
export function openBroker(address: string, log: (text: string) => void): BrokerPort {
  return new CounterBroker(address, log);
}
