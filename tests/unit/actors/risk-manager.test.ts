// The risk manager: each limit with what was found and allowed, approvals, the kill switch.
// Run by vitest. Always: real rings and kernels, nothing of ours is mocked.
import { describe, expect, test } from 'vitest';
import { StillClock } from '../../../engine/actors/clock.ts';
import { NoTap } from '../../../engine/actors/port.ts';
import { RiskManager } from '../../../engine/actors/risk-manager.ts';
import {
  STATUS_ACCEPTED,
  STATUS_CANCELLED,
  STATUS_PARTLY_CANCELLED,
  STATUS_PARTLY_FILLED,
  STATUS_UNKNOWN,
} from '../../../engine/core/order-status.ts';
import * as code from '../../../engine/core/reject-code.ts';
import { approvalOf } from '../../../engine/core/risk/approval.ts';
import { enforce } from '../../../engine/core/risk/judge.ts';
import { LIMIT_SELF_TRADE } from '../../../engine/core/risk/limit-table.ts';
import { RiskState } from '../../../engine/core/risk/risk-state.ts';
import { fillRules } from '../../../engine/core/risk/rule-entry.ts';
import {
  ACTION_CANCEL,
  ACTION_PLACE,
  NOTICE_IN_BREACH,
  NOTICE_NEAR_LIMIT,
  NOTICE_STOPPED,
  SCOPE_ACCOUNT,
  SCOPE_FIRM,
  SCOPE_STRATEGY,
  SIDE_BUY,
  SIDE_SELL,
  STAGE_FEED,
  STAGE_OMS,
  STAGE_RISK,
  STRATEGY_NONE,
} from '../../../engine/messages/codes.ts';
import {
  End,
  Kill,
  MarketPause,
  RiskCommit,
  RiskEntry,
  RiskResume,
} from '../../../engine/messages/generated/control.ts';
import { Quote } from '../../../engine/messages/generated/market.ts';
import { Order, OrderUpdate, Reject } from '../../../engine/messages/generated/order.ts';
import { type Fields, type MessageClass, Pipe, ShownEvents } from '../../support/actor-harness.ts';
import { makeInstrument } from '../../support/instruments.ts';
import { rulesByRow } from '../../support/risk-rules.ts';

const SIZES = { accounts: 2, strategies: 4, instruments: 2 };
const INSTRUMENTS = ['600000.SH', '000001.SZ'].map((symbol, i) =>
  makeInstrument(i, symbol, { preCloseE4: 100_000 }),
);
type Limits = Readonly<Record<string, number>>;

/** Both accounts under the same limits. */
function risk(limits: Limits = {}, requestBytes = 65_536, state = risked(limits)) {
  const orders = [new Pipe(), new Pipe()];
  const requests = [new Pipe(requestBytes), new Pipe(requestBytes)];
  const control = new Pipe();
  const quotes = new Pipe();
  const events = new ShownEvents();
  const manager = new RiskManager(state, [0, 0, 1, 1], {
    quotes: quotes.ring,
    orders: orders.map((pipe) => pipe.ring),
    requests: requests.map((pipe) => pipe.out()),
    control: control.ring,
    events,
    tap: new NoTap(),
    clock: new StillClock(),
  });
  let id = 0;
  const order = (fields: Fields<Order> = {}): void => {
    orders[fields.account ?? 0]!.send(Order, {
      ...{ coidA: 1, coidC: ++id, action: ACTION_PLACE, side: SIDE_BUY, qty: 100 },
      ...{ priceE4: 100_000, valueE4: 100_000, ...fields },
    });
    manager.doWork();
  };
  const tell = (fields: Fields<OrderUpdate>): void => {
    orders[fields.account ?? 0]!.send(OrderUpdate, { coidA: 1, ...fields });
    manager.doWork();
  };
  const command = <T>(message: MessageClass<T>, fields: Fields<T>): void => {
    control.send(message, fields);
    manager.doWork();
  };
  const answers = (account = 0): (number | string)[] =>
    requests[account]!.take().map((f) => (f.type === 'Reject' ? f.code! : f.type));
  const pipes = { orders, requests, control, quotes, events };
  return { ...pipes, manager, state, order, tell, command, answers };
}

function risked(limits: Limits): RiskState {
  const state = new RiskState(SIZES, INSTRUMENTS, 4_096, 16);
  fillRules(state.rules, rulesByRow(SIZES, { 1: limits, 2: limits }).entries);
  enforce(state, state.rules);
  return state;
}

describe('the key of a client', () => {
  test('goes on with the request, and with the refusal', () => {
    const key = { keyA: 1, keyB: -2, keyC: 3, keyD: 4 };
    const { order, requests } = risk({ maxOrderAmount: HUNDRED_E4 });
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
  const cases: [string, Limits, Fields<Order>, Fields<Order>, number, number[]][] = [
    [
      'on the amount',
      { maxOrderAmount: HUNDRED_E4 },
      {},
      { qty: 200 },
      code.REJECT_ORDER_AMOUNT,
      [20_000_000, HUNDRED_E4],
    ],
    [
      'on the amount of an order without price, valued at the upper limit of the day',
      { maxOrderAmount: HUNDRED_E4 },
      {},
      { priceE4: 0, valueE4: 100_000 },
      code.REJECT_ORDER_AMOUNT,
      [11_000_000, HUNDRED_E4],
    ],
    [
      'on the position, counting what is open',
      { maxPositionQty: 500 },
      { qty: 400 },
      { qty: 101 },
      code.REJECT_POSITION,
      [501, 500],
    ],
    [
      'on the distance of a price above',
      { maxPriceDeviation: 0.02 },
      { priceE4: 102_000 },
      { priceE4: 102_100 },
      code.REJECT_PRICE_DEVIATION,
      [0.021, 0.02],
    ],
    [
      'on the distance of a price below',
      { maxPriceDeviation: 0.02 },
      { priceE4: 98_000 },
      { priceE4: 97_900 },
      code.REJECT_PRICE_DEVIATION,
      [0.021, 0.02],
    ],
    [
      'that is not there, but no shares',
      {},
      {},
      { qty: 0 },
      code.REJECT_NO_REFERENCE_PRICE,
      [0, 0],
    ],
    [
      'that is not there, but an instrument nobody knows',
      {},
      {},
      { instrument: 9 },
      code.REJECT_UNKNOWN_INSTRUMENT,
      [0, 0],
    ],
  ];
  for (const [name, limits, fine, bad, expected, found] of cases) {
    test(`${name} passes what keeps it and refuses what breaks it`, () => {
      const r = risk(limits);
      r.order(fine);
      r.order({ ...bad, coidB: 9, strategy: 3, intentNo: 8 });
      const [request, reject] = r.requests[0]!.take();
      expect(request!.type).toBe('Request');
      expect(reject).toMatchObject({
        ...{ type: 'Reject', stage: STAGE_RISK, code: expected, coidC: 2, coidB: 9 },
        ...{ value: found[0], limit: found[1], strategy: 3, intentNo: 8 },
      });
      expect([r.manager.approved, r.manager.refused]).toEqual([1, 1]);
    });
  }

  test('on the position does not hinder a sell', () => {
    const r = risk({ maxPositionQty: 100 });
    r.order({ side: SIDE_SELL, qty: 900 });
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
    const r = risk({ maxOrderAmount: 1, maxOrdersPerSecond: 1 });
    r.control.send(Kill, { scope: SCOPE_FIRM, on: 1 });
    for (let n = 0; n < 5; n++) r.order({ action: ACTION_CANCEL, valueE4: 0 });
    expect(r.answers()).toEqual(Array(5).fill('Request'));
  });
});

describe('an approved order', () => {
  test('keeps every field and carries approval and rule set', () => {
    const r = risk({ maxOrderAmount: 10 * HUNDRED_E4 });
    const fields = { kind: 3, timeInForce: 2, instrument: 1, eventNs: 7, recvNs: 8, qty: 300 };
    r.order({ ...fields, coidB: 2, coidD: 4, strategy: 3, intentNo: 9, intentAtNs: 1, omsAtNs: 2 });
    const [request] = r.requests[0]!.take();
    const approval = approvalOf(1, 1, 1, SIDE_BUY, 100_000, 300);
    expect(request).toMatchObject({ ...fields, coidA: 1, coidB: 2, coidC: 1, coidD: 4, approval });
    expect(request).toMatchObject({ strategy: 3, intentNo: 9, ruleSet: r.state.rules.hash });
  });
});

describe('the kill switch', () => {
  const cases: [string, Fields<Kill>, boolean, boolean][] = [
    ['of the firm stops both accounts', { scope: SCOPE_FIRM }, true, true],
    ['of one account stops that one', { scope: SCOPE_ACCOUNT, account: 1 }, false, true],
    ['of a strategy stops that one', { scope: SCOPE_STRATEGY, strategy: 2 }, false, true],
  ];
  for (const [name, fields, first, second] of cases) {
    test(`${name} until it is taken back`, () => {
      const r = risk();
      const expected = (killed: boolean) => [killed ? code.REJECT_KILLED : 'Request'];
      r.control.send(Kill, { ...fields, on: 1 });
      for (const account of [0, 1]) r.order({ account, strategy: account * 2 });
      expect([r.answers(0), r.answers(1)]).toEqual([expected(first), expected(second)]);
      r.control.send(Kill, { ...fields, on: 0 });
      for (const account of [0, 1]) r.order({ account, strategy: account * 2 });
      expect([r.answers(0), r.answers(1)]).toEqual([['Request'], ['Request']]);
    });
  }

  test('is read before the orders that wait beside it', () => {
    const r = risk();
    r.orders[0]!.send(Order, {
      action: ACTION_PLACE,
      coidC: 1,
      side: SIDE_BUY,
      valueE4: 1,
      qty: 1,
    });
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

describe('what an OMS tells of an order', () => {
  test('frees what is open and counts what was bought, told once, twice or late', () => {
    const r = risk({ maxPositionQty: 500 });
    r.order({ qty: 400 });
    const filled = { coidC: 1, status: STATUS_PARTLY_FILLED, filledQty: 300 };
    const money = { filledAmountE4: 30_000_000, feeE4: 50_000 };
    r.tell({ ...filled, ...money });
    r.tell({ ...filled, ...money });
    r.tell({ ...filled, ...money, status: STATUS_PARTLY_CANCELLED });
    r.order({ qty: 200 });
    r.order({ qty: 1 });
    expect(r.answers()).toEqual(['Request', 'Request', code.REJECT_POSITION]);
    expect(r.state.meters.cashE4[1]).toBe(-30_050_000);
  });

  test('counts a fill after the end', () => {
    const r = risk({ maxPositionQty: 500 });
    r.order({ qty: 400 });
    r.tell({ coidC: 1, status: STATUS_CANCELLED });
    r.tell({ coidC: 1, status: STATUS_PARTLY_CANCELLED, filledQty: 100, filledAmountE4: 1e7 });
    r.order({ qty: 401 });
    r.order({ qty: 400 });
    expect(r.answers()).toEqual(['Request', code.REJECT_POSITION, 'Request']);
  });

  test('ends a silence of the venue, during which no order leaves', () => {
    const r = risk({ maxVenueSilence: 5_000 });
    r.order({ eventNs: 1e9 });
    r.order({ eventNs: 6e9 });
    r.order({ eventNs: 6.1e9 });
    r.tell({ coidC: 1, status: STATUS_ACCEPTED, eventNs: 6.2e9 });
    r.order({ eventNs: 6.3e9 });
    expect(r.answers()).toEqual(['Request', 'Request', code.REJECT_VENUE_SILENT, 'Request']);
  });

  test('of unknown fate keeps its place: nothing is freed', () => {
    const r = risk({ maxPositionQty: 500 });
    r.order({ qty: 400 });
    r.tell({ coidC: 1, status: STATUS_UNKNOWN });
    r.order({ qty: 200 });
    expect(r.answers()).toEqual(['Request', code.REJECT_POSITION]);
  });
});

describe("an order made in the broker's client", () => {
  const byHand = {
    strategy: STRATEGY_NONE,
    coidC: 900,
    side: SIDE_BUY,
    qty: 400,
    priceE4: 100_000,
  };

  test('counts as exposure and for self-trades, not in the meters of our orders', () => {
    const r = risk({ maxPositionQty: 500, maxOrdersPerDay: 1 });
    r.state.values[LIMIT_SELF_TRADE] = 1;
    enforce(r.state, r.state.rules);
    r.tell({ ...byHand, status: STATUS_ACCEPTED });
    r.tell({ ...byHand, status: STATUS_ACCEPTED });
    r.order({ qty: 200 });
    r.order({ side: SIDE_SELL });
    expect(r.answers()).toEqual([code.REJECT_POSITION, code.REJECT_SELF_TRADE]);
    expect([r.state.meters.orders[1], r.state.meters.openOrders[1]]).toEqual([0, 1]);
    r.order();
    expect(r.answers()).toEqual(['Request']);
  });

  test('is held when it fills, and free when it ends', () => {
    const r = risk({ maxPositionQty: 500 });
    r.tell({ ...byHand, status: STATUS_ACCEPTED });
    r.tell({ ...byHand, status: STATUS_CANCELLED, filledQty: 100, filledAmountE4: 10_000_000 });
    const { cells, meters, rows } = r.state;
    expect([cells.qty[1], cells.openBuyQty[1], meters.openOrders[1], rows > 1]).toEqual([
      100,
      0,
      0,
      true,
    ]);
    r.order({ qty: 400 });
    r.order({ qty: 100 });
    expect(r.answers()).toEqual(['Request', code.REJECT_POSITION]);
  });
});

describe('a stop that waits for a person', () => {
  test('holds until that person lets the account go on, and is told to people and journals', () => {
    const r = risk({ maxRejectsInRow: 2, maxOrderAmount: HUNDRED_E4 });
    for (let n = 0; n < 2; n++) r.order({ qty: 200 });
    r.order();
    expect(r.answers()).toEqual([301, 301, code.REJECT_REJECTS_IN_ROW]);
    expect(r.events.of('RiskNotice')).toMatchObject([{ kind: NOTICE_STOPPED, account: 0 }]);
    r.command(RiskResume, { scope: SCOPE_ACCOUNT, account: 0 });
    r.order();
    expect(r.answers()).toEqual(['RiskResume', 'Request']);
    expect(r.requests[1]!.take().map((f) => f.type)).toEqual(['RiskResume']);
  });

  test('of one account does not stop the other', () => {
    const r = risk({ maxRejectsInRow: 1, maxOrderAmount: HUNDRED_E4 });
    r.order({ qty: 200 });
    r.order({ account: 1, strategy: 2 });
    expect(r.answers(1)).toEqual(['Request']);
  });
});

describe('a market that a person pauses', () => {
  test('goes on with all others when every pause is ended, and is named at the next start', () => {
    const r = risk();
    r.command(MarketPause, { market: 1, on: 1 });
    r.command(MarketPause, { market: 0, on: 1 });
    r.command(MarketPause, { market: 0, on: 0 });
    r.order();
    expect(r.answers().at(-1)).toBe('Request');
    const state = risked({});
    state.paused[2] = 1;
    const later = risk({}, 65_536, state);
    later.manager.onStart();
    expect(later.events.of('MarketPause')).toMatchObject([{ market: 2, on: 1 }]);
  });

  test('takes no order, but cancels, until it is opened again', () => {
    const r = risk();
    r.command(MarketPause, { market: 1, on: 1 });
    r.order();
    r.order({ action: ACTION_CANCEL });
    r.order({ instrument: 1 });
    r.command(MarketPause, { market: 1, on: 0 });
    r.order();
    const between = ['MarketPause', code.REJECT_PAUSED, 'Request', 'Request'];
    expect(r.answers()).toEqual([...between, 'MarketPause', 'Request']);
  });
});

describe('a rule set that is sent while orders flow', () => {
  const send = (r: ReturnType<typeof risk>, limits: Limits, spoil = 0) => {
    const { entries, hash } = rulesByRow(SIZES, { 1: limits });
    for (const [number, [kind, a, b, value]] of entries.entries()) {
      r.command(RiskEntry, { number, kind, a: a + (spoil === 1 ? 99 : 0), b, value });
    }
    const count = entries.length + (spoil === 2 ? 1 : 0);
    r.command(RiskCommit, { count, hash: hash + (spoil === 3 ? 1 : 0) });
    return hash;
  };

  test('takes force whole, and later requests and journals name it', () => {
    const r = risk({ maxOrderQty: 100 });
    const hash = send(r, { maxOrderQty: 300, maxOrdersPerDay: 9 });
    r.order({ qty: 300 });
    const [told, request] = r.requests[0]!.take();
    expect(told).toMatchObject({ type: 'RiskCommit', state: 1, hash });
    expect(request).toMatchObject({ type: 'Request', ruleSet: hash });
    expect(r.events.of('RiskCommit')).toMatchObject([{ state: 1, hash }]);
  });

  for (const [spoil, what] of [
    '',
    'an entry out of range',
    'an entry short',
    'another hash',
  ].entries()) {
    if (spoil === 0) continue;
    test(`is refused whole for ${what}: the old one stays`, () => {
      const r = risk({ maxOrderQty: 100 });
      const before = r.state.rules.hash;
      send(r, { maxOrderQty: 300, maxOrdersPerDay: 9 }, spoil);
      r.order({ qty: 300 });
      expect(r.requests[0]!.take()).toMatchObject([
        { type: 'RiskCommit', state: -1 },
        { type: 'Reject', code: code.REJECT_ORDER_QTY },
      ]);
      expect(r.state.rules.hash).toBe(before);
    });
  }

  test('keeps the meters: what was counted still counts', () => {
    const r = risk({});
    for (let n = 0; n < 3; n++) r.order();
    send(r, { maxOrdersPerDay: 3 });
    r.order();
    expect(r.answers().at(-1)).toBe(code.REJECT_ORDERS_PER_DAY);
  });
});

test('quotes move the price that orders are compared with', () => {
  const r = risk({ maxPriceDeviation: 0.02 });
  r.quotes.send(Quote, { instrument: 0, lastE4: 104_000, preCloseE4: 100_000, phase: 4 });
  r.order({ priceE4: 100_000 });
  r.order({ priceE4: 104_000 });
  expect(r.answers()).toEqual([code.REJECT_PRICE_DEVIATION, 'Request']);
});

test('a quote of an OMS counts unless the feed told a newer one', () => {
  const r = risk({ maxPriceDeviation: 0.02 });
  const quote = { instrument: 0, preCloseE4: 100_000, phase: 4 };
  r.quotes.send(Quote, { ...quote, source: STAGE_FEED, lastE4: 104_000, eventNs: 2e9 });
  r.orders[0]!.send(Quote, { ...quote, source: STAGE_OMS, lastE4: 100_000, eventNs: 1e9 });
  r.order({ priceE4: 104_000 });
  r.orders[0]!.send(Quote, { ...quote, source: STAGE_OMS, lastE4: 100_000, eventNs: 3e9 });
  r.order({ priceE4: 104_000 });
  r.quotes.send(Quote, { ...quote, source: STAGE_FEED, lastE4: 104_000, eventNs: 2e9 });
  r.order({ priceE4: 104_000 });
  expect(r.answers()).toEqual(['Request', code.REJECT_PRICE_DEVIATION, 'Request']);
});

test('a strategy that breaches at the start is named with its reasons', () => {
  const state = risked({ maxOrdersPerDay: 1 });
  state.meters.orders[1] = 1;
  state.meters.killed[1] = 1;
  const r = risk({}, 65_536, state);
  r.manager.onStart();
  const told = r.events.of('RiskNotice').map((f) => [f.strategy, f.kind, f.code]);
  const codes = [code.REJECT_KILLED, code.REJECT_ORDERS_PER_DAY];
  expect(told).toEqual([0, 1].flatMap((s) => codes.map((c) => [s, NOTICE_IN_BREACH, c])));
});

test('people hear once a minute that a meter is at 80 % of its limit', () => {
  const r = risk({ reportedPerDay: 10 });
  for (let n = 0; n < 10; n++) r.order({ eventNs: n * 1e9 });
  const notices = r.events.of('RiskNotice');
  expect(notices).toMatchObject([{ kind: NOTICE_NEAR_LIMIT, code: 318, value: 8, limit: 10 }]);
});
