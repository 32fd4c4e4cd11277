// The rarer cases of clients of other make: remarks that are cut off, a lost session, a number of
// bridge lives. Run with PANKOU_LONG=1.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  QUERY_TRADES,
  REPORT_ACCEPTED,
  REPORT_REJECTED,
  REPORT_UNKNOWN,
} from '../../engine/messages/codes.ts';
import { OtherBridge, type OtherWay } from '../support/qmt/other-bridges.ts';
import { HAS_PYTHON, NO_PYTHON } from '../support/qmt/python.ts';

async function started(way: OtherWay, env: NodeJS.ProcessEnv = {}): Promise<OtherBridge> {
  const bridge = new OtherBridge(way, env);
  onTestFinished(() => bridge.stop());
  await bridge.start();
  return bridge;
}

describe.skipIf(!HAS_PYTHON)(`clients of other make ${NO_PYTHON}`, () => {
  test('A: a remark that is cut off is an alarm; orders are matched by number', async () => {
    const bridge = await started('xtquant', { OTHER_REMARK: '10' });
    const burst = [bridge.place(200), bridge.place(200), bridge.place(100)];
    for (const order of burst) await bridge.report(order, REPORT_ACCEPTED);
    // A push may come before the number; the lists, which the engine asks for, have both.
    const { rows } = await bridge.ask(QUERY_TRADES, 'BrokerTrade');
    expect(rows).toMatchObject([{ coid_c: burst[2]!['coid_c'], qty: 100 }]);
    await bridge.says('the order remark does not come back whole');
  }, 30_000);

  test('A: a cut remark and a lost answer leave one order in doubt, never a burst', async () => {
    const bridge = await started('xtquant', { OTHER_REMARK: '0' });
    const lost = bridge.place(500);
    const next = [bridge.place(200), bridge.place(200)];
    await bridge.report(lost, REPORT_UNKNOWN);
    for (const order of next) await bridge.report(order, REPORT_ACCEPTED);
    await bridge.says('the order remark does not come back whole');
  }, 30_000);

  test('A: a client that drops the session is found again, and the day goes on', async () => {
    const bridge = await started('xtquant');
    const before = bridge.place(200);
    await bridge.report(before, REPORT_ACCEPTED);
    writeFileSync(join(bridge.dir, 'drop'), '');
    await bridge.says('the miniQMT client is gone');
    await bridge.says('session 101');
    await bridge.engine.until('LinkState', 4);
    await bridge.engine.fence(1);
    const after = bridge.place(100);
    await bridge.report(after, REPORT_ACCEPTED);
    await bridge.filled(after, 100);
  }, 30_000);

  test('B: a remark that is cut off stops all orders after the first', async () => {
    const bridge = await started('terminal', { OTHER_REMARK: '10' });
    const burst = [bridge.place(200), bridge.place(200), bridge.place(100)];
    for (const order of burst.slice(1)) await bridge.report(order, REPORT_REJECTED);
    await bridge.report(burst[0]!, REPORT_UNKNOWN);
    await bridge.says('none is sent any more');
    expect(bridge.engine.named('Fill')).toEqual([]);
  }, 30_000);
});
