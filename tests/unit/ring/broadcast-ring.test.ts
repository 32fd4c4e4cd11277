// The broadcast ring with both sides in one thread: readers see whole frames in order, and lost
// plus received is what was sent, whatever the reader does. Two threads: tests/race.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameMemory } from '../../../engine/messages/frames.ts';
import { BroadcastReader, BroadcastWriter } from '../../../engine/ring/broadcast-ring.ts';
import { BROADCAST_TAIL_WORD, INTENT_WORD, LATEST_WORD } from '../../../engine/ring/layout.ts';
import { RING_CLOSED, RING_TOO_LONG } from '../../../engine/ring/spsc-ring.ts';
import { PatternReader, writePattern } from './pattern-frame.ts';

const CAPACITY = 4096;

function makeRing(start = 0) {
  const buffer = new SharedArrayBuffer(BroadcastWriter.bytesFor(CAPACITY));
  const words = new Int32Array(buffer);
  words[BROADCAST_TAIL_WORD] = start;
  words[LATEST_WORD] = start;
  words[INTENT_WORD] = start;
  const reader = () => new BroadcastReader(buffer, 0, CAPACITY);
  return { buffer, writer: new BroadcastWriter(buffer, 0, CAPACITY), reader };
}

function put(ring: BroadcastWriter, sequence: number, bytes = 64): number {
  const at = ring.tryClaim(bytes);
  if (at < 0) return at;
  writePattern(ring.memory, at, bytes, sequence);
  ring.commit();
  return 0;
}

test('every reader gets every frame while it keeps up', () => {
  const { writer, reader } = makeRing();
  const readers = [reader(), reader()];
  const seen = [new PatternReader(), new PatternReader()];
  for (let i = 0; i < 500; i++) {
    expect(put(writer, i, 16 + 8 * (i % 50))).toBe(0);
    writer.publish();
    readers.forEach((r, k) => {
      r.poll(seen[k], 10);
    });
  }
  for (const k of [0, 1]) {
    expect(seen[k].sequences).toEqual(Array.from({ length: 500 }, (_, i) => i));
    expect(seen[k].damaged).toBe(0);
    expect(readers[k].lostFrames).toBe(0);
  }
  expect(writer.wraps).toBeGreaterThan(20);
});

test('nothing is visible before publish; abort leaves no trace', () => {
  const { writer, reader } = makeRing();
  const r = reader();
  const seen = new PatternReader();
  put(writer, 1);
  expect(r.poll(seen, 10)).toBe(0);
  expect(r.isEmpty()).toBe(true);
  writer.tryClaim(64);
  writer.abort();
  put(writer, 2);
  writer.publish();
  expect(r.isEmpty()).toBe(false);
  expect(r.poll(seen, 10)).toBe(2);
  expect(seen.sequences).toEqual([1, 2]);
});

test('a reader that fell behind continues at the newest frame and knows what it lost', () => {
  const { writer, reader } = makeRing();
  const r = reader();
  const seen = new PatternReader();
  for (let i = 0; i < 1000; i++) {
    put(writer, i);
    writer.publish();
  }
  expect(r.poll(seen, 10)).toBe(1);
  expect(seen.sequences).toEqual([999]);
  expect(r.lostFrames).toBe(999);
  expect(r.receivedFrames).toBe(1);
});

test('a reader that joins late starts after the newest frame and has lost nothing', () => {
  const { writer, reader } = makeRing();
  for (let i = 0; i < 100; i++) put(writer, i);
  writer.publish();
  const r = reader();
  const seen = new PatternReader();
  expect(r.poll(seen, 10)).toBe(0);
  put(writer, 100);
  writer.publish();
  expect(r.poll(seen, 10)).toBe(1);
  expect(seen.sequences).toEqual([100]);
  expect(r.lostFrames).toBe(0);
});

test('the handler may keep its time: what it sees is a copy the writer cannot touch', () => {
  const { writer, reader } = makeRing();
  const r = reader();
  put(writer, 7);
  writer.publish();
  let after = 0;
  r.poll(
    {
      onFrame(_type: number, memory: FrameMemory, at: number) {
        for (let i = 0; i < 500; i++) put(writer, 1000 + i);
        writer.publish();
        after = memory.i32[(at >> 2) + 2];
      },
    },
    1,
  );
  expect(after).toBe(7);
});

test('an unpublished batch never runs over what readers can still get', () => {
  const { writer, reader } = makeRing();
  const r = reader();
  const seen = new PatternReader();
  for (let i = 0; i < 1000; i++) put(writer, i);
  // An eighth of the capacity, seven records of 72 bytes, is the most that waits for publish.
  r.poll(seen, 1);
  expect(seen.sequences[0]).toBeGreaterThan(999 - 16);
  writer.publish();
  for (let i = 0; i < 100 && r.poll(seen, 100) > 0; i++);
  expect(seen.sequences.at(-1)).toBe(999);
  expect(r.lostFrames + r.receivedFrames).toBe(1000);
});

test('a reader that slept until positions had wrapped all the way still counts exactly', () => {
  const { writer, reader } = makeRing();
  const r = reader();
  const seen = new PatternReader();
  // Records of 512 bytes tile the area; after 2^32 / 512 of them the tail is where it was.
  const frames = 2 ** 32 / 512;
  for (let i = 0; i < frames; i++) {
    const at = writer.tryClaim(504);
    writer.memory.i32[at >> 2] = 504;
    writer.commit();
  }
  writer.publish();
  expect(r.poll(seen, 10)).toBe(0);
  put(writer, 5);
  writer.publish();
  expect(r.poll(seen, 10)).toBe(1);
  expect(seen.sequences).toEqual([5]);
  expect(r.lostFrames).toBe(frames);
});

test('a writer that comes back continues the sequence; unpublished frames are gone', () => {
  const { buffer, writer, reader } = makeRing();
  const r = reader();
  const seen = new PatternReader();
  for (let i = 0; i < 3; i++) put(writer, i);
  writer.publish();
  put(writer, 99);
  const successor = new BroadcastWriter(buffer, 0, CAPACITY);
  put(successor, 3);
  successor.publish();
  r.poll(seen, 10);
  expect(seen.sequences).toEqual([0, 1, 2, 3]);
  expect(successor.sequence).toBe(4);
});

test('joining a ring whose words contradict each other fails instead of hanging', () => {
  const { buffer, writer, reader } = makeRing();
  put(writer, 1);
  writer.publish();
  new Int32Array(buffer)[INTENT_WORD] = 2 ** 30;
  expect(reader).toThrow('the memory was damaged');
});

test('a frame that is just being overwritten is never handed out', () => {
  const { writer, reader } = makeRing();
  const r = reader();
  const seen = new PatternReader();
  // Records of 512 bytes tile the area; the ninth takes the place of the first.
  for (let i = 0; i < 8; i++) put(writer, i, 504);
  writer.publish();
  const at = writer.tryClaim(504);
  writer.memory.i32.fill(-1, (at >> 2) + 10, (at >> 2) + 60);
  while (r.poll(seen, 1) > 0);
  expect(seen.damaged).toBe(0);
  expect(r.lostFrames + r.receivedFrames).toBe(8);
  expect(r.lostFrames).toBeGreaterThan(0);
});

test('a writer that died between its two publishing stores leaves a sound ring', () => {
  const { buffer, writer, reader } = makeRing();
  const words = new Int32Array(buffer);
  const r = reader();
  const seen = new PatternReader();
  put(writer, 0);
  writer.publish();
  const latest = words[LATEST_WORD];
  for (let i = 1; i < 5; i++) put(writer, i);
  writer.publish();
  words[LATEST_WORD] = latest;
  const successor = new BroadcastWriter(buffer, 0, CAPACITY);
  expect(successor.sequence).toBe(5);
  put(successor, 5);
  successor.publish();
  r.poll(seen, 10);
  expect(seen.sequences).toEqual([0, 1, 2, 3, 4, 5]);
});

test('refusals: too long, and closed', () => {
  const { writer, reader } = makeRing();
  const r = reader();
  expect(writer.tryClaim(512)).toBe(RING_TOO_LONG);
  expect(writer.tryClaim(504)).toBe(8);
  writer.abort();
  expect(r.isClosed).toBe(false);
  writer.close();
  expect(r.isClosed).toBe(true);
  expect(writer.tryClaim(64)).toBe(RING_CLOSED);
  expect(writer.refusals).toBe(2);
});

test('offer copies a frame out of any other memory', () => {
  const { writer, reader } = makeRing();
  const r = reader();
  const seen = new PatternReader();
  const tape = new FrameMemory(new ArrayBuffer(256));
  writePattern(tape, 40, 72, 5);
  expect(writer.offer(tape, 40)).toBe(0);
  writer.publish();
  r.poll(seen, 1);
  expect(seen).toMatchObject({ sequences: [5], lengths: [72], damaged: 0 });
});

test('broken use stops the actor', () => {
  const { writer } = makeRing();
  expect(() => writer.commit()).toThrow('frame length');
  expect(() => writer.tryClaim(12)).toThrow('frameBytes=12');
  writer.tryClaim(64);
  expect(() => writer.tryClaim(64)).toThrow('expected commit or abort before');
});

test('lost plus received is what was sent, for any pace of the reader and any start', () => {
  const step = fc.record({
    frames: fc.nat(120),
    bytes: fc.integer({ min: 2, max: 63 }),
    poll: fc.nat(60),
  });
  const starts = fc.constantFrom(0, 2 ** 31 - 2048, -1024);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), starts, (steps, start) => {
      const { writer, reader } = makeRing(start | 0);
      const r = reader();
      const seen = new PatternReader();
      let sent = 0;
      for (const { frames, bytes, poll } of steps) {
        for (let i = 0; i < frames; i++) put(writer, sent++, bytes * 8);
        writer.publish();
        r.poll(seen, poll);
        if (r.isEmpty()) expect(r.lostFrames + r.receivedFrames).toBe(sent);
      }
      for (let i = 0; i < 1000 && !r.isEmpty(); i++) r.poll(seen, 100);
      expect(r.lostFrames + r.receivedFrames).toBe(sent);
      expect(seen.damaged).toBe(0);
      expect(seen.sequences.every((s, i, all) => i === 0 || s > all[i - 1])).toBe(true);
    }),
    { numRuns: 150 },
  );
});
