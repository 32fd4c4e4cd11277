// The risk manager: each limit with what was found and allowed, approvals, the kill switch.
// Run by vitest. Always: real rings and kernels, nothing of ours is mocked.
import { describe, expect, test } from 'vitest';
import { StillClock } from '../../../engine/actors/clock.ts';
import { NoTap } from '../../../engine/actors/port.ts';
import { RiskManager } from '../../../engine/actors/risk-manager.ts';
import * as code from '../../../engine/core/reject-code.ts';
import {
  approvalOf,
  type RiskLimits,
  RiskState,
  ruleSetHash,
} from '../../../engine/core/risk-checks.ts';
import {
  ACTION_CANCEL,
  ACTION_PLACE,
  SCOPE_ACCOUNT,
  SCOPE_FIRM,
  SCOPE_STRATEGY,
  SIDE_BUY,
  SIDE_SELL,
  STAGE_RISK,
} from '../../../engine/messages/codes.ts';
import { End, Kill } from '../../../engine/messages/generated/control.ts';
import { Order, Reject } from '../../../engine/messages/generated/order.ts';
import { type Fields, Pipe } from '../../support/actor-harness.ts';

const NO_LIMITS: RiskLimits = {
  maxOrderAmountE4: 0,
  maxPositionQty: 0,
  maxOrdersPerSecond: 0,
  maxPriceDeviationE4: 0,
};

function risk(limits: Partial<RiskLimits> = {}, requestBytes = 65_536) {
  const orders = [new Pipe(), new Pipe()];
  const requests = [new Pipe(requestBytes), new Pipe(requestBytes)];
  const control = new Pipe();
  const all = { ...NO_LIMITS, ...limits };
  const manager = new RiskManager(new RiskState(all, 2), {
    orders: orders.map((pipe) => pipe.ring),
    requests: requests.map((pipe) => pipe.out()),
    control: control.ring,
    tap: new NoTap(),
    clock: new StillClock(),
  });
  let id = 0;
  const order = (fields: Fields<Order> = {}): void => {
    orders[fields.account ?? 0]!.send(Order, {
      ...{ coidA: 1, coidC: ++id, action: ACTION_PLACE, side: SIDE_BUY, qty: 100 },
      ...{ priceE4: 100_000, valueE4: 100_000, lastE4: 100_000, exposureQty: 100, ...fields },
    });
    manager.doWork();
  };
  const answers = (account = 0): (number | string)[] =>
    requests[account]!.take().map((f) => (f.type === 'Reject' ? f.code! : f.type));
  return { manager, orders, requests, control, order, answers, limits: all };
}

describe('the key of a client', () => {
  test('goes on with the request, and with the refusal', () => {
    const key = { keyA: 1, keyB: -2, keyC: 3, keyD: 4 };
    const { order, requests } = risk({ maxOrderAmountE4: HUNDRED_E4 });
    order(key);
    order({ ...key, qty: 200, timeInForce: 1 });
    expect(requests[0]!.take()).toMatchObject([
      { type: 'Request', ...key },
      { type: 'Reject', ...key, timeInForce: 1 },
    ]);
  });
});

const HUNDRED_E4 = 10_000_000;

describe('a limit', () => {
  const cases: [string, Partial<RiskLimits>, Fields<Order>, Fields<Order>, number, number[]][] = [
    [
      'on the amount',
      { maxOrderAmountE4: HUNDRED_E4 },
      {},
      { qty: 200 },
      code.REJECT_ORDER_AMOUNT,
      [20_000_000, HUNDRED_E4],
    ],
    [
      'on the amount of an order without price',
      { maxOrderAmountE4: HUNDRED_E4 },
      { priceE4: 0 },
      { priceE4: 0, valueE4: 110_000 },
      code.REJECT_ORDER_AMOUNT,
      [11_000_000, HUNDRED_E4],
    ],
    [
      'on the position',
      { maxPositionQty: 500 },
      { exposureQty: 500 },
      { exposureQty: 501 },
      code.REJECT_POSITION,
      [501, 500],
    ],
    [
      'on the distance of a price above',
      { maxPriceDeviationE4: 200 },
      { priceE4: 102_000 },
      { priceE4: 102_100 },
      code.REJECT_PRICE_DEVIATION,
      [210, 200],
    ],
    [
      'on the distance of a price below',
      { maxPriceDeviationE4: 200 },
      { priceE4: 98_000 },
      { priceE4: 97_900 },
      code.REJECT_PRICE_DEVIATION,
      [210, 200],
    ],
    [
      'that is not there, but no value',
      {},
      {},
      { valueE4: 0 },
      code.REJECT_NO_REFERENCE_PRICE,
      [0, 0],
    ],
  ];
  for (const [name, limits, fine, bad, expected, found] of cases) {
    test(`${name} passes what keeps it and refuses what breaks it`, () => {
      const r = risk(limits);
      r.order(fine);
      r.order({ ...bad, coidB: 9, strategy: 4, intentNo: 8 });
      const [request, reject] = r.requests[0]!.take();
      expect(request!.type).toBe('Request');
      expect(reject).toMatchObject({
        ...{ type: 'Reject', stage: STAGE_RISK, code: expected, coidC: 2, coidB: 9 },
        ...{ value: found[0], limit: found[1], strategy: 4, intentNo: 8 },
      });
      expect([r.manager.approved, r.manager.refused]).toEqual([1, 1]);
    });
  }

  test('on the position does not hinder a sell', () => {
    const r = risk({ maxPositionQty: 100 });
    r.order({ side: SIDE_SELL, exposureQty: 900 });
    expect(r.answers()).toEqual(['Request']);
  });

  test('on the rate counts any second that slides, each account for itself', () => {
    const r = risk({ maxOrdersPerSecond: 2 });
    const at = [0, 0.6e9, 0.9e9, 1e9, 1.5e9, 1.6e9];
    for (const eventNs of at) r.order({ eventNs });
    const no = code.REJECT_ORDER_RATE;
    expect(r.answers()).toEqual(['Request', 'Request', no, 'Request', no, 'Request']);
    r.order({ account: 1, eventNs: 1.6e9 });
    expect(r.answers(1)).toEqual(['Request']);
  });

  test('never hinders a cancel, nor does the kill switch', () => {
    const r = risk({ maxOrderAmountE4: 1, maxOrdersPerSecond: 1 });
    r.control.send(Kill, { scope: SCOPE_FIRM, on: 1 });
    for (let n = 0; n < 5; n++) r.order({ action: ACTION_CANCEL, valueE4: 0 });
    expect(r.answers()).toEqual(Array(5).fill('Request'));
  });
});

describe('an approved order', () => {
  test('keeps every field and carries approval and rule set', () => {
    const r = risk({ maxOrderAmountE4: 10 * HUNDRED_E4 });
    const fields = { kind: 3, timeInForce: 2, instrument: 5, eventNs: 7, recvNs: 8, qty: 300 };
    r.order({ ...fields, coidB: 2, coidD: 4, strategy: 6, intentNo: 9, intentAtNs: 1, omsAtNs: 2 });
    const [request] = r.requests[0]!.take();
    const approval = approvalOf(1, 1, 5, SIDE_BUY, 100_000, 300);
    expect(request).toMatchObject({ ...fields, coidA: 1, coidB: 2, coidC: 1, coidD: 4, approval });
    expect(request).toMatchObject({ strategy: 6, intentNo: 9, ruleSet: ruleSetHash(r.limits) });
  });
});

describe('the kill switch', () => {
  const cases: [string, Fields<Kill>, boolean, boolean][] = [
    ['of the firm stops both accounts', { scope: SCOPE_FIRM }, true, true],
    ['of one account stops that one', { scope: SCOPE_ACCOUNT, account: 1 }, false, true],
    ['of a strategy stops no account', { scope: SCOPE_STRATEGY, strategy: 0 }, false, false],
  ];
  for (const [name, fields, first, second] of cases) {
    test(`${name} until it is taken back`, () => {
      const r = risk();
      const expected = (killed: boolean) => [killed ? code.REJECT_KILLED : 'Request'];
      r.control.send(Kill, { ...fields, on: 1 });
      for (const account of [0, 1]) r.order({ account });
      expect([r.answers(0), r.answers(1)]).toEqual([expected(first), expected(second)]);
      r.control.send(Kill, { ...fields, on: 0 });
      for (const account of [0, 1]) r.order({ account });
      expect([r.answers(0), r.answers(1)]).toEqual([['Request'], ['Request']]);
    });
  }

  test('is read before the orders that wait beside it', () => {
    const r = risk();
    r.orders[0]!.send(Order, { action: ACTION_PLACE, coidC: 1, valueE4: 1, qty: 1 });
    r.control.send(Kill, { scope: SCOPE_FIRM, on: 1 });
    r.manager.doWork();
    expect(r.answers()).toEqual([code.REJECT_KILLED]);
  });
});

describe('what is no order', () => {
  test('goes to the gateway of its account unchanged', () => {
    const r = risk();
    r.orders[1]!.send(Reject, { account: 1, code: 306, value: 4 });
    r.orders[1]!.send(End, { account: 1, reason: 1 });
    r.manager.doWork();
    expect(r.requests[1]!.take()).toMatchObject([
      { type: 'Reject', code: 306, value: 4 },
      { type: 'End', reason: 1 },
    ]);
    expect(r.answers(0)).toEqual([]);
  });
});

test('orders wait while a gateway does not read, and none is lost', () => {
  const r = risk({}, 8_192);
  for (let n = 0; n < 200; n++) r.order();
  let seen = r.answers().length;
  for (let round = 0; round < 200; round++) {
    r.manager.doWork();
    seen += r.answers().length;
  }
  expect(seen).toBe(200);
  expect(r.manager.isIdle()).toBe(true);
});
