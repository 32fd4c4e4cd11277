// A restart after 12,000 orders: people are shown every order and fill, a strategy hears of its
// open orders only, and a journal with more orders than an account may have starts nothing.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BusyDay, writeBusyDay } from '../../../bench/busy-day.ts';
import { OrderNews } from '../../../engine/actors/order-news.ts';
import { LiveOrders } from '../../../engine/core/live-orders.ts';
import { STATUS_FILLED, STATUS_UNKNOWN } from '../../../engine/core/order-status.ts';
import { AccountState } from '../../../engine/host/account-state.ts';
import { EventCache } from '../../../engine/host/event-cache.ts';
import { recoverAccounts } from '../../../engine/host/make-setup.ts';
import type { EngineSetup } from '../../../engine/host/setup.ts';
import { readJournal } from '../../../engine/journal/reader.ts';
import { frameType } from '../../../engine/messages/frames.ts';
import { Fill, OrderUpdate } from '../../../engine/messages/generated/order.ts';
import { Pipe, ShownEvents } from '../../support/actor-harness.ts';
import { makeSetup } from '../../support/make-setup.ts';

const ORDERS = 12_000;
let dir = '';
let setup: EngineSetup;
let day: BusyDay;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pankou-busy-'));
  const journalDir = join(dir, 'journal');
  const positions = [{ instrument: 0, qty: 100_000_000, costE4: 100_000 }];
  const accounts = [{ journalDir, positions, cashE4: 1e14 }];
  setup = { ...makeSetup({ accounts }), segmentBytes: 16 * 1024 * 1024 };
  day = await writeBusyDay(setup, 0, ORDERS);
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

function recovered(): AccountState {
  const state = new AccountState(setup, 0);
  readJournal(setup.accounts[0]!.journalDir, (record) =>
    state.apply(record.frameType, record.memory, record.frameAt),
  );
  state.beginLife();
  return state;
}

describe('a restart after 12,000 orders', () => {
  test('shows people every order as it stands and every fill, and keeps them for newcomers', () => {
    const { shown } = recoverAccounts(setup);
    const cache = new EventCache();
    shown.each((memory, at) => cache.store(frameType(memory, at), memory, at));
    const orders = new Map<number, number>();
    let fills = 0;
    let fees = 0;
    const fill = new Fill();
    const order = new OrderUpdate();
    cache.replay((memory, at) => {
      if (frameType(memory, at) === Fill.TYPE) {
        fills++;
        fees += fill.wrap(memory, at).feeE4;
      } else orders.set(order.wrap(memory, at).coidC, order.status);
    });
    expect([orders.size, fills]).toEqual([ORDERS, day.fills]);
    expect(fees).toBe(recovered().account.cash.feesE4);
    expect([orders.get(1), orders.get(99)]).toEqual([STATUS_FILLED, STATUS_UNKNOWN]);
    expect([...orders.values()].filter((status) => status === STATUS_UNKNOWN)).toHaveLength(
      day.open,
    );
  });

  test('tells a strategy its open orders and loses none of them', () => {
    const updates = new Pipe(65_536);
    const events = new ShownEvents();
    const ports = { updates: [updates.out()], orders: null, events };
    const { account } = recovered();
    const news = new OrderNews(account, { day: setup.day, strategies: [0] }, ports);
    news.everything();
    for (const port of ports.updates) port.publish();
    const told = updates.take().filter(({ type }) => type === 'OrderUpdate');
    expect([told.length, news.lost]).toEqual([day.open, 0]);
    expect(events.all.map(({ type }) => type)).toEqual([
      ...['PositionUpdate', 'BookLine', 'BookLine', 'AccountUpdate'],
    ]);
  });

  test('is refused when the account could not hold every order', () => {
    const small = { ...setup, ordersMax: ORDERS - 1 };
    expect(() => recoverAccounts(small)).toThrow(
      `account 0: its journal holds more than the ${ORDERS - 1} orders one account may make`,
    );
  });
});

test('the gateway takes no new order when repeated fills could no longer be recognised', () => {
  const live = new LiveOrders(4);
  expect(live.add(1, 1, 1, 100)).toBe(0);
  for (let no = 0; no < 28; no++) expect(live.isNewFill(no, 0, 1)).toBe(true);
  expect(live.add(1, 1, 2, 100)).toBe(-1);
  // The order that is alive still has room for its fills.
  for (let no = 28; no < 32; no++) expect(live.isNewFill(no, 0, 1)).toBe(true);
  expect(live.isNewFill(31, 0, 1)).toBe(false);
});
