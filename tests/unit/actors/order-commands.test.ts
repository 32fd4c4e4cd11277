// What people, policies and the end do to the orders of an account, through the OMS.
// Run by vitest. Always: real rings and kernels, nothing of ours is mocked.
import { describe, expect, test } from 'vitest';
import * as code from '../../../engine/core/reject-code.ts';
import {
  ACTION_CANCEL,
  END_BY_FAULT,
  END_OF_DATA,
  REPORT_ACCEPTED,
  SCOPE_ACCOUNT,
  SCOPE_ORDER,
  SCOPE_STRATEGY,
  STRATEGY_FAILED,
  STRATEGY_RUNNING,
} from '../../../engine/messages/codes.ts';
import { CancelCommand, End, StrategyState } from '../../../engine/messages/generated/control.ts';
import { type OmsOptions, oms } from './oms-kit.ts';

/** Orders 1 to `count`, accepted, of strategies 0 and 1 in turn. */
function withOrders(count: number, options: OmsOptions = {}) {
  const o = oms(options);
  for (let n = 1; n <= count; n++) {
    o.place({ strategy: (n - 1) % 2 });
    o.report(n, REPORT_ACCEPTED);
    o.passed();
  }
  for (const pipe of o.updates) pipe.take();
  return o;
}

function cancelled(o: ReturnType<typeof oms>): number[] {
  return o.passed().flatMap(({ action, coidC }) => (action === ACTION_CANCEL ? [coidC!] : []));
}

describe('a command to cancel', () => {
  const scopes: [string, object, number[]][] = [
    ['one order', { scope: SCOPE_ORDER, coidC: 2 }, [2]],
    ['a strategy', { scope: SCOPE_STRATEGY, strategy: 0 }, [3, 1]],
    ['the account', { scope: SCOPE_ACCOUNT }, [4, 3, 2, 1]],
  ];
  for (const [name, fields, expected] of scopes) {
    test(`of ${name} cancels just that`, () => {
      const o = withOrders(4);
      o.control.send(CancelCommand, { coidA: o.account.orders.idA[0]!, ...fields });
      o.manager.doWork();
      expect(cancelled(o)).toEqual(expected);
      o.manager.doWork();
      expect(cancelled(o)).toEqual([]);
    });
  }

  test('reaches every order although risk takes only a few at a time', () => {
    const o = withOrders(240, { ordersBytes: 8_192, orders: 400 });
    o.control.send(CancelCommand, { scope: SCOPE_STRATEGY, strategy: 1 });
    const seen: number[] = [];
    for (let round = 0; round < 60; round++) {
      o.manager.doWork();
      if (round > 3) seen.push(...cancelled(o));
    }
    const expected = Array.from({ length: 120 }, (_, n) => 240 - 2 * n);
    expect(seen).toEqual(expected);
    expect(o.manager.isIdle()).toBe(true);
  });
});

describe('a strategy that failed', () => {
  test('gets nothing more placed, and its orders alone are cancelled', () => {
    const o = withOrders(4);
    o.intents[0]!.send(StrategyState, { strategy: 0, state: STRATEGY_FAILED });
    o.place({ strategy: 0 });
    expect(cancelled(o)).toEqual([3, 1]);
    expect(o.codes(0).strategy).toEqual([code.REJECT_STRATEGY_STOPPED]);
    o.place({ strategy: 1 });
    expect(o.account.orders.count).toBe(5);
  });

  test('keeps its orders when the account says so', () => {
    const o = withOrders(4, { cancelOnFailure: [false, true] });
    o.control.send(StrategyState, { strategy: 0, state: STRATEGY_FAILED });
    o.manager.doWork();
    expect(cancelled(o)).toEqual([]);
    o.place({ strategy: 0 });
    expect(o.codes(0).strategy).toEqual([code.REJECT_STRATEGY_STOPPED]);
  });

  test('is not one that merely says it runs', () => {
    const o = withOrders(2);
    o.control.send(StrategyState, { strategy: 0, state: STRATEGY_RUNNING });
    o.place({ strategy: 0 });
    expect(o.account.orders.count).toBe(3);
  });
});

describe('the end', () => {
  test('is passed on after the last strategy, behind a cancel for every order', () => {
    const o = withOrders(2);
    o.intents[0]!.send(End, { reason: END_OF_DATA });
    o.manager.doWork();
    expect([o.passed(), o.manager.ended]).toEqual([[], false]);
    o.intents[1]!.send(End, { reason: END_OF_DATA });
    o.manager.doWork();
    const types = o.passed().map(({ type, coidC }) => `${type} ${coidC ?? ''}`);
    expect(types).toEqual(['Order 2', 'Order 1', 'End ']);
    expect(o.manager.ended).toBe(true);
    o.manager.doWork();
    expect(o.passed()).toEqual([]);
  });

  test('counts a strategy whose thread died as ended', () => {
    const o = withOrders(0);
    o.intents[1]!.send(End, { reason: END_OF_DATA });
    o.control.send(StrategyState, { strategy: 0, state: STRATEGY_FAILED, code: 1 });
    o.manager.doWork();
    expect(o.passed()).toMatchObject([{ type: 'End', account: 0 }]);
    expect([END_BY_FAULT, o.manager.ended]).toEqual([3, true]);
  });

  test('waits for room and is not lost', () => {
    const o = withOrders(0, { ordersBytes: 4_096 });
    const before = o.orders.fill(CancelCommand, {});
    for (const pipe of o.intents) pipe.send(End, { reason: END_OF_DATA });
    o.manager.doWork();
    expect([before > 0, o.manager.ended, o.manager.isIdle()]).toEqual([true, false, false]);
    o.passed();
    o.manager.doWork();
    expect(o.passed()).toMatchObject([{ type: 'End', reason: END_OF_DATA }]);
  });
});

describe('a strategy that does not read its news', () => {
  test('is counted as deaf and stops nobody', () => {
    const o = oms({ updateBytes: 4_096, orders: 200 });
    for (let n = 1; n <= 100; n++) {
      o.place({ strategy: 0 });
      o.passed();
    }
    expect(o.account.orders.count).toBe(100);
    expect(o.manager.newsLost).toBeGreaterThan(0);
  });
});

describe('an OMS at its start', () => {
  test('tells what it holds: orders, positions, account', () => {
    const o = withOrders(2);
    o.manager.onStart();
    const types = o.updates[1]!.take().map((update) => update.type);
    expect(types).toEqual(['OrderUpdate', 'PositionUpdate', 'PositionUpdate', 'AccountUpdate']);
  });
});
