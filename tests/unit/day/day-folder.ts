// A run folder as an engine leaves it, made without one: journals written record by record, the
// day's sheet beside them. Used by the tests of the end of a day. Two strategies, `alpha` and
// `beta`, one instrument, 10,000 base shares at 10 yuan and a million yuan.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { idAccountEpoch, idCheck } from '../../../engine/core/order-id.ts';
import { journalFolder, writeDaySheet } from '../../../engine/day/day-file.ts';
import { beginLife } from '../../../engine/host/account-life.ts';
import { AccountState } from '../../../engine/host/account-state.ts';
import type { EngineSetup } from '../../../engine/host/setup.ts';
import { openJournal } from '../../../engine/journal/open.ts';
import {
  ACTION_HOLD,
  ACTION_PLACE,
  KIND_LIMIT,
  REPORT_ACCEPTED,
  REPORT_CANCELLED,
  TIF_DAY,
} from '../../../engine/messages/codes.ts';
import { FrameMemory } from '../../../engine/messages/frames.ts';
import { Fill, Report, Request } from '../../../engine/messages/generated/order.ts';
import { EXAMPLES, makeSetup, type SetupOptions } from '../../support/make-setup.ts';

const folders: string[] = [];

/** An empty run folder; removeFolders() removes it. */
export function runFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'pankou-day-'));
  folders.push(dir);
  return dir;
}

export function removeFolders(): void {
  for (const dir of folders.splice(0)) rmSync(dir, { recursive: true, force: true });
}

export function daySetup(dir: string, changes: Partial<EngineSetup> = {}): EngineSetup {
  const file = join(EXAMPLES, 'passive-quoter.ts');
  const options: SetupOptions = {
    strategies: [
      { file, name: 'alpha' },
      { file, name: 'beta' },
    ],
  };
  const setup = makeSetup(options);
  const accounts = setup.accounts.map((account, a) => ({
    ...account,
    id: 'main',
    journalDir: journalFolder(dir, a),
  }));
  return { ...setup, accounts, segmentBytes: 524_288, flush: 'before-send', ...changes };
}

export interface Trade {
  readonly strategy: number;
  readonly side: number;
  readonly qty: number;
  readonly priceE4: number;
  /** Filled, in fills of these sizes; default all at once. */
  readonly fills?: readonly number[];
  /** Left open at the end of the life. */
  readonly open?: boolean;
  /** Held for its session, never sent. */
  readonly held?: boolean;
}

/** Writes one process life into the journal of account 0, and the sheet; ids of its orders. */
export async function liveDay(
  dir: string,
  setup: EngineSetup,
  trades: readonly Trade[],
): Promise<void> {
  mkdirSync(dir, { recursive: true });
  writeDaySheet(dir, setup);
  const state = new AccountState(setup, 0);
  const opened = await openJournal(journalFolder(dir, 0), {
    ...{ account: 0, day: setup.day, policy: 'none', engineVersion: setup.engineVersion },
    ...{ instrumentCount: setup.instruments.length, atNs: 0, monoNs: 0 },
    segmentBytes: setup.segmentBytes,
    onRecord: (record) => state.apply(record.frameType, record.memory, record.frameAt),
  });
  beginLife(setup, state, opened.writer, () => 0);
  const memory = new FrameMemory(new ArrayBuffer(512));
  const write = () => opened.writer.append(memory, 0, 0, 0);
  const coidA = idAccountEpoch(0, opened.epoch);
  let fillNo = 100 * opened.epoch;
  for (const [i, { strategy, side, qty, priceE4, fills = [qty], open, held }] of trades.entries()) {
    const coidC = i + 1;
    const coidB = setup.day;
    const id = { coidA, coidB, coidC, coidD: idCheck(coidA, coidB, coidC), strategy };
    const eventNs = (34_200 + i) * 1e9;
    const order = { eventNs, intentNo: coidC, side, qty, priceE4, valueE4: priceE4 };
    const action = held === true ? ACTION_HOLD : ACTION_PLACE;
    const kind = { action, kind: KIND_LIMIT, timeInForce: TIF_DAY };
    Object.assign(new Request().begin(memory, 0), { ...id, ...order, ...kind });
    write();
    if (held === true) continue;
    Object.assign(new Report().begin(memory, 0), { ...id, eventNs, kind: REPORT_ACCEPTED });
    write();
    for (const part of fills) {
      const fill = { eventNs, side, qty: part, priceE4, fillNo: ++fillNo };
      Object.assign(new Fill().begin(memory, 0), { ...id, ...fill });
      write();
    }
    const filledQty = fills.reduce((sum, part) => sum + part, 0);
    if (open === true || filledQty === qty) continue;
    const end = { eventNs, kind: REPORT_CANCELLED, filledQty };
    Object.assign(new Report().begin(memory, 0), { ...id, ...end });
    write();
  }
  opened.writer.flush();
  await opened.close();
}
