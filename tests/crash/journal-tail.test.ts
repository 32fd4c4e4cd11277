// The ends of growing files, as the crash rig reads them beside processes that write. Run by
// vitest.
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { RECORD_BYTES, RECORD_MAGIC, SEQ_OFFSET } from '../../engine/journal/record.ts';
import { lastSeq } from './journal-tail.ts';
import { LedgerTail } from './ledger-tail.ts';

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'pankou-tail-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Records from `from` on, and zeros behind them. */
function segment(from: number, count: number, room: number): Buffer {
  const bytes = Buffer.alloc(room * RECORD_BYTES);
  for (let i = 0; i < count; i++) {
    bytes.writeInt32LE(RECORD_MAGIC, i * RECORD_BYTES);
    bytes.writeInt32LE(from + i, i * RECORD_BYTES + SEQ_OFFSET);
  }
  return bytes;
}

test('the last record is found in the newest segment that has one', () => {
  const dir = folder();
  expect(lastSeq(join(dir, 'none'))).toBe(0);
  for (const [count, room] of [
    [0, 16],
    [1, 16],
    [9, 16],
    [16, 16],
  ] as const) {
    writeFileSync(join(dir, 'journal-000001.pkj'), segment(1, count, room));
    expect(lastSeq(dir)).toBe(count);
  }
  writeFileSync(join(dir, 'journal-000002.pkj'), segment(17, 3, 16));
  writeFileSync(join(dir, 'journal-000003.pkj'), segment(0, 0, 16));
  expect(lastSeq(dir)).toBe(19);
});

test('a line of the ledger counts once, and once it is whole', () => {
  const path = join(folder(), 'ledger.jsonl');
  const tail = new LedgerTail(path);
  expect(tail.look()).toBe(0);
  writeFileSync(path, '{"t":"open"}\n{"t":"order","no":1}\n{"t":"or');
  expect(tail.look()).toBe(1);
  appendFileSync(path, 'der","no":2}\n{"t":"fill","no":1}\n');
  expect(tail.look()).toBe(2);
  expect(tail.look()).toBe(2);
  tail.close();
});
