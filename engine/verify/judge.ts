// Compares what the kernel did with what the exchange published: trades one by one in sequence (buy
// id, sell id, price, quantity), price and volume of the calls, cancels against what was left.
// Called by verify-day.ts. Always: a trade too many, one too few, a refused order and a cancel of
// another quantity are differences; the first one in sequence is kept.
import { BookCode, OrderKind } from '../core/book.ts';
import type { FeedRows } from './feed-rows.ts';
import { ROW_TRADE } from './feed-rows.ts';
import type { OrderOps } from './order-ops.ts';
import {
  CLOSING,
  OP_ADD,
  OP_CANCEL,
  OP_SUBMIT,
  OP_UNCROSS,
  OPENING,
  TradeList,
} from './order-ops.ts';
import type { EngineRun } from './run-ops.ts';

/** Trades of one part of the day. `equal` is how many are the same at the same place. */
export interface TradeCounts {
  exchange: number;
  engine: number;
  equal: number;
}

/** A call auction beside its trades; prices in 1/10,000 yuan, 0 = no trade. */
export interface CallCounts extends TradeCounts {
  priceE4: { exchange: number; engine: number };
  volume: { exchange: number; engine: number };
}

/** One trade, for people. */
export interface TradeFact {
  readonly buyId: number;
  readonly sellId: number;
  readonly priceE4: number;
  readonly qty: number;
}

/** The first place where the two part. */
export interface Difference {
  readonly what: 'trade' | 'cancel' | 'order' | 'auction' | 'snapshot' | 'queue';
  /** Operation before which the book is shown. */
  readonly at: number;
  /** Trade of the day, counted from 1; 0 where it is not about a trade. */
  readonly trade: number;
  readonly exchange: TradeFact | string;
  readonly engine: TradeFact | string;
}

export interface Verdict {
  readonly openingAuction: CallCounts;
  readonly continuous: TradeCounts;
  readonly closingAuction: CallCounts;
  readonly cancels: TradeCounts;
  /** Orders the kernel refused. */
  readonly refused: number;
  /** Shares cancelled on arrival, by order, that no cancel of the feed shows and none has to. */
  readonly unclaimed: ReadonlyMap<number, number>;
  readonly first: Difference | null;
}

/** The trades of a feed, in sequence. */
export function publishedTrades(rows: FeedRows): TradeList {
  const trades = new TradeList(rows.tradeCount);
  for (let row = 0; row < rows.count; row++) {
    if (rows.type[row] !== ROW_TRADE) continue;
    trades.push(rows.id[row], rows.sellId[row], rows.priceE4[row], rows.qty[row]);
  }
  return trades;
}

/**
 * Judges a run. `killsArePublished`: a market order's rest that is cancelled on arrival must have a
 * cancel of its own in the feed (SZSE; rules sheet 11.1); otherwise it may have one.
 */
export function judge(
  ops: OrderOps,
  published: TradeList,
  run: EngineRun,
  killsArePublished: boolean,
): Verdict {
  const court = new Court(ops, published, run);
  for (let at = 0; at < ops.count; at++) {
    const op = ops.op[at];
    if (op === OP_CANCEL) court.cancel(at);
    else if (op === OP_ADD) court.order(at);
    else {
      court.trades(at);
      if (op === OP_SUBMIT) court.order(at);
      if (op === OP_UNCROSS) court.call(at);
      if (op === OP_SUBMIT) court.kill(at);
    }
  }
  court.end(killsArePublished);
  return court;
}

function noCall(): CallCounts {
  const nothing = { exchange: 0, engine: 0, equal: 0 };
  return { ...nothing, priceE4: { exchange: 0, engine: 0 }, volume: { exchange: 0, engine: 0 } };
}

class Court implements Verdict {
  readonly openingAuction = noCall();
  readonly continuous: TradeCounts = { exchange: 0, engine: 0, equal: 0 };
  readonly closingAuction = noCall();
  readonly cancels: TradeCounts = { exchange: 0, engine: 0, equal: 0 };
  refused = 0;
  readonly unclaimed = new Map<number, number>();
  first: Difference | null = null;
  readonly #ops: OrderOps;
  readonly #published: TradeList;
  readonly #run: EngineRun;
  /** Orders cancelled on arrival whose cancel the feed has still to show: operation by order. */
  readonly #killed = new Map<number, number>();
  #calls = 0;

  constructor(ops: OrderOps, published: TradeList, run: EngineRun) {
    this.#ops = ops;
    this.#published = published;
    this.#run = run;
  }

  /** Trades of one operation, pair by pair. */
  trades(at: number): void {
    const ops = this.#ops;
    const run = this.#run;
    const from = ops.tradeFrom[at];
    const published = ops.tradeTo[at] - from;
    const made = Math.max(0, run.result[at]);
    const counts = this.#countsOf(ops.part[at]);
    counts.exchange += published;
    counts.engine += made;
    for (let i = 0; i < Math.max(published, made); i++) {
      const a = i < published ? tradeAt(this.#published, from + i) : null;
      const b = i < made ? tradeAt(run.trades, run.tradeFrom[at] + i) : null;
      if (a !== null && b !== null && sameTrade(a, b)) counts.equal++;
      else if (this.first === null) {
        const none = 'no trade';
        const trade = from + i + 1;
        this.first = { what: 'trade', at, trade, exchange: a ?? none, engine: b ?? none };
      }
    }
  }

  /** A call's price and volume. */
  call(at: number): void {
    const call = this.#run.calls[this.#calls++];
    const counts = this.#ops.part[at] === OPENING ? this.openingAuction : this.closingAuction;
    let volume = 0;
    for (let i = this.#ops.tradeFrom[at]; i < this.#ops.tradeTo[at]; i++) {
      volume += this.#published.qty[i];
    }
    const some = this.#ops.tradeTo[at] > this.#ops.tradeFrom[at];
    const priceE4 = some ? this.#published.priceE4[this.#ops.tradeFrom[at]] : 0;
    counts.priceE4 = { exchange: priceE4, engine: call.priceE4 };
    counts.volume = { exchange: volume, engine: call.volume };
    if (priceE4 === call.priceE4 && volume === call.volume) return;
    this.#note('auction', at, `${volume} at ${priceE4}`, `${call.volume} at ${call.priceE4}`);
  }

  /** An order the kernel would not take. */
  order(at: number): void {
    const code = this.#run.result[at];
    if (code >= 0) return;
    this.refused++;
    this.#note('order', at, 'accepted', `refused: ${codeName(code)}`);
  }

  /** What of a market order was cancelled on arrival. */
  kill(at: number): void {
    if (this.#ops.kind[at] === OrderKind.LIMIT) return;
    if (this.#run.result[at] < 0 || this.#killedQty(at) === 0) return;
    this.#killed.set(this.#ops.id[at], at);
  }

  cancel(at: number): void {
    const { id, qty } = this.#ops;
    const result = this.#run.result[at];
    this.cancels.exchange++;
    if (result > 0) this.cancels.engine++;
    const killer = result === BookCode.UNKNOWN_ORDER ? this.#killed.get(id[at]) : undefined;
    const taken = killer === undefined ? result : this.#killedQty(killer);
    if (killer !== undefined) {
      this.#killed.delete(id[at]);
      this.cancels.engine++;
    }
    if (taken === qty[at]) this.cancels.equal++;
    else {
      const engine = taken > 0 ? `${taken} left` : codeName(taken);
      this.#note('cancel', at, `${qty[at]} left`, engine);
    }
  }

  /** Rests that the kernel cancelled and the exchange did not. */
  end(killsArePublished: boolean): void {
    for (const [id, at] of this.#killed) {
      const killed = this.#killedQty(at);
      // The data may end between an order and its cancel.
      if (killsArePublished && at < this.#ops.count - 1) {
        this.cancels.engine++;
        this.#note('cancel', at, 'no cancel', `${killed} cancelled on arrival`);
      } else this.unclaimed.set(id, killed);
    }
  }

  #killedQty(at: number): number {
    const { trades, tradeFrom, result, restedQty } = this.#run;
    let left = this.#ops.qty[at] - restedQty[at];
    for (let i = 0; i < result[at]; i++) left -= trades.qty[tradeFrom[at] + i];
    return left;
  }

  #countsOf(part: number): TradeCounts {
    if (part === OPENING) return this.openingAuction;
    return part === CLOSING ? this.closingAuction : this.continuous;
  }

  #note(what: Difference['what'], at: number, exchange: string, engine: string): void {
    if (this.first !== null && this.first.at <= at) return;
    this.first = { what, at, trade: 0, exchange, engine };
  }
}

/** Whether everything judged here is the same. */
export function allEqual(verdict: Verdict): boolean {
  const { openingAuction, continuous, closingAuction, cancels } = verdict;
  const counts = [openingAuction, continuous, closingAuction, cancels];
  return (
    verdict.first === null &&
    verdict.refused === 0 &&
    counts.every(({ exchange, engine, equal }) => exchange === engine && engine === equal)
  );
}

/** Name of a kernel's refusal. */
export function codeName(code: number): string {
  const found = Object.entries(BookCode).find(([, value]) => value === code);
  return found?.[0] ?? `code ${code}`;
}

function tradeAt(list: TradeList, i: number): TradeFact {
  const { buyId, sellId, priceE4, qty } = list;
  return { buyId: buyId[i], sellId: sellId[i], priceE4: priceE4[i], qty: qty[i] };
}

function sameTrade(a: TradeFact, b: TradeFact): boolean {
  return a.buyId === b.buyId && a.sellId === b.sellId && a.priceE4 === b.priceE4 && a.qty === b.qty;
}
