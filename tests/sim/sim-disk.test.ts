// The simulated disk itself: what survives a killed process and what survives a power cut, and what
// the real journal code makes of either. Always: the real reader and opener judge, not the disk.
import { describe, expect, it } from 'vitest';
import { openJournalAt } from '../../engine/journal/open.ts';
import { readJournal } from '../../engine/journal/reader.ts';
import type { FlushPolicy } from '../../engine/journal/writer.ts';
import { ACTION_CANCEL } from '../../engine/messages/codes.ts';
import { CrashPoint, CrashSignal } from '../../engine/sim/crash-signal.ts';
import { Random } from '../../engine/sim/random.ts';
import { SimDisk } from '../../engine/sim/sim-disk.ts';
import { killFrame, requestFrame, smallJournal } from '../unit/journal/journal-kit.ts';

const crash = new CrashPoint();

function disk(seed = 1): SimDisk {
  return new SimDisk('disk', crash, new Random(seed, 1));
}

function open(on: SimDisk, policy: FlushPolicy, segmentBytes = 65_536) {
  return openJournalAt(on, smallJournal({ policy, segmentBytes })).writer;
}

function seqs(on: SimDisk): number[] {
  const found: number[] = [];
  readJournal(on.dir, (record) => found.push(record.seq), { source: on });
  return found;
}

describe('a killed process', () => {
  it('loses nothing that was written, synced or not', () => {
    const on = disk();
    const writer = open(on, 'none');
    for (let i = 1; i <= 10; i++) writer.append(requestFrame(i), 0, i, i);
    writer.flush();
    expect(seqs(on)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it('leaves a torn tail that the next life cuts', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const on = disk(seed);
      const writer = open(on, 'none');
      on.mood.tears = true;
      writer.append(requestFrame(1), 0, 1, 1);
      crash.arm(1);
      expect(() => writer.flush()).toThrow(CrashSignal);
      open(on, 'none');
      expect(seqs(on).at(-1)).toBeLessThanOrEqual(3);
    }
  });
});

describe('a write torn inside the first bytes of a new segment', () => {
  it.each([1, 2, 3])('is a torn tail when %i bytes of its head are there', (bytes) => {
    const on = disk();
    const writer = open(on, 'none', 8_192);
    for (let i = 1; i <= 40; i++) writer.append(requestFrame(i), 0, i, i);
    writer.flush();
    on.file('journal-000002.pkj')?.cache.fill(0, bytes);
    open(on, 'none', 8_192);
    const found = seqs(on);
    expect(found).toEqual(found.map((_, i) => i + 1));
  });
});

describe('a power cut', () => {
  it('keeps every record that was flushed before its send', () => {
    const on = disk();
    const writer = open(on, 'before-send');
    writer.append(requestFrame(1), 0, 1, 1);
    writer.flush();
    on.powerCut();
    expect(seqs(on)).toEqual([1, 2]);
  });

  it('that takes a page out of the last write is a torn tail, not damage', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const on = disk(seed);
      const writer = open(on, 'none');
      for (let i = 1; i <= 60; i++) writer.append(requestFrame(i), 0, i, i);
      writer.flush();
      on.powerCut();
      open(on, 'before-send');
      const found = seqs(on);
      expect(found).toEqual(found.map((_, i) => i + 1));
    }
  });

  it('that takes the head of a new segment out of the last write is a torn tail', () => {
    const on = disk();
    const writer = open(on, 'none', 8_192);
    for (let i = 1; i <= 48; i++) writer.append(requestFrame(i), 0, i, i);
    writer.flush();
    const second = on.file('journal-000002.pkj')!.cache;
    expect(second[4_096]).not.toBe(0);
    second.fill(0, 0, 4_096);
    open(on, 'none', 8_192);
    const found = seqs(on);
    expect(found.length).toBeGreaterThan(20);
    expect(found).toEqual(found.map((_, i) => i + 1));
  });

  it('after a restart takes nothing that the new life has read', () => {
    const on = disk();
    const first = open(on, 'none', 8_192);
    for (let i = 1; i <= 26; i++) first.append(requestFrame(i), 0, i, i);
    first.flush();
    const before = seqs(on).length;
    open(on, 'before-send', 8_192);
    on.powerCut();
    expect(seqs(on).length).toBeGreaterThan(before);
  });
});

describe('a disk without room for another segment', () => {
  it('takes the kill switch after any number of cancels', () => {
    const on = disk();
    const writer = openJournalAt(on, smallJournal({ reservedBytes: 2_048 })).writer;
    on.mood.full = true;
    for (let i = 1; i <= 60; i++) writer.append(requestFrame(i, ACTION_CANCEL), 0, i, i);
    expect(writer.append(requestFrame(61, ACTION_CANCEL), 0, 1, 1)).toBeLessThan(0);
    expect(writer.append(killFrame(1), 0, 1, 1)).toBeGreaterThan(0);
    expect(writer.flush()).toBe(0);
  });
});
