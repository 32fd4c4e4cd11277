// The tables of a run: costs, refusals, positions, fills, warnings. Called by run-page.ts. Always:
// what a page leaves out is counted, and the CSV files have it.
import { warningInChinese } from '../../../engine/backtest/page/warning-words.ts';
import { chart, GREY, RED } from './chart.ts';
import { type Column, el, folded, section, table } from './dom.ts';
import { clock, dayText, money, percent, plain } from './format.ts';
import type { Report, RunPageData } from './page-data.ts';
import { either, type TextKey, t } from './texts.ts';

const E4 = 1e4;
const FILLS_SHOWN = 500;
const REFUSALS_SHOWN = 200;
const POSITIONS_SHOWN = 50;
const WARNINGS_SHOWN = 20;
const right = (key: TextKey): Column => ({ title: t(key), right: true });
const left = (key: TextKey): Column => ({ title: t(key) });

export function costsSection({ metrics }: Report): HTMLElement {
  const { items, slippageE4, feesE4, feeRate, slippageRate } = metrics.costs;
  const parts: [string, number][] = [];
  if (items !== null) {
    for (const [name, e4] of Object.entries(items)) {
      if (e4 !== 0) parts.push([t(name as TextKey), e4 / E4]);
    }
  } else if (feesE4 > 0) parts.push([t('fees'), feesE4 / E4]);
  if (slippageE4 !== null) parts.push([t('slippage'), slippageE4 / E4]);
  if (parts.length === 0) return section(t('costs'), el('p', 'dim', t('noFills')));
  const text =
    `${t('fees')} ${money(feesE4 / E4)} (${percent(feeRate, 4)}) · ${t('slippage')} ` +
    `${slippageE4 === null ? t('none') : money(slippageE4 / E4)} (${percent(slippageRate, 4)})`;
  return section(
    t('costs'),
    el('p', '', text),
    chart(60 + parts.length * 30, t('costs'), {
      grid: { left: 110, right: 70, top: 6, bottom: 26 },
      xAxis: { type: 'value' },
      yAxis: { type: 'category', inverse: true, data: parts.map(([name]) => name) },
      series: [
        {
          ...{ type: 'bar', barWidth: 16 },
          data: parts.map(([, yuan]) => ({
            value: yuan,
            itemStyle: { color: yuan >= 0 ? RED : GREY },
          })),
          label: {
            ...{ show: true, position: 'right' },
            formatter: (p: { value: number }) => money(p.value),
          },
        },
      ],
    }),
  );
}

export function rejectsSection({ report, detail }: RunPageData): HTMLElement {
  const { rejects } = detail;
  if (rejects.length === 0 && report.rejects.length === 0) {
    return section(t('rejects'), el('p', 'dim', t('noRejects')));
  }
  const words = new Map(rejects.map(({ code, zh, en }) => [code, either(zh, en)]));
  const groups = report.rejects.map(({ stage, code, text, count }) => [
    ...[stage, String(code), words.get(code) ?? text, plain(count)],
  ]);
  const columns = [left('stage'), right('code'), left('reason'), right('count')];
  const rows = rejects
    .slice(0, REFUSALS_SHOWN)
    .map((r) => [
      ...[dayText(r.day), clock(r.ns / 1e9), r.instrument, t(r.action), t(r.side)],
      ...[money(r.price), plain(r.qty), r.stage, String(r.code), either(r.zh, r.en)],
      ...[plain(r.value), plain(r.limit)],
    ]);
  const each = [
    ...[left('day'), left('time'), left('instrument'), left('action'), left('side')],
    ...[right('price'), right('qty'), left('stage'), right('code'), left('reason')],
    ...[right('found'), right('allowed')],
  ];
  const more = detail.leftOut.rejects + Math.max(0, rejects.length - REFUSALS_SHOWN);
  return section(t('rejects'), table(columns, groups), table(each, rows), leftOut(more));
}

function leftOut(count: number): HTMLElement {
  if (count === 0) return el('span');
  return el('p', 'dim', `${t('leftOut')}: ${plain(count)}; ${t('inCsv')}`);
}

export function fillsSection(data: RunPageData): HTMLElement {
  if (data.fills.length === 0) return section(t('fills'), el('p', 'dim', t('noFills')));
  const columns = [
    ...[left('day'), left('time'), left('instrument'), left('side')],
    ...[right('price'), right('qty'), right('fee'), left('order')],
  ];
  const rows = data.fills
    .slice(0, FILLS_SHOWN)
    .map((f) => [
      ...[dayText(f.day), clock(f.ns / 1e9), f.instrument],
      el('span', f.side === 'buy' ? 'up' : 'down', t(f.side)),
      ...[money(f.price), plain(f.qty), money(f.fee), f.coid],
    ]);
  const more = data.fillsLeftOut + Math.max(0, data.fills.length - FILLS_SHOWN);
  return section(t('fills'), table(columns, rows), leftOut(more));
}

export function positionsSection({ positions }: Report): HTMLElement {
  const columns = [left('instrument'), right('qty'), right('cost'), right('last'), right('pnl')];
  const isLong = positions.length > POSITIONS_SHOWN;
  // Of thousands the largest first.
  const sorted = isLong
    ? positions.toSorted((a, b) => b.qty * b.lastPrice - a.qty * a.lastPrice)
    : positions;
  const rows = sorted.map(({ instrument, qty, averageCost, lastPrice }) => {
    const gain = (lastPrice - averageCost) * qty;
    const gained = el('span', gain >= 0 ? 'up' : 'down', money(gain));
    return [instrument, plain(qty), money(averageCost), money(lastPrice), gained];
  });
  return section(
    t('positions'),
    rows.length === 0 ? el('p', 'dim', t('none')) : table(columns, rows.slice(0, POSITIONS_SHOWN)),
    rest(rows.slice(POSITIONS_SHOWN), (others) => table(columns, others)),
  );
}

/** What is behind the first lines, folded up; nothing when there is nothing. */
function rest<T>(others: readonly T[], make: (others: readonly T[]) => Node): HTMLElement {
  if (others.length === 0) return el('span');
  return folded(`${t('theRest')}: ${plain(others.length)}`, () => make(others));
}

export function warningsSection({ warnings, failures }: Report): HTMLElement {
  const all = [
    ...failures.map(({ name, text }) => `${name}: ${text}`),
    ...warnings.map((text) => either(warningInChinese(text), text)),
  ];
  if (all.length === 0) return el('div');
  const list = (texts: readonly string[]): HTMLElement =>
    el('ul', 'warn', ...texts.map((text) => el('li', '', text)));
  const first = list(all.slice(0, WARNINGS_SHOWN));
  return section(t('warnings'), first, rest(all.slice(WARNINGS_SHOWN), list));
}
