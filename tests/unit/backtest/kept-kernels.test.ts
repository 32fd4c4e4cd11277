// Kernels that serve day after day: books stay open and are empty each morning, rules are told when
// they are asked for. Run by vitest. Always: compared with a kernel that is told all anew.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BookCode, BookSide } from '../../../engine/core/book.ts';
import { type KernelRules, plainRules, RULE_FIELDS } from '../../../engine/core/exchange-kernel.ts';
import { staticOf } from '../../../engine/core/instrument.ts';
import { closeDayBooks, openDayBooks } from '../../../engine/host/day-books.ts';
import { dayRules, mayBeRefused } from '../../../engine/host/day-rules.ts';
import { loadKernels } from '../../../engine/host/kernels.ts';
import type { EngineSetup } from '../../../engine/host/setup.ts';
import { KIND_LIMIT, PHASE_CONTINUOUS, SIDE_BUY } from '../../../engine/messages/codes.ts';
import { makeInstrument } from '../../support/instruments.ts';

const SIZES = { maxInstruments: 3, maxOrders: 12, maxLevels: 192 };
const { BUY, SELL } = BookSide;
const names = ['600000.SH', '600001.SH', '000001.SZ'];

function instrumentsAt(preCloseE4: number) {
  return names.map((symbol, i) => makeInstrument(i, symbol, { preCloseE4 }));
}

const window = (lowE4: number, ticks = 20) => ({ lowE4, highE4: lowE4 + ticks * 100 });

describe('books that stay open from day to day', () => {
  const instruments = instrumentsAt(100_000);
  const windows = names.map(() => window(99_000));
  const quotas = [4, 4, 4];

  test('are empty each morning, whatever rested the evening before', () => {
    const { book } = loadKernels(SIZES);
    openDayBooks(book, instruments, windows, quotas);
    for (let id = 1; id <= 4; id++) book.add(0, id, id > 2 ? SELL : BUY, 99_000 + id * 100, 300);
    book.submit(2, 9, BUY, 0, 100_000, 500);
    const before = book.checksum(1);
    openDayBooks(book, instruments, windows.slice(), quotas.slice());
    expect([0, 1, 2].map((i) => book.orderCount(i))).toEqual([0, 0, 0]);
    expect([0, 1, 2].map((i) => [book.bestBid(i), book.bestAsk(i)])).toEqual(Array(3).fill([0, 0]));
    expect([book.checksum(0), book.checksum(1), book.checksum(2)]).toEqual(Array(3).fill(before));
    // Ids and slots of the evening before are free again.
    for (let id = 1; id <= 4; id++) expect(book.add(0, id, BUY, 99_500, 300)).toBe(BookCode.OK);
    expect(book.add(0, 5, BUY, 99_500, 300)).toBe(BookCode.QUOTA_FULL);
  });

  test('are opened anew for another window, another quota, and fewer instruments', () => {
    const { book } = loadKernels(SIZES);
    openDayBooks(book, instruments, windows, quotas);
    const moved = [window(99_000), window(50_000), window(99_000)];
    openDayBooks(book, instruments, moved, quotas);
    expect(book.add(1, 1, BUY, 50_100, 100)).toBe(BookCode.OK);
    expect(book.add(1, 2, BUY, 99_100, 100)).toBe(BookCode.OUT_OF_WINDOW);
    openDayBooks(book, instruments, moved, [1, 4, 4]);
    book.add(0, 1, BUY, 99_000, 100);
    expect(book.add(0, 2, BUY, 99_000, 100)).toBe(BookCode.QUOTA_FULL);
    openDayBooks(book, instruments.slice(0, 2), moved.slice(0, 2), [4, 4]);
    expect(book.orderCount(2)).toBe(BookCode.UNKNOWN_INSTRUMENT);
  });

  test('are opened as well behind the end of a run', () => {
    const { book, renew } = loadKernels(SIZES);
    openDayBooks(book, instruments, windows, quotas);
    closeDayBooks(book);
    renew();
    openDayBooks(book, instruments, windows, quotas);
    expect(book.add(2, 1, BUY, 99_000, 100)).toBe(BookCode.OK);
  });
});

function setupOf(preCloseE4: number, change: Partial<KernelRules> = {}): EngineSetup {
  const instruments = instrumentsAt(preCloseE4);
  const kernelRules = instruments.map((one) => ({
    ...plainRules(staticOf(one, one.upperLimitE4, one.lowerLimitE4)),
    ...(one.index === 1 ? change : {}),
  }));
  return { instruments, kernelRules } as unknown as EngineSetup;
}

describe('rules that are told when they are asked for', () => {
  test('are those of the day at every call, as if all had been told in the morning', () => {
    const kept = loadKernels(SIZES).validate;
    const day = fc.record({
      preCloseE4: fc.integer({ min: 500, max: 2_000 }).map((n) => n * 100),
      asked: fc.array(
        fc.record({
          i: fc.integer({ min: -1, max: 3 }),
          priceE4: fc.integer({ min: 400, max: 2_400 }).map((n) => n * 100),
          limits: fc.boolean(),
        }),
        { maxLength: 6 },
      ),
    });
    fc.assert(
      fc.property(fc.array(day, { minLength: 1, maxLength: 4 }), (days) => {
        for (const { preCloseE4, asked } of days) {
          const setup = setupOf(preCloseE4);
          const lazy = dayRules(kept, setup);
          const told = loadKernels(SIZES).validate;
          setup.instruments.forEach((_, i) => {
            told.setRules(i, setup.kernelRules.at(i)!);
          });
          for (const { i, priceE4, limits } of asked) {
            const answers = [lazy, told].map((kernel) => [
              limits ? kernel.setLimits(i, priceE4, 100) : 0,
              kernel.setQuote(i, PHASE_CONTINUOUS, 0, 0, 0),
              kernel.validateOrder(i, SIDE_BUY, KIND_LIMIT, priceE4, 100, 0, 0),
            ]);
            expect(answers[0]).toEqual(answers[1]);
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  test('of a batch of checks are all there before the first of them', () => {
    const kernel = dayRules(loadKernels(SIZES).validate, setupOf(100_000));
    for (let i = 0; i < 3; i++) {
      kernel.writeCheck(i, i, SIDE_BUY, KIND_LIMIT, i === 2 ? 200_000 : 100_000, 100, 0, 0);
    }
    kernel.validateBatch(0, 3);
    const found = [0, 1, 2].map((i) => kernel.checkResult(i));
    expect([found[0], found[1]]).toEqual([0, 0]);
    expect(found[2]).toBeGreaterThan(0);
  });

  test('that the kernel refuses stop the day before it begins, on a later day too', () => {
    const kernel = loadKernels(SIZES).validate;
    dayRules(kernel, setupOf(100_000));
    const bad = setupOf(100_000, { buyStep: 0 });
    expect(() => dayRules(kernel, bad)).toThrow('600001.SH: the kernel refuses its rules');
  });

  test('are never refused where none was foreseen', () => {
    const { validate } = loadKernels(SIZES);
    const good = setupOf(100_000).kernelRules.at(0);
    const value = fc.oneof(
      fc.integer({ min: -2, max: 4 }),
      fc.constantFrom(100, 101, 99_999, 100_000, 1_000_001, -1_000_000),
    );
    const changes = fc.array(fc.tuple(fc.constantFrom(...RULE_FIELDS), value), { maxLength: 3 });
    let refused = 0;
    fc.assert(
      fc.property(changes, (all) => {
        const rules = { ...good!, ...Object.fromEntries(all) };
        const code = validate.setRules(0, rules);
        if (code < 0) refused++;
        if (code < 0) expect(mayBeRefused(rules)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
    expect(refused).toBeGreaterThan(100);
    expect(mayBeRefused(good!)).toBe(false);
  });
});
