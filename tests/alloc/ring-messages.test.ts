// Steady state of rings and messages allocates nothing: at most one byte per event, nothing kept.
// The limit is not 0 because the compiler itself still makes a little now and then.
import { describe, expect, test } from 'vitest';
import { measureAllocation } from './alloc-harness.ts';

describe('allocation per event', { timeout: 60_000 }, () => {
  test.each([
    ['ring', new URL('./ring.scenario.ts', import.meta.url)],
    ['messages', new URL('./messages.scenario.ts', import.meta.url)],
  ])('%s: at most one byte, and nothing is kept', async (_name, scenario) => {
    const report = await measureAllocation(scenario, 1);
    expect(report.bytesPerEvent).toBeLessThanOrEqual(1);
    expect(report.externalBytes).toBeLessThanOrEqual(0);
    expect(report.retainedBytes / report.events).toBeLessThanOrEqual(0.1);
    expect(report.checksum).toBeGreaterThan(0);
  });

  test('the harness sees an object of three words per event', async () => {
    const report = await measureAllocation(new URL('./garbage.scenario.ts', import.meta.url), 0);
    expect(report.bytesPerEvent).toBeGreaterThan(16);
  });
});
