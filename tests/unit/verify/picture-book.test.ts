// Published pictures and order queues against the book: which state of it may be the picture's,
// what counts as different, and which queue rows contradict the exchange itself.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CsvRowError } from '../../../engine/backtest/data/errors.ts';
import type { Picture } from '../../../engine/verify/feed-rows.ts';
import type { QueueRow } from '../../../engine/verify/queue-file.ts';
import { readQueueFile } from '../../../engine/verify/queue-file.ts';
import { folderOf } from '../../support/market-files.ts';
import { at, rowsOf, verifyRows } from './verify-kit.ts';

/** Two bids, then a sell that takes the first and half of the second in two trades. */
const DAY = [
  '9:15:00 add 1 buy 100 @ 10.01',
  '9:15:01 add 2 buy 200 @ 10.00',
  '9:30:00 trade 1 3 100 @ 10.01 sell',
  '9:30:00 trade 2 3 100 @ 10.00 sell',
  '9:30:01 add 4 sell 50 @ 10.05',
  '9:30:02 cancel 4 sell 50',
];

type LevelWish = readonly [priceE4: number, qty: number, orders?: number];

function picture(trades: number, bids: readonly LevelWish[], asks: readonly LevelWish[]): Picture {
  const side = (levels: readonly LevelWish[]) =>
    Array.from({ length: 10 }, (_, i) => {
      const [priceE4 = 0, qty = 0, orders = 0] = levels[i] ?? [];
      return { priceE4, qty, orders };
    });
  return {
    ...{ ns: at('9:30:03'), phase: 4, tradeCount: trades, volume: 100 * trades },
    amountE4: [0, 10_010_000, 20_010_000][trades],
    lastE4: [0, 100_100, 100_000][trades],
    ...{ bids: side(bids), asks: side(asks) },
  };
}

function snapshots(...pictures: readonly Picture[]): { compared: number; equal: number } {
  return verifyRows(rowsOf(...DAY), { pictures }).snapshots;
}

describe('snapshots', () => {
  test('may be any state of the book at their number of trades', () => {
    const before = picture(2, [[100_000, 100, 1]], []);
    const between = picture(2, [[100_000, 100, 1]], [[100_500, 50, 1]]);
    expect(snapshots(before, between)).toEqual({ compared: 2, equal: 2 });
  });

  test('may lie between two trades of one order', () => {
    expect(snapshots(picture(1, [[100_000, 200, 1]], []))).toEqual({ compared: 1, equal: 1 });
  });

  test('need no number of orders', () => {
    expect(snapshots(picture(2, [[100_000, 100]], []))).toEqual({ compared: 1, equal: 1 });
  });

  test('are found by their volume where the feed counts no trades', () => {
    const counted = picture(2, [[100_000, 100, 1]], []);
    expect(snapshots({ ...counted, tradeCount: 0 })).toEqual({ compared: 1, equal: 1 });
  });

  test.each<[string, Picture]>([
    ['another quantity', picture(2, [[100_000, 200, 1]], [])],
    ['another price', picture(2, [[100_100, 100, 1]], [])],
    ['another number of orders', picture(2, [[100_000, 100, 2]], [])],
    ['a level too many', picture(2, [[100_000, 100, 1]], [[100_600, 50, 1]])],
    ['another volume', { ...picture(2, [[100_000, 100, 1]], []), volume: 300 }],
    ['another turnover', { ...picture(2, [[100_000, 100, 1]], []), amountE4: 1 }],
    ['another last price', { ...picture(2, [[100_000, 100, 1]], []), lastE4: 100_100 }],
    ['more trades than were made', { ...picture(2, [[100_000, 100, 1]], []), tradeCount: 3 }],
  ])('with %s are different', (_, wrong) => {
    const report = verifyRows(rowsOf(...DAY), { pictures: [wrong] });
    expect(report.snapshots).toEqual({ compared: 1, equal: 0 });
    expect(report.equal).toBe(false);
    expect(report.firstDifference?.what).toBe('snapshot');
  });

  test('are compared in continuous trading and over lunch only', () => {
    const wrong = picture(2, [[100_000, 200, 1]], []);
    const phases = [0, 1, 2, 3, 6, 7, 8].map((phase) => ({ ...wrong, phase }));
    expect(snapshots(...phases)).toEqual({ compared: 0, equal: 0 });
    expect(snapshots({ ...wrong, phase: 5 }).compared).toBe(1);
  });
});

describe('order queues', () => {
  const right = picture(2, [[100_000, 100, 1]], []);
  const row: QueueRow = {
    ...{ line: 2, ns: right.ns, side: 1, priceE4: 100_000 },
    ...{ volume: 100, orders: 1, qty: [100] },
  };

  test('equal the best level order by order', () => {
    const asks: QueueRow = { ...row, side: 2, priceE4: 0, volume: 0, orders: 0, qty: [] };
    const report = verifyRows(rowsOf(...DAY), { pictures: [right], queues: [row, asks] });
    expect(report.queues).toEqual({ compared: 2, equal: 2, ambiguous: 0 });
    expect(report.equal).toBe(true);
  });

  test('that agree with their snapshot but not with the book are different', () => {
    const split: QueueRow = { ...row, qty: [50, 50] };
    const report = verifyRows(rowsOf(...DAY), { pictures: [right], queues: [split] });
    expect(report.queues).toEqual({ compared: 1, equal: 0, ambiguous: 0 });
    expect(report).toMatchObject({ equal: false, firstDifference: { what: 'queue' } });
  });

  test('that contradict their own snapshot are counted apart and fail nothing', () => {
    const odd: QueueRow = { ...row, volume: 200, qty: [100, 100] };
    const report = verifyRows(rowsOf(...DAY), { pictures: [right], queues: [odd] });
    expect(report.queues).toEqual({ compared: 1, equal: 0, ambiguous: 1 });
    expect(report).toMatchObject({ equal: true, firstDifference: null });
    expect(report.notes.join()).toContain('contradict the snapshot');
  });

  test('fail when more than one in a thousand contradicts: then the file is of another day', () => {
    const odd: QueueRow = { ...row, volume: 200, qty: [100, 100] };
    const report = verifyRows(rowsOf(...DAY), { pictures: [right], queues: [odd, odd] });
    expect(report.queues).toEqual({ compared: 2, equal: 0, ambiguous: 2 });
    expect(report).toMatchObject({ equal: false, firstDifference: { what: 'queue' } });
  });

  test('that belong to no snapshot are told, not passed over', () => {
    const lost: QueueRow = { ...row, ns: row.ns + 1 };
    const report = verifyRows(rowsOf(...DAY), { pictures: [right], queues: [lost] });
    expect(report.queues.compared).toBe(0);
    expect(report.notes).toContain('none of 1 queue rows belongs to a snapshot of the session');
  });
});

describe('the queue file', () => {
  const quantities = Array.from({ length: 50 }, (_, i) => `OrderQty${i + 1}`);
  const header = [
    ...['UpdateTime', 'SecurityID', 'ImageStatus', 'Side', 'NoPriceLevel', 'PrcLvlOperator'],
    ...['Price', 'Volume', 'NumOrders', 'NoOrders', ...quantities],
  ].join(',');
  const line = (side: string, price: string, shown: readonly number[]): string =>
    ['09:30:03.000', '600519', 3, side, 1, 0, price, 300, 2, shown.length]
      .concat(Array.from({ length: 50 }, (_, i) => shown[i] ?? ''))
      .join(',');
  const read = (...lines: readonly string[]) =>
    readQueueFile(join(folderOf({ 'q.csv': [header, ...lines] }), 'q.csv'));

  test('is read side by side', async () => {
    const rows = await read(line('B', '1848.980000000000018', [100, 200]), line('S', '', []));
    expect(rows?.get('600519.SH')).toEqual([
      {
        ...{ line: 2, ns: at('9:30:03'), side: 1, priceE4: 18_489_800 },
        ...{ volume: 300, orders: 2, qty: [100, 200] },
      },
      { line: 3, ns: at('9:30:03'), side: 2, priceE4: 0, volume: 300, orders: 2, qty: [] },
    ]);
  });

  test('names a row that cannot be read', async () => {
    await expect(read(line('X', '10', []))).rejects.toThrow(CsvRowError);
    await expect(read(line('X', '10', []))).rejects.toThrow("q.csv:2: column Side is 'X'");
    await expect(read('09:30:03.000,600519,3')).rejects.toThrow('columns as in the header, not 3');
  });

  test('is told from other files by its header', async () => {
    const path = join(folderOf({ 'o.csv': ['seq,kind,id', '1,add,1'] }), 'o.csv');
    expect(await readQueueFile(path)).toBeNull();
  });
});
