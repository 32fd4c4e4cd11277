// Appending and flushing one record allocates no more than writeSync itself may (56 bytes of the
// 64 are Node's, measured bare).
import { expect, test } from 'vitest';
import { measureAllocation } from './alloc-harness.ts';

test('journal: at most 64 bytes per append and flush, and nothing is kept', async () => {
  const report = await measureAllocation(new URL('./journal.scenario.ts', import.meta.url), 64);
  expect(report.bytesPerEvent).toBeLessThanOrEqual(64);
  expect(report.externalBytes).toBeLessThanOrEqual(0);
  expect(report.retainedBytes / report.events).toBeLessThanOrEqual(0.1);
  expect(report.checksum).toBe(100_000);
});
