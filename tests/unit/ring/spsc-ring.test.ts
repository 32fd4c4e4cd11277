// The SPSC ring with both sides in one thread: order, visibility, refusals, ends of the area, the
// wrap of positions, and what remains when a side dies. Two threads: tests/race.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameMemory } from '../../../engine/messages/frames.ts';
import { Doorbell } from '../../../engine/ring/doorbell.ts';
import { HEAD_WORD, HEADER_BYTES, TAIL_WORD } from '../../../engine/ring/layout.ts';
import { RING_CLOSED, RING_FULL, RING_TOO_LONG, SpscRing } from '../../../engine/ring/spsc-ring.ts';
import { PatternReader, writePattern } from './pattern-frame.ts';

const CAPACITY = 4096;

interface Options {
  capacity?: number;
  /** Position at which both sides start. */
  start?: number;
  buffer?: ArrayBufferLike;
}

function makeRing(options: Options = {}) {
  const capacity = options.capacity ?? CAPACITY;
  const buffer = options.buffer ?? new SharedArrayBuffer(SpscRing.bytesFor(capacity));
  const words = new Int32Array(buffer);
  if (options.start !== undefined) {
    words[HEAD_WORD] = options.start;
    words[TAIL_WORD] = options.start;
  }
  const side = () => new SpscRing(buffer, 0, capacity);
  return { buffer, words, writer: side(), reader: side(), side, seen: new PatternReader() };
}

/** Claims, writes and commits one frame; the offset or the refusal. */
function put(ring: SpscRing, sequence: number, bytes = 64): number {
  const at = ring.tryClaim(bytes);
  if (at < 0) return at;
  writePattern(ring.memory, at, bytes, sequence);
  ring.commit();
  return at;
}

/** Fills the ring with published frames of 64 bytes; how many fitted. */
function fill(ring: SpscRing): number {
  let count = 0;
  while (count < CAPACITY && put(ring, count) >= 0) count++;
  ring.publish();
  return count;
}

describe('visibility', () => {
  test('frames come out whole and in the order they were committed', () => {
    const { writer, reader, seen } = makeRing();
    for (let i = 0; i < 10; i++) put(writer, i, 16 + 8 * i);
    writer.publish();
    expect(reader.poll(seen, 100)).toBe(10);
    expect(seen.sequences).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(seen.lengths).toEqual([16, 24, 32, 40, 48, 56, 64, 72, 80, 88]);
    expect(seen.damaged).toBe(0);
  });

  test('nothing is visible before publish, neither claimed nor committed', () => {
    const { writer, reader, seen } = makeRing();
    put(writer, 1);
    writePattern(writer.memory, writer.tryClaim(64), 64, 2);
    expect(reader.poll(seen, 100)).toBe(0);
    expect(reader.isEmpty()).toBe(true);
    writer.publish();
    expect(reader.poll(seen, 100)).toBe(1);
    writer.commit();
    expect(reader.poll(seen, 100)).toBe(0);
    writer.publish();
    expect(reader.poll(seen, 100)).toBe(1);
    expect(seen.sequences).toEqual([1, 2]);
  });

  test('an aborted claim leaves no trace and its room is used again', () => {
    const { writer, reader, seen } = makeRing();
    const first = writer.tryClaim(64);
    writePattern(writer.memory, first, 64, 99);
    writer.abort();
    expect(put(writer, 1)).toBe(first);
    writer.tryClaim(128);
    writer.abort();
    writer.publish();
    expect(reader.poll(seen, 100)).toBe(1);
    expect(seen.sequences).toEqual([1]);
  });

  test('poll hands out at most its limit and goes on where it stopped', () => {
    const { writer, reader, seen } = makeRing();
    for (let i = 0; i < 5; i++) put(writer, i);
    writer.publish();
    expect(reader.poll(seen, 2)).toBe(2);
    expect(reader.size()).toBe(3 * 64);
    expect(reader.poll(seen, 0)).toBe(0);
    expect(reader.poll(seen, 100)).toBe(3);
    expect(seen.sequences).toEqual([0, 1, 2, 3, 4]);
  });

  test('the room of a batch is given back once, after its last frame', () => {
    const { writer, reader } = makeRing();
    for (let i = 0; i < 3; i++) put(writer, i);
    writer.publish();
    const sizes: number[] = [];
    reader.poll({ onFrame: () => sizes.push(writer.size()) }, 100);
    expect(sizes).toEqual([192, 192, 192]);
    expect(writer.size()).toBe(0);
  });

  test('offer copies a frame out of any other memory', () => {
    const { writer, reader, seen } = makeRing();
    const tape = new FrameMemory(new ArrayBuffer(256));
    writePattern(tape, 40, 72, 5);
    expect(writer.offer(tape, 40)).toBe(0);
    writer.publish();
    reader.poll(seen, 1);
    expect(seen).toMatchObject({ sequences: [5], lengths: [72], damaged: 0 });
  });
});

describe('refusals', () => {
  test('a full ring refuses, changes nothing, and takes frames again once read', () => {
    const { writer, reader, words, seen } = makeRing();
    expect(fill(writer)).toBe(CAPACITY / 64);
    const before = [...words];
    expect(writer.tryClaim(64)).toBe(RING_FULL);
    expect(writer.tryClaim(8)).toBe(RING_FULL);
    writer.publish();
    expect([...words]).toEqual(before);
    expect(writer.size()).toBe(CAPACITY);
    reader.poll(seen, 1);
    expect(put(writer, 64)).toBe(0);
    expect(put(writer, 65)).toBe(RING_FULL);
  });

  test('every refused claim is counted', () => {
    const { writer } = makeRing();
    fill(writer);
    expect(writer.refusals).toBe(1);
    writer.tryClaim(64);
    writer.tryClaim(CAPACITY);
    expect(writer.refusals).toBe(3);
  });

  test('a frame above an eighth of the capacity is too long for ever', () => {
    const { writer } = makeRing();
    expect(writer.tryClaim(CAPACITY / 8 + 8)).toBe(RING_TOO_LONG);
    expect(put(writer, 0, CAPACITY / 8)).toBe(0);
  });

  test('a dead reader leaves the writer with a full ring and frames untouched', () => {
    const { writer, side, seen } = makeRing();
    const count = fill(writer);
    for (let i = 0; i < 1000; i++) expect(writer.tryClaim(64)).toBe(RING_FULL);
    const successor = side();
    expect(successor.poll(seen, 1000)).toBe(count);
    expect(seen.damaged).toBe(0);
  });

  test.each(['writer', 'reader'] as const)('after the %s closed, claims fail', (who) => {
    const ring = makeRing();
    put(ring.writer, 1);
    ring.writer.publish();
    expect(ring.reader.isClosed).toBe(false);
    ring[who].close();
    expect(ring.writer.tryClaim(64)).toBe(RING_CLOSED);
    expect(ring.reader.isClosed && ring.writer.isClosed).toBe(true);
    expect(ring.reader.isEmpty()).toBe(false);
    expect(ring.reader.poll(ring.seen, 10)).toBe(1);
    expect(ring.reader.isEmpty()).toBe(true);
  });

  test('a frame claimed before the close can still be published', () => {
    const { writer, reader, seen } = makeRing();
    const at = writer.tryClaim(64);
    reader.close();
    writePattern(writer.memory, at, 64, 3);
    writer.commit();
    writer.publish();
    reader.poll(seen, 10);
    expect(seen.sequences).toEqual([3]);
  });
});

describe('the end of the data area', () => {
  test('filler keeps frames contiguous, is not handed out, and both wrap counts move', () => {
    const { writer, reader, seen } = makeRing();
    for (let i = 0; i < 40; i++) {
      expect(put(writer, i, 360)).toBeGreaterThanOrEqual(0);
      writer.publish();
      expect(reader.poll(seen, 10)).toBe(1);
    }
    expect(seen.sequences).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(seen.damaged).toBe(0);
    // 11 frames of 360 bytes fit into 4096; the twelfth starts the next lap.
    expect(writer.wraps).toBe(3);
    expect(reader.wraps).toBe(3);
  });

  test('filler that would not fit with its frame is refused and written nowhere', () => {
    const { writer, reader, seen } = makeRing();
    for (let i = 0; i < 11; i++) put(writer, i, 360);
    writer.publish();
    const tail = writer.memory.i32.slice(3960 >> 2);
    expect(writer.tryClaim(360)).toBe(RING_FULL);
    expect([...writer.memory.i32.slice(3960 >> 2)]).toEqual([...tail]);
    expect(put(writer, 11, 136)).toBe(3960);
    writer.publish();
    expect(reader.poll(seen, 100)).toBe(12);
  });

  test('aborting a claim behind filler takes the filler back too', () => {
    const { writer, reader, seen } = makeRing();
    for (let i = 0; i < 11; i++) put(writer, i, 360);
    writer.publish();
    reader.poll(seen, 100);
    expect(writer.tryClaim(360)).toBe(0);
    writer.abort();
    expect(put(writer, 11, 136)).toBe(3960);
    writer.publish();
    reader.poll(seen, 100);
    expect(seen.sequences.at(-1)).toBe(11);
  });

  test.each([2 ** 31 - 4104, 2 ** 31 - 64, -4104, -64, 0])('positions may start at %i', (start) => {
    const { writer, reader, seen } = makeRing({ start: start | 0 });
    let sent = 0;
    for (let lap = 0; lap < 50; lap++) {
      // A ring that never refuses must fail the test, not hang it.
      for (let i = 0; i < 100 && put(writer, sent, 200) >= 0; i++) sent++;
      writer.publish();
      expect(reader.size()).toBeGreaterThan(CAPACITY - 2 * 200);
      expect(reader.size()).toBeLessThanOrEqual(CAPACITY);
      reader.poll(seen, 1000);
      expect(reader.isEmpty()).toBe(true);
    }
    expect(seen.damaged).toBe(0);
    expect(seen.sequences).toEqual(Array.from({ length: sent }, (_, i) => i));
  });
});

describe('a side that dies', () => {
  test('a new writer sees nothing of frames that were not published', () => {
    const { writer, reader, side, seen } = makeRing();
    put(writer, 1);
    writer.publish();
    put(writer, 2);
    writer.tryClaim(64);
    const successor = side();
    expect(reader.poll(seen, 10)).toBe(1);
    put(successor, 3);
    successor.publish();
    reader.poll(seen, 10);
    expect(seen.sequences).toEqual([1, 3]);
  });

  test('a batch whose handler threw comes again to the next reader', () => {
    const { writer, reader, side, seen } = makeRing();
    for (let i = 0; i < 3; i++) put(writer, i);
    writer.publish();
    let calls = 0;
    const failing = {
      onFrame() {
        if (++calls === 2) throw new Error('bug in an actor');
      },
    };
    expect(() => reader.poll(failing, 10)).toThrow('bug in an actor');
    expect(writer.size()).toBe(3 * 64);
    expect(side().poll(seen, 10)).toBe(3);
    expect(seen.sequences).toEqual([0, 1, 2]);
  });
});

describe('broken use', () => {
  test('a second claim without commit or abort stops the actor', () => {
    const { writer } = makeRing();
    writer.tryClaim(64);
    expect(() => writer.tryClaim(64)).toThrow('expected commit or abort before');
  });

  test('committing a frame of another length than claimed stops the actor', () => {
    const { writer } = makeRing();
    const at = writer.tryClaim(64);
    writePattern(writer.memory, at, 56, 1);
    expect(() => writer.commit()).toThrow('frame length=56, expected the claimed 64');
    expect(() => makeRing().writer.commit()).toThrow('expected the claimed 0');
  });

  test.each([0, 4, -8, 12, Number.NaN])('a claim of %d bytes stops the actor', (bytes) => {
    expect(() => makeRing().writer.tryClaim(bytes)).toThrow('expected a multiple of 8');
  });

  test.each([0, 4, -8, 4096])('a damaged frame length of %i stops the reader', (length) => {
    const { writer, reader, buffer, seen } = makeRing();
    put(writer, 1);
    writer.publish();
    new Int32Array(buffer, HEADER_BYTES)[0] = length;
    expect(() => reader.poll(seen, 10)).toThrow(`frame length=${length} at 0`);
  });

  test('sides that disagree about the capacity fail at start', () => {
    const buffer = new SharedArrayBuffer(SpscRing.bytesFor(8192));
    new SpscRing(buffer, 0, 8192);
    expect(() => new SpscRing(buffer, 0, 4096)).toThrow('the other side made this ring with 8192');
  });

  test.each([
    [0, 5000, 'capacityBytes=5000'],
    [0, 2048, 'capacityBytes=2048'],
    [0, 2 ** 31, 'capacityBytes=2147483648'],
    [64, 4096, 'byteOffset=64'],
    [128, 8192, 'ring ends at'],
  ])('an offset of %i with a capacity of %i is refused', (offset, capacity, message) => {
    const buffer = new SharedArrayBuffer(HEADER_BYTES + 8192);
    expect(() => new SpscRing(buffer, offset, capacity)).toThrow(message);
  });
});

test('publish rings the doorbell only when a reader is parked', () => {
  const buffer = new SharedArrayBuffer(SpscRing.bytesFor(CAPACITY) + Doorbell.BYTES);
  const bell = new Doorbell(buffer, SpscRing.bytesFor(CAPACITY));
  const writer = new SpscRing(buffer, 0, CAPACITY, bell);
  put(writer, 1);
  writer.publish();
  expect(bell.wakes).toBe(0);
  new Int32Array(buffer, SpscRing.bytesFor(CAPACITY))[0] = 1;
  writer.publish();
  expect(bell.wakes, 'nothing new, no ring').toBe(0);
  put(writer, 2);
  writer.publish();
  expect(bell.wakes).toBe(1);
});

test.each([
  ['shared', (bytes: number) => new SharedArrayBuffer(bytes)],
  ['plain', (bytes: number) => new ArrayBuffer(bytes)],
] as const)('over %s memory it behaves like an unbounded queue with a limit', (_name, make) => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('put'), size: fc.integer({ min: 2, max: 64 }) }),
    fc.record({ kind: fc.constantFrom('abort', 'publish', 'poll'), size: fc.nat(40) }),
  );
  const start = fc.constantFrom(0, 2 ** 31 - 2048, -1024);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), start, (steps, position) => {
      const ring = makeRing({ start: position | 0, buffer: make(SpscRing.bytesFor(CAPACITY)) });
      const { writer, reader, seen } = ring;
      const committed: number[] = [];
      let visible = 0;
      let next = 0;
      for (const { kind, size } of steps) {
        if (kind === 'put' && put(writer, next, size * 8) >= 0) committed.push(next++);
        else if (kind === 'abort' && writer.tryClaim(64) >= 0) writer.abort();
        else if (kind === 'publish') {
          writer.publish();
          visible = committed.length;
        } else if (kind === 'poll') {
          const before = seen.sequences.length;
          const expected = Math.min(size, visible - before);
          // A poll may stop early at the tail it saw before, never late.
          const count = reader.poll(seen, size);
          expect(count).toBeLessThanOrEqual(expected);
          if (expected > 0) expect(count).toBeGreaterThan(0);
        }
      }
      writer.publish();
      while (reader.poll(seen, 7) > 0);
      expect(seen.sequences).toEqual(committed);
      expect(seen.damaged).toBe(0);
    }),
    { numRuns: 150 },
  );
});

describe('a ring whose two sides are one instance', () => {
  const both = () => {
    const buffer = new ArrayBuffer(SpscRing.bytesFor(CAPACITY));
    return { ring: new SpscRing(buffer, 0, CAPACITY, null, true), seen: new PatternReader() };
  };

  test('begins at the front again whenever everything was read', () => {
    const { ring, seen } = both();
    for (let n = 0; n < 1_000; n++) {
      expect(put(ring, n)).toBe(0);
      ring.publish();
      expect(ring.poll(seen, 10)).toBe(1);
      expect([ring.isEmpty(), ring.size()]).toEqual([true, 0]);
    }
    expect(seen.sequences).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
  });

  test('loses nothing that is written or not published yet when the reader is done', () => {
    const { ring, seen } = both();
    put(ring, 0);
    ring.publish();
    put(ring, 1);
    expect(ring.poll(seen, 10)).toBe(1);
    ring.publish();
    const at = ring.tryClaim(64);
    expect(ring.poll(seen, 10)).toBe(1);
    writePattern(ring.memory, at, 64, 2);
    ring.commit();
    ring.publish();
    expect(ring.poll(seen, 10)).toBe(1);
    expect(seen.sequences).toEqual([0, 1, 2]);
  });

  test('has all its room again, and refuses when it is full as any ring does', () => {
    const { ring, seen } = both();
    for (let round = 0; round < 3; round++) {
      let frames = 0;
      while (put(ring, frames) >= 0) frames++;
      expect(frames).toBe(CAPACITY / 64);
      ring.publish();
      expect(ring.poll(seen, 1_000)).toBe(frames);
    }
  });
});
