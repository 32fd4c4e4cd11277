// Litmus for the doorbell. Writer: store position, load parked. Reader: store parked, load
// position, sleep. Allowed: the reader saw the frame; the reader was woken; both. Forbidden: the
// reader sleeps and the writer did not ring. Each round is one such race, in both directions.
import { describe, expect, test } from 'vitest';
import { Doorbell } from '../../engine/ring/doorbell.ts';
import { SpscRing } from '../../engine/ring/spsc-ring.ts';
import { makeSetup, RACE_TIMEOUT_MS, scaled, startSide } from './race-setup.ts';

describe('two threads that park on their doorbells', { timeout: RACE_TIMEOUT_MS }, () => {
  test('no wake-up is lost', async () => {
    const capacity = 4096;
    const count = scaled(20_000);
    const bytes = 2 * SpscRing.bytesFor(capacity) + 2 * Doorbell.BYTES;
    const over = { memory: new SharedArrayBuffer(bytes), capacity, count };
    const second = startSide(makeSetup('park-second', over));
    const first = startSide(makeSetup('park-first', over));
    for (const side of [first, second]) {
      const report = await side.report;
      expect(report.firstError).toBe('');
      expect(report.count).toBe(count);
      expect(report.stuck, 'sleeps over a frame that was there').toBe(0);
      expect(report.parks, 'the sleeping path was taken').toBeGreaterThan(0);
    }
  });
});
