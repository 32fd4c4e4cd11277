// What the OMS keeps for later: held orders, parked cancels, orders locked by the closing call, and
// the cancels it makes by itself. Run by vitest. Always: real rings and kernels.
import { describe, expect, test } from 'vitest';
import * as code from '../../../engine/core/reject-code.ts';
import {
  ACTION_CANCEL,
  ACTION_HOLD,
  ACTION_PARK,
  ACTION_PLACE,
  KIND_IOC,
  LINK_READY,
  ORDER_COMMITTED,
  ORDER_PARKED,
  PHASE_CLOSED,
  PHASE_CLOSING_CALL,
  PHASE_CONTINUOUS,
  PHASE_LUNCH,
  PHASE_OPENING_CALL,
  PHASE_OPENING_CALL_NO_CANCEL,
  PHASE_PAUSE,
  PHASE_PRE_OPEN,
  REPORT_ACCEPTED,
  REPORT_CANCEL_REJECTED,
  REPORT_CANCELLED,
  REPORT_HELD,
  REPORT_PARKED,
  SCOPE_FIRM,
  SCOPE_STRATEGY,
  SIDE_SELL,
} from '../../../engine/messages/codes.ts';
import { LinkState } from '../../../engine/messages/generated/broker.ts';
import { Clock, Kill } from '../../../engine/messages/generated/control.ts';
import type { Shown } from '../../support/actor-harness.ts';
import { type OmsOptions, oms } from './oms-kit.ts';

const at = (h: number, m: number, s = 0) => ((h * 60 + m) * 60 + s) * 1e9;

/** An OMS at lunch, and what went down the path as `action id`. */
function atLunch(options: OmsOptions = {}) {
  const o = oms(options);
  o.quote({ phase: PHASE_LUNCH, eventNs: at(11, 40) });
  return o;
}

function actions(frames: readonly Shown[]): string[] {
  const names = ['', 'place', 'cancel', 'hold', 'park'];
  const own = frames.filter((f) => f.type !== 'OrderUpdate');
  return own.map((f) => `${f.type === 'Order' ? names[f.action!] : f.type} ${f.coidC}`);
}

describe('an order outside sessions', () => {
  test.each([PHASE_PRE_OPEN, PHASE_PAUSE, PHASE_LUNCH])(
    'of phase %i is reserved, written, and answered as held only then',
    (phase) => {
      const o = oms();
      o.quote({ phase, instrument: 0 });
      o.place();
      expect(o.passed()).toMatchObject([{ type: 'Order', action: ACTION_HOLD, coidC: 1 }]);
      expect([o.status(0), o.account.cash.reservedE4]).toEqual(['pending', 10_050_100]);
      o.report(1, REPORT_HELD);
      expect(o.status(0)).toBe('held');
      expect(o.updates[0]!.take().at(-1)).toMatchObject({ type: 'OrderUpdate', status: 11 });
    },
  );

  test('goes out once when its session opens, with its id and its reservation', () => {
    const o = atLunch();
    o.place();
    o.report(1, REPORT_HELD);
    o.passed();
    o.quote({ phase: PHASE_LUNCH, eventNs: at(12, 59, 59) });
    expect(o.passed()).toEqual([]);
    o.quote({ phase: PHASE_CONTINUOUS, eventNs: at(13, 0) });
    o.quote({ phase: PHASE_CONTINUOUS, eventNs: at(13, 0, 5) });
    expect(o.passed()).toMatchObject([{ type: 'Order', action: ACTION_PLACE, coidC: 1 }]);
    expect([o.status(0), o.account.cash.reservedE4]).toEqual(['pending', 10_050_100]);
  });

  test('waits for its record although the session opens before', () => {
    const o = atLunch();
    o.place();
    o.quote({ phase: PHASE_CONTINUOUS, eventNs: at(13, 0) });
    expect(actions(o.passed())).toEqual(['hold 1']);
    o.report(1, REPORT_HELD);
    expect(actions(o.passed())).toEqual(['place 1']);
  });

  test('goes out first come first, no more in a second than the rate allows', () => {
    const o = atLunch({ releasesPerSecond: 2, cashE4: 1e12 });
    for (let n = 1; n <= 5; n++) {
      o.place();
      o.report(n, REPORT_HELD);
    }
    o.passed();
    const seen: string[][] = [];
    for (const s of [0, 0.5, 1, 1.5, 2]) {
      o.quote({ phase: PHASE_CONTINUOUS, eventNs: at(13, 0, s) });
      seen.push(actions(o.passed()));
    }
    expect(seen).toEqual([['place 1', 'place 2'], [], ['place 3', 'place 4'], [], ['place 5']]);
  });

  test('is checked again: limits that the feed told since refuse it, down the path', () => {
    const o = atLunch();
    o.place({ priceE4: 100_000 });
    o.report(1, REPORT_HELD);
    o.passed();
    o.quote({ phase: PHASE_CONTINUOUS, eventNs: at(13, 0), upperLimitE4: 95_000 });
    expect(o.passed()).toMatchObject([
      { type: 'Reject', coidC: 1, code: code.REJECT_ABOVE_UPPER_LIMIT },
    ]);
    o.quote({ phase: PHASE_CONTINUOUS, eventNs: at(13, 0, 5) });
    expect(o.passed()).toEqual([]);
  });

  test('to sell may sell exactly what it has frozen', () => {
    const o = atLunch({ qty: 300 });
    o.place({ side: SIDE_SELL, qty: 300 });
    o.report(1, REPORT_HELD);
    o.quote({ phase: PHASE_CONTINUOUS, eventNs: at(13, 0) });
    expect(actions(o.passed())).toEqual(['hold 1', 'place 1']);
  });

  test('without a limit is held for continuous trading, not for the call', () => {
    const o = oms();
    o.quote({ phase: PHASE_PRE_OPEN, eventNs: at(9, 0) });
    o.place({ kind: KIND_IOC });
    o.quote({ phase: PHASE_PAUSE, eventNs: at(9, 26) });
    o.place({ kind: KIND_IOC });
    expect(o.codes().people).toEqual([code.REJECT_KIND_NOT_SUPPORTED]);
    expect(o.passed().filter((f) => f.type === 'Order')).toMatchObject([{ action: ACTION_HOLD }]);
  });

  test('is ended by its cancel without a word to the broker, and never sent', () => {
    const o = atLunch();
    const intentNo = o.place();
    o.report(1, REPORT_HELD);
    o.passed();
    o.cancel(intentNo);
    o.cancel(intentNo);
    expect(o.passed()).toMatchObject([
      { type: 'Report', kind: REPORT_CANCELLED, coidC: 1 },
      { type: 'Reject', code: code.REJECT_CANCEL_PENDING },
    ]);
    o.quote({ phase: PHASE_CONTINUOUS, eventNs: at(13, 0) });
    expect(o.passed()).toEqual([]);
    o.report(1, REPORT_CANCELLED);
    expect([o.status(0), o.account.cash.reservedE4]).toEqual(['cancelled', 0]);
  });

  test('expires when its day ends without a session', () => {
    const o = atLunch();
    o.place();
    o.report(1, REPORT_HELD);
    o.passed();
    o.quote({ phase: PHASE_CLOSED, eventNs: at(15, 0) });
    expect(o.passed()).toMatchObject([
      { type: 'Report', kind: REPORT_CANCELLED, code: code.REJECT_EXPIRED },
    ]);
  });

  test('ends by a kill of the firm or of its strategy, others stay', () => {
    for (const [kill, ended] of [
      [{ scope: SCOPE_FIRM, on: 1 }, 2],
      [{ scope: SCOPE_STRATEGY, strategy: 1, on: 1 }, 1],
      [{ scope: SCOPE_FIRM, on: 0 }, 0],
    ] as const) {
      const o = atLunch();
      o.place();
      o.place({ strategy: 1 });
      o.passed();
      o.control.send(Kill, kill);
      o.manager.doWork();
      expect(o.passed().filter((f) => f.type === 'Report')).toHaveLength(ended);
    }
  });

  test('is sent on at once where the broker keeps it', () => {
    const o = atLunch({ queuesOutsideSessions: true });
    o.place();
    expect(actions(o.passed())).toEqual(['place 1']);
  });

  /** An order that an earlier life held, seen by an OMS whose link has not been ready yet. */
  function inNextLife() {
    const before = atLunch();
    before.place();
    before.report(1, REPORT_HELD);
    return oms({ account: before.account, closed: true });
  }

  test('of an earlier life of the day goes out in this one, once the link was ready', () => {
    const o = inNextLife();
    o.quote({ phase: PHASE_CONTINUOUS, eventNs: at(13, 0) });
    expect(actions(o.passed())).toEqual([]);
    o.reports.send(LinkState, { state: LINK_READY });
    o.manager.doWork();
    expect(actions(o.passed())).toEqual(['place 1']);
  });

  test('of an earlier life is not ended either before the link was ready (I11)', () => {
    const o = inNextLife();
    o.cancel(1);
    expect(o.passed()).toMatchObject([{ type: 'Reject', code: code.REJECT_LINK_DOWN }]);
    o.quote({ phase: PHASE_CLOSED, eventNs: at(15, 30) });
    o.control.send(Kill, { scope: SCOPE_FIRM, on: 1 });
    o.manager.doWork();
    expect(actions(o.passed())).toEqual([]);
    o.reports.send(LinkState, { state: LINK_READY });
    o.manager.doWork();
    expect(o.passed()).toMatchObject([{ type: 'Report', kind: REPORT_CANCELLED }]);
  });

  test('waits while the ring is full, and is not lost', () => {
    const o = atLunch({ ordersBytes: 8_192, releasesPerSecond: 1_000, cashE4: 1e12 });
    for (let n = 1; n <= 40; n++) {
      o.place();
      o.report(n, REPORT_HELD);
      o.passed();
    }
    const sent: string[] = [];
    for (let round = 0; round < 60; round++) {
      o.quote({ phase: PHASE_CONTINUOUS, eventNs: at(13, 0, round) });
      if (round % 3 === 0) sent.push(...actions(o.passed()));
    }
    expect(sent).toEqual(Array.from({ length: 40 }, (_, n) => `place ${n + 1}`));
  });
});

describe('a cancel in a window without cancels', () => {
  function working(phase: number, options: OmsOptions = {}) {
    const o = oms(options);
    const intentNo = o.place();
    o.report(1, REPORT_ACCEPTED);
    o.quote({ phase });
    o.passed();
    return { ...o, intentNo };
  }

  test.each([PHASE_OPENING_CALL_NO_CANCEL, PHASE_PAUSE, PHASE_LUNCH])(
    'of phase %i is parked, written, shown, and sent once when it may',
    (phase) => {
      const o = working(phase);
      o.cancel(o.intentNo);
      o.cancel(o.intentNo);
      expect(o.passed()).toMatchObject([
        { action: ACTION_PARK, coidC: 1 },
        { type: 'Reject', code: code.REJECT_CANCEL_PENDING },
      ]);
      o.report(1, REPORT_PARKED);
      expect(o.updates[0]!.take().at(-1)).toMatchObject({ status: 3, flags: ORDER_PARKED });
      o.quote({ phase: PHASE_CONTINUOUS });
      o.quote({ phase: PHASE_CONTINUOUS });
      expect(o.passed()).toMatchObject([{ action: ACTION_CANCEL, coidC: 1 }]);
      expect(o.status(0)).toBe('cancel-pending');
    },
  );

  test('is forgotten when its order ends first', () => {
    const o = working(PHASE_PAUSE);
    o.cancel(o.intentNo);
    o.fill(1, 100);
    o.passed();
    o.quote({ phase: PHASE_CONTINUOUS });
    expect(o.passed()).toEqual([]);
  });

  test('that the exchange refused as too late, also of a kill, is sent once more', () => {
    const o = oms();
    const intentNo = o.place();
    o.report(1, REPORT_ACCEPTED);
    o.cancel(intentNo);
    o.quote({ phase: PHASE_OPENING_CALL_NO_CANCEL });
    o.passed();
    const late = { code: code.REJECT_NO_CANCEL_WINDOW };
    for (let n = 0; n < 3; n++) o.report(1, REPORT_CANCEL_REJECTED, late);
    o.quote({ phase: PHASE_PAUSE });
    o.quote({ phase: PHASE_CONTINUOUS });
    expect(actions(o.passed())).toEqual(['park 1', 'cancel 1']);
  });

  test('in the closing call is answered as not possible, and its order shown as locked', () => {
    const o = working(PHASE_CONTINUOUS);
    o.updates[0]!.take();
    o.quote({ phase: PHASE_CLOSING_CALL });
    expect(o.updates[0]!.take().filter((u) => u.type === 'OrderUpdate')).toMatchObject([
      { flags: ORDER_COMMITTED },
    ]);
    o.cancel(o.intentNo);
    expect(o.codes().people).toEqual([code.REJECT_NO_CANCEL_WINDOW]);
    o.quote({ phase: PHASE_CLOSED });
    expect(actions(o.passed())).toEqual(['Reject 0']);
  });

  test('that the journal could not take is not sent later', () => {
    const o = working(PHASE_PAUSE);
    o.cancel(o.intentNo);
    o.report(1, REPORT_CANCEL_REJECTED, { code: code.REJECT_JOURNAL });
    o.passed();
    o.quote({ phase: PHASE_CONTINUOUS });
    expect(o.passed()).toEqual([]);
  });

  test('of an earlier life is sent in this one', () => {
    const before = working(PHASE_PAUSE);
    before.cancel(before.intentNo);
    const o = oms({ account: before.account, closed: true });
    o.quote({ phase: PHASE_CONTINUOUS });
    expect(actions(o.passed())).toEqual(['cancel 1']);
  });
});

describe('a kill', () => {
  test('that finds no room for the end of a parked order ends it as soon as there is', () => {
    const o = oms({ ordersBytes: 4_096 });
    o.place();
    o.report(1, REPORT_HELD, { code: code.REJECT_PARKED });
    expect(o.status(0)).toBe('held');
    o.orders.fill(Clock, {});
    o.control.send(Kill, { scope: SCOPE_FIRM, on: 1 });
    o.manager.doWork();
    o.orders.take();
    o.quote({ eventNs: at(10, 0) });
    const ended = { type: 'Report', kind: REPORT_CANCELLED, code: code.REJECT_KILLED };
    expect(o.passed()).toMatchObject([ended]);
  });

  test('before risk has parked an order ends it when it is', () => {
    const o = oms();
    o.place();
    o.passed();
    o.control.send(Kill, { scope: SCOPE_FIRM, on: 1 });
    o.manager.doWork();
    o.report(1, REPORT_HELD, { code: code.REJECT_PARKED });
    expect(o.passed()).toMatchObject([{ type: 'Report', code: code.REJECT_KILLED }]);
  });
});

describe('without being asked', () => {
  const policy = { afterSeconds: 0, driftE4: 0, beforeClose: false };

  test('an order is cancelled at its age, once', () => {
    const o = oms({ autoCancel: [{ ...policy, afterSeconds: 60 }] });
    o.quote({ eventNs: at(10, 0) });
    o.place({ eventNs: at(10, 0) });
    o.report(1, REPORT_ACCEPTED);
    o.passed();
    o.quote({ eventNs: at(10, 0, 59) });
    expect(o.passed()).toEqual([]);
    o.quote({ eventNs: at(10, 1) });
    o.report(1, REPORT_CANCEL_REJECTED, { code: 901 });
    o.quote({ eventNs: at(10, 2) });
    expect(actions(o.passed())).toEqual(['cancel 1']);
  });

  test('an order is cancelled when the price has gone away, those of other strategies stay', () => {
    const o = oms({ autoCancel: [{ ...policy, driftE4: 100 }, null] });
    o.place();
    o.place({ strategy: 1 });
    o.passed();
    o.quote({ lastE4: 100_900 });
    expect(o.passed()).toEqual([]);
    o.quote({ lastE4: 101_100 });
    expect(actions(o.passed())).toEqual(['cancel 1']);
  });

  test("an order is cancelled 30 s before its day's last cancellable moment", () => {
    const cases = [
      [0, at(14, 56, 29), []],
      [0, at(14, 56, 30), ['cancel 1']],
    ] as const;
    for (const [instrument, eventNs, expected] of cases) {
      const o = oms({ autoCancel: [{ ...policy, beforeClose: true }] });
      o.place({ instrument });
      o.passed();
      o.quote({ eventNs });
      expect(actions(o.passed())).toEqual(expected);
    }
  });
});

test('orders of the opening call are cancelled freely before 9:20', () => {
  const o = oms();
  o.quote({ phase: PHASE_OPENING_CALL });
  const intentNo = o.place();
  o.report(1, REPORT_ACCEPTED);
  o.cancel(intentNo);
  expect(actions(o.passed())).toEqual(['place 1', 'cancel 1']);
});
