// Equity with its drawdown below, and the map of monthly returns. Called by run-page.ts. Always:
// the x axis is the order of points, not the clock, so nights and weekends take no room.
import { BLUE, chart, GREEN, RED } from './chart.ts';
import { el, section } from './dom.ts';
import { clock, dayText, money, percent } from './format.ts';
import type { EquityRow } from './page-data.ts';
import { t } from './texts.ts';

export function equitySection(rows: readonly EquityRow[]): HTMLElement {
  const isOneDay = rows.every(([day]) => day === rows[0]?.[0]);
  const labels = rows.map(([day, second]) => {
    return isOneDay ? clock(Math.floor(second)) : `${dayText(day)} ${clock(Math.floor(second))}`;
  });
  let peak = Number.NEGATIVE_INFINITY;
  const falls = rows.map(([, , yuan]) => {
    peak = Math.max(peak, yuan);
    return peak > 0 ? yuan / peak - 1 : 0;
  });
  const axis = { type: 'category', data: labels, boundaryGap: false };
  const hidden = { axisLabel: { show: false }, axisTick: { show: false } };
  return section(
    t('equity'),
    chart(380, t('equity'), {
      grid: [
        { left: 90, right: 24, top: 16, height: 200 },
        { left: 90, right: 24, top: 240, height: 80 },
      ],
      tooltip: { trigger: 'axis' },
      axisPointer: { link: [{ xAxisIndex: 'all' }] },
      dataZoom: [
        { type: 'inside', xAxisIndex: [0, 1] },
        { type: 'slider', xAxisIndex: [0, 1], bottom: 8, height: 18 },
      ],
      xAxis: [
        { ...axis, gridIndex: 0, ...hidden },
        { ...axis, gridIndex: 1 },
      ],
      yAxis: [
        { gridIndex: 0, scale: true, axisLabel: { formatter: (v: number) => money(v) } },
        {
          gridIndex: 1,
          max: 0,
          splitNumber: 2,
          axisLabel: { formatter: (v: number) => percent(v) },
        },
      ],
      series: [
        {
          ...{ name: t('equityAxis'), type: 'line', showSymbol: false, lineStyle: { width: 1.5 } },
          ...{ data: rows.map(([, , yuan]) => yuan), color: BLUE },
          tooltip: { valueFormatter: (v: number) => money(v) },
        },
        {
          ...{ name: t('drawdown'), type: 'line', showSymbol: false, xAxisIndex: 1, yAxisIndex: 1 },
          ...{ data: falls, color: GREEN, lineStyle: { width: 1 }, areaStyle: { opacity: 0.25 } },
          tooltip: { valueFormatter: (v: number) => percent(v, 3) },
        },
      ],
    }),
  );
}

/** Returns of calendar months: a row a year, a column a month. */
export function monthsSection(rows: readonly EquityRow[]): HTMLElement {
  const returns = monthlyReturns(rows);
  if (returns.length < 2) return section(t('months'), el('p', 'dim', t('noMonths')));
  const years = [...new Set(returns.map(({ year }) => year))].sort((a, b) => b - a);
  const most = Math.max(...returns.map(({ value }) => Math.abs(value)), 1e-9);
  const months = Array.from({ length: 12 }, (_, i) => String(i + 1));
  const cells = returns.map(({ year, month, value }) => [month - 1, years.indexOf(year), value]);
  return section(
    t('months'),
    chart(70 + years.length * 30, t('months'), {
      grid: { left: 60, right: 24, top: 8, bottom: 30 },
      tooltip: {},
      xAxis: { type: 'category', data: months },
      yAxis: { type: 'category', data: years.map(String) },
      visualMap: {
        ...{ show: false, min: -most, max: most },
        inRange: { color: [GREEN, '#ffffff', RED] },
      },
      series: [
        {
          ...{ type: 'heatmap', data: cells, name: t('totalReturn') },
          label: { show: true, formatter: (p: { value: number[] }) => percent(p.value[2]!) },
          tooltip: { formatter: (p: { value: number[] }) => percent(p.value[2]!, 3) },
        },
      ],
    }),
  );
}

interface MonthReturn {
  readonly year: number;
  readonly month: number;
  readonly value: number;
}

export function monthlyReturns(rows: readonly EquityRow[]): MonthReturn[] {
  const found: MonthReturn[] = [];
  let before = rows[0]?.[2] ?? 0;
  for (const [i, [day, , yuan]] of rows.entries()) {
    const month = Math.floor(day / 100);
    const next = rows[i + 1];
    if (next !== undefined && Math.floor(next[0] / 100) === month) continue;
    if (before > 0) {
      found.push({ year: Math.floor(month / 100), month: month % 100, value: yuan / before - 1 });
    }
    before = yuan;
  }
  return found;
}
