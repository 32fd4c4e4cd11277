// The reconciliation finds every difference between journal and statement, and nothing else;
// rounding to the fen is told and does not count; a bad statement file is named by line and column.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  reconcileAnswers,
  reconcileFile,
  reconciliationCsv,
} from '../../../engine/day/reconcile.ts';
import { type ReplayedAccount, replayAccount } from '../../../engine/day/replay-day.ts';
import { readStatement } from '../../../engine/day/statement-file.ts';
import type { EngineSetup } from '../../../engine/host/setup.ts';
import { SIDE_BUY, SIDE_SELL } from '../../../engine/messages/codes.ts';
import { daySetup, liveDay, removeFolders, runFolder } from './day-folder.ts';

let dir = '';
let setup: EngineSetup;
let main: ReplayedAccount;

beforeEach(async () => {
  dir = runFolder();
  setup = daySetup(dir);
  await liveDay(dir, setup, [
    { strategy: 0, side: SIDE_BUY, qty: 1_000, priceE4: 100_000, fills: [600, 400] },
    { strategy: 1, side: SIDE_SELL, qty: 500, priceE4: 101_000 },
  ]);
  main = replayAccount(setup, 0, dir);
});
afterEach(removeFolders);

const HEAD = 'kind,account,instrument,side,quantity,price,fee,amount,trade,order';

function statement(rows: readonly string[]) {
  const file = join(dir, 'statement.csv');
  writeFileSync(file, `${[HEAD, ...rows].join('\n')}\n`);
  return readStatement(file, ['main']);
}

/** The statement that agrees in everything. */
function agreeing(): string[] {
  const fees = main.fills.map(({ feeE4 }) => feeE4 / 10_000);
  return [
    `trade,main,600000.SH,buy,600,10,${fees[0]},,101,`,
    `trade,main,600000.SH,buy,400,10,${fees[1]},,102,`,
    `trade,main,600000.SH,sell,500,10.1,${fees[2]},,103,`,
    'position,main,600000.SH,,10500,,,,,',
    `cash,main,,,,,,${main.state.account.cash.cashE4 / 10_000},,`,
  ];
}

function compare(rows: readonly string[]) {
  return reconcileFile(setup, [main], statement(rows), 'test');
}

function kinds(rows: readonly string[]): string[] {
  return compare(rows).differences.map(({ kind, fillNo }) => `${kind} ${fillNo}`);
}

test('a statement that agrees is clean, and says what was compared', () => {
  const result = compare(agreeing());
  expect(result.differences).toEqual([]);
  expect(result.isClean).toBe(true);
  expect(result.compared).toEqual({ trades: 3, fees: 2, positions: 1, cash: 1 });
});

test.each<[string, (rows: string[]) => string[], string[]]>([
  [
    'a trade we never heard of',
    (r) => [...r, 'trade,main,600000.SH,buy,100,10,5,,999,'],
    ['missing 999'],
  ],
  ['a trade the broker lacks', (r) => r.filter((row) => !row.includes(',102,')), ['extra 102']],
  [
    'another price',
    (r) => r.map((row) => row.replace('sell,500,10.1,', 'sell,500,10.2,')),
    ['price 103'],
  ],
  [
    'another quantity',
    (r) => r.map((row) => row.replace('buy,400,', 'buy,300,')),
    ['quantity 102'],
  ],
  ['other shares', (r) => r.map((row) => row.replace('10500', '10400')), ['position 0']],
  ['unknown shares', (r) => [...r, 'position,main,600519.SH,,7,,,,,'], ['position 0']],
  [
    'the same number on the other side',
    (r) => r.map((row) => row.replace('sell,500', 'buy,500')),
    ['missing 103', 'extra 103'],
  ],
])('%s is found', (_, change, expected) => {
  expect(kinds(change(agreeing()))).toEqual(expected);
  expect(compare(change(agreeing())).isClean).toBe(false);
});

test('a fee off by fen is rounding, by yuan it is a difference', () => {
  const fee = main.fills[2]!.feeE4 / 10_000;
  const other = (value: number) =>
    agreeing().map((row) => row.replace(`10.1,${fee},`, `10.1,${value.toFixed(2)},`));
  const rounding = compare(other(fee + 0.01));
  expect(rounding.differences).toMatchObject([{ kind: 'fee', isRounding: true }]);
  expect(rounding.isClean).toBe(true);
  const wrong = compare(other(fee + 1));
  expect(wrong.differences).toMatchObject([{ kind: 'fee', isRounding: false, side: 'sell' }]);
  expect(reconciliationCsv(wrong).split('\n')[1]).toMatch(/^fee,main,600000\.SH,sell,1/);
});

test('what a statement lacks is not compared, and an account it never names is told', () => {
  const [, , , position] = agreeing();
  const result = compare([position!]);
  expect(result.compared).toEqual({ trades: 0, fees: 0, positions: 1, cash: 0 });
  const nobody = reconcileFile(setup, [main], statement([]), 'test');
  expect(nobody.notCompared).toEqual(['main']);
});

test("the broker's last answers are compared the same way", () => {
  const cashE4 = main.state.account.cash.cashE4;
  const answer = (qty: number, cash: number) =>
    reconcileAnswers(setup, [main], new Map([['main', { cashE4: cash, qty: [qty] }]]));
  expect(answer(10_500, cashE4)).toMatchObject({ isClean: true, notCompared: [] });
  expect(answer(10_400, cashE4 + 1_000_000).differences.map(({ kind }) => kind)).toEqual([
    ...['position', 'cash'],
  ]);
  expect(reconcileAnswers(setup, [main], new Map()).notCompared).toEqual(['main']);
});

describe('a statement file', () => {
  test.each([
    ['deal,main,600000.SH,buy,1,1,,,1,', /line 2: kind is 'deal', expected one of trade, position/],
    ['trade,other,600000.SH,buy,1,1,,,1,', /line 2: account is 'other', expected one of main/],
    ['trade,main,600000,buy,1,1,,,1,', /instrument is '600000', expected a symbol/],
    ['trade,main,600000.SH,long,1,1,,,1,', /side is 'long', expected one of buy, sell/],
    ['trade,main,600000.SH,buy,0,1,,,1,', /quantity is '0', expected whole shares, at least 1/],
    ['trade,main,600000.SH,buy,1,ten,,,1,', /price is 'ten', expected yuan/],
    ['trade,main,600000.SH,buy,1,1,,,,', /trade is empty, expected the broker's trade number/],
    ['cash,main,,,,,,,,', /amount is empty, expected yuan/],
  ])('is refused for %s', (row, message) => {
    expect(() => statement([row])).toThrow(message);
  });

  test('is refused for a trade or a holding that it lists twice', () => {
    const row = 'trade,main,600000.SH,buy,1,1,,,7,';
    expect(() => statement([row, row])).toThrow(/line 3: trade 7 of line 2 again/);
    const held = 'position,main,600000.SH,,1,,,,,';
    expect(() => statement([held, held])).toThrow(/line 3: instrument is '600000\.SH'/);
  });
});
