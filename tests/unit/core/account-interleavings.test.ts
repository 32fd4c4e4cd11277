// Every order of events up to length six through one account: nothing that a broker may say, in
// whatever order, may break shares, cash or reservations.
import { describe, expect, test } from 'vitest';
import { type Account, applyEvent, applyFill } from '../../../engine/core/account.ts';
import {
  EVENT_ACCEPTED,
  EVENT_CANCEL_REJECTED,
  EVENT_CANCEL_SENT,
  EVENT_CANCELLED,
  EVENT_LOST,
  EVENT_REJECTED,
  EVENT_WRITTEN,
  INVALID,
  isFinal,
  isOpen,
} from '../../../engine/core/order.ts';
import {
  STATUS_CANCELLED,
  STATUS_FILLED,
  STATUS_PARTLY_CANCELLED,
  STATUS_PARTLY_FILLED,
  STATUS_REJECTED,
} from '../../../engine/core/order-status.ts';
import { SIDE_BUY, SIDE_SELL } from '../../../engine/messages/codes.ts';
import { expectSound, openAccount, place } from './account-kit.ts';

const PRICE_E4 = 100_000;
const QTY = 400;
const PARTIAL = 100;
const PLAIN: readonly (readonly [name: string, event: number])[] = [
  ['written', EVENT_WRITTEN],
  ['accepted', EVENT_ACCEPTED],
  ['rejected', EVENT_REJECTED],
  ['cancel sent', EVENT_CANCEL_SENT],
  ['cancelled', EVENT_CANCELLED],
  ['cancel rejected', EVENT_CANCEL_REJECTED],
  ['lost', EVENT_LOST],
];
const NAMES = [...PLAIN.map(([name]) => name), 'partial fill', 'last fill'];
const LENGTH = 6;

interface Totals {
  late: number;
  over: number;
  fills: number;
}

/** One step; the totals that must have been counted so far move along. */
function step(account: Account, slot: number, choice: number, totals: Totals): void {
  const { orders } = account;
  const plain = PLAIN[choice];
  if (plain !== undefined) {
    const before = orders.status[slot]!;
    const invalid = account.invalidEvents;
    const result = applyEvent(account, slot, plain[1], 0, 0);
    if (result === INVALID && orders.status[slot] !== before) expect.fail('INVALID changed it');
    if ((result === INVALID) !== account.invalidEvents > invalid) expect.fail('not counted');
    if (isFinal(before) && orders.status[slot] !== before) expect.fail('a final order reopened');
    return;
  }
  const leaves = orders.qty[slot]! - orders.filled[slot]!;
  const qty = choice === PLAIN.length ? PARTIAL : Math.max(leaves, PARTIAL);
  if (!isOpen(orders.status[slot]!)) totals.late++;
  if (qty > leaves) totals.over++;
  totals.fills++;
  applyFill(account, slot, PRICE_E4, qty);
}

/** Status and filled quantity tell one story. */
function expectStory(account: Account, slot: number, what: string): void {
  const status = account.orders.status[slot]!;
  const filled = account.orders.filled[slot]!;
  const cancelledOrRefused = status === STATUS_CANCELLED || status === STATUS_REJECTED;
  if (cancelledOrRefused && filled > 0) expect.fail(`${what}: nothing filled, but ${filled} are`);
  const partly = status === STATUS_PARTLY_CANCELLED || status === STATUS_PARTLY_FILLED;
  if (partly && (filled === 0 || filled >= QTY)) expect.fail(`${what}: partly, filled=${filled}`);
  if ((status === STATUS_FILLED) !== filled >= QTY) expect.fail(`${what}: filled=${filled}`);
}

function runAll(side: number): number {
  const path = new Int32Array(LENGTH);
  let sequences = 0;
  const total = NAMES.length ** LENGTH;
  // Every sequence of length six; its prefixes are all shorter ones, checked as they are passed.
  for (let n = 0; n < total; n++) {
    const account = openAccount({ orders: 1, qty: QTY * LENGTH });
    const slot = place(account, side, PRICE_E4, QTY);
    const totals: Totals = { late: 0, over: 0, fills: 0 };
    let rest = n;
    for (let k = LENGTH - 1; k >= 0; k--) {
      path[k] = rest % NAMES.length;
      rest = Math.floor(rest / NAMES.length);
    }
    // Only what differs from the sequence before is new: earlier steps were checked there.
    const from = n === 0 ? 0 : firstChanged(n);
    for (let k = 0; k < LENGTH; k++) {
      step(account, slot, path[k]!, totals);
      if (k < from) continue;
      sequences++;
      check(account, slot, totals, path, k);
    }
  }
  return sequences;
}

/** First position at which sequence `n` differs from `n - 1`. */
function firstChanged(n: number): number {
  let k = LENGTH - 1;
  for (let rest = n; rest % NAMES.length === 0 && k > 0; rest /= NAMES.length) k--;
  return k;
}

function check(
  account: Account,
  slot: number,
  totals: Totals,
  path: Int32Array,
  last: number,
): void {
  const { positions, orders, cash } = account;
  const live = isOpen(orders.status[slot]!);
  const leaves = live ? Math.max(0, QTY - orders.filled[slot]!) : 0;
  const buy = orders.side[slot] === SIDE_BUY;
  const sound =
    positions.openBuy[0] === (buy ? leaves : 0) &&
    positions.frozen[0] === (buy ? 0 : leaves) &&
    cash.reservedE4 === orders.reservedE4[slot] &&
    cash.reservedE4 >= (buy ? leaves * PRICE_E4 : 0) &&
    (live || cash.reservedE4 === 0) &&
    account.openOrders === (live ? 1 : 0) &&
    account.lateFills === totals.late &&
    account.overfills === totals.over &&
    account.fillCount === totals.fills;
  const what = (): string => [...path.slice(0, last + 1)].map((c) => NAMES[c]).join(', ');
  if (!sound) {
    expectSound(account, what(), { qty: QTY * LENGTH });
    expect.fail(`${what()}: counters ${JSON.stringify(totals)} or reservation differ`);
  }
  if (last === LENGTH - 1) expectStory(account, slot, what());
  // The whole recount is slow: on a thinned part of all paths, and on every short one.
  if (last < 4 || (path[1]! + path[2]! * 5 + path[3]! * 7 + path[5]! * 3 + path[4]! * 11) % 97 === 0) {
    if (last < 4 || last === LENGTH - 1) expectSound(account, what(), { qty: QTY * LENGTH });
  }
}

/** 9 + 81 + ... + 9^6. */
const ALL = (NAMES.length ** (LENGTH + 1) - NAMES.length) / (NAMES.length - 1);

describe('all sequences of events up to six long', () => {
  test('leave a buy sound after every step', () => {
    expect(runAll(SIDE_BUY)).toBe(ALL);
  });

  test('leave a sell sound after every step', () => {
    expect(runAll(SIDE_SELL)).toBe(ALL);
  });
});
