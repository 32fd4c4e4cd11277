// The lives of orders as lines over time, and the distributions of what they met: waiting times,
// slippage, sizes. Called by run-page.ts. Always: waiting times stand in decades of a second, since
// they span from microseconds to hours.
import { BLUE, chart, GREEN, GREY, RED } from './chart.ts';
import { el, picker, section } from './dom.ts';
import { clock, dayText, duration, plain } from './format.ts';
import type { FillMark, OrderLife, RunPageData } from './page-data.ts';
import { t } from './texts.ts';

const ENDED: ReadonlySet<string> = new Set([
  ...['filled', 'cancelled', 'partly-cancelled', 'rejected'],
]);
const UNANSWERED: ReadonlySet<string> = new Set(['pending', 'submitted', 'held']);
/** Rows of one chart. */
const ROWS_SHOWN = 40;
const ROW_PX = 12;

export function livesSection({ detail }: RunPageData): HTMLElement {
  if (detail.orders.length === 0) return section(t('lives'), el('p', 'dim', t('noOrders')));
  const days = [...new Set(detail.orders.map(({ day }) => day))];
  const holder = el('div');
  const draw = (index: number): void => {
    const orders = detail.orders.filter(({ day }) => day === days[index]);
    holder.replaceChildren(livesChart(orders));
  };
  draw(0);
  const onPick = (index: number): void => {
    draw(index);
    window.dispatchEvent(new Event('pankou-draw'));
  };
  const choice = days.length < 2 ? el('span') : picker(days.map(dayText), onPick);
  return section(t('lives'), choice, el('p', 'dim', t('livesHint')), holder);
}

interface Coordinates {
  coord(point: [number, number]): [number, number];
}

function livesChart(orders: readonly OrderLife[]): HTMLElement {
  const lastNs = Math.max(...orders.flatMap(({ steps }) => steps.map(([ns]) => ns)));
  const lines = orders.map((order, row) => {
    const last = order.steps[order.steps.length - 1];
    const end = last !== undefined && ENDED.has(last[1]) ? last[0] : lastNs;
    return [row, order.createdNs / 1e9, end / 1e9];
  });
  const dots: number[][] = [];
  const crosses: number[][] = [];
  for (const [row, { steps }] of orders.entries()) {
    let filled = 0;
    for (const [ns, status, qty] of steps) {
      if (qty > filled) dots.push([ns / 1e9, row, qty - filled]);
      else if (status !== 'filled' && ENDED.has(status)) crosses.push([ns / 1e9, row]);
      filled = Math.max(filled, qty);
    }
  }
  const shown = Math.min(orders.length, ROWS_SHOWN);
  const colour = (row: number): string => (orders[row]!.side === 'buy' ? RED : GREEN);
  const renderItem = (_: unknown, api: Coordinates & { value(i: number): number }) => {
    const row = api.value(0);
    const [x, y] = api.coord([api.value(1), row]);
    const [end] = api.coord([api.value(2), row]);
    const shape = { x, y: y - 2, width: Math.max(2, end - x), height: 4 };
    return { type: 'rect', shape, style: { fill: colour(row), opacity: 0.55 } };
  };
  const tip = (row: number): string => lifeText(orders[row]!);
  const ends = orders.length - 1;
  const zoom = [
    { type: 'inside', xAxisIndex: 0 },
    {
      type: 'slider',
      xAxisIndex: 0,
      bottom: 4,
      height: 16,
      labelFormatter: (v: number) => clock(Math.floor(v)),
    },
    ...(orders.length > shown
      ? [{ type: 'slider', yAxisIndex: 0, width: 14, right: 4, startValue: 0, endValue: shown - 1 }]
      : []),
  ];
  const numbers = orders.map((_, i) => String(i + 1));
  return chart(90 + shown * ROW_PX, t('lives'), {
    grid: { left: 50, right: 34, top: 8, bottom: 56 },
    tooltip: {},
    dataZoom: zoom,
    xAxis: {
      ...{ type: 'value', scale: true },
      axisLabel: { formatter: (v: number) => clock(Math.floor(v)) },
    },
    yAxis: { type: 'category', data: numbers, inverse: true, max: Math.max(ends, 0) },
    series: [
      {
        ...{ type: 'custom', renderItem, data: lines, encode: { x: [1, 2], y: 0 } },
        tooltip: { formatter: (p: { value: number[] }) => tip(p.value[0]!) },
      },
      {
        ...{ type: 'scatter', data: dots, symbolSize: 6 },
        itemStyle: { color: (p: { value: number[] }) => colour(p.value[1]!), borderColor: '#111' },
        tooltip: { formatter: (p: { value: number[] }) => tip(p.value[1]!) },
      },
      {
        ...{ type: 'scatter', data: crosses, symbolSize: 8, itemStyle: { color: GREY } },
        symbol: 'path://M0,0L8,8M8,0L0,8',
        ...{ itemStyle: { color: 'none', borderColor: '#444', borderWidth: 1.6 } },
        tooltip: { formatter: (p: { value: number[] }) => tip(p.value[1]!) },
      },
    ],
  });
}

function lifeText({ coid, instrument, side, price, qty, filled, steps }: OrderLife): string {
  const lines = steps.slice(0, 12).map(([ns, status, done]) => {
    return `${clock(ns / 1e9)} ${status} ${plain(done)}`;
  });
  const head = `${coid}<br>${instrument} ${t(side)} ${plain(filled)}/${plain(qty)} @ ${price}`;
  return `${head}<br>${lines.join('<br>')}`;
}

export function spreadsSection(data: RunPageData): HTMLElement {
  const { orders } = data.detail;
  if (data.fills.length === 0) return section(t('spreads'), el('p', 'dim', t('noFills')));
  const waits = orders.flatMap(({ steps, createdNs }) => {
    const first = steps.find(([, , filled]) => filled > 0);
    return first === undefined ? [] : [first[0] - createdNs];
  });
  const answers = orders.flatMap(({ steps, createdNs }) => {
    const first = steps.find(([, status]) => !UNANSWERED.has(status));
    return first === undefined ? [] : [first[0] - createdNs];
  });
  return section(
    t('spreads'),
    el(
      'div',
      'grid2',
      el('div', '', el('h3', '', t('waiting')), decadeChart(t('waiting'), waits)),
      el('div', '', el('h3', '', t('answering')), decadeChart(t('answering'), answers)),
      el('div', '', el('h3', '', t('slip')), binChart(t('slip'), slips(data.fills, orders))),
      el(
        'div',
        '',
        el('h3', '', t('sizes')),
        binChart(
          t('sizes'),
          data.fills.map((f) => f.qty),
        ),
      ),
    ),
  );
}

/** Basis points against the order's own price, above 0 when it cost money. */
function slips(fills: readonly FillMark[], orders: readonly OrderLife[]): number[] {
  const priced = new Map(orders.map(({ coid, price }) => [coid, price]));
  return fills.flatMap(({ coid, side, price }) => {
    const own = priced.get(coid);
    if (own === undefined || own <= 0) return [];
    return [((side === 'buy' ? price - own : own - price) / own) * 1e4];
  });
}

/** Counts by decade of ns, 0 apart. */
export function decades(values: readonly number[]): { label: string; count: number }[] {
  const place = (ns: number): number => (ns <= 0 ? -1 : Math.floor(Math.log10(ns) + 1e-9));
  const places = values.map(place);
  const least = Math.min(...places.filter((p) => p >= 0), 99);
  const most = Math.max(...places);
  const bins: { label: string; count: number }[] = [];
  const zero = places.filter((p) => p < 0).length;
  if (zero > 0) bins.push({ label: '0', count: zero });
  for (let p = least; p <= most; p++) {
    const label = `${duration(10 ** p)} –`;
    bins.push({ label, count: places.filter((one) => one === p).length });
  }
  return bins;
}

function decadeChart(label: string, values: readonly number[]): HTMLElement {
  const bins = decades(values);
  return barChart(
    label,
    bins.map((bin) => bin.label),
    bins.map(({ count }) => count),
  );
}

const BINS = 24;

function binChart(label: string, values: readonly number[]): HTMLElement {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (values.length === 0 || least === most) {
    return barChart(label, values.length === 0 ? [] : [plain(least)], [values.length]);
  }
  // Whole numbers, as shares are, stand in bins of whole width.
  const isWhole = values.every((value) => Number.isInteger(value));
  const share = (most - least) / BINS;
  const width = isWhole ? Math.ceil((most - least + 1) / BINS) : share;
  const bins = isWhole ? Math.ceil((most - least + 1) / width) : BINS;
  const counts = Array.from({ length: bins }, () => 0);
  for (const value of values) counts[Math.min(bins - 1, Math.floor((value - least) / width))]!++;
  return barChart(
    label,
    counts.map((_, i) => plain(least + i * width)),
    counts,
  );
}

function barChart(
  label: string,
  labels: readonly string[],
  counts: readonly number[],
): HTMLElement {
  return chart(190, label, {
    grid: { left: 44, right: 12, top: 10, bottom: 28 },
    tooltip: { trigger: 'axis' },
    xAxis: { type: 'category', data: labels },
    yAxis: { minInterval: 1 },
    series: [
      {
        type: 'bar',
        name: t('count'),
        data: counts,
        color: BLUE,
        barCategoryGap: '12%',
        barMaxWidth: 44,
      },
    ],
  });
}
