// Instruments made from the rule book of a day: kind by kind and day by day, what given values do
// and what live mode leaves to the exchange. Values are those of the rules sheet, sections 1 to 8.
import { describe, expect, test } from 'vitest';
import {
  CAGE_HOLDS,
  CAGE_NONE,
  CAGE_REFUSES,
  hasClosingCall,
  QTY_NO_MAXIMUM,
} from '../../../engine/core/instrument.ts';
import {
  REJECT_KIND_NOT_SUPPORTED,
  REJECT_NO_PROTECTION_PRICE,
  REJECT_NONE,
} from '../../../engine/core/reject-code.ts';
import { loadKernels } from '../../../engine/host/kernels.ts';
import * as codes from '../../../engine/messages/codes.ts';
import { timeNsOf } from '../../../engine/rules/calendar-date.ts';
import {
  describeInstrument,
  type InstrumentFacts,
  makeInstrument as make,
} from '../../../engine/rules/make-instrument.ts';
import { parseOverlay } from '../../../engine/rules/overlay.ts';
import { builtInBook, RuleBook } from '../../../engine/rules/rule-book.ts';
import { isKnownCode, latestRules } from '../../../engine/rules/subject.ts';
import { kernelRulesOf, makeInstrument, RULES_2026 } from '../../support/instruments.ts';

const rules = builtInBook().on(RULES_2026);
const { validate } = loadKernels({ maxInstruments: 1, maxOrders: 1, maxLevels: 1 });

describe('on a day of 2026', () => {
  test.each([
    ['600519.SH', 'main', 100, 100, 100, 1_000_000, 1_000_000, 0],
    ['688981.SH', 'star', 100, 200, 1, 100_000, 50_000, 0],
    ['000001.SZ', 'main', 100, 100, 100, 1_000_000, 1_000_000, 0],
    ['003816.SZ', 'main', 100, 100, 100, 1_000_000, 1_000_000, 0],
    ['300750.SZ', 'chinext', 100, 100, 100, 300_000, 150_000, 0],
    ['920002.BJ', 'bse', 100, 100, 1, 1_000_000, 1_000_000, 0],
    ['510300.SH', 'etf', 10, 100, 100, 1_000_000, 1_000_000, 0],
    ['518880.SH', 'etf', 10, 100, 100, 1_000_000, 1_000_000, 1],
    ['511880.SH', 'etf', 10, 100, 100, 1_000_000, 1_000_000, 1],
    ['159915.SZ', 'etf', 10, 100, 100, 1_000_000, 1_000_000, 0],
    ['113050.SH', 'convertible-bond', 10, 10, 10, 1_000_000, 0, 1],
    ['508000.SH', 'reit', 10, 100, 100, QTY_NO_MAXIMUM, 0, 0],
    ['000001.SH', 'index', 1, 0, 1, 0, 0, 0],
  ])('%s is of kind %s', (symbol, kind, tickE4, buyMin, buyStep, maxQty, maxMarketQty, t) => {
    const expected = { symbol, kind, tickE4, buyMin, buyStep, maxQty, maxMarketQty, turnround: t };
    expect(makeInstrument(0, symbol)).toMatchObject(expected);
  });

  test('an unknown fund, and a kind no rule speaks of, are sold from the next day only', () => {
    expect(makeInstrument(0, '159001.SZ').turnround).toBe(0);
    expect(makeInstrument(0, '159001.SZ', { type: 'money' }).turnround).toBe(1);
    expect(makeInstrument(0, '159001.SZ', { type: 'stock' }).turnround).toBe(0);
    const preferred = makeInstrument(0, '360001.SH', { tickE4: 100, buyMin: 100, buyStep: 100 });
    expect(preferred.turnround).toBe(0);
  });

  test.each<[string, number, number, number, number]>([
    ['600519.SH', CAGE_REFUSES, 2, 10, 0],
    ['688981.SH', CAGE_REFUSES, 2, 0, 0],
    ['920002.BJ', CAGE_REFUSES, 5, 10, 0],
    ['113050.SH', CAGE_NONE, 0, 0, 0],
  ])('%s has cage %i of %i percent or %i ticks', (symbol, cage, percent, cageTicks, buyCapQty) => {
    const expected = { cage, cageUpPercent: percent, cageDownPercent: percent, cageTicks };
    expect(makeInstrument(0, symbol)).toMatchObject({ ...expected, buyCapQty });
  });

  test('a risk-warning share has its daily buy cap', () => {
    const state = 'risk-warning';
    expect(makeInstrument(0, '000010.SZ', { state }).buyCapQty).toBe(500_000);
    expect(makeInstrument(0, '920002.BJ', { state }, 20260831).buyCapQty).toBe(200_000);
    expect(makeInstrument(0, '920002.BJ', { state }, 20260828).buyCapQty).toBe(0);
  });
});

describe('limit prices', () => {
  test.each<[string, number, InstrumentFacts, number, number]>([
    ['000001.SZ', 20260810, { preCloseE4: 114_000 }, 125_400, 102_600],
    ['300010.SZ', 20200821, { preCloseE4: 100_300 }, 110_300, 90_300],
    ['300010.SZ', 20200824, { preCloseE4: 100_300 }, 120_400, 80_200],
    ['920023.BJ', 20260810, { preCloseE4: 18_200 }, 23_600, 12_800],
    ['000010.SZ', 20260703, { preCloseE4: 20_000, state: 'risk-warning' }, 21_000, 19_000],
    ['000010.SZ', 20260706, { preCloseE4: 20_000, state: 'risk-warning' }, 22_000, 18_000],
    ['600000.SH', 20260810, { preCloseE4: 20_000, listedDay: 5 }, 0, 0],
    ['600000.SH', 20260810, { preCloseE4: 20_000, listedDay: 6 }, 22_000, 18_000],
    ['600000.SH', 20260810, {}, 0, 0],
  ])('of %s on %i from %o', (symbol, day, facts, upperLimitE4, lowerLimitE4) => {
    const made = makeInstrument(0, symbol, facts, day);
    expect(made).toMatchObject({ upperLimitE4, lowerLimitE4 });
    expect(made.isFree).toBe(facts.listedDay === 5 ? 1 : 0);
  });
});

describe('given values', () => {
  const alertsOf = (symbol: string, facts: InstrumentFacts) =>
    describeInstrument(rules, 0, symbol, facts).alerts;

  test('win over the rules, each difference with an alert', () => {
    const facts = {
      ...{ preCloseE4: 100_000, upperLimitE4: 110_100, lowerLimitE4: 90_000 },
      ...{ tickE4: 50, buyMin: 200, buyStep: 1 },
    };
    const { instrument, alerts } = describeInstrument(rules, 0, '600000.SH', facts);
    expect(instrument).toMatchObject(facts);
    expect(alerts.map((text) => text.replace(/: static.*/, ''))).toEqual([
      '600000.SH: upperLimitE4',
      '600000.SH: tickE4',
      '600000.SH: buyMin',
      '600000.SH: buyStep',
    ]);
    expect(alerts[0]).toContain('static file 11.01, by rule 11.00; the static value is used');
  });

  test('that agree raise none', () => {
    const facts = { preCloseE4: 100_000, upperLimitE4: 110_000, lowerLimitE4: 90_000, tickE4: 100 };
    expect(alertsOf('600000.SH', facts)).toEqual([]);
  });

  test('that fit another state say which', () => {
    const before = builtInBook().on(20260703);
    const facts = { preCloseE4: 20_000, upperLimitE4: 21_000, lowerLimitE4: 19_000 };
    const { alerts } = describeInstrument(before, 0, '000010.SZ', facts);
    expect(alerts.at(-1)).toContain('the limits of state risk-warning');
  });

  test('of BSE may be rounded either way', () => {
    const limits = (upperLimitE4: number) => ({ preCloseE4: 18_200, upperLimitE4 });
    expect(alertsOf('920023.BJ', limits(23_700))).toEqual([]);
    expect(alertsOf('920023.BJ', limits(23_600))).toEqual([]);
    expect(alertsOf('920023.BJ', limits(23_800))).toHaveLength(1);
  });

  test('of no limit make a free day', () => {
    const facts = { preCloseE4: 100_000, upperLimitE4: 0, lowerLimitE4: 0 };
    expect(makeInstrument(0, '600000.SH', facts)).toMatchObject({ ...facts, isFree: 1 });
  });
});

describe('market orders', () => {
  const BEST5 = codes.KIND_BEST5_CANCEL;
  const UNKNOWN = REJECT_KIND_NOT_SUPPORTED;
  test.each<[string, number, number, number, InstrumentFacts?]>([
    ['600000.SH', BEST5, 100_000, REJECT_NONE],
    ['600000.SH', BEST5, 0, REJECT_NO_PROTECTION_PRICE],
    ['600000.SH', codes.KIND_BEST5_LIMIT, 100_000, REJECT_NONE],
    ['600000.SH', codes.KIND_OPPOSITE_BEST, 100_000, REJECT_NONE],
    ['600000.SH', codes.KIND_OWN_BEST, 0, REJECT_NO_PROTECTION_PRICE],
    ['600000.SH', codes.KIND_IOC, 100_000, UNKNOWN],
    ['600000.SH', codes.KIND_FOK, 100_000, UNKNOWN],
    ['600000.SH', BEST5, 100_000, UNKNOWN, { listedDay: 2 }],
    ['600000.SH', BEST5, 100_000, UNKNOWN, { state: 'risk-warning' }],
    ['000001.SZ', BEST5, 0, REJECT_NONE],
    ['000001.SZ', codes.KIND_BEST5_LIMIT, 0, UNKNOWN],
    ['000001.SZ', codes.KIND_IOC, 0, REJECT_NONE],
    ['000001.SZ', codes.KIND_FOK, 0, REJECT_NONE],
    ['920002.BJ', codes.KIND_BEST5_LIMIT, 0, REJECT_NO_PROTECTION_PRICE],
    ['920002.BJ', codes.KIND_IOC, 100_000, UNKNOWN],
    ['113050.SH', BEST5, 100_000, UNKNOWN],
    ['000001.SZ', 9, 100_000, UNKNOWN],
    ['000001.SZ', 0, 100_000, UNKNOWN],
    ['113050.SH', codes.KIND_LIMIT, 100_000, REJECT_NONE],
  ])('%s kind %i at %i is answered with %i %o', (symbol, kind, priceE4, expected, facts) => {
    const record = kernelRulesOf(makeInstrument(0, symbol, facts), facts);
    expect(validate.setRules(0, record)).toBe(0);
    validate.setQuote(0, codes.PHASE_CONTINUOUS, 0, 0, 0);
    const { sellMin } = record;
    expect(validate.validateOrder(0, codes.SIDE_SELL, kind, priceE4, sellMin, -1, 0)).toBe(
      expected,
    );
  });

  test('ChiNext held what was outside its cage until 2023-04-07', () => {
    expect(makeInstrument(0, '300750.SZ', {}, 20230407).cage).toBe(CAGE_HOLDS);
    expect(makeInstrument(0, '300750.SZ', {}, 20230410).cage).toBe(CAGE_REFUSES);
  });
});

describe('the phases of a day', () => {
  const phases = (symbol: string, day = RULES_2026) =>
    makeInstrument(0, symbol, {}, day).phases.map(({ ns, phase }) => `${ns / 60e9} ${phase}`);
  const minute = (text: string) => timeNsOf(text) / 60e9;
  const WHOLE = [
    ...[`${minute('09:15')} 1`, `${minute('09:20')} 2`, `${minute('09:25')} 3`],
    ...[`${minute('09:30')} 4`, `${minute('11:30')} 5`, `${minute('13:00')} 4`],
    ...[`${minute('14:57')} 6`, `${minute('15:00')} 7`],
  ];
  const WITHOUT_CALL = WHOLE.filter((step) => !step.endsWith(' 6'));

  test.each([
    ['600000.SH', 20180817, WITHOUT_CALL],
    ['600000.SH', 20180820, WHOLE],
    ['000001.SZ', 20180817, WHOLE],
    ['920002.BJ', RULES_2026, WHOLE],
    ['510300.SH', 20260703, WITHOUT_CALL],
    ['510300.SH', 20260706, WHOLE],
    ['113050.SH', RULES_2026, WITHOUT_CALL],
    ['123050.SZ', RULES_2026, WHOLE],
    ['000001.SH', RULES_2026, WHOLE],
  ])('of %s on %i', (symbol, day, expected) => {
    expect(phases(symbol, day)).toEqual(expected);
  });

  test('of a repo go on to 15:30 and have no window without cancels', () => {
    expect(phases('204001.SH').at(-1)).toBe(`${minute('15:30')} 7`);
    expect(phases('204001.SH')).not.toContain(`${minute('09:20')} 2`);
  });
});

describe('an overlay', () => {
  test('changes what an instrument is made of', () => {
    const row = {
      ...{ id: 'desk/max', what: 'max-limit-order', venues: ['SSE'], kinds: ['star'] },
      ...{ value: { qty: 150_000 }, source: 'the broker', confidence: 'B' },
    };
    const book = new RuleBook([parseOverlay(JSON.stringify({ rows: [row] }), 'desk')]);
    expect(make(book.on(RULES_2026), 0, '688981.SH').maxQty).toBe(150_000);
    expect(makeInstrument(0, '688981.SH').maxQty).toBe(100_000);
  });
});

describe('live mode', () => {
  const live = (symbol: string, facts: InstrumentFacts = {}) =>
    describeInstrument(rules, 0, symbol, facts, 'live');

  test('leaves to the exchange what only an [unverified] row says, and says so', () => {
    const { instrument, unsure } = live('508000.SH');
    expect(instrument).toMatchObject({ buyMin: 1, buyStep: 1, sellMin: 1, turnround: 0 });
    expect(unsure.join()).toContain('508000.SH: lot/reit is only [unverified]');
    expect(live('113050.SH').instrument.maxQty).toBe(QTY_NO_MAXIMUM);
    const warned = live('600000.SH', { state: 'risk-warning' });
    expect((warned.instrument.marketKinds >> codes.KIND_BEST5_CANCEL) & 1).toBe(1);
    expect(warned.unsure).toHaveLength(1);
  });

  test('takes the wider of the two roundings of BSE', () => {
    expect(live('920023.BJ', { preCloseE4: 18_200 }).instrument.upperLimitE4).toBe(23_700);
  });

  test('changes nothing where the rules are sure', () => {
    for (const symbol of ['600000.SH', '688981.SH', '000001.SZ', '300750.SZ', '510300.SH']) {
      const facts = { preCloseE4: 100_000 };
      expect(live(symbol, facts)).toMatchObject({ unsure: [] });
      expect(live(symbol, facts).instrument).toEqual(makeInstrument(0, symbol, facts));
    }
  });

  test('wants the tick of the exchange where only an [unverified] row gives one', () => {
    expect(() => live('204001.SH')).toThrow(/204001\.SH .*tick.*give it/);
    expect(live('204001.SH', { tickE4: 50 }).instrument.tickE4).toBe(50);
  });
});

describe('a code', () => {
  test('outside every range of the day is refused, one of a kind without a lot too', () => {
    expect(() => makeInstrument(0, '999999.SH')).toThrow(/999999\.SH: no code range of SSE/);
    expect(() => makeInstrument(0, '019547.SH')).toThrow(/019547\.SH .*no sure rule gives its lot/);
    expect(() => makeInstrument(0, '830799.BJ')).toThrow(/no code range of BSE/);
    expect(makeInstrument(0, '830799.BJ', {}, 20250930).kind).toBe('bse');
  });

  test('whose day is not known lives under the newest rules, or those of its last day', () => {
    const book = builtInBook();
    expect(make(latestRules(book, '830799.BJ'), 0, '830799.BJ').kind).toBe('bse');
    const newest = latestRules(book, '510300.SH');
    expect(hasClosingCall(make(newest, 0, '510300.SH'))).toBe(true);
    expect(latestRules(book, '000001.SZ')).toBe(newest);
    expect(isKnownCode(book, '830799.BJ')).toBe(true);
    expect(isKnownCode(book, '999999.SH')).toBe(false);
    expect(isKnownCode(book, '123050.SH')).toBe(false);
  });
});
