// Candles of one instrument with own trades on them; a click on a trade shows the book before it.
// Called by run-page.ts. Always: a trade stands on the candle in whose time it happened.
import { chart, type EChartsType, GREEN, RED } from './chart.ts';
import { el, picker, section, table } from './dom.ts';
import { clock, dayText, money, plain } from './format.ts';
import type { CandleSeries, FillMark, RunPageData } from './page-data.ts';
import { t } from './texts.ts';

const DAY_S = 86_400;

export function candlesSection(data: RunPageData): HTMLElement {
  const { candles } = data.detail;
  const panel = el('div', 'book');
  const holder = el('div');
  const draw = (index: number): void => {
    const series = candles[index];
    if (series === undefined) return;
    const fills = data.fills.filter(({ instrument }) => instrument === series.instrument);
    holder.replaceChildren(candleChart(series, fills, (fill) => showBook(panel, data, fill)));
  };
  draw(0);
  const hint = el('p', 'dim', t('tradesHint'));
  const first = data.fills.find(({ instrument }) => instrument === candles[0]?.instrument);
  if (first !== undefined) showBook(panel, data, first);
  const choice =
    candles.length < 2
      ? el('span', '', candles[0]?.instrument ?? '')
      : picker(
          candles.map(({ instrument }) => instrument),
          (index) => {
            draw(index);
            window.dispatchEvent(new Event('pankou-draw'));
          },
        );
  return section(t('trades'), choice, hint, el('div', 'beside', holder, panel));
}

/** Place of the candle that a moment lies in; -1 = before the first. */
export function placeOf(series: CandleSeries, day: number, second: number): number {
  const { rows } = series;
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle]!;
    if (row[0] < day || (row[0] === day && row[1] <= second)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function candleChart(
  series: CandleSeries,
  fills: readonly FillMark[],
  onFill: (fill: FillMark) => void,
): HTMLElement {
  const { rows } = series;
  const isDaily = series.seconds >= DAY_S || rows.every(([, second]) => second === rows[0]?.[1]);
  const isOneDay = rows[0]?.[0] === rows[rows.length - 1]?.[0];
  const labels = rows.map(([day, second]) => {
    if (isDaily) return dayText(day);
    return isOneDay ? clock(second) : `${dayText(day)} ${clock(second)}`;
  });
  const marks = (side: 'buy' | 'sell') =>
    fills
      .map((fill, i) => ({ fill, i, at: placeOf(series, fill.day, fill.ns / 1e9) }))
      .filter(({ fill, at }) => fill.side === side && at >= 0)
      .map(({ fill, i, at }) => ({ value: [at, fill.price, fill.qty, i] }));
  const trade = (side: 'buy' | 'sell') => ({
    ...{ name: t(side), type: 'scatter', data: marks(side), symbol: 'triangle', symbolSize: 11 },
    symbolRotate: side === 'buy' ? 0 : 180,
    itemStyle: { color: side === 'buy' ? RED : GREEN, borderColor: '#111', borderWidth: 0.7 },
    ...{ z: 10, cursor: 'pointer' },
    tooltip: { formatter: (p: { value: number[] }) => fillText(fills[p.value[3]!]!) },
  });
  const volumes = rows.map((row) => ({
    value: row[6],
    itemStyle: { color: row[5] >= row[2] ? RED : GREEN },
  }));
  const axis = { type: 'category', data: labels };
  const option = {
    grid: [
      { left: 60, right: 16, top: 30, height: 270 },
      { left: 60, right: 16, top: 320, height: 60 },
    ],
    legend: { top: 0, data: [t('buy'), t('sell')] },
    tooltip: { trigger: 'item' },
    axisPointer: { link: [{ xAxisIndex: 'all' }] },
    dataZoom: [
      { type: 'inside', xAxisIndex: [0, 1] },
      { type: 'slider', xAxisIndex: [0, 1], bottom: 6, height: 18 },
    ],
    xAxis: [
      { ...axis, gridIndex: 0, axisLabel: { show: false } },
      { ...axis, gridIndex: 1 },
    ],
    yAxis: [
      { gridIndex: 0, scale: true },
      { gridIndex: 1, splitNumber: 2, axisLabel: { show: false }, splitLine: { show: false } },
    ],
    series: [
      {
        ...{ name: series.instrument, type: 'candlestick' },
        data: rows.map(([, , open, high, low, close]) => [open, close, low, high]),
        itemStyle: { color: RED, color0: GREEN, borderColor: RED, borderColor0: GREEN },
      },
      trade('buy'),
      trade('sell'),
      { type: 'bar', xAxisIndex: 1, yAxisIndex: 1, data: volumes, tooltip: { show: false } },
    ],
  };
  return chart(430, `${t('trades')} ${series.instrument}`, option, (made: EChartsType) => {
    made.on('click', (event) => {
      const value = (event as { value?: unknown }).value;
      if (event.seriesType !== 'scatter' || !Array.isArray(value)) return;
      const fill = fills[Number(value[3])];
      if (fill !== undefined) onFill(fill);
    });
  });
}

function fillText({ day, ns, side, price, qty, coid }: FillMark): string {
  return `${dayText(day)} ${clock(ns / 1e9)}<br>${t(side)} ${plain(qty)} @ ${price}<br>${coid}`;
}

function showBook(panel: HTMLElement, data: RunPageData, fill: FillMark): void {
  const book = data.detail.books.find(({ coid, ns }) => coid === fill.coid && ns === fill.ns);
  const title = el('h3', '', t('book'));
  const own = el(
    'p',
    fill.side === 'buy' ? 'up' : 'down',
    `${clock(fill.ns / 1e9)} ${t(fill.side)} ${plain(fill.qty)} @ ${fill.price}`,
  );
  if (book === undefined) {
    panel.replaceChildren(title, own, el('p', 'dim', t('noBook')));
    return;
  }
  const line = (name: string, [price, qty]: readonly [number, number], side: string) => {
    const mark = price === fill.price ? ' ◀' : '';
    return [el('span', side, name), el('span', side, money(price) + mark), plain(qty)];
  };
  const asks = book.asks.map((level, i) => line(`${t('sell')} ${i + 1}`, level, 'down')).reverse();
  const bids = book.bids.map((level, i) => line(`${t('buy')} ${i + 1}`, level, 'up'));
  const columns = [
    { title: '' },
    { title: t('price'), right: true },
    { title: t('qty'), right: true },
  ];
  panel.replaceChildren(
    ...[title, own, el('p', 'dim', `${t('shownAt')} ${clock(book.shownNs / 1e9)}`)],
    table(columns, [...asks, ...bids]),
  );
}
