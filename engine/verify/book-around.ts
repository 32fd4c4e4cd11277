// The book just before an operation, for people who look for a difference. Called by verify-day.ts
// once, when something differs. Always: the operations before it are run again from an empty book,
// so what is shown is what the kernel held.
import type { BookKernel } from '../core/book.ts';
import type { OrderOps } from './order-ops.ts';
import type { RunFacts } from './run-ops.ts';
import { INSTR, runOps } from './run-ops.ts';

/** Levels and orders a level that are shown. */
const LEVELS = 5;
const ORDERS = 5;

export interface LevelAround {
  readonly priceE4: number;
  readonly qty: number;
  readonly orders: number;
  /** The first orders of the queue, first in the queue first. */
  readonly queue: readonly { readonly id: number; readonly qty: number }[];
}

export interface BookAround {
  readonly bids: readonly LevelAround[];
  readonly asks: readonly LevelAround[];
}

/** The book after operations 0..at-1. */
export function bookAround(
  book: BookKernel,
  ops: OrderOps,
  facts: RunFacts,
  at: number,
): BookAround {
  book.resetInstrument(INSTR);
  runOps(book, ops, facts, { until: at });
  book.depth(INSTR, LEVELS);
  const bids = Array.from({ length: Math.min(LEVELS, book.bidLevels) }, (_, i) => ({
    priceE4: book.bidPriceE4(i),
    qty: book.bidQty(i),
    orders: book.bidOrders(i),
  }));
  const asks = Array.from({ length: Math.min(LEVELS, book.askLevels) }, (_, i) => ({
    priceE4: book.askPriceE4(i),
    qty: book.askQty(i),
    orders: book.askOrders(i),
  }));
  return {
    bids: bids.map((level) => ({ ...level, queue: queueOf(book, 1, level.priceE4) })),
    asks: asks.map((level) => ({ ...level, queue: queueOf(book, 2, level.priceE4) })),
  };
}

function queueOf(book: BookKernel, side: number, priceE4: number) {
  const count = book.queue(INSTR, side, priceE4, ORDERS);
  return Array.from({ length: count }, (_, i) => ({ id: book.queueId(i), qty: book.queueQty(i) }));
}
