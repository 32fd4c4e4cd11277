// Importing into a store: the same tape as from the files themselves, nothing taken twice, nothing
// taken of a broken file, labels that contradict themselves refused.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { loadMarketData, loadMarketDays } from '../../../engine/backtest/data/load.ts';
import { readDayFile } from '../../../engine/backtest/store/day-file.ts';
import { exportStore } from '../../../engine/backtest/store/export.ts';
import { listStore } from '../../../engine/backtest/store/list.ts';
import { pathIn } from '../../../engine/backtest/store/store-folder.ts';
import { actionsOf } from '../../../engine/backtest/store/stream-table.ts';
import { folderOf } from '../../support/market-files.ts';
import { shown } from '../../support/tape-text.ts';
import {
  importInto,
  importPaths,
  newStore,
  ORDERS,
  plainBars,
  STATIC,
  TRADES,
} from './store-kit.ts';

const DAY = { 'orders.csv': ORDERS, 'trades.csv': TRADES, 'static.csv': STATIC };
const ALL = { instruments: 'all', skipBadRows: false } as const;

test('a day from the store is the day from its CSV files, frame for frame', async () => {
  const folder = folderOf(DAY);
  const store = newStore();
  const report = await importPaths(store, [folder]);
  expect(report).toMatchObject({ files: 3, written: 3, same: 0, problems: [], stopped: false });
  const fromFiles = await loadMarketData({ path: folder, ...ALL });
  const fromStore = await loadMarketData({ path: store, ...ALL });
  expect(fromStore.tape.hash()).toBe(fromFiles.tape.hash());
  const { instruments, statics, rows, orderLayouts, channels } = fromFiles;
  expect(fromStore).toMatchObject({ instruments, statics, rows, orderLayouts, channels });
});

test('workers give the same store as one thread', async () => {
  const folder = folderOf(DAY);
  const [one, two] = [newStore(), newStore()];
  await importPaths(one, [folder]);
  await importPaths(two, [folder], { workers: 2 });
  const hashes = (store: string): string[] =>
    readdirSync(join(store, '600519.SH')).map(
      (name) => name + readDayFile(join(store, '600519.SH', name)).file.contentHash,
    );
  expect(hashes(two)).toEqual(hashes(one));
  expect(hashes(one)).toHaveLength(3);
}, 30_000);

test('the same files again are passed over; other content needs leave to replace', async () => {
  const store = newStore();
  await importInto(store, DAY);
  expect(await importInto(store, DAY)).toMatchObject({ written: 0, same: 3 });
  const other = { 'trades.csv': [TRADES[0], TRADES[1].replace(',200', ',100')] };
  const refused = await importInto(store, other);
  expect(refused.problems.join()).toMatch(/trades of 600519.SH on 20260105 .* --replace/);
  expect(await importInto(store, other, { replace: true })).toMatchObject({ written: 1 });
  const { table } = readDayFile(pathIn(store, '600519.SH', 20260105, 'trades'));
  expect(table.columns.at(-1)?.[0]).toBe(100);
});

test('two files of one day become one; a number in both with other values is told', async () => {
  const store = newStore();
  const split = { 'a.csv': ORDERS.slice(0, 3), 'b.csv': [ORDERS[0], ORDERS[3]] };
  expect(await importInto(store, split)).toMatchObject({ written: 2, problems: [] });
  expect(readDayFile(pathIn(store, '600519.SH', 20260105, 'orders')).table.rows).toBe(3);
  const clash = { 'a.csv': ORDERS, 'b.csv': [ORDERS[0], ORDERS[1].replace(',300', ',400')] };
  const { problems } = await importInto(newStore(), clash);
  expect(problems.join()).toMatch(/b\.csv:2: .* the first, 17: qty is 400, there 300/);
});

test('of a file with a broken row nothing is taken, and the row is told', async () => {
  const store = newStore();
  const bad = [TRADES[0], TRADES[1], TRADES[1].replace(',19,', ',21,').replace('45.10', 'NaN')];
  const report = await importInto(store, { 'orders.csv': ORDERS, 'trades.csv': bad });
  expect(report.problems.join()).toMatch(/trades\.csv:3: column price is 'NaN', expected a price/);
  expect(readdirSync(join(store, '600519.SH'))).toEqual(['20260105.orders.pkd']);
  expect(existsSync(join(store, '.incoming'))).toBe(false);
  const skipped = await importInto(store, { 'trades.csv': bad }, { skipBadRows: true });
  expect(skipped.results[0].badRows).toMatchObject([{ line: 3, column: 'price', value: 'NaN' }]);
  const day = await loadMarketData({ path: store, ...ALL });
  expect(day.warnings.join()).toContain('1 broken rows were left out at import');
});

test('Ctrl-C keeps what is finished and goes on with the next import', async () => {
  const store = newStore();
  const stop = new AbortController();
  const report = await importInto(store, DAY, {
    signal: stop.signal,
    onProgress: (done) => done === 1 && stop.abort(),
  });
  expect(report).toMatchObject({ stopped: true, written: 1 });
  expect(existsSync(join(store, '.incoming'))).toBe(false);
  expect(await importInto(store, DAY)).toMatchObject({ written: 2, same: 1, stopped: false });
});

test('bars whose header does not tell are asked about, and then held to the answer', async () => {
  const bars = { '600519_1min.csv': plainBars(['09:30', '11:29', '13:00', '14:59']) };
  const asked = await importInto(newStore(), bars);
  expect(asked.problems.join()).toMatch(/say --labels start or --labels end/);
  const unit = await importInto(newStore(), bars, { labels: 'start' });
  expect(unit.problems.join()).toMatch(/say --volume-unit shares or --volume-unit lots/);
  const wrong = await importInto(newStore(), bars, { labels: 'end', volumeUnit: 1 });
  expect(wrong.problems.join()).toMatch(/:4: contradicting labels: a bar labelled 13:00 .* start/);
  const store = newStore();
  await importInto(store, bars, { labels: 'start', volumeUnit: 100 });
  const [day] = await loadMarketDays({ path: store, ...ALL });
  const ends = shown(day.tape).filter((line) => line.includes('bar'));
  expect(ends.map((line) => line.slice(0, 8))).toEqual([
    '09:31:00',
    '11:30:00',
    '13:01:00',
    '15:00:00',
  ]);
});

test('a known layout with the other labels is refused, also with --skip-bad-rows', async () => {
  const header = 'symbol,dt,freq,open,close,high,low,vol';
  const row = (time: string) => `000300.XSHG,2016-01-05 ${time}:00,F1,10,10,10,10,100`;
  const starts = { 'a_1min.csv': [header, row('09:31'), row('13:00')] };
  const { problems } = await importInto(newStore(), starts, { skipBadRows: true });
  expect(problems.join()).toMatch(/13:00 is labelled by its start, but layout joinquant-1min says/);
  const auction = { 'a_1min.csv': [header, row('09:30'), row('09:31')] };
  const other = await importInto(newStore(), auction);
  expect(other.problems.join()).toMatch(/cannot end there \(the auction is in the first bar\)/);
});

test('TuShare bars come newest first and in lots; JQData bars tell days from minutes', async () => {
  const store = newStore();
  await importInto(store, {
    'daily.csv': [
      'ts_code,trade_date,open,high,low,close,pre_close,change,pct_chg,vol,amount',
      '600519.SH,20260106,10,11,9,10.5,10,0.5,5,300,3150',
      '600519.SH,20260105,9,10,9,10,9,1,11,200,1900',
    ],
    'jq_5m.csv': [
      'time,code,open,close,high,low,volume,money',
      '2026-01-05 09:35:00,600519.XSHG,10,10,10,10,100,1000',
    ],
  });
  const days = await loadMarketDays({ path: store, ...ALL, contents: ['bars'] });
  expect(days.map(({ day, rows }) => [day, rows])).toEqual([
    [20260105, 2],
    [20260106, 1],
  ]);
  const [, tuesday] = days;
  expect(shown(tuesday.tape).join()).toContain('30000');
  expect(listStore(store, 'all').map(({ kind, rows }) => [kind, rows])).toEqual([
    ['bars-5m', 1],
    ['bars-1d', 2],
  ]);
});

test('a QMT file tells its time in milliseconds; its 09:30 bar is the auction', async () => {
  const ms = (text: string) => Date.parse(`2026-01-05T${text}:00+08:00`);
  const row = (time: string) => `,${ms(time)},10,10.1,9.9,10,5,5000,10,0`;
  const store = newStore();
  await importInto(store, {
    '600519.SH_1m.csv': [
      ',time,open,high,low,close,volume,amount,preClose,suspendFlag',
      row('09:30'),
      row('09:31'),
      row('13:01'),
    ],
  });
  const { table } = readDayFile(pathIn(store, '600519.SH', 20260105, 'bars-1m'));
  const minutes = [...table.columns[3]].map((ns) => ns / 60e9 - 570);
  expect(minutes).toEqual([-5, 0, 210]);
  expect([...table.columns[9]]).toEqual([500, 500, 500]);
});

test('a TDX text export in GBK is read; adjusted prices and a cut file are refused', async () => {
  const folder = folderOf({});
  const file = join(folder, 'SH#600000.txt');
  const title = Buffer.from([0xc8, 0xd5, 0xcf, 0xdf]); // 日线 in GBK
  const gbk = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const head = gbk(
    'c8d5c6da 09 bfaac5cc 09 d7eeb8df 09 d7eeb5cd 09 cad5c5cc 09 b3c9bdbbc1bf 09 b3c9bdbbb6ee',
  );
  const rows = Buffer.from('\r\n2026/01/05\t10.00\t10.20\t9.90\t10.10\t1000\t10100.00\r\n');
  const plain = gbk('b2bbb8b4c8a8');
  const adjusted = gbk('c7b0b8b4c8a8');
  const foot = Buffer.concat([gbk('cafdbeddc0b4d4b4'), Buffer.from(':TDX\r\n')]);
  const name = (what: Buffer) =>
    Buffer.concat([Buffer.from('600000 '), title, Buffer.from(' '), what, Buffer.from('\r\n')]);
  writeFileSync(file, Buffer.concat([name(plain), head, rows, foot]));
  const store = newStore();
  expect(await importPaths(store, [folder])).toMatchObject({ written: 1, problems: [] });
  expect(listStore(store, 'all')).toMatchObject([{ kind: 'bars-1d', firstDay: 20260105, rows: 1 }]);
  writeFileSync(file, Buffer.concat([name(adjusted), head, rows, foot]));
  expect((await importPaths(newStore(), [folder])).problems.join()).toMatch(/adjusted prices/);
  writeFileSync(file, Buffer.concat([name(plain), head, rows]));
  expect((await importPaths(newStore(), [folder])).problems.join()).toMatch(/cut off/);
});

test('Parquet is read like CSV; DuckDB reads an export with the same numbers', async () => {
  const folder = folderOf({ 'orders.csv': ORDERS });
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const parquet = join(folder, 'o.parquet');
  await connection.run(
    `COPY (SELECT * FROM read_csv('${join(folder, 'orders.csv')}', types={'time': 'VARCHAR'})) ` +
      `TO '${parquet}' (FORMAT parquet)`,
  );
  const [csv, own] = [newStore(), newStore()];
  await importPaths(csv, [join(folder, 'orders.csv')]);
  expect(await importPaths(own, [parquet])).toMatchObject({ problems: [], written: 1 });
  const hashOf = (store: string) =>
    readDayFile(pathIn(store, '600519.SH', 20260105, 'orders')).file.contentHash;
  expect(hashOf(own)).toBe(hashOf(csv));
  const out = join(folder, 'out');
  const range = { from: 0, to: 0, kinds: [], instruments: 'all' } as const;
  const [file] = await exportStore({ store: csv, out, format: 'parquet', ...range });
  const result = await connection.runAndReadAll(
    `SELECT day, symbol, count(*), sum("priceE4"), sum(qty), max("eventNs") FROM '${file.path}' ` +
      'GROUP BY ALL',
  );
  const [day, symbol, ...sums] = result.getRows()[0];
  expect([day, symbol, ...sums.map(Number)]).toEqual([
    ...[20260105, '600519.SH', 3, 901_000, 1100, 34_202_000_000_000],
  ]);
  connection.closeSync();
  instance.closeSync();
});

test('corporate actions are kept, and more of them join those that are there', async () => {
  const head =
    'date,bonus_shares_per10,rights_per10,rights_price,cash_per10,transfer_per10,total_shares_10k';
  const store = newStore();
  const name = 'SH600000_corporate_actions.csv';
  await importInto(store, { [name]: [head, '20020822,0.0,0.0,0.0,2.0,5.0,361500'] });
  const more = [head, '20020822,0.0,0.0,0.0,2.0,5.0,361500', '20030101,1,0,0,0,0,400000'];
  await importInto(store, { [name]: more });
  const { table } = readDayFile(pathIn(store, '600000.SH', 0, 'actions'));
  expect(actionsOf(table, '600000.SH')).toMatchObject([
    { day: 20020822, cashPer10E4: 20_000, transferPer10E4: 50_000, totalShares: 3_615_000_000 },
    { day: 20030101, bonusPer10E4: 10_000 },
  ]);
});

test('a folder with other things in it is not made a store', async () => {
  const folder = folderOf({ 'notes.md': 'mine' });
  await expect(importInto(folder, DAY)).rejects.toThrow(/holds other things/);
  expect(readFileSync(join(folder, 'notes.md'), 'utf8')).toBe('mine');
});
