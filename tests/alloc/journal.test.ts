// Appending and flushing one record allocates nothing: one write() through writevSync, which unlike
// writeSync (56 bytes a call) makes no object. The limit is not 0: see ring-messages.test.ts.
import { expect, test } from 'vitest';
import { measureAllocation } from './alloc-harness.ts';

test('journal: at most one byte per append and flush, and nothing is kept', async () => {
  const report = await measureAllocation(new URL('./journal.scenario.ts', import.meta.url), 1);
  expect(report.bytesPerEvent).toBeLessThanOrEqual(1);
  expect(report.externalBytes).toBeLessThanOrEqual(0);
  expect(report.retainedBytes / report.events).toBeLessThanOrEqual(0.1);
  expect(report.checksum).toBe(100_000);
});
