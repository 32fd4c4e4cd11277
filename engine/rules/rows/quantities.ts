// Tick, lot, odd lot, largest order, turn-round, risk-warning buy cap, block trades.
// Read by built-in.ts. Always: quantities in shares, fund units or zhang 张 (bonds), prices and
// amounts in 1/10,000 yuan.
import type { Confidence, Kind, RowInput } from '../rule-row.ts';
import {
  B_SHARES,
  BSE,
  BSE26,
  bseRows,
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
  REPO,
  RULES_2023_LAST,
  RULES_2026_DAY,
  type Scope,
  SSE23,
  STAR,
  STAR_DAY,
  STAR19,
  SZSE23,
} from './sources.ts';

const QUANTITIES = `${SSE23} 3.3.8; ${SZSE23} 3.3.8`;
const MAXIMA = `${SSE23} 3.3.9; ${SZSE23} 3.3.10`;
const UNSURE = { source: OWN, confidence: 'unverified' } as const;
const KEPT = 'not confirmed unchanged in the 2026 edition';
const LOT_100 = { buyMin: 100, buyStep: 100, sellMin: 100, sellStep: 100 };
const LOT_10 = { buyMin: 10, buyStep: 10, sellMin: 10, sellStep: 10 };
const MILLION = 1_000_000;
const CHINEXT_DAY_BEFORE = 20200821;
const SSE_SZSE_SHARES: Scope = { venues: ['SSE', 'SZSE'], kinds: ['main', 'star', 'chinext'] };

type Told = { source: string; confidence: Confidence; validFrom?: number; note?: string };

function tick(id: string, scope: Scope, tickE4: number, told: Told): RowInput {
  return { id: `tick/${id}`, what: 'tick', ...scope, value: { tickE4 }, ...told };
}

function max(
  what: 'max-limit-order' | 'max-market-order' | 'max-after-hours-order',
  id: string,
  scope: Scope,
  qty: number,
  told: Told,
): RowInput {
  return { id: `${what}/${id}`, what, ...scope, value: { qty }, ...told };
}

const TICKS: readonly RowInput[] = [
  tick('shares', SSE_SZSE_SHARES, 100, {
    source: `${SSE23} 3.3.11; 深圳证券交易所交易规则 3.3.13 (number of an older edition)`,
    confidence: 'B',
  }),
  ...bseRows('tick/bse', '3.3.10', { what: 'tick', value: { tickE4: 100 } }),
  tick('funds', { venues: FUNDS.venues, kinds: [...FUNDS.kinds, 'reit'] }, 10, {
    source: `${SSE23} 3.3.11; 深圳证券交易所交易规则 3.3.13 (number of an older edition)`,
    confidence: 'B',
  }),
  tick(
    'bonds',
    { venues: ['SSE', 'SZSE'], kinds: ['convertible-bond', ...OTHER_BONDS.kinds] },
    10,
    {
      source: `${CB22}; 债券交易规则`,
      confidence: 'B',
      note: 'per 100 yuan of face value',
    },
  ),
  tick('repo-sse', { venues: ['SSE'], kinds: ['repo'] }, 50, { ...UNSURE, note: 'rate in %' }),
  tick('repo-szse', { venues: ['SZSE'], kinds: ['repo'] }, 10, { ...UNSURE, note: 'rate in %' }),
  tick('b-sse', { venues: ['SSE'], kinds: ['b-share'] }, 10, { ...UNSURE, note: 'in USD' }),
  tick('b-szse', { venues: ['SZSE'], kinds: ['b-share'] }, 100, { ...UNSURE, note: 'in HKD' }),
];

const LOTS: readonly RowInput[] = [
  {
    id: 'lot/main-chinext',
    what: 'lot',
    venues: ['SSE', 'SZSE'],
    kinds: ['main', 'chinext'],
    value: LOT_100,
    source: QUANTITIES,
    confidence: 'B',
  },
  {
    id: 'lot/star',
    what: 'lot',
    ...STAR,
    value: { buyMin: 200, buyStep: 1, sellMin: 200, sellStep: 1 },
    validFrom: STAR_DAY,
    source: `${STAR19} 20, then ${SSE23}`,
    confidence: 'B',
    note: KEPT,
  },
  ...bseRows('lot/bse', '3.3.8', {
    what: 'lot',
    value: { buyMin: 100, buyStep: 1, sellMin: 100, sellStep: 1 },
  }),
  { id: 'lot/funds', what: 'lot', ...FUNDS, value: LOT_100, source: QUANTITIES, confidence: 'B' },
  { id: 'lot/reit', what: 'lot', ...REITS, value: LOT_100, ...UNSURE },
  { id: 'lot/b-share', what: 'lot', ...B_SHARES, value: LOT_100, ...UNSURE },
  {
    id: 'lot/convertible',
    what: 'lot',
    ...CONVERTIBLES,
    value: LOT_10,
    source: CB22,
    confidence: 'B',
    note: '10 zhang 张 = 1 hand 手 = 1,000 yuan of face value',
  },
  {
    id: 'lot/repo',
    what: 'lot',
    ...REPO,
    value: LOT_10,
    ...UNSURE,
    note: '1,000 yuan of face value',
  },
];

const ODD_LOTS: readonly RowInput[] = [
  {
    id: 'odd-lot-sell/sse-szse',
    what: 'odd-lot-sell',
    venues: ['SSE', 'SZSE'],
    kinds: ['main', 'star', 'chinext', ...FUNDS.kinds, 'convertible-bond'],
    value: { withFullLots: true },
    source: QUANTITIES,
    confidence: 'B',
    note: 'that the odd part may come with full lots in one order is practice [unverified]',
  },
  ...bseRows('odd-lot-sell/bse', '3.3.8', {
    what: 'odd-lot-sell',
    value: { withFullLots: true },
  }),
];

const LARGEST: readonly RowInput[] = [
  max('max-limit-order', 'main', MAIN, MILLION, { source: MAXIMA, confidence: 'B' }),
  max('max-market-order', 'main', MAIN, MILLION, { source: MAXIMA, confidence: 'B' }),
  max('max-limit-order', 'funds', FUNDS, MILLION, { source: MAXIMA, confidence: 'B' }),
  max('max-market-order', 'funds', FUNDS, MILLION, { source: MAXIMA, confidence: 'B' }),
  ...(['limit', 'market'] as const).map((kind) => ({
    ...max(`max-${kind}-order`, 'chinext-2009', CHINEXT, MILLION, UNSURE),
    validTo: CHINEXT_DAY_BEFORE,
    note: 'as the other shares of SZSE',
  })),
  max('max-limit-order', 'b-share', B_SHARES, MILLION, UNSURE),
  ...(['limit', 'market'] as const).flatMap((kind) => [
    max(`max-${kind}-order`, 'chinext', CHINEXT, kind === 'limit' ? 300_000 : 150_000, {
      validFrom: CHINEXT_DAY,
      source: `${CHINEXT20} 2.8, then ${SZSE23}`,
      confidence: 'B',
      note: KEPT,
    }),
    max(`max-${kind}-order`, 'star', STAR, kind === 'limit' ? 100_000 : 50_000, {
      validFrom: STAR_DAY,
      source: `${STAR19} 20, then ${SSE23}`,
      confidence: 'B',
      note: KEPT,
    }),
    ...bseRows(`max-${kind}-order/bse`, '3.3.9', {
      what: `max-${kind}-order`,
      value: { qty: MILLION },
    }),
  ]),
  max('max-limit-order', 'convertible', CONVERTIBLES, MILLION, {
    ...UNSURE,
    note: '100 million yuan of face value',
  }),
  max('max-limit-order', 'repo', REPO, MILLION, { ...UNSURE, note: '100 million yuan' }),
  max('max-after-hours-order', 'star', STAR, MILLION, {
    validFrom: STAR_DAY,
    source: STAR19,
    confidence: 'B',
  }),
  max('max-after-hours-order', 'chinext', CHINEXT, MILLION, {
    validFrom: CHINEXT_DAY,
    source: CHINEXT20,
    confidence: 'B',
  }),
  max(
    'max-after-hours-order',
    'main-etf',
    { venues: MAIN.venues, kinds: ['main', 'etf'] },
    MILLION,
    {
      ...UNSURE,
      validFrom: RULES_2026_DAY,
    },
  ),
];

function sameDay(id: string, scope: Scope, value: boolean, told: Told): RowInput {
  return { id: `turnround/${id}`, what: 'turnround', ...scope, value: { sameDay: value }, ...told };
}

const TURNROUND_SOURCE =
  '回转交易 articles of the SSE and SZSE trading rules (number not confirmed)';
const FUND_KINDS_T0: Kind[] = ['etf', 'lof'];

const TURNROUND: readonly RowInput[] = [
  sameDay('shares', SSE_SZSE_SHARES, false, { source: TURNROUND_SOURCE, confidence: 'B' }),
  ...bseRows('turnround/bse', '3.1.4', { what: 'turnround', value: { sameDay: false } }),
  sameDay('funds', FUNDS, false, { source: TURNROUND_SOURCE, confidence: 'B' }),
  sameDay('reit', REITS, false, UNSURE),
  {
    id: 'turnround/funds-same-day',
    what: 'turnround',
    venues: ['SSE', 'SZSE'],
    kinds: FUND_KINDS_T0,
    types: ['cross-border'],
    value: { sameDay: true },
    source: TURNROUND_SOURCE,
    confidence: 'B',
  },
  {
    id: 'turnround/etf-same-day',
    what: 'turnround',
    venues: ['SSE', 'SZSE'],
    kinds: ['etf'],
    types: ['bond', 'money', 'bond-or-money', 'gold', 'commodity'],
    value: { sameDay: true },
    source: TURNROUND_SOURCE,
    confidence: 'B',
  },
  sameDay(
    'bonds',
    { venues: ['SSE', 'SZSE'], kinds: ['convertible-bond', ...OTHER_BONDS.kinds, 'repo'] },
    true,
    { source: TURNROUND_SOURCE, confidence: 'B' },
  ),
  sameDay('b-share', B_SHARES, false, { ...UNSURE, note: 'settlement T+3' }),
];

const CAPS: readonly RowInput[] = [
  {
    id: 'buy-cap/main/2023',
    what: 'buy-cap',
    ...MAIN,
    states: ['risk-warning'],
    value: { qtyPerDay: 500_000, counts: 'bought, working and new' },
    validTo: RULES_2023_LAST,
    source: `${SZSE23} 4.5.4; SSE alike`,
    confidence: 'B',
  },
  {
    id: 'buy-cap/main/2026',
    what: 'buy-cap',
    ...MAIN,
    states: ['risk-warning'],
    value: { qtyPerDay: 500_000, counts: 'auction, block and after-hours orders together' },
    validFrom: RULES_2026_DAY,
    source: 'SSE and SZSE trading rules of 2026 (number not confirmed)',
    confidence: 'B',
  },
  {
    id: 'buy-cap/bse',
    what: 'buy-cap',
    ...BSE,
    states: ['risk-warning'],
    value: {
      qtyPerDay: 200_000,
      counts: 'filled, working and new; cash and margin account together',
    },
    validFrom: 20260831,
    source: `${BSE26} 4.5.4; in force by 北证公告〔2026〕34号`,
    confidence: 'A',
  },
];

const BLOCKS: readonly RowInput[] = [
  {
    id: 'block-trade/sse-szse',
    what: 'block-trade',
    ...SSE_SZSE_SHARES,
    value: { minQty: 300_000, minAmountE4: 20_000_000_000 },
    ...UNSURE,
    note: 'either is enough',
  },
  {
    id: 'block-trade/bse',
    what: 'block-trade',
    ...BSE,
    value: { minQty: 100_000, minAmountE4: 10_000_000_000 },
    validFrom: RULES_2026_DAY,
    source: `${BSE26} 3.6.1`,
    confidence: 'A',
    note: 'either is enough',
  },
];

export const QUANTITY_ROWS: readonly RowInput[] = [
  ...TICKS,
  ...LOTS,
  ...ODD_LOTS,
  ...LARGEST,
  ...TURNROUND,
  ...CAPS,
  ...BLOCKS,
];
