// What lies in the data before `--from`: kept bars and indicators begin with it, adjusted as of the
// first day, and nothing of that day or later is ever in it. Bars longer than those of the files.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { adjustedAsOf, StoredRows } from '../../../engine/backtest/data/earlier-bars.ts';
import { actionsFile, dailyFile, runOver } from '../../support/days-run.ts';
import { folderOf } from '../../support/market-files.ts';
import { importPaths } from '../store/store-kit.ts';

const KEEPS = join(import.meta.dirname, '../../support/strategies/keeps-bars.ts');
const NO_BARS = join(import.meta.dirname, '../../support/strategies/sell-then-buy.ts');
const PTRADE = join(import.meta.dirname, '../../support/strategies/ptrade-days.ts');
const DAYS = [20_230_703, 20_230_704, 20_230_705, 20_230_706, 20_230_707];
const SYMBOL = '600000.SH';

/** Closes 10, 11, 12, then 9 and 10 behind a split of one into two. */
const daily = () =>
  folderOf({
    'jq-600000.csv': dailyFile(
      '600000.XSHG',
      DAYS.map((day, i) => {
        const close = i < 3 ? 10 + i : 6 + i;
        return [day, close, close, close, close, 1_000_000] as const;
      }),
    ),
    'SH600000.actions.csv': actionsFile([[20_230_706, 0, 0, 10, 0, 0]]),
  });

function minutes(days: readonly string[]): string[] {
  const lines = ['time,code,open,close,high,low,volume,money'];
  for (const [d, day] of days.entries()) {
    for (const [m, time] of ['09:31', '09:32', '09:34', '09:35', '09:36', '15:00'].entries()) {
      const [open, close] = [10 + d, 10 + d + m / 10];
      lines.push(`${day} ${time}:00,600000.XSHG,${open},${close},${close},${open},1000,10000`);
    }
  }
  return lines;
}

async function storeOf(folder: string): Promise<string> {
  const store = mkdtempSync(join(tmpdir(), 'pankou-earlier-'));
  await importPaths(store, [folder]);
  return store;
}

describe('a run that begins within the data', () => {
  test('starts with the bars before it, adjusted as of its first day', async () => {
    for (const path of [daily(), await storeOf(daily())]) {
      const given = { strategyFile: KEEPS, from: 20_230_706 };
      const { log } = await runOver(path, [SYMBOL], given);
      expect(log[0]).toBe('starts with 5.0000 5.5000 6.0000, sma 5.5000');
      expect(log[1]).toBe('86400 900 9 9 9 9 1000000 4 6.8333');
      // Before the ex-date they are as they were traded.
      const before = await runOver(path, [SYMBOL], { strategyFile: KEEPS, from: 20_230_705 });
      expect(before.log[0]).toBe('starts with 10.0000 11.0000, sma NaN');
      expect(before.log[2]).toBe('86400 900 9 9 9 9 1000000 4 6.8333');
    }
  });

  test('gives PTrade names the days before it', async () => {
    const given = { strategyFile: PTRADE, from: 20_230_706 };
    const { log } = await runOver(daily(), [SYMBOL], given);
    expect(log.filter((line) => !line.startsWith('end'))).toEqual([
      '5.0000 5.5000 6.0000',
      '5.5000 6.0000 9.0000',
    ]);
  });

  test('makes days of minutes where the data hold no daily bars', async () => {
    const folder = folderOf({ 'bars.csv': minutes(['2026-01-05', '2026-01-06', '2026-01-07']) });
    for (const path of [folder, await storeOf(folder)]) {
      const given = { strategyFile: KEEPS, from: 20_260_107, frequency: '1m' } as const;
      const { log } = await runOver(path, [SYMBOL], given);
      // The average is one of minutes: 15:00 and what was before it.
      expect(log[0]).toBe('starts with 10.5000 11.5000, sma 11.4000');
      expect(log.at(-1)).toBe('86400 900 12 12.5 12 12.5 6000 3 12.4667');
    }
  });

  test('hashes what it read of a store beside its own days', async () => {
    const folder = folderOf({ 'bars.csv': minutes(['2026-01-05', '2026-01-06', '2026-01-07']) });
    const path = await storeOf(folder);
    const given = { from: 20_260_107, frequency: '1m' } as const;
    const plain = await runOver(path, [SYMBOL], { ...given, strategyFile: NO_BARS });
    const keeps = await runOver(path, [SYMBOL], { ...given, strategyFile: KEEPS });
    expect(keeps.run.sha256).not.toBe(plain.run.sha256);
  });
});

describe('bars that are longer than those of the files', () => {
  test('are built from them along trading time, and told behind the last of them', async () => {
    const folder = folderOf({ 'bars.csv': minutes(['2026-01-05']) });
    const params = { length: '5m', period: 1 };
    const given = { strategyFile: KEEPS, frequency: '1m', params } as const;
    const { log } = await runOver(folder, [SYMBOL], given);
    expect(log.filter((line) => line.startsWith('300 '))).toEqual([
      '300 575 10 10.3 10 10.3 4000 1 10.3000',
      '300 580 10 10.4 10 10.4 1000 2 10.4000',
      '300 900 10 10.5 10 10.5 1000 3 10.5000',
    ]);
    // What traded in 9:36 alone is told when the market is at 15:00, the first bar behind it.
    expect(log.map((line) => line.split(' ', 2).join(' '))).toEqual([
      ...['starts with', '60 571', '60 572', '60 574', '60 575', '300 575', '60 576'],
      ...['300 580', '60 900', '300 900'],
    ]);
  });
});

test('rows of a store end before the day they are asked for, however many are wanted', async () => {
  const path = await storeOf(daily());
  const rows = new StoredRows(path, 20_230_705);
  expect([...rows.rows(SYMBOL, 86_400, 1_000)!.day]).toEqual([20_230_703, 20_230_704]);
  expect([...rows.rows(SYMBOL, 86_400, 1)!.day]).toEqual([20_230_704]);
  expect([rows.rows(SYMBOL, 60, 9), rows.rows('600001.SH', 86_400, 9)]).toEqual([null, null]);
  expect(adjustedAsOf(rows.rows(SYMBOL, 86_400, 9)!, [], 20_230_705).closeE4[1]).toBe(110_000);
});
