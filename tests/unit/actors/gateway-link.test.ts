// The gateway link: nothing reaches the wire before its record is on disk, nothing goes twice, and
// what comes back changes anything once.
import { describe, expect, test } from 'vitest';
import {
  REJECT_JOURNAL,
  REJECT_NOT_APPROVED,
  REJECT_TABLE_FULL,
} from '../../../engine/core/reject-code.ts';
import {
  KIND_LIMIT,
  QUERY_CASH,
  QUERY_COMPLETE,
  QUERY_POSITIONS,
  REPORT_ACCEPTED,
  REPORT_CANCELLED,
  REPORT_REJECTED,
  REPORT_WRITTEN,
  SIDE_SELL,
  STAGE_GATEWAY,
  STAGE_RISK,
} from '../../../engine/messages/codes.ts';
import { BrokerCash, QueryEnd } from '../../../engine/messages/generated/broker.ts';
import { End } from '../../../engine/messages/generated/control.ts';
import { Fill, Reject, Report } from '../../../engine/messages/generated/order.ts';
import { pick } from '../../support/actor-harness.ts';
import { DAY, gateway, sent } from './gateway-kit.ts';

const FILL = { coidA: 1, coidB: DAY, coidC: 1, instrument: 0, side: 1, priceE4: 100_000 };

describe('a request', () => {
  test('is appended and flushed before its bytes are visible on the link', () => {
    const g = gateway();
    g.request(1);
    g.request(2);
    g.cancel(1);
    g.link.doWork();
    const written = ['append place 1', 'append place 2', 'append cancel 1', 'flush'];
    expect(g.log).toEqual([...written, 'link place 1', 'link place 2', 'link cancel 1']);
    expect(g.link.sent).toBe(3);
  });

  test('is answered WRITTEN to the OMS, a cancel is not', () => {
    const g = gateway();
    g.request(1, { strategy: 3, instrument: 2, kind: KIND_LIMIT });
    g.cancel(1);
    g.link.doWork();
    const reports = g.reports.take();
    expect(pick(reports, 'type', 'kind', 'coidC', 'strategy', 'instrument')).toEqual([
      { type: 'Report', kind: REPORT_WRITTEN, coidC: 1, strategy: 3, instrument: 2 },
    ]);
  });

  test('carries every field to the link as risk wrote it', () => {
    const g = gateway();
    g.request(7, { strategy: 2, qty: 300, side: SIDE_SELL, ruleSet: 99, valueE4: 100_000 });
    g.link.doWork();
    const [written] = g.journal.records;
    expect(g.wire.take()).toEqual([{ ...written, sequence: expect.any(Number), flags: 0 }]);
    expect(written).toMatchObject({ strategy: 2, qty: 300, side: SIDE_SELL, ruleSet: 99 });
  });

  test('is not sent and is refused when the flush fails, and may be placed under a new id', () => {
    const g = gateway();
    g.journal.flushCode = -4;
    g.request(1);
    g.request(2);
    g.link.doWork();
    expect(sent(g.wire)).toEqual([]);
    const expected = { kind: REPORT_REJECTED, code: REJECT_JOURNAL, stage: STAGE_GATEWAY };
    const reports = pick(g.reports.take(), 'coidC', 'kind', 'code', 'stage');
    expect(reports).toEqual([
      { coidC: 1, ...expected },
      { coidC: 2, ...expected },
    ]);
    expect([g.link.journalFailure, g.link.live.liveCount, g.link.refused]).toEqual([-4, 0, 2]);
    g.journal.flushCode = 0;
    g.request(1);
    g.request(3);
    g.link.doWork();
    expect(sent(g.wire)).toEqual(['place 3']);
  });

  test('is not sent when its own append fails, though a later one is', () => {
    const g = gateway();
    g.journal.appendCode = -3;
    g.request(1);
    g.link.doWork();
    g.journal.appendCode = 0;
    g.request(2);
    g.link.doWork();
    expect(sent(g.wire)).toEqual(['place 2']);
    expect(g.link.live.find(1, 1)).toBeGreaterThanOrEqual(0);
    expect(g.link.live.liveCount).toBe(1);
    expect(g.reports.take()[0]).toMatchObject({ kind: REPORT_REJECTED, code: REJECT_JOURNAL });
  });

  test('to cancel passes even when the journal fails', () => {
    const g = gateway();
    g.request(1);
    g.link.doWork();
    sent(g.wire);
    for (const code of ['appendCode', 'flushCode'] as const) {
      g.journal[code] = -4;
      g.cancel(1);
      g.link.doWork();
      expect(sent(g.wire)).toEqual(['cancel 1']);
    }
    expect(g.reports.take().filter((r) => r.kind === REPORT_REJECTED)).toEqual([]);
  });

  const forged = {
    price: { priceE4: 110_000 },
    quantity: { qty: 200 },
    side: { side: SIDE_SELL },
    instrument: { instrument: 1 },
  };
  for (const [name, change] of Object.entries(forged)) {
    test(`is refused when its ${name} is not the one that risk approved`, () => {
      const g = gateway();
      g.request(1);
      const honest = approvalOfFirst();
      g.request(2, { ...change, approval: honest });
      g.link.doWork();
      expect(sent(g.wire)).toEqual(['place 1']);
      const [, refusal] = g.reports.take();
      expect(refusal).toMatchObject({ coidC: 2, kind: REPORT_REJECTED, code: REJECT_NOT_APPROVED });
    });
  }

  test('with the id of a living order is never sent and harms the living order in no way', () => {
    const g = gateway();
    g.request(1);
    g.link.doWork();
    sent(g.wire);
    g.reports.take();
    // The same again, another one under its id, and both once more while the journal fails.
    for (const flushCode of [0, -4]) {
      g.journal.flushCode = flushCode;
      g.request(1);
      g.request(1, { qty: 900 });
      g.request(1, { approval: 12_345 });
      g.link.doWork();
      expect(sent(g.wire)).toEqual([]);
      // REJECTED would end the living order in the OMS.
      expect(g.reports.take()).toEqual([]);
      expect([g.link.live.liveCount, g.link.live.leaves[0]]).toEqual([1, 100]);
    }
    expect(g.link.repeatedRequests).toBe(6);
    g.killWord[0] = 1;
    g.link.doWork();
    expect(sent(g.wire)).toEqual(['cancel 1']);
  });

  test('beyond the table of live orders is refused', () => {
    const g = gateway({ orders: 1 });
    g.request(1);
    g.request(2);
    g.link.doWork();
    expect(sent(g.wire)).toEqual(['place 1']);
    expect(g.reports.take()[1]).toMatchObject({ coidC: 2, code: REJECT_TABLE_FULL });
  });
});

describe('a refusal on its way back', () => {
  test('is journaled and told to the OMS when it is an order that risk refused', () => {
    const g = gateway();
    g.requests.send(Reject, { coidA: 1, coidC: 4, stage: STAGE_RISK, code: 301, value: 5 });
    g.link.doWork();
    expect(g.log.slice(0, 2)).toEqual(['append Reject 4', 'flush']);
    expect(g.reports.take()).toMatchObject([{ type: 'Reject', coidC: 4, code: 301, value: 5 }]);
  });

  test('is journaled only when it is an intent that never became an order', () => {
    const g = gateway();
    g.requests.send(Reject, { coidC: 0, code: 306 });
    g.link.doWork();
    expect(g.log.slice(0, 2)).toEqual(['append Reject 0', 'flush']);
    expect(g.reports.take()).toEqual([]);
  });
});

describe('an answer of the broker', () => {
  test('is written before the OMS can see it', () => {
    const g = gateway();
    g.request(1);
    g.link.doWork();
    g.reports.take();
    g.log.length = 0;
    g.answers.send(Report, { ...FILL, kind: REPORT_ACCEPTED });
    g.answers.send(Fill, { ...FILL, qty: 100, fillNo: 5 });
    g.link.doWork();
    expect(g.log.slice(0, 3)).toEqual(['append Report 1', 'append Fill 1', 'flush']);
    expect(g.reports.take().map((frame) => frame.type)).toEqual(['Report', 'Fill']);
    expect(g.link.live.liveCount).toBe(0);
  });

  test('that repeats a fill is counted and goes nowhere', () => {
    const g = gateway();
    g.request(1, { qty: 300 });
    g.link.doWork();
    g.reports.take();
    const fill = { ...FILL, qty: 100, fillNo: 5 };
    g.answers.send(Fill, fill);
    g.answers.send(Fill, fill);
    g.link.doWork();
    g.answers.send(Fill, fill);
    g.link.doWork();
    expect(g.reports.take()).toHaveLength(1);
    expect(g.journal.records.filter((record) => record.type === 'Fill')).toHaveLength(1);
    expect([g.link.repeatedFills, g.link.live.leaves[0]]).toEqual([2, 200]);
  });

  test('with the same number in another instrument, or 2^32 higher, is another fill', () => {
    const g = gateway();
    g.request(1, { qty: 1_000 });
    g.link.doWork();
    g.reports.take();
    for (const [fillNo, instrument] of [
      [5, 0],
      [5, 1],
      [5 + 2 ** 32, 0],
      [5 + 2 ** 40, 0],
    ]) {
      g.answers.send(Fill, { ...FILL, qty: 100, fillNo: fillNo!, instrument: instrument! });
    }
    g.link.doWork();
    expect([g.reports.take().length, g.link.repeatedFills]).toEqual([4, 0]);
  });

  test('that comes after the end of its order is told all the same', () => {
    const g = gateway();
    g.request(1);
    g.link.doWork();
    g.reports.take();
    g.answers.send(Report, { ...FILL, kind: REPORT_CANCELLED });
    g.answers.send(Fill, { ...FILL, qty: 100, fillNo: 6 });
    g.link.doWork();
    expect(g.reports.take().map((frame) => frame.type)).toEqual(['Report', 'Fill']);
    expect(g.link.live.liveCount).toBe(0);
  });

  test('that names no order of ours is kept for reconciliation, not told and not seen', () => {
    const g = gateway();
    g.answers.send(Fill, { ...FILL, coidC: 77, qty: 100, fillNo: 7 });
    g.link.doWork();
    expect([g.reports.take(), g.journal.records]).toEqual([[], []]);
    expect([g.link.unmatchedFills, g.link.live.hasFill(7, 0, 1)]).toEqual([1, false]);
  });

  test('waits in its ring while the OMS does not read, and none is lost', () => {
    const g = gateway();
    g.request(1, { qty: 500 });
    g.link.doWork();
    g.reports.take();
    for (let n = 1; n <= 500; n++) g.answers.send(Fill, { ...FILL, qty: 1, fillNo: n });
    let seen = 0;
    for (let round = 0; round < 200; round++) {
      g.link.doWork();
      if (round > 50) seen += g.reports.take(3).length;
    }
    for (let round = 0; round < 50; round++) {
      g.link.doWork();
      seen += g.reports.take().length;
    }
    expect(seen).toBe(500);
  });
});

describe('the end', () => {
  test('waits for orders that live, then for what the broker states, and for the OMS', () => {
    const g = gateway();
    g.request(1);
    g.requests.send(End, { reason: 1, account: 0 });
    g.link.doWork();
    expect(sent(g.wire)).toEqual(['place 1', 'End 0']);
    g.answers.send(Report, { ...FILL, kind: REPORT_CANCELLED });
    for (const kind of [QUERY_POSITIONS, QUERY_CASH]) {
      g.link.doWork();
      const [asked, ...more] = g.wire.take();
      expect([asked, more]).toEqual([expect.objectContaining({ type: 'Query', kind }), []]);
      expect(g.link.ended).toBe(false);
      const { queryNo } = asked as { queryNo: number };
      if (kind === QUERY_CASH) g.answers.send(BrokerCash, { queryNo, cashE4: 7 });
      g.answers.send(QueryEnd, { queryNo, kind, result: QUERY_COMPLETE, rows: 0 });
    }
    g.link.doWork();
    expect(g.link.ended).toBe(false);
    const told = g.reports.take().map(({ type }) => type);
    expect(told.slice(-3)).toEqual(['QueryEnd', 'BrokerCash', 'QueryEnd']);
    g.link.doWork();
    expect(g.link.ended).toBe(true);
    expect(sent(g.wire)).toEqual([]);
  });
});

function approvalOfFirst(): number {
  const g = gateway();
  g.request(2);
  g.link.doWork();
  return g.journal.records[0]!.approval!;
}
