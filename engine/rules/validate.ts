// Says what is wrong with an order, by which rule. Called by `pankou rules validate`, tests and
// cold paths; the hot pre-trade check is the validation kernel. Always: every violated rule is
// reported, not only the first; what could not be judged for want of a fact is named.
import {
  REJECT_NO_CANCEL_WINDOW,
  REJECT_NOT_IN_SESSION,
  REJECT_SIDE,
} from '../core/reject-code.ts';
import { SIDE_BUY, SIDE_SELL } from '../messages/codes.ts';
import { timeText } from './calendar-date.ts';
import { checkPrice } from './check-price.ts';
import { checkQuantity } from './check-quantity.ts';
import { checkSession } from './check-session.ts';
import { type CrossCheckAlert, computedValues, crossCheck } from './limit-prices.ts';
import {
  type CheckMode,
  OrderCheck,
  type OrderFacts,
  type OrderToCheck,
  type RuleFinding,
  STATIC_GROUND,
} from './order-check.ts';
import type { DayRules } from './rule-book.ts';
import { phaseAt } from './session-clock.ts';
import type { Subject } from './subject.ts';

export interface Verdict {
  /** False as soon as one finding is a reject. */
  readonly ok: boolean;
  readonly findings: readonly RuleFinding[];
  /** What was not judged, and which fact is missing. */
  readonly notChecked: readonly string[];
  /** Where the static values differ from the rules; the static ones were used. */
  readonly alerts: readonly CrossCheckAlert[];
}

/**
 * Judges a cancel of a working order at `timeNs`: the finding that refuses it, or null. Null
 * also where no row gives trading hours (BSE 2026 no. 3.3.1; SZSE 3.3.1).
 */
export function validateCancel(
  rules: DayRules,
  subject: Subject,
  timeNs: number,
  mode: CheckMode = 'live',
): RuleFinding | null {
  const now = phaseAt(rules, subject, timeNs);
  if (now === null || now.cancels) return null;
  const check = new OrderCheck(
    rules,
    subject,
    { side: 0, kind: 'limit', qty: 0, priceE4: 0 },
    {},
    mode,
  );
  const code = now.noCancel === null ? REJECT_NOT_IN_SESSION : REJECT_NO_CANCEL_WINDOW;
  const ground = now.noCancel ?? now.row ?? rules.all('session', subject)[0].row;
  check.refuse(code, `no cancels are taken at ${timeText(timeNs)} (${now.phase})`, ground);
  return check.findings[0];
}

/** Judges one order of one security on the day of `rules`. */
export function validateOrder(
  rules: DayRules,
  subject: Subject,
  order: OrderToCheck,
  facts: OrderFacts = {},
  mode: CheckMode = 'live',
): Verdict {
  const check = new OrderCheck(rules, subject, order, facts, mode);
  if (order.side !== SIDE_BUY && order.side !== SIDE_SELL) {
    const ground = { ...STATIC_GROUND, id: 'side', source: 'an order buys or sells' };
    check.refuse(REJECT_SIDE, `side ${order.side} is neither buy nor sell`, ground);
  }
  checkSession(check);
  if (subject.kind !== 'index') {
    checkQuantity(check);
    checkPrice(check);
  }
  const { findings, notChecked } = check;
  const ours = computedValues(rules, subject, facts.preCloseE4 ?? 0);
  const alerts = crossCheck(facts.statics ?? {}, ours);
  return {
    ok: findings.every(({ severity }) => severity !== 'reject'),
    findings,
    notChecked,
    alerts,
  };
}
