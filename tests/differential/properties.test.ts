// What must hold of continuous matching whatever the orders are, told by an auditor that keeps its
// own account of every order and knows nothing of levels: no share appears or vanishes, the book is
// never crossed, every trade takes the best-priced and oldest order there is, at its price.

import { expect, test } from 'vitest';
import type { BookKernel } from '../../engine/core/book.ts';
import { BookCode } from '../../engine/core/book.ts';
import { loadKernels } from '../../engine/host/kernels.ts';
import type { Market, Operation } from './operations.ts';
import { apply, randomOperation, seeded } from './operations.ts';

const MARKET: Market = {
  ...{ instruments: 1, tickE4: 100, loE4: 98_000, hiE4: 102_000, quota: 200, ids: 400 },
  badShare: 0.01,
};

interface Known {
  readonly id: number;
  readonly side: number;
  readonly priceE4: number;
  /** Arrival: lower is older. */
  readonly rank: number;
  left: number;
}

class Auditor {
  readonly resting = new Map<number, Known>();
  submitted = 0;
  traded = 0;
  killed = 0;
  cancelled = 0;

  trade(book: BookKernel, i: number, arrival: Operation): void {
    const buys = arrival.side === 1;
    expect(buys ? book.tradeBuyId(i) : book.tradeSellId(i)).toBe(arrival.id);
    const id = buys ? book.tradeSellId(i) : book.tradeBuyId(i);
    const best = [...this.resting.values()]
      .filter((order) => order.side !== arrival.side)
      .reduce((a, b) => (this.isBefore(b, a) ? b : a));
    expect(id).toBe(best.id);
    expect(book.tradePriceE4(i)).toBe(best.priceE4);
    if (arrival.priceE4 > 0) {
      expect(buys ? best.priceE4 <= arrival.priceE4 : best.priceE4 >= arrival.priceE4).toBe(true);
    }
    this.traded += book.tradeQty(i);
    this.take(best, book.tradeQty(i));
  }

  isBefore(a: Known, b: Known): boolean {
    if (a.priceE4 !== b.priceE4)
      return a.side === 1 ? a.priceE4 > b.priceE4 : a.priceE4 < b.priceE4;
    return a.rank < b.rank;
  }

  take(order: Known, qty: number): void {
    expect(qty).toBeGreaterThan(0);
    expect(qty).toBeLessThanOrEqual(order.left);
    order.left -= qty;
    if (order.left === 0) this.resting.delete(order.id);
  }

  restingQty(): number {
    return [...this.resting.values()].reduce((sum, order) => sum + order.left, 0);
  }
}

function follow(auditor: Auditor, book: BookKernel, o: Operation, answer: number, rank: number) {
  if (answer < 0) return;
  if (o.name === 'cancel') {
    auditor.cancelled += answer;
    auditor.take(auditor.resting.get(o.id)!, answer);
    return;
  }
  for (let i = 0; i < answer; i++) auditor.trade(book, i, o);
  auditor.submitted += o.qty;
  auditor.killed += book.killedQty;
  if (book.restedQty === 0) return;
  const { id, side } = o;
  auditor.resting.set(id, { id, side, priceE4: book.restedPriceE4, rank, left: book.restedQty });
}

function depthQty(book: BookKernel): number {
  let sum = 0;
  const rows = book.depth(0, 41);
  for (let i = 0; i < rows; i++) sum += book.bidQty(i) + book.askQty(i);
  return sum;
}

test.each([1, 2])('matching keeps quantity, price and time priority (seed %i)', (seed) => {
  const { book } = loadKernels({ maxInstruments: 1, maxOrders: 200, maxLevels: 41 });
  book.openInstrument(0, 100, 98_000, 102_000, 200);
  const auditor = new Auditor();
  const random = seeded(seed);
  for (let step = 0; step < 8_000; step++) {
    const o = randomOperation(random, MARKET);
    if (o.name !== 'submit' && o.name !== 'cancel') continue;
    follow(auditor, book, o, apply(book, o), step);
    const ask = book.bestAsk(0);
    if (ask !== 0 && book.bestBid(0) >= ask) expect.fail(`crossed at step ${step}`);
    if (step % 50 !== 0) continue;
    const { submitted, traded, killed, cancelled } = auditor;
    // A trade takes its quantity off two orders.
    expect(auditor.restingQty()).toBe(submitted - 2 * traded - killed - cancelled);
    expect(depthQty(book)).toBe(auditor.restingQty());
    expect(book.orderCount(0)).toBe(auditor.resting.size);
  }
  expect(auditor.traded).toBeGreaterThan(50_000);
});

test('cancelling every order leaves an empty book', () => {
  const { book } = loadKernels({ maxInstruments: 1, maxOrders: 200, maxLevels: 41 });
  book.openInstrument(0, 100, 98_000, 102_000, 200);
  const random = seeded(8);
  const ids = new Set<number>();
  for (let step = 0; step < 5_000; step++) {
    const o = randomOperation(random, MARKET);
    if (o.name === 'submit' && apply(book, o) >= 0 && book.restedQty > 0) ids.add(o.id);
  }
  let cancelled = 0;
  for (const id of ids) if (book.cancel(0, id, 0) !== BookCode.UNKNOWN_ORDER) cancelled++;
  expect(cancelled).toBeGreaterThan(50);
  expect([book.orderCount(0), book.bestBid(0), book.bestAsk(0), depthQty(book)]).toEqual([
    0, 0, 0, 0,
  ]);
});
