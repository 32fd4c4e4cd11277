// What an order meets that is made on the very event that fills another own order: the fill was
// told with the event, so it is booked before the order is judged, as in a session by the clock.
// Run by vitest.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runOver } from '../../support/days-run.ts';
import { folderOf } from '../../support/market-files.ts';

const STRATEGY = join(import.meta.dirname, '../../support/strategies/sell-then-buy.ts');

function minuteBars(code: string, rows: readonly (readonly [string, number, number])[]): string[] {
  const lines = rows.map(([time, open, close]) => {
    const [high, low] = [Math.max(open, close), Math.min(open, close)];
    return [`2026-01-09 ${time}:00`, code, open, close, high, low, 100_000, 1_000_000].join(',');
  });
  return ['time,code,open,close,high,low,volume,money', ...lines];
}

test('an order made on the bar that fills an own sale meets that sale no more', async () => {
  const bars = minuteBars('600000.XSHG', [
    ['09:31', 10, 10],
    ['09:32', 10, 10.2],
    ['09:33', 10.15, 10.15],
  ]);
  const { log } = await runOver(folderOf({ 'bars.csv': bars }), ['600000.SH'], {
    strategyFile: STRATEGY,
    positions: [{ symbol: '600000.SH', qty: 1_000 }],
    frequency: '1m',
  });
  expect(log).toEqual(['sold 100', 'asks on the bar, holding 900', 'bought 100']);
});
