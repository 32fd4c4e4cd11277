// An answered tick (an order of our own, or its cancel) through the real actors and a journal on a
// real file. The design wants 128 bytes an order. That is NOT reached: the limit here is a ceiling
// over what is measured today, to be lowered with each step towards it.
import { expect, test } from 'vitest';
import { measureAllocation } from './alloc-harness.ts';

const CEILING_BYTES = 700;

test('an order or cancel: garbage does not grow beyond today, and nothing is kept', {
  timeout: 60_000,
}, async () => {
  const report = await measureAllocation(new URL('./order.scenario.ts', import.meta.url));
  expect(report.bytesPerEvent).toBeLessThanOrEqual(CEILING_BYTES);
  expect(report.externalBytes).toBeLessThanOrEqual(0);
  expect(report.retainedBytes / report.events).toBeLessThanOrEqual(0.1);
  expect(report.checksum).toBeGreaterThan(report.events);
});
