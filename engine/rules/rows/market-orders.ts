// Market-order kinds by venue, when they are taken, and whether they need a protection price.
// Read by built-in.ts. Always: a kind without a row that allows it is refused.
import type { Confidence, Kind, MarketOrderKind, RowInput, Venue } from '../rule-row.ts';
import {
  BSE_DAY,
  BSE21,
  BSE26,
  bseRows,
  CB22,
  CONVERTIBLES,
  FUND_KINDS,
  OWN,
  RULES_2023_DAY,
  RULES_2023_LAST,
  RULES_2026_DAY,
  SSE23,
  STAR_DAY,
  STAR19,
} from './sources.ts';

interface Told {
  source: string;
  confidence: Confidence;
  validFrom?: number;
  validTo?: number;
  note?: string;
}

function kindsOf(
  id: string,
  venue: Venue,
  kinds: Kind[],
  orders: readonly MarketOrderKind[],
  told: Told,
): RowInput[] {
  return orders.map((key) => ({
    id: `market-order/${id}/${key}`,
    what: 'market-order',
    key,
    venues: [venue],
    kinds,
    value: { allowed: true },
    ...told,
  }));
}

const BEST5 = ['best5-ioc', 'best5-limit'] as const;
const BEST = ['opposite-best', 'own-best'] as const;
const SZSE_KINDS = ['best5-ioc', ...BEST, 'ioc', 'fok'] as const;
const CONTINUOUS = { allowed: true, phases: ['continuous' as const], onlyWithLimit: true };
const SZSE_SOURCE: Told = { source: '深圳证券交易所交易规则 3.3.4', confidence: 'B' };
const ETF_SOURCE: Told = { source: 'one secondary source', confidence: 'C' };

const KINDS: readonly RowInput[] = [
  ...kindsOf('sse-main', 'SSE', ['main'], BEST5, { source: `${SSE23} 3.3.5`, confidence: 'B' }),
  ...kindsOf('sse-main', 'SSE', ['main'], BEST, {
    validFrom: RULES_2023_DAY,
    source: `${SSE23}; newer vendor manuals (older API headers: STAR only)`,
    confidence: 'C',
    note: 'ask the broker',
  }),
  ...kindsOf('star', 'SSE', ['star'], [...BEST5, ...BEST], {
    validFrom: STAR_DAY,
    source: `${STAR19}; ${SSE23} 3.3.5`,
    confidence: 'B',
  }),
  ...kindsOf('sse-funds', 'SSE', FUND_KINDS, [...BEST5, ...BEST], ETF_SOURCE),
  ...kindsOf('szse', 'SZSE', ['main', 'chinext', ...FUND_KINDS], SZSE_KINDS, SZSE_SOURCE),
  ...kindsOf('bse-2021', 'BSE', ['bse'], [...BEST5, ...BEST], {
    validFrom: BSE_DAY,
    validTo: RULES_2023_LAST,
    source: BSE21,
    confidence: 'B',
  }),
  ...kindsOf('bse-2026', 'BSE', ['bse'], [...BEST5, ...BEST], {
    validFrom: RULES_2026_DAY,
    source: `${BSE26} 3.3.4`,
    confidence: 'A',
  }),
];

const USE: readonly RowInput[] = [
  {
    id: 'market-order-use/sse-szse',
    what: 'market-order-use',
    venues: ['SSE', 'SZSE'],
    kinds: ['main', 'star', 'chinext', ...FUND_KINDS],
    value: CONTINUOUS,
    source: `${SSE23} 3.3.5; 深圳证券交易所交易规则 3.3.4`,
    confidence: 'B',
  },
  ...bseRows('market-order-use/bse', '3.3.5', { what: 'market-order-use', value: CONTINUOUS }),
  {
    id: 'market-order-use/sse-main-risk-warning',
    what: 'market-order-use',
    venues: ['SSE'],
    kinds: ['main'],
    states: ['risk-warning', 'delisting'],
    value: { allowed: false, phases: [], onlyWithLimit: true },
    source: `older SSE rules: limit orders only; today's state not known (${OWN})`,
    confidence: 'unverified',
  },
  {
    id: 'market-order-use/convertible',
    what: 'market-order-use',
    ...CONVERTIBLES,
    value: { allowed: false, phases: [], onlyWithLimit: true },
    source: `${CB22}: limit orders only`,
    confidence: 'C',
  },
  {
    id: 'protection-price/sse-main',
    what: 'protection-price',
    venues: ['SSE'],
    kinds: ['main'],
    value: { required: true },
    validFrom: RULES_2023_DAY,
    source: `${SSE23} 3.3.5`,
    confidence: 'B',
  },
  {
    id: 'protection-price/star',
    what: 'protection-price',
    venues: ['SSE'],
    kinds: ['star'],
    value: { required: true },
    validFrom: STAR_DAY,
    source: `${STAR19}; ${SSE23} 3.3.5`,
    confidence: 'B',
  },
  {
    id: 'protection-price/sse-funds',
    what: 'protection-price',
    venues: ['SSE'],
    kinds: FUND_KINDS,
    value: { required: true },
    ...ETF_SOURCE,
  },
  {
    id: 'protection-price/szse',
    what: 'protection-price',
    venues: ['SZSE'],
    kinds: ['main', 'chinext', ...FUND_KINDS],
    value: { required: false },
    ...SZSE_SOURCE,
  },
  ...bseRows('protection-price/bse', '3.3.6', {
    what: 'protection-price',
    value: { required: true },
  }),
];

export const MARKET_ORDER_ROWS: readonly RowInput[] = [...KINDS, ...USE];
