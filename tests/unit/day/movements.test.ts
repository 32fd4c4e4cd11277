// Announced movements: the file's faults are named with line and column; a day's movements explain
// the statement together and once; what is adopted is journaled and survives a restart.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { REJECT_STATEMENT_CASH } from '../../../engine/core/reject-code.ts';
import type { ExpectedMovement } from '../../../engine/core/statement.ts';
import { readMovements } from '../../../engine/day/movements-file.ts';
import * as codes from '../../../engine/messages/codes.ts';
import { BrokerCash, BrokerPosition, QueryEnd } from '../../../engine/messages/generated/broker.ts';
import { type OmsOptions, oms } from '../actors/oms-kit.ts';
import { removeFolders, runFolder } from './day-folder.ts';

afterEach(removeFolders);

const HEAD = 'day,kind,instrument,quantity,amount,note';

function read(...rows: string[]) {
  const file = join(runFolder(), 'movements.csv');
  writeFileSync(file, `${[HEAD, ...rows].join('\n')}\n`);
  return readMovements(file, ['600519.SH', '000001.SZ']);
}

describe('the file', () => {
  test('gives every kind with its sign, in 1/10,000 yuan, comments apart', () => {
    const found = read(
      '# announced on the 5th',
      '20260109,bonus-shares,600519.SH,300,,"10 送 3, ex-date"',
      '2026-01-09,dividend,SH600519,,1520.4,after tax',
      '20260112,bank-transfer,,,-50000,to the bank',
    );
    const [bonus, dividend, transfer] = found;
    const shares = { kind: codes.ADJUST_BONUS_SHARES, symbol: '600519.SH', qty: 300, amountE4: 0 };
    expect(bonus).toEqual({ day: 20_260_109, ...shares });
    const cash = { kind: codes.ADJUST_DIVIDEND, symbol: '', qty: 0, amountE4: 15_204_000 };
    expect(dividend).toEqual({ day: 20_260_109, ...cash });
    expect(transfer).toMatchObject({ amountE4: -500_000_000, day: 20_260_112 });
  });

  test.each([
    ['20260231,dividend,,,1,', /line 2: day is '20260231', expected a day/],
    ['20260109,gift,,,1,', /line 2: kind is 'gift', expected one of dividend, bonus-shares/],
    ['20260109,fee-rounding,,,1,', /kind is 'fee-rounding'/],
    ['20260109,dividend,,,,', /line 2: amount is empty, expected quantity or amount/],
    ['20260109,dividend,600519.SH,5,1,', /expected quantity or amount, one of them/],
    ['20260109,dividend,,,1.23456,', /line 2: amount is '1\.23456', expected yuan/],
    ['20260109,dividend,,,0,', /expected yuan that move, not 0/],
    ['20260109,bonus-shares,,300,,', /line 2: instrument is empty/],
    ['20260109,bonus-shares,600000.SH,300,,', /expected an instrument under market\.instruments/],
    ['20260109,bonus-shares,600519.SH,1.5,,', /line 2: quantity is '1\.5', expected whole shares/],
    ['20260109,dividend,,', /line 2: 4 fields, expected 6/],
  ])('refuses %s', (row, message) => {
    expect(() => read(row)).toThrow(message);
  });

  test('names a missing file, an unknown and a missing column', () => {
    expect(() => readMovements('/nowhere/m.csv', [])).toThrow(/m\.csv does not exist/);
    const file = join(runFolder(), 'm.csv');
    writeFileSync(file, 'day,kind,quantity,amout\n');
    expect(() => readMovements(file, [])).toThrow(/line 1: no column amount/);
    writeFileSync(file, 'day,kind,quantity,amount,why\n');
    expect(() => readMovements(file, [])).toThrow(/unknown column 'why'/);
  });

  test('takes no more movements of cash a day than can be tried together', () => {
    const rows = Array.from({ length: 13 }, (_, i) => `20260109,dividend,,,${i + 1},`);
    expect(() => read(...rows)).toThrow(/line 14: day is '20260109', expected at most 12/);
  });
});

const CASH_E4 = 10_000_000_000;
let queryNo = 1;

function state(o: ReturnType<typeof oms>, cashE4: number) {
  queryNo += 2;
  for (const instrument of [0, 1]) {
    o.reports.send(BrokerPosition, { queryNo, instrument, qty: 10_000, sellableQty: 10_000 });
  }
  const result = codes.QUERY_COMPLETE;
  o.reports.send(QueryEnd, { queryNo, kind: codes.QUERY_POSITIONS, result, rows: 2 });
  o.reports.send(BrokerCash, { queryNo: queryNo + 1, cashE4 });
  o.reports.send(QueryEnd, { queryNo: queryNo + 1, kind: codes.QUERY_CASH, result, rows: 1 });
  o.manager.doWork();
  const adopted = o.orders.take().filter((frame) => frame.type === 'Adjustment');
  return adopted.map(({ kind, amountE4 }) => ({ kind, amountE4 }));
}

function buyRefusal(o: ReturnType<typeof oms>): number {
  o.place({ side: codes.SIDE_BUY });
  const [out] = o.orders.take();
  return out?.type === 'Reject' ? out.code! : 0;
}

const cash = (kind: number, amountE4: number): ExpectedMovement => {
  return { kind, instrument: -1, qty: 0, amountE4 };
};
const DIVIDEND = cash(codes.ADJUST_DIVIDEND, 12_345_600);
const TRANSFER = cash(codes.ADJUST_BANK_TRANSFER, -500_000_000);
const SWEEP = cash(codes.ADJUST_CASH_SWEEP, -70_000_000);

describe('the statement', () => {
  const scene = (more: OmsOptions = {}) => oms({ expected: [DIVIDEND, TRANSFER, SWEEP], ...more });

  test('movements that came on one day explain it together, each journaled by itself', () => {
    const o = scene();
    const sum = DIVIDEND.amountE4 + TRANSFER.amountE4;
    expect(state(o, CASH_E4 + sum)).toEqual([
      { kind: codes.ADJUST_DIVIDEND, amountE4: DIVIDEND.amountE4 },
      { kind: codes.ADJUST_BANK_TRANSFER, amountE4: TRANSFER.amountE4 },
    ]);
    expect(o.account.cash.cashE4).toBe(CASH_E4 + sum);
    expect(buyRefusal(o)).toBe(0);
  });

  test('a movement explains one difference only, through a restart too', () => {
    const o = scene();
    expect(state(o, CASH_E4 + SWEEP.amountE4)).toHaveLength(1);
    expect(state(o, CASH_E4 + 2 * SWEEP.amountE4)).toEqual([]);
    expect(buyRefusal(o)).toBe(REJECT_STATEMENT_CASH);
    const later = scene({ adopted: [SWEEP] });
    expect(state(later, CASH_E4 + SWEEP.amountE4)).toEqual([]);
    expect(buyRefusal(later)).toBe(REJECT_STATEMENT_CASH);
  });

  test('what no set of movements adds up to is adopted in no part', () => {
    const o = scene();
    expect(state(o, CASH_E4 + DIVIDEND.amountE4 + 100)).toEqual([]);
    expect(o.account.cash.cashE4).toBe(CASH_E4);
    expect(buyRefusal(o)).toBe(REJECT_STATEMENT_CASH);
  });

  test('what comes in is no profit of the day', () => {
    const o = scene();
    const before = o.account.cash.openingEquityE4;
    state(o, CASH_E4 + DIVIDEND.amountE4);
    expect(o.account.cash.openingEquityE4 - before).toBe(DIVIDEND.amountE4);
  });
});
