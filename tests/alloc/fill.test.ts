// A tick answered by an order that is accepted and filled: three records, two write() calls,
// shares, cash and fees booked and told. What is left is 16 bytes for each of eight readings of the
// clock (see order.test.ts); the limit leaves room for the compiler's own.
import { expect, test } from 'vitest';
import { measureAllocation } from './alloc-harness.ts';

const MOST_BYTES = 136;

test('a tick, its order and the fill: at most 136 bytes, and nothing is kept', {
  timeout: 60_000,
}, async () => {
  const report = await measureAllocation(
    new URL('./fill.scenario.ts', import.meta.url),
    MOST_BYTES,
  );
  expect(report.bytesPerEvent).toBeLessThanOrEqual(MOST_BYTES);
  expect(report.externalBytes).toBeLessThanOrEqual(0);
  expect(report.retainedBytes / report.events).toBeLessThanOrEqual(0.5);
  expect(report.checksum).toBeGreaterThan(report.events);
});
