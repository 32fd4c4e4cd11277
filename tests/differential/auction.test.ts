// Call auctions against the wording of the rules on small books: every tick tried by brute force,
// for each exchange and each call. Run by vitest. Holds (BSE 2026 no. 3.5.2, SSE 2023 no. 3.5.2;
// rules sheet 6.2): no tick trades more; better prices fill; one side fills at the price; nothing
// is less unfilled; the last tie-break is the exchange's own; as many shares trade as promised.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainRules } from '../../engine/core/exchange-kernel.ts';
import { loadKernels } from '../../engine/host/kernels.ts';
import * as codes from '../../engine/messages/codes.ts';
import { MARKET_BSE, MARKET_SSE, MARKET_SZSE } from '../../engine/messages/codes.ts';

const LOW = 1;
const HIGH = 40;
const TICK_E4 = 100;
const { book, exchange, validate } = loadKernels({
  ...{ maxInstruments: 1, maxOrders: 32, maxLevels: HIGH },
});

interface Call {
  readonly venue: number;
  readonly isOpening: boolean;
  /** In ticks; `last` 0: no trade yet. */
  readonly preclose: number;
  readonly last: number;
  readonly orders: readonly (readonly [side: number, ticks: number, lots: number])[];
}

const ticks = fc.integer({ min: LOW, max: HIGH });
const order = fc.tuple(fc.integer({ min: 1, max: 2 }), ticks, fc.integer({ min: 1, max: 4 }));
const calls: fc.Arbitrary<Call> = fc.record({
  venue: fc.constantFrom(MARKET_SSE, MARKET_SZSE, MARKET_BSE),
  isOpening: fc.boolean(),
  preclose: ticks,
  last: fc.oneof(fc.constant(0), ticks),
  orders: fc.array(order, { minLength: 2, maxLength: 14 }),
});

/** Runs the call on the kernel; its price and volume, and the trades it made. */
function run(call: Call): { price: number; volume: number; traded: number; prices: Set<number> } {
  book.resetAll();
  book.openInstrument(0, TICK_E4, LOW * TICK_E4, HIGH * TICK_E4, 32);
  const lot = { buyMin: 1, buyStep: 1, sellMin: 1, sellStep: 1, maxQty: 1_000_000 };
  const values = { ...lot, tickE4: TICK_E4, maxMarketQty: 0, upperE4: 0, lowerE4: 0 };
  const rules = { ...plainRules(values), venue: call.venue, preCloseE4: call.preclose * TICK_E4 };
  validate.setRules(0, rules);
  let id = 0;
  if (!call.isOpening && call.last > 0) {
    exchange.enterPhase(0, codes.PHASE_CONTINUOUS);
    for (const side of [1, 2]) exchange.order(0, ++id, side, 1, call.last * TICK_E4, 1, -1, 0);
  }
  exchange.enterPhase(0, call.isOpening ? codes.PHASE_OPENING_CALL : codes.PHASE_CLOSING_CALL);
  for (const [side, at, lots] of call.orders) {
    expect(exchange.order(0, ++id, side, 1, at * TICK_E4, lots, -1, 0)).toBe(0);
  }
  const price = exchange.callPriceE4(0) / TICK_E4;
  const volume = book.auctionQty;
  exchange.enterPhase(0, call.isOpening ? codes.PHASE_PAUSE : codes.PHASE_CLOSED);
  let traded = 0;
  const prices = new Set<number>();
  for (let i = 0; i < book.tradeCount; i++) {
    traded += book.tradeQty(i);
    prices.add(book.tradePriceE4(i) / TICK_E4);
  }
  return { price, volume, traded, prices };
}

function sum(call: Call, side: number, fits: (ticks: number) => boolean): number {
  return call.orders.reduce((s, [of, at, lots]) => s + (of === side && fits(at) ? lots : 0), 0);
}

/** The ticks that pass the first four conditions, and the largest volume. */
function tied(call: Call): { ticks: number[]; most: number } {
  const rows = Array.from({ length: HIGH }, (_, i) => LOW + i).map((p) => {
    const buys = sum(call, 1, (at) => at >= p);
    const sells = sum(call, 2, (at) => at <= p);
    const betterFill =
      sum(call, 1, (at) => at > p) <= sells && sum(call, 2, (at) => at < p) <= buys;
    const volume = Math.min(buys, sells);
    return { p, volume, fair: betterFill, unfilled: Math.abs(buys - sells) };
  });
  const most = Math.max(...rows.map((row) => row.volume));
  const fair = rows.filter((row) => row.volume === most && row.fair);
  const least = Math.min(...fair.map((row) => row.unfilled));
  return { ticks: fair.filter((row) => row.unfilled === least).map((row) => row.p), most };
}

/** The last tie-break of each exchange. */
function expected(call: Call, among: readonly number[]): number {
  const [low, high] = [among[0], among[among.length - 1]];
  if (call.venue === MARKET_SSE) return Math.round((low + high) / 2);
  const last = call.isOpening ? 0 : call.last;
  const goesByPreclose = last === 0 || (call.venue === MARKET_SZSE && call.isOpening);
  const reference = goesByPreclose ? call.preclose : last;
  return Math.min(high, Math.max(low, reference));
}

test('the price of every call is the one that brute force finds', () => {
  let ties = 0;
  fc.assert(
    fc.property(calls, (call) => {
      const found = run(call);
      const { ticks: among, most } = tied(call);
      if (most === 0) {
        expect(found).toMatchObject({ price: 0, volume: 0, traded: 0 });
        return;
      }
      if (among.length > 1) ties++;
      expect(found.price).toBe(expected(call, among));
      expect([found.volume, found.traded]).toEqual([most, most]);
      expect([...found.prices]).toEqual([found.price]);
      const [bid, ask] = [book.bestBid(0), book.bestAsk(0)];
      expect(bid === 0 || ask === 0 || bid < ask).toBe(true);
    }),
    { numRuns: 3_000 },
  );
  expect(ties).toBeGreaterThan(100);
});
