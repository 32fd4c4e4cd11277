// Analytics against figures worked out by hand and against the slow twin on random runs, to 1e-9.
// Run by vitest.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type {
  AnalyticsInput,
  AnalyticsOptions,
  EquityPoint,
} from '../../../engine/backtest/analytics/input.ts';
import { type Metrics, metricsOf } from '../../../engine/backtest/analytics/metrics.ts';
import { addDays } from '../../../engine/rules/calendar-date.ts';
import {
  refDrawdown,
  refPerformance,
  refRelative,
  refReturns,
} from '../../support/analytics-reference.ts';

const NO_TRADES = { fills: [], orders: [], opening: [] };
const PLAIN: AnalyticsOptions = { rf: 0, yearDays: 250 };

function pointsOf(equities: readonly number[], flows: readonly number[] = []): EquityPoint[] {
  return equities.map((equityE4, i) => ({
    day: addDays(20260105, i),
    equityE4,
    marketValueE4: 0,
    flowE4: flows[i] ?? 0,
  }));
}

function metrics(equities: readonly number[], options = PLAIN, more: Partial<AnalyticsInput> = {}) {
  return metricsOf({ points: pointsOf(equities), ...NO_TRADES, ...more }, options);
}

/** Equal to 1e-9, relative above 1. */
function near(found: number | null, expected: number, what = ''): void {
  const gap = Math.abs((found ?? Number.NaN) - expected) / Math.max(1, Math.abs(expected));
  expect(gap, `${what}: ${found} against ${expected}`).toBeLessThanOrEqual(1e-9);
}

/** Numbers of a tree that JSON cannot write. */
function unwritable(value: unknown): unknown[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [value];
  if (value === null || typeof value !== 'object') return value === undefined ? [value] : [];
  return Object.values(value).flatMap(unwritable);
}

describe('by hand: 100, 110, 99, 118.8', () => {
  const { performance, drawdown } = metrics([100, 110, 99, 118.8]);

  test('the returns 10 %, -10 %, 20 % make the ratios', () => {
    near(performance.totalReturn, 0.188);
    near(performance.annualReturn, 1.188 ** (250 / 3) - 1);
    near(performance.annualVolatility, Math.sqrt((7 / 300) * 250));
    near(performance.sharpe, (0.2 / 3 / Math.sqrt(7 / 300)) * Math.sqrt(250));
    near(performance.sortino, (0.2 / 3 / Math.sqrt(0.01 / 3)) * Math.sqrt(250));
    near(performance.calmar, (1.188 ** (250 / 3) - 1) / 0.1);
  });

  test('the fall from the second to the third point is recovered by the fourth', () => {
    near(drawdown.maxDrawdown, 0.1);
    expect(drawdown).toMatchObject({
      peak: { day: 20260106, timeNs: null },
      trough: { day: 20260107, timeNs: null },
      recovery: { day: 20260108, timeNs: null },
      ...{ fallPoints: 1, recoveryPoints: 1, longestUnderwaterPoints: 1 },
    });
  });

  test('a year by the calendar is 365 days, of 252 sessions 252 returns', () => {
    near(
      metrics([100, 110, 99, 118.8], { rf: 0, yearDays: 'calendar' }).performance.years,
      3 / 365,
    );
    near(metrics([100, 110, 99, 118.8], { rf: 0, yearDays: 252 }).performance.years, 3 / 252);
  });

  test('the risk-free rate is taken off period by period', () => {
    const rf = 1.002 ** 250 - 1;
    const { sharpe } = metrics([100, 110, 99, 118.8], { rf, yearDays: 250 }).performance;
    near(sharpe, ((0.2 / 3 - 0.002) / Math.sqrt(7 / 300)) * Math.sqrt(250));
  });

  test('money moved in is no return', () => {
    const points = pointsOf([100, 160, 149, 168.8], [0, 50, 0, 0]);
    const moved = metricsOf({ points, ...NO_TRADES }, PLAIN);
    near(moved.performance.totalReturn, 1.1 * (149 / 160) * (168.8 / 149) - 1);
    near(moved.drawdown.maxDrawdown, 11 / 160);
  });
});

describe('edge cases give null and a reason', () => {
  test.each<[string, number[], RegExp]>([
    ['no point', [], /no daily return/],
    ['one point', [100], /no daily return/],
    ['one day', [100, 101], /one daily return/],
    ['no variance', [100, 100, 100, 100], /all returns are equal/],
    ['constant growth', [1e9, 1.1e9, 1.21e9, 1.331e9], /all returns are equal/],
    ['ruin', [100, 50, 0, -10], /fell to 0 or below/],
  ])('%s', (_, equities, why) => {
    const found = metrics(equities);
    expect(found.performance.sharpe).toBeNull();
    expect(found.notes.map(({ en }) => en).join('; ')).toMatch(why);
    expect(found.notes.every(({ zh }) => /\p{Script=Han}/u.test(zh))).toBe(true);
    expect(unwritable(found)).toEqual([]);
  });

  test('one day still has its return and its drawdown inside the day', () => {
    const curve = [100, 90, 95, 101].map((equityE4, i) => ({
      ...{ day: 20260106, timeNs: i * 60e9, equityE4 },
    }));
    const { performance, drawdown } = metrics([100, 101], PLAIN, { curve });
    near(performance.totalReturn, 0.01);
    expect([performance.annualReturn, performance.annualVolatility, performance.calmar]).toEqual(
      Array(3).fill(null),
    );
    near(drawdown.maxDrawdown, 0.1);
    expect(drawdown.trough).toEqual({ day: 20260106, timeNs: 60e9 });
  });

  test('without a fall there is no Sortino, no Calmar and a drawdown of 0', () => {
    const { performance, drawdown } = metrics([100, 101, 103]);
    expect(performance).toMatchObject({ sortino: null, calmar: null });
    expect(drawdown).toMatchObject({ maxDrawdown: 0, peak: null, longestUnderwaterPoints: 0 });
  });

  test('a fall that is not made good has no recovery', () => {
    expect(metrics([100, 120, 90, 119]).drawdown).toMatchObject({
      ...{ recovery: null, recoveryPoints: null, longestUnderwaterPoints: 2, maxDrawdown: 0.25 },
    });
  });

  test('annual returns beyond a float are null', () => {
    const { performance } = metrics([1, 1e8, 2e16], { rf: 0, yearDays: 100_000 });
    expect(performance).toMatchObject({ annualReturn: null, calmar: null });
  });

  test.each<[string, Partial<AnalyticsInput>, RegExp]>([
    ['days out of order', { points: pointsOf([1, 2]).toReversed() }, /points\[1\]: day 20260105/],
    ['NaN', { points: pointsOf([1, Number.NaN]) }, /points\[1\]: NaN/],
    [
      'a benchmark at 0',
      { benchmark: { name: 'x', points: [{ day: 20260105, value: 0 }] } },
      /benchmark\[0\]: 0/,
    ],
  ])('%s is refused by name', (_, more, why) => {
    expect(() => metrics([1, 2], PLAIN, more)).toThrow(why);
  });

  test('a risk-free rate of -100 % is refused', () => {
    expect(() => metrics([1, 2], { rf: -1, yearDays: 250 })).toThrow(/rf -1/);
  });
});

describe('a benchmark', () => {
  const closes = (values: readonly (number | null)[]) => ({
    name: '000300.SH',
    points: values.flatMap((value, i) =>
      value === null ? [] : [{ day: addDays(20260105, i), value }],
    ),
  });

  test('by hand: twice the benchmark and a tenth of a percent is beta 2 and its alpha', () => {
    const bench = [0.01, -0.02, 0.03];
    let [own, other] = [1e12, 4000];
    const [equities, values] = [[own], [other]];
    for (const r of bench) {
      own *= 1 + 2 * r + 0.001;
      other *= 1 + r;
      equities.push(own);
      values.push(other);
    }
    const { benchmark } = metrics(equities, PLAIN, { benchmark: closes(values) });
    near(benchmark!.beta, 2);
    near(benchmark!.alpha, 0.25);
    const [mine, theirs] = [1.021 * 0.961 * 1.061, 1.01 * 0.98 * 1.03];
    near(benchmark!.excessArithmetic, mine - theirs);
    near(benchmark!.excessGeometric, mine / theirs - 1);
    const active = bench.map((r) => r + 0.001);
    const mean = (active[0]! + active[1]! + active[2]!) / 3;
    const sd = Math.sqrt(active.reduce((total, a) => total + (a - mean) ** 2, 0) / 2);
    near(benchmark!.informationRatio, (mean / sd) * Math.sqrt(250));
    near(benchmark!.trackingError, sd * Math.sqrt(250));
  });

  test('missing days are named and leave out their periods, never replaced', () => {
    const run = [100, 101, 103, 102, 105, 104];
    const { benchmark, notes } = metrics(run, PLAIN, {
      benchmark: closes([10, 11, null, 12, 11.5, 12.5]),
    });
    expect(benchmark).toMatchObject({ periods: 3, missingDays: [20260107] });
    near(benchmark!.totalReturn, 0.25);
    const why = notes.find(({ en }) => en.startsWith('benchmark 000300.SH: no data for'));
    expect(why?.en).toContain('2026-01-07; its period is');
    expect(why?.zh).toContain('2026-01-07 没有数据');
  });

  test('without its first or last day there is no excess return; without any, nothing', () => {
    const run = [100, 101, 103, 102];
    const late = metrics(run, PLAIN, { benchmark: closes([null, 11, 12, 11]) }).benchmark;
    expect(late).toMatchObject({ totalReturn: null, excessGeometric: null, periods: 2 });
    const none = metrics(run, PLAIN, { benchmark: closes([]) });
    expect(none.benchmark).toMatchObject({ beta: null, alpha: null, informationRatio: null });
    expect(none.notes.map(({ zh }) => zh)).toContain(
      '基准 000300.SH：运行期间没有任何数据，未作比较',
    );
  });

  test('that does not move has no beta', () => {
    const { benchmark } = metrics([100, 101, 103], PLAIN, { benchmark: closes([5, 5, 5]) });
    expect(benchmark).toMatchObject({ beta: null, alpha: null });
    near(benchmark!.excessArithmetic, 0.03);
    expect(unwritable(benchmark)).toEqual([]);
  });
});

describe('against the slow twin on random runs', () => {
  /** Whole basis points: returns that differ differ by more than rounding. */
  const basisPoints = (max: number) => fc.integer({ min: -max, max }).map((n) => n / 10_000);
  const run = fc.record({
    steps: fc.array(
      fc.record({
        days: fc.integer({ min: 1, max: 9 }),
        return: basisPoints(2_000),
        flow: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ max: 1e9, min: 0 })),
        bench: basisPoints(1_000),
        gap: fc.integer({ min: 0, max: 9 }),
      }),
      { minLength: 3, maxLength: 60 },
    ),
    rf: fc.double({ min: -0.01, max: 0.1, noNaN: true }),
    yearDays: fc.constantFrom<'calendar' | number>('calendar', 250, 252),
  });

  test('performance, drawdown and benchmark agree to 1e-9', () => {
    fc.assert(
      fc.property(run, ({ steps, rf, yearDays }) => {
        const points = [{ day: 20200102, equityE4: 1e10, marketValueE4: 0, flowE4: 0 }];
        const closes = new Map([[20200102, 4000]]);
        let close = 4000;
        for (const step of steps) {
          const before = points.at(-1)!;
          const day = addDays(before.day, step.days);
          const grown = Math.round(before.equityE4 * (1 + step.return));
          points.push({ day, equityE4: grown + step.flow, marketValueE4: 0, flowE4: step.flow });
          close *= 1 + step.bench;
          if (step.gap > 0) closes.set(day, close);
        }
        const benchmark = {
          name: 'b',
          points: [...closes].map(([day, value]) => ({ day, value })),
        };
        const found = metricsOf({ points, ...NO_TRADES, benchmark }, { rf, yearDays });
        expect(unwritable(found)).toEqual([]);
        compare(found, points, closes, rf, yearDays);
      }),
      // A fixed seed: about one run in 10,000 has two peaks equal but for their last bit, and which
      // of them counts is then a matter of the order of multiplication.
      { numRuns: 150, seed: 20_260_109 },
    );
  });

  function compare(
    found: Metrics,
    points: EquityPoint[],
    closes: Map<number, number>,
    rf: number,
    yearDays: 'calendar' | number,
  ): void {
    const expected = refPerformance(points, rf, yearDays);
    for (const name of ['totalReturn', 'annualReturn', 'annualVolatility', 'years'] as const) {
      if (Number.isFinite(expected[name])) near(found.performance[name], expected[name], name);
    }
    for (const name of ['sharpe', 'sortino'] as const) {
      const { [name]: value } = found.performance;
      if (value !== null) near(value, expected[name], name);
      else expect(Number.isFinite(expected[name]) && expected.annualVolatility > 1e-4).toBe(false);
    }
    const growth = [1];
    for (const r of refReturns(points)) growth.push(growth.at(-1)! * (1 + r));
    const fall = refDrawdown(growth);
    near(found.drawdown.maxDrawdown, fall.depth, 'drawdown');
    if (fall.trough >= 0) {
      expect(found.drawdown.trough?.day).toBe(points[fall.trough]!.day);
      expect(found.drawdown.peak?.day).toBe(points[fall.peak]!.day);
      expect(found.drawdown.recovery?.day).toBe(points[fall.recovery]?.day);
    }
    const relative = refRelative(points, closes, expected.rfPeriod, expected.perYear);
    expect(found.benchmark?.periods).toBe(relative.periods);
    for (const name of ['beta', 'alpha', 'trackingError', 'informationRatio'] as const) {
      const value = found.benchmark?.[name] ?? null;
      if (value !== null && relative.periods > 2) near(value, relative[name], name);
    }
  }
});
