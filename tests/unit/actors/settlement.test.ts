// Orders of unknown fate that a person closes: checked, written, booked by his figures, and what
// the broker says afterwards. Run by vitest. Always: the actors as the engine assembles them.
import { afterEach, describe, expect, test } from 'vitest';
import * as code from '../../../engine/core/reject-code.ts';
import {
  ACTION_SETTLE,
  ORDER_SETTLED,
  REPORT_ACCEPTED,
  SETTLE_CANCELLED,
  SETTLE_FILLED,
  SETTLE_REJECTED,
} from '../../../engine/messages/codes.ts';
import { OrderSettle } from '../../../engine/messages/generated/control.ts';
import type { Fields } from '../../support/actor-harness.ts';
import { type Chain, openChain } from '../../support/order-chain.ts';

const open: Chain[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.kill();
});

/** The life after one that left an order of 300 open, 100 of it filled; its broker is not up. */
async function afterCrash(filled = 100): Promise<Chain> {
  const first = await openChain();
  first.place({ qty: 300 });
  first.report(0, REPORT_ACCEPTED);
  if (filled > 0) first.fill(0, filled);
  await first.kill();
  return nextLife(first);
}

async function nextLife(before: Chain, unconnected = true): Promise<Chain> {
  const c = await openChain({ dir: before.dir, unconnected });
  open.push(c);
  return c;
}

function settle(c: Chain, fields: Fields<OrderSettle>): void {
  c.send('oms', OrderSettle, { ...c.id(0), ...fields });
}

function refusals(c: Chain): number[] {
  const asked = c.events.of('Reject').filter((r) => r.action === ACTION_SETTLE);
  return asked.map((r) => r.code!);
}

/** Cash, shares and reservation. */
function books(c: Chain): number[] {
  const { cash, positions } = c.account;
  return [cash.cashE4, positions.qty[0]!, cash.reservedE4, positions.openBuy[0]!];
}

describe('an order of unknown fate', () => {
  test('is closed as cancelled: nothing is booked, everything is free again', async () => {
    const c = await afterCrash();
    expect(c.orders()).toEqual(['unknown']);
    const [cash, shares] = books(c);
    settle(c, { outcome: SETTLE_CANCELLED, filledQty: 100 });
    expect(c.orders()).toEqual(['partly-cancelled 414']);
    expect(books(c)).toEqual([cash, shares, 0, 0]);
    expect(c.account.orders.marks[0]! & ORDER_SETTLED).toBe(ORDER_SETTLED);
    expect([c.account.unknown[0], c.account.openOrders]).toEqual([0, 0]);
    expect(c.actors.gateways[0]!.live.liveCount).toBe(0);
  });

  test('is closed as filled by the figures given, fees included', async () => {
    const c = await afterCrash();
    const [cash = 0, shares = 0] = books(c);
    settle(c, { outcome: SETTLE_FILLED, filledQty: 300, priceE4: 99_000 });
    expect(c.orders()[0]).toMatch(/^filled/);
    const [after = 0, held] = books(c);
    expect(held).toBe(shares + 200);
    // 200 shares at 9.90 yuan, and the transfer fee: the minimum commission was paid before.
    expect(cash - after).toBeGreaterThanOrEqual(19_800_000);
    expect(cash - after).toBeLessThan(19_800_000 + 10_000);
    expect(c.account.orders.fillCount[0]).toBe(1);
    expect(c.updates.at(-1)).toMatchObject({ type: 'AccountUpdate' });
  });

  test('is closed as rejected when nothing of it had traded', async () => {
    const c = await afterCrash(0);
    settle(c, { outcome: SETTLE_REJECTED });
    expect([c.orders(), books(c).slice(2)]).toEqual([['rejected 414'], [0, 0]]);
  });

  test.each<[string, Fields<OrderSettle>]>([
    ['fewer shares than are booked', { outcome: SETTLE_CANCELLED, filledQty: 0 }],
    ['all of them as cancelled', { outcome: SETTLE_CANCELLED, filledQty: 300, priceE4: 1 }],
    ['some of them as filled', { outcome: SETTLE_FILLED, filledQty: 200, priceE4: 1 }],
    ['more than all', { outcome: SETTLE_FILLED, filledQty: 400, priceE4: 1 }],
    ['more shares without a price', { outcome: SETTLE_FILLED, filledQty: 300 }],
    ['a rejection of what has traded', { outcome: SETTLE_REJECTED, filledQty: 100 }],
    ['no outcome', { outcome: 9, filledQty: 100 }],
  ])('is not closed by figures that cannot be: %s', async (_, fields) => {
    const c = await afterCrash();
    const before = books(c);
    settle(c, fields);
    expect([c.orders(), refusals(c)]).toEqual([['unknown'], [code.REJECT_SETTLE_FIGURES]]);
    expect(books(c)).toEqual(before);
  });

  test('is the only one that can be closed so', async () => {
    const c = await openChain();
    open.push(c);
    c.place({ qty: 300 });
    settle(c, { outcome: SETTLE_CANCELLED });
    c.report(0, REPORT_ACCEPTED);
    settle(c, { outcome: SETTLE_CANCELLED });
    expect(refusals(c)).toEqual([code.REJECT_NOT_UNKNOWN, code.REJECT_NOT_UNKNOWN]);
    expect(c.orders()).toEqual(['accepted']);
    expect(c.actors.gateways[0]!.live.liveCount).toBe(1);
  });
});

describe('a settlement', () => {
  test('stands in the journal: the next life has the same books', async () => {
    const c = await afterCrash();
    settle(c, { outcome: SETTLE_FILLED, filledQty: 300, priceE4: 99_000 });
    const before = books(c);
    open.splice(open.indexOf(c), 1);
    await c.kill();
    const again = await nextLife(c);
    expect([again.orders()[0], books(again)]).toEqual([c.orders()[0], before]);
    expect(again.actors.gateways[0]!.live.filled[0]).toBe(300);
  });

  test('is not booked twice when the fills come after all; more than it are', async () => {
    const c = await afterCrash();
    settle(c, { outcome: SETTLE_CANCELLED, filledQty: 200, priceE4: 99_000 });
    const before = books(c);
    c.connect();
    c.fill(0, 100, { fillNo: 77 });
    expect([c.orders(), books(c)]).toEqual([['partly-cancelled 414'], before]);
    expect(c.account.lateFills).toBe(0);
    c.fill(0, 50, { fillNo: 78 });
    expect(books(c)[1]).toBe(before[1]! + 50);
    expect(c.account.lateFills).toBe(1);
    open.splice(open.indexOf(c), 1);
    await c.kill();
    const again = await nextLife(c);
    expect(books(again)).toEqual(books(c));
  });

  test('frees the instrument for buying again', async () => {
    const c = await afterCrash();
    settle(c, { outcome: SETTLE_CANCELLED, filledQty: 100 });
    c.connect();
    c.place({ qty: 100 });
    expect(c.sent()).toEqual(['+100']);
  });
});
