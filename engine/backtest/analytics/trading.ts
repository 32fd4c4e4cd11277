// How the account was used and what its round trips brought: turnover, exposure, hit rate, profit
// factor, holding times, order counts. Called by metrics.ts. Always: money in 1/10,000 yuan; null
// where there is nothing to divide by.
import type { EquityPoint, TradeFill, TradeOrder } from './input.ts';
import type { Trips } from './round-trips.ts';
import { mean, median, ratio, sum } from './statistics.ts';

export interface Trading {
  readonly orders: number;
  readonly fills: number;
  /** Shares filled by shares ordered. */
  readonly fillRatio: number | null;
  readonly boughtE4: number;
  readonly soldE4: number;
  /** Half of what was bought and sold, by the mean equity. */
  readonly turnover: number | null;
  readonly turnoverPerYear: number | null;
  /** Mean of market value by equity, and the part of the period ends with shares held. */
  readonly exposure: number | null;
  readonly timeInMarket: number | null;
  readonly roundTrips: number;
  readonly winners: number;
  readonly losers: number;
  readonly hitRate: number | null;
  readonly grossProfitE4: number;
  readonly grossLossE4: number;
  readonly profitFactor: number | null;
  readonly meanProfitE4: number | null;
  readonly holdingDaysMean: number | null;
  readonly holdingDaysMedian: number | null;
  readonly holdingDaysMax: number | null;
}

export function tradingOf(
  points: readonly EquityPoint[],
  fills: readonly TradeFill[],
  orders: readonly TradeOrder[],
  { trips }: Trips,
  years: number | null,
): Trading {
  const amount = (side: 'buy' | 'sell'): number =>
    sum(fills.map((fill) => (fill.side === side ? fill.priceE4 * fill.qty : 0)));
  const [boughtE4, soldE4] = [amount('buy'), amount('sell')];
  const equity = mean(points.map(({ equityE4 }) => equityE4));
  const turnover = equity === null || equity <= 0 ? null : (boughtE4 + soldE4) / 2 / equity;
  const ends = points.slice(1);
  const exposures = ends.map(({ marketValueE4, equityE4 }) => ratio(marketValueE4, equityE4));
  const profits = trips.map(({ profitE4 }) => profitE4);
  const wins = profits.filter((profit) => profit > 0);
  const losses = profits.filter((profit) => profit < 0);
  const held = trips.flatMap(({ holdingDays }) => (holdingDays === null ? [] : [holdingDays]));
  const [grossProfitE4, grossLossE4] = [sum(wins), -sum(losses) + 0];
  return {
    orders: orders.length,
    fills: fills.length,
    fillRatio: ratio(sum(orders.map((o) => o.filledQty)), sum(orders.map((o) => o.qty))),
    boughtE4,
    soldE4,
    turnover,
    turnoverPerYear: ratio(turnover, years),
    exposure: exposures.includes(null) ? null : mean(exposures as number[]),
    timeInMarket: ratio(ends.filter(({ marketValueE4 }) => marketValueE4 > 0).length, ends.length),
    roundTrips: trips.length,
    winners: wins.length,
    losers: losses.length,
    hitRate: ratio(wins.length, trips.length),
    grossProfitE4,
    grossLossE4,
    profitFactor: ratio(grossProfitE4, grossLossE4),
    meanProfitE4: mean(profits),
    holdingDaysMean: mean(held),
    holdingDaysMedian: median(held),
    holdingDaysMax: held.length === 0 ? null : held.reduce((a, b) => Math.max(a, b)),
  };
}
