// The book and matching kernel against its slow twin: the same random operations, every answer and
// every trade compared. PANKOU_DIFFERENTIAL_SEEDS=1000 runs that many seeds instead of three.

import { describe, expect, test } from 'vitest';
import type { BookKernel } from '../../engine/core/book.ts';
import { BookCode, OrderKind } from '../../engine/core/book.ts';
import { loadKernels } from '../../engine/host/kernels.ts';
import { ReferenceBook } from '../../wasm/reference/book.ts';
import { booksDiffer, outcomesDiffer, tradesDiffer, viewsDiffer } from './comparison.ts';
import type { Market, Operation } from './operations.ts';
import { apply, below, randomOperation, seeded, writeAsCommand } from './operations.ts';

const SEEDS = Number(process.env['PANKOU_DIFFERENTIAL_SEEDS'] ?? 3);
const OPERATIONS = 100_000;

const NARROW: Market = {
  ...{ instruments: 2, tickE4: 100, loE4: 98_000, hiE4: 102_000, quota: 24, ids: 40 },
  badShare: 0.04,
};
/** Several bitmap and summary words a side, and levels far apart. */
const WIDE: Market = {
  ...{ instruments: 1, tickE4: 10, loE4: 500_000, hiE4: 600_000, quota: 60, ids: 90 },
  badShare: 0.02,
};

/** What a run went through, so that a test can say that it was not idle. */
interface Marks {
  answers: Set<string>;
  kinds: Set<string>;
  trades: number;
}

function openBoth(market: Market): { kernel: BookKernel; twin: BookKernel } {
  const ticks = (market.hiE4 - market.loE4) / market.tickE4 + 1;
  const sizes = {
    maxInstruments: market.instruments,
    maxOrders: market.instruments * market.quota,
    maxLevels: market.instruments * ticks,
  };
  const kernel = loadKernels(sizes).book;
  const twin = new ReferenceBook(sizes.maxInstruments, sizes.maxOrders, sizes.maxLevels);
  for (const book of [kernel, twin]) {
    for (let instr = 0; instr < market.instruments; instr++) {
      const { tickE4, loE4, hiE4, quota } = market;
      expect(book.openInstrument(instr, tickE4, loE4, hiE4, quota)).toBe(BookCode.OK);
    }
  }
  return { kernel, twin };
}

/** Runs both books side by side; returns the first difference as text. */
function run(market: Market, seed: number, operations: number, marks: Marks): string | undefined {
  const { kernel, twin } = openBoth(market);
  const random = seeded(seed);
  for (let step = 0; step < operations; step++) {
    const o = randomOperation(random, market);
    const answer = apply(kernel, o);
    const expected = apply(twin, o);
    const difference =
      (answer === expected ? undefined : `answer ${answer} != ${expected}`) ??
      stepDiffers(kernel, twin, o, step);
    if (difference) return `seed ${seed} step ${step} ${JSON.stringify(o)}: ${difference}`;
    mark(marks, kernel, o, answer);
  }
  return undefined;
}

function stepDiffers(kernel: BookKernel, twin: BookKernel, o: Operation, step: number) {
  let difference: string | undefined;
  if (o.name === 'submit') difference = tradesDiffer(kernel, twin) ?? outcomesDiffer(kernel, twin);
  if (o.name === 'uncross') difference = tradesDiffer(kernel, twin);
  if (o.name === 'auction' && kernel.auctionQty !== twin.auctionQty) difference = 'auctionQty';
  if (o.name === 'auction' && kernel.auctionImbalance !== twin.auctionImbalance) {
    difference = `imbalance ${kernel.auctionImbalance} != ${twin.auctionImbalance}`;
  }
  if (step % 8 === 0) difference ??= booksDiffer(kernel, twin, o.instr, 10);
  if (step % 8 === 4) difference ??= viewsDiffer(kernel, twin, o);
  return difference;
}

function mark(marks: Marks, book: BookKernel, o: Operation, answer: number): void {
  marks.answers.add(`${o.name} ${answer < 0 ? answer : 'ok'}`);
  if (o.name === 'uncross' || o.name === 'submit') marks.trades += Math.max(0, answer);
  if (o.name !== 'submit' || answer < 0) return;
  if (answer > 0) marks.kinds.add(`${o.kind} traded`);
  if (book.restedQty > 0) marks.kinds.add(`${o.kind} rested`);
  if (book.killedQty > 0) marks.kinds.add(`${o.kind} killed`);
}

function newMarks(): Marks {
  return { answers: new Set(), kinds: new Set(), trades: 0 };
}

describe('book kernel against its twin', () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    test(`agrees on ${OPERATIONS} operations of seed ${seed}`, { timeout: 60_000 }, () => {
      const marks = newMarks();
      expect(run(NARROW, seed, OPERATIONS, marks)).toBeUndefined();
      expect(marks.trades).toBeGreaterThan(10_000);
    });
  }

  test('agrees on a window of 10,001 ticks', { timeout: 60_000 }, () => {
    const marks = newMarks();
    expect(run(WIDE, 77, 10_000, marks)).toBeUndefined();
    expect(marks.trades).toBeGreaterThan(1_000);
  });

  test('the operations reach every answer and every outcome of every kind', () => {
    const marks = newMarks();
    expect(run(NARROW, 5, 20_000, marks)).toBeUndefined();
    const { kinds, answers } = marks;
    const bad = [BookCode.UNKNOWN_INSTRUMENT, BookCode.BAD_SIDE, BookCode.BAD_QTY];
    const priced = [BookCode.BAD_PRICE, BookCode.OFF_TICK, BookCode.OUT_OF_WINDOW];
    for (const code of [...bad, ...priced, BookCode.DUPLICATE_ID, BookCode.QUOTA_FULL]) {
      expect(answers).toContain(`add ${code}`);
      expect(answers).toContain(`submit ${code}`);
    }
    expect(answers).toContain(`submit ${BookCode.BAD_KIND}`);
    for (const code of [BookCode.UNKNOWN_ORDER, BookCode.MORE_THAN_LEFT, BookCode.BAD_QTY]) {
      expect(answers).toContain(`cancel ${code}`);
      expect(answers).toContain(`reduce ${code}`);
    }
    const { LIMIT, BEST5_CANCEL, BEST5_LIMIT, OPPOSITE_BEST, OWN_BEST, IOC, FOK } = OrderKind;
    for (const kind of [LIMIT, BEST5_CANCEL, BEST5_LIMIT, OPPOSITE_BEST, IOC, FOK]) {
      expect(kinds).toContain(`${kind} traded`);
    }
    for (const kind of [LIMIT, BEST5_LIMIT, OPPOSITE_BEST, OWN_BEST]) {
      expect(kinds).toContain(`${kind} rested`);
    }
    for (const kind of [BEST5_CANCEL, BEST5_LIMIT, OPPOSITE_BEST, OWN_BEST, IOC, FOK]) {
      expect(kinds).toContain(`${kind} killed`);
    }
    expect(kinds).not.toContain(`${OWN_BEST} traded`);
  });

  test('the kernel side runs in WebAssembly and not in the twin', () => {
    const { kernel, twin } = openBoth(NARROW);
    expect(twin).toBeInstanceOf(ReferenceBook);
    expect(kernel).not.toBeInstanceOf(ReferenceBook);
    expect(Object.getPrototypeOf(kernel).submit.toString()).toContain('#fns.submit(');
  });
});

describe('batch form against the twin', () => {
  test('gives the results and trades of the single calls', { timeout: 60_000 }, () => {
    const { kernel, twin } = openBoth(NARROW);
    const random = seeded(99);
    for (let round = 0; round < 100; round++) {
      const count = writeRound(kernel, twin, random);
      expect(kernel.runBatch(0, count)).toBe(count);
      expect(twin.runBatch(0, count)).toBe(count);
      expect(tradesDiffer(kernel, twin)).toBeUndefined();
      for (let i = 0; i < count; i++) {
        const one = resultText(kernel, i);
        if (one !== resultText(twin, i)) expect(one).toBe(resultText(twin, i));
      }
      expect(booksDiffer(kernel, twin, round % 2, 10)).toBeUndefined();
    }
  });
});

function writeRound(kernel: BookKernel, twin: BookKernel, random: () => number): number {
  let count = 0;
  for (let i = 0; i < 50 + below(random, 200); i++) {
    const o = randomOperation(random, NARROW);
    if (writeAsCommand(kernel, count, o) && writeAsCommand(twin, count, o)) count++;
  }
  return count;
}

function resultText(book: BookKernel, i: number): string {
  const rested = `${book.commandRestedQty(i)}@${book.commandRestedPriceE4(i)}`;
  return `${i}: ${book.commandResult(i)} ${rested}`;
}
