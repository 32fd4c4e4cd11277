// Whole folders through `pankou verify`, written by ourselves: a synthetic day of all exchanges,
// and what is refused before anything is compared.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeSyntheticDay } from '../../../engine/backtest/synthetic/write-day.ts';
import { verifyText } from '../../../engine/verify/report-text.ts';
import { verifyFolder } from '../../../engine/verify/verify-folder.ts';
import { folderOf } from '../../support/market-files.ts';

const pace = { volatility: 0.02, eventsPerSecond: 0.05 };

test('a synthetic day, which publishes every order, is equal on every exchange', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'pankou-synthetic-')), 'day');
  const instruments = [
    { symbol: '000001.SZ', preCloseE4: 113_800, ...pace },
    { symbol: '600519.SH', preCloseE4: 450_000, ...pace },
    { symbol: '920002.BJ', preCloseE4: 200_000, ...pace },
  ];
  await writeSyntheticDay(path, { seed: 42, day: 20260105, instruments });
  const marks: number[] = [];
  const onProgress = (fraction: number): unknown => marks.push(fraction);
  const report = await verifyFolder({ path, instruments: 'all', onProgress });
  expect(report.equal).toBe(true);
  for (const row of report.instruments) {
    expect(row).toMatchObject({ day: 20260105, feed: 'full', firstDifference: null });
    for (const part of [row.openingAuction, row.continuous, row.closingAuction, row.endBook]) {
      expect(part.exchange).toBeGreaterThan(0);
    }
  }
  expect(marks.at(-1)).toBe(1);
  expect(marks).toEqual(marks.toSorted((a, b) => a - b));
  const text = verifyText(report);
  for (const { symbol } of instruments) expect(text).toContain(symbol);
  const one = await verifyFolder({ path, instruments: ['600519.SH'] });
  expect(one.instruments).toEqual([report.instruments[1]]);
});

const HEADER = [
  ...['ChannelNo', 'ApplSeqNum', 'BidApplSeqNum', 'OfferApplSeqNum', 'SecurityID'],
  ...['TradePrice', 'TradeQty', 'ExecType', 'TradeTime'],
].join(',');
const TRADES = [HEADER, '1,3,1,2,000001,10.00,100,F,2023.02.01T09:30:00.040'];

test('a folder without orders is refused, and says why', async () => {
  const path = folderOf({ 'trades.csv': TRADES });
  const result = verifyFolder({ path, instruments: 'all' });
  await expect(result).rejects.toThrow('000001.SZ: no orders in the data');
});

test('a row out of sequence is named before anything is compared', async () => {
  const again = '1,3,1,2,000001,10.00,100,F,2023.02.01T09:30:00.050';
  const path = folderOf({ 'trades.csv': [...TRADES, again] });
  const result = verifyFolder({ path, instruments: 'all' });
  await expect(result).rejects.toThrow(/trades\.csv:3: column ApplSeqNum is '3'.*duplicate/);
});
