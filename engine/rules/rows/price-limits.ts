// Daily limits, days without one, rounding, price cage, ranges of calls, intraday halts.
// Read by built-in.ts. Always: percentages are exact fractions (permille or percent); a limit of 0
// and 0 means no daily limit.
import type { Confidence, RowInput, State } from '../rule-row.ts';
import {
  B_SHARES,
  BSE,
  BSE_DAY,
  BSE26,
  bseRows,
  CB_DAY,
  CB22,
  CHINEXT,
  CHINEXT_DAY,
  CHINEXT20,
  CONVERTIBLES,
  FUNDS,
  MAIN,
  OTHER_BONDS,
  OWN,
  REITS,
  RULES_2023_DAY,
  RULES_2023_LAST,
  RULES_2026_DAY,
  type Scope,
  SSE23,
  SSE26,
  STAR,
  STAR_DAY,
  STAR19,
  SZSE23,
  SZSE26,
} from './sources.ts';

const UNSURE = { source: OWN, confidence: 'unverified' } as const;
const LIMITS = `${SSE23} 3.3.13; ${SSE26}; ${SZSE26} 3.3.13`;
const LAST_BEFORE_2023 = 20230407;

interface Told {
  source: string;
  confidence: Confidence;
  validFrom?: number;
  validTo?: number;
  note?: string;
  states?: State[];
}

function limit(id: string, scope: Scope, permille: number, told: Told): RowInput {
  const value = { upPermille: permille, downPermille: permille };
  return { id: `price-limit/${id}`, what: 'price-limit', ...scope, value, ...told };
}

function free(id: string, key: string, scope: Scope, days: number, told: Told): RowInput {
  return { id: `free-days/${id}`, what: 'free-days', key, ...scope, value: { days }, ...told };
}

const DAILY: readonly RowInput[] = [
  limit('main', MAIN, 100, { source: LIMITS, confidence: 'B' }),
  limit('main/st-5', MAIN, 50, {
    states: ['risk-warning'],
    validTo: RULES_2023_LAST,
    source: `${SZSE23} 4.5.5; SSE alike`,
    confidence: 'B',
  }),
  limit('main/st-10', MAIN, 100, {
    states: ['risk-warning'],
    validFrom: RULES_2026_DAY,
    source: `${SZSE26} 3.3.13 (no exception for risk-warning shares any more); ${SSE26}`,
    confidence: 'B',
  }),
  limit('star', STAR, 200, {
    validFrom: STAR_DAY,
    source: `${STAR19}; ${SSE23} 3.3.13; ${SSE26}`,
    confidence: 'B',
    note: 'also ST and *ST',
  }),
  limit('chinext/2009', CHINEXT, 100, { validTo: 20200821, source: CHINEXT20, confidence: 'B' }),
  limit('chinext/2020', CHINEXT, 200, {
    validFrom: CHINEXT_DAY,
    source: `${CHINEXT20}; ${SZSE26} 3.3.13`,
    confidence: 'B',
    note: 'also ST and *ST',
  }),
  ...bseRows('price-limit/bse', '3.3.11', {
    what: 'price-limit',
    value: { upPermille: 300, downPermille: 300 },
    note: 'also ST',
  }),
  limit('funds', FUNDS, 100, { source: LIMITS, confidence: 'B' }),
  limit('funds/list-20', FUNDS, 200, {
    states: ['list-20'],
    source: `${SZSE26} 3.3.13 with the list it publishes; SSE alike`,
    confidence: 'B',
    note: 'on the exchange list of STAR and ChiNext index funds; no fund is on it before the list',
  }),
  limit('reit', REITS, 100, UNSURE),
  limit('b-share', B_SHARES, 100, UNSURE),
  limit('b-share/st-5', B_SHARES, 50, {
    ...UNSURE,
    states: ['risk-warning'],
    validTo: RULES_2023_LAST,
  }),
  limit('convertible/2018', CONVERTIBLES, 0, {
    validTo: 20220729,
    source: CB22,
    confidence: 'B',
    note: 'no daily limit before the detail rules of 2022',
  }),
  limit('convertible/2022', CONVERTIBLES, 200, {
    validFrom: CB_DAY,
    source: CB22,
    confidence: 'B',
  }),
  limit('bonds', { venues: OTHER_BONDS.venues, kinds: [...OTHER_BONDS.kinds, 'repo'] }, 0, {
    ...UNSURE,
    note: 'no daily limit; ranges of valid prices instead',
  }),
];

const FIRST_DAY: readonly RowInput[] = [
  {
    id: 'first-day-limit/main/2014',
    what: 'first-day-limit',
    ...MAIN,
    value: { upPermille: 440, downPermille: 360 },
    validFrom: 20140101,
    validTo: LAST_BEFORE_2023,
    source: 'IPO first-day rules of SSE and SZSE, 2014',
    confidence: 'C',
    note: 'first day in 2014 [unverified]; call 120 %/80 %, later 144 %/64 % of the issue price',
  },
  {
    id: 'first-day-limit/convertible',
    what: 'first-day-limit',
    ...CONVERTIBLES,
    value: { upPermille: 573, downPermille: 433 },
    validFrom: CB_DAY,
    source: CB22,
    confidence: 'B',
  },
  {
    id: 'first-day-limit/reit',
    what: 'first-day-limit',
    ...REITS,
    value: { upPermille: 300, downPermille: 300 },
    ...UNSURE,
  },
  free('ipo/main', 'ipo', MAIN, 5, {
    validFrom: RULES_2023_DAY,
    source: `${SSE23} 3.3.13; ${SZSE26} 3.3.14`,
    confidence: 'B',
  }),
  free('ipo/star', 'ipo', STAR, 5, {
    validFrom: STAR_DAY,
    source: `${STAR19}; ${SSE23} 3.3.13`,
    confidence: 'B',
  }),
  free('ipo/chinext', 'ipo', CHINEXT, 5, {
    validFrom: CHINEXT_DAY,
    source: `${CHINEXT20}; ${SZSE26} 3.3.14`,
    confidence: 'B',
  }),
  ...bseRows('free-days/ipo/bse', '3.3.12', {
    what: 'free-days',
    key: 'ipo',
    value: { days: 1 },
  }),
  free('relisting', 'relisting', { venues: MAIN.venues, kinds: ['main', 'star', 'chinext'] }, 1, {
    validFrom: RULES_2023_DAY,
    source: `${SSE23} 3.3.13`,
    confidence: 'B',
  }),
  free('delisting', 'delisting', { venues: MAIN.venues, kinds: ['main', 'star', 'chinext'] }, 1, {
    validFrom: RULES_2023_DAY,
    source: `${SSE23} 3.3.13; ${SZSE26} 3.3.14`,
    confidence: 'B',
    note: 'delisting arrangement 退市整理期 of 15 trading days; its start in older rule books not known',
  }),
  free('delisting/bse', 'delisting', BSE, 1, {
    validFrom: BSE_DAY,
    source: `${BSE26} 3.3.12`,
    confidence: 'B',
  }),
];

const ROUNDING: readonly RowInput[] = [
  {
    id: 'limit-rounding/sse-szse',
    what: 'limit-rounding',
    venues: ['SSE', 'SZSE'],
    kinds: [
      ...(['main', 'star', 'chinext', 'b-share', 'preferred', 'reit'] as const),
      ...FUNDS.kinds,
      'convertible-bond',
    ],
    value: { mode: 'half-up' },
    source: `${SSE23} 3.3.17; ${SZSE26} 3.3.14`,
    confidence: 'B',
    note: 'a rounded limit less than one tick from preclose becomes preclose ± one tick',
  },
  {
    id: 'limit-rounding/bse',
    what: 'limit-rounding',
    ...BSE,
    value: { mode: 'inward' },
    validFrom: BSE_DAY,
    source: `${BSE26} 3.3.12 states only the formula; vendor data fits rounding toward preclose`,
    confidence: 'unverified',
    note: 'inside this pair an order is valid in both readings; beyond the half-up pair in none',
  },
];

type CageValue = Extract<RowInput, { what: 'cage' }>['value'];
const TEN_TICKS: CageValue = { upPercent: 2, downPercent: 2, ticks: 10, outside: 'refused' };

const CAGES: readonly RowInput[] = [
  {
    id: 'cage/main',
    what: 'cage',
    ...MAIN,
    value: TEN_TICKS,
    validFrom: RULES_2023_DAY,
    source: `${SSE23} 3.3.14; ${SZSE23} (number not certain)`,
    confidence: 'B',
  },
  {
    id: 'cage/star',
    what: 'cage',
    ...STAR,
    value: { ...TEN_TICKS, ticks: 0 },
    validFrom: STAR_DAY,
    source: `${STAR19}; chapter of ${SSE23}`,
    confidence: 'C',
    note: 'sources disagree: one applies ten ticks since 2023-04-10; this is the narrower reading',
  },
  {
    id: 'cage/chinext/2020',
    what: 'cage',
    ...CHINEXT,
    value: { ...TEN_TICKS, ticks: 0, outside: 'held' },
    validFrom: CHINEXT_DAY,
    validTo: LAST_BEFORE_2023,
    source: CHINEXT20,
    confidence: 'B',
    note: 'orders outside were held without showing them; that no tick rule held is [unverified]',
  },
  {
    id: 'cage/chinext/2023',
    what: 'cage',
    ...CHINEXT,
    value: TEN_TICKS,
    validFrom: RULES_2023_DAY,
    source: `${SZSE23} (number not certain)`,
    confidence: 'B',
  },
  ...bseRows('cage/bse', '3.3.13', {
    what: 'cage',
    value: { upPercent: 5, downPercent: 5, ticks: 10, outside: 'refused' },
  }),
];

function call(
  id: string,
  key: string,
  scope: Scope,
  range: readonly [low: number | null, high: number | null, of: 'preclose' | 'last'],
  told: Told,
): RowInput {
  const [lowPercent, highPercent, of] = range;
  const value = { lowPercent, highPercent, of };
  return { id: `call-range/${id}/${key}`, what: 'call-range', key, ...scope, value, ...told };
}

const SSE_SHARES: Scope = { venues: ['SSE'], kinds: ['main', 'star'] };
const SZSE_SHARES: Scope = { venues: ['SZSE'], kinds: ['main', 'chinext'] };
const WEAK: Told = { source: 'manuals and book-rebuilding projects', confidence: 'C' };

const CALL_RANGES: readonly RowInput[] = [
  call('sse', 'opening', SSE_SHARES, [50, 900, 'preclose'], WEAK),
  call('sse', 'closing', SSE_SHARES, [90, 110, 'last'], WEAK),
  call('sse-funds', 'opening', { venues: ['SSE'], kinds: FUNDS.kinds }, [70, 150, 'preclose'], {
    ...WEAK,
    note: 'funds without a limit; from an older text',
  }),
  call('szse', 'opening', SZSE_SHARES, [null, 900, 'preclose'], WEAK),
  call('szse', 'opening-floor', SZSE_SHARES, [50, null, 'preclose'], UNSURE),
  call('szse', 'closing', SZSE_SHARES, [90, 110, 'last'], WEAK),
  call('szse', 'resumption', SZSE_SHARES, [90, 110, 'last'], WEAK),
  call('convertible', 'opening', CONVERTIBLES, [70, 130, 'preclose'], {
    ...UNSURE,
    note: 'day 1, of the issue price',
  }),
  call('convertible', 'closing', CONVERTIBLES, [90, 110, 'last'], {
    ...UNSURE,
    note: 'day 1, also in continuous trading',
  }),
];

type HaltValue = Extract<RowInput, { what: 'halt' }>['value'];
const FREE_DAY_HALT: HaltValue = {
  triggerPermille: 300,
  of: 'open',
  minutes: 10,
  resumeBy: '14:57',
  perDirection: true,
};
const WHOLE_DAY =
  'days without a limit; orders and cancels are taken, then a call auction 复牌集合竞价';

function halts(id: string, scope: Scope, validFrom: number): RowInput[] {
  const told = {
    ...scope,
    what: 'halt',
    validFrom,
    source: 'SSE and SZSE trading rules, 盘中临时停牌 (number not confirmed)',
    confidence: 'B',
    note: WHOLE_DAY,
  } as const;
  return [
    { ...told, id: `halt/${id}/30`, key: 'level-1', value: FREE_DAY_HALT },
    {
      ...told,
      id: `halt/${id}/60`,
      key: 'level-2',
      value: { ...FREE_DAY_HALT, triggerPermille: 600 },
    },
  ];
}

const HALTS: readonly RowInput[] = [
  ...halts('main', MAIN, RULES_2023_DAY),
  ...halts('star', STAR, STAR_DAY),
  ...halts('chinext', CHINEXT, CHINEXT_DAY),
  ...bseRows('halt/bse/30', '4.2.5, 4.2.6', {
    what: 'halt',
    key: 'level-1',
    value: FREE_DAY_HALT,
    note: WHOLE_DAY,
  }),
  ...bseRows('halt/bse/60', '4.2.5, 4.2.6', {
    what: 'halt',
    key: 'level-2',
    value: { ...FREE_DAY_HALT, triggerPermille: 600 },
    note: WHOLE_DAY,
  }),
  {
    id: 'halt/convertible/20',
    what: 'halt',
    key: 'level-1',
    ...CONVERTIBLES,
    value: {
      triggerPermille: 200,
      of: 'issue',
      minutes: 30,
      resumeBy: '14:57',
      perDirection: false,
    },
    validFrom: CB_DAY,
    source: CB22,
    confidence: 'C',
    note: 'that it matters on day 1 only is [unverified]',
  },
  {
    id: 'halt/convertible/30',
    what: 'halt',
    key: 'level-2',
    ...CONVERTIBLES,
    value: {
      triggerPermille: 300,
      of: 'issue',
      minutes: 0,
      resumeBy: '14:57',
      perDirection: false,
    },
    validFrom: CB_DAY,
    source: CB22,
    confidence: 'C',
    note: 'that it matters on day 1 only is [unverified]',
  },
];

export const PRICE_LIMIT_ROWS: readonly RowInput[] = [
  ...DAILY,
  ...FIRST_DAY,
  ...ROUNDING,
  ...CAGES,
  ...CALL_RANGES,
  ...HALTS,
];
