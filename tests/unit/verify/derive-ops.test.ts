// What must have arrived, from what each exchange publishes: SSE's aggressive orders, SZSE's market
// kinds, the resting orders of a partial day (rules sheet 11.1, 11.2).
import { describe, expect, test } from 'vitest';
import type { Derived, DeriveOptions } from '../../../engine/verify/derive-ops.ts';
import { deriveOps } from '../../../engine/verify/derive-ops.ts';
import { rowsOf } from './verify-kit.ts';

const OPS: { readonly [op: number]: string } = {
  1: 'add',
  2: 'submit',
  3: 'cancel',
  8: 'uncross',
  9: 'nothing',
};
const KINDS = ['', 'limit', 'best5', '', 'opposite', 'own', 'ioc', 'fok'];
const PARTS = ['opening', 'continuous', 'closing'];

/** `submit 7 buy 300 limit @ 10.05 trades 2`. */
function shown({ ops }: Derived): string[] {
  return Array.from({ length: ops.count }, (_, i) => {
    const trades = ops.tradeTo[i] - ops.tradeFrom[i];
    const made = trades > 0 ? ` trades ${trades}` : '';
    const name = OPS[ops.op[i]];
    if (ops.id[i] === 0) return `${name} ${PARTS[ops.part[i]]}${made}`;
    const price = ops.priceE4[i] > 0 ? ` @ ${ops.priceE4[i] / 10_000}` : '';
    const side = ops.side[i] === 1 ? 'buy' : 'sell';
    const kind = ops.kind[i] > 0 ? ` ${KINDS[ops.kind[i]]}` : '';
    return `${name} ${ops.id[i]} ${side} ${ops.qty[i]}${kind}${price}${made}`;
  });
}

function derive(lines: readonly string[], options: Partial<DeriveOptions> = {}): string[] {
  const facts = { style: 'sse', hasClosingCall: true, hasStartBook: false } as const;
  return shown(deriveOps(rowsOf(...lines), { ...facts, ...options }));
}

/** A day that is not partial. */
const BEFORE = '9:15:00 add 1 buy 100 @ 9.00';
const FIRST = ['add 1 buy 100 limit @ 9', 'uncross opening'];

describe('SSE', () => {
  test('rebuilds a fully filled order from its trades, at the worst price', () => {
    const lines = [
      BEFORE,
      '9:30:00 trade 9 5 100 @ 10.01 buy',
      '9:30:00 trade 9 6 200 @ 10.03 buy',
      '9:30:00 trade 1 10 100 @ 9.00 sell',
    ];
    expect(derive(lines)).toEqual([
      ...FIRST,
      'submit 9 buy 300 limit @ 10.03 trades 2',
      'submit 10 sell 100 limit @ 9 trades 1',
    ]);
  });

  test('adds the remainder right behind the trades, at its price', () => {
    const lines = [BEFORE, '9:30:00 trade 9 5 100 @ 10.01 buy', '9:30:00 add 9 buy 400 @ 10.02'];
    expect(derive(lines)).toEqual([...FIRST, 'submit 9 buy 500 limit @ 10.02 trades 1']);
  });

  test('takes an order of another number behind the trades as one of its own', () => {
    const lines = [BEFORE, '9:30:00 trade 9 5 100 @ 10.01 buy', '9:30:00 add 8 buy 400 @ 10.02'];
    expect(derive(lines)).toEqual([
      ...FIRST,
      'submit 9 buy 100 limit @ 10.01 trades 1',
      'submit 8 buy 400 limit @ 10.02',
    ]);
  });

  test('counts a remainder printed after 14:57 with its trades, the next order as the call', () => {
    const lines = [
      BEFORE,
      '14:57:00 trade 9 5 100 @ 10.01 buy',
      '14:57:00 add 9 buy 400 @ 10.02',
      '14:57:00 add 10 buy 100 @ 10.02',
      '15:00:00 trade 9 11 100 @ 10.02 call',
      '15:05:00 add 12 buy 100 @ 10.02',
    ];
    expect(derive(lines)).toEqual([
      ...FIRST,
      'submit 9 buy 500 limit @ 10.02 trades 1',
      'add 10 buy 100 limit @ 10.02',
      'uncross closing trades 1',
    ]);
  });

  test('uncrosses the opening call where its trades stand, before later orders', () => {
    const lines = [
      BEFORE,
      '9:25:00 trade 1 2 100 @ 9.00 call',
      '9:25:00 trade 1 3 100 @ 9.00 call',
      '9:26:00 add 4 sell 100 @ 9.00',
      '9:30:00 add 5 sell 100 @ 9.00',
    ];
    expect(derive(lines)).toEqual([
      'add 1 buy 100 limit @ 9',
      'uncross opening trades 2',
      'add 4 sell 100 limit @ 9',
      'submit 5 sell 100 limit @ 9',
    ]);
    expect(derive([BEFORE, ...lines.slice(3)])).toEqual([
      ...FIRST,
      'add 4 sell 100 limit @ 9',
      'submit 5 sell 100 limit @ 9',
    ]);
  });

  test('trades on to 15:00 where there is no closing call', () => {
    const lines = [BEFORE, '14:58:00 add 2 buy 100 @ 9.01'];
    expect(derive(lines, { hasClosingCall: false }).at(-1)).toBe('submit 2 buy 100 limit @ 9.01');
    expect(derive(lines).at(-1)).toBe('add 2 buy 100 limit @ 9.01');
  });

  test('keeps a trade that no order explains as one that the kernel cannot make', () => {
    const lines = [BEFORE, '10:30:00 trade 9 5 100 @ 10.01 call'];
    expect(derive(lines)).toEqual([...FIRST, 'nothing continuous trades 1']);
  });
});

describe('SZSE', () => {
  const order = '9:30:00 add 9 buy 300 market';
  const filled = '9:30:00 trade 9 5 300 @ 10.01 buy';
  const part = '9:30:00 trade 9 5 100 @ 10.01 buy';
  const deep = Array.from({ length: 6 }, (_, i) => `9:30:00 trade 9 ${i + 2} 10 @ 10.0${i} buy`);
  test.each([
    ['used up', [filled], 'best5', 1],
    ['used up over six levels', [...deep, '9:30:00 trade 9 8 240 @ 10.06 buy'], 'ioc', 7],
    ['its rest cancelled at once', [part, '9:30:00 cancel 9 buy 200'], 'best5', 1],
    ['its rest cancelled after six levels', [...deep, '9:30:00 cancel 9 buy 240'], 'ioc', 6],
    ['cancelled whole at once', ['9:30:00 cancel 9 buy 300'], 'fok', 0],
    ['a rest that stays', [part, '9:30:00 add 10 buy 100 @ 9.00'], 'opposite', 1],
    ['a rest cancelled later', [part, '9:30:01 cancel 9 buy 200'], 'opposite', 1],
    ['the end of the data', [part], 'opposite', 1],
  ])('takes a market order with %s for what it was', (_, behind, kind, trades) => {
    const made = trades > 0 ? ` trades ${trades}` : '';
    const ops = derive([BEFORE, order, ...behind], { style: 'szse' });
    expect(ops[2]).toBe(`submit 9 buy 300 ${kind}${made}`);
  });

  test('leaves the price of an own-best order to the book', () => {
    const lines = [BEFORE, '9:30:00 add 9 buy 300 own 9.00'];
    expect(derive(lines, { style: 'szse' }).at(-1)).toBe('submit 9 buy 300 own');
  });

  test('believes kinds and protection prices of a feed that publishes them', () => {
    const ops = derive([BEFORE, order, filled], { style: 'full' });
    expect(ops.at(-1)).toBe('submit 9 buy 300 best5 trades 1');
  });
});

describe('a partial day', () => {
  test('begins with the orders that later records refer to, by order number', () => {
    const lines = [
      '9:30:05 trade 4 9 100 @ 10.00 sell',
      '9:30:06 trade 3 10 100 @ 10.00 sell',
      '9:30:07 cancel 4 buy 50',
      '9:30:08 cancel 2 sell 70',
      '9:30:09 cancel 7 sell 70 @ 10.20',
    ];
    const derived = deriveOps(rowsOf(...lines), {
      ...{ style: 'sse', hasClosingCall: true, hasStartBook: false },
    });
    expect(shown(derived)).toEqual([
      'add 3 buy 100 limit @ 10',
      'add 4 buy 150 limit @ 10',
      'add 7 sell 70 limit @ 10.2',
      'submit 9 sell 100 limit @ 10 trades 1',
      'submit 10 sell 100 limit @ 10 trades 1',
      'cancel 4 buy 50',
      'cancel 7 sell 70',
    ]);
    expect(derived).toMatchObject({ openingOrders: 3, droppedCancels: 1 });
  });

  test('does not uncross the resting orders that somebody put in front', () => {
    const lines = ['9:25:00 add 1 buy 100 @ 9.00', '9:30:00 add 2 buy 100 @ 9.00'];
    expect(derive(lines, { hasStartBook: true })).toEqual([
      'add 1 buy 100 limit @ 9',
      'submit 2 buy 100 limit @ 9',
    ]);
  });
});
