// What people are told of risk: stops and pauses that hold, until risk says that they ended; meters
// near their limits as lines. Run by vitest.
import { expect, test } from 'vitest';
import { RiskWatch } from '../../../engine/host/risk-watch.ts';
import type { EngineSetup } from '../../../engine/host/setup.ts';
import {
  NOTICE_NEAR_LIMIT,
  NOTICE_STOPPED,
  SCOPE_ACCOUNT,
  SCOPE_STRATEGY,
} from '../../../engine/messages/codes.ts';
import { MarketPause, RiskResume } from '../../../engine/messages/generated/control.ts';
import { RiskNotice } from '../../../engine/messages/generated/event.ts';
import { frame } from '../../support/control-frames.ts';

function watch() {
  const lines: string[] = [];
  const setup = { accounts: [{ id: 'demo' }], strategies: [{ name: 'grid' }] };
  const self = new RiskWatch(setup as unknown as EngineSetup, (text) => lines.push(text));
  const notice = (fields: object) =>
    self.onNotice(new RiskNotice().wrap(frame(RiskNotice, fields), 0));
  const resume = (fields: object) =>
    self.onResume(new RiskResume().wrap(frame(RiskResume, fields), 0));
  const pause = (market: number, on: number) =>
    self.onPause(new MarketPause().wrap(frame(MarketPause, { market, on }), 0));
  return { self, lines, notice, resume, pause };
}

test('a stop holds until its own account or strategy may go on', () => {
  const { self, lines, notice, resume } = watch();
  notice({ kind: NOTICE_STOPPED, code: 313, account: 0, strategy: 0 });
  notice({ kind: NOTICE_STOPPED, code: 313, account: 0, strategy: -1 });
  expect(self.texts()).toHaveLength(2);
  expect(lines[0]).toContain('strategy grid is stopped: 313');
  expect(lines[0]).toContain('pankou risk resume');
  resume({ scope: SCOPE_ACCOUNT, account: 0, strategy: -1 });
  expect(self.texts()).toEqual([expect.stringContaining('strategy grid')]);
  resume({ scope: SCOPE_STRATEGY, account: -1, strategy: 0 });
  expect(self.texts()).toEqual([]);
});

test('pauses hold until their market goes on, or all do', () => {
  const { self, pause } = watch();
  pause(1, 1);
  pause(2, 1);
  pause(0, 1);
  pause(2, 0);
  expect(self.texts()).toEqual(['every market is paused', 'market SH is paused']);
  pause(0, 0);
  expect(self.texts()).toEqual([]);
});

test('a meter near its limit is a line and no state', () => {
  const { self, lines, notice } = watch();
  notice({ kind: NOTICE_NEAR_LIMIT, code: 318, account: 0, strategy: -1, value: 8, limit: 10 });
  expect(lines).toEqual([expect.stringContaining('account demo: 8 of 10')]);
  expect(self.texts()).toEqual([]);
});
