// One cell of a sweep: a backtest with the cell's parameters, boiled down to a row. Run on the
// workers of the pool through sweep-worker.ts. Always: the same cell gives the same row on any
// thread, in any order; a strategy that fails gives a row that says so.
import { executeBacktest } from '../command.ts';
import type { BacktestOptions } from '../options.ts';
import type { RanBacktest } from '../ran-backtest.ts';
import { type ReturnShape, shapeOf } from './deflated-sharpe.ts';
import type { Figure } from './figures.ts';
import type { GridValue } from './grid.ts';

export interface CellRow {
  readonly cell: number;
  readonly params: Readonly<Record<string, GridValue>>;
  readonly status: 'ok' | 'failed';
  /** Why it failed; '' = it did not. */
  readonly error: string;
  readonly stateHash: string;
  readonly figures: Readonly<Record<string, number | null>>;
  /** Of the returns the deflated Sharpe ratio is computed from; null = too few, or no variance. */
  readonly shape: ReturnShape | null;
}

/** Days from which on daily returns are used; below it those between the curve's minutes. */
const DAILY_FROM = 20;

/** Runs the cell; never throws. */
export async function runCell(
  options: BacktestOptions,
  cell: number,
  params: Readonly<Record<string, GridValue>>,
): Promise<CellRow> {
  const empty = { stateHash: '', figures: {}, shape: null };
  try {
    const ran = await executeBacktest({ ...options, params: { ...options.params, ...params } });
    const [failure] = ran.report.failures;
    if (failure === undefined) return { cell, params, status: 'ok', error: '', ...rowOf(ran) };
    return { cell, params, status: 'failed', error: firstLine(failure.text), ...empty };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { cell, params, status: 'failed', error: firstLine(why), ...empty };
  }
}

function rowOf(ran: RanBacktest): Pick<CellRow, 'stateHash' | 'figures' | 'shape'> {
  const { report, curve } = ran;
  const { performance, drawdown, trading } = report.metrics;
  const { totalReturn, annualReturn, sharpe, sortino, calmar } = performance;
  const { turnover, exposure, hitRate, profitFactor, roundTrips } = trading;
  const { pnl, orders, fills, fees } = report;
  const figures: Record<Figure, number | null> = {
    ...{ pnl, totalReturn, annualReturn, sharpe, sortino, calmar },
    ...{ maxDrawdown: drawdown.maxDrawdown, turnover, exposure, hitRate, profitFactor },
    ...{ roundTrips, orders, fills, fees },
  };
  return {
    stateHash: report.stateHash,
    figures,
    shape: shapeOf(returnsOf(curve)),
  };
}

/** Daily returns of a run of many days, else those from point to point of its curve. */
export function returnsOf(
  curve: readonly { readonly day: number; readonly equityE4: number }[],
): number[] {
  const closes = curve.filter((point, i) => curve[i + 1]?.day !== point.day);
  const points = closes.length > DAILY_FROM ? closes : curve;
  const returns: number[] = [];
  for (let i = 1; i < points.length; i++) {
    const before = points[i - 1]!.equityE4;
    if (before > 0) returns.push(points[i]!.equityE4 / before - 1);
  }
  return returns;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!.slice(0, 300);
}
