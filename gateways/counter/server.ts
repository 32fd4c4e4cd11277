// The simulated counter: one process, its own ledger, its own tape; carries out orders whoever
// sends them, and tells of it as its behaviour allows. Called by main.ts and by tests. Invariants:
// an order trades in price-time priority and never beyond its limit; the ledger has it first; like
// a real counter it knows no idempotency: an order sent twice is two orders.
import { createServer, type Server, type Socket } from 'node:net';
import { SIDE_BUY } from '../../engine/messages/codes.ts';
import type { OrderRow, TradeRow } from '../broker-port.ts';
import type { Behaviour } from './behaviour.ts';
import type { Ledger, LedgerOrder } from './ledger.ts';
import { type Call, callSchema, LineReader, type Said } from './protocol.ts';
import type { Print, Tape } from './tape.ts';

export class CounterServer {
  readonly #ledger: Ledger;
  readonly #tape: Tape;
  readonly #behaviour: Behaviour;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor(ledger: Ledger, tape: Tape, behaviour: Behaviour) {
    this.#ledger = ledger;
    this.#tape = tape;
    this.#behaviour = behaviour;
    for (const order of ledger.orders.values()) tape.show(order.symbol, order.priceE4);
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

  /** One trade of the tape: resting orders it reaches trade, best price first, then by number. */
  step(): void {
    const print = this.#tape.next();
    if (print !== null) this.#match(print);
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    this.#ledger.close();
  }

  #match(print: Print): void {
    for (const side of [1, 2]) {
      let left = print.qty;
      for (const order of this.#reached(print, side)) {
        if (left === 0) break;
        const qty = Math.min(left, order.qty - order.filledQty);
        left -= qty;
        const trade = this.#ledger.fill(order, qty, order.priceE4);
        this.#pushOrder(order);
        this.#pushTrade(order.account, trade);
      }
    }
  }

  #reached({ symbol, priceE4 }: Print, side: number): LedgerOrder[] {
    const reached: LedgerOrder[] = [];
    for (const order of this.#ledger.orders.values()) {
      if (order.symbol !== symbol || order.side !== side || !this.#ledger.isLive(order)) continue;
      const crosses = side === SIDE_BUY ? order.priceE4 >= priceE4 : order.priceE4 <= priceE4;
      if (crosses) reached.push(order);
    }
    const sign = side === SIDE_BUY ? -1 : 1;
    return reached.sort((x, y) => sign * (x.priceE4 - y.priceE4) || x.orderNo - y.orderNo);
  }

  #onSocket(socket: Socket): void {
    const reader = new LineReader();
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.setEncoding('utf8');
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (chunk: string) => {
      try {
        reader.push(chunk, (line) => this.#onCall(socket, callSchema.parse(JSON.parse(line))));
      } catch (error) {
        process.stderr.write(`counter: connection dropped: ${(error as Error).message}\n`);
        socket.destroy();
      }
    });
    say(socket, { t: 'hello', day: this.#ledger.day });
    if (!this.#behaviour.happens('replay')) return;
    for (const order of this.#ledger.orders.values()) this.#pushOrder(order);
    for (const trade of this.#ledger.trades) this.#pushTrade(trade.account, trade);
  }

  #onCall(socket: Socket, call: Call): void {
    const value = this.#carryOut(call);
    if (call.op === 'place' && this.#behaviour.happens('lostResponse')) return;
    this.#later(() => say(socket, { t: 'answer', seq: call.seq, value }));
  }

  #carryOut(call: Call): unknown {
    const ledger = this.#ledger;
    if (call.op === 'ping') return true;
    if (!ledger.hasAccount(call.account)) return null;
    if (call.op === 'place') return this.#place(call.account, call.order);
    if (call.op === 'cancel') return this.#cancel(call.account, call.orderNo);
    if (this.#behaviour.happens('none')) return null;
    if (call.op === 'positions') return ledger.positions(call.account);
    if (call.op === 'cash') return ledger.cash(call.account);
    if (call.op === 'trades') return ledger.trades.filter((t) => t.account === call.account);
    return [...ledger.orders.values()].filter((o) => o.account === call.account);
  }

  #place(account: string, placed: Extract<Call, { op: 'place' }>['order']): number {
    const order = this.#ledger.place(account, placed);
    if (order.refused === '') this.#tape.show(order.symbol, order.priceE4);
    this.#pushOrder(order);
    return order.orderNo;
  }

  /** True = "the cancel was sent": whether it succeeded is told by a push. */
  #cancel(account: string, orderNo: number): boolean {
    const order = this.#ledger.orders.get(orderNo);
    if (order === undefined || order.account !== account) return false;
    if (this.#ledger.isLive(order)) {
      this.#ledger.cancel(order);
      this.#pushOrder(order);
    } else {
      this.#push({ t: 'cancel-error', account, orderNo, text: 'order is finished' });
    }
    return true;
  }

  #pushOrder(order: LedgerOrder): void {
    const { account, refused: _refused, ...row } = order;
    this.#push({ t: 'order', account, row: row satisfies OrderRow });
  }

  #pushTrade(account: string, row: TradeRow): void {
    this.#push({ t: 'trade', account, row });
  }

  #push(said: Said): void {
    const times = this.#behaviour.happens('duplicate') ? 2 : 1;
    if (this.#behaviour.happens('lostPush')) return;
    for (let i = 0; i < times; i++) {
      this.#later(() => {
        for (const socket of this.#sockets) say(socket, said);
      });
    }
  }

  #later(tell: () => void): void {
    const delayMs = this.#behaviour.delayMs();
    if (delayMs === 0) tell();
    else setTimeout(tell, delayMs);
  }
}

function say(socket: Socket, said: Said): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(said)}\n`);
}
