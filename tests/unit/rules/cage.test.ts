// The price cage and where it does not apply: the worked examples of the rules sheet, section 13.2
// (C1 to C14), through the same validation that `pankou rules validate` uses.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePriceE4 } from '../../../engine/core/price.ts';
import { cageBound } from '../../../engine/rules/cage.ts';
import { timeNsOf } from '../../../engine/rules/calendar-date.ts';
import { RuleBook } from '../../../engine/rules/rule-book.ts';
import { subjectOf } from '../../../engine/rules/subject.ts';
import { validateOrder } from '../../../engine/rules/validate.ts';

const book = new RuleBook();
const SIDES = ['', 'buy', 'sell'];

interface Case {
  readonly symbol: string;
  readonly order: string;
  readonly book: string;
  readonly preclose?: string;
  readonly time?: string;
  readonly day?: number;
}

/** Rules violated by an order such as `buy 10.21` against a book such as `ask 10.00 bid 9.99`. */
function violated(at: Case): string[] {
  const rules = book.on(at.day ?? 20260810);
  const [side, price] = at.order.split(' ');
  const words = at.book.split(' ');
  const top = (name: string) => {
    const i = words.indexOf(name);
    return i < 0 ? 0 : parsePriceE4(words[i + 1]);
  };
  const qty = at.symbol.startsWith('688') ? 200 : 100;
  const order = {
    side: SIDES.indexOf(side),
    kind: 'limit',
    qty,
    priceE4: parsePriceE4(price),
  } as const;
  const facts = {
    timeNs: timeNsOf(at.time ?? '10:00:00'),
    book: { askE4: top('ask'), bidE4: top('bid'), lastE4: top('last') },
    sellable: 1_000,
    ...(at.preclose === undefined ? {} : { preCloseE4: parsePriceE4(at.preclose) }),
  };
  const verdict = validateOrder(rules, subjectOf(rules, at.symbol), order, facts);
  return verdict.findings.map(({ rule }) => rule);
}

describe('rules sheet 13.2', () => {
  test.each<[string, Case, string[]]>([
    ['C1', { symbol: '600000.SH', book: 'ask 10.00 bid 9.99', order: 'buy 10.20' }, []],
    ['C1', { symbol: '600000.SH', book: 'ask 10.00 bid 9.99', order: 'buy 10.21' }, ['cage/main']],
    ['C2', { symbol: '600000.SH', book: 'ask 3.20', order: 'buy 3.30' }, []],
    ['C2', { symbol: '600000.SH', book: 'ask 3.20', order: 'buy 3.31' }, ['cage/main']],
    ['C3', { symbol: '688981.SH', book: 'ask 3.20', order: 'buy 3.26' }, []],
    ['C3', { symbol: '688981.SH', book: 'ask 3.20', order: 'buy 3.27' }, ['cage/star']],
    ['C4', { symbol: '000001.SZ', book: 'bid 25.37', order: 'sell 24.86' }, []],
    ['C4', { symbol: '000001.SZ', book: 'bid 25.37', order: 'sell 24.85' }, ['cage/main']],
    ['C5', { symbol: '600000.SH', book: 'ask 25.25', order: 'buy 25.76' }, []],
    ['C5', { symbol: '600000.SH', book: 'ask 25.25', order: 'buy 25.77' }, ['cage/main']],
    ['C6', { symbol: '600000.SH', book: 'bid 5.00', order: 'sell 4.90' }, []],
    ['C6', { symbol: '600000.SH', book: 'bid 5.00', order: 'sell 4.89' }, ['cage/main']],
    ['C7', { symbol: '920002.BJ', book: 'ask 1.50', order: 'buy 1.60' }, []],
    ['C7', { symbol: '920002.BJ', book: 'ask 1.50', order: 'buy 1.61' }, ['cage/bse/2026']],
    ['C8', { symbol: '920002.BJ', book: 'bid 8.00', order: 'sell 7.60' }, []],
    ['C8', { symbol: '920002.BJ', book: 'bid 8.00', order: 'sell 7.59' }, ['cage/bse/2026']],
    ['C9', { symbol: '600000.SH', book: 'bid 11.00', preclose: '10', order: 'buy 11.00' }, []],
    ['C10', { symbol: '600000.SH', book: 'last 9.50', preclose: '10', order: 'sell 9.31' }, []],
    [
      'C10',
      { symbol: '600000.SH', book: 'last 9.50', preclose: '10', order: 'sell 9.30' },
      ['cage/main'],
    ],
    ['C11', { symbol: '600000.SH', book: '', preclose: '10', order: 'buy 10.20' }, []],
    ['C11', { symbol: '600000.SH', book: '', preclose: '10', order: 'buy 10.21' }, ['cage/main']],
    [
      'C12',
      { symbol: '600000.SH', book: 'bid 10', preclose: '10', order: 'sell 9.00' },
      ['cage/main'],
    ],
    [
      'C12',
      { symbol: '600000.SH', book: 'bid 10', preclose: '10', order: 'sell 9.00', time: '09:16' },
      [],
    ],
    [
      'C12',
      { symbol: '600000.SH', book: 'bid 10', preclose: '10', order: 'sell 9.00', time: '14:58' },
      [],
    ],
    ['C13', { symbol: '600000.SH', book: 'ask 10.90', preclose: '10', order: 'buy 11.00' }, []],
    [
      'C13',
      { symbol: '600000.SH', book: 'ask 10.90', preclose: '10', order: 'buy 11.01' },
      ['price-limit/main'],
    ],
    ['C14', { symbol: '510300.SH', book: 'ask 1.000', preclose: '1', order: 'buy 1.090' }, []],
  ])('%s %o', (_, at, rules) => {
    expect(violated(at)).toEqual(rules);
  });
});

describe('dates of the cage', () => {
  test('the main board had none before 2023-04-10', () => {
    const at = { symbol: '600000.SH', book: 'ask 10.00', order: 'buy 10.90' };
    expect(violated({ ...at, day: 20230407 })).toEqual([]);
    expect(violated({ ...at, day: 20230410 })).toEqual(['cage/main']);
  });

  test('ChiNext held orders outside it until 2023-04-07 and refuses them since', () => {
    const rules = (day: number) => {
      const held = book.on(day);
      const order = { side: 1, kind: 'limit', qty: 100, priceE4: 109_000 } as const;
      const facts = { book: { askE4: 100_000, bidE4: 0, lastE4: 0 } };
      return validateOrder(held, subjectOf(held, '300010.SZ'), order, facts);
    };
    expect(rules(20230407)).toMatchObject({ ok: true, findings: [{ severity: 'warning' }] });
    expect(rules(20230410)).toMatchObject({ ok: false, findings: [{ severity: 'reject' }] });
  });
});

test('a bound is never on the wrong side of its reference, and at least a tick away', () => {
  const cage = { upPercent: 2, downPercent: 2, ticks: 0, outside: 'refused' } as const;
  const price = fc.integer({ min: 2, max: 200_000 });
  fc.assert(
    fc.property(price, (ticks) => {
      const top = { askE4: ticks * 100, bidE4: ticks * 100, lastE4: 0 };
      const buy = cageBound(cage, 1, top, 0, 100);
      const sell = cageBound(cage, 2, top, 0, 100);
      expect(buy?.boundE4).toBeGreaterThanOrEqual(ticks * 100 + 100);
      expect(sell?.boundE4).toBeLessThanOrEqual(ticks * 100 - 100);
      expect((buy?.boundE4 ?? 0) % 100).toBe(0);
      expect(sell?.boundE4).toBeGreaterThan(0);
    }),
  );
});
