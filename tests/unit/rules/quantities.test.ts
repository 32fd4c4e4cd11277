// Quantities, odd lots, T+1 and the buy cap: the worked examples of the rules sheet, section 13.5
// (Q1 to Q11) and 2.3, and how unsure rules are treated in live and backtest mode.
import { describe, expect, test } from 'vitest';
import { parsePriceE4 } from '../../../engine/core/price.ts';
import type { OrderFacts, OrderKind } from '../../../engine/rules/order-check.ts';
import { RuleBook } from '../../../engine/rules/rule-book.ts';
import { type SubjectFacts, subjectOf } from '../../../engine/rules/subject.ts';
import { validateOrder } from '../../../engine/rules/validate.ts';

const rules = new RuleBook().on(20260810);

interface Case {
  readonly price?: string;
  readonly kind?: OrderKind;
  readonly facts?: OrderFacts;
  readonly subject?: SubjectFacts;
}

/** `buy 100` judged; the price is on every tick unless the case gives one. */
function judge(symbol: string, text: string, more: Case = {}, mode: 'live' | 'backtest' = 'live') {
  const [side, qty] = text.split(' ');
  const order = {
    side: side === 'buy' ? 1 : 2,
    kind: more.kind ?? 'limit',
    qty: Number(qty.replaceAll(',', '')),
    priceE4: parsePriceE4(more.price ?? '10.00'),
  };
  return validateOrder(rules, subjectOf(rules, symbol, more.subject), order, more.facts, mode);
}

const holds = (sellable: number, boughtToday = 0): Case => ({ facts: { sellable, boughtToday } });
const market: Case = { kind: 'best5-ioc' };
const st: Case = {
  subject: { state: 'risk-warning' },
  facts: { boughtToday: 400_000, workingBuys: 50_000 },
};

describe('rules sheet 13.5', () => {
  test.each<[string, string, string, Case, boolean]>([
    ['Q1', '600000.SH', 'buy 100', {}, true],
    ['Q1', '600000.SH', 'buy 150', {}, false],
    ['Q1', '600000.SH', 'buy 1,000,000', {}, true],
    ['Q1', '600000.SH', 'buy 1,000,100', {}, false],
    ['Q2', '300750.SZ', 'buy 300,000', {}, true],
    ['Q2', '300750.SZ', 'buy 300,100', {}, false],
    ['Q2', '300750.SZ', 'buy 150,000', market, true],
    ['Q2', '300750.SZ', 'buy 150,100', market, false],
    ['Q3', '688981.SH', 'buy 199', {}, false],
    ['Q3', '688981.SH', 'buy 200', {}, true],
    ['Q3', '688981.SH', 'buy 201', {}, true],
    ['Q3', '688981.SH', 'buy 100,000', {}, true],
    ['Q3', '688981.SH', 'buy 100,001', {}, false],
    ['Q3', '688981.SH', 'buy 50,000', market, true],
    ['Q3', '688981.SH', 'buy 50,001', market, false],
    ['Q4', '920002.BJ', 'buy 99', {}, false],
    ['Q4', '920002.BJ', 'buy 100', {}, true],
    ['Q4', '920002.BJ', 'buy 101', {}, true],
    ['Q4', '920002.BJ', 'buy 1,000,000', {}, true],
    ['Q4', '920002.BJ', 'buy 1,000,001', {}, false],
    ['Q5', '510300.SH', 'buy 100', {}, true],
    ['Q5', '510300.SH', 'buy 50', {}, false],
    ['Q5', '510300.SH', 'sell 50', holds(250), true],
    ['Q6', '113050.SH', 'buy 10', {}, true],
    ['Q6', '113050.SH', 'buy 15', {}, false],
    ['Q6', '113050.SH', 'sell 5', holds(25), true],
    ['Q7', '688981.SH', 'sell 150', holds(150), true],
    ['Q7', '688981.SH', 'sell 150', holds(350), false],
    ['Q8', '000001.SZ', 'sell 100', holds(0, 100), false],
    ['Q9', '511880.SH', 'sell 100', holds(0, 100), true],
    ['Q10', '000010.SZ', 'buy 60,000', st, false],
    ['Q10', '000010.SZ', 'buy 50,000', st, true],
    ['Q11', '600000.SH', 'buy 100', { price: '10.005' }, false],
    ['Q11', '510300.SH', 'buy 100', { price: '4.005' }, true],
  ])('%s: %s %s %o', (_, symbol, text, more, valid) => {
    expect(judge(symbol, text, more).ok).toBe(valid);
  });
});

describe('rules sheet 2.3, odd lots', () => {
  test.each<[string, number, string, boolean]>([
    ['600000.SH', 250, 'sell 250', true],
    ['600000.SH', 250, 'sell 50', true],
    ['600000.SH', 250, 'sell 200', true],
    ['600000.SH', 250, 'sell 150', true],
    ['600000.SH', 250, 'sell 30', false],
    ['600000.SH', 250, 'sell 120', false],
    ['688981.SH', 350, 'sell 201', true],
    ['688981.SH', 350, 'sell 349', true],
    ['688981.SH', 150, 'sell 100', false],
    ['920002.BJ', 130, 'sell 101', true],
    ['920002.BJ', 130, 'sell 30', false],
    ['920002.BJ', 30, 'sell 30', true],
  ])('%s with %i sellable: %s', (symbol, sellable, text, valid) => {
    expect(judge(symbol, text, holds(sellable)).ok).toBe(valid);
  });

  test('are not judged without the sellable quantity, and that is said', () => {
    const { ok, notChecked } = judge('600000.SH', 'sell 50');
    expect(ok).toBe(true);
    expect(notChecked.join()).toContain('odd lot');
  });
});

describe('unsure rules', () => {
  test('warn in live mode and refuse in a backtest', () => {
    expect(judge('113050.SH', 'buy 1,000,010')).toMatchObject({
      ok: true,
      findings: [
        { severity: 'warning', confidence: 'unverified', rule: 'max-limit-order/convertible' },
      ],
    });
    expect(judge('113050.SH', 'buy 1,000,010', {}, 'backtest').ok).toBe(false);
  });

  test('a BSE price between the two readings of the limit warns, beyond both is refused', () => {
    const at = (price: string) =>
      judge('920023.BJ', 'buy 100', { price, facts: { preCloseE4: 18_200 } });
    expect(at('2.36').findings).toEqual([]);
    expect(at('2.37')).toMatchObject({ ok: true, findings: [{ severity: 'warning' }] });
    expect(at('2.38')).toMatchObject({ ok: false, findings: [{ rule: 'price-limit/bse/2026' }] });
  });
});

describe('static values', () => {
  const preCloseE4 = 100_000;

  test('win over computed limits, and the difference is an alert', () => {
    const statics = { upperLimitE4: 105_000, lowerLimitE4: 95_000 };
    const verdict = judge('600000.SH', 'buy 100', {
      price: '10.80',
      facts: { preCloseE4, statics },
    });
    expect(verdict).toMatchObject({ ok: false, findings: [{ rule: 'static', confidence: 'A' }] });
    expect(verdict.alerts.map(({ field }) => field)).toEqual(['upperLimitE4', 'lowerLimitE4']);
  });

  test('an upper limit of none lets a price pass that the computed limit would refuse', () => {
    const statics = { upperLimitE4: 0, lowerLimitE4: 100 };
    const verdict = judge('600000.SH', 'buy 100', { price: '30', facts: { preCloseE4, statics } });
    expect(verdict.ok).toBe(true);
  });
});

test('a side, quantity or price that cannot be is refused with its code', () => {
  const order = { side: 3, kind: 'limit', qty: 0, priceE4: 0 } as const;
  const verdict = validateOrder(rules, subjectOf(rules, '600000.SH'), order);
  expect(verdict.findings.map(({ code }) => code)).toEqual([210, 207, 208]);
});

test('an index is not traded', () => {
  expect(judge('000001.SH', 'buy 100')).toMatchObject({ ok: false, findings: [{ code: 101 }] });
});
