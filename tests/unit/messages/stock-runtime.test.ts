// The frames of the flyweights are FlatBuffers: the stock runtime reads them, and its buffers are
// read by the flyweights, for every hot message; and the one cold message survives a round trip.
import fc from 'fast-check';
import { Builder, ByteBuffer } from 'flatbuffers';
import { describe, expect, test } from 'vitest';
import { BODY_OFFSET, FRAME_HEADER_BYTES } from '../../../engine/messages/frames.ts';
import { pankou_LogLine as LogLine } from '../../../engine/messages/generated/stock.ts';
import {
  buildByStock,
  MESSAGES,
  memoryOf,
  readByFlyweight,
  readByStock,
  valuesFor,
  writeByFlyweight,
} from './message-kit.ts';

const RUNS = { numRuns: 40 };
/** Long enough for the longest message: 130 numbers, two draws each. */
const seeds = fc.array(fc.integer(), { minLength: 300, maxLength: 300 });

function drawFrom(numbers: readonly number[]): () => number {
  let i = 0;
  return () => numbers[i++ % numbers.length];
}

describe.each(MESSAGES.map((m) => [m.name, m] as const))('%s', (_name, message) => {
  test('is read by the stock runtime as the flyweight wrote it', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 0, max: 9 }), (numbers, slot) => {
        const values = valuesFor(message, drawFrom(numbers));
        const memory = memoryOf(1024);
        writeByFlyweight(message, memory, slot * 8, values);
        expect(readByStock(message, memory, slot * 8)).toEqual(values);
        expect(readByFlyweight(message, memory, slot * 8)).toEqual(values);
      }),
      RUNS,
    );
  });

  test('is read by the flyweight as the stock Builder wrote it', () => {
    fc.assert(
      fc.property(seeds, (numbers) => {
        const values = valuesFor(message, drawFrom(numbers));
        const buffer = buildByStock(message, values);
        expect(buffer.length).toBe(message.bytes - FRAME_HEADER_BYTES);
        const memory = memoryOf(1024);
        memory.u8.set(buffer, 64 + FRAME_HEADER_BYTES);
        expect(readByFlyweight(message, memory, 64)).toEqual(values);
      }),
      RUNS,
    );
  });

  test('has byte for byte the prefix and struct that the stock Builder makes', () => {
    const values = valuesFor(message, drawFrom([7, -1, 2 ** 31 - 1, 12_345]));
    const memory = memoryOf(1024);
    writeByFlyweight(message, memory, 0, values);
    const ours = memory.u8.slice(FRAME_HEADER_BYTES, message.bytes);
    expect([...ours]).toEqual([...buildByStock(message, values)]);
  });

  test('begins with a zeroed struct, whatever was in the memory', () => {
    const memory = memoryOf(1024);
    memory.u8.fill(0xa5);
    message.flyweight.begin(memory, 16);
    const struct = memory.u8.slice(16 + BODY_OFFSET, 16 + message.bytes);
    expect(struct.every((byte) => byte === 0)).toBe(true);
    expect(memory.u8[16 + message.bytes]).toBe(0xa5);
    expect(memory.u8[15]).toBe(0xa5);
  });
});

test('the cold log line carries any text through the stock runtime', () => {
  fc.assert(
    fc.property(
      fc.double({ noNaN: true }),
      fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      fc.string({ unit: 'grapheme', maxLength: 50 }),
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      (eventNs, level, source, text) => {
        const builder = new Builder(64);
        const at = [builder.createString(source), builder.createString(text)] as const;
        builder.finish(LogLine.createLogLine(builder, eventNs, level, at[0], at[1]));
        const line = LogLine.getRootAsLogLine(new ByteBuffer(builder.asUint8Array()));
        // FlatBuffers leaves a field out that equals its default, and 0 equals -0.
        expect(line.eventNs()).toBe(eventNs === 0 ? 0 : eventNs);
        expect(line.level()).toBe(level);
        expect(line.source()).toBe(source);
        expect(line.text()).toBe(text);
      },
    ),
    { numRuns: 100 },
  );
});
