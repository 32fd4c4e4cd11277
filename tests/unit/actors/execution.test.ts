// Parent and conditional orders in the OMS: written before they take effect, one part at a time,
// never more than the parent. Run by vitest. Always: real rings and kernels.
import { describe, expect, test } from 'vitest';
import { REJECT_JOURNAL } from '../../../engine/core/reject-code.ts';
import {
  ACTION_CANCEL,
  ACTION_PLACE,
  FLAG_STALE,
  LINK_DOWN,
  LINK_READY,
  PARENT_ICEBERG,
  PARENT_POV,
  PARENT_STATE_CANCELLED,
  PARENT_STATE_CANCELLING,
  PARENT_STATE_DONE,
  PARENT_STATE_EXPIRED,
  PARENT_STATE_HALTED,
  PARENT_STATE_REJECTED,
  PARENT_STATE_TRIGGERED,
  PARENT_TRIGGER,
  PARENT_TWAP,
  PHASE_LUNCH,
  REPORT_ACCEPTED,
  REPORT_CANCELLED,
  SCOPE_FIRM,
  SIDE_BUY,
  SIDE_SELL,
  TRIGGER_AT_OR_BELOW,
} from '../../../engine/messages/codes.ts';
import { LinkState } from '../../../engine/messages/generated/broker.ts';
import { Clock, Kill } from '../../../engine/messages/generated/control.ts';
import { Intent, ParentIntent, ParentUpdate } from '../../../engine/messages/generated/order.ts';
import type { Fields, Shown } from '../../support/actor-harness.ts';
import { type OmsOptions, oms } from './oms-kit.ts';

const at = (h: number, m: number, s = 0) => ((h * 60 + m) * 60 + s) * 1e9;
const BOOK = { bidE4: 99_900, askE4: 100_100 };

/** An OMS whose journal answers at once: parent frames that go down come back. */
function desk(options: OmsOptions = {}) {
  const o = oms({ cashE4: 1e12, qty: 100_000, ...options });
  o.reports.send(LinkState, { state: LINK_READY });
  o.manager.doWork();
  const down: Shown[] = [];
  const echo = (): void => {
    for (;;) {
      const frames = o.orders.take();
      down.push(...frames);
      let back = 0;
      for (const frame of frames) {
        const { type, ...fields } = frame;
        if (type === 'ParentIntent') o.reports.send(ParentIntent, fields as Fields<ParentIntent>);
        else if (type === 'ParentUpdate') o.reports.send(ParentUpdate, fields as object);
        else continue;
        back++;
      }
      if (back === 0) return;
      o.manager.doWork();
    }
  };
  return {
    ...o,
    o,
    quote(eventNs: number, fields: object = {}): void {
      o.quote({ eventNs, ...BOOK, ...fields });
      echo();
    },
    wish(fields: Fields<ParentIntent>): void {
      o.intents[0]!.send(ParentIntent, { intentNo: 900, side: SIDE_BUY, qty: 1_000, ...fields });
      o.manager.doWork();
      echo();
    },
    cancelParent(): void {
      o.intents[0]!.send(Intent, { action: ACTION_CANCEL, targetIntentNo: 900 });
      o.manager.doWork();
      echo();
    },
    fill(coidC: number, qty: number): void {
      o.fill(coidC, qty);
      echo();
    },
    report(coidC: number, kind: number): void {
      o.report(coidC, kind);
      echo();
    },
    /** Orders and cancels since the last time, as `+qty@price` and `-id`. */
    parts(): string[] {
      const orders = down.splice(0).filter((f) => f.type === 'Order');
      return orders.map((f) =>
        f.action === ACTION_PLACE ? `+${f.qty}@${f.priceE4}` : `-${f.coidC}`,
      );
    },
    states(): number[] {
      const own = o.updates[0]!.take().filter((u) => u.type === 'ParentUpdate');
      return own.map((u) => (u as unknown as { state: number }).state);
    },
  };
}

const STOP = {
  ...{ kind: PARENT_TRIGGER, side: SIDE_SELL, triggerE4: 98_000 },
  triggerWhen: TRIGGER_AT_OR_BELOW,
};

describe('a stop-loss', () => {
  test('goes off once, only on a live quote, at the opposite best', () => {
    const d = desk();
    d.quote(at(10, 0));
    d.wish(STOP);
    d.quote(at(10, 1), { instrument: 0, lastE4: 98_100 });
    d.quote(at(10, 2), { instrument: 0, lastE4: 97_000, flags: FLAG_STALE });
    d.quote(at(10, 3), { instrument: 0, lastE4: 97_000, bidE4: 100_200 });
    d.quote(at(11, 31), { instrument: 0, lastE4: 97_000, phase: PHASE_LUNCH });
    expect(d.parts()).toEqual([]);
    d.quote(at(13, 0), { instrument: 0, lastE4: 98_000 });
    d.quote(at(13, 0, 1), { instrument: 0, lastE4: 98_000 });
    d.quote(at(13, 0, 2), { instrument: 0, lastE4: 97_900 });
    expect(d.parts()).toEqual(['+1000@99900']);
    d.fill(1, 1_000);
    d.quote(at(13, 1), { instrument: 0, lastE4: 97_000 });
    expect(d.parts()).toEqual([]);
    expect(d.states()).toEqual([1, PARENT_STATE_TRIGGERED, PARENT_STATE_DONE]);
  });

  test('follows the touch: cancels, waits for the end, then sells only the rest', () => {
    const d = desk();
    d.quote(at(10, 0));
    d.wish(STOP);
    d.quote(at(10, 1), { instrument: 0, lastE4: 98_000 });
    d.quote(at(10, 1, 1), { instrument: 0, lastE4: 98_000 });
    d.report(1, REPORT_ACCEPTED);
    d.fill(1, 300);
    d.parts();
    const lower = { instrument: 0, lastE4: 98_000, bidE4: 97_000, askE4: 97_200 };
    d.quote(at(10, 1, 5), lower);
    d.quote(at(10, 1, 6), lower);
    expect(d.parts()).toEqual(['-1']);
    d.fill(1, 200);
    d.report(1, REPORT_CANCELLED);
    d.quote(at(10, 1, 7), lower);
    expect(d.parts()).toEqual(['+500@97000']);
  });

  test('of an earlier life that went off does not go off again, and sells what is left', () => {
    const d = desk();
    d.quote(at(10, 0));
    d.wish(STOP);
    d.quote(at(10, 1), { instrument: 0, lastE4: 98_000 });
    d.quote(at(10, 1, 1), { instrument: 0, lastE4: 98_000 });
    d.fill(1, 400);
    const e = desk({ account: d.account });
    e.quote(at(10, 2), { instrument: 0, lastE4: 105_000 });
    expect(e.parts()).toEqual([]);
    e.report(1, REPORT_CANCELLED);
    e.quote(at(10, 3), { instrument: 0, lastE4: 105_000 });
    expect(e.parts()).toEqual(['+600@99900']);
  });
});

test('a part that finds no room makes no order, which no journal would know', () => {
  const d = desk({ ordersBytes: 4_096 });
  d.quote(at(10, 0));
  d.wish({ kind: PARENT_ICEBERG, priceE4: 100_000, qty: 40_000, showQty: 1_000 });
  d.orders.fill(Clock, {});
  d.o.quote({ eventNs: at(10, 0, 1), ...BOOK });
  expect(d.account.orders.count).toBe(0);
  d.orders.take();
  d.quote(at(10, 0, 10));
  expect([d.account.orders.count, d.parts()]).toEqual([1, ['+1000@100000']]);
});

describe('a sliced parent', () => {
  const TWAP = { kind: PARENT_TWAP, priceE4: 100_000, qty: 40_000 };

  test('trades equal parts over trading time, lunch not counted, never more than it has', () => {
    const d = desk();
    d.quote(at(11, 0));
    d.wish({ ...TWAP, slices: 4, startNs: at(11, 0), endNs: at(13, 30) });
    d.quote(at(11, 0));
    d.fill(1, 10_000);
    d.quote(at(11, 14, 59));
    d.quote(at(11, 15));
    d.fill(2, 10_000);
    d.quote(at(11, 40), { phase: PHASE_LUNCH });
    d.quote(at(13, 0));
    d.fill(3, 10_000);
    d.quote(at(13, 15));
    d.fill(4, 10_000);
    d.quote(at(13, 20));
    expect(d.parts()).toEqual(Array.from({ length: 4 }, () => '+10000@100000'));
    expect(d.states().at(-1)).toBe(PARENT_STATE_DONE);
  });

  test('takes up in the next slice what the last one left, after its cancel has ended', () => {
    const d = desk();
    d.quote(at(10, 0));
    d.wish({ ...TWAP, slices: 2, startNs: at(10, 0), endNs: at(10, 20) });
    d.quote(at(10, 0));
    d.report(1, REPORT_ACCEPTED);
    d.fill(1, 5_000);
    d.quote(at(10, 10));
    d.quote(at(10, 11));
    expect(d.parts()).toEqual(['+20000@100000', '-1']);
    d.report(1, REPORT_CANCELLED);
    d.quote(at(10, 12));
    expect(d.parts()).toEqual(['+35000@100000']);
    d.report(2, REPORT_ACCEPTED);
    d.quote(at(10, 20));
    d.report(2, REPORT_CANCELLED);
    expect(d.parts()).toEqual(['-2']);
    expect(d.states().at(-1)).toBe(PARENT_STATE_EXPIRED);
  });

  test('makes no part of which the minimum commission is more than 0.3 %', () => {
    const d = desk();
    d.quote(at(10, 0));
    d.wish({ ...TWAP, qty: 1_000, slices: 10, startNs: at(10, 0), endNs: at(10, 10) });
    for (let m = 0; m < 10; m++) {
      d.quote(at(10, m));
      if (d.account.parents.child[0]! >= 0) {
        const slot = d.account.parents.child[0]!;
        d.fill(slot + 1, d.account.orders.qty[slot]!);
      }
    }
    // 5 yuan of 10 yuan a share: at least 167 shares, so lots of 200.
    expect(d.parts()).toEqual(Array.from({ length: 5 }, () => '+200@100000'));
  });

  test('that is cancelled ends its part first, and places nothing more', () => {
    const d = desk();
    d.quote(at(10, 0));
    d.wish({ ...TWAP, slices: 2, startNs: at(10, 0), endNs: at(10, 20) });
    d.quote(at(10, 0));
    d.report(1, REPORT_ACCEPTED);
    d.cancelParent();
    d.quote(at(10, 15));
    expect(d.states()).toEqual([1, PARENT_STATE_CANCELLING]);
    d.report(1, REPORT_CANCELLED);
    d.quote(at(10, 16));
    expect(d.parts()).toEqual(['+20000@100000', '-1']);
    expect(d.states()).toEqual([PARENT_STATE_CANCELLED]);
  });
});

test('an iceberg shows its tip, and the next one when it has traded', () => {
  const d = desk();
  d.quote(at(10, 0));
  d.wish({ kind: PARENT_ICEBERG, priceE4: 100_000, qty: 1_000, showQty: 400 });
  for (const [n, qty] of [400, 400, 200].entries()) {
    d.quote(at(10, 1, n));
    d.fill(n + 1, qty);
  }
  d.quote(at(10, 2));
  expect(d.parts()).toEqual(['+400@100000', '+400@100000', '+200@100000']);
  expect(d.states().at(-1)).toBe(PARENT_STATE_DONE);
});

test('what makes no sense is refused with its code and written down', () => {
  const d = desk();
  d.quote(at(10, 0));
  d.wish({ kind: 9 });
  d.wish({ kind: PARENT_TWAP, qty: 0 });
  d.wish({ kind: PARENT_TWAP, startNs: at(15, 0) });
  expect(d.states()).toEqual(Array.from({ length: 3 }, () => PARENT_STATE_REJECTED));
  expect(d.account.parents.count).toBe(0);
});

test('nothing is placed before the parent is written', () => {
  const o = oms({ cashE4: 1e12 });
  o.quote({ eventNs: at(10, 0), ...BOOK });
  const wish = { intentNo: 900, side: SIDE_BUY, qty: 1_000, kind: PARENT_TRIGGER };
  o.intents[0]!.send(ParentIntent, wish);
  o.manager.doWork();
  o.quote({ eventNs: at(10, 1), ...BOOK });
  expect(o.passed().map((f) => f.type)).toEqual(['ParentIntent']);
});

test('a POV parent trades its share of what the market trades, part by part', () => {
  const d = desk();
  d.quote(at(10, 0), { volume: 1_000_000 });
  d.wish({ kind: PARENT_POV, priceE4: 100_000, qty: 3_000, rateE4: 1_000 });
  d.quote(at(10, 0, 1), { volume: 1_000_000 });
  d.quote(at(10, 1), { volume: 1_001_000 });
  expect(d.parts()).toEqual([]);
  d.quote(at(10, 2), { volume: 1_004_000 });
  d.quote(at(10, 3), { volume: 1_006_000 });
  expect(d.parts()).toEqual(['+400@100000']);
  d.fill(1, 400);
  d.quote(at(10, 4), { volume: 1_006_000 });
  d.fill(2, 200);
  d.quote(at(10, 5), { volume: 9_000_000 });
  expect(d.parts()).toEqual(['+200@100000', '+2400@100000']);
});

describe('a step that the journal did not take', () => {
  const unwritten = { flags: REJECT_JOURNAL };

  test('refuses a new parent with the reason', () => {
    const o = oms({ cashE4: 1e12 });
    o.reports.send(ParentIntent, { parentNo: 1, intentNo: 900, qty: 100, ...unwritten });
    o.manager.doWork();
    expect(o.updates[0]!.take()).toMatchObject([
      { type: 'ParentUpdate', state: PARENT_STATE_REJECTED, code: REJECT_JOURNAL, parentNo: 0 },
    ]);
    expect(o.account.parents.count).toBe(0);
  });

  test('halts the parent: its part is cancelled, nothing more is placed, it is told', () => {
    const d = desk();
    d.quote(at(10, 0));
    d.wish({ kind: PARENT_ICEBERG, priceE4: 100_000, qty: 1_000, showQty: 400 });
    d.quote(at(10, 1));
    d.report(1, REPORT_ACCEPTED);
    d.states();
    const lost = { parentNo: 1, intentNo: 900, state: PARENT_STATE_DONE, ...unwritten };
    d.reports.send(ParentUpdate, lost);
    d.manager.doWork();
    expect(d.states()).toEqual([PARENT_STATE_HALTED]);
    d.quote(at(10, 2));
    d.report(1, REPORT_CANCELLED);
    d.quote(at(10, 3));
    expect(d.parts()).toEqual(['+400@100000', '-1']);
  });
});

test('a wish that finds the ring full is told BUSY, and leaves no parent', () => {
  const o = oms({ cashE4: 1e12, ordersBytes: 4_096 });
  o.quote({ eventNs: at(10, 0), ...BOOK });
  const wish = { side: SIDE_BUY, qty: 1_000, kind: PARENT_TRIGGER };
  for (let n = 1; n <= 40; n++) o.intents[0]!.send(ParentIntent, { ...wish, intentNo: n });
  // Whoever was not taken waits in its own ring; whoever was taken is in the ring or hears BUSY.
  o.manager.doWork();
  const busy = o.updates[0]!.take().filter((u) => u.type === 'ParentUpdate');
  const passed = o.passed().filter((u) => u.type === 'ParentIntent');
  const waiting = o.intents[0]!.take();
  expect(busy.length + passed.length + waiting.length).toBe(40);
});

test('parents of the desk, whose strategy index is large, have numbers from 1 up', () => {
  const d = desk({ strategies: [240] });
  d.quote(at(10, 0));
  d.wish({ strategy: 240, kind: PARENT_TWAP, priceE4: 100_000, qty: 1_000 });
  d.wish({ strategy: 240, intentNo: 901, kind: PARENT_TWAP, priceE4: 100_000, qty: 1_000 });
  expect([...d.account.parents.parentNo.subarray(0, 2)]).toEqual([1, 2]);
});

test('the time of a parent is over without any quote of its instrument', () => {
  const d = desk();
  d.quote(at(10, 0));
  d.wish({ kind: PARENT_TWAP, priceE4: 100_000, qty: 1_000, endNs: at(10, 5) });
  d.quote(at(10, 6), { instrument: 1 });
  expect(d.states()).toEqual([1, PARENT_STATE_EXPIRED]);
});

test('a kill cancels what is being written, and refuses new wishes until it is off', () => {
  const d = desk();
  d.quote(at(10, 0));
  d.control.send(Kill, { scope: SCOPE_FIRM, on: 1 });
  d.wish({ kind: PARENT_TWAP, priceE4: 100_000, qty: 1_000 });
  expect(d.states()).toEqual([PARENT_STATE_REJECTED]);
  d.control.send(Kill, { scope: SCOPE_FIRM, on: 0 });
  d.wish({ intentNo: 901, kind: PARENT_TWAP, priceE4: 100_000, qty: 1_000 });
  expect(d.states()).toEqual([1]);
});

test('no part is placed while the link takes no orders, and none is counted as refused', () => {
  const d = desk();
  d.reports.send(LinkState, { state: LINK_DOWN });
  d.quote(at(10, 0));
  d.wish({ kind: PARENT_ICEBERG, priceE4: 100_000, qty: 1_000, showQty: 400 });
  for (let s = 0; s < 60; s++) d.quote(at(10, 1, s));
  expect(d.parts()).toEqual([]);
  d.reports.send(LinkState, { state: LINK_READY });
  d.quote(at(10, 3));
  d.quote(at(10, 3, 1));
  expect(d.parts()).toEqual(['+400@100000']);
});
