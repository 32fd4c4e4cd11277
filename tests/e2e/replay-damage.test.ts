// `pankou replay` of a recording with one byte changed says which byte of which input it was, or
// which block is broken; it never answers "equal" and never replays what is not proven.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { replay } from '../../engine/backtest/replay.ts';
import { recordingFile } from '../../engine/host/recording-file.ts';
import { FrameMemory, frameLength, frameType } from '../../engine/messages/frames.ts';
import { Merge } from '../../engine/messages/generated/event.ts';
import { endAllEngines, startEngine, tempFolder, writeConfig } from '../support/run-engine.ts';

const LOG_HEAD = 64;
const BLOCK_HEAD = 32;

afterEach(endAllEngines);

interface Block {
  readonly at: number;
  /** Bytes of its first outside frame and its first record of the batch plan, in the file. */
  readonly frameAt: number;
  readonly mergeAt: number;
}

function blocksOf(bytes: Buffer): Block[] {
  const memory = new FrameMemory(new Uint8Array(bytes).buffer);
  const blocks: Block[] = [];
  for (let at = LOG_HEAD; at < bytes.length; at += BLOCK_HEAD + bytes.readInt32LE(at + 12)) {
    let frameAt = -1;
    let mergeAt = -1;
    const end = at + BLOCK_HEAD + bytes.readInt32LE(at + 12);
    for (let f = at + BLOCK_HEAD; f < end; f += frameLength(memory, f)) {
      if (frameType(memory, f) === Merge.TYPE) mergeAt = mergeAt < 0 ? f : mergeAt;
      else if (frameAt < 0) frameAt = f;
    }
    blocks.push({ at, frameAt, mergeAt });
  }
  return blocks;
}

test('a changed byte is named: file, byte, frame, sequence and input, or the block', async () => {
  const dir = tempFolder();
  const config = writeConfig(dir, [{ file: 'steady' }]);
  const run = startEngine([config, '--no-api', '--for', '1500ms']);
  expect(await run.exit, run.text).toBe(0);
  const recording = join(dir, 'run', 'recording-0001');
  expect((await replay(recording)).equal).toBe(true);

  const path = recordingFile(recording, 'gateway:0');
  const clean = readFileSync(path);
  const blocks = blocksOf(clean);
  const middle = blocks.findIndex((b) => b.frameAt > 0 && b.mergeAt > b.frameAt);
  expect(middle).toBeGreaterThanOrEqual(0);
  expect(middle).toBeLessThan(blocks.length - 1);
  const { at, frameAt, mergeAt } = blocks[middle]!;
  const no = middle + 1;
  const places: [what: string, byte: number, expected: RegExp][] = [
    ['file head', 10, /gateway-0\.frames byte 0: has no sound head/],
    ['block head', at + 16, RegExp(`gateway-0\\.frames byte ${at}: no sound head of block ${no}`)],
    ['block CRC', at + 20, RegExp(`byte ${at}: no sound head of block ${no}.*gateway:0 had taken`)],
    ['chain', at + 24, RegExp(`byte ${at}: no sound head of block ${no}`)],
    [
      'outside frame',
      frameAt + 48,
      RegExp(
        `byte ${at}: .*byte ${frameAt + 48} was changed.*sequence \\d+, of input port [01]; .*` +
          'before it gateway:0 had taken \\d+ batches',
      ),
    ],
    [
      'batch plan',
      mergeAt + 56,
      RegExp(`byte ${at}: .*byte ${mergeAt + 56} was changed.*the batch plan`),
    ],
  ];
  for (const [what, byte, expected] of places) {
    const bytes = Buffer.from(clean);
    bytes[byte]! ^= 0x04;
    writeFileSync(path, bytes);
    await expect(replay(recording), what).rejects.toThrow(expected);
  }

  const last = blocks[blocks.length - 1]!;
  const bytes = Buffer.from(clean);
  bytes[last.at + BLOCK_HEAD + 40]! ^= 0x04;
  writeFileSync(path, bytes);
  const report = await replay(recording);
  expect(report.equal).toBe(false);
  expect(report.differences[0]).toMatch(
    RegExp(`recording of gateway:0 ends at byte ${last.at} of .*byte ${last.at + 72} was changed`),
  );

  writeFileSync(path, clean.subarray(0, last.at));
  const cut = await replay(recording);
  expect(cut.equal).toBe(false);
  expect(cut.differences.join('\n')).toContain('recording of gateway:0 has no checkpoint');
});
