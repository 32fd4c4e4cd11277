// The validation kernel against its twin: random static data, random orders, single and batch.
// Run by vitest. Holds: kernel and twin give the same first violated code for every order.

import { expect, test } from 'vitest';
import type { InstrumentStatic } from '../../engine/core/book.ts';
import { BookCode } from '../../engine/core/book.ts';
import { loadKernels } from '../../engine/host/kernels.ts';
import type { CheckedOrder } from '../../wasm/reference/validate.ts';
import { validate } from '../../wasm/reference/validate.ts';
import type { Random } from './operations.ts';
import { below, seeded } from './operations.ts';

const INSTRUMENTS = 50;

function pick(random: Random, values: readonly number[]): number {
  return values[below(random, values.length)];
}

function randomStatic(random: Random): InstrumentStatic {
  const tickE4 = pick(random, [10, 50, 100]);
  const limits = random() < 0.8;
  const maxQty = pick(random, [10_000, 100_000, 1_000_000]);
  return {
    ...{ tickE4, buyMin: pick(random, [10, 100, 200]), buyStep: pick(random, [1, 10, 100]) },
    ...{ sellMin: pick(random, [10, 100, 200]), sellStep: pick(random, [1, 10, 100]) },
    ...{ maxQty, maxMarketQty: pick(random, [0, 5_000, maxQty]) },
    ...{ upperE4: limits ? 110_000 : 0, lowerE4: limits ? 90_000 : 0 },
  };
}

function randomOrder(random: Random): CheckedOrder {
  return {
    side: random() < 0.97 ? 1 + below(random, 2) : pick(random, [0, 3, -1, 258]),
    kind: random() < 0.97 ? 1 + below(random, 7) : pick(random, [0, 8, -1, 257]),
    priceE4: random() < 0.8 ? 85_000 + 10 * below(random, 3_000) : pick(random, [0, -100, 100_005]),
    qty: pick(
      random,
      [0, -5, 1, 5, 99, 100, 100, 150, 199, 200, 200, 250, 5_100, 99_999, 2_000_000],
    ),
    sellable: pick(random, [-1, 0, 5, 50, 99, 150, 199, 200, 250, 1_000]),
  };
}

test.each([1, 2, 3])("gives the twin's code for 100,000 orders of seed %i", (seed) => {
  const { validate: kernel } = loadKernels({
    ...{ maxInstruments: INSTRUMENTS, maxOrders: 1, maxLevels: 1 },
  });
  const random = seeded(seed);
  const statics: (InstrumentStatic | undefined)[] = [undefined];
  for (let instr = 1; instr < INSTRUMENTS; instr++) {
    statics[instr] = randomStatic(random);
    expect(kernel.setStatic(instr, statics[instr]!)).toBe(BookCode.OK);
  }
  const seen = new Set<number>();
  const expected: number[] = [];
  for (let step = 0; step < 100_000; step++) {
    const instr = below(random, INSTRUMENTS);
    const o = randomOrder(random);
    const code = validate(statics[instr], o);
    const answer = kernel.validateOrder(instr, o.side, o.kind, o.priceE4, o.qty, o.sellable);
    if (answer !== code) expect([step, instr, o, answer]).toEqual([step, instr, o, code]);
    seen.add(code);
    if (step >= kernel.checkCapacity) continue;
    kernel.writeCheck(step, instr, o.side, o.kind, o.priceE4, o.qty, o.sellable);
    expected.push(code);
  }
  expect(kernel.validateBatch(0, expected.length)).toBe(expected.length);
  expect(expected.map((_, i) => kernel.checkResult(i))).toEqual(expected);
  expect([...seen].sort((a, b) => a - b)).toEqual([
    ...[0, 101, 201, 202, 203, 204, 205, 206, 207, 208, 209, 210, 405],
  ]);
});
