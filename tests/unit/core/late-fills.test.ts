// A cancel report that says more was traded than has been heard: the fills are on their way, and
// what they need must not be promised to anybody else. Found by `pankou sim` (late fills, I9).
import { describe, expect, it } from 'vitest';
import { applyCancelled, applyEvent, applyFill } from '../../../engine/core/account.ts';
import { EVENT_ACCEPTED } from '../../../engine/core/order.ts';
import {
  STATUS_ACCEPTED,
  STATUS_CANCELLED,
  STATUS_PARTLY_CANCELLED,
} from '../../../engine/core/order-status.ts';
import { sellable } from '../../../engine/core/position.ts';
import { SIDE_BUY, SIDE_SELL, STAGE_EXCHANGE } from '../../../engine/messages/codes.ts';
import { expectSound, openAccount, place } from './account-kit.ts';

function cancelled(account: ReturnType<typeof openAccount>, slot: number, filledQty: number) {
  return applyCancelled(account, slot, filledQty, 0, STAGE_EXCHANGE);
}

describe('a cancel report ahead of its fills', () => {
  it('keeps sold shares frozen until the fill is heard', () => {
    const account = openAccount({ qty: 1_000 });
    const slot = place(account, SIDE_SELL, 100_000, 1_000);
    applyEvent(account, slot, EVENT_ACCEPTED, 0, STAGE_EXCHANGE);
    cancelled(account, slot, 300);
    expect(account.orders.status[slot]).toBe(STATUS_ACCEPTED);
    expect(sellable(account.positions, 0)).toBe(0);
    applyFill(account, slot, 100_000, 300);
    expect(account.orders.status[slot]).toBe(STATUS_PARTLY_CANCELLED);
    expect(sellable(account.positions, 0)).toBe(700);
    expect(account.lateFills).toBe(0);
  });

  it('keeps a buy reserved, and gives back all of it after the last awaited fill', () => {
    const account = openAccount();
    const slot = place(account, SIDE_BUY, 100_000, 500);
    const reserved = account.cash.reservedE4;
    cancelled(account, slot, 200);
    expect(account.cash.reservedE4).toBe(reserved);
    applyFill(account, slot, 100_000, 100);
    expect(account.cash.reservedE4).toBeGreaterThan(0);
    applyFill(account, slot, 100_000, 100);
    expect(account.cash.reservedE4).toBe(0);
    expect(account.openOrders).toBe(0);
    expectSound(account, 'after the awaited fills');
  });

  it('ends at once when every fill was heard, and when the figure cannot be', () => {
    const account = openAccount();
    const plain = place(account, SIDE_BUY, 100_000, 500);
    applyEvent(account, plain, EVENT_ACCEPTED, 0, STAGE_EXCHANGE);
    cancelled(account, plain, 0);
    const odd = place(account, SIDE_BUY, 100_000, 500);
    applyEvent(account, odd, EVENT_ACCEPTED, 0, STAGE_EXCHANGE);
    cancelled(account, odd, 501);
    expect(account.orders.status[plain]).toBe(STATUS_CANCELLED);
    expect(account.orders.status[odd]).toBe(STATUS_CANCELLED);
    expect(account.cash.reservedE4).toBe(0);
  });
});
