// The validation kernel against its twin: random rules, moments and orders, single and batch.
// Run by vitest. Holds: kernel and twin give the same first violated code for every order.

import { expect, test } from 'vitest';
import { BookCode } from '../../engine/core/book.ts';
import type { KernelRules } from '../../engine/core/exchange-kernel.ts';
import { loadKernels } from '../../engine/host/kernels.ts';
import * as codes from '../../wasm/assembly/codes.ts';
import type { CheckedOrder, Moment } from '../../wasm/reference/validate.ts';
import { validate } from '../../wasm/reference/validate.ts';
import type { Random } from './operations.ts';
import { below, seeded } from './operations.ts';
import { pick, randomRules } from './random-rules.ts';

const INSTRUMENTS = 200;

function randomMoment(random: Random, rules: KernelRules): Moment {
  const phase = random() < 0.4 ? codes.PHASE_CONTINUOUS : below(random, 11) - 1;
  const priceE4 = () => (random() < 0.7 ? 98_000 + 100 * below(random, 40) : 0);
  const byPrice = rules.haltPermille1 > 0 ? 'price' : 'other';
  const halt = phase === codes.PHASE_HALTED ? byPrice : 'none';
  const prices = { bidE4: priceE4(), askE4: priceE4(), lastE4: priceE4(), closeE4: priceE4() };
  return { phase, halt, ...prices };
}

function randomOrder(random: Random): CheckedOrder {
  return {
    side: random() < 0.97 ? 1 + below(random, 2) : pick(random, [0, 3, -1, 258]),
    kind: random() < 0.6 ? 1 : random() < 0.97 ? 1 + below(random, 7) : pick(random, [0, 8, -1]),
    priceE4: random() < 0.9 ? randomPrice(random) : pick(random, [0, 0, -100, 100_005]),
    qty: pick(
      random,
      [0, -5, 1, 5, 99, 100, 100, 150, 199, 200, 200, 250, 5_100, 99_999, 2_000_000],
    ),
    sellable: pick(random, [-2, -1, 0, 5, 50, 99, 150, 199, 200, 250, 1_000]),
    bought: pick(random, [0, 0, 4_900, 4_950, 2_147_483_647]),
  };
}

function randomPrice(random: Random): number {
  return random() < 0.5 ? 85_000 + 10 * below(random, 3_000) : 97_500 + 50 * below(random, 100);
}

test.each([1, 2, 3])("gives the twin's code for 100,000 orders of seed %i", (seed) => {
  const { validate: kernel } = loadKernels({
    ...{ maxInstruments: INSTRUMENTS, maxOrders: 1, maxLevels: 1 },
  });
  const random = seeded(seed);
  const days: { rules?: KernelRules; now: Moment }[] = [{ now: randomMoment(random, NONE) }];
  for (let instr = 1; instr < INSTRUMENTS; instr++) {
    const rules = randomRules(random);
    const now = randomMoment(random, rules);
    days[instr] = { rules, now };
    expect(kernel.setRules(instr, rules)).toBe(BookCode.OK);
    expect(kernel.setQuote(instr, now.phase, now.bidE4, now.askE4, now.lastE4)).toBe(BookCode.OK);
    expect(kernel.setClose(instr, now.closeE4)).toBe(BookCode.OK);
  }
  const seen = new Set<number>();
  const expected: number[] = [];
  for (let step = 0; step < 100_000; step++) {
    const instr = below(random, INSTRUMENTS);
    const o = randomOrder(random);
    const { side, kind, priceE4, qty, sellable, bought } = o;
    const { rules, now } = days[instr];
    const code = validate(rules, now, o);
    const answer = kernel.validateOrder(instr, side, kind, priceE4, qty, sellable, bought);
    if (answer !== code) {
      expect([step, rules, now, o, answer]).toEqual([step, rules, now, o, code]);
    }
    seen.add(code);
    if (step >= kernel.checkCapacity) continue;
    expected.push(code);
    kernel.writeCheck(step, instr, side, kind, priceE4, qty, sellable, bought);
  }
  expect(kernel.validateBatch(0, expected.length)).toBe(expected.length);
  expect(expected.map((_, i) => kernel.checkResult(i))).toEqual(expected);
  const every = Object.entries(codes).filter(([name]) => name.startsWith('REJECT_'));
  const cancelsOnly: readonly number[] = [codes.REJECT_NO_CANCEL_WINDOW];
  const mayAnswer = every.map(([, code]) => code).filter((code) => !cancelsOnly.includes(code));
  expect([...seen].sort((a, b) => a - b)).toEqual([0, ...mayAnswer.sort((a, b) => a - b)]);
});

const NONE = randomRules(seeded(0));
