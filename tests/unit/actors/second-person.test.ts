// Large orders that wait for a second person: kept by OMS, risk and gateway together, over a real
// journal, through restarts. Run by vitest. Always: the actors as the engine assembles them.
import { afterEach, describe, expect, test } from 'vitest';
import * as code from '../../../engine/core/reject-code.ts';
import {
  ACTION_CONFIRM,
  CONFIRM_NO,
  CONFIRM_YES,
  ORDER_CONFIRMED,
  PHASE_CLOSED,
  PHASE_LUNCH,
  SCOPE_ACCOUNT,
} from '../../../engine/messages/codes.ts';
import { CancelCommand, Kill, RiskConfirm } from '../../../engine/messages/generated/control.ts';
import { type Chain, type ChainOptions, LATER, openChain } from '../../support/order-chain.ts';

/** Orders from 1,000 yuan on wait. */
const LIMITS = { parkAmount: 10_000_000 };
const LARGE = { qty: 200, priceE4: 100_000 };
const open: Chain[] = [];

async function chain(options: ChainOptions = {}): Promise<Chain> {
  const made = await openChain({ limits: LIMITS, ...options });
  open.push(made);
  return made;
}

afterEach(async () => {
  for (const one of open.splice(0)) await one.kill();
});

async function restart(before: Chain, options: ChainOptions = {}): Promise<Chain> {
  await before.kill();
  open.splice(open.indexOf(before), 1);
  return chain({ dir: before.dir, ...options });
}

function confirm(c: Chain, decision = CONFIRM_YES, person = 7, slot = 0): void {
  c.send('oms', RiskConfirm, { ...c.id(slot), decision, person });
}

function refusals(c: Chain): number[] {
  const asked = c.events.of('Reject').filter((r) => r.action === ACTION_CONFIRM);
  return asked.map((r) => r.code!);
}

describe('an order above the park amount', () => {
  test('is kept with its reservation and its reason, and not sent', async () => {
    const c = await chain();
    c.place(LARGE);
    expect([c.orders(), c.sent()]).toEqual([['held 350'], []]);
    expect(c.account.cash.reservedE4).toBeGreaterThan(20_000_000);
    expect(c.events.of('OrderUpdate').at(-1)).toMatchObject({ status: 11, code: 350, stage: 4 });
    expect(c.updates.at(-1)).toMatchObject({ type: 'OrderUpdate', status: 11, code: 350 });
    c.place({ qty: 100 });
    expect(c.sent()).toEqual(['+100']);
  });

  test('goes out once a second person has confirmed it, once', async () => {
    const c = await chain();
    c.place(LARGE);
    confirm(c);
    confirm(c);
    expect([c.orders(), c.sent()]).toEqual([['submitted'], ['+200']]);
    expect(refusals(c)).toEqual([code.REJECT_NOT_AWAITING]);
  });

  test('ends when the second person refuses it', async () => {
    const c = await chain();
    c.place(LARGE);
    confirm(c, CONFIRM_NO);
    expect([c.orders(), c.sent()]).toEqual([['cancelled 361'], []]);
    expect(c.account.cash.reservedE4).toBe(0);
    confirm(c);
    expect([c.sent(), refusals(c)]).toEqual([[], [code.REJECT_ORDER_FINISHED]]);
  });

  test('is not confirmed by who sent it, who may take it back', async () => {
    const c = await chain();
    c.place({ ...LARGE, strategy: 240, sender: 7 }, 'desk');
    confirm(c, CONFIRM_YES, 7);
    expect([c.orders(), refusals(c)]).toEqual([['held 350'], [code.REJECT_SAME_PERSON]]);
    confirm(c, CONFIRM_YES, 8);
    expect(c.sent()).toEqual(['+200']);
    c.place({ ...LARGE, strategy: 240, sender: 7 }, 'desk');
    confirm(c, CONFIRM_NO, 7, 1);
    expect(c.orders()[1]).toBe('cancelled 361');
  });

  test('is judged again by every other rule when it is confirmed', async () => {
    const c = await chain({ limits: { ...LIMITS, maxPositionQty: 10_200 } });
    c.place(LARGE);
    c.place({ qty: 100 });
    c.sent();
    confirm(c);
    expect([c.orders()[0], c.sent()]).toEqual(['rejected 302', []]);
  });

  test('is cancelled by its strategy, a person, a kill, and the end of the day', async () => {
    const c = await chain();
    c.cancel(c.place(LARGE));
    expect(c.orders()).toEqual(['cancelled']);
    c.place(LARGE);
    c.send('oms', CancelCommand, { scope: SCOPE_ACCOUNT });
    expect(c.orders()[1]).toBe('cancelled');
    c.place(LARGE);
    c.quote(20_000, { phase: PHASE_CLOSED });
    expect([c.orders()[2], c.sent()]).toEqual(['cancelled 410', []]);
    const k = await chain();
    k.place(LARGE);
    k.send('oms', Kill, { scope: SCOPE_ACCOUNT, on: 1 });
    expect([k.orders(), k.sent()]).toEqual([['cancelled 305'], []]);
  });

  test('is not kept when its cancel was already behind it', async () => {
    const c = await chain();
    c.cancel(c.place({ ...LARGE, reserved: LATER }));
    expect([c.orders(), c.sent()]).toEqual([['cancelled'], []]);
    expect(c.account.invalidEvents).toBe(0);
  });

  test('waits for its session behind the confirmation', async () => {
    const c = await chain();
    c.place(LARGE);
    c.quote(6_000, { phase: PHASE_LUNCH });
    confirm(c);
    expect([c.orders(), c.sent()]).toEqual([['held'], []]);
    c.quote(5_400);
    expect([c.orders(), c.sent()]).toEqual([['submitted'], ['+200']]);
  });

  test('that was held for its session first is parked as it is to go out', async () => {
    const c = await chain();
    c.quote(6_000, { phase: PHASE_LUNCH });
    c.place(LARGE);
    expect(c.orders()).toEqual(['held']);
    c.quote(5_400);
    expect([c.orders(), c.sent()]).toEqual([['held 350'], []]);
    const again = await restart(c);
    expect(again.orders()).toEqual(['held 350']);
    confirm(again);
    expect(again.sent()).toEqual(['+200']);
  });
});

describe('a parked order and a restart', () => {
  test('comes back parked, with its reservation and its sender', async () => {
    const c = await chain();
    c.place({ ...LARGE, strategy: 240, sender: 7 }, 'desk');
    const reserved = c.account.cash.reservedE4;
    const again = await restart(c);
    expect([again.orders(), again.sent()]).toEqual([['held 350'], []]);
    expect(again.account.cash.reservedE4).toBe(reserved);
    confirm(again, CONFIRM_YES, 7);
    expect(refusals(again)).toEqual([code.REJECT_SAME_PERSON]);
    confirm(again, CONFIRM_YES, 8);
    expect([again.orders(), again.sent()]).toEqual([['submitted'], ['+200']]);
    const third = await restart(again, { unconnected: true });
    expect([third.orders(), third.sent()]).toEqual([['unknown'], []]);
  });

  test('keeps a written confirmation: the next life sends it, marked', async () => {
    const c = await chain();
    c.place(LARGE);
    c.quote(6_000, { phase: PHASE_LUNCH });
    confirm(c);
    const again = await restart(c);
    expect(again.account.orders.marks[0]! & ORDER_CONFIRMED).toBe(ORDER_CONFIRMED);
    expect([again.orders(), again.sent()]).toEqual([['submitted'], ['+200']]);
  });

  test('does not come back once it was refused', async () => {
    const c = await chain();
    c.place(LARGE);
    confirm(c, CONFIRM_NO);
    const again = await restart(c);
    expect([again.orders(), again.sent()]).toEqual([['cancelled 361'], []]);
  });
});
