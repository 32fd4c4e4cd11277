// Both bridges of QMT over clients that were made without a look at our stand-ins: other classes,
// other attributes, other orders of events. What works here depends on the public interface alone.
// With PANKOU_LONG=1 also what waits for the terminal's idle scan (2 s). Rarer cases:
// other-clients.long.test.ts.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  QUERY_CASH,
  QUERY_COMPLETE,
  QUERY_ORDERS,
  QUERY_POSITIONS,
  QUERY_TRADES,
  REPORT_ACCEPTED,
  REPORT_CANCELLED,
  REPORT_REJECTED,
} from '../../engine/messages/codes.ts';
import { OtherBridge } from '../support/qmt/other-bridges.ts';
import { HAS_PYTHON, NO_PYTHON } from '../support/qmt/python.ts';

const IS_LONG = process.env['PANKOU_LONG'] === '1';

for (const way of ['xtquant', 'terminal'] as const) {
  describe.skipIf(!HAS_PYTHON)(`a ${way} of other make ${NO_PYTHON}`, () => {
    const bridge = new OtherBridge(way);
    beforeAll(() => bridge.start(), 30_000);
    afterAll(() => bridge.stop());
    /** This terminal shows trades in lists only, read every 2 s while all is quiet. */
    const listed = test.skipIf(way === 'terminal' && !IS_LONG);

    test('an order is accepted and filled once, under its id and one number', async () => {
      const order = bridge.place(100);
      await bridge.report(order, REPORT_ACCEPTED);
      const fills = await bridge.filled(order, 100);
      expect(fills).toMatchObject([{ qty: 100, price_e4: 98_000, side: 1 }]);
      expect(bridge.reports(order)).toEqual([REPORT_ACCEPTED]);
    });

    listed('a part fills, the rest is cancelled', async () => {
      const order = bridge.place(300);
      await bridge.report(order, REPORT_ACCEPTED);
      await bridge.filled(order, 100);
      bridge.cancel(order);
      const end = await bridge.report(order, REPORT_CANCELLED);
      expect(end).toMatchObject({ filled_qty: 100 });
    });

    test('a refusal is a refusal, with nothing of it at the broker', async () => {
      const order = bridge.place(400);
      await bridge.report(order, REPORT_REJECTED);
      expect(bridge.reports(order)).not.toContain(REPORT_CANCELLED);
    });

    test('an answer that never comes: the order is found by its remark', async () => {
      const order = bridge.place(500);
      await bridge.report(order, REPORT_ACCEPTED);
    });

    listed('what is told twice counts once', async () => {
      const order = bridge.place(600);
      await bridge.filled(order, 600);
      // A later order's answer: whatever was said of this one has been heard.
      await bridge.report(bridge.place(200), REPORT_ACCEPTED);
      expect(await bridge.filled(order, 600)).toHaveLength(1);
    });

    listed('lists are complete and in our terms', async () => {
      const orders = await bridge.ask(QUERY_ORDERS, 'BrokerOrder');
      expect(orders.end).toMatchObject({ result: QUERY_COMPLETE });
      expect(orders.rows.map((row) => [row['qty'], row['filled_qty']])).toEqual([
        [100, 100],
        [300, 100],
        [400, 0],
        [500, 0],
        [600, 600],
        [200, 0],
      ]);
      expect(orders.rows.every((row) => row['coid_b'] === 20260105)).toBe(true);
      const trades = await bridge.ask(QUERY_TRADES, 'BrokerTrade');
      expect(trades.rows.map((row) => row['qty'])).toEqual([100, 100, 600]);
      const positions = await bridge.ask(QUERY_POSITIONS, 'BrokerPosition');
      expect(positions.rows).toMatchObject([{ instrument: 0, qty: 5_800, sellable_qty: 5_800 }]);
      const cash = await bridge.ask(QUERY_CASH, 'BrokerCash');
      expect(cash.rows).toMatchObject([{ available_e4: 9_921_600_000 }]);
    });
  });
}
