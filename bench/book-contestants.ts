// Books that run the canonical workload side by side, each behind the same small interface: our
// kernel and the bare ladder, in batches and call by call, and anything with BookKernel's methods.
// Called by bench/kernels.bench.ts. Always: only the work is timed; filling commands is not, and
// reading the trades is part of a call (a caller would read them) but not of a batch.
import type { BookKernel } from '../engine/core/book.ts';
import { BookOp, OrderKind } from '../engine/core/book.ts';
import type { BareLadder } from './bare-ladder.ts';
import type { Workload } from './workloads.ts';
import { mixTrade, OP_CANCEL } from './workloads.ts';

/** Operations per timed piece: long beside the clock's resolution, short for percentiles. */
export const CHUNK = 256;

export interface Contestant {
  readonly name: string;
  /** mixTrade() over the trades so far. */
  readonly checksum: number;
  /** Runs operations from..to - 1, at most CHUNK; returns the nanoseconds they took. */
  run(from: number, to: number): number;
}

/** A kernel, or its twin, call by call. */
export class KernelCalls implements Contestant {
  readonly name: string;
  checksum = 0;
  readonly #book: BookKernel;
  readonly #load: Workload;

  constructor(name: string, book: BookKernel, load: Workload) {
    this.name = name;
    this.#book = book;
    this.#load = load;
  }

  run(from: number, to: number): number {
    const { op, id, side, priceE4, qty } = this.#load;
    const book = this.#book;
    const start = performance.now();
    for (let at = from; at < to; at++) {
      if (op[at] === OP_CANCEL) {
        book.cancel(0, id[at], 0);
        continue;
      }
      const trades = book.submit(0, id[at], side[at], OrderKind.LIMIT, priceE4[at], qty[at]);
      if (trades > 0) this.checksum = mixTrades(this.checksum, book);
    }
    return (performance.now() - start) * 1e6;
  }
}

/** A kernel in batches. */
export class KernelBatches implements Contestant {
  readonly name: string;
  checksum = 0;
  readonly #book: BookKernel;
  readonly #load: Workload;

  constructor(name: string, book: BookKernel, load: Workload) {
    this.name = name;
    this.#book = book;
    this.#load = load;
  }

  run(from: number, to: number): number {
    const { op, id, side, priceE4, qty } = this.#load;
    const book = this.#book;
    const { LIMIT } = OrderKind;
    for (let at = from; at < to; at++) {
      const command = op[at] === OP_CANCEL ? BookOp.CANCEL : BookOp.SUBMIT;
      book.writeCommand(at - from, command, 0, id[at], side[at], LIMIT, priceE4[at], qty[at]);
    }
    const start = performance.now();
    const ran = book.runBatch(0, to - from);
    const spent = (performance.now() - start) * 1e6;
    if (ran !== to - from) throw new Error(`runBatch: ran=${ran} expected=${to - from}`);
    this.checksum = mixTrades(this.checksum, book);
    return spent;
  }
}

/** The bare ladder call by call. */
export class BareCalls implements Contestant {
  readonly name: string;
  checksum = 0;
  readonly #ladder: BareLadder;
  readonly #load: Workload;
  /** A ladder knows ticks, not prices: worked out before the clock starts. */
  readonly #ticks: Int32Array;

  constructor(name: string, ladder: BareLadder, load: Workload) {
    this.name = name;
    this.#ladder = ladder;
    this.#load = load;
    this.#ticks = load.priceE4.map((priceE4) => Math.max(0, (priceE4 - load.loE4) / load.tickE4));
  }

  run(from: number, to: number): number {
    const { op, id, side, qty } = this.#load;
    const ladder = this.#ladder;
    const ticks = this.#ticks;
    const start = performance.now();
    for (let at = from; at < to; at++) {
      if (op[at] === OP_CANCEL) {
        ladder.cancel(id[at]);
        continue;
      }
      const trades = ladder.submit(id[at], side[at], ticks[at], qty[at]);
      if (trades > 0) this.checksum = mixBare(this.checksum, ladder, this.#load, trades);
    }
    return (performance.now() - start) * 1e6;
  }
}

/** The bare ladder in batches. */
export class BareBatches implements Contestant {
  readonly name: string;
  checksum = 0;
  readonly #ladder: BareLadder;
  readonly #load: Workload;

  constructor(name: string, ladder: BareLadder, load: Workload) {
    this.name = name;
    this.#ladder = ladder;
    this.#load = load;
  }

  run(from: number, to: number): number {
    const { op, id, side, priceE4, qty, loE4, tickE4 } = this.#load;
    const { ints, commands } = this.#ladder;
    for (let at = from; at < to; at++) {
      const word = commands + (at - from) * 4;
      ints[word] = (side[at] << 8) | op[at];
      ints[word + 1] = id[at];
      ints[word + 2] = (priceE4[at] - loE4) / tickE4;
      ints[word + 3] = qty[at];
    }
    const start = performance.now();
    const trades = this.#ladder.runBatch(to - from);
    const spent = (performance.now() - start) * 1e6;
    this.checksum = mixBare(this.checksum, this.#ladder, this.#load, trades);
    return spent;
  }
}

function mixTrades(start: number, book: BookKernel): number {
  let sum = start;
  const count = book.tradeCount;
  for (let i = 0; i < count; i++) {
    const buyId = book.tradeBuyId(i);
    const sellId = book.tradeSellId(i);
    sum = mixTrade(sum, buyId, sellId, book.tradePriceE4(i), book.tradeQty(i));
  }
  return sum;
}

function mixBare(start: number, ladder: BareLadder, load: Workload, count: number): number {
  const { ints, trades } = ladder;
  let sum = start;
  for (let i = 0; i < count; i++) {
    const at = trades + i * 4;
    const priceE4 = load.loE4 + ints[at + 2] * load.tickE4;
    sum = mixTrade(sum, ints[at], ints[at + 1], priceE4, ints[at + 3]);
  }
  return sum;
}
