// Tables that a backtest of many days uses again: after clear() they answer as new ones do,
// whatever they held; and the same days run with and without them give the same state.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DayTables } from '../../../engine/backtest/day-tables.ts';
import { columnsOf as instrumentColumnsOf } from '../../../engine/core/instrument-columns.ts';
import { LiveOrders } from '../../../engine/core/live-orders.ts';
import { OrderTable } from '../../../engine/core/order-table.ts';
import { PAIR_NONE, PairIndex } from '../../../engine/core/pair-index.ts';
import { RiskOrders } from '../../../engine/core/risk/risk-orders.ts';
import { RecentTimes } from '../../../engine/core/risk/sliding.ts';
import { sessionPlanOf } from '../../../engine/core/session-plan.ts';
import { makeInstrument } from '../../support/instruments.ts';

const small = fc.integer({ min: 0, max: 40 });
const pairs = fc.array(fc.tuple(small, small), { maxLength: 60 });

/** What anyone can see of a table. */
function columnsOf(table: object): unknown {
  return Object.entries(table).map(([name, value]) => [name, value]);
}

describe('a pair index that is cleared', () => {
  test('finds nothing of before and everything entered after', () => {
    fc.assert(
      fc.property(pairs, pairs, (before, after) => {
        const index = new PairIndex(64);
        for (const [n, [a, b]] of before.entries()) index.set(a, b, n);
        index.clear();
        for (const [a, b] of before) expect(index.get(a, b)).toBe(PAIR_NONE);
        const fresh = new PairIndex(64);
        for (const [n, [a, b]] of after.entries()) {
          index.set(a, b, n);
          fresh.set(a, b, n);
        }
        expect(index.count).toBe(fresh.count);
        for (const [a, b] of [...before, ...after]) expect(index.get(a, b)).toBe(fresh.get(a, b));
      }),
    );
  });

  test('takes as many entries again as it had room for', () => {
    const index = new PairIndex(8);
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 8; n++) index.set(round, n, n);
      expect(index.count).toBe(8);
      index.clear();
    }
    expect(index.get(2, 3)).toBe(PAIR_NONE);
  });
});

describe('a table of orders that is cleared', () => {
  test('shows the columns of a new one and finds no order of before', () => {
    const table = new OrderTable(8);
    for (let n = 0; n < 5; n++) {
      const slot = table.insert(7, n + 1, 0, n + 1);
      table.priceE4[slot] = 100_000;
      table.reservedE4[slot] = 1e9;
      table.marks[slot] = 3;
      table.holds.state[slot] = 2;
      table.keyD[slot] = -1;
    }
    table.clear();
    expect(columnsOf(table)).toEqual(columnsOf(new OrderTable(8)));
    expect(table.findById(7, 3)).toBe(-1);
    expect(table.findByIntent(0, 3)).toBe(-1);
  });

  test('of the gateway forgets orders and fills', () => {
    const live = new LiveOrders(8);
    const slot = live.add(7, 1, 3, 500);
    live.answered[slot] = 1;
    live.brokerNo[slot] = 12;
    live.shown.traded[slot] = 300;
    live.shown.killState[slot] = 1;
    expect(live.isNewFill(1, 0, 1)).toBe(true);
    live.clear();
    expect(columnsOf(live)).toEqual(columnsOf(new LiveOrders(8)));
    expect(live.find(7, 3)).toBe(-1);
    expect(live.isNewFill(1, 0, 1)).toBe(true);
  });

  test('of risk forgets orders and the lists of its instruments', () => {
    const orders = new RiskOrders(8, 3);
    orders.qty[orders.add(7, 1, 2)] = 500;
    orders.add(7, 2, 2);
    orders.clear();
    expect(columnsOf(orders)).toEqual(columnsOf(new RiskOrders(8, 3)));
    expect(orders.find(7, 1)).toBe(-1);
  });

  test('of recent times counts from nothing', () => {
    const times = new RecentTimes(2, 16);
    const at = new Float64Array([5e9]);
    for (let n = 0; n < 3; n++) times.add(1, at);
    times.clear();
    expect(times.hasRecent(1, 1, at)).toBe(false);
    times.add(1, at);
    expect([times.hasRecent(1, 1, at), times.hasRecent(1, 2, at)]).toEqual([true, false]);
  });
});

describe('the columns of a day', () => {
  test('are zeros each morning, overlap nowhere, and may be larger than all before', () => {
    const tables = new DayTables();
    for (const size of [10, 1_000, 30_000, 7]) {
      tables.beginDay();
      const cut = [
        tables.int32(size),
        tables.uint8(size + 1),
        tables.float64(size),
        tables.int16(3),
        tables.int8(size),
        tables.float64(100_000),
        tables.int32(size),
      ];
      for (const column of cut) expect(column.every((value) => value === 0)).toBe(true);
      for (const [n, column] of cut.entries()) column.fill(n + 1);
      for (const [n, column] of cut.entries()) {
        expect(column.every((value) => value === n + 1)).toBe(true);
      }
      expect(cut.map(({ length }) => length)).toEqual([
        ...[size, size + 1, size, 3, size, 100_000, size],
      ]);
    }
  });
});

describe('the columns of instruments', () => {
  const at = (preCloseE4: number, symbol = '600000.SH') =>
    makeInstrument(0, symbol, { preCloseE4 });

  test('are those of the list at hand, whichever was asked for before', () => {
    const [star, main] = [at(100_000, '688001.SH'), at(50_000)];
    const first = [star, main, main];
    const second = [star, at(60_000), main];
    for (const list of [first, second, first, [main], second]) {
      const columns = instrumentColumnsOf(list);
      expect([...columns.preCloseE4]).toEqual(list.map((one) => one.preCloseE4));
      expect([...columns.upperE4]).toEqual(list.map((one) => one.upperLimitE4));
      expect([...columns.lowerE4]).toEqual(list.map((one) => one.lowerLimitE4));
      expect([...columns.board]).toEqual(list.map((one) => (one.kind === 'star' ? 1 : 0)));
    }
  });

  test('give one plan to lists of equal days, and another to another', () => {
    const [star, main] = [at(100_000, '688001.SH'), at(50_000)];
    const shorter = { ...main, phases: main.phases.slice(0, 2) };
    const plan = sessionPlanOf([star, main]);
    expect(sessionPlanOf([star, { ...main, preCloseE4: 1 }])).toBe(plan);
    const other = sessionPlanOf([star, shorter]);
    expect(other.lastContinuousNs(1)).not.toBe(plan.lastContinuousNs(1));
    expect(sessionPlanOf([star]).lastContinuousNs(0)).toBe(plan.lastContinuousNs(0));
  });
});

describe('the tables of the days of a run', () => {
  test('are handed out once a day, emptied, each name from a shelf of its own', () => {
    const tables = new DayTables();
    const take = (name: string) => tables.take(name, () => new PairIndex(8));
    tables.beginDay();
    const [a, b, other] = [take('a'), take('a'), take('b')];
    a.set(1, 2, 3);
    tables.beginDay();
    expect(take('a')).toBe(a);
    expect(a.get(1, 2)).toBe(PAIR_NONE);
    expect([take('b'), take('a')]).toEqual([other, b]);
    expect(take('a')).not.toBe(a);
  });
});
