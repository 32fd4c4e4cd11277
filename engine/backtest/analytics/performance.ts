// Return, risk and their ratios from equity points (docs/ANALYTICS.md). Called by metrics.ts.
// Always: figures a year need two returns or more; what is not defined is null, and `notes` says
// why.
import { numberOfDay } from '../../rules/calendar-date.ts';
import type { AnalyticsOptions, EquityPoint, Note } from './input.ts';
import { deviation, finiteOrNull, mean, NO_SPREAD, ratio } from './statistics.ts';

const CALENDAR_YEAR = 365;

export interface Performance {
  readonly from: number | null;
  readonly to: number | null;
  /** Periods with a return. */
  readonly periods: number;
  readonly years: number | null;
  readonly periodsPerYear: number | null;
  readonly totalReturn: number | null;
  readonly annualReturn: number | null;
  readonly annualVolatility: number | null;
  readonly sharpe: number | null;
  readonly sortino: number | null;
}

/** How periods count in years. */
export interface YearScale {
  readonly years: number | null;
  readonly periodsPerYear: number | null;
  /** Risk-free return of one period. */
  readonly rfPeriod: number | null;
}

/**
 * Return of each period: (equity - flow) / equity before - 1. Null when the equity before some
 * period was 0 or less: nothing after it is a return.
 */
export function returnsOf(points: readonly EquityPoint[]): number[] | null {
  const returns: number[] = [];
  for (let i = 1; i < points.length; i++) {
    const before = points[i - 1]!.equityE4;
    if (before <= 0) return null;
    const { equityE4, flowE4 = 0 } = points[i]!;
    returns.push((equityE4 - flowE4 - before) / before);
  }
  return returns;
}

export function yearScaleOf(points: readonly EquityPoint[], options: AnalyticsOptions): YearScale {
  const periods = points.length - 1;
  if (periods < 1) return { years: null, periodsPerYear: null, rfPeriod: null };
  const { yearDays, rf } = options;
  const span = numberOfDay(points.at(-1)!.day) - numberOfDay(points[0]!.day);
  const years = yearDays === 'calendar' ? span / CALENDAR_YEAR : periods / yearDays;
  const periodsPerYear = periods / years;
  return { years, periodsPerYear, rfPeriod: (1 + rf) ** (1 / periodsPerYear) - 1 };
}

export function performanceOf(
  points: readonly EquityPoint[],
  options: AnalyticsOptions,
  notes: Note[],
): Performance {
  const returns = returnsOf(points);
  const { years, periodsPerYear, rfPeriod } = yearScaleOf(points, options);
  const base = {
    from: points[0]?.day ?? null,
    to: points.at(-1)?.day ?? null,
    periods: returns?.length ?? 0,
    years,
    periodsPerYear,
  };
  if (returns === null) {
    notes.push({
      zh: '权益跌至 0 或以下，其后没有收益率',
      en: 'the equity fell to 0 or below: there are no returns after it',
    });
  }
  const total = returns === null || returns.length === 0 ? null : compound(returns);
  const none = { annualReturn: null, annualVolatility: null, sharpe: null, sortino: null };
  if (returns === null || returns.length < 2 || years === null || periodsPerYear === null) {
    if (returns !== null) {
      const found = returns.length === 1 ? 'one daily return' : 'no daily return';
      notes.push({
        zh: `日收益率只有 ${returns.length} 个：年化与比率类指标至少需要两个`,
        en: `${found}: figures by year and ratios need two or more`,
      });
    }
    return { ...base, totalReturn: total, ...none };
  }
  const root = Math.sqrt(periodsPerYear);
  const excess = returns.map((r) => r - rfPeriod!);
  const spread = deviation(excess);
  if (spread === 0) {
    notes.push({
      zh: '各期收益率相同：没有波动就没有夏普比率',
      en: 'all returns are equal: no Sharpe ratio without variance',
    });
  }
  return {
    ...base,
    totalReturn: total,
    annualReturn: total === null ? null : finiteOrNull((1 + total) ** (1 / years) - 1),
    annualVolatility: spread === null ? null : spread * root,
    sharpe: scaled(ratio(mean(excess), spread), root),
    sortino: scaled(ratio(mean(excess), downside(excess)), root),
  };
}

/** Growth over all periods, less 1. */
export function compound(returns: readonly number[]): number {
  let growth = 1;
  for (const r of returns) growth *= 1 + r;
  return growth - 1;
}

/** Root of the mean square of what fell short, over all periods. */
function downside(excess: readonly number[]): number {
  const squares = excess.map((r) => (r < -NO_SPREAD ? r * r : 0));
  return Math.sqrt(mean(squares) ?? 0);
}

function scaled(value: number | null, by: number): number | null {
  return value === null ? null : finiteOrNull(value * by);
}
