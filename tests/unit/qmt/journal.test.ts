// The Python bridges' journal and the TypeScript one are the same file: each reads what the other
// wrote, `pankou journal verify` accepts it, a torn end is cut alike, damage is refused alike.
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { idAccountEpoch } from '../../../engine/core/order-id.ts';
import { readJournal } from '../../../engine/journal/reader.ts';
import { BRIDGE_ANSWERED, BRIDGE_REFUSED } from '../../../engine/messages/codes.ts';
import { BridgeJournal } from '../../../gateways/bridge/journal.ts';
import { HAS_PYTHON, NO_PYTHON, pythonJson } from '../../support/qmt/python.ts';

const TOOL = 'tests/support/qmt/journal_tool.py';
const DAY = 20260105;
const A = idAccountEpoch(0, 4);
const RECORD = 256;

interface Told {
  readonly error?: string;
  readonly fence: number;
  readonly engine: number;
  readonly killed: boolean;
  readonly placed: number;
  readonly epoch: number;
  readonly orders: readonly (readonly unknown[])[];
}

function tempRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'pankou-qmt-journal-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

/** Segments of a real bridge, and small ones that are made in no time. */
const FULL = 4 * 1_048_576;
const SMALL = 2 * 262_144;

function python(root: string, steps: readonly unknown[], day = DAY, bytes = SMALL): Told {
  return pythonJson(TOOL, steps, [root, 'demo', String(day), String(bytes)]) as Told;
}

function segmentOf(root: string, index = 1): string {
  return join(root, `demo-${DAY}`, `journal-${String(index).padStart(6, '0')}.pkj`);
}

function overwrite(path: string, bytes: Uint8Array, at: number): void {
  const handle = openSync(path, 'r+');
  writeSync(handle, bytes, 0, bytes.length, at);
  closeSync(handle);
}

describe.skipIf(!HAS_PYTHON)(`the journal of the Python bridges ${NO_PYTHON}`, () => {
  test('what Python wrote, TypeScript goes on with, and the other way round', async () => {
    const root = tempRoot();
    const steps = [
      ['fence', 4, 77],
      ['request', A, 1],
      ['result', A, 1, BRIDGE_ANSWERED, 0, 9_001],
      ['request', A, 2],
      ['refusal', A, 3, 301],
      ['kill', true],
    ];
    python(root, steps, DAY, FULL);
    const journal = await BridgeJournal.open(root, 'demo', 0, DAY);
    expect([journal.fence, journal.fencedEngine, journal.killed]).toEqual([4, 77, true]);
    expect([journal.placedCount, journal.placedE4]).toEqual([2, 125_000 * 300]);
    expect(journal.find(A, 1)).toMatchObject({
      symbol: '600001.SH',
      qty: 100,
      brokerOrderNo: 9_001,
    });
    expect(journal.find(A, 2)).toMatchObject({ symbol: '000002.SZ', qty: 200, brokerOrderNo: 0 });
    expect(journal.find(A, 3)).toMatchObject({ state: BRIDGE_REFUSED, code: 301 });
    journal.writeKill(false);
    journal.writeFence(5, 78);
    await journal.close();
    const told = python(root, [['request', A, 9]], DAY, FULL);
    expect(told).toMatchObject({ fence: 5, engine: 78, killed: false, placed: 3, epoch: 3 });
    expect(told.orders.map((order) => order[1])).toEqual([1, 2, 3, 9]);
    const end = readJournal(join(root, `demo-${DAY}`), () => {});
    expect(end).toMatchObject({ epoch: 3, day: DAY, account: 0, tail: null });
  });

  test('more than a segment of orders goes on in the next one', () => {
    const root = tempRoot();
    // Room for some 1,000 records before the reserve.
    const bytes = 2 * 262_144 - 1_024;
    python(root, [['many', A, 1, 1_500]], DAY, bytes);
    const told = python(root, [], DAY, bytes);
    expect(told.orders.length).toBe(1_499);
    const end = readJournal(join(root, `demo-${DAY}`), () => {});
    expect([end.segment, end.tail]).toEqual([2, null]);
    // A first segment that ends early has lost what is before the second: nothing is cut there.
    truncateSync(segmentOf(root), 900 * RECORD);
    expect(python(root, [], DAY, bytes).error).toContain('later segments hold sound records');
  });

  test('the kill flag holds over days, orders and fence do not', () => {
    const root = tempRoot();
    python(root, [
      ['fence', 4, 77],
      ['request', A, 1],
      ['kill', true],
    ]);
    expect(python(root, [], DAY + 1)).toMatchObject({ killed: true, fence: 0, placed: 0 });
    expect(python(root, [['kill', false]], DAY + 1)).toMatchObject({ killed: false });
    expect(python(root, [], DAY + 2)).toMatchObject({ killed: false });
  });

  test('what a killed process wrote without its flush is known to the next one', () => {
    const root = tempRoot();
    python(root, [['request', A, 1]]);
    expect(() => python(root, [['unflushed', A, 2]])).toThrow();
    expect(python(root, []).orders.map((order) => order[1])).toEqual([1, 2]);
  });

  test('a torn last record is cut and kept aside, a damaged one inside is refused', () => {
    const root = tempRoot();
    python(root, [
      ['request', A, 1],
      ['request', A, 2],
    ]);
    const file = segmentOf(root);
    const records = readFileSync(file);
    const end = readJournal(join(root, `demo-${DAY}`), () => {}).offset;
    // Half of a record behind the last one, as a crash in the middle of a write leaves it.
    overwrite(file, records.subarray(RECORD, RECORD + 100), end);
    expect(python(root, []).orders.map((order) => order[1])).toEqual([1, 2]);
    expect(readFileSync(`${file}.torn-${end}`).length).toBe(RECORD);
    expect(readJournal(join(root, `demo-${DAY}`), () => {}).tail).toBeNull();
    overwrite(file, new Uint8Array([0xff]), 3 * RECORD + 60);
    expect(python(root, []).error).toContain('sound records follow it');
    expect(() => readJournal(join(root, `demo-${DAY}`), () => {})).toThrow('sound records follow');
  });

  test('a folder that another bridge holds is not opened, whichever bridge it is', async () => {
    const root = tempRoot();
    const journal = await BridgeJournal.open(root, 'demo', 0, DAY);
    expect(python(root, []).error).toContain('in use');
    await journal.close();
    expect(python(root, []).error).toBeUndefined();
  });
});
