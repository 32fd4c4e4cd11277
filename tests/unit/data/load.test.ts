// Loading market data from small files: layouts recognised by header, streams merged by sequence,
// phases put in, and everything that can be wrong with a file told with its place.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CsvRowError } from '../../../engine/backtest/data/errors.ts';
import type { LoadOptions, MarketDay } from '../../../engine/backtest/data/load.ts';
import { loadMarketData, loadMarketDays } from '../../../engine/backtest/data/load.ts';
import { timeNs } from '../../../engine/backtest/data/sessions.ts';
import { folderOf } from '../../support/market-files.ts';
import { shown } from '../../support/tape-text.ts';

const ORDERS = 'day,time,symbol,channel,seq,order_no,action,side,kind,price,qty';
const TRADES = 'day,time,symbol,channel,seq,buy_no,sell_no,aggressor,price,qty';
const GOOD_ORDERS = [
  ORDERS,
  '20260105,09:15:00.5,600519.SH,1,1,11,add,buy,limit,10.00,300',
  '20260105,09:16:00,600519.SH,1,2,12,add,sell,limit,10.00,100',
  '20260105,09:31:00,600519.SH,1,4,14,add,sell,limit,10.00,200',
  '20260105,14:58:00,600519.SH,1,6,15,add,buy,limit,9.99,100',
];
const GOOD_TRADES = [
  TRADES,
  '20260105,09:25:00.180,600519.SH,1,3,11,12,none,10.00,100',
  '20260105,09:31:00,600519.SH,1,5,11,14,sell,10.00,200',
];

function load(path: string, more: Partial<LoadOptions> = {}): Promise<MarketDay> {
  return loadMarketData({ path, instruments: 'all', skipBadRows: false, ...more });
}

/** Loads a folder of one orders.csv with these rows. */
function loadOrders(rows: readonly string[], more: Partial<LoadOptions> = {}): Promise<MarketDay> {
  return load(folderOf({ 'orders.csv': [ORDERS, ...rows] }), more);
}

test('orders and trades come in their common sequence with the phases between', async () => {
  const folder = folderOf({ 'orders.csv': GOOD_ORDERS, 'trades.csv.gz': GOOD_TRADES });
  const day = await load(folder);
  expect(shown(day.tape)).toEqual([
    '09:15:00.000 phase 1',
    '09:15:00.500 #1 add 11 buy 300@10.00 kind 1',
    '09:16:00.000 #2 add 12 sell 100@10.00 kind 1',
    '09:20:00.000 phase 2',
    '09:25:00.180 #3 trade 11 12 100@10.00 by 0',
    '09:25:00.180 phase 3',
    '09:30:00.000 phase 4',
    '09:31:00.000 #4 add 14 sell 200@10.00 kind 1',
    '09:31:00.000 #5 trade 11 14 200@10.00 by 2',
    '11:30:00.000 phase 5',
    '13:00:00.000 phase 4',
    '14:57:00.000 phase 6',
    '14:58:00.000 #6 add 15 buy 100@9.99 kind 1',
    '15:00:00.000 phase 7',
  ]);
  expect(day).toMatchObject({ day: 20260105, rows: 6, badRows: [] });
  expect(day.layouts).toEqual(['pankou-orders', 'pankou-trades']);
  expect(day.warnings).toEqual([
    '600519.SH: no previous close in the files, so no price limits are known',
  ]);
});

test('a day that stops early gets no phase it did not reach', async () => {
  const day = await loadOrders(GOOD_ORDERS.slice(1, 4));
  expect(shown(day.tape).at(-1)).toMatch(/^09:31:00/);
});

test('the static file gives previous close and limits', async () => {
  const instruments = [
    'day,symbol,pre_close,upper_limit,lower_limit',
    '20260105,600519.SH,10.00,11.00,9.00',
  ];
  const day = await load(folderOf({ 'orders.csv': GOOD_ORDERS, 'static.csv': instruments }));
  expect(day.instruments[0]).toMatchObject({
    preCloseE4: 100_000,
    upperLimitE4: 110_000,
    lowerLimitE4: 90_000,
  });
  expect(day.warnings).toEqual([]);
});

test('instruments are indexed in the order asked for, and others left out', async () => {
  const row = (symbol: string, channel: number, seq: number): string =>
    `20260105,09:31:00,${symbol},${channel},${seq},${seq},add,buy,limit,10.00,100`;
  const rows = [row('600519.SH', 1, 1), row('000001.SZ', 2, 1), row('600000.SH', 1, 2)];
  const some = await loadOrders(rows, { instruments: ['600519.XSHG', '000001.SZ'] });
  expect(some.instruments.map((i) => [i.index, i.symbol])).toEqual([
    [0, '600519.SH'],
    [1, '000001.SZ'],
  ]);
  expect(some.rows).toBe(2);
  const all = await loadOrders(rows);
  expect(all.instruments.map((i) => i.symbol)).toEqual(['000001.SZ', '600000.SH', '600519.SH']);
});

test('an instrument the files do not hold is refused with those they hold', async () => {
  await expect(loadOrders(GOOD_ORDERS.slice(1), { instruments: ['600518.SH'] })).rejects.toThrow(
    /unknown instrument 600518\.SH; nearest known: 600519\.SH; known: 600519\.SH/,
  );
});

const ROW = '20260105,09:31:00,600519.SH,1,1,11,add,buy,limit,10.00,300';
test.each([
  ['price', 'price', ROW.replace('10.00', '10.0x'), '10.0x', 'a price in yuan'],
  ['missing price', 'price', ROW.replace('10.00', ''), '', 'a price above 0'],
  ['price off the tick', 'price', ROW.replace('10.00', '10.005'), '10.005', 'tick of 0.01 yuan'],
  ['huge price', 'price', ROW.replace('10.00', '300000'), '300000', 'below 214748.3648'],
  ['negative quantity', 'qty', ROW.replace('300', '-300'), '-300', 'a quantity in shares'],
  ['no quantity', 'qty', ROW.replace('300', '0'), '0', 'of at least 1'],
  ['quantity beyond int32', 'qty', ROW.replace('300', '2147483648'), '2147483648', 'at most'],
  ['broken quantity', 'qty', ROW.replace('300', '3.5'), '3.5', 'a whole number'],
  ['time', 'time', ROW.replace('09:31:00', '9:31'), '9:31', 'a time of day like 09:30:00.050'],
  ['hour', 'time', ROW.replace('09:31', '24:31'), '24:31:00', 'a time of day'],
  ['day', 'day', ROW.replace('20260105', '20261305'), '20261305', 'a day like 2023-02-01'],
  ['side', 'side', ROW.replace('buy', 'long'), 'long', 'one of buy, sell'],
  ['action', 'action', ROW.replace('add', 'new'), 'new', 'one of add, cancel'],
  ['kind', 'kind', ROW.replace('limit', 'stop'), 'stop', 'one of limit, best5-cancel'],
  ['symbol', 'symbol', ROW.replace('600519.SH', 'MOUTAI'), 'MOUTAI', 'a symbol like 600519.SH'],
  ['order number', 'order_no', ROW.replace(',11,', ',,'), '', 'an order number'],
  ['sequence number', 'seq', ROW.replace('1,1,11', '1,x,11'), 'x', 'a sequence number'],
  ['missing column', 'qty', ROW.replace(',300', ''), '', '11 columns as in the header, not 10'],
  ['extra column', 'qty', `${ROW},7`, '300', '11 columns as in the header, not 12'],
])('a broken row names its place: %s', async (_name, column, row, value, expected) => {
  const good = '20260105,09:30:01,600519.SH,1,0,10,add,buy,limit,9.00,300';
  const error = await loadOrders([good, row]).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(CsvRowError);
  expect(error).toMatchObject({ line: 3, column, value });
  expect(String(error)).toContain('orders.csv:3: column ');
  expect(String(error)).toContain(expected);
});

test('rows out of sequence and doubled sequence numbers are told apart', async () => {
  const row = (seq: number): string =>
    `20260105,09:31:00,600519.SH,1,${seq},${seq},add,buy,limit,10.00,100`;
  await expect(loadOrders([row(5), row(4)])).rejects.toThrow(/:3: column seq is '4'.*above 5/);
  await expect(loadOrders([row(5), row(5)])).rejects.toThrow(/:3: column seq is '5'.*duplicate/);
});

test('a sequence number that orders and trades share names both rows', async () => {
  const trades = [TRADES, '20260105,09:31:00,600519.SH,1,4,11,14,sell,10.00,200'];
  const folder = folderOf({ 'orders.csv': GOOD_ORDERS, 'trades.csv': trades });
  await expect(load(folder)).rejects.toThrow(
    /trades\.csv:2: column sequence is '4'.*orders\.csv:4 does not have/,
  );
  const day = await load(folder, { skipBadRows: true });
  expect(day.badRows).toHaveLength(1);
  expect(day.rows).toBe(4);
});

test('with skipBadRows every good row is kept and every bad one reported', async () => {
  const rows = [...GOOD_ORDERS.slice(1)];
  const second = ROW.replace('1,1,11', '1,2,12');
  rows.splice(1, 0, 'garbage', second.replace('10.00', 'ten'), second.replace('300', '-1'));
  const day = await loadOrders(rows, { skipBadRows: true });
  const clean = await loadOrders(GOOD_ORDERS.slice(1));
  expect(day.tape.hash()).toBe(clean.tape.hash());
  expect(day.badRows.map((bad) => [bad.line, bad.column])).toEqual([
    [3, 'time'],
    [4, 'price'],
    [5, 'qty'],
  ]);
});

test('nothing is returned when one row in a second file is broken', async () => {
  const trades = [...GOOD_TRADES, '20260105,09:32:00,600519.SH,1,9,11,14,sell,10.00,nine'];
  const folder = folderOf({ 'orders.csv': GOOD_ORDERS, 'trades.csv': trades });
  await expect(load(folder)).rejects.toThrow(/trades\.csv:4: column qty is 'nine'/);
});

test('an unknown header names the nearest layout, what differs, and the known ones', async () => {
  const header = ORDERS.replace('order_no', 'orderno');
  await expect(load(folderOf({ 'orders.csv': [header, ROW] }))).rejects.toThrow(
    /unknown header 'day,.*nearest layout: pankou-orders.*order_no is missing \(is it orderno\?\)/,
  );
  await expect(load(folderOf({ 'a.csv': ['x,y', '1,2'] }))).rejects.toThrow(
    /known layouts: pankou-orders, .*huatai-sse-split-orders.*DATA\.md/,
  );
});

test('missing, empty, foreign and cut-off files are told apart', async () => {
  await expect(load('/nowhere/at-all')).rejects.toThrow(/no such file or folder/);
  await expect(load(folderOf({}))).rejects.toThrow(/the folder holds no \.csv/);
  await expect(load(folderOf({ 'a.csv': '' }))).rejects.toThrow(/the file is empty/);
  await expect(load(folderOf({ 'a.csv.gz': '' }))).rejects.toThrow(/the file is empty/);
  await expect(load(folderOf({ 'a.csv': [ORDERS] }))).rejects.toThrow(/no rows to load/);
  await expect(load(join(folderOf({ 'a.txt': 'x' }), 'a.txt'))).rejects.toThrow(/expected a \.csv/);

  const folder = folderOf({ 'a.csv.gz': GOOD_ORDERS });
  const file = join(folder, 'a.csv.gz');
  const whole = readFileSync(file);
  writeFileSync(file, whole.subarray(0, whole.length - 20));
  await expect(load(folder)).rejects.toThrow(/a\.csv\.gz: the gzip stream ends early/);
  writeFileSync(file, 'not gzip at all');
  await expect(load(folder)).rejects.toThrow(/not readable as gzip/);
});

test('a quote that never closes is an error of its row, not a silent swallow', async () => {
  await expect(loadOrders([ROW.replace('buy', '"buy'), ROW])).rejects.toThrow(/quotes closed/);
});

test('files of several days need a day, or give all of them', async () => {
  const rows = [ROW, ROW.replace('20260105', '20260106').replace('1,1,11', '1,2,12')];
  const path = folderOf({ 'orders.csv': [ORDERS, ...rows] });
  await expect(load(path)).rejects.toThrow(/holds 2 days \(20260105, 20260106\); choose one/);
  expect((await load(path, { day: 20260106 })).rows).toBe(1);
  const days = await loadMarketDays({ path, instruments: 'all', skipBadRows: false });
  expect(days.map((day) => day.day)).toEqual([20260105, 20260106]);
});

test('progress rises to 1 and the hash of the input depends on its content', async () => {
  const seen: number[] = [];
  const day = await loadOrders(GOOD_ORDERS.slice(1), { onProgress: (f) => seen.push(f) });
  expect(seen.at(-1)).toBe(1);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  const other = await loadOrders(GOOD_ORDERS.slice(1, 3));
  expect(day.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(other.sha256).not.toBe(day.sha256);
});

test('a clock that steps back is held, and said', async () => {
  const rows = [ROW, ROW.replace('09:31:00', '09:30:59').replace('1,1,11', '1,2,12')];
  const day = await loadOrders(rows);
  expect(day.tape.lastNs).toBe(timeNs(9, 31));
  expect(day.warnings).toContain('orders.csv: 600519.SH: 1 times step back; held');
});

test('a byte order mark and Windows line ends are read as if they were not there', async () => {
  const text = `\uFEFF${GOOD_ORDERS.join('\r\n')}\r\n`;
  const day = await load(folderOf({ 'orders.csv': text }));
  expect(day.tape.hash()).toBe((await loadOrders(GOOD_ORDERS.slice(1))).tape.hash());
});
