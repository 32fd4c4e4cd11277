// Recorded orders put in again through a strategy trade as they did in history.
// Run by vitest. Always: the whole engine runs; the full counts of 10,000 samples are in
// docs/BACKTEST.md, here a few hundred show that nothing has broken.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseLatency } from '../../../engine/backtest/latency.ts';
import { leaveOneOut } from '../../../engine/verify/leave-one-out/leave-one-out.ts';
import { hasRealData, REAL_DATA } from '../../support/market-files.ts';

describe.skipIf(!hasRealData)('recorded orders put in again (needs ../shared/data)', () => {
  test.each(['l2-szse-002603-0930-1005', 'l2-sse-600794-20260109'])(
    '%s: every sample trades as in history',
    async (folder) => {
      const told: number[] = [];
      const report = await leaveOneOut({
        path: join(REAL_DATA, folder),
        samples: 200,
        onProgress: (fraction) => void told.push(fraction),
      });
      expect(report).toMatchObject({ samples: 200, equal: 200, differences: [] });
      expect(report.filled).toBeGreaterThan(50);
      expect(told.at(-1)).toBe(1);
    },
    60_000,
  );

  test('an order that comes two seconds late trades otherwise, and that is told', async () => {
    const path = join(REAL_DATA, 'l2-sse-600794-20260109');
    const report = await leaveOneOut({ path, samples: 20, latency: parseLatency('order=2s') });
    const { differences } = report;
    expect(differences.length).toBeGreaterThan(0);
    expect(report.equal).toBe(20 - differences.length);
    for (const { real, ours, why } of differences) {
      expect(ours).not.toEqual(real);
      expect(why).toMatch(/shares/);
    }
  }, 60_000);

  test('how many share a pass changes nothing', async () => {
    const path = join(REAL_DATA, 'l2-sse-600794-20260109');
    const few = await leaveOneOut({ path, samples: 12, perPass: 1 });
    const many = await leaveOneOut({ path, samples: 12, perPass: 12 });
    expect(few.instruments[0]!.passes).toBe(12);
    expect(many.instruments[0]!.passes).toBeLessThan(4);
    expect({ ...few, instruments: [] }).toEqual({ ...many, instruments: [] });
  }, 60_000);
});
