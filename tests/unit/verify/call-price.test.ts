// Prices of call auctions on each exchange: the worked examples of the rules sheet, 13.3, and brute
// force for SSE's middle price, which no recorded day exercises.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callReferenceE4 } from '../../../engine/core/call-price.ts';
import { wasmBook } from './verify-kit.ts';

const SSE = 1;
const SZSE = 2;
const BSE = 3;

type Order = readonly [qty: number, yuan: number];
interface Call {
  readonly buys: readonly Order[];
  readonly sells: readonly Order[];
}

function priceOf(call: Call, market: number, facts: { pre?: number; last?: number } = {}): number {
  const book = wasmBook(64, 2001);
  book.openInstrument(0, 100, 90_000, 110_000, 64);
  let id = 1;
  for (const [qty, yuan] of call.buys) book.add(0, id++, 1, Math.round(yuan * 10_000), qty);
  for (const [qty, yuan] of call.sells) book.add(0, id++, 2, Math.round(yuan * 10_000), qty);
  const { pre = 0, last = 0 } = facts;
  const preCloseE4 = Math.round(pre * 10_000);
  const lastE4 = Math.round(last * 10_000);
  const referenceE4 = callReferenceE4(market, last === 0, preCloseE4, lastE4);
  return book.auctionPriceE4(0, referenceE4);
}

const A5: Call = {
  buys: [
    [1000, 10.1],
    [300, 10.04],
  ],
  sells: [[1000, 10.0]],
};
const A6: Call = { buys: [[1000, 10.1]], sells: [[1000, 10.0]] };

describe('worked examples of the rules sheet, 13.3', () => {
  test.each([
    ['A5 on SZSE, previous close 9.90', A5, SZSE, { pre: 9.9 }, 100_500],
    ['A5 on SSE, the middle over ticks, half up', A5, SSE, {}, 100_800],
    ['A6 on SSE', A6, SSE, {}, 100_500],
    ['A6 on SZSE, previous close 9.80', A6, SZSE, { pre: 9.8 }, 100_000],
    ['A6 on SZSE, previous close 10.03', A6, SZSE, { pre: 10.03 }, 100_300],
    ['A6 on SZSE, previous close 10.20', A6, SZSE, { pre: 10.2 }, 101_000],
    ['A6 on BSE, no trade yet', A6, BSE, { pre: 10.03 }, 100_300],
    ['A7, the closing call goes by the last trade', A6, SZSE, { pre: 9.8, last: 10.07 }, 100_700],
    ['A7 on BSE', A6, BSE, { pre: 9.8, last: 10.07 }, 100_700],
  ])('%s', (_, call, market, facts, expected) => {
    expect(priceOf(call, market, facts)).toBe(expected);
  });

  test('A9: no price where nothing crosses', () => {
    const call: Call = { buys: [[100, 9.99]], sells: [[100, 10]] };
    for (const market of [SSE, SZSE, BSE]) expect(priceOf(call, market, { pre: 10 })).toBe(0);
  });
});

test('the SSE price is the middle of all prices that brute force finds tied', () => {
  const order = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 990, max: 1010 }));
  const orders = fc.array(order, { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(orders, orders, (buys, sells) => {
      const yuan = (list: readonly (readonly [number, number])[]): Order[] =>
        list.map(([lots, ticks]) => [lots * 100, ticks / 100]);
      const call = { buys: yuan(buys), sells: yuan(sells) };
      expect(priceOf(call, SSE)).toBe(middle(buys, sells));
    }),
    { numRuns: 150 },
  );
});

/** Ticks tried one by one against the wording of SSE 2023 no. 3.5.2; orders are (lots, ticks). */
function middle(
  buys: readonly (readonly [number, number])[],
  sells: readonly (readonly [number, number])[],
): number {
  const sum = (list: readonly (readonly [number, number])[], fits: (ticks: number) => boolean) =>
    list.reduce((total, [lots, ticks]) => total + (fits(ticks) ? lots : 0), 0);
  const all = Array.from({ length: 201 }, (_, i) => 900 + i);
  const rows = all.map((ticks) => {
    const demand = sum(buys, (t) => t >= ticks);
    const supply = sum(sells, (t) => t <= ticks);
    const volume = Math.min(demand, supply);
    const fair = sum(buys, (t) => t > ticks) <= volume && sum(sells, (t) => t < ticks) <= volume;
    return { ticks, volume, fair, left: Math.abs(demand - supply) };
  });
  const most = Math.max(...rows.map((row) => row.volume));
  if (most === 0) return 0;
  const best = rows.filter((row) => row.volume === most && row.fair);
  const least = Math.min(...best.map((row) => row.left));
  const tied = best.filter((row) => row.left === least).map((row) => row.ticks);
  return Math.floor((tied[0] + tied[tied.length - 1] + 1) / 2) * 100;
}
