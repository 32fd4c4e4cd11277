// What an order is checked with, and what a check finds. Shared by the check-*.ts files and
// validate.ts. Always: a finding names the row it rests on; a row that is only [unverified] warns
// in live mode and never refuses; what could not be judged is listed, not passed over.
import { rejectText } from '../core/reject-code.ts';
import type { BookTop } from './cage.ts';
import type { Calendar } from './calendar.ts';
import type { CheckedValues } from './limit-prices.ts';
import type { DayRules } from './rule-book.ts';
import type { Confidence, MarketOrderKind } from './rule-row.ts';
import type { PhaseNow } from './session-clock.ts';
import type { Subject } from './subject.ts';

/** live: [unverified] rows warn. backtest: they refuse like the others, being settings. */
export type CheckMode = 'live' | 'backtest';
export type OrderKind = 'limit' | 'after-hours' | MarketOrderKind;

export interface OrderToCheck {
  /** SIDE_BUY or SIDE_SELL. */
  readonly side: number;
  readonly kind: OrderKind;
  readonly qty: number;
  /** Limit or protection price; 0 = none given. */
  readonly priceE4: number;
}

/** What is known at the moment of the order; absent = not known, so not checked. */
export interface OrderFacts {
  /** ns since midnight at the exchange. */
  readonly timeNs?: number | undefined;
  /** Intraday halt 盘中临时停牌: orders are taken, but no cage and no market orders. */
  readonly isHalted?: boolean | undefined;
  readonly preCloseE4?: number | undefined;
  /** The exchange's own values of the day; they win. A limit of 0 = none today. */
  readonly statics?: CheckedValues | undefined;
  readonly book?: BookTop | undefined;
  /** Close of the day, for after-hours orders. */
  readonly closeE4?: number | undefined;
  /** Shares from before today, less those in working sells. */
  readonly sellable?: number | undefined;
  readonly boughtToday?: number | undefined;
  /** Open quantity of working buys. */
  readonly workingBuys?: number | undefined;
  readonly calendar?: Calendar | undefined;
}

export interface RuleFinding {
  /** `reject`: the exchange refuses it. `warning`: it may, on an [unverified] rule. */
  readonly severity: 'reject' | 'warning';
  /** Number of engine/core/reject-code.ts. */
  readonly code: number;
  /** Id of the row, or `static` for a value of the exchange's static file. */
  readonly rule: string;
  readonly source: string;
  readonly confidence: Confidence;
  readonly message: string;
  readonly zh: string;
}

/** What a finding rests on. */
export interface Ground {
  readonly id: string;
  readonly source: string;
  readonly confidence: Confidence;
}

/** The exchange's own value of the day: nothing is surer. */
export const STATIC_GROUND: Ground = {
  id: 'static',
  source: "the exchange's static value of the day",
  confidence: 'A',
};

/** One order on its way through the checks. */
export class OrderCheck {
  readonly rules: DayRules;
  readonly subject: Subject;
  readonly order: OrderToCheck;
  readonly facts: OrderFacts;
  readonly mode: CheckMode;
  readonly findings: RuleFinding[] = [];
  readonly notChecked: string[] = [];
  /** Phase at the time given; set by the session check, null when it cannot be told. */
  phase: PhaseNow | null = null;

  constructor(
    rules: DayRules,
    subject: Subject,
    order: OrderToCheck,
    facts: OrderFacts,
    mode: CheckMode,
  ) {
    this.rules = rules;
    this.subject = subject;
    this.order = order;
    this.facts = facts;
    this.mode = mode;
  }

  get isMarket(): boolean {
    return this.order.kind !== 'limit' && this.order.kind !== 'after-hours';
  }

  /** Records a violation; of several grounds the least sure one counts. */
  refuse(code: number, message: string, ...grounds: readonly Ground[]): void {
    const weakest = grounds.reduce((a, b) => (rank(b.confidence) > rank(a.confidence) ? b : a));
    const isSoft = weakest.confidence === 'unverified' && this.mode === 'live';
    this.#add(isSoft ? 'warning' : 'reject', code, message, weakest);
  }

  /** Records what the exchange takes, but not as the sender may expect. */
  warn(code: number, message: string, ground: Ground): void {
    this.#add('warning', code, message, ground);
  }

  #add(severity: RuleFinding['severity'], code: number, message: string, ground: Ground): void {
    const { source, confidence, id: rule } = ground;
    const { zh } = rejectText(code);
    this.findings.push({ severity, code, rule, source, confidence, message, zh });
  }

  skip(why: string): void {
    this.notChecked.push(why);
  }
}

function rank(confidence: Confidence): number {
  return confidence === 'unverified' ? 3 : confidence.charCodeAt(0) - 65;
}
