// A whole tick through the real actors, empty cycles included, stays within the design's 32 bytes:
// what is left is the reading of the clock.
import { expect, test } from 'vitest';
import { measureAllocation } from './alloc-harness.ts';

test('a tick: at most 32 bytes from feed to strategy and OMS, and nothing is kept', {
  timeout: 60_000,
}, async () => {
  const report = await measureAllocation(new URL('./tick.scenario.ts', import.meta.url), 32);
  expect(report.bytesPerEvent).toBeLessThanOrEqual(32);
  // Kernel memory is outside the heap: it must not have grown either.
  expect(report.externalBytes).toBeLessThanOrEqual(0);
  expect(report.retainedBytes / report.events).toBeLessThanOrEqual(0.1);
  expect(report.checksum).toBeGreaterThan(report.events);
});
