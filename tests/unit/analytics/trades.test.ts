// Round trips, use of the account and costs: by hand, and against one share at a time. Run by
// vitest.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type {
  AnalyticsInput,
  TradeFill,
  TradeOrder,
} from '../../../engine/backtest/analytics/input.ts';
import { metricsOf } from '../../../engine/backtest/analytics/metrics.ts';
import { roundTripsOf } from '../../../engine/backtest/analytics/round-trips.ts';
import { orderFeesE4 } from '../../../engine/core/fees.ts';
import { SIDE_BUY, SIDE_SELL } from '../../../engine/messages/codes.ts';
import { FEE_ITEMS, feeItemsE4 } from '../../../engine/rules/fee-items.ts';
import { refTrips } from '../../support/analytics-reference.ts';

const DAY = 20260105;
const FEES = {
  ...{ commissionRateE7: 2_500, commissionMinE4: 50_000, stampDutyRateE7: 5_000 },
  ...{ transferRateE7: 100, handlingRateE7: 341, regulatoryRateE7: 200 },
};

function fill(orderId: string, side: 'buy' | 'sell', qty: number, priceE4: number, hour = 10) {
  const when = { day: DAY, timeNs: hour * 3_600e9 };
  return { ...when, orderId, instrument: '600000.SH', side, priceE4, qty, feeE4: 0 };
}

function orderOf(fills: readonly TradeFill[], decisionE4: number | null = null): TradeOrder {
  const qty = fills.reduce((total, one) => total + one.qty, 0);
  const { orderId, instrument, side } = fills[0]!;
  return { orderId, instrument, side, qty, filledQty: qty, decisionE4, fees: FEES };
}

function metrics(input: Partial<AnalyticsInput>) {
  const points = [1e9, 2e9, 3e9].map((equityE4, i) => ({
    ...{ day: DAY + i, equityE4, marketValueE4: i === 2 ? 1.5e9 : 0 },
  }));
  const all = { points, fills: [], orders: [], opening: [], ...input };
  return metricsOf(all, { rf: 0, yearDays: 250 });
}

describe('round trips', () => {
  test('by hand: base shares go first, then what was bought, with the fees of the shares', () => {
    const fills = [
      { ...fill('A', 'buy', 200, 110_000, 10), feeE4: 60_000 },
      { ...fill('B', 'sell', 150, 120_000, 13), feeE4: 30_000 },
    ];
    const opening = [{ instrument: '600000.SH', qty: 100, priceE4: 100_000 }];
    const { trips } = roundTripsOf(fills, opening);
    expect(trips).toEqual([
      {
        ...{ instrument: '600000.SH', qty: 100, costE4: 10_000_000, proceedsE4: 12_000_000 },
        ...{ feesE4: 20_000, profitE4: 1_980_000, holdingDays: null },
      },
      {
        ...{ instrument: '600000.SH', qty: 50, costE4: 5_500_000, proceedsE4: 6_000_000 },
        ...{ feesE4: 25_000, profitE4: 475_000, holdingDays: expect.closeTo(0.125, 9) },
      },
    ]);
  });

  test('hit rate, profit factor and holding times are those of the trips', () => {
    const fills = [
      fill('A', 'buy', 100, 100_000, 10),
      fill('B', 'buy', 100, 100_000, 11),
      fill('C', 'sell', 100, 103_000, 13),
      fill('D', 'sell', 100, 99_000, 14),
    ];
    const { trading } = metrics({ fills, orders: fills.map((one) => orderOf([one])) });
    expect(trading).toMatchObject({ roundTrips: 2, winners: 1, losers: 1, hitRate: 0.5 });
    expect(trading).toMatchObject({ profitFactor: 3, meanProfitE4: 100_000, fillRatio: 1 });
    expect(trading.holdingDaysMean).toBeCloseTo(0.125, 9);
    expect(trading.turnover).toBeCloseTo((20_000_000 + 20_200_000) / 2 / 2e9, 12);
    expect(trading.turnoverPerYear).toBeCloseTo(((20_100_000 / 2e9) * 250) / 2, 9);
    expect(trading).toMatchObject({ exposure: 0.25, timeInMarket: 0.5 });
  });

  test('no trades: nothing is 0 / 0', () => {
    const { trading, costs, notes } = metrics({});
    expect(trading).toMatchObject({ hitRate: null, profitFactor: null, holdingDaysMean: null });
    expect(trading).toMatchObject({ turnover: 0, fillRatio: null, grossLossE4: 0 });
    expect(costs).toMatchObject({ feesE4: 0, slippageE4: null, feeRate: null });
    expect(notes.map(({ en }) => en)).toContain('no trades: figures of trades are null');
  });

  test('only winners: no profit factor; shares from nowhere are said', () => {
    const fills = [fill('A', 'buy', 100, 100_000), fill('B', 'sell', 300, 101_000)];
    const { trading, notes } = metrics({ fills });
    expect(trading).toMatchObject({ hitRate: 1, profitFactor: null, grossLossE4: 0 });
    expect(notes.map(({ en }) => en).join()).toContain('200 shares were sold that nothing bought');
  });

  test('agree with one share at a time on random fills, to 1e-9', () => {
    const one = fc.record({
      order: fc.integer({ min: 0, max: 5 }),
      buy: fc.boolean(),
      qty: fc.integer({ min: 1, max: 30 }),
      priceE4: fc.integer({ min: 1, max: 200_000 }),
      feeE4: fc.integer({ min: 0, max: 50_000 }),
      instrument: fc.constantFrom('600000.SH', '000001.SZ'),
    });
    const base = fc.integer({ min: 0, max: 40 });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 30 }), base, (rows, qty) => {
        const fills = rows.map(({ order, buy, ...row }, i) => ({
          ...row,
          ...{ day: DAY + Math.floor(i / 10), timeNs: 9 * 3600e9 + i * 60e9 },
          ...({ orderId: `${buy ? 'b' : 's'}${order}`, side: buy ? 'buy' : 'sell' } as const),
        }));
        const opening = [{ instrument: '600000.SH', qty, priceE4: 90_000 }];
        const shares = Array.from({ length: qty }, () => opening[0]!);
        const slow = refTrips(fills, shares);
        const { trips, unmatchedQty } = roundTripsOf(fills, opening);
        expect(unmatchedQty).toBe(slow.unmatched);
        expect(trips.map((trip) => trip.qty)).toEqual(slow.trips.map((trip) => trip.shares));
        for (const [i, trip] of trips.entries()) {
          const other = slow.trips[i]!;
          const gap = Math.abs(trip.profitE4 - other.profit);
          expect(gap / Math.max(1, Math.abs(other.profit))).toBeLessThan(1e-9);
          if (other.from < 0) expect(trip.holdingDays).toBeNull();
          else expect(Math.abs(trip.holdingDays! - (other.to - other.from))).toBeLessThan(1e-9);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('costs', () => {
  test('by item add up to what the OMS charges, for any amount and side', () => {
    const rate = fc.integer({ min: 0, max: 30_000 });
    const schedule = fc.record({
      ...{ commissionRateE7: rate, commissionMinE4: fc.constantFrom(0, 50_000) },
      ...{ stampDutyRateE7: rate, transferRateE7: rate, handlingRateE7: rate },
      regulatoryRateE7: rate,
    });
    const amount = fc.integer({ min: 0, max: 1e14 });
    fc.assert(
      fc.property(
        schedule,
        fc.constantFrom(SIDE_BUY, SIDE_SELL),
        amount,
        (fees, side, amountE4) => {
          const items = feeItemsE4(fees, side, amountE4);
          const total = FEE_ITEMS.reduce((sum, item) => sum + items[item], 0);
          expect(total).toBe(orderFeesE4(fees, side, amountE4));
        },
      ),
    );
  });

  test('by hand: an order in two fills is charged once, slippage by side', () => {
    const bought = [fill('A', 'buy', 100, 100_200), fill('A', 'buy', 200, 100_300)];
    const sold = [{ ...fill('B', 'sell', 100, 100_000), feeE4: 100_000 + 50_000 }];
    const orders = [orderOf(bought, 100_000), orderOf(sold, 100_100)];
    const { costs, notes } = metrics({ fills: [...bought, ...sold], orders });
    expect(costs).toMatchObject({
      items: {
        ...{ commission: 100_000, stampDuty: 5_000, transferFee: 300 + 100 },
        ...{ handlingFee: 1_000 + 300, regulatoryFee: 600 + 200 },
      },
      ...{ slippageE4: 100 * 200 + 200 * 300 + 100 * 100, slippageOfE4: 40_080_000 },
      feesE4: 150_000,
    });
    expect(notes.map(({ en }) => en).join()).toContain(
      'fees by item make 10.75 yuan, booked were 15',
    );
  });

  test('fills without a decision price are left out and counted', () => {
    const [a, b] = [fill('A', 'buy', 100, 100_200), fill('B', 'buy', 100, 100_500)];
    const orders = [orderOf([a], 100_000), { ...orderOf([b]), fees: null }];
    const { costs, notes } = metrics({ fills: [a, b], orders });
    expect(costs).toMatchObject({ slippageE4: 20_000, items: null, totalE4: 20_000 });
    expect(notes.map(({ en }) => en).join('; ')).toMatch(/leaves out 1 of 2 fills.*|not split/);
  });
});
