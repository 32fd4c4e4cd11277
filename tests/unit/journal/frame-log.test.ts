// Recordings come back byte for byte, or the damage is named; a torn end is reported.
// All on real files.
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { FrameLogWriter } from '../../../engine/journal/frame-log.ts';
import {
  BLOCK_HEAD_BYTES,
  FrameLogError,
  LOG_HEAD_BYTES,
} from '../../../engine/journal/frame-log-block.ts';
import { FrameLogReader, type FrameLogTail } from '../../../engine/journal/frame-log-reader.ts';
import type { FrameMemory } from '../../../engine/messages/frames.ts';
import { cancelFrame, fillFrame, requestFrame, tempFolder } from './journal-kit.ts';

let path: string;

beforeEach(() => {
  path = join(tempFolder(), 'day.pkl');
});

/** Records `count` frames of three lengths; their bytes. */
function record(count: number, blockBytes = 1024): Buffer[] {
  const writer = new FrameLogWriter(path, blockBytes);
  const frames: Buffer[] = [];
  for (let no = 1; no <= count; no++) {
    const frame = [requestFrame, cancelFrame, fillFrame][no % 3](no);
    writer.append(frame, 0);
    frames.push(bytesOf(frame, 0));
    if (no % 11 === 0) writer.flush();
  }
  writer.close();
  return frames;
}

function play(): { frames: Buffer[]; tail: FrameLogTail | null } {
  const reader = new FrameLogReader(path);
  const frames: Buffer[] = [];
  const handler = {
    onFrame: (_type: number, memory: FrameMemory, at: number) =>
      void frames.push(bytesOf(memory, at)),
  };
  try {
    while (reader.next(handler));
    expect(reader.next(handler)).toBe(false);
    return { frames, tail: reader.tail };
  } finally {
    reader.close();
  }
}

function bytesOf(memory: FrameMemory, at: number): Buffer {
  return Buffer.from(memory.u8.slice(at, at + memory.i32[at >> 2]));
}

test('every frame comes back byte for byte, in order, whatever the block size', () => {
  for (const blockBytes of [512, 1024, 64 * 1024]) {
    path = join(tempFolder(), 'day.pkl');
    const frames = record(200, blockBytes);
    expect(play()).toEqual({ frames, tail: null });
  }
});

test('an empty recording is one with no frames', () => {
  new FrameLogWriter(path).close();
  expect(play()).toEqual({ frames: [], tail: null });
});

test('equal frames give equal files', () => {
  record(100);
  const first = readFileSync(path);
  path = join(tempFolder(), 'again.pkl');
  record(100);
  expect(readFileSync(path).equals(first)).toBe(true);
});

test('cut at every byte of the last block: the blocks before come back', () => {
  const frames = record(15);
  const size = statSync(path).size;
  const lastBlock =
    size - BLOCK_HEAD_BYTES - frames.slice(14).reduce((sum, f) => sum + f.length, 0);
  const clean = readFileSync(path);
  for (let cut = size - 1; cut > lastBlock; cut--) {
    truncateSync(path, cut);
    const { frames: got, tail } = play();
    expect(got.length).toBeLessThan(frames.length);
    expect(got).toEqual(frames.slice(0, got.length));
    expect(tail).toMatchObject({ bytes: cut - tail!.offset });
  }
  writeFileSync(path, clean);
  expect(play().frames).toEqual(frames);
});

test('every changed byte before the last block is damage, never other frames', () => {
  const frames = record(25, 512);
  const clean = readFileSync(path);
  const end = LOG_HEAD_BYTES + 3 * BLOCK_HEAD_BYTES + 900;
  for (let at = 0; at < end; at += at < 200 ? 1 : 5) {
    const bytes = Buffer.from(clean);
    bytes[at] ^= 0x10;
    writeFileSync(path, bytes);
    expect(play, `byte ${at}`).toThrow(FrameLogError);
  }
  writeFileSync(path, clean);
  expect(play().frames).toEqual(frames);
});

test('blocks swapped or taken out are caught', () => {
  record(44);
  const clean = readFileSync(path);
  const starts: number[] = [];
  for (let at = LOG_HEAD_BYTES; at < clean.length; ) {
    starts.push(at);
    at += BLOCK_HEAD_BYTES + clean.readInt32LE(at + 12);
  }
  expect(starts.length).toBeGreaterThan(3);
  writeFileSync(path, Buffer.concat([clean.subarray(0, starts[1]), clean.subarray(starts[2])]));
  expect(play).toThrow(/block 3, expected 2/);
});

test('a block of the same number from another recording is caught by the chain', () => {
  const secondAt = (bytes: Buffer) =>
    LOG_HEAD_BYTES + BLOCK_HEAD_BYTES + bytes.readInt32LE(LOG_HEAD_BYTES + 12);
  record(20);
  const first = readFileSync(path);
  path = join(tempFolder(), 'other.pkl');
  record(30, 512);
  const other = readFileSync(path);
  const joined = [first.subarray(0, secondAt(first)), other.subarray(secondAt(other))];
  writeFileSync(path, Buffer.concat(joined));
  expect(play).toThrow('chain does not name the block before');
});

test('an existing file is not overwritten, a foreign one not read', () => {
  writeFileSync(path, 'day,price\n'.repeat(20));
  expect(() => new FrameLogWriter(path)).toThrow('each recording is a new file');
  expect(() => new FrameLogReader(path)).toThrow("expected 'PKFL'");
  expect(() => new FrameLogReader(`${path}.none`)).toThrow('cannot be opened');
});

test('a frame that fails the verifier is not recorded', () => {
  const writer = new FrameLogWriter(path);
  const broken = requestFrame(1);
  broken.i32[0] += 8;
  expect(() => writer.append(broken, 0)).toThrow('not sound');
  writer.close();
  expect(play().frames).toEqual([]);
});
