// How call auctions and closes are priced, and the numbers of programmatic and margin trading.
// Read by built-in.ts. Always: tie-breaks are named in the order they apply; thresholds are what a
// regulator or a broker watches, not what an order is checked against.
import type { Confidence, Kind, RowInput, Venue } from '../rule-row.ts';
import {
  A_SHARES,
  bseRows,
  FUND_KINDS,
  RULES_2023_LAST,
  RULES_2026_DAY,
  SSE23,
  SSE26,
} from './sources.ts';

const STOCKS: Kind[] = ['main', 'star', 'chinext'];
const LAST_MINUTE = 'average of the last minute before the last trade, weighted by volume';
const CALL_THEN_AVERAGE = `closing call; without a trade there: ${LAST_MINUTE}`;
const SZSE_TIES = ['least difference of cumulative buys and sells', 'nearest to the reference'];

function close(id: string, venue: Venue, kinds: Kind[], rule: string, more: Partial<RowInput>) {
  const source = 'SSE and SZSE trading rules, 收盘价';
  const told = { source, confidence: 'B' as Confidence };
  const row = { id: `close-price/${id}`, what: 'close-price', venues: [venue], kinds };
  return { ...row, value: { rule }, ...told, ...more } as RowInput;
}

const PRICES: readonly RowInput[] = [
  {
    id: 'auction-price/sse',
    what: 'auction-price',
    venues: ['SSE'],
    kinds: [...STOCKS, ...FUND_KINDS],
    value: { tieBreaks: ['least unfilled volume', 'middle price'] },
    source: `${SSE23} 3.5.2`,
    confidence: 'B',
    note: 'candidate prices (ticks or order prices) and rounding of the middle are [unverified]',
  },
  {
    id: 'auction-price/szse',
    what: 'auction-price',
    venues: ['SZSE'],
    kinds: [...STOCKS, ...FUND_KINDS],
    value: { tieBreaks: SZSE_TIES },
    source: '深圳证券交易所交易规则, 集合竞价成交价',
    confidence: 'B',
    note: 'reference: opening call preclose; intraday and closing calls last trade',
  },
  ...bseRows('auction-price/bse', '3.5.2', {
    what: 'auction-price',
    value: { tieBreaks: SZSE_TIES },
    note: 'reference: last trade, without one preclose',
  }),
  close('szse', 'SZSE', [...STOCKS, ...FUND_KINDS], CALL_THEN_AVERAGE, {}),
  close('sse-stocks-2006', 'SSE', STOCKS, LAST_MINUTE, { validTo: 20180817 }),
  close('sse-stocks-2018', 'SSE', STOCKS, CALL_THEN_AVERAGE, { validFrom: 20180820 }),
  close('sse-funds-2006', 'SSE', FUND_KINDS, LAST_MINUTE, { validTo: RULES_2023_LAST }),
  close('sse-funds-2026', 'SSE', FUND_KINDS, CALL_THEN_AVERAGE, {
    validFrom: RULES_2026_DAY,
    source: SSE26,
  }),
  close('sse-convertible', 'SSE', ['convertible-bond'], LAST_MINUTE, { confidence: 'unverified' }),
  ...bseRows('close-price/bse', '4.1.2', {
    what: 'close-price',
    value: { rule: 'closing call; without a trade there: last trade of the day' },
  }),
];

function threshold(
  key: string,
  limit: number,
  unit: string,
  told: { source: string; confidence: Confidence; validFrom: number; validTo?: number },
): RowInput {
  const value = { limit, unit };
  return { id: `threshold/${key}`, what: 'threshold', key, ...A_SHARES, value, ...told };
}

const DETAIL = '程序化交易管理实施细则 (SSE, SZSE, BSE)';
const MARGIN = 'exchange and CSRC notices, one secondary source';

const THRESHOLDS: readonly RowInput[] = [
  threshold(
    'high-frequency-second',
    300,
    'orders and cancels a second make a high-frequency account',
    {
      source: DETAIL,
      confidence: 'B',
      validFrom: 20250707,
    },
  ),
  threshold(
    'high-frequency-day',
    20_000,
    'orders and cancels a day make a high-frequency account',
    {
      source: DETAIL,
      confidence: 'B',
      validFrom: 20250707,
    },
  ),
  threshold('relending', 0, 'shares: securities relending 转融券 is suspended', {
    source: MARGIN,
    confidence: 'C',
    validFrom: 20240711,
  }),
  threshold('short-margin', 100, '% short margin (private funds 120 %)', {
    source: MARGIN,
    confidence: 'C',
    validFrom: 20240722,
  }),
  threshold('margin-buy', 100, '% margin ratio of new margin-buy contracts', {
    source: MARGIN,
    confidence: 'C',
    validFrom: 20260119,
  }),
];

export const TRADING_ROWS: readonly RowInput[] = [...PRICES, ...THRESHOLDS];
