// The queryable copy of a run folder: it says what the account rebuilt from the journal says, and
// one that was deleted, damaged, cut short or left behind is made again, never read.
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BusyDay, writeBusyDay } from '../../../bench/busy-day.ts';
import { STATUS_NAMES } from '../../../engine/core/order-status.ts';
import { AccountState } from '../../../engine/host/account-state.ts';
import type { EngineSetup } from '../../../engine/host/setup.ts';
import { openJournal } from '../../../engine/journal/open.ts';
import { readProjection, rebuildProjection } from '../../../engine/journal/projection.ts';
import { WHOLE_ACCOUNT } from '../../../engine/journal/projection-fold.ts';
import { readJournal } from '../../../engine/journal/reader.ts';
import { makeSetup } from '../../support/make-setup.ts';

const ORDERS = 400;
let run = '';
let setup: EngineSetup;
let day: BusyDay;
let notes: string[] = [];
const note = (text: string) => void notes.push(text);

beforeAll(async () => {
  run = mkdtempSync(join(tmpdir(), 'pankou-projection-'));
  const positions = [{ instrument: 0, qty: 1_000_000, costE4: 100_000 }];
  const accounts = [{ journalDir: join(run, 'journal-0'), positions, cashE4: 1e13 }];
  setup = { ...makeSetup({ accounts }), segmentBytes: 1024 * 1024 };
  day = await writeBusyDay(setup, 0, ORDERS);
});

afterAll(() => rmSync(run, { recursive: true, force: true }));

function recovered(): AccountState {
  const state = new AccountState(setup, 0);
  readJournal(join(run, 'journal-0'), (record) =>
    state.apply(record.frameType, record.memory, record.frameAt),
  );
  return state;
}

async function read(which = 0) {
  notes = [];
  return readProjection(run, which, note);
}

describe('the queryable copy', () => {
  test('has the orders, fills and positions of the account that recovery rebuilds', async () => {
    const report = await rebuildProjection(run);
    expect(report).toMatchObject({ orders: ORDERS, fills: day.fills, records: day.records });
    const { orders, fills, positions } = await read();
    expect(notes).toEqual([]);
    const { account } = recovered();
    expect(orders.map((o) => [o.status, o.filledQty, o.filledAmountE4, o.createdNs])).toEqual(
      orders.map((_, slot) => [
        STATUS_NAMES[account.orders.status[slot]!],
        account.orders.filled[slot],
        account.orders.filledAmountE4[slot],
        account.orders.createdNs[slot],
      ]),
    );
    expect(orders[0]!.coid).toMatch(/^[0-9a-z]{16}$/);
    expect(orders[0]!.symbol).toBe(setup.instruments[0]!.symbol);
    expect(fills).toHaveLength(account.fillCount);
    const whole = positions.find(({ strategy }) => strategy === WHOLE_ACCOUNT);
    expect(whole?.qty).toBe(account.positions.qty[0]);
    const own = positions.find(({ strategy }) => strategy === 0);
    expect(own?.qty).toBe(account.positions.qty[0]! - 1_000_000);
  });

  test('is asked by day', async () => {
    expect((await read(setup.day)).orders).toHaveLength(ORDERS);
    expect((await read(setup.day + 1)).orders).toEqual([]);
  });

  test('is made again after it was deleted', async () => {
    rmSync(join(run, 'projection'), { recursive: true });
    expect((await read()).orders).toHaveLength(ORDERS);
    expect(notes).toEqual(['the queryable copy is missing: it is made again from the journal']);
  });

  test.each([
    ['one byte is changed', (path: string) => flip(path), 'is damaged'],
    ['its end is cut off', (path: string) => truncateSync(path, 5_000), 'has lost or gained bytes'],
  ])('is not read but made again when %s', async (_, damage, why) => {
    await rebuildProjection(run);
    damage(join(run, 'projection/data.mdb'));
    expect((await read()).fills).toHaveLength(day.fills);
    expect(notes[0]).toContain(why);
    await read();
    expect(notes).toEqual([]);
    expect(readdirSync(run).sort()).toEqual(['journal-0', 'projection']);
  });

  test('is made again when its seal is of another version, or no seal', async () => {
    for (const seal of ['{"version":0}', 'not JSON']) {
      await rebuildProjection(run);
      writeFileSync(join(run, 'projection/seal.json'), seal);
      expect((await read()).orders).toHaveLength(ORDERS);
      expect(notes).toHaveLength(1);
    }
  });

  test('is made again when the journal has gone on; open orders are then unknown', async () => {
    await rebuildProjection(run);
    const opened = await openJournal(join(run, 'journal-0'), {
      ...{ account: 0, day: setup.day, policy: 'none', engineVersion: 'test', atNs: 1, monoNs: 1 },
      ...{ instrumentCount: 0, segmentBytes: setup.segmentBytes },
    });
    await opened.close();
    const { orders } = await read();
    expect(notes[0]).toContain('is behind journal-0');
    expect(orders.filter(({ status }) => status === 'unknown')).toHaveLength(day.open);
  });

  test('says what is wrong with a folder that holds no journal', async () => {
    await expect(rebuildProjection(join(run, 'nothing'))).rejects.toThrow('does not exist');
    await expect(rebuildProjection(join(run, 'projection'))).rejects.toThrow('holds no journal');
  });
});

function flip(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - 100]! ^= 1;
  writeFileSync(path, bytes);
}
