// An account rebuilt from its journaled frames, as recovery does it: an order comes back with the
// time it was made.
import { expect, test } from 'vitest';
import { AccountState } from '../../../engine/host/account-state.ts';
import { SIDE_BUY, STAGE_RISK } from '../../../engine/messages/codes.ts';
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
