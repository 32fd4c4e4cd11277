// A writer that never waits against readers of different pace: what a reader gets is whole and in
// order, and lost plus received is exactly what was sent.
import { describe, expect, test } from 'vitest';
import { BroadcastWriter } from '../../engine/ring/broadcast-ring.ts';
import { makeSetup, RACE_TIMEOUT_MS, scaled, startSide } from './race-setup.ts';

async function race(slowness: readonly number[], count: number, capacity: number) {
  const memory = new SharedArrayBuffer(BroadcastWriter.bytesFor(capacity));
  const over = { memory, count, capacity };
  const readers = slowness.map((s) =>
    startSide(makeSetup('broadcast-reader', { ...over, slowness: s })),
  );
  await Promise.all(readers.map((r) => r.heard));
  const writer = startSide(makeSetup('broadcast-writer', over));
  const written = await writer.report;
  return { written, reads: await Promise.all(readers.map((r) => r.report)) };
}

describe('a broadcast ring between threads', { timeout: RACE_TIMEOUT_MS }, () => {
  test('a slow reader loses frames, knows how many, and never sees a torn one', async () => {
    const count = scaled(3_000_000);
    const { written, reads } = await race([20_000], count, 8192);
    expect(reads[0].firstError).toBe('');
    expect(reads[0].lost).toBeGreaterThan(0);
    expect(reads[0].lost + reads[0].count).toBe(count);
    expect(written.wraps).toBeGreaterThan(1000);
  });

  test('two readers at full pace, overrun again and again, count exactly', async () => {
    const count = scaled(3_000_000);
    const { reads } = await race([0, 50], count, 4096);
    for (const read of reads) {
      expect(read.firstError).toBe('');
      expect(read.count).toBeGreaterThan(0);
      expect(read.lost + read.count).toBe(count);
    }
  });
});
