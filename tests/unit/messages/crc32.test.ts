// Our CRC-32 is zlib's, for every range, alignment and seed; the journal and the bridges in other
// languages rely on it.
import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32, crcInt32 } from '../../../engine/messages/crc32.ts';

test('equals zlib on any range of any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(600), fc.nat(600), (bytes, a, b) => {
      const from = Math.min(a, b, bytes.length);
      const to = Math.min(Math.max(a, b), bytes.length);
      expect(crc32(bytes, from, to)).toBe(zlib.crc32(bytes.subarray(from, to)));
      expect(crcInt32(bytes, from, to)).toBe(zlib.crc32(bytes.subarray(from, to)) | 0);
    }),
    { numRuns: 500 },
  );
});

test('continues from the CRC of what came before', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, cut) => {
      const at = Math.min(cut, bytes.length);
      const whole = crc32(bytes, 0, bytes.length);
      expect(crc32(bytes, at, bytes.length, crc32(bytes, 0, at))).toBe(whole);
    }),
  );
});

test('has the published check value', () => {
  expect(crc32(new TextEncoder().encode('123456789'), 0, 9)).toBe(0xcbf43926);
  expect(crc32(new Uint8Array(0), 0, 0)).toBe(0);
});
