// The bytes of every message: aligned, without holes between fields, one head for all, sizes as
// published.
import { describe, expect, test } from 'vitest';
import {
  align8,
  BODY_OFFSET,
  copyFrame,
  FrameMemory,
  frameLength,
  frameType,
  prefixSizes,
} from '../../../engine/messages/frames.ts';
import { MAX_FRAME_BYTES } from '../../../engine/messages/generated/types.ts';
import { frameBytes } from '../../../engine/messages/generated/verify.ts';
import { bodyBytes, MESSAGES, memoryOf } from './message-kit.ts';

const SIZES = { int16: 2, int32: 4, float64: 8 };

describe.each(MESSAGES.map((m) => [m.name, m] as const))('%s', (_name, message) => {
  test('has every field aligned to its size, and filler only at its end', () => {
    let next = BODY_OFFSET;
    for (const scalar of message.scalars) {
      expect(scalar.offset % SIZES[scalar.kind], scalar.name).toBe(0);
      expect(scalar.offset, `${scalar.name} follows the field before`).toBe(next);
      next += SIZES[scalar.kind];
    }
    expect(align8(next)).toBe(message.bytes);
    expect(message.bytes % 8).toBe(0);
  });

  test('opens with the common 24-byte head', () => {
    const head = message.scalars.slice(0, 5).map((s) => `${s.name} ${s.kind} ${s.offset}`);
    expect(head).toEqual([
      'sequence int32 24',
      'source int16 28',
      'flags int16 30',
      'eventNs float64 32',
      'recvNs float64 40',
    ]);
  });

  test('writes the length, type and prefix that the frame layout states', () => {
    const memory = memoryOf(1024);
    message.flyweight.begin(memory, 8);
    expect(frameLength(memory, 8)).toBe(message.bytes);
    expect(frameType(memory, 8)).toBe(message.type);
    expect(memory.i32[(8 + 16) >> 2]).toBe(prefixSizes(bodyBytes(message)));
    expect(frameBytes(message.type)).toBe(message.bytes);
    expect(message.bytes).toBeLessThanOrEqual(MAX_FRAME_BYTES);
  });
});

test('type numbers and names are unique', () => {
  expect(new Set(MESSAGES.map((m) => m.type)).size).toBe(MESSAGES.length);
  expect(new Set(MESSAGES.map((m) => m.name)).size).toBe(MESSAGES.length);
});

test('the longest message is the published maximum', () => {
  expect(Math.max(...MESSAGES.map((m) => m.bytes))).toBe(MAX_FRAME_BYTES);
});

test('copyFrame copies the frame, the whole frame and nothing but the frame', () => {
  const source = memoryOf(256);
  const target = memoryOf(256);
  source.u8.forEach((_, i) => {
    source.u8[i] = i;
  });
  source.i32[16 >> 2] = 40;
  expect(copyFrame(source, 16, target, 64)).toBe(40);
  expect([...target.u8.slice(64, 104)]).toEqual([...source.u8.slice(16, 56)]);
  expect(target.u8.slice(0, 64).every((byte) => byte === 0)).toBe(true);
  expect(target.u8.slice(104).every((byte) => byte === 0)).toBe(true);
});

test('a frame memory refuses a start or length off the 8-byte grid', () => {
  expect(() => new FrameMemory(new ArrayBuffer(64), 4)).toThrow('byteOffset=4');
  expect(() => new FrameMemory(new ArrayBuffer(60))).toThrow('byteLength=60');
});

test('align8 rounds up to a multiple of 8', () => {
  expect([0, 1, 7, 8, 9, 423].map(align8)).toEqual([0, 8, 8, 8, 16, 424]);
});
