// An account rebuilt from its journaled frames, as recovery does it: an order comes back with the
// time it was made.
import { expect, test } from 'vitest';
import { BrokerView } from '../../../engine/core/broker-view.ts';
import { LiveOrders } from '../../../engine/core/live-orders.ts';
import {
  STATUS_CANCELLED,
  STATUS_NAMES,
  STATUS_UNKNOWN,
} from '../../../engine/core/order-status.ts';
import { AccountState } from '../../../engine/host/account-state.ts';
import {
  ACTION_CANCEL,
  ACTION_HOLD,
  ACTION_PARK,
  ACTION_PLACE,
  ORDER_PARKED,
  REPORT_ACCEPTED,
  REPORT_CANCELLED,
  REPORT_REJECTED,
  SIDE_BUY,
  STAGE_RISK,
} from '../../../engine/messages/codes.ts';
import { FrameMemory } from '../../../engine/messages/frames.ts';
import { Epoch } from '../../../engine/messages/generated/control.ts';
import { Reject, Report, Request } from '../../../engine/messages/generated/order.ts';
import { makeSetup } from '../../support/make-setup.ts';

const MADE_NS = 34_300_000_000_000.5;

test('a recovered order keeps the time it was made, sent or refused by risk', () => {
  const state = new AccountState(makeSetup(), 0);
  const memory = new FrameMemory(new ArrayBuffer(512));
  const wish = { eventNs: MADE_NS, coidA: 1, side: SIDE_BUY, priceE4: 100_000, qty: 100 };
  Object.assign(new Request().begin(memory, 0), { ...wish, coidC: 1, intentNo: 1, action: 1 });
  state.apply(Request.TYPE, memory, 0);
  const refusal = { coidC: 2, intentNo: 2, stage: STAGE_RISK, code: 301, action: 1 };
  Object.assign(new Reject().begin(memory, 0), { ...wish, ...refusal });
  state.apply(Reject.TYPE, memory, 0);
  const { orders } = state.account;
  expect(orders.count).toBe(2);
  expect([...orders.createdNs.subarray(0, 2)]).toEqual([MADE_NS, MADE_NS]);
});

test('a held order comes back held, unknown to the gateway, and counts as sent once it was', () => {
  const state = new AccountState(makeSetup(), 0);
  const memory = new FrameMemory(new ArrayBuffer(512));
  const request = (action: number): void => {
    const wish = { coidA: 1, coidC: 1, intentNo: 1, side: SIDE_BUY, priceE4: 100_000, qty: 100 };
    Object.assign(new Request().begin(memory, 0), { ...wish, valueE4: 100_000, action });
    state.apply(Request.TYPE, memory, 0);
  };
  const seen = (): [string, number] => {
    const live = new LiveOrders(16);
    state.restoreGateway(new BrokerView(live, 0, makeSetup().day));
    return [STATUS_NAMES[state.account.orders.status[0]!]!, live.count];
  };
  request(ACTION_HOLD);
  expect([seen(), state.openSlots()]).toEqual([['held', 0], []]);
  request(ACTION_PLACE);
  expect([seen(), state.openSlots()]).toEqual([['submitted', 1], [0]]);
  expect(state.account.openOrders).toBe(1);
  request(ACTION_PARK);
  expect(state.account.orders.marks[0]).toBe(ORDER_PARKED);
  request(ACTION_CANCEL);
  expect([state.account.orders.marks[0], seen()[0]]).toEqual([0, 'cancel-pending']);
});

test('what a life leaves open has an unknown fate in the next one, and is still reserved', () => {
  const state = new AccountState(makeSetup(), 0);
  const memory = new FrameMemory(new ArrayBuffer(512));
  state.open(makeSetup(), () => {}, memory);
  const send = (coidC: number, qty: number): void => {
    const wish = { coidA: 1, coidC, intentNo: coidC, side: SIDE_BUY, priceE4: 100_000, qty };
    const request = new Request().begin(memory, 0);
    Object.assign(request, { ...wish, valueE4: 100_000, action: 1 });
    state.apply(Request.TYPE, memory, 0);
  };
  const report = (coidC: number, kind: number): void => {
    const facts = { coidA: 1, coidC, kind, brokerOrderNo: 40 + coidC };
    Object.assign(new Report().begin(memory, 0), facts);
    state.apply(Report.TYPE, memory, 0);
  };
  send(1, 100);
  send(2, 200);
  send(3, 300);
  report(1, REPORT_ACCEPTED);
  report(2, REPORT_CANCELLED);
  const { reservedE4 } = state.account.cash;
  new Epoch().begin(memory, 0).epoch = 2;
  state.apply(Epoch.TYPE, memory, 0);
  const { orders } = state.account;
  expect([...orders.status.subarray(0, 3)]).toEqual([
    STATUS_UNKNOWN,
    STATUS_CANCELLED,
    STATUS_UNKNOWN,
  ]);
  expect(state.account.cash.reservedE4).toBe(reservedE4);
  expect([state.account.openOrders, state.account.unknown[0]]).toEqual([2, 2]);

  const view = new BrokerView(new LiveOrders(16), 0, makeSetup().day);
  state.restoreGateway(view);
  expect([...view.live.unknown.subarray(0, 3)]).toEqual([1, 0, 1]);
  expect([view.live.liveCount, view.slotOfNo(41), view.slotOfNo(42)]).toEqual([2, 0, 1]);

  // Proof, and only proof, ends them.
  report(3, REPORT_REJECTED);
  report(1, REPORT_CANCELLED);
  expect([state.account.openOrders, state.account.unknown[0]]).toEqual([0, 0]);
  expect(state.account.cash.reservedE4).toBe(0);
});
