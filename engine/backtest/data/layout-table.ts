// The vendor layouts that the loader knows, and recognising one by its header. Called by the
// loader for every file. Always: a header fits at most one layout (tested over all of them).
import { distance } from 'fastest-levenshtein';
import type { Layout } from './layout.ts';
import {
  jqdataBars,
  plainBars,
  qmtBars,
  tdxExportDays,
  tdxExportMinutes,
  tushareDays,
  tushareMinutes,
} from './layouts/bar-exports.ts';
import {
  eastmoneyDays,
  eastmoneyMinutes,
  eastmoneyOneMinute,
  joinquantDays,
  joinquantMinutes,
  tdxCorporateActions,
  tdxDays,
  tdxMinuteLine,
  tdxTransactions,
} from './layouts/bars.ts';
import {
  datayesAfterHours,
  datayesOrderQueue,
  datayesSseOrders,
  datayesSseSnapshots,
  datayesSseTrades,
  datayesSzseOrders,
  datayesSzseSnapshots,
  datayesSzseTrades,
} from './layouts/datayes.ts';
import {
  huataiSnapshots,
  huataiSseMergedOrders,
  huataiSseMergedTrades,
  huataiSseSplitOrders,
  huataiSseSplitTrades,
  huataiSzseOrders,
  huataiSzseTrades,
  startBook,
} from './layouts/huatai.ts';
import {
  pankouInstruments,
  pankouOrders,
  pankouSnapshots,
  pankouTrades,
} from './layouts/pankou.ts';
import { sse2021Snapshots } from './layouts/sse-2021.ts';

export const LAYOUTS: readonly Layout[] = [
  pankouOrders,
  pankouTrades,
  pankouSnapshots,
  pankouInstruments,
  datayesSseOrders,
  datayesSseTrades,
  datayesSseSnapshots,
  datayesSzseOrders,
  datayesSzseTrades,
  datayesSzseSnapshots,
  datayesOrderQueue,
  datayesAfterHours,
  huataiSseSplitOrders,
  huataiSseSplitTrades,
  huataiSseMergedOrders,
  huataiSseMergedTrades,
  huataiSzseOrders,
  huataiSzseTrades,
  huataiSnapshots,
  startBook,
  sse2021Snapshots,
  eastmoneyOneMinute,
  eastmoneyMinutes,
  eastmoneyDays,
  joinquantMinutes,
  joinquantDays,
  tdxMinuteLine,
  tdxDays,
  tdxTransactions,
  tdxCorporateActions,
  qmtBars,
  tushareDays,
  tushareMinutes,
  jqdataBars,
  tdxExportDays,
  tdxExportMinutes,
  plainBars,
];

/** The layout of that id, or null. */
export function layoutById(id: string): Layout | null {
  return LAYOUTS.find((layout) => layout.id === id) ?? null;
}

/** The layout a header belongs to, or null. */
export function recognise(header: readonly string[]): Layout | null {
  return matchingLayouts(header)[0] ?? null;
}

/** Every layout a header fits; more than one is a fault of the table. */
export function matchingLayouts(header: readonly string[]): Layout[] {
  const columns = new Set(header);
  return LAYOUTS.filter(
    (layout) =>
      layout.signature.every((column) => columns.has(column)) &&
      !(layout.lacks ?? []).some((column) => columns.has(column)),
  );
}

/** Text for an unknown header: the nearest layout, what is missing for it, and all known ones. */
export function unknownHeader(header: readonly string[]): string {
  let nearest = LAYOUTS[0];
  let best = -1;
  for (const layout of LAYOUTS) {
    const present = layout.signature.filter((column) => header.includes(column)).length;
    const share = present / layout.signature.length;
    if (share > best) {
      best = share;
      nearest = layout;
    }
  }
  const shown = header.slice(0, 8).join(',') + (header.length > 8 ? ',…' : '');
  const known = LAYOUTS.map((layout) => layout.id).join(', ');
  return `unknown header '${shown}'; nearest layout: ${nearest.id} (${nearest.title}), ${mismatch(
    nearest,
    header,
  )}; known layouts: ${known}; see docs/DATA.md`;
}

function mismatch(layout: Layout, header: readonly string[]): string {
  const missing = layout.signature.filter((column) => !header.includes(column));
  const extra = (layout.lacks ?? []).filter((column) => header.includes(column));
  const parts: string[] = [];
  for (const column of missing.slice(0, 4)) {
    const close = header.find(
      (other) => other.length > 2 && distance(other.toLowerCase(), column.toLowerCase()) <= 2,
    );
    parts.push(
      close === undefined ? `${column} is missing` : `${column} is missing (is it ${close}?)`,
    );
  }
  for (const column of extra) parts.push(`${column} does not belong to it`);
  return parts.join(', ');
}
