// The page of a run: head, tiles, charts, tables, in the order a person asks. Called by main.ts.
// Always: a run without trades or of one day shows every section, with a word where a chart is not.
import { candlesSection } from './candles.ts';
import { el } from './dom.ts';
import { equitySection, monthsSection } from './equity.ts';
import { figuresSection, qualitySection } from './figures.ts';
import { money, percent, plain, signed } from './format.ts';
import { livesSection, spreadsSection } from './lives.ts';
import type { Report, RunPageData } from './page-data.ts';
import { seriesSection } from './series.ts';
import {
  costsSection,
  fillsSection,
  positionsSection,
  rejectsSection,
  warningsSection,
} from './tables.ts';
import { type TextKey, t } from './texts.ts';

export function runSections(data: RunPageData): HTMLElement[] {
  const { report, detail } = data;
  return [
    tiles(report),
    warningsSection(report),
    equitySection(detail.equity),
    ...[seriesSection(data)].filter((part) => part !== null),
    monthsSection(detail.equity),
    candlesSection(data),
    livesSection(data),
    spreadsSection(data),
    qualitySection(data),
    costsSection(report),
    rejectsSection(data),
    positionsSection(report),
    figuresSection(report),
    fillsSection(data),
  ];
}

/** The figures that are asked for first. */
function tiles(report: Report): HTMLElement {
  const { performance, drawdown, trading } = report.metrics;
  const side = (value: number | null): string =>
    value === null || value === 0 ? '' : value > 0 ? 'up' : 'down';
  const tile = (key: TextKey, text: string, className = ''): HTMLElement =>
    el('div', 'tile', el('span', 'dim', t(key)), el('b', className, text));
  const { totalReturn, annualReturn, sharpe } = performance;
  return el(
    'div',
    'tiles',
    tile('pnl', signed(report.pnl), side(report.pnl)),
    tile('totalReturn', percent(totalReturn, 3), side(totalReturn)),
    tile('annualReturn', percent(annualReturn), side(annualReturn)),
    tile('maxDrawdown', percent(drawdown.maxDrawdown, 3)),
    tile('sharpe', plain(sharpe)),
    tile('hitRate', percent(trading.hitRate, 1)),
    tile('profitFactor', plain(trading.profitFactor)),
    tile('turnover', plain(trading.turnover)),
    tile('fees', money(report.fees)),
    tile('ordersFills', `${plain(report.orders)} / ${plain(report.fills)}`),
  );
}
