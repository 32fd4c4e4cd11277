// Trading hours: which phase when, whether it takes orders and cancels, windows without cancels,
// the closing call by product, after-hours fixed-price trading.
// Read by built-in.ts. Always: times are Asia/Shanghai, half open [from, to).
import type { Confidence, Kind, Phase, RowInput, Venue } from '../rule-row.ts';
import {
  BSE,
  BSE26,
  bseRows,
  CHINEXT,
  CHINEXT_DAY,
  CHINEXT20,
  CONVERTIBLES,
  FUND_KINDS,
  OWN,
  RULES_2023_LAST,
  RULES_2026_DAY,
  type Scope,
  SSE26,
  STAR,
  STAR_DAY,
  STAR19,
  SZSE26,
} from './sources.ts';

interface Told {
  source: string;
  confidence: Confidence;
  validFrom?: number;
  validTo?: number;
  note?: string;
}

const STOCK_KINDS: Kind[] = ['main', 'star', 'chinext', 'b-share', 'preferred'];
const LISTED_FUNDS: Kind[] = [...FUND_KINDS, 'reit'];
const ALL: Scope = { venues: ['SSE', 'SZSE'], kinds: [...STOCK_KINDS, ...LISTED_FUNDS] };
const SZSE_ALL: Scope = { venues: ['SZSE'], kinds: ALL.kinds };
const SSE_ALL: Scope = { venues: ['SSE'], kinds: ALL.kinds };
const SSE_STOCKS: Scope = { venues: ['SSE'], kinds: STOCK_KINDS };
const SSE_FUNDS: Scope = { venues: ['SSE'], kinds: LISTED_FUNDS };
const BONDS: Scope = {
  venues: ['SSE', 'SZSE'],
  kinds: ['exchangeable-bond', 'government-bond', 'corporate-bond', 'repo'],
};

const HOURS: Told = {
  source: 'SSE and SZSE trading rules, 申报时间 (SZSE 3.3.1)',
  confidence: 'B',
};
const CB_HOURS: Told = { source: 'one secondary source', confidence: 'C' };
const UNSURE: Told = { source: OWN, confidence: 'unverified' };
const CLOSING_CALL_2018: Told = {
  source: 'SSE: closing call auction for stocks from 2018-08-20',
  confidence: 'B',
};
const FUND_CALL_2026: Told = {
  source: `${SSE26}: funds close by a closing call auction`,
  confidence: 'B',
};

/** Phases by key: from, to, phase, takes orders, takes cancels (but for the no-cancel windows). */
const STEPS = {
  'opening-call': ['09:15', '09:25', 'opening-call', true, true],
  pause: ['09:25', '09:30', 'pause', false, false],
  'continuous-am': ['09:30', '11:30', 'continuous', true, true],
  lunch: ['11:30', '13:00', 'lunch', false, false],
  'continuous-pm': ['13:00', '14:57', 'continuous', true, true],
  'closing-call': ['14:57', '15:00', 'closing-call', true, true],
} as const satisfies { [key: string]: readonly [string, string, Phase, boolean, boolean] };
type Step = keyof typeof STEPS;

function stepValue(key: Step) {
  const [from, to, phase, orders, cancels] = STEPS[key];
  return { from, to, phase, orders, cancels };
}

function session(id: string, key: Step, scope: Scope, told: Told, to?: string): RowInput {
  const value = { ...stepValue(key), ...(to === undefined ? {} : { to }) };
  return { id: `session/${id}/${key}`, what: 'session', key, ...scope, value, ...told };
}

function noCancel(id: string, key: 'opening' | 'closing', scope: Scope, told: Told): RowInput {
  const value = key === 'opening' ? { from: '09:20', to: '09:25' } : { from: '14:57', to: '15:00' };
  return { id: `no-cancel/${id}/${key}`, what: 'no-cancel', key, ...scope, value, ...told };
}

function closingCall(id: string, scope: Scope, told: Told): RowInput[] {
  return [
    session(id, 'continuous-pm', scope, told),
    session(id, 'closing-call', scope, told),
    noCancel(id, 'closing', scope, told),
  ];
}

const STOCKS_AND_FUNDS: readonly RowInput[] = [
  session('sse-szse', 'opening-call', ALL, HOURS),
  noCancel('sse-szse', 'opening', ALL, HOURS),
  session('sse', 'pause', SSE_ALL, HOURS),
  {
    ...session('szse-2015', 'pause', SZSE_ALL, { ...HOURS, validTo: 20160506 }),
    what: 'session',
    value: { ...stepValue('pause'), orders: true },
    note: 'orders were taken and not processed until 9:30',
  },
  session('szse-2016', 'pause', SZSE_ALL, {
    validFrom: 20160509,
    source: 'SZSE trading rules, 申报时间 from 2016-05-09',
    confidence: 'B',
  }),
  session('sse-szse', 'continuous-am', ALL, HOURS),
  session('sse-szse', 'lunch', ALL, HOURS),
  ...closingCall('szse', SZSE_ALL, HOURS),
  session('sse-stocks-2006', 'continuous-pm', SSE_STOCKS, { ...HOURS, validTo: 20180817 }, '15:00'),
  ...closingCall('sse-stocks-2018', SSE_STOCKS, { ...CLOSING_CALL_2018, validFrom: 20180820 }),
  session(
    'sse-funds-2006',
    'continuous-pm',
    SSE_FUNDS,
    { ...HOURS, validTo: RULES_2023_LAST },
    '15:00',
  ),
  ...closingCall('sse-funds-2026', SSE_FUNDS, { ...FUND_CALL_2026, validFrom: RULES_2026_DAY }),
];

const BEIJING: readonly RowInput[] = [
  ...(Object.keys(STEPS) as Step[]).flatMap((key) =>
    bseRows(`session/bse/${key}`, '3.3.1', { what: 'session', key, value: stepValue(key) }),
  ),
  ...bseRows('no-cancel/bse/opening', '3.3.1', {
    what: 'no-cancel',
    key: 'opening',
    value: { from: '09:20', to: '09:25' },
  }),
  ...bseRows('no-cancel/bse/closing', '3.3.1', {
    what: 'no-cancel',
    key: 'closing',
    value: { from: '14:57', to: '15:00' },
  }),
];

const SZSE_CB: Scope = { venues: ['SZSE'], kinds: ['convertible-bond'] };
const SSE_CB: Scope = { venues: ['SSE'], kinds: ['convertible-bond'] };
const SSE_CB_CLOSE = 'believed to trade continuously to 15:00, close = average of the last minute';

const BOND_HOURS: readonly RowInput[] = [
  session('convertible', 'opening-call', CONVERTIBLES, CB_HOURS),
  noCancel('convertible', 'opening', CONVERTIBLES, CB_HOURS),
  session('convertible', 'pause', CONVERTIBLES, CB_HOURS),
  session('convertible', 'continuous-am', CONVERTIBLES, CB_HOURS),
  session('convertible', 'lunch', CONVERTIBLES, CB_HOURS),
  ...closingCall('convertible-szse', SZSE_CB, UNSURE),
  session('convertible-sse', 'continuous-pm', SSE_CB, { ...UNSURE, note: SSE_CB_CLOSE }, '15:00'),
  session('bonds', 'opening-call', BONDS, UNSURE),
  session('bonds', 'pause', BONDS, UNSURE),
  session('bonds', 'continuous-am', BONDS, UNSURE),
  session('bonds', 'lunch', BONDS, UNSURE),
  session('bonds', 'continuous-pm', BONDS, UNSURE, '15:30'),
];

const MATCHING = { from: '15:05', to: '15:30' };
const AFTERNOON = { from: '13:00', to: '15:30' };

function afterHours(id: string, venue: Venue, kinds: Kind[], told: Told): RowInput {
  const entry = [{ from: venue === 'SSE' ? '09:30' : '09:15', to: '11:30' }, AFTERNOON];
  const value = { on: true, entry, matching: MATCHING };
  return { id: `after-hours/${id}`, what: 'after-hours', venues: [venue], kinds, value, ...told };
}

const AFTER_HOURS: readonly RowInput[] = [
  afterHours('star', 'SSE', STAR.kinds, {
    validFrom: STAR_DAY,
    source: `${STAR19}; ${SSE26}`,
    confidence: 'B',
  }),
  afterHours('chinext', 'SZSE', CHINEXT.kinds, {
    validFrom: CHINEXT_DAY,
    source: `${CHINEXT20}; ${SZSE26}`,
    confidence: 'B',
  }),
  afterHours('sse-main-etf', 'SSE', ['main', 'etf'], {
    validFrom: RULES_2026_DAY,
    source: `${SSE26}: after-hours trading for all A shares, CDRs and ETFs`,
    confidence: 'B',
  }),
  afterHours('szse-main-etf', 'SZSE', ['main', 'etf'], {
    validFrom: RULES_2026_DAY,
    source: `${SZSE26}: after-hours trading for all A shares, CDRs and ETFs`,
    confidence: 'B',
  }),
  {
    id: 'after-hours/bse',
    what: 'after-hours',
    ...BSE,
    value: { on: false, entry: [{ from: '09:15', to: '11:30' }, AFTERNOON], matching: MATCHING },
    validFrom: RULES_2026_DAY,
    source: `${BSE26} 3.7.1 to 3.7.10, deferred by the notice; not started on 2026-08-29`,
    confidence: 'A',
    note: 'whether it has started later is [unverified]: switch it on by an overlay',
  },
];

export const SESSION_ROWS: readonly RowInput[] = [
  ...STOCKS_AND_FUNDS,
  ...BEIJING,
  ...BOND_HOURS,
  ...AFTER_HOURS,
];
