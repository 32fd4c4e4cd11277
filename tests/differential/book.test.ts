// The book and matching kernel against its slow twin: the same random operations, every answer and
// every trade compared. `npm run differential` runs a thousand seeds and more.

import { describe, expect, test } from 'vitest';
import { BookCode, OrderKind } from '../../engine/core/book.ts';
import { ReferenceBook } from '../../wasm/reference/book.ts';
import { newMarks, openBoth, runBoth, runRounds } from './book-run.ts';
import { NARROW, SUBJECTS, WIDE } from './subjects.ts';

const OPERATIONS = 60_000;

describe('book kernel against its twin', () => {
  for (const seed of [1, 2, 3]) {
    test(`agrees on ${OPERATIONS} operations of seed ${seed}`, { timeout: 60_000 }, () => {
      const marks = newMarks();
      expect(runBoth({ market: NARROW }, seed, OPERATIONS, marks)).toBeUndefined();
      expect(marks.trades).toBeGreaterThan(10_000);
    });
  }

  test('agrees on a window of 10,001 ticks', { timeout: 60_000 }, () => {
    const marks = newMarks();
    expect(runBoth({ market: WIDE }, 77, 6_000, marks)).toBeUndefined();
    expect(marks.trades).toBeGreaterThan(1_000);
  });

  test('the operations reach every answer and every outcome of every kind', () => {
    const marks = newMarks();
    expect(runBoth({ market: NARROW }, 5, 20_000, marks)).toBeUndefined();
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
    const { kernel, twin } = openBoth({ market: NARROW });
    expect(twin).toBeInstanceOf(ReferenceBook);
    expect(kernel).not.toBeInstanceOf(ReferenceBook);
    expect(Object.getPrototypeOf(kernel).submit.toString()).toContain('#fns.submit(');
  });
});

test('the batch form gives the results and trades of the single calls', () => {
  expect(runRounds({ market: NARROW }, 99, 15_000)).toBeUndefined();
});

test.each(SUBJECTS)('$name agrees on the first seeds of the long command', ({ run }) => {
  for (let seed = 1; seed <= 20; seed++) expect(run(seed, 500)).toBeUndefined();
});
