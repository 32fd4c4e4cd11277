// The kill switch at the gateway: the shared word alone is enough, whatever else runs or is full.
// Run by vitest. Always: real rings and kernels, nothing of ours is mocked.
import { describe, expect, test } from 'vitest';
import { REJECT_KILLED } from '../../../engine/core/reject-code.ts';
import { SessionPlan } from '../../../engine/core/session-plan.ts';
import {
  REPORT_REJECTED,
  SCOPE_ACCOUNT,
  SCOPE_FIRM,
  SCOPE_STRATEGY,
} from '../../../engine/messages/codes.ts';
import { Clock, Kill } from '../../../engine/messages/generated/control.ts';
import { Fill } from '../../../engine/messages/generated/order.ts';
import { makeInstrument } from '../../support/instruments.ts';
import { DAY, gateway, sent } from './gateway-kit.ts';

function withOrders(count: number, options = {}) {
  const g = gateway(options);
  for (let id = 1; id <= count; id++) {
    g.request(id, { strategy: id % 2, intentNo: id });
    if (id % 32 !== 0) continue;
    g.link.doWork();
    g.reports.take();
    g.wire.take();
  }
  while (g.link.doWork() > 0) g.reports.take();
  g.wire.take();
  g.reports.take();
  g.log.length = 0;
  return g;
}

describe('the kill word', () => {
  test('cancels every living order and is journaled before the bytes go, newest first', () => {
    const g = withOrders(3);
    g.answers.send(Fill, { coidA: 1, coidB: DAY, coidC: 2, qty: 100, fillNo: 1 });
    g.link.doWork();
    g.log.length = 0;
    Atomics.store(g.killWord, 0, 1);
    g.link.doWork();
    const records = ['append cancel 3', 'append cancel 1', 'flush'];
    expect(g.log).toEqual([...records, 'link cancel 3', 'link cancel 1']);
    const [cancel] = g.wire.take();
    expect(cancel).toMatchObject({ coidA: 1, coidB: DAY, coidC: 3, intentNo: 3 });
  });

  test('refuses every request that was already on its way, but not cancels', () => {
    const g = withOrders(1);
    g.request(5);
    g.cancel(1);
    g.killWord[0] = 1;
    g.link.doWork();
    expect(sent(g.wire)).toEqual(['cancel 1', 'cancel 1']);
    expect(g.reports.take()).toMatchObject([
      { coidC: 5, kind: REPORT_REJECTED, code: REJECT_KILLED },
    ]);
  });

  test('acts once, and lets orders through again when it is taken back', () => {
    const g = withOrders(1);
    g.killWord[0] = 1;
    g.link.doWork();
    g.link.doWork();
    expect(sent(g.wire)).toEqual(['cancel 1']);
    g.killWord[0] = 0;
    g.request(2);
    g.link.doWork();
    expect(sent(g.wire)).toEqual(['place 2']);
  });

  test('wakes a sleeping gateway', () => {
    const g = withOrders(0);
    expect(g.link.isIdle()).toBe(true);
    g.killWord[0] = 1;
    expect(g.link.isIdle()).toBe(false);
  });

  test('stays in force when a frame switches only its own kill off', () => {
    const g = withOrders(0);
    g.control.send(Kill, { scope: SCOPE_FIRM, on: 1 });
    g.killWord[0] = 1;
    g.link.doWork();
    g.control.send(Kill, { scope: SCOPE_FIRM, on: 0 });
    g.request(1);
    g.link.doWork();
    expect(sent(g.wire)).toEqual([]);
  });

  test('cancels all of many orders although the link takes only some of them at a time', () => {
    const count = 1_800;
    const g = withOrders(count, { linkBytes: 131_072, orders: 4_096 });
    expect(g.link.live.liveCount).toBe(count);
    g.killWord[0] = 1;
    g.link.doWork();
    expect(g.link.isIdle()).toBe(false);
    const cancelled = new Set<string>();
    for (let round = 0; round < 20; round++) {
      g.link.doWork();
      for (const name of sent(g.wire)) cancelled.add(name);
    }
    expect(cancelled.size).toBe(count);
  });
});

describe('a kill frame', () => {
  test('of the firm or of this account kills, of another account does nothing', () => {
    const cases: [object, string[]][] = [
      [{ scope: SCOPE_FIRM, on: 1 }, ['cancel 2', 'cancel 1']],
      [{ scope: SCOPE_ACCOUNT, account: 0, on: 1 }, ['cancel 2', 'cancel 1']],
      [{ scope: SCOPE_ACCOUNT, account: 1, on: 1 }, []],
    ];
    for (const [fields, expected] of cases) {
      const g = withOrders(2);
      g.control.send(Kill, fields);
      g.link.doWork();
      expect(sent(g.wire)).toEqual(expected);
      g.request(9);
      g.link.doWork();
      expect(sent(g.wire)).toEqual(expected.length > 0 ? [] : ['place 9']);
    }
  });

  test('of a strategy refuses what risk let through before it heard', () => {
    const g = withOrders(0);
    g.control.send(Kill, { scope: SCOPE_STRATEGY, strategy: 1, on: 1 });
    g.request(9, { strategy: 1 });
    g.link.doWork();
    expect(sent(g.wire)).toEqual([]);
    expect(g.link.refused).toBe(1);
  });

  test('of a strategy in an earlier life still cancels and refuses', () => {
    const g = withOrders(2);
    g.link.killStrategy(1, 1);
    g.request(9, { strategy: 1 });
    g.link.doWork();
    expect(sent(g.wire)).toEqual(['cancel 1']);
  });

  test('of a strategy cancels that strategy only and refuses nobody else', () => {
    const g = withOrders(4);
    g.control.send(Kill, { scope: SCOPE_STRATEGY, strategy: 1, on: 1 });
    g.request(9, { strategy: 0 });
    g.link.doWork();
    expect(sent(g.wire)).toEqual(['cancel 3', 'cancel 1', 'place 9']);
  });

  test('is journaled before the cancels it causes', () => {
    const g = withOrders(1);
    g.control.send(Kill, { scope: SCOPE_FIRM, on: 1 });
    g.link.doWork();
    expect(g.log.slice(0, 3)).toEqual(['append Kill 0', 'flush', 'append cancel 1']);
  });
});

describe('a kill in a window without cancels', () => {
  const at = (h: number, m: number, s = 0) => ((h * 60 + m) * 60 + s) * 1e9;
  const plan = new SessionPlan([makeInstrument(0, '000001.SZ', { preCloseE4: 100_000 })]);
  /** Two living orders, and the kill at a moment. */
  function killedAt(ns: number) {
    const g = withOrders(2, { plan });
    const passes = (eventNs: number): void => {
      g.answers.send(Clock, { eventNs });
      g.link.doWork();
      g.link.doWork();
    };
    passes(ns);
    g.killWord[0] = 1;
    g.link.doWork();
    return { ...g, passes };
  }

  test.each([
    [at(9, 22), at(9, 30)],
    [at(9, 27), at(9, 30)],
    [at(12, 0), at(13, 0)],
  ])('at %i ns sends its cancels once, at %i ns', (killNs, endNs) => {
    const g = killedAt(killNs);
    g.passes(endNs - 1);
    expect([sent(g.wire), g.link.isIdle()]).toEqual([[], true]);
    g.passes(endNs);
    g.passes(endNs + 1e9);
    expect(sent(g.wire)).toEqual(['cancel 2', 'cancel 1']);
  });

  test('does not send the cancel that the OMS has parked for the same order as well', () => {
    const g = killedAt(at(9, 22));
    g.cancel(1);
    g.link.doWork();
    g.passes(at(9, 30));
    g.cancel(2);
    g.link.doWork();
    expect(sent(g.wire)).toEqual(['cancel 2', 'cancel 1']);
  });

  test('cancels what ended meanwhile no more, and nothing in the closing call', () => {
    const g = killedAt(at(9, 22));
    g.answers.send(Fill, { coidA: 1, coidB: DAY, coidC: 2, qty: 100, fillNo: 1 });
    g.passes(at(9, 30));
    expect(sent(g.wire)).toEqual(['cancel 1']);
    const late = killedAt(at(14, 58));
    late.passes(at(15, 0));
    expect(sent(late.wire)).toEqual([]);
  });
});
