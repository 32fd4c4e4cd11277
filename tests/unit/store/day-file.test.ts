// Day files: what is written is read back value for
// value, and damage never goes unnoticed.
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeColumn, encodeColumn } from '../../../engine/backtest/store/column-codec.ts';
import { columnsOf, makeTable, type Table } from '../../../engine/backtest/store/columns.ts';
import {
  BLOCK_ROWS,
  contentHash,
  DayFile,
  type DayMeta,
  diskError,
  readDayFile,
  writeDayFile,
} from '../../../engine/backtest/store/day-file.ts';

function metaOf(kind: string): DayMeta {
  return {
    schema: 1,
    kind,
    symbol: '600519.SH',
    day: 20260105,
    lastDay: 20260105,
    layout: 'pankou-trades',
    columns: columnsOf(kind),
    sources: [],
    heldTimes: 0,
    filledOpens: 0,
    badRows: 0,
    warnings: [],
  };
}

/** Trades with rising numbers, prices on a tick and one large value. */
function tradesOf(rows: number): Table {
  const table = makeTable('trades', rows);
  for (const [c, column] of table.columns.entries()) {
    for (let row = 0; row < rows; row++) column[row] = (row * (c + 1) * 7919) % 1_000_003;
  }
  return table;
}

function written(table: Table): string {
  const path = join(mkdtempSync(join(tmpdir(), 'pankou-pkd-')), 'a.pkd');
  writeDayFile(path, metaOf(table.kind), table);
  return path;
}

test('any column of whole numbers comes back value for value', () => {
  const whole = fc.integer({ min: -(2 ** 50), max: 2 ** 50 });
  const small = fc.integer({ min: 0, max: 300 }).map((n) => n * 100);
  const lists = fc.oneof(fc.array(whole), fc.array(small), fc.array(fc.constant(7)));
  fc.assert(
    fc.property(lists, (list) => {
      const values = Float64Array.from(list);
      const back = decodeColumn(encodeColumn(values), values.length);
      expect([...back]).toEqual([...values]);
    }),
  );
});

test('a column that never changes costs no bytes, and NaN or a fraction is refused', () => {
  expect(encodeColumn(new Float64Array(1000).fill(5)).bytes.length).toBe(0);
  expect(() => encodeColumn(Float64Array.of(1, Number.NaN))).toThrow(/value=NaN at row 1/);
  expect(() => encodeColumn(Float64Array.of(1.5))).toThrow(/whole number/);
});

test('a file of several blocks is streamed block by block and read as a whole', () => {
  const table = tradesOf(BLOCK_ROWS + 1000);
  const path = written(table);
  const { table: back, file } = readDayFile(path);
  expect(back.columns).toEqual(table.columns);
  expect(file.contentHash).toBe(contentHash(file.meta, table));
  const streamed = new DayFile(path);
  expect([streamed.next()?.rows, streamed.next()?.rows, streamed.next()]).toEqual([
    BLOCK_ROWS,
    1000,
    null,
  ]);
  streamed.close();
});

test('the content hash says what the rows say, not where they came from', () => {
  const table = tradesOf(10);
  const moved = {
    ...table,
    columns: table.columns.map((c, i) => (i < 2 ? c.map((v) => v + 1) : c)),
  };
  const changed = tradesOf(10);
  changed.columns[5][3]++;
  const meta = metaOf('trades');
  expect(contentHash(meta, moved)).toBe(contentHash(meta, table));
  expect(contentHash(meta, changed)).not.toBe(contentHash(meta, table));
});

test('every flipped byte and every cut is found', () => {
  const path = written(tradesOf(50));
  const good = readFileSync(path);
  for (let at = 0; at < good.length; at += at < 300 ? 1 : 7) {
    const bad = Buffer.from(good);
    bad[at] ^= 0x10;
    writeFileSync(path, bad);
    expect(() => readDayFile(path), `byte ${at}`).toThrow(/a\.pkd: /);
  }
  for (const length of [0, 30, 64, good.length - 1]) {
    writeFileSync(path, good.subarray(0, length));
    expect(() => readDayFile(path), `cut to ${length}`).toThrow(/cut off|damaged|not a day file/);
  }
});

test('a disk that refuses is told, and leaves not even half a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pankou-full-'));
  const nowhere = join(folder, 'missing', 'a.pkd');
  expect(() => writeDayFile(nowhere, metaOf('trades'), tradesOf(3))).toThrow(/cannot be written/);
  expect(readdirSync(folder)).toEqual([]);
  const full = Object.assign(new Error('write'), { code: 'ENOSPC' });
  expect(diskError('a.pkd', full).message).toMatch(/disk is full; files finished before are kept/);
});
