// Two real threads over one SPSC ring: every word of every message is checked. Short here, long
// with PANKOU_RACE=long.
import { describe, expect, test } from 'vitest';
import { HEAD_WORD, TAIL_WORD } from '../../engine/ring/layout.ts';
import { SpscRing } from '../../engine/ring/spsc-ring.ts';
import { PatternReader } from '../unit/ring/pattern-frame.ts';
import { makeSetup, RACE_TIMEOUT_MS, type RaceSetup, scaled, startSide } from './race-setup.ts';

/** Shared memory of a ring whose positions start at `start`. */
function ringMemory(capacity: number, start = 0): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(SpscRing.bytesFor(capacity));
  const words = new Int32Array(memory);
  words[HEAD_WORD] = start;
  words[TAIL_WORD] = start;
  return memory;
}

async function race(over: Partial<RaceSetup> & { capacity: number }, start = 0) {
  const memory = ringMemory(over.capacity, start);
  const reader = startSide(makeSetup('spsc-reader', { ...over, memory }));
  const writer = startSide(makeSetup('spsc-writer', { ...over, memory }));
  return { written: await writer.report, read: await reader.report };
}

describe('two threads on one SPSC ring', { timeout: RACE_TIMEOUT_MS }, () => {
  test('no message is lost, torn, repeated or out of order', async () => {
    const count = scaled(5_000_000);
    const { written, read } = await race({ capacity: 1 << 16, count });
    expect(read.firstError).toBe('');
    expect([written.count, read.count]).toEqual([count, count]);
    expect(written.wraps).toBeGreaterThan(count / 2000);
    expect(read.wraps).toBe(written.wraps);
  });

  test('the smallest ring is full all the time and still passes everything', async () => {
    const count = scaled(150_000);
    const { written, read } = await race({ capacity: 4096, frameBytesMax: 512, count });
    expect(read.firstError).toBe('');
    expect(read.count).toBe(count);
    expect(written.refusals).toBeGreaterThan(0);
    expect(read.wraps).toBe(written.wraps);
  });

  test('positions pass 2^31 while both sides work', async () => {
    const count = scaled(300_000);
    const start = (2 ** 31 - 1_048_576) | 0;
    const { read } = await race({ capacity: 8192, count }, start);
    expect(read.firstError).toBe('');
    expect(read.count).toBe(count);
  });

  test('claims given back between others leave no trace', async () => {
    const count = scaled(300_000);
    const { written, read } = await race({ capacity: 4096, count, abortEvery: 3 });
    expect(read.firstError).toBe('');
    expect(written.aborts).toBe(count / 3);
    expect(read.count).toBe(count);
  });
});

describe('a thread that dies', { timeout: RACE_TIMEOUT_MS }, () => {
  test('a dead reader leaves the writer refused until a successor takes over', async () => {
    const over = { memory: ringMemory(4096), capacity: 4096, count: 10_000 };
    const reader = startSide(makeSetup('spsc-reader', { ...over, count: 2 ** 31 }));
    await new Promise((resolve) => reader.worker.once('online', resolve));
    await reader.worker.terminate();
    const writer = startSide(makeSetup('dead-reader-writer', over));
    await writer.heard;
    const ring = new SpscRing(over.memory, 0, 4096);
    expect(ring.size()).toBeGreaterThan(4096 - 96);
    const seen = new PatternReader();
    while (seen.sequences.length < over.count) ring.poll(seen, 1000);
    expect((await writer.report).refusals).toBeGreaterThanOrEqual(4096);
    expect(seen.damaged).toBe(0);
    expect(seen.sequences).toEqual(Array.from({ length: over.count }, (_, i) => i));
  });

  test('a writer killed in mid-write leaves only whole, published frames', async () => {
    const memory = ringMemory(1 << 16);
    const ring = new SpscRing(memory, 0, 1 << 16);
    const seen = new PatternReader();
    const over = { memory, capacity: 1 << 16, count: 500 };
    const writer = startSide(makeSetup('dying-writer', over));
    await writer.heard;
    for (let i = 0; i < 20_000; i++) ring.poll(seen, 7);
    await writer.worker.terminate();
    while (ring.poll(seen, 1000) > 0);
    expect(seen.damaged).toBe(0);
    expect(seen.sequences).toEqual(seen.sequences.map((_, i) => i));
    expect(seen.sequences.length).toBeGreaterThan(0);
    const successor = new SpscRing(memory, 0, 1 << 16);
    expect(successor.size()).toBe(0);
    expect(successor.tryClaim(64)).toBeGreaterThanOrEqual(0);
  });
});
