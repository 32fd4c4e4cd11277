// The one changed byte behind a wrong CRC is found, whatever it was and wherever it stood. Run by
// vitest. Always: a change of more than one byte is never taken for one.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findChangedByte } from '../../../engine/journal/changed-byte.ts';
import { FrameLogWriter } from '../../../engine/journal/frame-log.ts';
import { FrameLogReader } from '../../../engine/journal/frame-log-reader.ts';
import { crc32 } from '../../../engine/messages/crc32.ts';
import { cancelFrame, requestFrame, tempFolder } from './journal-kit.ts';

test('any one changed byte is found, with what it was', () => {
  const property = fc.property(
    fc.uint8Array({ minLength: 1, maxLength: 2_000 }),
    fc.nat(),
    fc.integer({ min: 1, max: 255 }),
    (bytes, place, change) => {
      const expected = crc32(bytes, 0, bytes.length) | 0;
      const at = place % bytes.length;
      const was = bytes[at]!;
      bytes[at]! ^= change;
      const found = crc32(bytes, 0, bytes.length) | 0;
      expect(findChangedByte(bytes, expected, found)).toEqual({ at, was });
    },
  );
  fc.assert(property, { numRuns: 2_000 });
});

test('two changed bytes are not taken for one', () => {
  const bytes = new Uint8Array(500).fill(7);
  const expected = crc32(bytes, 0, 500) | 0;
  bytes[20] = 1;
  bytes[400] = 1;
  expect(findChangedByte(bytes, expected, crc32(bytes, 0, 500) | 0)).toBe(null);
});

test('a recording names the frame whose byte was changed', () => {
  const path = join(tempFolder(), 'day.frames');
  const writer = new FrameLogWriter(path, 1_024);
  for (let no = 1; no <= 12; no++)
    writer.append(no % 2 === 0 ? cancelFrame(no) : requestFrame(no), 0);
  writer.close();
  const bytes = readFileSync(path);
  bytes[64 + 32 + 30]! ^= 0x01;
  writeFileSync(path, bytes);
  const reader = new FrameLogReader(path);
  expect(() => reader.next({ onFrame: () => {} })).toThrow(
    `byte 64: the frames of block 1 do not match its CRC: byte ${64 + 32 + 30} was changed`,
  );
  reader.close();
  expect(() => new FrameLogReader(path).next({ onFrame: () => {} })).toThrow(
    'frame 1 of the block, type',
  );
});
