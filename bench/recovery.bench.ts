// Restart in the middle of a busy day: from a journal of 50,000 orders on the disk to the verified
// local state of an account, as `pankou run` gets there. One thread, as in a restart.
//
//   journal --- read, verify, apply (main thread) --- read, verify, apply, new epoch (its thread)
//           '-> epochs, intent numbers, what people see    '-> OMS, risk and gateway tables
//
// Left out: starting Node and loading the market's day. Always: orders, fills and open orders must
// be those that were written.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BrokerView } from '../engine/core/broker-view.ts';
import { LiveOrders } from '../engine/core/live-orders.ts';
import { beginLife } from '../engine/host/account-life.ts';
import { AccountState } from '../engine/host/account-state.ts';
import { recoverAccounts } from '../engine/host/make-setup.ts';
import type { EngineSetup } from '../engine/host/setup.ts';
import { openJournal } from '../engine/journal/open.ts';
import { ORDERS_MAX } from '../engine/limits.ts';
import { repositoryFile, syntheticSetup } from './bench-setups.ts';
import { type BusyDay, writeBusyDay } from './busy-day.ts';
import type { BenchResult, BenchSuite } from './harness.ts';

const ORDERS = 50_000;
const RUNS = 5;
/** Fills, cancels and cash enough for a day in which half of all orders trade. */
const BASE_QTY = 100_000_000;

export const suite: BenchSuite = {
  name: 'recovery',
  async run({ quick }) {
    const dir = mkdtempSync(join(process.env['PANKOU_BENCH_DIR'] ?? tmpdir(), 'pankou-restart-'));
    try {
      const setup = setupIn(dir);
      mkdirSync(setup.accounts[0]!.journalDir);
      const day = await writeBusyDay(setup, 0, quick ? 500 : ORDERS);
      const times: Times[] = [];
      for (let i = 0; i < (quick ? 1 : RUNS); i++) times.push(await restart(setup, day));
      return resultsOf(times, day);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
};

interface Times {
  readonly mainMs: number;
  readonly threadMs: number;
}

async function restart(setup: EngineSetup, day: BusyDay): Promise<Times> {
  const started = performance.now();
  const recovered = recoverAccounts(setup);
  const mainMs = performance.now() - started;
  const state = new AccountState(setup, 0);
  const opened = await openJournal(setup.accounts[0]!.journalDir, {
    account: 0,
    day: setup.day,
    policy: 'group',
    engineVersion: setup.engineVersion,
    instrumentCount: setup.instruments.length,
    atNs: 0,
    monoNs: 0,
    segmentBytes: setup.segmentBytes,
    onRecord: (record) => state.apply(record.frameType, record.memory, record.frameAt),
  });
  beginLife(setup, state, opened.writer, () => 0);
  const view = new BrokerView(new LiveOrders(ORDERS_MAX), 0, setup.day);
  state.restoreGateway(view);
  const threadMs = performance.now() - started - mainMs;
  await opened.close();
  const { account } = state;
  const found = [account.orders.count, account.fillCount, account.openOrders, view.live.liveCount];
  const expected = [day.orders, day.fills, day.open, day.open];
  if (found.join() !== expected.join() || recovered.lastIntentNos[0] !== day.orders) {
    throw new Error(`orders, fills, open, live: found ${found}, expected ${expected}`);
  }
  return { mainMs, threadMs };
}

function resultsOf(times: readonly Times[], day: BusyDay): BenchResult[] {
  const size = `${day.orders} orders, ${day.records} records`;
  const line = (name: string, pick: (t: Times) => number, note: string): BenchResult => {
    const sorted = times.map(pick).sort((a, b) => a - b);
    const value = sorted[sorted.length >> 1]!;
    return { name, unit: 'ms', value, max: sorted.at(-1)!, note, checksum: String(day.records) };
  };
  return [
    line('restart to verified state', (t) => t.mainMs + t.threadMs, `${size}; aim 2,000 ms`),
    line('of it: main thread', (t) => t.mainMs, 'read, verify, apply; what people are shown'),
    line('of it: engine thread', (t) => t.threadMs, 'the same, new epoch, tables of the gateway'),
  ];
}

function setupIn(dir: string): EngineSetup {
  const setup = syntheticSetup(repositoryFile('bench/tick-source/strategy.ts'), 1);
  const positions = [{ instrument: 0, qty: BASE_QTY, costE4: 100_000 }];
  return {
    ...setup,
    accounts: setup.accounts.map((account) => ({
      ...account,
      positions,
      cashE4: 1e14,
      journalDir: join(dir, 'journal'),
    })),
    flush: 'group',
    segmentBytes: 64 * 1024 * 1024,
  };
}
