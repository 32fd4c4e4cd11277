// Every way in which the bytes of a journal can be wrong: flipped, cut, moved, zeroed, forged,
// missing or somebody else's. What was written comes back, or the message says what is wrong.
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { JournalCorruptError, JournalError } from '../../../engine/journal/journal-error.ts';
import { fieldAt } from '../../../engine/journal/journal-record.ts';
import { openJournal } from '../../../engine/journal/open.ts';
import { readJournal } from '../../../engine/journal/reader.ts';
import { RECORD_BYTES, RECORD_NAMES, sealRecord } from '../../../engine/journal/record.ts';
import { segmentName } from '../../../engine/journal/segment.ts';
import { FrameMemory } from '../../../engine/messages/frames.ts';
import {
  cancelFrame,
  dayFrame,
  endFrame,
  fillFrame,
  killFrame,
  MemoryDisk,
  newWriter,
  reportFrame,
  requestFrame,
  smallJournal,
  tempFolder,
} from './journal-kit.ts';

const FIRST = segmentName(1);
let dir: string;

/** A journal in `dir`: EPOCH, then `count` requests. */
async function writeRequests(count: number): Promise<void> {
  const journal = await openJournal(dir, smallJournal());
  for (let no = 1; no <= count; no++) journal.writer.append(requestFrame(no), 0, no, no);
  await journal.close();
}

function readSeqs(): number[] {
  const seqs: number[] = [];
  readJournal(dir, (record) => seqs.push(record.seq));
  return seqs;
}

function damageOf(): JournalCorruptError {
  try {
    readJournal(dir, () => {});
  } catch (error) {
    if (error instanceof JournalCorruptError) return error;
    throw error;
  }
  throw new Error('read without an error');
}

function changeBytes(file: string, change: (bytes: Buffer) => void): void {
  const path = join(dir, file);
  const bytes = readFileSync(path);
  change(bytes);
  writeFileSync(path, bytes);
}

/** Rewrites a record of the first segment and its CRC, as a careful forger would. */
function forge(record: number, change: (view: DataView) => void): void {
  changeBytes(FIRST, (bytes) => {
    const memory = new FrameMemory(new ArrayBuffer(RECORD_BYTES));
    const at = record * RECORD_BYTES;
    memory.u8.set(bytes.subarray(at, at + RECORD_BYTES));
    change(new DataView(memory.u8.buffer));
    sealRecord(memory, 0);
    bytes.set(memory.u8, at);
  });
}

beforeEach(() => {
  dir = tempFolder();
});

describe('what was written', () => {
  test('comes back frame for frame, with its stamps, across segments', async () => {
    const makers = [requestFrame, cancelFrame, fillFrame, reportFrame];
    const journal = await openJournal(dir, smallJournal());
    const sent: Buffer[] = [];
    for (let no = 1; no <= 100; no++) {
      const frame = makers[no % 4](no);
      sent.push(Buffer.from(frame.u8.subarray(0, frame.i32[0])));
      expect(journal.writer.append(frame, 0, no * 1.5, no * 2.5)).toBe(no + 1);
    }
    await journal.close();
    const got: Buffer[] = [];
    const end = readJournal(dir, (record) => {
      if (record.seq === 1) return;
      const no = record.seq - 1;
      expect([record.atNs, record.monoNs]).toEqual([no * 1.5, no * 2.5]);
      const { frameAt, payloadLength } = record;
      got.push(Buffer.from(record.memory.u8.subarray(frameAt, frameAt + payloadLength)));
    });
    expect(got).toEqual(sent);
    expect(end).toMatchObject({ lastSeq: 101, epoch: 1, tail: null, closed: false });
    expect(end.segments.length).toBe(4);
  });

  test('comes back whatever the batches and flushes were', () => {
    const step = fc.record({ frames: fc.integer({ min: 0, max: 12 }), kind: fc.nat(2) });
    const plan = fc.record({ batch: fc.integer({ min: 1, max: 20 }), steps: fc.array(step) });
    fc.assert(
      fc.property(plan, ({ batch, steps }) => {
        const disk = new MemoryDisk();
        const writer = newWriter(disk, { batch });
        let expected = 1;
        for (const { frames, kind } of steps) {
          const make = [requestFrame, fillFrame, killFrame][kind];
          for (let i = 0; i < frames; i++) writer.append(make(i), 0, 1, 1);
          expect(writer.flush()).toBe(0);
          expected += frames;
        }
        const own = tempFolderFor(disk);
        let last = 0;
        const end = readJournal(own, (record) => {
          expect(record.seq).toBe(last + 1);
          last = record.seq;
        });
        expect([end.lastSeq, end.tail]).toEqual([expected, null]);
      }),
      { numRuns: 60 },
    );
  });

  test('a DAY record moves the day of the records from it on', async () => {
    const journal = await openJournal(dir, smallJournal());
    journal.writer.append(requestFrame(1), 0, 1, 1);
    journal.writer.append(dayFrame(20260112), 0, 1, 1);
    journal.writer.append(requestFrame(2), 0, 1, 1);
    await journal.close();
    const days: number[] = [];
    readJournal(dir, (record) => days.push(record.day));
    expect(days).toEqual([20260109, 20260109, 20260112, 20260112]);
  });

  test('an orderly end is seen, with its state hash', async () => {
    const journal = await openJournal(dir, smallJournal());
    journal.writer.setStateHash(0x89abcdef, 0x01234567);
    journal.writer.append(endFrame(), 0, 1, 1);
    await journal.close();
    let hash = '';
    const end = readJournal(dir, (record) => {
      hash = record.stateHash;
    });
    expect([end.closed, hash]).toEqual([true, '89abcdef01234567']);
  });
});

describe('a damaged record in the middle', () => {
  test('every changed byte is caught, and named with file, record, byte and field', async () => {
    await writeRequests(6);
    const clean = readFileSync(join(dir, FIRST));
    const record = 3;
    for (let offset = 0; offset < RECORD_BYTES; offset++) {
      const bytes = Buffer.from(clean);
      const at = record * RECORD_BYTES + offset;
      const flip = 1 + ((offset * 37) % 255);
      bytes[at] ^= flip;
      writeFileSync(join(dir, FIRST), bytes);
      const error = damageOf();
      expect(error).toMatchObject({ file: FIRST, record, offset: at, field: fieldAt(offset) });
      expect(Number(error.expected)).toBe(clean[at]);
      expect(Number(error.found)).toBe(bytes[at]);
      expect(error.message).toContain('restore the file');
    }
  });

  test('so is every changed byte of the SEGMENT record', async () => {
    await writeRequests(3);
    const clean = readFileSync(join(dir, FIRST));
    for (let offset = 0; offset < RECORD_BYTES; offset += 3) {
      const bytes = Buffer.from(clean);
      bytes[offset] ^= 0x40;
      writeFileSync(join(dir, FIRST), bytes);
      expect(damageOf()).toMatchObject({ record: 0, offset, field: fieldAt(offset) });
    }
  });

  test('zeros in place of a record are damage, not the end', async () => {
    await writeRequests(6);
    changeBytes(FIRST, (bytes) => void bytes.fill(0, 3 * RECORD_BYTES, 4 * RECORD_BYTES));
    expect(damageOf()).toMatchObject({ record: 3, field: 'magic', found: 'zeros' });
  });

  test('a record taken out, repeated or swapped is caught by the chain', async () => {
    await writeRequests(6);
    const clean = readFileSync(join(dir, FIRST));
    const slot = (i: number) => clean.subarray(i * RECORD_BYTES, (i + 1) * RECORD_BYTES);
    const order = (...slots: number[]) => {
      const bytes = Buffer.alloc(clean.length);
      for (const [to, from] of slots.entries()) bytes.set(slot(from), to * RECORD_BYTES);
      writeFileSync(join(dir, FIRST), bytes);
      return damageOf();
    };
    expect(order(0, 1, 2, 4, 5, 6, 7)).toMatchObject({ record: 3, field: 'chain' });
    expect(order(0, 1, 2, 2, 3, 4, 5)).toMatchObject({ record: 3, field: 'chain' });
    expect(order(0, 1, 3, 2, 4, 5, 6)).toMatchObject({ record: 2, field: 'chain' });
  });

  test('a record with a right CRC and a wrong field is caught even as the last one', async () => {
    await writeRequests(4);
    const clean = readFileSync(join(dir, FIRST));
    const cases: [string, (view: DataView) => void][] = [
      ['type', (view) => view.setInt16(6, RECORD_NAMES.indexOf('FILL'), true)],
      ['seq', (view) => view.setInt32(8, 99, true)],
      ['epoch', (view) => view.setInt32(12, 2, true)],
      ['day', (view) => view.setInt32(16, 20250101, true)],
      ['account', (view) => view.setInt32(20, 7, true)],
      ['payloadLength', (view) => view.setInt32(40, 64, true)],
      ['chain', (view) => view.setInt32(44, 1, true)],
      ['payload', (view) => view.setInt32(56, 1, true)],
    ];
    for (const [field, change] of cases) {
      writeFileSync(join(dir, FIRST), clean);
      forge(5, change);
      expect(damageOf()).toMatchObject({ record: 5, field });
    }
  });

  test('damage in one segment is not cut when the next one holds records', async () => {
    await writeRequests(40);
    const last = 27;
    changeBytes(FIRST, (bytes) => {
      bytes[last * RECORD_BYTES + 60] ^= 1;
    });
    expect(damageOf()).toMatchObject({ file: FIRST, record: last, field: 'payload' });
  });

  test('a damaged end longer than one write can be is not cut', async () => {
    const journal = await openJournal(dir, smallJournal({ segmentBytes: 1 << 20 }));
    for (let no = 1; no <= 1000; no++) journal.writer.append(requestFrame(no), 0, no, no);
    await journal.close();
    changeBytes(FIRST, (bytes) => void bytes.fill(0xa5, 10 * RECORD_BYTES, 1002 * RECORD_BYTES));
    expect(damageOf().message).toContain('more than one write can leave');
  });
});

describe('the end of the file', () => {
  test('cut at every byte of the last records: whole records stay', async () => {
    await writeRequests(5);
    const clean = readFileSync(join(dir, FIRST));
    const end = 7 * RECORD_BYTES;
    for (let size = end - 2 * RECORD_BYTES; size <= end; size++) {
      writeFileSync(join(dir, FIRST), clean.subarray(0, size));
      const seqs: number[] = [];
      const found = readJournal(dir, (record) => seqs.push(record.seq));
      const whole = Math.floor(size / RECORD_BYTES);
      expect(seqs.length).toBe(whole - 1);
      expect(found.tail).toMatchObject({ file: FIRST, offset: whole * RECORD_BYTES });
      expect(found.offset).toBe(whole * RECORD_BYTES);
    }
  });

  test('torn inside the preallocated file at every byte: the same', async () => {
    await writeRequests(5);
    const clean = readFileSync(join(dir, FIRST));
    const last = 6 * RECORD_BYTES;
    for (let kept = 1; kept < RECORD_BYTES; kept++) {
      const bytes = Buffer.from(clean).fill(0, last + kept);
      writeFileSync(join(dir, FIRST), bytes);
      const seqs: number[] = [];
      const found = readJournal(dir, (record) => seqs.push(record.seq));
      // Bytes that were zero anyway: the record is whole although its end was not written.
      const isWhole = bytes.equals(clean);
      expect(seqs.length).toBe(isWhole ? 6 : 5);
      if (!isWhole) expect(found.tail).toMatchObject({ file: FIRST, offset: last });
    }
  });

  test('a changed byte in the last record is a torn tail with its place', async () => {
    await writeRequests(5);
    changeBytes(FIRST, (bytes) => {
      bytes[6 * RECORD_BYTES + 9] ^= 4;
    });
    const { tail, lastSeq } = readJournal(dir, () => {});
    expect(lastSeq).toBe(5);
    expect(tail?.why).toContain('field seq');
  });

  test('a short write whose completion a power cut took is a torn tail', async () => {
    const journal = await openJournal(dir, smallJournal({ segmentBytes: 1 << 20 }));
    for (let no = 1; no <= 30; no++) journal.writer.append(requestFrame(no), 0, no, no);
    await journal.close();
    const clean = readFileSync(join(dir, FIRST));
    // The last record of the first page; sound ones follow in the next.
    const record = 15 * RECORD_BYTES;
    for (const kept of [1, 8, 60, 200, 251, 252]) {
      writeFileSync(join(dir, FIRST), Buffer.from(clean).fill(0, record + kept, 16 * RECORD_BYTES));
      const { tail, lastSeq } = readJournal(dir, () => {});
      expect(tail, `${kept} bytes`).toMatchObject({ file: FIRST, offset: record });
      expect(lastSeq).toBe(14);
    }
    const rotten = (change: (bytes: Buffer) => void): number => {
      const bytes = Buffer.from(clean);
      change(bytes);
      writeFileSync(join(dir, FIRST), bytes);
      return damageOf().record;
    };
    expect(rotten((bytes) => bytes.fill(0, record + 60, record + 252))).toBe(15);
    // A hole that ends inside a page is none of the device's.
    expect(rotten((bytes) => bytes.fill(0, record - 4, record))).toBe(14);
    expect(rotten((bytes) => bytes.fill(0xff, record + 252, record + 256))).toBe(15);
  });

  test('a prepared segment that is still empty is no gap', async () => {
    await writeRequests(5);
    writeFileSync(join(dir, segmentName(2)), new Uint8Array(8192));
    expect(readSeqs()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(readJournal(dir, () => {}).tail).toBeNull();
  });
});

describe('a folder that is no journal', () => {
  const trouble = (path: string) => {
    try {
      readJournal(path, () => {});
    } catch (error) {
      if (error instanceof JournalError) return `${error.trouble}: ${error.message}`;
    }
    return 'none';
  };

  test('absent, a file, and empty are each said so', () => {
    expect(trouble(join(dir, 'nowhere'))).toMatch(/^absent: .*does not exist/);
    writeFileSync(join(dir, 'file'), '');
    expect(trouble(join(dir, 'file'))).toMatch(/^not-a-folder: .*is a file/);
    mkdirSync(join(dir, 'empty'));
    expect(trouble(join(dir, 'empty'))).toMatch(/^empty: .*journal-000001.pkj/);
  });

  test('a missing segment is named, first or middle', async () => {
    await writeRequests(100);
    renameSync(join(dir, segmentName(2)), join(dir, 'aside'));
    expect(trouble(dir)).toMatch(/^missing-segment: .*journal-000002.pkj is missing/);
    renameSync(join(dir, 'aside'), join(dir, segmentName(2)));
    unlinkSync(join(dir, FIRST));
    expect(trouble(dir)).toMatch(/^missing-segment: .*journal-000001.pkj is missing/);
  });

  test('a foreign file under a segment name is not cut to nothing', () => {
    writeFileSync(join(dir, FIRST), 'day,price\n'.repeat(100));
    expect(trouble(dir)).toMatch(/^magic: .*expected 'PKJ1'/);
    writeFileSync(join(dir, FIRST), 'day');
    expect(trouble(dir)).toMatch(/^magic: /);
  });

  test('a later format version is said so', async () => {
    await writeRequests(3);
    forge(0, (view) => view.setInt32(48, 2, true));
    expect(trouble(dir)).toMatch(/^version: .*has journal version 2/);
    forge(0, (view) => {
      view.setInt32(48, 1, true);
      view.setInt16(4, 9, true);
    });
    expect(trouble(dir)).toMatch(/^version: .*has journal version 9/);
  });

  test('a segment copied under the name of another is caught', async () => {
    await writeRequests(60);
    copyFileSync(join(dir, FIRST), join(dir, segmentName(2)));
    expect(damageOf()).toMatchObject({ file: segmentName(2), record: 0, field: 'chain' });
  });
});

function tempFolderFor(disk: MemoryDisk): string {
  const own = join(dir, `run-${Math.floor(performance.now() * 1e6)}`);
  mkdirSync(own);
  for (const [index, bytes] of disk.segments) writeFileSync(join(own, segmentName(index)), bytes);
  return own;
}
