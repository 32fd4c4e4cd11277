// Makes the instruments of a day from the rule book: the only place where a rule becomes a number
// the engine trades by. Called by the loaders of market data, the synthetic market, the checks of
// configuration and command line, and tests. Cold.
// Always: what the exchange, the data or the configuration gives wins over what a rule computes,
// and a difference is an alert; in live mode a row that is only [unverified] refuses nothing.
import {
  CAGE_HOLDS,
  CAGE_NONE,
  CAGE_REFUSES,
  type Instrument,
  QTY_NO_MAXIMUM,
} from '../core/instrument.ts';
import { PRICE_NONE } from '../core/price.ts';
import {
  KIND_BEST5_CANCEL,
  KIND_BEST5_LIMIT,
  KIND_FOK,
  KIND_IOC,
  KIND_OPPOSITE_BEST,
  KIND_OWN_BEST,
} from '../messages/codes.ts';
import { dayText } from './calendar-date.ts';
import { type CheckedValues, computedValues, computeLimits, crossCheck } from './limit-prices.ts';
import type { CheckMode } from './order-check.ts';
import type { DayRules } from './rule-book.ts';
import { RuleError } from './rule-error.ts';
import {
  type Confidence,
  MARKET_ORDER_KINDS,
  type MarketOrderKind,
  type RuleRow,
} from './rule-row.ts';
import { phaseSteps } from './session-clock.ts';
import { parsed, type Subject, type SubjectFacts, subjectOf } from './subject.ts';

/** What a caller knows better than the rules; a limit of 0 = none today. */
export interface InstrumentFacts extends SubjectFacts, CheckedValues {
  readonly name?: string | undefined;
}

/** An instrument and what to tell people about it. */
export interface MadeInstrument {
  readonly instrument: Instrument;
  /** Where given values differ from the rules; the given ones are used. */
  readonly alerts: readonly string[];
  /** Live mode: rules that are only [unverified] and were left to the exchange. */
  readonly unsure: readonly string[];
}

const KIND_NUMBERS: { readonly [kind in MarketOrderKind]: number } = {
  'best5-ioc': KIND_BEST5_CANCEL,
  'best5-limit': KIND_BEST5_LIMIT,
  'opposite-best': KIND_OPPOSITE_BEST,
  'own-best': KIND_OWN_BEST,
  ioc: KIND_IOC,
  fok: KIND_FOK,
};
const CAGE_MODES = { accepted: CAGE_NONE, refused: CAGE_REFUSES, held: CAGE_HOLDS } as const;
/** An index is quoted on the finest grid and never traded. */
const QUOTED_ONLY = { tickE4: 1, buyMin: 0, buyStep: 1, sellMin: 0, sellStep: 1 } as const;

/** The instrument of a symbol on the day of `rules`; throws RuleError like describeInstrument. */
export function makeInstrument(
  rules: DayRules,
  index: number,
  symbol: string,
  facts: InstrumentFacts = {},
): Instrument {
  return describeInstrument(rules, index, symbol, facts).instrument;
}

/**
 * The instrument of a symbol on the day of `rules`, limits computed from `facts.preCloseE4` unless
 * given. Throws RuleError for a code outside every range of that day, and for a kind whose tick or
 * lot no row gives.
 */
export function describeInstrument(
  rules: DayRules,
  index: number,
  symbolText: string,
  facts: InstrumentFacts = {},
  mode: CheckMode = 'backtest',
): MadeInstrument {
  const subject = subjectOf(rules, symbolText, facts);
  const { symbol, market, code } = parsed(symbolText);
  const { kind, state, type } = subject;
  const lookup = new Lookup(rules, subject, mode);
  const preCloseE4 = facts.preCloseE4 ?? PRICE_NONE;
  const { upperLimitE4, lowerLimitE4, ...limited } = limits(lookup, facts, preCloseE4);
  const own = {
    index,
    symbol,
    market,
    code,
    kind,
    state,
    fundType: type ?? '',
    ...limited,
  } as const;
  const made = instrumentOf(termsOf(lookup, facts), own, preCloseE4, upperLimitE4, lowerLimitE4);
  const instrument = facts.name === undefined ? made : { ...made, name: facts.name };
  return { instrument, alerts: alertsOf(rules, subject, facts), unsure: lookup.unsure };
}

/** Whether the same rules hold for both, where their day is the same. */
export function isOfKind(a: Instrument, b: Instrument): boolean {
  return (
    a.market === b.market && a.kind === b.kind && a.state === b.state && a.fundType === b.fundType
  );
}

/** The same instrument on a day of another previous close, and of its limits. */
export function repriced(
  of: Instrument,
  preCloseE4: number,
  upperLimitE4: number,
  lowerLimitE4: number,
): Instrument {
  const made = instrumentOf(of, of, preCloseE4, upperLimitE4, lowerLimitE4);
  return of.name === undefined ? made : { ...made, name: of.name };
}

type Prices = 'preCloseE4' | 'upperLimitE4' | 'lowerLimitE4';
/** What all securities of one kind, state and day have alike. */
type Terms = Pick<Instrument, keyof ReturnType<typeof termsOf>>;

/** Field by field: a spread of so many costs twice that, for thousands of instruments a day. */
function instrumentOf(
  terms: Terms,
  own: Omit<Instrument, keyof Terms | Prices | 'name'>,
  preCloseE4: number,
  upperLimitE4: number,
  lowerLimitE4: number,
): Instrument {
  return {
    index: own.index,
    symbol: own.symbol,
    market: own.market,
    code: own.code,
    kind: own.kind,
    state: own.state,
    fundType: own.fundType,
    preCloseE4,
    upperLimitE4,
    lowerLimitE4,
    upPermille: own.upPermille,
    downPermille: own.downPermille,
    isFree: own.isFree,
    tickE4: terms.tickE4,
    buyMin: terms.buyMin,
    buyStep: terms.buyStep,
    sellMin: terms.sellMin,
    sellStep: terms.sellStep,
    maxQty: terms.maxQty,
    maxMarketQty: terms.maxMarketQty,
    turnround: terms.turnround,
    cage: terms.cage,
    cageUpPercent: terms.cageUpPercent,
    cageDownPercent: terms.cageDownPercent,
    cageTicks: terms.cageTicks,
    marketKinds: terms.marketKinds,
    marketNeedsLimit: terms.marketNeedsLimit,
    needsProtection: terms.needsProtection,
    buyCapQty: terms.buyCapQty,
    phases: terms.phases,
  };
}

/** What of an instrument is not its own: kind, state and day decide, unless facts do. */
function termsOf(lookup: Lookup, facts: InstrumentFacts) {
  const { rules, subject, mode } = lookup;
  // Unless a rule says T+0: what may be sold too early costs money, too late only patience.
  const turnround = (): 0 | 1 => (lookup.hard('turnround')?.value.sameDay === true ? 1 : 0);
  const make = () => ({
    ...quantities(lookup, facts),
    turnround: turnround(),
    ...cageOf(lookup),
    ...marketOrders(lookup),
    buyCapQty: lookup.hard('buy-cap')?.value.qtyPerDay ?? 0,
    phases: phaseSteps(rules, subject),
  });
  // In live mode each instrument names what it leaves to the exchange.
  if (mode === 'live' || hasGivenTerms(facts)) return make();
  return rules.derived(subject, 'terms', make);
}

/** Whether what an exchange or a person gives says more than prices. */
function hasGivenTerms({ tickE4, buyMin, buyStep }: InstrumentFacts): boolean {
  return tickE4 !== undefined || buyMin !== undefined || buyStep !== undefined;
}

type Hard =
  | 'tick'
  | 'lot'
  | 'max-limit-order'
  | 'max-market-order'
  | 'turnround'
  | 'cage'
  | 'buy-cap'
  | 'protection-price'
  | 'market-order-use';

/** Answers of the rule book that may refuse an order. */
class Lookup {
  readonly rules: DayRules;
  readonly subject: Subject;
  readonly mode: CheckMode;
  readonly unsure: string[] = [];

  constructor(rules: DayRules, subject: Subject, mode: CheckMode) {
    this.rules = rules;
    this.subject = subject;
    this.mode = mode;
  }

  /** The row; null where there is none, and in live mode where it is only [unverified]. */
  hard<T extends Hard>(what: T): RuleRow<T> | null {
    const row = this.rules.find(what, this.subject);
    return row === null || this.mayRefuse(row) ? row : null;
  }

  mayRefuse(row: { readonly id: string; readonly confidence: Confidence }): boolean {
    if (this.mode === 'backtest' || row.confidence !== 'unverified') return true;
    const text = `${this.subject.symbol}: ${row.id} is only [unverified]: the exchange decides`;
    if (!this.unsure.includes(text)) this.unsure.push(text);
    return false;
  }
}

function quantities(lookup: Lookup, facts: InstrumentFacts) {
  const { rules, subject } = lookup;
  if (subject.kind === 'index') return { ...QUOTED_ONLY, maxQty: 0, maxMarketQty: 0 };
  const known = rules.find('lot', subject);
  const tickE4 = facts.tickE4 ?? lookup.hard('tick')?.value.tickE4;
  if (tickE4 === undefined || (known === null && facts.buyMin === undefined)) {
    const missing = tickE4 === undefined ? 'tick' : 'lot';
    const where = `${subject.symbol} (${subject.venue} ${subject.kind})`;
    const what = `no sure rule gives its ${missing} on ${dayText(rules.day)}`;
    throw new RuleError(`${where}: ${what}; give it, or import a row for it`);
  }
  const free = { buyMin: 1, buyStep: 1, sellMin: 1, sellStep: 1 };
  const lot = lookup.hard('lot')?.value ?? free;
  const maxQty = lookup.hard('max-limit-order')?.value.qty ?? QTY_NO_MAXIMUM;
  const maxMarketQty = lookup.hard('max-market-order')?.value.qty ?? 0;
  return {
    tickE4,
    buyMin: facts.buyMin ?? lot.buyMin,
    buyStep: facts.buyStep ?? lot.buyStep,
    sellMin: lot.sellMin,
    sellStep: lot.sellStep,
    maxQty,
    maxMarketQty: Math.min(maxMarketQty, maxQty),
  };
}

function limits(lookup: Lookup, facts: InstrumentFacts, preCloseE4: number) {
  const { rules, subject } = lookup;
  const computed = computeLimits(rules, subject, preCloseE4 || 1);
  const row = computed?.limit.row ?? null;
  const isSure = row !== null && lookup.mayRefuse(row);
  const isOpen = computed?.rounding?.confidence === 'unverified' && lookup.mode === 'live';
  const pair = isOpen ? computed?.widest : computed;
  const isComputed = isSure && preCloseE4 > 0;
  const upperLimitE4 = facts.upperLimitE4 ?? (isComputed ? (pair?.upperE4 ?? 0) : PRICE_NONE);
  const lowerLimitE4 = facts.lowerLimitE4 ?? (isComputed ? (pair?.lowerE4 ?? 0) : PRICE_NONE);
  const isFree = facts.upperLimitE4 === undefined ? isSure && !computed?.limit.limited : false;
  return {
    upperLimitE4,
    lowerLimitE4,
    upPermille: isSure ? (computed?.limit.upPermille ?? 0) : 0,
    downPermille: isSure ? (computed?.limit.downPermille ?? 0) : 0,
    isFree: isFree || facts.upperLimitE4 === PRICE_NONE ? 1 : 0,
  } as const;
}

function cageOf(lookup: Lookup) {
  const value = lookup.hard('cage')?.value;
  return {
    cage: value === undefined ? CAGE_NONE : CAGE_MODES[value.outside],
    cageUpPercent: value?.upPercent ?? 0,
    cageDownPercent: value?.downPercent ?? 0,
    cageTicks: value?.ticks ?? 0,
  };
}

/** Kinds by venue (rows `market-order`), none where `market-order-use` forbids them. */
function marketOrders(lookup: Lookup) {
  const { rules, subject } = lookup;
  const use = lookup.hard('market-order-use');
  let marketKinds = 0;
  for (const kind of MARKET_ORDER_KINDS) {
    const row = rules.find('market-order', subject, kind);
    if (row?.value.allowed === true) marketKinds |= 1 << KIND_NUMBERS[kind];
  }
  return {
    marketKinds: use?.value.allowed === false ? 0 : marketKinds,
    marketNeedsLimit: use?.value.onlyWithLimit === true ? 1 : 0,
    needsProtection: lookup.hard('protection-price')?.value.required === true ? 1 : 0,
  } as const;
}

/** Differences between given values and rules; BSE may round its limits either way. */
function alertsOf(rules: DayRules, subject: Subject, facts: InstrumentFacts): string[] {
  const { upperLimitE4, lowerLimitE4 } = facts;
  const isGiven = upperLimitE4 !== undefined || lowerLimitE4 !== undefined;
  if (!isGiven && !hasGivenTerms(facts)) return [];
  const preCloseE4 = facts.preCloseE4 ?? PRICE_NONE;
  const ours = computedValues(rules, subject, preCloseE4);
  const widest = computeLimits(rules, subject, preCloseE4)?.widest;
  const given: CheckedValues = {
    ...facts,
    upperLimitE4: facts.upperLimitE4 === widest?.upperE4 ? undefined : facts.upperLimitE4,
    lowerLimitE4: facts.lowerLimitE4 === widest?.lowerE4 ? undefined : facts.lowerLimitE4,
    preCloseE4: undefined,
  };
  const hint = hintOf(rules, subject, facts);
  return crossCheck(given, ours).map(({ message }) => `${subject.symbol}: ${message}${hint}`);
}

/** Which state would explain the given limits. */
function hintOf(rules: DayRules, subject: Subject, facts: InstrumentFacts): string {
  if (facts.state !== undefined) return '';
  for (const state of ['risk-warning', 'list-20'] as const) {
    const limits = computeLimits(rules, { ...subject, state }, facts.preCloseE4 ?? PRICE_NONE);
    if (limits === null || limits.upperE4 !== facts.upperLimitE4) continue;
    if (limits.lowerE4 === facts.lowerLimitE4) return ` (the limits of state ${state})`;
  }
  return '';
}
