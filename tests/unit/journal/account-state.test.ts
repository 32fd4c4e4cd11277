// An account rebuilt from its journaled frames, as recovery does it: an order comes back with the
// time it was made.
import { expect, test } from 'vitest';
import { LiveOrders } from '../../../engine/core/live-orders.ts';
import { STATUS_NAMES } from '../../../engine/core/order-status.ts';
import { AccountState } from '../../../engine/host/account-state.ts';
import {
  ACTION_CANCEL,
  ACTION_HOLD,
  ACTION_PARK,
  ACTION_PLACE,
  ORDER_PARKED,
  SIDE_BUY,
  STAGE_RISK,
} from '../../../engine/messages/codes.ts';
import { FrameMemory } from '../../../engine/messages/frames.ts';
import { Reject, Request } from '../../../engine/messages/generated/order.ts';
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
    state.restoreGateway(live);
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
