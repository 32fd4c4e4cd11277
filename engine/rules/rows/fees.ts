// Statutory fees by date, and the customs around commission. Read by built-in.ts, and through it by
// fee-dates.ts. Always: rates in 1e-7 of the amount (0.05 % = 5,000); commission itself is a
// contract and comes from the configuration.
import type { Confidence, FundType, RowInput } from '../rule-row.ts';
import {
  A_SHARES,
  B_SHARES,
  BSE,
  CONVERTIBLES,
  FUNDS,
  MAIN,
  OWN,
  REPO,
  type Scope,
} from './sources.ts';

interface Told {
  source: string;
  confidence: Confidence;
  validFrom?: number;
  validTo?: number;
  note?: string;
  types?: FundType[];
}

type Sides = 'both' | 'buy' | 'sell' | 'lend';

function fee(
  key: string,
  id: string,
  scope: Scope,
  rateE7: number,
  sides: Sides,
  told: Told,
): RowInput {
  return { id: `fee/${key}/${id}`, what: 'fee', key, ...scope, value: { rateE7, sides }, ...told };
}

const UNSURE = { source: OWN, confidence: 'unverified' } as const;
const STAMP = '财政部、税务总局公告2023年第39号';
const HANDLING = 'fee tables of SSE and SZSE 经手费';
const TABLES = 'fee tables, January 2026';
const SSE_SZSE_A: Scope = { venues: MAIN.venues, kinds: ['main', 'star', 'chinext'] };
const LIKE_A: Scope = { venues: B_SHARES.venues, kinds: ['b-share', 'preferred'] };
const ALL_FUNDS: Scope = { venues: FUNDS.venues, kinds: [...FUNDS.kinds, 'reit'] };

const STATE: readonly RowInput[] = [
  fee('stamp-duty', 'shares-2008', A_SHARES, 10_000, 'sell', {
    validFrom: 20080919,
    validTo: 20230827,
    source: STAMP,
    confidence: 'B',
  }),
  fee('stamp-duty', 'shares-2023', A_SHARES, 5_000, 'sell', {
    validFrom: 20230828,
    source: STAMP,
    confidence: 'B',
  }),
  fee('stamp-duty', 'b-preferred-2008', LIKE_A, 10_000, 'sell', {
    ...UNSURE,
    validFrom: 20080919,
    validTo: 20230827,
  }),
  fee('stamp-duty', 'b-preferred-2023', LIKE_A, 5_000, 'sell', { ...UNSURE, validFrom: 20230828 }),
  fee('stamp-duty', 'funds', ALL_FUNDS, 0, 'both', { source: TABLES, confidence: 'B' }),
  fee('stamp-duty', 'convertible', CONVERTIBLES, 0, 'both', { source: TABLES, confidence: 'B' }),
  fee('transfer-fee', 'shares-2015', A_SHARES, 200, 'both', {
    validFrom: 20150801,
    validTo: 20220428,
    source: 'ChinaClear 中国结算 过户费',
    confidence: 'B',
    note: 'its first day is [unverified]',
  }),
  fee('transfer-fee', 'shares-2022', A_SHARES, 100, 'both', {
    validFrom: 20220429,
    source: 'ChinaClear 中国结算 过户费',
    confidence: 'B',
  }),
  fee('transfer-fee', 'funds', ALL_FUNDS, 0, 'both', { source: TABLES, confidence: 'B' }),
  fee('transfer-fee', 'convertible', CONVERTIBLES, 0, 'both', { source: TABLES, confidence: 'B' }),
  fee('regulatory-fee', 'shares', A_SHARES, 200, 'both', {
    validFrom: 20120101,
    source: 'fee tables of brokers 证管费',
    confidence: 'B',
    note: 'since 2012, day not known',
  }),
  fee('regulatory-fee', 'funds', ALL_FUNDS, 0, 'both', { source: TABLES, confidence: 'B' }),
];

const EXCHANGE: readonly RowInput[] = [
  fee('handling-fee', 'shares-2015', SSE_SZSE_A, 487, 'both', {
    validTo: 20230827,
    source: HANDLING,
    confidence: 'B',
  }),
  fee('handling-fee', 'shares-2023', SSE_SZSE_A, 341, 'both', {
    validFrom: 20230828,
    source: HANDLING,
    confidence: 'B',
  }),
  fee('handling-fee', 'bse-2021', BSE, 2_500, 'both', {
    ...UNSURE,
    validTo: 20230827,
    note: 'that it was halved on 2023-08-28 is sure, the numbers are not',
  }),
  fee('handling-fee', 'bse-2023', BSE, 1_250, 'both', {
    ...UNSURE,
    validFrom: 20230828,
    note: 'that it was halved on 2023-08-28 is sure, the numbers are not',
  }),
  fee('handling-fee', 'funds', FUNDS, 400, 'both', { source: TABLES, confidence: 'B' }),
  fee('handling-fee', 'funds-free', FUNDS, 0, 'both', {
    types: ['bond', 'money', 'bond-or-money'],
    source: TABLES,
    confidence: 'B',
  }),
  fee(
    'handling-fee',
    'convertible-szse',
    { venues: ['SZSE'], kinds: ['convertible-bond'] },
    400,
    'both',
    { source: TABLES, confidence: 'B', note: 'the value of SSE is not known' },
  ),
];

const CUSTOM: readonly RowInput[] = [
  fee('commission-ceiling', 'shares', A_SHARES, 30_000, 'both', {
    source: '佣金 not above 0.3 % of the amount',
    confidence: 'B',
  }),
  fee('repo-commission', 'one-day', REPO, 100, 'lend', {
    ...UNSURE,
    note: 'one-day term; up to 0.03 % for 28 days and more',
  }),
  fee('traffic-fee', 'shares', A_SHARES, 0, 'both', {
    source: '程序化交易管理实施细则 流量费: no schedule published by 2026-11-21',
    confidence: 'C',
    validFrom: 20250707,
  }),
  fee('cancel-fee', 'shares', A_SHARES, 0, 'both', {
    source: '程序化交易管理实施细则 撤单费: no schedule published by 2026-11-21',
    confidence: 'C',
    validFrom: 20250707,
  }),
  {
    id: 'fee-minimum/commission',
    what: 'fee-minimum',
    key: 'commission',
    ...A_SHARES,
    value: { minE4: 50_000, per: 'order' },
    source: 'practice of brokers: 5 yuan an order over all its fills of the day',
    confidence: 'C',
  },
];

export const FEE_ROWS: readonly RowInput[] = [...STATE, ...EXCHANGE, ...CUSTOM];
