// The OMS: numbers and reserves before risk hears anything, refuses with a reason, books what the
// broker says, and tells the strategy.
import { describe, expect, test } from 'vitest';
import { idCheck } from '../../../engine/core/order-id.ts';
import { sellable } from '../../../engine/core/position.ts';
import * as code from '../../../engine/core/reject-code.ts';
import {
  ACTION_CANCEL,
  ACTION_PLACE,
  KIND_BEST5_CANCEL,
  KIND_FOK,
  KIND_IOC,
  KIND_LIMIT,
  PHASE_CLOSED,
  PHASE_CLOSING_CALL,
  PHASE_CONTINUOUS,
  PHASE_LUNCH,
  PHASE_OPENING_CALL,
  PHASE_OPENING_CALL_NO_CANCEL,
  PHASE_PAUSE,
  PHASE_PRE_OPEN,
  REPORT_ACCEPTED,
  REPORT_CANCEL_REJECTED,
  REPORT_CANCELLED,
  REPORT_REJECTED,
  REPORT_UNKNOWN,
  REPORT_WRITTEN,
  SIDE_BUY,
  SIDE_SELL,
  STAGE_EXCHANGE,
  STAGE_OMS,
  STAGE_RISK,
} from '../../../engine/messages/codes.ts';
import { Intent, Reject } from '../../../engine/messages/generated/order.ts';
import type { Fields } from '../../support/actor-harness.ts';
import { expectSound } from '../core/account-kit.ts';
import { DAY, type OmsOptions, oms } from './oms-kit.ts';

describe('an intent', () => {
  test('becomes a numbered order, reserved before risk sees it', () => {
    const o = oms();
    o.place({ priceE4: 100_000, qty: 200, eventNs: 34_300e9, recvNs: 5, intentAtNs: 6 });
    const [order] = o.passed();
    const idA = o.account.orders.idA[0]!;
    expect(order).toMatchObject({
      ...{ type: 'Order', action: ACTION_PLACE, coidA: idA, coidB: DAY, coidC: 1 },
      ...{ coidD: idCheck(idA, DAY, 1), qty: 200, priceE4: 100_000, valueE4: 100_000 },
      ...{ lastE4: 100_000, exposureQty: 10_200, recvNs: 5, intentAtNs: 6 },
    });
    // 2,000 yuan, 5.00 commission, 0.02 transfer fee.
    expect(o.account.cash.reservedE4).toBe(20_050_200);
    expect(o.updates[0]!.take()).toMatchObject([
      { type: 'OrderUpdate', status: 1, createdNs: 34_300e9 },
    ]);
  });

  test('goes to risk behind the quote it was judged by, which is told once', () => {
    const o = oms();
    const down = (): string[] => o.orders.take().map(({ type }) => type);
    const quote = { lastE4: 99_900, bidE4: 99_800, askE4: 100_100, volume: 5_000_000_000 };
    o.quote({ ...quote, eventNs: 34_300e9 });
    o.place();
    const [told, order] = o.orders.take();
    expect(told).toMatchObject({ type: 'Quote', instrument: 0, eventNs: 34_300e9, ...quote });
    expect(order).toMatchObject({ type: 'Order', qty: 100 });
    o.place();
    expect(down()).toEqual(['Order']);
    o.quote({ ...quote, lastE4: 100_000 });
    o.place({ instrument: 1 });
    expect(down()).toEqual(['Quote', 'Order']);
    o.place();
    expect(down()).toEqual(['Quote', 'Order']);
  });

  test('values an order without price: a buy at the limit price, a sell at the last', () => {
    const o = oms();
    o.place({ kind: KIND_IOC, priceE4: 0 });
    o.place({ kind: KIND_IOC, priceE4: 0, side: SIDE_SELL });
    expect(o.passed().map((order) => order.valueE4)).toEqual([110_000, 100_000]);
  });

  const refusals: [string, Fields<Intent>, number, OmsOptions?][] = [
    ['of no known instrument', { instrument: 2 }, code.REJECT_UNKNOWN_INSTRUMENT],
    ['of a negative instrument', { instrument: -1 }, code.REJECT_UNKNOWN_INSTRUMENT],
    ['off the tick', { priceE4: 100_050 }, code.REJECT_OFF_TICK],
    ['above the upper limit', { priceE4: 110_100 }, code.REJECT_ABOVE_UPPER_LIMIT],
    ['below the lower limit', { priceE4: 89_900 }, code.REJECT_BELOW_LOWER_LIMIT],
    ['below a lot', { qty: 50 }, code.REJECT_LOT_MINIMUM],
    ['between two lots', { qty: 150 }, code.REJECT_LOT_STEP],
    ['above the maximum', { qty: 1_000_100 }, code.REJECT_QTY_MAXIMUM],
    ['of nothing', { qty: 0 }, code.REJECT_QTY_NOT_POSITIVE],
    ['of a negative quantity', { qty: -100 }, code.REJECT_QTY_NOT_POSITIVE],
    ['without price', { priceE4: 0 }, code.REJECT_PRICE_NOT_POSITIVE],
    ['of part of an odd lot', { side: SIDE_SELL, qty: 30 }, code.REJECT_ODD_LOT_SELL, { qty: 250 }],
    ['of no side', { side: 3 }, code.REJECT_SIDE],
    ['of no kind', { kind: 9 }, code.REJECT_KIND_NOT_SUPPORTED],
    [
      'of a kind that SSE does not know',
      { instrument: 1, kind: KIND_FOK },
      code.REJECT_KIND_NOT_SUPPORTED,
    ],
    [
      'without protection price',
      { instrument: 1, kind: KIND_BEST5_CANCEL, priceE4: 0 },
      code.REJECT_NO_PROTECTION_PRICE,
    ],
    ['above the daily buy cap', { qty: 300 }, code.REJECT_BUY_CAP, { buyCapQty: 200 }],
    ['beyond the cash', { qty: 100_000 }, code.REJECT_CASH, { cashE4: 10_000_000_000 }],
    ['beyond the shares', { side: SIDE_SELL, qty: 300 }, code.REJECT_SELLABLE, { qty: 200 }],
    ['beyond the table', {}, code.REJECT_TABLE_FULL, { orders: 0 }],
  ];
  for (const [name, fields, expected, options] of refusals) {
    test(`${name} is refused with ${expected}, to strategy, people and journal`, () => {
      const o = oms(options);
      o.place(fields);
      expect(o.codes()).toEqual({ people: [expected], strategy: [expected] });
      const down = o.passed();
      expect(down).toMatchObject([{ type: 'Reject', code: expected, stage: STAGE_OMS, coidC: 0 }]);
      expect([o.account.orders.count, o.account.cash.reservedE4]).toEqual([0, 0]);
      expect(o.manager.rejectCount).toBe(1);
    });
  }

  test('counts against the buy cap what was bought and what works, not what was sold', () => {
    const o = oms({ buyCapQty: 500 });
    o.place({ qty: 200 });
    o.fill(1, 200);
    o.place({ qty: 200 });
    o.place({ qty: 200, side: SIDE_SELL });
    o.place({ qty: 200 });
    o.place({ qty: 100 });
    expect(o.codes().people).toEqual([code.REJECT_BUY_CAP]);
    const [refusal] = o.events.of('Reject');
    expect([refusal!.value, refusal!.limit]).toEqual([600, 500]);
  });

  test('says what was found and what is allowed, and only where that means something', () => {
    const o = oms({ cashE4: 1_000_000 });
    o.place({ qty: 100 });
    o.cancel(99);
    const found = o.events.of('Reject').map(({ value, limit }) => [value, limit]);
    expect(found).toEqual([
      [10_050_100, 1_000_000],
      [0, 0],
    ]);
  });

  test('is refused when the day is over', () => {
    const no = [PHASE_CLOSED];
    const yes = [
      PHASE_PRE_OPEN,
      PHASE_PAUSE,
      PHASE_LUNCH,
      PHASE_OPENING_CALL,
      PHASE_OPENING_CALL_NO_CANCEL,
      PHASE_CONTINUOUS,
      PHASE_CLOSING_CALL,
    ];
    for (const phase of [...no, ...yes]) {
      const o = oms();
      o.quote({ phase, instrument: 0 });
      o.place();
      const expected = no.includes(phase) ? [code.REJECT_NOT_IN_SESSION] : [];
      expect(o.codes().people, `phase ${phase}`).toEqual(expected);
    }
  });

  test('without a limit is taken in continuous trading only', () => {
    const o = oms();
    o.quote({ phase: PHASE_CLOSING_CALL, instrument: 0 });
    o.place({ kind: KIND_IOC });
    expect(o.codes().strategy).toEqual([code.REJECT_KIND_NOT_SUPPORTED]);
  });

  test('waits in its ring while risk does not read, and none is lost', () => {
    const strategies = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
    const o = oms({ ordersBytes: 8_192, orders: 2_000, strategies });
    const place = { action: ACTION_PLACE, kind: KIND_LIMIT, side: SIDE_BUY, priceE4: 100_000 };
    for (let n = 0; n < 300; n++) {
      const strategy = n % strategies.length;
      o.intents[strategy]!.send(Intent, { ...place, strategy, intentNo: n + 1, qty: 100 });
    }
    for (let round = 0; round < 20; round++) o.manager.doWork();
    let seen = o.passed().length;
    for (let round = 0; round < 400; round++) {
      o.manager.doWork();
      seen += o.passed().length;
    }
    expect(seen).toBe(300);
  });
});

describe('T+1', () => {
  test('keeps what was bought today until tomorrow, T+0 does not', () => {
    for (const [instrument, expected] of [
      [0, [code.REJECT_SELLABLE]],
      [1, []],
    ] as const) {
      const o = oms({ qty: 100 });
      o.place({ instrument, qty: 200 });
      o.fill(1, 200);
      o.place({ instrument, side: SIDE_SELL, qty: 100 });
      o.place({ instrument, side: SIDE_SELL, qty: 200 });
      expect(o.codes().strategy).toEqual(expected);
      expectSound(o.account, 'T+1', { qty: 100 });
    }
  });

  test('frees the shares of a cancelled sell, and never those that were sold', () => {
    const o = oms({ qty: 1_000 });
    o.place({ side: SIDE_SELL, qty: 1_000 });
    o.fill(1, 300);
    expect(sellable(o.account.positions, 0)).toBe(0);
    o.report(1, REPORT_CANCELLED);
    expect([o.status(0), sellable(o.account.positions, 0)]).toEqual(['partly-cancelled', 700]);
    o.place({ side: SIDE_SELL, qty: 800 });
    o.place({ side: SIDE_SELL, qty: 700 });
    expect(o.codes().strategy).toEqual([code.REJECT_SELLABLE]);
  });
});

describe('a report', () => {
  test('moves its order on and tells the strategy once', () => {
    const o = oms();
    o.place();
    o.updates[0]!.take();
    o.report(1, REPORT_WRITTEN);
    o.report(1, REPORT_ACCEPTED);
    o.report(1, REPORT_ACCEPTED);
    const told = o.updates[0]!.take().map((update) => update.status);
    expect([o.status(0), told]).toEqual(['accepted', [2, 3]]);
  });

  test('of an unknown order is counted and changes nothing', () => {
    const o = oms();
    o.place();
    o.report(55, REPORT_CANCELLED);
    o.fill(55, 100);
    expect([o.account.invalidEvents, o.status(0), o.account.fillCount]).toEqual([2, 'pending', 0]);
  });

  test('of a kind that does not exist is counted and changes nothing', () => {
    for (const kind of [0, 9, 99, -1]) {
      for (const before of [REPORT_WRITTEN, REPORT_ACCEPTED]) {
        const o = oms();
        o.place();
        o.report(1, before);
        const status = o.status(0);
        o.report(1, kind);
        expect([o.account.invalidEvents, o.status(0)]).toEqual([1, status]);
      }
    }
  });

  test('of a refusal gives cash back and carries code and station to the strategy', () => {
    const o = oms();
    o.place();
    o.report(1, REPORT_REJECTED, { code: 401, stage: STAGE_EXCHANGE });
    const [, reject, update] = o.updates[0]!.take();
    expect(reject).toMatchObject({ type: 'Reject', code: 401, stage: STAGE_EXCHANGE, intentNo: 1 });
    expect(update).toMatchObject({ type: 'OrderUpdate', status: 9, code: 401 });
    expect(o.account.cash.reservedE4).toBe(0);
  });

  test('of an unknown fate keeps the reservation until proof', () => {
    const o = oms();
    o.place();
    const { reservedE4 } = o.account.cash;
    o.report(1, REPORT_WRITTEN);
    o.report(1, REPORT_UNKNOWN);
    expect([o.status(0), o.account.cash.reservedE4]).toEqual(['unknown', reservedE4]);
    o.fill(1, 100);
    expect([o.status(0), o.account.cash.reservedE4]).toEqual(['filled', 0]);
  });

  test('of a refusal after a fill is not believed', () => {
    const o = oms();
    o.place({ qty: 300 });
    o.report(1, REPORT_ACCEPTED);
    o.fill(1, 100);
    o.cancel(1);
    o.report(1, REPORT_REJECTED);
    expect([o.status(0), o.account.invalidEvents]).toEqual(['cancel-pending', 1]);
    expectSound(o.account, 'refused after a fill');
  });

  test('by risk of an order carries value and limit', () => {
    const o = oms();
    o.place();
    const coid = { coidA: o.account.orders.idA[0]!, coidC: 1 };
    o.reports.send(Reject, { ...coid, stage: STAGE_RISK, code: 301, value: 7, limit: 5 });
    o.manager.doWork();
    const [reject] = o.events.of('Reject');
    expect(reject).toMatchObject({ stage: STAGE_RISK, code: 301, value: 7, limit: 5 });
    expect(o.status(0)).toBe('rejected');
  });
});

describe('a fill', () => {
  test('reaches the strategy with what is left and with its fee', () => {
    const o = oms();
    o.place({ qty: 300 });
    o.report(1, REPORT_ACCEPTED);
    o.updates[0]!.take();
    o.fill(1, 100, { fillNo: 9 });
    o.fill(1, 200, { fillNo: 10 });
    const fills = o.updates[0]!.take().filter((update) => update.type === 'Fill');
    expect(fills).toMatchObject([
      { fillNo: 9, leavesQty: 200, feeE4: 50_100, intentNo: 1, side: SIDE_BUY },
      { fillNo: 10, leavesQty: 0, feeE4: 200 },
    ]);
    expect(o.updates[1]!.take().map((update) => update.type)).not.toContain('Fill');
  });

  test('tells what the account is worth, shares without a price at their cost', () => {
    const o = oms({ closed: true });
    o.quote({ instrument: 0, lastE4: 101_000 });
    o.place({ side: SIDE_SELL, priceE4: 101_000, qty: 1_000 });
    o.fill(1, 1_000, { priceE4: 101_000 });
    const told = o.updates[0]!.take().filter((update) => update.type === 'AccountUpdate');
    // 9,000 at 10.10 that cost 10.00, and 10,000 unpriced at 10.00; sold 1,000 for 0.10 more.
    const worth = { marketValueE4: 1_909_000_000, unrealisedE4: 9_000_000, realisedE4: 1_000_000 };
    expect(told.at(-1)).toMatchObject(worth);
    expect(o.events.of('AccountUpdate').at(-1)).toMatchObject(worth);
  });

  test('after the end of its order is booked and counted as late', () => {
    const o = oms();
    o.place();
    o.report(1, REPORT_WRITTEN);
    o.report(1, REPORT_CANCELLED);
    o.fill(1, 100);
    expect([o.status(0), o.account.lateFills]).toEqual(['filled', 1]);
    expectSound(o.account, 'late fill');
  });
});

describe('a cancel', () => {
  test('goes to risk for a live order, once', () => {
    const o = oms();
    const intentNo = o.place();
    o.report(1, REPORT_ACCEPTED);
    o.passed();
    o.cancel(intentNo);
    o.cancel(intentNo);
    expect(o.passed().map(({ type, action }) => [type, action])).toEqual([
      ['Order', ACTION_CANCEL],
      ['Reject', ACTION_CANCEL],
    ]);
    expect([o.status(0), o.codes().strategy]).toEqual([
      'cancel-pending',
      [code.REJECT_CANCEL_PENDING],
    ]);
  });

  test('follows an order that risk has not answered yet', () => {
    const o = oms();
    o.cancel(o.place());
    expect(o.passed().map((order) => order.action)).toEqual([ACTION_PLACE, ACTION_CANCEL]);
  });

  test('of what is unknown, finished or of another strategy is refused', () => {
    const o = oms();
    const intentNo = o.place();
    o.cancel(99);
    o.cancel(intentNo, 1);
    o.fill(1, 100);
    o.cancel(intentNo);
    expect(o.codes().people).toEqual([
      code.REJECT_UNKNOWN_ORDER,
      code.REJECT_UNKNOWN_ORDER,
      code.REJECT_ORDER_FINISHED,
    ]);
  });

  test('is refused in the closing call, from which no order comes back', () => {
    const windows = [PHASE_CLOSING_CALL];
    const parks = [PHASE_OPENING_CALL_NO_CANCEL, PHASE_PAUSE, PHASE_LUNCH];
    for (const phase of [...windows, ...parks, PHASE_OPENING_CALL]) {
      const o = oms();
      const intentNo = o.place();
      o.report(1, REPORT_ACCEPTED);
      o.quote({ phase, instrument: 0 });
      o.cancel(intentNo);
      const expected = windows.includes(phase) ? [code.REJECT_NO_CANCEL_WINDOW] : [];
      expect(o.codes().strategy, `phase ${phase}`).toEqual(expected);
    }
  });

  test('that the exchange refuses leaves the order live, with its fills', () => {
    const o = oms();
    const intentNo = o.place({ qty: 300 });
    o.report(1, REPORT_ACCEPTED);
    o.cancel(intentNo);
    o.fill(1, 100);
    o.report(1, REPORT_CANCEL_REJECTED, { code: 402, stage: STAGE_EXCHANGE });
    expect(o.status(0)).toBe('partly-filled');
    expect(o.codes().people).toEqual([402]);
  });
});

test('T+0 sells today what it bought today, once; T+1 does not', () => {
  const o = oms({ qty: 0 });
  for (const instrument of [0, 1]) o.place({ instrument, side: SIDE_BUY, qty: 1_000 });
  o.fill(1, 1_000, { fillNo: 1 });
  o.fill(2, 1_000, { fillNo: 2, instrument: 1 });
  const sell = (instrument: number, qty: number): number | undefined => {
    o.passed();
    o.place({ instrument, side: SIDE_SELL, qty });
    const [out] = o.passed();
    return out?.type === 'Reject' ? out.code : 0;
  };
  expect(sell(0, 100)).toBe(code.REJECT_SELLABLE);
  expect(sell(1, 600)).toBe(0);
  expect(sell(1, 600)).toBe(code.REJECT_SELLABLE);
  o.fill(3, 600, { fillNo: 3, instrument: 1, side: SIDE_SELL });
  expect(sell(1, 600)).toBe(code.REJECT_SELLABLE);
  expect(sell(1, 400)).toBe(0);
  expect(sell(1, 100)).toBe(code.REJECT_SELLABLE);
});
