// nodejs-order-book as a contestant: limit orders and cancels through its public methods, and its
// trades worked out from what it answers. Called by bench/book-rows.ts. Always: ids are made text
// before the clock starts; working out the trades is timed, as reading them is for the others.
import type { IProcessOrder, OrderBook, Side } from 'nodejs-order-book';
import type { Contestant } from './book-contestants.ts';
import type { Workload } from './workloads.ts';
import { mixTrade, OP_CANCEL } from './workloads.ts';

export class NodeOrderBook implements Contestant {
  readonly name: string;
  checksum = 0;
  readonly #book: OrderBook;
  readonly #load: Workload;
  readonly #ids: readonly string[];

  constructor(name: string, book: OrderBook, load: Workload) {
    this.name = name;
    this.#book = book;
    this.#load = load;
    this.#ids = Array.from(load.id, String);
  }

  run(from: number, to: number): number {
    const { op, side, priceE4, qty } = this.#load;
    const start = performance.now();
    for (let at = from; at < to; at++) {
      const id = this.#ids[at];
      if (op[at] === OP_CANCEL) {
        this.#book.cancel(id);
        continue;
      }
      const word = (side[at] === 1 ? 'buy' : 'sell') as Side;
      const answer = this.#book.limit({ side: word, id, size: qty[at], price: priceE4[at] });
      if (answer.done.length > 0 || answer.partial !== null) this.#mix(id, side[at], answer);
    }
    return (performance.now() - start) * 1e6;
  }

  /** Orders done are what it traded with, in order; one in part is the last or the order itself. */
  #mix(id: string, side: number, answer: IProcessOrder): void {
    const trade = (other: string, priceE4: number, qty: number): void => {
      const [buyId, sellId] = side === 1 ? [id, other] : [other, id];
      this.checksum = mixTrade(this.checksum, Number(buyId), Number(sellId), priceE4, qty);
    };
    for (const order of answer.done) {
      if (order.id !== id && 'price' in order) trade(order.id, order.price, order.size);
    }
    const { partial } = answer;
    if (partial !== null && partial.id !== id) {
      trade(partial.id, partial.price, answer.partialQuantityProcessed);
    }
  }
}
