// The figures of a run: all of report.json's metrics with their words, the quality of its fills and
// how it differs from history. Called by run-page.ts. Always: the name that a figure has in
// report.json and docs/ANALYTICS.md is its tooltip; lists are told by their length.
import { el, section, table } from './dom.ts';
import { FIGURE_WORDS } from './figure-words.ts';
import { clock, dayText, money, percent, plain } from './format.ts';
import type { Report, RunPageData } from './page-data.ts';
import { either, t } from './texts.ts';

const E4 = 1e4;
const PERCENT = /Return|Volatility|Drawdown|Rate$|^exposure$|^timeInMarket$|^excess|^fillRatio$/;
const MONEY = new Set(['commission', 'stampDuty', 'transferFee', 'handlingFee', 'regulatoryFee']);

export function figuresSection({ metrics, divergence }: Report): HTMLElement {
  const groups = [
    ...[metrics.performance, metrics.drawdown, metrics.benchmark, metrics.trading, metrics.costs],
  ].filter((group) => group !== null);
  const rows = groups.flatMap((group) => figureRows(group));
  const parts: HTMLElement[] = [el('div', 'columns', figureTable(rows))];
  const notes = metrics.notes.map(({ zh, en }) => el('li', '', either(zh, en)));
  if (notes.length > 0) parts.push(el('h3', '', t('notes')), el('ul', 'dim', ...notes));
  for (const one of divergence) {
    if (one.firstNs < 0) continue;
    parts.push(el('h3', '', `${t('divergence')} ${one.instrument}`), figureTable(figureRows(one)));
  }
  return section(t('figures'), ...parts);
}

function figureTable(rows: readonly (readonly [HTMLElement, string])[]): HTMLElement {
  return table([{ title: '' }, { title: '', right: true }], rows);
}

function figureRows(group: object): [HTMLElement, string][] {
  return Object.entries(group).flatMap(([name, value]): [HTMLElement, string][] => {
    if (isMoment(value)) return [[named(name), momentText(value)]];
    if (Array.isArray(value)) return [[named(name), plain(value.length)]];
    if (typeof value === 'object' && value !== null) return figureRows(value);
    return [[named(name), figureText(name, value)]];
  });
}

function named(name: string): HTMLElement {
  const [zh, en] = FIGURE_WORDS[name] ?? [name, name];
  const cell = el('span', '', either(zh, en));
  cell.title = name;
  return cell;
}

interface Moment {
  readonly day: number;
  readonly timeNs: number | null;
}

function isMoment(value: unknown): value is Moment {
  return typeof value === 'object' && value !== null && 'day' in value && 'timeNs' in value;
}

function momentText({ day, timeNs }: Moment): string {
  return timeNs === null ? dayText(day) : `${dayText(day)} ${clock(timeNs / 1e9)}`;
}

function figureText(name: string, value: unknown): string {
  if (typeof value !== 'number') return value === null ? t('none') : String(value);
  if (name === 'day' || name === 'from' || name === 'to') return dayText(value);
  if (name.endsWith('Ns')) return clock(value / 1e9);
  if (name.endsWith('E4') || MONEY.has(name)) return money(value / E4);
  return PERCENT.test(name) ? percent(value, 3) : plain(value, 4);
}

/** How own orders waited; nothing where the data show no book. */
function queueRows({ queue }: RunPageData['detail']): [string, string][] {
  if (queue.orders === 0) return [[t('passive'), t('none')]];
  const { passiveOrders, passiveShare, aheadMedian, aheadHigh, waitSMedian, waitSHigh } = queue;
  const of = (value: number | null, text: (value: number) => string): string =>
    value === null ? t('none') : text(value);
  const seconds = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} s`;
  const passive = `${percent(passiveShare, 1)} (${plain(passiveOrders)} / ${plain(queue.orders)})`;
  return [
    [t('passive'), passive],
    [t('ahead'), `${of(aheadMedian, plain)} / ${of(aheadHigh, plain)}`],
    [t('queued'), `${of(waitSMedian, seconds)} / ${of(waitSHigh, seconds)}`],
  ];
}

/** Adverse move behind fills, share of the market's volume, and how much the strategy may carry. */
export function qualitySection({ report, detail }: RunPageData): HTMLElement {
  const { quality } = detail;
  if (quality.fills === 0) return section(t('quality'), el('p', 'dim', t('noFills')));
  const rows = quality.adverse.map(({ seconds, fills, meanBp }) => [
    ...[`${seconds} s`, meanBp === null ? t('none') : meanBp.toFixed(2), plain(fills)],
  ]);
  const columns = [
    { title: t('behindFill') },
    { title: t('adverse'), right: true },
    { title: t('fillsCounted'), right: true },
  ];
  const shares = [
    ...[quality.medianShare, quality.highShare, quality.maxShare].map((share) => percent(share, 3)),
  ].join(' / ');
  const multiple = quality.capacityMultiple;
  const share = percent(quality.capacityShare, 0);
  const capacity =
    multiple === null
      ? t('none')
      : `${money(report.finalEquity * multiple)} (${multiple.toFixed(1)} ×)`;
  const lines = [
    [t('volumeShare'), shares],
    [`${t('capacity')} (${share})`, capacity],
  ];
  const facts = table(
    [{ title: '' }, { title: '', right: true }],
    [...lines, ...queueRows(detail)],
  );
  return section(
    t('quality'),
    table(columns, rows),
    el('p', 'dim', t('adverseHint')),
    facts,
    el('p', 'dim', t('capacityHint')),
    el('p', 'dim', t('queueHint')),
  );
}
