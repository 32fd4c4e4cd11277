// Bad feeds through `pankou verify` and through the engine's feed, in the layouts of the exchanges:
// each fault has a named count with file and line, or stops the load with file, line, column, value
// and what was expected; nothing is silent. Always: the days are of our own making.
import { rmSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import {
  FAULT_CANCEL_ABOVE,
  FAULT_CANCEL_BELOW,
  FAULT_UNKNOWN_CANCEL,
  FAULT_UNKNOWN_TRADE,
} from '../../../engine/messages/codes.ts';
import type { FaultName } from '../../../engine/verify/feed-faults.ts';
import { ROW_ADD, ROW_CANCEL, ROW_TRADE } from '../../../engine/verify/feed-rows.ts';
import { verifyText } from '../../../engine/verify/report-text.ts';
import { verifyFolder } from '../../../engine/verify/verify-folder.ts';
import { compareFeedBooks } from '../../support/feed-books.ts';
import type { L2Layout, L2Row } from '../../support/l2-export.ts';
import { l2Files } from '../../support/l2-export.ts';
import { folderOf } from '../../support/market-files.ts';
import { paperDay } from './paper-exchange.ts';

const DAY = 20260707;
const LAYOUTS: readonly (readonly [L2Layout, string])[] = [
  ['sse-split', '600000.SH'],
  ['sse-merged', '600000.SH'],
  ['szse', '000001.SZ'],
];
const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

type Rows = readonly L2Row[];
type Files = Record<string, string[]>;

function rowsOf(layout: L2Layout): L2Row[] {
  const style = layout === 'szse' ? 'szse' : 'sse';
  return paperDay({ style, seed: 7, events: 300, preCloseE4: 100_000 });
}

interface Wish {
  readonly upperLimitE4?: number;
  readonly change?: (rows: L2Row[]) => Rows;
  readonly edit?: (files: Files) => void;
}

function folder(layout: L2Layout, symbol: string, wish: Wish = {}): string {
  const rows = rowsOf(layout);
  const limits = { upperLimitE4: wish.upperLimitE4 ?? 110_000, lowerLimitE4: 90_000 };
  const facts = { symbol, day: DAY, preCloseE4: 100_000, ...limits };
  const files = l2Files(layout, [{ ...facts, rows: wish.change?.(rows) ?? rows }]);
  wish.edit?.(files);
  const path = folderOf(files);
  made.push(path);
  return path;
}

/** The `nth` row of continuous trading that fits, from 0. */
function find(rows: Rows, nth: number, fits: (row: L2Row) => boolean): number {
  const opening = 9.5 * 3600e9;
  const at = rows.flatMap((row, i) => (row.ns >= opening && fits(row) ? [i] : []))[nth];
  expect(at, 'the day has such a row').toBeDefined();
  return at;
}

const resting = (row: L2Row): Partial<L2Row> =>
  row.side === 1 ? { sellId: 99_999 } : { id: 99_999 };
const cancelOf = (row: L2Row): boolean => row.type === ROW_CANCEL && row.qty > 100;
const tradeOf = (row: L2Row): boolean => row.type === ROW_TRADE && row.side > 0;

/** Name, what is changed in which row, and what the engine's feed calls it. */
const FAULTS: readonly [name: FaultName, change: (rows: L2Row[]) => Rows, fault: number][] = [
  [
    'unknownCancels',
    (rows) => patch(rows, find(rows, 3, cancelOf), () => ({ id: 99_999 })),
    FAULT_UNKNOWN_CANCEL,
  ],
  [
    'cancelsAboveLeft',
    (rows) => patch(rows, find(rows, 3, cancelOf), (r) => ({ qty: r.qty + 100 })),
    FAULT_CANCEL_ABOVE,
  ],
  [
    'cancelsBelowLeft',
    (rows) => patch(rows, find(rows, 3, cancelOf), (r) => ({ qty: r.qty - 100 })),
    FAULT_CANCEL_BELOW,
  ],
  ['unknownTrades', (rows) => patch(rows, find(rows, 5, tradeOf), resting), FAULT_UNKNOWN_TRADE],
];

function patch(rows: Rows, at: number, change: (row: L2Row) => Partial<L2Row>): L2Row[] {
  return rows.with(at, { ...rows[at], ...change(rows[at]) });
}

describe.each(LAYOUTS)('%s', (layout, symbol) => {
  test('a sound day has no faults, in verify and in the feed', async () => {
    const path = folder(layout, symbol);
    const report = await verifyFolder({ path, instruments: 'all' });
    expect(report.equal).toBe(true);
    expect(report.instruments[0].feedFaults.first).toEqual([]);
    expect(report.channels).toMatchObject([{ day: DAY, channel: 1, missing: 0, isWhole: true }]);
    const books = await compareFeedBooks(path, symbol);
    expect([books.handler.trust.problems(), books.stale]).toEqual([[], 0]);
  });

  test.each(FAULTS)(
    '%s: counted, with file and line, and never equal',
    async (name, change, code) => {
      const path = folder(layout, symbol, { change });
      const report = await verifyFolder({ path, instruments: 'all' });
      expect(report.equal).toBe(false);
      const { counts, first, staleFrom } = report.instruments[0].feedFaults;
      expect(counts[name]).toBeGreaterThan(0);
      const place = first.find(({ fault }) => fault === name)!;
      expect(place.file).toMatch(/_(orders|trades)\.csv$/);
      expect(place.line).toBeGreaterThan(1);
      expect(place.expected).not.toBe('');
      expect(staleFrom?.seq).toBeLessThanOrEqual(place.seq);
      const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
      expect(verifyText(report)).toMatch(
        new RegExp(`feed: ${symbol}: \\d+ ${words}, first .*csv:\\d+`),
      );
      const { handler, stale } = await compareFeedBooks(path, symbol);
      expect(stale).toBe(1);
      // In a full stream the kernel knows the trades beforehand: they are others than it made.
      const full = layout === 'szse' && code === FAULT_UNKNOWN_TRADE;
      if (!full) expect(handler.trust.faults[code]).toBeGreaterThan(0);
      expect(handler.trust.problems().length).toBeGreaterThan(0);
    },
  );

  test('a lost row is counted, makes the day unequal and the feed stale', async () => {
    const edit = (files: Files): void => {
      const orders = files[`${DAY}_orders.csv`];
      orders.splice(orders.length - 30, 1);
    };
    const path = folder(layout, symbol, { edit });
    const report = await verifyFolder({ path, instruments: 'all' });
    expect(report.equal).toBe(false);
    const { counts, first } = report.instruments[0].feedFaults;
    expect(counts.missingRows).toBe(1);
    const place = first.find(({ fault }) => fault === 'missingRows');
    expect(place).toMatchObject({ value: expect.stringMatching(/^number \d+ is missing$/) });
    expect(report.warnings.join()).toContain('1 missing: they were lost');
    const { handler, stale } = await compareFeedBooks(path, symbol);
    expect([handler.trust.gaps, stale]).toEqual([1, 1]);
  });

  test('a price beyond the limits of the static file is counted and hurts nothing', async () => {
    const path = folder(layout, symbol, { upperLimitE4: 100_900 });
    const report = await verifyFolder({ path, instruments: 'all' });
    expect(report.equal).toBe(true);
    const { counts, first } = report.instruments[0].feedFaults;
    expect(counts.beyondLimits).toBeGreaterThan(0);
    expect(first).toMatchObject([{ fault: 'beyondLimits', expected: '9.00 to 10.09' }]);
  });

  test('an instrument that the static file does not name is counted and told', async () => {
    const edit = (files: Files): void => {
      const statics = files[`${DAY}_static.csv`];
      statics[1] = statics[1].replace(symbol, '601988.SH');
    };
    const report = await verifyFolder({
      path: folder(layout, symbol, { edit }),
      instruments: 'all',
    });
    expect(report.instruments[0].feedFaults.counts.notInStaticFile).toBe(1);
    expect(report.warnings.join()).toContain(`${symbol}: not in the static file of the day`);
  });

  test.each([
    ['out of sequence', (lines: string[]) => swap(lines, 20), /must be in sequence/],
    ['twice', (lines: string[]) => lines.splice(20, 0, lines[20]), /duplicate/],
    ['cut in the middle', (lines: string[]) => cut(lines), /columns as in the header/],
  ])('a row %s stops the load, named by file and line', async (_, spoil, expected) => {
    const edit = (files: Files): void => void spoil(files[`${DAY}_orders.csv`]);
    const loaded = verifyFolder({ path: folder(layout, symbol, { edit }), instruments: 'all' });
    await expect(loaded).rejects.toThrow(expected);
    await expect(loaded).rejects.toThrow(/_orders\.csv:\d+: column \S+ is '.*', expected /);
  });

  test.each([
    ['an unknown kind of row', 1, 'Z'],
    ['an unknown side', 2, 'X'],
    ['no quantity', 3, '-5'],
    ['a price off the tick', 4, layout === 'sse-split' ? '10.005' : '100050'],
    ['a price that is none', 4, '10x'],
  ])('%s stops the load with the value and what was expected', async (_, what, value) => {
    const columns = {
      'sse-split': ['', 'OrderType', 'OrderBSFlag', 'Balance', 'OrderPrice'],
      'sse-merged': ['', 'OrderType', 'OrderBSFlag', 'OrderQty', 'OrderPrice'],
      szse: ['', 'OrderType', 'OrderBSFlag', 'OrderQty', 'OrderPrice'],
    }[layout];
    const edit = (files: Files): void => {
      const lines = files[`${DAY}_orders.csv`];
      const fields = lines[5].split(',');
      fields[lines[0].split(',').indexOf(columns[what])] = value;
      lines[5] = fields.join(',');
    };
    const loaded = verifyFolder({ path: folder(layout, symbol, { edit }), instruments: 'all' });
    const place = `_orders.csv:6: column ${columns[what]} is '${value}', expected `;
    await expect(loaded).rejects.toThrow(place);
  });
});

function swap(lines: string[], at: number): void {
  [lines[at], lines[at + 1]] = [lines[at + 1], lines[at]];
}

function cut(lines: string[]): void {
  const last = lines.length - 1;
  lines[last] = lines[last].slice(0, lines[last].length / 2);
}

test('an order number used twice is counted', async () => {
  const change = (rows: L2Row[]): Rows => {
    const add = (row: L2Row): boolean => row.type === ROW_ADD;
    return patch(rows, find(rows, 40, add), () => ({ id: rows[0].id }));
  };
  const path = folder('sse-merged', '600000.SH', { change });
  const report = await verifyFolder({ path, instruments: 'all' });
  expect(report.equal).toBe(false);
  const { counts, first } = report.instruments[0].feedFaults;
  expect(counts.duplicateOrders).toBe(1);
  expect(first[0]).toMatchObject({ fault: 'duplicateOrders', value: 'order 1' });
});

test('more traded than was left is counted', async () => {
  const change = (rows: L2Row[]): Rows =>
    patch(rows, find(rows, 5, tradeOf), (row) => ({ qty: row.qty + 100_000 }));
  const path = folder('sse-merged', '600000.SH', { change });
  const report = await verifyFolder({ path, instruments: 'all' });
  expect(report.instruments[0].feedFaults.counts.tradesAboveLeft).toBe(1);
  expect(report.equal).toBe(false);
});

describe('a file cut in the middle', () => {
  const files = l2Files('sse-merged', [
    {
      ...{ symbol: '600000.SH', day: DAY, preCloseE4: 100_000 },
      ...{ upperLimitE4: 110_000, lowerLimitE4: 90_000, rows: rowsOf('sse-merged') },
    },
  ]);
  const text = (name: string): string => `${files[`${DAY}_${name}.csv`].join('\n')}\n`;

  test('inside its last number is refused, as nothing else tells', async () => {
    const trades = text('trades');
    const lines = trades.split('\n').length - 1;
    const path = folderOf({ [`${DAY}_orders.csv`]: text('orders'), 't.csv': trades.slice(0, -1) });
    made.push(path);
    const loaded = verifyFolder({ path, instruments: 'all' });
    await expect(loaded).rejects.toThrow(`t.csv:${lines}: column `);
    await expect(loaded).rejects.toThrow('a line break behind the last row');
  });

  test('and compressed is refused with the line it was read to', async () => {
    const path = folderOf({ 'x.csv': ['day,symbol,pre_close,upper_limit,lower_limit'] });
    made.push(path);
    const { writeFileSync } = await import('node:fs');
    const zipped = gzipSync(text('orders'));
    writeFileSync(`${path}/${DAY}_orders.csv.gz`, zipped.subarray(0, zipped.length - 40));
    const loaded = verifyFolder({ path, instruments: 'all' });
    await expect(loaded).rejects.toThrow('the gzip stream ends early, after line');
  });
});

test('a code of no board stops the load with its row', async () => {
  const edit = (files: Files): void => {
    const lines = files[`${DAY}_orders.csv`];
    lines[3] = lines[3].replace('600000.SH', '999999.XX');
  };
  const path = folder('sse-merged', '600000.SH', { edit });
  const loaded = verifyFolder({ path, instruments: 'all' });
  await expect(loaded).rejects.toThrow("_orders.csv:4: column HTSCSecurityID is '999999.XX'");
});
