// The page of a sweep: the best cell and how sure it is, the best cells, the deflated Sharpe ratio,
// the heat maps, and what came out of sample. Called by main.ts. Always: red is a gain, green a
// loss, and figures that are neither have a colour of their own.
import { BLUE, chart } from './chart.ts';
import { el, section, table } from './dom.ts';
import { money, percent, plain } from './format.ts';
import type { SweepPageData } from './page-data.ts';
import { either, t } from './texts.ts';

type Sweep = SweepPageData['sweep'];
type Heat = Sweep['heat'][number];

const PERCENT: ReadonlySet<string> = new Set([
  ...['totalReturn', 'annualReturn', 'maxDrawdown', 'hitRate', 'exposure'],
]);
const MONEY: ReadonlySet<string> = new Set(['pnl', 'fees']);
/** Figures whose sign says gain or loss: red above 0, green below. */
const SIGNED: ReadonlySet<string> = new Set([
  ...['pnl', 'totalReturn', 'annualReturn', 'sharpe', 'sortino', 'calmar'],
]);
const WORDS: Readonly<Record<string, readonly [zh: string, en: string]>> = {
  pnl: ['盈亏', 'profit'],
  totalReturn: ['收益率', 'return'],
  annualReturn: ['年化收益', 'annual return'],
  sharpe: ['夏普', 'Sharpe'],
  sortino: ['索提诺', 'Sortino'],
  calmar: ['卡玛', 'Calmar'],
  maxDrawdown: ['最大回撤', 'max drawdown'],
  turnover: ['换手', 'turnover'],
  exposure: ['仓位', 'exposure'],
  hitRate: ['胜率', 'hit rate'],
  profitFactor: ['盈亏比', 'profit factor'],
  roundTrips: ['买卖次数', 'round trips'],
  orders: ['委托', 'orders'],
  fills: ['成交', 'fills'],
  fees: ['费用', 'fees'],
};
/** Cells of a map that still have room for their value. */
const LABELLED_MAX = 240;
/** Below it the best of many is as likely luck. */
const SURE = 0.95;
const HASH_SHOWN = 8;

/** A figure's name in the page's language; a figure without a word keeps its own. */
function word(name: string): string {
  const words = WORDS[name];
  return words === undefined ? name : either(words[0], words[1]);
}

export function sweepSections({ sweep }: SweepPageData): HTMLElement[] {
  const parts = [tiles(sweep), bestSection(sweep), deflatedSection(sweep)];
  if (sweep.heat.length > 0) {
    const maps = sweep.heat.map((heat) => heatChart(heat, sweep.by));
    parts.push(section(`${t('heat')}: ${word(sweep.by)}`, el('p', 'dim', t('heatHint')), ...maps));
  }
  return parts;
}

/** What is asked for first: the best cell, what it reached, how sure that is. */
function tiles({ best, by, cells, done, failed, deflated }: Sweep): HTMLElement {
  const tile = (title: string, text: string, className = ''): HTMLElement =>
    el('div', 'tile', el('span', 'dim', title), el('b', className, text));
  const first = best[0];
  const params = Object.entries(first?.params ?? {}).map(([k, v]) => `${k}=${String(v)}`);
  const sure = deflated?.probability ?? null;
  return el(
    'div',
    'tiles',
    tile(t('bestCell'), params.join(' ') || t('none')),
    tile(word(by), figure(by, first?.figures[by]), signOf(by, first?.figures[by])),
    tile(t('deflated'), percent(sure), sure !== null && sure < SURE ? 'warn' : ''),
    tile(t('cells'), `${plain(done)} / ${plain(cells)}`),
    tile(t('failed'), plain(failed), failed > 0 ? 'warn' : ''),
  );
}

function signOf(name: string, value: number | null | undefined): string {
  if (!SIGNED.has(name) || value === null || value === undefined || value === 0) return '';
  return value > 0 ? 'up' : 'down';
}

function bestSection({ best, by, errors }: Sweep): HTMLElement {
  const names = Object.keys(best[0]?.params ?? {});
  // The figure that ranks stands first; one that no cell has is left out.
  const all = Object.keys(best[0]?.figures ?? {}).filter((name) => name !== by);
  const known = all.filter((name) => best.some(({ figures }) => isNumber(figures[name])));
  const figures = [by, ...known];
  const right = (title: string) => ({ title, right: true });
  const columns = [
    right('#'),
    ...names.map(right),
    ...figures.map((name) => right(word(name))),
    { title: t('stateHash') },
  ];
  const rows = best.map((row) => [
    ...[String(row.cell), ...names.map((name) => String(row.params[name]))],
    ...figures.map((name) => {
      const text = figure(name, row.figures[name]);
      return name === by ? el('b', signOf(name, row.figures[name]), text) : text;
    }),
    row.stateHash.slice(0, HASH_SHOWN),
  ]);
  const wrong = errors.map(({ text: why, count }) => el('li', '', `${count} × ${why}`));
  return section(
    `${t('best')}: ${word(by)}`,
    ...(wrong.length === 0 ? [] : [el('ul', 'warn', ...wrong)]),
    table(columns, rows),
  );
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number';
}

function deflatedSection({ deflated }: Sweep): HTMLElement {
  if (deflated === null) return section(t('deflated'), el('p', 'dim', t('none')));
  const { probability, sharpe, expectedMaximum, trials } = deflated;
  const rows = [
    [t('dsr'), percent(probability)],
    [t('bestSharpe'), plain(sharpe, 5)],
    [t('luckSharpe'), plain(expectedMaximum, 5)],
    [t('trials'), plain(trials)],
  ];
  const verdict = el(
    'p',
    probability < SURE ? 'warn' : '',
    t(probability < SURE ? 'luck' : 'sure'),
  );
  return section(t('deflated'), verdict, el('p', 'dim', t('deflatedHint')), table([], rows));
}

function figure(name: string, value: number | null | undefined): string {
  if (PERCENT.has(name)) return percent(value, 3);
  return MONEY.has(name) ? money(value) : plain(value, 3);
}

function heatChart({ x, y, values }: Heat, by: string): HTMLElement {
  const known = values.flat().filter((value) => value !== null);
  if (y === null) return lineOf(x, values[0] ?? [], by);
  const cells = values.flatMap((line, j) => line.map((value, i) => [i, j, value ?? '-']));
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const height = Math.min(640, 150 + y.values.length * (cells.length <= LABELLED_MAX ? 34 : 22));
  return chart(height, `${x.name} ${y.name}`, {
    grid: { left: 70, right: 120, top: 26, bottom: 44 },
    tooltip: {
      formatter: (p: { value: [number, number, number] }) =>
        `${x.name}=${x.values[p.value[0]]} ${y.name}=${y.values[p.value[1]]}<br>` +
        `${word(by)}: ${figure(by, p.value[2])}`,
    },
    xAxis: { ...axisOf(x), nameLocation: 'middle', nameGap: 26 },
    yAxis: axisOf(y),
    visualMap: {
      ...scaleOf(by, least, most),
      ...{ calculable: true, right: 4, top: 26 },
      formatter: (value: number) => figure(by, value),
    },
    series: [
      {
        type: 'heatmap',
        data: cells.map((value) => ({
          value,
          itemStyle: value[2] === most ? { borderColor: '#111', borderWidth: 2 } : {},
        })),
        label: {
          show: cells.length <= LABELLED_MAX,
          color: '#17202b',
          fontSize: 11,
          formatter: (p: { value: [number, number, number | '-'] }) =>
            p.value[2] === '-' ? '' : figure(by, p.value[2]),
        },
        emphasis: { itemStyle: { borderColor: '#111' } },
      },
    ],
  });
}

function axisOf({ name, values }: Heat['x']): object {
  return { type: 'category', data: values.map(String), name };
}

/** Gains red, losses green, white at 0; where there is no gain or loss, light to dark. */
function scaleOf(by: string, least: number, most: number): object {
  const isBoth = SIGNED.has(by) && least < 0 && most > 0;
  const end = Math.max(Math.abs(least), Math.abs(most));
  if (isBoth) return { min: -end, max: end, inRange: { color: ['#5fb58c', '#ffffff', '#ec7f85'] } };
  const losses = SIGNED.has(by) && most <= 0;
  const gains = SIGNED.has(by) && least >= 0;
  const color = losses
    ? ['#5fb58c', '#f2faf6']
    : gains
      ? ['#fdf4f4', '#ec7f85']
      : ['#f3f7fc', '#7fb0e8'];
  return { min: least, max: most === least ? least + 1e-9 : most, inRange: { color } };
}

function lineOf(x: Heat['x'], values: readonly (number | null)[], by: string): HTMLElement {
  return chart(260, x.name, {
    grid: { left: 80, right: 24, top: 12, bottom: 44 },
    tooltip: { trigger: 'axis' },
    xAxis: { ...axisOf(x), nameLocation: 'middle', nameGap: 26 },
    yAxis: { scale: true, axisLabel: { formatter: (v: number) => figure(by, v) } },
    series: [{ type: 'line', data: values, color: BLUE, name: word(by) }],
  });
}
