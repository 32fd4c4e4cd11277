// A whole tick whose strategy has bars, a timer, rows of the feed and asks an order helper stays
// within the 32 bytes of a tick without. Measured in a child process; run by vitest, alone.
import { expect, test } from 'vitest';
import { measureAllocation } from './alloc-harness.ts';

test('a tick with an order helper and bars: at most 32 bytes, and nothing is kept', {
  timeout: 60_000,
}, async () => {
  const report = await measureAllocation(new URL('./asking.scenario.ts', import.meta.url), 32);
  expect(report.bytesPerEvent).toBeLessThanOrEqual(32);
  expect(report.externalBytes).toBeLessThanOrEqual(0);
  expect(report.retainedBytes / report.events).toBeLessThanOrEqual(0.1);
  expect(report.checksum).toBeGreaterThan(report.events);
});
