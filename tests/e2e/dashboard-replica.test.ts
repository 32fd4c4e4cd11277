// The page's copy of the engine: snapshot plus events give the newest state, holes are noticed,
// lists stay bounded, and money is never shown twice. Pure, no browser.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillMarks } from '../../dashboards/src/fill-marks.ts';
import {
  type Fill,
  type Hello,
  type Item,
  type Order,
  type OrderStatus,
  parseServerMessage,
  type Snapshot,
} from '../../dashboards/src/protocol.ts';
import {
  FILL_LIMIT,
  isLive,
  LOG_LIMIT,
  ORDER_LIMIT,
  PRICE_LIMIT,
  REJECT_LIMIT,
  Replica,
} from '../../dashboards/src/replica.ts';
import { FakeMarket } from '../support/fake-engine-ws.ts';

const NS = 1e9;

function makeOrder(change: Partial<Order> = {}): Order {
  return {
    ...{ coid: 'A1', account: 'a', strategy: 's', instrument: '600001.SH', side: 'buy' },
    ...{ kind: 'limit', priceE4: 100_000, qty: 100, filledQty: 0, avgPriceE4: 0 },
    ...{ status: 'accepted', createdNs: 1, updatedNs: 1 },
    ...change,
  };
}

function makeFill(change: Partial<Fill> = {}): Fill {
  return {
    ...{ fillId: 'F1', coid: 'A1', account: 'a', strategy: 's', instrument: '600001.SH' },
    ...{ side: 'buy', priceE4: 100_000, qty: 100, feeE4: 50_000, ns: 1 },
    ...change,
  };
}

function snapshotOf(market: FakeMarket, seq: number): Snapshot {
  return structuredClone({
    t: 'snapshot',
    seq,
    engine: market.engine(),
    account: [market.account],
    positions: [...market.positions.values()],
    orders: [...market.orders.values()],
    fills: market.fills,
    rejects: market.rejects,
    books: [...market.books.values()],
    prices: Object.fromEntries(market.prices),
    latency: market.latency(),
  });
}

/** A replica that has seen an empty market, ready for batch 1. */
function syncedReplica(): Replica {
  const replica = new Replica();
  replica.applySnapshot(snapshotOf(new FakeMarket(1, 0), 0));
  return replica;
}

function offer(replica: Replica, items: Item[]): string {
  return replica.applyEvents({ t: 'events', seq: replica.seq + 1, items });
}

const hello: Hello = {
  ...{ t: 'hello', protocol: 1, version: '0.1.0', engineId: 'e1', day: 20260105 },
  ...{ pace: 'realtime', mode: 'paper', speed: 1 },
};

describe('replica', () => {
  test('snapshot and events end in the same rows as a snapshot taken at the end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 0, max: 40 }),
        (seed, cut) => {
          const market = new FakeMarket(seed, 0.5);
          for (let i = 0; i < cut; i += 1) market.step();
          market.drain();
          const streamed = new Replica();
          streamed.applySnapshot(snapshotOf(market, 7));
          for (let i = 0; i < 60; i += 1) {
            market.step();
            expect(offer(streamed, structuredClone(market.drain()))).toBe('applied');
          }
          const fresh = new Replica();
          fresh.applySnapshot(snapshotOf(market, 67));
          // Wire rows carry their kind, id-less rows a row id: neither is part of the state.
          const plain = (rows: object[]) =>
            rows.map((row) => ({ ...row, k: undefined, rowId: undefined }));
          expect(plain(streamed.orderRows())).toEqual(plain(fresh.orderRows()));
          expect(plain(streamed.fillRows())).toEqual(plain(fresh.fillRows()));
          expect(plain(streamed.rejectRows())).toEqual(plain(fresh.rejectRows()));
          expect(plain(streamed.positionRows())).toEqual(plain(fresh.positionRows()));
          expect(plain(streamed.accountRows())).toEqual(plain(fresh.accountRows()));
          expect(streamed.bars('600001.SH')).toEqual(fresh.bars('600001.SH'));
          expect(streamed.seq).toBe(fresh.seq);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('stops applying at a hole and resumes with the next snapshot', () => {
    const replica = syncedReplica();
    const order: Item = { k: 'order', ...makeOrder() };
    expect(replica.applyEvents({ t: 'events', seq: 2, items: [order] })).toBe('hole');
    expect(replica.synced).toBe(false);
    expect(replica.orderRows()).toEqual([]);
    expect(replica.applyEvents({ t: 'events', seq: 3, items: [order] })).toBe('hole');
    expect(replica.holes).toBe(1);
    replica.applySnapshot(snapshotOf(new FakeMarket(1, 0), 9));
    expect(replica.synced).toBe(true);
    expect(offer(replica, [order])).toBe('applied');
    expect(replica.orderRows()).toHaveLength(1);
  });

  test('ignores a batch it has seen already', () => {
    const replica = syncedReplica();
    offer(replica, [{ k: 'order', ...makeOrder() }]);
    const again: Item = { k: 'order', ...makeOrder({ status: 'cancelled' }) };
    expect(replica.applyEvents({ t: 'events', seq: 1, items: [again] })).toBe('duplicate');
    expect(replica.orderRows()[0]?.status).toBe('accepted');
  });

  test('applies nothing between a new hello and its snapshot, but keeps the rows on show', () => {
    const replica = syncedReplica();
    offer(replica, [{ k: 'order', ...makeOrder() }]);
    replica.applyHello(hello);
    expect(replica.synced).toBe(false);
    expect(offer(replica, [{ k: 'order', ...makeOrder({ coid: 'A2' }) }])).toBe('hole');
    expect(replica.orderRows().map((order) => order.coid)).toEqual(['A1']);
  });

  test('counts a fill once even when it arrives twice', () => {
    const replica = syncedReplica();
    offer(replica, [{ k: 'fill', ...makeFill() }]);
    offer(replica, [{ k: 'fill', ...makeFill() }]);
    expect(replica.fillRows()).toHaveLength(1);
  });

  test('lists live orders first and an order of unknown fate among them', () => {
    const replica = syncedReplica();
    const order = (coid: string, status: OrderStatus, createdNs: number): Item => ({
      ...{ k: 'order', ...makeOrder({ coid, status, createdNs, updatedNs: createdNs }) },
    });
    offer(replica, [
      order('done-new', 'filled', 9),
      order('unknown-old', 'unknown', 1),
      order('live', 'partly-filled', 5),
      order('done-old', 'rejected', 2),
    ]);
    const ids = replica.orderRows().map((row) => row.coid);
    expect(ids).toEqual(['live', 'unknown-old', 'done-new', 'done-old']);
  });

  test('drops the oldest finished orders beyond the limit and never a live one', () => {
    const replica = syncedReplica();
    const items: Item[] = [];
    for (let i = 0; i < ORDER_LIMIT + 300; i += 1) {
      const status = i < 200 ? 'accepted' : 'filled';
      items.push({ k: 'order', ...makeOrder({ coid: `A${i}`, status, updatedNs: i }) });
    }
    offer(replica, items);
    const rows = replica.orderRows();
    expect(rows).toHaveLength(ORDER_LIMIT);
    expect(rows.filter(isLive)).toHaveLength(200);
    expect(rows.some((row) => row.coid === 'A200')).toBe(false);
    expect(rows.some((row) => row.coid === `A${ORDER_LIMIT + 299}`)).toBe(true);
  });

  test('bounds fills, rejects, log lines and price points, keeping the newest', () => {
    const replica = syncedReplica();
    const items: Item[] = [];
    const text = { zh: '理由', en: 'reason' };
    for (let i = 0; i < FILL_LIMIT + 50; i += 1) {
      const { coid: _coid, ...order } = makeOrder();
      items.push({ k: 'fill', ...makeFill({ fillId: `F${i}`, ns: i }) });
      items.push({ k: 'reject', ...order, stage: 'risk', code: 304, text, ns: i });
      items.push({ k: 'log', level: 'info', source: 'x', text: String(i), ns: i });
    }
    const instrument = '600001.SH';
    for (let i = 0; i < PRICE_LIMIT + 1000; i += 1) {
      items.push({ k: 'price', instrument, ns: i * NS, lastE4: i + 1, volume: 1 });
    }
    offer(replica, items);
    expect(replica.fillRows()).toHaveLength(FILL_LIMIT);
    expect(replica.fillRows()[0]?.fillId).toBe(`F${FILL_LIMIT + 49}`);
    expect(replica.rejectRows()).toHaveLength(REJECT_LIMIT);
    expect(new Set(replica.rejectRows().map((row) => row.rowId)).size).toBe(REJECT_LIMIT);
    expect(replica.logRows()).toHaveLength(LOG_LIMIT);
    expect(replica.bars(instrument)).toHaveLength(PRICE_LIMIT);
    expect(replica.bars(instrument).at(-1)?.[1]).toBe(PRICE_LIMIT + 1000);
  });

  test('keeps price points strictly ascending, one a second, the later one winning', () => {
    const replica = syncedReplica();
    const price = (ns: number, lastE4: number): Item => ({
      ...{ k: 'price', instrument: '600001.SH', ns, lastE4, volume: 100 },
    });
    offer(replica, [price(5.1 * NS, 10), price(5.9 * NS, 11), price(6 * NS, 12), price(4 * NS, 9)]);
    const bars = replica.bars('600001.SH').map((bar) => bar[1]);
    expect(bars).toEqual([11, 12]);
  });

  test('moves the version of what changed and of nothing else', () => {
    const replica = syncedReplica();
    const before = { ...replica.versions };
    offer(replica, [{ k: 'order', ...makeOrder() }]);
    expect(replica.versions).toEqual({ ...before, orders: before.orders + 1 });
  });

  test('skips an item kind of a newer server and applies the rest of the batch', () => {
    const replica = syncedReplica();
    const strange = { k: 'weather', sky: 'blue' } as unknown as Item;
    expect(offer(replica, [strange, { k: 'order', ...makeOrder() }])).toBe('applied');
    expect(replica.orderRows()).toHaveLength(1);
  });
});

describe('fill marks', () => {
  test('lose no fill and ascend in time whatever the bucket', () => {
    const fill = fc.record({
      ns: fc.integer({ min: 0, max: 15_000 }).map((second) => second * NS),
      side: fc.constantFrom('buy' as const, 'sell' as const),
      qty: fc.integer({ min: 1, max: 1000 }),
    });
    const bucket = fc.integer({ min: 1, max: 400 });
    fc.assert(
      fc.property(fc.array(fill, { maxLength: 200 }), bucket, (rows, seconds) => {
        const fills = rows.map((row) => makeFill(row));
        const marks = fillMarks(fills, seconds);
        const total = (list: { qty: number }[]) => list.reduce((sum, row) => sum + row.qty, 0);
        expect(marks.reduce((sum, mark) => sum + mark.count, 0)).toBe(fills.length);
        expect(total(marks)).toBe(total(fills));
        const times = marks.map((mark) => mark.second);
        expect(times).toEqual([...times].sort((a, b) => a - b));
      }),
      { numRuns: 100 },
    );
  });
});

describe('reading messages', () => {
  test('refuses what is not JSON, has no type, or lacks its lists, and says why', () => {
    expect(parseServerMessage('{')).toEqual({ kind: 'bad', reason: 'not JSON (1 characters)' });
    expect(parseServerMessage('[]').kind).toBe('bad');
    expect(parseServerMessage('{"t":"events","seq":1}')).toEqual({
      kind: 'bad',
      reason: 'events.items is not a list',
    });
    expect(parseServerMessage('{"t":"snapshot","seq":1}').kind).toBe('bad');
  });

  test('tells a message type of a newer server from garbage', () => {
    expect(parseServerMessage('{"t":"weather"}')).toEqual({ kind: 'unknown', t: 'weather' });
  });

  test('never throws on any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(['bad', 'unknown', 'message']).toContain(parseServerMessage(text).kind);
      }),
      { numRuns: 300 },
    );
  });
});
