// What analytics are made from: equity points, a benchmark, fills, orders, shares at the start.
// Filled by the backtest report and by tests. Always: money is amountE4, prices priceE4, quantities
// shares, days integers 20260109, times ns since midnight; a contradiction is an AnalyticsError
// that names the element, never a number that looks right.
import type { FeeSchedule } from '../../core/fees.ts';
import { isCalendarDay } from '../../rules/calendar-date.ts';

/** Input that cannot be: which element, what was found, what was expected. */
export class AnalyticsError extends Error {}

/** Why a figure is null, or what was left out. */
export interface Note {
  readonly zh: string;
  readonly en: string;
}

/** Cash plus market value at the end of a period. The first point is the start of the run. */
export interface EquityPoint {
  /** Session the period ends with; of the first point: the session before the run. */
  readonly day: number;
  readonly equityE4: number;
  /** Shares at last prices, part of the equity. */
  readonly marketValueE4: number;
  /** Moved in (+) or out (-) from outside during the period, at its end; absent = 0. */
  readonly flowE4?: number;
}

/** A point of a finer curve, for drawdowns inside a day. */
export interface CurvePoint {
  readonly day: number;
  readonly timeNs: number;
  readonly equityE4: number;
}

/** A close of the benchmark; days without one are absent. */
export interface BenchmarkPoint {
  readonly day: number;
  readonly value: number;
}

export interface TradeFill {
  readonly day: number;
  readonly timeNs: number;
  readonly orderId: string;
  readonly instrument: string;
  readonly side: 'buy' | 'sell';
  readonly priceE4: number;
  readonly qty: number;
  readonly feeE4: number;
}

export interface TradeOrder {
  readonly orderId: string;
  readonly instrument: string;
  readonly side: 'buy' | 'sell';
  readonly qty: number;
  readonly filledQty: number;
  /** Last price or mid when the strategy decided; null = not known. */
  readonly decisionE4: number | null;
  /** Rates of its day and kind; null = not known, its fees are then not split. */
  readonly fees: FeeSchedule | null;
}

/** Shares held at the start (底仓), carried in at `priceE4`. */
export interface OpeningLot {
  readonly instrument: string;
  readonly qty: number;
  readonly priceE4: number;
}

/** Bonus shares (at 0) or shares of rights, by day. */
export interface GrantedLot extends OpeningLot {
  readonly day: number;
}

export interface AnalyticsInput {
  readonly points: readonly EquityPoint[];
  readonly fills: readonly TradeFill[];
  readonly orders: readonly TradeOrder[];
  readonly opening: readonly OpeningLot[];
  /** Shares that came without an order, before the open of a day; absent = none. */
  readonly grants?: readonly GrantedLot[];
  /** Finer than `points`, of the same run; absent = drawdown by `points`. */
  readonly curve?: readonly CurvePoint[];
  readonly benchmark?: { readonly name: string; readonly points: readonly BenchmarkPoint[] };
}

export interface AnalyticsOptions {
  /** Risk-free rate a year, 0.02 = 2 %. */
  readonly rf: number;
  /** Periods in a year (250, 252; 52 for weekly points), or by calendar days over 365. */
  readonly yearDays: 'calendar' | number;
}

/** Throws AnalyticsError for input that contradicts itself. */
export function checkInput(input: AnalyticsInput, options: AnalyticsOptions): void {
  const { rf, yearDays } = options;
  if (!(rf > -1 && rf < 10)) throw new AnalyticsError(`rf ${rf}: expected above -1, below 10`);
  if (yearDays !== 'calendar' && !(yearDays >= 1 && yearDays <= 100_000)) {
    throw new AnalyticsError(`yearDays ${yearDays}: expected 'calendar' or 1 to 100000`);
  }
  checkDays('points', input.points);
  for (const [i, { equityE4, marketValueE4, flowE4 = 0 }] of input.points.entries()) {
    for (const value of [equityE4, marketValueE4, flowE4]) finite(`points[${i}]`, value);
  }
  for (const [i, { day, timeNs, equityE4 }] of (input.curve ?? []).entries()) {
    finite(`curve[${i}]`, equityE4);
    const before = input.curve?.[i - 1];
    if (before === undefined) continue;
    if (day < before.day || (day === before.day && timeNs < before.timeNs)) {
      throw new AnalyticsError(`curve[${i}]: ${day} ${timeNs} is before the point in front of it`);
    }
  }
  const closes = input.benchmark?.points ?? [];
  checkDays('benchmark', closes);
  for (const [i, { value }] of closes.entries()) {
    finite(`benchmark[${i}]`, value);
    if (value <= 0) throw new AnalyticsError(`benchmark[${i}]: ${value}, expected above 0`);
  }
  checkTrades(input);
}

function checkTrades({ fills, opening, grants = [] }: AnalyticsInput): void {
  for (const [i, fill] of fills.entries()) {
    finite(`fills[${i}]`, fill.feeE4);
    if (!(Number.isInteger(fill.qty) && fill.qty > 0 && fill.priceE4 > 0)) {
      const found = `${fill.qty} at ${fill.priceE4}`;
      throw new AnalyticsError(`fills[${i}]: ${found}, expected whole shares at a price above 0`);
    }
    const before = fills[i - 1];
    if (before === undefined || fill.day > before.day) continue;
    if (fill.day < before.day || fill.timeNs < before.timeNs) {
      throw new AnalyticsError(`fills[${i}] is before the fill in front of it; sort them by time`);
    }
  }
  checkOrder('grants', grants);
  for (const [i, { qty, priceE4 }] of [...opening, ...grants].entries()) {
    if (Number.isInteger(qty) && qty >= 0 && priceE4 >= 0) continue;
    throw new AnalyticsError(`opening[${i}]: ${qty} at ${priceE4}, expected whole shares`);
  }
}

function checkDays(name: string, points: readonly { readonly day: number }[]): void {
  for (const [i, { day }] of points.entries()) {
    if (!isCalendarDay(day)) {
      throw new AnalyticsError(`${name}[${i}]: day ${day}, expected a day such as 20260109`);
    }
    const before = points[i - 1]?.day ?? 0;
    if (day <= before) {
      throw new AnalyticsError(`${name}[${i}]: day ${day} does not come after ${before}`);
    }
  }
}

function checkOrder(name: string, rows: readonly { readonly day: number }[]): void {
  for (const [i, { day }] of rows.entries()) {
    const before = rows[i - 1]?.day ?? 0;
    if (day < before) throw new AnalyticsError(`${name}[${i}]: day ${day} comes after ${before}`);
  }
}

function finite(where: string, value: number): void {
  if (!Number.isFinite(value)) throw new AnalyticsError(`${where}: ${value} is not a number`);
}
