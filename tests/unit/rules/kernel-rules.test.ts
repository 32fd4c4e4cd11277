// The kernel's record from the rule book: boards, dates and states against the rules sheet (2, 3,
// 4, 7, 8), static values, rows that are only [unverified]. Run by vitest. Always: numbers are the
// sheet's, never the code's.
import { describe, expect, test } from 'vitest';
import { BookCode } from '../../../engine/core/book.ts';
import type { KernelRules } from '../../../engine/core/exchange-kernel.ts';
import { CageMode, Protection, plainRules } from '../../../engine/core/exchange-kernel.ts';
import { loadKernels } from '../../../engine/host/kernels.ts';
import { type KernelFacts, kernelRules, recordOf } from '../../../engine/rules/kernel-rules.ts';
import { describeInstrument, type InstrumentFacts } from '../../../engine/rules/make-instrument.ts';
import { RuleBook } from '../../../engine/rules/rule-book.ts';
import { type SubjectFacts, subjectOf } from '../../../engine/rules/subject.ts';

const book = new RuleBook();
const { NONE, REJECT, HOLD } = CageMode;

interface Wish extends SubjectFacts, KernelFacts {
  readonly day?: number;
}

function record(symbol: string, wish: Wish = {}): KernelRules {
  const rules = book.on(wish.day ?? 20260810);
  return kernelRules(rules, subjectOf(rules, symbol, wish), { preCloseE4: 100_000, ...wish });
}

const LOT_100 = { buyMin: 100, buyStep: 100, sellMin: 100, sellStep: 100 };
const BEST = (1 << 2) | (1 << 3) | (1 << 4) | (1 << 5);
const SZSE = (1 << 2) | (1 << 4) | (1 << 5) | (1 << 6) | (1 << 7);
const TEN = { cageMode: REJECT, cageUpPercent: 2, cageDownPercent: 2, cageTicks: 10 };
const NO_HALT = { haltPermille1: 0, haltPermille2: 0 };

test.each<[string, string, Wish, Partial<KernelRules>]>([
  [
    '600519, main board',
    '600519.SH',
    {},
    {
      ...{ venue: 1, tickE4: 100, ...LOT_100, maxQty: 1_000_000, maxMarketQty: 1_000_000 },
      ...{ upperE4: 110_000, lowerE4: 90_000, ...TEN, marketKinds: BEST, afterHours: 1 },
      ...{ protection: Protection.REQUIRED, buyCap: 0, ...NO_HALT, openingHighPermille: 0 },
    },
  ],
  ['600519 on 2026-07-03: no after-hours', '600519.SH', { day: 20260703 }, { afterHours: 0 }],
  ['600519 on 2023-04-07: no cage', '600519.SH', { day: 20230407 }, { cageMode: NONE }],
  [
    '688981, STAR',
    '688981.SH',
    {},
    {
      ...{ buyMin: 200, buyStep: 1, sellMin: 200, sellStep: 1, maxQty: 100_000 },
      ...{ maxMarketQty: 50_000, maxAfterHoursQty: 1_000_000, upperE4: 120_000 },
      ...{ lowerE4: 80_000, ...TEN, cageTicks: 0, marketKinds: BEST },
    },
  ],
  [
    '300750, ChiNext',
    '300750.SZ',
    {},
    {
      ...{ venue: 2, ...LOT_100, maxQty: 300_000, maxMarketQty: 150_000, ...TEN },
      ...{ upperE4: 120_000, marketKinds: SZSE, protection: Protection.IGNORED },
    },
  ],
  ['300750 on the first day of the holding cage', '300750.SZ', { day: 20200824 }, HELD()],
  ['300750 on its last day', '300750.SZ', { day: 20230407 }, HELD()],
  ['300750 on 2020-08-21', '300750.SZ', { day: 20200821 }, { cageMode: NONE, upperE4: 110_000 }],
  [
    '920002, BSE',
    '920002.BJ',
    {},
    {
      ...{ venue: 3, buyMin: 100, buyStep: 1, upperE4: 130_000, lowerE4: 70_000, afterHours: 0 },
      ...{ cageUpPercent: 5, cageDownPercent: 5, cageTicks: 10, marketKinds: BEST },
      protection: Protection.REQUIRED,
    },
  ],
  [
    '510300, fund: no cage',
    '510300.SH',
    {},
    { tickE4: 10, ...LOT_100, cageMode: NONE, upperE4: 110_000, marketKinds: BEST },
  ],
  ['510300 on the 20 % list', '510300.SH', { state: 'list-20' }, { upperE4: 120_000 }],
  [
    '113050, convertible bond on day 1',
    '113050.SH',
    { listedDay: 1, preCloseE4: 1_000_000 },
    {
      ...{ tickE4: 10, buyMin: 10, buyStep: 10, upperE4: 1_573_000, lowerE4: 567_000 },
      ...{ marketKinds: 0, cageMode: NONE, haltPermille1: 200, haltPermille2: 300 },
      ...{ haltOfPreClose: 1, haltPerDirection: 0 },
    },
  ],
  [
    '113050 later',
    '113050.SH',
    { preCloseE4: 1_184_560 },
    { upperE4: 1_421_470, lowerE4: 947_650, ...NO_HALT },
  ],
  [
    'ST on 2026-07-03: 5 %, cap',
    '000010.SZ',
    { day: 20260703, state: 'risk-warning', preCloseE4: 18_700 },
    { upperE4: 19_600, lowerE4: 17_800, buyCap: 500_000 },
  ],
  [
    'ST on 2026-07-06: 10 %, cap',
    '000010.SZ',
    { day: 20260706, state: 'risk-warning', preCloseE4: 18_700 },
    { upperE4: 20_600, lowerE4: 16_800, buyCap: 500_000 },
  ],
  [
    'BSE ST since 2026-08-31',
    '920002.BJ',
    { day: 20260831, state: 'risk-warning' },
    { buyCap: 200_000 },
  ],
  [
    'IPO day 1, SSE',
    '600000.SH',
    { listedDay: 1 },
    {
      ...{ upperE4: 0, lowerE4: 0, marketNeedsLimit: 1, haltPermille1: 300, haltPermille2: 600 },
      ...{ haltOfPreClose: 0, haltPerDirection: 1, openingLowPermille: 500 },
      ...{ openingHighPermille: 9_000, openingOfLast: 0, closingLowPermille: 900 },
      ...{ closingHighPermille: 1_100, closingOfLast: 1, resumptionHighPermille: 0 },
    },
  ],
  [
    'IPO day 5, SZSE: the lower bound of the call is [unverified]',
    '000001.SZ',
    { listedDay: 5 },
    {
      ...{ upperE4: 0, openingLowPermille: 0, openingHighPermille: 9_000 },
      ...{ resumptionLowPermille: 900, resumptionHighPermille: 1_100, resumptionOfLast: 1 },
    },
  ],
  ['IPO day 6', '000001.SZ', { listedDay: 6 }, { upperE4: 110_000, ...NO_HALT }],
  ['suspended', '600519.SH', { isSuspended: true }, { suspended: 1 }],
])('%s', (_, symbol, wish, expected) => {
  expect(record(symbol, wish)).toMatchObject(expected);
});

/** Rules sheet 0.3: from 2020-08-24 orders outside 2 % were held. */
function HELD(): Partial<KernelRules> {
  return { cageMode: HOLD, cageUpPercent: 2, cageDownPercent: 2, cageTicks: 0, upperE4: 120_000 };
}

describe('what is not sure', () => {
  test('refuses nothing live and refuses in a backtest', () => {
    const convertible = { preCloseE4: 1_000_000 } as const;
    expect(record('113050.SH', convertible).maxQty).toBeGreaterThan(1_000_000_000);
    expect(record('113050.SH', { ...convertible, mode: 'backtest' }).maxQty).toBe(1_000_000);
    const st = { state: 'risk-warning' } as const;
    expect(record('600000.SH', st).marketKinds).toBe(BEST);
    expect(record('600000.SH', { ...st, mode: 'backtest' }).marketKinds).toBe(0);
    const first = { listedDay: 1 } as const;
    expect(record('000001.SZ', { ...first, mode: 'backtest' }).openingLowPermille).toBe(500);
  });

  test('BSE rounding: live the pair that both readings refuse beyond, else inward (3.2)', () => {
    const l14 = { preCloseE4: 18_200 } as const;
    expect(record('920023.BJ', l14)).toMatchObject({ upperE4: 23_700, lowerE4: 12_700 });
    const inward = record('920023.BJ', { ...l14, mode: 'backtest' });
    expect(inward).toMatchObject({ upperE4: 23_600, lowerE4: 12_800 });
  });

  test('a preclose that is not known gives no limit, and market orders stay', () => {
    const rules = record('600519.SH', { preCloseE4: 0 });
    expect(rules).toMatchObject({ upperE4: 0, marketNeedsLimit: 0, openingHighPermille: 0 });
    expect(rules).toMatchObject(NO_HALT);
  });
});

test('static values win over computed ones', () => {
  const statics = { upperLimitE4: 109_900, lowerLimitE4: 90_100, tickE4: 10, buyMin: 300 };
  expect(record('600519.SH', { statics })).toMatchObject({
    ...{ upperE4: 109_900, lowerE4: 90_100, tickE4: 10, buyMin: 300, buyStep: 100 },
  });
  const free = { statics: { upperLimitE4: 0, lowerLimitE4: 0 } };
  expect(record('600519.SH', free)).toMatchObject({ upperE4: 0, haltPermille1: 300 });
});

test('a security without a lot is named, with what to do', () => {
  expect(() => record('019547.SH', { kind: 'government-bond' })).toThrow(
    /019547.SH: no row gives the lot of government-bond on 20260810; import one/,
  );
});

test('the kernel takes every record, and one for static values alone', () => {
  const { validate } = loadKernels({ maxInstruments: 2, maxOrders: 1, maxLevels: 1 });
  const symbols = ['600519.SH', '688981.SH', '300750.SZ', '920002.BJ', '510300.SH', '113050.SH'];
  for (const symbol of symbols) {
    for (const day of [20200824, 20230407, 20230410, 20260703, 20260706]) {
      if (symbol === '920002.BJ' && day < 20211115) continue;
      for (const listedDay of [0, 1]) {
        const rules = record(symbol, { day, listedDay });
        expect(validate.setRules(0, rules), `${symbol} ${day}`).toBe(BookCode.OK);
      }
    }
  }
  const values = {
    ...LOT_100,
    tickE4: 100,
    maxQty: 1_000,
    maxMarketQty: 0,
    upperE4: 0,
    lowerE4: 0,
  };
  expect(validate.setRules(1, plainRules(values))).toBe(BookCode.OK);
});

describe('the record of an instrument', () => {
  const recordIn = (symbol: string, mode: 'live' | 'backtest', facts: InstrumentFacts = {}) => {
    const rules = book.on(20260810);
    const { instrument } = describeInstrument(rules, 0, symbol, facts, mode);
    return { instrument, rules: recordOf(rules, instrument, facts, mode) };
  };

  test('agrees with it in lot, maximum and limits, live and in a backtest', () => {
    for (const mode of ['live', 'backtest'] as const) {
      for (const symbol of ['600000.SH', '688981.SH', '300750.SZ', '920023.BJ', '508000.SH']) {
        const { instrument, rules } = recordIn(symbol, mode, { preCloseE4: 18_200 });
        const { tickE4, buyMin, buyStep, sellMin, sellStep, maxQty } = instrument;
        expect(rules, symbol).toMatchObject({ tickE4, buyMin, buyStep, sellMin, sellStep, maxQty });
        const { upperE4, lowerE4 } = rules;
        expect([upperE4, lowerE4]).toEqual([instrument.upperLimitE4, instrument.lowerLimitE4]);
      }
    }
  });

  test('refuses nothing live by a lot that is only [unverified]', () => {
    expect(recordIn('508000.SH', 'live').rules).toMatchObject({ buyMin: 1, sellMin: 1 });
    expect(recordIn('508000.SH', 'backtest').rules).toMatchObject({ buyMin: 100, buyStep: 100 });
  });

  test('takes what is given before what the rules say', () => {
    const given = { preCloseE4: 100_000, upperLimitE4: 0, lowerLimitE4: 0, tickE4: 10 };
    const { rules } = recordIn('600000.SH', 'backtest', given);
    expect(rules).toMatchObject({ upperE4: 0, lowerE4: 0, tickE4: 10, haltPermille1: 300 });
  });

  test('of an index is refused by the kernel, and so is every order in it', () => {
    const { validate } = loadKernels({ maxInstruments: 1, maxOrders: 1, maxLevels: 1 });
    expect(validate.setRules(0, recordIn('000001.SH', 'backtest').rules)).toBe(BookCode.BAD_STATIC);
    expect(validate.validateOrder(0, 1, 1, 100_000, 100, 0, 0)).toBe(101);
  });
});
