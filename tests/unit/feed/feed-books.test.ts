// The book of the engine's feed handler equals that of `pankou verify` on every recorded layout:
// SSE split, SSE merged, SZSE. The data lie beside the repository; skipped where they are absent.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compareFeedBooks, feedOf } from '../../support/feed-books.ts';
import { hasRealData, REAL_DATA } from '../../support/market-files.ts';

describe.skipIf(!hasRealData)('recorded days (skipped: no ../shared/data here)', () => {
  test.each([
    ['SSE split', 'l2-sse-600519-20230201', '600519.SH', 70_000],
    ['SSE split, another vendor', 'l2-sse-20230711', '600536.SH', 60_000],
    ['SSE merged', 'l2-sse-600794-20260109', '600794.SH', 5_000],
    ['SZSE', 'l2-szse-002603-0930-1005', '002603.SZ', 12_000],
  ])('%s: five levels a side equal after every order', async (_, folder, symbol, atLeast) => {
    const found = await compareFeedBooks(join(REAL_DATA, folder), symbol);
    const { compared, equal, ticks, equalTicks, waiting, first, handler, stale } = found;
    expect(first).toBe('');
    expect(compared).toBeGreaterThan(atLeast);
    expect([equal, equalTicks]).toEqual([compared, ticks]);
    expect(ticks).toBeGreaterThan(compared / 2);
    expect(waiting).toBeLessThan(compared / 100);
    expect([handler.trust.problems(), stale]).toEqual([[], 0]);
  });

  test('three stocks of one channel, numbered out of the order of time, lose nothing', async () => {
    const { trust, eventCount } = await feedOf(join(REAL_DATA, 'l2-sse-20230711'));
    expect(eventCount).toBeGreaterThan(181_000);
    expect(trust.problems()).toEqual([]);
  });
});
