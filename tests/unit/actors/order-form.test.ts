// Time in force and margin or short flags: what goes with which price type, and the code of each
// refusal. Run by vitest over a real OMS with the real validation kernel.
import { describe, expect, test } from 'vitest';
import {
  REJECT_CREDIT,
  REJECT_KEY_REUSED,
  REJECT_KIND_NOT_SUPPORTED,
  REJECT_TIME_IN_FORCE,
} from '../../../engine/core/reject-code.ts';
import {
  INTENT_MARGIN,
  INTENT_SHORT,
  KIND_BEST5_CANCEL,
  KIND_BEST5_LIMIT,
  KIND_FOK,
  KIND_IOC,
  KIND_LIMIT,
  SIDE_SELL,
  TIF_DAY,
  TIF_FOK,
  TIF_IOC,
} from '../../../engine/messages/codes.ts';
import { oms } from './oms-kit.ts';

const KINDS_OF = (...kinds: number[]) => ({
  marketKinds: kinds.reduce((sum, kind) => sum | (1 << kind), 0),
});
const ALL = KINDS_OF(KIND_BEST5_CANCEL, KIND_BEST5_LIMIT, KIND_IOC, KIND_FOK);
const TIF = REJECT_TIME_IN_FORCE;

describe('an order', () => {
  test.each([
    ['limit, day', KIND_LIMIT, TIF_DAY, 0],
    ['limit, IOC', KIND_LIMIT, TIF_IOC, TIF],
    ['limit, FOK', KIND_LIMIT, TIF_FOK, TIF],
    ['limit, none', KIND_LIMIT, 0, TIF],
    ['limit, a number nobody knows', KIND_LIMIT, 4, TIF],
    ['IOC, day', KIND_IOC, TIF_DAY, 0],
    ['IOC, IOC', KIND_IOC, TIF_IOC, 0],
    ['IOC, FOK', KIND_IOC, TIF_FOK, TIF],
    ['FOK, day', KIND_FOK, TIF_DAY, 0],
    ['FOK, FOK', KIND_FOK, TIF_FOK, 0],
    ['FOK, IOC', KIND_FOK, TIF_IOC, TIF],
    ['best five then cancel, IOC', KIND_BEST5_CANCEL, TIF_IOC, 0],
    ['best five then limit, IOC', KIND_BEST5_LIMIT, TIF_IOC, TIF],
  ])('of %s is taken, or refused with a code', (_name, kind, timeInForce, code) => {
    const kit = oms({ rules: ALL, cashE4: 1e12 });
    kit.place({ kind, timeInForce });
    const refused = code === 0 ? [] : [code];
    expect(kit.codes()).toEqual({ people: refused, strategy: refused });
    expect(kit.account.orders.count).toBe(code === 0 ? 1 : 0);
  });

  test.each([
    ['IOC', KIND_IOC, TIF_IOC],
    ['FOK', KIND_FOK, TIF_FOK],
  ])('of %s is refused where the board has no such kind', (_name, kind, timeInForce) => {
    const kit = oms({ rules: KINDS_OF(KIND_BEST5_CANCEL), cashE4: 1e12 });
    kit.place({ kind, timeInForce });
    expect(kit.codes().people).toEqual([REJECT_KIND_NOT_SUPPORTED]);
  });

  test('carries its time in force to risk and to people', () => {
    const kit = oms({ rules: ALL, cashE4: 1e12 });
    kit.place({ kind: KIND_FOK, timeInForce: TIF_FOK });
    expect(kit.passed()[0]!.timeInForce).toBe(TIF_FOK);
    expect(kit.events.of('OrderUpdate')[0]!.timeInForce).toBe(TIF_FOK);
  });

  test.each([
    ['margin buy', { flags: INTENT_MARGIN }],
    ['short sale', { flags: INTENT_SHORT, side: SIDE_SELL }],
    ['flag nobody knows', { flags: 64 }],
  ])('that is a %s is refused, and nothing is reserved', (_name, fields) => {
    const kit = oms({ cashE4: 1e12, qty: 1_000 });
    kit.place(fields);
    expect(kit.codes()).toEqual({ people: [REJECT_CREDIT], strategy: [REJECT_CREDIT] });
    expect([kit.account.cash.reservedE4, kit.account.positions.frozen[0]]).toEqual([0, 0]);
  });

  test('with a flag is not the order that was placed without it under the same key', () => {
    const kit = oms({ cashE4: 1e12 });
    kit.place({ keyA: 5 });
    kit.place({ keyA: 5, flags: INTENT_MARGIN });
    expect(kit.codes().people).toEqual([REJECT_KEY_REUSED]);
    expect(kit.account.orders.count).toBe(1);
  });
});
