// Columns of whole day files against the tables that readDayFile() makes of them: numbers of every
// width, several blocks, columns of one number, columns that two files share. Run by vitest.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  columnOf,
  columnsOf,
  makeTable,
  type Table,
} from '../../../engine/backtest/store/columns.ts';
import { BLOCK_ROWS, readDayFile, writeDayFile } from '../../../engine/backtest/store/day-file.ts';
import { ColumnReader } from '../../../engine/backtest/store/file-columns.ts';

const KIND = 'bars-1d';
const SYMBOL = '600519.SH';
const LAYOUT = 'joinquant-days';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pankou-columns-'));
});

/** Days rising by one from `first`, but for the one before row `hole`; volumes up to `most`. */
function barsOf(rows: number, first: number, hole: number, most: number): Table {
  const table = makeTable(KIND, rows);
  const put = (name: string, value: (row: number) => number): void => {
    const column = columnOf(table, name);
    for (let row = 0; row < rows; row++) column[row] = value(row);
  };
  put('line', (row) => row + 2);
  put('day', (row) => first + row + (row >= hole ? 1 : 0));
  for (const name of ['openE4', 'highE4', 'lowE4']) put(name, (row) => 100_000 + (row % 97) * 100);
  put('closeE4', (row) => 2_000_000_000 - (row % 3) * 1_000_000_007);
  put('volume', (row) => (row * 7_919_777_777) % most);
  put('endNs', () => 54_000e9);
  put('startNs', (row) => (row === rows - 1 ? 34_200e9 : 33_900e9));
  return table;
}

function written(name: string, table: Table): string {
  const path = join(folder, name);
  const rows = table.rows;
  const source = { name: 'bars.csv', sha256: '', layout: LAYOUT, rows };
  const of = { schema: 1 as const, kind: KIND, symbol: SYMBOL, day: 1, lastDay: 2, layout: LAYOUT };
  const counts = { heldTimes: 0, filledOpens: 0, badRows: 0, warnings: [] };
  writeDayFile(path, { ...of, ...counts, columns: columnsOf(KIND), sources: [source] }, table);
  return path;
}

describe('the columns of a file', () => {
  test.each<[string, number, number]>([
    ['of small numbers', 300, 200],
    ['of numbers of four bytes', 300, 2 ** 31],
    ['of numbers of seven bytes', 300, 2 ** 52],
    ['of several blocks', BLOCK_ROWS + 10, 2 ** 40],
    ['of one row', 1, 10],
    ['without a row', 0, 10],
  ])('%s are those of its table', (name, rows, most) => {
    const path = written(`${name}.pkd`, barsOf(rows, 20_160_104, 7, most));
    const { table } = readDayFile(path);
    const floats = ['volume', 'closeE4', 'line', 'startNs'];
    const ints = ['openE4', 'closeE4', 'day'];
    new ColumnReader().read(path, (_file, columns) => {
      for (const of of floats) expect(columns.floats(of), of).toEqual(columnOf(table, of));
      for (const of of ints) expect([...columns.ints(of)], of).toEqual([...columnOf(table, of)]);
      expect(columns.table()).toEqual(table);
    });
  });

  test('are one number where every row says it, and only there', () => {
    const path = written('one.pkd', barsOf(BLOCK_ROWS + 10, 20_160_104, 7, 10));
    new ColumnReader().read(path, (_file, columns) => {
      expect(columns.oneOrAll('endNs')).toBe(54_000e9);
      expect(columns.oneOrAll('amountE4')).toBe(0);
      // It changes in the second block alone.
      expect(columns.oneOrAll('startNs')).toEqual(columns.floats('startNs'));
    });
  });

  test('are shared with the file before exactly where both say the same', () => {
    const files = [
      ...[barsOf(50, 20_160_104, 9, 10), barsOf(50, 20_160_104, 9, 99)],
      ...[barsOf(50, 20_160_104, 8, 10), barsOf(50, 20_160_105, 8, 10)],
      ...[barsOf(49, 20_160_105, 8, 10), barsOf(49, 20_160_105, 8, 10)],
    ].map((table, n) => written(`shared-${n}.pkd`, table));
    const reader = new ColumnReader();
    const days = files.map((path) => reader.read(path, (_file, all) => all.sharedInts('day')));
    for (const [n, path] of files.entries()) {
      expect([...days[n]!]).toEqual([...columnOf(readDayFile(path).table, 'day')]);
    }
    expect(days.map((own, n) => own === days[n - 1])).toEqual([
      ...[false, true, false, false, false, true],
    ]);
  });
});
