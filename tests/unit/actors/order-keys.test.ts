// One key, one order: the desk's way in and repeated intents, through the OMS and after a restart.
// Run by vitest over a real OMS between rings of the test.
import { describe, expect, test } from 'vitest';
import {
  REJECT_KEY_REUSED,
  REJECT_LOT_STEP,
  REJECT_NOT_IN_SESSION,
} from '../../../engine/core/reject-code.ts';
import { AccountState } from '../../../engine/host/account-state.ts';
import {
  ACTION_PLACE,
  DESK_STRATEGY,
  END_BY_USER,
  KIND_LIMIT,
  REPORT_WRITTEN,
  SIDE_BUY,
  TIF_DAY,
} from '../../../engine/messages/codes.ts';
import { FrameMemory } from '../../../engine/messages/frames.ts';
import { End } from '../../../engine/messages/generated/control.ts';
import { Intent, Reject, Request } from '../../../engine/messages/generated/order.ts';
import { type Fields, pick } from '../../support/actor-harness.ts';
import { makeSetup } from '../../support/make-setup.ts';
import { oms } from './oms-kit.ts';

const KEY = { keyA: 11, keyB: -2, keyC: 3, keyD: 4 };
const ORDER = {
  ...{ strategy: DESK_STRATEGY, action: ACTION_PLACE, instrument: 0, side: SIDE_BUY },
  ...{ kind: KIND_LIMIT, timeInForce: TIF_DAY, priceE4: 100_000, qty: 100 },
};

function desk() {
  const kit = oms();
  let no = 0;
  const ask = (fields: Fields<Intent> = {}): void => {
    kit.desk.send(Intent, { ...ORDER, intentNo: ++no, ...KEY, ...fields });
    kit.manager.doWork();
  };
  return { ...kit, ask };
}

describe('the desk', () => {
  test('makes an order that carries its key to risk, and whose news only people get', () => {
    const kit = desk();
    kit.ask();
    expect(pick(kit.passed(), 'type', 'strategy', 'qty', 'keyA', 'keyD')).toEqual([
      { type: 'Order', strategy: DESK_STRATEGY, qty: 100, keyA: 11, keyD: 4 },
    ]);
    expect(pick(kit.events.of('OrderUpdate'), 'keyA', 'keyB')).toEqual([{ keyA: 11, keyB: -2 }]);
    expect(kit.updates.flatMap((pipe) => pipe.take()).map(({ type }) => type)).toEqual([]);
  });

  test('gets the order as it now is for a repeated key, and no second one', () => {
    const kit = desk();
    kit.ask();
    kit.report(1, REPORT_WRITTEN);
    kit.passed();
    kit.events.all = [];
    kit.ask();
    expect(kit.passed()).toEqual([]);
    expect(pick(kit.events.all, 'type', 'intentNo', 'status')).toEqual([
      { type: 'OrderUpdate', intentNo: 1, status: 2 },
    ]);
    expect(kit.account.orders.count).toBe(1);
  });

  test.each([
    ['qty', { qty: 200 }],
    ['price', { priceE4: 100_100 }],
    ['side', { side: 2 }],
    ['instrument', { instrument: 1 }],
  ])('is refused a used key with another %s, and nothing is sent', (_name, fields) => {
    const kit = desk();
    kit.ask();
    kit.passed();
    kit.ask(fields);
    expect(kit.account.orders.count).toBe(1);
    expect(kit.codes().people).toEqual([REJECT_KEY_REUSED]);
  });

  test('hears the first refusal again although the order would pass now', () => {
    const kit = desk();
    kit.ask({ qty: 150 });
    kit.ask({ qty: 150 });
    kit.ask({ qty: 100 });
    expect(kit.codes().people).toEqual([REJECT_LOT_STEP, REJECT_LOT_STEP, REJECT_KEY_REUSED]);
    // The journal needs the first refusal and the misuse, not the repetition.
    expect(kit.passed().map(({ code }) => code)).toEqual([REJECT_LOT_STEP, REJECT_KEY_REUSED]);
  });

  test('makes an order of each of two keys and of each intent without one', () => {
    const kit = desk();
    const none = { keyA: 0, keyB: 0, keyC: 0, keyD: 0 };
    kit.ask();
    kit.ask({ keyD: 5 });
    kit.ask(none);
    kit.ask(none);
    expect(kit.account.orders.count).toBe(4);
  });

  test('is refused behind the end of the run', () => {
    const kit = desk();
    for (const pipe of kit.intents) pipe.send(End, { reason: END_BY_USER });
    kit.manager.doWork();
    kit.ask();
    expect(kit.codes().people).toEqual([REJECT_NOT_IN_SESSION]);
    expect(kit.account.orders.count).toBe(0);
  });
});

describe('a strategy that repeats a number', () => {
  test('is told of its order again, and refused when it means another', () => {
    const kit = oms();
    kit.place({ intentNo: 7 });
    kit.updates[0]!.take();
    kit.place({ intentNo: 7 });
    expect(kit.updates[0]!.take().map(({ type }) => type)).toEqual(['OrderUpdate']);
    kit.place({ intentNo: 7, qty: 200 });
    expect(kit.codes().strategy).toEqual([REJECT_KEY_REUSED]);
    expect(kit.account.orders.count).toBe(1);
  });
});

describe('after a restart', () => {
  function frame<T extends { begin(memory: FrameMemory, at: number): T }>(
    type: { new (): T; readonly BYTES: number },
    fields: object,
  ): FrameMemory {
    const memory = new FrameMemory(new ArrayBuffer(type.BYTES));
    Object.assign(new type().begin(memory, 0), fields);
    return memory;
  }
  const words = { coidA: 1, coidC: 1, valueE4: 100_000 };

  test('the journal gives keys back their orders and refusals', () => {
    const state = new AccountState(makeSetup(), 0);
    state.open(makeSetup(), () => {}, new FrameMemory(new ArrayBuffer(512)));
    const request = frame(Request, { ...ORDER, ...words, ...KEY, intentNo: 1 });
    state.apply(Request.TYPE, request, 0);
    const refused = { ...ORDER, ...KEY, keyD: 9, code: 306, intentNo: 2, qty: 300 };
    state.apply(Reject.TYPE, frame(Reject, refused), 0);
    const misused = { ...ORDER, ...KEY, keyD: 10, code: REJECT_KEY_REUSED, intentNo: 3 };
    state.apply(Reject.TYPE, frame(Reject, misused), 0);
    const risk = { ...ORDER, ...KEY, keyD: 11, code: 301, coidA: 1, coidC: 2, intentNo: 4 };
    state.apply(Reject.TYPE, frame(Reject, risk), 0);
    const { keys, orders } = state.account;
    expect(keys.find(11, -2, 3, 4)).toBe(1);
    expect(keys.refusalCode(keys.find(11, -2, 3, 9))).toBe(306);
    expect(keys.find(11, -2, 3, 10)).toBe(0);
    expect(keys.find(11, -2, 3, 11)).toBe(2);
    expect([orders.keyA[0], orders.keyD[1]]).toEqual([11, 11]);
    expect(state.lastIntentNo(DESK_STRATEGY)).toBe(4);
  });
});
