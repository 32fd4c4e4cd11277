// The writer on a disk in memory that is full, slow or broken on demand. Each journal it leaves is
// read back by the real reader.
import { describe, expect, test } from 'vitest';
import * as code from '../../../engine/journal/journal-code.ts';
import { RECORD_BYTES } from '../../../engine/journal/record.ts';
import { JournalSyncer } from '../../../engine/journal/syncer.ts';
import { SHARED_BYTES, SHARED_SEGMENT_RECORDS } from '../../../engine/journal/writer.ts';
import {
  cancelFrame,
  fillFrame,
  killFrame,
  MemoryDisk,
  newWriter,
  rawWriter,
  requestFrame,
} from './journal-kit.ts';
import { readDisk } from './read-disk.ts';

const shared = () => new Int32Array(new SharedArrayBuffer(SHARED_BYTES));

describe('batches', () => {
  test('records reach the disk with one write at flush, and only then count as written', () => {
    const disk = new MemoryDisk();
    const writer = newWriter(disk);
    const writes = disk.writes;
    for (let no = 1; no <= 10; no++)
      expect(writer.append(requestFrame(no), 0, no, no)).toBe(no + 1);
    expect(disk.writes).toBe(writes);
    expect(writer.writtenSeq).toBe(1);
    expect(writer.flush()).toBe(0);
    expect(disk.writes).toBe(writes + 1);
    expect(writer.writtenSeq).toBe(11);
  });

  test('a full batch is flushed by the append that does not fit', () => {
    const disk = new MemoryDisk();
    const writer = newWriter(disk, { batch: 4 });
    for (let no = 1; no <= 4; no++) writer.append(requestFrame(no), 0, no, no);
    expect(writer.writtenSeq).toBe(1);
    expect(writer.append(requestFrame(5), 0, 5, 5)).toBe(6);
    expect(writer.writtenSeq).toBe(5);
  });

  test('when append() fails to flush a full batch, the next flush() says so, once', () => {
    const disk = new MemoryDisk();
    const writer = newWriter(disk, { batch: 4 });
    for (let no = 1; no <= 4; no++) expect(writer.append(requestFrame(no), 0, 1, 1)).toBe(no + 1);
    disk.room = 0;
    expect(writer.append(requestFrame(5), 0, 1, 1)).toBe(code.JOURNAL_NO_SPACE);
    disk.room = Number.POSITIVE_INFINITY;
    expect(writer.append(killFrame(1), 0, 1, 1)).toBe(2);
    expect(writer.flush()).toBe(code.JOURNAL_NO_SPACE);
    expect(writer.flush()).toBe(0);
    expect(readDisk(disk).types).toEqual(['EPOCH', 'KILL']);
  });

  test('a write that is taken in pieces is continued until all is written', () => {
    const disk = new MemoryDisk();
    disk.shortAt = 100;
    const writer = newWriter(disk);
    for (let no = 1; no <= 6; no++) writer.append(requestFrame(no), 0, no, no);
    expect(writer.flush()).toBe(0);
    expect(writer.shortWrites).toBeGreaterThan(10);
    expect(readDisk(disk).end.lastSeq).toBe(7);
  });

  test('equal inputs give equal bytes', () => {
    const run = () => {
      const disk = new MemoryDisk();
      const writer = newWriter(disk, { batch: 5 });
      for (let no = 1; no <= 70; no++) {
        writer.append(no % 7 === 0 ? fillFrame(no) : requestFrame(no), 0, no * 1e9, no * 10);
        if (no % 3 === 0) writer.flush();
      }
      writer.close();
      return [...disk.segments.values()].map((bytes) => Buffer.from(bytes));
    };
    const first = run();
    expect(first.length).toBe(3);
    expect(run()).toEqual(first);
  });
});

describe('refusals', () => {
  test('nothing is accepted before the EPOCH record', () => {
    const writer = rawWriter(new MemoryDisk());
    expect(writer.append(requestFrame(1), 0, 1, 1)).toBe(code.JOURNAL_NO_EPOCH);
    expect(writer.append(killFrame(1), 0, 1, 1)).toBe(code.JOURNAL_NO_EPOCH);
  });

  test('a frame that fails the verifier, or a time that is no number, is not written', () => {
    const writer = newWriter(new MemoryDisk());
    const broken = requestFrame(1);
    broken.i32[3] ^= 1;
    expect(writer.append(broken, 0, 1, 1)).toBe(code.JOURNAL_BAD_FRAME);
    expect(writer.append(requestFrame(1), 0, Number.NaN, 1)).toBe(code.JOURNAL_BAD_TIME);
    expect(writer.append(requestFrame(1), 0, 1, Infinity)).toBe(code.JOURNAL_BAD_TIME);
    expect(writer.lastSeq).toBe(1);
  });

  test('a closed writer refuses everything', () => {
    const writer = newWriter(new MemoryDisk());
    expect(writer.close()).toBe(0);
    expect(writer.append(killFrame(1), 0, 1, 1)).toBe(code.JOURNAL_CLOSED);
    expect(writer.flush()).toBe(code.JOURNAL_CLOSED);
  });

  test('the end of the sequence numbers is a code, not a wrap to negative ones', () => {
    const disk = new MemoryDisk();
    disk.prepare(1, 8192);
    const position = { segment: 1, handle: 1, offset: 512, seq: 0x7ffffffd, chain: 5 };
    const writer = newWriter(disk, { position });
    expect(writer.append(requestFrame(1), 0, 1, 1)).toBe(0x7fffffff);
    expect(writer.append(requestFrame(2), 0, 1, 1)).toBe(code.JOURNAL_SEQ_END);
  });
});

describe('a full disk', () => {
  test('placing stops when no next segment can be made; kills and cancels still fit', () => {
    const disk = new MemoryDisk();
    const writer = newWriter(disk);
    disk.prepareCode = code.JOURNAL_NO_SPACE;
    let no = 1;
    while (writer.append(requestFrame(no), 0, no, no) > 0) no++;
    expect(writer.failure).toBe(code.JOURNAL_NO_SPACE);
    const before = writer.lastSeq;
    expect(before).toBe(27);
    expect(writer.append(requestFrame(99), 0, 1, 1)).toBe(code.JOURNAL_NO_SPACE);
    expect(writer.append(fillFrame(99), 0, 1, 1)).toBe(code.JOURNAL_NO_SPACE);
    expect(writer.append(killFrame(1), 0, 1, 1)).toBe(before + 1);
    for (let i = 2; i <= 4; i++) expect(writer.append(cancelFrame(i), 0, 1, 1)).toBe(before + i);
    expect(writer.append(cancelFrame(5), 0, 1, 1)).toBe(code.JOURNAL_RESERVE_END);
    expect(writer.flush()).toBe(0);
    const { end, types } = readDisk(disk);
    expect(end.lastSeq).toBe(before + 4);
    expect(types.slice(-4)).toEqual(['KILL', 'CANCEL', 'CANCEL', 'CANCEL']);
  });

  test('after resume() the journal goes on in the next segment', () => {
    const disk = new MemoryDisk();
    const writer = newWriter(disk);
    disk.prepareCode = code.JOURNAL_NO_SPACE;
    let no = 1;
    while (writer.append(requestFrame(no), 0, no, no) > 0) no++;
    writer.append(killFrame(1), 0, 1, 1);
    expect(writer.resume()).toBe(code.JOURNAL_NO_SPACE);
    disk.prepareCode = 0;
    expect(writer.resume()).toBe(0);
    expect(writer.append(requestFrame(no), 0, no, no)).toBe(29);
    expect(writer.flush()).toBe(0);
    expect(readDisk(disk).end).toMatchObject({ lastSeq: 29, segment: 2, tail: null });
  });

  test('the journal goes on by itself when the other thread finds room for a segment', () => {
    const disk = new MemoryDisk();
    const counters = shared();
    const writer = newWriter(disk, { policy: 'group', shared: counters });
    const syncer = new JournalSyncer({ files: disk, shared: counters, segmentBytes: 8192 });
    disk.prepareCode = code.JOURNAL_NO_SPACE;
    expect(syncer.prepareNextSegment()).toBe(code.JOURNAL_NO_SPACE);
    const tried = disk.prepares;
    let no = 1;
    while (writer.append(requestFrame(no), 0, no, no) > 0) no++;
    // It was known that there is no room: the hot thread did not fill the disk to see it again.
    expect([disk.prepares, writer.failure]).toEqual([tried, code.JOURNAL_NO_SPACE]);
    expect(writer.append(cancelFrame(1), 0, 1, 1)).toBe(no + 1);
    expect(writer.flush()).toBe(0);
    disk.prepareCode = 0;
    expect(writer.append(requestFrame(no), 0, no, no)).toBe(code.JOURNAL_NO_SPACE);
    expect(syncer.prepareNextSegment()).toBe(0);
    expect(writer.append(requestFrame(no), 0, no, no)).toBe(no + 2);
    expect(writer.flush()).toBe(0);
    expect(readDisk(disk).end).toMatchObject({ lastSeq: no + 2, segment: 2, tail: null });
    syncer.close();
  });

  test.each([0, 100, 256, 300, 512, 700, 1279])(
    'a write that fails after %i bytes leaves a journal that reads and goes on',
    (room) => {
      const disk = new MemoryDisk();
      const writer = newWriter(disk);
      for (let no = 1; no <= 5; no++) writer.append(requestFrame(no), 0, no, no);
      disk.room = room;
      expect(writer.flush()).toBe(code.JOURNAL_NO_SPACE);
      const kept = Math.floor(room / RECORD_BYTES);
      expect(writer.writtenSeq).toBe(1 + kept);
      expect(writer.lastSeq).toBe(1 + kept);
      expect(readDisk(disk).end.lastSeq).toBe(1 + kept);
      disk.room = Number.POSITIVE_INFINITY;
      expect(writer.append(requestFrame(9), 0, 1, 1)).toBe(code.JOURNAL_NO_SPACE);
      expect(writer.append(killFrame(1), 0, 9, 9)).toBe(2 + kept);
      expect(writer.flush()).toBe(0);
      const { end, types } = readDisk(disk);
      expect(end).toMatchObject({ lastSeq: 2 + kept, tail: null });
      expect(types.at(-1)).toBe('KILL');
    },
  );

  test('bytes of a failed batch that reached the disk unreported are not taken for records', () => {
    const disk = new MemoryDisk();
    const writer = newWriter(disk);
    for (let no = 1; no <= 5; no++) writer.append(requestFrame(no), 0, no, no);
    const write = disk.write.bind(disk);
    // All five records land, yet the call fails: what a device error after the copy looks like.
    disk.write = (...args) => {
      write(...args);
      return code.JOURNAL_IO;
    };
    expect(writer.flush()).toBe(code.JOURNAL_IO);
    disk.write = write;
    writer.append(cancelFrame(1), 0, 9, 9);
    expect(writer.flush()).toBe(0);
    const { end, types } = readDisk(disk);
    expect(end).toMatchObject({ lastSeq: 2, tail: null });
    expect(types).toEqual(['EPOCH', 'CANCEL']);
  });

  test('a failed first batch takes EPOCH back, and nothing may follow without it', () => {
    const disk = new MemoryDisk();
    disk.room = 300;
    const writer = newWriter(disk);
    expect(writer.failure).toBe(code.JOURNAL_NO_SPACE);
    expect(writer.append(killFrame(1), 0, 1, 1)).toBe(code.JOURNAL_NO_EPOCH);
  });

  test('an input/output error cannot be resumed from', () => {
    const disk = new MemoryDisk();
    const writer = newWriter(disk);
    disk.room = 0;
    disk.writeCode = code.JOURNAL_IO;
    writer.append(requestFrame(1), 0, 1, 1);
    expect(writer.flush()).toBe(code.JOURNAL_IO);
    expect(writer.resume()).toBe(code.JOURNAL_IO);
  });
});

describe('segments', () => {
  test('a segment prepared in time is used, one that is not is made and counted', () => {
    const disk = new MemoryDisk();
    const writer = newWriter(disk);
    expect(writer.prepareNextSegment()).toBe(0);
    for (let no = 1; no <= 30; no++) writer.append(requestFrame(no), 0, no, no);
    expect([writer.segment, writer.lateSegments]).toEqual([2, 0]);
    for (let no = 31; no <= 60; no++) writer.append(requestFrame(no), 0, no, no);
    expect([writer.segment, writer.lateSegments]).toEqual([3, 1]);
    writer.flush();
    expect(readDisk(disk).end).toMatchObject({ lastSeq: 61, tail: null });
  });

  test('the reserved room of a segment that was left in order stays unused', () => {
    const disk = new MemoryDisk();
    const writer = newWriter(disk);
    for (let no = 1; no <= 40; no++) writer.append(cancelFrame(no), 0, no, no);
    writer.flush();
    expect(
      disk.segments
        .get(1)!
        .subarray(8192 - 1024)
        .every((byte) => byte === 0),
    ).toBe(true);
    expect(readDisk(disk).end.lastSeq).toBe(41);
  });
});

describe('flush policies', () => {
  test('before-send waits for the device at every flush, and only when there is something', () => {
    const disk = new MemoryDisk();
    const writer = newWriter(disk, { policy: 'before-send' });
    const syncs = disk.syncs;
    writer.append(requestFrame(1), 0, 1, 1);
    writer.flush();
    writer.flush();
    expect(disk.syncs).toBe(syncs + 1);
    expect(writer.syncedSeq).toBe(2);
  });

  test('a device that fails to flush stops placing for good, while kills are still written', () => {
    const disk = new MemoryDisk();
    const writer = newWriter(disk, { policy: 'before-send' });
    disk.syncCode = code.JOURNAL_IO;
    writer.append(requestFrame(1), 0, 1, 1);
    expect(writer.flush()).toBe(code.JOURNAL_SYNC);
    disk.syncCode = 0;
    expect(writer.append(requestFrame(2), 0, 1, 1)).toBe(code.JOURNAL_SYNC);
    expect(writer.append(killFrame(1), 0, 1, 1)).toBe(3);
    expect(writer.flush()).toBe(0);
    expect(writer.syncedSeq).toBe(1);
    expect(writer.resume()).toBe(code.JOURNAL_SYNC);
  });

  test('group only writes; the other thread brings it to the device, across segments', () => {
    const disk = new MemoryDisk();
    const counters = shared();
    const writer = newWriter(disk, { policy: 'group', shared: counters });
    const syncer = new JournalSyncer({ files: disk, shared: counters, segmentBytes: 8192 });
    for (let no = 1; no <= 5; no++) writer.append(requestFrame(no), 0, no, no);
    writer.flush();
    expect([disk.syncs, writer.syncedSeq]).toEqual([0, 0]);
    expect(counters[SHARED_SEGMENT_RECORDS]).toBe(7);
    expect(syncer.syncPending()).toBe(6);
    expect([disk.syncs, writer.syncedSeq]).toEqual([1, 6]);
    expect(syncer.syncPending()).toBe(6);
    expect(disk.syncs).toBe(1);
    expect(syncer.prepareNextSegment()).toBe(0);
    for (let no = 6; no <= 60; no++) writer.append(requestFrame(no), 0, no, no);
    writer.flush();
    expect(writer.lateSegments).toBe(1);
    expect(syncer.syncPending()).toBe(61);
    expect(disk.syncs).toBe(4);
    syncer.close();
  });

  test('a flush that fails in the other thread stops placing in the writer', () => {
    const disk = new MemoryDisk();
    const counters = shared();
    const writer = newWriter(disk, { policy: 'group', shared: counters });
    const syncer = new JournalSyncer({ files: disk, shared: counters, segmentBytes: 8192 });
    writer.append(requestFrame(1), 0, 1, 1);
    writer.flush();
    disk.syncCode = code.JOURNAL_IO;
    expect(syncer.syncPending()).toBe(code.JOURNAL_SYNC);
    disk.syncCode = 0;
    expect(syncer.syncPending()).toBe(code.JOURNAL_SYNC);
    expect(writer.append(requestFrame(2), 0, 1, 1)).toBe(code.JOURNAL_SYNC);
    expect(writer.append(cancelFrame(1), 0, 1, 1)).toBe(3);
    syncer.close();
  });
});
