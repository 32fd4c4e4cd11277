// An answered tick through the real actors and a journal on a real file: the tick, an order of our
// own (or its cancel), its record and write(), its acceptance with a record and a write() of its
// own. That is more than the design's "order", and all of it stays within the order's 128 bytes:
// what is left is 16 bytes for each reading of the clock, whose float64 Node returns boxed. They
// are 1 for the tick, 5 for a cancel, 6 for an order (one a hop: nothing else can time the hops),
// 1 for the answer: 7.5 on average, 120 bytes.
import { expect, test } from 'vitest';
import { measureAllocation } from './alloc-harness.ts';

const MOST_BYTES = 128;

test('a tick, its order or cancel and the answer: at most 128 bytes, and nothing is kept', {
  timeout: 60_000,
}, async () => {
  const scenario = new URL('./order.scenario.ts', import.meta.url);
  const report = await measureAllocation(scenario, MOST_BYTES);
  expect(report.bytesPerEvent).toBeLessThanOrEqual(MOST_BYTES);
  expect(report.externalBytes).toBeLessThanOrEqual(0);
  expect(report.retainedBytes / report.events).toBeLessThanOrEqual(0.1);
  expect(report.checksum).toBeGreaterThan(report.events);
});
