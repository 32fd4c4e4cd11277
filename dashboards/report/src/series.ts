// The strategy's own series (`ctx.series(name, value)`), each in a chart of its own below the
// equity. Called by run-page.ts. Always: the x axis is the order of points, as the equity's is; a
// value that is no number is a gap.
import { BLUE, chart } from './chart.ts';
import { el, section } from './dom.ts';
import { clock, dayText, plain } from './format.ts';
import type { RunPageData, SeriesLine } from './page-data.ts';
import { t } from './texts.ts';

/** Null where the strategy has none. */
export function seriesSection({ series, report }: RunPageData): HTMLElement | null {
  if (series.length === 0) return null;
  const left = report.series.length - series.length;
  const note = left > 0 ? [el('p', 'dim', `${t('leftOut')}: ${left}; ${t('inCsv')}`)] : [];
  return section(t('series'), ...note, ...series.flatMap(lineOf));
}

function lineOf({ strategy, name, points, thinned }: SeriesLine): HTMLElement[] {
  const isOneDay = points.every(([day]) => day === points[0]?.[0]);
  const labels = points.map(([day, second]) => {
    const time = clock(Math.floor(second));
    return isOneDay ? time : `${dayText(day)} ${time}`;
  });
  const text = thinned ? `${strategy} · ${name} (${t('thinned')})` : `${strategy} · ${name}`;
  return [
    el('h3', '', text),
    chart(190, name, {
      grid: { left: 90, right: 24, top: 12, bottom: 48 },
      tooltip: { trigger: 'axis', valueFormatter: (v: number | null) => plain(v, 4) },
      dataZoom: [{ type: 'inside' }, { type: 'slider', bottom: 4, height: 14 }],
      xAxis: { type: 'category', data: labels, boundaryGap: false },
      yAxis: { scale: true, axisLabel: { formatter: (v: number) => plain(v, 4) } },
      series: [
        {
          ...{ type: 'line', name, showSymbol: points.length < 40, color: BLUE },
          ...{ data: points.map(([, , value]) => value), lineStyle: { width: 1.2 } },
        },
      ],
    }),
  ];
}
