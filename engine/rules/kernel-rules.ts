// Makes the kernel's record of a security's rules on a day from the rule book and what the
// exchange's static file says. Called by whoever opens a validation or exchange kernel, at start.
// Always: static values win; in live mode a row that is only [unverified] refuses nothing (the
// kernel knows no warnings); what neither gives is named in a RuleError.
import {
  ALL_MARKET_KINDS,
  CageMode,
  type KernelRules,
  PHASE_UNKNOWN,
  Protection,
  plainRules,
} from '../core/exchange-kernel.ts';
import { type Instrument, staticOf } from '../core/instrument.ts';
import * as codes from '../messages/codes.ts';
import { timeNsOf } from './calendar-date.ts';
import { type CheckedValues, computeLimits, dailyLimitOf } from './limit-prices.ts';
import type { InstrumentFacts } from './make-instrument.ts';
import type { CheckMode } from './order-check.ts';
import type { DayRules } from './rule-book.ts';
import { RuleError } from './rule-error.ts';
import type { MarketOrderKind, RuleRow, Topic } from './rule-row.ts';
import { phaseAt } from './session-clock.ts';
import { type Subject, venueOf } from './subject.ts';

/** What the exchange's static file and the host know beside the rule book. */
export interface KernelFacts {
  /** Ex-right previous close; on the first day the issue price. 0 or absent: not known. */
  readonly preCloseE4?: number | undefined;
  /** The exchange's own values of the day. A limit of 0 = none today. */
  readonly statics?: CheckedValues | undefined;
  readonly isSuspended?: boolean | undefined;
  /** Instrument of the kernel that keeps held orders. */
  readonly heldBook?: number | undefined;
  readonly mode?: CheckMode | undefined;
}

/** Where no sure row gives the lot: any quantity, the exchange decides. */
const FREE_LOT = { buyMin: 1, buyStep: 1, sellMin: 1, sellStep: 1 };

/** Where no rule gives a maximum: more than any order. */
const NO_MAXIMUM = 2_000_000_000;

const VENUES = { SSE: codes.MARKET_SSE, SZSE: codes.MARKET_SZSE, BSE: codes.MARKET_BSE } as const;
const CAGE_MODES = { refused: CageMode.REJECT, held: CageMode.HOLD, accepted: CageMode.NONE };
const KINDS: { readonly [kind in MarketOrderKind]: number } = {
  'best5-ioc': codes.KIND_BEST5_CANCEL,
  'best5-limit': codes.KIND_BEST5_LIMIT,
  'opposite-best': codes.KIND_OPPOSITE_BEST,
  'own-best': codes.KIND_OWN_BEST,
  ioc: codes.KIND_IOC,
  fok: codes.KIND_FOK,
};

const PHASES = {
  'pre-open': codes.PHASE_PRE_OPEN,
  'opening-call': codes.PHASE_OPENING_CALL,
  pause: codes.PHASE_PAUSE,
  continuous: codes.PHASE_CONTINUOUS,
  lunch: codes.PHASE_LUNCH,
  'closing-call': codes.PHASE_CLOSING_CALL,
  closed: codes.PHASE_CLOSED,
} as const;

/** The record of `subject` on the day of `rules`. Throws RuleError without tick or lot. */
export function kernelRules(
  rules: DayRules,
  subject: Subject,
  facts: KernelFacts = {},
): KernelRules {
  const maker = new Maker(rules, subject, facts);
  const preCloseE4 = facts.statics?.preCloseE4 ?? facts.preCloseE4 ?? 0;
  const limits = maker.limits(preCloseE4);
  const terms = maker.terms(limits.upperE4 === 0 && maker.isFree());
  const suspended = facts.isSuspended === true ? 1 : 0;
  const rest = { suspended, heldBook: facts.heldBook ?? -1 };
  return recordFrom(terms, rest, preCloseE4, limits.upperE4, limits.lowerE4);
}

/**
 * The record of an instrument that makeInstrument() made of the same rules and facts: what every
 * kernel of an engine, the OMS's and the exchange's, is told of it. An index is never traded: the
 * kernel refuses its record, and so every order (101).
 */
export function recordOf(
  rules: DayRules,
  instrument: Instrument,
  facts: InstrumentFacts,
  mode: CheckMode,
): KernelRules {
  if (instrument.kind === 'index') return plainRules(staticOf(instrument, 0, 0));
  return kernelRules(rules, subjectIn(instrument, facts), { statics: facts, mode });
}

/** The same record on a day of another previous close, and of its limits. */
export function repricedRecord(
  of: KernelRules,
  preCloseE4: number,
  upperE4: number,
  lowerE4: number,
): KernelRules {
  return recordFrom(of, of, preCloseE4, upperE4, lowerE4);
}

/** Field by field, as instrumentOf() of make-instrument.ts. */
function recordFrom(
  terms: Terms,
  { suspended, heldBook }: Pick<KernelRules, 'suspended' | 'heldBook'>,
  preCloseE4: number,
  upperE4: number,
  lowerE4: number,
): KernelRules {
  return {
    venue: terms.venue,
    tickE4: terms.tickE4,
    buyMin: terms.buyMin,
    buyStep: terms.buyStep,
    sellMin: terms.sellMin,
    sellStep: terms.sellStep,
    oddWithLots: terms.oddWithLots,
    maxQty: terms.maxQty,
    maxMarketQty: terms.maxMarketQty,
    maxAfterHoursQty: terms.maxAfterHoursQty,
    upperE4,
    lowerE4,
    preCloseE4,
    cageMode: terms.cageMode,
    cageUpPercent: terms.cageUpPercent,
    cageDownPercent: terms.cageDownPercent,
    cageTicks: terms.cageTicks,
    openingLowPermille: terms.openingLowPermille,
    openingHighPermille: terms.openingHighPermille,
    openingOfLast: terms.openingOfLast,
    closingLowPermille: terms.closingLowPermille,
    closingHighPermille: terms.closingHighPermille,
    closingOfLast: terms.closingOfLast,
    resumptionLowPermille: terms.resumptionLowPermille,
    resumptionHighPermille: terms.resumptionHighPermille,
    resumptionOfLast: terms.resumptionOfLast,
    marketKinds: terms.marketKinds,
    protection: terms.protection,
    marketNeedsLimit: terms.marketNeedsLimit,
    haltPermille1: terms.haltPermille1,
    haltPermille2: terms.haltPermille2,
    haltOfPreClose: terms.haltOfPreClose,
    haltPerDirection: terms.haltPerDirection,
    afterHours: terms.afterHours,
    buyCap: terms.buyCap,
    suspended,
    heldBook,
  };
}

/** What all securities of one kind, state and day have alike. */
type Terms = Omit<KernelRules, 'upperE4' | 'lowerE4' | 'preCloseE4' | 'suspended' | 'heldBook'>;

/** What subjectOf() found when the instrument was made. */
function subjectIn(instrument: Instrument, facts: InstrumentFacts): Subject {
  const { symbol, market, kind, state, fundType } = instrument;
  const { listedDay = 0, delistingDay = 0, relistedDay = 0 } = facts;
  const days = { listedDay, delistingDay, relistedDay };
  const type = fundType === '' ? null : fundType;
  return { symbol, venue: venueOf(market), kind, state, type, ...days, range: null };
}

/**
 * Phase number of engine/messages/codes.ts at a time, halts apart: what a clock tells the kernel to
 * enter (rules sheet 5.1, 5.2). PHASE_UNKNOWN where no row gives the security sessions.
 */
export function phaseNumberAt(rules: DayRules, subject: Subject, timeNs: number): number {
  const now = phaseAt(rules, subject, timeNs);
  if (now === null) return PHASE_UNKNOWN;
  if (now.phase === 'opening-call' && !now.cancels) return codes.PHASE_OPENING_CALL_NO_CANCEL;
  const after = rules.find('after-hours', subject)?.value;
  if (now.phase === 'closed' && after?.on === true) {
    const { from, to } = after.matching;
    if (timeNs >= timeNsOf(from) && timeNs < timeNsOf(to)) return codes.PHASE_AFTER_HOURS;
  }
  return PHASES[now.phase];
}

class Maker {
  readonly #rules: DayRules;
  readonly #subject: Subject;
  readonly #facts: KernelFacts;

  constructor(rules: DayRules, subject: Subject, facts: KernelFacts) {
    this.#rules = rules;
    this.#subject = subject;
    this.#facts = facts;
  }

  /** The row of a topic that may refuse an order; null: none. */
  hard<T extends Topic>(what: T, key = ''): RuleRow<T> | null {
    const row = this.#rules.find(what, this.#subject, key);
    return row !== null && this.#refuses(row) ? row : null;
  }

  /** What kind, state and day decide; made once for all securities that are given nothing else. */
  terms(isFree: boolean) {
    const { tickE4, buyMin, buyStep } = this.#facts.statics ?? {};
    const isGiven = tickE4 !== undefined || buyMin !== undefined || buyStep !== undefined;
    if (isGiven || this.#subject.listedDay === 1) return this.#terms(isFree);
    const name = `kernel ${this.#facts.mode} ${isFree}`;
    return this.#rules.derived(this.#subject, name, () => this.#terms(isFree));
  }

  #terms(isFree: boolean) {
    return {
      venue: VENUES[this.#subject.venue],
      ...this.quantities(),
      ...this.cage(),
      ...this.ranges(isFree),
      ...this.marketOrders(isFree),
      ...this.halts(isFree),
      afterHours: this.hard('after-hours')?.value.on === true ? 1 : 0,
      buyCap: this.hard('buy-cap')?.value.qtyPerDay ?? 0,
    };
  }

  quantities() {
    const tick = this.#facts.statics?.tickE4 ?? this.#needed('tick').value.tickE4;
    const isGiven = this.#facts.statics?.buyMin !== undefined;
    if (!isGiven) this.#needed('lot');
    const lot = this.hard('lot')?.value ?? FREE_LOT;
    const { buyMin = lot.buyMin, buyStep = lot.buyStep } = this.#facts.statics ?? {};
    const maxQty = this.hard('max-limit-order')?.value.qty ?? NO_MAXIMUM;
    const market = this.hard('max-market-order')?.value.qty ?? maxQty;
    const odd = this.hard('odd-lot-sell')?.value.withFullLots ?? true;
    return {
      ...{ tickE4: tick, buyMin, buyStep, sellMin: lot.sellMin, sellStep: lot.sellStep },
      ...{ oddWithLots: odd ? 1 : 0, maxQty, maxMarketQty: Math.min(market, maxQty) },
      maxAfterHoursQty: this.hard('max-after-hours-order')?.value.qty ?? NO_MAXIMUM,
    };
  }

  /** Static limits, else by rule; live with an open rounding the pair beyond which both refuse. */
  limits(preCloseE4: number) {
    const { statics } = this.#facts;
    const computed = computeLimits(this.#rules, this.#subject, preCloseE4);
    const rounds = computed?.rounding ?? null;
    const pair = rounds === null || this.#refuses(rounds) ? computed : computed?.widest;
    const isHard = computed !== null && this.#refuses(computed.limit.row);
    return {
      upperE4: statics?.upperLimitE4 ?? (isHard ? pair?.upperE4 : undefined) ?? 0,
      lowerE4: statics?.lowerLimitE4 ?? (isHard ? pair?.lowerE4 : undefined) ?? 0,
    };
  }

  /** Whether the day has no limit by rule or static value, not merely an unknown preclose. */
  isFree(): boolean {
    const limited = dailyLimitOf(this.#rules, this.#subject)?.limited;
    return this.#facts.statics?.upperLimitE4 === 0 || limited === false;
  }

  cage() {
    const cage = this.hard('cage')?.value;
    return {
      cageMode: cage === undefined ? CageMode.NONE : CAGE_MODES[cage.outside],
      cageUpPercent: cage?.upPercent ?? 0,
      cageDownPercent: cage?.downPercent ?? 0,
      cageTicks: cage?.ticks ?? 0,
    };
  }

  /** Rules sheet 4.2: on days without a limit. */
  ranges(isFree: boolean) {
    const opening = this.#range('opening', isFree);
    const closing = this.#range('closing', isFree);
    const resumption = this.#range('resumption', isFree);
    return {
      openingLowPermille: opening.low,
      openingHighPermille: opening.high,
      openingOfLast: opening.ofLast,
      closingLowPermille: closing.low,
      closingHighPermille: closing.high,
      closingOfLast: closing.ofLast,
      resumptionLowPermille: resumption.low,
      resumptionHighPermille: resumption.high,
      resumptionOfLast: resumption.ofLast,
    };
  }

  /** The rows of one call, `opening` and `opening-floor`, give its bounds together. */
  #range(call: string, isFree: boolean) {
    const range = { low: 0, high: 0, ofLast: 0 };
    for (const { row } of this.#rules.all('call-range', this.#subject)) {
      if (!isFree || !row.key.startsWith(call) || !this.#refuses(row)) continue;
      const { lowPercent, highPercent, of } = row.value;
      if (lowPercent !== null) range.low = lowPercent * 10;
      if (highPercent !== null) range.high = highPercent * 10;
      range.ofLast = of === 'last' ? 1 : 0;
    }
    return range;
  }

  /** A limit that is only not known must not refuse market orders: without preclose none is. */
  marketOrders(isFree: boolean) {
    const use = this.#rules.find('market-order-use', this.#subject);
    const isTaken = use !== null && (use.value.allowed || !this.#refuses(use));
    let marketKinds = 0;
    for (const kind of Object.keys(KINDS) as MarketOrderKind[]) {
      const row = this.#rules.find('market-order', this.#subject, kind);
      if (isTaken && row?.value.allowed === true) marketKinds |= 1 << KINDS[kind];
    }
    const protection = this.hard('protection-price')?.value.required;
    const modes = { true: Protection.REQUIRED, false: Protection.IGNORED };
    return {
      marketKinds: marketKinds & ALL_MARKET_KINDS,
      protection: protection === undefined ? Protection.OPTIONAL : modes[`${protection}`],
      marketNeedsLimit: isFree && use?.value.onlyWithLimit !== false ? 1 : 0,
    };
  }

  /** Rules sheet 4.3: stocks on days without a limit, convertible bonds on their first day. */
  halts(isFree: boolean) {
    const rows = this.#rules.all('halt', this.#subject).map(({ row }) => row);
    const isFirst = this.#subject.listedDay === 1;
    const counting = rows.filter(({ value }) => (value.of === 'issue' ? isFirst : isFree));
    counting.sort((a, b) => a.value.triggerPermille - b.value.triggerPermille);
    if (counting.length > 2) {
      const ids = counting.map(({ id }) => id).join(', ');
      throw new RuleError(`${this.#subject.symbol}: the kernel knows two halt levels, not ${ids}`);
    }
    const [first, second] = counting;
    return {
      haltPermille1: first?.value.triggerPermille ?? 0,
      haltPermille2: second?.value.triggerPermille ?? 0,
      haltOfPreClose: first?.value.of === 'issue' ? 1 : 0,
      haltPerDirection: first?.value.perDirection === true ? 1 : 0,
    };
  }

  #refuses({ confidence }: { readonly confidence: string }): boolean {
    return confidence !== 'unverified' || this.#facts.mode === 'backtest';
  }

  #needed<T extends 'tick' | 'lot'>(what: T): RuleRow<T> {
    const row = this.#rules.find(what, this.#subject);
    if (row !== null) return row;
    const { symbol, kind } = this.#subject;
    const why = `no row gives the ${what} of ${kind} on ${this.#rules.day}`;
    throw new RuleError(`${symbol}: ${why}; import one (pankou rules import FILE)`);
  }
}
