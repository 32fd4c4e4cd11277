// Boards, instrument kinds and their code ranges. Read by built-in.ts. Always: a code means
// something only inside its venue (000001 is an index at SSE and a bank at SZSE); ranges are a
// fallback for what the exchange's static file says.
import type { FundType, Kind, RowInput, Venue } from '../rule-row.ts';
import { BSE_DAY, OWN, STAR_DAY } from './sources.ts';

const CODES = 'code tables of the exchanges (证券代码段)';
const SWITCH = '北交所存量公司代码切换公告 200026735';

type More = Partial<Pick<RowInput, 'validFrom' | 'validTo' | 'note' | 'source' | 'confidence'>>;

function range(
  venue: Venue,
  kind: Kind,
  prefixes: string,
  more: More & { type?: FundType; name?: string } = {},
): RowInput {
  const { type, name, ...rest } = more;
  const list = prefixes.split(' ');
  return {
    id: `code-range/${venue.toLowerCase()}/${name ?? kind}`,
    what: 'code-range',
    venues: [venue],
    kinds: [kind],
    value: type === undefined ? { prefixes: list } : { prefixes: list, type },
    source: CODES,
    confidence: 'B',
    ...rest,
  };
}

function board(venues: Venue[], kind: Kind, zh: string, en: string, validFrom = 0): RowInput {
  const id = `board/${kind}`;
  const source = validFrom === 0 ? 'rule books of the exchanges' : 'first trading day of the board';
  return {
    id,
    what: 'board',
    venues,
    kinds: [kind],
    value: { zh, en },
    validFrom,
    source,
    confidence: 'B',
  };
}

const UNSURE = { source: OWN, confidence: 'unverified' } as const;
const BOTH: Venue[] = ['SSE', 'SZSE'];

export const INSTRUMENT_ROWS: readonly RowInput[] = [
  board(BOTH, 'main', '主板A股', 'main board A share'),
  board(['SSE'], 'star', '科创板', 'STAR share or CDR', STAR_DAY),
  board(['SZSE'], 'chinext', '创业板', 'ChiNext share'),
  board(['BSE'], 'bse', '北交所股票', 'BSE share', BSE_DAY),
  board(BOTH, 'b-share', 'B股', 'B share'),
  board(BOTH, 'preferred', '优先股', 'preferred share'),
  board(BOTH, 'etf', '交易型开放式基金', 'exchange-traded fund'),
  board(BOTH, 'lof', '上市开放式基金', 'listed open-end fund'),
  board(BOTH, 'closed-end', '封闭式基金', 'closed-end fund'),
  board(BOTH, 'structured-fund', '分级基金', 'structured fund'),
  board(BOTH, 'reit', '基础设施公募REITs', 'infrastructure REIT'),
  board(BOTH, 'convertible-bond', '可转换公司债券', 'convertible bond'),
  board(BOTH, 'exchangeable-bond', '可交换债', 'exchangeable bond'),
  board(BOTH, 'government-bond', '国债', 'government bond'),
  board(BOTH, 'corporate-bond', '公司债', 'corporate bond'),
  board(BOTH, 'repo', '债券通用质押式回购', 'general pledged repo'),
  board(['SSE', 'SZSE', 'BSE'], 'index', '指数', 'index, quoted and never traded'),

  range('SSE', 'main', '600 601 603 605'),
  range('SSE', 'star', '688 689', { note: '689: CDR 存托凭证', validFrom: STAR_DAY }),
  range('SSE', 'b-share', '900'),
  range('SSE', 'preferred', '360', UNSURE),
  range('SSE', 'etf', '510 512 515 516 517 560 561 562 563 588 589', { type: 'stock' }),
  range('SSE', 'etf', '511', { name: 'etf-bond-money', type: 'bond-or-money' }),
  range('SSE', 'etf', '513', { name: 'etf-cross-border', type: 'cross-border' }),
  range('SSE', 'etf', '520', { name: 'etf-cross-border-new', type: 'cross-border', ...UNSURE }),
  range('SSE', 'etf', '518', { name: 'etf-gold', type: 'gold' }),
  range('SSE', 'etf', '530 551', { name: 'etf-new', ...UNSURE }),
  range('SSE', 'lof', '501 502 506', { ...UNSURE, note: '502 held structured funds until 2020' }),
  range('SSE', 'closed-end', '500 505', UNSURE),
  range('SSE', 'reit', '508'),
  range('SSE', 'convertible-bond', '110 111 113 118'),
  range('SSE', 'exchangeable-bond', '132 137', UNSURE),
  range('SSE', 'government-bond', '010 019 020', UNSURE),
  range('SSE', 'corporate-bond', '12 13 14 15 16 17 18', UNSURE),
  range('SSE', 'repo', '204'),
  range('SSE', 'index', '000', UNSURE),

  range('SZSE', 'main', '000 001 002 003', { note: '002: the former SME board 中小板' }),
  range('SZSE', 'chinext', '300 301 302', { note: '302132 replaced 300114' }),
  range('SZSE', 'b-share', '200'),
  range('SZSE', 'preferred', '140', UNSURE),
  range('SZSE', 'etf', '159', {
    note: 'all fund types share 159: take the type from the static file',
  }),
  range('SZSE', 'etf', '158', { name: 'etf-new', ...UNSURE }),
  range('SZSE', 'lof', '160 161 162 163 164 165 166 167 168 169'),
  range('SZSE', 'closed-end', '184', UNSURE),
  range('SZSE', 'structured-fund', '150', {
    ...UNSURE,
    validTo: 20201231,
    note: 'gone since 2021',
  }),
  range('SZSE', 'reit', '180'),
  range('SZSE', 'convertible-bond', '123 127 128'),
  range('SZSE', 'exchangeable-bond', '117 120', UNSURE),
  range('SZSE', 'government-bond', '100 101 102', UNSURE),
  range('SZSE', 'corporate-bond', '111 112 148 149', UNSURE),
  range('SZSE', 'repo', '131'),
  range('SZSE', 'index', '399', UNSURE),

  range('BSE', 'bse', '920', { validFrom: 20251009, source: SWITCH }),
  range('BSE', 'bse', '920', {
    name: 'bse-920-early',
    validFrom: BSE_DAY,
    validTo: 20251008,
    ...UNSURE,
    note: 'new listings carried 920 codes before the switch of all',
  }),
  range('BSE', 'bse', '43 83 87 88', {
    name: 'bse-old',
    validFrom: BSE_DAY,
    validTo: 20251008,
    source: SWITCH,
    note: 'old codes; 248 of them became 920 codes on 2025-10-09',
  }),
  range('BSE', 'index', '899', UNSURE),
];
