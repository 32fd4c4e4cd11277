// The gateway and what the OMS keeps for later: written, answered, not sent. Run by vitest.
// Always: real rings; the journal of the kit keeps the order of everything.
import { describe, expect, test } from 'vitest';
import { REJECT_JOURNAL, REJECT_KILLED } from '../../../engine/core/reject-code.ts';
import {
  ACTION_HOLD,
  ACTION_PARK,
  REPORT_CANCEL_REJECTED,
  REPORT_CANCELLED,
  REPORT_HELD,
  REPORT_PARKED,
  REPORT_REJECTED,
  STAGE_OMS,
} from '../../../engine/messages/codes.ts';
import { ParentIntent, ParentUpdate, Report } from '../../../engine/messages/generated/order.ts';
import { DAY, gateway, sent } from './gateway-kit.ts';

describe('what is kept for later', () => {
  test.each([
    [ACTION_HOLD, REPORT_HELD],
    [ACTION_PARK, REPORT_PARKED],
  ])('of action %i is written, then answered, and not sent', (action, kind) => {
    const g = gateway();
    g.request(1, { action, approval: 0 });
    g.link.doWork();
    expect(g.log).toEqual(['append place 1', 'flush']);
    expect(sent(g.wire)).toEqual([]);
    expect(g.reports.take()).toMatchObject([{ kind, coidC: 1 }]);
    expect(g.link.live.liveCount).toBe(0);
  });

  test('is refused when it cannot be written', () => {
    const g = gateway();
    g.journal.flushCode = -5;
    g.request(1, { action: ACTION_HOLD });
    g.request(2, { action: ACTION_PARK });
    g.link.doWork();
    expect(g.reports.take()).toMatchObject([
      { coidC: 1, kind: REPORT_REJECTED, code: REJECT_JOURNAL },
      { coidC: 2, kind: REPORT_CANCEL_REJECTED, code: REJECT_JOURNAL },
    ]);
  });

  test('is sent once under the same id when its session opens', () => {
    const g = gateway();
    g.request(1, { action: ACTION_HOLD, approval: 0 });
    g.link.doWork();
    g.request(1);
    g.request(1);
    g.link.doWork();
    expect(sent(g.wire)).toEqual(['place 1']);
  });

  test('ends by a decision of the OMS, written before it goes back', () => {
    const g = gateway();
    const end = { coidA: 1, coidB: DAY, coidC: 1, kind: REPORT_CANCELLED, stage: STAGE_OMS };
    g.requests.send(Report, end);
    g.link.doWork();
    expect(g.log).toEqual(['append Report 1', 'flush']);
    expect(g.reports.take()).toMatchObject([end]);
    expect(sent(g.wire)).toEqual([]);
  });
});

describe('a decision of the OMS that the journal did not take', () => {
  test('goes back marked; the end of a held order as a refused cancel', () => {
    const g = gateway();
    g.journal.flushCode = -5;
    g.requests.send(ParentIntent, { parentNo: 1 });
    g.requests.send(ParentUpdate, { parentNo: 1, state: 2 });
    g.requests.send(Report, { coidA: 1, coidC: 1, kind: REPORT_CANCELLED, stage: STAGE_OMS });
    g.link.doWork();
    expect(g.reports.take()).toMatchObject([
      { type: 'ParentIntent', flags: REJECT_JOURNAL },
      { type: 'ParentUpdate', flags: REJECT_JOURNAL },
      { type: 'Report', kind: REPORT_CANCEL_REJECTED, code: REJECT_JOURNAL },
    ]);
  });

  test('is refused under the kill switch when it would begin something', () => {
    const g = gateway();
    g.killWord[0] = 1;
    g.requests.send(ParentIntent, { parentNo: 1 });
    g.request(1, { action: ACTION_HOLD });
    g.link.doWork();
    expect(g.reports.take()).toMatchObject([
      { type: 'ParentIntent', flags: REJECT_KILLED },
      { type: 'Report', kind: REPORT_REJECTED, code: REJECT_KILLED },
    ]);
    expect(g.journal.records.map((record) => record.type)).toEqual(['Reject']);
  });
});
