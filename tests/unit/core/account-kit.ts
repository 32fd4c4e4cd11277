// Accounts for tests, and the invariants that hold after every event whatever happened before.
// Used by the tests of the account; written from the meaning of the columns, not from the code.
import { expect } from 'vitest';
import { Account, enterOrder } from '../../../engine/core/account.ts';
import type { FeeSchedule } from '../../../engine/core/fees.ts';
import { isOpen } from '../../../engine/core/order.ts';
import { openPosition, sellable } from '../../../engine/core/position.ts';
import { KIND_LIMIT, SIDE_BUY, TIF_DAY } from '../../../engine/messages/codes.ts';

/** Commission 0.025 %, minimum 5 yuan, stamp duty 0.05 %, transfer 0.001 %. */
export const FEES: FeeSchedule = {
  commissionRateE7: 2_500,
  commissionMinE4: 50_000,
  stampDutyRateE7: 5_000,
  transferRateE7: 100,
  handlingRateE7: 0,
  regulatoryRateE7: 0,
};

export interface Opening {
  readonly cashE4?: number;
  readonly qty?: number;
  readonly costE4?: number;
  readonly orders?: number;
  readonly instruments?: number;
  readonly fees?: FeeSchedule;
}

/** An account that opens with cash and the same base shares of every instrument. */
export function openAccount(opening: Opening = {}): Account {
  const count = opening.instruments ?? 1;
  const account = new Account(0, opening.fees ?? FEES, opening.orders ?? 64, count);
  const qty = opening.qty ?? 10_000;
  for (let i = 0; i < count; i++) {
    openPosition(account.positions, i, qty, qty, qty * (opening.costE4 ?? 100_000));
  }
  account.cash.cashE4 = opening.cashE4 ?? 10_000_000_000;
  return account;
}

let nextId = 1;

/** Enters a limit order; its slot. */
export function place(
  account: Account,
  side: number,
  priceE4: number,
  qty: number,
  instrument = 0,
): number {
  const id = nextId++;
  return enterOrder(
    account,
    1,
    id,
    0,
    id,
    instrument,
    side,
    KIND_LIMIT,
    TIF_DAY,
    priceE4,
    priceE4,
    qty,
  );
}

/** What of an order is not filled and may still trade. */
export function openLeaves(account: Account, slot: number): number {
  const { status, qty, filled } = account.orders;
  return isOpen(status[slot]!) ? Math.max(0, qty[slot]! - filled[slot]!) : 0;
}

/** I5, I7, I8, I9 of the reliability sheet, for an account that never sold short. */
export function expectSound(account: Account, what: string, opening: Opening = {}): void {
  const { orders, positions, cash } = account;
  const openCash = opening.cashE4 ?? 10_000_000_000;
  const openQty = opening.qty ?? 10_000;
  let reserved = 0;
  let fees = 0;
  let moved = 0;
  let open = 0;
  const bought = new Float64Array(positions.count);
  const sold = new Float64Array(positions.count);
  const buying = new Float64Array(positions.count);
  const selling = new Float64Array(positions.count);
  for (let slot = 0; slot < orders.count; slot++) {
    const i = orders.instrument[slot]!;
    const buy = orders.side[slot] === SIDE_BUY;
    if (orders.filled[slot]! < 0) expect.fail(`${what}: filled below zero`);
    if (orders.reservedE4[slot]! < 0) expect.fail(`${what}: reserved below zero`);
    const live = isOpen(orders.status[slot]!);
    if (live) open++;
    if (!live && orders.reservedE4[slot] !== 0) expect.fail(`${what}: final, still reserved`);
    (buy ? bought : sold)[i]! += orders.filled[slot]!;
    (buy ? buying : selling)[i]! += openLeaves(account, slot);
    moved += (buy ? -1 : 1) * orders.filledAmountE4[slot]!;
    fees += orders.feesE4[slot]!;
    reserved += orders.reservedE4[slot]!;
  }
  const found = {
    open: account.openOrders,
    cash: cash.cashE4,
    fees: cash.feesE4,
    reserved: cash.reservedE4,
    qty: [...positions.qty],
    openBuy: [...positions.openBuy],
    frozen: [...positions.frozen],
  };
  expect(found, what).toEqual({
    open,
    cash: openCash + moved - fees,
    fees,
    reserved,
    qty: Array.from(positions.qty, (_, i) => openQty + bought[i]! - sold[i]!),
    openBuy: [...buying],
    frozen: [...selling],
  });
  for (let i = 0; i < positions.count; i++) {
    if (sellable(positions, i) < 0) expect.fail(`${what}: sellable below zero`);
  }
}
