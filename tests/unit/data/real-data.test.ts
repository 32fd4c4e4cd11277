// The loader over real exchange data, which lies beside the repository and is never part of it:
// row counts, days, limits and phases of the folders whose README states them. Skipped where it is
// absent.
import { mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { MarketDay } from '../../../engine/backtest/data/load.ts';
import { loadMarketData, loadMarketDays } from '../../../engine/backtest/data/load.ts';
import { hasRealData, REAL_DATA } from '../../support/market-files.ts';
import { shown } from '../../support/tape-text.ts';

function load(folder: string, instruments: readonly string[] | 'all' = 'all'): Promise<MarketDay> {
  return loadMarketData({ path: `${REAL_DATA}/${folder}`, instruments, skipBadRows: false });
}

describe.skipIf(!hasRealData)('real data (skipped: no ../shared/data here)', () => {
  test('the SSE day of 600536 has every event, its auctions within their calls', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pankou-600536-'));
    for (const name of ['600536_orders.csv.gz', '600536_trades.csv.gz']) {
      symlinkSync(join(REAL_DATA, 'l2-sse-20230711', name), join(folder, name));
    }
    const day = await loadMarketData({ path: folder, instruments: 'all', skipBadRows: false });
    expect(day).toMatchObject({ day: 20230711, rows: 37_003 + 12_580 + 33_553, badRows: [] });
    const lines = shown(day.tape);
    const at = (phase: number): number =>
      lines.findIndex((line) => line.endsWith(`phase ${phase}`));
    const trades = (from: number, to: number): number =>
      lines.slice(from, to).filter((line) => line.includes(' trade ')).length;
    expect(trades(0, at(3))).toBe(136);
    expect(trades(at(3), at(6))).toBe(33_105);
    expect(trades(at(6), at(7))).toBe(312);
    expect(trades(at(7), lines.length)).toBe(0);
    expect(lines.at(-1)).toBe('15:00:00.350 phase 7');
  });

  test('the SSE day of 600519 takes previous close and limits from its pictures', async () => {
    const day = await load('l2-sse-600519-20230201');
    expect(day.rows).toBe(54_735 + 27_135 + 5_109);
    expect(day.instruments[0]).toMatchObject({
      preCloseE4: 18_457_600,
      upperLimitE4: 20_303_400,
      lowerLimitE4: 16_611_800,
    });
  });

  test('the partial SZSE day starts with its resting orders in the pause', async () => {
    const day = await load('l2-szse-002603-0930-1005');
    expect(day.rows).toBe(11_129 + 8_976 - 75 + 41);
    const lines = shown(day.tape);
    expect(lines.slice(0, 4).map((line) => line.slice(13))).toMatchObject([
      'phase 1',
      'phase 2',
      'phase 3',
      expect.stringMatching(/add .* kind 1/),
    ]);
    expect(lines.indexOf('09:30:00.000 phase 4')).toBe(3 + 41);
  });

  test('the limits the exchange published equal the formula', async () => {
    const day = await load('snap-szse-20220601');
    expect(day.instruments.map((i) => [i.symbol, i.upperLimitE4, i.lowerLimitE4])).toEqual([
      ['000400.SZ', 213_200, 174_400],
      ['300122.SZ', 1_047_400, 698_200],
    ]);
  });

  test('minute bars of several days come day by day', async () => {
    const path = `${REAL_DATA}/bars-minute-600519-2026/600519_1min.csv.gz`;
    const days = await loadMarketDays({ path, instruments: 'all', skipBadRows: false });
    expect(days.map((day) => [day.day, day.rows])).toEqual([
      [20260323, 241],
      [20260324, 241],
      [20260325, 241],
      [20260326, 241],
      [20260327, 241],
    ]);
  });
});
