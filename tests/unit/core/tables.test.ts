// The small tables: pair index against a Map, order table, live orders, timers against a list.
// Run by vitest. Always: expectations come from the rules, never from the code under test.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LiveOrders } from '../../../engine/core/live-orders.ts';
import { OrderTable, SLOT_NONE } from '../../../engine/core/order-table.ts';
import { PAIR_NONE, PairIndex } from '../../../engine/core/pair-index.ts';
import { TIMER_NONE, TimerTable } from '../../../engine/core/timer-table.ts';

describe('the pair index', () => {
  test('finds what a Map finds, in a hundred thousand random steps', () => {
    const small = fc.integer({ min: -3, max: 3 });
    const key = fc.oneof(small, fc.integer());
    const step = fc.tuple(key, key, fc.nat({ max: 2 ** 31 - 2 }));
    let steps = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 250, maxLength: 250 }), (all) => {
        const index = new PairIndex(250);
        const map = new Map<string, number>();
        for (const [a, b, value] of all) {
          if (index.get(a, b) !== (map.get(`${a},${b}`) ?? PAIR_NONE)) expect.fail(`${a},${b}`);
          index.set(a, b, value);
          map.set(`${a},${b}`, value);
          if (index.get(a, b) !== value || index.count !== map.size) expect.fail(`set ${a},${b}`);
          steps++;
        }
        for (const [a, b] of all) expect(index.get(a, b)).toBe(map.get(`${a},${b}`));
      }),
      { numRuns: 420, seed: 8 },
    );
    expect(steps).toBeGreaterThan(100_000);
  });

  test('holds its whole capacity and fails loudly beyond, never looping', () => {
    const index = new PairIndex(8);
    for (let n = 0; n < 8; n++) index.set(n, -n, n);
    expect(() => index.set(9, 9, 9)).toThrow(/full/);
    expect(index.get(7, -7)).toBe(7);
    expect(() => index.set(1, 1, -1)).toThrow(/value=-1/);
  });
});

describe('the order table', () => {
  test('finds orders by id and by the strategy’s own number, and gives no slot twice', () => {
    const table = new OrderTable(100);
    for (let n = 0; n < 100; n++) expect(table.insert(n % 3, n, n % 2, n)).toBe(n);
    for (let n = 0; n < 100; n++) {
      expect([table.findById(n % 3, n), table.findByIntent(n % 2, n)]).toEqual([n, n]);
      expect(table.findByIntent((n + 1) % 2, n)).toBe(SLOT_NONE);
    }
    expect(table.insert(9, 9, 9, 9)).toBe(SLOT_NONE);
    expect([table.count, table.findById(9, 9)]).toEqual([100, SLOT_NONE]);
  });
});

describe('the live orders', () => {
  test('take an id once, and count what is alive', () => {
    const live = new LiveOrders(2);
    expect([live.add(1, 0, 1, 100), live.add(1, 0, 1, 100), live.add(1, 0, 2, 50)]).toEqual([
      0, -1, 1,
    ]);
    expect(live.add(1, 0, 3, 100)).toBe(-1);
    live.finish(0);
    live.finish(0);
    expect([live.liveCount, live.live[0], live.leaves[1]]).toEqual([1, 0, 50]);
    expect(live.add(1, 0, 1, 100)).toBe(-1);
  });
});

describe('the timers', () => {
  test('come due like those of a sorted list', () => {
    const step = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 50 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const table = new TimerTable(10);
        let list: { due: number; number: number }[] = [];
        let made = 0;
        for (const [add, at] of steps) {
          if (add) {
            const number = table.add(at);
            expect(number).toBe(list.length < 10 ? ++made : TIMER_NONE);
            if (number !== TIMER_NONE) list.push({ due: at, number });
          } else {
            list.sort((a, b) => a.due - b.due || a.number - b.number);
            const first = list[0];
            const due = first !== undefined && first.due <= at;
            expect(table.take(at)).toBe(due ? first.number : TIMER_NONE);
            if (due) list = list.slice(1);
          }
          const earliest = Math.min(Number.POSITIVE_INFINITY, ...list.map(({ due }) => due));
          expect(table.earliestNs).toBe(earliest);
        }
      }),
      { numRuns: 1_500, seed: 9 },
    );
  });

  test('at no time are refused and take no slot', () => {
    const table = new TimerTable(2);
    const none = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const due of none) expect(table.add(due)).toBe(TIMER_NONE);
    expect([table.add(5), table.add(3), table.take(9), table.take(9)]).toEqual([1, 2, 2, 1]);
  });
});
