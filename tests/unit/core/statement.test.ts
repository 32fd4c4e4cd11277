// The broker's statement against our books (R8): what is explained is adopted, what is not stops
// buying, sells and cancels go on, and no fill is ever invented.
import { expect, test } from 'vitest';
import {
  REJECT_STATEMENT_CASH,
  REJECT_STATEMENT_SHARES,
  REJECT_UNKNOWN_FATE,
} from '../../../engine/core/reject-code.ts';
import type { ExpectedMovement } from '../../../engine/core/statement.ts';
import * as codes from '../../../engine/messages/codes.ts';
import {
  BrokerCash,
  BrokerOrder,
  BrokerPosition,
  QueryEnd,
} from '../../../engine/messages/generated/broker.ts';
import { CancelCommand } from '../../../engine/messages/generated/control.ts';
import { Report } from '../../../engine/messages/generated/order.ts';
import { oms } from '../actors/oms-kit.ts';

const CASH_E4 = 10_000_000_000;
let queryNo = 1;

type Scene = ReturnType<typeof oms>;

function state(o: Scene, qty: readonly number[], cashE4: number, result = codes.QUERY_COMPLETE) {
  queryNo += 2;
  for (const [instrument, held] of qty.entries()) {
    o.reports.send(BrokerPosition, { queryNo, instrument, qty: held, sellableQty: held });
  }
  o.reports.send(QueryEnd, { queryNo, kind: codes.QUERY_POSITIONS, result, rows: qty.length });
  o.reports.send(BrokerCash, { queryNo: queryNo + 1, cashE4 });
  o.reports.send(QueryEnd, { queryNo: queryNo + 1, kind: codes.QUERY_CASH, result, rows: 1 });
  o.manager.doWork();
  return o.orders.take().filter((frame) => frame.type === 'Adjustment');
}

/** The code with which a buy, then a sell, of an instrument is refused; 0 = it goes to risk. */
function tried(o: Scene, instrument: number): number[] {
  return [codes.SIDE_BUY, codes.SIDE_SELL].map((side) => {
    o.place({ instrument, side });
    const refused = o.orders.take().find((frame) => frame.type === 'Reject');
    return refused?.code ?? 0;
  });
}

const scene = (expected: readonly ExpectedMovement[] = []): Scene => oms({ expected });

test('a statement that agrees changes nothing', () => {
  const o = scene();
  expect(state(o, [10_000, 10_000], CASH_E4)).toEqual([]);
  expect([tried(o, 0), tried(o, 1)]).toEqual([
    [0, 0],
    [0, 0],
  ]);
});

test('unexplained shares stop buying of that instrument, until a statement agrees', () => {
  const o = scene();
  expect(state(o, [9_900, 10_000], CASH_E4)).toEqual([]);
  expect(o.account.positions.qty[0]).toBe(10_000);
  expect([tried(o, 0), tried(o, 1)]).toEqual([
    [REJECT_STATEMENT_SHARES, 0],
    [0, 0],
  ]);
});

test('unexplained cash stops all buying, and a later statement that agrees lets it go on', () => {
  const o = scene();
  state(o, [10_000, 10_000], CASH_E4 - 1_000);
  expect(tried(o, 1)).toEqual([REJECT_STATEMENT_CASH, 0]);
  const p = scene();
  state(p, [10_000, 10_000], CASH_E4 - 1_000);
  state(p, [10_000, 10_000], CASH_E4);
  expect(tried(p, 1)).toEqual([0, 0]);
});

test('expected bonus shares and a bank transfer are adopted once, and journaled', () => {
  const bonus = { kind: codes.ADJUST_BONUS_SHARES, instrument: 0, qty: 3_000, amountE4: 0 };
  const transfer = { kind: codes.ADJUST_BANK_TRANSFER, instrument: -1, qty: 0, amountE4: 50_000 };
  const o = scene([bonus, transfer]);
  const adjusted = state(o, [13_000, 10_000], CASH_E4 + 50_000);
  expect(adjusted).toMatchObject([
    { kind: codes.ADJUST_BONUS_SHARES, instrument: 0, qty: 3_000, amountE4: 0 },
    { kind: codes.ADJUST_BANK_TRANSFER, instrument: -1, qty: 0, amountE4: 50_000 },
  ]);
  const { positions, cash, fillCount } = o.account;
  expect([positions.qty[0], positions.sellableOpen[0], cash.cashE4]).toEqual([
    13_000,
    10_000,
    CASH_E4 + 50_000,
  ]);
  expect(fillCount).toBe(0);
  expect(state(o, [16_000, 10_000], CASH_E4 + 50_000)).toEqual([]);
  expect(tried(o, 0)).toEqual([REJECT_STATEMENT_SHARES, 0]);
});

test('a statement that is not whole, or made while orders are open, says nothing', () => {
  const o = scene();
  state(o, [0, 0], 0, codes.QUERY_PARTIAL);
  expect(tried(o, 0)).toEqual([0, 0]);
  state(o, [0, 0], 0);
  expect(tried(o, 1)).toEqual([0, 0]);
});

test('an order of unknown fate stops buying of its instrument until proof (I11)', () => {
  const o = scene();
  o.place({ instrument: 0 });
  const order = o.orders.take().find((frame) => frame.type === 'Order');
  const { coidA, coidB, coidC } = order!;
  const report = (kind: number): void => {
    o.reports.send(Report, { coidA: coidA!, coidB: coidB!, coidC: coidC!, kind });
    o.manager.doWork();
  };
  report(codes.REPORT_WRITTEN);
  report(codes.REPORT_UNKNOWN);
  expect([tried(o, 0), tried(o, 1)]).toEqual([
    [REJECT_UNKNOWN_FATE, 0],
    [0, 0],
  ]);
  report(codes.REPORT_CANCELLED);
  expect(tried(o, 0)[0]).toBe(0);
});

test('an order made elsewhere counts in cash and shares, nobody here cancels it (I24)', () => {
  const o = scene();
  const facts = { instrument: 0, side: codes.SIDE_BUY, kind: 1, priceE4: 100_000, qty: 500 };
  o.reports.send(BrokerOrder, { coidA: 0, coidC: 1, ...facts, brokerOrderNo: 77 });
  o.manager.doWork();
  expect([o.account.openOrders, o.account.positions.openBuy[0]]).toEqual([1, 500]);
  expect(o.account.cash.reservedE4).toBeGreaterThanOrEqual(500 * 100_000);
  o.control.send(CancelCommand, { scope: codes.SCOPE_ACCOUNT, account: 0 });
  o.manager.doWork();
  // Risk hears of it; nothing else goes down.
  expect(o.orders.take()).toMatchObject([{ type: 'OrderUpdate', strategy: 255, qty: 500 }]);
});
