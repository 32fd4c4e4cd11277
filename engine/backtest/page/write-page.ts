// report.html: data and the built page script in one file that needs nothing else. Called when a
// run is kept and at the end of a sweep. Always: what stands in the data is escaped, so no text of
// a strategy or a file can end the script element; null where the pages are not built.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { E4_PER_YUAN } from '../../core/price.ts';
import type { RunDetail } from '../detail/run-detail.ts';
import type { RanBacktest } from '../ran-backtest.ts';
import { equityRows } from '../records/run-files.ts';

const SCRIPT = fileURLToPath(new URL('../../../dashboards/report/dist/page.js', import.meta.url));
export const PAGE_MISSING = 'no HTML page was made: run npm run build:pages first';
/** Fills a page carries; fills.csv has all. */
const FILLS_MAX = 20_000;

export interface PageHead {
  readonly title: string;
  readonly engine: string;
  readonly at: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly data: string;
}

/** What the page takes of a run. */
type PageRun = Pick<RanBacktest, 'report' | 'fills' | 'curve' | 'seriesPoints'>;

/** The page of a run, or null. */
export function runPage(
  head: PageHead,
  { report, fills, curve, seriesPoints }: PageRun,
  detail: RunDetail,
): string | null {
  const marks = fills.slice(0, FILLS_MAX).map((fill) => ({
    day: fill.day,
    ns: fill.timeNs,
    coid: fill.coid,
    instrument: fill.instrument,
    side: fill.side,
    price: fill.priceE4 / E4_PER_YUAN,
    qty: fill.qty,
    fee: fill.feeE4 / E4_PER_YUAN,
  }));
  return pageOf({
    ...{ kind: 'run', head, report, detail: { ...detail, equity: equityRows(curve) } },
    ...{ fills: marks, fillsLeftOut: Math.max(0, fills.length - FILLS_MAX) },
    ...{ series: seriesPoints },
  });
}

/** The page of a sweep, or null. */
export function sweepPage(head: PageHead, sweep: unknown): string | null {
  return pageOf({ ...{ kind: 'sweep', head }, ...{ sweep } });
}

function pageOf(data: { readonly head: PageHead; readonly kind: string }): string | null {
  if (!existsSync(SCRIPT)) return null;
  const script = readFileSync(SCRIPT, 'utf8').replaceAll('</script', '<\\/script');
  const json = JSON.stringify(data).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028');
  return [
    '<!doctype html>',
    '<html lang="zh-CN"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeText(data.head.title)}</title></head><body>`,
    `<script type="application/json" id="pankou-data">${json}</script>`,
    `<script>${script}</script>`,
    '</body></html>\n',
  ].join('\n');
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
