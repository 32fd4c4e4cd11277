// `pankou data check`: each planted fault is found with its place, clean data gives none, and the
// pictures of coverage show days and gaps.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkStore } from '../../../engine/backtest/store/check.ts';
import { columnOf } from '../../../engine/backtest/store/columns.ts';
import { coveragePage, coverageText } from '../../../engine/backtest/store/coverage.ts';
import { readDayFile, writeDayFile } from '../../../engine/backtest/store/day-file.ts';
import { findingText } from '../../../engine/backtest/store/finding.ts';
import { pathIn } from '../../../engine/backtest/store/store-folder.ts';
import { builtInBook } from '../../../engine/rules/rule-book.ts';
import { importInto, newStore, ORDERS, STATIC, TRADES } from './store-kit.ts';

const DAY = { 'orders.csv': ORDERS, 'trades.csv': TRADES, 'static.csv': STATIC };
const SYMBOL = '600519.SH';

function check(store: string): string[] {
  const { findings } = checkStore({ store, instruments: 'all', rules: builtInBook() });
  return findings.map(findingText);
}

/** Changes one value behind the import's back, the file's hashes included. */
function plant(
  store: string,
  kind: string,
  day: number,
  column: string,
  row: number,
  value: number,
) {
  const path = pathIn(store, SYMBOL, day, kind);
  const { file, table } = readDayFile(path);
  columnOf(table, column)[row] = value;
  writeDayFile(path, file.meta, table);
}

/** Minutes of a whole day, prices that fit each other. */
function minutes(day: string, length: number): string[] {
  const rows: string[] = [];
  for (let minute = 571; minute <= 900; minute++) {
    if ((minute > 690 && minute <= 780) || (minute - 570) % length !== 0) continue;
    const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
    const time = `${two(minute / 60)}:${two(minute % 60)}`;
    rows.push(`${day} ${time}:00,600519.XSHG,10,10,10.2,9.9,${1000 * length},${10_000 * length}`);
  }
  return ['time,code,open,close,high,low,volume,money', ...rows];
}

test('a clean day has no findings', async () => {
  const store = newStore();
  await importInto(store, DAY);
  await importInto(store, {
    '600519_1min.csv': minutes('2026-01-05', 1),
    '600519_5min.csv': minutes('2026-01-05', 5),
  });
  expect(check(store).filter((text) => !text.includes('limits'))).toEqual([]);
});

test('a price beyond the limits of the day is found with file and line', async () => {
  const store = newStore();
  await importInto(store, DAY);
  plant(store, 'trades', 20260105, 'priceE4', 0, 500_000);
  expect(check(store)).toEqual([
    `error: limits: ${SYMBOL} 20260105 trades: price 50.00 beyond the day's limits ` +
      '40.50 to 49.50 [trades.csv:2]',
  ]);
});

test('duplicates and quantities that no order can have are found', async () => {
  const store = newStore();
  await importInto(store, DAY);
  plant(store, 'orders', 20260105, 'channelSeq', 1, 17);
  plant(store, 'orders', 20260105, 'qty', 2, 3_000_000_000);
  const found = check(store).join('\n');
  expect(found).toContain('duplicates: 600519.SH 20260105 orders: sequence number 17 comes again');
  expect(found).toMatch(/int32: .* 3000000000 shares.*\[orders.csv:4\]/);
});

test('a number missing in a whole channel is a hole', async () => {
  const store = newStore();
  const rows = Array.from({ length: 200 }, (_, i) =>
    [
      `20260105,09:30:00.${String(i).padStart(3, '0')},${SYMBOL},1,${i + (i > 99 ? 2 : 1)}`,
      `${i + 1},add,buy,limit,45,100`,
    ].join(),
  );
  await importInto(store, { 'orders.csv': [ORDERS[0], ...rows], 'static.csv': STATIC });
  expect(check(store).join()).toMatch(/holes: .* channel 1: 1 numbers missing, the first 101/);
});

test('bars: missing minutes, turnover, shifted labels, lengths that differ', async () => {
  const store = newStore();
  const all = minutes('2026-01-05', 1);
  const holes = all.filter((row) => !row.includes(' 10:15:') && !row.includes(' 10:16:'));
  await importInto(store, {
    '600519_1min.csv': holes,
    '600519_5min.csv': minutes('2026-01-05', 5),
  });
  expect(check(store).join()).toMatch(/holes: .* bars-1m: no bar at 10:15:00 \(2 times\)/);
  plant(store, 'bars-1m', 20260105, 'volume', 3, 10);
  plant(store, 'bars-1m', 20260105, 'volume', 4, 100_000);
  expect(check(store).join()).toMatch(/turnover \/ volume 0.10 outside 9.90-10.20.*in shares, not/);
  plant(store, 'bars-5m', 20260105, 'volume', 10, 9_000);
  plant(store, 'bars-5m', 20260105, 'endNs', 24, 46_800e9);
  const found = check(store).join('\n');
  expect(found).toMatch(/bars-5m at 09:35:00 has 5000 shares, its bars-1m 103010.*\(2 times\)/);
  expect(found).toMatch(/labels: .* a bar ends at 13:00:00: labels are starts/);
});

test('crossed books and levels out of order are found in continuous trading', async () => {
  const store = newStore();
  const levels = (side: string) =>
    Array.from(
      { length: 10 },
      (_, i) => `${side}Price${i},${side}OrderQty${i},${side}NumOrders${i}`,
    );
  const head = [
    'SecurityID,DateTime,PreClosePx,OpenPx,HighPx,LowPx,LastPx,TotalVolumeTrade,TotalValueTrade',
    'InstrumentStatus,NumTrades',
    ...levels('Bid'),
    ...levels('Offer'),
  ].join();
  const side = (from: number, step: number) =>
    Array.from({ length: 10 }, (_, i) => `${(from + i * step).toFixed(2)},100,1`).join();
  const row = (time: string, bid: number, ask: number) =>
    [
      `600519,2026-01-05T${time},45,45,45,45,45,100,4500,TRADE,1`,
      ...[side(bid, -0.01), side(ask, 0.01)],
    ].join();
  const pictures = [row('09:31:00.000', 45, 45.01), row('09:33:30.000', 45.02, 45.01)];
  const report = await importInto(store, { 'snap.csv': [head, ...pictures] });
  expect(report.problems).toEqual([]);
  plant(store, 'snapshots', 20260105, 'bidPriceE4_3', 0, 460_000);
  const found = check(store).join('\n');
  expect(found).toMatch(/crossed: .* 45.02 bid, 45.01 asked at 09:33:30 .*\[snap.csv:3\]/);
  expect(found).toContain('levels out of order at 09:31:00');
  expect(found).toContain('no picture from 09:31:00 to 09:33:30');
});

test('missing days, days that do not trade and damage are told; coverage shows them', async () => {
  const store = newStore();
  const days = ['20260105', '20260106', '20260109', '20260110'];
  const rows = days.map((day) => `${SYMBOL},${day},10,10,10,10,10,0,0,100,100`);
  const head = 'ts_code,trade_date,open,high,low,close,pre_close,change,pct_chg,vol,amount';
  await importInto(store, { 'daily.csv': [head, ...rows] });
  const report = checkStore({ store, instruments: 'all', rules: builtInBook() });
  const found = report.findings.map(findingText);
  expect(found).toEqual([
    `error: calendar: ${SYMBOL} 20260110 bars-1d: no trading day`,
    `warning: calendar: ${SYMBOL} 20260107 bars-1d: 2 trading days missing, 20260107 … 20260108 ` +
      '(or suspended) (2 times)',
  ]);
  const { calendar } = builtInBook();
  expect(coverageText(report.coverage, calendar, report.findings, 80)).toContain('██··█!');
  const page = coveragePage('<store>', report.coverage, calendar, report.findings);
  expect(page).toContain('&lt;store&gt;');
  expect(page).not.toMatch(/https?:/);
  const path = pathIn(store, SYMBOL, 0, 'bars-1d');
  const bytes = readFileSync(path);
  bytes[bytes.length - 9] ^= 1;
  writeFileSync(path, bytes);
  expect(check(store).join()).toMatch(/damaged: .* import the day again/);
});
