// The metrics of a run over one account: its days as input of the analytics, and the lines of them
// that the printed table shows. Called by report.ts. Always: the first point is the account at the
// open of the first day, every other one the account as a day left it.
import { E4_PER_YUAN } from '../core/price.ts';
import { addDays } from '../rules/calendar-date.ts';
import { builtInBook } from '../rules/rule-book.ts';
import type { ActionEvent } from './actions/holder.ts';
import type { AnalyticsOptions, BenchmarkPoint, EquityPoint } from './analytics/input.ts';
import { type Metrics, metricsOf } from './analytics/metrics.ts';
import type { DayRecord } from './day-record.ts';

export const METRICS_OPTIONS: AnalyticsOptions = { rf: 0, yearDays: 250 };
const ONE_DAY = {
  zh: '只有一个交易日：回撤按每分钟一点的权益曲线计算',
  en: 'one trading day: the curve has a point a minute for the drawdown',
};

/** What metrics need beside the days. */
export interface MetricsWish {
  readonly options: AnalyticsOptions;
  readonly actions: readonly ActionEvent[];
  /** Session before the first day; absent = the calendar's, or the day before. */
  readonly before?: number;
  readonly benchmark?: { readonly name: string; readonly points: readonly BenchmarkPoint[] };
}

/** Equity at the end of each day, dividends on their way among it. */
export function equityOf({ cashE4, marketValueE4, pendingE4 }: DayRecord): number {
  return cashE4 + marketValueE4 + pendingE4;
}

/** Points of the run: the open of the first day, then the end of each. */
export function pointsOf(days: readonly DayRecord[], dayBefore?: number): EquityPoint[] {
  const first = days[0]!;
  const heldE4 = first.opening.reduce((total, { qty, priceE4 }) => total + qty * priceE4, 0);
  const { calendar } = builtInBook();
  const before = dayBefore ?? calendar.previous(first.day) ?? addDays(first.day, -1);
  return [
    { day: before, equityE4: first.openingEquityE4, marketValueE4: heldE4 },
    ...days.map((record) => {
      const { day, marketValueE4 } = record;
      return { day, equityE4: equityOf(record), marketValueE4 };
    }),
  ];
}

export function runMetrics(days: readonly DayRecord[], wish: MetricsWish): Metrics {
  const { actions, benchmark, options } = wish;
  const grants = actions.filter(({ qty, kind }) => qty > 0 && IS_GRANT.has(kind));
  const metrics = metricsOf(
    {
      points: pointsOf(days, wish.before),
      curve: days.flatMap((record) => lifted(record)),
      fills: days.flatMap(({ day, fills }) =>
        fills.map(({ coid, ...fill }) => ({ ...fill, orderId: coid, day })),
      ),
      orders: days.flatMap(({ orders }) => orders),
      opening: days[0]!.opening,
      grants: grants.map(({ day, instrument, qty, amountE4 }) => ({
        ...{ day, instrument, qty, priceE4: Math.round(-amountE4 / qty) + 0 },
      })),
      ...(benchmark === undefined ? {} : { benchmark }),
    },
    options,
  );
  return days.length > 1 ? metrics : { ...metrics, notes: [ONE_DAY, ...metrics.notes] };
}

const IS_GRANT: ReadonlySet<string> = new Set(['shares', 'rights']);

/** A day's curve with what was on its way at its end: nothing of it changes during the day. */
function lifted({ curve, pendingE4 }: DayRecord) {
  if (pendingE4 === 0) return curve;
  return curve.map((point) => ({ ...point, equityE4: point.equityE4 + pendingE4 }));
}

/** The rows of the printed table: name and text. */
export function metricLines({ performance, drawdown, trading, costs }: Metrics): string[][] {
  const percent = (value: number | null): string =>
    value === null ? 'none' : `${(value * 100).toFixed(3)} %`;
  const yuan = (valueE4: number): string => (valueE4 / E4_PER_YUAN).toFixed(2);
  const fixed = (value: number | null): string => (value === null ? 'none' : value.toFixed(2));
  const trips = `${trading.roundTrips} (${percent(trading.hitRate)} won)`;
  const lines = [
    ['return', percent(performance.totalReturn)],
    ['max drawdown', percent(drawdown.maxDrawdown)],
    ['turnover', fixed(trading.turnover)],
    ['round trips', `${trips}, profit factor ${fixed(trading.profitFactor)}`],
  ];
  if (costs.items !== null) {
    const { commission, stampDuty, transferFee } = costs.items;
    const parts = [
      ['commission', commission],
      ['stamp duty', stampDuty],
    ] as const;
    const text = [...parts, ['transfer fee', transferFee] as const];
    lines.push(['costs', text.map(([name, e4]) => `${name} ${yuan(e4)}`).join(', ')]);
  }
  if (costs.slippageE4 !== null) lines.push(['slippage', `${yuan(costs.slippageE4)} yuan`]);
  return lines;
}
