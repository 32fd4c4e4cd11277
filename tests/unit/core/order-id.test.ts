// Client order ids: four words inside, sixteen characters outside, and no slip of a hand passes.
// Run by vitest. Always: expectations come from the rules, never from the code under test.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatOrderId,
  idAccount,
  idAccountEpoch,
  idCheck,
  idEpoch,
  parseOrderId,
} from '../../../engine/core/order-id.ts';

const CHARACTERS = '0123456789abcdefghijklmnopqrstuvwxyz';
const DAYS = [20_200_101, 20_240_229, 20_251_231, 20_260_105, 21_001_231];

const words = fc.record({
  account: fc.integer({ min: 0, max: 255 }),
  epoch: fc.integer({ min: 0, max: 1_023 }),
  day: fc.constantFrom(...DAYS),
  sequence: fc.integer({ min: 0, max: 2 ** 30 - 1 }),
});

describe('an order id', () => {
  test('is sixteen lower-case characters and reads back as it was', () => {
    fc.assert(
      fc.property(words, ({ account, epoch, day, sequence }) => {
        const a = idAccountEpoch(account, epoch);
        expect([idAccount(a), idEpoch(a)]).toEqual([account, epoch]);
        const text = formatOrderId(a, day, sequence);
        expect(text).toMatch(/^1[0-9a-z]{15}$/);
        expect(parseOrderId(text)).toEqual({ a, b: day, c: sequence });
      }),
      { numRuns: 3_000, seed: 3 },
    );
  });

  test('with any one character changed is refused', () => {
    fc.assert(
      fc.property(words, ({ account, epoch, day, sequence }) => {
        const text = formatOrderId(idAccountEpoch(account, epoch), day, sequence);
        for (let i = 0; i < text.length; i++) {
          for (const other of CHARACTERS) {
            if (other === text[i]) continue;
            const wrong = text.slice(0, i) + other + text.slice(i + 1);
            if (parseOrderId(wrong) !== null) expect.fail(`${text} passes as ${wrong}`);
          }
        }
      }),
      { numRuns: 150, seed: 4 },
    );
  });

  test('with two neighbours exchanged is refused', () => {
    fc.assert(
      fc.property(words, ({ account, epoch, day, sequence }) => {
        const text = formatOrderId(idAccountEpoch(account, epoch), day, sequence);
        for (let i = 0; i + 1 < text.length; i++) {
          if (text[i] === text[i + 1]) continue;
          const wrong = text.slice(0, i) + text[i + 1] + text[i] + text.slice(i + 2);
          if (parseOrderId(wrong) !== null) expect.fail(`${text} passes as ${wrong}`);
        }
      }),
      { numRuns: 5_000, seed: 5 },
    );
  });

  test('of another version, length or alphabet is refused', () => {
    const text = formatOrderId(idAccountEpoch(1, 1), 20_260_105, 1);
    for (const wrong of ['', text.slice(1), `${text}0`, `2${text.slice(1)}`, text.toUpperCase()]) {
      if (wrong !== text) expect(parseOrderId(wrong), wrong).toBeNull();
    }
  });

  test('differs for every account, epoch, day and sequence', () => {
    const seen = new Set<string>();
    for (const account of [0, 1, 255]) {
      for (const epoch of [1, 2, 1_023]) {
        for (const day of DAYS) {
          for (const c of [1, 2, 32, 1_024, 2 ** 30 - 1]) {
            seen.add(formatOrderId(idAccountEpoch(account, epoch), day, c));
          }
        }
      }
    }
    expect(seen.size).toBe(3 * 3 * DAYS.length * 5);
  });

  test('that does not fit its sixteen characters fails loudly', () => {
    expect(() => formatOrderId(idAccountEpoch(1, 1_024), 20_260_105, 1)).toThrow(/epoch=1024/);
    expect(() => formatOrderId(idAccountEpoch(1, 1), 20_260_105, 2 ** 30)).toThrow(/sequence=/);
  });
});

test('the check word is never 0 and follows every other word', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), fc.integer(), fc.integer({ min: 1 }), (a, b, c, by) => {
      const check = idCheck(a, b, c);
      expect(check).not.toBe(0);
      const others = [idCheck(a ^ by, b, c), idCheck(a, b ^ by, c), idCheck(a, b, c ^ by)];
      // One bit is given away for "never 0": two words in four billion share a check by chance.
      expect(others.filter((other) => other === check)).toEqual([]);
    }),
    { numRuns: 5_000, seed: 6 },
  );
});
