// Days and stocks that no recorded file holds, in the three layouts of the exchanges: every board,
// a fund with a tick of 0.001, and a share on a day without limits. Each must come out equal, and
// the engine's feed must keep the very books of the verification.

import { rmSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { verifyFolder } from '../../../engine/verify/verify-folder.ts';
import { compareFeedBooks } from '../../support/feed-books.ts';
import type { L2Day, L2Layout } from '../../support/l2-export.ts';
import { l2Files, syntheticL2 } from '../../support/l2-export.ts';
import { folderOf } from '../../support/market-files.ts';
import { paperDay } from './paper-exchange.ts';

const DAY = 20260707;
const folders: string[] = [];
afterAll(() => {
  for (const made of folders) rmSync(made, { recursive: true });
});

function folder(layout: L2Layout, days: readonly L2Day[]): string {
  const path = folderOf(l2Files(layout, days));
  folders.push(path);
  return path;
}

const FEEDS = { 'sse-split': 'sse-split', 'sse-merged': 'sse-merged', szse: 'szse' } as const;

/** Board, layout, symbol, previous close. */
const SHARES: readonly [string, L2Layout, string, number][] = [
  ['SSE main', 'sse-split', '603288.SH', 361_200],
  ['STAR', 'sse-split', '688981.SH', 456_700],
  ['STAR', 'sse-merged', '688111.SH', 2_871_500],
  ['SSE fund, tick 0.001', 'sse-merged', '510300.SH', 39_870],
  ['SSE main, penny share', 'sse-merged', '601005.SH', 14_200],
  ['SZSE main', 'szse', '002142.SZ', 247_300],
  ['ChiNext', 'szse', '300750.SZ', 2_563_800],
  ['SZSE fund, tick 0.001', 'szse', '159915.SZ', 21_540],
];

describe('a synthetic day of', () => {
  test.each(SHARES)('%s as %s (%s) is equal', async (_, layout, symbol, preCloseE4) => {
    const wish = { symbol, preCloseE4, volatility: 0.03, eventsPerSecond: 0.3 };
    const day = syntheticL2(
      layout,
      20 + SHARES.findIndex((share) => share[2] === symbol),
      DAY,
      wish,
    );
    const path = folder(layout, [day]);
    const report = await verifyFolder({ path, instruments: 'all' });
    const [row] = report.instruments;
    expect(row.firstDifference).toBeNull();
    expect(row).toMatchObject({ instrument: symbol, day: DAY, feed: FEEDS[layout], equal: true });
    expect(row.openingAuction.equal).toBeGreaterThan(10);
    expect(row.continuous.equal).toBeGreaterThan(600);
    expect(row.cancels.equal).toBeGreaterThan(300);
    expect(row.closingAuction.equal).toBeGreaterThan(5);
    const books = await compareFeedBooks(path, symbol);
    expect(books.first).toBe('');
    expect([books.equal, books.equalTicks]).toEqual([books.compared, books.ticks]);
    expect(books.compared).toBeGreaterThan(2000);
    expect([books.handler.trust.problems(), books.stale]).toEqual([[], 0]);
  });
});

describe('a share without limits today, prices from 1 to 900 yuan,', () => {
  test.each([
    ['sse-split', '601111.SH'],
    ['sse-merged', '688999.SH'],
    ['szse', '301999.SZ'],
  ] as const)('as %s is equal', async (layout, symbol) => {
    const style = layout === 'szse' ? 'szse' : 'sse';
    const prices = { preCloseE4: 250_000, tickE4: 100, lowE4: 10_000, ticks: 89_901 };
    const rows = paperDay({ style, seed: 5, events: 1500, ...prices });
    const facts = { preCloseE4: 250_000, upperLimitE4: 0, lowerLimitE4: 0 };
    const day = { symbol, day: DAY, ...facts, rows };
    const path = folder(layout, [day]);
    const report = await verifyFolder({ path, instruments: 'all' });
    const [row] = report.instruments;
    expect(row.firstDifference).toBeNull();
    expect(report.equal).toBe(true);
    expect(row.continuous.equal).toBeGreaterThan(200);
    const books = await compareFeedBooks(path, symbol);
    expect(books.first).toBe('');
    expect([books.equal, books.stale]).toEqual([books.compared, 0]);
  });
});

test('several stocks of one folder are verified apart, and --instruments takes some', async () => {
  const days = ['600000.SH', '688981.SH'].map((symbol) =>
    syntheticL2('sse-merged', 3, DAY, {
      ...{ symbol, preCloseE4: 200_000, volatility: 0.02, eventsPerSecond: 0.05 },
    }),
  );
  const path = folder('sse-merged', days);
  const all = await verifyFolder({ path, instruments: 'all' });
  expect(all.instruments.map(({ instrument, equal }) => [instrument, equal])).toEqual([
    ['600000.SH', true],
    ['688981.SH', true],
  ]);
  const one = await verifyFolder({ path, instruments: ['688981.SH'] });
  expect(one.instruments).toEqual([all.instruments[1]]);
});
