// The book at the end of the data: what must rest by the feed alone (entered, less traded, less
// cancelled) against what the kernel holds, order by order. Called by verify-day.ts right after the
// run. Always: this finds what trades cannot show: an order that should be gone, or was lost, where
// no later trade came near it.
import type { BookKernel } from '../core/book.ts';
import type { Difference, TradeCounts } from './judge.ts';
import type { OrderOps, TradeList } from './order-ops.ts';
import { OP_ADD, OP_CANCEL, OP_SUBMIT } from './order-ops.ts';
import { INSTR } from './run-ops.ts';

export interface EndBook {
  /** Orders that rest, and those with the same shares left on both sides. */
  readonly counts: TradeCounts;
  readonly first: Difference | null;
}

/**
 * Compares the end. `unclaimed`: shares by order that the kernel cancelled on arrival and the feed
 * need not or could not yet show. O(operations + trades).
 */
export function compareEnd(
  book: BookKernel,
  ops: OrderOps,
  published: TradeList,
  unclaimed: ReadonlyMap<number, number>,
): EndBook {
  const left = leftByFeed(ops, published);
  const counts = { exchange: 0, engine: book.orderCount(INSTR), equal: 0 };
  let first: Difference | null = null;
  for (const [id, shares] of left) {
    const rests = Math.max(0, shares - (unclaimed.get(id) ?? 0));
    const held = Math.max(0, book.orderQty(INSTR, id));
    if (rests > 0) counts.exchange++;
    if (rests === held) {
      if (rests > 0) counts.equal++;
      continue;
    }
    first ??= {
      ...{ what: 'order', at: ops.count, trade: 0 },
      exchange: `at the end ${rests} shares of order ${id} rest`,
      engine: `${held} rest`,
    };
  }
  return { counts, first };
}

function leftByFeed(ops: OrderOps, published: TradeList): Map<number, number> {
  const left = new Map<number, number>();
  for (let at = 0; at < ops.count; at++) {
    const op = ops.op[at];
    if (op === OP_ADD || op === OP_SUBMIT) left.set(ops.id[at], ops.qty[at]);
  }
  const take = (id: number, qty: number): void => {
    const before = left.get(id);
    if (before !== undefined) left.set(id, before - qty);
  };
  for (let i = 0; i < published.count; i++) {
    take(published.buyId[i], published.qty[i]);
    take(published.sellId[i], published.qty[i]);
  }
  for (let at = 0; at < ops.count; at++) {
    if (ops.op[at] === OP_CANCEL) take(ops.id[at], ops.qty[at]);
  }
  return left;
}
