// What crosses a process or the disk is refused unless it is whole: the generated verifier finds
// cut, mislabelled and non-finite frames; CRC-32 finds what has the right shape but other bytes.
import { describe, expect, test } from 'vitest';
import { crc32 } from '../../../engine/messages/crc32.ts';
import { BODY_OFFSET, frameType } from '../../../engine/messages/frames.ts';
import * as verify from '../../../engine/messages/generated/verify.ts';
import { MESSAGES, memoryOf, valuesFor, writeByFlyweight } from './message-kit.ts';

const { frameBytes, VERIFY_OK, verifyFrame } = verify;

describe.each(MESSAGES.map((m) => [m.name, m] as const))('a frame of %s', (_name, message) => {
  function soundFrame() {
    const memory = memoryOf(1024);
    let seed = 1;
    const next = () => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) | 0;
      return seed;
    };
    writeByFlyweight(message, memory, 64, valuesFor(message, next));
    return memory;
  }

  test('passes when it is whole, also with more bytes behind it', () => {
    const memory = soundFrame();
    expect(verifyFrame(memory, 64, message.bytes)).toBe(VERIFY_OK);
    expect(verifyFrame(memory, 64, 1024 - 64)).toBe(VERIFY_OK);
  });

  test('is refused at every truncation', () => {
    const memory = soundFrame();
    for (let available = 0; available < message.bytes; available++) {
      expect(verifyFrame(memory, 64, available)).toBe(verify.VERIFY_TRUNCATED);
    }
  });

  test('is refused with any byte of length, type or prefix changed', () => {
    const memory = soundFrame();
    const crc = crc32(memory.u8, 64, 64 + message.bytes);
    for (let at = 64; at < 64 + BODY_OFFSET; at++) {
      for (let flip = 1; flip < 256; flip++) {
        memory.u8[at] ^= flip;
        // Another message of the same size is the CRC's to find.
        const twin = frameBytes(frameType(memory, 64)) === message.bytes && at >= 68 && at < 72;
        const result = verifyFrame(memory, 64, message.bytes);
        if (twin ? result > VERIFY_OK : result >= VERIFY_OK) {
          expect.fail(`byte ${at - 64} flipped by ${flip} passed`);
        }
        if (crc32(memory.u8, 64, 64 + message.bytes) === crc) expect.fail('CRC did not change');
        memory.u8[at] ^= flip;
      }
    }
    expect(verifyFrame(memory, 64, message.bytes)).toBe(VERIFY_OK);
  });

  test('is refused with NaN or an infinity in any float64 field', () => {
    for (const scalar of message.scalars) {
      if (scalar.kind !== 'float64') continue;
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        const memory = soundFrame();
        memory.f64[(64 + scalar.offset) >> 3] = bad;
        const result = verifyFrame(memory, 64, message.bytes);
        expect(result, `${scalar.name}=${bad}`).toBe(verify.VERIFY_NOT_FINITE);
      }
    }
  });
});

test('a type number that no message has is refused', () => {
  const memory = memoryOf(64);
  memory.i32.set([64, 999]);
  expect(verifyFrame(memory, 0, 64)).toBe(verify.VERIFY_UNKNOWN_TYPE);
  expect(frameBytes(0)).toBe(0);
});
