// The api process's copy of the engine: frames in, protocol rows out; and that those rows are what
// the pages' own types expect.
import { describe, expect, test } from 'vitest';
import type * as pages from '../../../dashboards/src/protocol.ts';
import type { Item, Order, ServerMessage } from '../../../engine/control/protocol.ts';
import { ITEM_LIMIT, ORDER_LIMIT, Replica } from '../../../engine/control/replica.ts';
import { formatOrderId } from '../../../engine/core/order-id.ts';
import {
  STATUS_FILLED,
  STATUS_PARTLY_CANCELLED,
  STATUS_REJECTED,
} from '../../../engine/core/order-status.ts';
import { REJECT_CASH } from '../../../engine/core/reject-code.ts';
import { SIDE_SELL, STAGE_RISK, STAGE_STRATEGY } from '../../../engine/messages/codes.ts';
import { type FrameMemory, frameType } from '../../../engine/messages/frames.ts';
import {
  accountFrame,
  engineFrame,
  fillFrame,
  latencyFrame,
  makeMeta,
  orderFrame,
  orderWords,
  positionFrame,
  rejectFrame,
  strategyFrame,
  tickFrame,
} from '../../support/control-frames.ts';

const COID_1 = formatOrderId(orderWords(1).coidA, 20260105, 1);

function makeReplica(...frames: FrameMemory[]): Replica {
  const replica = new Replica();
  replica.applyMeta(makeMeta());
  apply(replica, ...frames);
  replica.applyReady();
  return replica;
}

function apply(replica: Replica, ...frames: FrameMemory[]): void {
  for (const frame of frames) replica.applyFrame(frameType(frame, 0), frame, 0);
}

function itemsOf<K extends Item['k']>(replica: Replica, k: K): Extract<Item, { k: K }>[] {
  return replica.takeItems().filter((item): item is Extract<Item, { k: K }> => item.k === k);
}

describe('Replica', () => {
  test('writes an order in the words of the protocol', () => {
    const filled = { status: STATUS_PARTLY_CANCELLED, qty: 300, filledQty: 200, side: SIDE_SELL };
    const replica = makeReplica(orderFrame(1, { ...filled, filledAmountE4: 20_010_000 }));
    const expected: Order = {
      coid: COID_1,
      account: 'paper',
      strategy: 'ma-cross',
      instrument: '600001.SH',
      side: 'sell',
      kind: 'limit',
      priceE4: 100_000,
      qty: 300,
      filledQty: 200,
      avgPriceE4: 100_050,
      status: 'partly-cancelled',
      createdNs: 1e9,
      updatedNs: 1e9,
    };
    expect(replica.snapshot().orders).toEqual([expected]);
  });

  test('gives refusals their station and their text in both languages', () => {
    const refused = { status: STATUS_REJECTED, code: REJECT_CASH, stage: STAGE_RISK };
    const replica = makeReplica(
      orderFrame(1, refused),
      rejectFrame(REJECT_CASH),
      rejectFrame(REJECT_CASH, { ...orderWords(1), stage: STAGE_STRATEGY }),
      rejectFrame(912),
    );
    const { orders, rejects } = replica.snapshot();
    const text = { zh: '可用资金不足', en: 'not enough cash' };
    expect(orders[0].reason).toEqual({ stage: 'risk', code: REJECT_CASH, text });
    expect(rejects[0]).toMatchObject({ stage: 'risk', text });
    expect(rejects[0].coid).toBeUndefined();
    expect(rejects[1]).toMatchObject({ stage: 'strategy-host', coid: COID_1 });
    expect(rejects[2].text.en).toContain('912');
  });

  test('works out equity, profit, average cost and market value as integers', () => {
    const replica = makeReplica(
      accountFrame({ cashE4: 900, marketValueE4: 250, openingEquityE4: 1_000, reservedE4: 30 }),
      positionFrame({ qty: 300, costAmountE4: 1_000, lastE4: 5, instrument: 1 }),
      positionFrame({ qty: 0, costAmountE4: 0 }),
    );
    const { account, positions } = replica.snapshot();
    expect(account[0]).toMatchObject({
      account: 'paper',
      equityE4: 1_150,
      pnlE4: 150,
      cashE4: 900,
    });
    expect(positions[0]).toMatchObject({
      instrument: '000002.SZ',
      costE4: 3,
      marketValueE4: 1_500,
    });
    expect(positions[1]).toMatchObject({ costE4: 0, name: '虚构一号' });
  });

  test('ends a book at its first empty level', () => {
    const [book] = makeReplica(tickFrame(100_000)).snapshot().books;
    expect(book.bids).toEqual([[99_900, 300, 0]]);
    expect(book.asks).toEqual([[100_100, 500, 0]]);
  });

  test('conflates states, never orders, fills and rejects, and hands each out once', () => {
    const replica = makeReplica();
    for (let i = 1; i <= 20; i++) {
      apply(replica, orderFrame(i), fillFrame(i), rejectFrame(REJECT_CASH));
      apply(replica, tickFrame(100_000 + i), positionFrame(), accountFrame(), engineFrame());
    }
    const counts = new Map<string, number>();
    for (const item of replica.takeItems()) counts.set(item.k, (counts.get(item.k) ?? 0) + 1);
    expect(Object.fromEntries(counts)).toEqual({
      order: 20,
      fill: 20,
      reject: 20,
      position: 1,
      account: 1,
      book: 1,
      price: 1,
      engine: 1,
    });
    expect(replica.takeItems()).toEqual([]);
  });

  test('never shows a fill twice', () => {
    const replica = makeReplica(fillFrame(1), fillFrame(1), fillFrame(2));
    expect(replica.snapshot().fills.map((fill) => fill.fillId)).toEqual(['paper-1', 'paper-2']);
  });

  test('keeps the latest 500 orders, but every open one', () => {
    const replica = makeReplica(orderFrame(1));
    for (let no = 2; no <= 1_000; no++) apply(replica, orderFrame(no, { status: STATUS_FILLED }));
    const coids = replica.snapshot().orders.map((order) => order.coid);
    expect(coids).toHaveLength(ORDER_LIMIT);
    expect(coids).toContain(COID_1);
    expect(replica.orderState(COID_1)).toBe('open');
    apply(replica, orderFrame(1, { status: STATUS_FILLED }));
    expect(replica.orderState(COID_1)).toBe('finished');
    expect(replica.orderState(formatOrderId(1, 20260105, 2))).toBe('unknown');
  });

  test('keeps one price a virtual second, the newest, and hands out no second less', () => {
    const replica = makeReplica();
    const at = (seconds: number, lastE4: number) => tickFrame(lastE4, { eventNs: seconds * 1e9 });
    apply(
      replica,
      at(1, 100),
      at(1.4, 200),
      at(1.9, 300),
      at(2, 400),
      at(3.5, 500),
      at(2.5, 1),
      at(3.6, 0),
    );
    const points = itemsOf(replica, 'price').map((item) => [item.ns / 1e9, item.lastE4]);
    expect(points).toEqual([
      [1.9, 300],
      [2, 400],
      [3.5, 500],
    ]);
    expect(replica.snapshot().prices['600001.SH']).toEqual([
      [1.9e9, 300, 100],
      [2e9, 400, 100],
      [3.5e9, 500, 100],
    ]);
  });

  test('bounds the points of a price, and of all prices together', () => {
    const replica = makeReplica();
    for (let s = 0; s < 5_000; s++) apply(replica, tickFrame(100, { eventNs: s * 1e9 }));
    const one = replica.snapshot().prices['600001.SH'];
    expect([one.length, one.at(-1)?.[0]]).toEqual([2_000, 4_999e9]);
    for (let s = 0; s < 100; s++) {
      for (let i = 0; i < 600; i++) {
        apply(replica, tickFrame(100, { eventNs: s * 1e9, instrument: i }));
        replica.takeItems();
      }
    }
    const total = Object.values(replica.snapshot().prices).reduce(
      (sum, list) => sum + list.length,
      0,
    );
    expect(total).toBeLessThanOrEqual(60_000);
  });

  test('asks for a snapshot when more happens than a batch holds', () => {
    const replica = makeReplica();
    const before = replica.generation;
    for (let no = 1; no <= ITEM_LIMIT + 1; no++) apply(replica, orderFrame(no));
    expect(replica.generation).toBe(before + 1);
    expect(replica.takeItems().length).toBeLessThan(ITEM_LIMIT);
  });

  test('gives percentiles per hop', () => {
    const replica = makeReplica();
    for (let i = 1; i <= 1_000; i++)
      apply(replica, latencyFrame(i * 1_000, { omsNs: 500, wireNs: -5 }));
    const { tickToOrder, hops } = replica.snapshot().latency;
    expect(tickToOrder.count).toBe(1_000);
    expect(Math.abs(tickToOrder.p50 - 500_000)).toBeLessThan(1_000);
    expect(Math.abs(tickToOrder.max - 1_000_000)).toBeLessThan(1_000);
    expect(hops['oms']).toMatchObject({ p50: 500, p999: 500 });
    expect(hops['wire'].max).toBe(0);
    expect(Object.keys(hops)).toEqual(['strategy', 'oms', 'risk', 'gateway', 'journal', 'wire']);
  });

  test('says down and keeps what it knew when the core is gone; another life starts anew', () => {
    const replica = makeReplica(engineFrame(), orderFrame(1), tickFrame(100), latencyFrame(5));
    replica.markDown('gone');
    expect(replica.engine()).toMatchObject({ state: 'down', message: 'gone', eventsPerSecond: 0 });
    expect(replica.snapshot().orders).toHaveLength(1);
    const { generation } = replica;
    replica.applyMeta(makeMeta());
    expect(replica.settled).toBe(false);
    replica.applyReady();
    expect(replica.generation).toBeGreaterThan(generation);
    expect(replica.snapshot()).toMatchObject({
      orders: [],
      latency: { tickToOrder: { count: 1 } },
    });
    replica.applyMeta(makeMeta({ engineId: 'engine-2' }));
    replica.markDown('gone again');
    expect(replica.settled).toBe(true);
    expect(replica.snapshot()).toMatchObject({
      prices: {},
      latency: { tickToOrder: { count: 0 } },
    });
  });

  test('shows engine, actors and strategies, with the reason from health', () => {
    const replica = makeReplica(
      engineFrame({ killed: 1, state: 3, eventNs: 5e9 }),
      strategyFrame(3),
    );
    expect(replica.engine()).toMatchObject({
      state: 'killed',
      killed: true,
      phase: 'continuous',
      virtualNs: 5e9,
      strategies: [{ name: 'ma-cross', state: 'failed' }],
    });
    const actor = { name: 'oms', thread: 'engine', heartbeatAgeMs: 3, state: 'running' } as const;
    const strategy = { name: 'ma-cross', state: 'failed', reason: '<script>' } as const;
    replica.applyHealth({ actors: [actor], strategies: [strategy], eventsPerSecond: 9 });
    expect(replica.engine()).toMatchObject({ actors: [actor], strategies: [strategy] });
    expect(itemsOf(replica, 'engine')).toHaveLength(1);
  });

  test('shows numbers without a name instead of failing', () => {
    const strange = { account: 9, strategy: 8, instrument: 7, kind: 99, status: 77, coidB: -1 };
    const replica = makeReplica(orderFrame(1, strange), engineFrame({ state: 55, phase: 66 }));
    const [order] = replica.snapshot().orders;
    expect(order).toMatchObject({
      account: '#9',
      instrument: '#7',
      kind: '#99',
      status: 'unknown',
    });
    expect(order.coid.startsWith('?')).toBe(true);
    expect(replica.engine().phase).toBe('#66');
  });

  test('speaks the protocol that the pages read', () => {
    // A compile-time proof: the page's types take what the server's types allow.
    type Plain<T> = T extends readonly [infer A, infer B, infer C]
      ? [A, B, C]
      : T extends readonly (infer E)[]
        ? Plain<E>[]
        : T extends object
          ? { -readonly [K in keyof T]: Plain<T[K]> }
          : T;
    const asPage = (message: Plain<ServerMessage>): pages.ServerMessage => message;
    expect(asPage({ t: 'bye', reason: 'x' }).t).toBe('bye');
  });
});
