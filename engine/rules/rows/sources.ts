// Names of the rule books that the rows cite, and the groups of venues and kinds that rows share.
// Read by the other files of this folder only. Always: a source names the exchange's document and,
// where it is confirmed, the article; confidence 'A' is given to texts read in full only.
import type { Kind, RowInput, Venue } from '../rule-row.ts';

export const SSE23 = '上海证券交易所交易规则（2023年修订）';
export const SSE26 = '上海证券交易所交易规则（2026年修订）';
export const SZSE23 = '深圳证券交易所交易规则（2023年修订）';
export const SZSE26 = '深圳证券交易所交易规则（2026年修订）';
export const BSE26 = '北京证券交易所交易规则（北证公告〔2026〕17号）';
export const BSE21 = '北京证券交易所交易规则（试行，北证公告〔2021〕15号）';
export const STAR19 = '科创板股票交易特别规定（2019）';
export const CHINEXT20 = '创业板交易特别规定（2020）';
export const CB22 = '可转换公司债券交易实施细则（上证发〔2022〕117号、深证上〔2022〕719号）';
export const OWN = 'own knowledge, no text seen';

/** First trading days of the rule books and switches. */
export const STAR_DAY = 20190722;
export const CHINEXT_DAY = 20200824;
export const BSE_DAY = 20211115;
export const CB_DAY = 20220801;
export const RULES_2023_DAY = 20230410;
export const RULES_2023_LAST = 20260703;
export const RULES_2026_DAY = 20260706;

export interface Scope {
  venues: Venue[];
  kinds: Kind[];
}

export const FUND_KINDS: Kind[] = ['etf', 'lof', 'closed-end', 'structured-fund'];
export const MAIN: Scope = { venues: ['SSE', 'SZSE'], kinds: ['main'] };
export const STAR: Scope = { venues: ['SSE'], kinds: ['star'] };
export const CHINEXT: Scope = { venues: ['SZSE'], kinds: ['chinext'] };
export const BSE: Scope = { venues: ['BSE'], kinds: ['bse'] };
export const A_SHARES: Scope = {
  venues: ['SSE', 'SZSE', 'BSE'],
  kinds: ['main', 'star', 'chinext', 'bse'],
};
export const B_SHARES: Scope = { venues: ['SSE', 'SZSE'], kinds: ['b-share'] };
export const FUNDS: Scope = { venues: ['SSE', 'SZSE'], kinds: FUND_KINDS };
export const REITS: Scope = { venues: ['SSE', 'SZSE'], kinds: ['reit'] };
export const CONVERTIBLES: Scope = { venues: ['SSE', 'SZSE'], kinds: ['convertible-bond'] };
export const OTHER_BONDS: Scope = {
  venues: ['SSE', 'SZSE'],
  kinds: ['exchangeable-bond', 'government-bond', 'corporate-bond'],
};
export const REPO: Scope = { venues: ['SSE', 'SZSE'], kinds: ['repo'] };

type Dated = 'id' | 'validFrom' | 'validTo' | 'source' | 'confidence' | 'venues' | 'kinds';
type WithoutDates<R> = R extends RowInput ? Omit<R, Dated> : never;

/**
 * A rule that BSE has had since its first day: the trial rules (cited) until 2026-07-03 and the
 * rules of 2026 (read) since. `article` is the number in the rules of 2026.
 */
export function bseRows(id: string, article: string, rest: WithoutDates<RowInput>): RowInput[] {
  const trial = { validFrom: BSE_DAY, validTo: RULES_2023_LAST, source: BSE21, confidence: 'B' };
  const now = { validFrom: RULES_2026_DAY, source: `${BSE26} ${article}`, confidence: 'A' };
  return [
    { ...rest, ...BSE, ...trial, id: `${id}/2021` } as RowInput,
    { ...rest, ...BSE, ...now, id: `${id}/2026` } as RowInput,
  ];
}
