// A real file system without room: placing stops with a code, kills and cancels are still written,
// the journal reads, and it goes on after room was made. Needs root and Linux for a small tmpfs;
// the same is tested everywhere on a disk in memory (tests/unit/journal/writer.test.ts).
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FrameLogWriter } from '../../engine/journal/frame-log.ts';
import { FrameLogFullError } from '../../engine/journal/frame-log-block.ts';
import { FrameLogReader } from '../../engine/journal/frame-log-reader.ts';
import { JOURNAL_NO_SPACE } from '../../engine/journal/journal-code.ts';
import { openJournal } from '../../engine/journal/open.ts';
import { readJournal } from '../../engine/journal/reader.ts';
import { verifyJournal } from '../../engine/journal/verify.ts';
import { endAllEngines, startEngine, writeConfig } from '../support/run-engine.ts';
import { waitFor } from '../support/wait-for.ts';
import {
  cancelFrame,
  killFrame,
  requestFrame,
  smallJournal,
  tempFolder,
} from '../unit/journal/journal-kit.ts';

const SEGMENT = 64 * 1024;
const MIB = 1024 * 1024;
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

  test('a recording waits for room and has every frame in the end', async (context) => {
    const dir = smallDisk(3 * SEGMENT);
    if (dir === null) return context.skip('mounting a tmpfs is not permitted here');
    const ballast = join(dir, 'ballast');
    writeFileSync(ballast, new Uint8Array(2 * SEGMENT));
    const path = join(dir, 'day.pkl');
    const log = new FrameLogWriter(path, 32 * 1024);
    let no = 0;
    const fill = () => {
      while (log.room >= 1024) log.append(requestFrame(++no), 0);
    };
    const write = () => {
      for (fill(); ; fill()) log.flush();
    };
    expect(write).toThrow(FrameLogFullError);
    expect(() => log.flush()).toThrow('no room (ENOSPC');
    rmSync(ballast);
    log.flush();
    log.append(requestFrame(++no), 0);
    log.close();
    const reader = new FrameLogReader(path);
    let frames = 0;
    while (reader.next({ onFrame: () => void frames++ }));
    expect([frames, reader.tail]).toEqual([no, null]);
    reader.close();
  });

  test('an engine refuses orders, says so, and goes on when there is room', async (context) => {
    const dir = smallDisk(6 * MIB);
    if (dir === null) return context.skip('mounting a tmpfs is not permitted here');
    writeFileSync(join(dir, 'ballast'), new Uint8Array(3 * MIB + MIB / 2));
    const busy = { file: 'steady', params: { everyMs: 0, rest: false } };
    const fast = { speed: 60, recording: false };
    const run = startEngine([writeConfig(dir, [busy], fast)]);
    onTestFinished(endAllEngines);
    await run.says('no next segment: disk full');
    const journal = join(dir, 'run/journal-0');
    // All but the room for kills and cancels is used: from here on every order is refused.
    const used = () => verifyJournal(journal).segments[1]?.records ?? 0;
    await waitFor('a full last segment', () => used() >= 3_072 || run.ended);
    expect(run.ended, run.text).toBe(false);
    const before = verifyJournal(journal);
    expect(before).toMatchObject({ chainOk: true, tail: null });
    rmSync(join(dir, 'ballast'));
    await run.says('there is room again');
    await waitFor('more records', () => verifyJournal(journal).total > before.total + 100);
    expect(run.ended, run.text).toBe(false);
    expect(verifyJournal(journal)).toMatchObject({ chainOk: true, epochs: [1], tail: null });
  });

  test('a journal that cannot be begun leaves no half-made segment', async (context) => {
    const dir = smallDisk(SEGMENT / 2);
    if (dir === null) return context.skip('mounting a tmpfs is not permitted here');
    await expect(openJournal(dir, smallJournal(sizes))).rejects.toThrow(/ENOSPC.*disk full/);
    expect(() => readJournal(dir, () => {})).toThrow('holds no journal');
  });
});
