// Writing to a real segment file: every length and offset a writer may ask for, from several
// buffers by turns, and the codes of what the system refuses.
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { JOURNAL_IO, JOURNAL_OK } from '../../../engine/journal/journal-code.ts';
import { RECORD_BYTES } from '../../../engine/journal/record.ts';
import { segmentName } from '../../../engine/journal/segment.ts';
import { SegmentFiles } from '../../../engine/journal/segment-file.ts';
import { tempFolder } from './journal-kit.ts';

const SEGMENT = 8192;
let dir: string;
let files: SegmentFiles;
let handle: number;

beforeEach(() => {
  dir = tempFolder();
  files = new SegmentFiles(dir);
  expect(files.prepare(1, SEGMENT)).toBe(JOURNAL_OK);
  handle = files.open(1);
});

function numbered(length: number, first: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => first + i);
}

test('a write puts exactly the bytes asked for at the position asked for', () => {
  const expected = new Uint8Array(SEGMENT);
  const buffers = [numbered(4 * RECORD_BYTES, 1), numbered(4 * RECORD_BYTES, 77)];
  // from, length, position: whole records, the rest after a short write, an odd piece, the end.
  const pieces = [
    [0, RECORD_BYTES, 0],
    [0, 4 * RECORD_BYTES, 512],
    [100, RECORD_BYTES - 100, 2048],
    [RECORD_BYTES, 2 * RECORD_BYTES, 3072],
    [0, 300, 4096],
    [0, 2 * RECORD_BYTES, SEGMENT - 2 * RECORD_BYTES],
  ] as const;
  for (const [n, [from, length, position]] of [...pieces, ...pieces].entries()) {
    const buffer = buffers[n % 2]!;
    buffer[n] = n;
    expect(files.write(handle, buffer, from, length, position)).toBe(length);
    expected.set(buffer.subarray(from, from + length), position);
  }
  expect(files.close(handle)).toBe(JOURNAL_OK);
  expect(Buffer.compare(readFileSync(join(dir, segmentName(1))), expected)).toBe(0);
});

test('what the system refuses is a code and a text, for whole records and for parts', () => {
  const buffer = numbered(RECORD_BYTES, 1);
  const readOnly = openSync(join(dir, segmentName(1)), 'r');
  for (const length of [RECORD_BYTES, 10]) {
    files.lastError = '';
    expect(files.write(readOnly, buffer, 0, length, 0)).toBe(JOURNAL_IO);
    expect(files.lastError).toContain('EBADF');
  }
  closeSync(readOnly);
  expect(files.close(handle)).toBe(JOURNAL_OK);
});
