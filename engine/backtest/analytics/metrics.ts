// The analytics of a run, put together: `metrics` of report.json. Called by the backtest report;
// pure. Always: every figure is a finite number or null, and `notes` says why one is missing; the
// definitions are in docs/ANALYTICS.md under the same names.
import { type Costs, costsOf } from './costs.ts';
import { type Drawdown, drawdownOf } from './drawdown.ts';
import { type AnalyticsInput, type AnalyticsOptions, checkInput, type Note } from './input.ts';
import { type Performance, performanceOf, returnsOf, yearScaleOf } from './performance.ts';
import { type Relative, relativeOf } from './relative.ts';
import { roundTripsOf } from './round-trips.ts';
import { ratio } from './statistics.ts';
import { type Trading, tradingOf } from './trading.ts';

export interface Metrics {
  readonly rf: number;
  readonly yearDays: 'calendar' | number;
  readonly performance: Performance & { readonly calmar: number | null };
  readonly drawdown: Drawdown;
  /** Null when no benchmark was asked for. */
  readonly benchmark: Relative | null;
  readonly trading: Trading;
  readonly costs: Costs;
  readonly notes: readonly Note[];
}

/** Throws AnalyticsError when the input contradicts itself. */
export function metricsOf(input: AnalyticsInput, options: AnalyticsOptions): Metrics {
  checkInput(input, options);
  const { points, fills, orders, opening, benchmark } = input;
  const notes: Note[] = [];
  const scale = yearScaleOf(points, options);
  const performance = performanceOf(points, options, notes);
  const drawdown = drawdownIn(input, notes);
  const trips = roundTripsOf(fills, opening, input.grants);
  if (trips.unmatchedQty > 0) {
    notes.push({
      zh: `卖出的 ${trips.unmatchedQty} 股没有对应的买入，不计入完整交易`,
      en: `${trips.unmatchedQty} shares were sold that nothing bought; in no round trip`,
    });
  }
  if (fills.length === 0) {
    notes.push({ zh: '没有成交：成交类指标为无', en: 'no trades: figures of trades are null' });
  }
  return {
    rf: options.rf,
    yearDays: options.yearDays,
    performance: {
      ...performance,
      calmar: ratio(performance.annualReturn, drawdown.maxDrawdown),
    },
    drawdown,
    benchmark:
      benchmark === undefined
        ? null
        : relativeOf(benchmark.name, points, benchmark.points, scale, notes),
    trading: tradingOf(points, fills, orders, trips, points.length < 3 ? null : scale.years),
    costs: costsOf(fills, orders, notes),
    notes,
  };
}

/** By the finer curve where there is one and no money moved; else by the returns. */
function drawdownIn({ points, curve }: AnalyticsInput, notes: Note[]): Drawdown {
  const flows = points.some(({ flowE4 = 0 }) => flowE4 !== 0);
  if (curve !== undefined && flows) {
    notes.push({
      zh: '回撤按每日权益计算：期间有资金进出，日内曲线不反映',
      en: 'drawdown by daily points: money moved, which the finer curve does not show',
    });
  }
  if (curve !== undefined && !flows) {
    const moments = curve.map(({ day, timeNs }) => ({ day, timeNs }));
    return drawdownOf(
      curve.map(({ equityE4 }) => equityE4),
      moments,
    );
  }
  const moments = points.map(({ day }) => ({ day, timeNs: null }));
  const returns = returnsOf(points);
  if (!flows || returns === null) {
    return drawdownOf(
      points.map(({ equityE4 }) => equityE4),
      moments,
    );
  }
  const growth = [1];
  for (const r of returns) growth.push(growth.at(-1)! * (1 + r));
  return drawdownOf(growth, moments);
}
