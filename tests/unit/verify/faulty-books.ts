// Books with one rule broken, to prove that a verification notices: the controls of issue 3. Used
// by tests only. Always: all but the broken rule is the WebAssembly kernel's, or the slow twin's.
import type { BookKernel } from '../../../engine/core/book.ts';
import { BookCode, BookOp, OrderKind } from '../../../engine/core/book.ts';
import { OP_SUBMIT } from '../../../engine/verify/order-ops.ts';
import type { MakeBook } from '../../../engine/verify/verify-day.ts';
import { ReferenceBook } from '../../../wasm/reference/book.ts';
import { wasmBook } from './verify-kit.ts';

/** What a control changes: any method of the kernel. */
type Change = (book: BookKernel) => Partial<BookKernel>;

type Trade = readonly [buyId: number, sellId: number, priceE4: number, qty: number];
type Command = readonly number[];

/** The kernel with some methods replaced; its batch form then goes through the single calls. */
export function changed(change: Change): MakeBook {
  return (orders, levels) => {
    const inner = wasmBook(orders, levels);
    const own = { ...change(inner) };
    const book: BookKernel = new Proxy(inner, {
      get(_, key) {
        const value = Reflect.get(key in own ? own : inner, key, key in own ? own : inner);
        return typeof value === 'function' ? value.bind(inner) : value;
      },
    });
    // By descriptor: tradeCount is a getter.
    Object.defineProperties(own, Object.getOwnPropertyDescriptors(batchOf(book, inner)));
    return book;
  };
}

/** writeCommand, runBatch and the trade accessors over single calls. */
function batchOf(book: BookKernel, inner: BookKernel): Partial<BookKernel> {
  const commands: Command[] = [];
  const results: { result: number; qty: number; priceE4: number }[] = [];
  let trades: Trade[] = [];
  const take = (): void => {
    for (let i = 0; i < inner.tradeCount; i++) {
      const ids = [inner.tradeBuyId(i), inner.tradeSellId(i)] as const;
      trades.push([...ids, inner.tradePriceE4(i), inner.tradeQty(i)]);
    }
  };
  const run = (command: Command): number => {
    const [op, instr, id, side, kind, priceE4, qty] = command;
    if (op === BookOp.ADD) return book.add(instr, id, side, priceE4, qty);
    if (op === BookOp.CANCEL) return book.cancel(instr, id, qty);
    const made = book.submit(instr, id, side, kind, priceE4, qty);
    if (made > 0) take();
    return made;
  };
  return {
    writeCommand(index: number, ...command: number[]): void {
      commands[index] = command;
    },
    runBatch(from: number, count: number): number {
      trades = [];
      for (let i = from; i < from + count; i++) {
        const result = run(commands[i]);
        const isOrder = commands[i][0] === OP_SUBMIT;
        const qty = isOrder ? inner.restedQty : 0;
        results[i] = { result, qty, priceE4: isOrder ? inner.restedPriceE4 : 0 };
      }
      return count;
    },
    commandResult: (index: number) => results[index].result,
    commandRestedQty: (index: number) => results[index].qty,
    commandRestedPriceE4: (index: number) => results[index].priceE4,
    uncross(instr: number, priceE4: number): number {
      trades = [];
      const made = inner.uncross(instr, priceE4);
      take();
      return made;
    },
    tradeBuyId: (index: number) => trades[index][0],
    tradeSellId: (index: number) => trades[index][1],
    tradePriceE4: (index: number) => trades[index][2],
    tradeQty: (index: number) => trades[index][3],
    get tradeCount() {
      return trades.length;
    },
  };
}

/** The nth cancel is told to have worked and changes nothing. */
export function droppedCancel(nth: number): MakeBook {
  return changed((inner) => {
    let seen = 0;
    return {
      cancel(instr, id, qty) {
        if (++seen !== nth) return inner.cancel(instr, id, qty);
        return inner.orderQty(instr, id);
      },
    };
  });
}

/** Market orders become limit orders at the best opposite price that rest with what is left. */
export const marketAsLimit: MakeBook = changed((inner) => ({
  submit(instr, id, side, kind, priceE4, qty) {
    const isMarket = kind !== OrderKind.LIMIT && kind !== OrderKind.OWN_BEST;
    const bestE4 = side === 1 ? inner.bestAsk(instr) : inner.bestBid(instr);
    const limitE4 = isMarket && bestE4 > 0 ? bestE4 : priceE4;
    return inner.submit(instr, id, side, isMarket ? OrderKind.LIMIT : kind, limitE4, qty);
  },
}));

/** A call takes the lowest price of greatest volume, whatever it leaves unfilled above. */
export const anyGreatestVolume: MakeBook = changed((inner) => ({
  auctionPriceE4(instr, referenceE4) {
    const rightE4 = inner.auctionPriceE4(instr, referenceE4);
    if (rightE4 <= 0) return rightE4;
    inner.depth(instr, inner.depthCapacity);
    const levels = (side: 'bid' | 'ask') =>
      Array.from({ length: side === 'bid' ? inner.bidLevels : inner.askLevels }, (_, i) =>
        side === 'bid'
          ? { priceE4: inner.bidPriceE4(i), qty: inner.bidQty(i) }
          : { priceE4: inner.askPriceE4(i), qty: inner.askQty(i) },
      );
    const [bids, asks] = [levels('bid'), levels('ask')];
    const sum = (of: readonly { qty: number }[]): number => of.reduce((s, l) => s + l.qty, 0);
    const volumeAt = (p: number): number =>
      Math.min(sum(bids.filter((l) => l.priceE4 >= p)), sum(asks.filter((l) => l.priceE4 <= p)));
    const prices = [...bids, ...asks].map((level) => level.priceE4).sort((a, b) => a - b);
    const most = Math.max(...prices.map(volumeAt));
    return prices.find((p) => volumeAt(p) === most) ?? rightE4;
  },
}));

interface Resting {
  readonly id: number;
  readonly side: number;
  readonly priceE4: number;
  qty: number;
}

/** Last in, first out within a price. Limit orders only; quick enough for a whole day. */
class LifoBook extends ReferenceBook {
  readonly #levels = [new Map<number, Resting[]>(), new Map<number, Resting[]>()];
  readonly #byId = new Map<number, Resting>();
  /** Finds the price of a call; empty otherwise. */
  readonly #caller: BookKernel;

  constructor(orders: number, levels: number) {
    super(1, orders, levels);
    this.#caller = wasmBook(orders, levels);
  }

  override openInstrument(...window: [number, number, number, number, number]): number {
    this.#caller.openInstrument(...window);
    return super.openInstrument(...window);
  }

  override auctionPriceE4(instr: number, referenceE4: number): number {
    for (const { id, side, priceE4, qty } of this.#byId.values()) {
      this.#caller.add(instr, id, side, priceE4, qty);
    }
    const foundE4 = this.#caller.auctionPriceE4(instr, referenceE4);
    this.#caller.resetInstrument(instr);
    return foundE4;
  }

  override get auctionQty(): number {
    return this.#caller.auctionQty;
  }

  override uncross(_: number, priceE4: number): number {
    this.trades = [];
    for (;;) {
      const [buy, sell] = [this.#last(0), this.#last(1)];
      if (buy === undefined || sell === undefined) break;
      if (buy.priceE4 < priceE4 || sell.priceE4 > priceE4) break;
      const qty = Math.min(buy.qty, sell.qty);
      this.trades.push({ buyId: buy.id, sellId: sell.id, priceE4, qty, aggressor: 0 });
      this.#take(buy, qty);
      this.#take(sell, qty);
    }
    return this.trades.length;
  }

  override resetInstrument(instr: number): number {
    for (const side of this.#levels) side.clear();
    this.#byId.clear();
    return super.resetInstrument(instr);
  }

  override add(_: number, id: number, side: number, priceE4: number, qty: number): number {
    const order = { id, side, priceE4, qty };
    const level = this.#levels[side - 1].get(priceE4);
    if (level === undefined) this.#levels[side - 1].set(priceE4, [order]);
    else level.push(order);
    this.#byId.set(id, order);
    return BookCode.OK;
  }

  override submit(
    instr: number,
    id: number,
    side: number,
    _kind: number,
    priceE4: number,
    qty: number,
  ): number {
    const before = this.trades.length;
    let left = qty;
    while (left > 0) {
      const order = this.#last(2 - side);
      if (order === undefined || (side === 1 ? order.priceE4 > priceE4 : order.priceE4 < priceE4)) {
        break;
      }
      left -= this.#trade(order, id, side, Math.min(left, order.qty));
    }
    if (left > 0) this.add(instr, id, side, priceE4, left);
    return this.trades.length - before;
  }

  override cancel(_: number, id: number): number {
    const order = this.#byId.get(id);
    if (order === undefined) return BookCode.UNKNOWN_ORDER;
    const { qty } = order;
    this.#take(order, qty);
    return qty;
  }

  override runBatch(from: number, count: number): number {
    this.trades = [];
    for (const command of this.commands.slice(from, from + count)) {
      const [op, instr, id, side, kind, priceE4, qty] = command.fields;
      if (op === BookOp.ADD) command.result = this.add(instr, id, side, priceE4, qty);
      else if (op === BookOp.CANCEL) command.result = this.cancel(instr, id);
      else command.result = this.submit(instr, id, side, kind, priceE4, qty);
    }
    return count;
  }

  /** The last order at the best price of a side (0 buy, 1 sell). */
  #last(side: number): Resting | undefined {
    const prices = this.#levels[side].keys();
    let best = -1;
    for (const p of prices) if (best < 0 || (side === 0 ? p > best : p < best)) best = p;
    return this.#levels[side].get(best)?.at(-1);
  }

  #trade(order: Resting, id: number, side: number, qty: number): number {
    const [buyId, sellId] = side === 1 ? [id, order.id] : [order.id, id];
    this.trades.push({ buyId, sellId, priceE4: order.priceE4, qty, aggressor: side });
    this.#take(order, qty);
    return qty;
  }

  #take(order: Resting, qty: number): void {
    order.qty -= qty;
    if (order.qty > 0) return;
    const side = this.#levels[order.side - 1];
    const level = side.get(order.priceE4) ?? [];
    level.splice(level.indexOf(order), 1);
    if (level.length === 0) side.delete(order.priceE4);
    this.#byId.delete(order.id);
  }
}

/** A day through last-in-first-out queues. */
export const lifoBook: MakeBook = (orders, levels) => new LifoBook(orders, levels);
