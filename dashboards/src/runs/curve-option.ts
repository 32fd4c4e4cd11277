// What ECharts draws of equity curves. Called by CurveChart.vue; pure. Always holds: one curve is
// shown in yuan with its drawdown below, several as returns since their start.
import { type MarketColours, paletteOf, type ThemeName, withAlpha } from '../palette.ts';
import { dayText, percent, yuan } from './figures.ts';
import type { Curve } from './runs-api.ts';
import { say } from './say.ts';

export interface ChartCurve {
  readonly name: string;
  /** [day, seconds, yuan] */
  readonly points: Curve;
  /** Yuan at the start: what returns are counted from. */
  readonly start: number;
}

/** Told apart by hue and by lightness, on both themes. */
export const CURVE_COLOURS: Readonly<Record<ThemeName, readonly string[]>> = {
  dark: [
    ...['#5aa9ff', '#f0b429', '#c58bff', '#4fd1c5'],
    ...['#ff8ac4', '#a3d65c', '#ff8a4c', '#b8c4d4'],
  ],
  light: [
    ...['#0b63c5', '#a86400', '#7a3fc0', '#00796b'],
    ...['#b3206f', '#4c7a00', '#b34700', '#586577'],
  ],
};

const DAY = 100_000;
/** Sorts by day and time, and tells equal moments of two runs. */
const keyOf = ([day = 0, second = 0]: readonly number[]): number => day * DAY + Math.floor(second);

const two = (n: number): string => String(n).padStart(2, '0');

function labelOf(key: number, oneDay: boolean): string {
  const second = key % DAY;
  const [h, m, s] = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60];
  const clock = s === 0 ? `${two(h)}:${two(m)}` : `${two(h)}:${two(m)}:${two(s)}`;
  return oneDay ? clock : `${dayText(Math.floor(key / DAY))} ${clock}`;
}

export function chartOption(
  curves: readonly ChartCurve[],
  theme: ThemeName,
  market: MarketColours,
): Record<string, unknown> {
  const p = paletteOf(theme, market);
  const keys = [...new Set(curves.flatMap(({ points }) => points.map(keyOf)))].sort(
    (a, b) => a - b,
  );
  const days = new Set(keys.map((key) => Math.floor(key / DAY)));
  const place = new Map(keys.map((key, i) => [key, i]));
  const single = curves.length === 1;
  const text = { color: p.dim, fontSize: 11 };
  const lines = { lineStyle: { color: p.line } };
  const split = { lineStyle: { color: withAlpha(p.line, 0.7) } };
  const x = {
    ...{ type: 'category', data: keys.map((key) => labelOf(key, days.size === 1)) },
    ...{ boundaryGap: false, axisLine: lines, axisTick: { show: false } },
  };
  const hidden = { axisLabel: { show: false } };
  const short = (v: number): string => percent(v, Math.abs(v) < 0.1 ? 2 : 0);
  return {
    animation: false,
    ...{ backgroundColor: 'transparent', textStyle: { fontFamily: 'inherit' } },
    grid: single
      ? [
          { left: 92, right: 16, top: 12, height: 190 },
          { left: 92, right: 16, top: 216, height: 62 },
        ]
      : [{ left: 60, right: 16, top: 34, bottom: 62 }],
    ...(single ? {} : { legend: { type: 'scroll', top: 0, left: 8, textStyle: text } }),
    tooltip: {
      ...{ trigger: 'axis', backgroundColor: p.raised, borderColor: p.line },
      textStyle: { color: p.text, fontSize: 12 },
    },
    axisPointer: { link: [{ xAxisIndex: 'all' }] },
    dataZoom: [
      { type: 'inside', xAxisIndex: single ? [0, 1] : [0] },
      {
        ...{ type: 'slider', xAxisIndex: single ? [0, 1] : [0], bottom: 6, height: 18 },
        ...{ textStyle: text, borderColor: p.line, fillerColor: withAlpha(p.accent, 0.15) },
      },
    ],
    xAxis: single
      ? [
          { ...x, gridIndex: 0, ...hidden },
          { ...x, gridIndex: 1, axisLabel: text },
        ]
      : [{ ...x, axisLabel: text }],
    yAxis: single
      ? [
          { scale: true, splitLine: split, axisLabel: { ...text, formatter: yuan } },
          {
            ...{ gridIndex: 1, max: 0, splitNumber: 2, splitLine: split },
            axisLabel: { ...text, formatter: short },
          },
        ]
      : [{ scale: true, splitLine: split, axisLabel: { ...text, formatter: short } }],
    series: single
      ? singleSeries(curves[0]!, place, p.accent, p.warn)
      : curves.map((curve, i) => ({
          ...line(curve.name, CURVE_COLOURS[theme][i % 8]!),
          data: curve.points.map((point) => [place.get(keyOf(point)), growth(curve, point)]),
          tooltip: { valueFormatter: (v: number) => percent(v, 3) },
        })),
  };
}

function growth({ start }: ChartCurve, point: readonly number[]): number | null {
  return start > 0 ? (point[2] ?? 0) / start - 1 : null;
}

function line(name: string, color: string): object {
  return { name, color, type: 'line', showSymbol: false, lineStyle: { width: 1.5 } };
}

function singleSeries(
  { points }: ChartCurve,
  place: ReadonlyMap<number, number>,
  accent: string,
  fall: string,
): object[] {
  let peak = Number.NEGATIVE_INFINITY;
  const falls = points.map((point) => {
    peak = Math.max(peak, point[2] ?? 0);
    return [place.get(keyOf(point)), peak > 0 ? (point[2] ?? 0) / peak - 1 : 0];
  });
  return [
    {
      ...line(say('equity'), accent),
      data: points.map((point) => [place.get(keyOf(point)), point[2]]),
      tooltip: { valueFormatter: yuan },
    },
    {
      ...{ ...line(say('drawdown'), fall), xAxisIndex: 1, yAxisIndex: 1 },
      ...{ data: falls, areaStyle: { opacity: 0.2 } },
      tooltip: { valueFormatter: (v: number) => percent(v, 3) },
    },
  ];
}
