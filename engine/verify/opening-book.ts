// The book of a partial day at its first row: orders that came before the data and are only seen by
// the trades and cancels that refer to them. Called by derive-ops.ts. Always: side, price and
// summed quantity come from those records; an order that was only ever cancelled without a price is
// set apart, because nobody knows where it stood. Orders nobody refers to stay unknown.
import type { FeedRows } from './feed-rows.ts';
import { ROW_ADD, ROW_CANCEL } from './feed-rows.ts';

/** One derived order. */
export interface OpeningOrder {
  readonly id: number;
  readonly side: number;
  /** 1/10,000 yuan; 0 = not known. */
  priceE4: number;
  qty: number;
}

export interface OpeningBook {
  /** In the order they must be queued: by order number. */
  readonly orders: readonly OpeningOrder[];
  readonly priceless: ReadonlySet<number>;
  /** Shares by number, of all of them. */
  readonly shares: ReadonlyMap<number, number>;
}

/** Orders that rows 0..to-1 of continuous trading refer to before they enter. O(rows). */
export function openingBook(rows: FeedRows, to: number): OpeningBook {
  const entered = new Set<number>();
  const derived = new Map<number, OpeningOrder>();
  for (let row = 0; row < to; row++) {
    if (rows.type[row] === ROW_ADD) {
      entered.add(rows.id[row]);
      continue;
    }
    const cancels = rows.type[row] === ROW_CANCEL;
    const id = cancels ? rows.id[row] : rows.restingId(row);
    if (id === 0 || entered.has(id)) continue;
    const side = cancels ? rows.side[row] : 3 - rows.side[row];
    const order = derived.get(id) ?? { id, side, priceE4: 0, qty: 0 };
    // A trade's price is the resting order's; a cancel may carry the price too.
    if (order.priceE4 === 0 || !cancels) order.priceE4 = rows.priceE4[row] || order.priceE4;
    order.qty += rows.qty[row];
    derived.set(id, order);
  }
  const all = [...derived.values()].sort((a, b) => a.id - b.id);
  return {
    orders: all.filter((order) => order.priceE4 > 0),
    shares: new Map(all.map((order) => [order.id, order.qty])),
    priceless: new Set(all.filter((order) => order.priceE4 === 0).map((order) => order.id)),
  };
}
