// The run against a benchmark: alpha, beta, information ratio, excess return (docs/ANALYTICS.md).
// Called by metrics.ts. Always: a period counts only where the benchmark has a close at both of its
// ends; days without one are listed, and nothing takes their place.
import { dayText } from '../../rules/calendar-date.ts';
import type { BenchmarkPoint, EquityPoint, Note } from './input.ts';
import type { YearScale } from './performance.ts';
import { compound, returnsOf } from './performance.ts';
import { covariance, deviation, mean, ratio } from './statistics.ts';

export interface Relative {
  readonly name: string;
  /** Days of the run without a close. */
  readonly missingDays: readonly number[];
  /** Periods compared. */
  readonly periods: number;
  /** From the first to the last day; null when one of the two has no close. */
  readonly totalReturn: number | null;
  readonly excessArithmetic: number | null;
  readonly excessGeometric: number | null;
  /** Of the returns above the risk-free one; alpha a year. */
  readonly alpha: number | null;
  readonly beta: number | null;
  readonly trackingError: number | null;
  readonly informationRatio: number | null;
}

const DAYS_NAMED = 5;

export function relativeOf(
  name: string,
  points: readonly EquityPoint[],
  closes: readonly BenchmarkPoint[],
  { periodsPerYear, rfPeriod }: YearScale,
  notes: Note[],
): Relative {
  const close = new Map(closes.map(({ day, value }) => [day, value]));
  const missingDays = points.flatMap(({ day }) => (close.has(day) ? [] : [day]));
  if (missingDays.length > 0) notes.push(missingNote(name, missingDays, points.length));
  const returns = returnsOf(points) ?? [];
  const [own, bench]: [number[], number[]] = [[], []];
  for (const [i, r] of returns.entries()) {
    const before = close.get(points[i]!.day);
    const after = close.get(points[i + 1]!.day);
    if (before === undefined || after === undefined) continue;
    own.push(r);
    bench.push((after - before) / before);
  }
  const known = returns.length > 0;
  const first = close.get(points[0]?.day ?? 0);
  const last = close.get(points.at(-1)?.day ?? 0);
  const total = !known || first === undefined || last === undefined ? null : (last - first) / first;
  const mine = compound(returns);
  const year = periodsPerYear ?? 0;
  const beta = ratio(covariance(own, bench), covariance(bench, bench));
  const active = own.map((r, i) => r - bench[i]!);
  const spread = deviation(active);
  const rf = rfPeriod ?? 0;
  const [meanOwn, meanBench] = [mean(own), mean(bench)];
  const perRoot = ratio(mean(active), spread);
  return {
    name,
    missingDays,
    periods: own.length,
    totalReturn: total,
    excessArithmetic: total === null ? null : mine - total,
    excessGeometric: total === null ? null : (1 + mine) / (1 + total) - 1,
    alpha: beta === null ? null : (meanOwn! - rf - beta * (meanBench! - rf)) * year,
    beta,
    trackingError: spread === null ? null : spread * Math.sqrt(year),
    informationRatio: perRoot === null ? null : perRoot * Math.sqrt(year),
  };
}

function missingNote(name: string, days: readonly number[], all: number): Note {
  if (days.length === all) {
    return {
      zh: `基准 ${name}：运行期间没有任何数据，未作比较`,
      en: `benchmark ${name}: no data for any day of the run; nothing is compared with it`,
    };
  }
  const named = days.slice(0, DAYS_NAMED).map(dayText).join(', ');
  const more = days.length - DAYS_NAMED;
  const what = days.length === 1 ? 'its period is' : 'their periods are';
  return {
    zh: `基准 ${name}：${named}${more > 0 ? ` 等 ${days.length} 天` : ''} 没有数据，未计入比较`,
    en:
      `benchmark ${name}: no data for ${named}${more > 0 ? ` and ${more} more` : ''}; ` +
      `${what} left out of the comparison`,
  };
}
