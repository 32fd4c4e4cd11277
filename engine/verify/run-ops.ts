// Runs operations through a book kernel in its batch form and keeps what it answered. Called by
// verify-day.ts and match-file.ts. Always: only orders and cancels go in, never a trade; the clock
// runs around kernel calls alone, so parsing and comparing are not in the figure.
import { assert } from '../assert.ts';
import type { BookKernel } from '../core/book.ts';
import { BookCode } from '../core/book.ts';
import { callReferenceE4 } from '../core/call-price.ts';
import type { OrderOps } from './order-ops.ts';
import { OP_CANCEL, OP_NOTHING, OP_UNCROSS, OPENING, TradeList } from './order-ops.ts';

/** The one instrument of a verification's kernel. */
export const INSTR = 0;

/** Instrument facts a run needs: those of a call that do not change during the day. */
export interface RunFacts {
  readonly market: number;
  /** 0 = not known. */
  readonly preCloseE4: number;
}

/** Price and volume of a call as the kernel found them. */
export interface CallResult {
  /** Operation. */
  readonly at: number;
  readonly priceE4: number;
  readonly volume: number;
}

/** What the kernel made of every operation. */
export interface EngineRun {
  /** By operation: a BookCode below 0, else trades made or, of a cancel, shares taken. */
  readonly result: Int32Array;
  /** By operation: shares that rest after a submit, and where. */
  readonly restedQty: Int32Array;
  readonly restedPriceE4: Int32Array;
  readonly trades: TradeList;
  /** By operation: its first trade. */
  readonly tradeFrom: Int32Array;
  readonly calls: readonly CallResult[];
  /** Seconds inside the kernel. */
  readonly kernelSeconds: number;
}

export interface RunOptions {
  /** Stop before this operation; default: run all. */
  readonly until?: number;
  /** Cancels take their own quantity (0: all); default: all that is left, for the judge. */
  readonly cancelsByQty?: boolean;
  /** Called with the number of operations done. */
  readonly onProgress?: (done: number) => void;
}

/** Runs the operations over an empty book of instrument 0. */
export function runOps(
  book: BookKernel,
  ops: OrderOps,
  facts: RunFacts,
  options: RunOptions = {},
): EngineRun {
  const end = Math.min(options.until ?? ops.count, ops.count);
  const run = new Run(book, ops, facts, options.cancelsByQty === true);
  for (let at = 0; at < end; options.onProgress?.(at)) {
    const op = ops.op[at];
    if (op === OP_UNCROSS) run.uncross(at++);
    else if (op === OP_NOTHING) run.nothing(at++);
    else at = run.batch(at, end);
  }
  return run;
}

class Run implements EngineRun {
  readonly result: Int32Array;
  readonly restedQty: Int32Array;
  readonly restedPriceE4: Int32Array;
  readonly trades: TradeList;
  readonly tradeFrom: Int32Array;
  readonly calls: CallResult[] = [];
  kernelSeconds = 0;
  readonly #book: BookKernel;
  readonly #ops: OrderOps;
  readonly #facts: RunFacts;
  readonly #cancelsByQty: boolean;

  constructor(book: BookKernel, ops: OrderOps, facts: RunFacts, cancelsByQty: boolean) {
    this.#book = book;
    this.#cancelsByQty = cancelsByQty;
    this.#ops = ops;
    this.#facts = facts;
    this.result = new Int32Array(ops.count);
    this.restedQty = new Int32Array(ops.count);
    this.restedPriceE4 = new Int32Array(ops.count);
    this.tradeFrom = new Int32Array(ops.count);
    this.trades = new TradeList(ops.trades);
  }

  /** Runs operations from `from` to the next call auction, at most one batch; returns the next. */
  batch(from: number, end: number): number {
    const ops = this.#ops;
    const book = this.#book;
    let to = from;
    while (to < end && to - from < book.commandCapacity && ops.op[to] < OP_UNCROSS) {
      const cancels = ops.op[to] === OP_CANCEL;
      // A cancel takes all that is left; the judge compares that with what the exchange says.
      const qty = cancels && !this.#cancelsByQty ? 0 : ops.qty[to];
      const { op, id, side, kind, priceE4 } = ops;
      book.writeCommand(to - from, op[to], INSTR, id[to], side[to], kind[to], priceE4[to], qty);
      to++;
    }
    let done = 0;
    while (done < to - from) {
      const begun = performance.now();
      const ran = book.runBatch(done, to - from - done);
      this.kernelSeconds += (performance.now() - begun) / 1000;
      assert(ran > 0, `ran=${ran}, expected at least one command`);
      this.#collect(from + done, done, ran);
      done += ran;
    }
    return to;
  }

  #collect(at: number, command: number, count: number): void {
    const book = this.#book;
    const { op } = this.#ops;
    let made = this.trades.count;
    this.#takeTrades();
    for (let i = 0; i < count; i++) {
      const result = book.commandResult(command + i);
      this.result[at + i] = result;
      this.tradeFrom[at + i] = made;
      if (op[at + i] === OP_CANCEL) continue;
      this.restedQty[at + i] = book.commandRestedQty(command + i);
      this.restedPriceE4[at + i] = book.commandRestedPriceE4(command + i);
      if (result > 0) made += result;
    }
    assert(made === this.trades.count, `made=${made}, expected ${this.trades.count}`);
  }

  /** The call auction: price, then execution. */
  uncross(at: number): void {
    const book = this.#book;
    const { count, priceE4: prices } = this.trades;
    const { market, preCloseE4 } = this.#facts;
    const lastE4 = count > 0 ? prices[count - 1] : 0;
    const isOpening = this.#ops.part[at] === OPENING;
    const referenceE4 = callReferenceE4(market, isOpening, preCloseE4, lastE4);
    const begun = performance.now();
    const priceE4 = book.auctionPriceE4(INSTR, referenceE4);
    const result = priceE4 > 0 ? book.uncross(INSTR, priceE4) : priceE4;
    this.kernelSeconds += (performance.now() - begun) / 1000;
    this.tradeFrom[at] = count;
    this.result[at] = result;
    if (result > 0) this.#takeTrades();
    const volume = priceE4 > 0 ? book.auctionQty : 0;
    this.calls.push({ at, priceE4: Math.max(0, priceE4), volume });
  }

  nothing(at: number): void {
    this.tradeFrom[at] = this.trades.count;
    this.result[at] = BookCode.OK;
  }

  #takeTrades(): void {
    const book = this.#book;
    const trades = this.trades;
    for (let i = 0; i < book.tradeCount; i++) {
      const priceE4 = book.tradePriceE4(i);
      trades.push(book.tradeBuyId(i), book.tradeSellId(i), priceE4, book.tradeQty(i));
    }
  }
}
