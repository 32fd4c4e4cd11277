// A real file system without room: placing stops with a code, kills and cancels are still written,
// the journal reads, and it goes on after room was made. Needs root and Linux for a small tmpfs;
// the same is tested everywhere on a disk in memory (tests/unit/journal/writer.test.ts).
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { JOURNAL_NO_SPACE } from '../../engine/journal/journal-code.ts';
import { openJournal } from '../../engine/journal/open.ts';
import { readJournal } from '../../engine/journal/reader.ts';
import {
  cancelFrame,
  killFrame,
  requestFrame,
  smallJournal,
  tempFolder,
} from '../unit/journal/journal-kit.ts';

const SEGMENT = 64 * 1024;
const sizes = { segmentBytes: SEGMENT, reservedBytes: 4096 };

/** A file system of `bytes`, or null where this process may not mount one. */
function smallDisk(bytes: number): string | null {
  const dir = tempFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', dir], {
      stdio: 'ignore',
    });
  } catch {
    return null;
  }
  onTestFinished(() => void execFileSync('umount', ['-l', dir]));
  return dir;
}

const mayMount = process.platform === 'linux' && process.getuid?.() === 0;

describe.skipIf(!mayMount)('a full disk (needs root on Linux to mount a small tmpfs)', () => {
  test('stops placing, keeps kills, and goes on after room was made', async (context) => {
    const dir = smallDisk(3 * SEGMENT);
    if (dir === null) return context.skip('mounting a tmpfs is not permitted here');
    writeFileSync(join(dir, 'ballast'), new Uint8Array(SEGMENT + SEGMENT / 2));
    const journal = await openJournal(dir, smallJournal(sizes));
    const { writer } = journal;
    let no = 1;
    while (writer.append(requestFrame(no), 0, no, no) > 0) no++;
    expect(writer.failure).toBe(JOURNAL_NO_SPACE);
    expect(journal.files.lastError).toContain('ENOSPC');
    const last = writer.lastSeq;
    expect(writer.append(killFrame(1), 0, 1, 1)).toBe(last + 1);
    expect(writer.append(cancelFrame(1), 0, 1, 1)).toBe(last + 2);
    expect(writer.flush()).toBe(0);
    expect(readJournal(dir, () => {})).toMatchObject({ lastSeq: last + 2, tail: null });

    rmSync(join(dir, 'ballast'));
    expect(writer.resume()).toBe(0);
    expect(writer.append(requestFrame(no), 0, no, no)).toBe(last + 3);
    expect(await journal.close()).toBe(0);
    expect(readJournal(dir, () => {})).toMatchObject({ lastSeq: last + 3, segment: 2, tail: null });
  });

  test('a journal that cannot be begun leaves no half-made segment', async (context) => {
    const dir = smallDisk(SEGMENT / 2);
    if (dir === null) return context.skip('mounting a tmpfs is not permitted here');
    await expect(openJournal(dir, smallJournal(sizes))).rejects.toThrow(/ENOSPC.*disk full/);
    expect(() => readJournal(dir, () => {})).toThrow('holds no journal');
  });
});
