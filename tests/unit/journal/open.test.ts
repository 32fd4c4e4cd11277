// Process lives one after another on one folder: epochs, torn tails, changed sizes, refusals.
// All on real files.
import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { EPOCH_LAST } from '../../../engine/core/order-id.ts';
import { FolderLockError } from '../../../engine/host/folder-lock.ts';
import { JournalCorruptError } from '../../../engine/journal/journal-error.ts';
import { type OpenJournalOptions, openJournal } from '../../../engine/journal/open.ts';
import { readJournal } from '../../../engine/journal/reader.ts';
import { RECORD_BYTES, RECORD_NAMES } from '../../../engine/journal/record.ts';
import { segmentName } from '../../../engine/journal/segment.ts';
import { JournalSyncer } from '../../../engine/journal/syncer.ts';
import { killFrame, requestFrame, smallJournal, tempFolder } from './journal-kit.ts';
import { writeJournalAtEpoch } from './late-epoch.ts';

const FIRST = segmentName(1);
let dir: string;

beforeEach(() => {
  dir = tempFolder();
});

/** One process life that appends `count` requests. */
async function live(count: number, more: Partial<OpenJournalOptions> = {}): Promise<number> {
  const journal = await openJournal(dir, smallJournal(more));
  for (let no = 1; no <= count; no++) journal.writer.append(requestFrame(no), 0, no, no);
  expect(await journal.close()).toBe(0);
  return journal.epoch;
}

describe('a new life', () => {
  test('raises the epoch, and its EPOCH record is on disk before anything else', async () => {
    expect(await live(3)).toBe(1);
    const journal = await openJournal(dir, smallJournal());
    const types: string[] = [];
    const end = readJournal(dir, (record) => types.push(RECORD_NAMES[record.type]));
    expect([journal.epoch, end.epoch, end.lastSeq]).toEqual([2, 2, 5]);
    expect(journal.writer.syncedSeq).toBe(5);
    expect(types).toEqual(['EPOCH', 'REQUEST', 'REQUEST', 'REQUEST', 'EPOCH']);
    await journal.close();
  });

  test('hands every earlier record to the visitor', async () => {
    await live(40);
    const seqs: number[] = [];
    const onRecord = ({ seq }: { seq: number }) => void seqs.push(seq);
    const journal = await openJournal(dir, smallJournal({ onRecord }));
    expect(seqs).toEqual(Array.from({ length: 41 }, (_, i) => i + 1));
    expect(journal.before?.lastSeq).toBe(41);
    await journal.close();
  });

  test('many lives make one chain', async () => {
    for (let i = 1; i <= 12; i++) expect(await live(i * 3)).toBe(i);
    const end = readJournal(dir, () => {});
    expect(end).toMatchObject({ epoch: 12, lastSeq: 12 + (3 * 12 * 13) / 2, tail: null });
  });

  test('goes on in a new segment when sizes or the engine version changed', async () => {
    await live(3);
    await live(3, { segmentBytes: 16384 });
    await live(3, { segmentBytes: 16384, engineVersion: '0.2.0' });
    const { segments, lastSeq } = readJournal(dir, () => {});
    expect(segments.map(({ bytes }) => bytes)).toEqual([8192, 16384, 16384]);
    expect(segments.map(({ header }) => header?.engineVersion)).toEqual([
      '0.1.0',
      '0.1.0',
      '0.2.0',
    ]);
    expect(lastSeq).toBe(12);
  });

  test('replaces a prepared segment of another size, and drafts of a killed process', async () => {
    const journal = await openJournal(dir, smallJournal());
    journal.writer.prepareNextSegment();
    await journal.close();
    writeFileSync(join(dir, `${segmentName(3)}.77-0.draft`), 'half');
    await live(60, { segmentBytes: 16384 });
    expect(readdirSync(dir).filter((name) => name.includes('draft'))).toEqual([]);
    expect(readJournal(dir, () => {})).toMatchObject({ lastSeq: 62, tail: null });
  });

  test('a segment prepared by another thread is used', async () => {
    const { writer, shared, files, segmentBytes, close } = await openJournal(dir, smallJournal());
    const syncer = new JournalSyncer({ files, shared, segmentBytes });
    expect(syncer.prepareNextSegment()).toBe(0);
    for (let no = 1; no <= 40; no++) expect(writer.append(requestFrame(no), 0, 1, 1)).toBe(no + 1);
    writer.flush();
    expect(syncer.syncPending()).toBe(41);
    expect([writer.segment, writer.lateSegments, writer.syncedSeq]).toEqual([2, 0, 41]);
    syncer.close();
    await close();
  });
});

describe('a torn tail', () => {
  test('is cut, kept aside, and the journal goes on behind the last whole record', async () => {
    await live(5);
    const at = 6 * RECORD_BYTES;
    const bytes = readFileSync(join(dir, FIRST));
    const torn = Buffer.from(bytes.subarray(at, at + 100));
    writeFileSync(join(dir, FIRST), bytes.fill(0, at + 100));
    const journal = await openJournal(dir, smallJournal());
    expect(journal.before?.tail).toMatchObject({ file: FIRST, offset: at });
    expect(journal.writer.lastSeq).toBe(6);
    await journal.close();
    expect(readFileSync(join(dir, `${FIRST}.torn-${at}`)).subarray(0, 100)).toEqual(torn);
    expect(readJournal(dir, () => {})).toMatchObject({ lastSeq: 6, epoch: 2, tail: null });
  });

  test('of several records: none of their bytes is left in the segment', async () => {
    await live(5);
    const at = 4 * RECORD_BYTES;
    const bytes = readFileSync(join(dir, FIRST));
    for (let i = 0; i < 3; i++) bytes[at + i * RECORD_BYTES + 60] ^= 1;
    writeFileSync(join(dir, FIRST), bytes);
    const journal = await openJournal(dir, smallJournal());
    await journal.close();
    const rest = readFileSync(join(dir, FIRST)).subarray(at + RECORD_BYTES);
    expect(rest.every((byte) => byte === 0)).toBe(true);
    expect(readJournal(dir, () => {})).toMatchObject({ lastSeq: 4, tail: null });
  });

  test('of a truncated file: the file gets its full size back', async () => {
    await live(5);
    for (const size of [6 * RECORD_BYTES + 33, 5 * RECORD_BYTES, 300]) {
      truncateSync(join(dir, FIRST), size);
      await live(5);
      expect(statSync(join(dir, FIRST)).size).toBe(8192);
      expect(readJournal(dir, () => {}).tail).toBeNull();
    }
  });

  test('inside the head of the first or of a later segment', async () => {
    await live(40);
    const bytes = readFileSync(join(dir, segmentName(2)));
    writeFileSync(join(dir, segmentName(2)), bytes.fill(0, 90));
    await live(3);
    expect(readJournal(dir, () => {})).toMatchObject({ tail: null, epoch: 2, segment: 2 });
    const other = tempFolder();
    dir = other;
    await live(0);
    writeFileSync(join(dir, FIRST), readFileSync(join(dir, FIRST)).fill(0, 90));
    expect(await live(1)).toBe(1);
    expect(readJournal(dir, () => {})).toMatchObject({ tail: null, lastSeq: 2 });
  });
});

describe('refused', () => {
  test('damage before the tail: nothing is changed, and the folder is free again', async () => {
    await live(5);
    const bytes = readFileSync(join(dir, FIRST));
    bytes[3 * RECORD_BYTES + 70] ^= 1;
    writeFileSync(join(dir, FIRST), bytes);
    for (let i = 0; i < 2; i++) {
      await expect(openJournal(dir, smallJournal())).rejects.toThrow(JournalCorruptError);
    }
    expect(readFileSync(join(dir, FIRST)).equals(bytes)).toBe(true);
  });

  test('another account, and a path that is a file', async () => {
    await live(1);
    await expect(openJournal(dir, smallJournal({ account: 2 }))).rejects.toThrow(
      'belongs to account 1, not 2',
    );
    const file = join(dir, FIRST);
    await expect(openJournal(file, smallJournal())).rejects.toThrow('is a file');
  });

  test('a second opening while the first is alive; after its close all is well', async () => {
    const journal = await openJournal(dir, smallJournal());
    const second = openJournal(dir, smallJournal());
    await expect(second).rejects.toThrow(FolderLockError);
    await expect(openJournal(dir, smallJournal())).rejects.toThrow(`pid ${process.pid}`);
    expect(journal.writer.append(killFrame(1), 0, 1, 1)).toBe(2);
    await journal.close();
    expect(await live(1)).toBe(2);
  });

  test('more epochs than an order id can carry', async () => {
    writeJournalAtEpoch(dir, EPOCH_LAST);
    await expect(openJournal(dir, smallJournal())).rejects.toThrow('begin a new folder');
    expect(existsSync(join(dir, segmentName(2)))).toBe(false);
  });
});
