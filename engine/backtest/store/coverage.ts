// Pictures of what a store holds: a heat strip per instrument on the terminal, and the same as a
// page of its own. Called by `pankou data check` and `list`. Always: days run from the first to
// the last of all instruments; where there are more days than columns, neighbours share a cell.
import type { Calendar } from '../../rules/calendar.ts';
import { addDays, isWeekend } from '../../rules/calendar-date.ts';
import type { CoverageCell } from './check.ts';
import { type Finding, findingText } from './finding.ts';

export type Coverage = ReadonlyMap<string, ReadonlyMap<number, CoverageCell>>;

/** From nothing to the most rows of that instrument. */
const SHADES = ['·', '░', '▒', '▓', '█'];
const PAGE_COLUMNS = 400;

/** One cell: days that trade, those that have data, and their rows. */
interface Cell {
  readonly from: number;
  readonly to: number;
  readonly due: number;
  readonly present: number;
  readonly rows: number;
  readonly faults: number;
}

interface Strip {
  readonly symbol: string;
  readonly cells: readonly Cell[];
  readonly most: number;
}

/** Days that count: trading days as far as the calendar knows, else weekdays; and any with data. */
function daysOf(coverage: Coverage, calendar: Calendar): number[] {
  const held = new Set<number>();
  for (const days of coverage.values()) for (const day of days.keys()) held.add(day);
  if (held.size === 0) return [];
  const sorted = [...held].sort((a, b) => a - b);
  const last = sorted[sorted.length - 1];
  const days: number[] = [];
  for (let day = sorted[0]; day <= last; day = addDays(day, 1)) {
    const trades = !isWeekend(day) && calendar.statusOf(day) !== 'closed';
    if (held.has(day) || trades) days.push(day);
  }
  return days;
}

function strips(
  coverage: Coverage,
  calendar: Calendar,
  findings: readonly Finding[],
  width: number,
): Strip[] {
  const days = daysOf(coverage, calendar);
  const perCell = Math.max(1, Math.ceil(days.length / width));
  const bad = new Set(
    findings.filter((f) => f.severity === 'error').map(({ symbol, day }) => `${symbol}|${day}`),
  );
  return [...coverage].map(([symbol, held]) => {
    const cells: Cell[] = [];
    for (let at = 0; at < days.length; at += perCell) {
      const own = days.slice(at, at + perCell);
      const present = own.filter((day) => held.has(day));
      cells.push({
        from: own[0],
        to: own[own.length - 1],
        due: own.length,
        present: present.length,
        rows: present.reduce((sum, day) => sum + (held.get(day)?.rows ?? 0), 0),
        faults: own.filter((day) => bad.has(`${symbol}|${day}`)).length,
      });
    }
    return { symbol, cells, most: cells.reduce((most, { rows }) => Math.max(most, rows), 1) };
  });
}

/** 0 = nothing … 4 = the most; a cell with any row is at least 1. */
function shadeOf({ rows }: Cell, most: number): number {
  return rows === 0 ? 0 : Math.min(4, 1 + Math.floor((3.999 * rows) / most));
}

/** Lines for a terminal `width` columns wide. */
export function coverageText(
  coverage: Coverage,
  calendar: Calendar,
  findings: readonly Finding[],
  width: number,
): string {
  const room = Math.max(10, width - 12);
  const all = strips(coverage, calendar, findings, room);
  const first = all[0]?.cells[0];
  if (first === undefined) return 'the store is empty';
  const last = all[0].cells.at(-1) ?? first;
  const each = first.due > 1 ? `, ${first.due} days a cell` : '';
  const lines = all.map(({ symbol, cells, most }) => {
    const shown = cells.map((cell) => (cell.faults > 0 ? '!' : SHADES[shadeOf(cell, most)]));
    return `${symbol.padEnd(10)} ${shown.join('')}`;
  });
  const legend = `· none  ░▒▓█ few to most rows of the instrument  ! an error${each}`;
  return [`${first.from} to ${last.to}`, ...lines, legend].join('\n');
}

/** A self-contained page: the strips, and every finding. */
export function coveragePage(
  store: string,
  coverage: Coverage,
  calendar: Calendar,
  findings: readonly Finding[],
): string {
  const rows = strips(coverage, calendar, findings, PAGE_COLUMNS).map(({ symbol, cells, most }) => {
    const boxes = cells.map((cell) => {
      const days = cell.from === cell.to ? `${cell.from}` : `${cell.from}–${cell.to}`;
      const title = `${symbol} ${days}: ${cell.present} of ${cell.due} days, ${cell.rows} rows`;
      const shade = cell.faults > 0 ? 'x' : String(shadeOf(cell, most));
      const told = cell.faults > 0 ? `${title}, errors` : title;
      return `<i class="s${shade}" title="${escaped(told)}"></i>`;
    });
    return `<tr><th scope="row">${escaped(symbol)}</th><td>${boxes.join('')}</td></tr>`;
  });
  const told = findings.map((f) => `<li class="${f.severity}">${escaped(findingText(f))}</li>`);
  const none = '<li>nothing found 没有发现问题</li>';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Coverage of ${escaped(store)}</title>
<style>${STYLE}</style></head><body>
<h1>Coverage 数据覆盖</h1><p>${escaped(store)}</p>
<p>Each cell is a day, or several; the darker, the more rows of that instrument.
每格一天或数天，颜色越深行数越多。 <i class="s0"></i> none 无 <i class="sx"></i> errors 错误</p>
<table>${rows.join('\n')}</table>
<h2>Findings 检查结果 (${findings.length})</h2>
<ul>${told.length > 0 ? told.join('\n') : none}</ul>
</body></html>
`;
}

const STYLE = `
:root{color-scheme:light dark;font:14px system-ui,sans-serif}body{margin:2em}
table{border-spacing:0 2px}th{font-weight:normal;text-align:left;padding-right:1em}
td{white-space:nowrap;line-height:0}i{display:inline-block;width:5px;height:16px;margin-right:1px}
.s0{background:#8883}.s1{background:#9ecae1}.s2{background:#6baed6}.s3{background:#3182bd}
.s4{background:#08519c}.sx{background:#d62728}.error{color:#d62728}`;

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
