// The page of a sweep: the best cells, the deflated Sharpe ratio, the heat maps, and what came out
// of sample. Called by main.ts.
import { BLUE, chart, GREEN, RED } from './chart.ts';
import { el, section, table } from './dom.ts';
import { percent, plain } from './format.ts';
import type { SweepPageData } from './page-data.ts';
import { t } from './texts.ts';

type Sweep = SweepPageData['sweep'];
type Heat = Sweep['heat'][number];

const PERCENT: ReadonlySet<string> = new Set([
  ...['totalReturn', 'annualReturn', 'maxDrawdown', 'hitRate', 'exposure'],
]);

export function sweepSections({ sweep }: SweepPageData): HTMLElement[] {
  const parts = [bestSection(sweep), deflatedSection(sweep)];
  if (sweep.heat.length > 0) {
    const maps = sweep.heat.map((heat) => heatChart(heat, sweep.by));
    parts.push(section(`${t('heat')}: ${sweep.by}`, el('p', 'dim', t('heatHint')), ...maps));
  }
  return parts;
}

function bestSection({ best, cells, done, failed, by, errors }: Sweep): HTMLElement {
  const names = Object.keys(best[0]?.params ?? {});
  const figures = Object.keys(best[0]?.figures ?? {});
  const right = (title: string) => ({ title, right: true });
  const columns = [
    right('#'),
    ...names.map(right),
    ...figures.map(right),
    { title: t('stateHash') },
  ];
  const rows = best.map((row) => [
    ...[String(row.cell), ...names.map((name) => String(row.params[name]))],
    ...figures.map((name) => figure(name, row.figures[name])),
    row.stateHash,
  ]);
  const text = `${plain(done)} / ${plain(cells)} ${t('cells')}, ${t('failed')}: ${plain(failed)}`;
  const wrong = errors.map(({ text: why, count }) => el('li', '', `${count} × ${why}`));
  return section(
    `${t('best')}: ${by}`,
    el('p', '', text),
    el('ul', 'warn', ...wrong),
    table(columns, rows),
  );
}

function deflatedSection({ deflated }: Sweep): HTMLElement {
  if (deflated === null) return section(t('deflated'), el('p', 'dim', t('none')));
  const { probability, sharpe, expectedMaximum, trials } = deflated;
  const rows = [
    ['DSR', percent(probability)],
    ['SR', plain(sharpe, 5)],
    ['SR₀', plain(expectedMaximum, 5)],
    ['N', plain(trials)],
  ];
  return section(t('deflated'), el('p', 'dim', t('deflatedHint')), table([], rows));
}

function figure(name: string, value: number | null | undefined): string {
  return PERCENT.has(name) ? percent(value, 3) : plain(value, 3);
}

function heatChart({ x, y, values }: Heat, by: string): HTMLElement {
  const known = values.flat().filter((value) => value !== null);
  if (y === null) return lineOf(x, values[0] ?? [], by);
  const cells = values.flatMap((line, j) => line.map((value, i) => [i, j, value ?? '-']));
  const [least, most] = [Math.min(...known), Math.max(...known)];
  return chart(Math.min(640, 130 + y.values.length * 24), `${x.name} ${y.name}`, {
    grid: { left: 70, right: 110, top: 12, bottom: 44 },
    tooltip: {
      formatter: (p: { value: [number, number, number] }) =>
        `${x.name}=${x.values[p.value[0]]} ${y.name}=${y.values[p.value[1]]}<br>` +
        `${by}: ${figure(by, p.value[2])}`,
    },
    xAxis: {
      type: 'category',
      data: x.values.map(String),
      name: x.name,
      nameLocation: 'middle',
      nameGap: 26,
    },
    yAxis: { type: 'category', data: y.values.map(String), name: y.name },
    visualMap: {
      ...{ min: least, max: most === least ? least + 1e-9 : most, right: 4, top: 12 },
      ...{ calculable: true, inRange: { color: [GREEN, '#f4f1e8', RED] } },
      formatter: (value: number) => figure(by, value),
    },
    series: [{ type: 'heatmap', data: cells, emphasis: { itemStyle: { borderColor: '#111' } } }],
  });
}

function lineOf(x: Heat['x'], values: readonly (number | null)[], by: string): HTMLElement {
  return chart(260, x.name, {
    grid: { left: 80, right: 24, top: 12, bottom: 44 },
    tooltip: { trigger: 'axis' },
    xAxis: {
      type: 'category',
      data: x.values.map(String),
      name: x.name,
      nameLocation: 'middle',
      nameGap: 26,
    },
    yAxis: { scale: true, axisLabel: { formatter: (v: number) => figure(by, v) } },
    series: [{ type: 'line', data: values, color: BLUE, name: by }],
  });
}
