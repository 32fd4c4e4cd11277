// Tapes: frames come back as written, in order, over chunk borders; merging keeps order and writes
// a market phase once; the file form refuses anything damaged.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTape, writeTape } from '../../../engine/backtest/data/tape-file.ts';
import { mergeTapes, Tape, TapeCursor, TapeSource } from '../../../engine/backtest/tape.ts';
import { FrameMemory } from '../../../engine/messages/frames.ts';
import { MarketOrder, Phase, SnapshotTick } from '../../../engine/messages/generated/market.ts';
import { Fill } from '../../../engine/messages/generated/order.ts';
import { TYPE_PHASE } from '../../../engine/messages/generated/types.ts';

const order = new MarketOrder();

function addOrder(tape: Tape, ns: number, channel = 1, seq = 0): void {
  const at = tape.claim(MarketOrder.BYTES);
  order.begin(tape.tail, at);
  order.eventNs = ns;
  order.channel = channel;
  order.channelSeq = seq;
  tape.commit();
}

function addPhase(tape: Tape, ns: number, number: number, instrument = -1): void {
  const at = tape.claim(Phase.BYTES);
  const phase = new Phase().begin(tape.tail, at);
  phase.eventNs = ns;
  phase.phase = number;
  phase.instrument = instrument;
  tape.commit();
}

function tapeOf(times: readonly number[], channel = 1): Tape {
  const tape = new Tape();
  times.forEach((ns, i) => {
    addOrder(tape, ns, channel, i + 1);
  });
  return tape;
}

/** `ns:channel:seq` of orders, `ns:P<phase>` of phases. */
function shown(tape: Tape): string[] {
  const lines: string[] = [];
  const phase = new Phase();
  for (const cursor = new TapeCursor(tape); !cursor.done; cursor.advance()) {
    order.wrap(cursor.memory, cursor.at);
    const what =
      cursor.type === TYPE_PHASE
        ? `P${phase.wrap(cursor.memory, cursor.at).phase}`
        : `${order.channel}:${order.channelSeq}`;
    lines.push(`${cursor.eventNs}:${what}`);
  }
  return lines;
}

test('a source plays the frames in order, then ends, and can start again', () => {
  const times = Array.from({ length: 30_000 }, (_, i) => i * 10);
  const tape = tapeOf(times);
  expect(tape.chunkCount).toBeGreaterThan(3);
  const source = new TapeSource(tape);
  const memory = new FrameMemory(new ArrayBuffer(512));
  const read = (): number[] => {
    const seen: number[] = [];
    for (let ns = source.nextNs(); ns >= 0; ns = source.nextNs()) {
      if (source.next(memory, 64) !== MarketOrder.BYTES) return [];
      if (order.wrap(memory, 64).eventNs !== ns || order.sequence !== seen.length) return [];
      seen.push(ns);
    }
    return seen;
  };
  expect(read()).toEqual(times);
  expect(source.next(memory, 64)).toBe(-1);
  source.rewind();
  expect(read()).toEqual(times);
  expect(source.count).toBe(30_000);
});

test('an empty tape ends at once', () => {
  const source = new TapeSource(new Tape());
  expect(source.nextNs()).toBe(-1);
  expect(source.next(new FrameMemory(new ArrayBuffer(512)), 0)).toBe(-1);
});

test('a frame earlier than the one before is a bug and is stopped', () => {
  const tape = tapeOf([100]);
  expect(() => addOrder(tape, 99)).toThrow(/eventNs=99, expected at least 100/);
});

test('the hash tells tapes apart by content', () => {
  expect(tapeOf([1, 2, 3]).hash()).toBe(tapeOf([1, 2, 3]).hash());
  expect(tapeOf([1, 2, 3]).hash()).not.toBe(tapeOf([1, 2, 4]).hash());
});

test('merging orders by time, channel and sequence', () => {
  const a = tapeOf([10, 20, 20], 5);
  const b = tapeOf([10, 20, 30], 2);
  expect(shown(mergeTapes([a, b]))).toEqual([
    '10:2:1',
    '10:5:1',
    '20:2:2',
    '20:5:2',
    '20:5:3',
    '30:2:3',
  ]);
});

test('merging any tapes equals sorting all their frames', () => {
  const times = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 20 });
  fc.assert(
    fc.property(fc.array(times, { maxLength: 6 }), (all) => {
      const tapes = all.map((list, channel) =>
        tapeOf(
          [...list].sort((x, y) => x - y),
          channel,
        ),
      );
      const sorted = tapes
        .flatMap((tape) => shown(tape))
        .map((line) => line.split(':').map(Number))
        .sort((x, y) => x[0] - y[0] || x[1] - y[1] || x[2] - y[2])
        .map((numbers) => numbers.join(':'));
      expect(shown(mergeTapes(tapes))).toEqual(sorted);
    }),
  );
});

test('a market phase is written once, where the last tape reaches it', () => {
  const early = new Tape();
  addOrder(early, 5, 1, 1);
  addPhase(early, 10, 3);
  addPhase(early, 30, 4);
  addOrder(early, 40, 1, 2);
  const late = new Tape();
  addOrder(late, 12, 2, 1);
  addPhase(late, 15, 3);
  addPhase(late, 30, 4);
  expect(shown(mergeTapes([early, late]))).toEqual(['5:1:1', '12:2:1', '15:P3', '30:P4', '40:1:2']);
});

function saved(): { path: string; tape: Tape } {
  const tape = tapeOf(Array.from({ length: 500 }, (_, i) => i));
  const at = tape.claim(SnapshotTick.BYTES);
  new SnapshotTick().begin(tape.tail, at).eventNs = 600;
  tape.commit();
  const path = join(mkdtempSync(join(tmpdir(), 'pankou-tape-')), 'day.tape');
  writeTape(path, tape, { day: 20230201, note: '贵州茅台' });
  return { path, tape };
}

test('a tape file gives back the same frames and meta', () => {
  const { path, tape } = saved();
  const read = readTape(path);
  expect(read.tape.hash()).toBe(tape.hash());
  expect(read.tape.count).toBe(501);
  expect(read.meta).toEqual({ day: 20230201, note: '贵州茅台' });
});

test('a tape file with any bit flipped is refused', () => {
  const { path } = saved();
  const good = readFileSync(path);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: good.length * 8 - 1 }), (bit) => {
      const bytes = Buffer.from(good);
      bytes[bit >> 3] ^= 1 << (bit & 7);
      writeFileSync(path, bytes);
      expect(() => readTape(path)).toThrow(/load the day from its CSV files again/);
    }),
    { numRuns: 60 },
  );
});

test('a tape file cut off, empty or missing is refused', () => {
  const { path } = saved();
  const good = readFileSync(path);
  for (const length of [0, 7, 39, 44, 1000, good.length - 1]) {
    writeFileSync(path, good.subarray(0, length));
    expect(() => readTape(path)).toThrow(/too short|cut off or damaged/);
  }
  expect(() => readTape(`${path}.none`)).toThrow(/cannot be read \(ENOENT\)/);
});

test('a tape file holding anything but market messages is refused', () => {
  const tape = new Tape();
  const at = tape.claim(Fill.BYTES);
  new Fill().begin(tape.tail, at);
  tape.commit();
  const path = join(mkdtempSync(join(tmpdir(), 'pankou-tape-')), 'fill.tape');
  writeTape(path, tape, null);
  expect(() => readTape(path)).toThrow(/frame 0 at byte 0 is not a market message/);
});
