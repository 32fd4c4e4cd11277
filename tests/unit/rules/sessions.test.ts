// Sessions to the second, no-cancel windows, after-hours trading, market orders by venue and
// intraday halts: the worked examples of the rules sheet, sections 13.7 (T1 to T10), 13.4 (M9,
// M10), 5 and 7.2.
import { describe, expect, test } from 'vitest';
import { parsePriceE4 } from '../../../engine/core/price.ts';
import { timeNsOf, timeText } from '../../../engine/rules/calendar-date.ts';
import type { OrderFacts, OrderKind } from '../../../engine/rules/order-check.ts';
import { RuleBook } from '../../../engine/rules/rule-book.ts';
import { MARKET_ORDER_KINDS } from '../../../engine/rules/rule-row.ts';
import { haltAt, phaseAt } from '../../../engine/rules/session-clock.ts';
import { type SubjectFacts, subjectOf } from '../../../engine/rules/subject.ts';
import { validateCancel, validateOrder } from '../../../engine/rules/validate.ts';

const book = new RuleBook();
const TODAY = 20260810;

function order(symbol: string, time: string, more: Partial<OrderCase> = {}) {
  const { kind = 'limit', day = TODAY, price = '10.00', side = 1, subject = {}, facts = {} } = more;
  const rules = book.on(day);
  const qty = symbol.startsWith('688') ? 200 : 100;
  const asked = { side, kind, qty, priceE4: price === '' ? 0 : parsePriceE4(price) };
  const known = { timeNs: timeNsOf(time), sellable: 1_000, ...facts };
  return validateOrder(rules, subjectOf(rules, symbol, subject), asked, known);
}

interface OrderCase {
  readonly kind: OrderKind;
  readonly day: number;
  /** '' = none. */
  readonly price: string;
  readonly side: number;
  readonly subject: SubjectFacts;
  readonly facts: OrderFacts;
}

function phase(symbol: string, time: string, day = TODAY) {
  const rules = book.on(day);
  return phaseAt(rules, subjectOf(rules, symbol), timeNsOf(time))?.phase;
}

function cancel(symbol: string, time: string, day = TODAY) {
  const rules = book.on(day);
  return validateCancel(rules, subjectOf(rules, symbol), timeNsOf(time));
}

const EVERYWHERE = ['600000.SH', '688981.SH', '000001.SZ', '300010.SZ', '920002.BJ', '510300.SH'];

describe('rules sheet 13.7', () => {
  test.each(EVERYWHERE)('T1, T3, T5: %s takes orders in its sessions only', (symbol) => {
    const taken = (time: string) => order(symbol, time).ok;
    expect(taken('09:14:59.999')).toBe(false);
    expect(taken('09:15:00')).toBe(true);
    expect(taken('09:24:59.999')).toBe(true);
    expect(taken('09:25:00')).toBe(false);
    expect(taken('09:27')).toBe(false);
    expect(taken('09:30:00')).toBe(true);
    expect(taken('11:29:59.999')).toBe(true);
    expect(taken('11:30:00')).toBe(false);
    expect(taken('12:59:59.999')).toBe(false);
    expect(taken('13:00:00')).toBe(true);
    expect(taken('14:58')).toBe(true);
    expect(taken('15:00:00')).toBe(false);
  });

  test.each(EVERYWHERE)('T2, T4, T5: %s takes no cancels in the two windows', (symbol) => {
    expect(cancel(symbol, '09:19:59.990')).toBeNull();
    expect(cancel(symbol, '09:20:00.000')).toMatchObject({ code: 402 });
    expect(cancel(symbol, '09:25:00.000')).toMatchObject({ code: 401 });
    expect(cancel(symbol, '09:30:00.000')).toBeNull();
    expect(cancel(symbol, '14:56:59.990')).toBeNull();
    expect(cancel(symbol, '14:57:00.000')).toMatchObject({ code: 402 });
    expect(cancel(symbol, '15:00:00.000')).toMatchObject({ code: 401 });
  });

  test('T6: an SSE fund closes by a call since 2026-07-06', () => {
    expect(phase('510300.SH', '14:58', 20260703)).toBe('continuous');
    expect(phase('510300.SH', '14:58', 20260706)).toBe('closing-call');
    expect(cancel('510300.SH', '14:58', 20260703)).toBeNull();
  });

  test('T7: main-board after-hours orders are taken since 2026-07-06, on STAR before', () => {
    const after = { kind: 'after-hours', facts: { closeE4: 100_000 } } as const;
    expect(order('600000.SH', '15:10', { ...after, day: 20260703 }).ok).toBe(false);
    expect(order('600000.SH', '15:10', { ...after, day: 20260706 }).ok).toBe(true);
    expect(order('688981.SH', '15:10', { ...after, day: 20260703 }).ok).toBe(true);
    expect(order('600000.SH', '15:30', { ...after, day: 20260706 }).ok).toBe(false);
    expect(order('600000.SH', '09:20', { ...after, day: 20260706 }).ok).toBe(false);
    expect(order('000001.SZ', '09:20', { ...after, day: 20260706 }).ok).toBe(true);
    expect(order('920002.BJ', '15:10', { ...after, day: 20260706 }).ok).toBe(false);
  });

  test.each<[string, number, boolean]>([
    ['9.99', 1, false],
    ['10.00', 1, true],
    ['10.50', 1, true],
    ['10.01', 2, false],
    ['9.50', 2, true],
  ])('T8: after-hours at %s on side %i with a close of 10.00', (price, side, ok) => {
    const facts = { closeE4: 100_000 };
    expect(order('600000.SH', '15:10', { kind: 'after-hours', price, side, facts }).ok).toBe(ok);
  });

  test.each<[string, string | null]>([
    ['25.99', null],
    ['26.00', 'level-1'],
    ['14.00', 'level-1'],
    ['14.01', null],
    ['32.00', 'level-2'],
    ['8.00', 'level-2'],
  ])('T9: opened at 20.00 on IPO day 1, a trade at %s halts at %s', (price, level) => {
    const rules = book.on(TODAY);
    const subject = subjectOf(rules, '600000.SH', { listedDay: 1 });
    const halt = haltAt(rules, subject, 200_000, parsePriceE4(price), timeNsOf('10:00'));
    expect(halt?.row.key ?? null).toBe(level);
  });

  test.each([
    ['14:46:00', '14:56:00'],
    ['14:50:00', '14:57:00'],
    ['14:55:00', '14:57:00'],
  ])('T10: a halt that begins at %s ends at %s', (start, end) => {
    const rules = book.on(TODAY);
    const subject = subjectOf(rules, '920002.BJ', { listedDay: 1 });
    const halt = haltAt(rules, subject, 200_000, 260_000, timeNsOf(start));
    expect(timeText(halt?.resumeNs ?? 0)).toBe(end);
  });

  test('a security with a limit today is not halted by its price', () => {
    const rules = book.on(TODAY);
    expect(haltAt(rules, subjectOf(rules, '600000.SH'), 100_000, 200_000, 0)).toBeNull();
  });
});

describe('rules sheet 0.3 and 5.1, dates', () => {
  test('SSE stocks got their closing call on 2018-08-20; SZSE had one', () => {
    expect(phase('600000.SH', '14:58', 20180817)).toBe('continuous');
    expect(phase('600000.SH', '14:58', 20180820)).toBe('closing-call');
    expect(phase('000001.SZ', '14:58', 20180817)).toBe('closing-call');
  });

  test('SZSE took orders at 9:27 until 2016-05-06', () => {
    expect(order('000001.SZ', '09:27', { day: 20160506 }).ok).toBe(true);
    expect(order('000001.SZ', '09:27', { day: 20160509 }).ok).toBe(false);
  });

  test('convertible bonds: SZSE is believed to have a closing call, SSE not', () => {
    expect(phase('123050.SZ', '14:58')).toBe('closing-call');
    expect(phase('113050.SH', '14:58')).toBe('continuous');
    expect(cancel('123050.SZ', '14:58')).toMatchObject({ severity: 'warning' });
  });
});

describe('market orders, rules sheet 7 and 13.4', () => {
  const BEST = ['best5-ioc', 'best5-limit', 'opposite-best', 'own-best'];
  const SZSE = ['best5-ioc', 'opposite-best', 'own-best', 'ioc', 'fok'];

  test.each<[string, string[]]>([
    ['600000.SH', BEST],
    ['688981.SH', BEST],
    ['510300.SH', BEST],
    ['000001.SZ', SZSE],
    ['300010.SZ', SZSE],
    ['920002.BJ', BEST],
    ['113050.SH', []],
  ])('7.2: %s takes the kinds %j and no others', (symbol, kinds) => {
    const taken = MARKET_ORDER_KINDS.filter((kind) => order(symbol, '10:00', { kind }).ok);
    expect(taken).toEqual(kinds);
  });

  test.each(['09:20', '14:58', '15:10'])('M9: refused at %s', (time) => {
    for (const kind of MARKET_ORDER_KINDS)
      expect(order('000001.SZ', time, { kind }).ok).toBe(false);
  });

  test('M9: refused in a halt and on IPO day 2', () => {
    const kind = 'opposite-best';
    expect(order('000001.SZ', '10:00', { kind, facts: { isHalted: true } }).ok).toBe(false);
    expect(order('000001.SZ', '10:00', { kind, subject: { listedDay: 2 } }).ok).toBe(false);
    expect(order('000001.SZ', '10:00', { kind, subject: { listedDay: 6 } }).ok).toBe(true);
  });

  test('M10: SSE, STAR and BSE demand a protection price, SZSE does not', () => {
    const plain = { kind: 'best5-ioc', price: '' } as const;
    for (const symbol of ['600000.SH', '688981.SH', '920002.BJ']) {
      expect(order(symbol, '10:00', plain)).toMatchObject({
        ok: false,
        findings: [{ rule: expect.stringContaining('protection-price') }],
      });
    }
    expect(order('000001.SZ', '10:00', plain).ok).toBe(true);
  });
});

describe('calls of a security without a limit, rules sheet 4.2', () => {
  const free = { subject: { listedDay: 1 }, facts: { preCloseE4: 100_000 } } as const;

  test('the opening call of SSE takes 50 % to 900 % of the issue price', () => {
    expect(order('600000.SH', '09:16', { ...free, price: '90.00' }).ok).toBe(true);
    expect(order('600000.SH', '09:16', { ...free, price: '90.01' }).ok).toBe(false);
    expect(order('600000.SH', '09:16', { ...free, price: '4.99' }).ok).toBe(false);
  });

  test('the lower bound of SZSE is not sure: a warning', () => {
    const verdict = order('000001.SZ', '09:16', { ...free, price: '4.99' });
    expect(verdict).toMatchObject({ ok: true, findings: [{ severity: 'warning' }] });
  });

  test('BSE has no range in its calls', () => {
    expect(order('920002.BJ', '09:16', { ...free, price: '500.00' }).findings).toEqual([]);
  });
});
