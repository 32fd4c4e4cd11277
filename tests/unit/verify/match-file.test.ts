// `pankou match` on small files: trades by price and time as the slow twin makes them, and every
// kind of bad row by its name. Always: a bad row leaves the rows around it matched.
import { appendFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Matched } from '../../../engine/verify/match-file.ts';
import { matchFile, ORDERS, WINDOW_TICKS } from '../../../engine/verify/match-file.ts';
import { COMMAND_CAPACITY, QUOTA_MAX, WINDOW_TICKS_MAX } from '../../../wasm/assembly/codes.ts';
import { ReferenceBook } from '../../../wasm/reference/book.ts';
import { folderOf } from '../../support/market-files.ts';

const HEADER = 'seq,kind,id,side,priceE4,qty';
const TRADES = 'seq,buyId,sellId,priceE4,qty,aggressor';

function match(...rows: readonly string[]): Promise<Matched> {
  return matchFile({
    path: join(folderOf({ 'in.csv': [HEADER, ...rows] }), 'in.csv'),
    tickE4: 100,
  });
}

function text(matched: Matched): string[] {
  return [...matched.tradeText()].join('').trimEnd().split('\n');
}

describe('matching', () => {
  test('goes by price, then time, at the resting price', async () => {
    const matched = await match(
      '1,add,1,S,100200,100',
      '2,add,2,S,100100,100',
      '3,add,3,S,100100,200',
      '5,add,4,B,100200,350',
      '6,cancel,1,S,,20',
      '7,add,5,S,99900,10',
      '8,cancel,1,,,',
    );
    expect(text(matched)).toEqual([
      TRADES,
      '5,4,2,100100,100,B',
      '5,4,3,100100,200,B',
      '5,4,1,100200,50,B',
    ]);
    expect(matched).toMatchObject({
      ...{ rows: 7, orders: 5, cancels: 2, trades: 3, volume: 350, resting: 1, badRows: [] },
    });
  });

  test('reads columns in any order and compressed files', async () => {
    const rows = ['id,seq,qty,kind,priceE4,side', '1,1,100,add,100000,B', '2,2,60,add,100000,S'];
    const folder = folderOf({ 'in.csv.gz': rows });
    const matched = await matchFile({ path: join(folder, 'in.csv.gz'), tickE4: 100 });
    expect(text(matched)).toEqual([TRADES, '2,1,2,100000,60,S']);
  });

  test('makes the trades of the slow twin on random files', async () => {
    const row = fc.record({
      cancels: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
      side: fc.integer({ min: 1, max: 2 }),
      ticks: fc.integer({ min: 1000, max: 1012 }),
      lots: fc.integer({ min: 1, max: 9 }),
      pick: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 120 }), async (rows) => {
        const twin = new ReferenceBook(1, 4096, 64);
        twin.openInstrument(0, 100, 100_000, 101_200, 4096);
        const lines: string[] = [];
        const expected = [TRADES];
        for (const [i, { cancels, side, ticks, lots, pick }] of rows.entries()) {
          const known = i === 0 ? 0 : 1 + (pick % i);
          if (cancels && twin.orderQty(0, known) > 0) {
            twin.cancel(0, known, 0);
            lines.push(`${i},cancel,${known},,,`);
            continue;
          }
          twin.submit(0, i + 1, side, 1, ticks * 100, lots);
          lines.push(`${i},add,${i + 1},${' BS'[side]},${ticks * 100},${lots}`);
          for (const { buyId, sellId, priceE4, qty } of twin.trades) {
            expected.push(`${i},${buyId},${sellId},${priceE4},${qty},${' BS'[side]}`);
          }
        }
        expect(text(await match(...lines))).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  test('splits a file of more rows than one batch holds', async () => {
    const rows = Array.from({ length: COMMAND_CAPACITY + 10 }, (_, i) => {
      return `${i},add,${i},${i % 2 === 0 ? 'B' : 'S'},100000,100`;
    });
    expect(await match(...rows)).toMatchObject({ trades: COMMAND_CAPACITY / 2 + 5, resting: 0 });
  });

  test('of a file without orders makes no trades', async () => {
    expect(text(await match())).toEqual([TRADES]);
  });

  test('knows what the kernel holds', () => {
    expect([WINDOW_TICKS, ORDERS]).toEqual([WINDOW_TICKS_MAX, QUOTA_MAX]);
  });
});

describe('bad rows', () => {
  const first = '5,add,1,B,100000,100';
  test.each([
    ['out of sequence', '5,add,2,B,100000,100', 'seq', '5', 'above 5'],
    ['a duplicate id', '6,add,1,B,100000,100', 'id', '1', '(duplicate)'],
    ['a cancel of an order never seen', '6,cancel,9,,,', 'id', '9', 'a row before adds'],
    ['more cancelled than is left', '6,cancel,1,B,,101', 'qty', '101', 'left of order 1'],
    ['a price off the grid', '6,add,2,B,100050,100', 'priceE4', '100050', 'on the grid of 100'],
    ['an unknown kind', '6,modify,1,B,100000,100', 'kind', 'modify', 'one of add, cancel'],
    ['an unknown side', '6,add,2,X,100000,100', 'side', 'X', 'one of B, S'],
    ['no quantity', '6,add,2,B,100000,0', 'qty', '0', 'at least 1'],
    ['no price', '6,add,2,B,,100', 'priceE4', '', 'a price'],
    ['an id beyond int32', '6,add,3000000000,B,100000,1', 'id', '3000000000', 'int32'],
    ['too few columns', '6,add,2,B', 'side', 'B', '6 columns as in the header, not 4'],
  ])('names %s and matches the rest', async (_, row, column, value, expected) => {
    const matched = await match(first, row, '7,add,3,S,100000,100');
    expect(matched.badRows).toEqual([
      {
        file: expect.any(String),
        line: 3,
        column,
        value,
        expected: expect.stringContaining(expected),
      },
    ]);
    expect(text(matched)).toEqual([TRADES, '7,1,3,100000,100,S']);
  });

  test('names a cancel of an order that was filled before', async () => {
    const matched = await match(first, '6,add,2,S,100000,100', '7,cancel,1,B,,100');
    expect(matched.badRows).toMatchObject([{ line: 4, column: 'id', value: '1' }]);
    expect(matched.badRows[0].expected).toContain('filled or cancelled before');
  });

  test('does not trust the last row of a file cut in the middle', async () => {
    const path = join(folderOf({ 'in.csv': [HEADER, first] }), 'in.csv');
    appendFileSync(path, '6,add,2,S,100000,10');
    const matched = await matchFile({ path, tickE4: 100 });
    expect(matched.badRows).toMatchObject([{ line: 3, column: '(row)' }]);
    expect(matched.badRows[0].expected).toContain('cut in the middle');
    expect(matched.trades).toBe(0);
  });

  test('refuses a compressed file cut in the middle', async () => {
    const rows = Array.from({ length: 500 }, (_, i) => `${i},add,${i},B,${100_000 + 100 * i},${i}`);
    const path = join(folderOf({ 'in.csv.gz': [HEADER, ...rows] }), 'in.csv.gz');
    truncateSync(path, 600);
    await expect(matchFile({ path, tickE4: 100 })).rejects.toThrow('gzip stream ends early');
  });

  test('refuses a header that lacks a column, and names it', async () => {
    const path = join(folderOf({ 'in.csv': ['seq,kind,id,side,price,qty'] }), 'in.csv');
    const result = matchFile({ path, tickE4: 100 });
    await expect(result).rejects.toThrow('column priceE4 is missing from the header');
  });

  test('refuses prices further apart than the kernel holds', async () => {
    const result = match('1,add,1,B,100,100', '2,add,2,S,2000000000,100');
    await expect(result).rejects.toThrow('the kernel holds 262144 steps');
  });

  test('refuses a file that is not there', async () => {
    const result = matchFile({ path: '/nowhere/in.csv', tickE4: 100 });
    await expect(result).rejects.toThrow('no such file');
  });
});
